"""`osbiz fault`: what goes wrong on purpose with a box that runs."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

from store.refusals import Refused
from webserver.fault_specs import LIMITS, NODES, read_pairs
from webserver.remote import Remote, add_remote_arguments, remote_of

_GROUPS = {
    "presented": "What is presented",
    "handshake": "Inside the handshake",
    "connection": "Below and above",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be done with faults, each with its own words."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, what: str) -> argparse.ArgumentParser:
        one = actions.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        add_remote_arguments(one)
        one.add_argument("--node", choices=NODES, default=NODES[0], help="whose (system)")
        one.set_defaults(command=_run, action=name)
        return one

    one = action("list", "list the faults there are, and which are set")
    one.add_argument("--set", action="store_true", help="only those that are set")
    one.add_argument("--json", action="store_true", help="print it as JSON")
    one = action("show", "say what a fault is, and what can be said with it")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--json", action="store_true", help="print it as JSON")
    one = action("set", "have a fault happen, from the next connection on")
    one.add_argument("name", metavar="NAME")
    one.add_argument("pairs", metavar="KEY=VALUE", nargs="*", help="its parameters")
    one.add_argument("--connections", metavar="N", help="only the next N connections")
    one.add_argument("--probability", metavar="P", help="of each connection, 0 to 1")
    one.add_argument("--seed", metavar="N", help="makes chance repeatable")
    one.add_argument("--endpoint", metavar="NAME", help="only portal, wsi, wsi_http or http")
    one = action("clear", "have faults happen no more: all of them, or these")
    one.add_argument("names", metavar="NAME", nargs="*")
    one = action("root", "print the root to trust, so that only the named thing is wrong")
    one.add_argument("--out", type=Path, metavar="FILE", help="write it there instead")


def _run(options: argparse.Namespace) -> int:
    actions = {"list": _list, "show": _show, "set": _set, "clear": _clear, "root": _root}
    try:
        box = remote_of(options)
    except Refused as refused:
        if refused.code != "no-box-named" or options.action not in ("list", "show"):
            raise
        box = None
        print(f"osbiz: {refused.refusals[0].message} This is what there is.", file=sys.stderr)
    actions[options.action](box, options)
    return 0


def _path(options: argparse.Namespace, name: str = "") -> str:
    return f"nodes/{options.node}/faults" + (f"/{name}" if name else "")


def _list(box: Remote | None, options: argparse.Namespace) -> None:
    faults = _known() if box is None else box.get(_path(options))["faults"]
    if options.set:
        faults = [fault for fault in faults if fault["set"]]
    if options.json:
        print(json.dumps({"faults": faults}))
        return
    group = ""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for fault in faults:
        if fault["group"] != group:
            group = fault["group"]
            print(f"{_GROUPS[group]}:")
        line = f"  {'*' if fault['set'] else ' '} {fault['name']:<18} {_told(fault)}"
        print(line if len(line) <= width else line[: width - 1] + "…")


def _known() -> list[dict[str, Any]]:
    from appliance.faults import FAULTS  # only where no box can be asked
    from webserver.running_faults import described

    return [described(kind, None) for kind in FAULTS.values()]


def _told(fault: dict[str, Any]) -> str:
    if not fault["set"]:
        return str(fault["about"].partition(";")[0].rstrip("."))
    said = {**fault["values"], **{key: fault["limits"][key] for key in LIMITS}}
    words = [f"{key}={_plain(value)}" for key, value in said.items() if value is not None]
    limits = fault["limits"]
    counts = [f"{key}={limits[key]}" for key in ("hits", "left") if limits[key] is not None]
    return "set: " + " ".join([*words, *counts])


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _show(box: Remote | None, options: argparse.Namespace) -> None:
    if box is None:
        from appliance.faults import fault_class
        from webserver.running_faults import described

        fault = described(fault_class(options.name), None)
    else:
        fault = box.get(_path(options, options.name))
    if options.json:
        print(json.dumps(fault))
        return
    print(fault["name"] + (f"  {_told(fault)}" if fault["set"] else ""))
    print(textwrap.fill(fault["about"], 78, initial_indent="  ", subsequent_indent="  "))
    for name, schema in fault["parameters"].items():
        print(f"  {name}={schema['default']}  {schema['description']}{_bounds(schema)}")
    noticed = ", ".join(fault["noticed_by"]) or "nobody that was tried"
    print(textwrap.fill(f"noticed by {noticed}", 78, initial_indent="  ", subsequent_indent="    "))


def _bounds(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f" ({', '.join(schema['enum'])})"
    return f" ({schema['minimum']:g} to {schema['maximum']:g})" if "minimum" in schema else ""


def _set(box: Remote | None, options: argparse.Namespace) -> None:
    assert box is not None
    given = read_pairs(options.pairs, example="expired days=3")
    given |= {name: value for name in LIMITS if (value := getattr(options, name)) is not None}
    fault = box.put(_path(options, options.name), given)
    print(f"{fault['name']}  {_told(fault)}")


def _clear(box: Remote | None, options: argparse.Namespace) -> None:
    assert box is not None
    if not options.names:
        box.delete(_path(options))
    for name in options.names:
        box.delete(_path(options, name))


def _root(box: Remote | None, options: argparse.Namespace) -> None:
    assert box is not None
    root = str(box.get(_path(options, "root.pem")))
    if options.out is None:
        print(root, end="")
        return
    try:
        options.out.write_text(root)
    except OSError as error:
        raise Refused.because(
            "file", f"{options.out} can't be written ({error.strerror}).", field="out"
        ) from None
