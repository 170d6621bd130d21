"""Running a command at another time, by Debian's `faketime`.

Owns how a moment is told to it, and what is known of programs that can't be told. Measured
with faketime 0.9.10: a calendar at the usual pace is told as an offset, so that fractions of
a second count and timers go on as ever. A calendar that stands still or runs fast moves the
timers of a program as well; where that hangs it, only its wall clock is moved.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.clock import real_now
from store.refusals import Refused
from webserver.programs import find, why_its_clock_stays

# They wait on timers of the monotonic clock, which must not stand still. Others fail when
# that clock and the wall clock go apart: Java hangs, Python's sleep is refused.
_ON_TIMERS = ("node", "nodejs", "deno", "chromium", "chrome", "google-chrome")


@dataclass(frozen=True, slots=True)
class Moment:
    """What time it is to be for a command.

    now: when it is started (aware UTC).
    rate: seconds for it in a real one; 0 to stand still.
    """

    now: datetime
    rate: float = 1.0


def faketime_line(moment: Moment, command: Sequence[str]) -> list[str]:
    """The command line that runs `command`, which `check_command` has looked over, at `moment`."""
    only_wall = moment.rate != 1 and Path(command[0]).name.startswith(_ON_TIMERS)
    options = ["--exclude-monotonic"] if only_wall else []
    return ["faketime", *options, "-f", specification(moment), *command]


def specification(moment: Moment) -> str:
    """`moment` as faketime reads it."""
    if moment.rate == 0:  # faketime reads local time
        return moment.now.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    ahead = (moment.now - real_now()) / timedelta(seconds=1)
    pace = "" if moment.rate == 1 else f" x{moment.rate:.9g}"
    return f"{ahead:+.3f}s{pace}"


def check_command(command: Sequence[str]) -> None:
    """Refused when `command` can't be run at another time.

    `no-such-command`; `clock-stays` for a program that would not notice; `faketime-missing`
    when faketime is not installed.
    """
    path = find(command[0]) if command else None
    if path is None:
        raise Refused.because(
            "no-such-command",
            f"There is no command {command[0][:60]!r}." if command else "There is no command.",
            field="command",
            instead="Name a program after --, as you would start it.",
        )
    why = why_its_clock_stays(path)
    if why is not None:
        raise Refused.because(
            "clock-stays",
            f"The clock of this command can't be moved: {why}.",
            field="command",
            instead="Use --dates projected, so that the certificates' dates move instead.",
        )
    if shutil.which("faketime") is None:
        raise Refused.because(
            "faketime-missing",
            "The command faketime is not installed.",
            instead="On Debian: apt-get install faketime. Or use --dates projected.",
        )
