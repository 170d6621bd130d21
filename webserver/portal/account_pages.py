"""Administrators: who may log on, set up, changed and removed; what the roles may do.

Everyone sees the own account. Who may manage accounts sees and changes them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from appliance.accounts import RIGHTS, ROLES, Right
from store.people import Account
from store.refusals import Refused
from webserver.portal.forms import Form
from webserver.portal.frame import ADMINISTRATORS, SESSIONS
from webserver.portal.rendering import PARAMETERS
from webserver.portal.rights import lacking
from webserver.portal.texts import mark
from webserver.portal.visits import PASSWORD, Visit, go
from webserver.problems import status_of

NEW = ADMINISTRATORS + "/new"
ACCOUNTS = ADMINISTRATORS + "/account"
EXPERT_NAME = "expert@system"

RIGHT_WORDS = {
    Right.SEE: mark("look at everything"),
    Right.GENERATE: mark("generate certificates and signing requests"),
    Right.IMPORT: mark("import certificates"),
    Right.ACTIVATE: mark("activate certificates"),
    Right.NETWORK: mark("change the LAN IP address and the clock"),
    Right.BACKUP: mark("back up and restore"),
    Right.ACCOUNTS: mark("manage administrators"),
    Right.FAULTS: mark("set faults"),
}


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in the list.

    link: its page; None for who may not change it.
    sessions: how many are open. wait: whether failed logons make it wait now.
    """

    account: Account
    link: str | None
    sessions: int
    wait: bool


def page_of(name: str) -> str:
    """The page of the account `name`."""
    return f"{ACCOUNTS}/{quote(name, safe='@')}"


def tabs(visit: Visit) -> list[tuple[str, str]]:
    """The tabs of this task centre."""
    return [("Administrators", ADMINISTRATORS), (visit.texts(mark("Sessions")), SESSIONS)]


async def administrators(visit: Visit) -> web.StreamResponse:
    """Who may log on here."""
    assert visit.account is not None
    lack = lacking(visit, Right.ACCOUNTS)
    every = sorted(visit.box.model.accounts.values(), key=lambda account: account.name)
    shown = every if lack is None else [visit.account]
    return await visit.page(
        "administrators.html",
        tabs=tabs(visit),
        lines=[_line(visit, account, managed=lack is None) for account in shown],
        lack=lack,
        expert=None if any(account.role == "expert" for account in every) else EXPERT_NAME,
        rights=[(RIGHT_WORDS[right], right) for right in Right],
        roles=RIGHTS,
        password_path=PASSWORD,
        new_path=NEW,
    )


def _line(visit: Visit, account: Account, *, managed: bool) -> AccountLine:
    sessions = [s for s in visit.desk.sessions.open() if s.account == account.name]
    return AccountLine(
        account=account,
        link=page_of(account.name) if managed else None,
        sessions=len(sessions),
        wait=visit.desk.lockout.wait(account.name) > 0,
    )


async def new(visit: Visit) -> web.StreamResponse:
    """The form for another account."""
    visit.require(Right.ACCOUNTS)
    query = visit.request.query
    role = query.get("role", "")
    return await _new_page(
        visit, Form({"name": query.get("name", "")[:60], "role": role if role in ROLES else ""})
    )


async def _new_page(visit: Visit, form: Form, status: int = 200) -> web.StreamResponse:
    return await visit.page(
        "account_new.html", form=form, status=status, tabs=tabs(visit), roles=ROLES
    )


async def create(visit: Visit) -> web.StreamResponse:
    """Set up an account."""
    visit.require(Right.ACCOUNTS)
    assert visit.account is not None
    name, role = visit.form.get("name", "").strip(), visit.form.get("role", "")
    try:
        await visit.box.administration.create(
            name,
            role,
            by=visit.account,
            password=visit.form.get("password", ""),
            again=visit.form.get("again", ""),
        )
    except Refused as refused:
        fields = ("name", "role", "password", "again")
        form = Form({"name": name, "role": role}).refuse(refused, fields)
        return await _new_page(visit, form, status_of(refused))
    visit.tell(
        mark("{account} was set up. At its first logon it has to choose its own password."),
        account=name,
    )
    raise go(ADMINISTRATORS)


