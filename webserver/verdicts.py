"""A question to the trust model and its answer, as the command and the control API have them.

Values and their JSON; knows no file and no HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from appliance.trust import Anchor, Status, Verdict, judge
from store.certificate import iso_time
from webserver.foreign_facts import facts_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be judged.

    host: None when no name is to be checked. environments: ids; None for all.
    """

    chain: tuple[x509.Certificate, ...]
    anchors: tuple[Anchor, ...]
    host: str | None
    at: datetime
    environments: tuple[str, ...] | None = None
    status: Status = Status()  # noqa: RUF009 - a frozen value


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its verdicts.

    notes: what was left out, in sentences; a reader must not take it for looked at.
    """

    question: Question
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The contract's `verdicts`, with what was asked around it."""
        question = self.question
        return {
            "host": question.host,
            "at": iso_time(question.at),
            "chain": [facts_of(certificate) for certificate in question.chain],
            "anchors": [
                {
                    "origin": anchor.origin.value,
                    "subject": facts_of(anchor.certificate)["subject"],
                    "fingerprint_sha256": facts_of(anchor.certificate)["fingerprint_sha256"],
                }
                for anchor in question.anchors
            ],
            "notes": list(self.notes),
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
        }


def judged(question: Question) -> Judged:
    """Judge. Refused as `judge` refuses."""
    verdicts = judge(
        question.chain,
        host=question.host,
        anchors=question.anchors,
        at=question.at,
        environments=question.environments,
        status=question.status,
    )
    notes = []
    if question.host is None:
        notes.append("No name was given, so names were not looked at.")
    if not question.anchors:
        notes.append("No anchor was given, so the clients trust nothing.")
    return Judged(question, tuple(verdicts), tuple(notes))
