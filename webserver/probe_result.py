"""What a probe found, put together: connection, chain, verdicts, and whether that will do.

Values and their JSON. Knows no socket, no terminal and no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from appliance.trust import Anchor, Finding, Origin, Outcome, Status, Verdict, judge
from store.certificate import iso_time
from store.refusals import Refused
from webserver.foreign_facts import facts_of
from webserver.probe import Looked
from webserver.probe_handshake import Target
from webserver.public_roots import Trusted

WILL_DO, WILL_NOT_DO, NOT_TESTED = 0, 1, 2

_MODERN = ("TLSv1.3", "TLSv1.2")
_OLD_WILL_DO = frozenset({"wget", "gnutls"})  # the only ones of those measured


@dataclass(frozen=True, slots=True)
class Result:
    """A server that was looked at and judged.

    host: the name or address that the clients use. at: the clients' time (aware UTC).
    verdicts: of every environment. required: ids of those that have to accept.
    """

    looked: Looked
    host: str
    at: datetime
    trusted: Trusted
    verdicts: tuple[Verdict, ...]
    required: tuple[str, ...] = ()

    @property
    def lacking(self) -> tuple[Verdict, ...]:
        """The verdicts of required environments that do not simply accept."""
        return tuple(
            verdict
            for verdict in self.verdicts
            if verdict.environment in self.required and verdict.outcome is not Outcome.ACCEPTED
        )

    @property
    def status(self) -> int:
        """The exit status: 0 when all that is required accepts, or nothing is; else 1."""
        return WILL_NOT_DO if self.lacking else WILL_DO

    def as_json(self) -> dict[str, Any]:
        """The contract's `verdicts`, with what was seen and asked around it."""
        looked = self.looked
        staple = looked.staple
        return {
            "target": str(looked.target),
            "host": self.host,
            "at": iso_time(self.at),
            "trusted": {"name": self.trusted.name, "anchors": len(self.trusted.anchors)},
            "connection": {
                "address": looked.address,
                "server_name": looked.target.server_name,
                "version": looked.version,
                "cipher": looked.cipher,
                "alpn": looked.alpn,
                "versions": looked.versions,
                "ocsp_staple": None
                if staple is None
                else {
                    "status": staple.status,
                    "this_update": staple.this_update and iso_time(staple.this_update),
                    "next_update": staple.next_update and iso_time(staple.next_update),
                },
                "asks_for_certificate": looked.asks_for_certificate,
                "plain_http": looked.plain_http,
                "seconds": round(looked.seconds, 6),
            },
            "chain": [facts_of(certificate) for certificate in looked.chain],
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
            "required": list(self.required),
            "ok": not self.lacking,
        }


def result_of(
    looked: Looked,
    *,
    host: str,
    at: datetime,
    trusted: Trusted,
    required: Sequence[str] = (),
) -> Result:
    """Judge what was seen. Refused as `judge` refuses."""
    status = Status(stapled=None if looked.staple is None else looked.staple.answer)
    verdicts = judge(looked.chain, host=host, anchors=trusted.anchors, at=at, status=status)
    if not any(looked.versions.get(name) for name in _MODERN):
        verdicts = [_of_old_server(verdict, looked.version) for verdict in verdicts]
    return Result(looked, host, at, trusted, tuple(verdicts), tuple(required))


def told_to_trust(result: Result) -> tuple[Verdict, ...]:
    """What the same would say if their user had made them trust the very certificate shown."""
    looked = result.looked
    leaf = (Anchor(looked.chain[0], Origin.USER),)
    return tuple(judge(looked.chain, host=result.host, anchors=leaf, at=result.at))


def _of_old_server(verdict: Verdict, version: str) -> Verdict:
    """Such a handshake ends before any certificate is looked at."""
    if verdict.environment in _OLD_WILL_DO:
        return verdict
    finding = Finding(
        "tls-version",
        "refuse",
        f"The server speaks nothing newer than {version}, and the client nothing so old.",
        "RFC 8996; measured with Debian 12's clients on 2026-11-23",
        "Switch TLS 1.2 or 1.3 on at the server.",
        seen=version,
        wanted="TLSv1.2 or TLSv1.3",
    )
    return replace(
        verdict,
        outcome=Outcome.REFUSED,
        findings=(finding, *verdict.findings),
        message="protocol version not supported",
    )


def failure_json(target: Target, refused: Refused) -> dict[str, Any]:
    """The JSON of a probe that saw no certificate."""
    errors = [
        {"code": one.code, "detail": one.message, "instead": one.instead}
        for one in refused.refusals
    ]
    return {"target": str(target), "ok": False, "errors": errors}
