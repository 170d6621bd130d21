"""Commands that look things up: phone book and call journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from appliance.desks import MAX_JOURNAL
from store.certificate import iso_time
from store.people import Subscriber
from store.refusals import Refused
from store.telephones import JournalEntry
from webserver.wsi.answers import element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import (
    ANY,
    COUNT,
    DEVICE,
    ENTRY,
    JOURNAL_KIND,
    NUMBER,
    TEXT,
    Parameter,
)

MAX_FOUND = 100
_USER = Parameter("user", DEVICE, ("userID",), required=False, standing="known")
_COUNT = Parameter("count", COUNT, required=False)
_TYPE = Parameter("type", JOURNAL_KIND, required=False)


def _entry(person: Subscriber) -> str:
    return element(
        "ENTRY",
        leaf("ID", person.extension),
        leaf("NAME", person.name),
        leaf("NUMBER", person.extension),
    )


def _search(asked: Asked) -> str:
    term = asked.values["searchTerm"].casefold().strip()
    people = asked.box.exchange.subscribers().values()
    found = [
        person for person in people if term in person.name.casefold() or term in person.extension
    ]
    return element("PHBOOK", leaf("COUNT", len(found)), *map(_entry, found[:MAX_FOUND]))


def _look_up(asked: Asked) -> str:
    person = asked.box.exchange.subscribers().get(asked.values["phoneNumber"])
    found = [] if person is None else [person]
    return element("PHBOOK", leaf("COUNT", len(found)), *map(_entry, found))


def _detail(asked: Asked) -> str:
    person = asked.box.exchange.subscribers().get(asked.values["entryID"])
    if person is None:
        raise Refused.because("no-such-entry", "The phone book has no such entry.")
    return element("PHBOOK", leaf("COUNT", 1), _entry(person))


def _calls(asked: Asked) -> Iterator[tuple[JournalEntry, str]]:
    """The entries that are asked for, the newest first, each with its XML."""
    exchange, values = asked.box.exchange, asked.values
    people = exchange.subscribers()
    count = values.get("count") or MAX_JOURNAL
    for entry in exchange.desks.journal(asked.user(), count=count, kind=values.get("type")):
        person = people.get(entry.number)
        yield (
            entry,
            element(
                "ENTRY",
                leaf("ID", entry.id),
                leaf("TIME", iso_time(entry.time)),
                leaf("TYPE", entry.kind),
                leaf("NUMBER", entry.number),
                leaf("NAME", "" if person is None else person.name),
                leaf("DURATION", entry.seconds),
            ),
        )


def _counted(name: str, entries: Sequence[str], *more: str) -> str:
    return element(name, *more, leaf("COUNT", len(entries)), *entries)


def _journal(asked: Asked) -> str:
    return _counted("JOURNAL", [text for _entry, text in _calls(asked)])


def _journal_by_date(asked: Asked) -> str:
    days = [
        _counted("GROUP", [text for _entry, text in group], leaf("DATE", day))
        for day, group in groupby(_calls(asked), lambda one: one[0].time.strftime("%Y/%m/%d"))
    ]
    return _counted("JOURNAL", days)


def _journal_entry(asked: Asked) -> str:
    wanted = asked.values["jid"]
    found = [text for entry, text in _calls(asked) if wanted in (None, entry.id)]
    if wanted is not None and not found:
        raise Refused.because("no-such-entry", "The journal has no such entry.")
    return _counted("JOURNAL", found)


DIRECTORY_COMMANDS = (
    Command(
        "PhBookSearch",
        _search,
        "Everybody in whose name or number the term is.",
        (Parameter("searchTerm", TEXT, ("search",)),),
        answer="PHBOOK",
    ),
    Command(
        "PhBookLookup",
        _look_up,
        "Whose number it is.",
        (Parameter("phoneNumber", NUMBER, ("number",)),),
        answer="PHBOOK",
    ),
    Command(
        "PhBookDetail",
        _detail,
        "One entry of the phone book.",
        (Parameter("entryID", ANY, ("id",)),),
        answer="PHBOOK",
    ),
    Command(
        "JournalRead",
        _journal,
        "The latest calls of somebody, the newest first.",
        (_USER, _COUNT, _TYPE),
        answer="JOURNAL",
    ),
    Command(
        "JournalGroupByDate",
        _journal_by_date,
        "The same, in groups by the day on which they began (UTC).",
        (_USER, _COUNT, _TYPE),
        answer="JOURNAL",
    ),
    Command(
        "JournalFetch",
        _journal_entry,
        "One entry; all of them, when none is named.",
        (_USER, Parameter("jid", ENTRY, required=False), _TYPE),
        answer="JOURNAL",
    ),
)
