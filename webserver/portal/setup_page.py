"""Setup: what this box is, who has an extension on it, and its clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from appliance.accounts import Right
from appliance.clock import REAL, Dates, check_time, parse_dates, parse_rate, parse_time
from appliance.spans import parse_span
from store.certificate import iso_time, long_date
from store.refusals import Refusal, Refused, refuse_all
from webserver.portal.forms import Form
from webserver.portal.frame import SETUP
from webserver.portal.rights import lacking
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.problems import status_of

CLOCK = SETUP + "/clock"

# A minute before the default certificates of the older releases end.
NEW_YEAR = datetime(2023, 12, 31, 23, 59, tzinfo=UTC)


async def setup(visit: Visit) -> web.StreamResponse:
    """The page, its form as the clock is."""
    clock = visit.box.clock
    return await _page(visit, Form({"rate": f"{clock.rate:g}", "dates": clock.dates.value}))


async def _page(visit: Visit, form: Form, status: int = 200) -> web.StreamResponse:
    box = visit.box
    now = box.clock.now()
    return await visit.page(
        "setup.html",
        form=form,
        status=status,
        lack=lacking(visit, Right.NETWORK),
        now=long_date(now),
        now_iso=iso_time(now),
        rate=box.clock.rate,
        projected=box.clock.dates is Dates.PROJECTED,
        installed=box.model.settings["installed_at"],
        firmware=box.model.release.name,
        ephemeral=box.model.store.ephemeral,
        subscribers=sorted(
            box.model.subscribers.values(), key=lambda one: (len(one.extension), one.extension)
        ),
        clock_path=CLOCK,
    )


_GROUPED = re.compile(r"[0-9]{1,3}([,.][0-9]{3})+")
_FIELDS = ("now", "shift", "rate", "dates")
_PRESETS: dict[str, dict[str, Any]] = {
    "real": {"now": REAL, "rate": 1.0},
    "new-year": {"now": NEW_YEAR, "rate": 1.0},
}


async def set_clock(visit: Visit) -> web.StreamResponse:
    """Set the calendar as the form says, or to one of the two times that have a button."""
    visit.require(Right.NETWORK)
    given = {key: visit.form.get(key, "").strip() for key in _FIELDS}
    try:
        await visit.box.set_clock(**_PRESETS.get(visit.form.get("preset", ""), {}) or _read(given))
    except Refused as refused:
        form = Form(given).refuse(refused, _FIELDS)
        return await _page(visit, form, status_of(refused))
    visit.tell(mark("The clock was set."))
    raise go(SETUP)


_READERS: dict[str, Callable[[str], object]] = {
    "now": lambda text: check_time(parse_time(text, field="now"), field="now"),
    "shift": lambda text: parse_span(text, field="shift"),
    "rate": lambda text: _rate(text),
    "dates": parse_dates,
}


def _read(given: dict[str, str]) -> dict[str, Any]:
    """What is to be set; refused with all that is wrong."""
    found: dict[str, Any] = {}
    wrong: list[Refusal] = []
    for name, read in _READERS.items():
        try:
            found[name] = read(given[name]) if given[name] else None
        except Refused as refused:
            wrong.extend(refused.refusals)
    refuse_all(wrong)
    return found


def _rate(text: str) -> float:
    """With a decimal comma as well; thousands may be grouped by either sign."""
    if _GROUPED.fullmatch(text):
        text = re.sub("[,.]", "", text)
    return parse_rate(text.replace(",", "."))
