"""HTTP as WSI's ports speak it: what is no HTTP is refused in WSI's own words.

aiohttp's answer would repeat the request, which has a password in it. Knows no command.
"""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from webserver.wsi.answers import DECLARATION, reason

MAX_LINE = 128 * 1024  # bytes of a request line; so many are refused by the command
_RAW = re.compile(rb"[\x80-\xff]")


class WsiProtocol(web.RequestHandler):
    """One connection to WSI."""

    __slots__ = ()

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, max_line_size=MAX_LINE, **options)

    def data_received(self, data: bytes) -> None:
        """Take what has come; bytes that a URL can't have are as if they had been quoted.

        `curl` sends a text as it stands on the command line, and CGI programs take it so.
        """
        if data.startswith(b"GET ") and not data.isascii():
            line, end, rest = data.partition(b"\r\n")
            data = _RAW.sub(lambda found: b"%%%02X" % found[0][0], line) + end + rest
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what could not be read, and the end of the connection."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        why = "REQUEST_TOO_LONG" if isinstance(exc, LineTooLong) else "BAD_REQUEST"
        answer = web.Response(
            status=status,
            text=DECLARATION + reason(why),
            content_type="text/xml",
            charset="utf-8",
        )
        answer.force_close()
        return answer
