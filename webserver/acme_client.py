"""A conversation with an ACME CA (RFC 8555), asynchronous, one request at a time.

Knows nonces, signatures and what a CA may answer; not what is ordered, or why. Everything
that goes wrong is an `AcmeFailed` at the step that `at` says. Our own, not certbot's `acme`:
that one blocks in threads that nobody can cancel, and takes no trust but a file.
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
from appliance.acme.signing import AccountKey, b64url, bind_account
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


class AcmeClient:
    """One account's conversation with one CA.

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
        self._url = directory_url
        self.key = key
        self.kid = kid
        self.at = Step.CONNECT
        self.rejected_nonces = 0
        self._nonces: list[str] = []
        self._directory: wire.Directory | None = None

    # The directory

    async def directory(self) -> wire.Directory:
        """The CA's directory, asked for once."""
        if self._directory is None:
            answer = await self._send("GET", self._url)
            if answer.status != 200:
                raise self._refused(answer)
            try:
                self._directory = wire.read_directory(answer.json)
            except wire.Malformed as why:
                raise self._failed("acme-directory-invalid", str(why)) from None
        return self._directory

    # The account

    async def register(
        self,
        *,
        contact: tuple[str, ...],
        binding: tuple[str, bytes] | None = None,
        only_existing: bool = False,
    ) -> str:
        """The URL of the account with this key, made when it is not there; terms are accepted."""
        directory = await self.directory()
        payload: dict[str, Any] = {"termsOfServiceAgreed": True}
        if only_existing:
            payload = {"onlyReturnExisting": True}
        elif contact:
            payload["contact"] = list(contact)
        if binding is not None and not only_existing:
            kid, secret = binding
            payload["externalAccountBinding"] = bind_account(
                self.key, kid=kid, secret=secret, url=directory.new_account
            )
        elif directory.binding_required and not only_existing:
            raise self._failed("acme-binding")
        self.kid = None
        answer = await self._post(directory.new_account, payload)
        location = answer.headers.get("Location")
        if not location:
            raise self._failed("acme-answer", "the new account has no URL")
        self.kid = location
        return location

    async def change_key(self, new: AccountKey) -> None:
        """Use `new` as the account's key from now on (RFC 8555 7.3.5)."""
        directory = await self.directory()
        if directory.key_change is None:
            raise self._failed("acme-request-refused", "the CA offers no change of keys")
        inner = new.sign({"account": self.kid, "oldKey": self.key.public}, url=directory.key_change)
        await self._post(directory.key_change, inner)
        self.key = new

    async def change_contact(self, contact: tuple[str, ...]) -> None:
        """Tell the CA whom to write to from now on (RFC 8555 7.3.2)."""
        assert self.kid is not None
        await self._post(self.kid, {"contact": list(contact)})

    # Orders

    async def new_order(
        self,
        identifiers: tuple[wire.Identifier, ...],
        *,
        replaces: str | None = None,
        profile: str | None = None,
    ) -> wire.Order:
        """A new order; `replaces` names the certificate it renews (RFC 9773 5)."""
        directory = await self.directory()
        payload: dict[str, Any] = {"identifiers": [one.as_json() for one in identifiers]}
        if profile is not None:
            payload["profile"] = profile
        if replaces is not None and directory.renewal_info is not None:
            try:
                return await self._ordered({**payload, "replaces": replaces})
            except AcmeFailed as failed:
                # Replaced already, or not known to this CA: no reason to have no certificate.
                if failed.failure.code not in ("acme-request-refused", "acme-account"):
                    raise
        return await self._ordered(payload)

    async def _ordered(self, payload: dict[str, Any]) -> wire.Order:
        answer = await self._post((await self.directory()).new_order, payload)
        location = answer.headers.get("Location")
        if not location:
            raise self._failed("acme-answer", "the new order has no URL")
        return self._read(lambda: wire.read_order(answer.json, url=location))

    async def order(self, url: str) -> tuple[wire.Order, float | None]:
        """The order at `url`, and the seconds to wait before asking again, if any."""
        answer = await self._post(url, None)
        return self._read(lambda: wire.read_order(answer.json, url=url)), answer.retry_after

    async def authorization(self, url: str) -> tuple[wire.Authorization, float | None]:
        """The authorization at `url`, and the seconds to wait before asking again, if any."""
        answer = await self._post(url, None)
        return self._read(lambda: wire.read_authorization(answer.json)), answer.retry_after

    async def respond(self, url: str) -> None:
        """Have the CA validate the challenge at `url`."""
        await self._post(url, {})

    async def finalize(self, order: wire.Order, csr: bytes) -> tuple[wire.Order, float | None]:
        """Send the signing request (DER) of an order that is ready."""
        answer = await self._post(order.finalize, {"csr": b64url(csr)})
        return (
            self._read(lambda: wire.read_order(answer.json, url=order.url)),
            answer.retry_after,
        )

    async def chains(self, url: str, *, alternates: bool) -> list[bytes]:
        """The certificate at `url` with its chain, as PEM; alternate chains after it."""
        answer = await self._post(url, None, accept="application/pem-certificate-chain")
        found = [answer.content]
        for other in answer.linked("alternate")[:10] if alternates else ():
            answer = await self._post(other, None, accept="application/pem-certificate-chain")
            found.append(answer.content)
        return found

    async def revoke(self, certificate: bytes, *, reason: int) -> None:
        """Revoke a certificate (DER) for a reason of RFC 5280 5.3.1."""
        directory = await self.directory()
        if directory.revoke is None:
            raise self._failed("acme-request-refused", "the CA offers no revocation")
        await self._post(directory.revoke, {"certificate": b64url(certificate), "reason": reason})

    async def renewal_info(self, identity: str) -> tuple[wire.RenewalInfo | None, float | None]:
        """When the CA would have a certificate renewed, and when to ask again in seconds.

        None when the CA has no such service, or does not know the certificate.
        """
        directory = await self.directory()
        if directory.renewal_info is None:
            return None, None
        answer = await self._send("GET", f"{directory.renewal_info.rstrip('/')}/{identity}")
        if answer.status != 200:
            return None, answer.retry_after
        return self._read(lambda: wire.read_renewal_info(answer.json)), answer.retry_after

    # Requests

    async def _post(self, url: str, payload: object, *, accept: str = "application/json") -> Answer:
        """A signed request; tried anew with another nonce as often as the CA wants one."""
        for tries in range(NONCE_TRIES):
            signed = self.key.sign(payload, url=url, nonce=await self._nonce(), kid=self.kid)
            answer = await self._send("POST", url, body=signed, accept=accept)
            if answer.status < 400:
                return answer
            if wire.read_problem(answer.json).kind != "badNonce":
                raise self._refused(answer)
            self.rejected_nonces += 1
            if tries >= QUICK_TRIES:
                await asyncio.sleep(self.pace.nonce)
        raise self._failed("acme-nonce", f"{NONCE_TRIES} tries")

    async def _nonce(self) -> str:
        while not self._nonces:
            answer = await self._send("HEAD", (await self.directory()).new_nonce)
            if answer.status >= 400:
                raise self._refused(answer)
            if not self._nonces:
                raise self._failed("acme-answer", "a new nonce was asked for, and none came")
        return self._nonces.pop()

    async def _send(
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
                    raise self._failed("acme-answer", f"more than {MAX_ANSWER} bytes")
                links = [
                    (str(link.get("rel", "")), str(link["url"]))
                    for link in response.links.values()
                    if "url" in link
                ]
                return Answer(response.status, response.headers, tuple(links), content)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise self._unreached(error) from None

    # Failures

    def _failed(
        self, code: str, detail: str = "", *, retry_after: float | None = None
    ) -> AcmeFailed:
        return AcmeFailed.because(code, self.at, detail, retry_after=retry_after)

    def _read(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except wire.Malformed as why:
            raise self._failed("acme-answer", str(why)) from None

    def _refused(self, answer: Answer) -> AcmeFailed:
        content = answer.json
        problem = wire.read_problem(content, status=answer.status)
        if not isinstance(content, dict):
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
        return self._failed(code, detail)


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
