"""All validities on one axis of time, against now. Numbers for a drawing; knows no HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from store.certificate import Certificate
from webserver.portal.display import Validity, validity

# A certificate of a thousand years must not squeeze the others to nothing.
BEFORE, AFTER = timedelta(days=6 * 365.25), timedelta(days=12 * 365.25)
MARGIN = 0.03
MAX_BARS = 40
MAX_TICKS = 6
_DAY = timedelta(days=1)
_STEPS = (1, 2, 3, 6, 12, 24, 60)  # months from one tick to the next


@dataclass(frozen=True, slots=True)
class Span:
    """A certificate to be drawn.

    link: its page; None when this box does not hold it.
    active_on: names of nodes that serve it.
    """

    name: str
    certificate: Certificate
    link: str | None = None
    active_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A span on the axis.

    x, width: percent of the axis. cut_left, cut_right: whether it goes on beyond it.
    """

    span: Span
    life: Validity
    x: float
    width: float
    cut_left: bool
    cut_right: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A date on the axis, at `x` percent."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing. now: in percent. more: how many bars were left out."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    now: float
    more: int


def timeline(spans: Iterable[Span], now: datetime) -> Timeline:
    """`spans` on an axis that reaches as far as they do, within some years around `now`.

    First what is active, then what ends first; the longest lists are cut.
    """
    found = sorted(spans, key=lambda span: (not span.active_on, span.certificate.not_after))
    shown = found[:MAX_BARS]
    begin, end = _reach(shown, now)
    length = end - begin

    def place(moment: datetime) -> float:
        return round((moment - begin) / length * 100, 2)

    bars = []
    for span in shown:
        certificate = span.certificate
        left = min(max(place(certificate.not_before), 0.0), 99.0)
        right = min(max(place(certificate.not_after), 1.0), 100.0)
        bars.append(
            Bar(
                span=span,
                life=validity(certificate, now),
                x=left,
                width=round(max(right - left, 0.8), 2),
                cut_left=certificate.not_before < begin,
                cut_right=certificate.not_after > end,
            )
        )
    marks = tuple(Tick(place(moment), text) for moment, text in ticks(begin, end))
    return Timeline(tuple(bars), marks, place(now), len(found) - len(shown))


def _reach(spans: list[Span], now: datetime) -> tuple[datetime, datetime]:
    edges = [now - 30 * _DAY, now + 30 * _DAY]
    for span in spans:
        edges += [span.certificate.not_before, span.certificate.not_after]
    begin = max(min(edges), now - BEFORE)
    end = min(max(edges), now + AFTER)
    margin = (end - begin) * MARGIN
    return begin - margin, end + margin


def ticks(begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Round dates between `begin` and `end`, at most `MAX_TICKS`, with what to write there."""
    step = next(
        (step for step in _STEPS if (end - begin).days / (step * 30.44) <= MAX_TICKS), _STEPS[-1]
    )
    month = begin.year * 12 + begin.month - 1
    month += step - month % step  # whole years, quarters and so on
    found = []
    while (moment := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) < end:
        found.append((moment, str(moment.year) if step >= 12 else moment.strftime("%Y-%m")))
        month += step
    # A date written at the very edge would be cut off.
    room = (end - begin) * 0.04
    return [(moment, text) for moment, text in found if begin + room < moment < end - room]
