"""Changes: looked over without a trace, written as a whole, seen only when they are written."""

from __future__ import annotations

import contextlib
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from appliance import node
from appliance.box import Box
from appliance.change import Change
from appliance.clock import Setting
from store.inventory import Holding, Kind
from store.refusals import Refused
from tests.appliance.looking import events, reopened, state
from tests.helpers import NOON, refusals

WEB = {"kind": "self-signed", "name": "web", "subject": {"CN": "osbiz.example"}}


# Two steps


def test_looking_a_change_over_changes_nothing(box: Box) -> None:
    web = box.make(WEB)
    before = state(box)
    box.prepare_move("127.0.0.9")
    box.prepare_activation(web.id)
    box.prepare_removal(web.id)
    box.prepare_reset()
    assert state(box) == before


def test_the_plan_of_a_change_is_known_before_it_is_committed(box: Box) -> None:
    change = box.prepare_move("127.0.0.9")
    planned = box.plan_after(change)
    assert box.plan().certificate_id != planned.certificate_id
    box.commit(change)
    assert box.plan() == planned


def test_a_change_that_activates_nothing_leaves_the_plan(box: Box) -> None:
    assert box.plan_after(Change(settings={"x": 1})) == box.plan()


def test_what_is_committed_is_there_after_a_restart_of_the_program(
    box: Box, tmp_path: Path
) -> None:
    web = box.make(WEB)
    box.commit(box.prepare_activation(web.id))
    before = state(box)
    again = reopened(box, tmp_path)
    assert state(again) == before
    assert again.active.id == web.id
    again.close()


def test_a_holding_is_the_same_in_memory_and_on_the_disk(box: Box, tmp_path: Path) -> None:
    box.clock.set(now=NOON.replace(microsecond=654_321))
    box.make(WEB)
    box.commit(box.prepare_move("127.0.0.9"))
    before = dict(box.holdings)
    again = reopened(box, tmp_path)
    assert dict(again.holdings) == before
    again.close()


def test_entries_are_told_once_they_are_committed_and_not_before(box: Box) -> None:
    told: list[tuple[str, bool]] = []
    web = box.make(WEB)
    box.on_entry = lambda entry: told.append((entry.event, box.active.id == web.id))
    box.commit(box.prepare_activation(web.id))
    assert told == [("certificate-activated", True)]


def full(box: Box) -> None:
    """Let the disk be full from now on."""
    ((pages,),) = box.store.database.rows("PRAGMA page_count")
    box.store.database.rows(f"PRAGMA max_page_count = {pages}")


def test_a_change_that_can_not_be_written_is_not_seen_either(box: Box, tmp_path: Path) -> None:
    for _ in range(5):
        box.make(WEB)  # so that no page has room for another certificate
    told: list[object] = []
    box.on_entry = told.append
    before = state(box)
    full(box)
    change = box.prepare_move("127.0.0.9")
    bulk = Change(settings={"bulk": "x" * 100_000}, add=change.add, activate=change.activate)
    assert refusals(box.commit, bulk) == ["storage-failed"]
    assert state(box) == before
    assert told == []
    again = reopened(box, tmp_path)
    assert state(again) == before
    again.close()


def test_a_clock_that_can_not_be_kept_is_not_set(box: Box) -> None:
    full(box)
    for length in (1000, 100, 1):  # until not even a small journal entry finds room
        with contextlib.suppress(Refused):
            while True:
                box.note("filler", text="x" * length)
    before = state(box)
    assert refusals(box.set_clock, Setting(now=NOON + timedelta(days=1), rate=5.0)) == [
        "storage-failed"
    ]
    assert state(box) == before
    assert box.clock.rate == 0


def test_a_node_never_loses_its_active_certificate_by_a_change_that_came_too_late(
    box: Box,
) -> None:
    web = box.make(WEB)
    removal = box.prepare_removal(web.id)
    activation = box.prepare_activation(web.id)
    box.commit(activation)
    assert refusals(box.commit, removal) == ["no-such-certificate"]
    assert box.active.id == web.id


