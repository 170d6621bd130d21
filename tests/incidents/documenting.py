"""The tables of `docs/incidents.md`, from the incidents and the fields of their files.

`python -m tests.incidents.documenting` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.incidents import find_incident, incident_names
from appliance.incidents.actions import ACTIONS, WANTED, Kind
from appliance.incidents.fields import (
    AUTHORITY,
    CERTIFICATE,
    CLIENT,
    EXPECT,
    START,
    STEP,
    TOP,
)
from appliance.incidents.sections import REQUIRED, Field

PAGE = Path(__file__).parents[2] / "docs" / "incidents.md"
_LONG = 60  # lists of names that are longer stand elsewhere


def _incidents() -> str:
    lines = ["| incident | what happens |", "|---|---|"]
    for name in incident_names():
        one = find_incident(name)
        lines.append(f"| `{name}` | **{one.title}.** {one.summary} |")
    return "\n".join(lines)


def _fields(fields: Mapping[str, Field]) -> str:
    lines = ["| field | holds | |", "|---|---|---|"]
    lines += [f"| `{name}` | {one.kind} | {_meaning(one)} |" for name, one in fields.items()]
    return "\n".join(lines)


def _meaning(one: Field) -> str:
    if one.default is REQUIRED:
        return f"{one.what}; **has to be there**"
    plain = isinstance(one.default, str | int | tuple) and not isinstance(one.default, bool)
    if not plain or one.default in ("", ()):
        return one.what
    value = ", ".join(one.default) if isinstance(one.default, tuple) else one.default
    return f"{one.what} (`{value}`)"


def _actions() -> str:
    lines = ["| action | what is done | its fields |", "|---|---|---|"]
    lines += [f"| `{name}` | {one.what} | {_own(one)} |" for name, one in ACTIONS.items()]
    return "\n".join(lines)


def _own(kind: Kind) -> str:
    if kind.short == "all":
        return "`true`"
    if WANTED.keys() <= kind.fields.keys():
        return "those of `[[certificate]]`, but for `active_on`"
    fields = [
        f"`{name}`{'' if len(one.what) > _LONG else ' ' + one.what}"
        + (" **(has to be there)**" if one.default is REQUIRED else "")
        for name, one in kind.fields.items()
    ]
    return "; ".join(fields)


TABLES: Mapping[str, Callable[[], str]] = {
    "incidents": _incidents,
    "file": lambda: _fields(TOP),
    "start": lambda: _fields(START),
    "authority": lambda: _fields(AUTHORITY),
    "certificate": lambda: _fields(CERTIFICATE),
    "client": lambda: _fields(CLIENT),
    "step": lambda: _fields(STEP),
    "actions": _actions,
    "expect": lambda: _fields(EXPECT),
}
_BETWEEN = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str) -> str:
    """`text` with the tables as they are now."""
    return _BETWEEN.sub(lambda one: f"{one[1]}{TABLES[one[2]]()}\n{one[3]}", text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
