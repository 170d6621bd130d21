"""`osbiz acme`: a running box's certificate from an ACME CA."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from appliance.acme import REASONS
from store.refusals import Refused
from webserver.remote import Remote, add_remote_arguments, remote_of

FAILED = 1  # exit status when the CA, or what lies between, says no
LOOK_SECONDS = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked, each with its own words."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, what: str, *, waits: bool = False) -> argparse.ArgumentParser:
        one = actions.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        add_remote_arguments(one)
        one.add_argument("--json", action="store_true", help="print it as JSON")
        if waits:
            one.add_argument("--no-wait", action="store_true", help="return when it has begun")
        one.set_defaults(command=_run, action=name)
        return one

    action("status", "say how it stands")
    _add_setup(action("setup", "obtain a certificate, activate it, keep it renewed", waits=True))
    one = action("renew", "renew it now", waits=True)
    one.add_argument("--activate-now", action="store_true", help="not at the hour set for it")
    action("stop", "renew it no more; what was obtained stays")
    one = action("revoke", "have the CA revoke a certificate")
    one.add_argument("certificate", metavar="ID", help="its id in the box")
    one.add_argument("--reason", choices=list(REASONS), default="unspecified")
    action("key-change", "give the account at the CA a new key")


def _add_setup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="a DNS name or an IP address")
    parser.add_argument(
        "--directory",
        required=True,
        metavar="URL",
        help="the CA's directory: letsencrypt, letsencrypt-staging, practice (the one of "
        "osbiz run --with-ca), or a URL",
    )
    parser.add_argument(
        "--challenge", metavar="TYPE", help="http-01 (the default), tls-alpn-01 or dns-01"
    )
    parser.add_argument("--contact", metavar="ADDRESS", help="an e-mail address; whom to call")
    parser.add_argument(
        "--trust", type=Path, metavar="FILE", help="PEM: by what to trust the CA's own server"
    )
    parser.add_argument(
        "--accept-terms", action="store_true", help="the CA's terms of service are accepted"
    )
    parser.add_argument("--activate-at", metavar="HH:MM", help="when a restart may be (UTC)")
    parser.add_argument("--eab-kid", metavar="ID", help="the CA's name for its customer")
    parser.add_argument(
        "--eab-hmac-file", type=Path, metavar="FILE", help="holds the HMAC key that goes with it"
    )
    parser.add_argument("--dns", metavar="URL", help="what sets TXT records, for dns-01")
    parser.add_argument("--preferred-chain", metavar="CN", help="the root to be led to")
    parser.add_argument("--profile", metavar="NAME", help="a kind of certificate of the CA's")


def _run(options: argparse.Namespace) -> int:
    box = remote_of(options)
    begun = {
        "setup": lambda: box.put("acme", _setup(options)),
        "renew": lambda: box.post("acme/renew", {"activate_now": options.activate_now}),
    }
    others = {
        "status": lambda: box.get("acme"),
        "stop": lambda: box.delete("acme"),
        "revoke": lambda: box.post(
            "acme/revoke",
            {"certificate": options.certificate, "reason": REASONS[options.reason]},
        ),
        "key-change": lambda: box.post("acme/key-change"),
    }
    if options.action in begun:
        begun[options.action]()
        status = box.get("acme") if options.no_wait else _settled(box)
    else:
        others[options.action]()
        status = box.get("acme")
    print(json.dumps(status) if options.json else "\n".join(_told(status)))
    return FAILED if status["state"] == "failed" and options.action != "status" else 0


def _settled(box: Remote) -> Any:
    """How it stands once the order is over, or waits for its hour."""
    while True:
        status = box.get("acme")
        if status["state"] != "ordering" or status["step"] == "wait":
            return status
        time.sleep(LOOK_SECONDS)


def _setup(options: argparse.Namespace) -> dict[str, Any]:
    names = ("directory", "names", "challenge", "contact", "activate_at", "dns")
    given = {name: getattr(options, name) for name in (*names, "preferred_chain", "profile")}
    if options.trust is not None:
        given["trust"] = _read(options.trust, "trust")
    if options.eab_kid is not None or options.eab_hmac_file is not None:
        if options.eab_kid is None or options.eab_hmac_file is None:
            raise Refused.because(
                "acme-eab",
                "The account binding is not complete.",
                field="eab",
                instead="Give --eab-kid and --eab-hmac-file.",
            )
        secret = _read(options.eab_hmac_file, "eab").strip()
        given["eab"] = {"kid": options.eab_kid, "hmac_key": secret}
    given["accept_terms"] = options.accept_terms
    return {name: value for name, value in given.items() if value is not None}


def _read(path: Path, field: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise Refused.because("file", f"{path} can't be read ({why}).", field=field) from None


def _told(status: dict[str, Any]) -> list[str]:
    setup = status["setup"]
    if setup is None:
        return ["No certificate is asked of an ACME CA."]
    lines = [
        f"{status['state']}: {', '.join(setup['names'])} from {setup['directory']}"
        + (f" (at the step: {status['step']})" if status["step"] else "")
    ]
    if status["certificate"] is not None:
        serving = "is being served" if status["serving"] else "is not being served"
        lines.append(
            f"certificate {status['certificate']}, valid until {status['not_after']}, {serving}"
        )
    if status["activates_at"] is not None:
        lines.append(f"a new one is activated at {status['activates_at']}")
    if status["next_renewal"] is not None:
        what = "next attempt" if status["state"] == "failed" else "next renewal"
        lines.append(f"{what} at {status['next_renewal']}")
    if status["error"] is not None:
        lines.append(status["error"])
    return lines
