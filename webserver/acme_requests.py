"""Requests to an ACME CA: pace, trust, nonces, signatures (RFC 8555 6), and what comes back.

Knows not what is asked for. Everything that goes wrong is an `AcmeFailed` at the step that
`at` says.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from appliance.acme import wire
from appliance.acme.failures import AcmeFailed, of_problem
from appliance.acme.signing import AccountKey
from appliance.acme.states import Step
from appliance.clock import real_now

_T = TypeVar("_T")

REQUEST_SECONDS = 60.0
CONNECT_SECONDS = 20.0
MAX_ANSWER = 1 << 20
# Pebble can be told to reject nine nonces of ten, and then a request may take many; a public
# CA that rejects more than a few is broken, and is not to be hammered.
NONCE_TRIES = 400
QUICK_TRIES = 10
USER_AGENT = "osbiz-simulator (ACME client; aiohttp)"


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard a CA may be pressed, in seconds.

    look_first, look_most: between two looks whether it is done, at first and at most.
    nonce: between tries when it rejects nonce after nonce.
    orders, questions: of real time between two orders, and between two questions for renewal
        information, that no person asked for.
    """

    look_first: float
    look_most: float
    nonce: float
    orders: float
    questions: float


# A CA on this network is somebody's practice, and may follow a calendar that runs fast. Any
# other is everybody's, and on real time whatever the box's calendar does.
NEAR = Pace(look_first=0.05, look_most=1.0, nonce=0.01, orders=0.25, questions=1.0)
FAR = Pace(look_first=1.0, look_most=10.0, nonce=1.0, orders=600.0, questions=3600.0)


async def pace_for(directory: str) -> Pace:
    """`NEAR` when every address of the directory's host is a private one, else `FAR`."""
    host = urlsplit(directory).hostname or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        near = all(ipaddress.ip_address(one[4][0]).is_private for one in found)
    except (OSError, ValueError, UnicodeError):
        near = False
    return NEAR if near else FAR


def trusting(pem: str) -> ssl.SSLContext:
    """A context that trusts the system's roots and `pem`; 21 ms: call off the event loop.

    Not strict beyond RFC 8446: practice CAs often lack key identifiers.
    """
    context = ssl.create_default_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if pem:
        context.load_verify_locations(cadata=pem)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # what is given need not be a root
    return context


@asynccontextmanager
async def session_with(context: ssl.SSLContext) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session for one conversation; `context` is from `trusting`."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context, limit=4),
        timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS, connect=CONNECT_SECONDS),
        headers={"User-Agent": USER_AGENT, "Accept-Language": "en"},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    ) as session:
        yield session


@dataclass(frozen=True, slots=True)
class Answer:
    """What a CA answered: status, headers, content."""

    status: int
    headers: Mapping[str, str]
    links: tuple[tuple[str, str], ...]
    content: bytes

    @property
    def json(self) -> Any:
        """The content as JSON; None when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def retry_after(self) -> float | None:
        """Seconds the CA asks to wait, from either form of Retry-After; None when it does not."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit() and len(text) < 10:
            return float(text)
        try:
            return max(0.0, (parsedate_to_datetime(text) - real_now()).total_seconds())
        except (ValueError, TypeError):
            return None

    def linked(self, relation: str) -> list[str]:
        """The URLs of the links with this relation (RFC 8288)."""
        return [url for kind, url in self.links if kind == relation]


