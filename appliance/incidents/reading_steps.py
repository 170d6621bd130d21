"""Reading the steps of an incident file: when each is, what is done in it, what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from appliance.faults import read_fault
from appliance.incidents.actions import ACTIONS, read_wanted
from appliance.incidents.fields import EXPECT, NODE, STEP
from appliance.incidents.form import (
    ALL,
    OTHERS,
    Action,
    Expectation,
    Names,
    NodeExpectation,
    Step,
)
from appliance.incidents.places import Path
from appliance.incidents.sections import Field, Mistakes, read_table, read_value
from appliance.redating import SPANS, Redating
from store.certificate import iso_time
from store.refusals import Refused

MAX_STEPS = 500
_ENDPOINTS = {"portal": True, "wsi": True, "wsi_http": False}  # and whether each speaks TLS
REDATING = (*SPANS, "not_before", "not_after")
_AS_IT_IS = Field(lambda value: value, "", "")


class StepReading:
    """Reads the steps of one file; what is wrong goes to `mistakes`."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes

    def _table(self, values: object, place: Path, fields: Mapping[str, Field]) -> dict[str, Any]:
        return read_table(values, place, fields, self._mistakes)

    def steps(self, tables: Iterable[object], calendar: datetime | None) -> list[Step]:
        """The steps in `tables`, from when the box's calendar says `calendar`.

        None when that is not known; then they are only looked over.
        """
        found: list[Step] = []
        for position, table in enumerate(tables):
            place: Path = ("step", position)
            for values in self._repeated(table, place):
                step = self._step(values, place, calendar, number=len(found) + 1)
                if step is None:
                    continue
                if len(found) == MAX_STEPS:
                    self._mistakes.add(place, "there are too many steps.", f"at most {MAX_STEPS}.")
                    return found
                found.append(step)
                calendar = _calendar_after(step)
        if not found and calendar is not None and not len(self._mistakes):
            self._mistakes.add(("step",), "there is none.", "at least one [[step]].")
        return found

    def _repeated(self, table: object, place: Path) -> list[object]:
        """The tables of a step that is repeated, `{n}` filled in; just it, when it is not."""
        if not isinstance(table, dict) or "every" not in table:
            if isinstance(table, dict) and "times" in table:
                self._mistakes.add((*place, "times"), "it is not said after how long.", "every.")
            return [table]
        every, times = (self._value(table, place, name) for name in ("every", "times"))
        one = {key: value for key, value in table.items() if key not in ("every", "times")}
        if every is None or times is None:
            return [_numbered_texts(one, 1)]
        later = one | {"at": f"+{every.total_seconds():.0f}s"}
        return [_numbered_texts(one if n == 1 else later, n) for n in range(1, times + 1)]

    def _value(self, table: Mapping[str, object], place: Path, name: str) -> Any:
        only = {name: table[name]} if name in table else {}
        return self._table(only, place, {name: STEP[name]})[name]

    def _step(
        self, table: object, place: Path, calendar: datetime | None, *, number: int
    ) -> Step | None:
        fields = {**STEP, **dict.fromkeys(ACTIONS, _AS_IT_IS)}
        values = self._table(table, place, fields)
        actions: list[Action] = []
        for kind in table if isinstance(table, dict) else ():
            if kind in ACTIONS:  # in the order in which they are written
                actions += self._actions(kind, values[kind], (*place, kind))
        expect = self._expect(values["expect"], (*place, "expect"))
        at = values["at"]
        if at is None or calendar is None:
            return None
        if isinstance(at, timedelta):
            try:
                at = calendar + at
            except OverflowError:
                self._mistakes.add((*place, "at"), "no calendar goes that far.", "less.")
                return None
        if at < calendar:
            self._mistakes.add(
                (*place, "at"),
                f"{iso_time(at)} is over: the box's calendar is at {iso_time(calendar)} by then.",
                "a later time, or a clock action in the step before.",
            )
        return Step(
            number=number,
            at=at,
            title=values["title"] or "",
            text=values["text"],
            jump=values["jump"],
            actions=tuple(actions),
            expect=expect,
            place=place,
        )

    def _actions(self, kind: str, given: object, place: Path) -> list[Action]:
        form = ACTIONS[kind]
        if isinstance(given, list) and not (form.short and kind in ("trust", "distrust")):
            return [
                action
                for number, one in enumerate(given)
                for action in self._actions(kind, one, (*place, number))
            ]
        if not isinstance(given, dict) and form.short is not None:
            values = {name: one.default for name, one in form.fields.items()}
            values[form.short] = read_value(given, place, form.fields[form.short], self._mistakes)
            if form.more:
                self._check_fault(values["name"], {}, place)
            return [Action(kind, values | ({"parameters": {}} if form.more else {}), place)]
        own, others = given, {}
        if form.more and isinstance(given, dict):
            own = {key: value for key, value in given.items() if key in form.fields}
            others = {key: value for key, value in given.items() if key not in form.fields}
        values = self._table(own, place, form.fields)
        if kind in ("make", "obtain"):
            return [Action(kind, {"wanted": read_wanted(values, place, self._mistakes)}, place)]
        if form.more:
            self._check_fault(values["name"], others, place)
        if kind == "redate":
            self._check_redating(values, place)
        if kind == "clock" and (values["now"] is None) == (values["shift"] is None):
            self._mistakes.add(place, "it is not clear where to.", "now or shift.")
        return [Action(kind, values | ({"parameters": others} if form.more else {}), place)]

    def _check_redating(self, values: Mapping[str, Any], place: Path) -> None:
        try:
            Redating(**{name: values[name] for name in REDATING})
        except Refused as refused:
            for why in refused.refusals:
                field = str(why.field)
                inner = place if values[field] is None else (*place, field)
                self._mistakes.add(inner, why.message, why.instead)

    def _check_fault(self, name: str | None, given: Mapping[str, Any], place: Path) -> None:
        """What a fault is given beside its name: parameters of its own, and limits."""
        if name is None:
            return
        try:
            read_fault(name, given, endpoints=_ENDPOINTS)
        except Refused as refused:
            for why in refused.refusals:
                field = why.field if why.field in given else None
                inner = place if field is None else (*place, field)
                self._mistakes.add(inner, why.message, why.instead)

    def _expect(self, table: object, place: Path) -> Expectation:
        if table is None:
            return Expectation()
        values = self._table(table, place, EXPECT)
        nodes = [self._node("system", values, place)]
        if values["booster"] is not None:
            inner = (*place, "booster")
            nodes.append(self._node("booster", self._table(values["booster"], inner, NODE), inner))
        self._check_sides((values["cut_off"], values["connected"]), place)
        return Expectation(
            nodes=tuple(node for node in nodes if node != NodeExpectation(node.node)),
            cut_off=values["cut_off"],
            connected=values["connected"],
        )

    def _node(self, node: str, values: dict[str, Any], place: Path) -> NodeExpectation:
        outcomes = [values[name] for name in ("refused", "warned", "accepted")]
        self._check_sides(outcomes, place)
        return NodeExpectation(
            node,
            serves=values["serves"],
            refused=outcomes[0],
            warned=outcomes[1],
            accepted=outcomes[2],
        )

    def _check_sides(self, sides: Sequence[Names | None], place: Path) -> None:
        """Nobody can be on two sides."""
        if (
            sides.count(OTHERS) > 1
            or (ALL in sides and any(one is not None and one != ALL for one in sides))
            or sides.count(ALL) > 1
        ):
            self._mistakes.add(place, "it is said twice what they do.", "all, or others once.")
        named = [one for one in sides if isinstance(one, frozenset)]
        both = {name for one in named for name in one if sum(name in other for other in named) > 1}
        if both:
            self._mistakes.add(place, f"{', '.join(sorted(both))} can't do both.", "one of them.")


def _numbered_texts(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, list):
        return [_numbered_texts(one, number) for one in value]
    if isinstance(value, dict):
        return {key: _numbered_texts(one, number) for key, one in value.items()}
    return value


def _calendar_after(step: Step) -> datetime:
    """What the box's calendar says when a step is done."""
    calendar = step.at
    for action in step.actions:
        if action.kind == "clock":
            shift = action.values.get("shift")
            calendar = action.values.get("now") or calendar + (shift or timedelta(0))
    return calendar
