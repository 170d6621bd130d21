"""Whether the words that the engine gives a client are the words that client was seen to use.

`python -m tests.clients.wording` tells where they are not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from appliance.catalogue import CASES, Case, Keyring
from tests.clients.agreement import Difference, tell, verdicts
from tests.clients.recording import Record

_ALIKE = (  # what may differ, and what it becomes before the two are compared
    (re.compile('[‘’“”"]'), "'"),
    (re.compile(r"^\(\d+\) "), ""),  # curl's number
    (re.compile(r"verify error:num=\d+:"), "verify error: "),
    (re.compile(r"^net::"), ""),
    (re.compile(r"OpenSSL/[\d.]+: error:[0-9A-F]+:"), "OpenSSL: "),
    (re.compile(r"(?<=write EPROTO )\w+:error:[0-9A-F]+:"), ""),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "TIME"),
    (re.compile(r"[\s\0]+"), " "),
)
_ENOUGH = 60
# Answers that are not the client's words: it said nothing, or another program did.
_SILENT = re.compile("crashes|certutil")


def said_otherwise(case: Case, keys: Keyring, record: Record) -> Iterator[Difference]:
    """The cells of `case` in which client and engine refuse, and say so in other words."""
    for verdict in verdicts(case, keys):
        cell = record.cells.get((case.name, verdict.environment))
        if cell is None or cell.outcome != "refused" or verdict.outcome == "accepted":
            continue
        if _SILENT.match(cell.said):
            continue
        if verdict.message is None or not same_words(verdict.message, cell.said):
            yield Difference(
                case.name, verdict.environment, cell.said, verdict.message or "nothing"
            )


def same_words(judged: str, measured: str) -> bool:
    """Whether one of the two is, or begins as, the other; it may have details to itself."""
    ours, theirs = _plain(judged), _plain(measured)
    return ours[:_ENOUGH] in theirs or theirs[:_ENOUGH] in ours


def _plain(text: str) -> str:
    for pattern, replacement in _ALIKE:
        text = pattern.sub(replacement, text)
    return text.strip(" .")


if __name__ == "__main__":
    KEYS, RECORD = Keyring(), Record.load()
    sys.exit(tell([one for case in CASES.values() for one in said_otherwise(case, KEYS, RECORD)]))
