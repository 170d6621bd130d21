"""OpenSSL contexts for the cases of the catalogue, whatever is wrong with them.

A node's plan goes through `contexts`, where OpenSSL refuses weak keys and digests; here it
is told to let them pass. Knows no socket.
"""

from __future__ import annotations

import warnings

from OpenSSL import SSL, crypto

from appliance.catalogue import Built
from store.certificate import Certificate, common_name
from webserver.contexts import Shown


def case_context(built: Built) -> SSL.Context:
    """A server context that presents `built`; its app data is a `Shown`."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    # Level 0 lets RSA-1024, SHA-1 and MD5 pass; it is the client that is to judge.
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    leaf, *others = built.presented()
    context.use_certificate(leaf)
    _use_key(context, built)
    for other in others:
        context.add_extra_chain_cert(other)
    context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
    # Every connection shows the certificate again: see `contexts`.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_session_id(b"osbiz")
    if built.staple:
        context.set_ocsp_server_callback(lambda *_: built.staple)
    shown = Certificate(leaf)
    context.set_app_data(
        Shown(
            built.case.name,
            common_name(leaf.subject),
            shown.fingerprint("sha256"),
            shown.not_after,
        )
    )
    return context


def _use_key(context: SSL.Context, built: Built) -> None:
    key = built.key
    if not key.kind.startswith("rsa-pss"):
        context.use_privatekey(key.private)
        return
    # `cryptography` forgets that the key is for PSS only; OpenSSL's own object does not.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_ASN1, key.private_der))
