"""Forms with files (RFC 7578), taken apart in memory.

Not aiohttp's own reader: that writes files to temporary ones on disk, and what people
upload here are private keys. Knows no page; how long a body may be is for the entrance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_PARTS = 200
MULTIPART_TYPE = "multipart/form-data"
_BOUNDARY = re.compile(
    r'multipart/form-data\s*;.*?boundary="?([^\x00-\x20";,]{1,70})', re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(r'[;\s]name="([^"\r\n]*)"', re.IGNORECASE)
_FILE_NAME = re.compile(r"[;\s]filename\*?=", re.IGNORECASE)


@dataclass(slots=True)
class Fields:
    """What came in; of repeated fields the last.

    files: contents by field; a file field in which nothing was chosen is not there.
    """

    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)


def parse_multipart(content_type: str, body: bytes) -> Fields:
    """The parts of `body`; ValueError when it is not what its content type says.

    content_type: the whole header, with its boundary.
    """
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise ValueError("no boundary")
    delimiter = b"\r\n--" + found[1].encode("latin-1", "replace")
    _preamble, *parts = (b"\r\n" + body).split(delimiter, MAX_PARTS + 1)
    fields = Fields()
    for part in parts:
        if part.startswith(b"--"):
            return fields
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator:
            break
        _take(fields, head.decode("utf-8", "replace"), content)
    raise ValueError("cut off, or too many parts")


def _take(fields: Fields, head: str, content: bytes) -> None:
    disposition = next(
        (line for line in head.split("\r\n") if line.lower().startswith("content-disposition:")), ""
    )
    name = _NAME.search(disposition)
    if name is None:
        raise ValueError("a part without a name")
    if _FILE_NAME.search(disposition) is None:
        fields.texts[name[1]] = content.decode("utf-8", "replace")
    elif content:
        fields.files[name[1]] = content
