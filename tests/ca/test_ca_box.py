"""The box gets its certificate at the practice CA, in every way, and clients trust it."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import osbiz
from tests.acme.watching import installed_after, moment
from tests.ca.conftest import LAN_IP, NAME, setup
from tests.clients import curl
from webserver.ca.practice import PracticeCA


def trusted(sim: osbiz.Simulator, root: Path, name: str = NAME) -> str:
    """What curl has against the portal under `name`: nothing, if all is well."""
    port = sim.box.portal_url.rpartition(":")[2]
    url = f"https://{name}:{port}/"
    done = curl("--cacert", root, "--resolve", f"{name}:{port}:{LAN_IP}", "-o", "/dev/null", url)
    return done.stderr


@pytest.mark.parametrize(
    ("challenge", "names"),
    [
        ("http-01", [NAME, LAN_IP]),
        ("tls-alpn-01", [NAME, LAN_IP]),
        ("dns-01", [NAME, f"*.{NAME}"]),
    ],
)
async def test_the_box_gets_a_certificate_by_every_challenge_and_curl_trusts_it(
    sim: osbiz.Simulator, ca: PracticeCA, root: Path, challenge: str, names: list[str]
) -> None:
    dns = ca.page_url if challenge == "dns-01" else None
    status = await sim.box.acme(**setup(ca, challenge=challenge, names=names, dns=dns))
    assert (status["state"], status["error"], status["serving"]) == ("installed", None, True)
    for name in names:
        assert await asyncio.to_thread(trusted, sim, root, name.replace("*", "any")) == ""


async def test_the_box_renews_in_the_window_that_the_ca_suggests(
    sim: osbiz.Simulator, ca: PracticeCA, root: Path
) -> None:
    first = await sim.box.acme(**setup(ca))
    await sim.box.set_clock(now=moment(first["not_after"]) - timedelta(days=25))
    second = await installed_after(sim, first["certificate"])
    assert moment(second["not_after"]) > moment(first["not_after"])
    served = sim.box.active
    pems = [root.parent / f"{name}.pem" for name in ("leaf", "issuer")]
    for path, one in zip(pems, (served.leaf, *served.chain), strict=True):
        path.write_bytes(one.public_bytes(Encoding.PEM))
    at = str(int(sim.box.clock.now().timestamp()))
    line = ["openssl", "verify", "-attime", at, "-CAfile", root, "-untrusted", pems[1], pems[0]]
    done = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_a_preferred_chain_leads_to_the_other_root(
    sim: osbiz.Simulator, ca: PracticeCA
) -> None:
    await sim.box.acme(**setup(ca, preferred_chain="OSBiz Practice Root X2"))
    chain = sim.box.active.chain
    assert chain[-1].issuer == ca.authority.roots[1].subject


async def test_a_challenge_that_nobody_answers_is_told_with_its_reason(
    sim: osbiz.Simulator, ca: PracticeCA
) -> None:
    ca.zones.set(NAME, "A", ["127.0.0.99"])
    with pytest.raises(osbiz.Refused) as refused:
        await sim.box.acme(**setup(ca))
    assert refused.value.code == "acme-validation-connection"


async def test_the_box_knows_the_ca_beside_it_by_name_and_trusts_it(
    sim: osbiz.Simulator, root: Path
) -> None:
    status = await sim.box.acme(directory="practice", names=[NAME], accept_terms=True)
    assert status["state"] == "installed"
    assert await asyncio.to_thread(trusted, sim, root) == ""


async def test_a_signing_request_of_the_box_goes_through_the_wizard_and_its_key_stays(
    sim: osbiz.Simulator, ca: PracticeCA, root: Path
) -> None:
    asked = await sim.box.make(
        kind="request", name="asked", subject={"CN": NAME}, san=[f"DNS:{NAME}"]
    )
    async with httpx.AsyncClient(trust_env=False, base_url=ca.page_url) as http:
        begun = (await http.post("/new")).headers["Location"].rpartition("/")[0]
        await http.post(f"{begun}/domains", data={"names": NAME})
        await http.post(f"{begun}/validity", data={"validity": "longest"})
        assert asked.request is not None
        csr = asked.request.public_bytes(Encoding.PEM).decode()
        form = {"make": "paste", "csr": csr, "way": "dns"}
        await http.post(f"{begun}/request", data=form)
        await http.post(f"{begun}/validation", data={"records": "set"})
        await http.post(f"{begun}/validation")
        page = (await http.get(f"{begun}/download")).text
        assert "The private key stayed where the CSR was made" in page
        assert (await http.get(f"{begun}/files/private.key")).status_code == 404
        chain = (await http.get(f"{begun}/files/full-chain.pem")).content
    made = await sim.box.import_files(
        name="answered", passphrase="seven-7", certificate=chain, key=None
    )
    await sim.box.activate(made.id)
    assert await asyncio.to_thread(trusted, sim, root) == ""
