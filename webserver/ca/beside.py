"""A practice CA beside a box: on its calendar, validating at its address and ports."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webserver.ca.practice import PracticeCA

if TYPE_CHECKING:
    from appliance.clock import Clock
    from webserver.running import RunningBox


async def start_ca(box: RunningBox, clock: Clock) -> PracticeCA:
    """A running CA on free ports; every practice name is at the box, unless records say else."""
    assert box.http_url is not None
    http, portal = urlsplit(box.http_url), urlsplit(box.portal_url)
    ca = PracticeCA(
        clock=clock,
        http_01_port=http.port or 80,
        tls_alpn_port=portal.port or 443,
        default_address=http.hostname or box.lan_ip,
    )
    await ca.start()
    return ca
