"""TLS 1.3's record protection, held against RFC 8448 and OpenSSL's own flights."""

from __future__ import annotations

import pytest

from webserver.records import (
    ALERT,
    APPLICATION_DATA,
    HANDSHAKE,
    MOST,
    Traffic,
    after_finished,
    encrypted_records,
)

# RFC 8448, section 3: the client's first record of application data.
SECRET = bytes.fromhex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5")
PLAIN = bytes(range(50))
SEALED = bytes.fromhex(
    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f"
    "2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae6"
    "3aeebb21694915e4"
)
SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
CCS = bytes([20, 3, 3, 0, 1, 1])


def pair(suite: str = SUITES[0]) -> tuple[Traffic, Traffic]:
    secret = SECRET + SECRET[:16] if suite.endswith("SHA384") else SECRET
    return Traffic(suite, secret), Traffic(suite, secret)


def test_a_record_is_sealed_and_opened_as_in_the_rfcs_example() -> None:
    sender, reader = pair()
    assert sender.seal(APPLICATION_DATA, PLAIN) == SEALED
    assert reader.open(SEALED) == (APPLICATION_DATA, PLAIN)


@pytest.mark.parametrize("suite", SUITES)
def test_both_sides_go_on_through_new_keys_and_rests(suite: str) -> None:
    sender, reader = pair(suite)
    for number in range(5):
        record = sender.seal(HANDSHAKE, bytes([number]))
        assert reader.open(record) == (HANDSHAKE, bytes([number]))
        sender.rest()
        if number == 2:
            sender.update()
            reader.update()
    assert reader.open(sender.seal(ALERT, b"")) == (ALERT, b"")


def test_what_is_damaged_repeated_or_left_out_is_not_opened() -> None:
    sender, reader = pair()
    first, second = (sender.seal(APPLICATION_DATA, PLAIN) for _ in range(2))
    assert reader.open(second) is None
    assert Traffic(SUITES[0], SECRET, 1).open(second) == (APPLICATION_DATA, PLAIN)
    assert pair()[1].open(first[:-1] + b"?") is None
    assert pair()[1].open(b"\x17\x03\x01" + first[3:]) is None, "the header is protected, too"


def test_padding_is_taken_off_and_padding_alone_has_no_kind() -> None:
    sender, reader = pair()
    assert reader.open(sender.seal(0, b"data" + bytes([APPLICATION_DATA]) + bytes(9))) == (
        APPLICATION_DATA,
        b"data",
    )
    assert reader.open(sender.seal(0, bytes(9))) == (0, b"")


def test_encrypted_records_are_counted() -> None:
    sender, _ = pair()
    wire = b"".join(sender.seal(APPLICATION_DATA, bytes(size)) for size in (0, 1, MOST))
    assert encrypted_records(CCS + wire) == 3
    assert encrypted_records(b"") == 0


@pytest.mark.parametrize(
    ("flight", "left"),
    [
        (SEALED, 0),
        (CCS + SEALED, 0),
        (CCS + SEALED + SEALED, len(SEALED)),
        (SEALED + SEALED[:7], 7),
        (SEALED[:-1], None),
        (SEALED[9:], None),
        (CCS, None),
        (CCS + SEALED[:3], None),
        (b"", None),
    ],
)
def test_what_follows_the_clients_finished_is_told_or_not_known(
    flight: bytes, left: int | None
) -> None:
    assert after_finished(flight) == left
