"""DER as far as certificates need it: elements and a few primitive values.

Strict where DER is (definite, shortest lengths), and blind to what the elements mean.
Whatever can't be read raises `Malformed`; the work is linear in the input.
"""

from __future__ import annotations

from typing import NamedTuple

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31


class Malformed(ValueError):
    """These bytes are not what they should be; the text says what was looked for."""


class Element(NamedTuple):
    """One element: its tag octet, its content, and both with the length between them."""

    tag: int
    content: bytes
    raw: bytes


def elements(data: bytes) -> list[Element]:
    """All elements that `data` is made of."""
    found = []
    position, end = 0, len(data)
    while position < end:
        start = position
        if position + 2 > end:
            raise Malformed("an element is cut off")
        tag, length = data[position], data[position + 1]
        position += 2
        if tag & 0x1F == 0x1F:
            raise Malformed("a tag has more than one octet")
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[position : position + octets], "big")
            position += octets
            if not 0 < octets <= 4 or length < 0x80 or length >> 8 * (octets - 1) == 0:
                raise Malformed("a length is not in its shortest form")
        if position + length > end:
            raise Malformed("an element is longer than what holds it")
        content = data[position : position + length]
        position += length
        found.append(Element(tag, content, data[start:position]))
    return found


def only(data: bytes, tag: int) -> bytes:
    """The content of the one element with `tag` that `data` is."""
    found = elements(data)
    if len(found) != 1 or found[0].tag != tag:
        raise Malformed(f"no single element with tag {tag:#04x}")
    return found[0].content


def members(data: bytes, tag: int = SEQUENCE) -> list[Element]:
    """The elements inside the one SEQUENCE (or SET) that `data` is."""
    return elements(only(data, tag))


def expect(element: Element, tag: int) -> bytes:
    """The content of `element`, which must have `tag`."""
    if element.tag != tag:
        raise Malformed(f"tag {element.tag:#04x} where {tag:#04x} belongs")
    return element.content


def integer(content: bytes) -> int:
    """The value of an INTEGER's content octets."""
    if not content or (len(content) > 1 and content[0] in (0, 0xFF) and _padded(content)):
        raise Malformed("an INTEGER is not in its shortest form")
    return int.from_bytes(content, "big", signed=True)


def _padded(content: bytes) -> bool:
    return (content[0] == 0) == (content[1] < 0x80)


def boolean(content: bytes) -> bool:
    """The value of a BOOLEAN's content octets."""
    if content not in (b"\x00", b"\xff"):
        raise Malformed("a BOOLEAN is neither true nor false")
    return content == b"\xff"


def bits(content: bytes) -> frozenset[int]:
    """The numbers of the bits that are set in a BIT STRING's content octets (0 is the first)."""
    if not content or content[0] > 7 or (content[0] and len(content) == 1):
        raise Malformed("a BIT STRING is cut off")
    if content[0] and content[-1] & (1 << content[0]) - 1:
        raise Malformed("a BIT STRING has bits in its padding")
    return frozenset(
        8 * index + bit
        for index, octet in enumerate(content[1:65])
        for bit in range(8)
        if octet & 0x80 >> bit
    )


def oid(content: bytes) -> str:
    """An OBJECT IDENTIFIER's content octets in dotted form."""
    if not content or content[-1] & 0x80 or len(content) > 200:
        raise Malformed("an OBJECT IDENTIFIER is cut off")
    arcs, arc = [], 0
    for octet in content:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
