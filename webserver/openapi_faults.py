"""The control API described by itself: faults of nodes."""

from __future__ import annotations

from typing import Any

from appliance.faults import FAULTS, Group, parameters_of
from appliance.faults.setting import MAX_CONNECTIONS
from webserver.openapi_parts import TEXT, answer, call, in_path, list_of, nullable, object_of

_COUNT = {"type": "integer", "minimum": 1, "maximum": MAX_CONNECTIONS}
_ENDPOINT = {"enum": ["portal", "wsi", "wsi_http", "http"]}
_LIMITS: dict[str, dict[str, Any]] = {
    "connections": _COUNT | {"description": "Only the next so many connections."},
    "probability": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "description": "Of each connection.",
    },
    "seed": {"type": "integer", "minimum": 0, "description": "Makes chance repeatable."},
    "endpoint": _ENDPOINT | {"description": "Only this endpoint of the node."},
}
_FAULT = object_of(
    {
        "name": {"enum": list(FAULTS)},
        "group": {"enum": [group.value for group in Group]},
        "about": TEXT,
        "noticed_by": {"type": "array", "items": TEXT},
        "parameters": {"type": "object", "description": "A JSON Schema of each, by name."},
        "set": {"type": "boolean"},
        "values": nullable({"type": "object"}),
        "limits": nullable(
            object_of(
                {
                    **{name: nullable(schema) for name, schema in _LIMITS.items()},
                    "hits": nullable({"type": "integer"})
                    | {"description": "Connections it happened to; null where nobody can count."},
                    "left": nullable({"type": "integer"}),
                }
            )
        ),
    }
)


def _body() -> dict[str, Any]:
    """What any fault can be given; which one has which parameters, `parameters` says."""
    found: dict[str, Any] = {}
    for kind in FAULTS.values():
        for name, (parameter, default) in parameters_of(kind).items():
            schema = parameter.as_json(default)
            del schema["default"]
            found.setdefault(name, {"anyOf": []})["anyOf"].append(schema)
    limits = {name: nullable(schema) for name, schema in _LIMITS.items()}
    return object_of({**found, **limits}, []) | {"additionalProperties": False}


def fault_paths(node: dict[str, Any]) -> dict[str, Any]:
    """The paths about faults; `node` is the schema of a node's name."""
    of_node = in_path("node", node)
    of_fault = [*of_node, *in_path("fault", {"enum": list(FAULTS)})]
    return {
        "/v1/nodes/{node}/faults": {
            "parameters": of_node,
            "get": call(
                "What can go wrong with the node on purpose, and what is set to.",
                {"200": answer("Every fault.", list_of("faults", _FAULT))},
            ),
            "delete": call("Clear every fault.", {"204": answer("Cleared.")}),
        },
        "/v1/nodes/{node}/faults/root.pem": {
            "parameters": of_node,
            "get": call(
                "The root that clients are to trust, so that only the named thing is wrong.",
                {"200": {"description": "PEM.", "content": {"application/x-pem-file": {}}}},
            ),
        },
        "/v1/nodes/{node}/faults/{fault}": {
            "parameters": of_fault,
            "get": call("One fault.", {"200": answer("It.", _FAULT)}),
            "put": call(
                "Set it, from the next connection on; it replaces itself.",
                {"200": answer("As set.", _FAULT)},
                body=_body(),
                body_required=False,
            ),
            "delete": call("Clear it.", {"204": answer("Cleared, or it was not set.")}),
        },
        "/revocation/{node}/{name}.crl": {
            "parameters": [*of_node, *in_path("name", TEXT)],
            "get": call(
                "The CRL that a revoked certificate names; needs no token.",
                {"200": {"description": "DER.", "content": {"application/pkix-crl": {}}}},
            ),
        },
        "/revocation/{node}/ocsp": {
            "parameters": of_node,
            "post": call(
                "An OCSP request (RFC 6960); needs no token.",
                {"200": {"description": "DER.", "content": {"application/ocsp-response": {}}}},
                body={"type": "string", "contentMediaType": "application/ocsp-request"},
                media_type="application/ocsp-request",
            ),
        },
        "/revocation/{node}/ocsp/{request}": {
            "parameters": [*of_node, *in_path("request", TEXT)],
            "get": call(
                "The same with the request as Base64 in the path; needs no token.",
                {"200": {"description": "DER.", "content": {"application/ocsp-response": {}}}},
            ),
        },
    }
