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
from webserver.control_trust import trust_paths
from webserver.files import FILE_KINDS
from webserver.openapi_acme import acme_paths
from webserver.openapi_clients import client_paths
from webserver.openapi_faults import fault_paths
from webserver.openapi_observed import OBSERVED
from webserver.openapi_parts import (
    TEXT,
    TIME,
    answer,
    call,
    in_path,
    list_of,
    nullable,
    object_of,
    reference,
)
from webserver.openapi_telephony import telephony_paths
from webserver.openapi_time import time_paths
from webserver.openapi_verdicts import verdict_paths
from webserver.running import NODES

_NAME = object_of(dict.fromkeys(("C", "O", "OU", "CN"), TEXT), [])
_FORM = object_of(
    {
        "kind": {"enum": [kind.value for kind in KINDS]},
        "name": {"type": "string", "minLength": 1, "maxLength": 64},
        "serial": {"type": "integer", "minimum": 1, "maximum": MAX_SERIAL},
        "algorithm": {"enum": list(ALGORITHMS), "default": DEFAULT_ALGORITHM},
        "not_before": TIME | {"description": "The box's time, when left out."},
        "not_after": TIME
        | {"description": "A year later when left out; ten years for an authority."},
        "subject": _NAME | {"required": ["CN"], "additionalProperties": False},
        "san": {
            "type": "array",
            "maxItems": 100,
            "items": {"type": "string", "pattern": "^(DNS|IP|email|URI|DirName):"},
        },
        "crl_distribution_point": TEXT,
        "authority": TEXT | {"description": "Who signs a server certificate: an id."},
        "passphrase": TEXT
        | {
            "minLength": 7,
            "maxLength": 32,
            "description": "Seals ID.p12; needed for a server certificate.",
        },
    },
    ["kind", "name", "subject"],
) | {"additionalProperties": False}

_CERTIFICATE = object_of(
    {
        "id": TEXT,
        "name": TEXT,
        "kind": {"enum": [kind.value for kind in Kind]},
        "subject": _NAME,
        "issuer": nullable(_NAME),
        "serial": nullable({"type": "integer"}),
        "serial_hex": nullable(TEXT),
        "not_before": nullable(TIME),
        "not_after": nullable(TIME),
        "algorithm": TEXT,
        "key_bits": nullable({"type": "integer"}),
        "san": {"type": "array", "items": TEXT},
        "fingerprint_sha1": nullable(TEXT),
        "fingerprint_sha256": nullable(TEXT),
        "active_on": {"type": "array", "items": {"enum": list(NODES)}},
        "has_key": {"type": "boolean"},
        "issued_by": nullable(TEXT),
        "created": TIME,
        "real": nullable(object_of({"not_before": TIME, "not_after": TIME})),
        "pem": TEXT,
    }
)
_NODE = object_of({"state": TEXT, "active": nullable(reference("Certificate"))})
_BOX = object_of(
    {
        "lan_ip": TEXT,
        "firmware": TEXT,
        "installed_at": TIME,
        "state": {"enum": ["running", "restarting"]},
        "now": TIME,
        "rate": {"type": "number"},
        "dates": {"enum": [dates.value for dates in Dates]},
        "portal": TEXT,
        "wsi": TEXT,
        "wsi_http": TEXT,
        "http": nullable(TEXT),
        "booster": nullable(TEXT),
        "nodes": {"type": "object", "additionalProperties": reference("Node")},
    }
)
_PROBLEM = object_of(
    {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "code": TEXT,
        "detail": TEXT,
        "field": TEXT,
        "errors": {
            "type": "array",
            "items": object_of(
                dict.fromkeys(("code", "detail", "field", "instead"), TEXT), ["code", "detail"]
            ),
        },
    },
    ["type", "title", "status", "code", "detail", "errors"],
)
_ENTRY = object_of(
    {
        "seq": {"type": "integer"},
        "time": TIME,
        "node": {"enum": list(NODES)},
        "event": TEXT,
        "detail": {"type": "object"},
    }
)
_HANDSHAKE = object_of(
    {
        "id": {"type": "integer"},
        "time": TIME,
        "node": {"enum": list(NODES)},
        "endpoint": TEXT,
        "client": TEXT,
        "offered": nullable({"type": "object"}),
        "shown": nullable({"type": "object"}),
        "version": nullable(TEXT),
        "cipher": nullable(TEXT),
        "alpn": nullable(TEXT),
        "outcome": TEXT,
        "alert": nullable(object_of({"name": TEXT, "code": {"type": "integer"}, "from": TEXT})),
        "requests": {"type": "boolean"},
        "seconds": {"type": "number"},
        "faults": {"type": "array", "items": TEXT},
        **OBSERVED,
    }
)
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_IMPORT = object_of(
    {
        "name": TEXT,
        "passphrase": TEXT | {"description": "7 to 32 characters; opens what is encrypted."},
        "certificate": _FILE
        | {
            "description": "PEM, DER or PKCS#7 (.p7b), with the chain in any order. Of PKCS#7, "
            "what does not lead to the root is left out, and the journal names it; of other files "
            "it is refused."
        },
        "key": _FILE
        | {
            "description": "PEM or DER; not needed where the certificate answers a signing request "
            "of the box."
        },
        "pkcs12": _FILE
        | {
            "description": "PKCS#12, DER or PEM, sealed with AES (PBES2), 3DES, RC2 or RC4; in "
            "place of certificate and key."
        },
    },
    ["name", "passphrase"],
)


