"""A box that runs, and the desk of somebody who has a certificate authority of their own."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import PASSPHRASE, a_key, certificate_pem, key_pem
from tests.interop.tables import rows, run, settings
from tests.store.test_bundles import intermediate, root
from tests.system.program import Program, program


@dataclass(frozen=True)
class Desk:
    """A directory with what docs/interop.md says is there, beside a box."""

    box: Program
    directory: Path

    def file(self, name: str) -> bytes:
        """A file of the directory."""
        return (self.directory / name).read_bytes()

    def make(self, **form: object) -> str:
        """The id of a certificate or request that the box makes."""
        answer = self.box.call("POST", "/v1/certificates", form)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def export(self, identity: str, suffix: str, name: str) -> None:
        """Save a file of the box as `name`."""
        url = f"{self.box.ready['control']}/v1/certificates/{identity}.{suffix}"
        request = urllib.request.Request(url)
        request.add_header("Authorization", f"Bearer {self.box.ready['token']}")
        with urllib.request.urlopen(request, timeout=20) as response:
            (self.directory / name).write_bytes(response.read())


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("desk")
    running = tmp_path_factory.mktemp("box")
    with program(running, "--ephemeral", "--no-booster", "--restart-time", "0") as box:
        desk = Desk(box, directory)
        _lay_out(desk)
        yield desk


def _lay_out(desk: Desk) -> None:
    for name, text in settings().items():
        (desk.directory / name).write_text(text)
    for name, data in {
        "root.pem": certificate_pem(root()),
        "issuing.pem": certificate_pem(intermediate()),
        "issuing.key": key_pem(a_key(2)),
        "chain.pem": certificate_pem(intermediate(), root()),
        "index.txt": b"",
    }.items():
        (desk.directory / name).write_bytes(data)
    subject = {"C": "DE", "O": "Muster GmbH", "CN": "osbiz.example"}
    asked = desk.make(kind="request", name="asked", subject=subject, san=["DNS:osbiz.example"])
    desk.export(asked, "csr", "box.csr")
    desk.export(asked, "key", "box.key")
    run(
        "cp box.csr asked.csr && cp box.key asked.key && "
        + rows("The box's signing request, signed elsewhere")[0][1]
        + " && cp answer.crt box.crt && cp answer.crt asked.crt && "
        "openssl pkcs12 -export -name box -inkey box.key -in box.crt -certfile chain.pem "
        f"-passout pass:{PASSPHRASE} -out box.p12 && "
        "openssl pkcs12 -export -name issuing -inkey issuing.key -in issuing.pem "
        f"-certfile root.pem -passout pass:{PASSPHRASE} -out issuing.p12",
        desk.directory,
    )


@pytest.fixture(scope="session")
def nss(desk: Desk) -> Desk:
    """The desk with a store of NSS that holds the authority and the box's key."""
    run(
        "mkdir nss && certutil -N -d sql:nss --empty-password && "
        f"pk12util -i issuing.p12 -d sql:nss -W {PASSPHRASE} && "
        f"pk12util -i box.p12 -d sql:nss -W {PASSPHRASE}",
        desk.directory,
    )
    return desk


@pytest.fixture(scope="session")
def exported(desk: Desk) -> Desk:
    """The desk with server.p12, .crt and .pem, made under a CA of the box, which serves it."""
    authority = desk.make(kind="authority", name="ca", subject={"CN": "My CA"})
    server = desk.make(
        kind="server",
        name="server",
        subject={"CN": "127.0.0.2"},
        san=["IP:127.0.0.2"],
        authority=authority,
        passphrase=PASSPHRASE,
    )
    desk.export(authority, "crt", "ca.crt")
    for suffix in ("p12", "crt", "pem"):
        desk.export(server, suffix, f"server.{suffix}")
    activated = desk.box.call("POST", "/v1/nodes/system/activate", {"certificate": server})
    assert activated.status == 202
    return desk
