"""How certificates are shown: "Display General Information" as in the whitepaper (4.2).

Turns certificates into rows of text. Knows no HTML; labels are looked up later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from store.certificate import (
    Certificate,
    alternative_names,
    common_name,
    fingerprint_groups,
    key_bits,
    long_date,
    name_as_dict,
    serial_hex,
    signature_algorithm,
)
from store.inventory import Holding, Kind
from webserver.portal.texts import mark

NOTHING = "---"  # the whitepaper's screenshot
KEY_LINE_DIGITS = 32

# The whitepaper's terms, in every language.
TYPES: dict[Kind, str] = {
    Kind.DEFAULT: "Self-Signed Certificate",
    Kind.SELF_SIGNED: "Self-Signed Certificate",
    Kind.AUTHORITY: "Self-Signed CA Certificate",
    Kind.SERVER: "CA-Signed Server Certificate",
    Kind.REQUEST: "Certificate Signing Request (CSR)",
    Kind.IMPORTED: "Imported Certificate",
}
ORIGINS: dict[Kind, str] = {
    Kind.DEFAULT: mark("default"),
    Kind.SELF_SIGNED: mark("self-signed"),
    Kind.AUTHORITY: mark("CA certificate"),
    Kind.SERVER: mark("CA-signed"),
    Kind.REQUEST: mark("signing request"),
    Kind.IMPORTED: mark("imported"),
}
_ATTRIBUTES = {
    "C": mark("Country (C)"),
    "O": mark("Organization (O)"),
    "OU": mark("Organization Unit (OU)"),
    "CN": mark("Common Name (CN)"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A label with its value, which may have several lines.

    label: to be looked up in the catalogue.
    code: whether the value is for reading digit by digit.
    """

    label: str
    lines: tuple[str, ...]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading; the first section has none."""

    title: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Validity:
    """Where in its validity a certificate is.

    days: whole days left, negative once it is over.
    part: how much of the validity has passed, 0 to 100.
    """

    not_before: datetime
    not_after: datetime
    days: int
    part: float
    state: str


def validity(certificate: Certificate, now: datetime) -> Validity:
    """The validity of `certificate` against `now`; state is `valid`, `soon`, `over` or `early`."""
    whole = (certificate.not_after - certificate.not_before).total_seconds()
    passed = (now - certificate.not_before).total_seconds()
    days = certificate.days_left(now)
    state = "soon" if days < 30 else "valid"
    if now > certificate.not_after:
        state = "over"
    elif now < certificate.not_before:
        state = "early"
    return Validity(
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        days=days,
        part=round(min(max(passed / whole if whole > 0 else 1.0, 0.0), 1.0) * 100, 2),
        state=state,
    )


def subject_cn(holding: Holding) -> str:
    """The subject's CN, or dashes."""
    material = holding.certificate.leaf if holding.certificate else holding.request
    assert material is not None
    return common_name(material.subject) or NOTHING


def general_information(holding: Holding) -> tuple[Section, ...]:
    """Everything the page shows, in the screenshot's order and with its labels."""
    name = (
        Row(mark("Name of the Certificate"), (holding.name,)),
        Row(mark("Certificate Type"), (TYPES[holding.kind],)),
    )
    if holding.certificate is None:
        assert holding.request is not None
        return _request_sections(name, holding.request)
    return certificate_sections(holding.certificate, name)


def certificate_sections(
    certificate: Certificate, head: tuple[Row, ...] = ()
) -> tuple[Section, ...]:
    """The same for a certificate that is in no inventory here."""
    leaf = certificate.leaf
    general = (
        *head,
        Row(mark("Serial Number of Certificate"), (str(certificate.serial),), code=True),
        Row(
            mark("Serial Number of Certificate (hex)"), (serial_hex(certificate.serial),), code=True
        ),
        Row(mark("Type of Signature Algorithm"), (signature_algorithm(leaf),)),
        Row(mark("Start Time of Validity Period (GMT)"), (long_date(certificate.not_before),)),
        Row(mark("End Time of Validity Period (GMT)"), (long_date(certificate.not_after),)),
        Row(mark("CRL Distribution Point"), crl_distribution_points(leaf) or (NOTHING,)),
    )
    fingerprints = (
        Row(mark("Fingerprint"), (fingerprint_groups(certificate.fingerprint("sha1")),), code=True),
        Row(
            mark("Fingerprint (SHA-256)"),
            (fingerprint_groups(certificate.fingerprint("sha256")),),
            code=True,
        ),
    )
    sections = (
        Section(None, general),
        Section(mark("Issued by CA"), _name_rows(leaf.issuer)),
        Section(mark("Subject Name"), _name_rows(leaf.subject)),
        Section(mark("Subject Alternative Name"), _alternative_rows(leaf.extensions)),
        Section(mark("Public Key Encryption Data"), (*_key_rows(leaf), *fingerprints)),
    )
    if not certificate.chain:
        return sections
    chain = tuple(part.subject.rfc4514_string() or NOTHING for part in certificate.chain)
    return (*sections, Section(mark("Certificate Chain"), (Row(mark("Sent after it"), chain),)))


def _request_sections(
    head: tuple[Row, ...], request: x509.CertificateSigningRequest
) -> tuple[Section, ...]:
    algorithm = Row(mark("Type of Signature Algorithm"), (signature_algorithm(request),))
    return (
        Section(None, (*head, algorithm)),
        Section(mark("Subject Name"), _name_rows(request.subject)),
        Section(mark("Subject Alternative Name"), _alternative_rows(request.extensions)),
        Section(mark("Public Key Encryption Data"), _key_rows(request)),
    )


def _name_rows(name: x509.Name) -> tuple[Row, ...]:
    values = name_as_dict(name)
    known = tuple(Row(label, (values.pop(key, NOTHING),)) for key, label in _ATTRIBUTES.items())
    return known + tuple(Row(key, (value,)) for key, value in values.items())


def _alternative_rows(extensions: x509.Extensions) -> tuple[Row, ...]:
    return (Row(mark("Subject Alternative Name"), alternative_names(extensions) or (NOTHING,)),)


def crl_distribution_points(leaf: x509.Certificate) -> tuple[str, ...]:
    """Where the certificate says that its CRL is."""
    try:
        points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for point in points if point.full_name for name in point.full_name)


def _key_rows(material: x509.Certificate | x509.CertificateSigningRequest) -> tuple[Row, ...]:
    key = material.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        digits = f"{key.public_numbers().n:X}"
    else:
        der = key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        digits = der.hex().upper()
    lines = tuple(
        digits[start : start + KEY_LINE_DIGITS] for start in range(0, len(digits), KEY_LINE_DIGITS)
    )
    length = key_bits(material)
    return (
        Row(mark("Public Key Length"), (NOTHING if length is None else str(length),)),
        Row(mark("Public Key"), lines, code=True),
    )
