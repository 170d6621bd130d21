"""Control API, telephony: subscribers come and go, and calls in which one plays a part.

A thin translation between requests and the exchange, on the event loop as that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from appliance.calls import Call
from appliance.desks import KEYS, PRESENCES
from appliance.telephony import (
    no_such_subscriber,
    prepare_subscriber,
    prepare_subscriber_removal,
)
from store.certificate import iso_time
from store.people import Subscriber
from store.refusals import Refused
from webserver.requests import json_object
from webserver.running import RunningBox


def subscriber_json(person: Subscriber) -> dict[str, str]:
    """A subscriber with the password: whoever has the token may log in as anybody."""
    return {"extension": person.extension, "name": person.name, "password": person.password}


def _keys_json(labels: Mapping[int, str]) -> dict[str, str]:
    """The labels by the keys' numbers, which JSON has as text."""
    return {str(key): label for key, label in labels.items()}


def call_json(call: Call) -> dict[str, Any]:
    """A call and its parties, in the order in which they joined it."""
    return {
        "id": call.id,
        "calling": call.calling,
        "called": call.called,
        "begun": iso_time(call.begun),
        "parties": [
            {"number": leg.device, "outside": leg.outside, "state": leg.state.value}
            for leg in call.legs
        ],
    }


class TelephonyControl:
    """The calls of the API that are about telephones.

    box: gives the box when there is a request, which is later than routes are made.
    """

    def __init__(self, box: Callable[[], RunningBox]) -> None:
        self._get_box = box

    @property
    def _box(self) -> RunningBox:
        return self._get_box()

    # Subscribers

    async def get_subscribers(self, _request: web.Request) -> web.Response:
        desks = self._box.exchange.desks
        found = [
            {**subscriber_json(one), "keys": _keys_json(desks.labels(one.extension))}
            for one in self._box.model.subscribers.values()
        ]
        return web.json_response({"subscribers": found})

    async def post_subscriber(self, request: web.Request) -> web.Response:
        box = self._box
        body = await json_object(request, allowed=("extension", "name", "password"))

        def add() -> None:
            box.model.commit(prepare_subscriber(box.model.subscribers, body))

        await box.call(add)
        made = box.model.subscribers[str(body["extension"])]
        return web.json_response(
            subscriber_json(made),
            status=201,
            headers={"Location": f"/v1/subscribers/{made.extension}"},
        )

    async def delete_subscriber(self, request: web.Request) -> web.Response:
        box, extension = self._box, request.match_info["extension"]

        def remove() -> None:
            box.model.commit(prepare_subscriber_removal(box.model.subscribers, extension))

        await box.call(remove)
        box.exchange.forget_subscriber(extension)
        box.sessions.end_of(extension)
        return web.Response(status=204)

    async def put_keys(self, request: web.Request) -> web.Response:
        """The labels as in the body, and no others; kept before this is answered."""
        box, extension = self._box, request.match_info["extension"]
        body = await json_object(request, allowed=tuple(map(str, KEYS)))
        if extension not in box.model.subscribers:
            raise no_such_subscriber(extension)
        labels = {key: body.get(str(key), "") for key in KEYS}
        wrong = next((key for key, label in labels.items() if not isinstance(label, str)), None)
        if wrong is not None:
            raise Refused.because("key-label", "A label is a text.", field=f"key{wrong}")
        box.exchange.label_keys(extension, labels)
        await box.telephones.save()
        return web.json_response(_keys_json(box.exchange.desks.labels(extension)))

    # Calls

    async def get_calls(self, _request: web.Request) -> web.Response:
        exchange, sessions = self._box.exchange, self._box.sessions
        devices = []
        for extension in exchange.subscribers():
            desk = exchange.desk(extension)
            devices.append(
                {
                    "extension": extension,
                    "states": [leg.state.value for leg in exchange.legs_at(extension)],
                    "presence": PRESENCES[desk.presence],
                    "forward_to": desk.forward_to,
                    "display": desk.display,
                    "wsi_sessions": sessions.count_of(extension),
                }
            )
        calls = [call_json(call) for call in exchange.calls.values()]
        return web.json_response({"calls": calls, "devices": devices})

    async def post_call(self, request: web.Request) -> web.Response:
        body = await json_object(request, allowed=("from", "to"))
        ends = body.get("from"), body.get("to")
        for name, value in zip(("from", "to"), ends, strict=True):
            if not isinstance(value, str):
                raise Refused.because(
                    "field-missing",
                    f"It is not said who the call goes {name}.",
                    field=name,
                    instead='Send {"from": NUMBER, "to": NUMBER}; one of them a subscriber\'s.',
                )
        caller, called = map(str, ends)
        exchange = self._box.exchange
        if caller in exchange.subscribers():
            call = exchange.make_call(caller, called)
        else:
            if called not in exchange.subscribers():
                raise Refused.because(
                    "no-such-device", f"Nobody has the extension {called[:20]!r}.", field="to"
                )
            call = exchange.ring_from_outside(caller, called)
        return web.json_response(
            call_json(call), status=201, headers={"Location": f"/v1/calls/{call.id}"}
        )

    async def answer_call(self, request: web.Request) -> web.Response:
        identity, party = await self._part(request)
        return web.json_response(call_json(self._box.exchange.answer_call(identity, party)))

    async def clear_call(self, request: web.Request) -> web.Response:
        identity, party = await self._part(request)
        return web.json_response(call_json(self._box.exchange.clear_call(identity, party)))

    async def _part(self, request: web.Request) -> tuple[int, str | None]:
        text = request.match_info["id"]
        body = await json_object(request, allowed=("party",)) if request.can_read_body else {}
        party = body.get("party")
        if party is not None and not isinstance(party, str):
            raise Refused.because("party", "A party is named by its number.", field="party")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise Refused.because("no-such-call", f"There is no call {text[:40]!r}.", field="call")
        return int(text), party

    def routes(self) -> list[web.RouteDef]:
        """What this part of the API answers to."""
        return [
            web.get("/v1/subscribers", self.get_subscribers),
            web.post("/v1/subscribers", self.post_subscriber),
            web.delete("/v1/subscribers/{extension}", self.delete_subscriber),
            web.put("/v1/subscribers/{extension}/keys", self.put_keys),
            web.get("/v1/calls", self.get_calls),
            web.post("/v1/calls", self.post_call),
            web.post("/v1/calls/{id}/answer", self.answer_call),
            web.post("/v1/calls/{id}/clear", self.clear_call),
        ]
