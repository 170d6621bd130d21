"""Telephones remember over a restart of the program: read at the start, written a moment later.

What changes is gathered for a moment and then written by the model's thread in one
transaction, so that no call ever waits for the disk. Knows no setting and no call.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from store.database import damaged
from store.opening import Store
from store.refusals import Refused
from webserver.model_thread import ModelThread

if TYPE_CHECKING:
    from appliance.desks import Desks
    from store.telephones import MemoryChanges

GATHER_SECONDS = 0.5
RETRY_SECONDS = 5.0
AT_ONCE = 500  # telephones in one transaction

log = logging.getLogger("osbiz")


def remembered(store: Store) -> Desks | None:
    """The telephones as they were kept; None when the store keeps nothing. Blocks.

    Refused (`database-damaged`) when that makes no sense.
    """
    if store.ephemeral:
        return None
    from appliance.desks import Desks  # most starts are of boxes that keep nothing

    try:
        return Desks(store.telephones.read())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(store.database.path, error) from None


class TelephoneKeeper:
    """Writes what changes at `desks` into `store`; used from the event loop."""

    def __init__(self, desks: Desks, store: Store, model: ModelThread) -> None:
        self._desks = desks
        self._store = store
        self._model = model
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        desks.on_change = self._soon

    def _soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(GATHER_SECONDS, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._write_or_retry())

    async def _write_or_retry(self) -> None:
        try:
            await self.write()
        except Refused as refused:
            log.warning("%s Trying again.", refused)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(RETRY_SECONDS, self._begin)

    async def write(self) -> None:
        """Write all that has changed so far; it is on the disk when this returns.

        Refused (`storage-failed`) when it can't be written; it is then tried again later.
        """
        async with self._writing:
            while (changes := self._desks.take_changes(AT_ONCE)) is not None:
                try:
                    await self._model.call(self._write, changes)
                except BaseException:
                    self._desks.put_back(changes)
                    raise

    def _write(self, changes: MemoryChanges) -> None:
        with self._store.database.transaction():
            self._store.telephones.write(changes)

    async def close(self) -> None:
        """Write what is left, and no more from now on."""
        self._desks.on_change = None
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self.write()
        except Refused as refused:
            log.error("%s", refused)
