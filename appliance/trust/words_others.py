"""The words of the clients that search: Java, Go, rustls, browsers, and the platforms.

As in `words`. Those of Apple, Android and Windows are as their makers document them.
"""

from __future__ import annotations

from appliance.trust.words import Table, in_words

_FAILED = "PKIX path validation failed: java.security.cert.CertPathValidatorException: "
_JAVA: Table = {
    "path": "PKIX path building failed: sun.security.provider.certpath."
    "SunCertPathBuilderException: unable to find valid certification path to requested target",
    "key-identifier": f"{_FAILED}Path does not chain with any of the trust anchors",
    "expired": f"{_FAILED}validity check failed",
    "not-yet-valid": f"{_FAILED}validity check failed",
    "name/no-names@ip": "No subject alternative names present",
    "name/address-in-cn": "No subject alternative names present",
    "name@ip": "No subject alternative names matching IP address {host} found",
    "name/no-names@dns": "No name matching {host} found",
    "name/cn-only": "No name matching {host} found",
    "name@dns": "No subject alternative DNS name matching {host} found.",
    "key-usage": "KeyUsage does not allow digital signatures",
    "extended-key-usage": "Extended key usage does not permit use for TLS server authentication",
    "netscape-type": "Netscape cert type does not permit use for SSL server",
    "key/small": f"{_FAILED}Algorithm constraints check failed on keysize limits: {{seen}} bit key "
    "used with certificate: {subject}",
    "key/kind@leaf": "Received fatal alert: handshake_failure",
    "key/kind": f"{_FAILED}signature check failed",
    "signature-algorithm": f"{_FAILED}Algorithm constraints check failed on signature algorithm: "
    "{seen}",
    "signature": f"{_FAILED}signature check failed",
    "issuer-not-ca@anchor": "PKIX path validation failed: sun.security.validator."
    'ValidatorException: TrustAnchor with subject "{subject}" is not a CA certificate',
    "issuer-not-ca": f"{_FAILED}basic constraints check failed: this is not a CA certificate",
    "path-length": f"{_FAILED}basic constraints check failed: pathLenConstraint violated - this "
    "cert must be the last cert in the certification path",
    "issuer-key-usage": f"{_FAILED}CA key usage check failed: keyCertSign bit is not set",
    "name-constraints": f"{_FAILED}name constraints check failed",
    "critical-extension": f"{_FAILED}unrecognized critical extension(s)",
    "policy": f"{_FAILED}certificate policies check failed",
    "malformed": "java.security.cert.CertificateParsingException",
}
java_words = in_words(_JAVA, frame="javax.net.ssl.SSLHandshakeException: {}")

