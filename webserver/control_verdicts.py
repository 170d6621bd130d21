"""Control API, verdicts: what clients say of any chain, and of what a node presents.

A thin translation between requests and `webserver.verdicts`. Judging takes up to a second
when somebody means harm, so it is done beside the loop, one question at a time.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.clock import Dates, parse_time, real_now
from store.inventory import Kind
from store.refusals import Refused
from webserver.requests import json_object
from webserver.running_node import RunningNode

if TYPE_CHECKING:
    from appliance.trust import Anchor, Origin, Status
    from store.inventory import Holding
    from webserver.verdicts import Question

# The trust model is loaded with the first question: `osbiz run` starts without it.

QUESTION = ("chain", "anchors", "public", "host", "at", "environments", "crls", "staple")
QUERY = ("host", "anchor", "origin", "public", "at", "environment")
_PEM = "-----BEGIN"
_MAX_CRLS = 20


class VerdictControl:
    """The calls of the API about verdicts.

    node_called: the node of that name, or a refusal. keeper: whose calendar and certificates
    this API goes by.
    """

    def __init__(
        self, node_called: Callable[[str], RunningNode], *, keeper: Callable[[], RunningNode]
    ) -> None:
        self._node_called = node_called
        self._keeper = keeper
        self._one_at_a_time = asyncio.Lock()

    async def post_verdicts(self, request: web.Request) -> web.Response:
        body = await json_object(request, allowed=QUESTION)
        now = self._keeper().node.clock.now()

        def asked() -> tuple[Question, Sequence[str]]:
            return _question_in(body, now=now), ()

        return await self._answer(asked)

    async def get_verdicts(self, request: web.Request) -> web.Response:
        query = request.query
        for name in query:
            if name not in QUERY:
                raise Refused.because(
                    "unknown-field",
                    f"There is no {name[:40]!r} to ask by.",
                    field=name[:40],
                    instead=f"There are {', '.join(QUERY)}.",
                )
        node = self._node_called(request.match_info["node"])
        holding = node.node.active
        presented = await node.call(node.node.as_presented, holding)
        moved = node.node.clock.dates is Dates.PROJECTED and presented is not holding
        now = real_now() if moved else node.node.clock.now()
        called = query.getall("anchor", [])
        known = await self._authorities(called)

        def asked() -> tuple[Question, Sequence[str]]:
            from webserver.verdicts import Question

            certificate = presented.certificate
            assert certificate is not None
            origin = _origin(query.get("origin", "user"), "origin")
            anchors = [anchor for one in called for anchor in _anchors_called(one, known, origin)]
            public = _is_true(query.get("public", "true"), "public")
            question = Question(
                (certificate.leaf, *certificate.chain),
                anchors=(*anchors, *(_public() if public else ())),
                host=query.get("host", node.station.address) or None,
                at=parse_time(query["at"], field="at") if "at" in query else now,
                environments=_environments(query.getall("environment", None)),
            )
            return question, _notes(node, presented, known, question)

        return await self._answer(asked)

    async def _authorities(self, called: Sequence[str]) -> list[Holding]:
        """The authorities of the box, and what else is `called` by its id, as clients get them."""
        keeper = self._keeper()
        node = keeper.node
        wanted = [
            holding
            for holding in node.holdings.values()
            if holding.certificate is not None
            and (holding.kind is Kind.AUTHORITY or holding.id in called)
        ]
        return await keeper.call(lambda: [node.as_presented(holding) for holding in wanted])

    async def _answer(self, asked: Callable[[], tuple[Question, Sequence[str]]]) -> web.Response:
        """The verdicts on what is asked; a question is read beside the loop, too."""

        def work() -> str:
            from webserver.verdicts import judged

            question, notes = asked()
            answer = judged(question).as_json()
            answer["notes"] += notes
            return json.dumps(answer, ensure_ascii=False)

        async with self._one_at_a_time:
            text = await asyncio.to_thread(work)
        return web.json_response(text=text)

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [
            web.post("/v1/verdicts", self.post_verdicts),
            web.get("/v1/nodes/{node}/verdicts", self.get_verdicts),
        ]


# --- what was asked


def _question_in(body: dict[str, Any], *, now: datetime) -> Question:
    from appliance.trust import presented_chain
    from webserver.verdicts import Question

    chain = body.get("chain")
    if not isinstance(chain, str):
        raise Refused.because(
            "field-missing",
            "There is no chain to judge.",
            field="chain",
            instead='Send {"chain": PEM}, leaf first.',
        )
    host, at = body.get("host"), body.get("at")
    if not isinstance(host, str | None):
        raise Refused.because(
            "host", "The host is no text.", field="host", instead="Send a name, an address or null."
        )
    public = body.get("public", False)
    if not isinstance(public, bool):
        raise Refused.because(
            "body", "public is neither true nor false.", field="public", instead="Send one of them."
        )
    return Question(
        presented_chain(_bytes(chain), field="chain"),
        anchors=(*_anchors_in(body.get("anchors", [])), *(_public() if public else ())),
        host=host,
        at=now if at is None else parse_time(at, field="at"),
        environments=_environments(body.get("environments")),
        status=_status_in(body),
    )


def _anchors_in(given: object) -> list[Anchor]:
    """Anchors as PEM, or as an object with `pem` and `origin`."""
    from appliance.trust import Origin
    from appliance.trust.reading import MAX_ANCHORS, anchors_in

    entries: list[Any] = given if isinstance(given, list) else [None]
    found: list[Anchor] = []
    for number, entry in enumerate(entries):
        field = f"anchors[{number}]"
        pem, origin = entry, Origin.USER
        if isinstance(entry, dict) and entry.keys() <= {"pem", "origin"}:
            pem, origin = entry.get("pem"), _origin(entry.get("origin", "user"), field)
        if not isinstance(pem, str):
            raise Refused.because(
                "anchors",
                "Anchors are a list of certificates.",
                field=field if isinstance(given, list) else "anchors",
                instead='Send [PEM, …], or [{"pem": PEM, "origin": "administrator"}, …].',
            )
        found += anchors_in(_bytes(pem), origin=origin, field=field)
        if len(found) > MAX_ANCHORS:
            raise Refused.because(
                "anchors",
                f"There are more than {MAX_ANCHORS} anchors.",
                field="anchors",
                instead="Send those that matter.",
            )
    return found


def _anchors_called(text: str, known: Sequence[Holding], origin: Origin) -> tuple[Anchor, ...]:
    """The anchor with the id `text` on this box, or the ones in PEM."""
    from appliance.trust import Anchor
    from appliance.trust.reading import anchors_in

    if text.lstrip().startswith(_PEM):
        return anchors_in(_bytes(text), origin=origin, field="anchor")
    for holding in known:
        if holding.id == text and holding.certificate is not None:
            return (Anchor(holding.certificate.leaf, origin),)
    raise Refused.because(
        "no-such-certificate",
        f"There is no certificate {text[:40]!r}.",
        field="anchor",
        instead="The list of certificates has the ids.",
    )


def _status_in(body: dict[str, Any]) -> Status:
    from appliance.trust import Status
    from appliance.trust.reading import revocation_lists

    crls = body.get("crls", [])
    if (
        not isinstance(crls, list)
        or len(crls) > _MAX_CRLS
        or not all(isinstance(crl, str) for crl in crls)
    ):
        raise Refused.because(
            "not-a-revocation-list",
            "Revocation lists are a list of texts.",
            field="crls",
            instead=f"Send up to {_MAX_CRLS}, each as PEM.",
        )
    staple = body.get("staple")
    try:
        stapled = None if staple is None else base64.b64decode(staple, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Refused.because(
            "staple",
            "The OCSP answer can't be read.",
            field="staple",
            instead="Send it in Base64, as it is stapled (DER).",
        ) from None
    lists = (revocation_lists(_bytes(crl), field="crls") for crl in crls)
    return Status(crls=tuple(crl for found in lists for crl in found), stapled=stapled)


def _origin(given: object, field: str) -> Origin:
    from appliance.trust import Origin

    try:
        return Origin(str(given))
    except ValueError:
        raise Refused.because(
            "anchor-origin",
            f"Nobody called {str(given)[:40]!r} adds anchors.",
            field=field,
            instead=f"There are {', '.join(Origin)}.",
        ) from None


def _environments(given: object) -> tuple[str, ...] | None:
    from appliance.trust.judging import checked_environments

    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Refused.because(
            "no-such-environment",
            "Environments are a list of ids.",
            field="environments",
            instead='Send ["chromium", "java-17"], or leave them out for all.',
        )
    return tuple(checked_environments(given))


def _is_true(text: str, field: str) -> bool:
    if text not in ("true", "false"):
        raise Refused.because(
            "query",
            f"{field} is neither true nor false.",
            field=field,
            instead="Give one of them, or leave it out.",
        )
    return text == "true"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _public() -> Sequence[Anchor]:
    from webserver.outlook import public_anchors

    return public_anchors()


# --- what has to be said beside


def _notes(
    node: RunningNode, presented: Holding, known: Sequence[Holding], question: Question
) -> list[str]:
    from webserver.outlook import issuer_of

    notes = []
    certificate = presented.certificate
    assert certificate is not None
    ids = {certificate.leaf: presented.id}
    ids |= {one.certificate.leaf: one.id for one in known if one.certificate is not None}
    issuer = issuer_of(certificate, ids)
    trusted = {anchor.certificate for anchor in question.anchors}
    if issuer in ids and issuer not in trusted:
        notes.append(
            "These clients have not been told to trust the certificate's issuer. With "
            f"anchor={ids[issuer]} it is as if their user had told them, with "
            "origin=administrator as if their administrator had."
        )
    if node.faults():
        notes.append("Faults are set on this node: clients may be shown another certificate.")
    return notes
