"""The CA's pages: what it is, the wizard, DNS records, what was issued. HTML without scripts.

What is said and done is `wizard` and the register; here it is only shown and sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from appliance.ca.policy import VALIDITIES
from appliance.ca.problems import AcmeError
from appliance.ca.register import REASONS, Conduct
from appliance.ca.zones import TYPES
from store.refusals import Refused
from webserver.ca.page_api import certificate_json, described
from webserver.ca.practice import PracticeCA
from webserver.ca.products import archive, pem_files, sealed
from webserver.ca.wizard import STEPS, Draft, Wizard

TITLES = {
    "domains": "Domains",
    "validity": "Validity",
    "request": "CSR & contact",
    "validation": "Validation",
    "download": "Download",
}
_LABELS = {
    "90-days": "90-day certificate",
    "1-year": "1-year certificate",
    "longest": "The longest",
}
_CONDUCTS = {
    Conduct.CURRENT: "as it should be",
    Conduct.EXPIRED: "expired",
    Conduct.WITHHELD: "withheld",
    Conduct.WRONG: "the opposite of the truth",
}
REASON_WORDS = {
    0: "no reason told",
    1: "key compromised",
    3: "affiliation changed",
    4: "superseded",
    5: "no longer operated",
    9: "privilege withdrawn",
}
Form = Mapping[str, str]


def add_routes(router: web.UrlDispatcher, ca: PracticeCA) -> None:
    """`/`, `/new/…`, `/dns`, `/certificates`, `/publishing`, the styles."""
    pages = Pages(ca)
    router.add_get("/", pages.home)
    router.add_get("/ca.css", pages.style)
    router.add_get("/catalogue.css", pages.style)
    router.add_post("/new", pages.begin)
    router.add_get("/new/{id}", pages.show)
    router.add_get("/new/{id}/files/{name}", pages.file)
    router.add_get("/new/{id}/{step}", pages.show)
    router.add_post("/new/{id}/{step}", pages.take)
    router.add_get("/dns", pages.records)
    router.add_post("/dns", pages.set_record)
    router.add_get("/certificates", pages.certificates)
    router.add_get("/certificates/{id}.pem", pages.certificate)
    router.add_post("/certificates/{id}/revoke", pages.revoke)
    router.add_post("/publishing", pages.publish)


class Pages:
    """The pages, and what their forms do."""

    def __init__(self, ca: PracticeCA) -> None:
        self._ca = ca
        self._wizard = Wizard(ca)
        self._templates = Environment(
            loader=PackageLoader("webserver", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _page(
        self, template: str, *, refused: Refused | None = None, **values: Any
    ) -> web.Response:
        errors = () if refused is None else refused.refusals
        text = self._templates.get_template(template).render(
            ca=described(self._ca), errors=errors, fields={one.field for one in errors}, **values
        )
        status = 200 if refused is None else 422
        return web.Response(text=text, content_type="text/html", status=status)

    # --- what it is

    async def home(self, _request: web.Request) -> web.Response:
        """What the CA is and what one can do here."""
        return self._page("ca_home.html")

    async def style(self, request: web.Request) -> web.Response:
        """A style sheet."""
        css = (files("webserver") / "templates" / request.path[1:]).read_text("utf-8")
        return web.Response(text=css, content_type="text/css")

    # --- the wizard

    async def begin(self, _request: web.Request) -> web.Response:
        """A new certificate is wanted."""
        return _go(f"/new/{self._wizard.begin().id}/domains")

    def _draft(self, request: web.Request) -> Draft:
        draft = self._wizard.draft(request.match_info["id"])
        if draft is None:
            raise Refused.because(
                "not-found", "This CA knows nothing of it; begin again.", instead="See its portal."
            )
        return draft

    async def show(self, request: web.Request) -> web.Response:
        """A step; one that it has not come to yet is the one that it has."""
        draft = self._draft(request)
        step = request.match_info.get("step", draft.step)
        reached = STEPS.index(draft.step) + (draft.step == "validity")
        if step not in STEPS or STEPS.index(step) > reached or draft.step == "download" != step:
            return _go(f"/new/{draft.id}/{draft.step}")
        return self._step(draft, step)

    def _step(
        self,
        draft: Draft,
        step: str,
        *,
        refused: Refused | None = None,
        given: Form | None = None,
    ) -> web.Response:
        proving = step == "validation"
        names = [one.value for one in draft.names if not one.wildcard]
        return self._page(
            "ca_wizard.html",
            refused=refused,
            draft=draft,
            step=step,
            steps=TITLES,
            given=given or {},
            names="\n".join(names or [one.value for one in draft.names]),
            wildcard=any(one.wildcard for one in draft.names),
            validities=[(name, _LABELS[name], self._wizard.days(name)) for name in VALIDITIES],
            proofs=self._wizard.proofs(draft) if proving else [],
            records_set=proving and self._wizard.records_set(draft),
            files=list(self._files(draft)) if step == "download" else [],
        )

    async def take(self, request: web.Request) -> web.StreamResponse:
        """What was filled in at a step."""
        draft, step = self._draft(request), request.match_info["step"]
        form = await _form(request)
        actions: dict[str, Callable[[Draft, Form], Awaitable[None]]] = {
            "domains": self._names,
            "validity": self._validity,
            "request": self._request,
            "validation": self._validation,
        }
        try:
            if step == "download" and draft.issued is not None:
                return await self._sealed(draft, form)
            if step not in STEPS:
                raise web.HTTPNotFound
            ahead = STEPS.index(step) > STEPS.index(draft.step) + (draft.step == "validity")
            if ahead or draft.issued is not None:  # or somebody pressed a button twice
                return _go(f"/new/{draft.id}/{draft.step}")
            await actions[step](draft, form)
        except Refused as refused:
            return self._step(draft, step, refused=refused, given=form)
        where = step if "records" in form else STEPS[STEPS.index(step) + 1]
        return _go(f"/new/{draft.id}/{where}")

    async def _names(self, draft: Draft, form: Form) -> None:
        self._wizard.set_names(draft, form.get("names", ""), wildcard="wildcard" in form)

    async def _validity(self, draft: Draft, form: Form) -> None:
        self._wizard.set_validity(draft, form.get("validity", ""))

    async def _request(self, draft: Draft, form: Form) -> None:
        csr = form.get("csr", "") if form.get("make") == "paste" else ""
        if form.get("make") == "paste" and not csr.strip():
            raise Refused.because("ca-wizard", "There is no CSR to use.", field="csr")
        contact, way = form.get("contact", "").strip(), form.get("way", "")
        await self._wizard.set_request(draft, csr=csr, contact=contact, way=way)

    async def _validation(self, draft: Draft, form: Form) -> None:
        if "records" in form:
            self._wizard.set_records(draft)
        else:
            await self._wizard.validate(draft)

    async def _sealed(self, draft: Draft, form: Form) -> web.Response:
        assert draft.issued is not None
        data = await sealed(
            draft.issued,
            authority=self._ca.authority,
            key=draft.key,
            passphrase=form.get("passphrase", ""),
        )
        return _download(data, "certificate.p12", "application/x-pkcs12")

    def _files(self, draft: Draft) -> dict[str, bytes]:
        assert draft.issued is not None
        return pem_files(draft.issued, authority=self._ca.authority, key=draft.key)

    async def file(self, request: web.Request) -> web.Response:
        """A file of the PEM set, or all of it."""
        draft, name = self._draft(request), request.match_info["name"]
        if draft.issued is None:
            raise web.HTTPNotFound
        if name == "certificate.zip":
            return _download(archive(self._files(draft)), name, "application/zip")
        found = self._files(draft).get(name)
        if found is None:
            raise web.HTTPNotFound
        return _download(found, name, "application/x-pem-file")

    # --- its DNS, and what it issued

    async def records(self, _request: web.Request) -> web.Response:
        """The DNS records."""
        return self._records()

    def _records(
        self, *, refused: Refused | None = None, given: Form | None = None
    ) -> web.Response:
        zones = self._ca.zones
        rows = [
            (name, kind, value)
            for name, found in sorted(zones.records.items())
            for kind, values in found.items()
            for value in values
        ]
        return self._page("ca_dns.html", refused=refused, rows=rows, types=TYPES, given=given or {})

    async def set_record(self, request: web.Request) -> web.Response:
        """A record is added or removed."""
        form = await _form(request)
        name, kind, value = (form.get(key, "") for key in ("name", "type", "value"))
        try:
            if "remove" in form:
                before = self._ca.zones.records.get(name, {}).get(kind, ())
                self._ca.zones.set(name, kind, [one for one in before if one != value])
            else:
                self._ca.zones.add(name, kind, value)
        except Refused as refused:
            return self._records(refused=refused, given=form)
        return _go("/dns")

    async def certificates(self, _request: web.Request) -> web.Response:
        """What was issued, and how that is published."""
        return self._certificates()

    def _certificates(self, *, refused: Refused | None = None) -> web.Response:
        found = [certificate_json(one) for one in self._ca.register.issued.values()]
        return self._page(
            "ca_certificates.html",
            refused=refused,
            rows=found[::-1],
            reasons={number: REASON_WORDS[number] for number in REASONS},
            conducts=_CONDUCTS,
        )

    async def certificate(self, request: web.Request) -> web.Response:
        """One of them, with its chain (PEM)."""
        one = self._ca.register.issued.get(request.match_info["id"])
        if one is None:
            raise web.HTTPNotFound
        data = self._ca.authority.chain(one.leaf).encode()
        return _download(data, f"{one.leaf.serial_number:x}.pem", "application/x-pem-file")

    async def revoke(self, request: web.Request) -> web.Response:
        """The CA revokes a certificate."""
        form = await _form(request)
        one = self._ca.register.issued.get(request.match_info["id"])
        if one is None:
            raise web.HTTPNotFound
        text = form.get("reason", "0")
        reason = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        try:
            self._ca.register.revoke(one, reason=reason, now=self._ca.clock.now())
        except AcmeError as failed:
            refused = Refused.because("ca-revocation", failed.problem.detail)
            return self._certificates(refused=refused)
        return _go("/certificates")

    async def publish(self, request: web.Request) -> web.Response:
        """How lists and OCSP are published from now on."""
        form = await _form(request)
        for what in self._ca.register.conduct:
            if (value := form.get(what)) in list(Conduct):
                self._ca.register.conduct[what] = Conduct(value)
        return _go("/certificates")


async def _form(request: web.Request) -> Form:
    """The fields of a form; refused when the body is none, whatever else it may be."""
    try:
        fields = await request.post()
    except (ValueError, LookupError):  # no boundary, no UTF-8, no such character set
        raise Refused.because("body", "The body is no form.") from None
    return {key: value for key, value in fields.items() if isinstance(value, str)}


def _download(data: bytes, name: str, media_type: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type=media_type, headers=headers)


def _go(where: str) -> web.Response:
    return web.Response(status=303, headers={"Location": where})
