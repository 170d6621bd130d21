"""Who gets in, and how: logon, sessions, forged forms, guessed passwords."""

from http.cookies import SimpleCookie

import pytest

from tests.portal.visitor import ADMIN, CERTIFICATES, DEFAULT, HOME, LAN, NAME, PASSWORD, Visitor
from webserver.portal import sessions
from webserver.portal.lockout import (
    FIRST_WAIT_SECONDS,
    FREE_ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    Lockout,
)
from webserver.simulator import Simulator

CHECK = ADMIN + "jsp/j_security_check"


async def test_the_root_leads_to_the_logon(stranger: Visitor) -> None:
    answer = await stranger.get("/")
    assert (answer.status, answer.location) == (302, ADMIN)
    assert "Log on" in (await stranger.get(ADMIN)).words


async def test_robots_are_answered_without_a_session(stranger: Visitor) -> None:
    answer = await stranger.get("/robots.txt")
    assert answer.text == "User-agent: *\nDisallow: /\n"
    assert not stranger.cookies


async def test_a_script_logs_on_as_at_the_real_box(stranger: Visitor) -> None:
    await stranger.get(ADMIN)
    before = stranger.cookies[sessions.COOKIE]
    answer = await stranger.try_to_log_on(DEFAULT)
    assert (answer.status, answer.location) == (302, HOME)
    assert stranger.cookies[sessions.COOKIE] != before  # a planted id is worth nothing


async def test_the_session_cookie_is_for_this_site_over_tls_and_for_no_script(
    stranger: Visitor,
) -> None:
    answer = await stranger.try_to_log_on(DEFAULT)
    cookie = SimpleCookie(answer.headers["Set-Cookie"])[sessions.COOKIE]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert (cookie["samesite"], cookie["path"]) == ("Strict", "/")


async def test_a_wrong_password_gives_the_form_back_with_the_name(stranger: Visitor) -> None:
    answer = await stranger.try_to_log_on("not this one")
    assert answer.status == 401
    assert f'value="{NAME}"' in answer.text
    assert "not this one" not in answer.text
    assert sessions.COOKIE not in stranger.cookies


async def test_an_unknown_name_is_answered_like_a_wrong_password(stranger: Visitor) -> None:
    wrong = await stranger.try_to_log_on("wrong")
    unknown = await stranger.try_to_log_on("wrong", name="nobody@system")
    assert unknown.status == wrong.status
    assert unknown.text.replace("nobody@system", NAME) == wrong.text


async def test_the_first_logon_leads_nowhere_but_to_a_new_password(stranger: Visitor) -> None:
    await stranger.try_to_log_on(DEFAULT)
    for path in (HOME, CERTIFICATES, LAN, ADMIN + "administrators"):
        answer = await stranger.get(path)
        assert (answer.status, answer.location) == (303, ADMIN + "password")
    token = (await stranger.get(ADMIN + "password")).csrf
    answer = await stranger.post(LAN, {"lan_ip": "127.0.0.9", "csrf": token})
    assert (answer.status, answer.location) == (303, ADMIN + "password")


async def test_all_that_is_wrong_with_a_new_password_is_told_at_once(stranger: Visitor) -> None:
    await stranger.try_to_log_on(DEFAULT)
    answer = await stranger.send(ADMIN + "password", {"password": "short", "again": "other"})
    assert answer.status == 422
    assert "The new password has 5 characters." in answer.words
    assert "The two passwords differ." in answer.words
    assert 'value="short"' not in answer.text


async def test_a_changed_password_holds_and_ends_other_sessions(
    simulator: Simulator, admin: Visitor
) -> None:
    async with Visitor(simulator) as other:
        assert (await other.try_to_log_on(DEFAULT)).status == 401
        assert (await other.try_to_log_on(PASSWORD)).status == 302
        fields = {"present": PASSWORD, "password": "another one", "again": "another one"}
        assert (await admin.send(ADMIN + "password", fields)).status == 303
        assert (await other.get(HOME)).location.startswith(ADMIN)
        assert (await admin.get(HOME)).status == 200


async def test_a_password_is_not_changed_without_the_present_one(admin: Visitor) -> None:
    fields = {"present": "a guess", "password": "another one", "again": "another one"}
    answer = await admin.send(ADMIN + "password", fields)
    assert answer.status == 422
    assert "The present password is wrong." in answer.words


