"""What a simulator can be told when it is made; the same for Python and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.clock import Dates
from store.people import Subscriber
from store.refusals import Refused

DEFAULT_LAN_IP = "127.0.0.2"
DEFAULT_BOOSTER_IP = "127.0.0.3"
PORTAL_PORT, WSI_PORT, WSI_HTTP_PORT, CONTROL_PORT = 8443, 8802, 8801, 8900


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a simulator is to be.

    data: where box and Booster Server keep what they keep; None keeps nothing.
    lan_ip, booster_ip: None means the one installed before, else the default.
    bind: listen here instead of at the LAN IP; any LAN IP is possible then.
    *_port: 0 takes any free port. booster_port None: the portal's port at the
        Booster Server's own address, any free one (or 8444) where both share `bind`.
        http_port None: the box has no plain HTTP port, and can't answer http-01.
    booster: whether a Booster Server runs beside the box.
    booster_pairing: the pairing file of one that runs elsewhere, instead.
    installed_at, now: on the box's calendar; None for now (or where it was).
    rate: box seconds per real second.
    dates: which dates certificates carry; None for simulated (or as it was).
    trusted: start with a certificate of an own authority, which clients accept once they
        trust that (`RunningBox.serve_trusted`).
    restart_time: seconds; None draws 120 to 180 as the real box takes.
    ca: whether a practice CA runs beside the box, on its calendar, and the box has an HTTP port
        to answer it.
    faults: what goes wrong from the start, each as on the command line
        (`webserver.fault_specs`).
    """

    data: Path | None = None
    lan_ip: str | None = None
    bind: str | None = None
    portal_port: int = 0
    wsi_port: int = 0
    wsi_http_port: int = 0
    control_port: int = 0
    http_port: int | None = None
    booster: bool = True
    booster_ip: str | None = None
    booster_port: int | None = None
    booster_pairing: Path | None = None
    firmware: str | None = None
    installed_at: datetime | None = None
    now: datetime | None = None
    rate: float = 1.0
    dates: Dates | None = None
    restart_time: float | None = 0.0
    subscribers: tuple[Subscriber, ...] = ()
    trusted: bool = False
    faults: tuple[str, ...] = ()
    ca: bool = False

    def __post_init__(self) -> None:
        for name in (field for field in self.__slots__ if field.endswith("_port")):
            port = getattr(self, name)
            if port is not None and not 0 <= port <= 65535:
                raise Refused.because(
                    "port",
                    f"{port} is no port.",
                    field=name,
                    instead="Ports go from 1 to 65535; 0 takes any free one.",
                )
        if self.restart_time is not None and not 0 <= self.restart_time <= 3600:
            raise Refused.because(
                "restart-time",
                f"A restart can't take {self.restart_time} seconds.",
                field="restart_time",
                instead="Give 0 to 3600 seconds, or real.",
            )

    def port_of_booster(self) -> int:
        """The Booster Server's port."""
        if self.booster_port is not None:
            return self.booster_port
        if self.bind is None or self.portal_port == 0:
            return self.portal_port
        return self.portal_port + 1  # one address for both: the ports have to differ
