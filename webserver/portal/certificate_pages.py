"""Server Certificates and Certificate Generation: lists, details, *Activate Certificate*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from cryptography import x509

from appliance.accounts import Right
from store.certificate import Certificate
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
from webserver.portal.frame import (
    AUTHORITIES,
    CERTIFICATES,
    GENERATE_CA,
    GENERATE_REQUEST,
    GENERATE_SELF_SIGNED,
    IMPORT,
)
from webserver.portal.home_page import BOOSTER, SYSTEM
from webserver.portal.notices import notices_for, time_notices
from webserver.portal.rendering import PARAMETERS
from webserver.portal.rights import lacking, need
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.portal.waiting_page import restart_words, waiting
from webserver.problems import status_of

if TYPE_CHECKING:
    from webserver.portal.verdict_pages import Prospect

NODE_NAMES = {"system": SYSTEM, "booster": BOOSTER}
GENERAL = "Display General Information"
VERDICTS = mark("What Clients Say")

Tab = tuple[str, str]  # its title, in the whitepaper's words, and its path
AUTHORITY_TABS: list[Tab] = [
    (GENERAL, AUTHORITIES),
    ("Generate CA Certificate", GENERATE_CA),
    ("Generate Self-Signed Certificate", GENERATE_SELF_SIGNED),
]
CERTIFICATE_TABS: list[Tab] = [
    (GENERAL, CERTIFICATES),
    ("Import Server Certificate", IMPORT),
    ("Generate Certificate Signing Request (CSR)", GENERATE_REQUEST),
]


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
        line_of(visit, holding)
        for holding in visit.box.holdings()
        if (holding.kind is Kind.AUTHORITY) is authorities
    ]
    return await visit.page(
        "certificates.html",
        lines=lines,
        authorities=authorities,
        tabs=AUTHORITY_TABS if authorities else CERTIFICATE_TABS,
    )


def path_of(holding: Holding) -> str:
    """The page of a holding."""
    base = AUTHORITIES if holding.kind is Kind.AUTHORITY else CERTIFICATES
    return f"{base}/{holding.id}"


def line_of(visit: Visit, holding: Holding) -> Line:
    """A holding as a line of a list, or as the node of its own pages."""
    certificate = holding.certificate
    return Line(
        link=path_of(holding),
        name=holding.name,
        origin=ORIGINS[holding.kind],
        cn=subject_cn(holding),
        life=None if certificate is None else validity(certificate, visit.box.clock.now()),
        active_on=tuple(NODE_NAMES[node] for node in visit.box.active_on(holding.id)),
    )


def holding_of(visit: Visit) -> Holding:
    """The holding whose page is visited; goes to the right page when it is not there."""
    holding = visit.box.model.holding(visit.request[PARAMETERS]["id"])
    if not visit.request.path.startswith(path_of(holding)):
        raise go(path_of(holding))
    return holding


def tabs_of(visit: Visit, holding: Holding) -> list[Tab]:
    """What can be done on a holding's node."""
    path = path_of(holding)
    export = ("Export", f"{path}/export")
    remove = ("Remove", f"{path}/remove")
    if holding.kind is Kind.AUTHORITY:
        generate = ("Generate CA-Signed Server Certificate [PKCS#12]", f"{path}/generate-server")
        return [(GENERAL, path), ("Export Certificate", export[1]), generate, remove]
    tabs = [(GENERAL, path), export, remove]
    certificate = holding.certificate
    if certificate is not None:
        tabs.insert(1, (visit.texts(VERDICTS), f"{path}/verdicts"))
        if certificate.key is not None:
            tabs.insert(1, ("Activate Certificate", f"{path}/activate"))
    return tabs


async def certificate(visit: Visit) -> web.StreamResponse:
    """*Display General Information*."""
    holding = holding_of(visit)
    now = visit.box.clock.now()
    certificate = holding.certificate
    authority = holding.kind is Kind.AUTHORITY
    notices = [] if certificate is None else notices_for(certificate, now, authority=authority)
    return await visit.page(
        "certificate.html",
        line=line_of(visit, holding),
        tabs=tabs_of(visit, holding),
        sections=general_information(holding),
        notices=notices,
        real=visit.box.model.real_validity(holding),
    )


async def activate(visit: Visit) -> web.StreamResponse:
    """The tab *Activate Certificate*, its warnings first."""
    return await _activate_page(visit, holding_of(visit), Form({"system": "system"}))


async def _activate_page(
    visit: Visit, holding: Holding, form: Form, status: int = 200
) -> web.StreamResponse:
    certificate = holding.certificate
    systems = ["system"] if visit.box.booster is None else ["system", "booster"]
    return await visit.page(
        "activate.html",
        status=status,
        form=form,
        line=line_of(visit, holding),
        tabs=tabs_of(visit, holding),
        systems=[(node, NODE_NAMES[node]) for node in systems],
        notices=[] if certificate is None else time_notices(certificate, visit.box.clock.now()),
        prospects=await _prospects(visit, holding),
        restart=restart_words(visit),
        lack=lacking(visit, Right.ACTIVATE),
    )


async def _prospects(visit: Visit, holding: Holding) -> list[tuple[Prospect, str, str]]:
    """For each system: what activating means for its clients, its name, and where to read on."""
    from webserver.portal.verdict_pages import prospect  # judging is loaded for who asks

    if holding.certificate is None:
        return []
    box = visit.box
    hosts = {"system": box.lan_ip}
    if box.booster_url is not None:
        hosts["booster"] = urlsplit(box.booster_url).hostname or ""
    found = []
    for node, host in hosts.items():
        active = await _active_on(visit, node)
        told = await prospect(visit, holding, node=node, host=host, active=active)
        link = f"{path_of(holding)}/verdicts?{urlencode({'host': host})}"
        found.append((told, NODE_NAMES[node], link))
    return found


async def _active_on(visit: Visit, node: str) -> Holding | None:
    """What a system serves; None when it does not say."""
    box = visit.box
    if node == "system":
        return box.model.active
    view = await box.booster_view()
    if view is None or view.active is None:
        return None
    identity = view.active["id"]
    if identity in box.model.holdings:
        return box.model.holdings[identity]
    leaf, *chain = x509.load_pem_x509_certificates(view.active["pem"].encode("ascii"))
    return Holding(
        id=identity,
        name=view.active["name"],
        kind=Kind.DEFAULT,
        created=box.clock.now(),
        certificate=Certificate(leaf, tuple(chain)),
    )


async def verdicts(visit: Visit) -> web.StreamResponse:
    """The tab *What Clients Say*."""
    from webserver.portal import verdict_pages  # judging is loaded for who asks

    holding = holding_of(visit)
    return await verdict_pages.verdicts(
        visit, holding, line=line_of(visit, holding), tabs=tabs_of(visit, holding)
    )


async def activate_now(visit: Visit) -> web.StreamResponse:
    """*Activate Now*: the node restarts; the page that waits for the box when it is the box."""
    need(visit, Right.ACTIVATE)
    holding = holding_of(visit)
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
