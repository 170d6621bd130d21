"""Certificates from elsewhere, read through once when they come in.

`cryptography` parses lazily: a certificate loads although its names, dates or extensions
can't be read, and fails (or warns, which is an error for whoever says so) when somebody
looks at it later. What passes here can be shown, kept and loaded again. Whether the box
wants it is for `store.requirements` to know.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

# All that `cryptography` raises for bytes that it can't make sense of.
UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_SERIAL_BITS = 160  # RFC 5280 4.1.2.2: positive, at most 20 octets

# The filters are the whole process's: two threads that change them must not interleave.
_filters = threading.Lock()


@contextmanager
def collected_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Warnings in the block are collected, neither shown nor raised."""
    with _filters, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def why_unreadable(certificate: x509.Certificate) -> str | None:
    """What can't be read of `certificate`, in a sentence; None when all can."""
    with collected_warnings() as caught:
        try:
            serial = certificate.serial_number
            if not 0 < serial < 1 << _SERIAL_BITS:
                return "Its serial number is not positive, or longer than 20 octets (RFC 5280)."
            _read_through(certificate)
        except UNREADABLE as error:
            return f"It can't be read: {_short(error)}."
    for warning in caught:
        if issubclass(warning.category, UserWarning):  # cryptography's are; others' are not
            return f"It breaks RFC 5280: {_short(warning.message)}."
    return None


def _read_through(certificate: x509.Certificate) -> None:
    for name in (certificate.subject, certificate.issuer):
        name.rfc4514_string()
    for extension in certificate.extensions:
        repr(extension.value)
    assert certificate.not_valid_before_utc.tzinfo is certificate.not_valid_after_utc.tzinfo
    assert certificate.signature_algorithm_oid.dotted_string
    certificate.public_key()


def _short(what: object) -> str:
    text = " ".join(str(what).split())[:200].rstrip(".")
    return text or type(what).__name__
