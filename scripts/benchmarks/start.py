"""From the start of the process to the first answer over HTTPS."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from . import ours, peers
from .measuring import Scale, first_answer, free_port, in_turn, process, spread
from .report import Goal, Row, Skipped

LAN_IP = "127.0.0.2"
Address = tuple[str, int]


def _seconds(command: Sequence[str | Path], address: Address, path: str) -> float:
    """Milliseconds until `command` answers."""
    begun = time.perf_counter()
    with process(command) as started:
        first_answer(address, path, started)
        return (time.perf_counter() - begun) * 1000


def _imports(command: Sequence[str | Path], address: Address, log: Path) -> str:
    """What our command spends on imports before its first answer, as the interpreter tells it."""
    with process(["env", "PYTHONPROFILEIMPORTTIME=1", *command], log=log) as started:
        first_answer(address, "/robots.txt", started)
    own: dict[str, float] = {}
    for line in log.read_text("utf-8", "replace").splitlines():
        told = line.removeprefix("import time:").split("|")
        if len(told) == 3 and told[0].strip().isdigit():
            package = told[2].strip().partition(".")[0]
            own[package] = own.get(package, 0) + int(told[0]) / 1000
    largest = sorted(own, key=own.__getitem__, reverse=True)[:5]
    listed = ", ".join(f"{package} {own[package]:.0f}" for package in largest)
    return f"imports take {sum(own.values()):.0f} ms, of these {listed}"


def start(scale: Scale) -> Iterator[Row | Skipped]:
    """A new box and one with data, against pebble and moto_server."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        peers.write_certificate(folder)
        runs: dict[str, Callable[[], float]] = {}

        def add(what: str, command: Sequence[str | Path], address: Address, path: str) -> None:
            runs[what] = lambda: _seconds(command, address, path)

        portal = free_port(LAN_IP)
        options = [*ours.ANY_PORTS, "--lan-ip", LAN_IP, "--portal-port", str(portal)]
        command: list[str | Path] = [ours.OSBIZ, "run", *options]
        add("new", [*command, "--ephemeral"], (LAN_IP, portal), "/robots.txt")
        add("stored", [*command, "--data", folder / "data"], (LAN_IP, portal), "/robots.txt")
        port = free_port()
        add("moto_server", peers.moto_server(folder, port), ("127.0.0.1", port), "/moto-api/")
        port, management = free_port(), free_port()
        pebble = peers.pebble(folder, port, management)
        if pebble is None:
            yield Skipped("process start to first HTTPS answer, pebble", "not installed")
        else:
            add("pebble", pebble, ("127.0.0.1", port), "/dir")

        for run in runs.values():  # the first of each compiles, reads from disk, installs
            run()
        taken = in_turn(runs, scale.rounds)
        imports = _imports([*command, "--ephemeral"], (LAN_IP, portal), folder / "imports.log")

    for side, what in (("new", "a new box"), ("stored", "one with data")):
        value, values = taken[side]
        parts = f"{imports}; runs took {spread(values)} ms"
        for peer, goal in (("pebble", Goal(1)), ("moto_server", None)):
            if peer in taken:
                row = f"start to first HTTPS answer, {what}"
                yield Row(row, "ms", value, peer, taken[peer][0], goal, parts)
