"""The control API described by itself: UC clients."""

from __future__ import annotations

from typing import Any

from appliance.uc_clients import PROFILES
from appliance.uc_states import State
from appliance.uc_words import Trouble
from webserver.control_clients import MAX_ROWS, MAX_SECONDS, MAX_TEXT, ROW
from webserver.openapi_parts import TEXT, TIME, answer, call, in_path, nullable, object_of

_JSON = {int: {"type": "integer"}, str: TEXT | {"maxLength": MAX_TEXT}}
_OF_THEIR_OWN: dict[str, dict[str, Any]] = {
    "profile": {"enum": list(PROFILES)},
    "state": {"enum": [state.value for state in State]},
    "since": TIME | {"description": "On the box's calendar."},
    "since_real": TIME | {"description": "On the real one."},
    "cause": nullable({"enum": [trouble.value for trouble in Trouble]}),
    "error": nullable(TEXT | {"description": "The last one, in the client's words."}),
    "alert": nullable({"type": "integer", "description": "The TLS alert that it sent."}),
    "shown": nullable(TEXT | {"description": "SHA-256 of the certificate it saw last."}),
    "tries": {"type": "integer", "description": "In vain, since it was logged on."},
}


def _member(name: str, types: tuple[type, ...]) -> dict[str, Any]:
    if name in _OF_THEIR_OWN:
        return _OF_THEIR_OWN[name]
    return nullable(_JSON[types[0]]) if type(None) in types else _JSON[types[0]]


_ROW = {name: _member(name, types) for name, types in ROW.items()}


def client_paths() -> dict[str, Any]:
    """The paths about UC clients."""
    rows = {"type": "array", "maxItems": MAX_ROWS, "items": object_of(_ROW)}
    return {
        "/v1/clients": {
            "get": call(
                "The UC clients at this box: those in the simulator, and those that report to it.",
                {
                    "200": answer(
                        "A line for each.",
                        object_of(
                            {"clients": {"type": "array", "items": object_of({"run": TEXT} | _ROW)}}
                        ),
                    )
                },
            )
        },
        "/v1/clients/{run}": {
            "parameters": in_path("run", TEXT),
            "put": call(
                "The rows of a run in another process; forgotten when they are not renewed.",
                {"204": answer("Taken.")},
                body=object_of(
                    {
                        "clients": rows,
                        "seconds": {
                            "type": "number",
                            "exclusiveMinimum": 0,
                            "maximum": MAX_SECONDS,
                            "default": 10,
                        },
                    },
                    ["clients"],
                ),
            ),
            "delete": call("A run that reported is over.", {"204": answer("Forgotten.")}),
        },
    }
