"""Verdicts over small chains made by the project's own builders."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from cryptography import x509

from appliance.trust import ENVIRONMENTS, Anchor, Origin, Outcome, judge
from store.issuing import Profile, Wanted, issued, self_signed
from store.refusals import Refused
from tests.helpers import a_key, subject

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CA = self_signed(Wanted(subject("Lab CA"), BEGIN, END, 1, profile=Profile.AUTHORITY), a_key())
LEAF = issued(
    Wanted(subject(), BEGIN, END, 2, alternative_names=(x509.IPAddress(ip_address("127.0.0.2")),)),
    a_key(1).public_key(),
    authority=CA,
    authority_key=a_key(),
)


def test_a_certificate_of_a_ca_that_the_administrator_added_is_accepted_everywhere() -> None:
    anchors = [Anchor(CA, Origin.ADMINISTRATOR)]
    verdicts = judge([LEAF], host="127.0.0.2", anchors=anchors, at=NOW)
    assert [verdict.environment for verdict in verdicts] == list(ENVIRONMENTS)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    assert {verdict.path for verdict in verdicts} == {(LEAF, CA)}


def test_only_android_minds_that_it_was_the_user_who_added_the_ca() -> None:
    verdicts = judge([LEAF], host="127.0.0.2", anchors=[Anchor(CA, Origin.USER)], at=NOW)
    refused = {one.environment for one in verdicts if one.outcome is Outcome.REFUSED}
    assert refused == {"android", "myportal-to-go-android"}


def test_without_the_anchor_everybody_refuses() -> None:
    verdicts = judge([LEAF], host="127.0.0.2", anchors=[], at=NOW)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.REFUSED}


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        judge([LEAF], host=None, anchors=[], at=NOW, environments=["netscape"])
    assert refused.value.refusals[0].field == "environments"


def test_windows_looks_no_further_than_a_certificate_that_signed_itself() -> None:
    names = (x509.IPAddress(ip_address("127.0.0.2")),)
    expired, new = (
        self_signed(Wanted(subject("127.0.0.2"), BEGIN, end, 3, alternative_names=names), a_key(n))
        for n, end in ((2, NOW), (3, END))
    )
    later = NOW.replace(month=7)
    anchors = [Anchor(expired, Origin.ADMINISTRATOR)]
    (verdict,) = judge([new], host="127.0.0.2", anchors=anchors, at=later, environments=["windows"])
    assert (verdict.outcome, verdict.path) == (Outcome.REFUSED, None)
    assert "UntrustedRoot" in verdict.message  # and not NotTimeValid, as the old one is
