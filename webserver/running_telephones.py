"""The telephones of a box that runs: its exchange, heard by sessions, in time, and remembered.

Wires them; what each does is its own to say.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from appliance.box import Box
from appliance.sessions import Sessions
from webserver.model_thread import ModelThread
from webserver.telephone_keeping import TelephoneKeeper

if TYPE_CHECKING:
    from appliance.desks import Desks
    from appliance.exchange import Exchange
    from store.telephones import Memory
    from webserver.lapsing import Lapsing


class RunningTelephones:
    """The exchange of one box, made when somebody first asks for it.

    sessions: told of what happens. desks: the telephones that are kept; None when nothing is.
    """

    def __init__(
        self, box: Box, model: ModelThread, *, sessions: Sessions, desks: Desks | None
    ) -> None:
        self._box = box
        self._sessions = sessions
        self._desks = desks
        self._keeper = None if desks is None else TelephoneKeeper(desks, box.store, model)
        self._lapsing: Lapsing | None = None

    @cached_property
    def exchange(self) -> Exchange:
        """The telephone exchange; used from the event loop only."""
        from appliance.exchange import Exchange  # off the start path
        from webserver.lapsing import Lapsing

        box = self._box
        exchange = Exchange(lambda: box.subscribers, box.clock.now, desks=self._desks)
        exchange.on_event = self._sessions.publish
        self._lapsing = Lapsing(exchange, box.clock)
        return exchange

    def look_at_the_clock(self) -> None:
        """It was set: what is due by it happens now."""
        if self._lapsing is not None:
            self._lapsing.look()

    def forget_all(self, memory: Memory | None = None) -> None:
        """End every call, and forget every telephone but what is in `memory`."""
        self.exchange.forget_all(memory)
        self.look_at_the_clock()

    async def save(self) -> None:
        """Write what was set at telephones now, not in a moment; refused when it can't be."""
        if self._keeper is not None:
            await self._keeper.write()

    async def close(self) -> None:
        """Write what is left, and follow the time no longer."""
        if self._lapsing is not None:
            self._lapsing.end()
        if self._keeper is not None:
            await self._keeper.close()
