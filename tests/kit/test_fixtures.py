"""The fixtures for other people's tests, in projects of their own with the simulator installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

GOOD = """
import socket, ssl, urllib.error, urllib.request
import pytest

def test_ssl(osbiz_box):
    with socket.create_connection((osbiz_box.host, osbiz_box.port)) as plain:
        with osbiz_box.ssl_context().wrap_socket(plain, server_hostname=osbiz_box.host) as tls:
            assert tls.version() == "TLSv1.3"

def test_urllib(osbiz_box):
    answer = urllib.request.urlopen(osbiz_box.url + "/robots.txt", context=osbiz_box.ssl_context())
    assert answer.status == 200

def test_requests(osbiz_box):
    with osbiz_box.requests_session() as session:
        assert session.get(osbiz_box.url + "/robots.txt").status_code == 200

def test_httpx(osbiz_box):
    with osbiz_box.httpx_client() as client:
        assert client.get("/robots.txt").status_code == 200

def test_urllib3(osbiz_box):
    with osbiz_box.urllib3_pool() as pool:
        answer = pool.request("GET", osbiz_box.url + "/robots.txt")
        assert answer.status == 200

@pytest.mark.asyncio
async def test_aiohttp(osbiz_box_async):
    async with osbiz_box_async.aiohttp_session() as session:
        async with session.get("/robots.txt") as answer:
            assert answer.status == 200
    await osbiz_box_async.change_lan_ip("127.77.1.9")
    assert osbiz_box_async.host == "127.77.1.9"

@pytest.mark.asyncio
async def test_httpx_async(osbiz_box_async):
    async with osbiz_box_async.httpx_async_client() as client:
        assert (await client.get("/robots.txt")).status_code == 200

def test_the_address_changes(osbiz_box):
    before = osbiz_box.requests_session()
    osbiz_box.change_lan_ip("127.77.2.9")
    import requests
    with pytest.raises(requests.exceptions.SSLError):
        before.get(osbiz_box.url)
    osbiz_box.serve_trusted()
    assert before.get(osbiz_box.url + "/robots.txt").status_code == 200  # the same authority
    before.close()

@pytest.mark.osbiz(firmware="V3R1", installed_at="2021-05-04T00:00:00Z", trusted=False)
def test_the_mark_says_how_the_box_is_to_be(osbiz_box):
    assert osbiz_box.active.not_after.year == 2024
    with pytest.raises(ssl.SSLError, match="expired|self-signed|verify failed"):
        with socket.create_connection((osbiz_box.host, osbiz_box.port)) as plain:
            osbiz_box.ssl_context().wrap_socket(plain, server_hostname=osbiz_box.host)

def test_expiry_in_one_line(osbiz_box):
    context = osbiz_box.ssl_context()
    urllib.request.urlopen(osbiz_box.url + "/robots.txt", context=context)
    osbiz_box.expired_since(days=1)
    with pytest.raises(urllib.error.URLError, match="certificate has expired"):
        urllib.request.urlopen(osbiz_box.url + "/robots.txt", context=context)
    osbiz_box.not_valid_for(days=1)
    with pytest.raises(urllib.error.URLError, match="not yet valid"):
        urllib.request.urlopen(osbiz_box.url + "/robots.txt", context=context)

def test_two_boxes(osbiz):
    one, two = osbiz(), osbiz(trusted=False)
    assert one.url != two.url
    assert one.active.fingerprint("sha256") != two.active.fingerprint("sha256")
"""

FAILING = """
import socket, ssl

def test_fails(osbiz_box):
    with socket.create_connection((osbiz_box.host, osbiz_box.port)) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname=osbiz_box.host)
"""

FAILING_AROUND = """
import urllib.request
import pytest

@pytest.fixture
def logged_in(osbiz_box):
    osbiz_box.set_fault("reset-handshake", stage="certificate")
    urllib.request.urlopen(osbiz_box.url, context=osbiz_box.ssl_context())

@pytest.fixture
def logs_out(osbiz_box):
    yield
    urllib.request.urlopen(osbiz_box.url)

def test_before(logged_in): pass
def test_after(logs_out): pass
"""

MANY = """
import pytest, urllib.request

@pytest.mark.parametrize("number", range(30))
def test_one_of_many(osbiz_box, number):
    osbiz_box.change_lan_ip("127.77.3.9")
    osbiz_box.serve_trusted()
    answer = urllib.request.urlopen(osbiz_box.url + "/robots.txt", context=osbiz_box.ssl_context())
    assert answer.status == 200
"""


def run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_client.py").write_text(code)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        # That these tests run in a worker themselves is not for those to know.
        env={key: value for key, value in os.environ.items() if "XDIST" not in key},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_each_library_trusts_the_box_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, GOOD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 passed" in done.stdout


def test_a_failure_says_what_the_box_saw(tmp_path: Path) -> None:
    done = run(tmp_path, FAILING)
    assert done.returncode == 1
    assert "what the box at https://127.0.0.2:" in done.stdout
    assert "SAN IP:127.0.0.2" in done.stdout
    assert "refused-by-client, alert unknown_ca from client" in done.stdout
    assert "refused: unknown authority" in done.stdout
    assert "perhaps" in done.stdout


def test_a_failure_in_a_fixture_says_so_too(tmp_path: Path) -> None:
    done = run(tmp_path, FAILING_AROUND, "-rN")
    before, after = done.stdout.split("ERROR at teardown of test_after")
    assert "Fault reset-handshake is set, and happened to 1" in before
    assert "handshake not finished" in before
    assert "cut, by fault reset-handshake" in before
    assert "refused-by-client, alert unknown_ca from client" in after


def test_two_workers_do_not_collide(tmp_path: Path) -> None:
    done = run(tmp_path, MANY, "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 passed" in done.stdout


def test_a_test_run_without_a_box_imports_nothing_of_it(tmp_path: Path) -> None:
    code = "import sys\ndef test_nothing():\n    assert 'aiohttp' not in sys.modules\n"
    done = run(tmp_path, code, "-p", "no:aiohttp")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("options", ["lan_ip='300.1.1.1'", "firmware='V9'"])
def test_a_wrong_option_is_named(tmp_path: Path, options: str) -> None:
    code = f"def test_wrong(osbiz):\n    osbiz({options})\n"
    done = run(tmp_path, code)
    assert done.returncode == 1
    assert "Refused" in done.stdout
