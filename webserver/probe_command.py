"""`osbiz probe HOST:PORT`: what would each client environment say of this server?

Options in, report, JSON and JUnit file out. Exit status: 0 when every required environment
accepts (without `--require`: when the server could be tested), 1 when one does not, 2 when
there was nothing to test.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from appliance.clock import parse_time, real_now
from appliance.trust import ENVIRONMENTS, Anchor, Origin, presented_chain
from store.refusals import Refused
from webserver.probe import look
from webserver.probe_handshake import Target
from webserver.probe_junit import junit, junit_of_failure
from webserver.probe_report import report
from webserver.probe_result import NOT_TESTED, failure_json, result_of
from webserver.public_roots import Trusted, machine_anchors

_HTTPS = 443
# What people say for the environments that have another name here.
_ALIASES = {
    "chrome": "chromium",
    "gnutls-cli": "gnutls",
    "node": "node-20",
    "java": "java-17",
    "python": "python-3.11",
    "deno": "rustls",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `osbiz probe`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names = textwrap.fill("environments: " + ", ".join(ENVIRONMENTS), 79, break_on_hyphens=False)
    parser.epilog = (
        "exit status: 0 all required environments accept (without --require: it could be\n"
        f"tested), 1 one does not, 2 there was nothing to test.\n\n{names}"
    )
    parser.add_argument("target", metavar="HOST:PORT", help="the server (port 443 when left out)")
    parser.add_argument(
        "--anchor",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="trust this authority, as one that the user added, and no other (again for more)",
    )
    parser.add_argument(
        "--admin-anchor",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the same, as one that an administrator added",
    )
    parser.add_argument(
        "--require",
        metavar="ENVIRONMENT,…",
        help="these have to accept; `all` for all",
    )
    parser.add_argument("--sni", metavar="NAME", help="the server name to send (HOST, if a name)")
    parser.add_argument("--host", metavar="NAME", help="the name or address clients use (HOST)")
    parser.add_argument("--at", metavar="TIME", help="the clients' time, ISO 8601 UTC (now)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the report")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML as well")
    parser.add_argument(
        "--timeout", type=float, default=10.0, metavar="S", help="seconds per connection (10)"
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Probe; the exit status."""
    target = parse_target(options.target, server_name=options.sni)
    host = target.host if options.host is None else _checked_host(options.host, "host")
    required = parse_required(options.require)
    at = real_now() if options.at is None else parse_time(options.at, field="at")
    if not 0 < options.timeout <= 600:
        raise Refused.because(
            "timeout", "That is no time to wait.", field="timeout", instead="1 to 600 seconds."
        )
    trusted = _trusted(options.anchor, options.admin_anchor)
    try:
        looked = look(target, timeout=options.timeout)
        result = result_of(looked, host=host, at=at, trusted=trusted, required=required)
    except Refused as refused:
        return _failed(target, refused, options)
    if options.junit is not None:
        _write(options.junit, junit(result))
    if options.json:
        print(json.dumps(result.as_json(), indent=2, ensure_ascii=False))
    else:
        width = shutil.get_terminal_size((80, 24)).columns
        sys.stdout.write(report(result, width=width, colour=_colour()))
    return result.status


def _failed(target: Target, refused: Refused, options: argparse.Namespace) -> int:
    if options.junit is not None:
        _write(options.junit, junit_of_failure(target, refused))
    if options.json:
        print(json.dumps(failure_json(target, refused), indent=2, ensure_ascii=False))
    else:
        print(f"osbiz: {refused}", file=sys.stderr)
    return NOT_TESTED


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def parse_target(text: str, *, server_name: str | None = None) -> Target:
    """`HOST`, `HOST:PORT`, `[IPv6]:PORT` or an https URL. Refused when it is none of these.

    server_name: sent as SNI instead of HOST.
    """
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _bad_target(text) from None
    if parts.scheme not in ("", "https") or not host or parts.username is not None or port == 0:
        raise _bad_target(text)
    host = _checked_host(host, "target")
    sni = _checked_host(server_name, "sni") if server_name is not None else host
    return Target(host, port or _HTTPS, None if _is_address(sni) else sni)


def _bad_target(text: str) -> Refused:
    return Refused.because(
        "target",
        f"{text[:100]!r} is no server.",
        field="target",
        instead="Write HOST:PORT, for example 192.168.1.2:443 or [2001:db8::1]:8443.",
    )


def _checked_host(text: str, field: str) -> str:
    """An address, or a DNS name in ASCII (IDNA); refused when it is neither."""
    if _is_address(text):
        return text
    try:
        name = text.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not name or any(not (one.isalnum() or one in "-._") for one in name):
        raise Refused.because("host", f"{text[:100]!r} is no name and no address.", field=field)
    return name


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def parse_required(text: str | None) -> tuple[str, ...]:
    """The ids in `a,b,c`, in any case and with well-known other names; refused when unknown."""
    if text is None:
        return ()
    asked = [part.strip().lower() for part in text.split(",") if part.strip()]
    if asked == ["all"]:
        return tuple(ENVIRONMENTS)
    found = [part if part in ENVIRONMENTS else _ALIASES.get(part, part) for part in asked]
    for name in found:
        if name not in ENVIRONMENTS:
            raise Refused.because(
                "no-such-environment",
                f"There is no environment {name[:40]!r}.",
                field="require",
                instead=f"There are {', '.join(ENVIRONMENTS)}.",
            )
    if not found:
        raise Refused.because("no-such-environment", "No environment is named.", field="require")
    return tuple(dict.fromkeys(found))


def _trusted(users: Sequence[Path], administrators: Sequence[Path]) -> Trusted:
    if not users and not administrators:
        return machine_anchors()
    anchors = [
        Anchor(certificate, origin)
        for paths, origin in ((users, Origin.USER), (administrators, Origin.ADMINISTRATOR))
        for path in paths
        for certificate in presented_chain(_read(path), field="anchor")
    ]
    names = ", ".join(str(path) for path in (*users, *administrators))
    return Trusted(names, tuple(anchors))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read((1 << 20) + 1)
    except OSError as error:
        raise Refused.because(
            "file", f"{path} can't be read ({error.strerror}).", field="anchor"
        ) from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refused.because(
            "file",
            f"{path} can't be written ({error.strerror}).",
            field="junit",
            instead="Give another path.",
        ) from None
