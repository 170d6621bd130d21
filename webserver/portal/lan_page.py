"""Network -> LAN: the IP address, and beforehand what changing it does to the certificate."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from appliance.accounts import Right
from store.refusals import Refused
from webserver.portal.forms import Form
from webserver.portal.rights import lacking
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.portal.waiting_page import restart_words, waiting
from webserver.problems import status_of


async def lan(visit: Visit) -> web.StreamResponse:
    """The form."""
    return await _page(visit, Form({"lan_ip": visit.box.lan_ip}))


async def _page(visit: Visit, form: Form, status: int = 200) -> web.StreamResponse:
    return await visit.page(
        "lan.html",
        form=form,
        status=status,
        lack=lacking(visit, Right.NETWORK),
        active=visit.box.model.active.name,
        restart=restart_words(visit),
    )


async def change(visit: Visit) -> web.StreamResponse:
    """Change the LAN IP; the page that waits for the box at its new address."""
    visit.require(Right.NETWORK)
    lan_ip = visit.form.get("lan_ip", "")
    before = visit.box.lan_ip
    try:
        await visit.box.change_lan_ip(lan_ip, wait=False)
    except Refused as refused:
        form = Form({"lan_ip": lan_ip}).refuse(_at_the_field(refused), ("lan_ip",))
        return await _page(visit, form, status_of(refused))
    if visit.box.lan_ip == before:
        visit.tell(mark("That is the present address. Nothing was changed."))
        raise go(visit.request.path)
    return await waiting(visit, moved=True, name=visit.box.model.active.name)


def _at_the_field(refused: Refused) -> Refused:
    """What the listeners say of the address belongs to the one field there is."""
    return Refused(
        *(
            replace(refusal, field="lan_ip") if refusal.field in ("address", "port") else refusal
            for refusal in refused.refusals
        )
    )
