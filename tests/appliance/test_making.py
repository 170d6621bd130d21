"""What forms make: certificates to the letter, and no accepted form that can not be made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.box import Box
from appliance.making import KINDS, MAX_SERIAL, parse_form
from store.bundles import read_pkcs12
from store.certificate import alternative_names, signature_algorithm
from store.inventory import Kind
from store.refusals import Refused
from tests.helpers import NOON, PASSPHRASE, a_box, fields, openssl, refusals

AUTHORITY = {"kind": "authority", "name": "CA", "subject": {"CN": "Muster CA"}}


def form(kind: object = "self-signed", **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": kind, "name": "web", "subject": {"CN": "osbiz.example"}}
    if kind == "server":
        values |= {"authority": "0123456789", "passphrase": PASSPHRASE}
    return values | changes


@pytest.fixture
def box() -> Iterator[Box]:
    box = a_box()
    yield box
    box.close()


# Making


def test_a_full_form_is_made_to_the_letter(box: Box) -> None:
    made = box.make(
        form(
            name="web 2024",
            serial=123456789,
            algorithm="sha512RSA",
            not_before="2023-11-17T00:00:00Z",
            not_after="2024-11-16T23:59:59Z",
            subject={"C": "DE", "O": "Muster GmbH", "OU": "IT", "CN": "osbiz.example"},
            san=["DNS:osbiz.example", "IP:127.0.0.2"],
            crl_distribution_point="http://osbiz.example/ca.crl",
        )
    )
    assert made.certificate is not None
    leaf = made.certificate.leaf
    assert (made.name, made.kind, leaf.serial_number) == ("web 2024", Kind.SELF_SIGNED, 123456789)
    assert leaf.subject.rfc4514_string() == "CN=osbiz.example,OU=IT,O=Muster GmbH,C=DE"
    assert signature_algorithm(leaf) == "sha512RSA"
    assert leaf.not_valid_before_utc == datetime(2023, 11, 17, tzinfo=UTC)
    assert leaf.not_valid_after_utc == datetime(2024, 11, 16, 23, 59, 59, tzinfo=UTC)
    assert alternative_names(leaf.extensions) == ("DNS:osbiz.example", "IP:127.0.0.2")
    leaf.verify_directly_issued_by(leaf)


def test_what_is_made_is_kept_and_not_active(box: Box) -> None:
    before = box.active
    made = box.make(form())
    assert box.holdings[made.id] == made
    assert box.active is before


def test_a_server_certificate_is_signed_by_the_authority_and_openssl_agrees(
    box: Box, tmp_path: Path
) -> None:
    authority = box.make(AUTHORITY)
    made = box.make(form("server", authority=authority.id, san=["DNS:osbiz.example"]))
    assert authority.certificate is not None
    assert made.certificate is not None
    assert made.issued_by == authority.id
    (tmp_path / "ca.pem").write_text(authority.certificate.pem)
    (tmp_path / "leaf.pem").write_text(made.certificate.pem)
    openssl(
        "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "osbiz.example",
        "-attime", str(int(NOON.timestamp())), "-CAfile", tmp_path / "ca.pem",
        tmp_path / "leaf.pem",
    )  # fmt: skip


def test_the_pkcs12_of_a_server_certificate_opens_with_the_passphrase_of_the_form(
    box: Box,
) -> None:
    made = box.make(form("server", authority=box.make(AUTHORITY).id))
    assert made.certificate is not None
    assert made.pkcs12 is not None
    inside = read_pkcs12(made.pkcs12, PASSPHRASE)
    assert inside.wrong == []
    assert inside.certificates[0] == made.certificate.leaf


def test_a_signing_request_is_kept_with_its_key_and_can_not_be_activated(box: Box) -> None:
    made = box.make(form("request", san=["DNS:osbiz.example"]))
    assert made.certificate is None
    assert made.request is not None
    assert made.key is not None
    assert made.request.public_key() == made.key.public_key()
    assert refusals(box.prepare_activation, made.id) == ["certificate-pending"]


def test_an_authority_can_not_be_activated(box: Box) -> None:
    assert refusals(box.prepare_activation, box.make(AUTHORITY).id) == ["not-a-server-certificate"]


def test_only_an_authority_of_the_box_can_sign(box: Box) -> None:
    request = box.make(form("request"))
    for identity, code in (
        (request.id, "authority-unusable"),
        (box.active.id, "authority-unusable"),
        (box.make(form()).id, "authority-unusable"),
        ("nobody", "no-such-certificate"),
    ):
        values = form("server", authority=identity)
        assert refusals(box.make, values) == [code]
        assert fields(box.make, values) == {"authority"}


def test_an_authority_gives_a_serial_only_once(box: Box) -> None:
    authority = box.make(AUTHORITY | {"serial": 1})
    values = form("server", authority=authority.id, serial=77)
    box.make(values)
    assert refusals(box.make, values) == ["serial-taken"]
    assert refusals(box.make, values | {"serial": 1}) == ["serial-taken"]
    other = box.make(AUTHORITY | {"subject": {"CN": "Other CA"}})
    box.make(values | {"authority": other.id})


def test_a_form_that_is_refused_leaves_nothing_behind(box: Box) -> None:
    before = (dict(box.holdings), box.store.journal.since())
    assert refusals(box.make, form(name="")) == ["name"]
    assert refusals(box.make, form("server")) == ["no-such-certificate"]
    assert (dict(box.holdings), box.store.journal.since()) == before


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
TEXT = st.text(max_size=70)
PRINTED = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=32)
NAMES = st.lists(
    st.builds(
        "{}:{}".format,
        st.sampled_from(["DNS", "IP", "email", "URI", "DirName"]),
        st.sampled_from(["a.example", "1.2.3.4", "a@b.example", "http://a", "CN=a", "::1"]) | TEXT,
    ),
    max_size=4,
) | st.lists(
    st.builds("DNS:{}.example".format, PRINTED)
    | st.builds("DirName:CN={}".format, PRINTED)
    | st.builds("DirName:{}={}".format, st.sampled_from(["ST", "L", "DC", "UID"]), PRINTED)
    | st.ip_addresses().map("IP:{}".format)
    | st.emails().map("email:{}".format),
    max_size=2,
)
FORMS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([kind.value for kind in KINDS]),
        "name": st.sampled_from(["web", "büro 😀"]) | PRINTED,
        "subject": st.fixed_dictionaries(
            {"CN": st.just("box") | PRINTED},
            optional={"C": st.just("DE"), "O": PRINTED, "OU": PRINTED | TEXT},
        ),
    },
    optional={
        "serial": st.integers(1, MAX_SERIAL) | st.integers(1, 99).map(str),
        "algorithm": st.sampled_from(["sha256RSA", "sha384RSA", "sha512RSA"]),
        "not_before": st.datetimes(max_value=NOON.replace(tzinfo=None)).map(str),
        "not_after": st.datetimes(min_value=NOON.replace(tzinfo=None)).map(str),
        "san": NAMES,
        "crl_distribution_point": st.sampled_from(["", "http://a/b.crl", "DirName:CN=a"]),
    },
)
FIELDS = ["kind", "name", "subject", "san", "serial", "algorithm", "not_before", "not_after",
          "crl_distribution_point", "authority", "passphrase"]  # fmt: skip


@settings(deadline=1000, max_examples=300)
@given(st.dictionaries(st.sampled_from(FIELDS) | TEXT, JSON) | FORMS)
def test_any_form_is_checked_or_refused(values: dict[str, Any]) -> None:
    try:
        parse_form(values, now=NOON)
    except Refused as refused:
        for refusal in refused.refusals:  # what an error answer is made of
            f"{refusal.message} {refusal.field} {refusal.instead}".encode()
            assert len(refusal.message) < 1000


@pytest.fixture(scope="module")
def maker() -> Iterator[tuple[Box, str]]:
    box = a_box()
    yield box, box.make(AUTHORITY).id
    box.close()


@settings(deadline=2000, max_examples=150)
@given(values=FORMS, passphrase=PRINTED.filter(lambda text: len(text) >= 7))
def test_every_form_that_is_accepted_can_be_made_and_read_again(
    maker: tuple[Box, str], values: dict[str, Any], passphrase: str
) -> None:
    box, authority = maker
    if values["kind"] == "server":
        values = values | {"authority": authority, "passphrase": passphrase}
    try:
        made = box.make(values)
    except Refused:
        return
    kept = box.store.inventory.all()[made.id]
    assert kept.name == made.name
    if kept.certificate is not None:
        assert kept.certificate == made.certificate
        assert kept.certificate.leaf.subject.public_bytes()
        alternative_names(kept.certificate.leaf.extensions)
    else:
        assert isinstance(kept.request, x509.CertificateSigningRequest)
        assert kept.request.is_signature_valid
    box.commit(box.prepare_removal(made.id))
