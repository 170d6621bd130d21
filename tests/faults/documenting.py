"""The tables of `docs/faults.md`, from the faults: `python -m tests.faults.documenting`."""

from __future__ import annotations

from pathlib import Path

from appliance.faults import FAULTS, Fault, Group, parameters_of
from appliance.faults.noticed import TRIED
from appliance.faults.parameters import Parameter

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_GROUPS = {
    Group.PRESENTED: "What is presented",
    Group.HANDSHAKE: "Inside the handshake",
    Group.CONNECTION: "Below and above",
}
BEGIN, END = "<!-- the tables are made by tests/faults/documenting.py -->\n", "<!-- end -->\n"
MANY = 9  # choices; more are not listed


def tables() -> str:
    """One table a group."""
    parts = []
    for group, title in _GROUPS.items():
        lines = [
            f"### {title}\n",
            "| fault | what it is for | parameters | noticed by |",
            "|---|---|---|---|",
        ]
        lines += [_line(kind) for kind in FAULTS.values() if kind.group is group]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(kind: type[Fault]) -> str:
    parameters = "<br>".join(
        f"`{name}={_plain(default)}` {parameter.about}{_bounds(parameter)}"
        for name, (parameter, default) in parameters_of(kind).items()
    )
    return f"| `{kind.name}` | {kind.about()} | {parameters} | {_noticed(kind.noticed_by())} |"


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bounds(parameter: Parameter) -> str:
    if parameter.choices:
        return f" ({', '.join(parameter.choices)})" if len(parameter.choices) < MANY else ""
    if parameter.kind is str:
        return ""
    return f" ({parameter.minimum:g} to {parameter.maximum:g})"


def _noticed(who: tuple[str, ...]) -> str:
    others = [name for name in TRIED if name not in who]
    if not who:
        return "–"
    if not others:
        return "all"
    return f"all but {', '.join(others)}" if len(others) < 4 else ", ".join(who)


def page(text: str) -> str:
    """`text` with the tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n" + tables() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
