"""The stories of the box and its Booster Server: installed, moved, reset, handed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.booster import Booster
from appliance.box import Box
from appliance.clock import Clock, Setting
from store.certificate import common_name
from store.inventory import Kind
from store.keys import KeyPool
from store.opening import open_store
from tests.appliance.looking import active_name, events, reopened, state
from tests.helpers import NOON, PASSPHRASE, FewKeys, a_box, certificate_pem, key_pem, refusals

WEB = {"kind": "self-signed", "name": "web", "subject": {"CN": "osbiz.example"}}


# The box's own stories


def test_a_new_box_is_installed_with_its_default_certificate_active(box: Box) -> None:
    assert box.installed
    assert (box.lan_ip, box.release.name) == ("127.0.0.2", "V3R3")
    assert (active_name(box), box.active.kind) == ("127.0.0.2", Kind.DEFAULT)
    assert events(box) == ["installed"]


@pytest.mark.parametrize("moment", [NOON.replace(year=1900), NOON.replace(year=9995)])
def test_a_box_is_not_installed_off_the_calendar(moment: object) -> None:
    assert refusals(a_box, installed_at=moment) == ["time-range"]


def test_a_move_makes_a_certificate_for_the_new_address_and_keeps_the_old(
    box: Box, tmp_path: Path
) -> None:
    before = box.active
    box.commit(box.prepare_move("127.0.0.9"))
    assert (box.lan_ip, active_name(box)) == ("127.0.0.9", "127.0.0.9")
    assert before.id in box.holdings
    again = reopened(box, tmp_path)
    assert (again.lan_ip, active_name(again)) == ("127.0.0.9", "127.0.0.9")
    again.commit(again.prepare_activation(before.id))
    assert active_name(again) == "127.0.0.2"
    again.close()


def test_a_move_takes_a_new_key() -> None:
    box = Box(open_store(None, "osbiz"), clock=Clock(now=NOON, rate=0), keys=KeyPool())
    box.install(lan_ip="127.0.0.2")
    before = box.active.key
    box.commit(box.prepare_move("127.0.0.9"))
    assert before is not None
    assert box.active.key is not None
    assert box.active.key.public_key() != before.public_key()
    box.close()


def test_a_reset_box_is_as_newly_installed_and_remembers_nothing(box: Box, tmp_path: Path) -> None:
    box.make(WEB)
    box.commit(box.prepare_move("127.0.0.9"))
    box.commit(box.prepare_reset())
    assert (box.lan_ip, active_name(box)) == ("127.0.0.2", "127.0.0.2")
    assert len(box.holdings) == 1
    assert events(box) == ["installed"]
    assert all(account.must_change for account in box.accounts.values())
    before = state(box)
    again = reopened(box, tmp_path)
    assert state(again) == before
    again.close()


def test_new_firmware_leaves_the_certificate_and_makes_the_next_one(box: Box) -> None:
    before = box.active
    box.update_firmware("V3R2")
    assert box.active is before
    box.commit(box.prepare_move("127.0.0.9"))
    assert box.active.certificate is not None
    assert box.active.certificate.not_after.year == 2024
    box.update_firmware("V3R2")
    assert events(box).count("firmware-changed") == 1


def test_a_clock_that_was_set_is_remembered_and_journaled(box: Box, tmp_path: Path) -> None:
    box.set_clock(Setting(now=NOON.replace(year=2030)))
    assert events(box)[-1] == "clock-set"
    directory = tmp_path
    box.close()
    again = a_box(directory, clock=Clock.from_settings(box.settings["clock"]))
    assert again.clock.now().year == 2030
    again.close()


def test_keys_of_a_box_that_kept_nothing_are_handed_on_and_imported_ones_are_not() -> None:
    keys = KeyPool()
    box = Box(open_store(None, "osbiz"), clock=Clock(now=NOON, rate=0), keys=keys)
    box.install(lan_ip="127.0.0.2")
    own, web = box.active, box.make(WEB)
    assert web.certificate is not None
    assert web.key is not None
    box.import_files(
        name="imported",
        passphrase=PASSPHRASE,
        certificate=certificate_pem(web.certificate.leaf),
        key=key_pem(web.key),
    )
    box.close()
    assert keys.take(used_will_do=True) is own.key
    assert keys.take(used_will_do=True) is not web.key


# The Booster Server


def test_a_booster_takes_what_it_is_handed_under_the_systems_id(tmp_path: Path) -> None:
    booster = Booster(
        open_store(tmp_path, "booster"), clock=Clock(now=NOON, rate=0), keys=FewKeys()
    )
    booster.install(ip="127.0.0.3")
    system = a_box()
    web = system.make(WEB)
    booster.commit(booster.prepare_transfer(web))
    assert booster.active.id == web.id
    booster.close()
    again = Booster(open_store(tmp_path, "booster"), clock=Clock(now=NOON, rate=0), keys=FewKeys())
    assert again.active.certificate == web.certificate
    assert again.active.key is not None
    again.close()
    system.close()


def test_a_booster_at_a_new_address_makes_itself_a_certificate_for_it() -> None:
    booster = Booster(open_store(None, "booster"), clock=Clock(now=NOON, rate=0), keys=FewKeys())
    booster.install(ip="127.0.0.3")
    booster.commit(booster.prepare_installation(ip="127.0.0.4", event="ip-changed"))
    assert booster.active.certificate is not None
    assert booster.ip == common_name(booster.active.certificate.leaf.subject) == "127.0.0.4"
    assert len(booster.holdings) == 2
    assert refusals(booster.prepare_installation, ip="x", event="e") == ["address-malformed"]
    booster.close()
