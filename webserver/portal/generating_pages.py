"""The forms that make certificates and signing requests (whitepaper 3, 4.1, 4.2).

*Generate CA Certificate*, *Generate Self-Signed Certificate*, *Generate CA-Signed Server
Certificate [PKCS#12]*, *Generate Certificate Signing Request (CSR)*: one page, four sheets.
Every button sends the whole form; *Add*, *Remove* and *Help* give it back as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from appliance.accounts import Right
from store.inventory import Holding, Kind
from store.issuing import ALGORITHMS
from store.keys import KEY_BITS
from store.refusals import Refused
from webserver.portal import certificate_fields
from webserver.portal.certificate_pages import (
    AUTHORITY_TABS,
    CERTIFICATE_TABS,
    Line,
    Tab,
    holding_of,
    line_of,
    path_of,
    tabs_of,
)
from webserver.portal.forms import Form
from webserver.portal.rights import lacking, need
from webserver.portal.texts import mark
from webserver.portal.visits import Page, Visit, go
from webserver.problems import status_of


@dataclass(frozen=True, slots=True)
class Sheet:
    """What differs between the four forms.

    name_label, button: the whitepaper's.
    done: said afterwards.
    files: whether the page after it starts the download of what was made.
    """

    kind: Kind
    title: str
    name_label: str
    button: str
    done: str
    files: bool = False


AUTHORITY = Sheet(
    Kind.AUTHORITY,
    "Generate CA Certificate",
    "Name of the Certificate",
    "Apply",
    mark(
        "The CA certificate was generated. Export it for the clients that are to trust it, and "
        "let it sign a server certificate."
    ),
)
SELF_SIGNED = Sheet(
    Kind.SELF_SIGNED,
    "Generate Self-Signed Certificate",
    "Name of the Certificate",
    "Apply",
    mark("The certificate was generated. It is not active yet: see Activate Certificate."),
)
SERVER = Sheet(
    Kind.SERVER,
    "Generate CA-Signed Server Certificate [PKCS#12]",
    "Name of the Certificate",
    "Generate Certificate",
    mark(
        "The certificate was generated, and its PKCS#12 file is on its way to you. On another "
        "system it has to be imported. On this one it is among the Server Certificates "
        "already, and not active yet: see Activate Certificate."
    ),
    files=True,
)
REQUEST = Sheet(
    Kind.REQUEST,
    "Generate Certificate Signing Request (CSR)",
    "Certificate Request Name",
    "Apply",
    mark(
        "The signing request was generated, and its two files are on their way to you. Send the "
        ".csr file to your certificate authority; keep the key file to yourself."
    ),
    files=True,
)


def form_of(sheet: Sheet) -> Page:
    """The page with the form, everything sensible filled in."""

    async def page(visit: Visit) -> web.StreamResponse:
        fields = certificate_fields.filled_in(sheet.kind, now=visit.box.clock.now())
        return await _page(visit, sheet, Form(fields))

    return page


def answer_of(sheet: Sheet) -> Page:
    """What happens when one of the form's buttons is pressed."""

    async def page(visit: Visit) -> web.StreamResponse:
        need(visit, Right.GENERATE)
        do = visit.form.get("do", "")
        fields = {
            key: value
            for key, value in visit.form.items()
            if key not in certificate_fields.SECRETS and key != "do"
        }
        try:
            if do == "help":
                return await _page(visit, sheet, Form(fields), helped=True)
            if do == "add":
                added = certificate_fields.with_name_added(fields)
                return await _page(visit, sheet, Form(added), at_names=True)
            if do.startswith("remove."):
                left = certificate_fields.without_name(fields, do.removeprefix("remove."))
                return await _page(visit, sheet, Form(left), at_names=True)
            holding = await _made(visit, sheet)
        except Refused as refused:
            form = Form(fields).refuse(refused, certificate_fields.PLACES)
            return await _page(visit, sheet, form, status=status_of(refused))
        visit.tell(sheet.done)
        if sheet.files:
            raise go(f"{path_of(holding)}/export", new="1")
        raise go(path_of(holding))

    return page


async def _made(visit: Visit, sheet: Sheet) -> Holding:
    values = certificate_fields.read_fields(
        sheet.kind,
        visit.form,
        now=visit.box.clock.now(),
        authority=_authority(visit).id if sheet.kind is Kind.SERVER else None,
    )
    return await visit.box.make(**values)


def _authority(visit: Visit) -> Holding:
    holding = holding_of(visit)
    if holding.kind is not Kind.AUTHORITY:
        raise web.HTTPNotFound
    return holding


async def _page(
    visit: Visit,
    sheet: Sheet,
    form: Form,
    *,
    status: int = 200,
    at_names: bool = False,
    helped: bool = False,
) -> web.StreamResponse:
    around: dict[str, list[Tab] | Line] = {"tabs": AUTHORITY_TABS}
    if sheet.kind is Kind.REQUEST:
        around = {"tabs": CERTIFICATE_TABS}
    elif sheet.kind is Kind.SERVER:
        authority = _authority(visit)
        around = {"tabs": tabs_of(visit, authority), "line": line_of(visit, authority)}
    return await visit.page(
        "generate.html",
        status=status,
        form=form,
        sheet=sheet,
        names=certificate_fields.listed_names(form.values),
        subject_parts=certificate_fields.SUBJECT,
        algorithms=[(name, name) for name in ALGORITHMS],
        key_bits=KEY_BITS,
        name_types=certificate_fields.NAME_TYPES,
        time_parts=certificate_fields.TIME_PARTS,
        at_names=at_names,
        helped=helped,
        lack=lacking(visit, Right.GENERATE),
        **around,
    )
