"""`osbiz boxes`: many boxes in one process."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from store.refusals import Refused
from webserver.boxes import FIRST_IP, Boxes
from webserver.cli import add_box_options
from webserver.commands import raise_file_limit, until_signal, write_ready
from webserver.configuration import options_from

# What `osbiz run` is told as well, and is told here of every box.
_SHARED = (
    *("portal_port", "wsi_port", "wsi_http_port", "control_port"),
    *("firmware", "installed_at", "now", "rate", "dates"),
    *("trusted", "restart_time", "subscribers", "faults"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, where, and what each of them is."""
    parser.add_argument("count", type=int, metavar="COUNT", help="how many")
    parser.add_argument(
        "--first-ip", metavar="IP", default=FIRST_IP, help=f"the first one's LAN IP ({FIRST_IP})"
    )
    add_box_options(parser)
    parser.add_argument(
        "--ready-file", type=Path, metavar="PATH", help="written when all listen, with all of them"
    )
    parser.add_argument(
        "--ready-dir",
        type=Path,
        metavar="DIR",
        help="a ready file for each box, 1.json and so on, as other commands want it",
    )
    parser.set_defaults(command=_run)


def _run(arguments: argparse.Namespace) -> int:
    alone = ("command", "count", "first_ip", "ready_file", "ready_dir")
    given = {
        key: value
        for key, value in vars(arguments).items()
        if key not in alone and value is not None and value is not False
    }
    options = options_from({"ephemeral": True, **given})
    values = {name: getattr(options, name) for name in _SHARED}
    boxes = Boxes(arguments.count, first_ip=arguments.first_ip, **values)
    raise_file_limit()
    return asyncio.run(_serve(boxes, arguments.ready_file, arguments.ready_dir))


async def _serve(boxes: Boxes, ready_file: Path | None, ready_dir: Path | None) -> int:
    ended = until_signal()
    async with boxes:
        boxes.keep_keys_ready()
        if ready_dir is not None:
            await asyncio.to_thread(_write_each, boxes, ready_dir)
        if ready_file is not None:
            await asyncio.to_thread(write_ready, ready_file, _ready_of(boxes))
        print(_greeting(boxes, ready_file, ready_dir), flush=True)
        await ended.wait()
    return 0


def _ready_of(boxes: Boxes) -> dict[str, Any]:
    return {
        "control": boxes.control_url,
        "token": boxes.token,
        "pid": os.getpid(),
        "boxes": [place.as_json() for place in boxes],
    }


def _write_each(boxes: Boxes, folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place in boxes:
            content = json.dumps({**place.as_json(), "pid": os.getpid()}) + "\n"
            # Not flushed to the disk one by one: thousands would take a minute.
            path = folder / f"{place.number}.json"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                os.fchmod(out.fileno(), 0o600)  # one that was there keeps its own mode otherwise
                out.write(content)
    except OSError as error:
        raise Refused.because(
            "file",
            f"{folder} can't be written to ({error.strerror}).",
            field="ready_dir",
            instead="Give another folder.",
        ) from None


def _greeting(boxes: Boxes, ready_file: Path | None, ready_dir: Path | None) -> str:
    first, last = boxes[0], boxes[-1]
    span = first.portal_url if len(boxes) == 1 else f"{first.portal_url}  to  {last.portal_url}"
    wsi, plain = boxes.ports["wsi_port"], boxes.ports["wsi_http_port"]
    tokens = " and ".join(str(path) for path in (ready_file, ready_dir) if path is not None)
    lines = [
        f"{len(boxes)} boxes, each made when somebody first turns to it",
        "",
        f"  Admin Portals   {span}",
        "                  administrator@system / administrator",
        f"  WSI             ports {wsi} (TLS) and {plain}, at the same addresses",
        f"  Control API     {boxes.control_url}/v1   a box's token leads to that box",
        f"  Tokens          {tokens or 'not written: give --ready-file or --ready-dir'}",
        "",
    ]
    if not tokens and sys.stdout.isatty():
        lines.append(f"  Token of all    {boxes.token}   for GET /v1/boxes")
    host = last.portal_url.removeprefix("https://")
    lines += [
        "  Try first:      "
        f"openssl s_client -connect {host} </dev/null | openssl x509 -noout -subject -dates",
        "  End it with Ctrl-C.",
    ]
    return "\n".join(lines)
