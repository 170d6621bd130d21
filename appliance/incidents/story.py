"""Whether an incident holds together: every name stands for something that is there by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from appliance.incidents.form import (
    ALL,
    BOOSTER_DEFAULT,
    DEFAULT,
    NOTHING,
    OTHERS,
    Action,
    Incident,
    Names,
    NodeExpectation,
    Step,
)
from appliance.incidents.places import Path
from appliance.incidents.sections import Mistakes


def check_story(incident: Incident, mistakes: Mistakes) -> None:
    """Add to `mistakes` whatever does not fit together in `incident`."""
    _Story(incident, mistakes).check()


class _Story:
    def __init__(self, incident: Incident, mistakes: Mistakes) -> None:
        self._incident = incident
        self._mistakes = mistakes
        self._clients = {client.name for client in incident.clients}
        self._authorities: set[str] = set()
        self._certificates = {DEFAULT}
        if incident.start.booster_ip is not None:
            self._certificates.add(BOOSTER_DEFAULT)
        self._backups: set[str] = set()

    def check(self) -> None:
        incident = self._incident
        if incident.start.installed > incident.start.clock:
            self._mistakes.add(
                ("start", "installed"), "it is later than the clock.", "a time before start.clock."
            )
        if incident.start.lan_ip == incident.start.booster_ip:
            self._address(("start", "lan_ip"))
        on_box = {one.name: one.held_by_box for one in incident.authorities}
        for number, authority in enumerate(incident.authorities):
            place: Path = ("authority", number)
            above = authority.issued_by
            known = above is None or self._known(above, self._authorities, (*place, "issued_by"))
            if above is not None and known and on_box[above] != authority.held_by_box:
                self._mistakes.add(
                    (*place, "issued_by"),
                    "one is the box's and the other is not.",
                    "the same on_box for both.",
                )
            self._new(authority.name, (*place, "name"), self._authorities)
        active: dict[str, str] = {}
        for number, present in enumerate(incident.certificates):
            place = ("certificate", number)
            if present.wanted.authority is not None:
                self._known(present.wanted.authority, self._authorities, (*place, "authority"))
            self._new(present.wanted.name, (*place, "name"), self._certificates)
            for node in present.active_on:
                self._node(node, (*place, "active_on"))
                if node in active:
                    self._mistakes.add(
                        (*place, "active_on"),
                        f"{active[node]!r} is active there already.",
                        "one certificate a node.",
                    )
                active.setdefault(node, present.wanted.name)
        self._all_known(incident.start.trusted, self._anchors, ("start", "trusted"))
        seen: set[str] = set()
        for number, client in enumerate(incident.clients):
            place = ("client", number)
            if client.name in seen:
                self._mistakes.add((*place, "name"), "there are two of this name.", "another name.")
            seen.add(client.name)
            self._all_known(client.trusts or (), self._anchors, (*place, "trusts"))
        for step in incident.steps:
            self._step(step)

    @property
    def _anchors(self) -> set[str]:
        return self._authorities | self._certificates

    def _step(self, step: Step) -> None:
        for action in step.actions:
            self._action(action)
        place = (*step.place, "expect")
        for node in step.expect.nodes:
            inner = place if node.node == "system" else (*place, node.node)
            self._node(node.node, inner)
            if node.serves is not None:
                self._known(node.serves, {*self._certificates, NOTHING}, (*inner, "serves"))
            self._asked(node, inner)
        for name in ("cut_off", "connected"):
            self._known_clients(getattr(step.expect, name), (*place, name))

    def _asked(self, node: NodeExpectation, place: Path) -> None:
        """Only environments that are asked can be expected to do anything."""
        asked = self._incident.environments
        for name in ("refused", "warned", "accepted"):
            wanted = getattr(node, name)
            if asked is not None and isinstance(wanted, frozenset) and wanted - set(asked):
                listed = ", ".join(sorted(wanted - set(asked)))
                self._mistakes.add((*place, name), f"{listed}: not asked.", "see environments.")

    # Actions

    def _action(self, action: Action) -> None:
        check = _CHECKS.get(action.kind)
        if check is not None:
            check(self, action)
        node = action.values.get("node")
        if node is not None:
            self._node(node, (*action.place, "node"))

    def _check_made(self, action: Action) -> None:
        wanted = action.values["wanted"]
        if wanted.authority is not None:
            self._known(wanted.authority, self._authorities, (*action.place, "authority"))
        self._new(wanted.name, (*action.place, "name"), self._certificates)

    def _check_redated(self, action: Action) -> None:
        """An authority has dates too."""
        self._known(action.values["certificate"], self._anchors, action.place)

    def _check_certificate(self, action: Action) -> None:
        self._known(action.values["certificate"], self._certificates, action.place)

    def _check_removed(self, action: Action) -> None:
        self._check_certificate(action)
        self._certificates.discard(action.values["certificate"])

    def _check_trust(self, action: Action) -> None:
        self._all_known(action.values["names"], self._anchors, action.place)
        if action.values["clients"] is not None:
            self._known_clients(frozenset(action.values["clients"]), (*action.place, "clients"))

    def _check_move(self, action: Action) -> None:
        if action.values["address"] == self._incident.start.booster_ip:
            self._address(action.place)

    def _check_backup(self, action: Action) -> None:
        self._new(action.values["name"], action.place, self._backups)

    def _check_restored(self, action: Action) -> None:
        self._known(action.values["name"], self._backups, action.place)

    def _check_reset(self, _action: Action) -> None:
        own = {one.name for one in self._incident.authorities if one.held_by_box}
        self._authorities -= own
        self._certificates &= {DEFAULT, BOOSTER_DEFAULT}

    # Names

    def _new(self, name: str, place: Path, names: set[str]) -> None:
        if name in self._anchors or name in names or name in (ALL, OTHERS, NOTHING):
            self._mistakes.add(place, f"{name!r} is taken.", "another name.")
        names.add(name)

    def _known(self, name: str, names: Iterable[str], place: Path) -> bool:
        there = sorted(names)
        if name in there:
            return True
        listed = ", ".join(there) or "nothing yet"
        self._mistakes.add(place, f"there is no {name!r} by then.", f"one of: {listed}.")
        return False

    def _all_known(self, wanted: Iterable[str], names: Iterable[str], place: Path) -> None:
        for name in wanted:
            self._known(name, names, place)

    def _address(self, place: Path) -> None:
        self._mistakes.add(place, "the Booster Server has this address.", "another one.")

    def _known_clients(self, wanted: Names | None, place: Path) -> None:
        if isinstance(wanted, frozenset):
            self._all_known(wanted, self._clients, place)

    def _node(self, node: str, place: Path) -> None:
        if node == "booster" and self._incident.start.booster_ip is None:
            self._mistakes.add(place, "there is no Booster Server.", "booster = true in [start].")


_CHECKS: Mapping[str, Callable[[_Story, Action], None]] = {
    "make": _Story._check_made,
    "obtain": _Story._check_made,
    "activate": _Story._check_certificate,
    "redate": _Story._check_redated,
    "remove": _Story._check_removed,
    "trust": _Story._check_trust,
    "distrust": _Story._check_trust,
    "lan_ip": _Story._check_move,
    "backup": _Story._check_backup,
    "restore": _Story._check_restored,
    "reset": _Story._check_reset,
}
