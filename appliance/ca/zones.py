"""DNS records of the practice zones, as the CA's own name server has them: RFC 1035, 8659.

A table by name and type. Every name of a zone has the default address unless records say
something else; so a box can be asked for under any name at once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence

from appliance.ca.policy import ZONES, in_zones
from store.refusals import Refused

# RCODE is no record: a name that has it is answered with this code, TIMEOUT with nothing at all.
TYPES = ("A", "AAAA", "CNAME", "TXT", "CAA", "RCODE")
RCODES = ("SERVFAIL", "NXDOMAIN", "REFUSED", "TIMEOUT")
MAX_NAMES, MAX_VALUES, MAX_TEXT = 10_000, 100, 2048
_NAME = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}\Z")
_CAA = re.compile(r'(\d{1,3}) ([A-Za-z0-9]{1,15}) "([^"]{0,255})"\Z')

Records = dict[str, dict[str, tuple[str, ...]]]


def parse_name(text: object) -> str:
    """A name of a record, lower case and without the last dot; refused when it is none."""
    name = text.strip().rstrip(".").lower() if isinstance(text, str) else ""
    if not _NAME.match(name) or len(name) > 253:
        raise Refused.because(
            "dns-name",
            f"{str(text)[:60]!r} is no name in the DNS.",
            field="name",
            instead="Write it as in _acme-challenge.osbiz.example.test.",
        )
    return name


def parse_caa(text: str) -> tuple[int, str, str]:
    """Flags, tag and value of a CAA record, as in `0 issue "osbiz-practice.example"`."""
    found = _CAA.match(text)
    if found is None or int(found[1]) > 255:
        raise _wrong("CAA", text, 'Write it as in 0 issue "osbiz-practice.example".')
    return int(found[1]), found[2].lower(), found[3]


class Zones:
    """The records. zones: the suffixes it is asked about. address: of whatever has no record."""

    def __init__(self, *, zones: tuple[str, ...] = ZONES, address: str = "127.0.0.1") -> None:
        self.zones = zones
        self.address = address
        self.records: Records = {}
        self.serial = 1

    def set(self, name: object, kind: object, values: object) -> None:
        """Give `name` exactly these records of type `kind`; none at all removes them."""
        name = parse_name(name)
        if not in_zones(name.removeprefix("*."), self.zones):
            raise Refused.because(
                "dns-zone",
                f"{name} is in none of this server's zones.",
                field="name",
                instead=f"They are {', '.join(self.zones)}.",
            )
        if kind not in TYPES:
            raise Refused.because(
                "dns-type",
                f"There are no {str(kind)[:20]!r} records here.",
                field="type",
                instead=f"Types are {', '.join(TYPES)}.",
            )
        assert isinstance(kind, str)
        checked = self._checked(kind, values)
        if name not in self.records and len(self.records) >= MAX_NAMES:
            raise Refused.because("dns-full", f"There are {MAX_NAMES} names already.", field="name")
        kept = {**self.records.get(name, {}), kind: checked}
        kept = {one: found for one, found in kept.items() if found}
        self.records[name] = kept
        if not kept:
            del self.records[name]
        self.serial += 1

    def add(self, name: object, kind: object, value: object) -> None:
        """One more record."""
        before = self.records.get(parse_name(name), {}).get(str(kind), ())
        more = () if value in before else (value,)
        self.set(name, kind, [*before, *more])

    def _checked(self, kind: str, values: object) -> tuple[str, ...]:
        if not isinstance(values, list | tuple) or len(values) > MAX_VALUES:
            raise Refused.because(
                "dns-value", f"The values must be a list of up to {MAX_VALUES}.", field="values"
            )
        return tuple(_checked_value(kind, value) for value in values)

    def find(self, name: str) -> Mapping[str, Sequence[str]]:
        """The records of `name` by type: its own, those of its wildcard, else the default address.

        A name that begins with `_` is no host, and has no default.
        """
        found = self.records.get(name)
        if found is None:
            found = self.records.get("*." + name.partition(".")[2])
        if found is None:
            found = {}
        given = {"A", "AAAA", "CNAME"} & found.keys()
        if given or name.startswith("_") or name in self.zones:
            return found
        return {**found, "A" if ":" not in self.address else "AAAA": (self.address,)}

    def serves(self, name: str) -> bool:
        """Whether `name` is in one of its zones."""
        return in_zones(name, self.zones)

    def zone_of(self, name: str) -> str:
        """The zone that `name` is in."""
        return next(zone for zone in self.zones if in_zones(name, (zone,)))


def _checked_value(kind: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        raise _wrong(kind, value, f"Give a text of up to {MAX_TEXT} printable characters.")
    if kind in ("A", "AAAA"):
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            raise _wrong(kind, value, "Give an IP address.") from None
        if (address.version == 6) != (kind == "AAAA"):
            raise _wrong(kind, value, "A is for IPv4, AAAA for IPv6.")
        return str(address)
    if kind == "CNAME":
        return parse_name(value)
    if kind == "CAA":
        parse_caa(value)
    if kind == "RCODE" and value not in RCODES:
        raise _wrong(kind, value, f"Give one of {', '.join(RCODES)}.")
    return value


def _wrong(kind: str, value: object, instead: str) -> Refused:
    return Refused.because(
        "dns-value", f"{str(value)[:60]!r} is no {kind} record.", field="values", instead=instead
    )


def issue_allowed(
    records: Sequence[tuple[int, str, str]],
    *,
    ours: str,
    wildcard: bool,
    method: str,
    account: str,
) -> str | None:
    """Why these CAA records forbid to issue (RFC 8659 4, RFC 8657); None when they allow it.

    method: the challenge that proved the name. account: the URL of who asks.
    """
    known = {"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}
    for flags, tag, _ in records:
        if flags & 128 and tag not in known:
            return f"a critical CAA record has the tag {tag!r}, which is not known here"
    wild = [value for _, tag, value in records if tag == "issuewild"]
    asked = wild if wildcard and wild else [value for _, tag, value in records if tag == "issue"]
    if not asked:
        return None
    issuers = {value: value.partition(";")[0].strip().lower() for value in asked}
    to_us = [value for value, issuer in issuers.items() if issuer == ours]
    if any(_conditions_met(value, method=method, account=account) for value in to_us):
        return None
    if to_us:
        return f"CAA records allow {ours} to issue on conditions that are not met: {to_us[0]!r}"
    allowed = ", ".join(filter(None, issuers.values())) or "nobody"
    return f"CAA records allow {allowed} to issue, not {ours}"


def _conditions_met(value: str, *, method: str, account: str) -> bool:
    """Whether the parameters of a CAA value hold (RFC 8657 3 and 4); unknown ones are no matter."""
    for parameter in value.split(";")[1:]:
        name, _, wanted = (part.strip() for part in parameter.partition("="))
        if name == "accounturi" and wanted != account:
            return False
        if name == "validationmethods" and method not in wanted.split(","):
            return False
    return True