def _paths() -> dict[str, Any]:
    box, certificate = reference("Box"), reference("Certificate")
    files = ", ".join(f"ID.{kind}" for kind in FILE_KINDS)
    return {
        "/v1/openapi.json": {"get": call("This document; needs no token.", {"200": answer("")})},
        "/v1/box": {
            "get": call("The box and its nodes.", {"200": answer("The box.", box)}),
            "patch": call(
                "Change the LAN IP: a new self-signed certificate, and a restart there.",
                {
                    "202": answer("The restart has begun.", box),
                    "200": answer("It had this address already.", box),
                },
                body=object_of({"lan_ip": TEXT}),
            ),
        },
        **time_paths(),
        "/v1/certificates": {
            "get": call(
                "Certificates and signing requests, oldest first.",
                {"200": answer("All of them.", list_of("certificates", certificate))},
            ),
            "post": call(
                "Make one; it is not active.",
                {"201": answer("Made.", certificate)},
                body=reference("Form"),
            ),
        },
        "/v1/certificates/import": {
            "post": call(
                "Import certificate and key (PEM or DER), or PKCS#12; not active.",
                {"201": answer("Imported.", certificate)},
                body=_IMPORT,
                media_type="multipart/form-data",
            )
        },
        "/v1/certificates/{id}": {
            "parameters": in_path("id", TEXT),
            "get": call(f"One of them; as a file: {files}.", {"200": answer("It.", certificate)}),
            "delete": call("Forget it; refused while active.", {"204": answer("Forgotten.")}),
        },
        "/v1/nodes/{node}/activate": {
            "parameters": in_path("node", {"enum": list(NODES)}),
            "post": call(
                "Serve this certificate from now on; the node restarts.",
                {
                    "202": answer(
                        "The restart has begun.",
                        object_of(
                            {
                                "node": TEXT,
                                "certificate": TEXT,
                                "state": TEXT,
                                "warnings": {"type": "array", "items": TEXT},
                            }
                        ),
                    )
                },
                body=object_of({"certificate": TEXT}),
            ),
        },
        **fault_paths({"enum": list(NODES)}),
        **verdict_paths({"enum": list(NODES)}),
        **telephony_paths(),
        **client_paths(),
        **trust_paths(),
        **acme_paths(),
        "/v1/journal": {
            "get": call(
                "What happened, oldest first.",
                {"200": answer("Entries after `since`.", list_of("journal", _ENTRY))},
                query=("since", "node"),
            )
        },
        "/v1/handshakes": {
            "get": call(
                "The latest TLS connections, oldest first.",
                {"200": answer("Those after `since`.", list_of("handshakes", _HANDSHAKE))},
                query=("since",),
            )
        },
        "/v1/events": {
            "get": call(
                "Journal entries, settled handshakes and what becomes of UC clients in the "
                "simulator, as it happens (server-sent events).",
                {"200": {"description": "A stream.", "content": {"text/event-stream": {}}}},
            )
        },
        "/v1/reset": {"post": call("The box as newly installed.", {"202": answer("Begun.", box)})},
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
