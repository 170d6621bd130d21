"""Rules about names: the client's, and those an authority may not certify."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from appliance.trust.constraints import Subtrees, mailboxes, size_of, subtrees
from appliance.trust.extensions import NAME_CONSTRAINTS, Constraints
from appliance.trust.facts import Facts
from appliance.trust.matching import webpki_name
from appliance.trust.names import NameMatching, names_text, why_not
from appliance.trust.naming import GeneralName
from appliance.trust.rules import AUTHORITIES, Case, Place, Rule
from appliance.trust.verdicts import Finding

MAX_COMPARISONS = 32 << 20  # names by subtrees, where a client has no limit of its own
MAX_LOOKED_UP = 30_000  # names in constraints, over a path: what takes this program's time


_NO_NAME = "no DNS name"
_VARIANTS = {"excluded": "excluded", _NO_NAME: "malformed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName(Rule):
    """The certificate is for the name that the client uses."""

    id = "name"
    title = "The certificate is for the name that the client uses"
    varies = True

    matching: NameMatching

    def check(self, case: Case) -> Iterator[Finding]:
        host, leaf = case.host, case.leaf
        if host is None or self.matching.matches(leaf, host):
            return
        variant, detail = why_not(leaf, host, self.matching)
        kind = "DNS name" if host.address is None else "IP address"
        yield self.finding(
            0,
            detail,
            f"Have a certificate issued with the {kind} {host.text} as subject alternative name, "
            "or have clients use a name that is in it.",
            variant=variant,
            seen=names_text(leaf),
            wanted=f"{'DNS' if host.address is None else 'IP'}:{host.text}",
        )


Kinds = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameConstrained(Rule):
    """No certificate has a name that an authority above it may not certify.

    over: the authorities whose constraints count. below: whose names are looked at.
    self_issued: whether intermediates that are self-issued are looked at as well.
    understood: kinds of names it can compare; others in a constraint count as violated where a
        certificate has such a name. excluded: kinds it can compare in excluded subtrees, where
        that differs. ignored_permitted, ignored_excluded: kinds that it does not look at there.
    subjects: whether subjects are looked at, and not alternative names alone.
    refused: kinds that it refuses to read in a constraint at all.
    stops: kinds that make the whole extension an unknown one, and that refuses the
        certificate when the extension is critical (Go).
    common_name: whether the CN is taken for a DNS name where there is none: `host` if it looks
        like one (OpenSSL), `any` always (GnuTLS).
    own: whether an authority's own alternative names have to lie within its constraints (Go).
    families: whether constraints on IPv4 addresses say nothing of IPv6 ones, and the other way.
    most: comparisons, names by subtrees, above which the client gives up; None without a limit.
    adds_up: whether these add up over a path. count_subject: whether a subject's attributes
    count as well.
    strictly_read: whether names that are compared have to be proper DNS names (webpki).
    wildcards, domains: as `Subtrees` has them.
    """

    id = "name-constraints"
    title = "Names lie within what the authorities may certify"

    over: tuple[Place, ...] = AUTHORITIES
    below: Literal["all", "leaf"] = "all"
    self_issued: bool = False
    understood: Kinds = frozenset({"DNS", "IP", "DirName", "email", "URI"})
    excluded: Kinds | None = None
    ignored_permitted: Kinds = frozenset()
    ignored_excluded: Kinds = frozenset()
    subjects: bool = True
    refused: Kinds = frozenset()
    stops: Kinds = frozenset()
    common_name: Literal["never", "host", "any"] = "never"
    own: bool = False
    families: bool = False
    most: int | None = None
    adds_up: bool = False
    count_subject: bool = False
    strictly_read: bool = False
    wildcards: bool = True
    domains: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        spent = looked_up = 0
        for index, authority in case.each(self.over):
            constraints = authority.constraints
            if constraints is None:
                continue
            every = (*constraints.permitted, *constraints.excluded)
            stops = self.stops if authority.critical(NAME_CONSTRAINTS) else frozenset()
            unknown = [name for name in every if name.kind in self.refused | stops]
            if unknown:
                yield self.finding(
                    index,
                    f"{case.called(index)} constrains names of a kind ({unknown[0].kind}) that "
                    "this client does not understand.",
                    "Use a CA that constrains DNS names and addresses only.",
                    variant="kind",
                    seen=str(unknown[0]),
                )
            permitted, excluded = subtrees(constraints.permitted), subtrees(constraints.excluded)
            for below in range(index + 1):
                facts = case.path.certificates[below]
                if not self._concerns(below, index, facts):
                    continue
                spent = self._cost(facts, len(every)) + (spent if self.adds_up else 0)
                looked_up += len(facts.names or ())
                if spent > (self.most or MAX_COMPARISONS) or looked_up > MAX_LOOKED_UP:
                    yield self._too_many(case, index, spent)
                    return
                names = self._names(facts, leaf=below == 0)
                violated = ((name, self._violated(name, permitted, excluded)) for name in names)
                name, why = next(((one, why) for one, why in violated if why), (None, None))
                if name is not None:
                    yield self.finding(
                        below,
                        f"{case.called(index)} may not certify the name {name}: it is {why}.",
                        "Use a name that the CA may certify, or another CA.",
                        variant=_VARIANTS.get(why or "", "violated"),
                        seen=str(name),
                        wanted=_text(constraints, name.kind),
                    )

    def _concerns(self, below: int, index: int, facts: Facts) -> bool:
        if below == index:
            return self.own
        if below == 0:
            return True
        return self.below == "all" and (self.self_issued or not facts.self_issued)

    def _cost(self, facts: Facts, bases: int) -> int:
        names = len(facts.names or ())
        return bases * (names + (size_of(facts.subject) if self.count_subject else 0))

    def _too_many(self, case: Case, index: int, spent: int) -> Finding:
        limit = self.most or MAX_COMPARISONS
        who = "this client makes" if self.most else "are made here"
        return self.finding(
            index,
            f"{case.called(index)} constrains so many names that {spent:,} comparisons are "
            f"needed; {limit:,} at most {who}.",
            "Use a CA with fewer constraints, or a certificate with fewer names.",
            variant="too-many",
            seen=f"{spent:,}",
            wanted=f"{limit:,} at most",
        )

    def _names(self, facts: Facts, *, leaf: bool) -> Iterator[GeneralName]:
        names = facts.names or ()
        yield from names
        if not self.subjects:
            return
        if not facts.empty_subject:
            yield GeneralName("DirName", facts.subject)
        if not any(name.kind == "email" for name in names):
            yield from mailboxes(facts.subject)
        if leaf and self.common_name != "never" and not any(name.kind == "DNS" for name in names):
            for one in facts.common_names:
                text = (one.text or "").rstrip("\0")
                if self.common_name == "any" or _looks_like_host(text):
                    yield GeneralName("DNS", text.encode("utf-8"))

    def _violated(self, name: GeneralName, permitted: Subtrees, excluded: Subtrees) -> str | None:
        kind = name.kind
        compared = self.understood if self.excluded is None else self.excluded
        if (
            self.strictly_read
            and kind == "DNS"
            and (permitted.of(kind) or excluded.of(kind))
            and not webpki_name(name.text.lower(), wildcard=True)
        ):
            return _NO_NAME
        if excluded.of(kind) and kind not in self.ignored_excluded:
            if kind not in compared:
                return "of a kind that this client can't compare with what is excluded"
            if excluded.hold(name, wildcards=self.wildcards, domains=self.domains):
                return "excluded"
        if permitted.of(kind) and kind not in self.ignored_permitted:
            if kind not in self.understood:
                return "of a kind that this client can't compare with what is permitted"
            if self.families and not _same_family(name, permitted.of(kind)):
                return None
            if not permitted.hold(name, wildcards=False, domains=self.domains):
                return "not among those permitted"
        return None


def _same_family(name: GeneralName, bases: list[GeneralName]) -> bool:
    """Whether one of `bases` is for addresses of the length of this one."""
    return name.kind != "IP" or any(len(one.content) == 2 * len(name.content) for one in bases)


def _looks_like_host(text: str) -> bool:
    """What OpenSSL takes for a DNS name in a CN: two labels or more, of the usual letters."""
    return re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", text) is not None


def _text(constraints: Constraints, kind: str) -> str:
    parts = [str(base) for base in constraints.permitted if base.kind == kind]
    parts += [f"not {base}" for base in constraints.excluded if base.kind == kind]
    return ", ".join(parts[:5])