_GO: Table = {
    "path": "certificate signed by unknown authority",
    "expired": "certificate has expired or is not yet valid: current time {now} is after {seen}",
    "not-yet-valid": "certificate has expired or is not yet valid: current time {now} is before "
    "{seen}",
    "name/no-names@ip": "cannot validate certificate for {host} because it doesn't contain any IP "
    "SANs",
    "name/address-in-cn": "cannot validate certificate for {host} because it doesn't contain any "
    "IP SANs",
    "name/address-as-dns": "cannot validate certificate for {host} because it doesn't contain any "
    "IP SANs",
    "name/cn-only": "certificate relies on legacy Common Name field, use SANs instead",
    "name/no-names": "certificate is not valid for any names, but wanted to match {host}",
    "name": "certificate is valid for {names}, not {host}",
    "extended-key-usage": "certificate specifies an incompatible key usage",
    "name-constraints/kind": "unhandled critical extension",
    "name-constraints": "a root or intermediate certificate is not authorized to sign for this "
    'name: "{seen}" is not permitted by any constraint',
    "path-length": "too many intermediates for path length constraint",
    "critical-extension": "unhandled critical extension",
    "issuer-not-ca@issuer": "certificate is not authorized to sign other certificates",
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
go_words = in_words(
    {
        **_GO,
        "malformed": "tls: failed to parse certificate from server",
        "key": "tls: handshake failure",
    },
    frame="x509: {}",
    unframed=frozenset({"malformed", "key"}),
)

rustls_words = in_words(
    {
        "path/too-long": "Other(OtherError(MaximumPathDepthExceeded))",
        "path": "UnknownIssuer",
        "expired": "certificate expired: verification time {now}, but certificate is not valid "
        "after {seen}",
        "not-yet-valid": "certificate not valid yet: verification time {now}, but certificate is "
        "not valid before {seen}",
        "validity": "Other(OtherError(InvalidCertValidity))",
        "name/no-names": 'certificate not valid for name "{host}"; certificate is not valid for '
        "any names (according to its subjectAltName extension)",
        "name/cn-only": 'certificate not valid for name "{host}"; certificate is not valid for any '
        "names (according to its subjectAltName extension)",
        "name": 'certificate not valid for name "{host}"; certificate is only valid for {names}',
        "extended-key-usage": "certificate does not allow extended key usage for server "
        "authentication, allows {seen}",
        "ca-as-server": "Other(OtherError(CaUsedAsEndEntity))",
        "issuer-not-ca": "Other(OtherError(EndEntityUsedAsCa))",
        "path-length": "Other(OtherError(PathLenConstraintViolated))",
        "name-constraints": "Other(OtherError(NameConstraintViolation))",
        "critical-extension": "Other(OtherError(UnsupportedCriticalExtension))",
        "version": "Other(OtherError(UnsupportedCertVersion))",
        "signature/algorithms": "Other(OtherError(SignatureAlgorithmMismatch))",
        "signature": "BadSignature",
        "key/kind@leaf": "received fatal alert: HandshakeFailure",
        "key": "BadSignature",
        "signature-algorithm": "UnsupportedSignatureAlgorithmContext",
        "malformed/repeated": "Other(OtherError(ExtensionValueInvalid))",
        "malformed": "BadEncoding",
    },
    frame="invalid peer certificate: {}",
)

cryptography_words = in_words({"*": "validation failed"})

chromium_words = in_words(
    {
        "path": "ERR_CERT_AUTHORITY_INVALID",
        "signature/wrong": "ERR_CERT_AUTHORITY_INVALID",
        "signature": "ERR_CERT_INVALID",
        "expired": "ERR_CERT_DATE_INVALID",
        "not-yet-valid": "ERR_CERT_DATE_INVALID",
        "name": "ERR_CERT_COMMON_NAME_INVALID",
        "key/small": "ERR_CERT_WEAK_KEY",
        "key/kind@leaf": "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
        "key": "ERR_CERT_INVALID",
        "key-usage": "ERR_SSL_KEY_USAGE_INCOMPATIBLE",
        "lifetime": "ERR_CERT_VALIDITY_TOO_LONG",
        "revoked": "ERR_CERT_REVOKED",
        "malformed/version-extensions": "ERR_SSL_SERVER_CERT_BAD_FORMAT",
        "*": "ERR_CERT_INVALID",
    },
    frame="net::{}",
)

firefox_words = in_words(
    {
        "path/self-signed": "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT",
        "path": "SEC_ERROR_UNKNOWN_ISSUER",
        "expired@leaf": "SEC_ERROR_EXPIRED_CERTIFICATE",
        "expired": "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE",
        "not-yet-valid@leaf": "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE",
        "not-yet-valid": "MOZILLA_PKIX_ERROR_NOT_YET_VALID_ISSUER_CERTIFICATE",
        "validity": "SEC_ERROR_INVALID_TIME",
        "malformed/time-early": "SEC_ERROR_INVALID_TIME",
        "name": "SSL_ERROR_BAD_CERT_DOMAIN",
        "name-constraints": "SEC_ERROR_CERT_NOT_IN_NAME_SPACE",
        "extended-key-usage": "SEC_ERROR_INADEQUATE_CERT_TYPE",
        "key-usage": "SEC_ERROR_INADEQUATE_KEY_USAGE",
        "issuer-key-usage": "SEC_ERROR_INADEQUATE_KEY_USAGE",
        "ca-as-server": "MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY",
        "issuer-not-ca": "SEC_ERROR_CA_CERT_INVALID",
        "version": "MOZILLA_PKIX_ERROR_V1_CERT_USED_AS_CA",
        "path-length": "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID",
        "critical-extension": "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION",
        "key/small": "MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE",
        "key/kind@leaf": "SSL_ERROR_HANDSHAKE_FAILURE_ALERT",
        "key/kind": "SEC_ERROR_UNSUPPORTED_ELLIPTIC_CURVE",
        "signature/algorithms": "MOZILLA_PKIX_ERROR_SIGNATURE_ALGORITHM_MISMATCH",
        "signature": "SEC_ERROR_BAD_SIGNATURE",
        "signature-algorithm": "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED",
        "repeated-serial": "SEC_ERROR_REUSED_ISSUER_AND_SERIAL",
        "must-staple": "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING",
        "revoked": "SEC_ERROR_REVOKED_CERTIFICATE",
        "issuer-empty": "SEC_ERROR_BAD_DER",
        "malformed": "SEC_ERROR_EXTENSION_VALUE_INVALID",
    }
)

apple_words = in_words(
    {
        "expired": "NSURLErrorServerCertificateHasBadDate (-1201): The certificate for this server "
        "has expired.",
        "not-yet-valid": "NSURLErrorServerCertificateNotYetValid (-1204): The certificate for this "
        "server is not yet valid.",
        "path": "NSURLErrorServerCertificateUntrusted (-1202): The certificate for this server is "
        "invalid. You might be connecting to a server that is pretending to be “{host}”.",
        "lifetime": "“{subject}” certificate is not standards compliant (-67901)",
        "extended-key-usage": "“{subject}” certificate is not permitted for this usage (-67609)",
        "*": "NSURLErrorServerCertificateUntrusted (-1202): The certificate for this server is "
        "invalid. You might be connecting to a server that is pretending to be “{host}”.",
    }
)

android_words = in_words(
    {
        "path": "javax.net.ssl.SSLHandshakeException: java.security.cert."
        "CertPathValidatorException: Trust anchor for certification path not found.",
        "anchor-origin": "javax.net.ssl.SSLHandshakeException: java.security.cert."
        "CertPathValidatorException: Trust anchor for certification path not found.",
        "expired": "javax.net.ssl.SSLHandshakeException: Chain validation failed "
        "(timestamp check failed)",
        "not-yet-valid": "javax.net.ssl.SSLHandshakeException: Chain validation failed "
        "(timestamp check failed)",
        "name": "javax.net.ssl.SSLPeerUnverifiedException: Hostname {host} not verified",
        "*": "javax.net.ssl.SSLHandshakeException: Chain validation failed",
    }
)

_SSPI = "AuthenticationException: The remote certificate is invalid because of errors in the "
windows_words = in_words(
    {
        "path": f"{_SSPI}certificate chain: UntrustedRoot",
        "path/issuer-missing": f"{_SSPI}certificate chain: PartialChain",
        "path/anchor-missing": f"{_SSPI}certificate chain: PartialChain",
        "expired": f"{_SSPI}certificate chain: NotTimeValid",
        "not-yet-valid": f"{_SSPI}certificate chain: NotTimeValid",
        "name": "AuthenticationException: The remote certificate is invalid according to the "
        "validation procedure: RemoteCertificateNameMismatch",
        "extended-key-usage": f"{_SSPI}certificate chain: NotValidForUsage",
        "issuer-not-ca": f"{_SSPI}certificate chain: InvalidBasicConstraints",
        "path-length": f"{_SSPI}certificate chain: InvalidBasicConstraints",
        "signature": f"{_SSPI}certificate chain: NotSignatureValid",
        "name-constraints": f"{_SSPI}certificate chain: HasNotPermittedNameConstraint",
        "revoked": f"{_SSPI}certificate chain: Revoked",
        "*": f"{_SSPI}certificate chain",
    }
)
