"""A certificate that clients accept once they trust one authority.

For whoever tests something else than certificates, and for the good half of every lesson.
It is the one shape that all measured clients took (`docs/clients.md`): a small authority, and
a leaf under it with the address in its SAN. Knows nothing of who asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from appliance.change import Change
from appliance.making import AUTHORITY_YEARS, MAX_NAMES
from store import issuing
from store.certificate import Certificate, iso_time
from store.inventory import Holding, Kind, new_id
from store.issuing import Profile, Wanted, add_years, random_serial
from store.names import Subject, parse_alternative_names
from store.refusals import Refusal, Refused, refuse_all

if TYPE_CHECKING:
    from appliance.box import Box

NAME = "OSBiz simulator CA"
DAYS = 365  # Apple takes 825 days at most, and 398 under a public root
_SETTING = "trusted_authority"


@dataclass(frozen=True, slots=True)
class Trusted:
    """The change that makes `leaf` active, and the authority to be trusted for it."""

    change: Change
    leaf: Holding
    authority: Holding


def prepare_trusted(box: Box, names: Iterable[str] = ()) -> Trusted:
    """A server certificate for the LAN IP and `names`, active, under an authority of the box.

    names: more alternative names, as in the forms (`DNS:…`, `IP:…`).
    The authority is the one of the last time while it is valid, so that clients that trust it
    go on doing so; boxes that keep nothing share one. Signs: call off the loop.
    """
    wrong: list[Refusal] = []
    wanted_names = list(dict.fromkeys([f"IP:{box.lan_ip}", *names]))
    if len(wanted_names) > MAX_NAMES:
        raise Refused.because("san", f"More than {MAX_NAMES} names.", field="names")
    alternative = parse_alternative_names(wanted_names, wrong)
    refuse_all(wrong)
    now = box.clock.now().replace(microsecond=0)
    authority = _authority(box, now)
    issuer = authority.certificate
    assert issuer is not None
    assert issuer.key is not None
    key = box.own_key()
    leaf = issuing.issued(
        Wanted(
            subject=Subject(common_name=box.lan_ip),
            not_before=now,
            not_after=min(now + timedelta(days=DAYS), issuer.not_after),
            serial=random_serial(),
            alternative_names=alternative,
        ),
        key.public_key(),
        authority=issuer.leaf,
        authority_key=issuer.key,
    )
    holding = Holding(
        id=new_id(),
        name=f"Trusted ({box.lan_ip})",
        kind=Kind.SERVER,
        created=now,
        certificate=Certificate(leaf=leaf, key=key),
        key=key,
        issued_by=authority.id,
    )
    detail = {
        "certificate": holding.id,
        "name": holding.name,
        "authority": authority.id,
        "not_after": iso_time(leaf.not_valid_after_utc),
    }
    new = () if authority.id in box.holdings else (authority,)
    change = Change(
        add=(*new, holding),
        activate=holding.id,
        settings={_SETTING: authority.id},
        journal=(("certificate-activated", detail),),
    )
    return Trusted(change, holding, authority)


_sharing = threading.Lock()
_shared: list[Holding] = []  # at most one, with the process as its only holder


def _authority(box: Box, now: datetime) -> Holding:
    known = box.holdings.get(box.settings.get(_SETTING, ""))
    if known is not None and _good_for(known, now):
        return known
    if not box.store.ephemeral:
        return _new_authority(box, now)
    with _sharing:
        if not _shared or not _good_for(_shared[0], now):
            _shared[:] = [_new_authority(box, now)]
        return _shared[0]


def _good_for(authority: Holding, now: datetime) -> bool:
    certificate = authority.certificate
    if certificate is None or certificate.key is None:
        return False
    return certificate.not_before <= now <= certificate.not_after - timedelta(days=DAYS)


def _new_authority(box: Box, now: datetime) -> Holding:
    key = box.keys.take()
    wanted = Wanted(
        subject=Subject(common_name=NAME),
        # A day of grace for the clocks of others.
        not_before=now - timedelta(days=1),
        not_after=add_years(now, AUTHORITY_YEARS),
        serial=random_serial(),
        profile=Profile.AUTHORITY,
    )
    certificate = Certificate(leaf=issuing.self_signed(wanted, key), key=key)
    return Holding(
        id=new_id(),
        name=NAME,
        kind=Kind.AUTHORITY,
        created=now,
        certificate=certificate,
        key=key,
    )


def anchor_of(box: Box) -> Certificate | None:
    """What a client has to trust to accept the active certificate, as it is presented.

    The authority of the box that signed it, else a self-signed end of its chain, else itself
    when it is self-signed. None when only its issuer, who is elsewhere, has it.
    """
    holding = box.active
    certificate = box.as_presented(holding).certificate
    assert certificate is not None
    issuer = box.holdings.get(holding.issued_by or "")
    if issuer is not None:
        return box.as_presented(issuer).certificate
    last = (certificate.leaf, *certificate.chain)[-1]
    return Certificate(leaf=last) if last.issuer == last.subject else None
