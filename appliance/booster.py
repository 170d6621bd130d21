"""The Booster Server as a node: its address, its default certificate, what it is handed.

It has a store and a lifecycle of its own and takes a new certificate only from the
system it is paired with (whitepaper 5). How the two talk is for the floor above.
"""

from __future__ import annotations

from appliance import firmware
from appliance.change import Change
from appliance.network import parse_address
from appliance.node import Node
from store.certificate import Certificate, iso_time
from store.inventory import Holding, Kind, new_id
from store.issuing import self_signed


class Booster(Node):
    """A Booster Server."""

    name = "booster"

    @property
    def ip(self) -> str:
        """Its address; the CN of its default certificate."""
        ip: str = self.settings["ip"]
        return ip

    def install(self, *, ip: str) -> None:
        """The initial installation: a 10-year certificate in the name of `ip`."""
        self.commit(self.prepare_installation(ip=ip, event="installed"))

    def prepare_installation(self, *, ip: str, event: str, wipe: bool = False) -> Change:
        """A default certificate for `ip`, and nothing else when `wipe` is set.

        Used at installation, for a new address, and to start over.
        """
        ip = parse_address(ip, field="booster_ip")
        holding = self._default_certificate(ip)
        detail = {"ip": ip, "certificate": holding.id}
        return Change(
            add=(holding,),
            activate=holding.id,
            settings={"ip": ip},
            journal=((event, detail),),
            wipe=wipe,
        )

    def prepare_transfer(self, holding: Holding) -> Change:
        """Keep and activate what the system hands over, under the system's id for it."""
        assert holding.certificate is not None
        received = {
            "certificate": holding.id,
            "name": holding.name,
            "not_after": iso_time(holding.certificate.not_after),
            "fingerprint_sha256": holding.certificate.fingerprint("sha256"),
        }
        return Change(
            add=(holding,),
            activate=holding.id,
            journal=(("certificate-received", received), ("certificate-activated", received)),
        )

    def _default_certificate(self, ip: str) -> Holding:
        key = self.own_key()
        now = self.clock.now()
        leaf = self_signed(firmware.booster_certificate(ip=ip, made_at=now), key)
        return Holding(
            id=new_id(),
            name=f"Booster default ({ip})",
            kind=Kind.DEFAULT,
            created=now,
            certificate=Certificate(leaf=leaf, key=key),
            key=key,
        )
