"""*Import Server Certificate*: PKCS#12, or certificate and key (whitepaper 3.1).

What is read from the files is for the model, on its own thread; here it is only said which
file was not chosen. Files and passphrase never come back in the form.
"""

from __future__ import annotations

from aiohttp import web

from appliance.accounts import Right
from appliance.making import check_name
from store.inventory import Holding
from store.refusals import Refusal, Refused
from store.requirements import passphrase_refusals
from webserver.portal.certificate_pages import CERTIFICATE_TABS, path_of
from webserver.portal.forms import Form
from webserver.portal.rights import lacking, need
from webserver.portal.texts import mark
from webserver.portal.visits import Visit, go
from webserver.problems import status_of

PLACES = ("name", "passphrase", "pkcs12", "certificate", "key")


async def form(visit: Visit) -> web.StreamResponse:
    """The form, empty."""
    return await _page(visit, Form())


async def _page(
    visit: Visit, form: Form, status: int = 200, *, helped: bool = False
) -> web.StreamResponse:
    return await visit.page(
        "import.html",
        status=status,
        form=form,
        tabs=CERTIFICATE_TABS,
        helped=helped,
        waiting=_waiting(visit),
        lack=lacking(visit, Right.IMPORT),
    )


def _waiting(visit: Visit) -> list[str]:
    """The names of signing requests for which no certificate is there yet."""
    certified = [
        held.certificate.leaf.public_key()
        for held in visit.box.holdings()
        if held.certificate is not None
    ]
    return [
        held.name
        for held in visit.box.holdings()
        if held.request is not None and held.request.public_key() not in certified
    ]


async def import_now(visit: Visit) -> web.StreamResponse:
    """*Import PKCS#12*, or *Import Certificate and Key*."""
    need(visit, Right.IMPORT)
    kept = {"name": visit.form.get("name", "")}
    if visit.form.get("do") == "help":
        return await _page(visit, Form(kept), helped=True)
    try:
        if visit.form.get("do") == "pkcs12":
            holding = await _import_pkcs12(visit)
        else:
            holding = await _import_files(visit)
    except Refused as refused:
        form = Form(kept).refuse(refused, PLACES)
        return await _page(visit, form, status_of(refused))
    visit.tell(
        mark("The certificate was imported. It is not active yet: see Activate Certificate.")
    )
    raise go(path_of(holding))


async def _import_pkcs12(visit: Visit) -> Holding:
    data = visit.files.get("pkcs12")
    if data is None:
        instead = "Choose a .p12 or .pfx file."
        if visit.files:
            instead += " For a certificate file, press Import Certificate and Key."
        raise _not_chosen(visit, Refusal("no-file", "No file was chosen.", "pkcs12", instead))
    return await visit.box.import_pkcs12(
        name=visit.form.get("name", ""), passphrase=visit.form.get("passphrase", ""), data=data
    )


async def _import_files(visit: Visit) -> Holding:
    certificate = visit.files.get("certificate")
    if certificate is None:
        instead = "Choose a .cer, .crt, .pem, .der or .p7b file."
        if "pkcs12" in visit.files:
            instead += " For a PKCS#12 file, press Import PKCS#12."
        raise _not_chosen(visit, Refusal("no-file", "No file was chosen.", "certificate", instead))
    return await visit.box.import_files(
        name=visit.form.get("name", ""),
        passphrase=visit.form.get("passphrase", ""),
        certificate=certificate,
        key=visit.files.get("key"),
    )


def _not_chosen(visit: Visit, missing: Refusal) -> Refused:
    """`missing`, and what is wrong besides: the model never gets to see this form."""
    wrong: list[Refusal] = list(passphrase_refusals(visit.form.get("passphrase", "")))
    check_name(visit.form.get("name", ""), wrong)
    return Refused(*wrong, missing)
