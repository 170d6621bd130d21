"""Servers started, watched and ended; values taken in turn. Knows no particular server."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

START_LIMIT = 30.0  # seconds; the slowest peer takes less than one
TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Scale:
    """How long to measure: `rounds` of alternating runs, of `seconds` or `repeats` each."""

    rounds: int = 5
    seconds: float = 2.0
    repeats: int = 10


def cores() -> tuple[int, int]:
    """The core for the server under test and the one for its load; the same if there is one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def free_port(address: str = "127.0.0.1") -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind((address, 0))
        port: int = sock.getsockname()[1]
        return port


def in_turn(
    runs: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, tuple[float, list[float]]]:
    """Run all in turn, `rounds` times over; the median and the values of each."""
    values: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            values[name].append(run())
    return {name: (statistics.median(taken), taken) for name, taken in values.items()}


def spread(values: Sequence[float]) -> str:
    """The range of `values`, for a reader who wonders how steady they were."""
    return f"{min(values):.3g} to {max(values):.3g}"


def client_context() -> ssl.SSLContext:
    """A client that takes any certificate: what is measured is the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def address_of(url: str) -> tuple[str, int]:
    """The address and port in `url`."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def request_for(path: str) -> bytes:
    """A GET after which the server closes the connection."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()


def connect(address: tuple[str, int]) -> socket.socket:
    """A connection as HTTP clients make it: without Nagle's algorithm."""
    sock = socket.create_connection(address, timeout=10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def get(context: ssl.SSLContext, address: tuple[str, int], path: str) -> bytes:
    """One new connection, one GET: the whole answer. OSError when there is none."""
    with (
        connect(address) as sock,
        context.wrap_socket(sock, server_hostname=address[0]) as tls,
    ):
        tls.sendall(request_for(path))
        parts = []
        while part := tls.recv(65536):
            parts.append(part)
        answer = b"".join(parts)
    if not answer.startswith(b"HTTP/1."):
        raise ConnectionError("the connection ended without an answer")
    return answer


def first_answer(address: tuple[str, int], path: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server that `process` is to become answers over HTTPS."""
    context = client_context()
    end = time.monotonic() + START_LIMIT
    while True:
        try:
            get(context, address, path)
        except OSError as error:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended at once") from error
            if time.monotonic() > end:
                raise RuntimeError(f"{process.args!r} does not answer") from error
            time.sleep(0.001)
        else:
            return


@contextlib.contextmanager
def process(
    command: Sequence[str | Path], *, core: int | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`command` running, on one `core` if one is given; ended with SIGTERM, by its id."""
    pin = [] if core is None else ["taskset", "--cpu-list", str(core)]
    output = subprocess.DEVNULL if log is None else log.open("wb")
    try:
        started = subprocess.Popen(
            [*pin, *map(str, command)], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    finally:
        if not isinstance(output, int):
            output.close()
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(5)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def processor_time(pid: int) -> float:
    """Seconds of processor time that the process and its living children have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) * TICK
    return own + sum(processor_time(int(child)) for child in children)
