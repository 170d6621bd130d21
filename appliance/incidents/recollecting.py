"""What a box lived through, out of its journal and its certificates: start, authorities, steps.

Takes what the control API gives. Keys are not part of it: a replay makes certificates with the
same names and dates, by authorities of the same names. How it is written is for `writing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from appliance.incidents.form import BOOSTER_DEFAULT, DEFAULT
from store.certificate import Certificate, common_name, iso_time
from store.inventory import Kind

UNKNOWN = "Unknown authority"
_A_YEAR = timedelta(days=366)


@dataclass(slots=True)
class Told:
    """One step; serves, booster_serves: what is active from then on, where that changes."""

    at: datetime
    title: str
    text: str = ""
    actions: list[tuple[str, Any]] = field(default_factory=list)
    serves: str | None = None
    booster_serves: str | None = None


class Recollection:
    """What has been understood of the journal so far."""

    def __init__(self, box: Mapping[str, Any], certificates: Sequence[Mapping[str, Any]]) -> None:
        self._box = box
        self._held = {one["id"]: one for one in certificates}
        self._names: dict[str, str] = {}
        self._defaults: list[str] = []
        self._active = DEFAULT
        self._addresses: dict[str, str] = {}
        self.authorities: dict[str, dict[str, Any]] = {}
        self.steps: list[Told] = []
        self.lan_ip = ""
        self.start: dict[str, Any] = {}

    # Entries, one kind each

    def read(self, journal: Sequence[Mapping[str, Any]]) -> None:
        """Take in all of the journal, oldest first, and how the box is now."""
        installed = next((one for one in journal if one["event"] == "installed"), None)
        moved = next((one for one in journal if one["event"] == "lan-ip-changed"), None)
        first = journal[0]["time"] if journal else self._box["now"]
        before = moved["detail"]["from"] if moved is not None else self._box["lan_ip"]
        told = {} if installed is None else installed["detail"]
        changed = next((one for one in journal if one["event"] == "firmware-changed"), None)
        release = self._box["firmware"] if changed is None else changed["detail"]["from"]
        self.lan_ip = told.get("lan_ip", before)
        clock = _time(first if installed is None else installed["time"])
        self.start = {
            "clock": iso_time(clock),
            "installed": iso_time(min(_time(self._box["installed_at"]), clock)),
            "firmware": told.get("firmware", release),
            "lan_ip": self._address(self.lan_ip),
        }
        if self._box["booster"] is not None:
            address = urlsplit(self._box["booster"]).hostname or ""
            self.start["booster"] = address if address.startswith("127.") else True
        if "certificate" in told:
            self._defaults.append(told["certificate"])
        calendar = clock
        for entry in journal:
            reader = _READERS.get(entry["event"])
            if reader is None:
                continue
            detail = entry["detail"]
            at = _time(detail["from"] if entry["event"] == "clock-set" else entry["time"])
            step = Told(at, "")
            reader(self, detail, step)
            if not step.actions:
                continue
            if at < calendar:  # the program was started again with another clock
                self.steps.append(
                    Told(calendar, "The clock is set", actions=[("clock", iso_time(at))])
                )
            self.steps.append(step)
            calendar = at
            if entry["event"] == "clock-set":
                calendar = _time(detail["to"])
        last = max(_time(self._box["now"]), calendar)
        self.steps.append(Told(last, "As it was when this was recorded", serves=self._active))
        booster = self._box["nodes"].get("booster")
        if booster is not None and booster["active"] is not None:
            identity = booster["active"]["id"]
            self.steps[-1].booster_serves = self._names.get(identity, BOOSTER_DEFAULT)

    def _made(self, detail: Mapping[str, Any], step: Told) -> None:
        held = self._held.get(detail["certificate"])
        if detail["kind"] == Kind.REQUEST:
            return
        if held is None:
            self._made_and_gone(detail, step)
            return
        chain = _chain(held)
        if held["kind"] == Kind.AUTHORITY:
            self._authority(chain, on_box=True)
            return
        twin = self._twin(held)
        if twin is not None:  # the file that the box made itself, imported
            self._names[held["id"]] = twin
            return
        name = self._name(held["id"], held["name"])
        wanted = {
            "name": name,
            "common_name": self._placed(held["subject"].get("CN", name)),
            "san": [self._placed(one) for one in held["san"]],
            "not_before": held["not_before"],
            "not_after": held["not_after"],
            "algorithm": held["algorithm"],
        }
        issuer = self._issuer(chain)
        if issuer is None:
            step.title = f"A self-signed certificate is made: {name}"
            step.actions.append(("make", wanted))
        else:
            step.title = f"A certificate is obtained: {name}"
            step.actions.append(("obtain", {**wanted, "authority": issuer}))

    def _made_and_gone(self, detail: Mapping[str, Any], step: Told) -> None:
        """A certificate that the box holds no more: the journal knows little of it."""
        if detail["kind"] == Kind.AUTHORITY:
            return
        name = self._name(detail["certificate"], detail["name"])
        wanted = {"name": name, "not_after": detail["not_after"]}
        step.text = "The box holds it no more: its names are not known, nor who issued it."
        if detail["kind"] == Kind.SELF_SIGNED:
            step.title = f"A self-signed certificate is made: {name}"
            step.actions.append(("make", wanted))
            return
        begin, end = iso_time(step.at - _A_YEAR), iso_time(_time(detail["not_after"]) + _A_YEAR)
        known = self.authorities.setdefault(
            UNKNOWN, {"common_name": UNKNOWN, "not_before": begin, "not_after": end}
        )
        known["not_before"] = min(known["not_before"], begin)
        known["not_after"] = max(known["not_after"], end)
        step.title = f"A certificate is obtained: {name}"
        step.actions.append(("obtain", {**wanted, "authority": UNKNOWN}))

    def _activated(self, detail: Mapping[str, Any], step: Told) -> None:
        identity = detail["certificate"]
        name = self._names.get(identity)
        if name is None:
            return
        step.title = f"{name} is activated"
        step.actions.append(("activate", name))
        step.serves = self._active = name

    def _activated_on_booster(self, detail: Mapping[str, Any], step: Told) -> None:
        name = self._names.get(detail["certificate"])
        if name is None:
            return
        step.title = f"{name} is activated on the Booster Server"
        step.actions.append(("activate", {"certificate": name, "node": "booster"}))
        step.booster_serves = name

    def _moved(self, detail: Mapping[str, Any], step: Told) -> None:
        self.lan_ip = detail["to"]
        self._defaults.append(detail["certificate"])
        step.title = "The LAN IP address changes"
        step.actions.append(("lan_ip", self._address(self.lan_ip)))
        step.serves = self._active = DEFAULT

    def _clock_set(self, detail: Mapping[str, Any], step: Told) -> None:
        if detail["from"] != detail["to"]:
            step.title = "The clock is set"
            step.actions.append(("clock", detail["to"]))

    def _firmware(self, detail: Mapping[str, Any], step: Told) -> None:
        step.title = f"The firmware is updated to {detail['to']}"
        step.actions.append(("firmware", detail["to"]))

    def _removed(self, detail: Mapping[str, Any], step: Told) -> None:
        name = self._names.get(detail["certificate"])
        if name is not None:
            step.title = f"{name} is removed"
            step.actions.append(("remove", name))

    def _redated(self, detail: Mapping[str, Any], step: Told) -> None:
        identity = detail["certificate"]
        default = DEFAULT if identity in self._defaults[-1:] else None
        if detail.get("node") == "booster" and identity not in self._names:
            default = BOOSTER_DEFAULT
        name = self._names.get(identity, default)
        if name is None:
            return
        dates = {key: detail[key] for key in ("node", "not_before", "not_after") if key in detail}
        step.title = f"{name} is issued again with other dates"
        step.actions.append(("redate", {"certificate": name, **dates}))

    def _fault(self, detail: Mapping[str, Any], step: Told) -> None:
        name = detail["fault"]
        step.title = f"A fault begins: {name}"
        # Not for so many connections: when they were over, the journal says so itself.
        apart = ("fault", "hits", "connections")
        own = {key: value for key, value in detail.items() if key not in apart}
        step.actions.append(("fault", {"name": name, **own}))

    def _fault_over(self, detail: Mapping[str, Any], step: Told) -> None:
        name = detail["fault"]
        step.title = f"A fault ends: {name}"
        value = {"name": name, "node": detail["node"]} if "node" in detail else name
        step.actions.append(("clear_fault", value))

    # Names

    def _name(self, identity: str, wanted: str) -> str:
        taken = {*self._names.values(), *self.authorities, DEFAULT, BOOSTER_DEFAULT}
        name, number = wanted[:60], 2
        while name in taken:
            name, number = f"{wanted[:54]} ({number})", number + 1
        self._names[identity] = name
        return name

    def _twin(self, held: Mapping[str, Any]) -> str | None:
        for identity, name in self._names.items():
            other = self._held.get(identity)
            if other is not None and other["fingerprint_sha256"] == held["fingerprint_sha256"]:
                return name
        return None

    def _issuer(self, chain: Sequence[Certificate]) -> str | None:
        """The authority that issued the leaf of `chain`; None for a self-signed one."""
        leaf = chain[0].leaf
        if leaf.issuer == leaf.subject:
            return None
        if len(chain) > 1:
            return self._authority(chain[1:], on_box=False)
        name = common_name(leaf.issuer) or leaf.issuer.rfc4514_string()
        self.authorities.setdefault(
            name,
            {
                "common_name": name,
                "not_before": iso_time(chain[0].not_before - _A_YEAR),
                "not_after": iso_time(chain[0].not_after + _A_YEAR),
            },
        )
        return name

    def _authority(self, chain: Sequence[Certificate], *, on_box: bool) -> str:
        leaf = chain[0].leaf
        name = common_name(leaf.subject) or leaf.subject.rfc4514_string()
        if name in self.authorities:
            return name
        above = self._issuer(chain)
        values: dict[str, Any] = {
            "common_name": name,
            "not_before": iso_time(chain[0].not_before),
            "not_after": iso_time(chain[0].not_after),
        }
        if above is not None:
            values["issued_by"] = above
        if on_box:
            values["on_box"] = True
        self.authorities[name] = values
        return name

    def roots(self) -> list[str]:
        """What clients would trust; the default certificate where there is no authority."""
        found = [name for name, one in self.authorities.items() if "issued_by" not in one]
        return found or [DEFAULT]

    # Addresses

    def _address(self, address: str) -> str:
        """The same on loopback, or one there for each address that is elsewhere."""
        if address.startswith("127."):
            return address
        # 127.0.0.3 is the Booster Server's.
        number = 2 if not self._addresses else 3 + len(self._addresses)
        return self._addresses.setdefault(address, f"127.0.0.{number}")

    def _placed(self, text: str) -> str:
        return re.sub(rf"(?<![\d.]){re.escape(self.lan_ip)}(?![\d.])", "{lan_ip}", text)


_READERS: Mapping[str, Any] = {
    "certificate-created": Recollection._made,
    "certificate-imported": Recollection._made,
    "certificate-activated": Recollection._activated,
    "booster-certificate-activated": Recollection._activated_on_booster,
    "lan-ip-changed": Recollection._moved,
    "clock-set": Recollection._clock_set,
    "firmware-changed": Recollection._firmware,
    "certificate-removed": Recollection._removed,
    "certificate-redated": Recollection._redated,
    "fault-set": Recollection._fault,
    "fault-cleared": Recollection._fault_over,
    "fault-spent": Recollection._fault_over,
}


def _chain(held: Mapping[str, Any]) -> list[Certificate]:
    return [Certificate(one) for one in x509.load_pem_x509_certificates(held["pem"].encode())]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
