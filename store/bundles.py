"""Bytes to material and back: PEM, DER, PKCS#12.

What people upload is read here, with a refusal for each thing that is wrong; what
they download is written here. Nothing is judged (that is `store.requirements`) and
nothing is kept. Reading an encrypted or a foreign key takes tens of milliseconds:
call it off the event loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from store.certificate import Certificate, common_name
from store.der import MAX_ITERATIONS, iterations_asked, looks_like_pkcs12
from store.foreign import UNREADABLE, collected_warnings, why_unreadable
from store.refusals import Refusal
from store.requirements import key_matches

MAX_CERTIFICATES = 20


@dataclass(slots=True)
class Material:
    """What was found in an upload.

    certificates: in the order found.
    key: None when there was none, or none that could be read.
    wrong: everything that could not be read; empty when all could.
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    key: rsa.RSAPrivateKey | None = field(default=None, repr=False)
    wrong: list[Refusal] = field(default_factory=list)


def read_files(certificate: bytes, key: bytes | None, passphrase: str) -> Material:
    """The certificate file (PEM with its chain, or DER) and the key file (PEM or DER)."""
    material = Material()
    material.certificates = _read_certificates(certificate, material.wrong)
    if key is not None:
        material.key = _read_key(key, passphrase, material.wrong)
    return material


def read_pkcs12(data: bytes, passphrase: str) -> Material:
    """A PKCS#12 file with its key, certificate and chain."""
    material = Material()
    if not looks_like_pkcs12(data):
        material.wrong.append(
            Refusal(
                "not-pkcs12",
                "The file is no PKCS#12 file.",
                "pkcs12",
                "Choose a .p12 or .pfx file; give PEM files as certificate and key."
                if b"-----BEGIN" in data
                else "Choose a .p12 or .pfx file.",
            )
        )
        return material
    if _too_much_work(data, "pkcs12", material.wrong):
        return material
    try:
        with collected_warnings():  # one is for BER, which many tools write
            bundle = pkcs12.load_pkcs12(data, passphrase.encode("utf-8"))
    except UnsupportedAlgorithm:
        material.wrong.append(_unsupported("pkcs12"))
        return material
    except UNREADABLE:
        material.wrong.append(
            Refusal(
                "passphrase-wrong",
                "The PKCS#12 file can't be opened with this passphrase, or it is damaged.",
                "passphrase",
                "Give the passphrase the file was made with.",
            )
        )
        return material
    found = [] if bundle.cert is None else [bundle.cert.certificate]
    found += [extra.certificate for extra in bundle.additional_certs]
    if not found:
        material.wrong.append(
            Refusal("no-certificate", "The PKCS#12 file holds no certificate.", "pkcs12")
        )
    material.certificates = _all_readable(found, "pkcs12", material.wrong)
    if bundle.key is None:
        material.wrong.append(Refusal("no-key", "The PKCS#12 file holds no key.", "pkcs12"))
    else:
        material.key = _rsa_only(bundle.key, "pkcs12", material.wrong)
    return material


def assemble(material: Material, *, field: str) -> Certificate | None:
    """Leaf first, its chain in order; None when there is no certificate at all.

    The leaf is the certificate that the key belongs to, whatever the order in the
    file. Certificates that lead nowhere from the leaf are refused, not dropped
    silently; a root at the end is kept, as it was given.
    """
    if not material.certificates:
        return None
    leaf = material.certificates[0]
    if material.key is not None:
        for certificate in material.certificates:
            if key_matches(certificate, material.key):
                leaf = certificate
                break
        else:
            material.wrong.append(
                Refusal(
                    "key-mismatch",
                    "The private key does not belong to the certificate.",
                    "key" if field == "certificate" else field,
                    "Give the key that the signing request was made with.",
                )
            )
    rest = [certificate for certificate in material.certificates if certificate != leaf]
    chain = _chain_from(leaf, rest)
    for stray in rest:
        if stray not in chain:
            name = common_name(stray.subject) or stray.subject.rfc4514_string() or "without a name"
            material.wrong.append(
                Refusal(
                    "chain-unrelated",
                    f"The certificate {name[:100]!r} is no issuer in the leaf's chain.",
                    field,
                    "Give the server certificate and the certificates of its issuers only.",
                )
            )
    return Certificate(leaf=leaf, chain=chain, key=material.key)


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


