"""How a certificate is shown: the whitepaper's forms, checked against the real openssl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509

from store.asn1 import attribute, sequence
from store.certificate import (
    Certificate,
    alternative_names,
    common_name,
    fingerprint_groups,
    iso_time,
    key_bits,
    long_date,
    name_as_dict,
    serial_hex,
    signature_algorithm,
)
from store.issuing import Profile, Wanted, self_signed
from tests.helpers import a_key, certificate_der, crafted, openssl, subject

BEGIN = datetime(2023, 11, 17, tzinfo=UTC)
END = datetime(2024, 11, 16, tzinfo=UTC)


@pytest.fixture
def certificate() -> Certificate:
    wanted = Wanted(subject(), BEGIN, END, 123456789, profile=Profile.SERVER)
    return Certificate(self_signed(wanted, a_key()), key=a_key())


@pytest.mark.parametrize(
    ("serial", "shown"),
    [(123456789, "075BCD15"), (1, "01"), (255, "FF"), (256, "0100"), (0, "00"), (-5, "-05")],
)
def test_a_serial_is_shown_as_whole_bytes_in_capitals(serial: int, shown: str) -> None:
    assert serial_hex(serial) == shown


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_fingerprints_are_those_of_openssl(certificate: Certificate, algorithm: str) -> None:
    said = openssl(
        "x509", "-inform", "DER", "-noout", "-fingerprint", f"-{algorithm}",
        data=certificate_der(certificate.leaf),
    )  # fmt: skip
    theirs = said.decode().strip().partition("=")[2].replace(":", "")
    assert certificate.fingerprint(algorithm) == theirs.lower()
    assert fingerprint_groups(certificate.fingerprint(algorithm)).replace(" ", "") == theirs


def test_a_fingerprint_is_shown_in_groups_of_four() -> None:
    assert fingerprint_groups("0123456789abcdef") == "0123 4567 89AB CDEF"


def test_the_serial_is_the_one_that_openssl_prints(certificate: Certificate) -> None:
    said = openssl(
        "x509", "-inform", "DER", "-noout", "-serial", data=certificate_der(certificate.leaf)
    )
    assert said.decode().strip() == f"serial={serial_hex(certificate.serial)}"


@pytest.mark.parametrize(
    ("moment", "long", "iso"),
    [
        (BEGIN, "Friday, 11/17/2023 00:00:00", "2023-11-17T00:00:00Z"),
        (
            datetime(2024, 1, 1, 1, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1))),
            "Monday, 01/01/2024 00:00:00",
            "2024-01-01T00:00:00Z",
        ),
        (
            datetime(987, 6, 5, 4, 3, 2, tzinfo=UTC),
            "Tuesday, 06/05/0987 04:03:02",
            "0987-06-05T04:03:02Z",
        ),
        (
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
            "Friday, 12/31/9999 23:59:59",
            "9999-12-31T23:59:59Z",
        ),
    ],
)
def test_times_are_shown_in_utc_to_the_second(moment: datetime, long: str, iso: str) -> None:
    assert long_date(moment) == long
    assert iso_time(moment) == iso


def test_both_ends_of_the_validity_belong_to_it(certificate: Certificate) -> None:
    second = timedelta(seconds=1)
    assert certificate.valid_at(BEGIN)
    assert certificate.valid_at(END)
    assert not certificate.valid_at(BEGIN - second)
    assert not certificate.valid_at(END + second)


@pytest.mark.parametrize(
    ("before_the_end", "days"),
    [
        (timedelta(days=1), 1),
        (timedelta(hours=23), 0),
        (timedelta(0), 0),
        (timedelta(seconds=-1), -1),
        (timedelta(days=-1), -1),
    ],
)
def test_days_left_are_whole_ones_and_negative_when_it_is_over(
    certificate: Certificate, before_the_end: timedelta, days: int
) -> None:
    assert certificate.days_left(END - before_the_end) == days


def test_the_pem_has_leaf_and_chain_and_never_the_key(certificate: Certificate) -> None:
    both = Certificate(certificate.leaf, (certificate.leaf,), a_key())
    assert both.pem.count("BEGIN CERTIFICATE") == 2
    assert "PRIVATE" not in both.pem


def test_neither_the_key_nor_a_part_of_it_is_in_the_representation(
    certificate: Certificate,
) -> None:
    assert "key" not in repr(certificate)


def test_names_are_shown_by_their_short_attribute_types() -> None:
    assert name_as_dict(subject().as_x509()) == {
        "C": "DE",
        "O": "Muster GmbH",
        "OU": "IT",
        "CN": "osbiz.example",
    }


def test_repeated_and_unknown_attributes_are_shown_too() -> None:
    name = sequence(
        attribute("2.5.4.11", b"IT"), attribute("2.5.4.11", b"PBX"), attribute("1.2.3.4", b"odd")
    )
    parsed = x509.load_der_x509_certificate(crafted(subject=name)).subject
    assert name_as_dict(parsed) == {"OU": "IT, PBX", "1.2.3.4": "odd"}
    assert common_name(parsed) is None


def test_every_kind_of_alternative_name_has_a_form() -> None:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("a.example"),
            x509.DirectoryName(subject("dir").as_x509()),
            x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
            x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"),
        ]
    )
    assert alternative_names(x509.Extensions([x509.Extension(names.oid, False, names)])) == (
        "DNS:a.example",
        "DirName:CN=dir,OU=IT,O=Muster GmbH,C=DE",
        "RID:1.2.3",
        "other",
    )


def test_the_key_length_and_algorithm_are_the_whitepapers_words(certificate: Certificate) -> None:
    assert (key_bits(certificate.leaf), signature_algorithm(certificate.leaf)) == (
        2048,
        "sha256RSA",
    )
