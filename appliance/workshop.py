"""What a box makes and takes in: certificates, signing requests, imports.

Stories of `Box`, in a room of their own because a box that starts needs none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cryptography import x509

from appliance.change import Change
from appliance.importing import checked_import, take_key_from_requests
from appliance.making import Form, check_name, parse_form, signing_key
from store import issuing
from store.bundles import Material, read_files, read_pkcs12, write_pkcs12
from store.certificate import Certificate, iso_time
from store.chains import shown_name
from store.inventory import Holding, Kind, new_id
from store.refusals import Refusal, Refused
from store.requirements import passphrase_refusals

if TYPE_CHECKING:
    from appliance.box import Box


def make(box: Box, values: Mapping[str, Any]) -> Holding:
    """Make what the form `values` asks for and keep it, not active; all refusals at once."""
    form = parse_form(values, now=box.clock.now())
    authority = None if form.authority is None else _authority(box, form)
    key = box.keys.take()
    holding = Holding(id=new_id(), name=form.name, kind=form.kind, created=box.clock.now(), key=key)
    if form.kind is Kind.REQUEST:
        request = issuing.signing_request(
            form.subject,
            key,
            algorithm=form.algorithm,
            alternative_names=form.alternative_names,
        )
        holding = replace(holding, request=request)
    elif authority is not None:
        leaf = issuing.issued(
            form.wanted(),
            key.public_key(),
            authority=authority.leaf,
            authority_key=signing_key(authority.leaf, authority.key),
        )
        certificate = Certificate(leaf=leaf, chain=authority.chain_of_issued, key=key)
        holding = replace(holding, certificate=certificate, issued_by=form.authority)
        if form.passphrase is not None:
            sealed = write_pkcs12(certificate, name=form.name, passphrase=form.passphrase)
            holding = replace(holding, pkcs12=sealed)
    else:
        leaf = issuing.self_signed(form.wanted(), key)
        holding = replace(holding, certificate=Certificate(leaf=leaf, key=key))
    _keep(box, holding, "certificate-created")
    return holding


def _authority(box: Box, form: Form) -> Certificate:
    assert form.authority is not None
    try:
        certificate = box.holding(form.authority).certificate
    except Refused as refused:
        raise Refused(*(replace(why, field="authority") for why in refused.refusals)) from None
    if certificate is None:
        raise Refused.because("authority-unusable", "It is a signing request.", field="authority")
    for other in box.holdings.values():
        if other.certificate is None or form.serial is None:
            continue
        leaf = other.certificate.leaf
        if leaf.issuer == certificate.leaf.subject and leaf.serial_number == form.serial:
            raise Refused.because(
                "serial-taken",
                f"This authority has issued the serial number {form.serial} already.",
                field="serial",
                instead="Clients refuse two certificates of one issuer with the same serial.",
            )
    return certificate


def import_files(
    box: Box, *, name: str, passphrase: str, certificate: bytes, key: bytes | None
) -> Holding:
    """Import certificate and key (whitepaper 3.1, option 2); not active.

    The key may be left out when a signing request of this box has it.
    """
    wrong = list(passphrase_refusals(passphrase))
    name = check_name(name, wrong)
    material = read_files(certificate, key, passphrase)
    if key is None:
        take_key_from_requests(material, box.holdings.values())
    return _import(box, name, material, wrong, field="certificate")


def import_pkcs12(box: Box, *, name: str, passphrase: str, data: bytes) -> Holding:
    """Import a PKCS#12 file (whitepaper 3.1, option 1); not active."""
    wrong = list(passphrase_refusals(passphrase))
    name = check_name(name, wrong)
    return _import(box, name, read_pkcs12(data, passphrase), wrong, field="pkcs12")


def _import(
    box: Box, name: str, material: Material, wrong: list[Refusal], *, field: str
) -> Holding:
    certificate = checked_import(material, wrong, field=field)
    holding = Holding(
        id=new_id(),
        name=name,
        kind=Kind.IMPORTED,
        created=box.clock.now(),
        certificate=certificate,
        key=certificate.key,
    )
    _keep(box, holding, "certificate-imported", left_out=material.left_out)
    return holding


def _keep(
    box: Box, holding: Holding, event: str, *, left_out: Sequence[x509.Certificate] = ()
) -> None:
    detail: dict[str, Any] = {
        "certificate": holding.id,
        "name": holding.name,
        "kind": holding.kind.value,
    }
    if holding.certificate is not None:
        detail["not_after"] = iso_time(holding.certificate.not_after)
        detail["fingerprint_sha256"] = holding.certificate.fingerprint("sha256")
    if left_out:
        detail["left_out"] = [shown_name(certificate) for certificate in left_out]
    box.commit(Change(add=(holding,), journal=((event, detail),)))
