"""One order, from the CA's first word to a certificate's last byte.

The steps of RFC 8555 7.4 in their order. Waits as the CA asks, within bounds; what goes wrong
is an `AcmeFailed` at its step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from appliance.acme.failures import AcmeFailed, of_problem
from appliance.acme.setup import Setup
from appliance.acme.states import Step
from appliance.acme.wire import Authorization, Order, Problem, Task
from store.certificate import common_name
from store.foreign import UNREADABLE, collected_warnings
from webserver.acme_client import AcmeClient
from webserver.acme_solvers import Proof, Solver

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

ORDER_SECONDS = 600.0
PATIENCE_SECONDS = 120.0  # the longest wait that a CA may ask for while it works


class Ordering:
    """One order under way.

    on_step: called as each step begins. key: the certificate's, made for it.
    """

    def __init__(
        self,
        client: AcmeClient,
        setup: Setup,
        solver: Solver,
        *,
        on_step: Callable[[Step], None],
    ) -> None:
        self._client = client
        self._setup = setup
        self._solver = solver
        self._on_step = on_step

    async def run(self, key: rsa.RSAPrivateKey, *, replaces: str | None) -> bytes:
        """The certificate with its chain as PEM; raises `AcmeFailed`."""
        try:
            async with asyncio.timeout(ORDER_SECONDS):
                return await self._run(key, replaces)
        except TimeoutError:
            slow = self._client.at is Step.VALIDATE
            code = "acme-validation-slow" if slow else "acme-order-slow"
            why = f"it took more than {ORDER_SECONDS:.0f} seconds"
            raise AcmeFailed.because(code, self._client.at, why) from None

    async def _run(self, key: rsa.RSAPrivateKey, replaces: str | None) -> bytes:
        client, setup = self._client, self._setup
        self._step(Step.ORDER)
        order = await client.new_order(setup.names, replaces=replaces, profile=setup.profile)
        self._step(Step.VALIDATE)
        if order.status == "pending":
            try:
                await self._validate(order)
            finally:
                await self._solver.clear()
            order = await self._until(order, done=("ready", "valid"))
        self._step(Step.FINALIZE)
        if order.status == "ready":
            order, wait = await client.finalize(order, await asyncio.to_thread(self._csr, key))
            order = await self._until(order, done=("valid",), wait=wait, given=order)
        elif order.status != "valid":
            raise self._given_up(order)
        self._step(Step.DOWNLOAD)
        if order.certificate is None:
            raise AcmeFailed.because("acme-answer", Step.DOWNLOAD, "the order has no certificate")
        wanted = setup.preferred_chain
        return _preferred(await client.chains(order.certificate, alternates=bool(wanted)), wanted)

    def _step(self, step: Step) -> None:
        self._client.at = step
        self._on_step(step)

    # Validation

    async def _validate(self, order: Order) -> None:
        waiting: list[tuple[str, Task, Proof]] = []
        for url in order.authorizations:
            authorization, _ = await self._client.authorization(url)
            if authorization.status == "valid":  # CAs may reuse what was shown before
                continue
            if authorization.status != "pending":
                raise self._invalid(authorization, None)
            task = self._task(authorization)
            word = self._client.key.authorize(task.token)
            proof = Proof(authorization.identifier, task.token, word)
            await self._solver.show(proof)
            waiting.append((url, task, proof))
        for _, task, _ in waiting:
            if task.status == "pending":
                await self._client.respond(task.url)
        for url, _, proof in waiting:
            await self._until_valid(url, proof)

    def _task(self, authorization: Authorization) -> Task:
        for task in authorization.tasks:
            if task.kind == self._setup.challenge and task.token:
                return task
        offered = ", ".join(task.kind for task in authorization.tasks) or "none"
        why = f"for {authorization.identifier.value} it offers {offered}"
        raise AcmeFailed.because("acme-challenge-missing", Step.VALIDATE, why)

    async def _until_valid(self, url: str, proof: Proof) -> None:
        pause = self._client.pace.look_first
        while True:
            authorization, wait = await self._client.authorization(url)
            if authorization.status == "valid":
                return
            if authorization.status not in ("pending", "processing"):
                raise self._invalid(authorization, proof)
            pause = await self._wait(pause, wait)

    def _invalid(self, authorization: Authorization, proof: Proof | None) -> AcmeFailed:
        name = authorization.identifier
        problem = authorization.problem or Problem(
            "about:blank", f"the authorization is {authorization.status}"
        )
        seen = "" if proof is None else self._solver.seen(proof)
        words = f"{name.value}: {problem.words.rstrip('.')}" + (f"; {seen}" if seen else "")
        return of_problem(Problem(problem.kind, words, problem.status), Step.VALIDATE)

    # Orders

    async def _until(
        self,
        order: Order,
        *,
        done: tuple[str, ...],
        wait: float | None = None,
        given: Order | None = None,
    ) -> Order:
        """The order once it is `done`. given: it was just looked at; else it is asked for."""
        pause = self._client.pace.look_first
        if given is None:
            order, wait = await self._client.order(order.url)
        while order.status not in done:
            if order.status not in ("pending", "processing", "ready"):
                raise self._given_up(order)
            pause = await self._wait(pause, wait)
            order, wait = await self._client.order(order.url)
        return order

    def _given_up(self, order: Order) -> AcmeFailed:
        if order.problem is not None:
            return of_problem(order.problem, self._client.at)
        why = f"the order is {order.status}"
        return AcmeFailed.because("acme-order-invalid", self._client.at, why)

    async def _wait(self, pause: float, asked: float | None) -> float:
        """Wait as long as the CA asked, else `pause`; the next pause."""
        await asyncio.sleep(pause if asked is None else min(max(asked, pause), PATIENCE_SECONDS))
        return min(pause * 1.5, self._client.pace.look_most)

    def _csr(self, key: rsa.RSAPrivateKey) -> bytes:
        names = [name.general_name for name in self._setup.names]
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _preferred(chains: list[bytes], wanted: str | None) -> bytes:
    """The first chain that leads to a root with the common name `wanted`; else the CA's choice."""
    for chain in chains:
        try:
            with collected_warnings():
                found = x509.load_pem_x509_certificates(chain)
        except UNREADABLE:
            continue
        if wanted in {common_name(found[-1].issuer), common_name(found[-1].subject)}:
            return chain
    return chains[0]
