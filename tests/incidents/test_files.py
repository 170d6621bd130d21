"""Incident files: read with their lines, and every mistake told with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.incidents import find_incident, incident_names, read_incident
from appliance.incidents.places import places
from appliance.incidents.writing import toml
from store.refusals import Refused

NAMED = {
    "2024-01-01", "ip-change-undoes-trust", "forgotten-renewal", "47-day-rehearsal",
    "intermediate-expired", "root-expired", "clock-at-1970", "booster-left-behind",
    "renewed-not-activated", "ten-years-on-ios",
}  # fmt: skip

GOOD = """\
title = "T"
summary = "S"
[start]
clock = 2026-01-01T00:00:00Z
trusted = "CA"
booster = true
[[authority]]
name = "CA"
[[certificate]]
name = "One"
authority = "CA"
active_on = ["system", "booster"]
[[client]]
name = "Reception"
profile = "mycontacts"
[[step]]
at = "+1d"
title = "First"
obtain = { name = "Two", authority = "CA" }
activate = "Two"
[step.expect]
serves = "Two"
refused = "others"
accepted = ["curl",
  "openssl"]
booster = { serves = "One" }
[[step]]
at = "+1h"
every = "1h"
times = 3
title = "Again {n}"
"""


def read(text: str) -> Any:
    return read_incident(text.encode(), name="mine")


def mistakes(text: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        read(text)
    assert {refusal.code for refusal in caught.value.refusals} == {"incident"}
    return [str(refusal) for refusal in caught.value.refusals]


def test_the_incidents_of_the_issue_are_there_and_can_be_read() -> None:
    assert set(incident_names()) >= NAMED
    for name in incident_names():
        incident = find_incident(name)
        assert incident.prevention, name
        assert any(step.expect.nodes for step in incident.steps), name


def test_a_step_is_a_time_after_the_one_before_and_may_be_repeated() -> None:
    incident = read(GOOD)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [(step.at - begin) / timedelta(hours=1) for step in incident.steps]
    assert hours == [24, 25, 26, 27]
    assert [step.title for step in incident.steps][1:] == ["Again 1", "Again 2", "Again 3"]
    assert [action.kind for action in incident.steps[0].actions] == ["obtain", "activate"]


LOST = """\
[[step]]
at = 2026-02-01
title = "Lost"
clock = 1970-01-01
[[step]]
at = "+1h"
title = "Then"
"""


def test_after_the_clock_was_set_steps_follow_the_new_calendar() -> None:
    assert read(GOOD + LOST).steps[-1].at == datetime(1970, 1, 1, 1, tzinfo=UTC)


# Each: what is changed in the good file, the line of the mistake, its field, what was expected.
WRONG = [
    ('title = "T"', 'titel = "T"', 1, "titel", "title?"),
    ('summary = "S"', "summary = 7", 2, "summary", "text of 1 to"),
    ("clock = 2026-01-01T00:00:00Z", "", 3, "start.clock", "time"),
    ("clock = 2026-01-01T00:00:00Z", "clock = 12:00:00", 4, "start.clock", "a time such as"),
    ("clock = 2026-01-01T00:00:00Z", 'clock = "noon"', 4, "start.clock", "ISO 8601"),
    ("clock = 2026-01-01T00:00:00Z", "clock = 1949-01-01", 4, "start.clock", "1970 to 9000"),
    ('trusted = "CA"', 'trusted = ["CA", "CB"]', 5, "start.trusted", "one of: CA"),
    ("booster = true", 'booster = "127.0.0.300"', 6, "start.booster", ""),
    ("booster = true", "booster = false", 12, "certificate[1].active_on", "booster = true"),
    ('name = "CA"', 'name = ["CA"]', 8, "authority[1].name", "a name of 1 to 64"),
    ('name = "One"', 'name = "default"', 10, "certificate[1].name", "another name"),
    ('profile = "mycontacts"', 'profile = "mycontact"', 15, "client[1].profile", "(mycontacts?)"),
    ('at = "+1d"', 'at = "+1y"', 17, "step[1].at", "units are"),
    ('at = "+1d"', 'at = "2025-12-31"', 17, "step[1].at", "a later time"),
    ('authority = "CA" }', 'authority = "CB" }', 19, "step[1].obtain.authority", "one of: CA"),
    ('authority = "CA" }', 'authority = "CA", san = ["IP:x"] }', 19, "step[1].obtain.san", "DNS:"),
    ('activate = "Two"', 'activate = "Three"', 20, "step[1].activate", "Two"),
    ('activate = "Two"', "activate = {}", 20, "step[1].activate.certificate", "name"),
    ('activate = "Two"', 'reactivate = "Two"', 20, "step[1].reactivate", "activate?"),
    ('activate = "Two"', "clock = {}", 20, "step[1].clock", "now or shift"),
    ('activate = "Two"', 'fault = "delai"', 20, "step[1].fault", "delay"),
    ('activate = "Two"', 'fault = { name = "delay", x = 1 }', 20, "step[1].fault.x", "seconds"),
    ('serves = "Two"', 'serves = "Nine"', 22, "step[1].expect.serves", "One"),
    ('refused = "others"', 'refused = "all"', 21, "step[1].expect", "others once"),
    ('  "openssl"]', '  "opensl"]', 25, "step[1].expect.accepted[2]", "(openssl?)"),
    ('booster = { serves = "One" }', "booster = 5", 26, "step[1].expect.booster", "a table with"),
    ('every = "1h"', "", 30, "step[2].times", "every"),
    ("times = 3", "times = 0", 30, "step[2].times", "1 to 1000"),
    ('every = "1h"', 'every = "-1h"', 29, "step[2].every", "positive"),
    ('title = "T"', 'title = "\\u001b[2J"', 1, "title", "none of them for control"),
    ('name = "Reception"', 'name = "a\\u0007"', 14, "client[1].name", "a name of 1 to 64"),
    ("booster = true", 'booster = "127.0.0.2"', 3, "start.lan_ip", "another one"),
    ('name = "CA"', 'name = "CA"\nvalidity = "999999d"', 9, "authority[1].validity", "300000d"),
    (
        'name = "One"',
        'name = "One"\ncommon_name = "{ip}"',
        11,
        "certificate[1].common_name",
        "lan_ip",
    ),
    (
        'name = "One"',
        'name = "Z"\nactive_on = "system"\n[[certificate]]\nname = "One"',
        15,
        "certificate[2].active_on",
        "one certificate a node",
    ),
    ('at = "+1d"', 'at = "1d"', 17, "step[1].at", "such as +31d"),
    ('at = "+1d"', "at = nan", 17, "step[1].at", "such as +31d"),
    ('activate = "Two"', "reconnect = false", 20, "step[1].reconnect", "true"),
    ('activate = "Two"', 'redate = { certificate = "Two" }', 20, "step[1].redate", "expire_in"),
    (
        'activate = "Two"',
        'redate = { certificate = "Two", expire_in = "-1d" }',
        20,
        "step[1].redate.expire_in",
        "not negative",
    ),
    ('activate = "Two"', 'lan_ip = "127.0.0.3"', 20, "step[1].lan_ip", "another one"),
    ('serves = "Two"', 'cut_off = "all"\nconnected = "all"', 21, "step[1].expect", "others once"),
    (
        'serves = "Two"',
        'cut_off = "Reception"\nconnected = ["Reception"]',
        21,
        "step[1].expect",
        "one of them",
    ),
    ('serves = "Two"', "cut_off = []", 22, "step[1].expect.cut_off", "at least one"),
]


@pytest.mark.parametrize(("good", "bad", "line", "field", "expected"), WRONG)
def test_a_mistake_is_told_with_line_field_and_what_was_expected(
    good: str, bad: str, line: int, field: str, expected: str
) -> None:
    assert GOOD.count(good) == 1
    found = mistakes(GOOD.replace(good, bad))
    told = [one for one in found if one.startswith(f"mine.toml, line {line}: {field}")]
    assert told, found
    assert expected in told[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = GOOD.replace('"T"', "1").replace("mycontacts", "x").replace("+1d", "soon")
    lines = [int(one.split("line ")[1].split(":")[0]) for one in mistakes(text)]
    assert lines == [1, 15, 17]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("title = ", 1, "Invalid value"),
        (
            'title = "T"\nsummary "S"\n',
            2,
            "Expected '=' after a key in a key/value pair, in column 9",
        ),
        ('title = "T\n', 1, "Illegal character"),
        ('a = """\n\n', 3, "Unterminated string"),
        ("[a\n", 1, "']'"),
        ("a = 1\na = 2\n", 2, "Cannot overwrite a value"),
        ("a = " + "[" * 5000, 1, "nested too deeply"),
    ],
)
def test_what_is_no_toml_is_refused_and_says_where(text: str, line: int, words: str) -> None:
    (told,) = mistakes(text)
    assert told.startswith(f"mine.toml, line {line}: ")
    assert words in told


