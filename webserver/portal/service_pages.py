"""Service Center: the journal in words, and what clients think of the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from aiohttp import web

from store.certificate import Certificate
from store.refusals import Refusal, Refused
from webserver.handshakes import Handshake
from webserver.observed import Observed, observe
from webserver.portal.certificate_pages import NODE_NAMES, path_of
from webserver.portal.display import NOTHING
from webserver.portal.frame import CLIENTS, CONNECTIONS, FAULTS, SERVICE
from webserver.portal.happenings import Happening, happening
from webserver.portal.opinions import OUTCOMES, Opinion, basis_of, opinion_of
from webserver.portal.texts import mark
from webserver.portal.visits import Visit

PAGE = 25
ENDPOINTS = {"portal": "Admin Portal", "wsi": "WSI", "booster": "WBM"}


def tabs(visit: Visit) -> list[tuple[str, str]]:
    """The pages of the Service Center."""
    return [
        (visit.texts(mark("Journal")), SERVICE),
        (visit.texts(mark("Connections")), CONNECTIONS),
        (visit.texts(mark("UC clients")), CLIENTS),
        (visit.texts(mark("Faults")), FAULTS),
    ]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of a long list, newest first.

    older: the link to the next page; None on the last. newest: None on the first.
    """

    older: str | None
    newest: str | None


def _before(visit: Visit) -> int | None:
    text = visit.request.query.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _shelf(visit: Visit, last: int | None, *, more: bool, **query: str) -> Shelf:
    path = visit.request.path
    kept = {key: value for key, value in query.items() if value}

    def link(**added: str) -> str:
        asked = urlencode({**kept, **added})
        return f"{path}?{asked}" if asked else path

    return Shelf(
        older=link(before=str(last)) if more else None,
        newest=None if _before(visit) is None else link(),
    )


def nodes_of(visit: Visit) -> list[tuple[str, str]]:
    """The nodes that there are, each with its title."""
    names = ["system"] if visit.box.booster is None else ["system", "booster"]
    return [(name, NODE_NAMES[name]) for name in names]


async def journal(visit: Visit) -> web.StreamResponse:
    """What happened, newest first."""
    node = visit.request.query.get("node") or "system"
    away: list[Refusal] = []
    try:
        entries = await visit.box.journal_of(node)
    except Refused as refused:
        if refused.code == "no-such-node":
            raise
        entries, away = [], list(refused.refusals)
    before = _before(visit)
    older = [entry for entry in reversed(entries) if before is None or entry.seq < before]
    lines: list[Happening] = [happening(entry, visit.texts) for entry in older[:PAGE]]
    return await visit.page(
        "journal.html",
        tabs=tabs(visit),
        lines=lines,
        away=away,
        node=node,
        nodes=nodes_of(visit),
        holdings=visit.box.model.holdings,
        path_of=path_of,
        shelf=_shelf(
            visit,
            lines[-1].entry.seq if lines else None,
            more=len(older) > PAGE,
            node="" if node == "system" else node,
        ),
    )


@dataclass(frozen=True, slots=True)
class Connection:
    """A handshake in the list, in the words of people; NOTHING for what was not said.

    link: the page of the certificate it was shown; None when this box does not hold it.
    basis: what the guess at the client rests on; None when there is no guess.
    """

    record: Handshake
    seen: Observed
    basis: str | None
    where: str
    versions: str
    server_name: str
    protocols: str
    link: str | None
    ended: str
    opinion: Opinion


async def connections(visit: Visit) -> web.StreamResponse:
    """The latest TLS connections, newest first."""
    query = visit.request.query
    node = query.get("node", "") if query.get("node") in NODE_NAMES else ""
    refusals = query.get("only") == "refusals"
    before = _before(visit)
    wanted = (
        record
        for record in reversed(visit.box.station.handshakes.since())
        if (not node or record.node == node)
        and (before is None or record.id < before)
        and (not refusals or _is_refusal(record))
    )
    found = list(islice(wanted, PAGE + 1))
    lines = [_connection(visit, record) for record in found[:PAGE]]
    return await visit.page(
        "connections.html",
        tabs=tabs(visit),
        lines=lines,
        node=node,
        nodes=nodes_of(visit),
        refusals=refusals,
        shelf=_shelf(
            visit,
            lines[-1].record.id if lines else None,
            more=len(found) > PAGE,
            node=node,
            only="refusals" if refusals else "",
        ),
    )


def _is_refusal(record: Handshake) -> bool:
    if record.outcome in ("completed", "open"):  # most are; no need to look closer
        return False
    return opinion_of(observe(record).decision, client=None, shown=None, at=record.at).refusal


def _connection(visit: Visit, record: Handshake) -> Connection:
    seen = observe(record)
    said = {} if seen.offered is None else seen.offered.as_json()
    holding = None
    if record.shown is not None:
        holding = visit.box.model.holdings.get(record.shown.certificate_id)
    shown: Certificate | None = None if holding is None else holding.certificate
    endpoint = ENDPOINTS.get(record.endpoint, record.endpoint)
    return Connection(
        record=record,
        seen=seen,
        basis=None if seen.guess is None else basis_of(seen.guess, visit.texts),
        where=endpoint if record.node == "system" else NODE_NAMES[record.node],
        versions=_list(said.get("versions")),
        server_name=str(said.get("server_name") or NOTHING),
        protocols=_list(said.get("alpn")),
        link=None if holding is None else path_of(holding),
        ended=OUTCOMES[record.outcome],
        opinion=opinion_of(
            seen.decision,
            client=None if seen.guess is None else seen.guess.client,
            shown=shown,
            at=record.at,
        ),
    )


def _list(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) and values else NOTHING
