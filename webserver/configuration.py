"""From command line and configuration file to `Options`; the command line wins.

A configuration file is TOML with the long options' names as keys (`lan-ip = "127.0.0.5"`)
and `[[subscribers]]` tables. A key nobody knows is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from appliance.clock import parse_dates, parse_time
from appliance.network import parse_address
from appliance.telephony import parse_subscribers
from store.refusals import Refused
from webserver.cli import parse_duration
from webserver.options import (
    CONTROL_PORT,
    PORTAL_PORT,
    WSI_HTTP_PORT,
    WSI_PORT,
    Options,
)

DEFAULT_RESTART = "3s"
_PORTS = {
    "portal_port": PORTAL_PORT,
    "wsi_port": WSI_PORT,
    "wsi_http_port": WSI_HTTP_PORT,
    "control_port": CONTROL_PORT,
}
# Each key with the TOML types it takes.
_KEYS: dict[str, tuple[type, ...]] = {
    "data": (str,),
    "ephemeral": (bool,),
    "lan_ip": (str,),
    "bind": (str,),
    **dict.fromkeys(_PORTS, (int,)),
    "http_port": (int,),
    "booster_ip": (str,),
    "booster_port": (int,),
    "booster_pairing": (str,),
    "no_booster": (bool,),
    "firmware": (str,),
    "installed_at": (str,),
    "clock": (str,),
    "rate": (int, float),
    "dates": (str,),
    "restart_time": (str, int, float),
    "trusted": (bool,),
    "ca": (bool,),
    "ready_file": (str,),
    "subscribers": (list,),
    "faults": (list,),
}


def default_data() -> Path:
    """Where a box is kept when nothing is said: the XDG data directory."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "osbiz"


def read_configuration(path: Path) -> dict[str, Any]:
    """The settings in the file at `path`; refused when it is unreadable or has a wrong key."""
    import tomllib  # no other start needs it

    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Refused.because(
            "config", f"The configuration {path} can't be read ({error.strerror}).", field="config"
        ) from None
    except ValueError as error:
        raise Refused.because(
            "config", f"The configuration {path} is no TOML: {error}.", field="config"
        ) from None
    found: dict[str, Any] = {}
    for key, value in content.items():
        name = key.replace("-", "_")
        types = _KEYS.get(name)
        if types is None:
            raise Refused.because(
                "config-key",
                f"{path}: there is no setting {key!r}.",
                field=key,
                instead=f"Settings are {', '.join(sorted(_KEYS)).replace('_', '-')}.",
            )
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            names = " or ".join(one.__name__ for one in types)
            raise Refused.because(
                "config-type", f"{path}: {key} must be of type {names}.", field=key
            )
        found[name] = value
    return found


def options_from(given: Mapping[str, Any]) -> Options:
    """`Options` from what was said; refused with the first thing that is wrong."""
    values = dict(given)
    config = values.pop("config", None)
    if config is not None:
        values = _merged(read_configuration(config), values)
    if values.get("ephemeral") and "data" in values:
        raise Refused.because("data", "A box can't be ephemeral and keep its data.", field="data")
    return Options(
        data=None if values.get("ephemeral") else Path(values.get("data") or default_data()),
        lan_ip=_address(values, "lan_ip"),
        bind=_bind_address(values),
        **{name: values.get(name, port) for name, port in _PORTS.items()},
        http_port=values.get("http_port"),
        booster=not values.get("no_booster"),
        booster_ip=_address(values, "booster_ip"),
        booster_port=values.get("booster_port"),
        booster_pairing=_path(values, "booster_pairing"),
        firmware=values.get("firmware"),
        installed_at=_time(values, "installed_at"),
        now=_time(values, "clock"),
        rate=float(values.get("rate", 1.0)),
        dates=None if values.get("dates") is None else parse_dates(values["dates"]),
        restart_time=parse_duration(str(values.get("restart_time", DEFAULT_RESTART))),
        subscribers=parse_subscribers(values.get("subscribers", ())),
        trusted=bool(values.get("trusted")),
        ca=bool(values.get("ca")),
        faults=_texts(values.get("faults", ()), "faults"),
    )


def _texts(values: Sequence[object], key: str) -> tuple[str, ...]:
    texts = tuple(value for value in values if isinstance(value, str))
    if len(texts) < len(values):
        raise Refused.because("config-type", f"{key} must be a list of texts.", field=key)
    return texts


def _merged(configured: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    for group in (("data", "ephemeral"), ("booster_ip", "no_booster", "booster_pairing")):
        if any(key in said for key in group):  # one of them on the command line replaces all
            for key in group:
                configured.pop(key, None)
    return configured | dict(said)


def _address(values: Mapping[str, Any], key: str) -> str | None:
    return None if values.get(key) is None else parse_address(values[key], field=key)


def _bind_address(values: Mapping[str, Any]) -> str | None:
    every = "0.0.0.0"  # noqa: S104 - asked for by name
    return every if values.get("bind") == every else _address(values, "bind")


def _path(values: Mapping[str, Any], key: str) -> Path | None:
    return None if values.get(key) is None else Path(values[key])


def _time(values: Mapping[str, Any], key: str) -> Any:
    return None if values.get(key) is None else parse_time(values[key], field=key)