def test_what_is_no_utf8_is_refused_with_its_line_and_a_mark_before_it_is_passed_over() -> None:
    with pytest.raises(Refused) as caught:
        read_incident(GOOD.replace('"S"', '"Sch\u00f6n"').encode("latin-1"), name="mine")
    assert str(caught.value).startswith("mine.toml, line 2: it is no text in UTF-8.")
    assert read_incident(b"\xef\xbb\xbf" + GOOD.encode(), name="mine") == read(GOOD)


def test_what_is_too_long_is_not_read() -> None:
    assert "At most 256 KiB" in mistakes("x" * 300_000)[0]


def test_a_name_that_is_nearly_right_is_hinted_at() -> None:
    with pytest.raises(Refused, match="Did you mean 2024-01-01"):
        find_incident("2024-1-1")


def test_an_incident_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused) as caught:
        find_incident("2024-01-02")
    assert "2024-01-01" in str(caught.value)
    with pytest.raises(Refused):
        find_incident("no/such/file.toml")


# Places


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner: Any = value.items() if isinstance(value, dict) else ()
    for key, one in enumerate(value) if isinstance(value, list) else inner:
        yield from paths(one, (*path, key))


KEYS = st.text(min_size=1, max_size=6)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def document(values: dict[str, Any], seed: int) -> str:
    """`values` as TOML, with tables under headings where `seed` says so, and comments."""
    lines: list[str] = []
    tables: list[tuple[str, Any]] = []
    for number, (key, value) in enumerate(values.items()):
        if isinstance(value, dict) and (seed >> number) & 1:
            tables.append((quoted(key), value))
        else:
            lines += ["# [not] = a table"] * ((seed >> number) & 3)
            lines.append(f"{quoted(key)} = {inline(value)}  # '''")
    for key, value in tables:
        lines.append(f" [ {key} ] ")
        lines += [f"{quoted(name)} = {inline(one)}" for name, one in value.items()]
    return "\n".join(lines) + "\n"


