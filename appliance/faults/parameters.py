"""Parameters of faults: their bounds, and how they are read from text or JSON.

A parameter is a field of a fault's dataclass with a `Parameter` in its metadata. Reading
one refuses what is out of bounds, and names the parameter.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from store.refusals import Refused

_KEY = "parameter"
_TEXT = re.compile(r"[^\x00-\x20\x7f-\x9f\ud800-\udfff]{1,253}\Z")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one parameter may be.

    about: what it is, with its unit, in a few words.
    kind: `float`, `int`, or `str`.
    minimum, maximum: of a number, both included.
    choices: the words possible; empty for any text.
    """

    about: str
    kind: type
    minimum: float = 0.0
    maximum: float = 0.0
    choices: tuple[str, ...] = ()

    def read(self, name: str, value: object) -> Any:
        """`value` as the field's type; text is taken for numbers too. Refused otherwise."""
        if self.kind is str:
            return self._word(name, value)
        number = _number(value)
        if (
            number is None
            or not self.minimum <= number <= self.maximum
            or (self.kind is int and number != int(number))
        ):
            whole = "a whole number" if self.kind is int else "a number"
            raise refusal(name, value, f"Give {whole} from {self.minimum:g} to {self.maximum:g}.")
        return self.kind(number)

    def _word(self, name: str, value: object) -> str:
        text = value if isinstance(value, str) else None
        if self.choices:
            if text not in self.choices:
                raise refusal(name, value, f"Choose {', '.join(self.choices)}.")
        elif text is None or not _TEXT.match(text):
            raise refusal(name, value, "Give a word of 1 to 253 characters, without spaces.")
        assert text is not None
        return text

    def as_json(self, default: object) -> dict[str, Any]:
        """A JSON Schema of it."""
        schema: dict[str, Any] = {"description": self.about, "default": default}
        if self.kind is str:
            schema["type"] = "string"
            if self.choices:
                schema["enum"] = list(self.choices)
            return schema
        schema["type"] = "integer" if self.kind is int else "number"
        return schema | {"minimum": self.minimum, "maximum": self.maximum}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None  # no infinity, and nothing that is no number


def refusal(name: str, value: object, instead: str) -> Refused:
    """What to raise when `value` will not do for the parameter `name`."""
    shown = repr(value[:60]) if isinstance(value, str) else _plain(value)
    return Refused.because(
        "fault-parameter", f"{name} can't be {shown}.", field=name, instead=instead
    )


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    if isinstance(value, int | float) and abs(value) < 1e15:
        return f"{value:g}"
    return "that"


def seconds(default: float, about: str, *, maximum: float = 3600.0) -> Any:
    """A field for a time in seconds."""
    return number(default, about, minimum=0.0, maximum=maximum)


def number(default: float, about: str, *, minimum: float, maximum: float) -> Any:
    """A field for a number; a whole one when `default` is."""
    kind = int if isinstance(default, int) else float
    return _field(default, Parameter(about, kind, minimum, maximum))


def word(default: str, about: str, *choices: str) -> Any:
    """A field for a word, one of `choices` if there are any."""
    return _field(default, Parameter(about, str, choices=choices))


def _field(default: object, parameter: Parameter) -> Any:
    return dataclasses.field(default=default, metadata={_KEY: parameter})


def parameters_of(fault: type) -> dict[str, tuple[Parameter, Any]]:
    """The parameters of a fault's dataclass by name, each with its default."""
    return {
        field.name: (field.metadata[_KEY], field.default)
        for field in dataclasses.fields(fault)
        if _KEY in field.metadata
    }