def test_a_certificate_that_was_removed_meanwhile_is_not_activated(box: Box) -> None:
    web = box.make(WEB)
    before, activation = box.active, box.prepare_activation(web.id)
    box.commit(box.prepare_removal(web.id))
    assert refusals(box.commit, activation) == ["no-such-certificate"]
    assert box.active == before


def test_a_change_that_removes_and_adds_the_same_id_keeps_the_new_one(
    box: Box, tmp_path: Path
) -> None:
    web = box.make(WEB)
    renamed = Holding(web.id, "new", web.kind, web.created, web.certificate, key=web.key)
    box.commit(Change(remove=(web.id,), add=(renamed,)))
    assert box.holding(web.id).name == "new"
    again = reopened(box, tmp_path)
    assert again.holding(web.id).name == "new"
    again.close()


def test_at_no_line_of_a_commit_does_another_look_see_a_mixture(box: Box) -> None:
    looks = 0

    def look(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal looks
        if frame.f_code.co_filename == node.__file__:
            looks += 1
            assert box.plan().certificate_id
        return look

    change = box.prepare_reset()
    before = sys.gettrace()
    sys.settrace(look)
    try:
        box.commit(change)
    finally:
        sys.settrace(before)
    assert looks > 20


# Activation and removal


def test_activating_says_what_was_active_before(box: Box) -> None:
    before = box.active.id
    web = box.make(WEB)
    box.commit(box.prepare_activation(web.id))
    entry = box.store.journal.since()[-1]
    assert entry.event == "certificate-activated"
    assert entry.detail["before"] == before
    assert entry.detail["certificate"] == web.id


@pytest.mark.parametrize(
    ("not_before", "not_after", "word"),
    [("2020-01-01", "2021-01-01", "expired"), ("2030-01-01", "2031-01-01", "not valid before")],
)
def test_a_certificate_out_of_its_time_is_activated_with_a_warning(
    box: Box, not_before: str, not_after: str, word: str
) -> None:
    web = box.make(WEB | {"not_before": not_before, "not_after": not_after})
    change = box.prepare_activation(web.id)
    assert [word in warning for warning in change.warnings] == [True]
    box.commit(change)
    assert box.active.id == web.id


def test_a_certificate_in_its_time_is_activated_without_a_word(box: Box) -> None:
    assert box.prepare_activation(box.make(WEB).id).warnings == ()


def test_a_certificate_whose_key_the_box_lacks_can_not_be_activated(box: Box) -> None:
    web = box.make(WEB)
    assert web.certificate is not None
    keyless = type(web.certificate)(web.certificate.leaf)
    box.commit(Change(add=(Holding("keyless000", "k", Kind.IMPORTED, NOON, keyless),)))
    assert refusals(box.prepare_activation, "keyless000") == ["key-missing"]


def test_the_active_certificate_can_not_be_removed(box: Box) -> None:
    assert refusals(box.prepare_removal, box.active.id) == ["certificate-active"]


def test_a_removed_certificate_is_gone_for_good(box: Box, tmp_path: Path) -> None:
    web = box.make(WEB)
    box.commit(box.prepare_removal(web.id))
    assert refusals(box.holding, web.id) == ["no-such-certificate"]
    assert events(box)[-1] == "certificate-removed"
    again = reopened(box, tmp_path)
    assert web.id not in again.holdings
    again.close()


@pytest.mark.parametrize("identity", ["", "0000000000", "\ud800", "x" * 1000])
def test_an_unknown_id_is_said_to_be_unknown(box: Box, identity: str) -> None:
    assert refusals(box.prepare_activation, identity) == ["no-such-certificate"]
    assert refusals(box.prepare_removal, identity) == ["no-such-certificate"]
