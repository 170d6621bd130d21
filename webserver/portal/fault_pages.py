"""Service Center: what goes wrong on purpose. The simulator's own; no real box has such a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.accounts import Right
from appliance.faults import FAULTS, Fault, Group, Setting, fault_class, parameters_of
from appliance.faults.parameters import Parameter
from store.refusals import Refusal, Refused
from webserver.fault_specs import LIMITS
from webserver.portal import german_faults
from webserver.portal.forms import Form
from webserver.portal.frame import FAULTS as HERE
from webserver.portal.rendering import PARAMETERS
from webserver.portal.rights import lacking
from webserver.portal.service_pages import nodes_of, tabs
from webserver.portal.texts import Texts, mark
from webserver.portal.visits import Visit, go
from webserver.problems import status_of
from webserver.running_node import RunningNode

ROOT = HERE + "/export/root"
GROUPS = {
    Group.PRESENTED: mark("What is presented"),
    Group.HANDSHAKE: mark("Inside the handshake"),
    Group.CONNECTION: mark("Below and above"),
}
_ABOUT: dict[str, dict[str, str]] = {"en": {}, "de": german_faults.ABOUT}
_PARAMETERS: dict[str, dict[tuple[str, str], str]] = {"en": {}, "de": german_faults.PARAMETERS}


@dataclass(frozen=True, slots=True)
class Line:
    """A fault in the list.

    what: what happens, without what it is for. state: how it is set; None when it is not.
    """

    name: str
    link: str
    what: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter on the form: what it is, and its choices or bounds."""

    name: str
    label: str
    choices: tuple[str, ...]
    hint: str


def about(kind: type[Fault], texts: Texts) -> str:
    """What a fault is for, in the language of `texts`."""
    return _ABOUT[texts.language].get(kind.name, kind.about()).replace("`", "")


def _node_name(visit: Visit) -> str:
    asked = visit.form.get("node") or visit.request.query.get("node")
    return asked if asked == "booster" else "system"


def _link(node: str, path: str = HERE) -> str:
    return path if node == "system" else f"{path}?node={node}"


async def faults(visit: Visit) -> web.StreamResponse:
    """Every fault, and which are set."""
    name = _node_name(visit)
    away: list[Refusal] = []
    settings: dict[str, Setting] = {}
    try:
        settings = visit.box.near_node(name).faults()
    except Refused as refused:
        away = [visit.texts.refusal(refusal) for refusal in refused.refusals]
    lines = [_line(visit, kind, settings.get(kind.name), name) for kind in FAULTS.values()]
    groups = [
        (words, [line for line in lines if FAULTS[line.name].group is group])
        for group, words in GROUPS.items()
    ]
    return await visit.page(
        "faults.html",
        tabs=tabs(visit),
        away=away,
        node=name,
        nodes=nodes_of(visit),
        groups=groups,
        now=[line for name in settings for line in lines if line.name == name],
        lack=lacking(visit, Right.FAULTS),
        root=ROOT,
    )


def _line(visit: Visit, kind: type[Fault], setting: Setting | None, node: str) -> Line:
    what = about(kind, visit.texts).partition(";")[0].rstrip(".")
    link = _link(node, f"{HERE}/{kind.name}")
    return Line(kind.name, link, what, None if setting is None else _state(visit.texts, setting))


def _state(texts: Texts, setting: Setting) -> str:
    if not setting.fault.counted:
        return texts(mark("as long as it is set"))
    if setting.left is None:
        return texts(mark("Connections: {hits}"), hits=setting.hits)
    words = mark("Connections: {hits}; to come: {left}")
    return texts(words, hits=setting.hits, left=setting.left)


async def fault(visit: Visit) -> web.StreamResponse:
    """One fault, with the form that sets it."""
    kind = fault_class(visit.request[PARAMETERS]["fault"])
    setting = _node(visit).faults().get(kind.name)
    return await _page(visit, kind, Form(_values(kind, setting)))


def _node(visit: Visit) -> RunningNode:
    return visit.box.near_node(_node_name(visit))


def _values(kind: type[Fault], setting: Setting | None) -> dict[str, str]:
    """What the form shows: what is set, else the defaults."""
    values = {name: default for name, (_, default) in parameters_of(kind).items()}
    if setting is not None:
        values = {name: getattr(setting.fault, name) for name in values}
        values |= {name: getattr(setting.limit, name) for name in LIMITS}
    return {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


async def _page(
    visit: Visit, kind: type[Fault], form: Form, status: int = 200
) -> web.StreamResponse:
    node = _node_name(visit)
    setting = _node(visit).faults().get(kind.name)
    endpoints = [
        name
        for name, endpoint in _node(visit).station.endpoints.items()
        if kind.suits(secure=endpoint.secure)
    ]
    return await visit.page(
        "fault.html",
        tabs=tabs(visit),
        form=form,
        status=status,
        name=kind.name,
        node=node,
        node_title=dict(nodes_of(visit))[node],
        about=about(kind, visit.texts),
        noticed=", ".join(kind.noticed_by()),
        state=None if setting is None else _state(visit.texts, setting),
        entries=[
            _entry(visit.texts, kind, name, parameter)
            for name, (parameter, _) in parameters_of(kind).items()
        ],
        counted=kind.counted,
        endpoints=endpoints,
        here=f"{HERE}/{kind.name}",
        back=_link(node),
        lack=lacking(visit, Right.FAULTS),
    )


def _entry(texts: Texts, kind: type[Fault], name: str, parameter: Parameter) -> Entry:
    about = _PARAMETERS[texts.language].get((kind.name, name), parameter.about)
    hint = about[0].upper() + about[1:]
    if parameter.kind is not str:
        bounds = {"minimum": f"{parameter.minimum:g}", "maximum": f"{parameter.maximum:g}"}
        hint += ", " + texts(mark("from {minimum} to {maximum}"), **bounds)
    return Entry(name, name, parameter.choices, hint + ".")


async def change(visit: Visit) -> web.StreamResponse:
    """Set a fault, or clear it."""
    visit.require(Right.FAULTS)
    kind = fault_class(visit.request[PARAMETERS]["fault"])
    node = _node(visit)
    if visit.form.get("action") == "clear":
        await node.clear_fault(kind.name)
        visit.tell(mark("{fault} is cleared."), fault=kind.name)
        raise go(_link(_node_name(visit)))
    fields = (*parameters_of(kind), *LIMITS)
    given = {key: visit.form.get(key, "").strip() for key in fields}
    try:
        await node.set_fault_as_given(kind.name, {k: text for k, text in given.items() if text})
    except Refused as refused:
        return await _page(visit, kind, Form(given).refuse(refused, fields), status_of(refused))
    visit.tell(mark("{fault} is set, from the next connection on."), fault=kind.name)
    raise go(_link(_node_name(visit)))


async def clear_all(visit: Visit) -> web.StreamResponse:
    """Clear every fault of a node."""
    visit.require(Right.FAULTS)
    await _node(visit).clear_faults()
    visit.tell(mark("All faults are cleared."))
    raise go(_link(_node_name(visit)))


async def root(visit: Visit) -> web.StreamResponse:
    """The root that clients are to trust, as a file."""
    certificate = await _node(visit).fault_root()
    disposition: dict[str, Any] = {
        "Content-Disposition": 'attachment; filename="faults.crt"',
        "Cache-Control": "no-store",
    }
    return web.Response(
        body=certificate.public_bytes(Encoding.PEM),
        content_type="application/x-pem-file",
        headers=disposition,
    )
