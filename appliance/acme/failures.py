"""What can go wrong between box and CA: every failure with its own words, cure and number to call.

One table says what each failure means for a person; two more say which of a CA's problems
(RFC 8555 6.7) is which failure. The CA's own words always come along.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from appliance.acme.states import Step
from appliance.acme.wire import Problem


class Party(enum.StrEnum):
    """Who can put it right."""

    ADMINISTRATOR = "administrator"
    NETWORK = "network"
    DNS = "dns"
    CA = "ca"


# How each is named to a person who has to pick up the telephone.
WHOM: dict[Party, str] = {
    Party.ADMINISTRATOR: "whoever administers this box",
    Party.NETWORK: "whoever runs the firewall or router in front of this box",
    Party.DNS: "whoever runs the DNS of the names",
    Party.CA: "the CA",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What a failure means.

    words: what happened. cure: what to do. call: who can do it.
    """

    words: str
    cure: str
    call: Party


CAUSES: dict[str, Cause] = {
    # The way to the CA
    "acme-directory-name": Cause(
        "The host of the CA's directory is not known to DNS.",
        "Check the directory's URL, and the DNS server that this machine uses.",
        Party.ADMINISTRATOR,
    ),
    "acme-directory-refused": Cause(
        "The CA does not answer: the connection was refused.",
        "Check the directory's URL; if it is right, wait until the CA is back.",
        Party.CA,
    ),
    "acme-directory-timeout": Cause(
        "The CA does not answer in time.",
        "Check whether the box may connect to the Internet; if it may, wait.",
        Party.NETWORK,
    ),
    "acme-directory-unreachable": Cause(
        "The connection to the CA failed.",
        "Check whether the box may connect to the Internet; if it may, wait.",
        Party.NETWORK,
    ),
    "acme-directory-untrusted": Cause(
        "The box does not trust the CA's own server certificate, and sent nothing.",
        "If this is the right CA, give the root certificate behind its server as trust.",
        Party.ADMINISTRATOR,
    ),
    "acme-directory-invalid": Cause(
        "What is at the directory's URL is no ACME directory.",
        "Check the directory's URL.",
        Party.ADMINISTRATOR,
    ),
    "acme-answer": Cause(
        "The CA's answer is not as RFC 8555 has it.",
        "Tell the CA; there is nothing to change here.",
        Party.CA,
    ),
    "acme-ca-failed": Cause(
        "The CA has a fault of its own.",
        "Wait; if it lasts, look at the CA's status page.",
        Party.CA,
    ),
    "acme-nonce": Cause(
        "The CA took none of its own nonces back.",
        "Wait; if it lasts, tell the CA.",
        Party.CA,
    ),
    "acme-rate-limited": Cause(
        "The CA's rate limit is reached.",
        "Wait; the box asks again when the CA allows it. To practise, use a staging directory.",
        Party.ADMINISTRATOR,
    ),
    "acme-request-refused": Cause(
        "The CA refused what the box asked.",
        "What the CA says tells what it wants.",
        Party.ADMINISTRATOR,
    ),
    # The account
    "acme-terms": Cause(
        "The CA wants its present terms of service accepted.",
        "Read them, and set it up again with the terms accepted.",
        Party.ADMINISTRATOR,
    ),
    "acme-contact-refused": Cause(
        "The CA does not take this contact.",
        "Give an e-mail address that exists.",
        Party.ADMINISTRATOR,
    ),
    "acme-binding": Cause(
        "The CA wants an account that is bound to one of its customers.",
        "Give the key identifier and the HMAC key that the CA gave you (eab).",
        Party.ADMINISTRATOR,
    ),
    "acme-account": Cause(
        "The CA does not accept this account.",
        "What the CA says tells why; a new set-up makes a new account where it is gone.",
        Party.CA,
    ),
    # The names
    "acme-name-refused": Cause(
        "The CA does not issue certificates for this name.",
        "Ask for another name, or use another CA.",
        Party.ADMINISTRATOR,
    ),
    "acme-challenge-missing": Cause(
        "The CA does not offer this kind of challenge for this name.",
        "Choose another challenge.",
        Party.ADMINISTRATOR,
    ),
    "acme-no-http-port": Cause(
        "The box has no HTTP port on which it could answer.",
        "Start it with --http-port, or choose the challenge tls-alpn-01.",
        Party.ADMINISTRATOR,
    ),
    "acme-dns-hook": Cause(
        "The DNS record for the challenge could not be set.",
        "Check the DNS interface that was given (dns).",
        Party.DNS,
    ),
    "acme-validation-dns": Cause(
        "The CA could not find the name in DNS.",
        "Give the name an address that leads to this box from where the CA is.",
        Party.DNS,
    ),
    "acme-validation-connection": Cause(
        "The CA could not connect to the name.",
        "Let the CA's connections through to this box: port 80 for http-01, 443 for tls-alpn-01.",
        Party.NETWORK,
    ),
    "acme-validation-tls": Cause(
        "The CA connected, and the TLS handshake failed.",
        "Let TLS connections pass to this box as they are: nothing in between may end them.",
        Party.NETWORK,
    ),
    "acme-validation-answer": Cause(
        "The CA came for the answer and found another one.",
        "Check that the name leads to this box, and nothing in between answers for it.",
        Party.NETWORK,
    ),
    "acme-validation-caa": Cause(
        "A CAA record forbids this CA to issue for the name.",
        "Add the CA to the CAA record, or use another CA.",
        Party.DNS,
    ),
    "acme-validation-slow": Cause(
        "The CA did not finish validating the name in time.",
        "Wait; if it lasts, look at the CA's status page.",
        Party.CA,
    ),
    "acme-validation": Cause(
        "The CA's validation of the name failed.",
        "What the CA says tells why.",
        Party.ADMINISTRATOR,
    ),
    # The order and its certificate
    "acme-order-invalid": Cause(
        "The CA gave the order up.",
        "What the CA says tells why; the box orders again.",
        Party.CA,
    ),
    "acme-order-slow": Cause(
        "The CA did not issue the certificate in time.",
        "Wait; if it lasts, look at the CA's status page.",
        Party.CA,
    ),
    "acme-request-bad": Cause(
        "The CA does not take the box's signing request.",
        "Use a CA that certifies RSA keys of 2048 bits.",
        Party.CA,
    ),
    "acme-certificate-unfit": Cause(
        "The CA issued a certificate that the box can't serve.",
        "Use a CA that signs with RSA and SHA-256 or better.",
        Party.CA,
    ),
    "acme-activation": Cause(
        "The certificate is there, but could not be activated.",
        "Look at what the box says, and activate it under Server Certificates.",
        Party.ADMINISTRATOR,
    ),
    "acme-storage": Cause(
        "The box could not write down what it got.",
        "See to the disk.",
        Party.ADMINISTRATOR,
    ),
    "acme-internal": Cause(
        "The simulator failed to do this; its log says why.",
        "Report it.",
        Party.ADMINISTRATOR,
    ),
}

