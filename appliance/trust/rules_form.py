"""Rules about how certificates are written: what can't be read, what must be there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.trust.extensions import (
    ALTERNATIVE_NAME,
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    SUBJECT_KEY_IDENTIFIER,
    TITLES,
)
from appliance.trust.facts import Facts
from appliance.trust.rules import ALL, SENT, Case, Place, Rule
from appliance.trust.verdicts import Finding

_AGAIN = "Have it issued again, by a CA that keeps to RFC 5280."


def unreadable(*oids: str) -> frozenset[str]:
    """The oddities of extensions that can't be read, for `WellFormed`."""
    return frozenset(f"extension:{oid}" for oid in oids)


@dataclass(frozen=True, slots=True, kw_only=True)
class WellFormed(Rule):
    """Certificates are written as the client reads them.

    minds: the oddities that it refuses, by the code or by what stands before its colon.
    critically: those that it refuses in critical extensions only.
    presented: whether it reads, and minds, certificates that it has no use for as well.
    """

    id = "malformed"
    title = "Certificates are written as the client reads them"

    over: tuple[Place, ...] = ALL
    minds: frozenset[str]
    critically: frozenset[str] = frozenset()
    presented: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        in_path = set()
        for index, facts in case.each(self.over):
            in_path.add(facts.fingerprint)
            yield from self._odd(index, case.called(index), facts)
        if self.presented:
            for facts in case.material.presented:
                if facts.fingerprint not in in_path:
                    in_path.add(facts.fingerprint)
                    called = f"The certificate “{facts.title}”, which was sent and is not needed,"
                    yield from self._odd(None, called, facts)

    def _odd(self, index: int | None, called: str, facts: Facts) -> Iterator[Finding]:
        for code, what in facts.oddities.items():
            kind, _, oid = code.partition(":")
            if (
                code in self.minds
                or kind in self.minds
                or (code in self.critically and facts.critical(oid))
            ):
                yield self.finding(
                    index, f"{called} is not written as it has to be: {what}.", _AGAIN, variant=code
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalExtensions(Rule):
    """The client knows every extension that is marked critical."""

    id = "critical-extension"
    title = "The client knows every critical extension"

    over: tuple[Place, ...] = ALL
    known: frozenset[str]

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            for oid, extension in facts.extensions.items():
                if extension.critical and oid not in self.known:
                    title = TITLES.get(oid, oid)
                    yield self.finding(
                        index,
                        f"{case.called(index)} has a critical extension that this client does not "
                        f"know: {title}.",
                        "Have it issued without that extension, or with it not critical.",
                        seen=title,
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Rule):
    """Certificates are of a version that the client takes."""

    id = "version"
    title = "Certificates are of version 3"

    over: tuple[Place, ...] = SENT
    versions: frozenset[int] = frozenset({3})

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            if facts.version not in self.versions:
                yield self.finding(
                    index,
                    f"{case.called(index)} is of X.509 version {facts.version}.",
                    "Have it issued as version 3.",
                    seen=f"version {facts.version}",
                    wanted="version 3",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerNamed(Rule):
    """The issuer has a name."""

    id = "issuer-empty"
    title = "The issuer has a name"

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            if facts.issuer == b"\x30\x00":
                yield self.finding(
                    index,
                    f"{case.called(index)} names no issuer.",
                    "Use a CA that has a name.",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueSerial(Rule):
    """The server's certificate has not the issuer and serial number of another that is known."""

    id = "repeated-serial"
    title = "Issuer and serial number are unique"

    def check(self, case: Case) -> Iterator[Finding]:
        seen: dict[tuple[object, int], Facts] = {}
        for facts in (case.leaf, *case.material.anchors):
            other = seen.setdefault((facts.issuer, facts.serial), facts)
            if other.fingerprint != facts.fingerprint:
                index = _index(case, facts)
                yield self.finding(
                    index,
                    f"“{facts.title}” and “{other.title}” have the same issuer and the same serial "
                    f"number ({facts.serial}).",
                    "Have one of them issued again, with a serial number of its own.",
                    seen=str(facts.serial),
                    wanted="a serial number of its own",
                )
                return


def _index(case: Case, facts: Facts) -> int | None:
    for index, one in enumerate(case.path.certificates):
        if one.fingerprint == facts.fingerprint:
            return index
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strict(Rule):
    """What OpenSSL asks for beyond path validation with X509_V_FLAG_X509_STRICT.

    It is asked of paths of two certificates or more, as RFC 6818 2 excuses a lone one.
    """

    id = "strict"
    title = "What OpenSSL asks for when it is strict"

    over: tuple[Place, ...] = ALL

    def check(self, case: Case) -> Iterator[Finding]:
        certificates = case.path.certificates
        leaf = case.leaf
        if not leaf.has(BASIC_CONSTRAINTS) and _perhaps_authority(leaf):
            yield self.finding(
                0,
                "The certificate may be one of a CA, and does not say so in basic constraints.",
                _AGAIN,
                variant="perhaps-ca",
            )
        if len(certificates) < 2:
            return
        for index, facts in case.each(self.over):
            last = index == len(certificates) - 1
            for variant, what in _strict_faults(facts, last=last):
                yield self.finding(index, f"{case.called(index)} {what}.", _AGAIN, variant=variant)


def _perhaps_authority(facts: Facts) -> bool:
    """What OpenSSL takes for a CA although nothing says so."""
    signs = facts.key_usage is not None and "keyCertSign" in facts.key_usage
    return signs or (facts.version == 1 and facts.self_issued)


def _strict_faults(facts: Facts, *, last: bool) -> Iterator[tuple[str, str]]:
    """In OpenSSL's order; its verdict is the first."""
    usage = facts.key_usage or frozenset()
    signs = facts.key_usage is None or "keyCertSign" in usage
    if facts.path_length is not None:
        if not facts.ca:
            yield "path-length-no-ca", "has a path length and is no CA"
        if not facts.has(KEY_USAGE) or not signs:
            yield "path-length-usage", "has a path length and no key usage for signing certificates"
    if facts.ca and not facts.critical(BASIC_CONSTRAINTS):
        yield "basic-constraints-critical", "has basic constraints that are not critical"
    if facts.ca and not facts.has(KEY_USAGE):
        yield "ca-key-usage", "is a CA and has no key usage"
    if not facts.ca and facts.key_usage is not None and "keyCertSign" in usage:
        yield "usage-no-ca", "may sign certificates and is no CA"
    if facts.issuer == b"\x30\x00":
        yield "issuer-empty", "names no issuer"
    if facts.empty_subject:
        if facts.ca or "cRLSign" in usage or facts.names is None:
            yield "subject-empty", "names no subject"
        elif not facts.critical(ALTERNATIVE_NAME):
            yield (
                "names-not-critical",
                "has no subject, and alternative names that are not critical",
            )
    if facts.names == ():
        yield "names-empty", "has an empty subject alternative name"
    if "algorithm-encoding" in facts.oddities:
        yield "algorithms", "has two different signature algorithms"
    if facts.critical(AUTHORITY_KEY_IDENTIFIER):
        yield "authority-key-critical", "has a critical authority key identifier"
    if facts.critical(SUBJECT_KEY_IDENTIFIER):
        yield "subject-key-critical", "has a critical subject key identifier"
    if facts.version < 3:
        if facts.extensions:
            yield "version", "has extensions and is not of version 3"
        return
    if not last and (facts.authority_key is None or facts.authority_key.key is None):
        yield "authority-key-missing", "has no authority key identifier"
    if facts.ca and facts.subject_key is None:
        yield "subject-key-missing", "is a CA and has no subject key identifier"
