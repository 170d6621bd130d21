"""The control API described by itself: verdicts."""

from __future__ import annotations

from typing import Any, get_args

from appliance.trust import ENVIRONMENTS, Origin, Outcome, Standing
from appliance.trust.reading import MAX_ANCHORS
from appliance.trust.verdicts import Severity
from webserver.openapi_parts import TEXT, TIME, answer, call, in_path, nullable, object_of

_ID = {"enum": list(ENVIRONMENTS)}
_ORIGIN = {"enum": [origin.value for origin in Origin]}
_PEM = TEXT | {"description": "PEM."}
_FINDING = object_of(
    {
        "rule": TEXT,
        "variant": TEXT,
        "severity": {"enum": list(get_args(Severity))},
        "detail": TEXT,
        "source": TEXT,
        "cure": nullable(TEXT),
        "seen": nullable(TEXT),
        "wanted": nullable(TEXT),
        "certificate": nullable(
            {"type": "integer", "description": "Its place in the path; 0 is the leaf."}
        ),
    }
)
_STEP = object_of({"subject": TEXT, "issuer": TEXT, "not_after": TIME})
VERDICT = object_of(
    {
        "environment": _ID,
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "standing": {"enum": [standing.value for standing in Standing]},
        "findings": {"type": "array", "items": _FINDING},
        "message": nullable(TEXT | {"description": "The client's own words."}),
        "path": nullable(
            {"type": "array", "items": _STEP, "description": "Leaf to anchor; null if none."}
        ),
    }
)
_ANCHOR = object_of({"origin": _ORIGIN, "subject": nullable(TEXT), "fingerprint_sha256": TEXT})
_JUDGED = object_of(
    {
        "host": nullable(TEXT | {"description": "null: names were not looked at."}),
        "at": TIME,
        "chain": {"type": "array", "items": {"type": "object"}},
        "anchors": {"type": "array", "items": _ANCHOR},
        "notes": {"type": "array", "items": TEXT},
        "verdicts": {"type": "array", "items": VERDICT},
    }
)
_QUESTION = object_of(
    {
        "chain": _PEM | {"description": "What the server sends: PEM, leaf first."},
        "anchors": {
            "type": "array",
            "maxItems": MAX_ANCHORS,
            "items": {
                "anyOf": [
                    _PEM | {"description": "Added by the client's user."},
                    object_of({"pem": _PEM, "origin": _ORIGIN}, ["pem"])
                    | {"additionalProperties": False},
                ]
            },
        },
        "public": {
            "type": "boolean",
            "default": False,
            "description": "Trust the public authorities of this machine, too.",
        },
        "host": nullable(TEXT | {"description": "The name or address that the client uses."}),
        "at": nullable(TIME | {"description": "The client's time; the box's when left out."}),
        "environments": nullable({"type": "array", "items": _ID}),
        "crls": {"type": "array", "maxItems": 20, "items": _PEM},
        "staple": nullable(TEXT | {"description": "The stapled OCSP answer: DER in Base64."}),
    },
    ["chain"],
) | {"additionalProperties": False}


def _query() -> list[dict[str, Any]]:
    texts = {"type": "array", "items": TEXT}
    parameters: dict[str, tuple[dict[str, Any], str]] = {
        "host": (TEXT, "The name or address that clients use; the node's address when left out."),
        "anchor": (texts, "The id of a certificate here (or PEM) that clients trust; repeatable."),
        "origin": (_ORIGIN | {"default": "user"}, "Who told them to."),
        "public": ({"type": "boolean", "default": True}, "Whether they trust public authorities."),
        "at": (TIME, "Their time; when left out, that by which the certificate is presented."),
        "environment": ({"type": "array", "items": _ID}, "Ask this one only; repeatable."),
    }
    return [
        {"name": name, "in": "query", "schema": schema, "description": description}
        for name, (schema, description) in parameters.items()
    ]


def verdict_paths(node: dict[str, Any]) -> dict[str, Any]:
    """The calls about verdicts. node: the schema of a node's name."""
    judged = {"200": answer("The verdicts, with what was judged.", _JUDGED)}
    about_node = call("What clients say of the certificate that a node presents.", judged)
    return {
        "/v1/verdicts": {
            "post": call("What clients say of a chain.", judged, body=_QUESTION),
        },
        "/v1/nodes/{node}/verdicts": {
            "parameters": in_path("node", node),
            "get": about_node | {"parameters": _query()},
        },
    }
