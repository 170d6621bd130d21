"""Spans of time as people write them: `10s`, `90d`, `-2h`, `1d12h`, `500ms`.

Used wherever a length of time comes in as text: options, settings, the control API and
incident files. Knows no calendar: months and years have no fixed length and are not taken.
"""

from __future__ import annotations

import math
import re
from datetime import timedelta

from store.refusals import Refused

UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(ms|[smhdw])")
_WHOLE = re.compile(rf"([+-]?)((?:{_PART.pattern})+)", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
EXAMPLES = "Write it as 10s, 90d, 1d12h or 500ms; units are ms, s, m, h, d and w."


def parse_span(value: object, *, field: str, instead: str = EXAMPLES) -> timedelta:
    """A length of time from text like `1d12h` or from a number of seconds; may be negative.

    Refused (`duration`) when it is neither, or longer than a calendar.
    """
    try:
        return _read(value)
    except (ValueError, OverflowError):
        raise Refused.because(
            "duration", f"{str(value)[:60]!r} is no duration.", field=field, instead=instead
        ) from None


def _read(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError
        return timedelta(seconds=value)
    text = value.strip() if isinstance(value, str) else ""
    if _NUMBER.fullmatch(text):
        return timedelta(seconds=float(text))
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        raise ValueError
    parts = (float(number) * UNITS[unit] for number, unit in _PART.findall(whole[2]))
    total = sum(parts, timedelta(0))
    return -total if whole[1] == "-" else total


def format_span(span: timedelta) -> str:
    """`span` as `parse_span` reads it, in at most three units: `1d12h`, `-10s`, `0s`."""
    sign, rest = ("-", -span) if span < timedelta(0) else ("", span)
    parts: list[str] = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, UNITS[unit])
        if count and len(parts) < 3:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts) if parts else "0s"
