"""Who administers the box: accounts, what their roles may do, sessions, and who has to wait."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from appliance.accounts import RIGHTS, ROLES, Right, with_password
from appliance.change import Change
from store.people import Account
from tests.portal.visitor import ADMIN, DEFAULT, EXPERT, HOME, LAN, NAME, PASSWORD, Visitor
from webserver.portal.lockout import FREE_ATTEMPTS
from webserver.portal.sessions import COOKIE
from webserver.simulator import Simulator

ADMINISTRATORS = ADMIN + "administrators"
NEW = ADMINISTRATORS + "/new"
SESSIONS = ADMINISTRATORS + "/sessions"
ACCOUNT = ADMINISTRATORS + "/account/"
FIRST = "first password"
TWICE = {"password": FIRST, "again": FIRST}

# What each change of these pages needs, and fields that would make it.
NEEDS: list[tuple[str, Right, dict[str, str]]] = [
    (LAN, Right.NETWORK, {"lan_ip": "127.0.0.2"}),
    (ADMIN + "setup/clock", Right.NETWORK, {"rate": "1"}),
    (ADMIN + "backup", Right.BACKUP, {"passphrase": "seven-7", "again": "other-7"}),
    (ADMIN + "backup/restore", Right.BACKUP, {"passphrase": "seven-7"}),
    (NEW, Right.ACCOUNTS, {"name": "nobody"}),
    (ACCOUNT + NAME + "/role", Right.ACCOUNTS, {"role": "king"}),
    (ACCOUNT + NAME + "/password", Right.ACCOUNTS, {"password": "short"}),
    (ACCOUNT + "nobody@system/remove", Right.ACCOUNTS, {}),
    (SESSIONS + "/lift", Right.ACCOUNTS, {"name": "nobody@system"}),
]
FREE = [(SESSIONS + "/end", {"handle": "none"}), (SESSIONS + "/end-others", {})]


async def set_up(simulator: Simulator, role: str) -> str:
    """An account with `role` that has chosen `PASSWORD`; its name."""
    account = Account(f"{role}@system", role, None, must_change=True)
    account = with_password(account, password=PASSWORD, again=PASSWORD)
    await simulator.box.call(simulator.box.model.commit, Change(accounts=(account,)))
    return account.name


@asynccontextmanager
async def logged_on(simulator: Simulator, name: str) -> AsyncIterator[Visitor]:
    async with Visitor(simulator) as visitor:
        assert (await visitor.try_to_log_on(PASSWORD, name=name)).status == 302
        yield visitor


async def token_of(visitor: Visitor) -> str:
    return (await visitor.get(HOME)).csrf


async def end_of(visitor: Visitor, account: str) -> str:
    """The handle of somebody else's session, from the page."""
    page = (await visitor.get(SESSIONS)).text
    lines = [line for line in page.split("<tr")[2:] if account in line]
    found = re.search(r'name="handle" value="(\w+)"', lines[0])
    assert found
    return found[1]


# Accounts


async def test_a_new_box_offers_to_set_up_an_expert_who_then_may_activate(
    simulator: Simulator, admin: Visitor
) -> None:
    page = await admin.get(ADMINISTRATORS)
    assert "Nobody here has the role Expert." in page.words
    link = re.search(r'href="([^"]*expert%40system[^"]*)"', page.text)
    assert link
    form = await admin.get(link[1].replace("&amp;", "&"))
    assert (form.fields["name"], form.fields["role"]) == (EXPERT, "expert")
    made = await admin.fill_in(link[1].replace("&amp;", "&"), TWICE)
    assert made.status == 303
    assert simulator.box.model.accounts[EXPERT].must_change
    words = (await admin.get(ADMINISTRATORS)).words
    assert "expert@system was set up." in words
    assert "Nobody here has the role Expert." not in words
    assert "to be changed at the next logon" in words
    async with Visitor(simulator) as expert:
        assert (await expert.try_to_log_on(FIRST, name=EXPERT)).status == 302
        assert (await expert.get(HOME)).location == ADMIN + "password"
        chosen = {"password": PASSWORD, "again": PASSWORD}
        assert (await expert.send(ADMIN + "password", chosen)).status == 303
        assert simulator.box.model.accounts[EXPERT].role == "expert"


