"""Names from people's input: what is taken, how it is written, what is refused."""

from __future__ import annotations

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from store.certificate import alternative_names
from store.names import parse_alternative_names, parse_crl_distribution_point, parse_subject
from store.refusals import Refusal


def parsed(name: object) -> tuple[str, ...]:
    wrong: list[Refusal] = []
    names = parse_alternative_names([name], wrong)
    assert wrong == []
    value = x509.SubjectAlternativeName(names)
    return alternative_names(x509.Extensions([x509.Extension(value.oid, False, value)]))


@pytest.mark.parametrize(
    ("given_as", "written_as"),
    [
        ("DNS:osbiz.example", "DNS:osbiz.example"),
        ("dns: osbiz.example ", "DNS:osbiz.example"),
        ("DNS:*.osbiz.example", "DNS:*.osbiz.example"),
        ("DNS:pbx_1.example", "DNS:pbx_1.example"),
        ("DNS:büro.example", "DNS:xn--bro-hoa.example"),
        ("DNS:*.büro.example", "DNS:*.xn--bro-hoa.example"),
        ("IP:192.168.1.2", "IP:192.168.1.2"),
        ("IP Address:192.168.1.2", "IP:192.168.1.2"),
        ("IP:2001:DB8::1", "IP:2001:db8::1"),
        ("email:admin@osbiz.example", "email:admin@osbiz.example"),
        ("URI:https://osbiz.example/x?y", "URI:https://osbiz.example/x?y"),
        ("DirName:CN=osbiz,O=Muster", "DirName:CN=osbiz,O=Muster"),
    ],
)
def test_each_kind_of_alternative_name_is_read(given_as: str, written_as: str) -> None:
    assert parsed(given_as) == (written_as,)


@pytest.mark.parametrize(
    "name",
    [
        "osbiz.example",
        "DNS:",
        "DNS:.",
        "DNS:*",
        "DNS:*.",
        "DNS:a..b",
        "DNS:-a.example",
        "DNS:a b.example",
        "DNS:a.*.example",
        "DNS:" + "a" * 64 + ".example",
        "DNS:" + "a." * 127 + "aaaa",
        "DNS:\ud800.example",
        "IP:192.168.1",
        "IP:192.168.1.256",
        "IP:192.168.001.2",
        "IP:10.0.0.0/8",
        "IP:fe80::1%eth0",
        "email:admin",
        "email:@osbiz.example",
        "email:admin@",
        "email:bü@osbiz.example",
        "email:a b@osbiz.example",
        "URI:osbiz.example",
        "URI:http://bü.example",
        "URI:http://a b",
        "URI:http://[",
        "DirName:osbiz",
        "DirName:CN=",
        "DirName:CN=" + "x" * 65,
        "DirName:C=Germany",
        "DirName:CN=\\ff",
        "tel:123",
        7,
        None,
        ["DNS:a.example"],
    ],
)
def test_a_bad_alternative_name_is_refused_with_its_field(name: object) -> None:
    wrong: list[Refusal] = []
    assert parse_alternative_names([name], wrong, field="san") == ()
    assert [(refusal.code, refusal.field) for refusal in wrong] == [("san", "san")]


def test_every_bad_name_of_a_list_is_told_and_the_good_ones_are_kept() -> None:
    wrong: list[Refusal] = []
    names = parse_alternative_names(["DNS:", "DNS:a.example", "IP:x", "DNS:a.example"], wrong)
    assert names == (x509.DNSName("a.example"),)
    assert len(wrong) == 2


def test_a_refusal_of_a_very_long_name_stays_short() -> None:
    wrong: list[Refusal] = []
    parse_alternative_names(["IP:" + "9" * 100_000], wrong)
    assert len(wrong[0].message) < 600


@given(st.text(max_size=80) | st.sampled_from(["DNS:", "IP:", "email:", "URI:", "DirName:"]))
def test_no_text_makes_the_names_stumble(text: str) -> None:
    for kind in ("", "DNS:", "IP:", "email:", "URI:", "DirName:", "DirName:CN="):
        wrong: list[Refusal] = []
        names = parse_alternative_names([kind + text], wrong)
        assert bool(names) != bool(wrong)
        for name in names:  # what is taken can also be written
            x509.SubjectAlternativeName([name]).public_bytes()


@given(
    st.dictionaries(
        st.sampled_from(["C", "O", "OU", "CN", "ST"]),
        st.text(max_size=70) | st.sampled_from(["DE", "ü" * 40]) | st.none() | st.integers(),
    )
)
def test_a_subject_is_refused_or_can_be_written(values: dict[str, object]) -> None:
    wrong: list[Refusal] = []
    subject = parse_subject(values, wrong)
    if not wrong:
        assert subject.as_x509().public_bytes()


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({}, "common-name-missing", "subject.CN"),
        ({"CN": "   "}, "common-name-missing", "subject.CN"),
        ({"CN": "box", "C": "Germany"}, "country", "subject.C"),
        ({"CN": "box", "C": "de"}, "country", "subject.C"),
        ({"CN": "box", "C": "ÄÖ"}, "country", "subject.C"),
        ({"CN": "x" * 65}, "subject-length", "subject.CN"),
        ({"CN": "ü" * 33}, "subject-length", "subject.CN"),
        ({"CN": "box", "O": "x" * 65}, "subject-length", "subject.O"),
        ({"CN": "box\n"[:3] + "\x00"}, "subject-text", "subject.CN"),
        ({"CN": "\ud800"}, "subject-text", "subject.CN"),
        ({"CN": "box", "OU": 7}, "subject-text", "subject.OU"),
        ({"CN": "box", "L": "Muster"}, "subject-attribute", "subject"),
    ],
)
def test_a_bad_subject_is_refused_with_its_field(
    values: dict[str, object], code: str, field: str
) -> None:
    wrong: list[Refusal] = []
    parse_subject(values, wrong)
    assert [(refusal.code, refusal.field) for refusal in wrong] == [(code, field)]


def test_a_subject_is_trimmed_and_empty_attributes_are_left_out() -> None:
    subject = parse_subject({"CN": " box ", "O": "", "C": "DE"}, [])
    assert subject.as_x509().rfc4514_string() == "CN=box,C=DE"


def test_sixty_four_bytes_are_the_longest_common_name() -> None:
    wrong: list[Refusal] = []
    assert parse_subject({"CN": "ü" * 32}, wrong).as_x509().public_bytes()
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("http://osbiz.example/ca.crl", x509.UniformResourceIdentifier),
        ("ldap://osbiz.example/cn=ca", x509.UniformResourceIdentifier),
        ("URI:http://osbiz.example/ca.crl", x509.UniformResourceIdentifier),
        ("DirName:CN=ca", x509.DirectoryName),
    ],
)
def test_a_distribution_point_is_an_address_or_any_general_name(text: str, kind: type) -> None:
    assert isinstance(parse_crl_distribution_point(text, []), kind)


def test_no_distribution_point_is_none_and_a_bad_one_names_its_field() -> None:
    wrong: list[Refusal] = []
    assert parse_crl_distribution_point("  ", wrong) is None
    assert wrong == []
    assert parse_crl_distribution_point("somewhere", wrong) is None
    assert [refusal.field for refusal in wrong] == ["crl_distribution_point"]
