"""The CA's authoritative name server for the practice zones (UDP and TCP), and who asks it.

On loopback only. What it answers is `appliance.ca.zones`; dnslib knows the wire.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Sequence
from typing import cast

import dnslib
from dnslib import CLASS, EDNS0, QTYPE, RCODE, RR
from dnslib.label import DNSLabelError

from appliance.ca.problems import error
from appliance.ca.zones import Zones, parse_caa
from store.refusals import Refused

TTL = 1
MAX_UDP = 1232  # what fits everywhere (DNS flag day 2020); more comes over TCP
PLAIN_UDP = 512  # for who says nothing of longer answers (RFC 1035 4.2.1, RFC 6891)
_ASK_SECONDS = 2.0
_TCP_SECONDS = 5.0
_MAX_ALIASES = 8
_TXT_PART = 255


def answer(zones: Zones, data: bytes, *, datagram: bool = False) -> bytes | None:
    """The answer to a query; None when there is to be none.

    datagram: cut where it is longer than who asks can take.
    """
    try:
        query = dnslib.DNSRecord.parse(data)
        name = str(query.q.qname).rstrip(".").lower()
    except (dnslib.DNSError, dnslib.BufferError, struct.error, ValueError, IndexError):
        return None
    if query.header.qr or not query.questions:
        return None
    reply = query.reply(ra=0, aa=1)
    rcode = _fill(zones, reply, name, QTYPE.get(query.q.qtype)) if query.header.opcode == 0 else 4
    if rcode is None:
        return None
    reply.header.rcode = rcode
    room = PLAIN_UDP
    if (option := next((one for one in query.ar if one.rtype == QTYPE.OPT), None)) is not None:
        room = min(max(option.edns_len, PLAIN_UDP), MAX_UDP)
        reply.add_ar(EDNS0(udp_len=MAX_UDP))
    packed: bytes = reply.pack()
    if datagram and len(packed) > room:
        reply.rr, reply.auth = [], []
        reply.header.tc = 1
        packed = reply.pack()
    return packed


def _fill(zones: Zones, reply: dnslib.DNSRecord, name: str, kind: str) -> int | None:
    for _ in range(_MAX_ALIASES):
        if not zones.serves(name):
            return int(RCODE.REFUSED) if not reply.rr else 0
        found = zones.find(name)
        if told := found.get("RCODE"):
            return None if told[0] == "TIMEOUT" else int(getattr(RCODE, told[0]))
        for value in found.get(kind, ()):
            reply.add_answer(_record(name, kind, value))
        if name in zones.zones and kind in ("SOA", "NS"):
            reply.add_answer(_soa(zones, name) if kind == "SOA" else _ns(name))
            return 0
        if kind in found or not (aliases := found.get("CNAME")):
            break
        reply.add_answer(_record(name, "CNAME", aliases[0]))
        name = aliases[0]
    if not reply.rr:
        reply.add_auth(_soa(zones, zones.zone_of(name)))
    return 0


def _soa(zones: Zones, zone: str) -> RR:
    times = (zones.serial, TTL, TTL, TTL, TTL)
    data = dnslib.SOA(f"ns.{zone}", f"hostmaster.{zone}", times)
    return RR(zone, QTYPE.SOA, rdata=data, ttl=TTL)


def _ns(zone: str) -> RR:
    return RR(zone, QTYPE.NS, rdata=dnslib.NS(f"ns.{zone}"), ttl=TTL)


def _record(name: str, kind: str, value: str) -> RR:
    if kind == "TXT":
        octets = value.encode()
        parts = [octets[at : at + _TXT_PART] for at in range(0, max(len(octets), 1), _TXT_PART)]
        data = dnslib.TXT(parts)
    elif kind == "CAA":
        data = dnslib.CAA(*parse_caa(value))
    else:
        data = {"A": dnslib.A, "AAAA": dnslib.AAAA, "CNAME": dnslib.CNAME}[kind](value)
    return RR(name, getattr(QTYPE, kind), CLASS.IN, TTL, data)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        assert self._transport is not None
        packed = answer(self._zones, data, datagram=True)
        if packed is not None:
            self._transport.sendto(packed, addr)


class NameServer:
    """Answers on `address`, UDP and TCP on the same port; 0 takes a free one."""

    def __init__(self, zones: Zones, address: str, port: int) -> None:
        self.zones = zones
        self.address = address
        self.port = port
        self._udp: asyncio.BaseTransport | None = None
        self._tcp: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; refused when the port can't be had."""
        try:
            self._tcp = await asyncio.start_server(self._stream, self.address, self.port)
            self.port = self._tcp.sockets[0].getsockname()[1]
            loop = asyncio.get_running_loop()
            self._udp, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self.zones), local_addr=(self.address, self.port)
            )
        except OSError as failed:
            await self.stop()
            raise Refused.because(
                "port-taken",
                f"The name server can't listen on {self.address}:{self.port} "
                f"({os.strerror(failed.errno or 0)}).",
                field="dns_port",
                instead="Choose another port; 0 takes a free one.",
            ) from None

    async def stop(self) -> None:
        """Listen no more."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TCP_SECONDS):
                while True:
                    (length,) = struct.unpack("!H", await reader.readexactly(2))
                    packed = answer(self.zones, await reader.readexactly(length))
                    if packed is None:
                        break
                    writer.write(struct.pack("!H", len(packed)) + packed)
                    await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            pass  # whoever asked has gone, or says nothing
        finally:
            writer.close()


class _Asked(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _addr: tuple[str | object, int]) -> None:
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


class Resolver:
    """Asks a name server as a CA does: UDP, and TCP where that was too short."""

    def __init__(self, server: NameServer) -> None:
        self._server = server

    def serves(self, name: str) -> bool:
        """Whether somebody can be asked for `name`."""
        return self._server.zones.serves(name)

    async def look_up(self, name: str, kind: str) -> Sequence[str]:
        """The values of `name`'s records of type `kind`, aliases followed; none when it has none.

        Raises the CA's `dns` problem when the server fails.
        """
        try:
            query = dnslib.DNSRecord.question(name, kind)
            packed = query.pack()
        except (dnslib.DNSError, DNSLabelError, ValueError):
            raise error("dns", f"{name[:80]!r} is no name in the DNS.") from None
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                reply = dnslib.DNSRecord.parse(await self._ask(packed))
                if reply.header.tc:
                    reply = dnslib.DNSRecord.parse(await self._ask_stream(packed))
        except TimeoutError:
            raise error("dns", f"No name server answers for {name} ({kind}).") from None
        except (dnslib.DNSError, OSError, asyncio.IncompleteReadError):
            raise error("dns", f"The name server's answer for {name} is broken.") from None
        if reply.header.rcode not in (RCODE.NOERROR, RCODE.NXDOMAIN):
            word = RCODE.get(reply.header.rcode)
            raise error("dns", f"The name server says {word} for {name} ({kind}).")
        wanted = [one for one in reply.rr if QTYPE.get(one.rtype) == kind]
        return tuple(_text(one) for one in wanted)

    async def _ask(self, packed: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        where = (self._server.address, self._server.port)
        transport, asked = await loop.create_datagram_endpoint(_Asked, remote_addr=where)
        try:
            transport.sendto(packed)
            return await asked.answer
        finally:
            transport.close()

    async def _ask_stream(self, packed: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._server.address, self._server.port)
        try:
            writer.write(struct.pack("!H", len(packed)) + packed)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            return await reader.readexactly(length)
        finally:
            writer.close()


def _text(record: RR) -> str:
    if isinstance(record.rdata, dnslib.TXT):
        return b"".join(record.rdata.data).decode("utf-8", "replace")
    if isinstance(record.rdata, dnslib.CAA):
        tag, value = (
            one.decode() if isinstance(one, bytes) else str(one)
            for one in (record.rdata.tag, record.rdata.value)
        )
        return f'{record.rdata.flags} {tag} "{value}"'
    return str(record.rdata).rstrip(".")
