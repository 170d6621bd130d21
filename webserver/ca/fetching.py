"""http-01's request, made as a CA makes it (RFC 8555 8.3): redirects followed, answers short.

Whatever a web server does, the outcome is its answer or the CA's own problem in plain words.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp

from appliance.ca.problems import AcmeError, error

MAX_ANSWER = 1024  # bytes; a key authorization has 87
MAX_REDIRECTS = 5
CONNECT_SECONDS = 2.0  # for each address of a name
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
# No compression: a small answer may not become a large one.
_HEADERS = {"User-Agent": "osbiz-practice-ca", "Accept-Encoding": "identity"}


class Fetcher:
    """Fetches over HTTP.

    addresses: where a host is; raises the CA's problem when that can't be told, or is nowhere
    to go. ports: where redirects may lead, beside 80 and 443.
    """

    def __init__(
        self, addresses: Callable[[str], Awaitable[list[str]]], *, ports: Collection[int]
    ) -> None:
        self._addresses = addresses
        self._ports = {*_PORTS.values(), *ports}

    async def get(self, url: str) -> str:
        """What is at `url`, after redirects."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=False, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout,
            auto_decompress=False,
        ) as session:
            for _ in range(MAX_REDIRECTS + 1):
                parts = self._checked(url)
                status, location, body = await self._ask(session, parts)
                if status in _REDIRECTS and location:
                    url = _joined(url, location)
                elif status != 200:
                    raise _no("unauthorized", url, f"answers with HTTP status {status}")
                elif len(body) > MAX_ANSWER:
                    raise _no("incorrectResponse", url, f"has more than {MAX_ANSWER} bytes")
                else:
                    return body.decode("utf-8", "replace")
        raise error("connection", f"More than {MAX_REDIRECTS} redirects.")

    def _checked(self, url: str) -> SplitResult:
        """The parts of a URL that may be asked for."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            parts, port = urlsplit(""), None
        if port is None or not parts.hostname or parts.username is not None:
            raise error("connection", f"It leads to {url[:120]!r}, which is no web page.")
        if port not in self._ports:
            raise error(
                "connection",
                f"It leads to port {port} ({url[:120]}); a CA goes to ports "
                f"{', '.join(map(str, sorted(self._ports)))} only.",
            )
        return parts

    async def _ask(
        self, session: aiohttp.ClientSession, parts: SplitResult
    ) -> tuple[int, str | None, bytes]:
        """Status, `Location` and the beginning of the answer, from the first address that answers.

        An address that nobody answers at is passed over for the next one, as Let's Encrypt does
        where a name has IPv6 and IPv4.
        """
        assert parts.hostname is not None
        addresses = await self._addresses(parts.hostname)
        for address in addresses:
            host = f"[{address}]" if ":" in address else address
            port = parts.port or _PORTS[parts.scheme]
            at = parts._replace(netloc=f"{host}:{port}").geturl()
            headers = {**_HEADERS, "Host": parts.netloc}
            try:
                async with session.get(at, headers=headers, allow_redirects=False) as response:
                    location = response.headers.get("Location")
                    return response.status, location, await _beginning(response.content)
            except (aiohttp.ClientError, OSError, ValueError) as failed:
                unreached = isinstance(failed, aiohttp.ClientConnectorError | TimeoutError)
                if unreached and address != addresses[-1]:
                    continue
                where = f"{address} port {port}"
                raise _no("connection", parts.geturl(), f"at {where}: {_why(failed)}") from None
        raise AssertionError("a name has an address")


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """All of it, or as much as shows that it is too long."""
    found = bytearray()
    while len(found) <= MAX_ANSWER and (piece := await content.readany()):
        found += piece
    return bytes(found)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _why(failed: BaseException) -> str:
    """In words, without aiohttp's own."""
    if isinstance(failed, aiohttp.ClientSSLError):
        return "the TLS handshake failed"
    if isinstance(failed, aiohttp.ClientConnectorError):
        return os.strerror(failed.os_error.errno) if failed.os_error.errno else "nobody is there"
    if isinstance(failed, TimeoutError):
        return "nobody answers"
    if isinstance(failed, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return "the connection was closed before the answer was whole"
    if isinstance(failed, aiohttp.ClientResponseError | ValueError):
        return "what answers is not HTTP, or has too long a header"
    return getattr(failed, "strerror", None) or "the connection broke"


def _no(kind: str, url: str, what: str) -> AcmeError:
    return error(kind, f"{url[:200]} {what}.")
