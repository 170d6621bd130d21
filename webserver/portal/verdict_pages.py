"""What clients say of a certificate: the tab, and the same before a certificate is activated.

Puts an outlook into words and pictures. Judging takes a few hundredths of a second and is
done beside the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from cryptography import x509

from appliance.clock import Dates, real_now
from appliance.trust import Outcome, Verdict
from store.certificate import Certificate, alternative_names, common_name
from store.inventory import Holding, Kind
from store.refusals import Refused
from webserver.outlook import Outlook, Swap, Telling, outlook_of, swap_of
from webserver.portal.chain_picture import Picture, chain_picture
from webserver.portal.forms import Form
from webserver.portal.limits import Limits, limits_of
from webserver.portal.verdict_words import (
    GROUPS,
    LEVELS,
    OUTCOMES,
    STANDINGS,
    TELLERS,
    TELLINGS,
    Trouble,
    first_reason,
    first_troubles,
    title_of,
    troubles,
)
from webserver.portal.visits import Visit
from webserver.problems import status_of
from webserver.running import RunningBox

_FEW = 3  # names in a sentence


@dataclass(frozen=True, slots=True)
class Cell:
    """One environment in one case, in words. reason: None when it accepts."""

    level: str
    outcome: str
    standing: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Environments down, what they have been told across.

    columns: their headings. groups: a title with rows of title and cells.
    """

    columns: tuple[str, ...]
    groups: tuple[tuple[str, tuple[tuple[str, tuple[Cell, ...]], ...]], ...]


@dataclass(frozen=True, slots=True)
class View:
    """An outlook as a page shows it, in the case `telling`.

    counts: how many accept, warn and refuse. issuer: whom clients would have to trust; None
    when there is nobody to be told of.
    """

    outlook: Outlook
    telling: Telling
    issuer: str | None
    counts: Mapping[str, int]
    picture: Picture
    limits: Limits
    troubles: tuple[Trouble, ...]


async def verdicts(visit: Visit, holding: Holding, **around: object) -> web.StreamResponse:
    """The tab. `?host=` is the name or address that clients use, `?told=` what they know.

    around: what the page's frame needs.
    """
    certificate = holding.certificate
    if certificate is None:
        raise web.HTTPNotFound
    query = visit.request.query
    host = query.get("host", "").strip() or visit.box.lan_ip
    wrong = None
    try:
        outlook = await outlook_for(visit, holding, host)
    except Refused as refused:
        wrong = refused
        outlook = await outlook_for(visit, holding, visit.box.lan_ip)
    told = query.get("told", "")
    known = [one for one in Telling if one in outlook.verdicts]
    telling = Telling(told) if told in known else outlook.best_known
    form, status = Form({"host": host, "told": telling.value}), 200
    if wrong is not None:
        form, status = form.refuse(wrong, ("host",)), status_of(wrong)
    return await visit.page(
        "verdicts.html",
        status=status,
        form=form,
        hosts=_hosts(visit, certificate),
        tellings=[(one.value, visit.texts(TELLERS[one])) for one in known],
        view=view_of(visit, outlook, telling),
        matrix=_matrix(visit, outlook),
        **around,
    )


async def outlook_for(visit: Visit, holding: Holding, host: str) -> Outlook:
    """What clients that use `host` would make of `holding`, presented now."""
    box = visit.box
    presented = await box.call(box.model.as_presented, holding)
    certificate = presented.certificate
    assert certificate is not None
    moved = box.clock.dates is Dates.PROJECTED and presented is not holding
    authorities = await box.call(_authorities, box)
    return await asyncio.to_thread(
        outlook_of,
        certificate,
        host=host,
        at=real_now() if moved else box.clock.now(),
        authorities=authorities,
    )


def _authorities(box: RunningBox) -> list[x509.Certificate]:
    """The authorities of the box with the dates that clients see."""
    presented = [
        box.model.as_presented(one) for one in box.holdings() if one.kind is Kind.AUTHORITY
    ]
    return [one.certificate.leaf for one in presented if one.certificate is not None]


