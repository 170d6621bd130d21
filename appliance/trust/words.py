"""The words that each client has for the first thing it minds.

Tables from a rule to a client's message, measured where the client was; `{…}` is filled in.
A key is the rule, with `/variant` for one of its cases and `@place` for where in the path it
is; the longest that fits is taken. What a client says of a rule that is not here is not known.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.trust.environment import Words
from appliance.trust.names import names_text
from appliance.trust.rules import Case
from appliance.trust.verdicts import Finding
from store.certificate import iso_time

Table = Mapping[str, str]


def in_words(table: Table, *, frame: str = "{}", unframed: frozenset[str] = frozenset()) -> Words:
    """What `table` has for a finding, inside `frame`; its keys in `unframed` go without it."""

    def words(finding: Finding, case: Case) -> str | None:
        key = _key(table, finding, case)
        if key is None:
            return None
        filled = table[key].format_map(_Values(finding, case))
        return filled if key in unframed else frame.format(filled)

    return words


def _key(table: Table, finding: Finding, case: Case) -> str | None:
    index = finding.certificate
    place = "leaf" if index is None else case.place(index)
    rule, variant = finding.rule, finding.variant.partition(":")[0]
    if rule == "name" and case.host is not None:
        kind = "dns" if case.host.address is None else "ip"
        keys = [f"name/{variant}@{kind}", f"name/{variant}", f"name@{kind}"]
    else:
        keys = [f"{rule}/{variant}@{place}", f"{rule}/{variant}", f"{rule}@{place}"]
    return next((key for key in (*keys, rule, "*") if key in table), None)


class _Values(dict[str, str]):
    """What the messages have in them, worked out when it is asked for."""

    def __init__(self, finding: Finding, case: Case) -> None:
        super().__init__()
        self._finding = finding
        self._case = case

    def __missing__(self, key: str) -> str:
        leaf, case = self._case.leaf, self._case
        match key:
            case "host":
                return "" if case.host is None else case.host.text
            case "names":
                return names_text(leaf)
            case "cn":
                return next((one.text for one in leaf.common_names[-1:] if one.text), "")
            case "subject":
                return case.path.certificates[self._finding.certificate or 0].title
            case "java_subject":
                title = case.path.certificates[self._finding.certificate or 0].title
                return ", ".join(reversed(title.split(", ")))
            case "issuer":
                return case.path.certificates[-1].title
            case "octets":
                return (self._finding.seen or "").replace(",", "")
            case "now":
                return iso_time(case.at)
            case _:
                return {"seen": self._finding.seen or "", "wanted": self._finding.wanted or ""}.get(
                    key, ""
                )


# OpenSSL: X509_verify_cert_error_string(3).
OPENSSL: Table = {
    "path/self-signed": "self-signed certificate",
    "path/self-signed-sent": "self-signed certificate in certificate chain",
    "path/no-anchor": "unable to get issuer certificate",
    "path/too-long": "certificate chain too long",
    "path": "unable to get local issuer certificate",
    "malformed": "unable to get local issuer certificate",
    "key/small@leaf": "EE certificate key too weak",
    "key/small": "CA certificate key too weak",
    "key/kind": "sslv3 alert handshake failure",
    "message": "excessive message size",
    "signature-algorithm": "CA signature digest algorithm too weak",
    "signature": "certificate signature failure",
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "name@dns": "hostname mismatch",
    "name@ip": "IP address mismatch",
    "critical-extension": "unhandled critical extension",
    "issuer-not-ca": "invalid CA certificate",
    "issuer-key-usage": "invalid CA certificate",
    "key-usage": "unsuitable certificate purpose",
    "extended-key-usage": "unsuitable certificate purpose",
    "netscape-type": "unsuitable certificate purpose",
    "path-length": "path length constraint exceeded",
    "name-constraints/excluded": "excluded subtree violation",
    "name-constraints": "permitted subtree violation",
    "revoked": "certificate revoked",
    "strict/perhaps-ca": "invalid CA certificate",
    "strict/path-length-no-ca": "Path length invalid for non-CA cert",
    "strict/path-length-usage": "Path length given without key usage keyCertSign",
    "strict/basic-constraints-critical": "Basic Constraints of CA cert not marked critical",
    "strict/ca-key-usage": "CA cert does not include key usage extension",
    "strict/usage-no-ca": "Key usage keyCertSign invalid for non-CA cert",
    "strict/issuer-empty": "Issuer name empty",
    "strict/subject-empty": "Subject name empty",
    "strict/names-not-critical": "Empty subject with Subject Alternative Name not critical",
    "strict/names-empty": "Empty Subject Alternative Name extension",
    "strict/algorithms": "Subject signature algorithm and issuer public key algorithm mismatch",
    "strict/authority-key-critical": "Authority Key Identifier marked critical",
    "strict/subject-key-critical": "Subject Key Identifier marked critical",
    "strict/version": "Using cert extension requires at least X509v3",
    "strict/authority-key-missing": "Missing Authority Key Identifier",
    "strict/subject-key-missing": "Missing Subject Key Identifier",
}
openssl_words = in_words(
    OPENSSL, frame="verify error: {}", unframed=frozenset({"key/kind", "message"})
)

_PYTHON_NAMES = {
    "name@dns": "Hostname mismatch, certificate is not valid for '{host}'.",
    "name@ip": "IP address mismatch, certificate is not valid for '{host}'.",
}
_PYTHON_OWN = {
    "key/kind": "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure",
    "message": "[SSL: EXCESSIVE_MESSAGE_SIZE] excessive message size",
}
python_words = in_words(
    {**OPENSSL, **_PYTHON_NAMES, **_PYTHON_OWN},
    frame="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {}",
    unframed=frozenset(_PYTHON_OWN),
)

# What curl has from OpenSSL's error queue, or says itself, when it has seen no verify error.
_CURL_OWN = {
    "issuer-empty": "SSL: couldn't get X509-issuer name",
    "malformed": "OpenSSL: X509 V3 routines::invalid certificate",
    "signature/wrong": "OpenSSL: rsa routines::invalid padding",
    "key/kind": "OpenSSL: SSL routines::sslv3 alert handshake failure",
    "message": "OpenSSL: SSL routines::excessive message size",
}
_curl_text = in_words(
    {**OPENSSL, **_CURL_OWN},
    frame="SSL certificate problem: {}",
    unframed=frozenset(_CURL_OWN),
)


def curl_words(finding: Finding, case: Case) -> str | None:
    """curl's own words for a name, OpenSSL's for the rest."""
    if finding.rule == "path" and any(code.startswith("repeated") for code in case.leaf.oddities):
        return _CURL_OWN["malformed"]
    if finding.rule != "name" or case.host is None:
        return _curl_text(finding, case)
    host = case.host.text
    if any(name.kind in ("DNS", "IP") for name in case.leaf.names or ()):
        return f"SSL: no alternative certificate subject name matches target host name '{host}'"
    names = [one.text for one in case.leaf.common_names if one.text]
    if not names:
        return "SSL: unable to obtain common name from peer certificate"
    return f"SSL: certificate subject name '{names[-1]}' does not match target host name '{host}'"


# Node says a code before OpenSSL's words.
_NODE_CODES = {
    "self-signed certificate": "DEPTH_ZERO_SELF_SIGNED_CERT",
    "self-signed certificate in certificate chain": "SELF_SIGNED_CERT_IN_CHAIN",
    "unable to get issuer certificate": "UNABLE_TO_GET_ISSUER_CERT",
    "unable to get local issuer certificate": "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "unable to verify the first certificate": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "certificate chain too long": "CERT_CHAIN_TOO_LONG",
    "certificate signature failure": "CERT_SIGNATURE_FAILURE",
    "certificate has expired": "CERT_HAS_EXPIRED",
    "certificate is not yet valid": "CERT_NOT_YET_VALID",
    "invalid CA certificate": "INVALID_CA",
    "unsuitable certificate purpose": "INVALID_PURPOSE",
    "path length constraint exceeded": "PATH_LENGTH_EXCEEDED",
    "certificate revoked": "CERT_REVOKED",
    "write EPROTO SSL routines:ssl3_read_bytes:sslv3 alert handshake failure": "EPROTO",
    "write EPROTO SSL routines:read_state_machine:excessive message size": "EPROTO",
}
_NODE_NAME = "Hostname/IP does not match certificate's altnames: "
_NO_SIGNING = "key usage does not include certificate signing"
_NODE_OWN = {
    "path/issuer-missing": "unable to verify the first certificate",
    "malformed": "unable to verify the first certificate",
    "key/kind": "write EPROTO SSL routines:ssl3_read_bytes:sslv3 alert handshake failure",
    "message": "write EPROTO SSL routines:read_state_machine:excessive message size",
    "issuer-key-usage": _NO_SIGNING,
    "name@ip": f"{_NODE_NAME}IP: {{host}} is not in the cert's list: ",
    "name/no-names": f"{_NODE_NAME}Cert does not contain a DNS name",
    "name@dns": f"{_NODE_NAME}Host: {{host}}. is not in the cert's altnames: {{names}}",
    "name/cn-only": f"{_NODE_NAME}Host: {{host}}. is not cert's CN: {{cn}}",
}
_node_text = in_words({**OPENSSL, **_NODE_OWN})


def node_words(finding: Finding, case: Case) -> str | None:
    """Node's `code` and `message`."""
    text = _node_last(finding, case) or _node_text(finding, case)
    if text is None:
        return None
    code = _NODE_CODES.get(text, "UNSPECIFIED")
    return f"{'ERR_TLS_CERT_ALTNAME_INVALID' if finding.rule == 'name' else code}: {text}"


