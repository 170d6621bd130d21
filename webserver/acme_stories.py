"""The box's stories about an ACME CA: obtain, renew, revoke; what the portal and all others use.

Light: who does the work (`webserver/acme_runner.py`) is imported when somebody wants a
certificate, so that a box without one pays nothing.
"""

from __future__ import annotations

import asyncio
import importlib
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from webserver.challenges import Challenges

if TYPE_CHECKING:
    from appliance.acme.setup import Beside
    from webserver.acme_runner import AcmeRunner
    from webserver.running import RunningBox


class AcmeStories:
    """What a `RunningBox` can do with an ACME CA.

    practice_ca: the one that runs beside it, if any.
    """

    practice_ca: Beside | None = None
    _runner: AcmeRunner | None = None

    @cached_property
    def challenges(self) -> Challenges:
        """What the box shows CAs at the moment."""
        return Challenges()

    async def acme_runner(self) -> AcmeRunner:
        """Who does it; made when somebody wants a certificate, and imported in a thread."""
        if self._runner is None:
            module = await asyncio.to_thread(importlib.import_module, "webserver.acme_runner")
            if self._runner is None:  # somebody else may have waited for the import too
                self._runner = module.AcmeRunner(self)
        return self._runner

    async def acme(self, *, wait: bool = True, **setup: Any) -> dict[str, Any]:
        """Obtain a certificate from an ACME CA, activate it and keep it renewed; how it stands.

        setup: the members of `PUT /v1/acme`. wait: until it is active, or waits for the hour of
        its activation. Refused, with nothing changed, when they won't do; and with the reason,
        when the first attempt fails.
        """
        await (await self.acme_runner()).set_up(setup)
        return await self._acme_settled() if wait else await self.acme_status()

    async def acme_renew(self, *, wait: bool = True, activate_now: bool = False) -> dict[str, Any]:
        """Renew it now, whatever the calendar says; refused as `acme` is.

        activate_now: not at the hour that was set for it.
        """
        await (await self.acme_runner()).renew(activate_now=activate_now)
        return await self._acme_settled() if wait else await self.acme_status()

    async def _acme_settled(self) -> dict[str, Any]:
        status = await self.acme_settled()
        (await self.acme_runner()).check()
        return status

    async def acme_settled(self) -> dict[str, Any]:
        """How it stands once nothing of it is under way or due on the calendar as it is set."""
        await (await self.acme_runner()).settled()
        return await self.acme_status()

    async def acme_forget(self) -> None:
        """Renew it no more; what was obtained stays active."""
        await (await self.acme_runner()).forget()

    async def acme_revoke(self, identity: str, *, reason: int = 0) -> None:
        """Have the CA revoke the certificate `identity`; reason: see RFC 5280 5.3.1."""
        await (await self.acme_runner()).revoke(identity, reason=reason)

    async def acme_change_key(self) -> None:
        """Give the account at the CA a new key."""
        await (await self.acme_runner()).change_key()

    async def acme_status(self) -> dict[str, Any]:
        """How it stands: the answer of `GET /v1/acme`."""
        runner = await self.acme_runner()
        from webserver.acme_status import acme_status  # off the start path; by now it is there

        return await acme_status(cast("RunningBox", self), runner)

    @property
    def acme_trouble(self) -> bool:
        """Whether the last attempt failed."""
        return self._runner is not None and self._runner.book.failure is not None

    # What the box tells whoever does it, where there is one

    def acme_paused(self) -> AbstractAsyncContextManager[None]:
        """Nothing is ordered in the block, and afterwards it is looked up what is wanted."""
        return nullcontext() if self._runner is None else self._runner.paused()

    def tell_acme(self, moved: timedelta) -> None:
        """The box's calendar was set, by so much."""
        if self._runner is not None:
            self._runner.clock_moved(moved)

    async def start_acme(self) -> None:
        """Go on where it was left when the program was ended."""
        await (await self.acme_runner()).start()

    async def end_acme(self) -> None:
        """Order nothing any more."""
        if self._runner is not None:
            await self._runner.stop()
