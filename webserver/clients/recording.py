"""A run as JSON lines: a head, everything that happens, and how it ended.

Written by a thread of its own, so that a slow disk slows nobody down. The format is in
docs/clients-uc.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from store.refusals import Refused
from webserver.clients.fleet import Fleet

FORMAT = 1


class Recorder:
    """Writes `fleet`'s run to the file at `path`, or to standard output where that is None.

    on_failed: called, in another thread, when it can't write on. Refused (`file`) when the
    file can't be written. Closing it writes the end.
    """

    def __init__(
        self, path: Path | None, fleet: Fleet, *, wsi: str, on_failed: Callable[[], None]
    ) -> None:
        self._path = path
        self._fleet = fleet
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._on_failed = on_failed
        self._failed: OSError | None = None
        self._file: TextIO
        try:
            self._file = sys.stdout if path is None else path.open("w", encoding="utf-8")
        except OSError as error:
            raise self._refused(error) from None
        self._thread = threading.Thread(target=self._write, name="osbiz-record")
        self._thread.start()
        self._lines.put(fleet.head() | {"record": "osbiz-clients", "format": FORMAT, "wsi": wsi})
        fleet.listeners.append(self._lines.put)

    def close(self) -> None:
        """Write the end, and all of it; refused when something could not be written.

        Nobody reading on is not minded, of standard output.
        """
        self._fleet.listeners.remove(self._lines.put)
        self._lines.put(self._fleet.end())
        self._lines.put(None)
        self._thread.join()
        if isinstance(self._failed, BrokenPipeError) and self._path is None:
            # Nor shall the interpreter try to write the rest when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        elif self._failed is not None:
            raise self._refused(self._failed)

    def _write(self) -> None:
        """Write what there is, then see that it arrives before waiting for more."""
        try:
            while (line := self._lines.get()) is not None:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                if self._lines.empty():
                    self._file.flush()
            self._file.flush()
        except OSError as error:
            self._failed = error
            self._on_failed()
        if self._path is not None:
            with contextlib.suppress(OSError):  # of what could not be written, again
                self._file.close()

    def _refused(self, error: OSError) -> Refused:
        where = self._path or "standard output"
        return Refused.because(
            "file",
            f"{where} can't be written ({error.strerror}).",
            field="record",
            instead="Give another path.",
        )
