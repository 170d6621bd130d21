"""Server Certificates and Certificate Generation: lists, details, *Activate Certificate*."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from store.inventory import Holding, Kind
from store.refusals import Refused
from webserver.portal.display import (
    ORIGINS,
    Validity,
    general_information,
    subject_cn,
    validity,
)
from webserver.portal.forms import Form
from webserver.portal.frame import AUTHORITIES, CERTIFICATES
from webserver.portal.home_page import BOOSTER, SYSTEM
from webserver.portal.notices import notices_for
from webserver.portal.rendering import PARAMETERS
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.portal.waiting_page import restart_words, waiting
from webserver.problems import status_of

NODE_NAMES = {"system": SYSTEM, "booster": BOOSTER}


@dataclass(frozen=True, slots=True)
class Line:
    """A holding in a list; `life` is None for a signing request."""

    link: str
    name: str
    origin: str
    cn: str
    life: Validity | None
    active_on: tuple[str, ...]


async def certificates(visit: Visit) -> web.StreamResponse:
    """Certificates and signing requests together, as in the whitepaper."""
    return await _list(visit, authorities=False)


async def authorities(visit: Visit) -> web.StreamResponse:
    """The CA certificates, which the whitepaper lists under Certificate Generation."""
    return await _list(visit, authorities=True)


async def _list(visit: Visit, *, authorities: bool) -> web.StreamResponse:
    # What is served elsewhere is only known after asking.
    await visit.box.booster_view()
    lines = [
        _line(visit, holding)
        for holding in visit.box.holdings()
        if (holding.kind is Kind.AUTHORITY) is authorities
    ]
    return await visit.page("certificates.html", lines=lines, authorities=authorities)


def path_of(holding: Holding) -> str:
    """The page of a holding."""
    base = AUTHORITIES if holding.kind is Kind.AUTHORITY else CERTIFICATES
    return f"{base}/{holding.id}"


def _line(visit: Visit, holding: Holding) -> Line:
    certificate = holding.certificate
    return Line(
        link=path_of(holding),
        name=holding.name,
        origin=ORIGINS[holding.kind],
        cn=subject_cn(holding),
        life=None if certificate is None else validity(certificate, visit.box.clock.now()),
        active_on=tuple(NODE_NAMES[node] for node in visit.box.active_on(holding.id)),
    )


def _holding(visit: Visit) -> Holding:
    holding = visit.box.model.holding(visit.request[PARAMETERS]["id"])
    if not visit.request.path.startswith(path_of(holding)):
        raise go(path_of(holding))
    return holding


def _tabs(holding: Holding) -> list[tuple[str, str]]:
    tabs = [("Display General Information", path_of(holding))]
    certificate = holding.certificate
    if (
        certificate is not None
        and certificate.key is not None
        and holding.kind is not Kind.AUTHORITY
    ):
        tabs.append(("Activate Certificate", f"{path_of(holding)}/activate"))
    return tabs


async def certificate(visit: Visit) -> web.StreamResponse:
    """*Display General Information*."""
    holding = _holding(visit)
    now = visit.box.clock.now()
    certificate = holding.certificate
    return await visit.page(
        "certificate.html",
        line=_line(visit, holding),
        tabs=_tabs(holding),
        sections=general_information(holding),
        notices=[] if certificate is None else notices_for(certificate, now),
    )


async def activate(visit: Visit) -> web.StreamResponse:
    """The tab *Activate Certificate*, its warnings first."""
    return await _activate_page(visit, _holding(visit), Form({"system": "system"}))


async def _activate_page(
    visit: Visit, holding: Holding, form: Form, status: int = 200
) -> web.StreamResponse:
    certificate = holding.certificate
    systems = ["system"] if visit.box.booster is None else ["system", "booster"]
    return await visit.page(
        "activate.html",
        status=status,
        form=form,
        line=_line(visit, holding),
        tabs=_tabs(holding),
        systems=[(node, NODE_NAMES[node]) for node in systems],
        notices=[] if certificate is None else notices_for(certificate, visit.box.clock.now()),
        restart=restart_words(visit),
    )


async def activate_now(visit: Visit) -> web.StreamResponse:
    """*Activate Now*: the node restarts; the page that waits for the box when it is the box."""
    holding = _holding(visit)
    node = visit.form.get("system", "")
    try:
        if node not in NODE_NAMES:
            raise Refused.because("no-such-node", "Choose one of the systems.", field="system")
        warnings = await visit.box.activate(holding.id, node=node, wait=False)
    except Refused as refused:
        form = Form({"system": node}).refuse(refused, ("system",))
        return await _activate_page(visit, holding, form, status_of(refused))
    if node == "system":
        return await waiting(visit, name=holding.name, warnings=warnings)
    for warning in warnings:
        visit.tell(warning)
    visit.tell(
        mark(
            "Certificate and key were transferred. The Booster Server restarts with them; "
            "this box goes on serving."
        )
    )
    raise go(path_of(holding))
