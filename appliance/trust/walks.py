"""How OpenSSL and GnuTLS build the one path that they look at: they don't come back.

Followed are X509_verify_cert of OpenSSL 3.0 with trusted certificates first, which is its
default, and gnutls_x509_trust_list_verify_crt2 of GnuTLS 3.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.trust.algorithms import SHA3
from appliance.trust.facts import Facts
from appliance.trust.material import Material
from appliance.trust.naming import prepared
from appliance.trust.paths import Path, Variant

# The extensions that OpenSSL reads of every certificate it considers; one that can't be read
# makes the certificate nobody's issuer.
_OPENSSL_READS = ("14", "15", "17", "19", "30", "31", "35", "37")


@dataclass(frozen=True, slots=True)
class OpenSSLWalk:
    """OpenSSL: the first issuer that fits by name and key identifier, anchors first.

    partial: whether any anchor ends a path (X509_V_FLAG_PARTIAL_CHAIN), or only one that is
        self-signed. depth: certificates between leaf and anchor, at most.
    sha3: whether ECDSA with SHA-3 is known (not in 3.0): a certificate that is signed so has no
        issuer else.
    """

    partial: bool = False
    depth: int = 100
    sha3: bool = False

    def paths(self, material: Material, at: float) -> Iterator[Path]:
        """The one path."""
        chain = [material.leaf]
        trusted = 1
        searching_sent = True
        remaining = list(material.presented)
        while len(chain) <= self.depth + 1:
            head = chain[-1]
            readable = self.sha3 or head.signature.kind != "EC" or head.signature.hash not in SHA3
            issuer = _best(head, material.trusted_issuers(head) if readable else (), (), at)
            if issuer is not None:
                if self_signed(head):
                    if issuer.fingerprint != head.fingerprint:
                        issuer = None  # one that looks like an anchor, and is another
                    elif trusted == len(chain):
                        trusted -= 1
                else:
                    chain.append(issuer)
                if issuer is not None:
                    searching_sent = False
                    if self.partial or self_signed(issuer):
                        yield Path(tuple(chain), trusted)
                        return
                    continue
            if not searching_sent or self_signed(head):
                break
            issuer = _best(head, remaining if readable else (), chain, at)
            if issuer is None:
                break
            remaining.remove(issuer)
            chain.append(issuer)
            trusted += 1
        if self.partial and len(chain) == trusted and material.is_anchor(chain[0]):
            yield Path((chain[0],), 0)
            return
        yield Path(tuple(chain), trusted, self._missing(chain, trusted))

    def _missing(self, chain: list[Facts], trusted: int) -> Variant:
        if len(chain) > self.depth + 1:
            return "too-long"
        if self_signed(chain[-1]):
            return "self-signed" if len(chain) == 1 else "self-signed-sent"
        if trusted < len(chain):
            return "no-anchor"
        return "issuer-missing" if len(chain) == 1 else "anchor-missing"


def self_signed(facts: Facts) -> bool:
    """Whether OpenSSL takes it for self-signed: by name, key identifier and kind of key, and
    without looking at the signature. So a certificate whose subject is that of its issuer is
    one, when no authority key identifier says otherwise."""
    return facts.self_issued and _identified(facts, facts) and _kinds_agree(facts, facts)


def likely_issued(issuer: Facts, subject: Facts) -> bool:
    """Whether `issuer` may have issued `subject`, for OpenSSL; the signature is not looked at."""
    return (
        issuer.prepared_subject == subject.prepared_issuer
        and not unreadable(issuer)
        and not unreadable(subject)
        and _identified(issuer, subject)
        and _kinds_agree(issuer, subject)
    )


def unreadable(facts: Facts) -> bool:
    """Whether OpenSSL marks it as invalid when it looks at its extensions."""
    return any(
        f"extension:2.5.29.{number}" in facts.oddities
        or f"repeated:2.5.29.{number}" in facts.oddities
        for number in _OPENSSL_READS
    ) or any(code in facts.oddities for code in ("key-usage-empty", "path-length-negative"))


def _identified(issuer: Facts, subject: Facts) -> bool:
    authority = subject.authority_key
    if authority is None:
        return True
    if authority.key is not None and issuer.subject_key not in (None, authority.key):
        return False
    if authority.serial is not None and authority.serial != issuer.serial:
        return False
    return authority.issuer is None or prepared(authority.issuer) == issuer.prepared_issuer


def _kinds_agree(issuer: Facts, subject: Facts) -> bool:
    return issuer.key.kind == subject.signature.kind or issuer.key.kind == "RSA-PSS"


def _best(head: Facts, among: Sequence[Facts], chain: Sequence[Facts], at: float) -> Facts | None:
    """The first that is valid now, else the one that is valid longest."""
    found = [
        one
        for one in among
        if likely_issued(one, head) and ((head.self_issued and len(chain) == 1) or one not in chain)
    ]
    for one in found:
        if one.not_before.timestamp() < at < one.not_after.timestamp():
            return one
    return max(found, key=lambda one: one.not_after, default=None)


@dataclass(frozen=True, slots=True)
class GnuTLSWalk:
    """GnuTLS: the list as it was sent, sorted, cut where an anchor stands in it.

    most: certificates that may be sent at all; more of them are refused unseen.
    """

    most: int = 16

    def paths(self, material: Material, at: float) -> Iterator[Path]:
        """The one path."""
        if len(material.presented) > self.most:
            yield Path(material.presented[:1], 1, "too-long")
            return
        chain = self._sorted(material)
        if len(chain) > 1 and gnutls_issued(chain[-1], chain[-1]):
            chain.pop()
        for place, one in enumerate(chain):
            if place == 0 and len(chain) > 1:
                continue  # a leaf that is trusted ends a list that goes no further, and no other
            anchor = next((known for known in material.anchors if _same(one, known, place)), None)
            if anchor is not None:
                chain[place:] = [anchor]
                yield Path(tuple(chain), place)
                return
        issuer = _gnutls_anchor(chain[-1], material, at)
        if issuer is not None:
            yield Path((*chain, issuer), len(chain))
            return
        top = chain[-1]
        lonely: Variant = "self-signed" if gnutls_issued(top, top) else "issuer-missing"
        yield Path(tuple(chain), len(chain), lonely if len(chain) == 1 else "anchor-missing")

    def _sorted(self, material: Material) -> list[Facts]:
        """From the leaf upwards, as far as each has its issuer among those sent."""
        chain = [material.leaf]
        rest = [one for one in material.presented[1:] if one is not material.leaf]
        while not any(gnutls_issued(chain[-1], known) for known in material.anchors):
            head = chain[-1]
            candidates = rest[:1] if gnutls_issued(head, head) else rest
            issuer = next((one for one in candidates if gnutls_issued(head, one)), None)
            if issuer is None:
                break
            rest.remove(issuer)
            chain.append(issuer)
        return chain


def gnutls_issued(subject: Facts, issuer: Facts) -> bool:
    """Whether `issuer` issued `subject`, for GnuTLS: the name octet by octet, and the key
    identifiers where both have one."""
    if issuer.subject != subject.issuer:
        return False
    wanted = None if subject.authority_key is None else subject.authority_key.key
    return wanted is None or issuer.subject_key is None or wanted == issuer.subject_key


def _same(one: Facts, known: Facts, place: int) -> bool:
    """The leaf has to be the anchor itself; of an issuer, name and key will do."""
    if place == 0:
        return one.fingerprint == known.fingerprint
    return one.subject == known.subject and one.spki == known.spki


def _gnutls_anchor(head: Facts, material: Material, at: float) -> Facts | None:
    """The first anchor that fits; of several, the last that is valid now."""
    found = [one for one in material.anchors if gnutls_issued(head, one)]
    valid = [
        one for one in found[1:] if one.not_before.timestamp() <= at < one.not_after.timestamp()
    ]
    if valid:
        return valid[-1]
    return found[0] if found else None
