"""The pages for subscribers: key programming, and the entries of the UC clients.

Key programming is on the portal's port, the entries of clients that speak WSI are on WSI's
(docs/assumptions.md); all come with the one certificate, and say so.
"""

from __future__ import annotations

from itertools import islice

from aiohttp import web

from appliance.desks import KEYS, MAX_LABEL, OFFICE, PRESENCES
from appliance.routing import TRUNK_PREFIX
from store.certificate import long_date
from store.refusals import Refused
from webserver.portal import rendering, subscriber_visits
from webserver.portal.entrance import Handler, host_of
from webserver.portal.forms import Form
from webserver.portal.subscriber_visits import (
    APPLICATION_LAUNCHER,
    KEY_PROGRAMMING,
    MY_PORTAL_TO_GO,
    Hall,
    Page,
    Service,
    Visit,
    door,
)
from webserver.portal.texts import mark
from webserver.portal.visits import answering, go
from webserver.problems import status_of
from webserver.running import RunningBox

CALLS_SHOWN = 10

PRESENCE_WORDS = {
    OFFICE: mark("Office"),
    2: mark("Meeting"),
    3: mark("Sick"),
    4: mark("Break"),
    5: mark("Out of the office"),
    6: mark("Vacation"),
    7: mark("Lunch"),
    8: mark("Gone home"),
    9: mark("Do not disturb"),
}
STATE_WORDS = {"idle": mark("free"), "ringing": mark("rings"), "busy": mark("busy")}
CALL_WORDS = {
    "outgoing": mark("called"),
    "incoming": mark("was called by"),
    "missed": mark("missed"),
}


class SubscriberPages:
    """All subscribers' pages of one box, with what they share."""

    def __init__(self, box: RunningBox) -> None:
        self._hall = Hall(box)
        self._answers = {
            "portal": answering(_keys_router(self._hall), home=KEY_PROGRAMMING.path),
            "wsi": answering(_entries_router(self._hall), home=MY_PORTAL_TO_GO.path),
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The page for a request, whatever it asks for."""
        keys = request.path.startswith(KEY_PROGRAMMING.path.rstrip("/"))
        return await self._answers["portal" if keys else "wsi"](request)

    def end_sessions(self) -> int:
        """Log every subscriber off; how many there were."""
        return self._hall.sessions.end_all()


def _keys_router(hall: Hall) -> web.UrlDispatcher:
    router = web.UrlDispatcher()
    _add_service(router, hall, KEY_PROGRAMMING, keys, label_keys)
    return router


def _entries_router(hall: Hall) -> web.UrlDispatcher:
    router = web.UrlDispatcher()
    _add_service(router, hall, MY_PORTAL_TO_GO, my_portal, set_presence)
    _add_service(router, hall, APPLICATION_LAUNCHER, launcher, anybody=True)
    router.add_get(rendering.STATIC_PATH + "{name}", rendering.static)
    return router


def _add_service(
    router: web.UrlDispatcher,
    hall: Hall,
    service: Service,
    show: Page,
    change: Page | None = None,
    *,
    anybody: bool = False,
) -> None:
    path = service.path
    router.add_get(path.rstrip("/"), _to(path))
    router.add_get(path, door(hall, service, show, anybody=anybody))
    if change is not None:
        router.add_post(path, door(hall, service, change))
    router.add_get(path + "logon", _to(path))
    router.add_post(path + "logon", door(hall, service, subscriber_visits.log_on, anybody=True))
    router.add_post(path + "logoff", door(hall, service, subscriber_visits.log_off))


def _to(path: str) -> Handler:
    async def move(request: web.Request) -> web.StreamResponse:
        raise go(path, **request.query)

    return move


# Key programming


async def keys(visit: Visit) -> web.StreamResponse:
    """The keys of the subscriber's telephone with their labels."""
    assert visit.person is not None
    labels = visit.box.exchange.desks.labels(visit.person.extension)
    return await _keys_page(visit, Form({_field(key): label for key, label in labels.items()}))


def _field(key: int) -> str:
    return f"key{key}"


async def _keys_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    return await visit.page("keys.html", form=form, status=status, keys=KEYS, longest=MAX_LABEL)


async def label_keys(visit: Visit) -> web.StreamResponse:
    """Keep the labels; on the disk before the page says so."""
    assert visit.person is not None
    labels = {key: visit.form.get(_field(key), "") for key in KEYS}
    try:
        visit.box.exchange.label_keys(visit.person.extension, labels)
        await visit.box.telephones.save()
    except Refused as refused:
        form = Form(visit.form).refuse(refused, map(_field, KEYS))
        return await _keys_page(visit, form, status_of(refused))
    visit.tell(mark("The labels are on your telephone now."))
    raise go(visit.service.path)


# The entries of clients


async def my_portal(visit: Visit) -> web.StreamResponse:
    """Presence, telephone and latest calls of the subscriber."""
    assert visit.person is not None
    exchange, extension = visit.box.exchange, visit.person.extension
    desk = exchange.desk(extension)
    state = exchange.device_state(extension)
    people = exchange.subscribers()
    calls = [
        {
            "time": long_date(entry.time),
            "kind": CALL_WORDS[entry.kind],
            "number": entry.number,
            "name": people[entry.number].name if entry.number in people else "",
            "seconds": entry.seconds,
        }
        for entry in islice(exchange.desks.journal(extension), CALLS_SHOWN)
    ]
    return await visit.page(
        "my_portal.html",
        presence=desk.presence,
        until=None if desk.until is None else long_date(desk.until),
        presences=PRESENCE_WORDS,
        state=STATE_WORDS[state["state"]],
        forward_to=state["forwardTo"],
        calls=calls,
    )


async def set_presence(visit: Visit) -> web.StreamResponse:
    """Say where the subscriber is."""
    assert visit.person is not None
    chosen = visit.form.get("presence", "")
    found = next((number for number in PRESENCES if str(number) == chosen), None)
    if found is None:
        raise web.HTTPBadRequest
    visit.box.exchange.set_presence(visit.person.extension, found)
    visit.tell(mark("Everybody who watches you was told."))
    raise go(visit.service.path)


async def launcher(visit: Visit) -> web.StreamResponse:
    """What the program has to be told to reach the box."""
    listeners = visit.box.station.listeners
    return await visit.page(
        "launcher.html",
        host=host_of(visit.request, visit.box),
        port=listeners["wsi"].port,
        prefix=TRUNK_PREFIX,
    )
