"""Showing a CA that a name is ours: by HTTP, by TLS, or by a record in somebody's DNS."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import aiohttp

from appliance.acme.failures import AcmeFailed
from appliance.acme.setup import Setup
from appliance.acme.signing import ACME_PROTOCOL, challenge_certificate, dns_value
from appliance.acme.states import Step
from appliance.acme.wire import Challenge, Identifier
from appliance.clock import real_now
from appliance.serving import ServingPlan
from store.certificate import Certificate
from webserver.challenges import Challenges
from webserver.contexts import build_context

if TYPE_CHECKING:
    from webserver.running import RunningBox

DNS_SECONDS = 10.0
LAST_SECONDS = 0.5  # when the program ends, or something else is wanted
log = logging.getLogger("osbiz")

SHOWN_AS = "acme-challenge"  # in handshake records, where a certificate's id would be


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a name is ours: a challenge's token, and the account's word for it."""

    identifier: Identifier
    token: str
    authorization: str


class Solver(Protocol):
    """One way of showing it."""

    async def show(self, proof: Proof) -> None:
        """Have the answer ready before the CA is told to come."""

    def seen(self, proof: Proof, /) -> str:
        """What is known here of the CA's coming, for the words of a failure; may be empty."""

    async def clear(self) -> None:
        """Take all answers away."""


class HttpSolver:
    """http-01: the answer is at the box's own HTTP port."""

    def __init__(self, challenges: Challenges) -> None:
        self._challenges = challenges
        self._tokens: list[str] = []

    async def show(self, proof: Proof) -> None:
        self._tokens.append(proof.token)
        self._challenges.http[proof.token] = proof.authorization

    def seen(self, proof: Proof) -> str:
        return _times(self._challenges.asked.get(proof.token, 0))

    async def clear(self) -> None:
        for token in self._tokens:
            self._challenges.http.pop(token, None)
            self._challenges.asked.pop(token, None)
        self._tokens.clear()


class TlsSolver:
    """tls-alpn-01: the answer is a certificate that the box's TLS ports show to the CA alone."""

    def __init__(self, box: RunningBox) -> None:
        self._box = box
        self._names: list[str] = []

    async def show(self, proof: Proof) -> None:
        name = proof.identifier.server_name

        def make() -> ServingPlan:
            key = self._box.model.keys.take()
            leaf = challenge_certificate(proof.identifier, proof.authorization, key, now=real_now())
            return ServingPlan(Certificate(leaf, key=key), SHOWN_AS, alpn=(ACME_PROTOCOL,))

        self._box.challenges.tls[name] = await self._box.call(lambda: build_context(make()))
        self._names.append(name)
        self._box.station.choose_by(self._box.challenges.context)

    def seen(self, proof: Proof) -> str:
        return _times(self._box.challenges.asked.get(proof.identifier.server_name, 0))

    async def clear(self) -> None:
        self._box.station.choose_by(None)
        for name in self._names:
            self._box.challenges.tls.pop(name, None)
            self._box.challenges.asked.pop(name, None)
        self._names.clear()


class DnsSolver:
    """dns-01: a TXT record, set by asking somebody else's interface.

    The interface is pebble-challtestsrv's: POST `URL/set-txt` with host and value, and
    `URL/clear-txt` with host.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._hosts: list[str] = []

    async def show(self, proof: Proof) -> None:
        host = f"_acme-challenge.{proof.identifier.value.removeprefix('*.')}."
        self._hosts.append(host)
        await self._ask("set-txt", {"host": host, "value": dns_value(proof.authorization)})

    def seen(self, _proof: Proof) -> str:
        return ""

    async def clear(self) -> None:
        """As far as it can be done: a record that stays proves nothing to anybody."""
        hosts, self._hosts = self._hosts, []
        task = asyncio.current_task()
        ending = task is not None and task.cancelling() > 0
        try:
            for host in dict.fromkeys(hosts):
                await self._ask(
                    "clear-txt", {"host": host}, LAST_SECONDS if ending else DNS_SECONDS
                )
        except AcmeFailed as failed:
            log.warning("a DNS record stays: %s", failed)

    async def _ask(self, what: str, body: dict[str, str], seconds: float = DNS_SECONDS) -> None:
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._session.post(
                f"{self._url}/{what}", json=body, timeout=timeout, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            why = str(error) or type(error).__name__
            raise AcmeFailed.because("acme-dns-hook", Step.VALIDATE, why) from None
        if status >= 300:
            why = f"{self._url}/{what} answers with HTTP status {status}"
            raise AcmeFailed.because("acme-dns-hook", Step.VALIDATE, why)


def _times(count: int) -> str:
    if count == 0:
        return "nobody came to this box for the answer"
    return (
        "this box gave its answer once" if count == 1 else f"this box gave its answer {count} times"
    )


def check_port(box: RunningBox, setup: Setup) -> None:
    """Fails (`acme-no-http-port`) when the box has no port to answer on."""
    if setup.challenge is Challenge.HTTP and box.http_url is None:
        raise AcmeFailed.because("acme-no-http-port", Step.VALIDATE)


def solver_for(box: RunningBox, setup: Setup, session: aiohttp.ClientSession) -> Solver:
    """The way that `setup` chooses."""
    makers: dict[Challenge, Callable[[], Solver]] = {
        Challenge.HTTP: lambda: HttpSolver(box.challenges),
        Challenge.TLS_ALPN: lambda: TlsSolver(box),
        Challenge.DNS: lambda: DnsSolver(session, setup.dns or ""),
    }
    return makers[setup.challenge]()
