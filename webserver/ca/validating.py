"""Validation: the CA looks whether a name is its client's (RFC 8555 8, RFC 8737, 8738), and CAA.

Connects to loopback and private addresses only, whatever the records say.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import ssl
from collections.abc import Awaitable, Callable

from cryptography import x509

from appliance.acme.signing import ACME_IDENTIFIER, ACME_PROTOCOL, b64url
from appliance.acme.wire import Challenge, Identifier, Problem
from appliance.ca.policy import may_reach
from appliance.ca.problems import AcmeError, error
from appliance.ca.zones import issue_allowed, parse_caa
from store.foreign import UNREADABLE, collected_warnings
from webserver.ca.fetching import Fetcher
from webserver.ca.name_server import Resolver
from webserver.challenges import WELL_KNOWN

SECONDS = 8.0
CAA_IDENTITY = "osbiz-practice.example"


class Validator:
    """Validates with real connections.

    http_port, tls_port: where it connects for http-01 and tls-alpn-01.
    """

    def __init__(self, resolver: Resolver, *, http_port: int, tls_port: int) -> None:
        self._resolver = resolver
        self.http_port = http_port
        self.tls_port = tls_port
        self._fetcher = Fetcher(self._addresses, ports=(http_port, tls_port))

    async def validate(
        self,
        kind: Challenge,
        identifier: Identifier,
        token: str,
        authorization: str,
        *,
        account: str,
    ) -> Problem | None:
        """None when `authorization` is found where it belongs and CAA allows to issue.

        account: the URL of whose it is.
        """
        ways: dict[Challenge, Callable[..., Awaitable[None]]] = {
            Challenge.HTTP: self._http,
            Challenge.DNS: self._dns,
            Challenge.TLS_ALPN: self._tls,
        }
        try:
            async with asyncio.timeout(SECONDS):
                await ways[kind](identifier, token, authorization)
                await self.check_caa(identifier, method=kind, account=account)
        except AcmeError as failed:
            return failed.problem
        except TimeoutError:
            return error("connection", f"Timeout: no answer within {SECONDS:.0f} seconds.").problem
        return None

    async def check_caa(self, identifier: Identifier, *, method: Challenge, account: str) -> None:
        """Refused when CAA records forbid to issue (RFC 8659 3: the closest that are there)."""
        if identifier.kind == "ip":
            return
        name = identifier.value.removeprefix("*.")
        while self._resolver.serves(name):
            records = [parse_caa(one) for one in await self._resolver.look_up(name, "CAA")]
            if records:
                why = issue_allowed(
                    records,
                    ours=CAA_IDENTITY,
                    wildcard=identifier.wildcard,
                    method=method,
                    account=account,
                )
                if why is not None:
                    raise error("caa", f"At {name}, {why}.", identifier=identifier)
                return
            name = name.partition(".")[2]

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
                where = "" if one == identifier_or_host else f"{identifier_or_host} is at {one}: "
                raise error(
                    "connection",
                    f"{where}{one} is neither loopback nor private, and this CA connects nowhere "
                    "else.",
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
        text = await self._fetcher.get(url)
        if text.rstrip() != authorization:
            raise error(
                "incorrectResponse",
                f"At {url} there is {text[:80]!r}, not the key authorization "
                f"{authorization[:24]}….",
            )

    async def _tls(self, identifier: Identifier, _token: str, authorization: str) -> None:
        *others, last = await self._addresses(identifier.value)
        for address in others:
            try:
                return await self._tls_at(address, identifier, authorization)
            except AcmeError as failed:
                if failed.problem.kind != "connection":
                    raise  # somebody is there; else the next address may do
        return await self._tls_at(last, identifier, authorization)

    async def _tls_at(self, address: str, identifier: Identifier, authorization: str) -> None:
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
        if not await asyncio.to_thread(_proves, der, identifier, authorization):
            raise error(
                "incorrectResponse",
                f"{where} shows a certificate that does not prove {identifier.value} (RFC 8737 3).",
            )


def _proves(der: bytes, identifier: Identifier, authorization: str) -> bool:
    digest = hashlib.sha256(authorization.encode()).digest()
    try:
        with collected_warnings():
            extensions = x509.load_der_x509_certificate(der).extensions
            names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            proof = extensions.get_extension_for_oid(ACME_IDENTIFIER)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    assert isinstance(proof.value, x509.UnrecognizedExtension)
    return (
        list(names) == [identifier.general_name]
        and proof.critical
        and proof.value.value == b"\x04\x20" + digest
    )
