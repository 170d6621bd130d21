"""Guesses at clients: what they rest on, and that they say no more than they know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.decisions import HABITS, Decided, Ending, Reason, decide
from appliance.trust import ENVIRONMENTS
from tests.observed.test_ja4 import hello
from tests.test_hello import HELLO
from webserver.alerts import ALERT_NAMES
from webserver.guesses import guess_client
from webserver.hello import ClientHello, parse_client_hello
from webserver.measured_hellos import BY_CIPHERS, ROWS, TRAITS, TRANSIENT
from webserver.portal.german_opinions import GERMAN
from webserver.portal.opinions import TITLES


def python() -> ClientHello:
    read = parse_client_hello(HELLO)
    assert read is not None
    return read


def test_nobody_is_guessed_from_nothing() -> None:
    assert guess_client(None) is None
    assert guess_client(replace(python(), complete=False)) is None
    assert guess_client(ClientHello(0x0303)) is None


def test_another_order_padding_or_a_ticket_is_the_same_client() -> None:
    other = replace(python(), extensions=(*reversed(python().extensions), *TRANSIENT))
    assert guess_client(other) == guess_client(python())
    assert guess_client(other) is not None


def test_ciphers_alone_are_a_weaker_guess() -> None:
    guess = guess_client(hello())  # Chrome of 2023
    assert guess is not None
    assert (guess.client, guess.basis, guess.version) == ("chromium", "ciphers", None)


def test_safari_is_known_from_published_captures_only() -> None:
    ciphers = (
        "1301,1302,1303,c02c,c02b,cca9,c030,c02f,cca8,c00a,c009,c014,c013,009d,009c,0035,002f,"
        "c008,c012,000a"
    )
    guess = guess_client(hello(ciphers=ciphers))
    assert guess is not None
    assert guess.published is not None
    assert "ios" in guess.environments


def test_openssl_with_other_ciphers_is_known_by_what_it_offers() -> None:
    guess = guess_client(replace(python(), ciphers=(0x1301,)))
    assert guess is not None
    assert (guess.client, guess.title, guess.basis) == (
        None,
        "a program with OpenSSL",
        "features",
    )


def test_every_row_points_somewhere() -> None:
    kin = [*BY_CIPHERS.values(), *(trait.kin for trait in TRAITS)]
    for client in {row.client for row in ROWS} | {one.client for one in kin if one.client}:
        assert client in HABITS or client in {"probe", "pyopenssl"}
    for one in (*ROWS, *kin):
        assert set(one.environments) <= ENVIRONMENTS.keys(), one
    just_names = {"Firefox", "Go", "Java", "Node.js", "Python"}
    assert {one.title for one in kin} - just_names == set(TITLES)
    assert set(TITLES) <= GERMAN.keys()


def test_no_two_rows_have_one_fingerprint() -> None:
    assert len({(row.ciphers, row.rest) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("client", [None, *HABITS])
def test_every_alert_and_ending_is_decided(client: str | None) -> None:
    for code in ALERT_NAMES:
        for outcome in ("refused-by-client", "refused-by-server"):
            made = decide(Ending(outcome, client_alert=code, server_alert=code), client)
            if outcome == "refused-by-server":
                assert made.decided is Decided.UNCLEAR
    unknown = decide(Ending("refused-by-client", client_alert=None), client)
    assert unknown.reason is Reason.OTHER


def test_who_never_saw_the_certificate_decided_nothing() -> None:
    for outcome in ("closed-during-handshake", "reset"):
        for client in (None, *HABITS):
            made = decide(Ending(outcome, seen=False), client)
            assert (made.decided, made.reason) == (Decided.UNCLEAR, Reason.UNSEEN)


def test_an_unknown_client_that_leaves_is_a_guess() -> None:
    left = decide(Ending("closed-during-handshake"))
    assert (left.decided.value, left.certainty.value) == ("refused", "guess")
    assert decide(Ending("closed-without-request", finished=True)).decided is Decided.UNCLEAR


@given(
    st.builds(
        ClientHello,
        legacy_version=st.integers(0, 0xFFFF),
        ciphers=st.lists(st.integers(0, 0xFFFF), max_size=20).map(tuple),
        extensions=st.lists(st.integers(0, 0xFFFF), max_size=20).map(tuple),
        signature_algorithms=st.lists(st.integers(0, 0xFFFF), max_size=9).map(tuple),
    )
)
def test_any_hello_is_looked_at(offered: ClientHello) -> None:
    guess_client(offered)
