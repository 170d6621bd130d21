"""Seals: opened only by their key and for their context; files written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.sealing import Seal, write_durably
from tests.helpers import refusals


def test_what_was_sealed_is_opened_for_the_same_context_only() -> None:
    seal = Seal(bytes(32))
    sealed = seal.seal(b"secret", context="one")
    assert b"secret" not in sealed
    assert seal.open(sealed, context="one") == b"secret"
    assert refusals(seal.open, sealed, context="two") == ["seal-broken"]


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    seal = Seal.in_memory()
    assert seal.seal(b"secret", context="") != seal.seal(b"secret", context="")


@pytest.mark.parametrize("spoilt", [b"", b"short", bytes(12), bytes(60)])
def test_what_is_no_seal_is_refused(spoilt: bytes) -> None:
    assert refusals(Seal.in_memory().open, spoilt, context="") == ["seal-broken"]


def test_a_changed_byte_breaks_the_seal() -> None:
    seal = Seal.in_memory()
    sealed = bytearray(seal.seal(b"secret", context=""))
    sealed[-1] ^= 1
    assert refusals(seal.open, bytes(sealed), context="") == ["seal-broken"]


def test_a_file_is_replaced_whole_and_private_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_durably(file, b"old")
    write_durably(file, b"new")
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_leaves_the_old_file_and_no_scrap(tmp_path: Path) -> None:
    target = tmp_path / "directory"
    (target / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_durably(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]
