"""The faults of a running node: set, cleared, made to be presented, and written down.

Between the model (`appliance.faults`), which says what a fault is, and the conductor, which
has connections suffer it. Imported when somebody asks for faults: no start needs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from OpenSSL import SSL

from appliance.clock import Dates
from appliance.faults import (
    FAULTS,
    Fault,
    Setting,
    Settings,
    afflicted,
    fault_class,
    parameters_json,
    parameters_of,
    read_fault,
)
from appliance.faults.authority import FaultAuthority, Issuer, realised
from appliance.node import Node
from appliance.projection import issuer_among
from appliance.serving import ServingPlan
from store.certificate import Certificate, alternative_names
from webserver.conductor import Conductor, Together
from webserver.contexts import build_context
from webserver.model_thread import ModelThread
from webserver.obeying_tls import log_keys
from webserver.station import Station

_MAX_DEPTH = 20  # authorities above one another


class NodeFaults:
    """The faults of one node. Used from the event loop only.

    authority: makes what is presented; the other node's, when that has one already.
    neighbour: the other node's certificate with its key; None when that is not here.
        Called off the event loop.
    revocation: the URL under which `revocation_list` and `ocsp_answer` are asked.
    """

    def __init__(
        self,
        node: Node,
        station: Station,
        model: ModelThread,
        *,
        authority: FaultAuthority | None,
        neighbour: Callable[[], Certificate | None],
        revocation: str | None,
    ) -> None:
        self._node = node
        self._station = station
        self._model = model
        self._neighbour = neighbour
        self._changing = asyncio.Lock()
        self.authority = authority or FaultAuthority(node.own_key, revocation=revocation)
        self.settings = Settings()
        self._conductor = Conductor(
            station,
            self.settings,
            make=self._make,
            now=self.now,
            bare=self._bare,
            on_spent=self._on_spent,
        )
        station.manner = self._conductor

    # --- setting and clearing

    async def set(self, name: str, given: Mapping[str, object]) -> Setting:
        """Set the fault `name`; `given` has its parameters and limits.

        It replaces one of the same name, and is then the latest. Refused, with nothing
        changed, when something given will not do, or can't be served.
        """
        endpoints = {key: end.secure for key, end in self._station.endpoints.items()}
        fault, limit = read_fault(name, given, endpoints=endpoints)
        setting = Setting(fault, limit)
        async with self._changing:
            before = self.settings.all()
            self.settings.put(setting)
            try:
                await self._conductor.prepare()
                detail = parameters_json(fault) | setting.as_json()
                await self._note("fault-set", fault=name, **_worth_telling(detail))
            except BaseException:
                self.settings.restore(before)
                raise
            finally:
                self._conductor.adjust()
        return setting

    async def clear(self, name: str) -> None:
        """Clear the fault `name`; nothing happens when it is not set. Refused: no such fault."""
        fault_class(name)
        async with self._changing:
            removed = self.settings.remove(name)
            self._conductor.adjust()
            if removed is not None:
                await self._note_cleared(removed)

    async def clear_all(self) -> None:
        """Clear every fault."""
        async with self._changing:
            removed = [self.settings.remove(name) for name in self.settings.all()]
            self._conductor.adjust()
            for setting in removed:
                if setting is not None:
                    await self._note_cleared(setting)

    async def _note_cleared(self, setting: Setting) -> None:
        hits = {"hits": setting.hits} if setting.fault.counted else {}
        await self._note("fault-cleared", fault=setting.fault.name, **hits)

    async def _note(self, event: str, **detail: Any) -> None:
        await self._model.call(self._node.note, event, **detail)

    def _on_spent(self, setting: Setting) -> None:
        name, hits = setting.fault.name, setting.hits
        self._model.post(self._node.note, "fault-spent", fault=name, hits=hits)
        # Not now: a connection is just being made.
        asyncio.get_running_loop().call_soon(self._conductor.adjust)

    async def close(self) -> None:
        """Make nothing any more."""
        await self._conductor.close()

    # --- what is presented

    def now(self) -> datetime:
        """The time by which clients judge: the box's, or the real one with projected dates."""
        clock = self._node.clock
        now = clock.now()
        return clock.to_real(now) if clock.dates is Dates.PROJECTED else now

    def _bare(self) -> ServingPlan:
        certificate = self._node.active.certificate
        assert certificate is not None
        return ServingPlan(certificate=certificate, certificate_id=self._node.active.id)

    async def _make(self, faults: Together) -> SSL.Context:
        return await self._model.call(self._build, faults)

    def _build(self, faults: Together) -> SSL.Context:
        plan = realised(
            afflicted(self._node.plan(), faults),
            self.authority,
            own=self._own(),
            hosts=self._hosts(),
            now=self.now(),
            neighbour=self._neighbour,
        )
        context = build_context(plan)
        if any(act.alert is not None for act in plan.conduct.acts.values()):
            log_keys(context)
        return context

    def _own(self) -> Issuer | None:
        """The root above what is active, where its key is here."""
        certificate = self._bare().certificate.leaf
        for _ in range(_MAX_DEPTH):
            holding = issuer_among(certificate, self._node.signers())
            if holding is None or holding.certificate is None:
                break
            certificate = holding.certificate.leaf
            if certificate.issuer == certificate.subject:
                root = self._node.as_presented(holding).certificate
                return None if root is None or root.key is None else Issuer(root.leaf, root.key)
        return None

    def _hosts(self) -> tuple[str, ...]:
        """Addresses and names by which clients reach the node."""
        certificate = self._node.active.certificate
        assert certificate is not None
        names = [
            name.removeprefix("DNS:")
            for name in alternative_names(certificate.leaf.extensions)
            if name.startswith("DNS:")
        ]
        hosts = (self._station.host, self._station.address, "localhost", *names)
        return tuple(dict.fromkeys(hosts))

    async def root(self) -> x509.Certificate:
        """The root to trust now, so that only what is named is wrong."""
        return await self._model.call(lambda: self.authority.root(self._own()))

    async def revocation_list(self, name: str) -> bytes:
        """The CRL (DER) that a revoked certificate calls `name`; refused when there is none."""
        return await self._model.call(self.authority.revocation_list, name, now=self.now())

    async def ocsp_answer(self, request: bytes) -> bytes:
        """The answer (DER) to an OCSP request; refused (`ocsp`) when it is none."""
        return await self._model.call(self.authority.ocsp_answer, request, now=self.now())

    # --- as the control API gives it

    def as_json(self, name: str) -> dict[str, Any]:
        """The fault `name`: what it is, who notices, and whether and how it is set.

        Refused (`no-such-fault`) when there is none.
        """
        setting = self.settings.all().get(name)
        return described(fault_class(name), setting)

    def all_as_json(self) -> list[dict[str, Any]]:
        """Every fault there is, in the order of the documentation."""
        return [self.as_json(name) for name in FAULTS]


def described(kind: type[Fault], setting: Setting | None) -> dict[str, Any]:
    """A fault as the control API gives it."""
    values = None if setting is None else parameters_json(setting.fault)
    return {
        "name": kind.name,
        "group": kind.group.value,
        "about": kind.about(),
        "noticed_by": list(kind.noticed_by()),
        "parameters": {
            name: parameter.as_json(default)
            for name, (parameter, default) in parameters_of(kind).items()
        },
        "set": setting is not None,
        "values": values,
        "limits": None if setting is None else setting.as_json(),
    }


def _worth_telling(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in detail.items()
        if value is not None and key not in ("hits", "left")
    }