@pytest.mark.parametrize("token", [{}, {"csrf": ""}, {"csrf": "forged"}, {"csrf": "ä"}])
async def test_a_change_without_the_token_of_the_session_is_refused(
    simulator: Simulator, admin: Visitor, token: dict[str, str]
) -> None:
    answer = await admin.post(LAN, {"lan_ip": "127.0.0.9", **token})
    assert answer.status == 403
    assert simulator.box.lan_ip == "127.0.0.2"


async def test_a_form_from_another_site_is_refused(admin: Visitor, stranger: Visitor) -> None:
    for origin in ("https://evil.example", "null", "https://[", ""):
        assert (await stranger.try_to_log_on(DEFAULT, Origin=origin)).status == 403
        token = (await admin.get(LAN)).csrf
        answer = await admin.post(LAN, {"lan_ip": "127.0.0.9", "csrf": token}, Origin=origin)
        assert answer.status == 403


async def test_logging_out_ends_the_session(admin: Visitor) -> None:
    cookie = admin.cookies[sessions.COOKIE]
    token = (await admin.get(HOME)).csrf
    answer = await admin.post(ADMIN + "logout", {"csrf": token})
    assert (answer.status, answer.location) == (303, ADMIN + "?after=logout")
    answer = await admin.get(HOME, Cookie=f"{sessions.COOKIE}={cookie}")
    assert answer.status == 303


async def test_nothing_is_shown_without_a_session(stranger: Visitor) -> None:
    for path in (HOME, CERTIFICATES, CERTIFICATES + "/1234", LAN, ADMIN + "expert"):
        answer = await stranger.get(path)
        assert (answer.status, answer.location) == (303, ADMIN + "?after=end")


async def test_after_five_failures_even_the_right_password_has_to_wait(stranger: Visitor) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert (await stranger.try_to_log_on("wrong")).status == 401
    answer = await stranger.try_to_log_on(DEFAULT)
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= FIRST_WAIT_SECONDS
    assert (await stranger.try_to_log_on("wrong", name="nobody@system")).status == 401


def test_the_wait_doubles_up_to_five_minutes_and_success_forgets() -> None:
    now = 0.0
    lockout = Lockout(now=lambda: now)
    waits = []
    for _ in range(FREE_ATTEMPTS + 8):
        lockout.failed("somebody")
        waits.append(lockout.wait("somebody"))
        now += waits[-1]
    assert waits[: FREE_ATTEMPTS - 1] == [0.0] * (FREE_ATTEMPTS - 1)
    assert waits[FREE_ATTEMPTS - 1 : FREE_ATTEMPTS + 2] == [5.0, 10.0, 20.0]
    assert max(waits) == LONGEST_WAIT_SECONDS
    assert lockout.wait("somebody") == 0.0
    lockout.succeeded("somebody")
    lockout.failed("somebody")
    assert lockout.wait("somebody") == 0.0


def test_trying_many_names_unlocks_none() -> None:
    lockout = Lockout(now=lambda: 0.0)
    for _ in range(FREE_ATTEMPTS):
        lockout.failed("somebody")
    for number in range(3_000):
        lockout.failed(f"name {number}")
    assert lockout.wait("somebody") > 0


def test_a_session_ends_when_it_is_idle_and_when_it_is_old() -> None:
    now = 0.0
    kept = sessions.Sessions(now=lambda: now)
    idle = kept.begin(NAME)
    now += sessions.IDLE_SECONDS + 1
    assert kept.find(idle.id) is None
    busy = kept.begin(NAME)
    while now < sessions.LONGEST_SECONDS:
        assert kept.find(busy.id) is busy
        now += sessions.IDLE_SECONDS
    now += sessions.LONGEST_SECONDS
    assert kept.find(busy.id) is None


def test_too_many_sessions_end_the_one_silent_longest() -> None:
    now = 0.0
    kept = sessions.Sessions(now=lambda: now)
    first = kept.begin(NAME)
    for _ in range(sessions.MAX_SESSIONS):
        now += 0.001
        kept.begin(NAME)
    assert len(kept) == sessions.MAX_SESSIONS
    assert kept.find(first.id) is None