async def test_all_that_is_wrong_with_a_new_account_is_told_at_once_and_no_password_comes_back(
    simulator: Simulator, admin: Visitor
) -> None:
    fields = {"name": 'Ex"pert', "role": "king", "password": "short-1", "again": "other-1"}
    answer = await admin.fill_in(NEW, fields)
    assert answer.status == 422
    for wrong in ("name-wrong1", "role-wrong1", "password-wrong1", "again-wrong1"):
        assert f'id="{wrong}"' in answer.text
    assert "short-1" not in answer.text
    assert answer.fields["name"] == 'Ex"pert'
    assert list(simulator.box.model.accounts) == [NAME]
    taken = await admin.fill_in(NEW, {"name": NAME, "role": "basic", **TWICE})
    assert taken.status == 409
    assert 'id="name-wrong1"' in taken.text


async def test_another_role_holds_at_once(simulator: Simulator, admin: Visitor) -> None:
    name = await set_up(simulator, "basic")
    async with logged_on(simulator, name) as other:
        assert (await other.get(NEW)).status == 403
        answer = await admin.post(
            ACCOUNT + name + "/role", {"role": "advanced", "csrf": await token_of(admin)}
        )
        assert (answer.status, answer.location) == (303, ADMINISTRATORS)
        assert "basic@system has the role Advanced now." in (await admin.get(HOME)).words
        assert (await other.get(NEW)).status == 200


async def test_a_set_password_logs_off_lifts_the_wait_and_has_to_be_changed(
    simulator: Simulator, admin: Visitor
) -> None:
    name = await set_up(simulator, "enhanced")
    async with logged_on(simulator, name) as other:
        for _ in range(FREE_ATTEMPTS + 1):
            async with Visitor(simulator) as stranger:
                await stranger.try_to_log_on("a guess", name=name)
        path = ACCOUNT + name + "/password"
        token = await token_of(admin)
        wrong = await admin.post(path, {"password": "x", "again": "y", "csrf": token})
        assert wrong.status == 422
        assert 'id="password-wrong1"' in wrong.text
        assert (await other.get(HOME)).status == 200
        assert (await admin.post(path, {**TWICE, "csrf": token})).status == 303
        assert (await other.get(HOME)).location.startswith(ADMIN)
        assert (await other.try_to_log_on(FIRST, name=name)).status == 302
        assert (await other.get(HOME)).location == ADMIN + "password"


async def test_ones_own_password_is_set_with_the_present_one_only(
    simulator: Simulator, admin: Visitor
) -> None:
    before = simulator.box.model.accounts[NAME]
    path = ACCOUNT + NAME + "/password"
    answer = await admin.post(path, {**TWICE, "csrf": await token_of(admin)})
    assert (answer.status, answer.location) == (303, ADMIN + "password")
    assert simulator.box.model.accounts[NAME] == before


async def test_removing_asks_first_and_logs_off(simulator: Simulator, admin: Visitor) -> None:
    name = await set_up(simulator, "basic")
    async with logged_on(simulator, name) as other:
        path = ACCOUNT + name + "/remove"
        words = (await admin.get(path)).words
        assert "Open sessions that end at once: 1." in words
        assert name in simulator.box.model.accounts
        assert (await admin.send(path, {})).status == 303
        assert name not in simulator.box.model.accounts
        assert (await other.get(HOME)).location.startswith(ADMIN)
        assert (await admin.get(ACCOUNT + name)).status == 404
        assert (await admin.post(path, {"csrf": await token_of(admin)})).status == 404


