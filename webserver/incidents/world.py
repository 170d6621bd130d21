"""The world of an incident: a box of its own, the authorities around it, what clients trust.

Owns the names of the story and what each stands for. Outside authorities have their keys
here, so that dates can be projected down their chains too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.clock import Dates, real_now
from appliance.incidents import Incident
from appliance.incidents.actions import filled
from appliance.incidents.form import BOOSTER_DEFAULT, DEFAULT, Authority, Life, Wanted
from appliance.projection import projected
from appliance.trust import Anchor, Origin
from store import issuing
from store.certificate import Certificate
from store.inventory import Holding, Kind, new_id
from store.issuing import Profile, random_serial
from store.keys import key_to_pem, process_pool
from store.names import Subject, parse_alternative_names
from webserver.running import RunningBox
from webserver.running_node import RunningNode
from webserver.simulator import Simulator

PASSPHRASE = "incident-replay"  # of files that exist for a moment, in memory  # noqa: S105


@dataclass(frozen=True, slots=True)
class Trusted:
    """Something that clients trust: its name in the story, and the certificate itself."""

    name: str
    certificate: Certificate
    origin: Origin


class World:
    """A box and everything around it, from `async with` on; frozen at the beginning.

    dates: which dates certificates carry.
    second: the real one whose dates are presented, where they are projected. It stays while
        things are looked at, so that a client's anchors and what it is shown fit together.
    """

    def __init__(self, incident: Incident, *, dates: Dates) -> None:
        start = incident.start
        self.incident = incident
        self.simulator = Simulator(
            lan_ip=start.lan_ip,
            booster=start.booster_ip is not None,
            booster_ip=start.booster_ip,
            firmware=start.firmware,
            installed_at=start.installed,
            now=start.clock,
            rate=0.0,
            dates=dates,
        )
        self.second = real_now().replace(microsecond=0)
        self.outside: dict[str, Holding] = {}
        self._ids: dict[str, str] = {}
        self._origins = {one.name: one.origin for one in incident.authorities}
        self._stack = AsyncExitStack()
        self._presenting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.simulator)
        try:
            await self._furnish()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._leave_off()
        await self._stack.aclose()

    async def _furnish(self) -> None:
        """Make what is there at the beginning."""
        self.box.calendar.by_itself = False
        self.box.calendar.follow()
        for running in self.nodes().values():
            running.node.signers = self._with_outside(running.node.signers)
        for authority in self.incident.authorities:
            await self._found(authority)
        for present in self.incident.certificates:
            await self.obtain(present.wanted)
            for node in present.active_on:
                await self.box.activate(self.identity(present.wanted.name), node=node)

    def _with_outside(self, own: Callable[[], Iterable[Holding]]) -> Callable[[], list[Holding]]:
        return lambda: [*own(), *self.outside.values()]

    # What there is

    @property
    def box(self) -> RunningBox:
        """The box."""
        return self.simulator.box

    @property
    def lan_ip(self) -> str:
        """Its LAN IP address now."""
        return self.box.lan_ip

    def nodes(self) -> dict[str, RunningNode]:
        """The box, and the Booster Server if there is one."""
        found: dict[str, RunningNode] = {"system": self.box}
        if self.simulator.booster is not None:
            found["booster"] = self.simulator.booster
        return found

    def url(self, node: str) -> str:
        """Where people reach `node`."""
        return (self.box.booster_url or "") if node == "booster" else self.box.portal_url

    def identity(self, name: str) -> str:
        """The id of the certificate or the box's authority that the story calls `name`."""
        if name == DEFAULT:
            return _latest_default(self.box)
        if name == BOOSTER_DEFAULT:
            assert self.simulator.booster is not None
            return _latest_default(self.simulator.booster)
        return self._ids[name]

    def label(self, node: str, leaf_key: str, serial: int) -> tuple[str, Certificate] | None:
        """The name and the certificate (with the box's dates) of what has this key and serial.

        As `node` holds it: on the other one the same may have been issued again, or not.
        """
        names = {identity: name for name, identity in self._ids.items()}
        nodes, own = self.nodes(), {"system": DEFAULT, "booster": BOOSTER_DEFAULT}
        for one in sorted(nodes, key=lambda one: one != node):
            for held in nodes[one].node.holdings.values():
                shown = held.certificate
                if shown is None or (shown.serial, shown.key_sha256) != (serial, leaf_key):
                    continue
                latest = held.kind is Kind.DEFAULT and held.id == _latest_default(nodes[one])
                return (own[one] if latest else names.get(held.id, held.name)), shown
        return None

    def trusted(self, name: str) -> Trusted:
        """What clients trust when they are told to trust `name` now."""
        if name in self.outside:
            certificate = _certificate_of(self.outside[name])
        else:
            identity = self.identity(name)
            held = [one.node.holdings.get(identity) for one in self.nodes().values()]
            certificate = _certificate_of(next(one for one in held if one is not None))
        return Trusted(name, certificate, self._origins.get(name, Origin.USER))

    def anchor(self, trusted: Trusted) -> Anchor:
        """`trusted` as clients have it now: with the dates they see."""
        certificate, clock = trusted.certificate, self.box.clock
        if clock.dates is Dates.PROJECTED:
            signers = self.box.model.signers()
            moved = projected(certificate, signers, clock=clock, second=self.second)
            certificate = moved or certificate
        return Anchor(certificate.leaf, trusted.origin)

    async def anchors(self, trusted: Iterable[Trusted]) -> list[Anchor]:
        """Each of `trusted`, as clients have it now."""
        return await self.box.call(lambda: [self.anchor(one) for one in trusted])

    async def present(self) -> None:
        """Have projected dates be those of the present second, and stay so."""
        if self.box.clock.dates is Dates.PROJECTED:
            await self._leave_off()
            self.second = real_now().replace(microsecond=0)
            await self.box.calendar.present(self.second)

    async def present_in(self, second: datetime) -> None:
        """Have projected dates be those of `second` from its beginning; does not wait for it."""
        await self._leave_off()
        self.second = second
        self._presenting = asyncio.create_task(self.box.calendar.present(second))

    async def _leave_off(self) -> None:
        """A second that was still to come is none to be presented any more."""
        if self._presenting is not None:
            self._presenting.cancel()
            (outcome,) = await asyncio.gather(self._presenting, return_exceptions=True)
            if isinstance(outcome, Exception):
                raise outcome

    def client_time(self) -> datetime:
        """What a client's clock says, in whole seconds: the box's, or the second presented."""
        clock = self.box.clock
        return clock.now().replace(microsecond=0) if clock.dates is Dates.SIMULATED else self.second

    # Making

    async def _found(self, authority: Authority) -> None:
        first, last = self._dates(authority.life)
        if authority.held_by_box:
            form = {
                "kind": "authority",
                "name": authority.name,
                "subject": {"CN": authority.common_name},
                "not_before": _iso(first),
                "not_after": _iso(last),
            }
            if authority.issued_by is not None:
                form["authority"] = self._ids[authority.issued_by]
            self._ids[authority.name] = (await self.box.make(**form)).id
            return
        wanted = issuing.Wanted(
            subject=Subject(common_name=authority.common_name),
            not_before=first,
            not_after=last,
            serial=random_serial(),
            profile=Profile.AUTHORITY,
        )
        above = (
            None
            if authority.issued_by is None
            else _certificate_of(self.outside[authority.issued_by])
        )
        self.outside[authority.name] = await self.box.call(
            lambda: _authority(wanted, name=authority.name, above=above, now=self.box.clock.now())
        )

    async def obtain(self, wanted: Wanted) -> Holding:
        """Make a certificate, or have it issued and imported; the box holds it then."""
        first, last = self._dates(wanted.life)
        names = [self._filled(name) for name in wanted.san]
        form = {
            "name": wanted.name,
            "subject": {"CN": self._filled(wanted.common_name)},
            "san": names,
            "not_before": _iso(first),
            "not_after": _iso(last),
            "algorithm": wanted.algorithm,
        }
        if wanted.authority is None:
            held = await self.box.make(kind="self-signed", **form)
        elif wanted.authority in self._ids:
            authority = self._ids[wanted.authority]
            held = await self.box.make(
                kind="server", **form, authority=authority, passphrase=PASSPHRASE
            )
        else:
            request = issuing.Wanted(
                subject=Subject(common_name=self._filled(wanted.common_name)),
                not_before=first,
                not_after=last,
                serial=random_serial(),
                algorithm=wanted.algorithm,
                alternative_names=parse_alternative_names(names, []),
            )
            issuer = _certificate_of(self.outside[wanted.authority])
            certificate = await self.box.call(_issued, request, issuer, chain=wanted.chain)
            assert certificate.key is not None
            held = await self.box.import_files(
                name=wanted.name,
                passphrase=PASSPHRASE,
                certificate=certificate.pem.encode("ascii"),
                key=key_to_pem(certificate.key),
            )
        self._ids[wanted.name] = held.id
        return held

    def _dates(self, life: Life) -> tuple[datetime, datetime]:
        first = life.not_before or self.box.clock.now().replace(microsecond=0)
        last = life.not_after or first + (life.validity or timedelta(days=365))
        return first, last

    def _filled(self, text: str) -> str:
        booster = self.simulator.booster
        return filled(
            text, lan_ip=self.lan_ip, booster_ip=None if booster is None else booster.model.ip
        )


def _latest_default(node: RunningNode) -> str:
    defaults = [one for one in node.node.holdings.values() if one.kind is Kind.DEFAULT]
    return defaults[-1].id


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _authority(
    wanted: issuing.Wanted, *, name: str, above: Certificate | None, now: datetime
) -> Holding:
    key = process_pool().take()
    if above is None:
        certificate = Certificate(leaf=issuing.self_signed(wanted, key), key=key)
    else:
        certificate = _issued(wanted, above, key=key)
    return Holding(new_id(), name, Kind.AUTHORITY, now, certificate, key=key)


def _issued(
    wanted: issuing.Wanted,
    authority: Certificate,
    *,
    chain: bool = True,
    key: rsa.RSAPrivateKey | None = None,
) -> Certificate:
    key = key or process_pool().take()
    assert authority.key is not None
    leaf = issuing.issued(
        wanted, key.public_key(), authority=authority.leaf, authority_key=authority.key
    )
    return Certificate(leaf=leaf, chain=authority.chain_of_issued if chain else (), key=key)


def _certificate_of(held: Holding) -> Certificate:
    assert held.certificate is not None
    return held.certificate
