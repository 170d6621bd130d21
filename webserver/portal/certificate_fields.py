"""The fields of the certificate forms: filled in at first, read when they come back.

The whitepaper's fields (3, 4.1, 4.2) in, the model's form out. What is wrong with them is
for the model to say, but for what only a form of boxes can get wrong: parts of dates, and a
name that was typed and never added. Pure; knows no page.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from appliance.making import (
    AUTHORITY_YEARS,
    DEFAULT_ALGORITHM,
    DEFAULT_VALIDITY,
    MAX_NAMES,
    parse_form,
)
from store.inventory import Kind
from store.issuing import add_years, random_serial
from store.keys import KEY_BITS
from store.names import parse_alternative_names, parse_subject
from store.refusals import Refusal, Refused

SUBJECT = ("C", "O", "OU", "CN")
# The whitepaper's words for kinds of names, and the model's prefixes.
NAME_TYPES = (
    ("DNS", "DNS Name"),
    ("IP", "IP Address"),
    ("email", "Email Address"),
    ("URI", "Uniform Resource Indicator"),
)
TIMES = ("not_before", "not_after")
TIME_PARTS = (
    ("day", "Day"),
    ("month", "Month"),
    ("year", "Year"),
    ("hour", "Hour"),
    ("minute", "Min"),
    ("second", "Sec"),
)
# Where a message can stand; any other goes above the form.
PLACES = (
    "name",
    "serial",
    "algorithm",
    "key_bits",
    *TIMES,
    *(f"subject.{part}" for part in SUBJECT),
    "san",
    *(f"dn.{part}" for part in SUBJECT),
    "crl_distribution_point",
    "passphrase",
)
SECRETS = ("passphrase",)


def filled_in(kind: Kind, *, now: datetime) -> dict[str, str]:
    """What a new form shows: everything that has a sensible value, and nothing hidden.

    The validity starts with the present day of the box's calendar, so that clients whose
    clocks are a little behind accept the certificate at once.
    """
    fields = {
        "algorithm": DEFAULT_ALGORITHM,
        "key_bits": str(KEY_BITS),
        "san_format": "other",
        "san_type": "DNS",
        "crl_type": "URI",  # a list is fetched from somewhere
    }
    if kind is Kind.REQUEST:
        return fields
    begin = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    span = DEFAULT_VALIDITY.get(kind)
    end = add_years(begin, AUTHORITY_YEARS) if span is None else begin + span
    for time, moment in zip(TIMES, (begin, end), strict=True):
        for part, _label in TIME_PARTS:
            fields[f"{time}.{part}"] = str(getattr(moment, part))
    return fields | {"serial": str(random_serial())}


def listed_names(fields: Mapping[str, str]) -> list[str]:
    """The alternative names that were added so far, in order."""
    keys = [key for key in fields if re.fullmatch(r"san\.[0-9]{1,3}", key)]
    return [fields[key] for key in sorted(keys, key=lambda key: int(key[4:]))]


def with_names(fields: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """`fields` with `names` as the list of alternative names."""
    others = {key: value for key, value in fields.items() if not re.match(r"san\.[0-9]", key)}
    return others | {f"san.{number}": name for number, name in enumerate(names, start=1)}


def with_name_added(fields: Mapping[str, str]) -> dict[str, str]:
    """*Add*: the name that was typed moves to the list; refused when it is none."""
    wrong: list[Refusal] = []
    name = _typed_name(fields, wrong)
    names = listed_names(fields)
    if not wrong:
        parse_alternative_names([name], wrong)
    if len(names) >= MAX_NAMES:
        wrong.append(Refusal("san", f"The list has {MAX_NAMES} names.", "san", "No more fit."))
    if wrong:
        raise Refused(*wrong)
    emptied = dict.fromkeys(["san", *(f"dn.{part}" for part in SUBJECT)], "")
    return with_names({**fields, **emptied}, list(dict.fromkeys([*names, name])))


def without_name(fields: Mapping[str, str], number: str) -> dict[str, str]:
    """*Remove*: the list without its entry `number`, counted from 1."""
    names = listed_names(fields)
    kept = [name for place, name in enumerate(names, start=1) if str(place) != number]
    return with_names(fields, kept)


def _typed_name(fields: Mapping[str, str], wrong: list[Refusal]) -> str:
    if fields.get("san_format") != "dn":
        value = fields.get("san", "").strip()
        if not value:
            wrong.append(
                Refusal("san-empty", "There is no name to add.", "san", "Type one, then press Add.")
            )
        return f"{fields.get('san_type', '')}:{value}"
    parts = {part: fields.get(f"dn.{part}", "") for part in SUBJECT}
    refusals: list[Refusal] = []
    subject = parse_subject(parts, refusals)
    wrong += [replace(why, field=f"dn.{_last(why.field)}") for why in refusals]
    return "" if refusals else f"DirName:{subject.as_x509().rfc4514_string()}"


def _last(field: str | None) -> str:
    return (field or "").rpartition(".")[2]


def read_fields(
    kind: Kind, fields: Mapping[str, str], *, now: datetime, authority: str | None = None
) -> dict[str, Any]:
    """The model's form; refused with everything that is wrong, the model's reasons included.

    What this lets through the model may still refuse, for what only it knows.
    """
    wrong: list[Refusal] = []
    values: dict[str, Any] = {
        "kind": kind.value,
        "name": fields.get("name", ""),
        "algorithm": fields.get("algorithm", ""),
        "subject": {part: fields.get(f"subject.{part}", "") for part in SUBJECT},
        "san": listed_names(fields),
    }
    if fields.get("key_bits") != str(KEY_BITS):
        wrong.append(
            Refusal("key-length", "That length is not possible.", "key_bits", f"Only {KEY_BITS}.")
        )
    left_over = [fields.get("san", ""), *(fields.get(f"dn.{part}", "") for part in SUBJECT)]
    if any(text.strip() for text in left_over):
        wrong.append(
            Refusal(
                "san-not-added",
                "What is typed here is not in the list of names.",
                "san",
                "Press Add, or empty the field.",
            )
        )
    if kind is not Kind.REQUEST:
        _read_certificate_fields(fields, values, wrong)
    if kind is Kind.SERVER:
        values |= {"authority": authority, "passphrase": fields.get("passphrase", "")}
    if wrong:
        raise Refused(*wrong, *_model_refusals(values, wrong, now))
    return values


def _read_certificate_fields(
    fields: Mapping[str, str], values: dict[str, Any], wrong: list[Refusal]
) -> None:
    serial = fields.get("serial", "").strip()
    if serial:
        values["serial"] = serial
    else:
        wrong.append(
            Refusal(
                "serial",
                "The certificate has no serial number.",
                "serial",
                "Use a positive integer that this issuer has given to no other certificate.",
            )
        )
    for time in TIMES:
        moment = _moment(fields, time, wrong)
        if moment is not None:
            values[time] = moment
    if fields.get("crl_distribution_point", "").strip():
        point = fields["crl_distribution_point"].strip()
        values["crl_distribution_point"] = f"{fields.get('crl_type', '')}:{point}"


def _model_refusals(values: dict[str, Any], wrong: list[Refusal], now: datetime) -> list[Refusal]:
    try:
        parse_form(values, now=now)
    except Refused as refused:
        times_wrong = any(refusal.field in TIMES for refusal in wrong)
        return [why for why in refused.refusals if not (times_wrong and why.code == "validity")]
    return []


def _moment(fields: Mapping[str, str], time: str, wrong: list[Refusal]) -> str | None:
    texts = {part: fields.get(f"{time}.{part}", "").strip() for part, _ in TIME_PARTS}
    trouble = []
    for part, label in TIME_PARTS:
        if not texts[part]:
            trouble.append(f"{label} is empty.")
        elif not re.fullmatch(r"[0-9]{1,4}", texts[part]):
            trouble.append(f"{label} {texts[part][:20]!r} is no number.")
    if not trouble:
        numbers = {part: int(text) for part, text in texts.items()}
        trouble = _not_on_the_calendar(numbers)
        if not trouble:
            return datetime(**numbers, tzinfo=UTC).isoformat()
    wrong.append(
        Refusal("date", " ".join(trouble), time, "Write it like 17, 11, 2023 and 0, 0, 0 (GMT).")
    )
    return None


def _not_on_the_calendar(numbers: Mapping[str, int]) -> list[str]:
    day, month, year = numbers["day"], numbers["month"], numbers["year"]
    hour, minute, second = numbers["hour"], numbers["minute"], numbers["second"]
    trouble = []
    if year == 0:
        trouble.append("There is no year 0.")
    elif not 1 <= month <= 12:
        trouble.append(f"There is no month {month}.")
    elif not 1 <= day <= monthrange(year, month)[1]:
        trouble.append(f"Month {month} of {year} has no day {day}.")
    if hour > 23 or minute > 59 or second > 59:
        trouble.append(f"There is no time {hour}:{minute:02}:{second:02}.")
    return trouble
