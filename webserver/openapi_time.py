"""The calls about time, for the description of the control API."""

from __future__ import annotations

from typing import Any

from appliance.clock import REAL, Dates
from webserver.openapi_parts import TEXT, TIME, answer, call, in_path, object_of, reference
from webserver.running import NODES

_SPAN = {
    "anyOf": [TEXT, {"type": "number"}],
    "description": "Text like 10s, 90d or 1d12h, or a number of seconds.",
}
_RATE = {
    "anyOf": [{"const": 0}, {"type": "number", "minimum": 1, "maximum": 100_000}],
    "description": "Box seconds per real second; 0 freezes it.",
}
_DATES = {"enum": [dates.value for dates in Dates]}
_SETTING = object_of(
    {
        "now": {"anyOf": [TIME, {"const": REAL}]}
        | {"description": "A time, or `real` to go with the machine's clock again."},
        "shift": _SPAN | {"description": "Move it by this instead, forward or back."},
        "rate": _RATE,
        "dates": _DATES,
        "allow_unprojected": {
            "type": "boolean",
            "description": "Project dates although an active certificate can't be signed again.",
        },
    },
    [],
) | {"additionalProperties": False, "minProperties": 1}
_CLOCK = object_of(
    {
        "now": TIME,
        "rate": _RATE,
        "dates": _DATES,
        "ahead": {
            "type": "number",
            "description": "By how many seconds it is ahead of the machine's clock.",
        },
        "goes_with_the_machine": {"type": "boolean", "description": "Nobody has set it."},
    }
)
_VALIDITY = object_of(
    {
        "certificate": TEXT | {"description": "Its id; the node's active one, when left out."},
        "expire_in": _SPAN,
        "expired_since": _SPAN,
        "not_valid_for": _SPAN,
        "not_before": TIME,
        "not_after": TIME,
    },
    [],
) | {"additionalProperties": False, "minProperties": 1}


def time_paths() -> dict[str, Any]:
    """Paths and what can be done there."""
    return {
        "/v1/clock": {
            "get": call("The box's calendar.", {"200": answer("It.", _CLOCK)}),
            "put": call(
                "Set the box's calendar.", {"200": answer("As set.", _CLOCK)}, body=_SETTING
            ),
        },
        "/v1/nodes/{node}/validity": {
            "parameters": in_path("node", {"enum": list(NODES)}),
            "put": call(
                "Issue a certificate again with other dates: one way of saying them. With a span "
                "the validity moves as a whole; nothing restarts, and no clock is moved.",
                {"200": answer("The certificate.", reference("Certificate"))},
                body=_VALIDITY,
            ),
        },
    }