# Problems that mean the same at every step…
_ALWAYS: dict[str, str] = {
    "badNonce": "acme-nonce",
    "rateLimited": "acme-rate-limited",
    "serverInternal": "acme-ca-failed",
    "userActionRequired": "acme-terms",
    "accountDoesNotExist": "acme-account",
    "alreadyRevoked": "acme-request-refused",
    "badRevocationReason": "acme-request-refused",
    "externalAccountRequired": "acme-binding",
    "invalidContact": "acme-contact-refused",
    "unsupportedContact": "acme-contact-refused",
    "rejectedIdentifier": "acme-name-refused",
    "unsupportedIdentifier": "acme-name-refused",
    "caa": "acme-validation-caa",
    "badCSR": "acme-request-bad",
    "badPublicKey": "acme-request-bad",
}
# … and those whose meaning depends on the step.
_AT_STEP: dict[tuple[Step, str], str] = {
    (Step.ACCOUNT, "unauthorized"): "acme-account",
    (Step.ORDER, "unauthorized"): "acme-account",
    (Step.VALIDATE, "dns"): "acme-validation-dns",
    (Step.VALIDATE, "connection"): "acme-validation-connection",
    (Step.VALIDATE, "tls"): "acme-validation-tls",
    (Step.VALIDATE, "unauthorized"): "acme-validation-answer",
    (Step.VALIDATE, "incorrectResponse"): "acme-validation-answer",
}
_ELSE: dict[Step, str] = {
    Step.CONNECT: "acme-directory-invalid",
    Step.ACCOUNT: "acme-account",
    Step.VALIDATE: "acme-validation",
    Step.FINALIZE: "acme-order-invalid",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One attempt that came to nothing.

    code: a key of `CAUSES`.
    step: how far it got.
    detail: what was seen, in the words of the CA or the system; may be empty.
    retry_after: seconds that the CA asked to wait, or None.
    """

    code: str
    step: Step
    detail: str = ""
    retry_after: float | None = None

    @property
    def cause(self) -> Cause:
        """What it means."""
        return CAUSES[self.code]

    @property
    def message(self) -> str:
        """What happened, with what was seen."""
        detail = " ".join(self.detail.split()).rstrip(".")
        return f"{self.cause.words} ({detail})" if detail else self.cause.words

    def as_json(self) -> dict[str, Any]:
        """`{"code", "step", "detail", "message", "instead", "call"}`."""
        return {
            "code": self.code,
            "step": self.step.value,
            "detail": self.detail,
            "message": self.message,
            "instead": self.cause.cure,
            "call": WHOM[self.cause.call],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Failure:
        """What `as_json` wrote down."""
        return cls(value["code"], Step(value["step"]), value["detail"])


class AcmeFailed(Exception):
    """Raised when an attempt comes to nothing."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

    @classmethod
    def because(
        cls, code: str, step: Step, detail: str = "", *, retry_after: float | None = None
    ) -> AcmeFailed:
        """One with this failure."""
        return cls(Failure(code, step, detail[:1000], retry_after))


def of_problem(problem: Problem, step: Step, *, retry_after: float | None = None) -> AcmeFailed:
    """The failure that a CA's problem is at `step`."""
    code = _ALWAYS.get(problem.kind) or _AT_STEP.get((step, problem.kind))
    if code is None:
        broken = problem.status is not None and problem.status >= 500
        code = "acme-ca-failed" if broken else _ELSE.get(step, "acme-request-refused")
    if problem.status == 429:
        code = "acme-rate-limited"
    return AcmeFailed(Failure(code, step, problem.words, retry_after))
