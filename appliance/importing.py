"""Judging what was uploaded: whitepaper 2.1 and 3.1, all reasons at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from store.bundles import Material
from store.certificate import Certificate
from store.chains import assemble
from store.inventory import Holding
from store.refusals import Refusal, refuse_all
from store.requirements import broken_requirements


def checked_import(material: Material, wrong: list[Refusal], *, field: str) -> Certificate:
    """The certificate in `material`, fit to be served.

    wrong: what is known to be wrong already; everything else that is wrong joins it.
    Raises `Refused` with all of it.
    """
    certificate = assemble(material, field=field)
    wrong = wrong + material.wrong
    if certificate is not None:
        wrong += [replace(why, field=field) for why in broken_requirements(certificate.leaf)]
    refuse_all(wrong)
    assert certificate is not None
    return certificate


def take_key_from_requests(material: Material, holdings: Iterable[Holding]) -> None:
    """Add the key of the signing request that the certificate answers; a refusal if none does."""
    if not material.certificates:
        return  # what is wrong has been said
    requests = [holding for holding in holdings if holding.request is not None]
    for certificate in material.certificates:
        for holding in requests:
            assert holding.request is not None
            if holding.request.public_key() == certificate.public_key():
                material.key = holding.key
                return
    material.wrong.append(
        Refusal(
            "key-missing",
            "There is no key file, and no signing request of this box matches.",
            "key",
            "Choose the .key file that belongs to the certificate.",
        )
    )
