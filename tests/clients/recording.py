"""The record of what was measured: the file in the product, the clients' words, the page.

The record is cells; `docs/clients.md` is prose with tables between markers, and only the
tables are written here.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from appliance.catalogue import CASES
from tests.clients.environments import MEASURABLE
from tests.clients.measuring import Cell

ROOT = Path(__file__).parents[2]
FILE = ROOT / "appliance" / "catalogue" / "measured.json"
WORDS = Path(__file__).parent / "words.csv"
PAGE = ROOT / "docs" / "clients.md"

_VARIES = (  # what is another with every run, and what it is replaced by
    (re.compile(r"error sending request for url .*?: (?=invalid|received|stream|peer)"), ""),
    (re.compile(r"127\.0\.40\.1:\d+"), "127.0.40.1"),
    (re.compile(r"(https://[\w.-]+):\d+"), r"\1"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "TIME"),
    (re.compile(r"\w{3} \w{3} \d\d [\d:]{8} \w+ \d{4}"), "TIME"),
    (re.compile(r"\d{10}( \(UNIX\))?"), "TIME"),
    (re.compile(r" \(\d+ seconds (ago|in future)\)"), ""),
    (re.compile(r" \(encountered processing .*"), ""),
    (re.compile(r" \(_ssl\.c:\d+\)"), ""),
    (re.compile(r"(?<=EPROTO: write EPROTO )[0-9A-F]+(?=:error)"), "0"),
    (re.compile(r"To connect to \S+ insecurely.*"), ""),
)


@dataclass
class Record:
    """environments: id to version and date. cells: by case and environment."""

    environments: dict[str, dict[str, str]]
    cells: dict[tuple[str, str], Cell]

    @classmethod
    def load(cls) -> Record:
        """As it was last saved; empty when there is none."""
        if not FILE.exists():
            return cls({}, {})
        kept = json.loads(FILE.read_text("utf-8"))
        said = {}
        if WORDS.exists():
            with WORDS.open(encoding="utf-8", newline="") as file:
                said = {(row["case"], row["environment"]): row for row in csv.DictReader(file)}
        cells = {
            (case, name): Cell(
                name,
                case,
                outcome,
                said.get((case, name), {}).get("alert", ""),
                said.get((case, name), {}).get("words", ""),
            )
            for case, outcomes in kept["cases"].items()
            for name, outcome in outcomes.items()
        }
        return cls(kept["environments"], cells)

    def take(self, cells: Iterable[Cell], versions: dict[str, str], today: date) -> None:
        """Put newly measured cells in place of the old ones; forget cases that are no more."""
        for cell in cells:
            self.cells[cell.case, cell.environment] = cell
            self.environments[cell.environment] = {
                "version": versions[cell.environment],
                "date": today.isoformat(),
            }
        self.cells = {key: cell for key, cell in self.cells.items() if key[0] in CASES}

    def outcomes(self, case: str) -> dict[str, str]:
        """What each environment did in `case`, in the order of the environments."""
        found = {name: self.cells.get((case, name)) for name in MEASURABLE}
        return {name: cell.outcome for name, cell in found.items() if cell}

    def save(self) -> None:
        """Write the record, a case a line, and the words beside it."""
        there = [name for name in MEASURABLE if name in self.environments]
        environments = [f"  {_json(name)}: {_json(self.environments[name])}" for name in there]
        cases = [f"  {_json(case)}: {_json(self.outcomes(case))}" for case in CASES]
        FILE.write_text(
            '{"environments": {\n'
            + ",\n".join(environments)
            + '\n},\n"cases": {\n'
            + ",\n".join(cases)
            + "\n}}\n",
            "utf-8",
        )
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(["case", "environment", "alert", "words"])
        for case in CASES:
            for name in MEASURABLE:
                cell = self.cells.get((case, name))
                if cell and cell.outcome == "refused":
                    lines.writerow([case, name, cell.alert, _steady(cell.said)])
        WORDS.write_text(text.getvalue(), "utf-8")


def differences(record: Record, cells: Iterable[Cell]) -> list[str]:
    """A line for each cell that is recorded otherwise."""
    found = []
    for cell in cells:
        kept = record.cells.get((cell.case, cell.environment))
        if kept and kept.outcome != cell.outcome:
            found.append(
                f"{cell.case}: {cell.environment} {cell.outcome}, recorded as {kept.outcome}"
                + (f" ({cell.said})" if cell.said else "")
            )
    return found


def table(cells: Sequence[Cell]) -> str:
    """What was measured, for a terminal: a case a line, an environment a column."""
    names = list(dict.fromkeys(cell.environment for cell in cells))
    cases = list(dict.fromkeys(cell.case for cell in cells))
    marks = {(cell.case, cell.environment): cell.outcome for cell in cells}
    width = max(map(len, cases), default=0)
    shown = {"accepted": "yes", "refused": "NO", "": ""}
    lines = [" " * width + "  " + "  ".join(names)]
    for case in cases:
        row = [shown[marks.get((case, name), "")].ljust(len(name)) for name in names]
        lines.append("  ".join([case.ljust(width), *row]).rstrip())
    return "\n".join(lines)


def page(record: Record) -> None:
    """Write the tables of `docs/clients.md` anew."""
    PAGE.write_text(paged(PAGE.read_text("utf-8"), record), "utf-8")


def paged(text: str, record: Record) -> str:
    """`text` with what stands between its markers written from `record`."""
    return re.sub(
        r"(<!-- measured: ([\w-]+) -->\n).*?(<!-- end -->)",
        lambda found: found[1] + _part(found[2], record) + "\n" + found[3],
        text,
        flags=re.DOTALL,
    )


def _part(name: str, record: Record) -> str:
    if name == "versions":
        return _versions(record)
    if name == "alerts":
        return _alerts(record)
    return _topic(name, record)


def _versions(record: Record) -> str:
    lines = ["| environment | measured with | on |", "|---|---|---|"]
    there = record.environments
    lines += [
        f"| `{name}` | {there[name]['version']} | {there[name]['date']} |"
        for name in MEASURABLE
        if name in there
    ]
    return "\n".join(lines)


def _topic(topic: str, record: Record) -> str:
    """The cases of one topic: those where clients differ as a table, the others as lists."""
    names = [name for name in MEASURABLE if name in record.environments]
    agreed: dict[str, list[str]] = {"accepted": [], "refused": []}
    rows = []
    for case in CASES.values():
        if case.topic != topic:
            continue
        outcomes = record.outcomes(case.name)
        if len(set(outcomes.values())) == 1:
            agreed[next(iter(outcomes.values()))].append(f"- {case.title} (`{case.name}`)")
            continue
        marks = [
            {"accepted": "yes", "refused": "**no**"}.get(outcomes.get(n, ""), "") for n in names
        ]
        rows.append(f"| {case.title} (`{case.name}`) | " + " | ".join(marks) + " |")
    parts = []
    if rows:
        head = f"| | {' | '.join(names)} |"
        parts.append("\n".join([head, "|---" * (len(names) + 1) + "|", *rows]))
    for outcome, text in (("accepted", "Accepted by all:"), ("refused", "Refused by all:")):
        if agreed[outcome]:
            parts.append("\n".join([text, "", *agreed[outcome]]))
    return "\n\n".join(parts)


def _alerts(record: Record) -> str:
    """What a server sees: for the plainest mistakes, the alert of each environment."""
    shown = {
        "unknown-authority": "unknown authority",
        "expired": "expired",
        "not-yet-valid": "not yet valid",
        "wrong-name": "wrong name",
        "eku-client-only": "not for servers",
        "ca-as-server": "an authority",
        "sha1": "weak digest",
    }
    lines = [f"| | {' | '.join(shown.values())} |", "|---" * (len(shown) + 1) + "|"]
    for name in MEASURABLE:
        cells = [record.cells.get((case, name)) for case in shown]
        marks = [
            "" if not cell else "(accepted)" if cell.outcome == "accepted" else cell.alert or "none"
            for cell in cells
        ]
        if any(marks):
            lines.append(f"| `{name}` | {' | '.join(marks)} |")
    return "\n".join(lines)


def _steady(said: str) -> str:
    for pattern, replacement in _VARIES:
        said = pattern.sub(replacement, said)
    return "".join(letter if letter.isprintable() else " " for letter in said)[:240]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
