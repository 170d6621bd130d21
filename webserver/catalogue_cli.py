"""`osbiz catalogue`: bad endpoints listed, served, and put to a client.

Owns the command line and what it prints. Everything heavy is imported by the action that
needs it.
"""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.refusals import Refused

if TYPE_CHECKING:
    from appliance.catalogue import Case
    from appliance.trust import Outcome
    from webserver.catalogue_checking import Result

INDEX_PORT = 8480
_DAY = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `osbiz catalogue`."""
    from webserver.catalogue_serving import PORT

    actions = parser.add_subparsers(required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="which cases there are, and what clients do in each")
    _add_selection(listing)
    listing.add_argument("--port", type=int, default=PORT, help=argparse.SUPPRESS)
    listing.add_argument("--json", action="store_true", help="print it as JSON")
    listing.set_defaults(command=_list)

    serve = actions.add_parser("serve", help="serve each case at an address of its own")
    _add_selection(serve)
    serve.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"for every case ({PORT}; 0: free ones)"
    )
    serve.add_argument(
        "--index-port",
        type=int,
        default=INDEX_PORT,
        metavar="N",
        help=f"of the page about them, on 127.0.0.1 ({INDEX_PORT}; 0: a free one)",
    )
    serve.add_argument("--ready-file", type=Path, metavar="PATH", help="written when all listen")
    serve.set_defaults(command=_serve)

    check = actions.add_parser(
        "check",
        help="run a client against every case, and say which it gets wrong",
        description="Run a client against every case, and say which it gets wrong. It accepts "
        "with exit status 0, can't be tested with 2, and refuses with any other.",
        epilog="example: osbiz catalogue check -- curl -sS --cacert {cafile} "
        "https://{host}:{port}/",
    )
    _add_selection(check)
    check.add_argument(
        "--as",
        dest="environment",
        metavar="ENVIRONMENT",
        help="it is to do as this one; else as all measured ones do where they agree",
    )
    check.add_argument("--json", action="store_true", help="print the results as JSON")
    check.add_argument("--junit", type=Path, metavar="FILE", help="write them as JUnit XML, too")
    check.add_argument("--jobs", type=int, default=2, metavar="N", help="clients at once (2)")
    check.add_argument(
        "--timeout", type=float, default=30.0, metavar="SECONDS", help="for each case (30)"
    )
    check.add_argument(
        "client",
        nargs=argparse.REMAINDER,
        metavar="-- CMD",
        help="the client's command; {host}, {port} and {cafile} are filled in, and {address}",
    )
    check.set_defaults(command=_check)


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases",
        action="append",
        metavar="PATTERN",
        help="only these: a name or topic, with * and ?; may be given again",
    )


def _selected(options: argparse.Namespace) -> list[Case]:
    from appliance.catalogue import CASES

    patterns = options.cases or ["*"]
    found: dict[str, Case] = {}
    for pattern in patterns:
        called = [
            case
            for case in CASES.values()
            if fnmatch.fnmatchcase(case.name, pattern) or fnmatch.fnmatchcase(case.topic, pattern)
        ]
        # Whose certificates are right or wrong for an instant can't be asked as time goes on.
        matching = [case for case in called if not case.frozen]
        if called and not matching:
            raise Refused.because(
                "cases",
                f"{called[0].name} is about an instant, and takes a client whose clock stands.",
                field="cases",
                instead="docs/clients.md has what clients did there; the second around it is in "
                "last-second and first-second.",
            )
        if not matching:
            raise Refused.because(
                "cases",
                f"No case is called {pattern!r}.",
                field="cases",
                instead="`osbiz catalogue list` has the names; topics are "
                f"{', '.join(sorted({case.topic for case in CASES.values()}))}.",
            )
        found.update((case.name, case) for case in matching)
    return list(found.values())


# list


def _list(options: argparse.Namespace) -> int:
    from webserver.catalogue_listing import planned

    rows = planned(_selected(options), port=options.port)
    if options.json:
        print(json.dumps({"cases": rows}, ensure_ascii=False))
        return 0
    topic = ""
    for row in rows:
        if row["topic"] != topic:
            topic = row["topic"]
            print(f"\n{topic.replace('_', ' ')}")
        refusing = sum(outcome != "accepted" for outcome in row["expected"].values())
        print(f"  {row['name']:34} {row['title']}")
        print(f"  {'':34} {refusing} of {len(row['expected'])} refuse or warn")
    print(f"\n{len(rows)} cases. `osbiz catalogue serve` serves them.")
    return 0


# serve


def _serve(options: argparse.Namespace) -> int:
    cases = _selected(options)
    for port in (options.port, options.index_port):
        if not 0 <= port <= 65535:
            raise Refused.because("port", f"{port} is no port.", field="port")
    return asyncio.run(_serving(options, cases))


async def _serving(options: argparse.Namespace, cases: list[Case]) -> int:
    from webserver.catalogue_listing import anchors_folder, rows_of
    from webserver.catalogue_page import open_index
    from webserver.catalogue_serving import CatalogueServer
    from webserver.commands import raise_file_limit, until_signal, write_ready

    raise_file_limit()
    ended = until_signal()
    with _progress("Making certificates", len(cases)) as advance:
        server = CatalogueServer(
            cases,
            folder=anchors_folder(options.port, make=True),
            port=options.port,
            on_progress=advance,
        )
        await server.start()
    try:
        rows = await asyncio.to_thread(rows_of, server)
        async with open_index(rows, options.index_port) as index:
            first = next(iter(server.places.values()))
            print(
                f"{len(rows)} cases are served; the page about them: {index}\n"
                f"  the first, {first.case.name}: curl --cacert {first.cafile} "
                f"https://{first.host}:{first.port}/\n"
                "  End it with Ctrl-C.",
                flush=True,
            )
            if options.ready_file is not None:
                ready = {"index": index, "cases": rows, "pid": os.getpid()}
                await asyncio.to_thread(write_ready, options.ready_file, ready)
            await ended.wait()
    finally:
        await server.stop()
    return 0


# check


def _check(options: argparse.Namespace) -> int:
    from webserver.catalogue_checking import check_command
    from webserver.processes import end_as_by_ctrl_c

    client = options.client[1:] if options.client[:1] == ["--"] else options.client
    command = check_command(client)
    if options.jobs < 1:
        raise Refused.because("jobs", "At least one client has to run.", field="jobs")
    if not 0 < options.timeout <= _DAY:
        raise Refused.because(
            "timeout",
            f"{options.timeout:g} s is no time that a client can have.",
            field="timeout",
            instead=f"Give seconds, above 0 and at most {_DAY}.",
        )
    if options.junit is not None and not options.junit.parent.is_dir():
        raise Refused.because(
            "file",
            f"{options.junit} can't be written: {options.junit.parent} is no folder.",
            field="junit",
        )
    end_as_by_ctrl_c()  # clients that run are to be ended, too
    results = asyncio.run(_checking(options, command, _selected(options)))
    if not results:
        raise Refused.because(
            "cases",
            "The measured environments agree on none of these cases.",
            field="cases",
            instead="Say with --as which environment the client is to be like.",
        )
    from webserver.catalogue_results import as_json, as_junit, as_text

    if options.junit is not None:
        try:
            options.junit.write_text(as_junit(results), "utf-8")
        except OSError as error:
            raise Refused.because(
                "file", f"{options.junit} can't be written ({error.strerror}).", field="junit"
            ) from None
    if options.json:
        print(json.dumps(as_json(results, environment=options.environment), ensure_ascii=False))
    else:
        print(as_text(results, environment=options.environment))
    if all(result.outcome is None for result in results):
        return 2
    return 0 if all(result.agrees for result in results) else 1


async def _checking(
    options: argparse.Namespace, command: list[str], cases: list[Case]
) -> list[Result]:
    from webserver.catalogue_checking import Checker
    from webserver.catalogue_serving import CatalogueServer

    with tempfile.TemporaryDirectory(prefix="osbiz-catalogue-") as directory:
        folder = Path(directory)
        wanted_cases = _askable(cases, options.environment)
        with _progress("Making certificates", len(wanted_cases)) as advance:
            server = CatalogueServer(wanted_cases, folder=folder, port=0, on_progress=advance)
            await server.start()
        try:
            wanted = await asyncio.to_thread(_wanted, server, options.environment)
            with _progress("Asking the client", len(wanted)) as advance:
                checker = Checker(
                    server,
                    command,
                    folder=folder,
                    at_once=options.jobs,
                    limit=options.timeout,
                    on_result=lambda _result: advance(),
                )
                return await checker.run(wanted)
        finally:
            await server.stop()


def _askable(cases: list[Case], environment: str | None) -> list[Case]:
    from appliance.catalogue.expecting import unanimous
    from appliance.trust import ENVIRONMENTS

    if environment is None:
        return [case for case in cases if unanimous(case.name) is not None]
    if environment not in ENVIRONMENTS:
        raise Refused.because(
            "environment",
            f"There is no environment {environment!r}.",
            field="as",
            instead=f"Environments are {', '.join(ENVIRONMENTS)}.",
        )
    return cases


def _wanted(server: Any, environment: str | None) -> list[tuple[str, Outcome]]:
    from appliance.catalogue.expecting import expected, unanimous

    found: list[tuple[str, Outcome]] = []
    for name, place in server.places.items():
        if environment is None:
            outcome = unanimous(name)
            assert outcome is not None
        else:
            outcome = expected(place.built, [environment])[environment].outcome
        found.append((name, outcome))
    return found


@contextmanager
def _progress(what: str, total: int) -> Iterator[Any]:
    """A bar on a terminal; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
