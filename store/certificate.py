"""A certificate as a value: leaf, chain, perhaps its key; and how it is shown.

Knows nothing of where certificates are kept or served. Display forms follow the
whitepaper's screenshots (section 4.2); machine forms are lower-case hex and ISO 8601.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtensionOID, NameOID

_SHORT_NAMES = {
    NameOID.COUNTRY_NAME: "C",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.LOCALITY_NAME: "L",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.DOMAIN_COMPONENT: "DC",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A leaf, the certificates sent after it, and its private key.

    chain: what follows the leaf on the wire, in the order it is sent.
    key: None when the box does not hold it (such a certificate can't be activated).
    """

    leaf: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    key: rsa.RSAPrivateKey | None = field(default=None, repr=False, compare=False)

    @property
    def not_before(self) -> datetime:
        """First moment of validity (aware UTC)."""
        return self.leaf.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """Last moment of validity (aware UTC); inclusive, RFC 5280 4.1.2.5."""
        return self.leaf.not_valid_after_utc

    @property
    def serial(self) -> int:
        """The serial number as an integer."""
        return self.leaf.serial_number

    @property
    def pem(self) -> str:
        """Leaf, then chain, as PEM text; never the key."""
        return "".join(
            part.public_bytes(serialization.Encoding.PEM).decode("ascii")
            for part in (self.leaf, *self.chain)
        )

    def fingerprint(self, algorithm: str) -> str:
        """Lower-case hex digest of the leaf's DER; `algorithm` is `sha1` or `sha256`."""
        der = self.leaf.public_bytes(serialization.Encoding.DER)
        return hashlib.new(algorithm, der, usedforsecurity=False).hexdigest()

    @property
    def chain_of_issued(self) -> tuple[x509.Certificate, ...]:
        """What is sent after a certificate that this authority issues: never the root."""
        root = self.leaf.issuer == self.leaf.subject
        return () if root else (self.leaf, *self.chain)

    @property
    def key_sha256(self) -> str:
        """Lower-case hex SHA-256 of the leaf's public key (SubjectPublicKeyInfo, RFC 7469).

        It stays the same when a certificate's dates are moved, or it is renewed with its key.
        """
        return hashlib.sha256(
            self.leaf.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        ).hexdigest()

    def valid_at(self, now: datetime) -> bool:
        """Whether `now` lies within the validity, both ends included."""
        return self.not_before <= now <= self.not_after

    def days_left(self, now: datetime) -> int:
        """Whole days until `not_after`, rounded down; negative once it has passed."""
        return (self.not_after - now).days


def name_as_dict(name: x509.Name) -> dict[str, str]:
    """A distinguished name as `{"C": …, "CN": …}`; repeated attributes joined by `, `."""
    result: dict[str, str] = {}
    for attribute in name:
        key = _SHORT_NAMES.get(attribute.oid, attribute.oid.dotted_string)
        value = attribute.value
        text = value if isinstance(value, str) else value.hex()
        result[key] = f"{result[key]}, {text}" if key in result else text
    return result


def common_name(name: x509.Name) -> str | None:
    """The first CN of `name`, or None."""
    for attribute in name.get_attributes_for_oid(NameOID.COMMON_NAME):
        return attribute.value if isinstance(attribute.value, str) else attribute.value.hex()
    return None


def alternative_names(extensions: x509.Extensions) -> tuple[str, ...]:
    """The subject alternative names as `DNS:…`, `IP:…`, `email:…`, `URI:…`, `DirName:…`."""
    try:
        names = extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return ()
    assert isinstance(names, x509.SubjectAlternativeName)
    return tuple(_general_name(name) for name in names)


def _general_name(name: x509.GeneralName) -> str:
    match name:
        case x509.DNSName():
            return f"DNS:{name.value}"
        case x509.IPAddress():
            return f"IP:{name.value}"
        case x509.RFC822Name():
            return f"email:{name.value}"
        case x509.UniformResourceIdentifier():
            return f"URI:{name.value}"
        case x509.DirectoryName():
            return f"DirName:{name.value.rfc4514_string()}"
        case x509.RegisteredID():
            return f"RID:{name.value.dotted_string}"
        case _:
            return "other"


def signature_algorithm(certificate: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """The signature algorithm as the whitepaper spells it (`sha256RSA`), else X.509's name."""
    name: str = certificate.signature_algorithm_oid._name
    if name.endswith("WithRSAEncryption"):
        return name.removesuffix("WithRSAEncryption") + "RSA"
    return name


def key_bits(certificate: x509.Certificate | x509.CertificateSigningRequest) -> int | None:
    """The public key's length in bits; None for kinds without one (Ed25519)."""
    size: int | None = getattr(certificate.public_key(), "key_size", None)
    return size


def serial_hex(serial: int) -> str:
    """The serial as the portal shows it: upper-case hex, whole bytes (`075BCD15`)."""
    digits = f"{abs(serial):X}"
    return ("-" if serial < 0 else "") + digits.rjust(len(digits) + len(digits) % 2, "0")


def fingerprint_groups(digest: str) -> str:
    """A hex digest as the portal shows it: groups of four, upper case."""
    return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4)).upper()


def long_date(moment: datetime) -> str:
    """A date as the portal shows it: `Friday, 11/17/2023 00:00:00` (GMT)."""
    utc = moment.astimezone(UTC)  # strftime's %Y does not pad years before 1000
    return utc.strftime(f"%A, %m/%d/{utc.year:04} %H:%M:%S")


def iso_time(moment: datetime) -> str:
    """A time as every interface writes it: `2024-01-01T00:00:00Z`."""
    utc = moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
