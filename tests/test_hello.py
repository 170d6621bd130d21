"""ClientHellos: real ones are read, damaged ones never hurt."""

from __future__ import annotations

import ssl
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from webserver.hello import asks_for_retry, is_grease, parse_client_hello


def real_hello(*, name: str | None = "box.example", alpn: tuple[str, ...] = ()) -> bytes:
    """What Python's own TLS client sends first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = name is not None
    if alpn:
        context.set_alpn_protocols(alpn)
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


HELLO = real_hello(alpn=("h2", "http/1.1"))


def in_records(message: bytes, size: int) -> bytes:
    return b"".join(
        b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece
        for piece in (message[at : at + size] for at in range(0, len(message), size))
    )


def test_a_real_hello_is_read_whole() -> None:
    hello = parse_client_hello(HELLO)
    assert hello is not None
    assert hello.complete
    offered = hello.as_json()
    assert offered["versions"] == ["TLSv1.3", "TLSv1.2"]
    assert offered["server_name"] == "box.example"
    assert offered["alpn"] == ["h2", "http/1.1"]
    assert "TLS_AES_128_GCM_SHA256" in offered["ciphers"]  # type: ignore[operator]
    assert "x25519" in offered["groups"]  # type: ignore[operator]
    assert "rsa_pss_rsae_sha256" in offered["signature_algorithms"]  # type: ignore[operator]
    assert {0, 10, 13, 16, 43, 51} <= set(hello.extensions)
    assert not any("0x" in cipher for cipher in offered["ciphers"])  # type: ignore[attr-defined]


def test_without_a_name_there_is_none() -> None:
    hello = parse_client_hello(real_hello(name=None))
    assert hello is not None
    assert hello.server_name is None
    assert hello.alpn == ()


def test_a_hello_split_over_many_records_is_the_same() -> None:
    whole = parse_client_hello(HELLO)
    assert parse_client_hello(in_records(HELLO[5:], 7)) == whole


def test_every_beginning_of_a_hello_is_taken_for_what_it_is() -> None:
    for length in range(len(HELLO)):
        hello = parse_client_hello(HELLO[:length])
        assert hello is None or not hello.complete
    early = parse_client_hello(HELLO[: len(HELLO) - 40])
    assert early is not None
    assert early.ciphers


def test_grease_is_kept_as_numbers_and_left_out_of_the_names() -> None:
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x04\x0a\x0a\x13\x01" + b"\x01\0"
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    hello = parse_client_hello(in_records(message, 1000))
    assert hello is not None
    assert hello.complete
    assert hello.ciphers == (0x0A0A, 0x1301)
    assert hello.as_json()["ciphers"] == ["TLS_AES_128_GCM_SHA256"]
    assert hello.as_json()["versions"] == ["TLSv1.2"]
    assert is_grease(0xFAFA)
    assert not is_grease(0x0A1A)


def test_what_is_no_hello_is_none() -> None:
    for data in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16", b"\x15\x03\x03\0\x02\x02\x28", bytes(99)):
        assert parse_client_hello(data) is None


def test_no_flight_of_other_bytes_asks_for_a_retry() -> None:
    assert not asks_for_retry(b"")
    assert not asks_for_retry(HELLO)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_garbage_never_raises(data: bytes) -> None:
    for start in (b"", b"\x16\x03\x01\x01\x00", b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03"):
        hello = parse_client_hello(start + data)
        if hello is not None:
            hello.as_json()


@given(st.lists(st.tuples(st.integers(0, len(HELLO) - 1), st.integers(0, 255)), max_size=8))
@settings(max_examples=300, deadline=None)
def test_a_damaged_hello_never_raises(damage: list[tuple[int, int]]) -> None:
    data = bytearray(HELLO)
    for at, value in damage:
        data[at] = value
    hello = parse_client_hello(bytes(data))
    if hello is not None:
        hello.as_json()
