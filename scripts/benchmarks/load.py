"""Clients that ask again and again, each time over a new TLS 1.3 connection.

They are processes of their own on a core of their own, so that the server has one to
itself; they check that nothing was resumed and that every answer is a good one.
"""

from __future__ import annotations

import multiprocessing
import os
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from .measuring import client_context, connect, processor_time, request_for

WORKERS = 4
WARM_UP = 0.3  # seconds at the beginning that do not count


@dataclass(slots=True)
class Load:
    """What came of it.

    done: requests answered with 200 in the time that counts; failed: all others, by how.
    server_time: seconds of processor time the server used meanwhile.
    """

    seconds: float
    server_time: float
    done: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.done / self.seconds

    @property
    def busy(self) -> float:
        """The share of a core that the server used."""
        return self.server_time / self.seconds

    @property
    def cost(self) -> float:
        """The server's processor time for a request, in milliseconds."""
        return self.server_time / max(self.done, 1) * 1000


def _ask(context: ssl.SSLContext, address: tuple[str, int], request: bytes) -> None:
    with (
        connect(address) as sock,
        context.wrap_socket(sock) as tls,
    ):
        if tls.session_reused or tls.version() != "TLSv1.3":
            raise ConnectionError("not a full TLS 1.3 handshake")
        if not request:
            return
        tls.sendall(request)
        answer = tls.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError("no good answer" if answer else "no answer")
        while tls.recv(65536):
            pass


def _worker(
    pipe: Connection, core: int, address: tuple[str, int], request: bytes, start: float, end: float
) -> None:
    os.sched_setaffinity(0, {core})
    context = client_context()
    done, failed = 0, Counter[str]()
    while (now := time.monotonic()) < end:
        try:
            _ask(context, address, request)
        except OSError as error:
            failed[type(error).__name__ + f": {error}"[:60]] += 1
        else:
            done += now >= start
    pipe.send((done, failed))
    pipe.close()


def load(
    address: tuple[str, int],
    path: str | None,
    *,
    seconds: float,
    core: int,
    pid: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> Load:
    """Ask the server `pid` for `path` for so many `seconds`; None: handshakes alone.

    meanwhile: called once when counting has begun; RuntimeError if it outlasts the load.
    """
    start = time.monotonic() + WARM_UP
    end = start + seconds
    request = b"" if path is None else request_for(path)
    fork = multiprocessing.get_context("fork")
    workers = []
    for _ in range(WORKERS):
        receiver, sender = fork.Pipe(duplex=False)
        arguments = (sender, core, address, request, start, end)
        worker = fork.Process(target=_worker, args=arguments, daemon=True)
        worker.start()
        sender.close()
        workers.append((worker, receiver))
    time.sleep(max(0.0, start - time.monotonic()))
    before = processor_time(pid)
    meanwhile()
    if time.monotonic() > end:
        raise RuntimeError("what should happen under load took longer than the load")
    time.sleep(max(0.0, end - time.monotonic()))
    result = Load(seconds, processor_time(pid) - before)
    for worker, receiver in workers:
        done, failed = receiver.recv()
        result.done += done
        result.failed += failed
        worker.join()
    return result
