"""A box that works until it is killed; run as `python -m tests.appliance.victim`.

It imports, activates, moves and removes, and writes what it holds to standard output after
each commit, one JSON line at a time. So that fifty deaths do not cost fifty starts of Python,
the process forks a child for each data directory that it reads, and says when that is dead.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from appliance.box import Box
from store.inventory import Kind
from tests.helpers import PASSPHRASE, a_box, a_key, certificate_der, key_der

ADDRESSES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


def state(box: Box) -> dict[str, Any]:
    """What a box holds, as JSON can say it."""
    journal = box.store.journal.since()
    return {
        "seq": journal[-1].seq,
        "active": box.active.id,
        "lan_ip": box.lan_ip,
        "holdings": list(box.holdings),
    }


def work(directory: Path) -> None:
    """Change and tell, without end."""
    box = a_box(directory)
    report(box)
    imported = box.holdings[next(iter(box.holdings))].certificate
    assert imported is not None
    for turn in itertools.count():
        if turn % 4 == 0:
            box.commit(box.prepare_move(next(a for a in ADDRESSES if a != box.lan_ip)))
        elif turn % 4 == 1:
            certificate = box.active.certificate
            assert certificate is not None
            assert certificate.key is not None
            box.import_files(
                name=f"imported {turn}",
                passphrase=PASSPHRASE,
                certificate=certificate_der(certificate.leaf),
                key=key_der(certificate.key),
            )
        elif turn % 4 == 2:
            newest = [held.id for held in box.holdings.values() if held.kind is Kind.IMPORTED][-1]
            box.commit(box.prepare_activation(newest))
        else:
            oldest = next(held for held in box.holdings if held != box.active.id)
            box.commit(box.prepare_removal(oldest))
        report(box)


def report(box: Box) -> None:
    """One line, whole or not at all: shorter than PIPE_BUF."""
    os.write(1, json.dumps(state(box)).encode() + b"\n")


def main() -> None:
    """Fork a worker for each line read; tell its process id, and its death."""
    for number in range(4):
        a_key(number)  # made once, so that the children have them
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                work(Path(line.strip()))
            finally:
                os._exit(1)
        os.write(1, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        os.write(1, b'"dead"\n' if died else b'"failed"\n')


if __name__ == "__main__":
    main()
