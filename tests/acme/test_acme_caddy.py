"""Caddy's own CA (`acme_server`), a CA that is not pebble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import osbiz
from store import issuing
from store.inventory import Kind
from store.keys import key_to_pem
from store.names import Subject
from store.refusals import Refused
from tests.acme.authorities import HOST, Authority, free_port, program, running, server_certificate
from tests.acme.conftest import LAN_IP, setup
from tests.acme.watching import moment, trusted
from tests.helpers import a_key

NOW = datetime.now(UTC).replace(microsecond=0)


@contextmanager
def caddy(directory: Path, *, authority: dict[str, Any]) -> Iterator[Authority]:
    """Caddy with an ACME server; `authority` is its `pki` authority's configuration."""
    command, port = program("caddy"), free_port()
    with server_certificate(directory) as (certificate, key, trust):
        settings = {
            "admin": {"disabled": True},
            "storage": {"module": "file_system", "root": str(directory / "caddy")},
            "apps": {
                # Caddy would put its root into the machine's own store.
                "pki": {
                    "certificate_authorities": {"local": {"install_trust": False} | authority}
                },
                "tls": {
                    "certificates": {"load_files": [{"certificate": str(certificate),
                                                     "key": str(key)}]},
                },
                "http": {
                    "http_port": free_port(),
                    "servers": {
                        "ca": {
                            "listen": [f"{HOST}:{port}"],
                            "automatic_https": {"disable": True},
                            "tls_connection_policies": [{}],
                            "routes": [{"handle": [{"handler": "acme_server", "ca": "local"}]}],
                        }
                    },
                },
            },
        }  # fmt: skip
        file, log = directory / "caddy.json", directory / "caddy.log"
        file.write_text(json.dumps(settings))
        home = {"HOME": str(directory), "XDG_DATA_HOME": str(directory)}
        line = [command, "run", "--config", str(file)]
        with running(line, log, ports=(port,), environment=home) as process:
            yield Authority(
                f"https://{HOST}:{port}/acme/local/directory", trust, port, process, log
            )


def rsa_authority(directory: Path) -> dict[str, Any]:
    """Caddy's own are elliptic curves; this one is what the box can take."""

    def wanted(name: str) -> issuing.Wanted:
        return issuing.Wanted(
            subject=Subject(common_name=name),
            not_before=NOW - timedelta(days=1),
            not_after=NOW + timedelta(days=3650),
            serial=issuing.random_serial(),
            profile=issuing.Profile.AUTHORITY,
        )

    root_key, key = a_key(1), a_key(2)
    root = issuing.self_signed(wanted("Practice root"), root_key)
    issuer = issuing.issued(
        wanted("Practice issuer"), key.public_key(), authority=root, authority_key=root_key
    )
    found = {}
    for name, certificate, its_key in (("root", root, root_key), ("intermediate", issuer, key)):
        file = directory / f"{name}.pem"
        file.write_bytes(certificate.public_bytes(Encoding.PEM))
        file.with_suffix(".key").write_bytes(key_to_pem(its_key))
        found[name] = {
            "certificate": str(file),
            "private_key": str(file.with_suffix(".key")),
            "format": "pem_file",
        }
    return found


@pytest.fixture
async def box() -> AsyncIterator[osbiz.Simulator]:
    """A box at port 80, the only one at which Caddy validates."""
    try:
        async with osbiz.Simulator(http_port=80, lan_ip=LAN_IP, booster=False) as sim:
            yield sim
    except Refused as refused:
        if refused.code not in ("port-forbidden", "port-taken"):
            raise
        pytest.skip(f"Caddy validates at port 80 alone: {refused}")


async def test_caddy_certifies_the_box_by_its_address(box: osbiz.Simulator, tmp_path: Path) -> None:
    with caddy(tmp_path, authority=rsa_authority(tmp_path)) as authority:
        status = await box.box.acme(**setup(authority, names=[LAN_IP]))
        assert box.box.model.active.kind is Kind.IMPORTED
        root = tmp_path / "root.pem"
        assert await asyncio.to_thread(trusted, box, root, LAN_IP) == ""
        # Twelve hours: renewed after eight.
        due = moment(status["next_renewal"]) - box.box.clock.now()
        assert timedelta(hours=7.9) < due < timedelta(hours=8.1)


async def test_a_ca_of_elliptic_curves_is_refused_with_the_reason(
    box: osbiz.Simulator, tmp_path: Path
) -> None:
    before = box.box.model.active.id
    with caddy(tmp_path, authority={}) as authority, pytest.raises(Refused) as refused:
        await box.box.acme(**setup(authority, names=[LAN_IP]))
    assert refused.value.code == "acme-certificate-unfit"
    assert "It is signed with ecdsa-with-SHA256." in str(refused.value)
    assert box.box.model.active.id == before
