"""The CA's name server, asked as resolvers and clients ask: with real datagrams and streams."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import dnslib
import pytest
from dnslib import QTYPE

from tests.ca.programs import Program, ca_program

ZONE = "test"
LONG = "long.example.test"


@pytest.fixture(scope="module")
def running_ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One CA as a program for all of them."""
    with ca_program(tmp_path_factory.mktemp("ca")) as found:
        found.ask("PUT", f"/v1/dns/{LONG}/TXT", {"values": ["x" * 600]})
        yield found


def asked(
    ca: Program, name: str, kind: str, *, room: int | None = None, stream: bool = False
) -> dnslib.DNSRecord:
    """What it answers. room: the longest answer that is taken, by EDNS; None says nothing."""
    host, _, port = ca.ready["dns"].partition(":")
    query = dnslib.DNSRecord.question(name, kind)
    if room is not None:
        query.add_ar(dnslib.EDNS0(udp_len=room))
    packed = query.pack()
    if stream:
        with socket.create_connection((host, int(port)), 5) as connection:
            connection.sendall(struct.pack("!H", len(packed)) + packed)
            answer = connection.makefile("rb")
            (length,) = struct.unpack("!H", answer.read(2))
            return dnslib.DNSRecord.parse(answer.read(length))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(5)
        datagrams.sendto(packed, (host, int(port)))
        return dnslib.DNSRecord.parse(datagrams.recv(4096))


@pytest.mark.parametrize("kind", ["SOA", "NS"])
def test_a_zone_says_where_it_begins_so_that_clients_find_it(
    running_ca: Program, kind: str
) -> None:
    (record,) = asked(running_ca, ZONE, kind).rr
    assert (str(record.rname), QTYPE.get(record.rtype)) == (f"{ZONE}.", kind)
    below = asked(running_ca, "phone.example.test", kind)
    assert (below.rr, [QTYPE.get(one.rtype) for one in below.auth]) == ([], ["SOA"])


def test_an_answer_is_cut_for_who_can_take_no_more_and_says_what_was_asked(
    running_ca: Program,
) -> None:
    cut = asked(running_ca, LONG, "TXT")
    assert (cut.header.tc, cut.rr, str(cut.q.qname)) == (1, [], f"{LONG}.")
    whole = asked(running_ca, LONG, "TXT", room=1232)
    assert (whole.header.tc, len(whole.rr)) == (0, 1)
    assert asked(running_ca, LONG, "TXT", room=100).header.tc == 1
    assert asked(running_ca, LONG, "TXT", stream=True).header.tc == 0
