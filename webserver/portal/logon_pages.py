"""Logging on and off, and the password change that the first logon forces.

Path and field names of the logon are the real box's: scripts written for it work here.
"""

from __future__ import annotations

import math

from aiohttp import web

from appliance.accounts import DEFAULT_NAME, DEFAULT_PASSWORD
from store.people import Account
from store.refusals import Refusal, Refused
from webserver.portal import sessions
from webserver.portal.forms import Form
from webserver.portal.texts import mark
from webserver.portal.visits import (
    HOME,
    LOGON,
    Visit,
    go,
    set_cookie,
)
from webserver.problems import status_of

MAX_WAITING = 20  # each logon takes the model's thread for tens of milliseconds

_AFTER = {
    "restart": mark("The box is running again. A restart ends all sessions: please log on."),
    "logout": mark("You are logged out."),
    "end": mark("You are not logged on, or your session has ended."),
}


async def logon(visit: Visit) -> web.StreamResponse:
    """The logon form; sets the cookie that the real box sets before logon."""
    if visit.session is not None:
        raise go(HOME)
    told = _AFTER.get(visit.request.query.get("after", ""))
    response = await _logon_page(visit, told=told)
    set_cookie(response, sessions.COOKIE, sessions.new_id())
    return response


async def _logon_page(
    visit: Visit, *, told: str | None = None, message: str | None = None, status: int = 200
) -> web.Response:
    default = visit.box.model.accounts.get(DEFAULT_NAME)
    first = default is not None and default.password_hash is None
    return await visit.page(
        "logon.html",
        status=status,
        message=message,
        told=told and visit.texts(told),
        first=(DEFAULT_NAME, DEFAULT_PASSWORD) if first else None,
        name=visit.form.get("j_username", ""),
    )


async def check(visit: Visit) -> web.StreamResponse:
    """Log on with `j_username` and `j_password`: 302 to the start page, or 401 and the form.

    A script can tell by the status alone; browsers show the page of a 401 like any other.
    """
    name, password = visit.form.get("j_username", ""), visit.form.get("j_password", "")
    desk = visit.desk
    if desk.waiting_to_log_on >= MAX_WAITING:
        return await _must_wait(visit, 1.0)
    desk.waiting_to_log_on += 1
    try:
        # One after the other, so that attempts made at once are counted like any others.
        async with desk.logging_on:
            wait = desk.lockout.wait(name)
            if wait > 0:
                return await _must_wait(visit, wait)
            account = await visit.box.administration.log_on(name, password)
            if account is None:
                desk.lockout.failed(name)
            else:
                desk.lockout.succeeded(name)
    finally:
        desk.waiting_to_log_on -= 1
    if account is None:
        message = visit.texts(mark("User name or password is wrong."))
        response = await _logon_page(visit, message=message, status=401)
        response.headers["WWW-Authenticate"] = 'FormBased realm="Admin Portal"'
        return response
    return _logged_on(visit, account)


def _logged_on(visit: Visit, account: Account) -> web.Response:
    if visit.session is not None:
        visit.desk.sessions.end(visit.session.id)
    # A new id: one that was planted in the browser before is worth nothing.
    session = visit.desk.sessions.begin(account.name, client=visit.request.remote or "")
    response = web.Response(status=302, headers={"Location": HOME})
    set_cookie(response, sessions.COOKIE, session.id)
    return response


async def _must_wait(visit: Visit, seconds: float) -> web.Response:
    whole = math.ceil(seconds)
    text = mark("Too many failed logons. Try again in {seconds} s.")
    message = visit.texts(text, seconds=whole)
    response = await _logon_page(visit, message=message, status=429)
    response.headers["Retry-After"] = str(whole)
    return response


async def no_form_here(_visit: Visit) -> web.StreamResponse:
    """A reload of the logon's answer, or a script that GETs it."""
    raise go(LOGON)


async def logout(visit: Visit) -> web.StreamResponse:
    """End the session."""
    assert visit.session is not None
    visit.desk.sessions.end(visit.session.id)
    raise go(LOGON, after="logout")


async def password(visit: Visit) -> web.StreamResponse:
    """The form for a new password."""
    return await _password_page(visit, Form())


async def _password_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    assert visit.account is not None
    return await visit.page(
        "password.html", form=form, status=status, forced=visit.account.must_change
    )


async def change_password(visit: Visit) -> web.StreamResponse:
    """Set a new password; everybody else who uses the account is logged off."""
    assert visit.account is not None
    account, desk = visit.account, visit.desk
    try:
        if not account.must_change:
            await _check_present(visit, account)
        await visit.box.administration.change_own_password(
            account.name,
            password=visit.form.get("password", ""),
            again=visit.form.get("again", ""),
        )
    except Refused as refused:
        form = Form().refuse(refused, ("present", "password", "again"))
        return await _password_page(visit, form, status_of(refused))
    desk.sessions.end_account(account.name)
    session = desk.sessions.begin(account.name, client=visit.request.remote or "")
    session.notices.append(visit.texts(mark("The password was changed.")))
    response = web.Response(status=303, headers={"Location": HOME})
    set_cookie(response, sessions.COOKIE, session.id)
    return response


async def _check_present(visit: Visit, account: Account) -> None:
    present = visit.form.get("present", "")
    async with visit.desk.logging_on:
        wait = visit.desk.lockout.wait(account.name)
        if wait == 0 and await visit.box.administration.log_on(account.name, present) is not None:
            visit.desk.lockout.succeeded(account.name)
            return
        if wait == 0:
            visit.desk.lockout.failed(account.name)
    raise Refused(
        Refusal("password-wrong", "The present password is wrong.", "present")
        if wait == 0
        else Refusal(
            "locked-out", "Too many failed logons.", "present", f"Wait {math.ceil(wait)} s."
        )
    )
