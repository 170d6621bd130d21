"""The control API described by itself: subscribers and calls."""

from __future__ import annotations

from typing import Any

from appliance.calls import State
from appliance.desks import KEYS, MAX_LABEL
from webserver.openapi_parts import (
    TEXT,
    TIME,
    answer,
    call,
    in_path,
    list_of,
    nullable,
    object_of,
)

_SUBSCRIBER = object_of({"extension": TEXT, "name": TEXT, "password": TEXT})
_KEYS = {
    **object_of({str(key): {**TEXT, "maxLength": MAX_LABEL} for key in KEYS}, []),
    "additionalProperties": False,
}
_WITH_KEYS = object_of({**_SUBSCRIBER["properties"], "keys": _KEYS})
_STATE = {"enum": [state.value for state in State]}
_CALL = object_of(
    {
        "id": {"type": "integer"},
        "calling": TEXT,
        "called": TEXT,
        "begun": TIME,
        "parties": {
            "type": "array",
            "items": object_of({"number": TEXT, "outside": {"type": "boolean"}, "state": _STATE}),
        },
    }
)
_DEVICE = object_of(
    {
        "extension": TEXT,
        "states": {"type": "array", "items": _STATE},
        "presence": TEXT,
        "forward_to": nullable(TEXT),
        "display": TEXT,
        "wsi_sessions": {"type": "integer"},
    }
)
_PARTY = object_of({"party": TEXT}, []) | {"additionalProperties": False}


def telephony_paths() -> dict[str, Any]:
    """The paths about telephones."""
    return {
        "/v1/subscribers": {
            "get": call(
                "Who can log in to WSI.",
                {
                    "200": answer(
                        "All of them.",
                        list_of("subscribers", _WITH_KEYS),
                    )
                },
            ),
            "post": call("One more.", {"201": answer("Added.", _SUBSCRIBER)}, body=_SUBSCRIBER),
        },
        "/v1/subscribers/{extension}": {
            "parameters": in_path("extension", TEXT),
            "delete": call("One less; calls and sessions end.", {"204": answer("Forgotten.")}),
        },
        "/v1/subscribers/{extension}/keys": {
            "parameters": in_path("extension", TEXT),
            "put": call(
                "What is written beside the keys of a telephone; keys left out have no label.",
                {"200": answer("The labels.", _KEYS)},
                body=_KEYS,
            ),
        },
        "/v1/calls": {
            "get": call(
                "Calls under way, and how every telephone stands.",
                {
                    "200": answer(
                        "All of them.",
                        object_of(
                            {
                                "calls": {"type": "array", "items": _CALL},
                                "devices": {"type": "array", "items": _DEVICE},
                            }
                        ),
                    )
                },
            ),
            "post": call(
                "Somebody calls: a subscriber, or a number outside that calls one.",
                {"201": answer("It rings, or is busy.", _CALL)},
                body=object_of({"from": TEXT, "to": TEXT}) | {"additionalProperties": False},
            ),
        },
        "/v1/calls/{id}/answer": {
            "parameters": in_path("id", {"type": "integer"}),
            "post": call(
                "The party that rings answers; name one where several do.",
                {"200": answer("As it is now.", _CALL)},
                body=_PARTY,
                body_required=False,
            ),
        },
        "/v1/calls/{id}/clear": {
            "parameters": in_path("id", {"type": "integer"}),
            "post": call(
                "The named party hangs up; everybody, when none is named.",
                {"200": answer("As it is now.", _CALL)},
                body=_PARTY,
                body_required=False,
            ),
        },
    }
