"""Setup: what this box is, who has an extension on it, and its clock."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from appliance.accounts import Right
from appliance.clock import Clock, Dates, check_time, parse_dates, parse_time, real_now
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


async def set_clock(visit: Visit) -> web.StreamResponse:
    """Set the calendar, its rate, or both; or one of the two times that have a button."""
    visit.require(Right.NETWORK)
    given = {key: visit.form.get(key, "").strip() for key in ("now", "rate", "dates")}
    try:
        now, rate, dates = _read(given, visit.form.get("preset", ""))
        await visit.box.set_clock(now=now, rate=rate, dates=dates)
    except Refused as refused:
        form = Form(given).refuse(refused, ("now", "rate", "dates"))
        return await _page(visit, form, status_of(refused))
    visit.tell(mark("The clock was set."))
    raise go(SETUP)


def _read(given: dict[str, str], preset: str) -> tuple[datetime | None, float | None, Dates | None]:
    """Time, rate and dates; None for what stays. Refused with all that is wrong."""
    if preset == "real":
        return real_now(), 1.0, None
    if preset == "new-year":
        return NEW_YEAR, 1.0, None
    now: datetime | None = None
    rate: float | None = None
    dates: Dates | None = None
    wrong: list[Refusal] = []
    try:
        if given["now"]:
            now = check_time(parse_time(given["now"], field="now"), field="now")
    except Refused as refused:
        wrong.extend(refused.refusals)
    try:
        if given["rate"]:
            rate = _rate(given["rate"])
    except Refused as refused:
        wrong.extend(refused.refusals)
    try:
        if given["dates"]:
            dates = parse_dates(given["dates"])
    except Refused as refused:
        wrong.extend(refused.refusals)
    refuse_all(wrong)
    return now, rate, dates


def _rate(text: str) -> float:
    try:
        # A clock that nobody sees looks the number over, so that both fields are told of at once.
        return Clock(rate=float(text.replace(",", "."))).rate
    except ValueError:
        raise Refused.because(
            "rate",
            f"{text[:40]!r} is no number.",
            field="rate",
            instead="Use 0 (it stands still) or 1 to 100,000.",
        ) from None
