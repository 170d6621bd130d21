"""The box: its stories, one method each, in the order a person meets them.

Install, move, make, import, activate, remove, start over. A `prepare_…` method looks
everything over and returns a `Change` without changing anything (see `appliance.node`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from appliance import firmware
from appliance.accounts import DEFAULT_ACCOUNT
from appliance.acme import ACCOUNTS, BOOK
from appliance.change import Change
from appliance.clock import Dates, Setting, check_time
from appliance.network import parse_address
from appliance.node import Node
from appliance.telephony import DEFAULT_SUBSCRIBERS
from store import issuing
from store.certificate import Certificate, iso_time
from store.inventory import Holding, Kind, new_id
from store.people import Subscriber
from store.refusals import Refused
from store.telephones import Memory


class Box(Node):
    """An OpenScape Business X system.

    first_subscribers: who has an extension when it is new, and after a reset.
    """

    name = "system"
    first_subscribers: tuple[Subscriber, ...] = DEFAULT_SUBSCRIBERS

    @property
    def lan_ip(self) -> str:
        """Its LAN IP address; the CN of the certificate it makes itself."""
        lan_ip: str = self.settings["lan_ip"]
        return lan_ip

    @property
    def release(self) -> firmware.Release:
        """Its firmware."""
        return firmware.release(self.settings["firmware"])

    # Installation

    def install(
        self,
        *,
        lan_ip: str,
        release: str | None = None,
        installed_at: datetime | None = None,
    ) -> None:
        """The initial installation, with the default certificate that `release` makes.

        release: None for the newest.
        installed_at: when, on the box's calendar; None for now.
        """
        lan_ip = parse_address(lan_ip)
        if installed_at is not None:
            check_time(installed_at, field="installed_at")
        settings = {
            "firmware": firmware.release(release or firmware.NEWEST).name,
            "installed_at": iso_time(installed_at or self.clock.now()),
            "installed_lan_ip": lan_ip,
        }
        self.commit(self._installation(lan_ip, settings, made_at=installed_at))

    def _installation(
        self,
        lan_ip: str,
        settings: Mapping[str, Any],
        *,
        made_at: datetime | None,
        wipe: bool = False,
    ) -> Change:
        release = firmware.release(settings["firmware"])
        holding = self._default_certificate(release, lan_ip, made_at=made_at)
        detail = {"lan_ip": lan_ip, "firmware": release.name, "certificate": holding.id}
        return Change(
            add=(holding,),
            activate=holding.id,
            settings={**settings, "lan_ip": lan_ip},
            accounts=(DEFAULT_ACCOUNT,),
            subscribers=self.first_subscribers,
            journal=(("installed", detail),),
            wipe=wipe,
        )

    def prepare_reset(self) -> Change:
        """The box as newly installed, now: a new default certificate, and nothing else kept."""
        keep = ("firmware", "installed_lan_ip")
        settings = {key: self.settings[key] for key in keep} | dict.fromkeys((BOOK, ACCOUNTS))
        settings["installed_at"] = iso_time(self.clock.now())
        return self._installation(
            self.settings["installed_lan_ip"], settings, made_at=None, wipe=True
        )

    def update_firmware(self, release: str) -> None:
        """Run another release from now on; the certificates stay as they are."""
        name = firmware.release(release).name
        if name != self.settings["firmware"]:
            detail = {"from": self.settings["firmware"], "to": name}
            self.commit(
                Change(settings={"firmware": name}, journal=(("firmware-changed", detail),))
            )

    # The calendar

    def set_clock(self, setting: Setting, *, allow_unprojected: bool = False) -> None:
        """Set the calendar, and remember it over a restart of the program.

        Refused, with nothing changed, where the calendar does not reach, and where projected
        dates would be wrong unless that is allowed: see `Node.check_projection`.
        """
        clock = self.clock
        before, line, dates = iso_time(clock.now()), clock.line, clock.dates
        if (setting.dates or dates) is Dates.PROJECTED and not allow_unprojected:
            self.check_projection()
        setting.apply(clock)
        detail = {
            "from": before,
            "to": iso_time(clock.now()),
            "rate": clock.rate,
            "dates": clock.dates.value,
        }
        settings = {"clock": clock.as_settings()}
        try:
            self.commit(Change(settings=settings, journal=(("clock-set", detail),)))
        except Refused:
            clock.line, clock.dates = line, dates
            raise

    # The LAN IP

    def prepare_move(self, lan_ip: str) -> Change:
        """A new LAN IP: a new self-signed certificate for it, active (whitepaper 1.1, 4.1)."""
        lan_ip = parse_address(lan_ip)
        holding = self._default_certificate(self.release, lan_ip)
        detail = {
            "from": self.lan_ip,
            "to": lan_ip,
            "certificate": holding.id,
            "before": self.settings["active"],
        }
        return Change(
            add=(holding,),
            activate=holding.id,
            settings={"lan_ip": lan_ip},
            journal=(("lan-ip-changed", detail),),
        )

    def _default_certificate(
        self, release: firmware.Release, lan_ip: str, *, made_at: datetime | None = None
    ) -> Holding:
        key = self.own_key()
        now = self.clock.now()
        wanted = firmware.default_certificate(release, lan_ip=lan_ip, made_at=made_at or now)
        return Holding(
            id=new_id(),
            name=f"Default ({lan_ip})",
            kind=Kind.DEFAULT,
            created=now,
            certificate=Certificate(leaf=issuing.self_signed(wanted, key), key=key),
            key=key,
        )

    # Stories with a room of their own, opened when they are first told: no start needs them.

    def make(self, values: Mapping[str, Any]) -> Holding:
        """Make what the form `values` asks for and keep it, not active; all refusals at once."""
        from appliance import workshop

        return workshop.make(self, values)

    def import_files(
        self, *, name: str, passphrase: str, certificate: bytes, key: bytes | None
    ) -> Holding:
        """Import certificate and key (whitepaper 3.1, option 2); not active.

        The key may be left out when a signing request of this box has it.
        """
        from appliance import workshop

        return workshop.import_files(
            self, name=name, passphrase=passphrase, certificate=certificate, key=key
        )

    def import_pkcs12(self, *, name: str, passphrase: str, data: bytes) -> Holding:
        """Import a PKCS#12 file (whitepaper 3.1, option 1); not active."""
        from appliance import workshop

        return workshop.import_pkcs12(self, name=name, passphrase=passphrase, data=data)

    def back_up(self, passphrase: str, telephones: Memory | None = None) -> bytes:
        """A sealed backup file; refused when the passphrase will not do.

        telephones: what they remember, which the exchange knows.
        """
        from appliance import backups

        return backups.back_up(self, passphrase, telephones or Memory())

    def prepare_restore(self, data: bytes, passphrase: str, *, keep_lan_ip: bool) -> Change:
        """Be what a backup file holds, and nothing else.

        keep_lan_ip: stay at the present address, whatever the backup says.
        Refused when the file can't be opened or holds no box.
        """
        from appliance import backups

        return backups.prepare_restore(self, data, passphrase, keep_lan_ip=keep_lan_ip)
