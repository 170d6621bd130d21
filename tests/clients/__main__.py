"""`scripts/matrix`: asks real clients about the cases of the catalogue."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from appliance.catalogue import CASES, Keyring
from tests.clients.environments import MEASURABLE, Measurable
from tests.clients.measuring import Cell, measure
from tests.clients.recording import Record, differences, page, table

QUICK = (
    "good-ip",
    "good-dns",
    "expired",
    "unknown-authority",
    "wrong-name",
    "cn-only-dns",
    "self-signed-bare",
    "self-signed-leaf",
    "self-signed-ca",
    "eku-client-only",
    "ca-as-server",
    "rsa-1024",
    "identifiers-missing",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0; 1 when a client was unclear or, without --write, when a cell differs from the record."""
    parser = argparse.ArgumentParser(prog="scripts/matrix", description=__doc__)
    parser.add_argument("--clients", metavar="ID,…", help=f"of {', '.join(MEASURABLE)}; else all")
    parser.add_argument("--cases", metavar="PATTERN,…", help="as self-signed-*,expired; else all")
    parser.add_argument("--quick", action="store_true", help=f"{len(QUICK)} telling cases only")
    parser.add_argument("--write", action="store_true", help="keep what was measured")
    asked = parser.parse_args(arguments)
    clients = [MEASURABLE[name] for name in _chosen(parser, "client", asked.clients, MEASURABLE)]
    cases = list(QUICK) if asked.quick else _chosen(parser, "case", asked.cases, CASES)

    here = [client for client in clients if client.version()]
    for client in clients:
        if client not in here:
            print(f"{client.id}: left out, {client.package} is not here", file=sys.stderr)
    keys = Keyring()
    failed = False
    cells: list[Cell] = []
    with (
        tempfile.TemporaryDirectory(prefix="osbiz-matrix-") as folder,
        ThreadPoolExecutor(2) as pool,
    ):
        tasks = {
            client.id: pool.submit(_measured, client, cases, Path(folder) / client.id, keys)
            for client in here
        }
        for name, task in tasks.items():
            if error := task.exception():
                failed = True
                traceback.print_exception(error)
                print(f"{name}: {error}", file=sys.stderr)
            else:
                cells += task.result()
    print(table(cells))
    record = Record.load()
    found = differences(record, cells)
    for line in found:
        print(line, file=sys.stderr)
    if asked.write:
        today = datetime.now(UTC).date()
        record.take(cells, {one.id: one.version() or "" for one in here}, today)
        record.save()
        page(record)
    return int(failed or (bool(found) and not asked.write))


def _chosen(
    parser: argparse.ArgumentParser, kind: str, asked: str | None, there: Iterable[str]
) -> list[str]:
    names = list(there)
    if asked is None:
        return names
    chosen = []
    for pattern in asked.split(","):
        matching = [name for name in names if fnmatchcase(name, pattern)]
        if not matching:
            near = ", ".join(get_close_matches(pattern, names, 5, 0.4) or names[:5])
            parser.error(f"there is no {kind} {pattern}; there are {near} … ({len(names)})")
        chosen += matching
    return list(dict.fromkeys(chosen))


def _measured(client: Measurable, cases: list[str], folder: Path, keys: Keyring) -> list[Cell]:
    done = 0

    def tell(_: Cell) -> None:
        nonlocal done
        done += 1
        if done % 50 == 0:
            print(f"{client.id}: {done}", file=sys.stderr, flush=True)

    print(f"{client.id}: {client.version()}", file=sys.stderr, flush=True)
    cells = measure(client, cases, folder=folder, keys=keys, tell=tell)
    print(f"{client.id}: {len(cells)} cases done", file=sys.stderr, flush=True)
    return cells


if __name__ == "__main__":
    sys.exit(main())
