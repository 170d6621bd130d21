"""The client's say in a TLS handshake: judge the chain while it goes on, refuse with an alert.

Owns one OpenSSL callback. Knows no rule of trust: it hands over what was presented, and is
told how to go on.

pyOpenSSL's own callback can say no, but not why: the alert is then the one for what OpenSSL,
which has no anchors here, minds first (48, always). The error that OpenSSL turns into an alert
is set on a structure that pyOpenSSL does not hand out, so this is the one place that reaches
past its public interface; a test watches each alert arrive at a real box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cryptography import x509
from OpenSSL import SSL
from OpenSSL._util import ffi, lib

from store.foreign import UNREADABLE

# Presented, leaf first; answers with the alert to refuse with, or None to go on.
Judge = Callable[[Sequence[x509.Certificate]], int | None]

_BAD_CERTIFICATE = 42
# OpenSSL's verification errors, by the alert that it makes of each (measured).
_ERRORS = {
    _BAD_CERTIFICATE: lib.X509_V_ERR_CERT_REJECTED,
    43: lib.X509_V_ERR_INVALID_PURPOSE,
    44: lib.X509_V_ERR_CERT_REVOKED,
    45: lib.X509_V_ERR_CERT_HAS_EXPIRED,
    46: lib.X509_V_ERR_UNSUPPORTED_NAME_SYNTAX,
    48: lib.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
}


def make_context() -> SSL.Context:
    """A client context, to be shared by all connections; each needs `connection`'s judge."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_alpn_protos([b"http/1.1"])
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    # What OpenSSL itself would not take (a short key, SHA-1) is for the judge to say.
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    lib.SSL_CTX_set_verify(context._context, lib.SSL_VERIFY_PEER, _callback)
    return context


def connection(context: SSL.Context, judge: Judge) -> SSL.Connection:
    """A client connection on memory in which `judge` decides about the server's chain."""
    made = SSL.Connection(context, None)
    made.set_app_data(judge)
    made.set_connect_state()
    return made


def failure(made: SSL.Connection) -> BaseException | None:
    """What the judge itself failed with; None when it did not."""
    found = made.get_app_data()
    return found if isinstance(found, BaseException) else None


def _judge_failed(_kind: object, error: BaseException, traceback: Any) -> int:
    traceback.tb_frame.f_locals["asking"].set_app_data(error)
    return 0


@ffi.callback("int (*)(int, X509_STORE_CTX *)", onerror=_judge_failed)  # type: ignore[untyped-decorator]
def _callback(_found_good: int, store: Any) -> int:
    """OpenSSL asks at each fault it finds, and then for each certificate; one answer for all."""
    ssl = lib.X509_STORE_CTX_get_ex_data(store, lib.SSL_get_ex_data_X509_STORE_CTX_idx())
    asking = SSL.Connection._reverse_mapping[ssl]
    judged = asking.get_app_data()
    if not isinstance(judged, _Decided):
        presented = _presented(asking)
        judged = _Decided(_BAD_CERTIFICATE if presented is None else judged(presented))
        asking.set_app_data(judged)
    if judged.alert is None:
        lib.X509_STORE_CTX_set_error(store, lib.X509_V_OK)
        return 1
    lib.X509_STORE_CTX_set_error(store, _ERRORS[judged.alert])
    return 0


def _presented(asking: SSL.Connection) -> Sequence[x509.Certificate] | None:
    """What the server presents, leaf first; None when it can't be read as certificates."""
    try:
        return asking.get_peer_cert_chain(as_cryptography=True) or None
    except UNREADABLE:
        return None


class _Decided(NamedTuple):
    """The judge's answer, kept for the rest of the handshake."""

    alert: int | None
