"""Account and certificates at the CA: bound, forgotten, re-keyed, revoked, chains chosen."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest
from cryptography import x509

import osbiz
from appliance.acme import ACCOUNTS
from store.certificate import common_name
from store.refusals import Refused
from tests.acme.authorities import pebble
from tests.acme.conftest import Start, setup

SECRET = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


async def test_a_ca_that_wants_known_customers_gets_the_binding_and_nobody_else_the_secret(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start(binding={"kid-1": SECRET})
    with pytest.raises(Refused) as refused:
        await sim.box.acme(**setup(authority))
    assert refused.value.code == "acme-binding"
    wrong = {"kid": "kid-1", "hmac_key": "AAAA" + SECRET[4:]}
    with pytest.raises(Refused) as refused:
        await sim.box.acme(**setup(authority, eab=wrong))
    assert refused.value.code == "acme-account"
    right = {"kid": "kid-1", "hmac_key": SECRET}
    status = await sim.box.acme(**setup(authority, eab=right))
    assert status["state"] == "installed"
    assert status["setup"]["eab"] == {"kid": "kid-1"}
    journal = [entry.detail for entry in await sim.box.journal()]
    assert SECRET not in json.dumps([status, journal, dict(sim.box.model.settings)])


async def test_a_ca_that_has_forgotten_the_account_gets_a_new_one_with_the_same_key(
    sim: osbiz.Simulator, start: Start, tmp_path: Path
) -> None:
    authority = start()
    first = await sim.box.acme(**setup(authority))
    key = sim.box.model.settings[ACCOUNTS][authority.directory]["key"]
    await asyncio.to_thread(authority.stop)
    assert authority.names is not None
    http = int(str(sim.box.http_url).rpartition(":")[2])
    ports = {"http_port": http, "port": authority.port, "dns": authority.names.dns}
    with pebble(tmp_path / "anew", **ports) as anew:
        status = await sim.box.acme(**setup(anew))
    assert status["certificate"] != first["certificate"]
    assert anew.directory == authority.directory
    opened = [
        sim.box.model.store.seal.open(
            base64.b64decode(sealed), context=f"acme {authority.directory}"
        )
        for sealed in (key, sim.box.model.settings[ACCOUNTS][authority.directory]["key"])
    ]
    assert opened[0] == opened[1]


async def test_the_account_gets_another_key_and_orders_with_it(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start()
    await sim.box.acme(**setup(authority))
    before = sim.box.model.settings[ACCOUNTS][authority.directory]
    await sim.box.acme_change_key()
    after = sim.box.model.settings[ACCOUNTS][authority.directory]
    assert after["url"] == before["url"]
    assert after["key"] != before["key"]
    assert (await sim.box.acme_renew())["state"] == "installed"


async def test_another_contact_is_told_to_the_ca(sim: osbiz.Simulator, start: Start) -> None:
    authority = start()
    await sim.box.acme(**setup(authority))
    await sim.box.acme(**setup(authority, contact="bernd@example.com"))
    assert b"There are now 1 accounts" in await asyncio.to_thread(authority.log.read_bytes)
    kept = sim.box.model.settings[ACCOUNTS][authority.directory]["contact"]
    assert kept == ["mailto:bernd@example.com"]


async def test_a_certificate_is_revoked_at_the_ca(sim: osbiz.Simulator, start: Start) -> None:
    authority = start()
    status = await sim.box.acme(**setup(authority))
    serial = sim.box.active.serial
    await sim.box.acme_revoke(status["certificate"], reason=4)
    said = await asyncio.to_thread(authority.get, f"/cert-status-by-serial/{serial:x}")
    assert json.loads(said)["Status"] == "Revoked"
    assert json.loads(said)["Reason"] == 4
    with pytest.raises(Refused) as refused:  # once is enough, the CA says
        await sim.box.acme_revoke(status["certificate"])
    assert refused.value.code == "acme-request-refused"
    history = (await sim.box.acme_status())["history"]
    assert [one["event"] for one in history].count("revoked") == 1


async def test_the_chain_to_the_root_that_is_wanted_is_taken(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start(PEBBLE_ALTERNATE_ROOTS="2", PEBBLE_CHAIN_LENGTH="2")
    for number in (0, 2):
        pem = await asyncio.to_thread(authority.get, f"/roots/{number}")
        wanted = common_name(x509.load_pem_x509_certificate(pem).subject)
        await sim.box.acme(**setup(authority, preferred_chain=wanted))
        top = sim.box.active.chain[-1]
        assert common_name(top.issuer) == wanted
        assert len(sim.box.active.chain) == 2
