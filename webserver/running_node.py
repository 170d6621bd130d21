"""A node that runs: its model with its station, and the one way a change goes.

Look it over, build the TLS context, commit, restart; whatever says no on the way leaves
everything as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from appliance.change import Change
from appliance.lifecycle import Event, State
from appliance.node import Node
from store.certificate import Certificate
from store.journal import Entry
from store.refusals import Refused
from webserver.contexts import build_context
from webserver.listener import Listener
from webserver.model_thread import ModelThread
from webserver.station import Station, release

if TYPE_CHECKING:
    from cryptography import x509

    from appliance.faults import Setting
    from webserver.running_faults import NodeFaults

_P = ParamSpec("_P")
_T = TypeVar("_T")


class RunningNode:
    """A node with its station: what the box and the Booster Server have in common.

    neighbour: the other node, where it runs in the same process.
    revocation: the URL under which the revocation of its faults' certificates is asked; None
        when nobody answers.
    """

    def __init__(self, node: Node, station: Station, model: ModelThread) -> None:
        self._node = node
        self.station = station
        self._model = model
        self.changing = asyncio.Lock()
        self._begun: set[asyncio.Future[Any]] = set()
        self.neighbour: RunningNode | None = None
        self.revocation: str | None = None
        self._faults: NodeFaults | None = None
        self._dozing = False

    @property
    def node(self) -> Node:
        """The model of it."""
        return self._node

    @property
    def state(self) -> State:
        """`running`, `restarting` or `off`."""
        return self._node.lifecycle.state

    @property
    def active(self) -> Certificate:
        """The certificate that is active, with its chain and `pem`."""
        certificate = self._node.active.certificate
        assert certificate is not None
        return certificate

    async def running(self) -> None:
        """Wait until it serves; at once when it does."""
        await self.station.serving()

    async def _finish(self, work: Awaitable[_T]) -> _T:
        """See `work` through although the caller may go away: no change is left half done."""
        return await asyncio.shield(self._begin(work))

    def _begin(self, work: Awaitable[_T]) -> asyncio.Future[_T]:
        task = asyncio.ensure_future(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return task

    async def _apply(self, change: Change, *, address: str | None = None) -> Change:
        """Commit `change` and restart; refused, with nothing changed, if it can't be served."""
        stays = address is None or self.station.bind is not None
        reserved = None if stays or address is None else self._reserve(address)
        try:
            plan = self._node.plan_after(change)
            context = await self._model.call(lambda: build_context(plan, dozing=self._dozing))
            await self._model.call(self._node.commit, change)
        except BaseException:
            if reserved is not None:
                release(reserved)
            raise
        self.station.restart(context, address=address, reserved=reserved)
        return change

    def _reserve(self, address: str) -> dict[str, Listener]:
        try:
            return self.station.reserve(address)
        except Refused as refused:
            raise Refused(*(replace(why, field="lan_ip") for why in refused.refusals)) from None

    async def activate_holding(self, identity: str) -> Change:
        """Serve the certificate `identity` from now on; returns when the restart has begun."""
        return await self.carry_out(lambda: self._node.prepare_activation(identity))

    async def carry_out(self, prepare: Callable[[], Change]) -> Change:
        """Do what `prepare` (called beside the model) says; a restart has begun if it costs one.

        Refused, with nothing changed: see `_apply`; and `restarting`.
        """
        async with self.changing:
            self._node.lifecycle.check(Event.RESTART)
            change = await self._model.call(prepare)
            if change.activate is not None:
                return await self._apply(change)
            await self._model.call(self._node.commit, change)
            return change

    async def prepare_to_present(self, second: datetime | None = None) -> Callable[[], None]:
        """What shows new connections what the calendar says, when called; nothing restarts.

        second: the real second in which it will be called, as projected dates want to know.
        """
        planned = self._node.active
        context = await self._model.call(
            lambda: build_context(self._node.plan_for(planned, second=second), dozing=self._dozing)
        )

        def show() -> None:
            if self._node.active is planned:  # else what is active since then is shown already
                self.station.present(context)

        return show

    def let_doze(self) -> None:
        """Have connections to come keep what it takes to doze."""
        if not self._dozing:
            self._dozing = True
            self._begin(self._present_dozing())

    async def _present_dozing(self) -> None:
        async with self.changing:
            (await self.prepare_to_present())()

    async def journal(self, *, since: int = 0) -> list[Entry]:
        """The node's journal, oldest first."""
        return await self._model.call(self._node.store.journal.since, since)

    async def note(self, event: str, **detail: Any) -> None:
        """Write one journal entry that goes with no change of the node."""
        await self._finish(self._model.call(self._node.note, event, **detail))

    async def call(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run something slow beside the model, off the event loop."""
        return await self._model.call(function, *args, **kwargs)

    # Faults

    @property
    def faulting(self) -> NodeFaults:
        """Everything about the node's faults; see `set_fault` for what is usual."""
        if self._faults is None:
            from webserver.running_faults import NodeFaults  # off the start path

            other = self.neighbour
            shared = None if other is None or other._faults is None else other._faults.authority
            self._faults = NodeFaults(
                self._node,
                self.station,
                self._model,
                authority=shared,
                neighbour=lambda: None if other is None else other._node.plan().certificate,
                revocation=self.revocation,
            )
        return self._faults

    async def set_fault(
        self,
        name: str,
        *,
        connections: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        endpoint: str | None = None,
        **parameters: Any,
    ) -> None:
        """Have something go wrong on purpose, from the next connection on.

        name: one of `appliance.faults.FAULTS`, whose parameters come as keywords; a fault
            that is set already is replaced.
        connections: only the next so many. probability: of each connection, above 0 and at
            most 1. seed: makes that repeatable. endpoint: only `portal`, `wsi`, `wsi_http`
            or `http`.

        Faults stay when the node restarts, moves or activates a certificate; a reset clears
        them. Refused, with nothing changed: an unknown fault or parameter, a value out of
        bounds, what can't be served.
        """
        limits = {
            "connections": connections,
            "probability": probability,
            "seed": seed,
            "endpoint": endpoint,
        }
        await self.set_fault_as_given(name, {**parameters, **limits})

    async def set_fault_as_given(self, name: str, given: Mapping[str, object]) -> None:
        """As `set_fault`, with parameters and limits as people wrote them."""
        await self._finish(self.faulting.set(name, given))

    async def clear_fault(self, name: str) -> None:
        """Have a fault happen no more; refused when there is no fault of that name."""
        await self._finish(self.faulting.clear(name))

    async def clear_faults(self) -> None:
        """Have no fault happen any more."""
        await self._finish(self.forget_faults())

    async def forget_faults(self) -> None:
        """As `clear_faults`, within a change."""
        if self._faults is not None:
            await self._faults.clear_all()

    async def fault_root(self) -> x509.Certificate:
        """The root that clients are to trust, so that only the named thing is wrong.

        The authority that signed the active certificate, where the box has its key; else one
        that is made for faults, and is gone with the simulator.
        """
        return await self.faulting.root()

    def faults(self) -> dict[str, Setting]:
        """The faults that are set, by name, in the order in which they were, with their counts."""
        return {} if self._faults is None else self._faults.settings.all()

    async def settle(self) -> None:
        """Wait for changes that were begun."""
        await asyncio.gather(*self._begun, return_exceptions=True)
        if self._faults is not None:
            await self._faults.close()
