"""Runs the benchmarks, and prints one table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .activation import activation
from .durable import durable
from .fixture import fixture
from .handshakes import handshakes
from .many import many
from .measuring import Scale
from .polls import polls
from .report import Row, Skipped, table
from .start import start
from .suite import suite

BENCHMARKS: dict[str, Callable[[Scale], Iterator[Row | Skipped]]] = {
    "handshakes": handshakes,
    "activation": activation,
    "fixture": fixture,
    "suite": suite,
    "start": start,
    "durable": durable,
    "polls": polls,
    "many": many,
}


def main() -> int:
    """1 when a benchmark could not be run; a missed goal is told, and no failure."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    names = ", ".join(BENCHMARKS)
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=list(BENCHMARKS), help=f"one of {names}"
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the result there too")
    arguments = parser.parse_args()
    scale = Scale(rounds=3, seconds=0.7, repeats=5) if arguments.quick else Scale()

    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"Others use this machine (load {load:.1f}): ratios are less sure", file=sys.stderr)
    rows: list[Row | Skipped] = []
    failed = False
    for name in arguments.only or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows.extend(BENCHMARKS[name](scale))
        except (OSError, RuntimeError, ImportError) as error:
            failed = True
            rows.append(Skipped(name, f"{type(error).__name__}: {error}"))
    print(table(rows))
    if arguments.json:
        machine: dict[str, object] = {
            "python": platform.python_version(),
            "cores": len(os.sched_getaffinity(0)),
        }
        machine["load_before"] = load
        result = {**machine, "quick": arguments.quick, "rows": [row.as_json() for row in rows]}
        arguments.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
