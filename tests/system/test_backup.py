"""Everything in one sealed file, and back: on this box, on a new one, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

import osbiz
from store.backup import MAGIC
from tests.clients import served
from tests.system.conftest import Issued

PASSPHRASE = "take it home"


def test_a_backup_is_restored_on_a_new_box(tmp_path: Path, issued: Issued) -> None:
    with osbiz.run(booster=False) as sim:
        imported = sim.box.import_files(
            name="mine", passphrase="seven77", certificate=issued.certificate, key=issued.key
        )
        sim.box.make(kind="request", name="open", subject={"CN": "x"})
        authority = sim.box.make(kind="authority", name="CA", subject={"CN": "CA"})
        sim.box.make(
            kind="server", name="s", subject={"CN": "x"}, authority=authority.id,
            passphrase="seven77",
        )  # fmt: skip
        sim.box.change_lan_ip("127.0.0.15")
        sim.box.activate(imported.id)
        before = sim.box.holdings()
        events = [entry.event for entry in sim.box.journal()]
        backup = sim.box.back_up(PASSPHRASE)
    with osbiz.run(booster=False, data=tmp_path / "new") as sim:
        sim.box.restore(backup, PASSPHRASE)
        assert sim.box.holdings() == before
        assert sim.box.lan_ip == "127.0.0.15"
        shown = served(sim.box.portal_url)
        assert shown.fingerprint == imported.certificate.fingerprint("sha256")  # type: ignore[union-attr]
        after = [entry.event for entry in sim.box.journal()]
        assert after[: len(events)] == events
        assert "restored" in after
    with osbiz.run(booster=False, data=tmp_path / "new") as sim:  # and it lasts
        assert served(sim.box.portal_url).fingerprint == shown.fingerprint


async def test_telephones_are_restored_with_their_subscribers(tmp_path: Path) -> None:
    async with osbiz.Simulator(booster=False, data=tmp_path / "old") as sim:
        sim.box.exchange.label_keys("100", {1: "Lager"})
        sim.box.exchange.make_call("100", "101")
        sim.box.exchange.clear("100")
        backup = await sim.box.back_up(PASSPHRASE)
    async with osbiz.Simulator(booster=False, data=tmp_path / "new") as sim:
        sim.box.exchange.set_presence("101", 9)
        sim.box.exchange.make_call("100", "0891")
        await sim.box.restore(backup, PASSPHRASE, keep_lan_ip=True)
        assert not sim.box.exchange.calls
    for _ in range(2):
        async with osbiz.Simulator(booster=False, data=tmp_path / "new") as sim:
            desks = sim.box.exchange.desks
            assert desks.labels("100") == {1: "Lager"}
            assert [entry.number for entry in desks.journal("100")] == ["101"]
            assert [entry.kind for entry in desks.journal("101")] == ["missed"]
            assert sim.box.exchange.desk("101").presence == 1


def test_a_box_may_keep_its_address(issued: Issued) -> None:
    with osbiz.run(booster=False, lan_ip="127.0.0.16") as sim:
        backup = sim.box.back_up(PASSPHRASE)
    with osbiz.run(booster=False, lan_ip="127.0.0.17") as sim:
        sim.box.restore(backup, PASSPHRASE, keep_lan_ip=True)
        assert sim.box.lan_ip == "127.0.0.17"
        assert served(sim.box.portal_url).common_name == "127.0.0.16"


def test_a_backup_of_an_address_this_machine_lacks_changes_nothing(tmp_path: Path) -> None:
    with osbiz.run(booster=False, lan_ip="192.168.1.2", bind="127.0.0.1") as sim:
        backup = sim.box.back_up(PASSPHRASE)
    with osbiz.run(booster=False) as sim:
        before = served(sim.box.portal_url)
        with pytest.raises(osbiz.Refused) as caught:
            sim.box.restore(backup, PASSPHRASE)
        assert caught.value.code == "address-not-available"
        assert served(sim.box.portal_url) == before


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: b"", "not-a-backup"),
        (lambda data: b"PK\x03\x04" * 100, "not-a-backup"),
        (lambda data: MAGIC + b"short", "not-a-backup"),
        (lambda data: data[:-1], "passphrase-wrong"),
        (lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], "passphrase-wrong"),
        (lambda data: data + b"\0" * (9 << 20), "too-large"),
    ],
)
def test_what_is_no_backup_changes_nothing(spoil: object, code: str) -> None:
    with osbiz.run(booster=False) as sim:
        before = served(sim.box.portal_url)
        backup = sim.box.back_up(PASSPHRASE)
        with pytest.raises(osbiz.Refused) as caught:
            sim.box.restore(spoil(backup), PASSPHRASE)  # type: ignore[operator]
        assert caught.value.code == code
        assert served(sim.box.portal_url) == before


def test_the_wrong_passphrase_opens_nothing() -> None:
    with osbiz.run(booster=False) as sim:
        backup = sim.box.back_up(PASSPHRASE)
        with pytest.raises(osbiz.Refused) as caught:
            sim.box.restore(backup, PASSPHRASE + "!")
        assert caught.value.code == "passphrase-wrong"
        with pytest.raises(osbiz.Refused) as caught:
            sim.box.back_up("short")
        assert caught.value.code == "passphrase-length"


def test_a_backup_tells_nothing_without_its_passphrase() -> None:
    with osbiz.run(booster=False) as sim:
        backup = sim.box.back_up(PASSPHRASE)
    for plain in (b"127.0.0.2", b"administrator", b"PRIVATE", PASSPHRASE.encode()):
        assert plain not in backup
