"""Lines of text for a terminal of some width, with or without colour.

Everything written on it is made printable first, since a certificate can hold what a terminal
would obey.
"""

from __future__ import annotations

import textwrap

NARROWEST, WIDEST = 60, 100
_LABEL = 14


def printable(text: str) -> str:
    """`text` with what a terminal might obey written as escapes."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )


class Paper:
    """Lines of a width, with or without colour; the last one ends in a line feed."""

    def __init__(self, width: int, colour: bool) -> None:
        self._width = max(NARROWEST, min(width, WIDEST))
        self._colour = colour
        self._lines: list[str] = []

    def text(self) -> str:
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return "\n".join(self._lines) + "\n"

    def gap(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def line(self, text: str, *, colour: str = "", bold: bool = False) -> None:
        for part in self._wrapped(text, "", ""):
            self._lines.append(self._painted(part, colour, bold=bold))

    def title(self, text: str) -> None:
        self.gap()
        self._lines.append(self._painted(text, bold=True))
        self._lines.append("")

    def row(self, label: str, text: str) -> None:
        start = f"{label:<{_LABEL}}"
        first, *rest = self._wrapped(text, start, " " * _LABEL)
        self._lines.append(self._painted(start, "2") + first[_LABEL:])
        self._lines += rest

    def paragraph(self, text: str) -> None:
        self._lines += self._wrapped(text, "", "")
        self.gap()

    def item(self, text: str, *, mark: str = "-", bold: bool = False) -> None:
        self._lines += [
            self._painted(part, bold=bold) for part in self._wrapped(text, f"{mark:<3}", "   ")
        ]

    def indented(self, text: str) -> None:
        self._lines += self._wrapped(text, "   ", "   ")

    def cells(self, outcome: str, name: str, standing: str, message: str, *, colour: str) -> None:
        head = f"{outcome:<9} {name:<24} {standing:<10}"
        room = self._width - len(head)
        said = printable(message)
        if len(said) > room:
            said = said[: room - 1] + "…"
        self._lines.append((self._painted(head[:9], colour) + head[9:] + said).rstrip())

    def _wrapped(self, text: str, first: str, rest: str) -> list[str]:
        return textwrap.wrap(
            printable(text),
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_on_hyphens=False,
        ) or [first.rstrip()]

    def _painted(self, text: str, colour: str = "", *, bold: bool = False) -> str:
        codes = ";".join(code for code in ("1" if bold else "", colour) if code)
        return f"\x1b[{codes}m{text}\x1b[0m" if self._colour and codes else text
