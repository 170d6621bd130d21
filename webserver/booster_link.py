"""The way from the box to its Booster Server: an authenticated, pinned TLS channel.

The box connects to the Booster Server's own address, accepts only the key that it knows to
be certified there (SHA-256 of the public key, before anything is sent), proves itself with
the secret both got when they were paired, and hands over certificate and key. When anything
is amiss nothing has been changed, and the refusal says what. It is the key that is pinned,
because the certificate's dates may be moved while it stays.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
from cryptography import x509

from store.certificate import Certificate
from store.inventory import Holding
from store.journal import Entry
from store.keys import key_to_pem
from store.refusals import Refusal, Refused

if TYPE_CHECKING:
    from webserver.running_node import RunningNode

TIMEOUT_SECONDS = 10.0
VIEW_TIMEOUT_SECONDS = 2.0
RESTART_LIMIT_SECONDS = 300.0
TRANSFER_PATH = "/transfer/v1"


@dataclass(slots=True)
class Pairing:
    """What the box knows of its Booster Server.

    secret: shared by both; shown nowhere but in the pairing file.
    key_sha256: of the public key in the certificate that is active there, lower-case hex.
    """

    host: str
    port: int
    secret: str
    key_sha256: str

    def __repr__(self) -> str:
        return f"Pairing({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class BoosterView:
    """What can be said of the Booster Server now.

    state: `running`, `restarting`, or `away` when it does not answer.
    active: its active certificate as CERTIFICATE, as last known; None when never seen.
    """

    state: str
    active: dict[str, Any] | None


class BoosterLink(Protocol):
    """What the box needs of a Booster Server, whether near or far."""

    @property
    def active_id(self) -> str | None:
        """The id of its active certificate, as last known."""

    @property
    def url(self) -> str:
        """Where its page is."""

    def near(self) -> RunningNode:
        """It itself, where it belongs to this process; else refused (`booster-far`)."""

    async def journal(self, *, since: int = 0) -> list[Entry]:
        """Its journal, where it can be read from here."""

    async def transfer(self, holding: Holding) -> None:
        """Hand over certificate and key, and have them activated."""

    async def activate(self, identity: str) -> None:
        """Activate a certificate that the Booster Server holds itself."""

    async def view(self) -> BoosterView:
        """Its state and active certificate."""

    async def running(self) -> None:
        """Wait until it serves."""

    async def check_projection(self) -> None:
        """Refused when its dates can't be moved, where its calendar is the box's."""

    async def prepare_to_present(self, second: datetime | None = None) -> Callable[[], None]:
        """As `RunningNode.prepare_to_present`, where its calendar is the box's."""

    def check_reset(self) -> None:
        """Refused when `reset` would be, before anything is begun."""

    async def reset(self) -> None:
        """Start it over, where it belongs to this process."""


class _KeyPin(aiohttp.Fingerprint):
    """Accepts whatever certificate has this public key."""

    def check(self, transport: asyncio.Transport) -> None:
        der = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        got = bytes.fromhex(Certificate(x509.load_der_x509_certificate(der)).key_sha256)
        if got != self.fingerprint:
            host, port = transport.get_extra_info("peername")[:2]
            raise aiohttp.ServerFingerprintMismatch(self.fingerprint, got, host, port)


class TransferChannel:
    """Requests to one Booster Server.

    pairing: read anew for each request, since certificate and port may change.
    """

    def __init__(self, pairing: Callable[[], Pairing]) -> None:
        self._pairing = pairing

    async def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
    ) -> dict[str, Any]:
        """One request and its answer.

        Refused: `booster-away` when nobody answers, `booster-changed` when another
        certificate than the pinned one is shown, and whatever the Booster Server refuses.
        """
        pairing = self._pairing()
        pin = _KeyPin(bytes.fromhex(pairing.key_sha256))
        url = f"https://{pairing.host}:{pairing.port}{TRANSFER_PATH}/{path}"
        connector = aiohttp.TCPConnector(ssl=pin, force_close=True)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=aiohttp.ClientTimeout(total=timeout)
                ) as session,
                session.request(
                    method,
                    url,
                    json=body,
                    headers={"Authorization": f"Bearer {pairing.secret}"},
                    allow_redirects=False,
                ) as answer,
            ):
                return await _content(answer)
        except aiohttp.ServerFingerprintMismatch:
            raise Refused.because(
                "booster-changed",
                "The Booster Server has another key than the one this box knows.",
                field="node",
                instead="Nothing was sent. Pair box and Booster Server again.",
            ) from None
        except (aiohttp.ClientError, OSError, TimeoutError, ssl.SSLError) as error:
            raise Refused.because(
                "booster-away",
                f"The Booster Server at {pairing.host}:{pairing.port} does not answer "
                f"({type(error).__name__}).",
                field="node",
                instead="Nothing was changed. Start it, or wait until it has restarted.",
            ) from None


