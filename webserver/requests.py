"""What the control API reads out of requests; each reader refuses what it can't take."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from store.refusals import Refused

_IMPORT_PARTS = ("name", "passphrase", "certificate", "key", "pkcs12")


async def json_object(
    request: web.Request, *, allowed: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """The body as a JSON object, with no other members than `allowed` where that is given."""
    try:
        body = json.loads(await request.read() or b"null", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused.because(
            "body", "The body is no JSON object.", instead="Send one, as application/json."
        )
    for key in body if allowed is not None else ():
        if key not in (allowed or ()):
            raise Refused.because(
                "unknown-field",
                f"There is no field {key[:40]!r} here.",
                field=key[:40],
                instead=f"Fields are {', '.join(allowed or ())}.",
            )
    return body


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


async def import_parts(request: web.Request) -> dict[str, bytes]:
    """The parts of a multipart import by name."""
    if not request.content_type.startswith("multipart/form-data"):
        raise Refused.because(
            "media-type",
            "An import is sent as multipart/form-data.",
            instead="With curl: -F name=… -F passphrase=… -F certificate=@FILE -F key=@FILE.",
        )
    found: dict[str, bytes] = {}
    try:
        form = await request.post()
    except (ValueError, AssertionError, LookupError):
        raise Refused.because("body", "The multipart body can't be read.") from None
    for key, value in form.items():
        if key not in _IMPORT_PARTS or key in found:
            raise Refused.because(
                "unknown-field",
                f"The part {key[:40]!r} is not known, or is there twice.",
                field=key[:40],
                instead=f"Parts are {', '.join(_IMPORT_PARTS)}.",
            )
        found[key] = value.file.read() if isinstance(value, web.FileField) else _encoded(value)
    return found


def _encoded(value: str | bytearray | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)


def text_part(parts: dict[str, bytes], field: str) -> str:
    """The part `field` as text; empty when it is not there."""
    try:
        return parts.get(field, b"").decode()
    except UnicodeDecodeError:
        raise Refused.because("text", f"{field} is no UTF-8 text.", field=field) from None


def query_number(request: web.Request, name: str) -> int:
    """The number `name` of the query; 0 when it is not there."""
    text = request.query.get(name, "0")
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise Refused.because(
        "query", f"{name} must be a number.", field=name, instead="Give the last one you have."
    )
