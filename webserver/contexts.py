"""OpenSSL contexts from plans: which certificate, which versions, which protocols.

Owns every OpenSSL setting. Knows no socket and no event loop. Certificates and keys
go in as objects, so no key is ever written to a file in order to be loaded.

Every connection is a full handshake, on purpose: a resumed one shows the client no
certificate, and what clients think of the certificate is what this box is for. So
there is no session cache and, unless a plan wants them, there are no self-contained
tickets. TLS 1.3 still sends two short tickets that resume nothing (OpenSSL's binding
cannot switch them off); not sealing a session into each saves 27 µs a handshake, 4 %
(measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from appliance.serving import ServingPlan
from store.certificate import common_name
from store.refusals import Refused
from webserver.alerts import reasons_of

_VERSIONS = {
    "TLSv1.0": SSL.TLS1_VERSION,
    "TLSv1.1": SSL.TLS1_1_VERSION,
    "TLSv1.2": SSL.TLS1_2_VERSION,
    "TLSv1.3": SSL.TLS1_3_VERSION,
}

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp521r1": ec.SECP521R1,
}

# SHA-256 before SHA-384: processors have instructions for the one, and a handshake hashes
# much (25 µs, 4 %, measured). Both are as strong as the rest of the handshake.
_TLS13_SUITES = b"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

_WHY = {
    "ee key too small": "its key is too short for TLS (RSA needs 2048 bits)",
    "ca key too small": "a key in its chain is too short for TLS (RSA needs 2048 bits)",
    "ca md too weak": "its signature algorithm is too weak for TLS (SHA-256 or better is needed)",
    "key values mismatch": "the private key belongs to another certificate",
    "no private key assigned": "the private key belongs to another certificate",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a context presents, for the handshake record; kept as the context's app data."""

    certificate_id: str
    subject_cn: str | None
    fingerprint_sha256: str
    not_after: datetime

    def as_json(self) -> dict[str, object]:
        """`{"certificate", "subject_cn", "fingerprint_sha256"}`."""
        return {
            "certificate": self.certificate_id,
            "subject_cn": self.subject_cn,
            "fingerprint_sha256": self.fingerprint_sha256,
        }


def build_context(plan: ServingPlan, *, dozing: bool = False) -> SSL.Context:
    """A server context that presents `plan`, checked; its app data is a `Shown`.

    dozing: whether its connections keep what it takes to doze (`webserver.dozing`).

    Takes a third of a millisecond (measured); callers use an executor all the same.
    Raises `Refused`: `tls-refused` when there is no private key or OpenSSL will not serve
    the material, `tls-unsupported` when it has no such version, cipher or group.
    """
    certificate = plan.certificate
    if certificate.key is None:
        raise Refused.because(
            "tls-refused",
            "This certificate has no private key here, so it cannot be served.",
            field="certificate",
            instead="Choose a certificate that was made or imported with its private key.",
        )
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    try:
        _set_strength(context, plan)
    except SSL.Error as error:
        reasons = "; ".join(reasons_of(error)) or "no reason given"
        raise Refused.because(
            "tls-unsupported",
            f"OpenSSL can't speak TLS like that here: {reasons}.",
            field="fault",
            instead="Choose another version, cipher or group.",
        ) from None
    try:
        context.use_certificate(certificate.leaf)
        context.use_privatekey(certificate.key)
        context.check_privatekey()
        for issuer in certificate.chain:
            context.add_extra_chain_cert(issuer)
    except SSL.Error as error:
        raise _refused(reasons_of(error)) from None
    context.set_options(
        SSL.OP_NO_RENEGOTIATION
        | SSL.OP_NO_COMPRESSION
        | (0 if plan.tickets else SSL.OP_NO_TICKET)
        | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Without one, OpenSSL fails a handshake in which a client tries to resume.
    context.set_session_id(b"osbiz")
    # An idle connection gives back its 34 KiB of buffers; costs nothing measurable.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    if plan.staple is not None:
        _staple(context, plan.staple)
    if plan.client_certificate:
        # Whatever it is: who the client is is not known here.
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _taken)
    if plan.alpn:
        _choose_protocol(context, tuple(name.encode("ascii") for name in plan.alpn))
    if dozing:
        from webserver.dozing import keep_secrets  # off the start path

        keep_secrets(context)
    context.set_app_data(
        Shown(
            certificate_id=plan.certificate_id,
            subject_cn=common_name(certificate.leaf.subject),
            fingerprint_sha256=certificate.fingerprint("sha256"),
            not_after=certificate.not_after,
        )
    )
    return context


def _set_strength(context: SSL.Context, plan: ServingPlan) -> None:
    """Versions, suites and groups; before the certificate, which is judged by them."""
    context.set_min_proto_version(_VERSIONS[plan.minimum_version])
    context.set_max_proto_version(_VERSIONS[plan.maximum_version])
    suite = plan.cipher or ""
    is_new = suite.startswith("TLS_")  # those of TLS 1.3 have a list of their own
    suites = "DEFAULT" if is_new or not suite else suite
    # Short keys, and the SHA-1 signatures of TLS 1.0 and 1.1, need OpenSSL's lowest level.
    if plan.weak or plan.minimum_version in ("TLSv1.0", "TLSv1.1"):
        suites += ":@SECLEVEL=0"
    if suites != "DEFAULT":
        context.set_cipher_list(suites.encode("ascii"))
    context.set_tls13_ciphersuites(suite.encode("ascii") if is_new else _TLS13_SUITES)
    if plan.group is not None:
        context.set_tmp_ecdh(_CURVES[plan.group]())


def _staple(context: SSL.Context, response: bytes) -> None:
    def answer(_connection: SSL.Connection, _data: object) -> bytes:
        return response

    context.set_ocsp_server_callback(answer)


def _taken(*_certificate: object) -> bool:
    return True


def _choose_protocol(context: SSL.Context, preferred: tuple[bytes, ...]) -> None:
    def choose(_: SSL.Connection, offered: list[bytes]) -> bytes | SSL._NoOverlappingProtocols:
        for name in preferred:
            if name in offered:
                return name
        # RFC 7301 would have an alert sent; real servers of this kind just go on without.
        return SSL.NO_OVERLAPPING_PROTOCOLS

    context.set_alpn_select_callback(choose)


def _refused(reasons: tuple[str, ...]) -> Refused:
    reason = reasons[-1] if reasons else "no reason given"
    why = _WHY.get(reason, f"OpenSSL says: {reason}")
    return Refused.because(
        "tls-refused",
        f"TLS cannot use this certificate: {why}.",
        field="certificate",
    )
