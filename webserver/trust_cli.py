"""`osbiz trust`: let clients trust a running box, in this shell or in throw-away stores.

Never touches the system's store, nor a browser profile or keystore that it was not given.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from store.refusals import Refused
from webserver.remote import add_remote_arguments, remote_of

ALIAS = "osbiz-simulator"
STORE_PASSWORD = "changeit"  # noqa: S105 - Java's own default, and it protects nothing secret

# What makes well-known clients trust a file of authorities: variable by variable.
TRUST_VARIABLES = (
    "CURL_CA_BUNDLE",  # curl
    "DENO_CERT",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",  # Python's requests
    "SSL_CERT_FILE",  # OpenSSL, Python's ssl and httpx, Go
)
_STORES = {
    "chromium": "DIR: a folder to be the browser's HOME; its certificates are in DIR/.pki/nssdb",
    "firefox": "DIR: a profile folder",
    "java": "FILE: a keystore (PKCS#12, password changeit)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `osbiz trust`."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    make = actions.add_parser(
        "make", help="serve a certificate that clients accept once they trust the box's authority"
    )
    make.add_argument("name", nargs="*", help="more alternative names: DNS:box.example, IP:…")
    add_remote_arguments(make)
    make.set_defaults(command=_make)

    env = actions.add_parser("env", help='lines for the shell: eval "$(osbiz trust env)"')
    env.add_argument("--file", type=Path, metavar="PATH", help="write the authority here")
    add_remote_arguments(env)
    env.set_defaults(command=_env)

    for name, what, command in (
        ("install", "trust the box in a store of one program", _install),
        ("remove", "take it out of there again", _remove),
    ):
        action = actions.add_parser(
            name,
            help=what,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            epilog="\n".join(f"  {store:9} {text}" for store, text in _STORES.items()),
        )
        action.add_argument("store", choices=list(_STORES), help="whose store it is")
        action.add_argument("path", type=Path, help="where it is; see below")
        if name == "install":
            add_remote_arguments(action)
        action.set_defaults(command=command)


def _make(options: argparse.Namespace) -> int:
    answer = remote_of(options).post("trust", {"names": options.name})
    print(f"Serving a certificate of {answer['anchor']['subject']}.")
    return 0


def _anchor(options: argparse.Namespace) -> str:
    trust = remote_of(options).get("trust")
    if trust["anchor"] is None:
        raise Refused.because(
            "anchor-elsewhere",
            "Who signed the active certificate is not in the box.",
            field="certificate",
            instead="Trust the authority that issued it; or `osbiz trust make` one here.",
        )
    if trust["self_signed"]:
        print(
            "osbiz: the active certificate is self-signed, and hardly a client accepts such a "
            "one even when it is trusted; `osbiz trust make` makes one that all accept.",
            file=sys.stderr,
        )
    pem: str = trust["anchor"]["pem"]
    return pem


def _env(options: argparse.Namespace) -> int:
    pem = _anchor(options)
    path = options.file or Path(tempfile.mkdtemp(prefix="osbiz-trust-")) / "ca.pem"
    try:
        path.write_text(pem)
    except OSError as error:
        raise Refused.because(
            "file", f"{path} can't be written ({error.strerror}).", field="file"
        ) from None
    print("# These clients then trust the box, and most of them nothing else, in this shell.")
    for name in TRUST_VARIABLES:
        print(f"export {name}={shlex.quote(str(path.absolute()))}")
    return 0


def _install(options: argparse.Namespace) -> int:
    pem = _anchor(options)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        if options.store == "java":
            _keytool(options.path, "-delete", may_fail=True)  # of an earlier run
            _keytool(options.path, "-importcert", "-noprompt", "-file", file.name)
        else:
            database = _nss(options)
            if not (database / "cert9.db").exists():
                database.mkdir(parents=True, exist_ok=True)
                _certutil(database, "-N", "--empty-password")
            _certutil(database, "-D", "-n", ALIAS, may_fail=True)
            _certutil(database, "-A", "-n", ALIAS, "-t", "C,,", "-i", file.name)
    print(_HOW[options.store].format(path=shlex.quote(str(options.path.absolute()))))
    return 0


def _remove(options: argparse.Namespace) -> int:
    if not options.path.exists():
        raise Refused.because("file", f"{options.path} is not there.", field="path")
    if options.store == "java":
        _keytool(options.path, "-delete")
    else:
        _certutil(_nss(options), "-D", "-n", ALIAS)
    return 0


_HOW = {
    "chromium": "Start it with: HOME={path} chromium --user-data-dir={path}/profile",
    "firefox": "Start it with: firefox --profile {path}",
    "java": "Start it with: java -Djavax.net.ssl.trustStore={path} "
    f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}",
}


def _nss(options: argparse.Namespace) -> Path:
    path: Path = options.path
    return path / ".pki" / "nssdb" if options.store == "chromium" else path


def _keytool(store: Path, *arguments: str, may_fail: bool = False) -> None:
    where = ("-keystore", str(store), "-storetype", "PKCS12", "-storepass", STORE_PASSWORD)
    _run("keytool", "Java", [*arguments, "-alias", ALIAS, *where], may_fail=may_fail)


def _certutil(database: Path, *arguments: str, may_fail: bool = False) -> None:
    command = ["-d", f"sql:{database}", *arguments]
    _run("certutil", "Debian's libnss3-tools", command, may_fail=may_fail)


def _run(program: str, origin: str, arguments: list[str], *, may_fail: bool) -> None:
    found = shutil.which(program)
    if found is None:
        raise Refused.because(
            "program-missing", f"{program} is not installed.", instead=f"It comes with {origin}."
        )
    locale: dict[str, Any] = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603 - no shell, and arguments of our own
        [found, *arguments], env=locale, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode and not may_fail:
        # Java's keytool has errors on standard output, and praise on the other.
        lines = f"{done.stderr}\n{done.stdout}".splitlines()
        errors = [line for line in lines if "error" in line.lower() or program in line] or lines
        said = " ".join(" ".join(errors).split())[:300]
        raise Refused.because("store", f"{program} says no: {said}", field="path")
