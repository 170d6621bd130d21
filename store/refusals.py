"""The one way the project says no.

A `Refusal` is a value: what is wrong, in which field, and what would be right.
`Refused` is the exception that carries one or more of them, so that everything
wrong with an input can be told at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why something was not done.

    code: a stable, hyphenated word for programs (`passphrase-length`).
    message: what is wrong, for people, naming the value seen where it is no secret.
    field: the input field it is about, or None when it is about no single field.
    instead: what would be right, or None when the message says all there is to say.
    """

    code: str
    message: str
    field: str | None = None
    instead: str | None = None

    def __str__(self) -> str:
        return self.message if self.instead is None else f"{self.message} {self.instead}"


class Refused(Exception):
    """Raised when the project says no; nothing has been changed.

    An ordinary exception around frozen values, because a frozen exception
    can't be given a traceback on its way through a context manager.
    """

    def __init__(self, *refusals: Refusal) -> None:
        if not refusals:
            raise ValueError("Refused needs at least one Refusal")
        super().__init__(" ".join(str(refusal) for refusal in refusals))
        self.refusals: tuple[Refusal, ...] = refusals

    @property
    def code(self) -> str:
        """The code of the first refusal."""
        return self.refusals[0].code

    @classmethod
    def because(
        cls, code: str, message: str, *, field: str | None = None, instead: str | None = None
    ) -> Refused:
        """A `Refused` with a single refusal."""
        return cls(Refusal(code, message, field, instead))


def refuse_all(refusals: Iterable[Refusal]) -> None:
    """Raise one `Refused` with all `refusals`, or return when there are none."""
    found = tuple(refusals)
    if found:
        raise Refused(*found)
