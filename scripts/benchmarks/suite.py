"""A whole test suite with a server for each test, as people write it, under pytest.

Both suites ask once over TLS with a client that trusts the one authority. The peer's server
is the one that its documentation shows, with a context manager in a fixture.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .measuring import Scale, in_turn
from .report import Goal, Row, Skipped

_ASK = """
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=10)
    connection.request("GET", "/robots.txt")
    assert connection.getresponse().status == 200
    connection.close()
"""
_OURS = f"""
import http.client
import pytest

@pytest.mark.parametrize("number", range(COUNT))
def test_asks(osbiz_box, number):
    host, port, context = osbiz_box.host, osbiz_box.port, osbiz_box.ssl_context()
{_ASK}"""
_PEER = f"""
import http.client
import ssl
import pytest
import trustme
from pytest_httpserver import HTTPServer

@pytest.fixture
def server():
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(client)
    with HTTPServer(host="127.0.0.1", port=0, ssl_context=context) as server:
        server.expect_request("/robots.txt").respond_with_data("User-agent: *")
        yield server, client

@pytest.mark.parametrize("number", range(COUNT))
def test_asks(server, number):
    host, port, context = server[0].host, server[0].port, server[1]
{_ASK}"""


def _seconds(folder: Path, code: str, count: int) -> float:
    (folder / "test_suite.py").write_text(code.replace("COUNT", str(count)))
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:])
    return time.perf_counter() - begun


def suite(scale: Scale) -> Iterator[Row | Skipped]:
    """Ours against pytest-httpserver with trustme: 200 tests (50 with --quick)."""
    count = scale.repeats * 20 if scale.repeats >= 10 else 50
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        medians = in_turn(
            {
                "ours": lambda: _seconds(folder, _OURS, count),
                "peer": lambda: _seconds(folder, _PEER, count),
            },
            1,  # the peer takes long, and 200 tests are an average already
        )
    yield Row(
        f"{count} tests with a box each, the whole pytest run",
        "s",
        medians["ours"][0],
        "pytest-httpserver + trustme",
        medians["peer"][0],
        Goal(1 / 3),
        "the peer's server waits up to half a second for its thread when it is stopped",
    )
