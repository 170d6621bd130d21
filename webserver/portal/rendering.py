"""Templates and static files.

The template engine and the files are loaded when the first page is shown, in a thread,
so that a box that nobody looks at never pays for them. Knows no page's content.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from webserver.portal.entrance import STATIC
from webserver.portal.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
STATIC_PATH = STATIC + "/"
CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
PARAMETERS = web.RequestKey("PARAMETERS", dict[str, str])  # the named parts of a path


@cache
def static_file(name: str) -> bytes | None:
    """The content of a static file; None when there is no such file."""
    if name not in _static_names():
        return None
    return (HERE / "static" / name).read_bytes()


@cache
def _static_names() -> frozenset[str]:
    return frozenset(path.name for path in (HERE / "static").iterdir())


@cache
def static_url(name: str) -> str:
    """Where a static file is; changes with its content, so that it can be kept for good."""
    content = static_file(name)
    assert content is not None, name
    return f"{STATIC_PATH}{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


async def static(request: web.Request) -> web.Response:
    """Answer with a static file."""
    name = request[PARAMETERS]["name"]
    content = await asyncio.to_thread(static_file, name)
    if content is None:
        raise web.HTTPNotFound
    fresh = request.path_qs == static_url(name)
    return web.Response(
        body=content,
        content_type=CONTENT_TYPES[Path(name).suffix],
        charset=None if name.endswith(".svg") else "utf-8",
        headers={
            "Cache-Control": "public, max-age=31536000, immutable" if fresh else "no-cache",
        },
    )


def inline(name: str) -> str:
    """A static file's text, to be written into a page that can fetch nothing later."""
    content = static_file(name)
    assert content is not None, name
    return content.decode("utf-8")


def hash_source(name: str) -> str:
    """The Content-Security-Policy source that allows `inline(name)` and nothing else."""
    digest = hashlib.sha256(inline(name).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        static=static_url,
        # Our own files, written by nobody else: the one place where escaping is off.
        inline=lambda name: Markup(inline(name)),  # noqa: S704
        languages=LANGUAGES,
    )
    return environment


async def render(template: str, texts: Texts, **values: Any) -> str:
    """The text of a page; `texts` is `_` in the template."""
    environment = await asyncio.to_thread(_environment) if _is_new() else _environment()
    return environment.get_template(template).render(_=texts, **values)


def _is_new() -> bool:
    return _environment.cache_info().currsize == 0
