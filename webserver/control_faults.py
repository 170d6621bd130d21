"""The control API's calls about faults of nodes, and where revocation is asked.

A thin translation, as all of the control API. The calls about revocation want no token:
clients that check a certificate have none.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding

from store.refusals import Refused
from webserver.requests import json_object
from webserver.running_node import RunningNode

REVOCATION_PATH = "/revocation"
_MAX_REQUEST = 4096  # an OCSP request for one certificate has about a hundred bytes

Nodes = Callable[[str], RunningNode]


class FaultControl:
    """Lists, sets and clears faults.

    node_called: the node of that name; refuses (`no-such-node`, `booster-far`, …) when it is
        not to be had.
    """

    def __init__(self, node_called: Nodes) -> None:
        self._node_called = node_called

    def _node(self, request: web.Request) -> RunningNode:
        return self._node_called(request.match_info["node"])

    async def get_all(self, request: web.Request) -> web.Response:
        return web.json_response({"faults": self._node(request).faulting.all_as_json()})

    async def get_one(self, request: web.Request) -> web.Response:
        faults = self._node(request).faulting
        return web.json_response(faults.as_json(request.match_info["fault"]))

    async def put(self, request: web.Request) -> web.Response:
        node, name = self._node(request), request.match_info["fault"]
        given: dict[str, Any] = await json_object(request) if request.can_read_body else {}
        await node.set_fault_as_given(name, given)
        return web.json_response(node.faulting.as_json(name))

    async def delete(self, request: web.Request) -> web.Response:
        await self._node(request).clear_fault(request.match_info["fault"])
        return web.Response(status=204)

    async def delete_all(self, request: web.Request) -> web.Response:
        await self._node(request).clear_faults()
        return web.Response(status=204)

    async def get_root(self, request: web.Request) -> web.Response:
        root = await self._node(request).fault_root()
        return web.Response(
            body=root.public_bytes(Encoding.PEM), content_type="application/x-pem-file"
        )

    # Revocation

    async def get_crl(self, request: web.Request) -> web.Response:
        faults = self._node_called(request.match_info["node"]).faulting
        crl = await faults.revocation_list(request.match_info["name"])
        return web.Response(body=crl, content_type="application/pkix-crl")

    async def post_ocsp(self, request: web.Request) -> web.Response:
        return await self._ocsp(request, await request.read())

    async def get_ocsp(self, request: web.Request) -> web.Response:
        """As RFC 6960 appendix A.1 has it: the request as Base64 in the path."""
        text = unquote(request.match_info["request"])
        try:
            asked = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise Refused.because("ocsp", "This is no OCSP request.") from None
        return await self._ocsp(request, asked)

    async def _ocsp(self, request: web.Request, asked: bytes) -> web.Response:
        if len(asked) > _MAX_REQUEST:
            raise Refused.because("too-large", "An OCSP request is not that large.")
        faults = self._node_called(request.match_info["node"]).faulting
        answer = await faults.ocsp_answer(asked)
        return web.Response(body=answer, content_type="application/ocsp-response")

    def routes(self) -> list[web.RouteDef]:
        """The calls, each at its path."""
        faults, asked = "/v1/nodes/{node}/faults", REVOCATION_PATH + "/{node}"
        return [
            web.get(faults, self.get_all),
            web.delete(faults, self.delete_all),
            web.get(faults + "/root.pem", self.get_root),
            web.get(faults + "/{fault}", self.get_one),
            web.put(faults + "/{fault}", self.put),
            web.delete(faults + "/{fault}", self.delete),
            web.get(asked + "/{name}.crl", self.get_crl),
            web.post(asked + "/ocsp", self.post_ocsp),
            web.get(asked + "/ocsp/{request:.+}", self.get_ocsp),
        ]
