"""What the commands `run` and `booster` do: start, say so, wait for the end.

Both end within a second of SIGINT or SIGTERM, with status 0.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.certificate import fingerprint_groups, iso_time
from store.refusals import Refused
from store.sealing import write_durably
from webserver.announcing import announced
from webserver.booster_start import control_booster, start_booster
from webserver.configuration import DEFAULT_RESTART, options_from, read_configuration
from webserver.fault_specs import read_specs
from webserver.options import PORTAL_PORT
from webserver.pairing import write_pairing
from webserver.simulator import Simulator
from webserver.site import Site


def run_box(given: Mapping[str, Any]) -> int:
    """`osbiz run`."""
    ready_file = given.get("ready_file")
    if ready_file is None and "config" in given:
        ready_file = read_configuration(given["config"]).get("ready_file")
    options = options_from({key: value for key, value in given.items() if key != "ready_file"})
    raise_file_limit()
    return asyncio.run(_box(options, None if ready_file is None else Path(ready_file)))


async def _box(options: Any, ready_file: Path | None) -> int:
    ended = until_signal()
    values = {name: getattr(options, name) for name in options.__slots__}
    async with Simulator(**values) as simulator:
        _say(_greeting(simulator, ready_file))
        ready = ready_of(simulator)
        with announced(ready):
            if ready_file is not None:
                await asyncio.to_thread(write_ready, ready_file, ready)
            simulator.box.model.keys.warm()
            await ended.wait()
    return 0


def ready_of(simulator: Simulator) -> dict[str, Any]:
    """What its ready file says."""
    box, ca = simulator.box, simulator.ca
    return {
        "portal": box.portal_url,
        "wsi": box.wsi_url,
        "wsi_http": box.wsi_http_url,
        **({} if box.http_url is None else {"http": box.http_url}),
        "booster": box.booster_url,
        **({} if ca is None else {"ca": ca.directory, "ca_pages": ca.page_url}),
        "control": simulator.control_url,
        "token": simulator.token,
        "pid": os.getpid(),
    }


def _greeting(simulator: Simulator, ready_file: Path | None) -> str:
    box = simulator.box
    active = box.active
    days = active.days_left(box.clock.now())
    kept = simulator.options.data
    lines = [
        f"OpenScape Business {box.model.release.name} at {box.lan_ip}, "
        f"its clock at {iso_time(box.clock.now())}",
        "",
        f"  Admin Portal    {box.portal_url}   administrator@system / administrator",
        f"  WSI             {box.wsi_url}   {box.wsi_http_url}",
        *([] if box.http_url is None else [f"  HTTP            {box.http_url}   for CAs"]),
        f"  Booster Server  {box.booster_url or 'none'}",
        f"  Control API     {simulator.control_url}/v1",
        *(
            []
            if (ca := simulator.ca) is None
            else [f"  Practice CA     {ca.page_url}   {ca.directory}"]
        ),
        f"  Kept in         {kept or 'memory only'}",
        "",
        f"  Certificate     valid until {iso_time(active.not_after)} ({days} days left)",
        f"  SHA-256         {fingerprint_groups(active.fingerprint('sha256'))}",
        "",
    ]
    if ready_file is None and sys.stdout.isatty():
        lines.append(f"  Control token   {simulator.token}")
    host = box.portal_url.removeprefix("https://")
    lines += [
        "  Try first:      "
        f"openssl s_client -connect {host} </dev/null | openssl x509 -noout -subject -dates",
        "  End it with Ctrl-C.",
    ]
    return "\n".join(lines)


def run_booster(given: Mapping[str, Any]) -> int:
    """`osbiz booster`."""
    names = {"ip": "booster_ip", "port": "portal_port"}
    pairing_file, ready_file = given.get("pairing_file"), given.get("ready_file")
    values = {
        names.get(key, key): value
        for key, value in given.items()
        if key not in ("pairing_file", "ready_file")
    }
    options = options_from({"restart_time": DEFAULT_RESTART, "portal_port": PORTAL_PORT} | values)
    return asyncio.run(_booster(options, pairing_file, ready_file, "control_port" in given))


async def _booster(
    options: Any, pairing_file: Path | None, ready_file: Path | None, controlled: bool
) -> int:
    ended = until_signal()
    faults = read_specs(options.faults, node="booster")
    async with Site(options) as site:
        booster = await start_booster(site, ip=options.booster_ip, port=options.portal_port)
        control = control_booster(site, booster, options.control_port) if controlled else {}
        for spec in faults:
            await booster.set_fault_as_given(spec.name, spec.given)

        def write() -> None:
            if pairing_file is not None:
                _write(pairing_file, lambda path: write_pairing(path, booster.pairing()))

        booster.on_certificate = lambda: site.model.post(write)
        await site.model.call(write)
        active = booster.active
        _say(
            f"OpenScape Business UC Booster Server at {booster.url}\n"
            f"  Certificate  valid until {iso_time(active.not_after)}\n"
            f"  SHA-256      {fingerprint_groups(active.fingerprint('sha256'))}\n"
            f"  Pairing      {pairing_file or 'none; give --pairing-file to let a box use it'}"
            + (f"\n  Control API  {control['control']}/v1" if control else "")
        )
        if ready_file is not None:
            ready = {"booster": booster.url, **control, "pid": os.getpid()}
            await asyncio.to_thread(write_ready, ready_file, ready)
        await ended.wait()
    return 0


def until_signal() -> asyncio.Event:
    """Set when the program is asked to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    return ended


def write_ready(path: Path, content: dict[str, Any]) -> None:
    """Write a ready file, whole and at once; blocks. Refused when that can't be done."""
    _write(path, lambda path: write_durably(path, json.dumps(content).encode() + b"\n"))


def _write(path: Path, write: Any) -> None:
    try:
        write(path)
    except OSError as error:
        raise Refused.because(
            "file", f"{path} can't be written ({error.strerror}).", instead="Give another path."
        ) from None


def _say(text: str) -> None:
    print(text, flush=True)


def raise_file_limit() -> None:
    """Thousands of held polls need as many descriptors; take what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
