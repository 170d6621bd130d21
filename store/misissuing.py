"""Certificates that no good authority would issue, each wrong where it is asked for.

Beside `store.issuing`, which makes what a box may show in good faith; this is for faults.
Knows X.509 only: neither who asks nor what for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from store.issuing import authority_key_identifier, key_usage

PURPOSES = {
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
}
# An arc for private use: 2.25 and a UUID (ITU-T X.667).
_PADDING = x509.ObjectIdentifier("2.25.229127064182473613420986461871306712645")

# DER of AlgorithmIdentifiers (RFC 4055): as long as each other, but for the OID's last octet.
_SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
_SHA1_RSA = bytes.fromhex("300d06092a864886f70d0101050500")
_BIT_STRING, _OCTET_STRING, _SEQUENCE = 0x03, 0x04, 0x30


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf is to say.

    not_before, not_after: aware UTC, whole seconds.
    authority: CA:TRUE with keyCertSign, besides digitalSignature.
    purposes: keys of `PURPOSES`; empty leaves extended key usage out.
    must_staple: the TLS feature status_request (RFC 7633).
    padding: octets in a private extension that says nothing.
    crl, ocsp: where revocation can be asked; empty says nothing of it.
    """

    common_name: str
    alternative_names: tuple[x509.GeneralName, ...]
    not_before: datetime
    not_after: datetime
    serial: int
    authority: bool = False
    purposes: tuple[str, ...] = ("server",)
    must_staple: bool = False
    padding: int = 0
    crl: str = ""
    ocsp: str = ""


def misissued(
    leaf: Leaf,
    public_key: rsa.RSAPublicKey,
    *,
    authority: x509.Certificate,
    authority_key: rsa.RSAPrivateKey,
) -> x509.Certificate:
    """`leaf` for `public_key`, signed by `authority` with SHA-256."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, leaf.common_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.subject)
        .public_key(public_key)
        .serial_number(leaf.serial)
        .not_valid_before(leaf.not_before)
        .not_valid_after(leaf.not_after)
    )
    for extension, critical in _extensions(leaf, public_key):
        builder = builder.add_extension(extension, critical=critical)
    builder = builder.add_extension(authority_key_identifier(authority), critical=False)
    return builder.sign(authority_key, hashes.SHA256())


def _extensions(leaf: Leaf, public_key: rsa.RSAPublicKey) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=leaf.authority, path_length=None), True),
        (key_usage(server=True, authority=leaf.authority), True),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
    ]
    if leaf.purposes:
        purposes = [PURPOSES[purpose] for purpose in leaf.purposes]
        found.append((x509.ExtendedKeyUsage(purposes), False))
    if leaf.alternative_names:
        found.append((x509.SubjectAlternativeName(leaf.alternative_names), False))
    if leaf.must_staple:
        found.append((x509.TLSFeature([x509.TLSFeatureType.status_request]), False))
    if leaf.crl:
        place = x509.DistributionPoint([_uri(leaf.crl)], None, None, None)
        found.append((x509.CRLDistributionPoints([place]), False))
    if leaf.ocsp:
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _uri(leaf.ocsp))
        found.append((x509.AuthorityInformationAccess([access]), False))
    if leaf.padding:
        # Noise, so that nothing on the way can make it smaller.
        noise = _der(_OCTET_STRING, os.urandom(leaf.padding))
        found.append((x509.UnrecognizedExtension(_PADDING, noise), False))
    return found


def _uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


def signed_with_sha1(
    certificate: x509.Certificate, authority_key: rsa.RSAPrivateKey
) -> x509.Certificate:
    """`certificate`, which SHA-256 signed, signed with SHA-1 instead.

    By hand, since no builder makes such a thing any more (and rightly so).
    """
    # Within what is signed the algorithm follows version and serial number, so it is the first.
    signed = certificate.tbs_certificate_bytes.replace(_SHA256_RSA, _SHA1_RSA, 1)
    signature = authority_key.sign(signed, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    whole = signed + _SHA1_RSA + _der(_BIT_STRING, b"\0" + signature)
    return x509.load_der_x509_certificate(_der(_SEQUENCE, whole))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    header = bytes([size]) if size < 128 else bytes([0x80 | len(length)]) + length
    return bytes([tag]) + header + content


def unfit_key(key: rsa.RSAPrivateKey) -> rsa.RSAPrivateKey:
    """A key that claims `key`'s public half, but whose signatures are another's.

    TLS libraries compare public halves before they serve a certificate; this passes, and
    then no signature made with it can be verified.
    """
    numbers = key.private_numbers()
    return rsa.RSAPrivateNumbers(
        p=numbers.p,
        q=numbers.q,
        d=numbers.d - 2,
        dmp1=numbers.dmp1 - 2,
        dmq1=numbers.dmq1 - 2,
        iqmp=numbers.iqmp,
        public_numbers=numbers.public_numbers,
    ).private_key(unsafe_skip_rsa_key_validation=True)
