"""The control API described by itself: an OpenAPI 3.1 document.

Read by people and by schema-driven test tools; a test holds it against the routes.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from appliance.clock import Dates
from appliance.making import DEFAULT_ALGORITHM, KINDS, MAX_SERIAL
from store.inventory import Kind
from store.issuing import ALGORITHMS
from webserver.files import FILE_KINDS
from webserver.running import NODES

_TEXT: dict[str, Any] = {"type": "string"}
_TIME = {"type": "string", "format": "date-time", "examples": ["2024-01-01T00:00:00Z"]}
_OR_NULL = {"type": "null"}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, _OR_NULL]}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def _list(name: str, item: dict[str, Any]) -> dict[str, Any]:
    return _object({name: {"type": "array", "items": item}})


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_NAME = _object(dict.fromkeys(("C", "O", "OU", "CN"), _TEXT), [])
_FORM = _object(
    {
        "kind": {"enum": [kind.value for kind in KINDS]},
        "name": {"type": "string", "minLength": 1, "maxLength": 64},
        "serial": {"type": "integer", "minimum": 1, "maximum": MAX_SERIAL},
        "algorithm": {"enum": list(ALGORITHMS), "default": DEFAULT_ALGORITHM},
        "not_before": _TIME | {"description": "The box's time, when left out."},
        "not_after": _TIME
        | {"description": "A year later when left out; ten years for an authority."},
        "subject": _NAME | {"required": ["CN"], "additionalProperties": False},
        "san": {
            "type": "array",
            "maxItems": 100,
            "items": {"type": "string", "pattern": "^(DNS|IP|email|URI|DirName):"},
        },
        "crl_distribution_point": _TEXT,
        "authority": _TEXT | {"description": "Who signs a server certificate: an id."},
        "passphrase": _TEXT
        | {
            "minLength": 7,
            "maxLength": 32,
            "description": "Seals ID.p12; needed for a server certificate.",
        },
    },
    ["kind", "name", "subject"],
) | {"additionalProperties": False}

_CERTIFICATE = _object(
    {
        "id": _TEXT,
        "name": _TEXT,
        "kind": {"enum": [kind.value for kind in Kind]},
        "subject": _NAME,
        "issuer": _nullable(_NAME),
        "serial": _nullable({"type": "integer"}),
        "serial_hex": _nullable(_TEXT),
        "not_before": _nullable(_TIME),
        "not_after": _nullable(_TIME),
        "algorithm": _TEXT,
        "key_bits": _nullable({"type": "integer"}),
        "san": {"type": "array", "items": _TEXT},
        "fingerprint_sha1": _nullable(_TEXT),
        "fingerprint_sha256": _nullable(_TEXT),
        "active_on": {"type": "array", "items": {"enum": list(NODES)}},
        "has_key": {"type": "boolean"},
        "issued_by": _nullable(_TEXT),
        "created": _TIME,
        "real": _nullable(_object({"not_before": _TIME, "not_after": _TIME})),
        "pem": _TEXT,
    }
)
_NODE = _object({"state": _TEXT, "active": _nullable(_ref("Certificate"))})
_BOX = _object(
    {
        "lan_ip": _TEXT,
        "firmware": _TEXT,
        "installed_at": _TIME,
        "state": {"enum": ["running", "restarting"]},
        "now": _TIME,
        "rate": {"type": "number"},
        "dates": {"enum": [dates.value for dates in Dates]},
        "portal": _TEXT,
        "wsi": _TEXT,
        "wsi_http": _TEXT,
        "booster": _nullable(_TEXT),
        "nodes": {"type": "object", "additionalProperties": _ref("Node")},
    }
)
_PROBLEM = _object(
    {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "field": _TEXT,
        "errors": {
            "type": "array",
            "items": _object(
                dict.fromkeys(("code", "detail", "field", "instead"), _TEXT), ["code", "detail"]
            ),
        },
    },
    ["type", "title", "status", "code", "detail", "errors"],
)
_ENTRY = _object(
    {
        "seq": {"type": "integer"},
        "time": _TIME,
        "node": {"enum": list(NODES)},
        "event": _TEXT,
        "detail": {"type": "object"},
    }
)
_HANDSHAKE = _object(
    {
        "id": {"type": "integer"},
        "time": _TIME,
        "node": {"enum": list(NODES)},
        "endpoint": _TEXT,
        "client": _TEXT,
        "offered": _nullable({"type": "object"}),
        "shown": _nullable({"type": "object"}),
        "version": _nullable(_TEXT),
        "cipher": _nullable(_TEXT),
        "alpn": _nullable(_TEXT),
        "outcome": _TEXT,
        "alert": _nullable(_object({"name": _TEXT, "code": {"type": "integer"}, "from": _TEXT})),
        "requests": {"type": "boolean"},
        "seconds": {"type": "number"},
    }
)
_CLOCK = _object(
    {
        "now": _TIME,
        "rate": {
            "anyOf": [{"const": 0}, {"type": "number", "minimum": 1, "maximum": 100_000}],
            "description": "Box seconds per real second; 0 freezes it.",
        },
        "dates": {"enum": [dates.value for dates in Dates]},
        "allow_unprojected": {
            "type": "boolean",
            "description": "Project dates although an active certificate can't be signed again.",
        },
    },
    [],
) | {"additionalProperties": False, "minProperties": 1}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_IMPORT = _object(
    {"name": _TEXT, "passphrase": _TEXT, "certificate": _FILE, "key": _FILE, "pkcs12": _FILE},
    ["name", "passphrase"],
)
_SUBSCRIBER = _object({"extension": _TEXT, "name": _TEXT, "password": _TEXT})


def _answer(description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"description": description}
    if schema is not None:
        found["content"] = {"application/json": {"schema": schema}}
    return found


def _call(
    summary: str,
    answers: dict[str, Any],
    *,
    body: dict[str, Any] | None = None,
    media_type: str = "application/json",
    query: tuple[str, ...] = (),
) -> dict[str, Any]:
    call: dict[str, Any] = {
        "summary": summary,
        "responses": answers
        | {
            "default": {
                "description": "Refused; nothing was changed.",
                "content": {"application/problem+json": {"schema": _ref("Problem")}},
            }
        },
    }
    if body is not None:
        call["requestBody"] = {"required": True, "content": {media_type: {"schema": body}}}
    if query:
        call["parameters"] = [{"name": name, "in": "query", "schema": _TEXT} for name in query]
    return call


def _in_path(name: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": schema}]


def _paths() -> dict[str, Any]:
    box, certificate = _ref("Box"), _ref("Certificate")
    files = ", ".join(f"ID.{kind}" for kind in FILE_KINDS)
    return {
        "/v1/openapi.json": {"get": _call("This document; needs no token.", {"200": _answer("")})},
        "/v1/box": {
            "get": _call("The box and its nodes.", {"200": _answer("The box.", box)}),
            "patch": _call(
                "Change the LAN IP: a new self-signed certificate, and a restart there.",
                {
                    "202": _answer("The restart has begun.", box),
                    "200": _answer("It had this address already.", box),
                },
                body=_object({"lan_ip": _TEXT}),
            ),
        },
        "/v1/clock": {
            "put": _call(
                "Set the box's calendar.", {"200": _answer("As set.", _CLOCK)}, body=_CLOCK
            )
        },
        "/v1/certificates": {
            "get": _call(
                "Certificates and signing requests, oldest first.",
                {"200": _answer("All of them.", _list("certificates", certificate))},
            ),
            "post": _call(
                "Make one; it is not active.",
                {"201": _answer("Made.", certificate)},
                body=_ref("Form"),
            ),
        },
        "/v1/certificates/import": {
            "post": _call(
                "Import certificate and key (PEM or DER), or PKCS#12; not active.",
                {"201": _answer("Imported.", certificate)},
                body=_IMPORT,
                media_type="multipart/form-data",
            )
        },
        "/v1/certificates/{id}": {
            "parameters": _in_path("id", _TEXT),
            "get": _call(f"One of them; as a file: {files}.", {"200": _answer("It.", certificate)}),
            "delete": _call("Forget it; refused while active.", {"204": _answer("Forgotten.")}),
        },
        "/v1/nodes/{node}/activate": {
            "parameters": _in_path("node", {"enum": list(NODES)}),
            "post": _call(
                "Serve this certificate from now on; the node restarts.",
                {
                    "202": _answer(
                        "The restart has begun.",
                        _object(
                            {
                                "node": _TEXT,
                                "certificate": _TEXT,
                                "state": _TEXT,
                                "warnings": {"type": "array", "items": _TEXT},
                            }
                        ),
                    )
                },
                body=_object({"certificate": _TEXT}),
            ),
        },
        "/v1/subscribers": {
            "get": _call(
                "Who can log in to WSI.",
                {"200": _answer("All of them.", _list("subscribers", _SUBSCRIBER))},
            )
        },
        "/v1/journal": {
            "get": _call(
                "What happened, oldest first.",
                {"200": _answer("Entries after `since`.", _list("journal", _ENTRY))},
                query=("since", "node"),
            )
        },
        "/v1/handshakes": {
            "get": _call(
                "The latest TLS connections, oldest first.",
                {"200": _answer("Those after `since`.", _list("handshakes", _HANDSHAKE))},
                query=("since",),
            )
        },
        "/v1/events": {
            "get": _call(
                "Journal entries and settled handshakes as they happen (server-sent events).",
                {"200": {"description": "A stream.", "content": {"text/event-stream": {}}}},
            )
        },
        "/v1/reset": {
            "post": _call("The box as newly installed.", {"202": _answer("Begun.", box)})
        },
    }


def document() -> dict[str, Any]:
    """The whole document."""
    try:
        release = version("osbiz-simulator")
    except PackageNotFoundError:  # run from a bare checkout
        release = "0"
    return {
        "openapi": "3.1.0",
        "info": {"title": "OSBiz simulator control API", "version": release},
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Box": _BOX,
                "Certificate": _CERTIFICATE,
                "Form": _FORM,
                "Node": _NODE,
                "Problem": _PROBLEM,
            },
        },
    }
