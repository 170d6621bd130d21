"""What the box accepts as a server certificate: whitepaper 2.1 and 3.1, as a table.

Each requirement looks at a certificate and its key and says what is wrong, or
nothing; all of them are asked, so that all that is wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from store.certificate import signature_algorithm
from store.issuing import ALGORITHMS
from store.keys import KEY_BITS
from store.refusals import Refusal

PASSPHRASE_LENGTH = range(7, 33)  # whitepaper 3.1 step 1: at least 7, at most 32 characters


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule.

    instead: what would be right, for the refusal.
    source: where the rule is written.
    broken: given the leaf, says what is wrong, or None.
    """

    code: str
    field: str
    instead: str
    source: str
    broken: Callable[[x509.Certificate], str | None]


def _algorithm(leaf: x509.Certificate) -> str | None:
    name = signature_algorithm(leaf)
    return None if name in ALGORITHMS else f"It is signed with {name}."


def _key_kind(leaf: x509.Certificate) -> str | None:
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return f"Its public key is {_kind(key)}, not RSA."
    if key.key_size != KEY_BITS:
        return f"Its public key has {key.key_size} bits."
    return None


def _kind(key: object) -> str:
    name = type(key).__name__.removesuffix("PublicKey")
    return {"EllipticCurve": "an elliptic curve"}.get(name, name)


def _purpose(leaf: x509.Certificate) -> str | None:
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usages = None
    good = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if usages is not None and good.isdisjoint(usages):
        return "Its extended key usage does not name TLS server authentication."
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if not (usage.digital_signature or usage.key_encipherment or usage.key_agreement):
        return "Its key usage lets it sign certificates, not serve TLS."
    return None


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "signature-algorithm",
        "certificate",
        "Supported are sha256RSA, sha384RSA and sha512RSA.",
        "whitepaper 2.1",
        _algorithm,
    ),
    Requirement(
        "key-length",
        "certificate",
        "The public key must be RSA of 2048 bits.",
        "whitepaper 2.1",
        _key_kind,
    ),
    Requirement(
        "not-a-server-certificate",
        "certificate",
        "A TLS server certificate is needed.",
        "whitepaper 2.1",
        _purpose,
    ),
)


def broken_requirements(leaf: x509.Certificate) -> Iterator[Refusal]:
    """Every requirement that `leaf` breaks, as a refusal."""
    for requirement in REQUIREMENTS:
        message = requirement.broken(leaf)
        if message is not None:
            yield Refusal(requirement.code, message, requirement.field, requirement.instead)


def passphrase_refusals(passphrase: str) -> Iterator[Refusal]:
    """What is wrong with a passphrase; its text is in no refusal."""
    if len(passphrase) not in PASSPHRASE_LENGTH:
        yield Refusal(
            "passphrase-length",
            f"The passphrase has {len(passphrase)} characters.",
            "passphrase",
            "It needs at least 7 and at most 32.",
        )
    elif any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in passphrase):
        yield Refusal(
            "passphrase-characters",
            "The passphrase contains a control character.",
            "passphrase",
            "Use printable characters.",
        )


def key_matches(leaf: x509.Certificate, key: rsa.RSAPrivateKey) -> bool:
    """Whether `key` is the private half of the leaf's public key."""
    public = leaf.public_key()
    return (
        isinstance(public, rsa.RSAPublicKey)
        and public.public_numbers() == key.public_key().public_numbers()
    )
