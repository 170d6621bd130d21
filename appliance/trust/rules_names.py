"""Rules about names: the client's, and those an authority may not certify."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from appliance.trust.constraints import mailboxes, within
from appliance.trust.extensions import NAME_CONSTRAINTS, Constraints
from appliance.trust.facts import Facts
from appliance.trust.names import NameMatching, names_text, why_not
from appliance.trust.naming import GeneralName
from appliance.trust.rules import AUTHORITIES, Case, Place, Rule
from appliance.trust.verdicts import Finding

MAX_COMPARISONS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName(Rule):
    """The certificate is for the name that the client uses."""

    id = "name"
    title = "The certificate is for the name that the client uses"

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
    wildcards, domains: as `within` has them.
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
    wildcards: bool = True
    domains: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        budget = MAX_COMPARISONS
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
            for below in range(index):
                facts = case.path.certificates[below]
                if below and (self.below == "leaf" or (facts.self_issued and not self.self_issued)):
                    continue
                for name in self._names(facts, leaf=below == 0):
                    budget -= len(every)
                    if budget < 0:
                        return
                    if (why := self._violated(name, constraints)) is not None:
                        yield self.finding(
                            below,
                            f"{case.called(index)} may not certify the name {name}: it is {why}.",
                            "Use a name that the CA may certify, or another CA.",
                            variant="violated",
                            seen=str(name),
                            wanted=_text(constraints, name.kind),
                        )
                        break

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

    def _violated(self, name: GeneralName, constraints: Constraints) -> str | None:
        kind = name.kind
        excluded = [base for base in constraints.excluded if base.kind == kind]
        permitted = [base for base in constraints.permitted if base.kind == kind]
        if kind in self.ignored_permitted:
            permitted = []
        if kind in self.ignored_excluded:
            excluded = []
        compared = self.understood if self.excluded is None else self.excluded
        if excluded and kind not in compared:
            return "of a kind that this client can't compare with what is excluded"
        for base in excluded:
            if within(name, base, wildcards=self.wildcards, domains=self.domains):
                return f"excluded ({base})"
        if permitted and kind not in self.understood:
            return "of a kind that this client can't compare with what is permitted"
        if permitted and not any(
            within(name, base, wildcards=False, domains=self.domains) for base in permitted
        ):
            return "not among those permitted"
        return None


def _looks_like_host(text: str) -> bool:
    """What OpenSSL takes for a DNS name in a CN: two labels or more, of the usual letters."""
    return re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", text) is not None


def _text(constraints: Constraints, kind: str) -> str:
    parts = [str(base) for base in constraints.permitted if base.kind == kind]
    parts += [f"not {base}" for base in constraints.excluded if base.kind == kind]
    return ", ".join(parts[:5])
