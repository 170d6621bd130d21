"""What a certificate says, read once and kept: the ground that all rules stand on.

Nothing is judged here. What can't be read, and what is odd about how something is written,
is a fact as well: in `oddities`, by a code that rules can name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.trust import extensions as ext
from appliance.trust.algorithms import Key, Signature, read_key, read_signature
from appliance.trust.der import (
    BIT_STRING,
    GENERALIZED_TIME,
    INTEGER,
    SEQUENCE,
    UTC_TIME,
    Element,
    Malformed,
    elements,
    expect,
    integer,
    members,
    only,
)
from appliance.trust.naming import (
    Attribute,
    GeneralName,
    attributes,
    common_names,
    name_text,
    prepared,
)

_T = TypeVar("_T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """One certificate. Two `Facts` are the same when they are the same object.

    version: 1, 2, 3 or what is written there. subject, issuer: DER. spki: DER.
    tbs, signed: what is signed, and the signature. algorithm, inner_algorithm: DER.
    extensions: by object identifier; of a repeated one the first.
    oddities: code to a sentence; see `_oddities`.
    values: what `READERS` made of the extensions that can be read.
    """

    certificate: x509.Certificate
    der: bytes
    fingerprint: bytes
    version: int
    serial: int
    serial_octets: int
    subject: bytes
    issuer: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    key: Key
    tbs: bytes
    signed: bytes
    algorithm: bytes
    inner_algorithm: bytes
    signature: Signature
    inner_signature: Signature
    extensions: Mapping[str, ext.Extension]
    values: Mapping[str, object]
    oddities: Mapping[str, str]
    # Derived from those above, because every client asks for them.
    prepared_subject: object
    prepared_issuer: object
    self_issued: bool
    ca: bool
    path_length: int | None
    key_usage: frozenset[str] | None
    extended_key_usage: tuple[str, ...] | None
    names: tuple[GeneralName, ...] | None
    common_names: tuple[Attribute, ...]
    constraints: ext.Constraints | None
    subject_key: bytes | None
    authority_key: ext.Authority | None

    @property
    def title(self) -> str:
        """The subject for people."""
        return name_text(self.subject)

    @property
    def empty_subject(self) -> bool:
        """Whether the subject has no attribute at all."""
        return self.subject == b"\x30\x00"

    def has(self, oid: str) -> bool:
        """Whether it has the extension `oid`, readable or not."""
        return oid in self.extensions

    def critical(self, oid: str) -> bool:
        """Whether it has the extension `oid`, marked critical."""
        return oid in self.extensions and self.extensions[oid].critical


@lru_cache(maxsize=1024)
def facts_of(certificate: x509.Certificate) -> Facts:
    """The facts of `certificate`. Malformed: when its frame can't be read."""
    der = certificate.public_bytes(Encoding.DER)
    tbs, algorithm, signed = members(der)
    fields = elements(expect(tbs, SEQUENCE))
    version = 1
    if fields[0].tag == 0xA0:
        version = integer(only(fields.pop(0).content, INTEGER)) + 1
    serial, inner, issuer, validity, subject, spki, *rest = fields
    oddities: dict[str, str] = {}
    not_before, not_after = _validity(validity, oddities)
    found = _extensions(rest, oddities)
    values = _values(found, oddities)
    facts = _Reading(values)
    basic = facts.get(ext.BASIC_CONSTRAINTS, ext.Basic)
    usage = cast("frozenset[str] | None", values.get(ext.KEY_USAGE))
    result = Facts(
        certificate=certificate,
        der=der,
        fingerprint=hashlib.sha256(der).digest(),
        version=version,
        serial=integer(expect(serial, INTEGER)),
        serial_octets=len(serial.content),
        subject=subject.raw,
        issuer=issuer.raw,
        not_before=not_before,
        not_after=not_after,
        spki=spki.raw,
        key=_key(spki.raw, oddities),
        tbs=tbs.raw,
        signed=expect(signed, BIT_STRING)[1:],
        algorithm=algorithm.raw,
        inner_algorithm=inner.raw,
        signature=read_signature(algorithm.raw),
        inner_signature=read_signature(inner.raw),
        extensions=found,
        values=values,
        oddities=oddities,
        prepared_subject=prepared(subject.raw),
        prepared_issuer=prepared(issuer.raw),
        self_issued=prepared(subject.raw) == prepared(issuer.raw),
        ca=basic is not None and basic.ca,
        path_length=None if basic is None else basic.path_length,
        key_usage=usage,
        extended_key_usage=cast("tuple[str, ...] | None", values.get(ext.EXTENDED_KEY_USAGE)),
        names=cast("tuple[GeneralName, ...] | None", values.get(ext.ALTERNATIVE_NAME)),
        common_names=common_names(subject.raw),
        constraints=facts.get(ext.NAME_CONSTRAINTS, ext.Constraints),
        subject_key=facts.get(ext.SUBJECT_KEY_IDENTIFIER, bytes),
        authority_key=facts.get(ext.AUTHORITY_KEY_IDENTIFIER, ext.Authority),
    )
    _note_oddities(result, rest, basic, oddities)
    return result


