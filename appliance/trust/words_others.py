"""The words of rustls, of browsers, and of the platforms.

As in `words`. Those of Apple, Android and Windows are as their makers document them.
"""

from __future__ import annotations

from appliance.trust.rules import Case
from appliance.trust.verdicts import Finding
from appliance.trust.words import in_words

rustls_words = in_words(
    {
        "path/too-long": "Other(OtherError(MaximumPathDepthExceeded))",
        "path": "UnknownIssuer",
        "expired": "certificate expired: verification time {now}, but certificate is not valid "
        "after {seen}",
        "not-yet-valid": "certificate not valid yet: verification time {now}, but certificate is "
        "not valid before {seen}",
        "validity": "Expired",
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
        "name-constraints/malformed": "Other(OtherError(MalformedDnsIdentifier))",
        "name-constraints": "Other(OtherError(NameConstraintViolation))",
        "critical-extension": "Other(OtherError(UnsupportedCriticalExtension))",
        "version": "Other(OtherError(UnsupportedCertVersion))",
        "signature/algorithms": "Other(OtherError(SignatureAlgorithmMismatch))",
        "signature": "BadSignature",
        "key/kind@leaf": "received fatal alert: HandshakeFailure",
        "key": "BadSignature",
        "signature-algorithm": "UnsupportedSignatureAlgorithmContext",
        "malformed/extended-key-usage-empty": "Other(OtherError(EmptyEkuExtension))",
        "malformed/repeated": "Other(OtherError(ExtensionValueInvalid))",
        "malformed": "BadEncoding",
        "message": "received corrupt message of type HandshakePayloadTooLarge",
    },
    frame="invalid peer certificate: {}",
    unframed=frozenset({"message"}),
)

cryptography_words = in_words(
    {"message": "[('SSL routines', '', 'excessive message size')]", "*": "validation failed"}
)

chromium_words = in_words(
    {
        "path": "ERR_CERT_AUTHORITY_INVALID",
        "signature/wrong": "ERR_CERT_AUTHORITY_INVALID",
        "signature": "ERR_CERT_INVALID",
        "expired": "ERR_CERT_DATE_INVALID",
        "not-yet-valid": "ERR_CERT_DATE_INVALID",
        "name": "ERR_CERT_COMMON_NAME_INVALID",
        "key/small": "ERR_CERT_WEAK_KEY",
        "message": "ERR_SSL_PROTOCOL_ERROR",
        "malformed/authority-key-halved": "ERR_CERT_AUTHORITY_INVALID",
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

_firefox_text = in_words(
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
        "name-constraints/malformed": "SEC_ERROR_BAD_DER",
        "name-constraints": "SEC_ERROR_CERT_NOT_IN_NAME_SPACE",
        "extended-key-usage": "SEC_ERROR_INADEQUATE_CERT_TYPE",
        "key-usage": "SEC_ERROR_INADEQUATE_KEY_USAGE",
        "issuer-key-usage": "SEC_ERROR_INADEQUATE_KEY_USAGE",
        "ca-as-server": "MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY",
        "issuer-not-ca": "SEC_ERROR_CA_CERT_INVALID",
        "version": "MOZILLA_PKIX_ERROR_V1_CERT_USED_AS_CA",
        "path-length": "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID",
        "critical-extension@issuer": "SEC_ERROR_UNKNOWN_ISSUER",
        "critical-extension": "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION",
        "key/small": "MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE",
        "key/kind@leaf": "SSL_ERROR_NO_CYPHER_OVERLAP",
        "key/kind": "SEC_ERROR_UNSUPPORTED_ELLIPTIC_CURVE",
        "signature/algorithms": "MOZILLA_PKIX_ERROR_SIGNATURE_ALGORITHM_MISMATCH",
        "signature": "SEC_ERROR_BAD_SIGNATURE",
        "signature-algorithm": "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED",
        "repeated-serial": "SEC_ERROR_REUSED_ISSUER_AND_SERIAL",
        "must-staple": "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING",
        "tls-feature": "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING",
        "message": "SEC_ERROR_BAD_DER",
        "revoked/stale": "SEC_ERROR_OCSP_OLD_RESPONSE",
        "revoked": "SEC_ERROR_REVOKED_CERTIFICATE",
        "malformed/extended-key-usage-empty": "SEC_ERROR_INADEQUATE_CERT_TYPE",
        "malformed/algorithm-mismatch": "MOZILLA_PKIX_ERROR_SIGNATURE_ALGORITHM_MISMATCH",
        "issuer-empty": "SEC_ERROR_BAD_DER",
        "malformed": "SEC_ERROR_EXTENSION_VALUE_INVALID",
    }
)


def firefox_words(finding: Finding, case: Case) -> str | None:
    """Firefox's code; of a key it says whether its kind or its curve is strange."""
    text = _firefox_text(finding, case)
    if text == "SEC_ERROR_UNSUPPORTED_ELLIPTIC_CURVE" and (finding.seen or "").startswith("Ed"):
        return "SEC_ERROR_UNSUPPORTED_KEYALG"
    return text


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
