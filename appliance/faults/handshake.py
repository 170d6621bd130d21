"""Faults inside the handshake: silence, cuts, delays, alerts, and narrow offers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from appliance.chain import Chain
from appliance.faults.base import Conducted, Fault, Group, Presented
from appliance.faults.parameters import number, seconds, word
from appliance.serving import Conduct, Ending, Pace, ServingPlan, Stage

_STAGES = (Stage.HELLO.value, Stage.CERTIFICATE.value, Stage.FINISHED.value)
_EVERY = "every"
_WHEN = "after the ClientHello, after our certificate, or before our Finished"

# The suites of OpenSSL that need no more than an RSA certificate, by its names.
TLS13_CIPHERS = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
)
TLS12_CIPHERS = (
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA",
)
GROUPS = ("secp384r1", "secp521r1", "secp256r1")

# RFC 8446 6: what a server may say to end a handshake, by name.
ALERTS = {
    "unexpected_message": 10,
    "bad_record_mac": 20,
    "record_overflow": 22,
    "handshake_failure": 40,
    "bad_certificate": 42,
    "unsupported_certificate": 43,
    "certificate_revoked": 44,
    "certificate_expired": 45,
    "certificate_unknown": 46,
    "illegal_parameter": 47,
    "unknown_ca": 48,
    "access_denied": 49,
    "decode_error": 50,
    "decrypt_error": 51,
    "protocol_version": 70,
    "insufficient_security": 71,
    "internal_error": 80,
    "inappropriate_fallback": 86,
    "user_canceled": 90,
    "missing_extension": 109,
    "unsupported_extension": 110,
    "unrecognized_name": 112,
    "bad_certificate_status_response": 113,
    "unknown_psk_identity": 115,
    "certificate_required": 116,
    "no_application_protocol": 120,
}


class _Handshake(Fault):
    __slots__ = ()
    group: ClassVar[Group] = Group.HANDSHAKE


class _Conducted(_Handshake, Conducted):
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class NoAnswer(_Conducted):
    """The ClientHello is not answered, as by a hung TLS library; finds clients that wait for
    ever, or that hold a thread meanwhile."""

    name = "no-answer"

    def conduct(self, conduct: Conduct) -> Conduct:
        return conduct.ended(Stage.HELLO, Ending.SILENCE)


@dataclass(frozen=True, slots=True)
class CloseHandshake(_Conducted):
    """The connection is closed in the middle of the handshake, as by a server that goes down;
    shows what a client makes of a bare end of file, and whether it tries again."""

    name = "close-handshake"
    stage: str = word("hello", _WHEN, *_STAGES)

    def conduct(self, conduct: Conduct) -> Conduct:
        return conduct.ended(Stage(self.stage), Ending.CLOSE)


@dataclass(frozen=True, slots=True)
class ResetHandshake(_Conducted):
    """The connection is reset in the middle of the handshake, as by a firewall; shows what a
    client makes of that, and whether it tries again."""

    name = "reset-handshake"
    stage: str = word("hello", _WHEN, *_STAGES)

    def conduct(self, conduct: Conduct) -> Conduct:
        return conduct.ended(Stage(self.stage), Ending.RESET)


@dataclass(frozen=True, slots=True)
class SlowHandshake(_Conducted):
    """Handshake bytes come one by one, as over a very bad line; finds clients that take the
    first read for a whole message, or whose time limit starts anew with each byte."""

    name = "slow-handshake"
    octets: int = number(1, "bytes at a time", minimum=1, maximum=16_384)
    every: float = number(0.002, "seconds between them", minimum=0.001, maximum=60.0)

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, pace=Pace(self.octets, self.every))


@dataclass(frozen=True, slots=True)
class Delay(_Conducted):
    """The server takes its time at one stage, or at every one, as under load; finds time limits
    that are too short, too long, or not there."""

    name = "delay"
    seconds: float = seconds(1.0, "seconds waited there")
    stage: str = word(
        "hello",
        "what comes late: the reading of a new connection, the answer to "
        "the ClientHello, what follows the certificate, our Finished, the response, or each",
        *Stage,
        _EVERY,
    )

    def conduct(self, conduct: Conduct) -> Conduct:
        for stage in Stage if self.stage == _EVERY else (Stage(self.stage),):
            conduct = conduct.delayed(stage, self.seconds)
        return conduct


@dataclass(frozen=True, slots=True)
class SendAlert(_Conducted):
    """The handshake is ended with a chosen alert; shows whether a client tells its user which,
    and whether it takes some for a reason to try again."""

    name = "alert"
    alert: str = word("internal_error", "its name in RFC 8446", *ALERTS)
    stage: str = word("hello", _WHEN, *_STAGES)

    def conduct(self, conduct: Conduct) -> Conduct:
        return conduct.alerted(Stage(self.stage), ALERTS[self.alert])


@dataclass(frozen=True, slots=True)
class Tls12Only(_Handshake):
    """Only TLS 1.2 is spoken, as by boxes some years old; finds clients that demand 1.3."""

    name = "tls-1.2-only"

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(plan, minimum_version="TLSv1.2", maximum_version="TLSv1.2", cipher=None)


@dataclass(frozen=True, slots=True)
class Tls13Only(_Handshake):
    """Only TLS 1.3 is spoken; finds clients that are too old for it."""

    name = "tls-1.3-only"

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(plan, minimum_version="TLSv1.3", maximum_version="TLSv1.3", cipher=None)


@dataclass(frozen=True, slots=True)
class OldTls(_Handshake):
    """Only TLS 1.0 or 1.1 is spoken (RFC 8996 forbids both), as by boxes of the last decade;
    finds clients that still agree to that."""

    name = "old-tls"
    version: str = word("TLSv1.1", "the version", "TLSv1.0", "TLSv1.1")

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(
            plan,
            minimum_version=self.version,
            maximum_version=self.version,
            cipher=None,
            weak=True,
        )


@dataclass(frozen=True, slots=True)
class OneCipher(_Handshake):
    """Only one cipher suite is offered, and with it one version of TLS; shows what a client does
    without its favourite."""

    name = "one-cipher"
    cipher: str = word(
        "TLS_AES_256_GCM_SHA384", "OpenSSL's name of it", *TLS13_CIPHERS, *TLS12_CIPHERS
    )

    def change(self, plan: ServingPlan) -> ServingPlan:
        version = "TLSv1.3" if self.cipher in TLS13_CIPHERS else "TLSv1.2"
        return replace(plan, cipher=self.cipher, minimum_version=version, maximum_version=version)


@dataclass(frozen=True, slots=True)
class HelloRetry(_Handshake):
    """A HelloRetryRequest is forced, by a group for which clients send no key share ahead; finds
    clients that can't say hello twice."""

    name = "hello-retry"
    curve: str = word("secp384r1", "the only group for the key exchange", *GROUPS)

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(plan, group=self.curve)


