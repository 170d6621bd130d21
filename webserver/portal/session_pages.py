"""Sessions: who is logged on to the portal, ended one by one; and who has to wait.

Sessions go by handles here: a page that is looked at over somebody's shoulder, or kept,
lets nobody in.
"""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from appliance.accounts import Right
from webserver.portal.account_pages import tabs
from webserver.portal.frame import SESSIONS
from webserver.portal.rights import lacking
from webserver.portal.sessions import Session
from webserver.portal.texts import Texts, mark
from webserver.portal.visits import LOGON, Visit, go


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in the list; `since` and `seen` are words."""

    session: Session
    since: str
    seen: str
    own: bool


async def sessions(visit: Visit) -> web.StreamResponse:
    """The open sessions that one may end, and the accounts that have to wait."""
    assert visit.session is not None
    desk = visit.desk
    lack = lacking(visit, Right.ACCOUNTS)
    waiting = desk.lockout.waiting() if lack is None else {}
    known = [name for name in sorted(waiting) if name in visit.box.model.accounts]
    return await visit.page(
        "sessions.html",
        tabs=tabs(visit),
        lack=lack,
        lines=[
            SessionLine(
                session=session,
                since=span(visit.texts, desk.sessions.age(session.started)),
                seen=span(visit.texts, desk.sessions.age(session.seen)),
                own=session is visit.session,
            )
            for session in _in_reach(visit)
        ],
        waiting=[(name, span(visit.texts, waiting[name])) for name in known],
        strangers=len(waiting) - len(known),
        here=SESSIONS,
    )


def span(texts: Texts, seconds: float) -> str:
    """How long that is, for people."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    if minutes == 0:
        return texts(mark("{seconds} s"), seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return texts(mark("{minutes} min"), minutes=minutes)
    return texts(mark("{hours} h {minutes} min"), hours=hours, minutes=minutes)


def _in_reach(visit: Visit) -> list[Session]:
    """Everybody's sessions for who may manage accounts, else those of the own account."""
    assert visit.account is not None
    every = visit.desk.sessions.open()
    if lacking(visit, Right.ACCOUNTS) is None:
        return every
    return [session for session in every if session.account == visit.account.name]


async def end(visit: Visit) -> web.StreamResponse:
    """End one session; one's own is a logout."""
    assert visit.session is not None
    handle = visit.form.get("handle", "").encode("utf-8", "replace")
    found = next(
        (s for s in _in_reach(visit) if hmac.compare_digest(s.handle.encode(), handle)), None
    )
    if found is None:
        visit.tell(mark("That session has ended already."))
        raise go(SESSIONS)
    visit.desk.sessions.end(found.id)
    await _note(visit, "sessions-ended", account=found.account, count=1)
    if found is visit.session:
        raise go(LOGON, after="logout")
    visit.tell(mark("The session of {account} was ended."), account=found.account)
    raise go(SESSIONS)


async def end_others(visit: Visit) -> web.StreamResponse:
    """End every session that is in reach, but this one."""
    others = [session for session in _in_reach(visit) if session is not visit.session]
    for session in others:
        visit.desk.sessions.end(session.id)
    if others:
        names = ", ".join(sorted({session.account for session in others}))
        await _note(visit, "sessions-ended", account=names, count=len(others))
    visit.tell(mark("Sessions ended: {count}."), count=len(others))
    raise go(SESSIONS)


async def lift(visit: Visit) -> web.StreamResponse:
    """Let an account log on again at once."""
    visit.require(Right.ACCOUNTS)
    name = visit.form.get("name", "")
    if name in visit.box.model.accounts:
        visit.desk.lockout.succeeded(name)
        await _note(visit, "lockout-lifted", account=name)
        visit.tell(mark("{account} may log on again at once."), account=name)
    raise go(SESSIONS)


async def _note(visit: Visit, event: str, **detail: Any) -> None:
    assert visit.account is not None
    await visit.box.note(event, **detail, by=visit.account.name)
