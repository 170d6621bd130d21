"""Where in a TOML document each value stands: line numbers, which `tomllib` does not keep.

Reads text that `tomllib` has accepted already, so it only has to find its way through
strings, comments and brackets, not to check them.
"""

from __future__ import annotations

Path = tuple[str | int, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def places(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and list element, by its path.

    A path has keys, and positions in lists: `("step", 2, "expect", "refused", 0)`.
    """
    return _Scanner(text.replace("\r\n", "\n")).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._found: dict[Path, int] = {}
        self._lists: dict[Path, int] = {}  # lists of tables: how many so far

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(" \t\n#"):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._found

    # Characters

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self, count: int = 1) -> str:
        taken = self._text[self._at : self._at + count]
        self._line += taken.count("\n")
        self._at += count
        return taken

    def _skip(self, what: str) -> bool:
        """Past the characters in `what`, where `#` stands for comments; False at the end."""
        while (char := self._peek()) and char in what:
            if char == "#":
                while self._peek() not in ("", "\n"):
                    self._next()
            else:
                self._next()
        return self._at < len(self._text)

    # Tables and keys

    def _header(self) -> Path:
        line = self._line
        width = 2 if self._text.startswith("[[", self._at) else 1
        self._next(width)
        *parents, last = self._key()
        self._next(width)
        path: Path = ()
        for part in parents:
            self._found.setdefault((*path, part), line)
            path = self._inside((*path, part))
        path = (*path, last)
        if width == 1:
            path = self._inside(path)
        else:
            number = self._lists.get(path, 0)
            self._lists[path] = number + 1
            self._found.setdefault(path, line)
            path = (*path, number)
        self._found[path] = line
        return path

    def _inside(self, path: Path) -> Path:
        return (*path, self._lists[path] - 1) if path in self._lists else path

    def _pair(self, table: Path) -> None:
        line = self._line
        path = table
        for part in self._key():
            path = (*path, part)
            self._found.setdefault(path, line)
        self._next()  # the sign =
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(" \t")
            char = self._peek()
            if char and char in "\"'":
                parts.append(self._string())
            else:
                start = self._at
                while self._peek() and self._peek() in _BARE:
                    self._next()
                parts.append(self._text[start : self._at])
            self._skip(" \t")
            if self._peek() != ".":
                return parts
            self._next()

    # Values

    def _value(self, path: Path) -> None:
        self._skip(" \t")
        char = self._peek()
        if char and char in "\"'":
            self._string()
        elif char == "[":
            self._list(path)
        elif char == "{":
            self._inline_table(path)
        else:
            while self._peek() and self._peek() not in ",]}#\n":
                self._next()

    def _list(self, path: Path) -> None:
        self._next()
        number = 0
        while self._skip(" \t\n#,") and self._peek() != "]":
            self._found[*path, number] = self._line
            self._value((*path, number))
            number += 1
        self._next()

    def _inline_table(self, path: Path) -> None:
        self._next()
        while self._skip(" \t\n#,") and self._peek() != "}":
            self._pair(path)
        self._next()

    def _string(self) -> str:
        quote = self._peek()
        if self._text.startswith(quote * 3, self._at):
            self._next(3)
            while not self._text.startswith(quote * 3, self._at):
                self._next(2 if quote == '"' and self._peek() == "\\" else 1)
            self._next(3)
            while self._peek() == quote:  # up to two quotes may end the text itself
                self._next()
            return ""
        self._next()
        parts = []
        while (char := self._next()) != quote:
            parts.append(self._escaped() if char == "\\" and quote == '"' else char)
        return "".join(parts)

    def _escaped(self) -> str:
        char = self._next()
        if char in "uU":
            return chr(int(self._next(4 if char == "u" else 8), 16))
        return _ESCAPES[char]