async def _content(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        content = await answer.json(content_type=None)
    except ValueError:
        content = None
    if isinstance(content, dict) and answer.status < 300:
        return content
    if isinstance(content, dict) and isinstance(content.get("errors"), list):
        raise Refused(
            *(
                Refusal(
                    str(error.get("code", "booster-refused")),
                    f"The Booster Server says: {error.get('detail')}",
                    "certificate",
                    error.get("instead"),
                )
                for error in content["errors"]
                if isinstance(error, dict)
            )
        )
    raise Refused.because(
        "booster-refused",
        f"The Booster Server answered with status {answer.status}.",
        field="node",
        instead="Nothing was changed.",
    )


def transfer_body(holding: Holding) -> dict[str, Any]:
    """What goes over the channel for `holding`: its certificate, chain and key."""
    certificate = holding.certificate
    assert certificate is not None
    assert certificate.key is not None
    return {
        "id": holding.id,
        "name": holding.name,
        "certificate": certificate.pem,
        "key": key_to_pem(certificate.key).decode("ascii"),
    }


class FarBooster:
    """A Booster Server in another process, known by its pairing file.

    on_pin: called with the new key's SHA-256 after each change, to keep it.
    """

    def __init__(self, pairing: Pairing, *, on_pin: Callable[[str], None]) -> None:
        self._active_id: str | None = None
        self._pairing = pairing
        self._on_pin = on_pin
        self._channel = TransferChannel(lambda: self._pairing)
        self._last: dict[str, Any] | None = None

    @property
    def active_id(self) -> str | None:
        return self._active_id

    @property
    def url(self) -> str:
        return f"https://{self._pairing.host}:{self._pairing.port}"

    def near(self) -> RunningNode:
        raise Refused.because(
            "booster-far",
            "The Booster Server runs in a process of its own: its journal, its dates, its clock "
            "and its faults are there.",
            field="node",
            instead="Run it with a control API of its own: osbiz booster --control-port.",
        )

    async def journal(self, *, since: int = 0) -> list[Entry]:
        return await self.near().journal(since=since)

    async def transfer(self, holding: Holding) -> None:
        await self._channel.send("PUT", "certificate", transfer_body(holding))
        assert holding.certificate is not None
        self._pin(holding.id, holding.certificate.key_sha256)

    def _pin(self, identity: str, key_sha256: str) -> None:
        self._active_id = identity
        self._pairing.key_sha256 = key_sha256
        self._on_pin(key_sha256)

    async def activate(self, identity: str) -> None:
        answer = await self._channel.send("POST", "activate", {"certificate": identity})
        self._pin(identity, str(answer["key_sha256"]))

    async def view(self) -> BoosterView:
        try:
            answer = await self._channel.send("GET", "status", timeout=VIEW_TIMEOUT_SECONDS)
        except Refused:
            return BoosterView("away", self._last)
        self._last = answer["active"]
        self._active_id = answer["active"]["id"]
        return BoosterView(str(answer["state"]), self._last)

    async def running(self) -> None:
        async with asyncio.timeout(RESTART_LIMIT_SECONDS):
            while (await self.view()).state != "running":
                await asyncio.sleep(0.2)

    async def check_projection(self) -> None:
        """Its calendar is its own."""

    async def prepare_to_present(self, second: datetime | None = None) -> Callable[[], None]:  # noqa: ARG002
        """Its calendar is its own."""
        return lambda: None

    def check_reset(self) -> None:
        """It is not started over from here."""

    async def reset(self) -> None:
        """A Booster Server of its own is not started over from here."""
