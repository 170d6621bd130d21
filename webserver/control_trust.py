"""Control API, trust: what a client has to trust, and a certificate that it then accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from appliance.trusting import anchor_of
from store.certificate import Certificate
from store.refusals import Refused
from webserver.openapi_parts import TEXT, answer, call, nullable, object_of
from webserver.requests import json_object
from webserver.running import RunningBox


def _anchor_json(anchor: Certificate | None) -> dict[str, Any] | None:
    if anchor is None:
        return None
    return {
        "subject": anchor.leaf.subject.rfc4514_string(),
        "fingerprint_sha256": anchor.fingerprint("sha256"),
        "pem": anchor.pem,
    }


class TrustControl:
    """The calls of the API about trust; `box` gives the box when there is a request."""

    def __init__(self, box: Callable[[], RunningBox]) -> None:
        self._get_box = box

    async def _answer(self, status: int) -> web.Response:
        box = self._get_box()
        anchor = await box.call(anchor_of, box.model)
        active = box.model.active
        return web.json_response(
            {
                "anchor": _anchor_json(anchor),
                "certificate": active.id,
                "self_signed": active.certificate is not None
                and active.certificate.leaf.issuer == active.certificate.leaf.subject,
            },
            status=status,
        )

    async def get_trust(self, _request: web.Request) -> web.Response:
        return await self._answer(200)

    async def post_trust(self, request: web.Request) -> web.Response:
        body = await json_object(request, allowed=("names",))
        names = body.get("names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Refused.because(
                "san",
                "Names are a list of texts.",
                field="names",
                instead='Send {"names": ["DNS:box.example"]}, or {}.',
            )
        await self._get_box().serve_trusted(*names, wait=False)
        return await self._answer(202)

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [web.get("/v1/trust", self.get_trust), web.post("/v1/trust", self.post_trust)]


_ANCHOR = object_of({"subject": TEXT, "fingerprint_sha256": TEXT, "pem": TEXT})
_TRUST = object_of(
    {
        "anchor": nullable(_ANCHOR)
        | {"description": "What a client has to trust; null when the box does not have it."},
        "certificate": TEXT,
        "self_signed": {"type": "boolean"},
    }
)


def trust_paths() -> dict[str, Any]:
    """These calls, described."""
    names = {"type": "array", "maxItems": 99, "items": TEXT}
    return {
        "/v1/trust": {
            "get": call(
                "What a client has to trust to accept the active certificate.",
                {"200": answer("The anchor.", _TRUST)},
            ),
            "post": call(
                "Serve a certificate that clients accept once they trust the box's authority.",
                {"202": answer("The restart has begun.", _TRUST)},
                body=object_of({"names": names}, []) | {"additionalProperties": False},
                body_required=False,
            ),
        }
    }
