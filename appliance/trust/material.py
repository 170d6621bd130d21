"""What there is to build paths of: the presented certificates, the anchors, who signed whom.

Kept from one judgement to the next, because the same chain is judged for many environments,
names and times. Signatures are checked when a path wants to know, once each, and not without
end: hostile chains ask for thousands.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

from appliance.trust.der import Malformed
from appliance.trust.facts import Facts, facts_of
from appliance.trust.verdicts import Anchor, Finding, Origin
from store.foreign import collected_warnings
from store.refusals import Refused

_T = TypeVar("_T")

MAX_SIGNATURES = 400  # Go and webpki stop at 100 for one path search; this is for all clients
MAX_MODULUS = 16_384  # as OpenSSL: what is larger is no key


class Material:
    """Presented certificates and anchors.

    presented: in the order sent, the leaf first. anchors: each certificate once.
    found: what rules have found, by rule and path; kept for `rules`.
    """

    def __init__(self, presented: Sequence[Facts], anchors: Iterable[tuple[Facts, Origin]]) -> None:
        self.presented = tuple(presented)
        self.origins: dict[bytes, Origin] = {}
        found: dict[bytes, Facts] = {}
        for facts, origin in anchors:
            found.setdefault(facts.fingerprint, facts)
            self.origins.setdefault(facts.fingerprint, origin)
        self.anchors = tuple(found.values())
        self.found: dict[tuple[int, int], tuple[Finding, ...]] = {}
        self._kept: dict[object, object] = {}
        self._once: dict[Hashable, object] = {}
        self._signed: dict[tuple[bytes, bytes], bool] = {}
        self._sent = _by_subject(self.presented[1:])
        self._trusted = _by_subject(self.anchors)

    @property
    def leaf(self) -> Facts:
        """The certificate that the server presents as its own."""
        return self.presented[0]

    def is_anchor(self, facts: Facts) -> bool:
        """Whether this very certificate is trusted."""
        return facts.fingerprint in self.origins

    def sent_issuers(self, facts: Facts) -> list[Facts]:
        """Presented certificates whose subject is the issuer of `facts`, prepared."""
        return self._sent.get(facts.prepared_issuer, [])

    def trusted_issuers(self, facts: Facts) -> list[Facts]:
        """Anchors whose subject is the issuer of `facts`, prepared."""
        return self._trusted.get(facts.prepared_issuer, [])

    def once(self, key: Hashable, make: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """What `make` gives, made once as far as it is asked for, and given again after that."""
        known = cast("_Once[_T]", self._once.setdefault(key, _Once(make)))
        return iter(known)

    def keep(self, value: _T) -> _T:
        """The first value that was equal to this one: what is the same has one identity."""
        return cast("_T", self._kept.setdefault(value, value))

    def signed(self, child: Facts, issuer: Facts) -> bool:
        """Whether the key of `issuer` signed `child`; False, too, when too many were asked for."""
        pair = (child.fingerprint, issuer.fingerprint)
        if pair not in self._signed:
            if len(self._signed) >= MAX_SIGNATURES:
                return False
            self._signed[pair] = verifies(child, issuer)
        return self._signed[pair]


class _Once(Generic[_T]):
    """An iteration that remembers what it has given, to whichever thread asks."""

    def __init__(self, make: Callable[[], Iterator[_T]]) -> None:
        self._made: list[_T] = []
        self._rest = make()
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[_T]:
        position = 0
        while True:
            with self._lock:
                if position == len(self._made):
                    made = next(self._rest, None)
                    if made is None:
                        return
                    self._made.append(made)
            yield self._made[position]
            position += 1


def _by_subject(certificates: Iterable[Facts]) -> dict[object, list[Facts]]:
    found: dict[object, list[Facts]] = defaultdict(list)
    for facts in certificates:
        if facts not in found[facts.prepared_subject]:
            found[facts.prepared_subject].append(facts)
    return dict(found)


@lru_cache(maxsize=16)
def material(presented: tuple[x509.Certificate, ...], anchors: tuple[Anchor, ...]) -> Material:
    """The material for these. Refused: one of them can't be read."""
    return Material(
        [_facts(one, "chain", number) for number, one in enumerate(presented, start=1)],
        [
            (_facts(one.certificate, "anchors", number), one.origin)
            for number, one in enumerate(anchors, start=1)
        ],
    )


def _facts(certificate: x509.Certificate, field: str, number: int) -> Facts:
    try:
        return facts_of(certificate)
    except (Malformed, IndexError, ValueError) as error:
        raise Refused.because(
            "certificate-malformed",
            f"Certificate {number} is malformed: {error}.",
            field=field,
            instead="Have it issued again.",
        ) from None


_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "MD5": hashes.MD5,
    "SHA-1": hashes.SHA1,
    "SHA-224": hashes.SHA224,
    "SHA-256": hashes.SHA256,
    "SHA-384": hashes.SHA384,
    "SHA-512": hashes.SHA512,
    "SHA3-224": hashes.SHA3_224,
    "SHA3-256": hashes.SHA3_256,
    "SHA3-384": hashes.SHA3_384,
    "SHA3-512": hashes.SHA3_512,
}


def verifies(child: Facts, issuer: Facts) -> bool:
    """Whether the signature on `child` is right, by the public key of `issuer`.

    False, too, for keys and algorithms that OpenSSL can't use, and for ones of other kinds.
    """
    signature = child.signature
    if issuer.key.kind in ("RSA", "RSA-PSS") and issuer.key.bits > MAX_MODULUS:
        return False
    try:
        with collected_warnings():
            key = issuer.certificate.public_key()
        if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            if signature.kind != issuer.key.kind:
                return False
            key.verify(child.signed, child.tbs)
            return True
        algorithm = _HASHES[signature.hash or ""]()
        if isinstance(key, rsa.RSAPublicKey) and signature.kind == "RSA":
            scheme: padding.PSS | padding.PKCS1v15 = padding.PKCS1v15()
            if signature.pss:
                parameters = child.certificate.signature_algorithm_parameters
                if not isinstance(parameters, padding.PSS):
                    return False
                scheme = parameters
            key.verify(child.signed, child.tbs, scheme, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and signature.kind == "EC":
            key.verify(child.signed, child.tbs, ec.ECDSA(algorithm))
        elif isinstance(key, dsa.DSAPublicKey) and signature.kind == "DSA":
            key.verify(child.signed, child.tbs, algorithm)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return False
    return True
