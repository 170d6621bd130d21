"""Signing requests and names as the practice CA judges them, whatever bytes they are."""

from __future__ import annotations

import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as some

from appliance.acme.wire import Identifier, Malformed, read_identifier
from appliance.ca.csr import check_request
from appliance.ca.policy import check_identifier, may_reach
from appliance.ca.problems import AcmeError
from tests.ca.own_client import csr, dns

NAME = "phone.example.test"
GOOD = csr(dns(NAME)).public_bytes(Encoding.DER)


def judged(data: bytes) -> str:
    """The kind of problem that the CA has with a signing request."""
    try:
        check_request(data, [dns(NAME)])
    except AcmeError as refused:
        return refused.problem.kind
    return "good"


@settings(max_examples=300, deadline=None)
@given(
    changes=some.lists(
        some.tuples(some.integers(0, len(GOOD) - 1), some.integers(0, 255)), min_size=1, max_size=4
    ),
    end=some.none() | some.integers(0, len(GOOD)),
)
def test_a_damaged_signing_request_is_refused_in_words_and_breaks_nothing(
    changes: list[tuple[int, int]], end: int | None
) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    assert judged(bytes(data[:end])) in ("good", "badCSR")  # not all of it is signed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-newkey", "rsa:2048", "-sha1"], "signed with SHA1"),
        (["-newkey", "ed25519"], "signed with no digest"),
        (["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "curve secp256k1"),
        (["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"], "RSASSA-PSS only"),
        (["-newkey", "rsa:2048", "-pkeyopt", "rsa_keygen_pubexp:3"], "exponent is 3"),
        (["-newkey", "rsa:1024"], "has 1024 bits"),
    ],
)
def test_keys_and_signatures_of_openssl_that_nobody_certifies_are_named(
    tmp_path: Path, options: list[str], words: str
) -> None:
    line = ["openssl", "req", "-new", "-nodes", "-keyout", "key", "-outform", "DER"]
    line += ["-subj", "/", "-addext", f"subjectAltName=DNS:{NAME}", *options]
    made = subprocess.run(line, cwd=tmp_path, capture_output=True, check=True).stdout
    with pytest.raises(AcmeError, match=words):
        check_request(made, [dns(NAME)])


@pytest.mark.parametrize("address", ["127.0.0.9", "::1", "10.1.2.3", "fd00::1"])
def test_loopback_and_private_addresses_of_both_kinds_are_practised_with(address: str) -> None:
    check_identifier(read_identifier({"type": "ip", "value": address}))


@pytest.mark.parametrize("address", ["8.8.8.8", "0.0.0.0", "255.255.255.255", "ff02::1", "2600::1"])
def test_the_ca_goes_to_no_other_address(address: str) -> None:
    assert not may_reach(ip_address(address))
    with pytest.raises(AcmeError, match="loopback and private"):
        check_identifier(Identifier("ip", address))


def test_an_address_of_one_machine_alone_is_none() -> None:
    with pytest.raises(Malformed):
        read_identifier({"type": "ip", "value": "fe80::1%eth0"})
