"""Whether a PKCS#12 file is sealed with what the OpenSSL in use lacks.

RC2, RC4 and single DES, which old Windows, Java and NSS write, lie in OpenSSL's *legacy
provider*. `cryptography` brings it along and loads it, unless CRYPTOGRAPHY_OPENSSL_NO_LEGACY is
set or it was built against an OpenSSL without; then such a file fails just as one with a wrong
passphrase does, and only its object identifiers tell the two apart.
"""

from __future__ import annotations

from functools import cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import RC2
from cryptography.hazmat.primitives.ciphers import Cipher, modes

# DER of the identifiers: pbeWithSHAAnd128BitRC4, …40BitRC4, …128BitRC2-CBC, …40BitRC2-CBC
# (RFC 7292 C: 1.2.840.113549.1.12.1.N) and PKCS#5's of MD2, MD5 and SHA-1 with DES and RC2
# (RFC 8018 A.3: 1.2.840.113549.1.5.N).
_PKCS12_PBE = tuple(bytes.fromhex("060a2a864886f70d010c01") + bytes([n]) for n in (1, 2, 5, 6))
_PKCS5_PBE = tuple(bytes.fromhex("06092a864886f70d0105") + bytes([n]) for n in (1, 3, 4, 6, 10, 11))


def sealed_beyond_us(data: bytes) -> bool:
    """Whether `data` names an old algorithm that can't be had here."""
    return any(named in data for named in _PKCS12_PBE + _PKCS5_PBE) and not _legacy_provider()


@cache
def _legacy_provider() -> bool:
    try:
        Cipher(RC2(bytes(16)), modes.CBC(bytes(8))).encryptor()
    except UnsupportedAlgorithm:
        return False
    return True
