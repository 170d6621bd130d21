"""Validation: the CA looks whether a name is its client's (RFC 8555 8, RFC 8737, 8738), and CAA.

Connects to loopback and private addresses only, whatever the records say.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin, urlsplit

import aiohttp
from cryptography import x509

from appliance.acme.signing import ACME_IDENTIFIER, ACME_PROTOCOL, b64url
from appliance.acme.wire import Challenge, Identifier, Problem
from appliance.ca.policy import may_reach
from appliance.ca.problems import AcmeError, error
from appliance.ca.zones import issue_allowed, parse_caa
from webserver.ca.name_server import Resolver
from webserver.challenges import WELL_KNOWN

SECONDS = 8.0
MAX_ANSWER = 1024
MAX_REDIRECTS = 5
CAA_IDENTITY = "osbiz-practice.example"
_REDIRECTS = (301, 302, 303, 307, 308)


class Validator:
    """Validates with real connections.

    http_port, tls_port: where it connects for http-01 and tls-alpn-01.
    """

    def __init__(self, resolver: Resolver, *, http_port: int, tls_port: int) -> None:
        self._resolver = resolver
        self.http_port = http_port
        self.tls_port = tls_port

    async def validate(
        self, kind: Challenge, identifier: Identifier, token: str, authorization: str
    ) -> Problem | None:
        """None when `authorization` is found where it belongs and CAA allows to issue."""
        ways: dict[Challenge, Callable[..., Awaitable[None]]] = {
            Challenge.HTTP: self._http,
            Challenge.DNS: self._dns,
            Challenge.TLS_ALPN: self._tls,
        }
        try:
            async with asyncio.timeout(SECONDS):
                await ways[kind](identifier, token, authorization)
                await self.check_caa(identifier)
        except AcmeError as failed:
            return failed.problem
        except TimeoutError:
            return error("connection", f"Timeout: no answer within {SECONDS:.0f} seconds.").problem
        return None

    async def check_caa(self, identifier: Identifier) -> None:
        """Refused when CAA records forbid to issue (RFC 8659 3: the closest that are there)."""
        if identifier.kind == "ip":
            return
        name = identifier.value.removeprefix("*.")
        while name:
            records = [parse_caa(one) for one in await self._resolver.look_up(name, "CAA")]
            if records:
                wildcard = identifier.wildcard
                why = issue_allowed(records, ours=CAA_IDENTITY, wildcard=wildcard)
                if why is not None:
                    raise error("caa", f"At {name}, {why}.", identifier=identifier)
                return
            name = name.partition(".")[2]
            if "." not in name:
                return

    # --- where it is

    async def _addresses(self, identifier_or_host: str) -> list[str]:
        try:
            found = [str(ipaddress.ip_address(identifier_or_host))]
        except ValueError:
            found = [
                *await self._resolver.look_up(identifier_or_host, "AAAA"),
                *await self._resolver.look_up(identifier_or_host, "A"),
            ]
        if not found:
            raise error("dns", f"{identifier_or_host} has neither A nor AAAA records.")
        for one in found:
            if not may_reach(ipaddress.ip_address(one)):
                raise error(
                    "connection",
                    f"{identifier_or_host} is at {one}, which is neither loopback nor private; "
                    "this CA connects nowhere else.",
                )
        return found

    # --- the three ways

    async def _dns(self, identifier: Identifier, _token: str, authorization: str) -> None:
        name = "_acme-challenge." + identifier.value.removeprefix("*.")
        wanted = b64url(hashlib.sha256(authorization.encode()).digest())
        found = await self._resolver.look_up(name, "TXT")
        if wanted not in found:
            seen = ", ".join(f"{one[:60]!r}" for one in found[:5])
            raise error(
                "incorrectResponse" if found else "unauthorized",
                f"The TXT records of {name} are {seen}; none is the right one."
                if found
                else f"There is no TXT record at {name}.",
            )

    async def _http(self, identifier: Identifier, token: str, authorization: str) -> None:
        host = f"[{identifier.value}]" if ":" in identifier.value else identifier.value
        port = "" if self.http_port == 80 else f":{self.http_port}"
        url = f"http://{host}{port}{WELL_KNOWN}{token}"
        text = await self._get(url)
        if text.rstrip() != authorization:
            raise error(
                "incorrectResponse",
                f"At {url} there is {text[:80]!r}, not the key authorization "
                f"{authorization[:24]}….",
            )

    async def _get(self, url: str) -> str:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        connector = aiohttp.TCPConnector(ssl=False, force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            for _ in range(MAX_REDIRECTS + 1):
                parts = urlsplit(url)
                if parts.scheme not in ("http", "https") or not parts.hostname:
                    raise error("connection", f"It leads to {url[:120]!r}, which is no web page.")
                addresses = await self._addresses(parts.hostname)
                try:
                    status, location, body = await self._fetch(session, url, addresses[0])
                except (aiohttp.ClientError, OSError, ValueError) as failed:
                    why = getattr(failed, "strerror", None) or str(failed)
                    where = f"{addresses[0]} port {parts.port or 80}"
                    raise error("connection", f"{url[:160]}: {where}: {why}"[:400]) from None
                if status in _REDIRECTS and location:
                    url = urljoin(url, location)
                    continue
                if status != 200:
                    detail = f"{url[:160]} answers with HTTP status {status}."
                    raise error("unauthorized", detail)
                return body.decode("utf-8", "replace")
        raise error("connection", f"More than {MAX_REDIRECTS} redirects.")

    @staticmethod
    async def _fetch(
        session: aiohttp.ClientSession, url: str, address: str
    ) -> tuple[int, str | None, bytes]:
        parts = urlsplit(url)
        host = f"[{address}]" if ":" in address else address
        port = "" if parts.port is None else f":{parts.port}"
        at = parts._replace(netloc=f"{host}{port}").geturl()
        headers = {"Host": parts.netloc, "User-Agent": "osbiz-practice-ca"}
        async with session.get(at, headers=headers, allow_redirects=False) as response:
            body = await response.content.read(MAX_ANSWER)
            return response.status, response.headers.get("Location"), body

    async def _tls(self, identifier: Identifier, _token: str, authorization: str) -> None:
        address = (await self._addresses(identifier.value))[0]
        where = f"{address} port {self.tls_port}"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols([ACME_PROTOCOL])
        try:
            _, writer = await asyncio.open_connection(
                address, self.tls_port, ssl=context, server_hostname=identifier.server_name
            )
        except ssl.SSLError as failed:
            raise error("tls", f"{where}: {failed.reason or failed}") from None
        except OSError as failed:
            raise error("connection", f"{where}: {failed.strerror or failed}") from None
        try:
            peer = writer.get_extra_info("ssl_object")
            protocol, der = peer.selected_alpn_protocol(), peer.getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
        if protocol != ACME_PROTOCOL:
            raise error("unauthorized", f"{where} does not speak {ACME_PROTOCOL}.")
        if not _proves(der, identifier, authorization):
            raise error(
                "incorrectResponse",
                f"{where} shows a certificate that does not prove {identifier.value} (RFC 8737 3).",
            )


def _proves(der: bytes, identifier: Identifier, authorization: str) -> bool:
    digest = hashlib.sha256(authorization.encode()).digest()
    try:
        extensions = x509.load_der_x509_certificate(der).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        proof = extensions.get_extension_for_oid(ACME_IDENTIFIER)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False
    assert isinstance(proof.value, x509.UnrecognizedExtension)
    return (
        list(names) == [identifier.general_name]
        and proof.critical
        and proof.value.value == b"\x04\x20" + digest
    )
