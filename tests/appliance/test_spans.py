"""Spans of time as people write them."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.spans import format_span, parse_span
from store.refusals import Refused
from tests.helpers import fields, refusals


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10),
        ("90d", 90 * 86_400),
        ("-2h", -7200),
        ("+2h", 7200),
        ("1d12h", 129_600),
        ("500ms", 0.5),
        ("2w", 14 * 86_400),
        ("1.5m", 90),
        (" 3m ", 180),
        ("17", 17),
        ("-0.5", -0.5),
        (12, 12),
        (0.25, 0.25),
        (timedelta(days=2), 172_800),
    ],
)
def test_a_span_is_read(text: object, seconds: float) -> None:
    assert parse_span(text, field="shift") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "d", "10 s", "1y", "1d-2h", "٣s", "1e3s", True, None, [], float("inf"),
     float("nan"), "999999999999999w", 1e300],
)  # fmt: skip
def test_what_is_no_span_is_refused_with_its_field(text: object) -> None:
    assert refusals(parse_span, text, field="shift") == ["duration"]
    assert fields(parse_span, text, field="expire_in") == {"expire_in"}


@given(st.text(max_size=20) | st.from_regex(r"[+-]?([0-9.]{1,6}(ms|[smhdw])){1,3}"))
def test_any_text_is_a_span_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(parse_span(text, field="x"), timedelta)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_a_span_is_written_so_that_it_can_be_read_again(span: timedelta) -> None:
    read = parse_span(format_span(span), field="x")
    assert abs(read - span) < timedelta(hours=1)
    assert (read < timedelta(0)) <= (span < timedelta(0))
