"""Home: what each node serves, how long that lasts, and what is worth knowing about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiohttp import web
from cryptography import x509

from store.certificate import Certificate, common_name, iso_time, long_date
from store.inventory import Kind
from webserver.portal.display import NOTHING, Validity, validity
from webserver.portal.frame import AUTHORITIES, CERTIFICATES
from webserver.portal.notices import Notice, notices_for
from webserver.portal.texts import mark
from webserver.portal.timeline import Span, timeline
from webserver.portal.visits import Visit

SYSTEM = "OpenScape Business"  # the whitepaper's names in the drop-down, section 5
_RENEWAL_FAILS = Notice(
    "bad",
    mark("Its renewal fails."),
    mark("See Let's Encrypt under Certificate Management: it says why, and whom to call."),
)
BOOSTER = "OpenScape Business UC Booster Server"


@dataclass(frozen=True, slots=True)
class NodeCard:
    """A node with its active certificate.

    link: the certificate's page; None when this box does not hold it.
    cn, life, span: None when nobody has ever seen its certificate.
    """

    title: str
    state: str
    name: str
    link: str | None = None
    cn: str | None = None
    life: Validity | None = None
    notices: tuple[Notice, ...] = ()
    span: Span | None = None


async def home(visit: Visit) -> web.StreamResponse:
    """The start page."""
    box = visit.box
    now = box.clock.now()
    cards = [
        _card(visit, SYSTEM, box.state.value, box.active, box.model.active.id),
        *await _booster_card(visit),
    ]
    if box.acme_trouble:
        cards[0] = replace(cards[0], notices=(_RENEWAL_FAILS, *cards[0].notices))
    spans = [*_spans(visit), *(card.span for card in cards if card.span and not card.link)]
    return await visit.page(
        "home.html",
        cards=cards,
        validities=timeline(spans, now),
        state=box.state.value,
        now=long_date(now),
        now_iso=iso_time(now),
        rate=box.clock.rate,
        installed=box.model.settings["installed_at"],
        firmware=box.model.release.name,
    )


def _spans(visit: Visit) -> list[Span]:
    names = {"system": SYSTEM, "booster": BOOSTER}
    return [
        Span(
            holding.name,
            holding.certificate,
            f"{AUTHORITIES if holding.kind is Kind.AUTHORITY else CERTIFICATES}/{holding.id}",
            tuple(names[node] for node in visit.box.active_on(holding.id)),
        )
        for holding in visit.box.holdings()
        if holding.certificate is not None
    ]


async def _booster_card(visit: Visit) -> list[NodeCard]:
    view = await visit.box.booster_view()
    if view is None:
        return []
    if view.active is None:
        return [NodeCard(BOOSTER, view.state, NOTHING)]
    chain = x509.load_pem_x509_certificates(view.active["pem"].encode("ascii"))
    certificate = Certificate(leaf=chain[0], chain=tuple(chain[1:]))
    return [
        _card(visit, BOOSTER, view.state, certificate, view.active["id"], name=view.active["name"])
    ]


def _card(
    visit: Visit,
    title: str,
    state: str,
    certificate: Certificate,
    identity: str,
    *,
    name: str | None = None,
) -> NodeCard:
    now = visit.box.clock.now()
    holding = visit.box.model.holdings.get(identity)
    shown = holding.name if holding is not None else name or NOTHING
    return NodeCard(
        title=title,
        state=state,
        name=shown,
        link=None if holding is None else f"{CERTIFICATES}/{identity}",
        cn=common_name(certificate.leaf.subject) or NOTHING,
        life=validity(certificate, now),
        notices=tuple(notices_for(certificate, now)),
        span=Span(shown, certificate, None, (title,)),
    )