async def test_the_last_who_manages_and_the_own_account_are_kept(
    simulator: Simulator, admin: Visitor
) -> None:
    own = ACCOUNT + NAME
    for path, fields in ((own + "/role", {"role": "basic"}), (own + "/remove", {})):
        answer = await admin.post(path, {**fields, "csrf": await token_of(admin)})
        assert answer.status == 409
        assert 'role="alert"' in answer.text
    assert simulator.box.model.accounts[NAME].role == "advanced"
    await set_up(simulator, "expert")
    answer = await admin.post(own + "/remove", {"csrf": await token_of(admin)})
    assert answer.status == 409  # still one's own
    answer = await admin.post(own + "/role", {"role": "basic", "csrf": await token_of(admin)})
    assert answer.status == 303
    page = await admin.get(ADMINISTRATORS)
    assert EXPERT not in page.words
    assert "Managing other administrators needs the role Advanced or Expert." in page.words


# Rights


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_do_what_it_may_and_nothing_more(
    simulator: Simulator, admin: Visitor, role: str
) -> None:
    name = await set_up(simulator, role)
    async with logged_on(simulator, name) as visitor:
        token = await token_of(visitor)
        for path, right, fields in NEEDS:
            answer = await visitor.post(path, {**fields, "csrf": token})
            if right in RIGHTS[role]:
                assert answer.status in (303, 404, 422), (path, answer.status)
            else:
                assert answer.status == 403, path
                assert "Not with your role" in answer.words
                assert f"with the role {role.capitalize()}." in answer.words
                assert "Logout" in answer.words  # still in the frame, not lost
        for path, fields in FREE:
            assert (await visitor.post(path, {**fields, "csrf": token})).status == 303
    accounts = simulator.box.model.accounts
    assert {account.role for account in accounts.values()} == {"advanced", role}


async def test_what_the_role_may_not_is_shown_as_such(simulator: Simulator, admin: Visitor) -> None:
    name = await set_up(simulator, "basic")
    async with logged_on(simulator, name) as visitor:
        home = await visitor.get(HOME)
        assert re.search(r'>Data Backup <svg[^>]*aria-label="not with your role"', home.text)
        for path in (LAN, ADMIN + "backup", ADMIN + "backup/restore", ADMIN + "setup"):
            page = await visitor.get(path)
            assert page.status == 200
            assert "needs the role Advanced or Expert." in page.words
            buttons = re.findall(r"<button[^>]*>", page.text.partition("<main")[2])
            assert buttons
            assert all("disabled" in button for button in buttons), path
        words = (await visitor.get(ADMINISTRATORS)).words
        assert name in words
        assert NAME not in words
    assert "not with your role" not in (await admin.get(HOME)).text


async def test_nobody_who_is_not_logged_on_gets_anything_read(
    simulator: Simulator, stranger: Visitor
) -> None:
    for path, _right, fields in NEEDS:
        answer = await stranger.post(path, fields)
        assert (answer.status, answer.location) == (303, ADMIN + "?after=end")
    endless = {"Content-Type": "text/plain"}
    answer = await stranger.ask("POST", ADMIN + "backup/restore", data=b"x", headers=endless)
    assert answer.status == 303


# Sessions


