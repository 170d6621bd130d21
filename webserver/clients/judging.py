"""What the clients of a fleet trust, and their verdicts, each judged once.

A hundred clients that come back together ask the same question a hundred times in a second;
they get one answer. Knows no socket.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.trust import Anchor, Outcome, Verdict, judge
from appliance.uc_clients import Profile
from appliance.uc_words import KINDS

_KEPT = 1_000
_Question = tuple[bytes, str, str, datetime]


class Trust:
    """The anchors of a fleet, and the time by which its clients judge.

    now: that time (aware UTC); verdicts are to the second.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._anchors: tuple[Anchor, ...] = ()
        self._verdicts: dict[_Question, Verdict] = {}

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """What the clients trust; setting it is as if somebody installed it on all of them."""
        return self._anchors

    @anchors.setter
    def anchors(self, anchors: Iterable[Anchor]) -> None:
        self._anchors = tuple(anchors)
        self._verdicts.clear()

    def verdict(
        self, profile: Profile, presented: Sequence[x509.Certificate], host: str
    ) -> Verdict:
        """What a client of this kind, that calls the server `host`, thinks of the chain."""
        at = self._now().replace(microsecond=0)
        question = (digest(presented), host, profile.id, at)
        found = self._verdicts.get(question)
        if found is None:
            if len(self._verdicts) >= _KEPT:
                self._verdicts.clear()
            (found,) = judge(
                presented, host=host, anchors=self._anchors, at=at, environments=(profile.id,)
            )
            self._verdicts[question] = found
        return found


def digest(presented: Sequence[x509.Certificate]) -> bytes:
    """One hash over the whole chain."""
    return hashlib.sha256(b"".join(one.public_bytes(Encoding.DER) for one in presented)).digest()


def alert_of(profile: Profile, verdict: Verdict) -> int | None:
    """The TLS alert with which the client refuses; None when it sends none, or does not refuse."""
    if verdict.outcome is not Outcome.REFUSED:
        return None
    rules = (finding.rule for finding in verdict.findings if finding.severity == "refuse")
    return profile.platform.alerts.of(KINDS.get(next(rules, ""), "other"))


def words_of(verdict: Verdict) -> str:
    """What the client shows of a certificate it refuses or warns of."""
    said = (finding.detail for finding in verdict.findings if finding.severity != "note")
    return verdict.message or next(said, verdict.outcome.value)
