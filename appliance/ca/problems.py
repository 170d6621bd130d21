"""The errors of the CA that go over the wire: RFC 8555 6.7 as one table, one way to raise them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from appliance.acme.wire import ERROR, Identifier, Problem

# RFC 8555 6.7 and 7.3 to 7.6, RFC 9773 5; draft-ietf-acme-profiles 6 (invalidProfile).
STATUS = {
    "accountDoesNotExist": 400,
    "alreadyReplaced": 409,
    "alreadyRevoked": 400,
    "badCSR": 400,
    "badNonce": 400,
    "badPublicKey": 400,
    "badRevocationReason": 400,
    "badSignatureAlgorithm": 400,
    "caa": 403,
    "connection": 400,
    "dns": 400,
    "externalAccountRequired": 403,
    "incorrectResponse": 403,
    "invalidContact": 400,
    "invalidProfile": 400,
    "malformed": 400,
    "orderNotReady": 403,
    "rateLimited": 429,
    "rejectedIdentifier": 400,
    "serverInternal": 500,
    "tls": 400,
    "unauthorized": 403,
    "unsupportedContact": 400,
    "unsupportedIdentifier": 400,
    "userActionRequired": 403,
}


@dataclass(frozen=True, slots=True)
class Extra:
    """What a few problems carry besides.

    retry_after: seconds of the CA's calendar. location: the URL of what is there already.
    members: further members of the document.
    """

    retry_after: int | None = None
    location: str | None = None
    members: dict[str, Any] = field(default_factory=dict)


class AcmeError(Exception):
    """Raised when the CA says no; `problem` is what the client is told."""

    def __init__(self, problem: Problem, extra: Extra | None = None) -> None:
        super().__init__(problem.words)
        self.problem = problem
        self.extra = extra or Extra()


def error(
    kind: str,
    detail: str,
    *,
    status: int | None = None,
    identifier: Identifier | None = None,
    below: tuple[Problem, ...] = (),
    extra: Extra | None = None,
) -> AcmeError:
    """The error of type `kind`; `status` where another one than the table's says more."""
    made = Problem(kind, detail, status or STATUS[kind], identifier, below)
    return AcmeError(made, extra)


def as_document(problem: Problem) -> dict[str, Any]:
    """The problem document (RFC 9457)."""
    document: dict[str, Any] = {"type": ERROR + problem.kind, "detail": problem.detail}
    if problem.status is not None:
        document["status"] = problem.status
    if problem.identifier is not None:
        document["identifier"] = problem.identifier.as_json()
    if problem.below:
        document["subproblems"] = [as_document(one) for one in problem.below]
    return document
