"""Making certificates: one common builder, with `now` and every date an argument.

Knows X.509 only: not who asks, not where the result is kept. The three profiles
are the shapes of what the box makes.
"""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from store.certificate import signature_algorithm
from store.names import Subject

ALGORITHMS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    # whitepaper 2.1
    "sha256RSA": hashes.SHA256,
    "sha384RSA": hashes.SHA384,
    "sha512RSA": hashes.SHA512,
}


class Profile(enum.Enum):
    """Which extensions a certificate gets.

    BARE: none at all; the default certificate, which "does not contain sufficient
        data apart from the LAN IP address" (whitepaper 1.1).
    SERVER: what every measured client and Apple's rules accept under a CA: CA:FALSE,
        digitalSignature + keyEncipherment, serverAuth, SKI and, when issued, AKI.
    AUTHORITY: critical CA:TRUE, critical keyCertSign + cRLSign, SKI.
    """

    BARE = "bare"
    SERVER = "server"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a certificate is to say.

    not_before, not_after: aware UTC, whole seconds.
    serial: positive, below 2**159 (RFC 5280: 20 octets); `random_serial()` makes one.
    algorithm: a key of `ALGORITHMS`.
    """

    subject: Subject
    not_before: datetime
    not_after: datetime
    serial: int
    algorithm: str = "sha256RSA"
    alternative_names: tuple[x509.GeneralName, ...] = ()
    crl_distribution_point: x509.GeneralName | None = None
    profile: Profile = Profile.SERVER


def random_serial() -> int:
    """A positive serial of eight octets.

    One bit short of the 64 random ones that public authorities need (CA/B Forum BR 7.1),
    so that it fits the integers of every JSON reader with 64-bit ones.
    """
    return secrets.randbits(62) | 1 << 62


def self_signed(wanted: Wanted, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """A certificate that `key` signs for itself; a server's, or an authority's."""
    builder = _builder(wanted, key.public_key(), issuer=wanted.subject.as_x509())
    return builder.sign(key, ALGORITHMS[wanted.algorithm]())


def issued(
    wanted: Wanted,
    public_key: rsa.RSAPublicKey,
    *,
    authority: x509.Certificate,
    authority_key: rsa.RSAPrivateKey,
) -> x509.Certificate:
    """A certificate for `public_key`, signed by `authority`.

    The authority key identifier is always there: without it, OpenSSL takes a
    certificate whose subject equals its issuer for a self-signed one.
    """
    builder = _builder(wanted, public_key, issuer=authority.subject)
    builder = builder.add_extension(authority_key_identifier(authority), critical=False)
    return builder.sign(authority_key, ALGORITHMS[wanted.algorithm]())


def signing_request(
    subject: Subject,
    key: rsa.RSAPrivateKey,
    *,
    algorithm: str = "sha256RSA",
    alternative_names: tuple[x509.GeneralName, ...] = (),
) -> x509.CertificateSigningRequest:
    """A PKCS#10 signing request (RFC 2986), with the SAN as requested extension."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject.as_x509())
    if alternative_names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(alternative_names), critical=False
        )
    return builder.sign(key, ALGORITHMS[algorithm]())


def redated(
    certificate: x509.Certificate,
    key: rsa.RSAPrivateKey,
    *,
    not_before: datetime,
    not_after: datetime,
) -> x509.Certificate:
    """`certificate` with another validity, signed again with `key`; all else is the same.

    Dates outside what X.509 can write (1950 to 9999) are moved to its edge.
    """
    first, last = writable(not_before, not_after)
    builder = x509.CertificateBuilder(
        issuer_name=certificate.issuer,
        subject_name=certificate.subject,
        public_key=_certified_key(certificate),
        serial_number=certificate.serial_number,
        not_valid_before=first.replace(tzinfo=None),
        not_valid_after=last.replace(tzinfo=None),
        extensions=list(certificate.extensions),
    )
    return builder.sign(key, ALGORITHMS[signature_algorithm(certificate)]())


def writable(not_before: datetime, not_after: datetime) -> tuple[datetime, datetime]:
    """A validity that X.509 can write: whole seconds, 1950 to 9999, its end after its start."""
    first = min(max(not_before.replace(microsecond=0), _EARLIEST), _LATEST - timedelta(seconds=1))
    last = min(max(not_after.replace(microsecond=0), first + timedelta(seconds=1)), _LATEST)
    return first, last


def _certified_key(certificate: x509.Certificate) -> rsa.RSAPublicKey:
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)  # the box makes and takes no other
    return key


_EARLIEST = datetime(1950, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def add_years(moment: datetime, years: int) -> datetime:
    """The same day `years` later; 29 February becomes the 28th where there is none."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def _builder(
    wanted: Wanted, public_key: rsa.RSAPublicKey, *, issuer: x509.Name
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(wanted.subject.as_x509())
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(wanted.serial)
        .not_valid_before(wanted.not_before)
        .not_valid_after(wanted.not_after)
    )
    for extension, critical in _extensions(wanted, public_key):
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _extensions(
    wanted: Wanted, public_key: rsa.RSAPublicKey
) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if wanted.profile is not Profile.BARE:
        authority = wanted.profile is Profile.AUTHORITY
        found = [
            (x509.BasicConstraints(ca=authority, path_length=None), True),
            (key_usage(server=not authority, authority=authority), True),
            (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        ]
        if not authority:
            found.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
    if wanted.alternative_names:
        found.append((x509.SubjectAlternativeName(wanted.alternative_names), False))
    if wanted.crl_distribution_point is not None:
        point = x509.DistributionPoint([wanted.crl_distribution_point], None, None, None)
        found.append((x509.CRLDistributionPoints([point]), False))
    return found


def key_usage(*, server: bool, authority: bool) -> x509.KeyUsage:
    """The key usage of a TLS server, of an authority, or of both."""
    return x509.KeyUsage(
        digital_signature=server,
        content_commitment=False,
        key_encipherment=server and not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def authority_key_identifier(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """What a certificate issued by `authority` says of its issuer's key."""
    try:
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        key = authority.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)
