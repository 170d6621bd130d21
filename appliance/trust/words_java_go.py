"""The words of Java and of Go, which build theirs from what is in the certificate.

As in `words`.
"""

from __future__ import annotations

from appliance.trust import matching
from appliance.trust.rules import Case
from appliance.trust.verdicts import Finding
from appliance.trust.words import Table, in_words

_FAILED = "PKIX path validation failed: java.security.cert.CertPathValidatorException: "
_JAVA: Table = {
    "path": "PKIX path building failed: sun.security.provider.certpath."
    "SunCertPathBuilderException: unable to find valid certification path to requested target",
    "key-identifier": f"{_FAILED}Path does not chain with any of the trust anchors",
    "expired": f"{_FAILED}validity check failed",
    "not-yet-valid": f"{_FAILED}validity check failed",
    "name@ip": "No subject alternative names matching IP address {host} found",
    "name/no-names@dns": "No name matching {host} found",
    "name/cn-only": "No name matching {host} found",
    "name@dns": "No subject alternative DNS name matching {host} found.",
    "key-usage": "KeyUsage does not allow digital signatures",
    "extended-key-usage": "Extended key usage does not permit use for TLS server authentication",
    "netscape-type": "Netscape cert type does not permit use for SSL server",
    "policy": f"{_FAILED}non-null policy tree required and policy tree is null",
    "key/small": f"{_FAILED}Algorithm constraints check failed on keysize limits: {{seen}} bit key "
    "used with certificate: {subject}",
    "key/kind@leaf": "Received fatal alert: handshake_failure",
    "key/kind": f"{_FAILED}signature check failed",
    "signature-algorithm/weak": "Received fatal alert: handshake_failure",
    "signature-algorithm/unknown": "Received fatal alert: handshake_failure",
    "signature-algorithm": f"{_FAILED}Algorithm constraints check failed on signature algorithm: "
    "{seen}",
    "signature/algorithms": "Failed to parse server certificates",
    "signature": f"{_FAILED}signature check failed",
    "issuer-not-ca@anchor": "PKIX path validation failed: sun.security.validator."
    'ValidatorException: TrustAnchor with subject "{java_subject}" is not a CA certificate',
    "issuer-key-usage@anchor": "PKIX path validation failed: sun.security.validator."
    'ValidatorException: TrustAnchor with subject "{java_subject}" does not have keyCertSign bit '
    "set in KeyUsage extension",
    "issuer-not-ca": f"{_FAILED}basic constraints check failed: this is not a CA certificate",
    "path-length": f"{_FAILED}basic constraints check failed: pathLenConstraint violated - this "
    "cert must be the last cert in the certification path",
    "issuer-key-usage": f"{_FAILED}CA key usage check failed: keyCertSign bit is not set",
    "name-constraints": f"{_FAILED}name constraints check failed",
    "critical-extension": f"{_FAILED}unrecognized critical extension(s)",
    "message/certificates": "The certificate chain length ({seen}) exceeds the maximum allowed "
    "length (10)",
    "message": "The size of the handshake message ({octets}) exceeds the maximum allowed size "
    "(32768)",
    "malformed": "Failed to parse server certificates",
}
# Java 17 says no more of a SAN that it can't read; 25 says why.
_JAVA_17: Table = {"malformed/address-length": "No subject alternative names present"}
_JAVA_25: Table = {
    "malformed/address-length": "Invalid IPAddressName",
    "malformed/names-empty": "No data available in passed DER encoded value.",
}
# With the alert that it sends; for what is not here that is certificate_unknown.
_JAVA_ALERTS = {
    "expired": "certificate_expired",
    "not-yet-valid": "bad_certificate",
    "signature": "bad_certificate",
    "malformed": "bad_certificate",
    "signature-algorithm": "unsupported_certificate",
}
_ALERT = "Received fatal alert: "
_EXCEPTION = "javax.net.ssl.SSLHandshakeException: "
_PROTOCOL = "javax.net.ssl.SSLProtocolException: "
_java_17_text = in_words({**_JAVA, **_JAVA_17})
_java_25_text = in_words({**_JAVA, **_JAVA_25})


