"""Which real clients notice which fault: `python -m tests.faults.measuring [--write]`.

Each client that is here is asked to fetch a page from a box with one fault at a time. It
notices when it does not get the page; what it waits for longer than half a minute, it does
not. `--write` keeps the answers in `appliance/faults/noticed.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from aiohttp import web

from appliance.faults import FAULTS
from tests.clients.environments import MEASURABLE, Needs
from tests.clients.questions import Client, Question, Unclear
from tests.clients.serving import ADDRESS
from tests.faults.provoking import Provoked, provoked
from webserver.finishing import finishing

# Clients wait for ever, or nearly so: there is nothing to measure.
WAITED_FOR = ("no-answer", "silent")
# A port without TLS is asked otherwise than all the rest.
PLAIN = "tls-on-plain"
MORE = {"unavailable": {"when": "always"}, "delay": {"seconds": 0.5}}
NOTICED = Path(__file__).parents[2] / "appliance" / "faults" / "noticed.py"

_HEAD = '''"""Which environments were seen to notice which fault, by their ids.

Written by `python -m tests.faults.measuring --write`, with real clients of Debian 12; the
clients that were tried are in `TRIED`. A table only.
"""

from __future__ import annotations

from collections.abc import Mapping

'''
_BUT = """

def _all_but(*names: str) -> tuple[str, ...]:
    return tuple(name for name in TRIED if name not in names)


"""


def measured(client: Client, box: Provoked, faults: Iterable[str]) -> dict[str, bool]:
    """Whether `client` notices each of `faults`; it has to be content without any."""
    if notices(client, box, "none"):
        raise Unclear("it is not content with a box in order")
    found: dict[str, bool] = {}
    for name in faults:
        box.box.set_fault(name, **MORE.get(name, {}))
        found[name] = notices(client, box, name)
        box.box.clear_faults()
    return found


def notices(client: Client, box: Provoked, name: str) -> bool:
    """Whether it does not get the page."""
    host, port = box.address
    try:
        answer = client.ask(Question(name, host, port, host, box.ca_file, 0))
    except Unclear:
        return True
    return answer.outcome != "accepted"


def greeting(box: Provoked) -> None:
    """Have the portal say what the client is to find there."""

    async def greet(_request: web.BaseRequest) -> web.StreamResponse:
        names = list(box.box.faults()) or ["none"]
        page = web.Response(text=f"this is the case {names[0]}.")
        page.force_close()  # a kept connection has no fault
        page.headers["Cache-Control"] = "no-store"
        return page

    servers: list[web.Server] = []

    def factory() -> asyncio.Protocol:
        if not servers:  # it has to be made on the box's own event loop
            servers.append(web.Server(finishing(greet), access_log=None))
        return servers[0]()

    box.box.station.listeners["portal"].factory = factory


def plain_noticed(box: Provoked) -> dict[str, bool]:
    """Who notices TLS on the port without."""
    url = box.box.wsi_http_url + "/"
    lines = {
        "curl": ["curl", "-sS", "--max-time", "5", url],
        "wget": ["wget", "-q", "-O-", "-t1", "-T5", url],
        "node-20": ["node", "-e", f"require('http').get('{url}',r=>r.resume())"],
        "python-3.11": [sys.executable, "-c", f"import urllib.request as u;u.urlopen('{url}')"],
        "requests": [sys.executable, "-c", f"import requests;requests.get('{url}')"],
    }
    box.box.set_fault(PLAIN)
    found = {
        name: subprocess.run(line, capture_output=True, timeout=20, check=False).returncode != 0
        for name, line in lines.items()
    }
    box.box.clear_faults()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", metavar="ID,…")
    parser.add_argument("--faults", metavar="NAME,…")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    clients = given.clients.split(",") if given.clients else list(MEASURABLE)
    asked = given.faults.split(",") if given.faults else list(FAULTS)
    faults = [name for name in asked if name not in (*WAITED_FOR, PLAIN)]
    answers: dict[str, dict[str, bool]] = {}
    with tempfile.TemporaryDirectory() as folder, provoked(Path(folder), lan_ip=ADDRESS) as box:
        greeting(box)
        for name in clients:
            if not MEASURABLE[name].version():
                print(f"{name}: not here", file=sys.stderr)
                continue
            place = Path(folder) / name
            place.mkdir()
            client = MEASURABLE[name].start(Needs([box.ca_file], place))
            try:
                answers[name] = measured(client, box, faults)
            except Unclear as unclear:
                print(f"{name}: {unclear}", file=sys.stderr)
                continue
            finally:
                client.close()
            print(name, *(one for one, yes in answers[name].items() if yes), flush=True)
        if PLAIN in asked:
            for name, yes in plain_noticed(box).items():
                answers.setdefault(name, {})[PLAIN] = yes
    if given.write:
        NOTICED.write_text(table(answers))
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", NOTICED], check=True)
    return 0


def table(answers: dict[str, dict[str, bool]]) -> str:
    """The module that keeps them."""
    tried = tuple(name for name in MEASURABLE if name in answers)
    lines = [_HEAD, f"TRIED: tuple[str, ...] = {tried!r}\n", _BUT]
    lines.append("NOTICED: Mapping[str, tuple[str, ...]] = {\n")
    for fault in FAULTS:
        who = tuple(name for name in tried if answers[name].get(fault))
        others = tuple(name for name in tried if name not in who)
        if not others:
            told = "TRIED"
        elif len(others) < len(who):
            told = f"_all_but({', '.join(map(repr, others))})"
        else:
            told = repr(who)
        lines.append(f"    {fault!r}: {told},\n")
    return "".join([*lines, "}\n"])


if __name__ == "__main__":
    sys.exit(main())
