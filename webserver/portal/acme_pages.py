"""*Let's Encrypt*: a certificate from an ACME CA, how it stands, and what came of it so far.

Thin: what can be asked for, and what it means when it fails, is said in `appliance/acme`.
Imported with the other pages, so what does the work is imported when somebody looks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from appliance.accounts import Right
from store.certificate import iso_time
from store.journal import Entry
from store.refusals import Refusal, Refused
from webserver.portal.certificate_pages import path_of
from webserver.portal.forms import Form
from webserver.portal.frame import ACME
from webserver.portal.happenings import Happening, happening
from webserver.portal.rights import lacking
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.problems import status_of

RENEW, STOP = ACME + "/renew", ACME + "/stop"
SHOWN = 50  # happenings, the newest first
LOOK_SECONDS = 2
FIELDS = (
    "directory",
    "names",
    "challenge",
    "contact",
    "trust",
    "accept_terms",
    "activate_at",
    "dns",
    "eab",
    "preferred_chain",
    "profile",
)
_PLAIN = ("directory", "challenge", "trust", "activate_at", "dns", "preferred_chain", "profile")
_DEFAULTS = {"directory": "letsencrypt", "challenge": "http-01"}

_STATES: dict[str, tuple[str, str]] = {  # lamp, words
    "idle": ("off", mark("nothing is asked for")),
    "ordering": ("restarting", mark("a certificate is being obtained")),
    "installed": ("running", mark("installed and kept renewed")),
    "failed": ("bad", mark("the last attempt failed")),
}
_STEPS = {
    "connect": mark("It connects to the CA."),
    "account": mark("It signs in to its account at the CA."),
    "order": mark("It orders the certificate."),
    "validate": mark("The CA sees whether the names lead to this box."),
    "finalize": mark("The CA issues the certificate."),
    "download": mark("It fetches the certificate."),
    "wait": mark("The certificate is there and waits for the hour of its activation."),
    "activate": mark("It activates the certificate, and restarts with it."),
}
_WHOM = {
    "administrator": mark("Whom to call: whoever administers this box."),
    "network": mark("Whom to call: whoever runs the firewall or router in front of this box."),
    "dns": mark("Whom to call: whoever runs the DNS of the names."),
    "ca": mark("Whom to call: the CA."),
}


async def acme(visit: Visit) -> web.StreamResponse:
    """How it stands, with the form beside it."""
    status = await visit.box.acme_status()
    values = _values(status["setup"])
    if status["setup"] is None and visit.box.practice_ca is not None:
        values["directory"] = "practice"
    return await _page(visit, status, Form(values))


async def set_up(visit: Visit) -> web.StreamResponse:
    """*Obtain and activate*."""
    visit.require(Right.ACTIVATE)
    given = {name: visit.form.get(name, "").strip() for name in (*FIELDS, "eab_kid")}
    asked: dict[str, Any] = {name: value for name, value in given.items() if value}
    asked["names"] = given["names"].replace(",", " ").split()
    asked["accept_terms"] = given["accept_terms"] == "yes"
    secret = visit.form.get("eab_hmac", "").strip()
    if asked.pop("eab_kid", None) or secret:
        asked["eab"] = {"kid": given["eab_kid"], "hmac_key": secret}
    try:
        await visit.box.acme(wait=False, **asked)
    except Refused as refused:
        form = Form(given).refuse(refused, FIELDS)
        return await _page(visit, await visit.box.acme_status(), form, status_of(refused))
    raise go(ACME)


async def renew(visit: Visit) -> web.StreamResponse:
    """*Renew now*, or *Activate now* where one waits for its hour."""
    visit.require(Right.ACTIVATE)
    await visit.box.acme_renew(wait=False, activate_now=visit.form.get("do") == "activate")
    raise go(ACME)


async def stop(visit: Visit) -> web.StreamResponse:
    """*Renew no more*."""
    visit.require(Right.ACTIVATE)
    await visit.box.acme_forget()
    visit.tell(mark("It is renewed no more. What was obtained stays as it is."))
    raise go(ACME)


async def _page(
    visit: Visit, status: dict[str, Any], form: Form, code: int = 200
) -> web.StreamResponse:
    lamp, words = _STATES[status["state"]]
    held = visit.box.model.holdings.get(status["certificate"] or "")
    response = await visit.page(
        "acme.html",
        status=code,
        form=form,
        lack=lacking(visit, Right.ACTIVATE),
        paths={"set_up": ACME, "renew": RENEW, "stop": STOP},
        acme=status,
        lamp=lamp,
        words=words,
        step=_STEPS.get(status["step"] or ""),
        failure=_failure(visit, status["failure"]),
        held=None if held is None else (held.name, path_of(held)),
        active=visit.box.model.active.name,
        http=visit.box.http_url,
        practice=visit.box.practice_ca is not None,
        whom=whom(status["setup"]),
        lines=_history(visit, status["history"]),
        holdings=visit.box.model.holdings,
        path_of=path_of,
    )
    if status["state"] == "ordering" and status["step"] != "wait" and code == 200:
        response.headers["Refresh"] = str(LOOK_SECONDS)
    return response


def _failure(visit: Visit, failure: dict[str, Any] | None) -> dict[str, str] | None:
    """What happened and what to do, what the other side said, whom to call."""
    if failure is None:
        return None
    from appliance.acme.failures import CAUSES  # off the way of pages that need none of it

    refusal = Refusal(failure["code"], CAUSES[failure["code"]].words, None, failure["instead"])
    return {
        "words": str(visit.texts.refusal(refusal)),
        "detail": failure["detail"],
        "whom": visit.texts(_WHOM[CAUSES[failure["code"]].call]),
    }


def _values(setup: dict[str, Any] | None) -> dict[str, str]:
    """What the fields show: what was set up, and no secret."""
    if setup is None:
        return dict(_DEFAULTS)
    return {name: setup[name] or "" for name in _PLAIN} | {
        "names": " ".join(setup["names"]),
        "contact": whom(setup) or "",
        "eab_kid": (setup["eab"] or {}).get("kid", ""),
        "accept_terms": "yes",
    }


def whom(setup: dict[str, Any] | None) -> str | None:
    """The first contact, as the field has room for one."""
    contact = None if setup is None else setup["contact"]
    return contact[0] if isinstance(contact, list) else contact


def _history(visit: Visit, history: list[dict[str, Any]]) -> list[Happening]:
    """What happened in words, newest first; details that the page has elsewhere left out."""
    lines = []
    for one in history[: -SHOWN - 1 : -1]:
        elsewhere = ("time", "event", "fingerprint_sha256", "challenge", "contact")
        detail = {key: value for key, value in one.items() if key not in elsewhere}
        time = iso_time(datetime.fromisoformat(one["time"]))
        lines.append(happening(Entry(0, time, f"acme-{one['event']}", detail), visit.texts))
    return lines
