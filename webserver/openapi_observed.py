"""What the description says of a handshake's client: fingerprint, guess, decision."""

from __future__ import annotations

from typing import Any

from appliance.decisions import Certainty, Decided, Reason
from webserver.openapi_parts import TEXT, nullable, object_of

_CERTAINTY = {"enum": [certainty.value for certainty in Certainty]}
_GUESS = object_of(
    {
        "client": nullable(TEXT),
        "title": TEXT,
        "basis": {"enum": ["fingerprint", "ciphers", "features"]},
        "version": nullable(TEXT),
        "measured": nullable(TEXT),
        "environments": {"type": "array", "items": TEXT},
        "published": nullable(TEXT),
    }
)

OBSERVED: dict[str, Any] = {
    "ja4": nullable(TEXT),
    "guess": nullable(_GUESS)
    | {"description": "Who the client may be, from its ClientHello. Never proof."},
    "decision": object_of(
        {
            "decided": {"enum": [decided.value for decided in Decided]},
            "certainty": _CERTAINTY,
            "reason": {"enum": [reason.value for reason in Reason]},
            "reason_certainty": _CERTAINTY,
        }
    )
    | {"description": "What the client made of the certificate, from how the connection ended."},
}