def _read_certificates(data: bytes, wrong: list[Refusal]) -> list[x509.Certificate]:
    try:
        with collected_warnings():
            if b"-----BEGIN" in data:
                found = x509.load_pem_x509_certificates(data)
            else:
                found = [x509.load_der_x509_certificate(data)]
    except UNREADABLE:
        wrong.append(
            Refusal(
                "not-a-certificate",
                "The file holds no X.509 certificate that can be read.",
                "certificate",
                "Choose a PEM (.cer, .crt, .pem) or DER file.",
            )
        )
        return []
    return _all_readable(found, "certificate", wrong)


def _all_readable(
    found: list[x509.Certificate], field: str, wrong: list[Refusal]
) -> list[x509.Certificate]:
    """`found`, or nothing when they are too many or one of them can't be read through."""
    if len(found) > MAX_CERTIFICATES:
        wrong.append(
            Refusal(
                "chain-length",
                f"The file holds {len(found)} certificates.",
                field,
                f"At most {MAX_CERTIFICATES} are taken.",
            )
        )
        return []
    reasons = [why_unreadable(certificate) for certificate in found]
    for number, reason in enumerate(reasons, start=1):
        if reason is not None:
            wrong.append(
                Refusal(
                    "certificate-malformed",
                    f"Certificate {number} of {len(found)} is malformed. {reason}",
                    field,
                    "Have it issued again.",
                )
            )
    return [] if any(reasons) else found


def _read_key(data: bytes, passphrase: str, wrong: list[Refusal]) -> rsa.RSAPrivateKey | None:
    if _too_much_work(data, "key", wrong):
        return None
    pem = b"-----BEGIN" in data
    load = serialization.load_pem_private_key if pem else serialization.load_der_private_key
    encrypted = b"ENCRYPTED" in data
    try:
        with collected_warnings():
            try:
                key = load(data, None)
            except TypeError:
                encrypted = True
                key = load(data, passphrase.encode("utf-8"))
    except UnsupportedAlgorithm:
        wrong.append(_unsupported("key"))
        return None
    except UNREADABLE as error:
        if "Unknown key encryption" in str(error):  # a ValueError like a wrong passphrase's
            wrong.append(_unsupported("key"))
        elif encrypted:
            wrong.append(
                Refusal(
                    "passphrase-wrong",
                    "The key file can't be opened with this passphrase, or it is damaged.",
                    "passphrase",
                    "Give the passphrase that the key file is encrypted with.",
                )
            )
        else:
            wrong.append(
                Refusal(
                    "not-a-key",
                    "The file holds no private key that can be read.",
                    "key",
                    "Choose the .key file that belongs to the certificate (PEM or DER).",
                )
            )
        return None
    return _rsa_only(key, "key", wrong)


def _rsa_only(key: object, field: str, wrong: list[Refusal]) -> rsa.RSAPrivateKey | None:
    if isinstance(key, rsa.RSAPrivateKey):
        return key
    wrong.append(
        Refusal(
            "key-kind", "The private key is no RSA key.", field, "Give an RSA key of 2048 bits."
        )
    )
    return None


def _unsupported(field: str) -> Refusal:
    return Refusal(
        "encryption-unsupported",
        "The file is encrypted with an algorithm that is not supported.",
        field,
        "Make it again with AES-256, as openssl does by itself.",
    )


def _too_much_work(data: bytes, field: str, wrong: list[Refusal]) -> bool:
    if iterations_asked(data) <= MAX_ITERATIONS:
        return False
    wrong.append(
        Refusal(
            "too-many-iterations",
            f"The file asks for more than {MAX_ITERATIONS:,} rounds of key derivation.",
            field,
            "Make it again with fewer.",
        )
    )
    return True


def write_pkcs12(certificate: Certificate, *, name: str, passphrase: str) -> bytes:
    """Key, leaf and chain as PKCS#12, sealed with `passphrase` (PBES2, AES-256)."""
    return pkcs12.serialize_key_and_certificates(
        name.encode("utf-8"),
        certificate.key,
        certificate.leaf,
        certificate.chain or None,
        serialization.BestAvailableEncryption(passphrase.encode("utf-8")),
    )
