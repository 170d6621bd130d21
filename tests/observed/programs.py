"""Real clients, each called once: what they trust, and the one fault of what they are shown."""

from __future__ import annotations

import functools
import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from store.certificate import Certificate
from tests.listening import authority
from webserver.measured_hellos import ROWS

HOST = "127.0.0.1"
FAULTS = ("none", "authority", "expired", "early", "name", "use")
_DAY = timedelta(days=1)


@functools.cache
def shown(fault: str) -> Certificate:
    """A certificate for `HOST` from our authority, with one fault."""
    now = datetime.now(UTC)
    if fault == "use":
        return _for_clients(now)
    ca = authority("somebody else") if fault == "authority" else authority()
    starts = {"expired": now - 9 * _DAY, "early": now + _DAY}.get(fault)
    ends = {"expired": now - _DAY, "early": now + 9 * _DAY}.get(fault)
    issued = ca.issue_cert(
        "127.0.0.77" if fault == "name" else HOST,
        key_type=trustme.KeyType.RSA,
        not_before=starts,
        not_after=ends,
    )
    leaf, *chain = (x509.load_pem_x509_certificate(blob.bytes()) for blob in issued.cert_chain_pems)
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Certificate(leaf, tuple(chain), key)


def _for_clients(now: datetime) -> Certificate:
    model = shown("none")
    ca = x509.load_pem_x509_certificate(authority().cert_pem.bytes())
    key = load_pem_private_key(authority().private_key_pem.bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(model.leaf.subject)
        .issuer_name(ca.subject)
        .public_key(model.leaf.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), False
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    return Certificate(leaf, (), model.key)


@dataclass(frozen=True)
class Visit:
    """Where a client is sent, with what it is to trust."""

    url: str
    authority: Path
    folder: Path

    @property
    def address(self) -> str:
        return self.url.partition("://")[2].rstrip("/")


@dataclass(frozen=True)
class Program:
    """A client.

    line: its command. version: a command that prints its version.
    row: the client's name in the table of what was measured.
    measured: the version that was, when the table has it in other words.
    """

    row: str
    line: Callable[[Visit], list[str]]
    version: tuple[str, ...]
    environment: Callable[[Visit], dict[str, str]] = lambda _: {}
    measured: str | None = None

    def visit(self, visit: Visit) -> int:
        """Go there once; the exit status."""
        done = subprocess.run(
            self.line(visit),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=40,
            check=False,
            env={**os.environ, **self.environment(visit)},
        )
        return done.returncode

    def needed(self) -> None:
        """Skip the test when the client is not here, or of another version than was measured."""
        if shutil.which(self.version[0]) is None:
            pytest.skip(f"needs {self.version[0]}, which is not here")
        measured = self.measured or next(
            row.version for row in ROWS if row.client == self.row
        ).removesuffix(" ESR")
        done = subprocess.run(self.version, capture_output=True, text=True, timeout=30)
        if not re.search(rf"(?<![0-9.]){re.escape(measured)}\b", done.stdout + done.stderr):
            pytest.skip(f"{self.row} was measured as {measured}, and is another here")


_NODE = "require('https').get(process.argv[1],r=>r.resume()).on('error',()=>process.exit(1))"
_URLLIB = (
    "import ssl,sys,urllib.request as u;"
    "u.urlopen(sys.argv[1],context=ssl.create_default_context(cafile=sys.argv[2]))"
)
_REQUESTS = "import sys,requests;requests.get(sys.argv[1],verify=sys.argv[2])"
_AIOHTTP = """
import asyncio, sys, aiohttp, ssl
async def main():
    trusting = ssl.create_default_context(cafile=sys.argv[2])
    async with aiohttp.ClientSession() as session:
        async with session.get(sys.argv[1], ssl=trusting):
            pass
asyncio.run(main())
"""
_JAVA = """
import java.net.*; import javax.net.ssl.*;
public class Visit { public static void main(String[] a) throws Exception {
  ((HttpsURLConnection) new URL(a[0]).openConnection()).getResponseCode(); } }
"""
_GO = """
package main
import ("net/http"; "os")
func main() { if _, err := http.Get(os.Args[1]); err != nil { os.Exit(1) } }
"""


_PYTHON = (sys.executable, "-c", "import ssl; print(ssl.OPENSSL_VERSION)")


def _python(code: str) -> Callable[[Visit], list[str]]:
    return lambda visit: [sys.executable, "-c", code, visit.url, str(visit.authority)]


def _java(visit: Visit) -> list[str]:
    store = visit.folder / "trust.p12"
    if not store.exists():
        words = ["-alias", "lab", "-file", str(visit.authority), "-keystore", str(store)]
        words += ["-storetype", "PKCS12", "-storepass", "changeit"]
        subprocess.run(
            ["keytool", "-importcert", "-noprompt", *words],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
    source = visit.folder / "Visit.java"
    source.write_text(_JAVA)
    trust = [f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit"]
    return ["java", *trust, str(source), visit.url]


def _go(visit: Visit) -> list[str]:
    program = visit.folder / "visit"
    if not program.exists():
        source = visit.folder / "visit.go"
        source.write_text(_GO)
        subprocess.run(
            ["go", "build", "-o", str(program), str(source)],
            check=True, capture_output=True, timeout=120,
            env={**os.environ, "HOME": str(visit.folder), "GOFLAGS": "-mod=mod"},
        )  # fmt: skip
    return [str(program), visit.url]


def _nss(visit: Visit, database: Path) -> None:
    database.mkdir(parents=True, exist_ok=True)
    for words in (
        ["-N", "--empty-password"],
        ["-A", "-n", "lab", "-t", "C,,", "-i", str(visit.authority)],
    ):
        subprocess.run(
            ["certutil", *words, "-d", f"sql:{database}"],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip


def _chromium(visit: Visit) -> list[str]:
    _nss(visit, visit.folder / ".pki" / "nssdb")
    return [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", f"--user-data-dir={visit.folder}/profile",
        "--dump-dom", visit.url,
    ]  # fmt: skip


_FIREFOX = """
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "127.0.0.1");
"""


def _firefox(visit: Visit) -> list[str]:
    """Everything but our address goes to a proxy that is not there."""
    profile = visit.folder / "firefox"
    _nss(visit, profile)
    (profile / "user.js").write_text(_FIREFOX)
    picture = str(visit.folder / "picture.png")
    return [
        "timeout", "12", "firefox-esr", "--headless", "--no-remote", "--profile", str(profile),
        "--screenshot", picture, visit.url,
    ]  # fmt: skip


def _home(visit: Visit) -> dict[str, str]:
    return {"HOME": str(visit.folder)}


PROGRAMS: dict[str, Program] = {
    "openssl": Program(
        "openssl",
        lambda visit: [
            "openssl",
            "s_client",
            "-connect",
            visit.address,
            "-CAfile",
            str(visit.authority),
            "-verify_return_error",
            "-verify_ip",
            HOST,
        ],
        ("openssl", "version"),
    ),
    "curl": Program(
        "curl",
        lambda visit: ["curl", "-sS", "--cacert", str(visit.authority), visit.url],
        ("curl", "--version"),
    ),
    "wget": Program(
        "wget",
        lambda visit: [
            "wget",
            "-q",
            "-O-",
            "-t1",
            f"--ca-certificate={visit.authority}",
            visit.url,
        ],
        ("wget", "--version"),
    ),
    "gnutls-cli": Program(
        "gnutls-cli",
        lambda visit: [
            "gnutls-cli",
            "--x509cafile",
            str(visit.authority),
            "-p",
            visit.address.partition(":")[2],
            HOST,
        ],
        ("gnutls-cli", "--version"),
    ),
    "node": Program(
        "node",
        lambda visit: ["node", "-e", _NODE, visit.url],
        ("node", "--version"),
        lambda visit: {"NODE_EXTRA_CA_CERTS": str(visit.authority)},
    ),
    "urllib": Program("python", _python(_URLLIB), _PYTHON, measured="OpenSSL 3.0"),
    "aiohttp": Program("python", _python(_AIOHTTP), _PYTHON, measured="OpenSSL 3.0"),
    "requests": Program("requests", _python(_REQUESTS), _PYTHON, measured="OpenSSL 3.0"),
    "java": Program("java", _java, ("java", "-version")),
    "go": Program(
        "go", _go, ("go", "version"), lambda visit: {"SSL_CERT_FILE": str(visit.authority)}
    ),
    "chromium": Program("chromium", _chromium, ("chromium", "--version"), _home),
    "firefox": Program("firefox", _firefox, ("firefox-esr", "--version"), _home),
}