class _Reading:
    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def get(self, oid: str, kind: type[_T]) -> _T | None:
        value = self._values.get(oid)
        return value if isinstance(value, kind) else None


def _key(spki: bytes, oddities: dict[str, str]) -> Key:
    try:
        key = read_key(spki)
    except (Malformed, IndexError, ValueError) as error:
        oddities["key"] = f"its public key can't be read ({error})"
        return Key("unreadable", 0)
    if not key.parameters:
        oddities["key-parameters"] = "its public key's parameters are not as RFC 3279 has them"
    return key


def _validity(validity: Element, oddities: dict[str, str]) -> tuple[datetime, datetime]:
    times = elements(expect(validity, SEQUENCE))
    if len(times) != 2:
        raise Malformed("a validity has not two times")
    for time in times:
        early = time.tag == GENERALIZED_TIME and time.content[:4] < b"2050"
        if early or time.tag not in (UTC_TIME, GENERALIZED_TIME):
            oddities["time-form"] = "a time before 2050 is written as GeneralizedTime"
    first, last = (_moment(time) for time in times)
    if first < EPOCH or last < EPOCH:
        oddities["time-early"] = "its validity has a time before 1970"
    return first, last


def _moment(time: Element) -> datetime:
    text = time.content.decode("ascii", "replace")
    if time.tag == UTC_TIME:  # RFC 5280 4.1.2.5.1: two digits stand for 1950 to 2049
        text = ("19" if text[:2] >= "50" else "20") + text
    if len(text) != 15 or not text[:14].isdigit() or text[14] != "Z":
        raise Malformed("a time is not written as YYYYMMDDHHMMSSZ")
    month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise Malformed("a time does not exist") from None


def _extensions(rest: list[Element], oddities: dict[str, str]) -> dict[str, ext.Extension]:
    found: dict[str, ext.Extension] = {}
    for part in rest:
        if part.tag != 0xA3:
            continue
        listed = ext.read_extensions(part.content)
        if not listed:
            oddities["extensions-empty"] = "its list of extensions is empty"
        for one in listed:
            if one.oid in found:
                title = ext.TITLES.get(one.oid, one.oid)
                oddities[f"repeated:{one.oid}"] = f"it has the extension {title} twice"
                continue
            found[one.oid] = one
    return found


