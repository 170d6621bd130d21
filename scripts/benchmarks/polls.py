"""Held WSI polls: what thousands of clients that wait for events cost the box."""

from __future__ import annotations

import contextlib
import http.client
import re
import resource
import socket
import ssl
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from . import ours
from .measuring import Scale, address_of, client_context, connect, cores, processor_time
from .report import Goal, Row, Skipped

POLLS = 5_000
PER_USER = 20
MEMORY_MIB = 150
CORE_PERCENT = 2
PATH = "/cgi-bin/gadgetapi"


def polls(scale: Scale) -> Iterator[Row | Skipped]:
    """5,000 held polls on one box, on each of its WSI ports: memory, and processor when idle."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files[1] < POLLS + 500:
        yield Skipped("held polls", f"only {files[1]} files may be open here")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files[0], POLLS + 500), files[1]))
    for endpoint, how in (("wsi_http", "plain"), ("wsi", "TLS")):
        yield from _held(endpoint, how, seconds=10 * scale.seconds)


def _held(endpoint: str, how: str, *, seconds: float) -> Iterator[Row]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        config = folder / "box.toml"
        users = [str(1000 + number) for number in range(POLLS // PER_USER)]
        config.write_text(
            "".join(
                f'[[subscribers]]\nextension = "{user}"\nname = "N"\npassword = "p"\n'
                for user in users
            )
        )
        core, _ = cores()
        box = stack.enter_context(ours.box(folder, "--no-booster", "--config", config, core=core))
        pid = box.process.pid
        sessions = [_log_in(box, user) for user in users for _ in range(PER_USER)]
        before = _resident(pid)
        begun = time.monotonic()
        address = address_of(box.ready[endpoint])
        context = client_context() if endpoint == "wsi" else None
        held = [stack.enter_context(_poll(address, one, context)) for one in sessions]
        opened = time.monotonic() - begun
        time.sleep(2)
        for sock in held:
            sock.setblocking(False)
        used, begun = processor_time(pid), time.monotonic()
        time.sleep(seconds)
        share = (processor_time(pid) - used) / (time.monotonic() - begun)
        answered = sum(map(_has_answer, held))
        if answered:
            raise RuntimeError(f"{answered} of {POLLS} polls are not held any more")
        after = _resident(pid)
    parts = f"{before:.0f} before the first; {(after - before) * 1024 / POLLS:.1f} KiB each"
    goal = Goal(MEMORY_MIB, absolute=True)
    yield Row(f"{POLLS} held polls, {how}: memory", "MiB", after, goal=goal, parts=parts)
    parts = f"over {seconds:.0f} s; they were opened in {opened:.1f} s"
    idle = Goal(CORE_PERCENT, absolute=True)
    yield Row("  of a core, idle", "%", share * 100, goal=idle, parts=parts)


def _log_in(box: ours.Box, user: str) -> str:
    host, port = address_of(box.ready["wsi_http"])
    connection = http.client.HTTPConnection(host, port, timeout=10)
    connection.request("GET", f"{PATH}?cmd=Login&gsUser={user}&gsPass=p")
    found = re.search(rb"<ID>([0-9a-f]{8})</ID>", connection.getresponse().read())
    connection.close()
    if found is None:
        raise RuntimeError("the box lets nobody in")
    return found.group(1).decode()


@contextlib.contextmanager
def _poll(
    address: tuple[str, int], session: str, context: ssl.SSLContext | None
) -> Iterator[socket.socket]:
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(connect(address))
        if context is not None:
            sock = stack.enter_context(context.wrap_socket(sock, server_hostname=address[0]))
        request = f"GET {PATH}/GetEvents?deviceObject=100&gsSession={session} HTTP/1.1"
        sock.sendall(f"{request}\r\nHost: {address[0]}\r\n\r\n".encode())
        yield sock


def _has_answer(sock: socket.socket) -> bool:
    try:
        sock.recv(1)
    except (BlockingIOError, OSError):  # nothing there; TLS says so in its own words
        return False
    return True


def _resident(pid: int) -> float:
    """MiB of memory that the process has in use."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found.group(1)) / 1024