def node_24_words(finding: Finding, case: Case) -> str | None:
    """The same with the OpenSSL 3.5 of Node 24."""
    text = node_words(finding, case)
    return text and text.replace("sslv3 alert", "ssl/tls alert")


def _node_last(finding: Finding, case: Case) -> str | None:
    """OpenSSL goes on after an error, and Node tells the last: what else is wrong, if it counts."""
    if finding.rule in ("path", "not-yet-valid") and case.leaf.not_after < case.at:
        return OPENSSL["expired"]
    if finding.rule != "issuer-not-ca":
        return None
    usage = case.path.certificates[finding.certificate or 0].key_usage
    if usage is not None and "keyCertSign" not in usage:
        return _NO_SIGNING
    perhaps = finding.variant == "missing" and usage is not None
    return OPENSSL["issuer-not-ca" if perhaps else "key-usage"]


_GNUTLS = {
    "path/too-long": "Error in the certificate.",
    "path": "The certificate is NOT trusted. The certificate issuer is unknown.",
    "expired": "The certificate is NOT trusted. The certificate chain uses expired certificate.",
    "not-yet-valid": "The certificate is NOT trusted. The certificate chain uses not yet valid "
    "certificate.",
    "name": "The certificate is NOT trusted. The name in the certificate does not match the "
    "expected.",
    "key/kind@leaf": "A TLS fatal alert has been received.",
    "key": "The certificate is NOT trusted. The certificate chain uses insecure algorithm.",
    "signature-algorithm": "The certificate is NOT trusted. The certificate chain uses insecure "
    "algorithm.",
    "signature/algorithms": "Error in the certificate.",
    "signature": "The certificate is NOT trusted. The signature in the certificate is invalid.",
    "issuer-not-ca": "The certificate is NOT trusted. The certificate issuer is not a CA.",
    "version": "The certificate is NOT trusted. The certificate issuer is not a CA.",
    "issuer-key-usage": "The certificate is NOT trusted. The certificate chain violates the "
    "signer's constraints.",
    "path-length": "The certificate is NOT trusted. The certificate chain violates the signer's "
    "constraints.",
    "name-constraints": "The certificate is NOT trusted. The certificate chain violates the "
    "signer's constraints.",
    "extended-key-usage": "The certificate is NOT trusted. The certificate chain does not match "
    "the intended purpose.",
    "key-usage": "Key usage violation in certificate has been detected.",
    "critical-extension": "The certificate is NOT trusted. The certificate contains an unknown "
    "critical extension.",
    "revoked/stale": "The certificate is NOT trusted. The revocation or OCSP data are old and "
    "have been superseded.",
    "revoked": "The certificate is NOT trusted. The certificate chain is revoked.",
    "tls-feature": "The certificate is NOT trusted. The certificate chain violates the signer's "
    "constraints.",
    "must-staple": "The certificate is NOT trusted. The certificate requires the server to include "
    "an OCSP status in its response, but the OCSP status is missing.",
    "malformed/repeated": "Duplicate extension in X.509 certificate.",
    "malformed": "Error in the certificate.",
}
gnutls_words = in_words(_GNUTLS)