def java_words(finding: Finding, case: Case) -> str | None:
    """The exception as Java up to 17 prints it."""
    text = _java_name(finding, case) or _java_17_text(finding, case)
    if text is None:
        return None
    return (_PROTOCOL if finding.rule == "message" else _EXCEPTION) + text


def java_25_words(finding: Finding, case: Case) -> str | None:
    """The exception as Java 25 prints it, with the alert."""
    text = _java_name(finding, case) or _java_25_text(finding, case)
    if text is None:
        return None
    if finding.rule == "message":
        return _PROTOCOL + text
    alert = _JAVA_ALERTS.get(finding.rule, "certificate_unknown")
    if text in _JAVA_25.values():
        alert = "certificate_unknown"
    elif text.startswith(_ALERT):
        alert = text.removeprefix(_ALERT)
    return f"{_EXCEPTION}({alert}) {text}"


def _java_name(finding: Finding, case: Case) -> str | None:
    """What Java says of a name, where that hangs on more than the finding."""
    if finding.rule != "name" or case.host is None:
        return None
    if case.host.address is not None:
        return None if case.leaf.names else "No subject alternative names present"
    strange = "_" in case.host.text or case.host.text.startswith("-")
    return f"Illegal given domain name: {case.host.text}" if strange else None


_GO: Table = {
    "path": "certificate signed by unknown authority",
    "expired": "certificate has expired or is not yet valid: current time {now} is after {seen}",
    "not-yet-valid": "certificate has expired or is not yet valid: current time {now} is before "
    "{seen}",
    "extended-key-usage": "certificate specifies an incompatible key usage",
    "name-constraints/kind": "unhandled critical extension",
    "name-constraints": "a root or intermediate certificate is not authorized to sign for this "
    'name: "{seen}" is not permitted by any constraint',
    "path-length": "too many intermediates for path length constraint",
    "critical-extension": "unhandled critical extension",
    "issuer-not-ca": "certificate signed by unknown authority (possibly because of "
    '"x509: invalid signature: parent certificate cannot sign this kind of certificate" while '
    'trying to verify candidate authority certificate "{subject}")',
    "issuer-key-usage": "certificate signed by unknown authority (possibly because of "
    '"x509: invalid signature: parent certificate cannot sign this kind of certificate" while '
    'trying to verify candidate authority certificate "{subject}")',
    "signature-algorithm": "certificate signed by unknown authority (possibly because of "
    '"x509: cannot verify signature: insecure algorithm {seen}" while trying to verify candidate '
    'authority certificate "{issuer}")',
    "signature": "certificate signed by unknown authority (possibly because of "
    '"crypto/rsa: verification error" while trying to verify candidate authority certificate '
    '"{issuer}")',
}
_go_text = in_words(
    {
        **_GO,
        "malformed": "tls: failed to parse certificate from server",
        "key": "tls: handshake failure",
        "message": "tls: handshake message of length {octets} bytes exceeds maximum of 65536 bytes",
    },
    frame="x509: {}",
    unframed=frozenset({"malformed", "key", "message"}),
)


def go_words(finding: Finding, case: Case) -> str | None:
    """Go's error; of a name as `x509.HostnameError` puts it together."""
    if (
        finding.rule == "issuer-not-ca"
        and case.path.certificates[finding.certificate or 0].version < 3
    ):
        return "x509: certificate is not authorized to sign other certificates"
    host = case.host
    unseen = finding.rule == "malformed" and finding.variant == "version-extensions"
    if host is None or not (finding.rule == "name" or unseen):
        return _go_text(finding, case)
    names = () if unseen else case.leaf.names or ()
    if case.leaf.names is None and any(
        one.text and matching.go(one.text, host.text) for one in case.leaf.common_names[-1:]
    ):
        return "x509: certificate relies on legacy Common Name field, use SANs instead"
    kind = "DNS" if host.address is None else "IP"
    valid = ", ".join(name.text for name in names if name.kind == kind)
    if valid:
        return f"x509: certificate is valid for {valid}, not {host.text}"
    if host.address is not None:
        return (
            f"x509: cannot validate certificate for {host.text} because it doesn't contain any IP "
            "SANs"
        )
    return f"x509: certificate is not valid for any names, but wanted to match {host.text}"
