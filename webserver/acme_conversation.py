"""A conversation with the box's CA, opened and closed: trust, account, and who may not be there.

The account's key is written down before the CA hears of it, so that a power cut loses no
account; an account that the CA has forgotten is made anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.acme.book import Account, keep_account, read_account
from appliance.acme.failures import AcmeFailed, Failure
from appliance.acme.setup import Setup
from appliance.acme.signing import AccountKey
from appliance.acme.states import Step
from store.refusals import Refused
from webserver.acme_client import AcmeClient, pace_for, session_with

if TYPE_CHECKING:
    import ssl

    from webserver.running import RunningBox


@asynccontextmanager
async def conversation(
    box: RunningBox, setup: Setup, context: ssl.SSLContext, *, account: bool = True
) -> AsyncIterator[AcmeClient]:
    """A client for the CA of `setup`, with the account there unless that is not needed.

    context: trusts the CA's own server. Raises `AcmeFailed`.
    """
    async with session_with(context) as session:
        known = await box.call(read_account, box.model, setup.directory) if account else None
        known = known or Account(setup.directory, AccountKey.make())
        client = AcmeClient(
            session,
            setup.directory,
            known.key,
            kid=known.url,
            pace=await pace_for(setup.directory),
        )
        await client.directory()
        if account:
            client.at = Step.ACCOUNT
            await _sign_in(box, setup, client, known)
        yield client


async def _sign_in(box: RunningBox, setup: Setup, client: AcmeClient, account: Account) -> None:
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


async def forget_account(box: RunningBox, setup: Setup) -> bool:
    """Sign in anew next time, with the same key; whether there was an account to forget."""
    account = await box.call(read_account, box.model, setup.directory)
    if account is None or account.url is None:
        return False
    await box.call(keep_account, box.model, replace(account, url=None))
    return True


def refused_for(failure: Failure, *, field: str | None = None) -> Refused:
    """A failure as what a caller who waits for it is told."""
    return Refused.because(failure.code, failure.message, field=field, instead=failure.cause.cure)