def view_of(visit: Visit, outlook: Outlook, telling: Telling) -> View:
    """`outlook` in the language of the visit."""
    certificate = outlook.certificate
    verdicts = outlook.verdicts[telling]
    return View(
        outlook=outlook,
        telling=telling,
        issuer=None if outlook.issuer is None else _name(outlook.issuer),
        counts={LEVELS[one]: outlook.count(one, telling) for one in Outcome},
        picture=chain_picture(outlook, telling, visit.texts),
        limits=limits_of(certificate, at=outlook.at, telling=telling, texts=visit.texts),
        troubles=tuple(troubles(verdicts, visit.texts)),
    )


def _name(certificate: x509.Certificate) -> str:
    return common_name(certificate.subject) or certificate.subject.rfc4514_string()


def _hosts(visit: Visit, certificate: Certificate) -> list[str]:
    """What clients may use, to choose from."""
    names = [
        name.partition(":")[2]
        for name in alternative_names(certificate.leaf.extensions)
        if name.startswith(("DNS:", "IP:")) and "*" not in name
    ]
    own = common_name(certificate.leaf.subject)
    return list(dict.fromkeys([visit.box.lan_ip, *names, *([own] if own else [])]))[:20]


def _matrix(visit: Visit, outlook: Outlook) -> Matrix:
    known = [one for one in Telling if one in outlook.verdicts]
    by_name = {
        telling: {verdict.environment: verdict for verdict in outlook.verdicts[telling]}
        for telling in known
    }
    groups = []
    for title, names in GROUPS:
        rows = tuple(
            (
                title_of(name, visit.texts),
                tuple(_cell(visit, by_name[telling][name]) for telling in known),
            )
            for name in names
        )
        groups.append((visit.texts(title), rows))
    return Matrix(tuple(visit.texts(TELLINGS[one]) for one in known), tuple(groups))


def _cell(visit: Visit, verdict: Verdict) -> Cell:
    texts = visit.texts
    return Cell(
        LEVELS[verdict.outcome],
        texts(OUTCOMES[verdict.outcome]),
        texts(STANDINGS[verdict.standing]),
        None if verdict.outcome is Outcome.ACCEPTED else first_reason(verdict, texts),
    )


@dataclass(frozen=True, slots=True)
class Prospect:
    """What activating a certificate on one system means for its clients.

    node: which. view: of the certificate to be activated. fresh: whether its issuer is one that
    the clients of the active certificate don't know. same: whether it is active already.
    compared: whether it is known here what is active.
    shut, refusing: what locks clients out by it, and what those mind who were out already, who
    are `refused_by`. user_only: titles of who refuses besides when only their user has told them.
    shut_out: how many are locked out; names: titles of some of them, the UC
    clients first. opened: titles of who gets in by it.
    """

    node: str
    host: str
    at: str
    view: View
    fresh: bool
    same: bool
    compared: bool
    shut: tuple[Trouble, ...]
    shut_out: int
    names: tuple[str, ...]
    opened: tuple[str, ...]
    refusing: tuple[Trouble, ...]
    refused_by: int
    user_only: tuple[str, ...]


async def prospect(
    visit: Visit, holding: Holding, *, node: str, host: str, active: Holding | None
) -> Prospect:
    """What to say before `holding` is activated on `node`, which clients reach as `host`.

    active: what is active there; None when that is not known.
    """
    new = await outlook_for(visit, holding, host)
    old = None if active is None else await outlook_for(visit, active, host)
    swap = Swap((), (), ()) if old is None else swap_of(old, new)
    refusing = swap.refusing
    if old is None:
        verdicts = new.verdicts[new.best_known]
        refusing = tuple(one for one in verdicts if one.outcome is Outcome.REFUSED)
    shut = first_troubles(swap.shut, visit.texts)
    return Prospect(
        node=node,
        host=host,
        at=f"{new.at:%Y-%m-%d %H:%M:%S}",
        view=view_of(visit, new, new.best_known),
        fresh=new.issuer is not None and (old is None or old.issuer != new.issuer),
        same=active is not None and active.id == holding.id,
        compared=old is not None,
        shut=tuple(shut),
        shut_out=len(swap.shut),
        names=tuple(title for one in shut for title, _ in one.names)[:_FEW],
        opened=tuple(title_of(name, visit.texts) for name in swap.opened),
        refusing=tuple(first_troubles(refusing, visit.texts)),
        refused_by=len(refusing),
        user_only=tuple(title_of(name, visit.texts) for name in new.not_by_user),
    )
