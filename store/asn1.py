"""DER written by hand, for what no library would write.

`cryptography` makes sound certificates only; clients meet others too. Owns the encoding
(X.690), and nothing of what it says: whoever calls knows the structures.
"""

from __future__ import annotations

NULL = b"\x05\x00"
TRUE = b"\x01\x01\xff"


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: `tag`, the definite length, and `parts` as its content."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, *parts)


def integer(value: int) -> bytes:
    """INTEGER; a negative one in two's complement."""
    positive = value if value >= 0 else ~value
    return tlv(0x02, value.to_bytes(positive.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    arcs = [int(arc) for arc in dotted.split(".")]
    encoded = b""
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | arc & 0x7F)
        encoded += bytes(reversed(digits))
    return tlv(0x06, encoded)


def bit_string(data: bytes) -> bytes:
    """BIT STRING of whole octets."""
    return tlv(0x03, b"\0", data)


def octet_string(data: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, data)


def attribute(dotted: str, value: bytes, *, tag: int = 0x0C) -> bytes:
    """One attribute of a name (X.501); a UTF8String unless told otherwise."""
    return tlv(0x31, sequence(oid(dotted), tlv(tag, value)))


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """An X.509 extension around its DER."""
    return sequence(oid(dotted), TRUE if critical else b"", octet_string(value))
