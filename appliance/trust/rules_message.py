"""Rules about what is sent, before anything is read in it: how many certificates, how large."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.trust.rules import Case, Rule
from appliance.trust.verdicts import Finding

_FRAME = 4  # of a Certificate message in TLS 1.3: the context's length, and the list's
_BESIDE = 5  # each certificate's length, and its extensions'
_SHORTER = "Send the leaf and its issuers only; have it issued with fewer names."


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Rule):
    """The server's Certificate message is of a size that the client takes.

    most: octets of the message (RFC 8446 4.4.2). certificates: how many, at most.
    each: octets of one certificate. None without a limit.
    """

    id = "message"
    title = "What is sent is of a size that the client takes"

    most: int | None = None
    certificates: int | None = None
    each: int | None = None

    def check(self, case: Case) -> Iterator[Finding]:
        sent = case.material.presented
        sizes = [len(facts.der) for facts in sent]
        whole = _FRAME + sum(size + _BESIDE for size in sizes)
        if self.certificates is not None and len(sent) > self.certificates:
            yield self.finding(
                None,
                f"The server sends {len(sent)} certificates; this client takes "
                f"{self.certificates} at most.",
                _SHORTER,
                variant="certificates",
                seen=f"{len(sent)}",
                wanted=f"{self.certificates} at most",
            )
        elif self.most is not None and whole > self.most:
            yield self.finding(
                None,
                f"The server sends {whole:,} octets of certificates; this client takes "
                f"{self.most:,} at most.",
                _SHORTER,
                variant="octets",
                seen=f"{whole:,}",
                wanted=f"{self.most:,} at most",
            )
        if self.each is not None and max(sizes) > self.each:
            yield self.finding(
                None,
                f"One certificate that the server sends has {max(sizes):,} octets; this client "
                f"takes {self.each:,} at most.",
                _SHORTER,
                variant="each",
                seen=f"{max(sizes):,}",
                wanted=f"{self.each:,} at most",
            )
