"""`osbiz ca`: a practice CA of its own, beside a box or anything else that speaks ACME."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any

from appliance.ca.policy import ZONES
from appliance.clock import Clock, parse_rate, parse_time
from store.refusals import Refused
from webserver.ca.practice import ACME_PORT, DNS_PORT, PAGE_PORT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`run`, and how the CA is to be."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    run = actions.add_parser("run", help="run a CA", description="Run a CA, until Ctrl-C.")
    for name, port, what in (
        ("port", ACME_PORT, "ACME over HTTPS"),
        ("page-port", PAGE_PORT, "its portal, CRL and OCSP over HTTP"),
        ("dns-port", DNS_PORT, "its name server"),
    ):
        run.add_argument(
            f"--{name}", type=int, default=port, metavar="N", help=f"{what} ({port}; 0: a free one)"
        )
    run.add_argument(
        "--http-01-port", type=int, default=80, metavar="N", help="where it validates http-01 (80)"
    )
    run.add_argument(
        "--tls-alpn-01-port", type=int, default=443, metavar="N", help="and tls-alpn-01 (443)"
    )
    run.add_argument(
        "--address",
        default="127.0.0.1",
        metavar="IP",
        help="where names are that have no record of their own (127.0.0.1)",
    )
    run.add_argument(
        "--zone",
        action="append",
        dest="zones",
        metavar="NAME",
        help=f"certify names under this too (besides {', '.join(ZONES)}); may be repeated",
    )
    run.add_argument("--clock", metavar="TIME", help="set its clock (ISO 8601, UTC)")
    run.add_argument("--rate", type=parse_rate, default=1.0, metavar="X", help="X times as fast")
    run.add_argument(
        "--eab-file", type=Path, metavar="FILE", help="JSON of HMAC keys (base64url) by kid"
    )
    run.add_argument("--no-rate-limits", action="store_true", help="as often as one likes")
    run.add_argument("--trust-file", type=Path, metavar="PATH", help="its root is written here")
    run.add_argument("--ready-file", type=Path, metavar="PATH", help="written when all listens")
    run.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    return asyncio.run(_running(options))


async def _running(options: argparse.Namespace) -> int:
    from webserver.ca.page_api import described
    from webserver.commands import until_signal, write_ready

    ca = ca_of(options)
    ended = until_signal()
    await ca.start()
    try:
        if options.trust_file is not None:
            await asyncio.to_thread(_write, options.trust_file, ca.trust.encode())
        if options.ready_file is not None:
            ready = {**described(ca), "pid": os.getpid()}
            await asyncio.to_thread(write_ready, options.ready_file, ready)
        print(greeting(ca), flush=True)
        await ended.wait()
    finally:
        await ca.stop()
    return 0


def greeting(ca: Any) -> str:
    """Where everything is."""
    lines = {
        "Portal": ca.page_url,
        "ACME": ca.directory,
        "Root": f"{ca.page_url}/root.pem   trust this in clients",
        "DNS": f"{ca.name_server.address}:{ca.name_server.port}   "
        + ", ".join("." + zone for zone in ca.zones.zones),
        "Validates": f"http-01 at port {ca.validator.http_port}, "
        f"tls-alpn-01 at port {ca.validator.tls_port}",
    }
    rows = "\n".join(f"  {what:<12}{where}" for what, where in lines.items())
    return f"A practice CA, its clock at {ca.clock.now():%Y-%m-%d}\n\n{rows}\n"


def ca_of(options: argparse.Namespace) -> Any:
    """The CA that the arguments describe; refused when they make no sense."""
    from appliance.ca.zones import parse_name
    from appliance.network import parse_address
    from webserver.ca.practice import PracticeCA

    for name in ("port", "page_port", "dns_port", "http_01_port", "tls_alpn_01_port"):
        least = 1 if name.endswith("01_port") else 0  # to connect to, not to listen on
        if not least <= getattr(options, name) <= 65535:
            raise Refused.because("port", f"{getattr(options, name)} is no port.", field=name)
    extra = [zone for zone in map(parse_name, options.zones or ()) if zone not in ZONES]
    return PracticeCA(
        clock=Clock(
            now=None if options.clock is None else parse_time(options.clock, field="clock"),
            rate=options.rate,
        ),
        acme_port=options.port,
        page_port=options.page_port,
        dns_port=options.dns_port,
        http_01_port=options.http_01_port,
        tls_alpn_port=options.tls_alpn_01_port,
        default_address=parse_address(options.address, field="address"),
        zones=(*ZONES, *extra),
        bindings=None if options.eab_file is None else read_bindings(options.eab_file),
        limited=not options.no_rate_limits,
    )


def read_bindings(path: Path) -> dict[str, bytes]:
    """HMAC keys by kid from a file; refused when it has none."""
    try:
        found = json.loads(path.read_text("utf-8"))
        bindings = {str(kid): _secret(text) for kid, text in found.items()}
    except OSError as error:
        raise Refused.because(
            "file", f"{path} can't be read ({error.strerror}).", field="eab_file"
        ) from None
    except (ValueError, AttributeError, TypeError, binascii.Error):
        bindings = {}
    if not bindings:
        raise Refused.because(
            "eab-file",
            f"{path} has no HMAC keys.",
            field="eab_file",
            instead='Write {"KID": "KEY"} with keys in base64url, 32 bytes or more.',
        )
    return bindings


def _secret(text: str) -> bytes:
    secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(secret) < 16:
        raise ValueError("too short")
    return secret


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Refused.because(
            "file", f"{path} can't be written ({error.strerror}).", field="trust_file"
        ) from None
