"""From refusals to HTTP: one table, and the one form of an error (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from store.refusals import Refusal, Refused

# Refusals that are not the fault of the request's content; everything else is 422.
STATUS: dict[str, int] = {
    "body": 400,
    "query": 400,
    "unauthorized": 401,
    "right-missing": 403,
    "not-found": 404,
    "no-such-certificate": 404,
    "no-such-node": 404,
    "no-such-file": 404,
    "no-such-fault": 404,
    "no-other-node": 409,
    "ocsp": 400,
    "method-not-allowed": 405,
    "restarting": 409,
    "running": 409,
    "not-running": 409,
    "certificate-active": 409,
    "serial-taken": 409,
    "account-taken": 409,
    "account-own": 409,
    "account-last": 409,
    "no-such-account": 404,
    "no-such-subscriber": 404,
    "no-such-call": 404,
    "no-such-party": 404,
    "extension-taken": 409,
    "no-such-client-run": 404,
    "client-run-taken": 409,
    "client-runs": 409,
    "wrong-state": 409,
    "busy": 409,
    "do-not-disturb": 409,
    "in-this-call": 409,
    "no-active-call": 409,
    "port-taken": 409,
    "too-large": 413,
    "media-type": 415,
    "booster-away": 502,
    "booster-refused": 502,
    "booster-changed": 502,
    "no-booster": 409,
    "storage-failed": 507,
    "acme-not-set-up": 409,
}

log = logging.getLogger("osbiz")


def status_of(refused: Refused) -> int:
    """The HTTP status that answers a refusal."""
    return STATUS.get(refused.code, 422)


def problem(refused: Refused, *, status: int | None = None) -> web.Response:
    """`application/problem+json` with `code`, `detail`, `field`, and all refusals in `errors`."""
    status = status_of(refused) if status is None else status
    first = refused.refusals[0]
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": first.code,
        "detail": str(refused),
    }
    if first.field is not None:
        body["field"] = first.field
    body["errors"] = [_error(refusal) for refusal in refused.refusals]
    headers = {"WWW-Authenticate": 'Bearer realm="osbiz"'} if status == 401 else None
    return web.Response(
        status=status,
        text=json.dumps(body, ensure_ascii=False),
        content_type="application/problem+json",
        headers=headers,
    )


def _error(refusal: Refusal) -> dict[str, str]:
    values = {
        "code": refusal.code,
        "detail": refusal.message,
        "field": refusal.field,
        "instead": refusal.instead,
    }
    return {key: value for key, value in values.items() if value is not None}


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# What aiohttp itself says no to, in our words.
_OWN_WORDS = {
    404: Refusal("not-found", "There is nothing here.", None, "See /v1/openapi.json."),
    405: Refusal("method-not-allowed", "This method is not possible here."),
    413: Refusal("too-large", "The request is larger than 1 MiB."),
}


@web.middleware
async def problems_middleware(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Every error of the control API in the one form; an own fault without its insides."""
    try:
        return await handler(request)
    except Refused as refused:
        return problem(refused)
    except web.HTTPException as error:
        known = _OWN_WORDS.get(error.status, Refusal("http", error.reason or "Not possible."))
        return problem(Refused(known), status=error.status)
    except ConnectionError:
        raise
    except Exception:
        log.exception("control API: %s %s failed", request.method, request.path)
        fault = Refusal("internal", "The simulator failed to do this; its log says why.")
        return problem(Refused(fault), status=500)
