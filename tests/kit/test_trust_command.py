"""`osbiz trust`: what it says and installs makes real clients accept the box, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.program import Program, program

JAVA = """
import java.net.URI;
import javax.net.ssl.HttpsURLConnection;
class Ask {
    public static void main(String[] a) throws Exception {
        var c = (HttpsURLConnection) URI.create(a[0]).toURL().openConnection();
        System.out.println(c.getResponseCode());
    }
}
"""


def osbiz(*arguments: str, box: Program | None = None) -> subprocess.CompletedProcess[str]:
    named = [] if box is None else ["--ready-file", str(box.ready_file)]
    return subprocess.run(
        [sys.executable, "-m", "webserver.cli", *arguments, *named],
        capture_output=True,
        text=True,
        timeout=60,
    )


def shell(script: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script],
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_the_lines_for_the_shell_make_curl_and_node_accept(box: Program) -> None:
    portal = box.ready["portal"]
    assert shell(f"curl -sS {portal}/robots.txt").returncode == 60
    assert osbiz("trust", "make", box=box).returncode == 0
    lines = osbiz("trust", "env", box=box)
    assert lines.returncode == 0, lines.stderr
    assert not lines.stderr
    node = (
        f"require('https').get('{portal}/robots.txt', r => r.resume() && console.log(r.statusCode))"
    )
    done = shell(f'{lines.stdout}\ncurl -sS {portal}/robots.txt && node -e "{node}"')
    assert done.returncode == 0, done.stderr
    assert "User-agent" in done.stdout
    assert done.stdout.rstrip().endswith("200")


def test_of_the_default_certificate_it_warns(box: Program) -> None:
    lines = osbiz("trust", "env", box=box)
    assert lines.returncode == 0
    assert "osbiz trust make" in lines.stderr


def test_a_name_that_is_none_is_refused(box: Program) -> None:
    before = box.call("GET", "/v1/certificates").body
    made = osbiz("trust", "make", "DNS:not a name", box=box)
    assert made.returncode == 2
    assert "not a name" in made.stderr
    assert "Traceback" not in made.stderr
    assert box.call("GET", "/v1/certificates").body == before


def test_the_same_authority_signs_after_the_address_changed(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral", "--trusted", "--restart-time", "0") as box:
        before = box.call("GET", "/v1/trust").body["anchor"]
        box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.41"})
        assert box.call("GET", "/v1/trust").body["anchor"] != before
        assert osbiz("trust", "make", "DNS:box.test", box=box).returncode == 0
        assert box.call("GET", "/v1/trust").body["anchor"] == before


@pytest.mark.skipif(not shutil.which("keytool"), reason="keytool (Java) is not here")
def test_java_trusts_the_box_through_a_keystore_of_its_own(tmp_path: Path) -> None:
    store, source = tmp_path / "store.p12", tmp_path / "Ask.java"
    source.write_text(JAVA)
    with program(tmp_path, "--ephemeral", "--trusted") as box:
        for _ in range(2):  # again does no harm
            done = osbiz("trust", "install", "java", str(store), box=box)
            assert done.returncode == 0, done.stderr
        options = done.stdout.partition("java ")[2].strip()
        asked = shell(f"java {options} {source} {box.ready['portal']}/robots.txt")
        assert asked.stdout.strip() == "200", asked.stderr
        assert osbiz("trust", "remove", "java", str(store)).returncode == 0
        asked = shell(f"java {options} {source} {box.ready['portal']}/robots.txt")
        assert "SSLHandshakeException" in asked.stderr or "InvalidAlgorithm" in asked.stderr


@pytest.mark.skipif(not shutil.which("keytool"), reason="keytool (Java) is not here")
def test_a_keystore_that_can_not_be_written_is_told_in_javas_words(
    box: Program, tmp_path: Path
) -> None:
    done = osbiz("trust", "install", "java", str(tmp_path / "nowhere" / "store.p12"), box=box)
    assert done.returncode == 2
    assert "No such file or directory" in done.stderr
    assert "was added" not in done.stderr


@pytest.mark.skipif(not shutil.which("certutil"), reason="certutil (libnss3-tools) is not here")
@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not here")
def test_chromium_trusts_the_box_in_a_home_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with program(tmp_path, "--ephemeral", "--trusted") as box:
        done = osbiz("trust", "install", "chromium", str(home), box=box)
        assert done.returncode == 0, done.stderr
        ask = (
            f"HOME={home} chromium --headless --no-sandbox --disable-gpu "
            f"--user-data-dir={home}/profile --dump-dom {box.ready['portal']}/"
        )
        assert "OpenScape Business" in shell(ask).stdout
        assert osbiz("trust", "remove", "chromium", str(home)).returncode == 0
        assert "OpenScape Business" not in shell(ask).stdout


@pytest.mark.parametrize("arguments", [["java", "nowhere.p12"], ["firefox", "nowhere"]])
def test_what_is_not_there_is_not_removed(arguments: list[str]) -> None:
    done = osbiz("trust", "remove", *arguments)
    assert done.returncode == 2
    assert "is not there" in done.stderr
