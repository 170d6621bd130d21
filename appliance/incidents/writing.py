"""Writing an incident file: text that `reading` reads, from what a box tells of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from appliance.incidents.recollecting import Recollection, Told
from store.certificate import iso_time

_SUMMARY = "Recorded from the journal of a box."


def written(
    *,
    box: Mapping[str, Any],
    journal: Sequence[Mapping[str, Any]],
    certificates: Sequence[Mapping[str, Any]],
    title: str | None = None,
) -> str:
    """An incident file: what `GET /v1/box`, `/v1/journal` and `/v1/certificates` tell.

    Of certificates that were removed since, only name and end are known.
    """
    recording = Recollection(box, certificates)
    recording.read(journal)
    lines = [
        f"title = {toml(title or 'Recorded at ' + box['now'])}",
        f"summary = {toml(_SUMMARY)}",
        "prevention = []",
        "",
        "[start]",
        *(f"{name} = {toml(value)}" for name, value in recording.start.items()),
        f"trusted = {toml(recording.roots())}",
    ]
    # An authority stands below the one that issued it.
    for name, values in sorted(recording.authorities.items(), key=_depth(recording.authorities)):
        lines += ["", "[[authority]]", f"name = {toml(name)}"]
        lines += [f"{key} = {toml(value)}" for key, value in values.items()]
    for step in recording.steps:
        lines += ["", *_step_lines(step)]
    return "\n".join(lines) + "\n"


def _depth(authorities: Mapping[str, Mapping[str, Any]]) -> Any:
    def depth(item: tuple[str, Any]) -> int:
        above = item[1].get("issued_by")
        return 0 if above is None else 1 + depth((above, authorities[above]))

    return depth


def _step_lines(step: Told) -> Iterable[str]:
    yield "[[step]]"
    yield f"at = {toml(iso_time(step.at))}"
    yield f"title = {toml(step.title)}"
    if step.text:
        yield f"text = {toml(step.text)}"
    for kind, value in step.actions:
        yield f"{kind} = {toml(value)}"
    if step.serves is not None or step.booster_serves is not None:
        yield "[step.expect]"
    if step.serves is not None:
        yield f"serves = {toml(step.serves)}"
    if step.booster_serves is not None:
        yield f"booster = {toml({'serves': step.booster_serves})}"


def toml(value: object) -> str:
    """A value as TOML: text, numbers, lists and tables of such."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for one character that JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {toml(one)}" for key, one in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)