async def account(visit: Visit) -> web.StreamResponse:
    """One account, with what can be changed."""
    visit.require(Right.ACCOUNTS)
    found = _found(visit)
    return await _account_page(visit, found, Form({"role": found.role}))


def _found(visit: Visit) -> Account:
    name = visit.request[PARAMETERS]["name"]
    found = visit.box.model.accounts.get(name)
    if found is None:
        raise Refused.because("no-such-account", f"There is no account {name[:60]!r}.")
    return found


async def _account_page(
    visit: Visit, found: Account, form: Form, status: int = 200
) -> web.StreamResponse:
    assert visit.account is not None
    return await visit.page(
        "account.html",
        form=form,
        status=status,
        tabs=tabs(visit),
        shown=_line(visit, found, managed=True),
        own=found.name == visit.account.name,
        roles=ROLES,
        here=page_of(found.name),
        password_path=PASSWORD,
    )


async def change_role(visit: Visit) -> web.StreamResponse:
    """Give the account another role; its open sessions have it from their next page on."""
    visit.require(Right.ACCOUNTS)
    assert visit.account is not None
    found, role = _found(visit), visit.form.get("role", "")
    try:
        await visit.box.administration.change_role(found.name, role, by=visit.account)
    except Refused as refused:
        form = Form({"role": role}).refuse(refused, ("role",))
        return await _account_page(visit, found, form, status_of(refused))
    visit.tell(
        mark("{account} has the role {role} now."), account=found.name, role=role.capitalize()
    )
    raise go(ADMINISTRATORS)


async def set_password(visit: Visit) -> web.StreamResponse:
    """Give somebody a password who forgot theirs; whoever uses the account is logged off."""
    visit.require(Right.ACCOUNTS)
    assert visit.account is not None
    found = _found(visit)
    if found.name == visit.account.name:
        raise go(PASSWORD)
    try:
        await visit.box.administration.set_password(
            found.name,
            by=visit.account,
            password=visit.form.get("password", ""),
            again=visit.form.get("again", ""),
        )
    except Refused as refused:
        form = Form({"role": found.role}).refuse(refused, ("password", "again"))
        return await _account_page(visit, found, form, status_of(refused))
    visit.desk.sessions.end_account(found.name)
    visit.desk.lockout.succeeded(found.name)
    visit.tell(
        mark("{account} has a new password, and has to choose its own at the next logon."),
        account=found.name,
    )
    raise go(ADMINISTRATORS)


async def removal(visit: Visit) -> web.StreamResponse:
    """Asks whether the account is really to go."""
    visit.require(Right.ACCOUNTS)
    return await _removal_page(visit, _found(visit), Form())


async def _removal_page(
    visit: Visit, found: Account, form: Form, status: int = 200
) -> web.StreamResponse:
    return await visit.page(
        "account_remove.html",
        form=form,
        status=status,
        tabs=tabs(visit),
        shown=_line(visit, found, managed=True),
        here=page_of(found.name),
    )


async def remove(visit: Visit) -> web.StreamResponse:
    """Remove the account; whoever uses it is logged off."""
    visit.require(Right.ACCOUNTS)
    assert visit.account is not None
    found = _found(visit)
    try:
        await visit.box.administration.remove(found.name, by=visit.account)
    except Refused as refused:
        form = Form().refuse(refused, ())
        return await _removal_page(visit, found, form, status_of(refused))
    visit.desk.sessions.end_account(found.name)
    visit.desk.lockout.succeeded(found.name)
    visit.tell(mark("{account} was removed."), account=found.name)
    raise go(ADMINISTRATORS)
