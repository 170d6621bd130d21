"""A real TLS handshake with any server, looked at: what it speaks, what it shows.

Verifies nothing, and judges nothing (that is `appliance.trust`). Synchronous: for the
command and for threads. What it meets is hostile until shown otherwise: time, bytes and
the number of connections are bounded.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.x509 import ocsp
from OpenSSL import SSL, crypto

from appliance.trust import presented_chain
from store.foreign import UNREADABLE
from store.refusals import Refused
from webserver.probe_failures import first_line, refusal_of
from webserver.probe_handshake import (
    MAX_LINE,
    VERSIONS,
    Failed,
    ProbeHandshake,
    Target,
    connected,
    ready,
)

_NAMES = {"TLSv1": "TLSv1.0"}  # OpenSSL's, where it differs


@dataclass(frozen=True, slots=True)
class Staple:
    """An OCSP answer that came with the handshake.

    status: `good`, `revoked`, `unknown`; or what kind of answer it is instead.
    this_update, next_update: aware UTC; None when it does not say. answer: its DER.
    """

    answer: bytes = field(repr=False)
    status: str
    this_update: datetime | None = None
    next_update: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen.

    address: who answered. version, cipher, alpn: of the handshake with everything on offer.
    versions: each version by itself, newest first, and whether the server takes it.
    chain: as sent, leaf first. staple: None when none was sent.
    asks_for_certificate: whether the server wants one of the client.
    plain_http: the status line of an answer to plain HTTP on the same port; None when there
        was none.
    seconds: how long the handshake took.
    """

    target: Target
    address: str
    version: str
    cipher: str
    alpn: str | None
    versions: dict[str, bool]
    chain: tuple[x509.Certificate, ...]
    staple: Staple | None
    asks_for_certificate: bool
    plain_http: str | None
    seconds: float


def look(target: Target, *, timeout: float = 10.0) -> Looked:
    """Shake hands with `target`, once with everything on offer and once for each version.

    timeout: seconds for each connection. Refused, with the reason in the code, when there is
    no certificate to be seen: `host-unknown`, `connection-refused`, `no-answer`,
    `unreachable`, `plain-http`, `not-tls`, `handshake-refused`, `handshake-failed`,
    `handshake-cut`, `not-a-certificate`, `chain-length`.
    """
    begun = time.monotonic()
    with ProbeHandshake(target, timeout) as first:
        try:
            first.shake()
        except Failed as failed:
            raise refusal_of(
                target, failed, timeout, plain_http=lambda: _plain_http(target, timeout)
            ) from None
        seconds = time.monotonic() - begun
        chain = _chain(first.connection)
        alpn = first.connection.get_alpn_proto_negotiated().decode("latin-1") or None
        version = _NAMES.get(said := first.connection.get_protocol_version_name(), said)
        cipher = first.connection.get_cipher_name() or ""
        asks = bool(first.connection.get_client_ca_list())
        address, staple = first.address, first.staple
    return Looked(
        target=target,
        address=address,
        version=version,
        cipher=cipher,
        alpn=alpn,
        versions={name: name == version or _takes(target, name, timeout) for name in VERSIONS},
        chain=chain,
        staple=None if not staple else _read_staple(staple),
        asks_for_certificate=asks,
        plain_http=_plain_http(target, timeout),
        seconds=seconds,
    )


def _takes(target: Target, version: str, timeout: float) -> bool:
    with ProbeHandshake(target, timeout, version) as handshake:
        try:
            handshake.shake()
        except Failed:
            return False
    return True


def _chain(connection: SSL.Connection) -> tuple[x509.Certificate, ...]:
    """What was sent, read with the bounds that hold for any chain."""
    sent = connection.get_peer_cert_chain() or []
    if not sent:
        raise Refused.because(
            "handshake-failed",
            "The server finished the handshake without a certificate.",
            field="target",
        )
    pem = b"".join(crypto.dump_certificate(crypto.FILETYPE_PEM, one) for one in sent)
    return presented_chain(pem, field="target")


def _read_staple(data: bytes) -> Staple:
    try:
        answer = ocsp.load_der_ocsp_response(data)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return Staple(data, answer.response_status.name.lower().replace("_", " "))
        return Staple(
            data,
            answer.certificate_status.name.lower(),
            answer.this_update_utc,
            answer.next_update_utc,
        )
    except UNREADABLE:
        return Staple(data, "unreadable")


def _plain_http(target: Target, timeout: float) -> str | None:
    """The status line with which plain HTTP is answered on this port; None when it is not."""
    end = time.monotonic() + timeout
    came = b""
    try:
        sock, _ = connected(target, end)
        with sock:
            sock.send(f"GET / HTTP/1.0\r\nHost: {target}\r\n\r\n".encode("ascii", "replace"))
            while b"\n" not in came and len(came) < MAX_LINE and ready(sock, end, reading=True):
                data = sock.recv(MAX_LINE)
                if not data:
                    break
                came += data
    except (OSError, Failed):
        return None
    return first_line(came) if came.startswith(b"HTTP/") else None