def quoted(key: str) -> str:
    return toml(key)


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(k)} = {inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(inline, value)) + " # ]\n]"
    return toml(value)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.integers(0, 1 << 12))
def test_every_value_has_a_place_and_its_line_holds_its_key(
    values: dict[str, Any], seed: int
) -> None:
    try:
        text = document(values, seed)
        read_back = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeError):
        return  # a surrogate, which TOML can't hold
    found = places(text)
    lines = text.split("\n")
    for path in paths(read_back):
        assert path in found, (path, text)
        if isinstance(path[-1], str):
            assert quoted(path[-1]) in lines[found[path] - 1]


def test_places_find_their_way_through_everything_toml_has() -> None:
    text = '''\
a.b = 1
"q \\u0041.z" = """
# no "" \\\\" """
[[step]]
at = 1979-05-27 07:32:00
expect = { refused = ["a", # c ]
  ], x.y = {z = 1} }
[step.sub]
k = ' " '
[[step]]
[[step.more]]
b = [ [1, 2],
 [3] ]
[step.more.deep]
c = 3
'''
    found = places(text)
    assert set(paths(tomllib.loads(text))) <= set(found)
    assert found["q A.z",] == 2
    assert found["step", 0, "expect", "x", "y", "z"] == 7
    assert found["step", 1, "more", 0, "b", 1, 0] == 13
    assert found["step", 1, "more", 0, "deep", "c"] == 15
