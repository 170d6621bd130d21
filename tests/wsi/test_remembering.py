"""Telephones remember over a restart of the program, and forget when they are to."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from appliance.desks import MAX_JOURNAL, Desks
from store.telephones import Memory, MemoryChanges
from tests.system.program import Program, osbiz, program
from tests.wsi.client import Client
from tests.wsi.exchanges import NOON
from webserver.telephone_keeping import GATHER_SECONDS


def kept(tmp_path: Path) -> tuple[str, ...]:
    return ("--data", str(tmp_path / "data"), "--no-booster", "--restart-time", "0")


def client_of(box: Program) -> Client:
    client = Client(box.ready["wsi_http"])
    client.log_in("100", "100-1234")
    return client


def set_up(box: Program) -> Client:
    """Have 101 be at lunch, call nobody in vain, and be reachable elsewhere."""
    client = client_of(box)
    client.ask("SetPresence", user="101", presence=7, ptime="2099/12/24 12:00Z")
    client.ask("SetForwarding", device="101", forwardTo="0891")
    client.ask("SetDisplay", device="101", contentsOfDisplay="Back soon")
    client.ask("MakeCall", callingDevice="100", calledDirectoryNumber="0892")
    client.ask("Clear", deviceObject="100")
    return client


def seen(client: Client) -> list[str | None]:
    presence = client.ask("GetPresence", user="101")
    journal = client.ask("JournalRead", user="100")
    return [
        presence.findtext("TEXT"),
        presence.findtext("PTIME"),
        client.ask("GetForwarding", device="101").findtext("TO"),
        *(entry.findtext("NUMBER") for entry in journal.iter("ENTRY")),
    ]


AS_SET = ["Lunch", "2099/12/24 12:00Z", "0891", "0892"]


def test_presence_and_journal_outlive_the_program(tmp_path: Path) -> None:
    with program(tmp_path, *kept(tmp_path)) as box:
        set_up(box)
    with program(tmp_path, *kept(tmp_path)) as box:
        client = client_of(box)
        assert seen(client) == AS_SET
        assert box.call("GET", "/v1/calls").body["devices"][1]["display"] == "Back soon"
        client.ask("MakeCall", callingDevice="100", calledDirectoryNumber="0893")
        client.ask("Clear", deviceObject="100")
        identities = [
            int(entry.findtext("ID") or 0)
            for entry in client.ask("JournalRead", user="100").iter("ENTRY")
        ]
        assert identities == sorted(set(identities), reverse=True), "numbers go on"


def test_a_program_that_is_killed_has_written_a_moment_later(tmp_path: Path) -> None:
    with program(tmp_path, *kept(tmp_path)) as box:
        set_up(box)
        time.sleep(GATHER_SECONDS + 0.5)
        os.kill(box.process.pid, signal.SIGKILL)
        box.process.wait(10)
    with program(tmp_path, *kept(tmp_path)) as box:
        assert seen(client_of(box)) == AS_SET


@pytest.mark.parametrize("how", ["reset", "removed"])
def test_what_is_to_be_forgotten_does_not_come_back(tmp_path: Path, how: str) -> None:
    with program(tmp_path, *kept(tmp_path)) as box:
        set_up(box)
        time.sleep(GATHER_SECONDS + 0.5)
        if how == "reset":
            assert box.call("POST", "/v1/reset").status == 202
            box.wait_until_running()
        else:
            for extension in ("100", "101"):
                assert box.call("DELETE", f"/v1/subscribers/{extension}").status == 204
                name = {"extension": extension, "name": "New", "password": f"{extension}-1234"}
                assert box.call("POST", "/v1/subscribers", name).status == 201
        assert seen(client_of(box)) == ["Office", "", ""]
    with program(tmp_path, *kept(tmp_path)) as box:
        assert seen(client_of(box)) == ["Office", "", ""]


def test_rows_that_make_no_sense_are_refused_at_the_start(tmp_path: Path) -> None:
    with program(tmp_path, *kept(tmp_path)):
        pass
    with sqlite3.connect(tmp_path / "data" / "osbiz.db") as connection:
        connection.execute("""INSERT INTO telephones VALUES ('100', '{"presence": 77}')""")
    connection.close()
    line = osbiz("run", *kept(tmp_path), "--portal-port", "0", "--wsi-port", "0")
    done = subprocess.run(line, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr


# What is written, change by change


class Written:
    """A store in which changes are done as the real one does them."""

    def __init__(self, desks: Desks) -> None:
        self.memory = Memory()
        self.desks = desks
        desks.on_change = lambda: None

    def write(self, limit: int = 100) -> MemoryChanges | None:
        changes = self.desks.take_changes(limit)
        if changes is not None:
            settings = {} if changes.cleared else dict(self.memory.settings)
            entries = {} if changes.cleared else dict(self.memory.entries)
            for extension in changes.gone:
                settings.pop(extension, None)
                entries.pop(extension, None)
            settings.update(changes.changed.settings)
            for extension, new in changes.changed.entries.items():
                old = entries.get(extension, ())
                oldest = changes.oldest[extension]
                entries[extension] = tuple(one for one in (*old, *new) if one.id >= oldest)
            self.memory = Memory(settings, entries)
        return changes

    def assert_the_same(self) -> None:
        again = Desks(self.memory)
        for extension in self.memory.settings:
            assert again.at(extension) == self.desks.at(extension)


def log(desks: Desks, extension: str, count: int = 1) -> None:
    for _ in range(count):
        desks.log(extension, kind="missed", number="1", time=NOON, seconds=0)


def test_only_what_changed_is_written_and_nothing_twice() -> None:
    desks = Desks()
    store = Written(desks)
    desks.change("100", presence=7)
    log(desks, "101", 3)
    first = store.write()
    assert first is not None
    assert list(first.changed.settings) == ["100", "101"]
    assert store.write() is None
    log(desks, "101")
    second = store.write()
    assert second is not None
    assert [one.id for one in second.changed.entries["101"]] == [4]
    store.assert_the_same()


def test_a_journal_on_the_disk_is_as_long_as_the_one_in_memory() -> None:
    desks = Desks()
    store = Written(desks)
    for _ in range(5):
        log(desks, "100", MAX_JOURNAL // 2)
        store.write()
    assert len(store.memory.entries["100"]) == MAX_JOURNAL
    store.assert_the_same()


def test_many_telephones_are_written_in_turns() -> None:
    desks = Desks()
    store = Written(desks)
    for number in range(25):
        log(desks, str(number))
    turns = 0
    while store.write(limit=10) is not None:
        turns += 1
    assert turns == 3
    assert len(store.memory.entries) == 25
    store.assert_the_same()


def test_what_could_not_be_written_is_written_later() -> None:
    desks = Desks()
    store = Written(desks)
    desks.change("102", presence=9)
    store.write()
    desks.become(Memory())
    log(desks, "100", 2)
    desks.change("101", presence=9)
    desks.forget("103")
    failed = desks.take_changes(100)
    assert failed is not None
    log(desks, "100")
    desks.put_back(failed)
    store.write()
    assert set(store.memory.settings) == {"100", "101"}
    assert len(store.memory.entries["100"]) == 3
    store.assert_the_same()


def test_a_box_that_keeps_nothing_gathers_nothing() -> None:
    desks = Desks()
    log(desks, "100")
    desks.forget("100")
    desks.become(Memory())
    assert desks.take_changes(100) is None
