"""Keeping what was measured: what is new replaces what is old, and what differs is named."""

from __future__ import annotations

from datetime import date

import pytest

from tests.clients import recording
from tests.clients.measuring import Cell
from tests.clients.recording import Record, differences, paged, table

ACCEPTS = Cell("curl", "good-ip", "accepted", "", "")
REFUSES = Cell("curl", "good-ip", "refused", "unknown_ca", "no\0t at 127.0.40.1:4711")
TODAY = date(2026, 11, 23)


def record(*cells: Cell) -> Record:
    empty = Record({}, {})
    empty.take(cells, {"curl": "curl 8"}, TODAY)
    return empty


def test_a_cell_that_is_not_as_it_was_is_named_with_the_clients_words() -> None:
    assert differences(record(ACCEPTS), [ACCEPTS]) == []
    (line,) = differences(record(ACCEPTS), [REFUSES])
    assert line.startswith("good-ip: curl refused, recorded as accepted (no")


def test_what_was_never_measured_does_not_differ() -> None:
    assert differences(record(), [ACCEPTS]) == []


def test_what_is_measured_again_replaces_what_was_and_cases_that_are_gone_go() -> None:
    kept = record(ACCEPTS, Cell("curl", "a-case-of-old", "accepted", "", ""))
    assert [case for case, _ in kept.cells] == ["good-ip"]
    kept.take([REFUSES], {"curl": "curl 9"}, TODAY)
    assert kept.outcomes("good-ip") == {"curl": "refused"}
    assert kept.environments["curl"] == {"version": "curl 9", "date": "2026-11-23"}


def test_what_is_saved_is_what_is_loaded(
    tmp_path: recording.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "FILE", tmp_path / "measured.json")
    monkeypatch.setattr(recording, "WORDS", tmp_path / "words.csv")
    assert Record.load() == Record({}, {})
    record(REFUSES).save()
    loaded = Record.load()
    assert loaded.outcomes("good-ip") == {"curl": "refused"}
    words = loaded.cells["good-ip", "curl"]
    assert (words.alert, words.said) == ("unknown_ca", "no t at 127.0.40.1")


def test_prose_between_the_tables_of_the_page_stays() -> None:
    text = "before\n<!-- measured: versions -->\nold\n<!-- end -->\nafter\n"
    written = paged(text, record(ACCEPTS))
    assert written.startswith("before\n<!-- measured: versions -->\n| environment |")
    assert "| `curl` | curl 8 | 2026-11-23 |\n<!-- end -->\nafter\n" in written
    assert "old" not in written
    assert paged(written, record(ACCEPTS)) == written


def test_the_table_for_a_terminal_has_a_case_a_line() -> None:
    assert table([ACCEPTS, Cell("go", "good-ip", "refused", "", "")]).splitlines() == [
        "         curl  go",
        "good-ip  yes   NO",
    ]
