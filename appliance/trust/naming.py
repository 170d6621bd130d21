"""Names in certificates: general names, and when two distinguished names are the same.

A distinguished name is kept as its DER. Some clients compare that octet by octet; others
compare a prepared form, in which case, white space and the kind of string make no difference
(RFC 5280 7.1). `prepared` is that form.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple

from appliance.trust.der import OID, SEQUENCE, SET, Malformed, elements, expect, members, oid

COMMON_NAME = "2.5.4.3"

# What the string types of a name hold; a T61String is Latin 1 in practice.
_ENCODINGS = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
T61 = 0x14


class GeneralName(NamedTuple):
    """One of a certificate's alternative names, or of a name constraint.

    kind: `DNS`, `IP`, `email`, `URI`, `DirName`, `RID` or `other`.
    content: as it is encoded; for `DirName` the DER of the name.
    """

    kind: str
    content: bytes

    @property
    def text(self) -> str:
        """For people; never fails."""
        if self.kind == "IP":
            return _address_text(self.content)
        if self.kind == "DirName":
            return name_text(self.content)
        if self.kind in ("RID", "other"):
            return self.content.hex()
        return self.content.decode("latin-1")

    def __str__(self) -> str:
        return f"{self.kind}:{self.text}"


_KINDS = {0xA0: "other", 0x81: "email", 0x82: "DNS", 0xA3: "other", 0xA4: "DirName"}
_KINDS |= {0xA5: "other", 0x86: "URI", 0x87: "IP", 0x88: "RID"}


def general_name(tag: int, content: bytes) -> GeneralName:
    """The general name that one element of a GeneralNames is."""
    kind = _KINDS.get(tag)
    if kind is None:
        raise Malformed("no kind of general name")
    if kind == "DirName":
        members(content)
    return GeneralName(kind, content)


def _address_text(content: bytes) -> str:
    try:
        if len(content) in (4, 16):
            return str(ipaddress.ip_address(content))
        if len(content) in (8, 32):
            half = len(content) // 2
            mask = int.from_bytes(content[half:], "big").bit_count()
            return f"{ipaddress.ip_address(content[:half])}/{mask}"
    except ValueError:
        pass
    return content.hex()


class Attribute(NamedTuple):
    """One attribute of a distinguished name. text: None when its octets are no such string."""

    type: str
    tag: int
    text: str | None
    content: bytes


@lru_cache(maxsize=256)
def attributes(name: bytes) -> tuple[tuple[Attribute, ...], ...]:
    """The relative distinguished names of the DER `name`, each with its attributes.

    Remembered, since a hostile name has thousands and every client asks.
    """
    found = []
    for relative in members(name):
        values = []
        for pair in elements(expect(relative, SET)):
            parts = elements(expect(pair, SEQUENCE))
            if len(parts) != 2:
                raise Malformed("an attribute of a name has not two parts")
            kind, value = oid(expect(parts[0], OID)), parts[1]
            values.append(Attribute(kind, value.tag, _decoded(value.tag, value.content), value.raw))
        found.append(tuple(values))
    return tuple(found)


def _decoded(tag: int, content: bytes) -> str | None:
    encoding = _ENCODINGS.get(tag)
    if encoding is None:
        return None
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=2048)
def prepared(name: bytes, *, t61: bool = True) -> object:
    """A value that is equal for names that are the same to clients that prepare them.

    t61: whether a T61String is prepared as well (Java leaves it as it is).
    """
    try:
        return tuple(
            frozenset((one.type, _prepared_value(one, t61)) for one in relative)
            for relative in attributes(name)
        )
    except Malformed:
        return name


def _prepared_value(attribute: Attribute, t61: bool) -> object:
    if attribute.text is None or (attribute.tag == T61 and not t61):
        return attribute.content
    return " ".join(attribute.text.lower().split())


def common_names(name: bytes) -> tuple[Attribute, ...]:
    """The CN attributes of the DER `name`, in order; none when it can't be read."""
    try:
        return tuple(
            one for relative in attributes(name) for one in relative if one.type == COMMON_NAME
        )
    except Malformed:
        return ()


_SHORT = {"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O"}
_SHORT |= {"2.5.4.11": "OU", "2.5.4.5": "serialNumber", "0.9.2342.19200300.100.1.25": "DC"}


@lru_cache(maxsize=2048)
def name_text(name: bytes) -> str:
    """The DER `name` for people, shortened; never fails."""
    try:
        parts = [
            f"{_SHORT.get(one.type, one.type)}={one.text if one.text is not None else '…'}"
            for relative in attributes(name)
            for one in relative
        ]
    except Malformed:
        return "an unreadable name"
    return ", ".join(parts)[:200] or "an empty name"
