"""The rules of ACME on the box, without a CA: tables, times, signatures against others' words."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import json
import random
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from josepy.jwk import JWK
from josepy.jws import JWS

from appliance.acme.failures import CAUSES, WHOM, Party, of_problem
from appliance.acme.schedule import (
    advised_due,
    next_hour,
    renewal_due,
    retry_at,
    warning_level,
)
from appliance.acme.setup_form import parse_setup
from appliance.acme.signing import AccountKey, bind_account, certificate_id, challenge_certificate
from appliance.acme.states import TRANSITIONS, Event, State, Step
from appliance.acme.wire import (
    Identifier,
    Malformed,
    Problem,
    RenewalInfo,
    read_authorization,
    read_directory,
    read_order,
    read_problem,
    read_renewal_info,
)
from tests.helpers import a_key

NOW = datetime(2029, 4, 1, 12, tzinfo=UTC)
LIFE = timedelta(days=47)  # CA/B Forum SC-081v3, from 2029-03-15
ROOT = Path(__file__).resolve().parents[2]


def test_every_state_can_be_reached_and_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_every_failure_that_the_code_names_has_words_and_every_word_is_used() -> None:
    used: set[str] = set()
    for path in [*ROOT.glob("webserver/acme_*.py"), ROOT / "appliance/acme/failures.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and str(node.value).startswith("acme-"):
                used.add(str(node.value))
    not_failures = {"acme-challenge", "acme-not-set-up", "acme-revoked", "acme-key-changed"}
    not_failures |= {"acme-eab"}
    assert used - not_failures == set(CAUSES)
    assert set(WHOM) == set(Party) == {cause.call for cause in CAUSES.values()}


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize(
    "kind",
    [
        "badCSR", "badNonce", "caa", "connection", "dns", "tls", "unauthorized", "malformed",
        "incorrectResponse", "externalAccountRequired", "invalidContact", "orderNotReady",
        "rateLimited", "rejectedIdentifier", "serverInternal", "userActionRequired", "new",
        "accountDoesNotExist", "alreadyReplaced", "badPublicKey", "unsupportedIdentifier",
    ],
)  # fmt: skip
def test_whatever_a_ca_says_is_a_failure_with_its_own_words_in_it(kind: str, step: Step) -> None:
    problem = read_problem({"type": f"urn:ietf:params:acme:error:{kind}", "detail": "so it is"})
    failure = of_problem(problem, step).failure
    assert failure.cause.words in failure.message
    assert "so it is" in failure.message


def test_validation_failures_are_told_apart() -> None:
    kinds = ("dns", "connection", "tls", "unauthorized", "caa", "other")
    codes = [of_problem(Problem(kind, ""), Step.VALIDATE).failure.code for kind in kinds]
    assert len(set(codes)) == len(kinds)
    assert of_problem(Problem("x", "", 503), Step.ORDER).failure.code == "acme-ca-failed"
    assert of_problem(Problem("x", "", 429), Step.ORDER).failure.code == "acme-rate-limited"


# Times


def test_a_47_day_certificate_is_renewed_at_two_thirds_of_its_life() -> None:
    backdated = NOW - timedelta(hours=1)  # as Let's Encrypt does
    due = renewal_due(NOW, backdated, backdated + LIFE)
    assert abs((due - backdated) - LIFE * 2 / 3) < timedelta(hours=1)


@given(st.floats(-20, 20), st.floats(0.01, 400))
def test_however_far_the_calendars_are_apart_no_renewal_follows_another_at_once(
    apart: float, days: float
) -> None:
    life = timedelta(days=days)
    not_before = NOW - life * apart
    due = renewal_due(NOW, not_before, not_before + life)
    assert life / 20 < due - NOW <= life * 2 / 3 + timedelta(seconds=1)


def test_where_the_dates_mean_something_it_is_renewed_before_they_end() -> None:
    for gone in range(9):  # tenths of the life
        not_before = NOW - LIFE * gone / 10
        assert renewal_due(NOW, not_before, not_before + LIFE) < not_before + LIFE


def test_the_window_of_a_ca_is_kept_on_its_calendar_and_on_one_that_is_moved() -> None:
    info = RenewalInfo(NOW + LIFE / 2, NOW + LIFE * 0.6, None)
    due = advised_due(info, obtained=NOW, not_before=NOW, not_after=NOW + LIFE, draw=lambda: 0.5)
    assert due == NOW + LIFE * 0.55
    ahead = NOW + timedelta(days=1000)
    due = advised_due(info, obtained=ahead, not_before=NOW, not_after=NOW + LIFE, draw=lambda: 0)
    assert due == ahead + LIFE / 2
    # A window after the end would be the end.
    late = RenewalInfo(NOW + LIFE * 2, NOW + LIFE * 3, None)
    due = advised_due(late, obtained=NOW, not_before=NOW, not_after=NOW + LIFE)
    assert due == NOW + LIFE * 9 / 10


def test_retries_wait_longer_but_never_too_long_for_what_is_left() -> None:
    waits = [
        retry_at(NOW, failures=n, not_after=None, retry_after=None) - NOW for n in range(1, 12)
    ]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=12)
    soon = NOW + timedelta(hours=10)
    wait = retry_at(NOW, failures=9, not_after=soon, retry_after=None) - NOW
    assert wait == timedelta(minutes=30)
    wait = retry_at(NOW, failures=9, not_after=soon, retry_after=7200) - NOW
    assert wait == timedelta(hours=2)  # what the CA asks for comes first


def test_a_ca_that_is_away_for_a_week_costs_no_47_day_certificate_its_successor() -> None:
    """From the day a renewal is due, with the CA away for the worst week there is."""
    end = NOW + LIFE
    now, failures = renewal_due(NOW, NOW, end), 0
    back = now + timedelta(days=7)
    while now < back:
        failures += 1
        now = retry_at(now, failures=failures, not_after=end, retry_after=None)
    assert end - now > timedelta(days=8)


def test_warnings_grow_more_urgent_and_the_last_is_at_the_end() -> None:
    levels = [
        warning_level(NOW + LIFE * part, obtained=NOW, not_before=NOW, not_after=NOW + LIFE)
        for part in (0.5, 0.7, 0.76, 0.91, 1.0, 2.0)
    ]
    assert levels == [0, 0, 1, 2, 3, 3]


def test_the_next_hour_is_today_or_tomorrow() -> None:
    assert next_hour(NOW, None) == NOW
    assert next_hour(NOW, time(13)) == NOW + timedelta(hours=1)
    assert next_hour(NOW, time(12)) == NOW
    assert next_hour(NOW, time(3)) == NOW + timedelta(hours=15)


# Signatures


def test_signed_requests_are_as_josepy_reads_them() -> None:
    key = AccountKey.make()
    signed = key.sign({"a": 1}, url="https://ca.example/new", nonce="n")
    jws = JWS.from_json(signed | {})
    jwk = JWK.from_json(key.public)
    assert jws.verify(jwk)
    assert json.loads(jws.payload) == {"a": 1}
    header = json.loads(_decoded(signed["protected"]))
    assert header.keys() == {"alg", "jwk", "nonce", "url"}
    signed = key.sign(None, url="https://ca.example/x", nonce="n", kid="https://ca.example/me")
    assert signed["payload"] == ""
    assert json.loads(_decoded(signed["protected"])).keys() == {"alg", "kid", "nonce", "url"}
    again = AccountKey.from_der(key.to_der())
    assert again.thumbprint == key.thumbprint
    assert key.thumbprint in repr(key)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_binding_is_signed_with_the_customers_key_over_the_accounts() -> None:
    key = AccountKey.make()
    bound = bind_account(key, kid="k", secret=b"secret" * 6, url="https://ca.example/new")
    digest = hmac.digest(
        b"secret" * 6, f"{bound['protected']}.{bound['payload']}".encode(), hashlib.sha256
    )
    assert _decoded(bound["signature"]) == digest
    assert json.loads(_decoded(bound["payload"])) == key.public


def test_a_certificate_is_named_as_in_the_example_of_rfc_9773() -> None:
    identifier = bytes.fromhex("69885B6B8746404 1E1B37B847BA0AE2CDE01C8D4".replace(" ", ""))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(a_key().public_key())
        .serial_number(0x87654321)
        .not_valid_before(NOW)
        .not_valid_after(NOW + LIFE)
        .add_extension(x509.AuthorityKeyIdentifier(identifier, None, None), critical=False)
        .sign(a_key(), hashes.SHA256())
    )
    assert certificate_id(certificate) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"


def test_the_answer_to_tls_alpn_is_one_name_and_a_critical_digest() -> None:
    made = challenge_certificate(Identifier("ip", "127.0.0.2"), "token.thumb", a_key(), now=NOW)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [str(name.value) for name in names.value] == ["127.0.0.2"]
    digest = made.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31"))
    assert digest.critical
    assert digest.value.public_bytes().startswith(b"\x04\x20")
    assert Identifier("ip", "127.0.0.2").server_name == "2.0.0.127.in-addr.arpa"
    assert Identifier("ip", "::1").server_name.endswith("ip6.arpa")


# What comes in


def test_names_are_taken_in_every_spelling_and_kept_once() -> None:
    given = ["OSBiz.Example.", "bücher.example", "[::1]", "127.0.0.2", "osbiz.example"]
    setup = parse_setup({"directory": "letsencrypt", "names": given, "accept_terms": True})
    assert [name.value for name in setup.names] == [
        "osbiz.example",
        "xn--bcher-kva.example",
        "::1",
        "127.0.0.2",
    ]
    assert setup.ca == "acme-v02.api.letsencrypt.org"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["type", "value", "status", "url", "challenges", "authorizations", "error",
                         "identifier", "token", "finalize", "newNonce", "meta", "subproblems",
                         "suggestedWindow", "start", "end", "newOrder", "newAccount"]),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@given(ANYTHING)
def test_whatever_a_ca_sends_is_a_value_or_malformed(value: object) -> None:
    for read in (read_directory, read_authorization, read_renewal_info):
        with suppress(Malformed):
            read(value)
    with suppress(Malformed):
        read_order(value, url="https://ca.example/1")
    assert isinstance(read_problem(value).words, str)


@pytest.mark.parametrize("url", ["http://ca.example/", "https://", "ftp://x", 5, "https://[::1/"])
def test_a_ca_can_not_lead_the_box_away_from_https(url: object) -> None:
    links = {"newNonce": "https://ca.example/n", "newAccount": "https://ca.example/a"}
    with pytest.raises(Malformed):
        read_directory({**links, "newOrder": url})


def test_draws_of_a_window_differ() -> None:
    info = RenewalInfo(NOW, NOW + LIFE / 3, None)
    draw = random.Random(1).random
    drawn = {
        advised_due(info, obtained=NOW, not_before=NOW, not_after=NOW + LIFE, draw=draw)
        for _ in range(5)
    }
    assert len(drawn) == 5
