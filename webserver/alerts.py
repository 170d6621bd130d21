"""TLS alerts by number and name, and how they are read out of OpenSSL.

Owns the table of names and the map from OpenSSL's reason strings. Knows no
socket and no connection: it is handed bytes and error lists.

OpenSSL's info callback would give every alert by number, but it is called for
each step of each handshake (28 µs, 4 % of a handshake, measured). Reason strings
and the plaintext of what is about to be sent say the same for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# RFC 8446 section 6, with the retired codes of RFC 5246, RFC 6066 and SSL 3.0 that old
# clients still send, and RFC 9849 for the last.
ALERT_NAMES = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    117: "general_error",
    120: "no_application_protocol",
    121: "ech_required",
}

# OpenSSL gives every alert that it knows a reason of its own: 1000 plus the code. Its words
# differ between releases in the prefix only ("sslv3", "ssl/tls", "tls", "tlsv1", "tlsv13").
_RECEIVED = {
    "unexpected message": 10,
    "bad record mac": 20,
    "decryption failed": 21,
    "record overflow": 22,
    "decompression failure": 30,
    "handshake failure": 40,
    "no certificate": 41,
    "bad certificate": 42,
    "unsupported certificate": 43,
    "certificate revoked": 44,
    "certificate expired": 45,
    "certificate unknown": 46,
    "illegal parameter": 47,
    "unknown ca": 48,
    "access denied": 49,
    "decode error": 50,
    "decrypt error": 51,
    "export restriction": 60,
    "protocol version": 70,
    "insufficient security": 71,
    "internal error": 80,
    "inappropriate fallback": 86,
    "user cancelled": 90,
    "no renegotiation": 100,
    "missing extension": 109,
    "unknown psk identity": 115,
    "certificate required": 116,
    "no application protocol": 120,
}

# The extensions' alerts lack the word "alert".
_RECEIVED_WHOLE = {
    "tlsv1 unsupported extension": 110,
    "tlsv1 certificate unobtainable": 111,
    "tlsv1 unrecognized name": 112,
    "tlsv1 bad certificate status response": 113,
    "tlsv1 bad certificate hash value": 114,
}

# What OpenSSL sends for failures that come after encryption has begun, where the wire can't be
# read. Measured by damaging client flights while the info callback watched.
_SENT_ENCRYPTED = {
    "unexpected message": 10,
    "unexpected record": 10,
    "bad change cipher spec": 10,
    "ccs received early": 10,
    "invalid alert": 10,
    "invalid ccs message": 10,
    "bad record type": 10,
    "decryption failed or bad record mac": 20,
    "data length too long": 22,
    "encrypted length too long": 22,
    "no shared cipher": 40,
    "bad extension": 50,
    "length mismatch": 50,
    "wrong version number": 50,
    "digest check failed": 51,
    "excessive message size": 47,
    "no renegotiation": 100,
    "peer did not return a certificate": 116,
}

NOT_TLS_REASONS = frozenset({"http request", "https proxy request", "wrong version number"})

_ALERT_RECORD = 21
_ALERT_RECORD_LENGTH = 7
_FATAL = 2


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that ended a connection.

    code: its number; None when OpenSSL has no name for what it received and
        encryption hid the number.
    sender: which side sent it.
    """

    code: int | None
    sender: Literal["client", "server"]

    @property
    def name(self) -> str:
        """The RFC's name in lower case with underscores; `unassigned` where it has none."""
        return "unassigned" if self.code is None else ALERT_NAMES.get(self.code, "unassigned")

    def as_json(self) -> dict[str, object]:
        """`{"name", "code", "from"}`."""
        return {"name": self.name, "code": self.code, "from": self.sender}


def reasons_of(error: Exception) -> tuple[str, ...]:
    """The reason strings of an `OpenSSL.SSL.Error`, first cause first; empty for other kinds."""
    if not error.args or not isinstance(error.args[0], list):
        return ()
    return tuple(entry[2] for entry in error.args[0])


def received_alert(reasons: Sequence[str], incoming: bytes = b"") -> Alert | None:
    """The client's alert that `reasons` speak of, or None when they speak of none.

    incoming: the bytes last read, for a code that OpenSSL has no reason string for.
    """
    if not reasons:
        return None
    if reasons[0] == "":
        return Alert(_plain_alert_code(incoming), "client")
    prefix, alert, rest = reasons[0].partition(" alert ")
    code = _RECEIVED.get(rest) if alert else _RECEIVED_WHOLE.get(prefix)
    return None if code is None else Alert(code, "client")


def sent_alert(reasons: Sequence[str], outgoing: bytes) -> Alert | None:
    """The alert in `outgoing`, what OpenSSL wants sent after it failed with `reasons`.

    Read from the bytes themselves while they are plain, else from the reasons.
    None when nothing goes out, or when an encrypted alert's reason is not known here.
    """
    if not outgoing:
        return None
    code = _plain_alert_code(outgoing)
    if code is None:
        code = next((_SENT_ENCRYPTED[text] for text in reasons if text in _SENT_ENCRYPTED), None)
    return None if code is None else Alert(code, "server")


def _plain_alert_code(data: bytes) -> int | None:
    record = data[-_ALERT_RECORD_LENGTH:]
    if len(record) < _ALERT_RECORD_LENGTH or record[0] != _ALERT_RECORD:
        return None
    if record[3:5] != b"\x00\x02" or record[5] not in (1, _FATAL):
        return None
    return record[6]
