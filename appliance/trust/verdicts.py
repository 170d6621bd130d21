"""What a judgement says: values only, and their form in JSON.

Knows nothing of rules, of path building or of any client.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Literal

from cryptography import x509

from store.certificate import iso_time

MAX_NAME = 1_000  # characters of a name in a path: every verdict has one, and hostile ones are long

Severity = Literal["refuse", "warn", "note"]


class Outcome(enum.StrEnum):
    """What the client does.

    ACCEPTED: it talks to the server.
    WARNED: it asks, or shows that something is wrong, and the user may go on.
    REFUSED: it does not go on by itself.
    """

    ACCEPTED = "accepted"
    WARNED = "warned"
    REFUSED = "refused"


class Standing(enum.StrEnum):
    """How sure it is.

    MEASURED: clients of the named version did so.
    PUBLISHED: predicted from a rule that the makers published.
    ASSUMED: nobody said; the assumption is written down.
    """

    MEASURED = "measured"
    PUBLISHED = "published"
    ASSUMED = "assumed"


class Origin(enum.StrEnum):
    """Who put an anchor where the client trusts it."""

    PUBLIC = "public"
    USER = "user"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate that the client trusts."""

    certificate: x509.Certificate
    origin: Origin = Origin.USER


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found.

    rule: the rule's id, for programs.
    severity: `refuse` and `warn` decide the outcome, `note` does not.
    detail: a sentence for people. source: where the rule is written, or was measured.
    cure: what would make it go away; None when nothing has to be done.
    seen, wanted: the value in the certificate, and the one that would do; None for either
        when it is no single value.
    certificate: its place in the path (0 is the leaf); None when it is about no single one.
    variant: which of a rule's cases it is (`self-signed` of `path`); empty when it has one only.
    standing: how sure the rule is; None for as sure as the environment.
    """

    rule: str
    severity: Severity
    detail: str
    source: str
    cure: str | None = None
    seen: str | None = None
    wanted: str | None = None
    certificate: int | None = None
    variant: str = ""
    standing: Standing | None = None

    def as_json(self) -> dict[str, Any]:
        """As the contract has it, with what else is known of it."""
        return {
            "rule": self.rule,
            "variant": self.variant,
            "severity": self.severity,
            "detail": self.detail,
            "source": self.source,
            "cure": self.cure,
            "seen": self.seen,
            "wanted": self.wanted,
            "certificate": self.certificate,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one environment says.

    message: the words the client would use for the first thing it minds; None when it
        accepts, or when its words are not known.
    path: leaf to anchor; None when none could be built.
    """

    environment: str
    outcome: Outcome
    standing: Standing
    findings: tuple[Finding, ...]
    message: str | None
    path: tuple[x509.Certificate, ...] | None

    def as_json(self) -> dict[str, Any]:
        """As the contract has it, with `path`."""
        path = None if self.path is None else [_step(one) for one in self.path]
        return {
            "environment": self.environment,
            "outcome": self.outcome.value,
            "standing": self.standing.value,
            "findings": [finding.as_json() for finding in self.findings],
            "message": self.message,
            "path": path,
        }


def _step(certificate: x509.Certificate) -> dict[str, str]:
    return {
        "subject": certificate.subject.rfc4514_string()[:MAX_NAME],
        "issuer": certificate.issuer.rfc4514_string()[:MAX_NAME],
        "not_after": iso_time(certificate.not_valid_after_utc),
    }
