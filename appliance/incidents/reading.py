"""From the text of an incident file to an `Incident`; everything wrong is told at once.

Which fields there are is in `fields` and `actions`, whether the story holds together is in
`story`; what a step holds is read in `reading_steps`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from appliance.incidents.actions import read_life, read_wanted
from appliance.incidents.fields import AUTHORITY, CERTIFICATE, CLIENT, START, TOP
from appliance.incidents.form import Authority, Client, Incident, Present, Start
from appliance.incidents.places import Path, places
from appliance.incidents.reading_steps import StepReading
from appliance.incidents.sections import Field, Mistakes, read_table
from appliance.incidents.story import check_story
from appliance.trust import Origin
from store.refusals import Refused

MAX_BYTES = 256 * 1024
# How the standard library says where a mistake is.
_TOLD = re.compile(
    r"(?P<words>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)",
    re.DOTALL,
)
AUTHORITY_LIFE = timedelta(days=3652)


def read_incident(data: bytes, *, name: str, file: str | None = None) -> Incident:
    """The incident in the bytes of a file.

    name: what it is called. file: what messages call the file; None for `name.toml`.
    Refused (`incident`) with everything that is wrong, each with its line and field and what
    was expected; when it is no TOML, with the first place where it is none.
    """
    file = file or f"{name}.toml"
    if len(data) > MAX_BYTES:
        raise Refused.because(
            "incident", f"{file} is too long.", instead=f"At most {MAX_BYTES // 1024} KiB."
        )
    text, values = _toml(data, file)
    mistakes = Mistakes(file, places(text))
    incident = _Reading(mistakes).incident(name, values, source=text)
    mistakes.refuse()
    assert incident is not None
    check_story(incident, mistakes)
    mistakes.refuse()
    return incident


def _toml(data: bytes, file: str) -> tuple[str, dict[str, Any]]:
    """The text and what TOML makes of it; refused with the line where it is none."""
    expected = "tables and `name = value`, texts in quotes (see toml.io)."
    try:
        text = data.decode("utf-8-sig")  # Windows' editors put a mark in front of it
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line, words = data.count(b"\n", 0, error.start) + 1, "it is no text in UTF-8"
        expected = "a file saved as UTF-8."
    except RecursionError:
        line, words = 1, "it is nested too deeply"
    except tomllib.TOMLDecodeError as error:
        told = _TOLD.fullmatch(str(error))
        words = "it is no TOML: " + (str(error) if told is None else told["words"])
        if told is not None and told["line"]:
            line, words = int(told["line"]), f"{words}, in column {told['column']}"
        else:
            line = text.count("\n") + 1
    raise Refused.because(
        "incident",
        f"{file}, line {line}: {words}.",
        instead=f"Expected: {expected}",
    ) from None


class _Reading:
    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes

    def _table(self, values: object, place: Path, fields: Mapping[str, Field]) -> dict[str, Any]:
        return read_table(values, place, fields, self._mistakes)

    def incident(self, name: str, values: Mapping[str, object], *, source: str) -> Incident | None:
        top = self._table(values, (), TOP)
        start = None
        if top["start"] is not None:
            start = self._start(self._table(top["start"], ("start",), START))
        calendar = None if start is None else start.clock
        steps = StepReading(self._mistakes).steps(top["step"] or (), calendar)
        authorities = [self._authority(*one) for one in _numbered("authority", top)]
        certificates = [self._present(*one) for one in _numbered("certificate", top)]
        clients = [self._client(*one) for one in _numbered("client", top)]
        if len(self._mistakes):
            return None
        assert start is not None
        return Incident(
            name=name,
            title=top["title"],
            summary=top["summary"],
            background=top["background"],
            prevention=top["prevention"],
            sources=top["sources"],
            environments=top["environments"],
            start=start,
            authorities=tuple(authorities),
            certificates=tuple(certificates),
            clients=tuple(clients),
            steps=tuple(steps),
            source=source,
        )

    def _start(self, values: dict[str, Any]) -> Start | None:
        if values["clock"] is None:
            return None
        return Start(
            clock=values["clock"],
            installed=values["installed"] or values["clock"],
            firmware=values["firmware"],
            lan_ip=values["lan_ip"],
            booster_ip=values["booster"],
            trusted=values["trusted"],
        )

    def _authority(self, place: Path, table: object) -> Authority:
        values = self._table(table, place, AUTHORITY)
        return Authority(
            name=values["name"],
            common_name=values["common_name"] or values["name"],
            origin=Origin(values["origin"]),
            life=read_life(values, place, self._mistakes, usual=AUTHORITY_LIFE),
            held_by_box=values["on_box"],
            issued_by=values["issued_by"],
        )

    def _present(self, place: Path, table: object) -> Present:
        values = self._table(table, place, CERTIFICATE)
        return Present(
            wanted=read_wanted(values, place, self._mistakes), active_on=values["active_on"]
        )

    def _client(self, place: Path, table: object) -> Client:
        values = self._table(table, place, CLIENT)
        return Client(
            name=values["name"],
            profile=values["profile"],
            count=values["count"],
            trusts=values["trusts"],
        )


def _numbered(name: str, values: Mapping[str, Any]) -> list[tuple[Path, object]]:
    return [((name, number), table) for number, table in enumerate(values[name] or ())]
