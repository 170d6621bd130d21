"""Real programs as clients: those that are known, with what they are held against, and anybody's.

A known program is one line that connects, trusting a file of authorities, and fails loudly
when it does not believe the server. Its exit status says whether it accepted.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from appliance.trust import ENVIRONMENTS
from store.refusals import Refused
from webserver.faketime import check_command

_NAME_LENGTH = 40  # of a command that has no other name than itself
STORE_PASSWORD = "changeit"  # noqa: S105 - Java's own default; there is nothing secret in it

_NODE = (
    "require('https').get('{url}', r => r.resume())"
    ".on('error', e => { console.error(e.code || e.message); process.exit(1) })"
)
_PYTHON = (
    "import ssl, sys, urllib.request as u\n"
    "context = ssl.create_default_context(cafile='{cafile}')\n"
    "handlers = u.ProxyHandler({}), u.HTTPSHandler(context=context)\n"
    "try: u.build_opener(*handlers).open('{url}', timeout=20)\n"
    "except u.HTTPError: pass\n"
    "except u.URLError as error: sys.exit(str(error.reason))"
)
_REQUESTS = (
    "import requests, sys\n"
    "session = requests.Session(); session.trust_env = False\n"
    "try: session.get('{url}', verify='{cafile}', timeout=20)\n"
    "except requests.exceptions.SSLError as error: sys.exit(str(error))"
)
JAVA_CLASS = "IncidentClient"
JAVA_SOURCE = f"""\
import java.net.URL;
import javax.net.ssl.HttpsURLConnection;

public class {JAVA_CLASS} {{
    public static void main(String[] arguments) throws Exception {{
        try {{
            var connection = (HttpsURLConnection) new URL(arguments[0]).openConnection();
            connection.setInstanceFollowRedirects(false);
            connection.getResponseCode();
        }} catch (javax.net.ssl.SSLException refused) {{
            System.err.println(refused.getMessage());
            System.exit(1);
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A client program.

    name: for people. command: the words of its command line, with placeholders.
    environment: whose verdict it is held against; None for nobody's.
    variables: what its environment has besides, with placeholders.
    fractions: whether its clock has fractions of a second, which a projected second has not.
    """

    name: str
    command: tuple[str, ...]
    environment: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    fractions: bool = False

    def line(self, values: Mapping[str, str]) -> list[str]:
        """Its command line, placeholders filled in; other braces stay as they are."""
        return [_filled(word, values) for word in self.command]

    def settings(self, values: Mapping[str, str]) -> dict[str, str]:
        """Its environment variables, filled in."""
        return {name: _filled(text, values) for name, text in self.variables.items()}


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-W", "ignore", "-c", code)


def _this_python() -> str:
    return "python-3.13" if sys.version_info >= (3, 13) else "python-3.11"


def _words(*parts: str) -> tuple[str, ...]:
    return tuple(word for part in parts for word in part.split())


_PROGRAMS = (
    Program(
        "openssl",
        _words(
            "openssl s_client -connect {host}:{port} -CAfile {cafile} -verify_return_error",
            "-verify_ip {host} -brief",
        ),
        "openssl",
    ),
    Program(
        "curl",
        _words("curl -sS -o /dev/null --max-time 20 --cacert {cafile} {url}"),
        "curl",
    ),
    Program(
        "wget",
        _words(
            "wget -nv -O /dev/null -t1 -T20 --no-config --ca-certificate={cafile} {url}robots.txt"
        ),
        "wget",
    ),
    Program("gnutls", _words("gnutls-cli --x509cafile {cafile} -p {port} {host}"), "gnutls"),
    Program("node", ("node", "-e", _NODE), "node-20", {"NODE_EXTRA_CA_CERTS": "{cafile}"}),
    Program(
        "java",
        _words(
            "java -Djavax.net.ssl.trustStore={truststore}",
            f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}",
            "-XX:TieredStopAtLevel=1 -cp {folder} {java} {url}",
        ),
        "java-17",
        fractions=True,
    ),
    Program("python", _python(_PYTHON), _this_python()),
    Program("requests", _python(_REQUESTS), "requests"),
    Program(
        "deno",
        ("deno", "eval", "await (await fetch('{url}')).text()"),
        "rustls",
        {"DENO_CERT": "{cafile}"},
    ),
)
KNOWN: Mapping[str, Program] = MappingProxyType({one.name: one for one in _PROGRAMS})
_BY_ENVIRONMENT = {one.environment: one for one in KNOWN.values()}
PLACEHOLDERS = ("host", "port", "url", "wsi", "cafile", "truststore", "time")


def parse_program(text: str, *, moved_clock: bool) -> Program:
    """The program that `--client TEXT` means: a known one, or somebody's own command.

    moved_clock: whether it is to run at another time, so that it has to be one that can.
    Refused: a command that is not there, and one whose clock can't be moved.
    """
    name = text.strip()
    program = KNOWN.get(name) or _BY_ENVIRONMENT.get(name)
    if program is None and name in ENVIRONMENTS:
        raise Refused.because(
            "no-such-client",
            f"There is no program here that stands for {name}.",
            field="client",
            instead=f"Known are {', '.join(KNOWN)}; or give a command line.",
        )
    if program is None:
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise Refused.because(
                "no-such-client", f"{text[:60]!r} is no command line: {error}.", field="client"
            ) from None
        program = Program(textwrap.shorten(name, _NAME_LENGTH, placeholder=" …"), tuple(words))
    if moved_clock:
        check_command(program.command)
    elif not program.command or shutil.which(program.command[0]) is None:
        raise Refused.because(
            "no-such-command",
            f"There is no command {text[:60]!r}.",
            field="client",
            instead=f"Give a command line, or one of {', '.join(KNOWN)}.",
        )
    return program


def write_anchors(folder: Path, anchors: Sequence[x509.Certificate]) -> dict[str, str]:
    """Files with what a program is to trust: `cafile` as PEM, `truststore` for Java."""
    pem, store = folder / "anchors.pem", folder / "anchors.p12"
    pem.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in anchors))
    named = [
        pkcs12.PKCS12Certificate(one, f"anchor-{number}".encode())
        for number, one in enumerate(anchors)
    ]
    sealed = serialization.BestAvailableEncryption(STORE_PASSWORD.encode())
    store.write_bytes(pkcs12.serialize_java_truststore(named, sealed))
    return {"cafile": str(pem), "truststore": str(store)}
