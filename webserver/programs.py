"""What kind of program a command is, as far as its clock can be moved from outside.

Reads the file of the command: ELF headers by the System V ABI, and the first line of
scripts. `libfaketime` is loaded into a program by the dynamic linker and stands between it
and the C library; a program that does without one of the two does not notice.
"""

from __future__ import annotations

import mmap
import os
import shutil
import stat
import struct
from pathlib import Path

_PT_INTERP, _PT_NOTE = 3, 4
_GO_NOTE = b"Go\x00\x00"
_GO_BUILD = b"\xff Go buildinf:"
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
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            segments = _segments(data)
            go = _GO_NOTE in segments.get(_PT_NOTE, b"") or data.find(_GO_BUILD) >= 0
    except (struct.error, ValueError, IndexError):
        return f"{name} is no program that can be understood"
    if go:
        return f"{name} is a Go program, which asks the kernel for the time itself"
    if _PT_INTERP not in segments:
        return f"{name} is statically linked, so nothing can be loaded into it"
    if b"musl" in segments[_PT_INTERP]:
        return f"{name} uses another C library (musl) than faketime"
    mode = path.stat().st_mode
    if mode & (stat.S_ISUID | stat.S_ISGID) and os.geteuid() != 0:
        return f"{name} runs with another user's rights, which keeps libraries out"
    return None


# Where a header says what, and what a segment's header is made of: type, offset, size.
_LAYOUTS = {True: ("Q", 32, 54, "I4xQ16xQ"), False: ("I", 28, 42, "II8xI")}


def _segments(data: mmap.mmap) -> dict[int, bytes]:
    """The segments of an ELF file by type, as far as they matter here; of one type joined."""
    order = "<" if data[5] == 1 else ">"
    word, at, sizes_at, layout = _LAYOUTS[data[4] == 2]
    (offset,) = struct.unpack_from(order + word, data, at)
    size, count = struct.unpack_from(order + "HH", data, sizes_at)
    found: dict[int, bytes] = {}
    for number in range(count):
        kind, start, length = struct.unpack_from(order + layout, data, offset + number * size)
        if kind in (_PT_INTERP, _PT_NOTE):
            found[kind] = found.get(kind, b"") + data[start : start + length]
    return found