@dataclass(frozen=True, slots=True)
class NoAlpn(_Conducted):
    """A client that offers application protocols (ALPN) finds none in common, and is told so by
    alert; shows whether it goes on without."""

    name = "no-alpn"

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, protocols=())


@dataclass(frozen=True, slots=True)
class ClientCertificate(_Handshake):
    """A client certificate is required, and any is taken; shows what a client says that has
    none, which in TLS 1.3 it learns after its own handshake is done."""

    name = "client-certificate"

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(plan, client_certificate=True)


@dataclass(frozen=True, slots=True)
class TicketsRefused(_Handshake):
    """Sessions may be resumed with tickets, but after a restart (or change) of the node its old
    tickets are worth nothing; finds clients that insist on resuming."""

    name = "tickets-refused"

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(plan, tickets=True)


@dataclass(frozen=True, slots=True)
class GiantCertificate(Presented):
    """The certificate message is larger than most clients take; shows where a client's limit
    is, and what it says then."""

    name = "giant-certificate"
    group: ClassVar[Group] = Group.HANDSHAKE
    kib: int = number(110, "KiB more than usual", minimum=1, maximum=4096)

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, padding=self.kib * 1024)


ALL = (
    NoAnswer,
    CloseHandshake,
    ResetHandshake,
    SlowHandshake,
    Delay,
    SendAlert,
    Tls12Only,
    Tls13Only,
    OldTls,
    OneCipher,
    HelloRetry,
    NoAlpn,
    ClientCertificate,
    TicketsRefused,
    GiantCertificate,
)
