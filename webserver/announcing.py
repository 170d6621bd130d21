"""Where the boxes that run say so, for commands of the same user that were told no box.

One file a process, readable by nobody else: it holds the control API's token. A box that
can't announce itself runs all the same; it has to be named then.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def folder() -> Path:
    """Where this user's programs leave what other programs of hers look for; may not be there."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        return Path(runtime) / "osbiz"
    return Path(tempfile.gettempdir()) / f"osbiz-{os.getuid()}"


def made() -> Path:
    """That folder, made when it was not there; PermissionError when it is somebody else's."""
    path = folder()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(path):
        raise PermissionError
    return path


def _is_ours(path: Path) -> bool:
    """Whether nobody else can write or read there: /tmp is everybody's."""
    found = path.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return ours and not found.st_mode & 0o077


@contextmanager
def announced(ready: Mapping[str, Any]) -> Iterator[None]:
    """Say, while the block runs, that there is a box, and what its ready file says. Blocks."""
    path = folder() / f"{os.getpid()}.json"
    with suppress(OSError):
        _write(path, json.dumps(ready))
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    made()
    temporary = path.with_suffix(".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(temporary, flags, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def running() -> dict[Path, dict[str, Any]]:
    """The ready files of this user's boxes that run now, oldest first, by path."""
    place = folder()
    found: dict[Path, dict[str, Any]] = {}
    try:
        if not _is_ours(place):
            return {}
        paths = sorted(place.glob("*.json"), key=lambda path: path.stat().st_mtime)
    except OSError:
        return {}
    for path in paths:
        try:
            os.kill(int(path.stem), 0)
            found[path] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue  # it ended without a word, or is just ending
    return found