_NOT_TRUSTED = "ERROR: The certificate of '{host}' is not trusted."
_UNABLE = "Unable to establish SSL connection."
_wget_text = in_words(
    {
        "path": f"{_NOT_TRUSTED} ERROR: The certificate of '{{host}}' doesn't have a known issuer.",
        "expired": f"{_NOT_TRUSTED} ERROR: The certificate of '{{host}}' has expired.",
        "not-yet-valid": f"{_NOT_TRUSTED} ERROR: The certificate of '{{host}}' is not yet "
        "activated.",
        "name": "The certificate's owner does not match hostname '{host}'",
        "key/kind@leaf": "GnuTLS: A TLS fatal alert has been received.",
        "key": f"{_NOT_TRUSTED} ERROR: The certificate of '{{host}}' was signed using an insecure "
        "algorithm.",
        "signature-algorithm": f"{_NOT_TRUSTED} ERROR: The certificate of '{{host}}' was signed "
        "using an insecure algorithm.",
        "issuer-not-ca": f"{_NOT_TRUSTED} ERROR: The certificate signer of '{{host}}' was not a "
        "CA.",
        "signature/algorithms": f"GnuTLS: Error in the certificate. {_UNABLE}",
        "malformed/repeated": f"GnuTLS: Duplicate extension in X.509 certificate. {_UNABLE}",
        "malformed": "GnuTLS: Error in the certificate. Unable to establish SSL connection.",
        "*": _NOT_TRUSTED,
    }
)


def wget_words(finding: Finding, case: Case) -> str | None:
    """GnuTLS' verdict in wget's words; in the last second it is wget alone that minds."""
    if finding.rule == "expired" and case.leaf.not_after == case.at.replace(microsecond=0):
        return "The certificate has expired"
    return _wget_text(finding, case)
