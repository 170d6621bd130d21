"""HTTP/1.1 as a client reads it: bytes in, one answer out, with bounds on everything.

Pure: told what came, it says what is still missing. Only what a WSI client needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_HEAD = 64 * 1024
MAX_BODY = 4 * 1024 * 1024

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: ([^\r\n]*))?")


class NotHttp(Exception):
    """What came is no answer; the text is its beginning, for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. keep: whether the connection may be asked again."""

    status: int
    reason: str
    body: bytes
    keep: bool

    @property
    def text(self) -> str:
        """The body; what is no UTF-8 in it is replaced."""
        return self.body.decode("utf-8", "replace")


@dataclass(slots=True)
class AnswerReader:
    """Reads one answer to a GET out of pieces; `feed` gives it when it is whole."""

    _buffer: bytearray = field(default_factory=bytearray)
    _status: int = 0
    _reason: str = ""
    _keep: bool = True
    _length: int | None = None
    _chunked: bool = False
    _body: bytearray = field(default_factory=bytearray)

    @property
    def begun(self) -> bool:
        """Whether anything has come."""
        return bool(self._buffer) or self._status != 0

    def feed(self, data: bytes) -> Answer | None:
        """Take `data`; the answer, or None while some is missing. Raises `NotHttp`."""
        self._buffer += data
        while not self._status:
            if not self._head():
                return None
        if self._chunked:
            return self._answer() if self._chunks() else None
        if self._length is None:
            self._take(len(self._buffer))
            return None
        self._take(min(len(self._buffer), self._length - len(self._body)))
        return self._answer() if len(self._body) == self._length else None

    def end(self) -> Answer | None:
        """The other side has closed: the answer when that ends one, else None."""
        if not self._status or self._chunked or self._length is not None:
            return None
        self._keep = False
        return self._answer()

    def _head(self) -> bool:
        """Read a head, when one is there; one that only informs (1xx) is skipped."""
        end = self._buffer.find(b"\r\n\r\n")
        line = bytes(self._buffer[:80]).partition(b"\r\n")[0]
        if not b"HTTP/1.".startswith(line[:7]) or (end < 0 and len(self._buffer) > MAX_HEAD):
            raise NotHttp(_shown(line))
        if end < 0:
            return False
        first, *lines = bytes(self._buffer[:end]).split(b"\r\n")
        match = _STATUS_LINE.fullmatch(first)
        if match is None:
            raise NotHttp(_shown(first))
        del self._buffer[: end + 4]
        if match[1].startswith(b"1"):
            return True
        self._status, self._reason = int(match[1]), _shown(match[2] or b"")
        self._keep = first.startswith(b"HTTP/1.1")
        for header in lines:
            self._header(header)
        if self._status in (204, 304):
            self._length, self._chunked = 0, False
        return True

    def _header(self, line: bytes) -> None:
        name, colon, value = line.partition(b":")
        if not colon:
            raise NotHttp(_shown(line))
        name, value = name.strip().lower(), value.strip()
        if name == b"content-length":
            if not value.isdigit() or len(value) > 9 or int(value) > MAX_BODY:
                raise NotHttp(_shown(line))
            self._length = int(value)
        elif name == b"transfer-encoding":
            self._chunked = value.lower().endswith(b"chunked")
        elif name == b"connection":
            self._keep = value.lower() != b"close"

    def _take(self, count: int) -> None:
        self._body += self._buffer[:count]
        del self._buffer[:count]
        if len(self._body) > MAX_BODY:
            raise NotHttp("more than can be read")

    def _chunks(self) -> bool:
        """Read what chunks are whole; whether that was all of them."""
        while (end := self._buffer.find(b"\r\n")) >= 0:
            digits = bytes(self._buffer[:end]).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,7}", digits):
                raise NotHttp(_shown(digits))
            size = int(digits, 16)
            if size > MAX_BODY:
                raise NotHttp("more than can be read")
            if len(self._buffer) < end + 2 + size + 2:
                return False
            del self._buffer[: end + 2]
            self._take(size)
            del self._buffer[:2]
            if size == 0:
                return True
        if len(self._buffer) > MAX_HEAD:
            raise NotHttp("a chunk without its size")
        return False

    def _answer(self) -> Answer:
        return Answer(self._status, self._reason, bytes(self._body), self._keep)


def _shown(line: bytes) -> str:
    """The beginning of what came, fit to be shown."""
    text = line[:60].decode("latin-1")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
