"""The page that stays while the box is away, and brings the person back.

It is sent before the box goes and can fetch nothing afterwards, so style and script are
written into it; the Content-Security-Policy allows exactly those two, by their hashes.
(A browser keeps nothing in its cache that came with a certificate it does not trust.)
"""

from __future__ import annotations

import base64
import math

from aiohttp import web

from appliance.clock import real_now
from store.certificate import fingerprint_groups
from webserver.portal.entrance import NO_FRAMES
from webserver.portal.rendering import hash_source, inline
from webserver.portal.texts import mark
from webserver.portal.visits import LOGON, Visit

STYLE, SCRIPT, ICON = "portal.css", "waiting.js", "favicon.svg"

# Seconds after the box should be back until the page leaves without having reached it;
# where it can't be asked at all, there is less to wait for.
PATIENCE, MOVED_PATIENCE = 4, 1


def restart_words(visit: Visit) -> str:
    """How long a restart takes, for people."""
    seconds = visit.box.station.restart_time
    if seconds is None:
        return visit.texts(mark("approx. 2-3 minutes"))
    return _about(visit, seconds)


def _about(visit: Visit, seconds: float) -> str:
    if seconds < 1:
        return visit.texts(mark("less than a second"))
    return visit.texts(mark("about {seconds} s"), seconds=math.ceil(seconds))


async def waiting(
    visit: Visit, *, name: str, moved: bool = False, warnings: tuple[str, ...] = ()
) -> web.Response:
    """The page for a restart that has just begun.

    name: the certificate that the box will show. moved: at another address.
    """
    back_at = visit.box.station.back_at
    seconds = 0.0 if back_at is None else max(0.0, (back_at - real_now()).total_seconds())
    back = f"{LOGON}?after=restart"
    # Where the listeners stay behind another address, the browser's own way in stays too.
    moved = moved and visit.box.station.bind is None
    response = await visit.page(
        "waiting.html",
        name=name,
        moved=moved,
        warnings=warnings,
        seconds=round(seconds, 1),
        time=_about(visit, seconds),
        leave_after=math.ceil(seconds) + (MOVED_PATIENCE if moved else PATIENCE),
        target=visit.box.portal_url + back if moved else back,
        # Another origin can't be polled: its certificate is not trusted yet, by nobody.
        poll="" if moved else "/robots.txt",
        style=STYLE,
        script=SCRIPT,
        icon=base64.b64encode(inline(ICON).encode("utf-8")).decode("ascii"),
        fingerprint=fingerprint_groups(visit.box.active.fingerprint("sha256")),
    )
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {hash_source(STYLE)}; script-src {hash_source(SCRIPT)}; "
        f"img-src data:; connect-src 'self'; {NO_FRAMES}"
    )
    return response
