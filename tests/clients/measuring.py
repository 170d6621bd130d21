"""One client asked about many cases."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from appliance.catalogue import CASES, Keyring
from tests.clients.environments import Measurable
from tests.clients.questions import Client, Needs, Unclear
from tests.clients.serving import Zoo, serving

SOUND, EXPIRED = "good-ip", "expired"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """What one client did in one case.

    outcome: `accepted` or `refused`. alert: the one that it sent, by name; empty when none.
    said: its words.
    """

    environment: str
    case: str
    outcome: str
    alert: str
    said: str


def measure(
    client: Measurable,
    cases: Iterable[str],
    *,
    folder: Path,
    keys: Keyring,
    tell: Callable[[Cell], None] = lambda _: None,
) -> list[Cell]:
    """Its cells, in the order of `cases`, each told to `tell` as it comes.

    Unclear when it does not first accept a sound certificate and refuse an expired one: then
    all else that it says would mean nothing.
    """
    wanted = list(dict.fromkeys([SOUND, EXPIRED, *cases]))
    cells: dict[str, Cell] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with serving({name: CASES[name] for name in wanted}, folder, keys) as zoo:
        with closing(client.start(Needs(zoo.anchors, folder))) as running:
            for name in wanted:
                if CASES[name].frozen:
                    continue
                cells[name] = _cell(client, running, zoo, name)
                tell(cells[name])
                expected = {SOUND: "accepted", EXPIRED: "refused"}.get(name)
                if expected and cells[name].outcome != expected:
                    raise Unclear(f"{client.id} is not sane: {cells[name]}")
        for name in wanted:
            if CASES[name].frozen and client.stops and shutil.which("faketime"):
                clock = zoo.at(name)
                with closing(client.start(Needs(zoo.anchors, folder, clock))) as running:
                    cells[name] = _cell(client, running, zoo, name)
                tell(cells[name])
    return list(cells.values())


def _cell(client: Measurable, running: Client, zoo: Zoo, name: str) -> Cell:
    timed = bool(CASES[name].asked)
    for left in reversed(range(_TRIES)):
        if timed:
            zoo.renew(name, seconds=2)
        seen = len(zoo.handshakes(name))
        try:
            answer = running.ask(zoo.question(name))
        except Unclear:
            if not left:
                raise
            continue
        if not timed or zoo.in_time(name):
            break
    else:
        raise Unclear(f"{name}: never in time")
    alert = "" if answer.outcome == "accepted" else _alert(zoo, name, seen)
    return Cell(client.id, name, answer.outcome, alert, answer.said.strip())


def _alert(zoo: Zoo, name: str, seen: int) -> str:
    """The first alert that the client sent in the handshakes after the first `seen`."""
    for _ in range(50):  # the server may hear of it later than we
        records = zoo.handshakes(name)[seen:]
        if records and all(one.outcome != "open" for one in records):
            break
        time.sleep(0.02)
    alerts = [one.alert for one in records if one.alert]
    return next((one.name for one in alerts if one.sender == "client"), "")
