"""Signing requests as a CA looks at them: signature, key, names; clear words for what is amiss."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from appliance.acme.wire import Identifier
from appliance.ca.problems import AcmeError, error
from store.foreign import UNREADABLE, collected_warnings

MAX_BYTES = 32 * 1024
_CURVES = ("secp256r1", "secp384r1", "secp521r1")  # BR 6.1.5
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


def bad(detail: str) -> AcmeError:
    """The error for a signing request that is no good."""
    return error("badCSR", detail)


def check_request(data: bytes, ordered: Iterable[Identifier]) -> PublicKey:
    """The key that a signing request (PEM or DER) wants certified for exactly `ordered`.

    Refused when it is no signing request, its signature does not verify, the key is weak, or it
    names other things. Takes milliseconds, and waits for whoever reads foreign files: for a thread.
    """
    with collected_warnings():
        request = read_request(data)
        return check_names(request, ordered)


def read_request(data: bytes) -> x509.CertificateSigningRequest:
    """A signing request, PEM or DER, whose signature verifies."""
    if len(data) > MAX_BYTES:
        raise bad(f"The signing request has {len(data)} bytes; at most {MAX_BYTES} are taken.")
    try:
        if b"-----BEGIN" in data:
            request = x509.load_pem_x509_csr(data)
        else:
            request = x509.load_der_x509_csr(data)
    except UNREADABLE:
        raise bad("This is no signing request (PKCS#10, PEM or DER).") from None
    try:
        algorithm = request.signature_hash_algorithm
        if not isinstance(algorithm, _HASHES):
            name = "no digest" if algorithm is None else algorithm.name.upper()
            raise bad(f"The signing request is signed with {name}; SHA-256, 384 or 512 is needed.")
        good = request.is_signature_valid
    except (InvalidSignature, *UNREADABLE):
        raise bad("The signing request uses a signature that is not known here.") from None
    if not good:
        raise bad(
            "The signature of the signing request does not verify: it was changed on its way."
        )
    return request


def public_key_of(request: x509.CertificateSigningRequest) -> PublicKey:
    """The key to be certified; refused when it is weak or of a kind that browsers don't take."""
    try:
        key = request.public_key()
    except UNREADABLE:
        raise bad("The key of the signing request can't be read.") from None
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        if not 2048 <= key.key_size <= 8192 or key.key_size % 8:
            raise bad(f"The RSA key has {key.key_size} bits; 2048 to 8192 are taken (BR 6.1.5).")
        if numbers.e < 65537 or numbers.e % 2 == 0:
            raise bad(f"The RSA key's exponent is {numbers.e}; 65537 is usual (BR 6.1.6).")
        plain = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if plain not in request.tbs_certrequest_bytes:
            raise bad("The RSA key is for RSASSA-PSS only; an ordinary one is needed (BR 7.1.3.1).")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise bad(f"The curve {key.curve.name} is not taken; P-256, P-384 and P-521 are.")
        return key
    raise bad("The key is neither RSA nor EC.")


def names_of(request: x509.CertificateSigningRequest) -> tuple[Identifier, ...]:
    """The names that a request asks for, sorted: its alternative names and its common names."""
    found: list[Identifier] = []
    try:
        common = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        extensions = request.extensions
    except UNREADABLE:
        raise bad("The names of the signing request can't be read.") from None
    try:
        alternative = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        alternative = x509.SubjectAlternativeName([])
    for name in alternative:
        if isinstance(name, x509.DNSName):
            found.append(Identifier("dns", name.value.lower()))
        elif isinstance(name, x509.IPAddress):
            found.append(Identifier("ip", str(name.value)))
        else:
            raise bad("The signing request has names that are neither DNS names nor addresses.")
    addresses = {one.value for one in found if one.kind == "ip"}
    for attribute in common:
        text = str(attribute.value).strip().lower()
        if text and text not in addresses:
            found.append(Identifier("dns", text))
    if not found:
        raise bad("The signing request has no name: put it into the Subject Alternative Name.")
    return tuple(sorted(set(found)))


def check_names(
    request: x509.CertificateSigningRequest, ordered: Iterable[Identifier]
) -> PublicKey:
    """The key to certify; refused when the request names other things than the order."""
    wanted, named = set(ordered), set(names_of(request))
    if missing := sorted(one.value for one in wanted - named):
        raise bad(f"The signing request lacks what was ordered: {', '.join(missing)}.")
    if more := sorted(one.value for one in named - wanted):
        raise bad(f"The signing request has what was not ordered: {', '.join(more)}.")
    return public_key_of(request)
