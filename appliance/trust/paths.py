"""Paths from a leaf to an anchor, as the clients that search for one build them.

Every such client walks from the leaf through certificates whose subject is the issuer of the
one before, and comes back from where it can't go on. They differ in how they compare names,
in what they take for a loop and in whether a trusted leaf is a path by itself: `Search` has
that as a table would. Clients that don't search are in `walks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from appliance.trust.facts import Facts
from appliance.trust.material import Material
from appliance.trust.naming import prepared

MAX_PATHS = 50
MAX_STEPS = 3_000
MAX_BROKEN_STEPS = 300  # where signatures are wrong, which no client accepts: only to say so

Variant = Literal[
    "self-signed", "self-signed-sent", "issuer-missing", "anchor-missing", "no-anchor", "too-long"
]


@dataclass(frozen=True, slots=True)
class Path:
    """Certificates from the leaf upwards.

    trusted: the place of the first that is an anchor; the number of certificates when none is.
    missing: why it ends before one, else None.
    """

    certificates: tuple[Facts, ...]
    trusted: int
    missing: Variant | None = None

    @property
    def anchored(self) -> bool:
        """Whether it leads to an anchor."""
        return self.missing is None

    @property
    def lone(self) -> bool:
        """Whether the leaf itself is the anchor."""
        return self.anchored and self.trusted == 0


class Builder(Protocol):
    """How a client finds its paths: the likeliest first, at least one, and boundedly many."""

    def paths(self, material: Material, at: float) -> Iterator[Path]:
        """Paths to look at, at the time `at` (seconds since 1970)."""


Comparison = Literal["octets", "prepared", "java"]


@dataclass(frozen=True, slots=True)
class Search:
    """A search that comes back and tries the next.

    names, anchor_names: how the name of an issuer is compared, when it was sent, and when it
        is an anchor: octet by octet, prepared, or prepared but for T61Strings (Java).
    leaf: whether a leaf that is trusted is a path by itself.
    self_issuer: whether a leaf may be issued by an anchor of the same name and key (itself).
    most: certificates between leaf and anchor, at most; None for no limit.
    alternative: whether a certificate with the same name and key, but other alternative
        names, is another one when loops are looked for (Go).
    ends: whether a self-signed certificate ends the way, so that no other issuer of its name is
        looked for (Windows).
    """

    names: Comparison = "octets"
    anchor_names: Comparison = "octets"
    leaf: bool = True
    self_issuer: bool = False
    most: int | None = None
    alternative: bool = False
    ends: bool = False

    def paths(self, material: Material, at: float) -> Iterator[Path]:  # noqa: ARG002
        """Paths to anchors; when there is none, the longest way that was found.

        They don't depend on the time, so that they are looked for once.
        """
        yield from material.once(self, lambda: self._paths(material))

    def _paths(self, material: Material) -> Iterator[Path]:
        if self.leaf and material.is_anchor(material.leaf):
            yield Path((material.leaf,), 0)
            return
        walk = _Walk(self, material)
        found = False
        for certificates in walk.anchored():
            found = True
            yield Path(certificates, len(certificates) - 1)
        if not found:
            yield Path(walk.longest, len(walk.longest), why_missing(walk.longest, material, walk))


@dataclass(frozen=True, slots=True)
class OrderedFirst:
    """Java: what was sent, when it is in order, up to the first that is trusted; else a search.

    A certificate with the name and key of an anchor stands for it.
    """

    search: Search

    def paths(self, material: Material, at: float) -> Iterator[Path]:
        """The path as sent, with each anchor that may end it, or what the search finds."""
        leaf = material.leaf
        if material.is_anchor(leaf):
            yield Path((leaf,), 0)
            return
        chain = [leaf]
        for one in material.presented[1:]:
            if one.prepared_subject != chain[-1].prepared_issuer:
                yield from self.search.paths(material, at)
                return
            if any(anchor.spki == one.spki for anchor in self._anchors(chain[-1], material)):
                break
            chain.append(one)
        anchors = self._anchors(chain[-1], material)
        if not anchors:
            yield from self.search.paths(material, at)
            return
        for anchor in sorted(anchors, key=lambda one: _key_order(chain[-1], one)):
            yield Path((*chain, anchor), len(chain))

    def _anchors(self, head: Facts, material: Material) -> list[Facts]:
        names = self.search.anchor_names
        return [one for one in material.trusted_issuers(head) if _same_name(one, head, names)]


class _Walk:
    def __init__(self, search: Search, material: Material) -> None:
        self._search = search
        self._material = material
        self._steps = 0
        self._paths = MAX_PATHS
        self._candidates: dict[tuple[Facts, bool], list[Facts]] = {}
        self.longest: tuple[Facts, ...] = (material.leaf,)
        self.too_long = False

    def anchored(self) -> Iterator[tuple[Facts, ...]]:
        """Every path to an anchor, those with good signatures first."""
        leaf = self._material.leaf
        for broken, steps in ((False, MAX_STEPS), (True, MAX_BROKEN_STEPS)):
            self._steps = steps
            yield from self._from((leaf,), {self._mark(leaf)}, broken=broken)
            if self._paths < MAX_PATHS:
                return

    def _from(
        self, way: tuple[Facts, ...], passed: set[object], *, broken: bool
    ) -> Iterator[tuple[Facts, ...]]:
        """passed: the marks of all in `way`; looked up, since hostile ways are long."""
        self._steps -= 1
        if self._steps < 0 or self._paths <= 0:
            return
        if len(way) > len(self.longest):
            self.longest = way
        head, material, search = way[-1], self._material, self._search
        if search.ends and head.self_issued and material.signed(head, head):
            return
        for anchor in self._issuers(head, trusted=True):
            if self._mark(anchor) in passed and not search.self_issuer:
                continue
            if broken or material.signed(head, anchor):
                self._paths -= 1
                yield (*way, anchor)
                if self._paths <= 0:
                    return
        if search.most is not None and len(way) > search.most:
            self.too_long = self.too_long or bool(material.sent_issuers(head))
            return
        for issuer in self._issuers(head, trusted=False):
            mark = self._mark(issuer)
            if mark in passed or material.is_anchor(issuer):
                continue
            if broken or material.signed(head, issuer):
                passed.add(mark)
                yield from self._from((*way, issuer), passed, broken=broken)
                passed.discard(mark)
                if self._steps < 0 or self._paths <= 0:
                    return

    def _issuers(self, head: Facts, *, trusted: bool) -> list[Facts]:
        """Whoever may have issued `head` by name, the likeliest first."""
        if (head, trusted) not in self._candidates:
            material, search = self._material, self._search
            found = material.trusted_issuers(head) if trusted else material.sent_issuers(head)
            names = search.anchor_names if trusted else search.names
            self._candidates[head, trusted] = sorted(
                (one for one in found if _same_name(one, head, names)),
                key=lambda one: _key_order(head, one),
            )
        return self._candidates[head, trusted]

    def _mark(self, one: Facts) -> object:
        """What a certificate that would close a loop has in common with one on the way."""
        return (one.subject, one.spki, one.names if self._search.alternative else None)


def _same_name(issuer: Facts, head: Facts, names: Comparison) -> bool:
    """Whether the names fit; that the prepared ones do is known."""
    if names == "prepared" or issuer.subject == head.issuer:
        return True
    return names == "java" and prepared(issuer.subject, t61=False) == prepared(
        head.issuer, t61=False
    )


def _key_order(head: Facts, issuer: Facts) -> int:
    """Key identifiers that match come first, then those that say nothing."""
    wanted = None if head.authority_key is None else head.authority_key.key
    if wanted is None or issuer.subject_key is None:
        return 1
    return 0 if wanted == issuer.subject_key else 2


def why_missing(way: tuple[Facts, ...], material: Material, walk: _Walk | None = None) -> Variant:
    """Why `way` leads to no anchor."""
    top = way[-1]
    if walk is not None and walk.too_long:
        return "too-long"
    if top.self_issued and material.signed(top, top):
        return "self-signed" if len(way) == 1 else "self-signed-sent"
    return "anchor-missing" if len(way) > 1 else "issuer-missing"