async def test_sessions_are_listed_without_their_ids_and_ended_one_by_one(
    simulator: Simulator, admin: Visitor
) -> None:
    name = await set_up(simulator, "expert")
    async with logged_on(simulator, name) as other:
        page = await admin.get(SESSIONS)
        assert page.words.count("127.0.0.1") == 2
        assert f"{NAME} this session" in page.words
        for visitor in (admin, other):
            assert visitor.cookies[COOKIE] not in page.text
        fields = {"handle": await end_of(admin, name), "csrf": page.csrf}
        assert (await admin.post(SESSIONS + "/end", fields)).location == SESSIONS
        assert (await other.get(HOME)).location.startswith(ADMIN)
        assert "The session of expert@system was ended." in (await admin.get(SESSIONS)).words
        await admin.post(SESSIONS + "/end", fields)
        assert "That session has ended already." in (await admin.get(SESSIONS)).words
        assert (await other.try_to_log_on(PASSWORD, name=name)).status == 302
        for cookie in (other.cookies[COOKIE], "", "ä"):
            await admin.post(SESSIONS + "/end", {"handle": cookie, "csrf": page.csrf})
        assert (await other.get(HOME)).status == 200  # an id is no handle
        await admin.post(SESSIONS + "/end-others", {"csrf": page.csrf})
        assert (await other.get(HOME)).location.startswith(ADMIN)
        assert "Sessions ended: 1." in (await admin.get(SESSIONS)).words
        own = {"handle": await end_of(admin, NAME), "csrf": page.csrf}
        assert (await admin.post(SESSIONS + "/end", own)).location == ADMIN + "?after=logout"
        assert (await admin.get(HOME)).location.startswith(ADMIN)


async def test_who_may_not_manage_ends_own_sessions_only(
    simulator: Simulator, admin: Visitor
) -> None:
    name = await set_up(simulator, "basic")
    handle = await end_of(admin, NAME)
    async with logged_on(simulator, name) as one, logged_on(simulator, name) as two:
        page = await one.get(SESSIONS)
        assert page.words.count("127.0.0.1") == 2
        assert NAME not in page.words
        await one.post(SESSIONS + "/end", {"handle": handle, "csrf": page.csrf})
        await one.post(SESSIONS + "/end-others", {"csrf": page.csrf})
        assert (await two.get(HOME)).location.startswith(ADMIN)
        assert (await one.get(HOME)).status == 200
    assert (await admin.get(HOME)).status == 200


# Who has to wait


async def test_a_wait_is_shown_and_lifted_and_guessed_names_are_not_shown(
    simulator: Simulator, admin: Visitor
) -> None:
    name = await set_up(simulator, "expert")
    async with Visitor(simulator) as guesser:
        for _ in range(FREE_ATTEMPTS):
            await guesser.try_to_log_on("a guess", name=name)
            await guesser.try_to_log_on("a guess", name="my secret, in the wrong field")
        assert (await guesser.try_to_log_on(PASSWORD, name=name)).status == 429
        page = await admin.get(SESSIONS)
        assert re.search(r"expert@system has to wait for another \d s", page.words)
        assert "Names that no account has and that have to wait: 1." in page.words
        assert "my secret" not in page.text
        assert "has to wait after failed logons" in (await admin.get(ADMINISTRATORS)).words
        await admin.post(SESSIONS + "/lift", {"name": name, "csrf": page.csrf})
        assert "No account has to wait." in (await admin.get(SESSIONS)).words
        assert (await guesser.try_to_log_on(PASSWORD, name=name)).status == 302


async def test_what_administrators_did_to_each_other_is_in_the_journal(
    simulator: Simulator, admin: Visitor
) -> None:
    token = await token_of(admin)
    await admin.post(NEW, {"name": EXPERT, "role": "expert", **TWICE, "csrf": token})
    await admin.post(ACCOUNT + EXPERT + "/role", {"role": "basic", "csrf": token})
    await admin.post(ACCOUNT + EXPERT + "/password", {**TWICE, "csrf": token})
    await admin.post(SESSIONS + "/lift", {"name": EXPERT, "csrf": token})
    await admin.post(ACCOUNT + EXPERT + "/remove", {"csrf": token})
    words = (await admin.get(ADMIN + "service")).words
    for told in (
        f"{NAME} set up {EXPERT} with the role Expert.",
        f"{NAME} gave {EXPERT} the role Basic.",
        f"{NAME} set a password for {EXPERT}.",
        f"{NAME} let {EXPERT} log on again at once.",
        f"{NAME} removed {EXPERT}.",
    ):
        assert told in words
    assert FIRST not in words
    assert DEFAULT not in words.replace(NAME, "")
