"""The CA's API: how it stands, its DNS records, what it issued, how it publishes. JSON.

Two paths are pebble-challtestsrv's, so that what sets TXT records there does it here too.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from appliance.ca.authority import pem
from appliance.ca.policy import longest
from appliance.ca.problems import AcmeError
from appliance.ca.register import REASONS, Conduct, Issued
from appliance.ca.zones import parse_name
from store.certificate import iso_time
from store.refusals import Refused
from webserver.ca.practice import PracticeCA


def add_routes(router: web.UrlDispatcher, ca: PracticeCA) -> None:
    """`/v1/…`, `/set-txt`, `/clear-txt`."""
    api = Api(ca)
    router.add_get("/v1/ca", api.state)
    router.add_put("/v1/publishing", api.publish)
    router.add_get("/v1/certificates", api.certificates)
    router.add_post("/v1/certificates/{id}/revoke", api.revoke)
    router.add_get("/v1/dns", api.records)
    router.add_put("/v1/dns/{name}/{type}", api.set_records)
    router.add_delete("/v1/dns/{name}/{type}", api.clear_records)
    router.add_post("/set-txt", api.set_txt)
    router.add_post("/clear-txt", api.clear_txt)


def described(ca: PracticeCA) -> dict[str, Any]:
    """How a CA stands, and where it is."""
    now = ca.clock.now()
    return {
        "directory": ca.directory,
        "pages": ca.page_url,
        "dns": f"{ca.name_server.address}:{ca.name_server.port}",
        "zones": list(ca.zones.zones),
        "default_address": ca.zones.address,
        "http_01_port": ca.validator.http_port,
        "tls_alpn_01_port": ca.validator.tls_port,
        "now": iso_time(now),
        "longest_days": longest(now).days,
        "publishing": {what: conduct.value for what, conduct in ca.register.conduct.items()},
        "issued": len(ca.register.issued),
        "trust": ca.trust,
    }


class Api:
    """The resources."""

    def __init__(self, ca: PracticeCA) -> None:
        self._ca = ca

    async def state(self, _request: web.Request) -> web.Response:
        """How it stands."""
        return web.json_response(described(self._ca))

    async def publish(self, request: web.Request) -> web.Response:
        """How lists and OCSP are published from now on."""
        body = await _object(request)
        changed: dict[str, Conduct] = {}
        for what, value in body.items():
            if what not in self._ca.register.conduct:
                raise Refused.because(
                    "publishing",
                    f"{what[:20]!r} is not published.",
                    field=what[:20],
                    instead="Name crl or ocsp.",
                )
            changed[what] = _conduct(what, value)
        self._ca.register.conduct.update(changed)
        return await self.state(request)

    async def certificates(self, _request: web.Request) -> web.Response:
        """All that was issued."""
        found = [certificate_json(one) for one in self._ca.register.issued.values()]
        return web.json_response({"certificates": found})

    async def revoke(self, request: web.Request) -> web.Response:
        """The CA itself revokes a certificate."""
        body = await _object(request)
        one = self._ca.register.issued.get(request.match_info["id"])
        if one is None:
            raise Refused.because("no-such-certificate", "This CA has issued no such certificate.")
        try:
            reason = body.get("reason", 0)
            self._ca.register.revoke(one, reason=reason, now=self._ca.clock.now())
        except AcmeError as failed:
            instead = f"Reasons are {', '.join(map(str, REASONS))}."
            raise Refused.because(
                "ca-revocation", failed.problem.detail, field="reason", instead=instead
            ) from None
        return web.json_response(certificate_json(one))

    async def records(self, _request: web.Request) -> web.Response:
        """All records that were set."""
        zones = self._ca.zones
        records = {
            name: {kind: list(values) for kind, values in found.items()}
            for name, found in sorted(zones.records.items())
        }
        return web.json_response(
            {"zones": list(zones.zones), "default_address": zones.address, "records": records}
        )

    async def set_records(self, request: web.Request) -> web.Response:
        """Exactly these records for a name and type."""
        body = await _object(request)
        part = request.match_info
        self._ca.zones.set(part["name"], part["type"].upper(), body.get("values"))
        return await self.records(request)

    async def clear_records(self, request: web.Request) -> web.Response:
        """No records of the type for a name."""
        part = request.match_info
        self._ca.zones.set(part["name"], part["type"].upper(), [])
        return await self.records(request)

    async def set_txt(self, request: web.Request) -> web.Response:
        """pebble-challtestsrv's way to add a TXT record."""
        body = await _object(request)
        self._ca.zones.add(body.get("host"), "TXT", body.get("value"))
        return web.Response()

    async def clear_txt(self, request: web.Request) -> web.Response:
        """pebble-challtestsrv's way to remove them."""
        self._ca.zones.set(parse_name((await _object(request)).get("host")), "TXT", [])
        return web.Response()


def certificate_json(one: Issued) -> dict[str, Any]:
    """An issued certificate, as the API shows it."""
    return {
        "id": one.id,
        "names": [name.value for name in one.names],
        "serial": f"{one.leaf.serial_number:x}",
        "not_before": iso_time(one.leaf.not_valid_before_utc),
        "not_after": iso_time(one.leaf.not_valid_after_utc),
        "revoked_at": None if one.revoked_at is None else iso_time(one.revoked_at),
        "reason": one.reason,
        "pem": pem(one.leaf),
    }


def _conduct(what: str, value: object) -> Conduct:
    for conduct in Conduct:
        if value == conduct.value:
            return conduct
    raise Refused.because(
        "publishing",
        f"{str(value)[:20]!r} is no way to publish.",
        field=what,
        instead=f"Ways are {', '.join(conduct.value for conduct in Conduct)}.",
    )


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refused.because("body", "The body is no JSON object.")
    return value
