"""Flights taken apart, responses cut: bytes in, bytes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.serving import Stage
from webserver.flights import ResponseCut, handshake_secret, pieces_of
from webserver.records import encrypted_records

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


def record(kind: int, body: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def message(kind: int, length: int = 8) -> bytes:
    return bytes([kind]) + length.to_bytes(3, "big") + bytes(length)


SERVER_HELLO = record(22, message(2))
CHANGE = record(20, b"\1")
DONE = record(22, message(14, 0))
FINISHED = record(22, b"\xff" * 40)


def sealed(count: int) -> bytes:
    return b"".join(record(23, bytes([number]) * 9) for number in range(count))


def test_a_long_certificate_of_tls_1_2_comes_in_many_records() -> None:
    certificate = message(11, 40_000)
    pieces = [certificate[at : at + 16_384] for at in range(0, len(certificate), 16_384)]
    wire = SERVER_HELLO + b"".join(record(22, piece) for piece in pieces)
    head, tail = pieces_of(wire + DONE, first=True)
    assert (head.stage, head.wire, head.certificate) == (Stage.HELLO, wire, True)
    assert (tail.stage, tail.wire) == (Stage.CERTIFICATE, DONE)


def test_the_end_of_a_tls_1_2_handshake() -> None:
    ticket = record(22, message(4))
    first, last = pieces_of(ticket + CHANGE + FINISHED, first=False)
    assert (first.stage, first.wire) == (None, ticket)
    assert (last.stage, last.wire) == (Stage.FINISHED, CHANGE + FINISHED)
    (only,) = pieces_of(CHANGE + FINISHED, first=False)
    assert only.stage is Stage.FINISHED


def test_a_resumed_session_shows_no_certificate() -> None:
    for flight in (SERVER_HELLO + CHANGE + FINISHED, SERVER_HELLO + CHANGE + sealed(2)):
        pieces = pieces_of(flight, first=True)
        assert [piece.stage for piece in pieces] == [Stage.HELLO, Stage.FINISHED]
        assert not any(piece.certificate for piece in pieces)
        assert b"".join(piece.wire for piece in pieces) == flight


@pytest.mark.parametrize("count", [4, 5, 9])
def test_a_flight_of_tls_1_3_is_cut_before_its_last_two_records(count: int) -> None:
    flight = SERVER_HELLO + CHANGE + sealed(count)
    pieces = pieces_of(flight, first=True)
    assert [piece.stage for piece in pieces] == [Stage.HELLO, Stage.CERTIFICATE, Stage.FINISHED]
    assert [encrypted_records(piece.wire) for piece in pieces] == [count - 2, 1, 1]
    assert b"".join(piece.wire for piece in pieces) == flight


def test_only_the_servers_handshake_secret_is_taken_from_a_key_log() -> None:
    secret = "ab" * 32
    line = f"SERVER_HANDSHAKE_TRAFFIC_SECRET {'00' * 32} {secret}".encode()
    assert handshake_secret(line) == bytes.fromhex(secret)
    assert handshake_secret(line.replace(b"SERVER_H", b"CLIENT_H")) is None
    assert handshake_secret(b"CLIENT_RANDOM 00 00") is None


@given(
    body=st.binary(min_size=0, max_size=200),
    fraction=st.floats(0, 0.99),
    step=st.integers(1, 300),
    early=st.booleans(),
)
def test_a_response_is_cut_alike_however_it_is_written(
    body: bytes, fraction: float, step: int, early: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length:%d\r\n\r\n" % len(body)
    informational = b"HTTP/1.1 100 Continue\r\n\r\n" if early else b""
    whole = informational + head + body
    cut = ResponseCut(fraction)
    sent = b"".join(cut.passes(whole[at : at + step]) for at in range(0, len(whole), step))
    assert cut.done
    assert whole.startswith(sent)
    assert len(sent) < len(whole)
    if body:
        kept = min(int(len(body) * fraction), len(body) - 1)
        assert sent == informational + head + body[:kept]


def test_a_response_of_unknown_length_is_cut_in_its_head() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    cut = ResponseCut(0.5)
    assert cut.passes(head + b"5\r\nhello\r\n") == head[: len(head) // 2]
    assert cut.done
    assert cut.passes(b"more") == b""
