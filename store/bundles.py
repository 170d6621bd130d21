"""Bytes to material and back: PEM, DER, PKCS#7, PKCS#12.

What people upload is read here, with a refusal for each thing that is wrong; what
they download is written here. Nothing is put in order (that is `store.chains`) or
judged (`store.requirements`), and nothing is kept. Reading an encrypted or a foreign key
takes tens of milliseconds: call it off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from store.certificate import Certificate
from store.certificate_files import as_bytes, pem_blocks, read_certificates, readable
from store.der import MAX_ITERATIONS, iterations_asked, looks_like_pkcs12
from store.foreign import UNREADABLE, collected_warnings
from store.mistaken import mistaken
from store.old_sealing import sealed_beyond_us
from store.refusals import Refusal

# What to type where this OpenSSL lacks what a file is sealed with.
_AGAIN = {
    "pkcs12": "openssl pkcs12 -legacy -in FILE -nodes | openssl pkcs12 -export -out NEW.p12",
    "key": "openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW.key",
}


@dataclass(slots=True)
class Material:
    """What was found in an upload.

    certificates: in the order found.
    bag: whether they came as PKCS#7: in no order, and perhaps more than are needed.
    left_out: what of a bag is not needed, once it has been put in order.
    key: None when there was none, or none that could be read.
    wrong: everything that could not be read; empty when all could.
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    bag: bool = False
    left_out: list[x509.Certificate] = field(default_factory=list)
    key: rsa.RSAPrivateKey | None = field(default=None, repr=False)
    wrong: list[Refusal] = field(default_factory=list)


def read_files(certificate: bytes, key: bytes | None, passphrase: str) -> Material:
    """The certificate file (PEM, DER, PKCS#7; with its chain) and the key file (PEM or DER)."""
    material = Material()
    found = read_certificates(as_bytes(certificate), material.wrong)
    material.certificates, material.bag = found.certificates, found.bag
    if key is not None:
        material.key = _read_key(as_bytes(key), passphrase, material.wrong)
    return material


def read_pkcs12(data: bytes, passphrase: str) -> Material:
    """A PKCS#12 file with its key, certificate and chain."""
    material = Material()
    data = _unarmoured(as_bytes(data))
    if not looks_like_pkcs12(data):
        material.wrong.append(
            mistaken(data, "pkcs12")
            or Refusal(
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
            _unsupported("pkcs12")
            if sealed_beyond_us(data)
            else Refusal(
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
    material.certificates = readable(found, "pkcs12", material.wrong)
    if bundle.key is None:
        material.wrong.append(Refusal("no-key", "The PKCS#12 file holds no key.", "pkcs12"))
    else:
        material.key = _rsa_only(bundle.key, "pkcs12", material.wrong)
    return material


def _unarmoured(data: bytes) -> bytes:
    """PKCS#12 as DER: certtool and `openssl base64` wrap it as PEM."""
    contents = [content for label, content in pem_blocks(data) if label == b"PKCS12"]
    return contents[0] or data if contents else data


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
                mistaken(data, "key")
                or Refusal(
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
        "Make it again with AES-256, as openssl does by itself: " + _AGAIN[field],
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
