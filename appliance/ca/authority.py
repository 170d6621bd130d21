"""The CA's keys and certificates: two roots, one intermediate, and what it issues.

X.509 by the CA/B Forum's profile (BR 7.1.2). Time is told. Signing takes a millisecond, making
an authority a second: for an executor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from appliance.acme.wire import Identifier
from appliance.ca.csr import PublicKey
from store.issuing import authority_key_identifier, key_usage
from store.revocation import revocation_list

ORGANIZATION = "OSBiz Practice"
DOMAIN_VALIDATED = x509.ObjectIdentifier("2.23.140.1.2.1")
BACKDATED = timedelta(hours=1)  # for subscribers whose clocks are behind, as Let's Encrypt has it
_YEAR = timedelta(days=365)
_CN_MOST = 64


@dataclass(frozen=True, slots=True)
class Places:
    """Where clients look for what an issuer publishes: absolute URLs, plain HTTP.

    ocsp: None where it answers none.
    """

    issuer: str
    revocation_list: str
    ocsp: str | None


@dataclass(frozen=True)
class Authority:
    """Keys and certificates of a CA.

    intermediates: the same intermediate, issued by each of `roots`; the first is the default.
    key: the intermediate's. root_keys: those of `roots`.
    """

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    key: rsa.RSAPrivateKey
    root_keys: tuple[rsa.RSAPrivateKey, ...]

    @classmethod
    def make(cls, *, around: tuple[datetime, ...], base: str) -> Authority:
        """A new one, whose roots are valid at all moments `around` and many years more.

        The moments are those of the CA's calendar and of the real one, since clients may follow
        either. base: the URL below which roots publish, `/root-1.crl` and `/root-1.cer` the first.
        """
        before, after = min(around) - 5 * _YEAR, max(around) + 20 * _YEAR
        before, after = before.replace(microsecond=0), after.replace(microsecond=0)
        keys = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
        middle = _name("OSBiz Practice CA R1")
        roots = []
        for number, key in zip((1, 2), keys, strict=False):
            name = _name(f"OSBiz Practice Root X{number}")
            builder = _base(name, name, key.public_key(), before, after)
            builder = _as_authority(builder, key.public_key(), path_length=None)
            own = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
            builder = builder.add_extension(own, critical=False)
            roots.append(builder.sign(key, hashes.SHA256()))
        intermediates = []
        for number, (root, key) in enumerate(zip(roots, keys, strict=False), 1):
            builder = _base(middle, root.subject, keys[2].public_key(), before, after)
            builder = _as_authority(builder, keys[2].public_key(), path_length=0)
            builder = (
                builder.add_extension(authority_key_identifier(root), critical=False)
                .add_extension(
                    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
                )
                .add_extension(_policies(), critical=False)
            )
            above = f"{base}/root-{number}"
            builder = _published(builder, Places(f"{above}.cer", f"{above}.crl", None))
            intermediates.append(builder.sign(key, hashes.SHA256()))
        return cls(tuple(roots), tuple(intermediates), keys[2], tuple(keys[:2]))

    @property
    def issuer(self) -> x509.Certificate:
        """The intermediate that issues."""
        return self.intermediates[0]

    @property
    def trust(self) -> str:
        """What clients are to trust: the first root, as PEM."""
        return pem(self.roots[0])

    def chain(self, leaf: x509.Certificate, *, alternate: int = 0) -> str:
        """`leaf` and what leads to root number `alternate`, as PEM."""
        return pem(leaf) + pem(self.intermediates[alternate])

    def root_list(self, number: int, *, now: datetime) -> bytes:
        """The CRL (DER) of root number `number`: no intermediate was ever revoked."""
        root, key = self.roots[number], self.root_keys[number]
        return revocation_list({}, issuer=root, key=key, now=now.replace(microsecond=0))

    def issue(
        self,
        names: tuple[Identifier, ...],
        key: PublicKey,
        *,
        now: datetime,
        life: timedelta,
        places: Places | None,
    ) -> x509.Certificate:
        """A certificate for `names`, valid for `life` from an hour before `now`.

        `not_after` is the last second of it (BR 6.3.2 counts it in). places: None leaves out
        where to ask about revocation, for the CA's own server.
        """
        start = now.replace(microsecond=0) - BACKDATED
        end = start + life - timedelta(seconds=1)
        subject = next((one.value for one in names if len(one.value) <= _CN_MOST), None)
        name = x509.Name(
            [] if subject is None else [x509.NameAttribute(NameOID.COMMON_NAME, subject)]
        )
        builder = _base(name, self.issuer.subject, key, start, end)
        usage = key_usage(server=True, authority=False)
        if isinstance(key, ec.EllipticCurvePublicKey):
            usage = _signing_only()
        alternative = x509.SubjectAlternativeName([one.general_name for one in names])
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(alternative, critical=subject is None)
            .add_extension(authority_key_identifier(self.issuer), critical=False)
            .add_extension(_policies(), critical=False)
        )
        if places is not None:
            builder = _published(builder, places)
        return builder.sign(self.key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    """As PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _published(builder: x509.CertificateBuilder, places: Places) -> x509.CertificateBuilder:
    def url(text: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(text)

    ways = [(AuthorityInformationAccessOID.CA_ISSUERS, places.issuer)]
    if places.ocsp is not None:
        ways.insert(0, (AuthorityInformationAccessOID.OCSP, places.ocsp))
    access = x509.AuthorityInformationAccess(
        [x509.AccessDescription(way, url(where)) for way, where in ways]
    )
    point = x509.DistributionPoint([url(places.revocation_list)], None, None, None)
    return builder.add_extension(access, critical=False).add_extension(
        x509.CRLDistributionPoints([point]), critical=False
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _base(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _as_authority(
    builder: x509.CertificateBuilder, key: PublicKey, *, path_length: int | None
) -> x509.CertificateBuilder:
    return (
        builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=path_length), critical=True
        )
        .add_extension(key_usage(server=True, authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _policies() -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(DOMAIN_VALIDATED, None)])


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(True, False, False, False, False, False, False, False, False)
