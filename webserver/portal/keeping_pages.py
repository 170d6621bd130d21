"""What is done with a certificate or signing request once it is there: *Export*, *Remove*."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from appliance.accounts import Right
from store.inventory import Holding, Kind
from store.refusals import Refused
from webserver.files import certificate_file
from webserver.portal.certificate_pages import NODE_NAMES, holding_of, line_of, path_of, tabs_of
from webserver.portal.entrance import NO_FRAMES
from webserver.portal.forms import Form
from webserver.portal.frame import AUTHORITIES, CERTIFICATES
from webserver.portal.rendering import PARAMETERS
from webserver.portal.rights import lacking, need
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.problems import status_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to download.

    words: what it is, to be looked up.
    right: what is needed to have it.
    """

    suffix: str
    name: str
    words: str
    right: Right = Right.SEE


def offers_of(holding: Holding) -> list[Offer]:
    """The files of a holding. A private key is offered alone only beside its signing request."""
    name = holding.name
    if holding.request is not None:
        return [
            Offer(
                "csr", f"{name}.csr", mark("The signing request, for your certificate authority")
            ),
            Offer(
                "key", "key_csr.pem", mark("Its private key: keep it to yourself"), Right.GENERATE
            ),
        ]
    if holding.kind is Kind.AUTHORITY:
        return [Offer("crt", f"{name}.crt", mark("The CA certificate, for clients to trust"))]
    offers = [
        Offer("crt", f"{name}.crt", mark("The certificate")),
        Offer("pem", f"{name}.pem", mark("The certificate with its chain")),
    ]
    if holding.pkcs12 is not None:
        words = mark("Certificate and key, sealed with the passphrase given when it was generated")
        offers.append(Offer("p12", f"{name}.p12", words, Right.GENERATE))
    return offers


async def export(visit: Visit) -> web.StreamResponse:
    """The tab *Export*; with `?new=1` it starts the downloads by itself."""
    holding = holding_of(visit)
    offers = offers_of(holding)
    new = "new" in visit.request.query and holding.kind in (Kind.REQUEST, Kind.SERVER)
    started = [
        offer
        for offer in offers
        if new and offer.suffix in ("csr", "key", "p12") and not lacking(visit, offer.right)
    ]
    response = await visit.page(
        "export.html",
        line=line_of(visit, holding),
        tabs=tabs_of(visit, holding),
        here=path_of(holding),
        offers=offers,
        started=started,
        lack=next(filter(None, (lacking(visit, offer.right) for offer in offers)), None),
    )
    if started:
        policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'"
        response.headers["Content-Security-Policy"] = f"{policy}; {NO_FRAMES}"
    return response


async def download(visit: Visit) -> web.StreamResponse:
    """One of the files."""
    holding = holding_of(visit)
    suffix = visit.request[PARAMETERS]["suffix"]
    offer = next((offer for offer in offers_of(holding) if offer.suffix == suffix), None)
    if offer is None:
        raise web.HTTPNotFound
    need(visit, offer.right)
    model = visit.box.model
    file = await visit.box.call(lambda: certificate_file(model.as_presented(holding), suffix))
    return web.Response(
        body=file.content,
        content_type=file.media_type,
        headers={"Content-Disposition": file.disposition},
    )


def _right_to_remove(holding: Holding) -> Right:
    # Who could not put it back should not take it away.
    return Right.IMPORT if holding.kind is Kind.IMPORTED else Right.GENERATE


async def remove(visit: Visit) -> web.StreamResponse:
    """The tab *Remove*: asks first."""
    return await _remove_page(visit, holding_of(visit), Form())


async def _remove_page(
    visit: Visit, holding: Holding, form: Form, status: int = 200
) -> web.StreamResponse:
    return await visit.page(
        "remove.html",
        status=status,
        form=form,
        line=line_of(visit, holding),
        tabs=tabs_of(visit, holding),
        here=path_of(holding),
        kind=holding.kind.value,
        key=holding.key is not None,
        systems=[NODE_NAMES[node] for node in visit.box.active_on(holding.id)],
        signed=[held.name for held in visit.box.holdings() if held.issued_by == holding.id],
        lack=lacking(visit, _right_to_remove(holding)),
    )


async def remove_now(visit: Visit) -> web.StreamResponse:
    """*Remove*, confirmed."""
    holding = holding_of(visit)
    need(visit, _right_to_remove(holding))
    try:
        await visit.box.remove(holding.id)
    except Refused as refused:
        return await _remove_page(visit, holding, Form().refuse(refused, ()), status_of(refused))
    visit.tell(mark("{name} was removed."), name=holding.name)
    raise go(AUTHORITIES if holding.kind is Kind.AUTHORITY else CERTIFICATES)
