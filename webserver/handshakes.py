"""What became of each connection: offered, shown, how it ended, which alert came.

Owns the record and the bounded log of them. Knows no socket. While a connection lives
only fields are stored; every form for people or programs is made when someone asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from store.certificate import iso_time
from webserver.alerts import Alert
from webserver.contexts import Shown
from webserver.hello import ClientHello, parse_client_hello

Outcome = Literal[
    "open",
    "completed",
    "refused-by-client",
    "refused-by-server",
    "closed-during-handshake",
    "closed-without-request",
    "closed-by-server",
    "reset",
    "timed-out",
    "not-tls",
    "cut",
]

# Clients send up to 2 KiB; more is kept for none, so that a full log stays small.
HELLO_KEPT = 16 * 1024

Peer = tuple[str, int] | tuple[str, int, int, int]


class Handshake:
    """One connection's record, filled in while the connection lives.

    at: when it was accepted, by the box's clock (aware UTC).
    hello: the client's first flight as it came, at most `HELLO_KEPT` bytes.
    shown: None until a certificate went out.
    outcome: `open` until it is settled, which happens once. `completed` means that
        application data came; `timed-out` with a `version` means that none ever did; `cut` that
        we ended it on purpose, for a fault.
    seconds: from accepting to the end of the handshake, finished or failed.
    faults: the names of those that happened to it.
    """

    __slots__ = (
        "_log",
        "alert",
        "alpn",
        "at",
        "cipher",
        "endpoint",
        "faults",
        "hello",
        "id",
        "node",
        "outcome",
        "peer",
        "seconds",
        "shown",
        "spoke",
        "version",
    )

    def __init__(
        self, log: HandshakeLog, number: int, at: datetime, node: str, endpoint: str, peer: Peer
    ) -> None:
        self._log = log
        self.id = number
        self.at = at
        self.node = node
        self.endpoint = endpoint
        self.peer = peer
        self.hello = b""
        self.shown: Shown | None = None
        self.version: str | None = None
        self.cipher: str | None = None
        self.alpn = b""
        self.outcome: Outcome = "open"
        self.alert: Alert | None = None
        self.spoke = False
        self.seconds = 0.0
        self.faults: tuple[str, ...] = ()

    def keep_hello(self, data: bytes) -> None:
        """Keep `data` as part of the client's first flight, as far as there is room."""
        if len(self.hello) < HELLO_KEPT:
            self.hello += data[: HELLO_KEPT - len(self.hello)]

    def settle(self, outcome: Outcome, alert: Alert | None = None) -> None:
        """Say how it ended, and tell the log's listeners; later calls change nothing."""
        if self.outcome != "open":
            return
        self.outcome = outcome
        self.alert = alert
        if self._log.listeners:
            self._log.tell(self)

    @property
    def offered(self) -> ClientHello | None:
        """What the client offered, parsed now; None when it sent no ClientHello."""
        return parse_client_hello(self.hello)

    @property
    def client(self) -> str:
        """The client's address and port, `127.0.0.1:5000` or `[::1]:5000`."""
        host, port = self.peer[0], self.peer[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def as_json(self) -> dict[str, object]:
        """What happened, as the control API gives it; `observed` adds what that means."""
        offered = self.offered
        return {
            "id": self.id,
            "time": iso_time(self.at),
            "node": self.node,
            "endpoint": self.endpoint,
            "client": self.client,
            "offered": None if offered is None else offered.as_json(),
            "shown": None if self.shown is None else self.shown.as_json(),
            "version": self.version,
            "cipher": self.cipher,
            "alpn": self.alpn.decode("latin-1") or None,
            "outcome": self.outcome,
            "alert": None if self.alert is None else self.alert.as_json(),
            "requests": self.spoke,
            "seconds": round(self.seconds, 6),
            "faults": list(self.faults),
        }


class HandshakeLog:
    """The latest handshakes of all endpoints, oldest first; the oldest make room.

    now: the box's clock (aware UTC).
    size: how many are kept.
    """

    def __init__(self, now: Callable[[], datetime], *, size: int = 2000) -> None:
        self._now = now
        self._records: deque[Handshake] = deque(maxlen=size)
        self._last_id = 0
        self.listeners: list[Callable[[Handshake], None]] = []

    def open(self, node: str, endpoint: str, peer: Peer) -> Handshake:
        """A new record for a connection that was just accepted; ids only grow."""
        self._last_id += 1
        record = Handshake(self, self._last_id, self._now(), node, endpoint, peer)
        self._records.append(record)
        return record

    def since(self, number: int = 0) -> list[Handshake]:
        """Every kept record with an id above `number`, oldest first, open ones included."""
        return [record for record in self._records if record.id > number]

    def tell(self, record: Handshake) -> None:
        """Call every listener with a record that was just settled."""
        for listener in tuple(self.listeners):
            listener(record)

    def clear(self) -> None:
        """Forget all records; ids go on growing."""
        self._records.clear()
