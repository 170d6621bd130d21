"""Certificates issued again with other dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from cryptography import x509

from appliance.box import Box
from appliance.redating import Redating, prepare_redating
from store.inventory import Holding
from tests.helpers import NOON, PASSPHRASE, a_box, fields, foreign_authority, refusals

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def redate(box: Box, identity: str | None = None, **dates: Any) -> Holding:
    change, _, _ = prepare_redating(box, identity, Redating(**dates))
    box.commit(change)
    return box.holding(change.add[0].id)


def made(box: Box, kind: str, name: str, **more: Any) -> Holding:
    if kind == "server":
        more["passphrase"] = PASSPHRASE
    return box.make({"kind": kind, "name": name, "subject": {"CN": name}, **more})


def all_but_the_dates(certificate: x509.Certificate) -> tuple[Any, ...]:
    return (
        certificate.public_key(),
        certificate.subject,
        certificate.issuer,
        certificate.serial_number,
        list(certificate.extensions),
        certificate.signature_algorithm_oid,
    )


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        ({"expire_in": 10 * SECOND}, None, NOON + 10 * SECOND),
        ({"expired_since": 3 * DAY}, None, NOON - 3 * DAY),
        ({"not_valid_for": DAY}, NOON + DAY, None),
        ({"expire_in": SECOND / 2}, None, NOON + SECOND),  # at least so long
        ({"expired_since": SECOND / 2}, None, NOON - SECOND),
    ],
)
def test_a_validity_moves_as_a_whole(
    dates: dict[str, timedelta], first: datetime | None, last: datetime | None
) -> None:
    box = a_box()
    before = box.active.certificate
    assert before is not None
    after = redate(box, **dates).certificate
    assert after is not None
    assert after.not_after - after.not_before == before.not_after - before.not_before
    assert (first or last) in (after.not_before, after.not_after)
    assert all_but_the_dates(after.leaf) == all_but_the_dates(before.leaf)
    after.leaf.verify_directly_issued_by(after.leaf)


def test_it_keeps_its_id_and_is_journaled_with_both_validities() -> None:
    box = a_box()
    identity = box.active.id
    assert redate(box, expire_in=DAY).id == identity == box.active.id
    entry = box.store.journal.since()[-1]
    assert entry.event == "certificate-redated"
    assert entry.detail["not_after"] == "2023-11-18T12:00:00Z"
    assert entry.detail["valid_before"].startswith("2023-11-17T12:00:00Z/")


def test_dates_are_taken_as_given_and_one_that_is_not_given_stays() -> None:
    box = a_box()
    end = datetime(2023, 12, 24, 18, 0, 0, tzinfo=UTC)
    after = redate(box, not_after=end).certificate
    assert after is not None
    assert (after.not_before, after.not_after) == (NOON, end)


def test_an_authoritys_certificates_are_signed_again_by_it_and_chains_follow() -> None:
    box = a_box()
    root = made(box, "authority", "Root")
    middle = made(box, "authority", "Middle", authority=root.id)
    server = made(box, "server", "box", authority=middle.id)
    redate(box, middle.id, expired_since=DAY)
    held = box.holding(server.id).certificate
    new = box.holding(middle.id).certificate
    assert held is not None
    assert new is not None
    assert held.chain == (new.leaf,)
    assert new.not_after == NOON - DAY
    assert root.certificate is not None
    new.leaf.verify_directly_issued_by(root.certificate.leaf)
    held.leaf.verify_directly_issued_by(new.leaf)
    leaf = redate(box, server.id, expire_in=DAY).certificate
    assert leaf is not None
    leaf.leaf.verify_directly_issued_by(new.leaf)


def test_what_somebody_else_signed_can_not_be_issued_again() -> None:
    box = a_box()
    issued = foreign_authority().issue_cert("box.example", key_type=trustme.KeyType.RSA)
    held = box.import_files(
        name="bought",
        passphrase=PASSPHRASE,
        certificate=b"".join(part.bytes() for part in issued.cert_chain_pems),
        key=issued.private_key_pem.bytes(),
    )
    wish = Redating(expire_in=DAY)
    assert refusals(prepare_redating, box, held.id, wish) == ["not-signable"]
    request = made(box, "request", "asked")
    assert refusals(prepare_redating, box, request.id, wish) == ["certificate-pending"]
    assert refusals(prepare_redating, box, "0000000000", wish) == ["no-such-certificate"]


@pytest.mark.parametrize(
    ("dates", "code", "field"),
    [
        ({}, "field-missing", "expire_in"),
        ({"expire_in": DAY, "expired_since": DAY}, "validity-twice", "expire_in"),
        ({"expire_in": DAY, "not_after": NOON}, "validity-twice", "expire_in"),
        ({"expired_since": -DAY}, "duration", "expired_since"),
    ],
)
def test_it_has_to_be_said_in_one_way(dates: dict[str, Any], code: str, field: str) -> None:
    assert refusals(Redating, **dates) == [code]
    assert fields(Redating, **dates) == {field}


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"expire_in": timedelta(days=365 * 9000)}, "time-range"),
        ({"expired_since": timedelta(days=365 * 100)}, "time-range"),
        ({"not_valid_for": timedelta.max}, "time-range"),
        ({"not_before": NOON, "not_after": NOON}, "validity"),
    ],
)
def test_a_validity_that_can_not_be_written_is_refused(dates: dict[str, Any], code: str) -> None:
    box = a_box()
    before = box.active
    assert refusals(prepare_redating, box, None, Redating(**dates)) == [code]
    assert box.active == before
