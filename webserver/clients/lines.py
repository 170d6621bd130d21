"""A client's connections to the box: one for its polls, one for what its user does meanwhile.

Opens them when they are needed, with the certificate judged by the rules of the client's
environment, and gets answers over them. Knows no session and no state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from cryptography import x509

from appliance.trust import Outcome, Verdict
from appliance.uc_states import Life
from appliance.uc_words import Trouble
from store.certificate import Certificate
from webserver.clients import wsi
from webserver.clients.judging import alert_of, words_of
from webserver.clients.line import Line, Lost
from webserver.clients.surroundings import Surroundings

_T = TypeVar("_T")

ANSWER_SECONDS = 15.0
POLLS, COMMANDS = "polls", "commands"


class Untrusted(Lost):
    """The client does not trust the certificate that it was shown.

    words: what it shows its user. alert: what it sent; None when it just went away.
    """

    def __init__(self, verdict: Verdict, alert: int | None) -> None:
        super().__init__(Trouble.UNTRUSTED)
        self.words = words_of(verdict)
        self.alert = alert


class Lines:
    """The connections of one client, by what they are for."""

    def __init__(self, life: Life, around: Surroundings) -> None:
        self._life = life
        self._around = around
        self._open: dict[str, Line] = {}

    def drop(self) -> None:
        """Close them all, at once."""
        for line in self._open.values():
            line.drop()
        self._open.clear()

    async def get(
        self,
        command: str,
        parameters: Mapping[str, str],
        *,
        which: str = POLLS,
        seconds: float = ANSWER_SECONDS,
    ) -> str:
        """The body of an answer, on the line for `which`; it is opened when it has to be.

        A line that was asked before may have been closed for being idle: as clients do, it
        is asked once more on a new one. Not so a poll, which does not idle. Raises `Lost`.
        """
        asked = wsi.target(command, parameters)
        agent = self._life.profile.platform.agent
        line = self._open.get(which)
        stale = line is not None and line.used and command != "GetEvents"
        if line is None or line.closed:
            line, stale = await self._connect(which), False
        try:
            answer = await line.get(asked, agent=agent, seconds=seconds)
        except Lost as lost:
            if not stale or lost.trouble is not Trouble.CUT:
                raise
            line = await self._connect(which)
            answer = await line.get(asked, agent=agent, seconds=seconds)
        if answer.status != 200:
            raise Lost(Trouble.STATUS, f"{answer.status} ({answer.reason})")
        if wsi.NOT_LOGGED_IN in answer.text:
            raise Lost(Trouble.SESSION_OVER, wsi.NOT_LOGGED_IN)
        return answer.text

    async def _connect(self, which: str) -> Line:
        """A new connection, its certificate judged during the handshake."""
        place, name = self._around.place(), self._around.name
        profile, seen = self._life.profile, list[Verdict]()

        def judged(presented: Sequence[x509.Certificate]) -> int | None:
            seen.append(self._around.trust.verdict(profile, presented, name or place.address))
            self._life.shown = Certificate(presented[0]).fingerprint("sha256")
            return alert_of(profile, seen[0])

        try:
            line = await Line.open(
                self._around.context, judged, address=place.address, port=place.port, name=name
            )
        except Lost:
            if seen and seen[0].outcome is Outcome.REFUSED:
                raise Untrusted(seen[0], alert_of(profile, seen[0])) from None
            raise
        if seen and seen[0].outcome is Outcome.REFUSED:  # it looks when the handshake is over
            await line.close()
            raise Untrusted(seen[0], None)
        warned = bool(seen) and seen[0].outcome is Outcome.WARNED
        self._life.warning = words_of(seen[0]) if warned else None
        self._open[which] = line
        return line


def understood(read: Callable[[str], _T], body: str) -> _T:
    """What `read` makes of an answer. Raises `Lost` when that is no answer of WSI."""
    try:
        return read(body)
    except wsi.NotWsi as error:
        raise Lost(Trouble.NOT_HTTP, str(error)) from None
