"""The control API described by itself: the certificate from an ACME CA."""

from __future__ import annotations

from typing import Any

from appliance.acme import REASONS
from appliance.acme.failures import CAUSES
from appliance.acme.setup import DIRECTORIES, PRACTICE
from appliance.acme.states import State, Step
from appliance.acme.wire import Challenge
from webserver.openapi_parts import TEXT, TIME, answer, call, nullable, object_of

_TEXT_OR_NULL = nullable(TEXT)
_SETUP = object_of(
    {
        "directory": TEXT
        | {
            "description": f"An https URL, {', '.join(DIRECTORIES)}, or {PRACTICE}: the CA of "
            "osbiz run --with-ca, which needs no trust."
        },
        "names": {"type": "array", "minItems": 1, "maxItems": 100, "items": TEXT},
        "challenge": {"enum": [challenge.value for challenge in Challenge], "default": "http-01"},
        "contact": {
            "anyOf": [TEXT, {"type": "array", "items": TEXT}, {"type": "null"}],
            "description": "E-mail addresses; the first is also whom to call.",
        },
        "trust": _TEXT_OR_NULL | {"description": "PEM: by what to trust the CA's own server."},
        "accept_terms": {"const": True},
        "activate_at": _TEXT_OR_NULL | {"description": "HH:MM (UTC): when a restart may be."},
        "eab": nullable(object_of({"kid": TEXT, "hmac_key": TEXT}, ["kid"])),
        "dns": _TEXT_OR_NULL | {"description": "URL of what sets TXT records, for dns-01."},
        "preferred_chain": _TEXT_OR_NULL | {"description": "Common name of the root wanted."},
        "profile": _TEXT_OR_NULL | {"description": "The CA's name for a kind of certificate."},
    },
    ["directory", "names", "accept_terms"],
) | {"additionalProperties": False}
_STEP = {"enum": [step.value for step in Step]}
_FAILURE = object_of(
    {
        "code": {"enum": list(CAUSES)},
        "step": _STEP,
        "detail": TEXT,
        "message": TEXT,
        "instead": TEXT,
        "call": TEXT,
    }
)
_STATUS = object_of(
    {
        "state": {"enum": [state.value for state in State]},
        "step": nullable(_STEP),
        "error": _TEXT_OR_NULL,
        "failure": nullable(_FAILURE),
        "failures": {"type": "integer"},
        "next_renewal": nullable(TIME),
        "activates_at": nullable(TIME),
        "certificate": _TEXT_OR_NULL,
        "not_after": nullable(TIME),
        "serving": {"type": "boolean"},
        "renewal_info": nullable(
            object_of({"start": TIME, "end": TIME, "explanation": _TEXT_OR_NULL})
        ),
        "setup": nullable({"type": "object"}),
        "history": {
            "type": "array",
            "items": object_of({"time": TIME, "event": TEXT}),
        },
    }
)


def acme_paths() -> dict[str, Any]:
    """The paths about ACME."""
    begun = {"202": answer("The order is under way.", _STATUS)}
    now = {"200": answer("How it stands.", _STATUS)}
    return {
        "/v1/acme": {
            "get": call("The certificate from an ACME CA, and how it came.", now),
            "put": call("Obtain one, activate it, keep it renewed.", begun, body=_SETUP),
            "delete": call("Renew it no more.", {"204": answer("What was got stays.")}),
        },
        "/v1/acme/renew": {
            "post": call(
                "Renew it now.",
                begun,
                body=object_of({"activate_now": {"type": "boolean"}}, [])
                | {"additionalProperties": False},
                body_required=False,
            )
        },
        "/v1/acme/revoke": {
            "post": call(
                "Have the CA revoke a certificate.",
                now,
                body=object_of(
                    {"certificate": TEXT, "reason": {"enum": list(REASONS.values())}},
                    ["certificate"],
                )
                | {"additionalProperties": False},
            )
        },
        "/v1/acme/key-change": {"post": call("Give the account a new key.", now)},
    }
