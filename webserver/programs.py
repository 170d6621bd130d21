"""What kind of program a command is, as far as its clock can be moved from outside.

Reads the file of the command: ELF headers by the System V ABI, and the first line of
scripts. `libfaketime` is loaded into a program by the dynamic linker and stands between it
and the C library; a program that does without one of the two does not notice.
"""

from __future__ import annotations

import os
import shutil
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

_PT_INTERP, _PT_NOTE = 3, 4
_GO_NOTE = b"Go\x00\x00"
_MAX_SCRIPTS = 4  # a script's interpreter may be a script
_FIREFOX = ("firefox", "thunderbird", "librewolf")


def find(command: str) -> Path | None:
    """The file that `command` runs; None when there is none."""
    found = shutil.which(command)
    return None if found is None else Path(found)


def why_its_clock_stays(path: Path) -> str | None:
    """Why `libfaketime` can't move the clock of the program at `path`; None when it can.

    What a script or a shell starts further on is not seen.
    """
    for _ in range(_MAX_SCRIPTS):
        real = path.resolve()
        if path.name.startswith(_FIREFOX) or real.name.startswith(_FIREFOX):
            return f"{path.name} does not start under faketime"
        try:
            with real.open("rb") as file:
                head = file.read(256)
            if head.startswith(b"\x7fELF"):
                return _why_not_elf(real)
        except OSError as error:
            return f"{path} can't be read ({error.strerror})"
        interpreter = _interpreter(head)
        if interpreter is None:
            return None
        path = interpreter
    return None


def _interpreter(head: bytes) -> Path | None:
    """What runs a script that begins with `head`; None when it is none, or that is not there."""
    if not head.startswith(b"#!"):
        return None
    words = head[2:].split(b"\n")[0].decode("utf-8", "replace").split()
    if not words:
        return None
    if Path(words[0]).name == "env":
        named = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        return find(named[0]) if named else None
    return find(words[0])


def _why_not_elf(path: Path) -> str | None:
    name = path.name
    try:
        segments = dict(_segments(path.read_bytes()))
    except (struct.error, ValueError, IndexError):
        return f"{name} is no program that can be understood"
    if segments.get(_PT_NOTE, b"").find(_GO_NOTE) >= 0 or b"\xff Go buildinf:" in segments[-1]:
        return f"{name} is a Go program, which asks the kernel for the time itself"
    if _PT_INTERP not in segments:
        return f"{name} is statically linked, so nothing can be loaded into it"
    if b"musl" in segments[_PT_INTERP]:
        return f"{name} uses another C library (musl) than faketime"
    mode = path.stat().st_mode
    if mode & (stat.S_ISUID | stat.S_ISGID) and os.geteuid() != 0:
        return f"{name} runs with another user's rights, which keeps libraries out"
    return None


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments of an ELF file by type, those of one type joined; the whole of it as -1."""
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    if wide:
        (offset,), (size, count) = (
            struct.unpack_from(order + "Q", data, 32),
            struct.unpack_from(order + "HH", data, 54),
        )
        layout, place = order + "I4xQ16xQ", (0, 1, 2)
    else:
        (offset,), (size, count) = (
            struct.unpack_from(order + "I", data, 28),
            struct.unpack_from(order + "HH", data, 42),
        )
        layout, place = order + "II8xI", (0, 1, 2)
    found: dict[int, bytes] = {}
    for number in range(count):
        values = struct.unpack_from(layout, data, offset + number * size)
        kind, start, length = (values[index] for index in place)
        if kind in (_PT_INTERP, _PT_NOTE):
            found[kind] = found.get(kind, b"") + data[start : start + length]
    yield from found.items()
    yield -1, data
