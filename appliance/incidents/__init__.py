"""Incidents as data: what happened to a box, step by step, and what is expected at each.

Those that come with the simulator are the `*.toml` files beside this one; people write more.
How one is played is for the floor above.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from appliance.incidents.form import Incident
from appliance.incidents.reading import MAX_BYTES, read_incident
from store.refusals import Refused

_FOLDER = Path(__file__).parent

__all__ = ["Incident", "find_incident", "incident_names", "read_incident"]


def incident_names() -> list[str]:
    """The incidents that come with the simulator, in alphabetical order."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def find_incident(name_or_file: str) -> Incident:
    """The incident of this name, or in this file.

    What has a slash in it or ends in `.toml` is a file. Refused: `no-such-incident`, and
    what is wrong with it (see `read_incident`).
    """
    if name_or_file.endswith(".toml") or "/" in name_or_file:
        return _from_file(Path(name_or_file))
    if name_or_file in incident_names():
        return _from_file(_FOLDER / f"{name_or_file}.toml")
    close = difflib.get_close_matches(name_or_file[:60].lower(), incident_names(), n=3)
    if Path(name_or_file).is_file():
        instead = f"To read the file of this name, write ./{name_or_file}."
    elif close:
        instead = f"Did you mean {' or '.join(close)}? Or name a file that ends in .toml."
    else:
        instead = f"There are {', '.join(incident_names())}; or name a file that ends in .toml."
    raise Refused.because(
        "no-such-incident",
        f"There is no incident {name_or_file[:60]!r}.",
        field="incident",
        instead=instead,
    )


def _from_file(path: Path) -> Incident:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused.because(
            "no-such-incident",
            f"{path} can't be read ({error.strerror}).",
            field="incident",
            instead="Name a file that is there.",
        ) from None
    return read_incident(data, name=path.stem, file=str(path))
