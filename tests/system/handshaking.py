"""A client that shakes hands again and again, and tells what it was shown when its input ends.

In a process of its own (`python -m tests.system.handshaking URL`), so that it does not take the
time of whoever does something to the box meanwhile.
"""

from __future__ import annotations

import json
import select
import sys
from collections import Counter

from tests.clients import served

PAUSE_SECONDS = 0.02  # else one core would have time for nothing but handshakes


def shake_hands(url: str) -> dict[str, object]:
    """How often which public key was shown, and what went wrong."""
    shown: Counter[str] = Counter()
    failures: list[str] = []
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        try:
            shown[str(served(url).public_key)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            failures.append(repr(error))
    return {"shown": shown, "failures": failures}


if __name__ == "__main__":
    print(json.dumps(shake_hands(sys.argv[1])))