class Channel:
    """Signed requests of one account to one CA, one at a time.

    session: from `session_with`. directory_url: where the CA's directory is.
    kid: the account's URL, once there is one.
    at: the step that failures are said to be at; whoever drives the conversation sets it.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        directory_url: str,
        key: AccountKey,
        *,
        kid: str | None = None,
        pace: Pace = FAR,
    ) -> None:
        self.session = session
        self.pace = pace
        self.key = key
        self.kid = kid
        self.at = Step.CONNECT
        self.rejected_nonces = 0
        self._url = directory_url
        self._nonces: list[str] = []
        self._directory: wire.Directory | None = None

    async def directory(self) -> wire.Directory:
        """The CA's directory, asked for once."""
        if self._directory is None:
            answer = await self.send("GET", self._url)
            if answer.status != 200:
                raise self.refused(answer)
            try:
                self._directory = wire.read_directory(answer.json)
            except wire.Malformed as why:
                raise self.failed("acme-directory-invalid", str(why)) from None
        return self._directory

    async def post(self, url: str, payload: object, *, accept: str = "application/json") -> Answer:
        """A signed request; tried anew with another nonce as often as the CA wants one."""
        dropped = False
        for tries in range(NONCE_TRIES):
            signed = self.key.sign(payload, url=url, nonce=await self._nonce(), kid=self.kid)
            try:
                answer = await self.send("POST", url, body=signed, accept=accept)
            except AcmeFailed as failed:
                # A kept connection may end in the moment it is used; a second one may not.
                if dropped or failed.failure.code != "acme-directory-unreachable":
                    raise
                dropped = True
                continue
            if answer.status < 400:
                return answer
            if wire.read_problem(answer.json).kind != "badNonce":
                raise self.refused(answer)
            self.rejected_nonces += 1
            if tries >= QUICK_TRIES:
                await asyncio.sleep(self.pace.nonce)
        raise self.failed("acme-nonce", f"{NONCE_TRIES} tries")

    async def _nonce(self) -> str:
        while not self._nonces:
            answer = await self.send("HEAD", (await self.directory()).new_nonce)
            if answer.status >= 400:
                raise self.refused(answer)
            if not self._nonces:
                raise self.failed("acme-answer", "a new nonce was asked for, and none came")
        return self._nonces.pop()

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: dict[str, str] | None = None,
        accept: str = "application/json",
    ) -> Answer:
        headers = {"Accept": accept}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/jose+json"
        try:
            async with self.session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            ) as response:
                content = await _bounded(response)
                nonce = response.headers.get("Replay-Nonce")
                if nonce:
                    self._nonces = [*self._nonces[-20:], nonce]
                if content is None:
                    raise self.failed("acme-answer", f"more than {MAX_ANSWER} bytes")
                links = [
                    (str(link.get("rel", "")), str(link["url"]))
                    for link in response.links.values()
                    if "url" in link
                ]
                return Answer(response.status, response.headers, tuple(links), content)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise self._unreached(error) from None

    # Failures

    def failed(
        self, code: str, detail: str = "", *, retry_after: float | None = None
    ) -> AcmeFailed:
        """To be raised: `code` at the present step."""
        return AcmeFailed.because(code, self.at, detail, retry_after=retry_after)

    def read(self, read: Callable[[], _T]) -> _T:
        """What `read` makes of an answer; fails (`acme-answer`) where that is malformed."""
        try:
            return read()
        except wire.Malformed as why:
            raise self.failed("acme-answer", str(why)) from None

    def refused(self, answer: Answer) -> AcmeFailed:
        """To be raised: what an answer that is an error says."""
        content = answer.json
        problem = wire.read_problem(content, status=answer.status)
        if not isinstance(content, dict) or not {"type", "detail"} & content.keys():
            detail = f"it answers with HTTP status {answer.status}"
            problem = wire.Problem("about:blank", detail, answer.status)
        return of_problem(problem, self.at, retry_after=answer.retry_after)

    def _unreached(self, error: BaseException) -> AcmeFailed:
        code, detail = "acme-directory-unreachable", str(error) or type(error).__name__
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            code, detail = "acme-directory-untrusted", _verification(error.certificate_error)
        elif isinstance(error, ssl.SSLCertVerificationError):
            code, detail = "acme-directory-untrusted", error.verify_message
        elif isinstance(error, aiohttp.ClientConnectorError):
            if isinstance(error.os_error, ConnectionRefusedError):
                code = "acme-directory-refused"
            elif isinstance(error.os_error, socket.gaierror):
                code = "acme-directory-name"
            detail = f"{error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
        elif isinstance(error, TimeoutError):
            code, detail = "acme-directory-timeout", ""
        return self.failed(code, detail)


def _verification(error: BaseException) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    """The content, read to its end so that the connection serves again; None when too long."""
    content = bytearray()
    async for piece in response.content.iter_chunked(1 << 16):
        content += piece
        if len(content) > MAX_ANSWER:
            response.close()
            return None
    return bytes(content)
