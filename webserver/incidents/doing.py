"""Doing what a step says: one function for each kind of action, in a table.

Owns who trusts what and which backups were made, since that is what actions change besides
the box itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from appliance.incidents.actions import ACTIONS, told
from appliance.incidents.form import Action, Client
from store.certificate import iso_time
from store.refusals import Refused
from webserver.incidents.results import Done
from webserver.incidents.world import PASSPHRASE, Trusted, World

EVERYBODY = ""  # whose trust the environments go by

# What ends the sessions of all clients.
_RESTARTS = frozenset({"lan_ip", "restore", "reset", "reconnect"})


class Doing:
    """Does the actions of an incident in its world.

    trust: what is trusted, by the name of a client; by `EVERYBODY` what all others do.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._backups: dict[str, bytes] = {}
        incident = world.incident
        self.trust: dict[str, list[Trusted]] = {
            EVERYBODY: [world.trusted(name) for name in incident.start.trusted]
        }
        for client in incident.clients:
            if client.trusts is not None:
                self.trust[client.name] = [world.trusted(name) for name in client.trusts]

    def trusted_by(self, client: Client) -> list[Trusted]:
        """What this client trusts."""
        return self.trust.get(client.name, self.trust[EVERYBODY])

    @staticmethod
    def ends_sessions(action: Action) -> bool:
        """Whether everybody has to log on anew after it."""
        system = action.kind == "activate" and action.values["node"] == "system"
        return system or action.kind in _RESTARTS

    async def do(self, action: Action) -> Done:
        """One action; what the box refuses is told, not raised."""
        kind = ACTIONS[action.kind]
        try:
            values = await _DOERS[action.kind](self, action.values)
        except Refused as refused:
            return Done(kind.actor, self._told(action, action.values), refused=str(refused))
        return Done(kind.actor, self._told(action, {**action.values, **(values or {})}))

    def _told(self, action: Action, values: Mapping[str, Any]) -> str:
        if "wanted" in values:
            wanted = values["wanted"]
            values = {"name": wanted.name, "authority": wanted.authority or "The box"}
        if action.kind == "clock":
            values = {**values, "clock": iso_time(self._world.box.clock.now())}
        return told(action.kind, values)

    # Time

    async def _clock(self, values: Mapping[str, Any]) -> None:
        await self._world.box.set_clock(now=values["now"], shift=values["shift"])

    # The administrator

    async def _obtain(self, values: Mapping[str, Any]) -> None:
        await self._world.obtain(values["wanted"])

    async def _activate(self, values: Mapping[str, Any]) -> None:
        identity = self._world.identity(values["certificate"])
        await self._world.box.activate(identity, node=values["node"])

    async def _redate(self, values: Mapping[str, Any]) -> None:
        dates = {
            name: value
            for name, value in values.items()
            if name not in ("certificate", "node") and value is not None
        }
        identity = self._world.identity(values["certificate"])
        await self._world.box.redate(node=values["node"], certificate=identity, **dates)

    async def _remove(self, values: Mapping[str, Any]) -> None:
        await self._world.box.remove(self._world.identity(values["certificate"]))

    async def _firmware(self, values: Mapping[str, Any]) -> None:
        box = self._world.box
        await box.call(box.model.update_firmware, values["release"])

    async def _backup(self, values: Mapping[str, Any]) -> None:
        self._backups[values["name"]] = await self._world.box.back_up(PASSPHRASE)

    async def _restore(self, values: Mapping[str, Any]) -> None:
        await self._world.box.restore(self._backups[values["name"]], PASSPHRASE)

    async def _reset(self, _values: Mapping[str, Any]) -> None:
        await self._world.box.reset()

    # The network

    async def _lan_ip(self, values: Mapping[str, Any]) -> None:
        await self._world.box.change_lan_ip(values["address"])

    async def _reconnect(self, _values: Mapping[str, Any]) -> None:
        await self._world.box.drop_connections()

    # The users

    async def _trust(self, values: Mapping[str, Any]) -> None:
        for who in self._whose(values):
            new = [self._world.trusted(name) for name in values["names"]]
            self.trust[who] = [*self.trust.get(who, self.trust[EVERYBODY]), *new]

    async def _distrust(self, values: Mapping[str, Any]) -> None:
        for who in self._whose(values):
            old = self.trust.get(who, self.trust[EVERYBODY])
            self.trust[who] = [one for one in old if one.name not in values["names"]]

    def _whose(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        whose: tuple[str, ...] | None = values["clients"]
        return tuple(self.trust) if whose is None else whose

    # Faults

    async def _fault(self, values: Mapping[str, Any]) -> None:
        node = self._world.nodes()[values["node"]]
        await node.set_fault_as_given(values["name"], values["parameters"])

    async def _clear_fault(self, values: Mapping[str, Any]) -> None:
        await self._world.nodes()[values["node"]].clear_fault(values["name"])


_Doer = Callable[[Doing, Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
_DOERS: Mapping[str, _Doer] = {
    "clock": Doing._clock,
    "make": Doing._obtain,
    "obtain": Doing._obtain,
    "activate": Doing._activate,
    "redate": Doing._redate,
    "remove": Doing._remove,
    "firmware": Doing._firmware,
    "backup": Doing._backup,
    "restore": Doing._restore,
    "reset": Doing._reset,
    "lan_ip": Doing._lan_ip,
    "reconnect": Doing._reconnect,
    "trust": Doing._trust,
    "distrust": Doing._distrust,
    "fault": Doing._fault,
    "clear_fault": Doing._clear_fault,
}
