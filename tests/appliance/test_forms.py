"""The forms of Certificate Generation: every mistake told at once, the rest filled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.box import Box
from appliance.making import DEFAULT_ALGORITHM, KINDS, MAX_NAMES, MAX_SERIAL, check_name, parse_form
from store.inventory import Kind
from store.issuing import Profile
from store.refusals import Refused
from tests.helpers import NOON, PASSPHRASE, a_box, fields, refusals

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


# Mistakes


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        (form(kind="default"), "kind", "kind"),
        (form(kind=None), "kind", "kind"),
        (form(kind=["self-signed"]), "kind", "kind"),
        (form(kind=10**5000), "kind", "kind"),
        (form(colour="red"), "colour", "unknown-field"),
        (form(name=""), "name", "name"),
        (form(name=None), "name", "name"),
        (form(name="../etc"), "name", "name"),
        (form(subject=None), "subject", "subject-missing"),
        (form(subject="CN=box"), "subject", "subject-missing"),
        (form(subject={}), "subject.CN", "common-name-missing"),
        (form(subject={"CN": {"CN": "x"}}), "subject.CN", "subject-text"),
        (form(algorithm="sha1RSA"), "algorithm", "signature-algorithm"),
        (form(algorithm=["sha256RSA"]), "algorithm", "signature-algorithm"),
        (form(algorithm=10**5000), "algorithm", "signature-algorithm"),
        (form(serial=0), "serial", "serial"),
        (form(serial=-1), "serial", "serial"),
        (form(serial=MAX_SERIAL + 1), "serial", "serial"),
        (form(serial=1.5), "serial", "serial"),
        (form(serial=True), "serial", "serial"),
        (form(serial="0x10"), "serial", "serial"),
        (form(serial="٣"), "serial", "serial"),
        (form(serial=10**5000), "serial", "serial"),
        (form(serial="9" * 5000), "serial", "serial"),
        (form(not_before="soon"), "not_before", "time"),
        (form(not_before=["2024-01-01"]), "not_before", "time"),
        (form(not_after={}), "not_after", "time"),
        (form(not_before="1949-12-31"), "not_before", "time-range"),
        (form(not_after="9999-12-31T23:59:59Z"), "not_after", "time-range"),
        (form(not_after="9999-12-31T23:59:59-14:00"), "not_after", "time-range"),
        (form(not_after="2023-11-17T12:00:00Z"), "not_after", "validity"),
        (form(not_before="2025-01-01", not_after="2024-01-01"), "not_after", "validity"),
        (form(san="DNS:a.example"), "san", "san"),
        (form(san=["DNS:"]), "san", "san"),
        (form(san=[["DNS:a.example"]]), "san", "san"),
        (form(san=["DNS:a.example"] * (MAX_NAMES + 1)), "san", "san"),
        (form(crl_distribution_point=7), "crl_distribution_point", "crl-distribution-point"),
        (form(crl_distribution_point="somewhere"), "crl_distribution_point", "san"),
        (form(authority="0123456789"), "authority", "authority-unused"),
        (form("server", authority=None), "authority", "authority-missing"),
        (form("server", authority=["0123456789"]), "authority", "authority-missing"),
        (form("server", passphrase=None), "passphrase", "passphrase-missing"),
        (form("server", passphrase=1234567), "passphrase", "passphrase-missing"),
        (form("server", passphrase="sixsix"), "passphrase", "passphrase-length"),
        (form("server", passphrase="x" * 33), "passphrase", "passphrase-length"),
    ],
)
def test_a_mistake_in_a_form_is_refused_under_its_field(
    values: dict[str, Any], field: str, code: str
) -> None:
    assert refusals(parse_form, values, now=NOON) == [code]
    assert fields(parse_form, values, now=NOON) == {field}


def test_everything_that_is_wrong_with_a_form_is_told_at_once() -> None:
    values = {
        "kind": "server",
        "name": "a/b",
        "serial": 0,
        "algorithm": "md5RSA",
        "not_before": "x",
        "not_after": "y",
        "subject": {"C": "Germany", "X": 1},
        "san": ["x"],
        "crl_distribution_point": 1,
        "passphrase": "short",
        "colour": "red",
    }
    assert fields(parse_form, values, now=NOON) == {
        "name", "serial", "algorithm", "not_before", "not_after", "subject", "subject.C",
        "subject.CN", "san", "crl_distribution_point", "authority", "passphrase", "colour",
    }  # fmt: skip


def test_a_passphrase_is_in_no_refusal_and_no_representation() -> None:
    with pytest.raises(Refused) as caught:
        parse_form(form("server", passphrase="sixsix", name=""), now=NOON)
    assert "sixsix" not in str(caught.value)
    assert PASSPHRASE not in repr(parse_form(form("server"), now=NOON))


@pytest.mark.parametrize(
    "name", ["", " ", ".hidden", "..", "a/b", "a\\b", 'a"b', "a\nb", "a\0b", "x" * 65, "\ud800", 7]
)
def test_a_name_that_would_make_a_bad_file_name_is_refused(name: object) -> None:
    wrong: list[Any] = []
    check_name(name, wrong)
    assert [refusal.code for refusal in wrong] == ["name"]


# Defaults


@pytest.mark.parametrize("kind", ["self-signed", "server"])
def test_a_server_certificate_runs_for_a_year_from_now(kind: str) -> None:
    checked = parse_form(form(kind), now=NOON.replace(microsecond=7))
    assert (checked.not_before, checked.not_after) == (NOON, NOON + timedelta(days=365))


def test_an_authority_runs_for_ten_years_from_now() -> None:
    checked = parse_form(form("authority"), now=NOON)
    assert checked.not_after == datetime(2033, 11, 17, 12, tzinfo=UTC)


def test_the_end_is_counted_from_a_beginning_that_is_given() -> None:
    checked = parse_form(form(not_before="2030-01-01T01:00:00+01:00"), now=NOON)
    assert checked.not_before == datetime(2030, 1, 1, tzinfo=UTC)
    assert checked.not_after == datetime(2031, 1, 1, tzinfo=UTC)


def test_what_is_left_out_is_chosen_by_the_box() -> None:
    checked = parse_form(form(), now=NOON)
    assert (checked.algorithm, checked.serial) == (DEFAULT_ALGORITHM, None)
    assert (checked.alternative_names, checked.crl_distribution_point) == ((), None)
    assert checked.wanted().serial != checked.wanted().serial


@pytest.mark.parametrize(("serial", "read"), [(1, 1), ("123456789", 123456789), (" 7 ", 7),
                                              ("\x1c7", 7), (MAX_SERIAL, MAX_SERIAL)])  # fmt: skip
def test_a_serial_is_a_number_or_its_digits(serial: object, read: int) -> None:
    assert parse_form(form(serial=serial), now=NOON).serial == read


def test_an_authority_is_made_as_one_and_all_else_as_a_server() -> None:
    profiles = {kind: parse_form(form(kind.value), now=NOON).wanted().profile for kind in KINDS}
    assert profiles.pop(Kind.AUTHORITY) is Profile.AUTHORITY
    assert set(profiles.values()) == {Profile.SERVER}
