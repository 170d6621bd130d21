"""The page about a catalogue that is served: what is where, what is wrong, who notices.

Plain HTTP on loopback, read only; without scripts and external resources.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from appliance.trust import ENVIRONMENTS
from webserver.late import LateServer
from webserver.listener import Listener

_ADDRESS = "127.0.0.1"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# In the order in which they are told: what is wrong first.
_WORDS = {"refused": "✗ Refused by", "warned": "! Warned of by", "accepted": "✓ Accepted by"}


def page(rows: Sequence[Mapping[str, Any]]) -> str:
    """The page, as HTML."""
    templates = Environment(
        loader=PackageLoader("webserver", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    topics: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        topics.setdefault(row["topic"].replace("_", " "), []).append(row)
    shown = [name for name in ENVIRONMENTS if any(name in row["expected"] for row in rows)]
    template = templates.get_template("catalogue.html")
    return template.render(
        topics=topics, environments=shown, known=ENVIRONMENTS, words=_WORDS, count=len(rows)
    )


def _application(rows: Sequence[Mapping[str, Any]]) -> web.Application:
    app = web.Application()
    text = page(rows)
    css = (files("webserver") / "templates" / "catalogue.css").read_text("utf-8")

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def cases(_: web.Request) -> web.Response:
        return web.json_response({"cases": list(rows)}, headers=HEADERS)

    async def style(_: web.Request) -> web.Response:
        return web.Response(text=css, content_type="text/css", headers=HEADERS)

    app.router.add_get("/", index)
    app.router.add_get("/cases.json", cases)
    app.router.add_get("/catalogue.css", style)
    return app


@asynccontextmanager
async def open_index(rows: Sequence[Mapping[str, Any]], port: int) -> AsyncIterator[str]:
    """Serve the page while the block runs; its URL. Refused when the port can't be had."""
    server = LateServer(lambda: _application(rows))
    listener = Listener(_ADDRESS, port, server)
    listener.open()
    try:
        yield f"http://{_ADDRESS}:{listener.port}/"
    finally:
        await listener.close()
        await server.close()