def _values(found: Mapping[str, ext.Extension], oddities: dict[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for oid, one in found.items():
        reader = ext.READERS.get(oid)
        if reader is None:
            continue
        try:
            values[oid] = reader(one.value)
        except (Malformed, IndexError, ValueError) as error:
            oddities[f"extension:{oid}"] = f"its {ext.TITLES[oid]} can't be read ({error})"
    return values


def _note_oddities(
    facts: Facts, rest: list[Element], basic: ext.Basic | None, oddities: dict[str, str]
) -> None:
    """What is readable, and yet not as RFC 5280 has it."""
    if facts.serial < 0:
        oddities["serial-negative"] = "its serial number is negative"
    if facts.serial == 0:
        oddities["serial-zero"] = "its serial number is 0"
    if facts.serial_octets > 20:
        oddities["serial-long"] = f"its serial number has {facts.serial_octets} octets"
    if facts.version != 3 and any(part.tag == 0xA3 for part in rest):
        oddities["version-extensions"] = f"it is version {facts.version} and has extensions"
    if any(part.tag in (0x81, 0x82) for part in rest):
        oddities["unique-identifier"] = "it has a unique identifier"
    if basic is not None and basic.default:
        oddities["default-encoded"] = "it writes cA FALSE, which is what is meant without it"
    if basic is not None and basic.path_length is not None:
        if basic.path_length < 0:
            oddities["path-length-negative"] = "its path length is negative"
        elif basic.path_length > 255:
            oddities["path-length-large"] = f"its path length is {basic.path_length}"
    if facts.key_usage is not None and not facts.key_usage:
        oddities["key-usage-empty"] = "its key usage names no usage"
    if facts.extended_key_usage == ():
        oddities["extended-key-usage-empty"] = "its extended key usage names no usage"
    identifier = facts.authority_key
    if identifier is not None and (identifier.issuer is None) != (identifier.serial is None):
        oddities["authority-key-halved"] = (
            "its authority key identifier has only one of issuer and serial number"
        )
    if facts.names is not None:
        _note_names(facts, facts.names, oddities)
    if facts.values.get(ext.CRL_DISTRIBUTION_POINTS) is False:
        oddities["relative-distribution-point"] = "it names a CRL relative to its issuer"
    limits = facts.constraints
    if limits is not None and any(
        not _mask_is_prefix(base) for base in (*limits.permitted, *limits.excluded)
    ):
        oddities["constraint-address"] = "a name constraint is for addresses that are no network"
    if limits is not None and not limits.permitted and not limits.excluded:
        oddities["constraints-empty"] = "its name constraints constrain nothing"
    for name in () if limits is None else (*limits.permitted, *limits.excluded):
        if not name.content and name.kind in ("email", "DNS"):
            kind = "mailbox" if name.kind == "email" else "domain"
            oddities[f"constraint-{kind}-empty"] = f"a name constraint for {name.kind} is empty"
    if facts.algorithm != facts.inner_algorithm:
        oddities["algorithm-encoding"] = "its two signature algorithms are not written alike"
    if facts.signature != facts.inner_signature:
        oddities["algorithm-mismatch"] = (
            f"it says {facts.inner_signature.text} inside and {facts.signature.text} outside"
        )
    if facts.signature.kind == "RSA" and len(members(facts.algorithm)) < 2:
        oddities["algorithm-parameters"] = "its signature algorithm lacks the NULL of RFC 4055"
    _note_distinguished_names(facts, oddities)


def _mask_is_prefix(base: GeneralName) -> bool:
    """Whether a constraint on addresses is an address and a mask of ones followed by zeros."""
    if base.kind != "IP":
        return True
    half = len(base.content) // 2
    mask = int.from_bytes(base.content[half:], "big")
    zeros = (1 << 8 * half) - 1 - mask
    return len(base.content) in (8, 32) and zeros & (zeros + 1) == 0


def _note_names(facts: Facts, names: tuple[GeneralName, ...], oddities: dict[str, str]) -> None:
    if not names:
        oddities["names-empty"] = "its subject alternative name holds no name"
    for name in names:
        if name.kind == "IP" and len(name.content) in (8, 32):
            oddities["address-and-mask"] = "an IP address in it has a mask beside it"
        elif name.kind == "IP" and len(name.content) not in (4, 16):
            oddities["address-length"] = f"an IP address in it has {len(name.content)} octets"
        if name.kind == "DNS" and not name.content:
            oddities["dns-empty"] = "a DNS name in it is empty"
        if name.kind in ("DNS", "email", "URI") and not name.content.isascii():
            oddities["name-not-ascii"] = "a name in it is not ASCII"
    if facts.empty_subject and not facts.critical(ext.ALTERNATIVE_NAME):
        oddities["names-not-critical"] = (
            "its subject is empty, and its alternative names are not critical"
        )


def _note_distinguished_names(facts: Facts, oddities: dict[str, str]) -> None:
    for which, name in (("subject", facts.subject), ("issuer", facts.issuer)):
        try:
            for relative in attributes(name):
                if any(one.text is None and one.tag != BIT_STRING for one in relative):
                    oddities["name-encoding"] = f"a value in its {which} can't be read"
        except Malformed as error:
            oddities["name"] = f"its {which} can't be read ({error})"
