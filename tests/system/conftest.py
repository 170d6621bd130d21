from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.system.program import Program, program


@dataclass(frozen=True)
class Issued:
    """A certificate from an authority that is not the box's."""

    certificate: bytes
    key: bytes
    authority: bytes
    authority_file: Path


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.RSA)


@pytest.fixture(scope="session")
def issued(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Good for every loopback address the tests use, and for a name."""
    names = [str(ipaddress.ip_address("127.0.0.0") + last) for last in range(2, 40)]
    leaf = authority.issue_cert("osbiz.test", *names, key_type=trustme.KeyType.RSA)
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return Issued(
        certificate=b"".join(pem.bytes() for pem in leaf.cert_chain_pems),
        key=leaf.private_key_pem.bytes(),
        authority=authority.cert_pem.bytes(),
        authority_file=file,
    )


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Program]:
    """A box that keeps nothing and restarts in no time."""
    with program(tmp_path, "--ephemeral", "--restart-time", "0") as running:
        yield running
