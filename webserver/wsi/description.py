"""WSI described for programs: every command with its parameters, answers and refusals.

docs/wsi.json is this, written out; a test holds the two together, and others drive every
command by it.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from appliance.calls import EVENT_TYPES
from appliance.sessions import FILTERS, IDLE_LIMIT, MAX_PER_USER, MAX_WAITING, MAX_WATCHED
from webserver.wsi import parameters
from webserver.wsi.answers import Errors
from webserver.wsi.app import COMMANDS, PATH
from webserver.wsi.command import Command
from webserver.wsi.parameters import Kind, Parameter
from webserver.wsi.polls import HOLD_SECONDS


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "aliases": list(one.aliases),
        "required": one.required,
        "kind": one.kind.name,
        "standing": one.standing,
    }


def _command(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "aliases": list(command.aliases),
        "says": command.says,
        "session": True,
        "parameters": [_parameter(one) for one in command.parameters],
        "answer": command.answer,
        "errors": command.errors.name.lower(),
        "standing": command.standing,
    }


def _special() -> list[dict[str, Any]]:
    """The three that are no entries of the table: they make, end and use sessions."""

    def named(*names: str) -> list[dict[str, Any]]:
        return [_parameter(Parameter(name, parameters.ANY, standing="known")) for name in names]

    common = {"aliases": [], "errors": "reason", "standing": "known"}
    return [
        {
            **common,
            "name": "Login",
            "says": "Begin a session.",
            "session": False,
            "parameters": named("gsUser", "gsPass"),
            "answer": "LOGIN",
            "errors": "login",
        },
        {
            **common,
            "name": "Logout",
            "says": "End it; a held poll is released with an empty body.",
            "session": True,
            "parameters": [],
            "answer": "LOGOUT",
        },
        {
            **common,
            "name": "GetEvents",
            "says": "Wait for events; also as a path of that name. Answers in JSON.",
            "session": True,
            "parameters": [{**one, "required": False} for one in named("deviceObject")],
            "answer": "JSON",
        },
    ]


def description() -> dict[str, Any]:
    """The whole description, JSON-ready."""
    kinds = [value for value in vars(parameters).values() if isinstance(value, Kind)]
    return {
        "path": PATH,
        "commands": [*_special(), *map(_command, COMMANDS)],
        "kinds": {
            kind.name: {one.name: _plain(getattr(kind, one.name)) for one in fields(kind)[2:]}
            for kind in kinds
        },
        "errors": {way.name.lower(): way.value for way in Errors},
        "events": list(EVENT_TYPES),
        "filters": {word: sorted(types) for word, types in FILTERS.items()},
        "limits": {
            "poll_seconds": HOLD_SECONDS,
            "session_minutes": IDLE_LIMIT.total_seconds() / 60,
            "sessions_of_one_user": MAX_PER_USER,
            "events_that_wait": MAX_WAITING,
            "devices_of_one_session": MAX_WATCHED,
        },
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
