"""From a heap of certificates to a leaf and its chain.

Knows X.509's signatures and names; asks no clock and judges nothing but who issued whom.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from store.bundles import Material
from store.certificate import Certificate, common_name
from store.refusals import Refusal
from store.requirements import key_matches


def assemble(material: Material, *, field: str) -> Certificate | None:
    """Leaf first, its chain in order; None when there is no certificate at all.

    The leaf is the certificate that the key belongs to, whatever the order in the
    file. Of a bag (PKCS#7), what leads nowhere from the leaf is left out, and
    `material.left_out` says so: RFC 5652 10.2.3 lets more be there than are needed.
    Of any other file it is refused, since somebody chose what is in it. A root at the
    end is kept, as it was given.
    """
    if not material.certificates:
        return None
    leaf = _leaf(material, "key" if field == "certificate" else field)
    rest = [certificate for certificate in material.certificates if certificate != leaf]
    if material.bag:
        rest.sort(key=_shortest_and_longest)
    chain = _chain_from(leaf, rest)
    for stray in dict.fromkeys(rest):
        if stray in chain:
            continue
        if material.bag:
            material.left_out.append(stray)
            continue
        material.wrong.append(
            Refusal(
                "chain-unrelated",
                f"The certificate {shown_name(stray)!r} is no issuer in the leaf's chain.",
                field,
                "Give the server certificate and the certificates of its issuers only.",
            )
        )
    return Certificate(leaf=leaf, chain=chain, key=material.key)


def shown_name(certificate: x509.Certificate) -> str:
    """What to call a certificate in a sentence; at most 100 characters."""
    subject = certificate.subject
    return (common_name(subject) or subject.rfc4514_string() or "without a name")[:100]


def _leaf(material: Material, field: str) -> x509.Certificate:
    if material.key is not None:
        for certificate in material.certificates:
            if key_matches(certificate, material.key):
                return certificate
        material.wrong.append(
            Refusal(
                "key-mismatch",
                "The private key does not belong to the certificate.",
                field,
                "Give the key that the signing request was made with.",
            )
        )
    issuers = [certificate.issuer for certificate in material.certificates]
    for certificate in material.certificates:
        if certificate.subject not in issuers:
            return certificate
    return material.certificates[0]


def _shortest_and_longest(certificate: x509.Certificate) -> tuple[bool, float]:
    """Of cross-signed twins a root first, for the shorter chain; of renewed ones the later."""
    return (
        certificate.subject != certificate.issuer,
        -certificate.not_valid_after_utc.timestamp(),
    )


def _chain_from(
    leaf: x509.Certificate, others: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    chain: list[x509.Certificate] = []
    remaining = list(dict.fromkeys(others))
    current = leaf
    while current.subject != current.issuer:
        issuer = next((other for other in remaining if _issued_by(current, other)), None)
        if issuer is None:
            break
        chain.append(issuer)
        remaining.remove(issuer)
        current = issuer
    return tuple(chain)


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm):
        return False
    return True
