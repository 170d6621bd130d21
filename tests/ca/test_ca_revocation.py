"""Clients ask the practice CA whether the box's certificate was revoked, and believe it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import osbiz
from tests.acme.authorities import program
from tests.ca.conftest import LAN_IP, NAME, setup
from tests.clients.questions import Question
from webserver.ca.practice import PracticeCA


@dataclass
class Publisher:
    """The CA, as somebody with its API sees it."""

    http: httpx.AsyncClient

    async def publish(self, **how: str) -> None:
        """From now on it publishes so."""
        answer = await self.http.put("/v1/publishing", json=how)
        assert answer.status_code == 200, answer.text

    async def revoke(self) -> None:
        """Revoke what was issued last."""
        found = (await self.http.get("/v1/certificates")).json()["certificates"][-1]
        answer = await self.http.post(f"/v1/certificates/{found['id']}/revoke", json={"reason": 1})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def publisher(sim: osbiz.Simulator, ca: PracticeCA) -> AsyncIterator[Publisher]:
    """The CA, after the box has a certificate of it."""
    await sim.box.acme(**setup(ca, names=[NAME, LAN_IP]))
    async with httpx.AsyncClient(trust_env=False, base_url=ca.page_url) as http:
        yield Publisher(http)


async def test_gnutls_believes_what_ocsp_says_and_refuses_what_it_does_not_say(
    sim: osbiz.Simulator, publisher: Publisher, root: Path
) -> None:
    port = sim.box.portal_url.rpartition(":")[2]
    line = [program("gnutls-cli"), "--ocsp", "--x509cafile", str(root), "-p", port, LAN_IP]

    async def said() -> str:
        done = await asyncio.to_thread(
            subprocess.run, line, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        return done.stdout + done.stderr

    assert "certificate not revoked" in await said()
    await publisher.publish(ocsp="wrong")
    assert "Certificate was revoked" in await said()
    await publisher.publish(ocsp="expired")
    assert "(with OCSP) server certificate chain failed" in await said()
    await publisher.publish(ocsp="withheld")
    assert "Handshake was completed" not in await said()
    await publisher.publish(ocsp="current")
    await publisher.revoke()
    assert "Certificate was revoked" in await said()


def openssl(*line: object, folder: Path) -> str:
    """What openssl says."""
    words = ["openssl", *map(str, line)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def write_chain(sim: osbiz.Simulator, folder: Path) -> None:
    """What the box serves, as `leaf.pem` and `issuer.pem`."""
    active = sim.box.active
    for name, one in zip(("leaf", "issuer"), (active.leaf, *active.chain), strict=True):
        (folder / f"{name}.pem").write_bytes(one.public_bytes(Encoding.PEM))


async def test_openssl_checks_the_whole_chain_by_the_lists_that_it_names(
    sim: osbiz.Simulator, publisher: Publisher, root: Path, tmp_path: Path
) -> None:
    write_chain(sim, tmp_path)

    async def checked() -> str:
        lists = ""
        for path in ("/crl", "/root-1.crl"):
            der = tmp_path / "list.der"
            der.write_bytes((await publisher.http.get(path)).content)
            lists += openssl("crl", "-inform", "DER", "-in", der, folder=tmp_path)
        (tmp_path / "lists.pem").write_text(lists)
        return await asyncio.to_thread(
            openssl,
            *("verify", "-crl_check_all", "-CAfile", root, "-untrusted", "issuer.pem"),
            *("-CRLfile", "lists.pem", "leaf.pem"),
            folder=tmp_path,
        )

    named = openssl("x509", "-in", "issuer.pem", "-noout", "-text", folder=tmp_path)
    assert f"URI:{publisher.http.base_url.join('/root-1.crl')}" in named
    assert "leaf.pem: OK" in await checked()
    await publisher.revoke()
    assert "certificate revoked" in await checked()


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
async def test_ocsp_answers_name_the_issuer_as_they_were_asked(
    sim: osbiz.Simulator, ca: PracticeCA, publisher: Publisher, root: Path, digest: str
) -> None:
    folder = root.parent
    write_chain(sim, folder)

    async def asked(issuer: str) -> str:
        line = ["ocsp", digest, "-issuer", issuer, "-cert", "leaf.pem", "-CAfile", root]
        line += ["-url", f"{ca.page_url}/ocsp"]
        return await asyncio.to_thread(openssl, *line, folder=folder)

    assert "leaf.pem: good" in await asked("issuer.pem")
    assert "unauthorized (6)" in await asked(str(root))  # which has issued no such certificate


async def test_what_is_no_ocsp_request_gets_the_answer_that_rfc_6960_has_for_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    for answer in (
        await publisher.http.post("/ocsp", content=b"rubbish"),
        await publisher.http.get("/ocsp/rubbish"),
    ):
        (tmp_path / "answer").write_bytes(answer.content)
        said = openssl("ocsp", "-respin", "answer", folder=tmp_path)
        assert (answer.status_code, "malformedrequest (1)" in said) == (200, True), said


class Visit(Question):
    """The box's portal as a browser's question."""

    @property
    def greeting(self) -> str:
        return "OpenScape Business"


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("firefox-esr") is None,
    reason="needs Firefox (Debian package firefox-esr), which is not here",
)
async def test_firefox_asks_by_ocsp_and_shuts_the_page_of_a_revoked_certificate(
    sim: osbiz.Simulator, publisher: Publisher, root: Path
) -> None:
    port = urlsplit(sim.box.portal_url).port
    assert port is not None
    question = Visit("box", LAN_IP, port, LAN_IP, root, 0)
    await publisher.publish(ocsp="withheld")
    assert await asyncio.to_thread(firefox_says, question) == "SEC_ERROR_OCSP_SERVER_ERROR"
    await publisher.publish(ocsp="current")
    assert await asyncio.to_thread(firefox_says, question) == "accepted"
    await publisher.revoke()
    assert await asyncio.to_thread(firefox_says, question) == "SEC_ERROR_REVOKED_CERTIFICATE"


def firefox_says(question: Question) -> str:
    """What a Firefox says that has to ask, and remembers nothing: a new one."""
    from tests.clients.browsers import Firefox

    firefox = Firefox(
        {
            "security.OCSP.enabled": 1,
            "security.OCSP.require": True,
            "network.dns.forceResolve": "",  # box and CA are at addresses of their own
        }
    )
    try:
        answer = firefox.ask(question)
        return answer.said or answer.outcome
    finally:
        firefox.close()
