"""What the box asks of its CA, one errand at a time: a certificate, advice, a revocation, a key.

An errand opens a conversation, signs in and says goodbye. The account's key is written down
before the CA hears of it, so that a power cut loses no account; an account that the CA has
forgotten is made anew. When an errand is run is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from appliance.acme.accounts import Account, keep_account, read_account
from appliance.acme.failures import AcmeFailed, Failure
from appliance.acme.setup import Setup
from appliance.acme.signing import AccountKey, certificate_id
from appliance.acme.states import Step
from appliance.acme.wire import RenewalInfo
from store.certificate import Certificate
from store.refusals import Refused
from webserver.acme_client import AcmeClient
from webserver.acme_order import Ordering
from webserver.acme_requests import FAR, Pace, pace_for, session_with, trusting
from webserver.acme_solvers import check_port, solver_for

if TYPE_CHECKING:
    import ssl

    from cryptography.hazmat.primitives.asymmetric import rsa

    from webserver.running import RunningBox


def refused_for(failure: Failure, *, field: str | None = None) -> Refused:
    """A failure as what a caller who waits for it is told."""
    return Refused.because(failure.code, failure.message, field=field, instead=failure.cause.cure)


class Errands:
    """Errands of one box. All of them raise `AcmeFailed`.

    pace: that of the CA that was talked to last.
    """

    def __init__(self, box: RunningBox) -> None:
        self._box = box
        self.pace: Pace = FAR
        self._context: tuple[str, ssl.SSLContext] | None = None

    async def obtain(
        self, setup: Setup, *, replaces: Certificate | None, on_step: Callable[[Step], None]
    ) -> tuple[bytes, rsa.RSAPrivateKey]:
        """A certificate with its chain as PEM, and the key that was made for it."""
        check_port(self._box, setup)
        on_step(Step.CONNECT)
        try:
            return await self._order(setup, replaces, on_step)
        except AcmeFailed as failed:
            # A CA that was set up anew knows nobody: sign in again, once.
            if failed.failure.code != "acme-account" or not await self._forget_account(setup):
                raise
        return await self._order(setup, replaces, on_step)

    async def _order(
        self, setup: Setup, replaces: Certificate | None, on_step: Callable[[Step], None]
    ) -> tuple[bytes, rsa.RSAPrivateKey]:
        box = self._box
        async with self._conversation(setup) as client:
            ordering = Ordering(
                client, setup, solver_for(box, setup, client.session), on_step=on_step
            )
            key = await box.call(box.model.keys.take)
            before = None if replaces is None else certificate_id(replaces.leaf)
            return await ordering.run(key, replaces=before), key

    async def advice(
        self, setup: Setup, certificate: Certificate
    ) -> tuple[RenewalInfo | None, float | None]:
        """When the CA would have `certificate` renewed, and when to ask again in seconds."""
        identity = certificate_id(certificate.leaf)
        if identity is None:
            return None, None
        async with self._conversation(setup, account=False) as client:
            return await client.renewal_info(identity)

    async def revoke(self, setup: Setup, certificate: Certificate, *, reason: int) -> None:
        """Have `certificate` revoked by the account that ordered it."""
        async with self._conversation(setup) as client:
            await client.revoke(certificate.leaf.public_bytes(Encoding.DER), reason=reason)

    async def change_key(self, setup: Setup) -> None:
        """Give the account a new key."""
        async with self._conversation(setup) as client:
            await client.change_key(AccountKey.make())
            account = Account(setup.directory, client.key, client.kid, setup.contact)
            await self._box.call(keep_account, self._box.model, account)

    @asynccontextmanager
    async def _conversation(
        self, setup: Setup, *, account: bool = True
    ) -> AsyncIterator[AcmeClient]:
        """A client of the CA, signed in unless that is not needed."""
        box = self._box
        if self._context is None or self._context[0] != setup.trust:
            self._context = setup.trust, await asyncio.to_thread(trusting, setup.trust)
        self.pace = await pace_for(setup.directory)
        async with session_with(self._context[1]) as session:
            known = await box.call(read_account, box.model, setup.directory) if account else None
            known = known or Account(setup.directory, AccountKey.make())
            client = AcmeClient(session, setup.directory, known.key, kid=known.url, pace=self.pace)
            await client.directory()
            if account:
                client.at = Step.ACCOUNT
                await self._sign_in(setup, client, known)
            yield client

    async def _sign_in(self, setup: Setup, client: AcmeClient, account: Account) -> None:
        box = self._box
        binding = None if setup.binding is None else (setup.binding.kid, setup.binding.secret)
        if account.url is not None:
            if account.contact == setup.contact:
                return
            try:
                await client.change_contact(setup.contact)
                await box.call(keep_account, box.model, replace(account, contact=setup.contact))
                return
            except AcmeFailed as failed:
                if failed.failure.code != "acme-account":
                    raise  # else the CA has forgotten it
        await box.call(keep_account, box.model, replace(account, url=None))
        url = await client.register(contact=setup.contact, binding=binding)
        await box.call(keep_account, box.model, replace(account, url=url, contact=setup.contact))

    async def _forget_account(self, setup: Setup) -> bool:
        """Sign in anew next time, with the same key; whether there was an account to forget."""
        box = self._box
        account = await box.call(read_account, box.model, setup.directory)
        if account is None or account.url is None:
            return False
        await box.call(keep_account, box.model, replace(account, url=None))
        return True
