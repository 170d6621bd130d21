"""Chains that were made to cost time or memory, and bytes that are no chain at all."""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.trust import Anchor, Verdict, judge, presented_chain
from store.refusals import Refused

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CPU_SECONDS = (
    2.0  # it was 3 to 50, and is 0.1 to 0.9; CPU time, so that a busy machine is no matter
)
HOST = "box.example.test"
Chain = list[x509.Certificate]


@cache
def key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    subject: str | x509.Name,
    issuer: str,
    *,
    own: int,
    signer: int,
    authority: bool = True,
    more: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> x509.Certificate:
    if isinstance(subject, str):
        subject = named(subject)
    builder = x509.CertificateBuilder(
        named(issuer), subject, key(own).public_key(), x509.random_serial_number(),
        datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    if authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    return builder.sign(key(signer), hashes.SHA256())


def named(*common_names: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in common_names])


def cross_signed() -> Chain:
    """Ten authorities that have all signed each other, so that there are millions of ways."""
    leaf = certificate("leaf", "CA 0", own=20, signer=0, authority=False)
    pairs = [(one, other) for one in range(10) for other in range(10) if one != other]
    return [leaf, *(certificate(f"CA {a}", f"CA {b}", own=a, signer=b) for a, b in pairs)]


def of_one_name() -> Chain:
    """A hundred certificates, each of which may be the issuer of each by its name."""
    chain = [certificate("CA", "CA", own=at, signer=(at + 1) % 99) for at in range(99)]
    return [certificate("leaf", "CA", own=99, signer=0, authority=False), *chain]


def strange() -> Chain:
    """A thousand critical extensions that nobody knows."""
    more = [
        (x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.3.{arc}"), b"\x05\x00"), True)
        for arc in range(1_000)
    ]
    return [certificate("leaf", "CA 9", own=20, signer=9, authority=False, more=more)]


def constrained() -> Chain:
    """Sixty authorities in a row with constraints each, over a leaf with a thousand names."""
    networks = [ipaddress.ip_network(f"10.{part}.0.0/16") for part in range(200)]
    subtrees = x509.NameConstraints(None, [x509.IPAddress(network) for network in networks])
    addresses = [ipaddress.ip_address((11 << 24) + number) for number in range(1_000)]
    names = x509.SubjectAlternativeName([x509.IPAddress(address) for address in addresses])
    above = [
        certificate(f"I {at}", f"I {at + 1}", own=at, signer=at + 1, more=[(subtrees, True)])
        for at in range(60)
    ]
    leaf = certificate("leaf", "I 0", own=90, signer=0, authority=False, more=[(names, False)])
    return [leaf, *above]


def long_winded() -> Chain:
    """A subject of five thousand names, under constraints of three hundred."""
    permitted = [x509.RFC822Name(f"user{number}@example.test") for number in range(300)]
    above = certificate(
        "I", "CA 9", own=1, signer=9, more=[(x509.NameConstraints(permitted, None), True)]
    )
    subject = named(*(f"{number:05}" for number in range(5_000)))
    return [certificate(subject, "I", own=2, signer=1, authority=False), above]


HOSTILE: dict[str, Callable[[], Chain]] = {
    one.__name__: one for one in (cross_signed, of_one_name, strange, constrained, long_winded)
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_chain_costs_no_more_than_others(kind: str) -> None:
    chain = HOSTILE[kind]()
    anchors = [Anchor(certificate("CA 9", "CA 9", own=9, signer=9))]
    verdicts: list[Verdict] = []
    begun = time.process_time()
    for number in (0, 1):  # as it is, and under an authority of that name with another key
        verdicts += judge(chain, host=HOST, anchors=anchors[number:], at=NOW)
    spent = time.process_time() - begun
    assert spent < CPU_SECONDS
    assert not any(one.outcome == "accepted" for one in verdicts)
    assert len(json.dumps([one.as_json() for one in verdicts])) < 4_000_000


@cache
def sound() -> tuple[bytes, Anchor]:
    """Two certificates as PEM, and what they are issued under."""
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    leaf = certificate("leaf", "I", own=3, signer=1, authority=False, more=[(names, False)])
    above = certificate("I", "CA 9", own=1, signer=9)
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, above))
    return pem, Anchor(certificate("CA 9", "CA 9", own=9, signer=9))


def refused_because_of(data: bytes) -> str | None:
    """The field that the refusal names; None when there are verdicts."""
    try:
        verdicts = judge(presented_chain(data), host=HOST, anchors=[sound()[1]], at=NOW)
    except Refused as refused:
        return str(refused.refusals[0].field)
    json.dumps([one.as_json() for one in verdicts])
    return None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "a private key"),
        (b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", "a revocation list"),
        (b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n", "a PKCS#7 file"),
        (b"", "no X.509 certificate"),
    ],
)
def test_what_is_no_chain_is_named(data: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        presented_chain(data)
    assert refused.value.code == "not-a-certificate"
    assert said in str(refused.value)


def test_a_chain_saved_by_powershell_is_a_chain() -> None:
    pem = sound()[0]
    assert presented_chain(pem.decode().encode("utf-16")) == presented_chain(pem)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_are_judged_or_refused(data: st.DataObject) -> None:
    der = presented_chain(sound()[0])[0].public_bytes(Encoding.DER)
    damaged = bytearray(der)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(der) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(der)), st.integers(0, len(der))))
    assert refused_because_of(bytes(damaged[:end])) in (None, "chain")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_bytes_amid_a_chain_are_judged_or_refused(noise: bytes, at: int) -> None:
    pem = sound()[0]
    assert refused_because_of(pem[:at] + noise + pem[at:]) in (None, "chain")
