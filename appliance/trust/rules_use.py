"""Rules about what certificates may be used for: as server, and as authority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from appliance.trust.extensions import BASIC_CONSTRAINTS, NETSCAPE_TYPE, PURPOSES, SERVER_AUTH
from appliance.trust.facts import Facts
from appliance.trust.rules import ALL, AUTHORITIES, LEAF, Case, Place, Rule
from appliance.trust.verdicts import Finding

_NEW_LEAF = "Activate a certificate that was issued for a server"
_NEW_CA = "Use a CA whose certificate says so; the CA has to be made again"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafNoAuthority(Rule):
    """The server's certificate is not that of an authority."""

    id = "ca-as-server"
    title = "The server's certificate is no CA certificate"

    def check(self, case: Case) -> Iterator[Finding]:
        if case.leaf.ca:
            yield self.finding(
                0,
                "The certificate is that of a CA (CA:TRUE), which this client does not take from "
                "a server.",
                f"{_NEW_LEAF}, with CA:FALSE; keep the CA for signing only.",
                seen="CA:TRUE",
                wanted="CA:FALSE",
            )


Missing = Literal["refused", "taken", "version-1", "usage", "version-1-or-usage", "self-signed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerIsAuthority(Rule):
    """Whoever signs certificates is an authority.

    missing: what to do about one without BasicConstraints: `taken`, `refused`, taken of
    `version-1`, taken when its key `usage` lets it sign certificates, or when it is
    `self-signed`.
    """

    id = "issuer-not-ca"
    title = "Whoever signs a certificate is a CA"

    over: tuple[Place, ...] = AUTHORITIES
    missing: Missing = "refused"

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            present = facts.has(BASIC_CONSTRAINTS)
            if facts.ca or (not present and self._excused(facts)):
                continue
            seen = "CA:FALSE" if present else "no BasicConstraints"
            yield self.finding(
                index,
                f"{case.called(index)} signs certificates, but is no CA ({seen}).",
                f"{_NEW_CA}, with CA:TRUE.",
                variant="false" if present else "missing",
                seen=seen,
                wanted="CA:TRUE",
            )

    def _excused(self, facts: Facts) -> bool:
        usage = facts.key_usage is not None and "keyCertSign" in facts.key_usage
        first = facts.version == 1
        match self.missing:
            case "taken":
                return True
            case "version-1":
                return first
            case "usage":
                return usage
            case "version-1-or-usage":
                return (first and facts.self_issued) or usage
            case "self-signed":
                return facts.self_issued
            case _:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLength(Rule):
    """No authority has more authorities below it than it may have.

    over: the authorities whose limit counts. self_issued: whether self-issued ones below count.
    """

    id = "path-length"
    title = "No CA has more CAs below it than it may have"

    over: tuple[Place, ...] = AUTHORITIES
    self_issued: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        below = 0
        for index, facts in case.each(ALL):
            if index == 0:
                continue
            limit = facts.path_length
            if limit is not None and 0 <= limit < below and case.place(index) in self.over:
                yield self.finding(
                    index,
                    f"{case.called(index)} may have {limit} CAs below it, and has {below}.",
                    "Have the server's certificate issued by that CA directly, or use a CA "
                    "without that limit.",
                    seen=f"{below} CAs below it",
                    wanted=f"{limit} at most",
                )
            if self.self_issued or not facts.self_issued:
                below += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth(Rule):
    """There are not more authorities in the path than the client takes."""

    id = "depth"
    title = "The path is not too long"

    most: int

    def check(self, case: Case) -> Iterator[Finding]:
        count = len(case.path.certificates) - 2
        if count > self.most:
            yield self.finding(
                None,
                f"There are {count} CAs between the certificate and the anchor.",
                "Use a CA with fewer intermediates.",
                seen=str(count),
                wanted=f"{self.most} at most",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafKeyUsage(Rule):
    """The server's key may be used for TLS, where its key usage says anything.

    any_of: one of these has to be there. empty: whether naming none is as good as having no
    key usage. never: usages that a server's key must not have.
    """

    id = "key-usage"
    title = "The server's key may be used for TLS"

    any_of: frozenset[str] = frozenset({"digitalSignature", "keyEncipherment", "keyAgreement"})
    never: frozenset[str] = frozenset()
    empty: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        usage = case.leaf.key_usage
        if usage is None or (not usage and self.empty):
            return
        seen = ", ".join(sorted(usage)) or "none"
        if not usage & self.any_of:
            yield self.finding(
                0,
                f"The key of the certificate may be used for {seen}; that is no use for TLS to "
                "this client.",
                f"{_NEW_LEAF}, with digitalSignature and keyEncipherment.",
                variant="missing",
                seen=seen,
                wanted=" or ".join(sorted(self.any_of)),
            )
        if usage & self.never:
            yield self.finding(
                0,
                "The key of the certificate may sign certificates, which a server's must not.",
                f"{_NEW_LEAF}, without keyCertSign.",
                variant="forbidden",
                seen=seen,
                wanted="without keyCertSign",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeyUsage(Rule):
    """Whoever signs certificates has a key for that, where its key usage says anything.

    empty: whether naming no usage is as good as having no key usage.
    """

    id = "issuer-key-usage"
    title = "The keys of CAs may sign certificates"

    over: tuple[Place, ...] = AUTHORITIES
    empty: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            if facts.key_usage is None or (not facts.key_usage and self.empty):
                continue
            if "keyCertSign" not in facts.key_usage:
                seen = ", ".join(sorted(facts.key_usage)) or "none"
                yield self.finding(
                    index,
                    f"The key of {_lower(case.called(index))} may not sign certificates.",
                    f"{_NEW_CA}, with keyCertSign.",
                    seen=seen,
                    wanted="keyCertSign",
                )


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose(Rule):
    """Certificates are for TLS servers, where their extended key usage says anything.

    purposes: one of these has to be there. never: purposes beside which it does not count.
    required_from: issued from this day on, a leaf has to have one.
    empty: whether an empty list counts as none.
    """

    id = "extended-key-usage"
    title = "Certificates are for TLS servers"

    purposes: frozenset[str] = frozenset({SERVER_AUTH})
    never: frozenset[str] = frozenset()
    required_from: date | None = None
    empty: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            found = facts.extended_key_usage
            if found is None or (found == () and self.empty):
                first = self.required_from
                if first is not None and index == 0 and facts.not_before.date() >= first:
                    yield self._wrong(case, index, "none", "missing")
                continue
            seen = ", ".join(PURPOSES.get(oid, oid) for oid in found) or "none"
            if not self.purposes & set(found):
                yield self._wrong(case, index, seen, "other")
            elif self.never & set(found):
                yield self._wrong(case, index, seen, "forbidden")

    def _wrong(self, case: Case, index: int, seen: str, variant: str) -> Finding:
        what = {
            "missing": "does not say what it is for (extended key usage)",
            "other": f"is not for TLS servers, but for {seen}",
            "forbidden": f"is for something beside TLS servers that this client minds ({seen})",
        }[variant]
        cure = f"{_NEW_LEAF} (serverAuth)." if index == 0 else "Use a CA that may certify servers."
        return self.finding(
            index,
            f"{case.called(index)} {what}.",
            cure,
            variant=variant,
            seen=seen,
            wanted="serverAuth",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetscapeType(Rule):
    """An old Netscape certificate type, where there is one, is that of a TLS server."""

    id = "netscape-type"
    title = "An old Netscape certificate type is that of a server"

    over: tuple[Place, ...] = LEAF

    def check(self, case: Case) -> Iterator[Finding]:
        bits = case.leaf.values.get(NETSCAPE_TYPE)
        if isinstance(bits, frozenset) and 1 not in bits:
            yield self.finding(
                0,
                "The certificate's Netscape certificate type is not that of a TLS server.",
                f"{_NEW_LEAF}, without this extension.",
            )
