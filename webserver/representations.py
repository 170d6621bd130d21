"""The model in the control API's words: CERTIFICATE, journal entries, nodes.

Field names are the contract; keys and passphrases are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from appliance.projection import Validity
from store.certificate import (
    Certificate,
    alternative_names,
    iso_time,
    key_bits,
    name_as_dict,
    serial_hex,
    signature_algorithm,
)
from store.inventory import Holding
from store.journal import Entry


def certificate_json(
    holding: Holding, *, active_on: Iterable[str], real: Validity | None = None
) -> dict[str, Any]:
    """A CERTIFICATE; what a signing request does not have yet is null.

    real: its validity on the real calendar, where that is what clients see.
    """
    head = {"id": holding.id, "name": holding.name, "kind": holding.kind.value}
    tail = {
        "active_on": list(active_on),
        "has_key": holding.key is not None,
        "issued_by": holding.issued_by,
        "created": iso_time(holding.created),
        "real": None
        if real is None
        else {"not_before": iso_time(real[0]), "not_after": iso_time(real[1])},
    }
    if holding.certificate is not None:
        return head | _issued(holding.certificate) | tail
    assert holding.request is not None
    return head | _requested(holding.request) | tail


def _issued(certificate: Certificate) -> dict[str, Any]:
    leaf = certificate.leaf
    return {
        "subject": name_as_dict(leaf.subject),
        "issuer": name_as_dict(leaf.issuer),
        "serial": certificate.serial,
        "serial_hex": serial_hex(certificate.serial),
        "not_before": iso_time(certificate.not_before),
        "not_after": iso_time(certificate.not_after),
        "algorithm": signature_algorithm(leaf),
        "key_bits": key_bits(leaf),
        "san": list(alternative_names(leaf.extensions)),
        "fingerprint_sha1": certificate.fingerprint("sha1"),
        "fingerprint_sha256": certificate.fingerprint("sha256"),
        "pem": certificate.pem,
    }


def _requested(request: x509.CertificateSigningRequest) -> dict[str, Any]:
    return {
        "subject": name_as_dict(request.subject),
        "issuer": None,
        "serial": None,
        "serial_hex": None,
        "not_before": None,
        "not_after": None,
        "algorithm": signature_algorithm(request),
        "key_bits": key_bits(request),
        "san": list(alternative_names(request.extensions)),
        "fingerprint_sha1": None,
        "fingerprint_sha256": None,
        "pem": request.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    }


def entry_json(entry: Entry, *, node: str) -> dict[str, Any]:
    """A journal entry."""
    return {
        "seq": entry.seq,
        "time": entry.time,
        "node": node,
        "event": entry.event,
        "detail": dict(entry.detail),
    }
