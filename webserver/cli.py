"""The command `osbiz`: arguments in, a running program or one clear line out.

Only what every call needs is imported here; the simulator itself is imported by the
command that runs it.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.spans import parse_span
from store.refusals import Refused
from webserver.command_list import COMMANDS, Parser, version

NOT_READ = 141  # 128 and the number of SIGPIPE, as a shell has it
INTERRUPTED = 130  # as shells have it for Ctrl-C
REFUSED = 2  # exit status of a refusal, as argparse has it for a wrong argument


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options = _parser(given).parse_args(given)
        result: int = options.command(options)
        sys.stdout.flush()
    except Refused as refused:
        print(f"osbiz: {refused}", file=sys.stderr)
        return REFUSED
    except BrokenPipeError:  # who reads what we print has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_READ
    except KeyboardInterrupt:
        print("osbiz: interrupted.", file=sys.stderr)
        return INTERRUPTED
    return result


def parse_duration(text: str) -> float | None:
    """Seconds from `3s`, `500ms`, `2m`, or a plain number; None for `real`.

    Refused when it is none of these.
    """
    if text == "real":
        return None
    return parse_span(
        text, field="restart_time", instead="Write 3s, 500ms, 2m, 0 or real."
    ).total_seconds()


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    from webserver import options

    parser = Parser(
        prog="osbiz",
        description="A simulated OpenScape Business box: real TLS, its certificate stories,\n"
        "and a clock that is yours.",
    )
    if given[:1] == ["--version"]:  # looked up only for who asks
        parser.add_argument("--version", action="version", version=version())
    commands = parser.add_subparsers(
        required=True, metavar="COMMAND", parser_class=argparse.ArgumentParser
    )

    run = commands.add_parser("run", description=f"{_sentence('run')}.")
    _add_storage(run)
    run.add_argument("--lan-ip", metavar="IP", help="the box's LAN IP (127.0.0.2)")
    run.add_argument("--bind", metavar="ADDRESS", help="listen here instead of at the LAN IP")
    _add_ports(run)
    run.add_argument(
        "--http-port", type=int, metavar="N", help="plain HTTP, for http-01 (none; 0: any free one)"
    )
    booster = run.add_mutually_exclusive_group()
    booster.add_argument("--booster-ip", metavar="IP", help="the Booster Server's (127.0.0.3)")
    booster.add_argument("--no-booster", action="store_true", help="a box without one")
    booster.add_argument(
        "--booster-pairing",
        type=Path,
        metavar="FILE",
        help="use the one that `osbiz booster` runs; FILE is its pairing file",
    )
    run.add_argument("--booster-port", type=int, metavar="N", help="its port (the portal's)")
    _add_character(run)
    run.add_argument(
        "--with-ca",
        action="store_true",
        dest="ca",
        help="run a practice CA beside it, on the box's calendar (osbiz ca)",
    )
    _add_faults(run, "[NODE/]NAME[:KEY=VALUE,…]")
    run.add_argument("--config", type=Path, metavar="FILE", help="these options, as TOML")
    run.add_argument("--ready-file", type=Path, metavar="PATH", help="written when all listens")
    run.set_defaults(command=_run)

    alone = commands.add_parser("booster", description=f"{_sentence('booster')}.")
    _add_storage(alone)
    alone.add_argument("--ip", metavar="IP", help="its address (127.0.0.3)")
    alone.add_argument("--bind", metavar="ADDRESS", help="listen here instead")
    alone.add_argument("--port", type=int, metavar="N", help=f"its port ({options.PORTAL_PORT})")
    _add_time(alone)
    _add_faults(alone, "NAME[:KEY=VALUE,…]")
    alone.add_argument(
        "--control-port",
        type=int,
        metavar="N",
        help="a control API of its own, for faults, on 127.0.0.1 (none; 0: any free one)",
    )
    alone.add_argument(
        "--pairing-file",
        type=Path,
        metavar="PATH",
        help="written when it listens: what a box needs to hand it certificates",
    )
    alone.add_argument("--ready-file", type=Path, metavar="PATH", help="written when it listens")
    alone.set_defaults(command=_booster)

    for name, command in COMMANDS.items():
        if command.module is not None:
            one = commands.add_parser(name, description=f"{_sentence(name)}.")
            if given[:1] == [name]:
                with _quick_imports():
                    importlib.import_module(command.module).add_arguments(one)
    return parser


def _sentence(name: str) -> str:
    what = COMMANDS[name].what
    return what[0].upper() + what[1:]


def _add_storage(parser: argparse.ArgumentParser) -> None:
    storage = parser.add_mutually_exclusive_group()
    storage.add_argument("--data", type=Path, metavar="DIR", help="keep everything here")
    storage.add_argument("--ephemeral", action="store_true", help="keep nothing")


def _add_time(parser: argparse.ArgumentParser) -> None:
    from appliance.clock import parse_rate

    parser.add_argument("--clock", metavar="TIME", help="set the box's clock (ISO 8601, UTC)")
    parser.add_argument("--rate", type=parse_rate, metavar="X", help="run it X times as fast (1)")
    parser.add_argument(
        "--dates",
        metavar="MODE",
        help="dates in certificates: simulated (the box's own), or projected onto the real "
        "calendar, for clients on the real clock",
    )
    parser.add_argument(
        "--restart-time", metavar="DURATION", help="3s, 500ms, 2m, 0, or real: 2 to 3 min (3s)"
    )


def add_box_options(parser: argparse.ArgumentParser) -> None:
    """What a box can be told that is one of many."""
    _add_ports(parser)
    _add_character(parser)
    _add_faults(parser, "NAME[:KEY=VALUE,…]")


def _add_ports(parser: argparse.ArgumentParser) -> None:
    from webserver import options

    for name, port, what in (
        ("portal", options.PORTAL_PORT, "Admin Portal"),
        ("wsi", options.WSI_PORT, "WSI over HTTPS"),
        ("wsi-http", options.WSI_HTTP_PORT, "WSI over HTTP"),
        ("control", options.CONTROL_PORT, "control API, on 127.0.0.1"),
    ):
        parser.add_argument(
            f"--{name}-port", type=int, metavar="N", help=f"{what} ({port}; 0: any free one)"
        )


def _add_character(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--firmware", metavar="RELEASE", help="V3R1, V3R2, V3R2.1 or V3R3 (V3R3)")
    parser.add_argument("--installed-at", metavar="TIME", help="when it was installed (now)")
    _add_time(parser)
    parser.add_argument(
        "--trusted",
        action="store_true",
        help="start with a certificate that clients accept once they trust one authority",
    )


def _add_faults(parser: argparse.ArgumentParser, form: str) -> None:
    parser.add_argument(
        "--fault",
        action="append",
        dest="faults",
        metavar=form,
        help="have this go wrong from the start; may be repeated (osbiz fault list)",
    )


def _run(arguments: argparse.Namespace) -> int:
    _make_keys_meanwhile(arguments)
    with _quick_imports():
        from webserver.commands import run_box

    return run_box(_given(arguments))


@contextmanager
def _quick_imports() -> Iterator[None]:
    """Import what runs a box without work that nobody needs; both parts are measured.

    50 ms: aiohttp reads the system's authorities into a default context for its client. The
    only client here goes to the Booster Server and trusts one fingerprint; another one has
    to bring its context. 20 ms: the garbage collector looks for cycles among modules that
    are there to stay.
    """
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, os.devnull))
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _make_keys_meanwhile(arguments: argparse.Namespace) -> None:
    """A box that is about to be installed needs keys; make them while the rest is imported."""
    if arguments.ephemeral or (arguments.data is not None and not arguments.data.exists()):
        from store.keys import process_pool

        process_pool().prepare(1 if arguments.no_booster else 2)


def _booster(arguments: argparse.Namespace) -> int:
    with _quick_imports():
        from webserver.commands import run_booster

    return run_booster(_given(arguments))


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was said, without what was not."""
    return {
        key: value
        for key, value in vars(arguments).items()
        if key != "command" and value is not None and value is not False
    }


if __name__ == "__main__":
    sys.exit(main())
