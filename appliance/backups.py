"""A box in one sealed file, and back: what belongs into it, and what makes it fit to be a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance import firmware
from appliance.accounts import check_accounts
from appliance.acme import BOOK
from appliance.change import Change
from appliance.clock import parse_time
from appliance.desks import Desks
from appliance.network import parse_address
from store.backup import Snapshot, read_backup, write_backup
from store.certificate import iso_time
from store.refusals import Refused, refuse_all
from store.requirements import passphrase_refusals
from store.telephones import Memory

if TYPE_CHECKING:
    from appliance.box import Box

_BACKED_UP = ("active", "firmware", "installed_at", "installed_lan_ip", "lan_ip")
_JOURNAL_BACKED_UP = 5_000


def snapshot(box: Box, telephones: Memory) -> Snapshot:
    """Everything the box holds; what belongs to this machine (clock, pairing) stays here."""
    return Snapshot(
        made=box.clock.now(),
        settings={key: box.settings[key] for key in _BACKED_UP},
        holdings=tuple(box.holdings.values()),
        accounts=tuple(box.accounts.values()),
        subscribers=tuple(box.subscribers.values()),
        journal=tuple(box.store.journal.since(limit=_JOURNAL_BACKED_UP)),
        telephones=telephones,
    )


def back_up(box: Box, passphrase: str, telephones: Memory) -> bytes:
    """A sealed backup file; refused when the passphrase will not do."""
    refuse_all(passphrase_refusals(passphrase))
    box.note("backup-made")
    return write_backup(snapshot(box, telephones), passphrase=passphrase)


def prepare_restore(box: Box, data: bytes, passphrase: str, *, keep_lan_ip: bool) -> Change:
    """Be what a backup file holds, and nothing else.

    keep_lan_ip: stay at the present address, whatever the backup says.
    Refused when the file can't be opened or holds no box.
    """
    found = read_backup(data, passphrase=passphrase)
    settings = {
        key: value
        for key, value in found.settings.items()
        if key in _BACKED_UP and isinstance(value, str)
    }
    if len(settings) < len(_BACKED_UP):
        raise Refused.because("not-a-backup", "The file is no backup of a box.", field="file")
    settings["lan_ip"] = parse_address(settings["lan_ip"], field="file")
    firmware.release(settings["firmware"])
    parse_time(settings["installed_at"], field="file")
    check_accounts(found.accounts, field="file")
    _check_telephones(found.telephones)
    if keep_lan_ip:
        settings["lan_ip"] = box.lan_ip
    detail = {"made": iso_time(found.made), "lan_ip": settings["lan_ip"]}
    return Change(
        add=found.holdings,
        activate=settings.pop("active"),
        settings={**settings, BOOK: None},
        accounts=found.accounts,
        subscribers=found.subscribers,
        past=found.journal,
        telephones=found.telephones,
        journal=(("restored", detail),),
        wipe=True,
    )


def _check_telephones(memory: Memory) -> None:
    try:
        Desks(memory)
    except (ValueError, TypeError, KeyError, AttributeError):
        message = "Telephones in the backup are set as none can be."
        raise Refused.because("not-a-backup", message, field="file") from None
