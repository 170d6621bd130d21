"""Listening sockets that many boxes share: one a port, for all of the loopback addresses.

Ten thousand boxes with three ports each would be as many sockets as few systems allow a
process. A door listens once, at every address of the loopback interface, and hands each
connection to the box at the address that the client called; a box that is not there yet
is sent for meanwhile. What comes for a box that is away is reset: a shared socket has
accepted it by then, and can't refuse it any more.

Owns the sockets and who is at which address. Knows no box: it is told whom to send for.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

from store.refusals import Refused
from webserver.binding import binding_refused
from webserver.handshakes import Peer
from webserver.listener import Listener
from webserver.model_thread import ModelThread

_BACKLOG = 4096
_ACCEPTS_PER_TURN = 64
_MAX_WAITING = 1024
_PAUSE_WHEN_EXHAUSTED = 1.0
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset

# Sends for the box at an address, and calls back when it is there (or will not come);
# False when no box has that address.
Sender = Callable[[str, Callable[[], None]], bool]


class Door:
    """One port, at every loopback address.

    port: 0 takes a free one, which is then kept here.
    send_for: see `Sender`.
    """

    def __init__(self, port: int, send_for: Sender) -> None:
        self.port = port
        self._send_for = send_for
        self._guests: dict[str, Guest] = {}
        self._waiting: dict[str, list[tuple[socket.socket, Peer]]] = {}
        self._sock: socket.socket | None = None
        self._pause: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Listen; needs a running loop. Refused when the port can't be had."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            # At every address, but of this interface only: nobody else's business.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
            sock.bind(("0.0.0.0", self.port))  # noqa: S104 - bound to the interface `lo`
            sock.listen(_BACKLOG)
        except OSError as error:
            sock.close()
            raise binding_refused(error, "the loopback interface", self.port) from None
        self.port = sock.getsockname()[1]
        self._sock = sock
        asyncio.get_running_loop().add_reader(sock.fileno(), self._accept)

    def close(self) -> None:
        """Listen no more, and reset whoever still waits."""
        sock, self._sock = self._sock, None
        if self._pause is not None:
            self._pause.cancel()
        if sock is not None:
            asyncio.get_running_loop().remove_reader(sock.fileno())
            sock.close()
        for address in tuple(self._waiting):
            self._admit(address)

    def enter(self, guest: Guest) -> None:
        """`guest` has its address from now on; refused when another one has it."""
        if self._guests.setdefault(guest.address, guest) is not guest:
            raise occupied(guest.address, self.port)

    def leave(self, guest: Guest) -> None:
        """The address is free again."""
        if self._guests.get(guest.address) is guest:
            del self._guests[guest.address]

    def _accept(self) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            if self._sock is None:
                return
            try:
                accepted, peer = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:
                continue
            except OSError:
                self._wait_for_files()
                return
            accepted.setblocking(False)
            self._arrive(accepted, peer)

    def _wait_for_files(self) -> None:
        """Out of files or memory. The queue stays readable: trying at once would spin."""
        loop, sock = asyncio.get_running_loop(), self._sock
        assert sock is not None
        loop.remove_reader(sock.fileno())

        def again() -> None:
            self._pause = None
            loop.add_reader(sock.fileno(), self._accept)

        self._pause = loop.call_later(_PAUSE_WHEN_EXHAUSTED, again)

    def _arrive(self, accepted: socket.socket, peer: Peer) -> None:
        address = accepted.getsockname()[0]
        guest = self._guests.get(address)
        if guest is not None and address not in self._waiting:
            guest.admit_or_reset(accepted, peer)
            return
        waiting = self._waiting.setdefault(address, [])
        if len(waiting) >= _MAX_WAITING:
            reset(accepted)
            return
        waiting.append((accepted, peer))
        if len(waiting) == 1 and not self._send_for(address, lambda: self._admit(address)):
            self._admit(address)

    def _admit(self, address: str) -> None:
        """Those who waited for the box at `address` go in, in their order."""
        guest = self._guests.get(address)
        for accepted, peer in self._waiting.pop(address, ()):
            if guest is None:
                reset(accepted)
            else:
                guest.admit_or_reset(accepted, peer)


class Guest(Listener):
    """A listener whose connections come through a door that it shares with other boxes."""

    def __init__(self, door: Door, address: str, *arguments: Any, **options: Any) -> None:
        super().__init__(address, door.port, *arguments, **options)
        self._door = door
        self._bound = False

    @property
    def listening(self) -> bool:
        """Whether new connections are taken."""
        return self._bound and self._loop is not None

    def bind(self) -> None:
        """Take the address at the door; what comes is reset until `open`."""
        self._door.enter(self)
        self._bound = True

    def open(self) -> None:
        """Take connections. Needs a running loop, and a context where there is TLS."""
        if self.secure and self.context is None:
            raise RuntimeError("a TLS listener needs a context before it opens")
        self.bind()
        self._loop = asyncio.get_running_loop()

    def close_listening(self) -> None:
        """Give up the address now; connections are left alone."""
        self._loop = None
        self._bound = False
        self._door.leave(self)

    def admit_or_reset(self, accepted: socket.socket, peer: Peer) -> None:
        """A connection for this listener; reset when it takes none."""
        if self._loop is None or self.full:
            reset(accepted)
        else:
            self.admit(self._loop, accepted, peer)


class Lodging:
    """Where one of the boxes lives: the doors, which it shares, and its home address.

    model: the thread of the model, which it shares too.
    control_url: where the control API of all of them is.
    taken: whether an address is another box's home, be it there yet or not.
    """

    def __init__(
        self,
        doors: Mapping[int, Door],
        *,
        model: ModelThread,
        control_url: str,
        taken: Callable[[str], bool],
    ) -> None:
        self.model = model
        self.control_url = control_url
        self._doors = doors
        self._taken = taken

    def listener(self, address: str, port: int, *arguments: Any, **options: Any) -> Listener:
        """As `Listener`, at the door of `port`; refused at an address that can't be the box's."""
        if self._taken(address):
            raise occupied(address, port)
        _check_here(address, port)
        return Guest(self._doors[port], address, *arguments, **options)


def occupied(address: str, port: int) -> Refused:
    """The refusal of an address that another box has."""
    return Refused.because(
        "port-taken",
        f"Cannot listen on {address}:{port}: another box is there.",
        field="port",
        instead="Give an address that is no other box's.",
    )


def _check_here(address: str, port: int) -> None:
    if address.startswith("127."):
        return
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.bind((address, 0))
    except OSError as error:
        raise binding_refused(error, address, port) from None


def reset(accepted: socket.socket) -> None:
    """Close a connection such that the other side sees a reset."""
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    accepted.close()
