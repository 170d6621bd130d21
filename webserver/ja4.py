"""JA4: a fingerprint of a TLS client, made from its ClientHello.

Written after the public specification (FoxIO, "JA4: TLS Client Fingerprinting", BSD
3-Clause) for TLS over TCP. Pure; knows no client by name (`webserver.guesses` does).

A fingerprint has three parts, joined by underscores: `a` is readable (version, whether a
name was sent, how many ciphers and extensions, the first ALPN), `b` stands for the
ciphers, `c` for extensions and signature algorithms. Whether a name and which ALPN are
sent shows in `a` alone, so `b` and `c` are the client's whatever it was told to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from webserver.hello import ALPN, SERVER_NAME, ClientHello, is_grease

_VERSIONS = {
    0x0304: "13",
    0x0303: "12",
    0x0302: "11",
    0x0301: "10",
    0x0300: "s3",
    0x0002: "s2",
    0xFEFF: "d1",
    0xFEFD: "d2",
    0xFEFC: "d3",
}
_MOST = 99
_HASH_LENGTH = 12
_NOTHING = "0" * _HASH_LENGTH
_IN_PART_A = frozenset({SERVER_NAME, ALPN})


def ja4(hello: ClientHello) -> str:
    """The fingerprint of `hello`, such as `t13d1516h2_8daaf6152771_e5627efa2ab1`.

    Means something only for a hello that is `complete`.
    """
    ciphers = sorted(_hex(hello.ciphers))
    extensions = sorted(_hex(kind for kind in hello.extensions if kind not in _IN_PART_A))
    algorithms = list(_hex(hello.signature_algorithms))
    told = ",".join(extensions) + ("_" + ",".join(algorithms) if algorithms else "")
    return "_".join(
        (
            _part_a(hello),
            _digest(",".join(ciphers)) if ciphers else _NOTHING,
            _digest(told) if extensions else _NOTHING,
        )
    )


def _part_a(hello: ClientHello) -> str:
    versions = [number for number in hello.versions if not is_grease(number)]
    version = max(versions) if versions else hello.legacy_version
    return "".join(
        (
            "t",
            _VERSIONS.get(version, "00"),
            "d" if SERVER_NAME in hello.extensions else "i",
            f"{min(_count(hello.ciphers), _MOST):02}",
            f"{min(_count(hello.extensions), _MOST):02}",
            _alpn(hello.alpn),
        )
    )


def _alpn(names: tuple[str, ...]) -> str:
    """First and last character of the first protocol; of its hex digits when one is odd."""
    if not names or not names[0]:
        return "00"
    first = names[0]
    ends = first[0] + first[-1]
    if ends.isascii() and ends.isalnum():
        return ends
    digits = first.encode("latin-1").hex()
    return digits[0] + digits[-1]


def _count(numbers: tuple[int, ...]) -> int:
    return sum(1 for number in numbers if not is_grease(number))


def _hex(numbers: Iterable[int]) -> Iterator[str]:
    return (f"{number:04x}" for number in numbers if not is_grease(number))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_HASH_LENGTH]
