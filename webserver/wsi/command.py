"""What a command is: its names, its parameters, how it says no, and what runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.sessions import Session
from webserver.running import RunningBox
from webserver.wsi.answers import Errors
from webserver.wsi.parameters import Parameter


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of a command by somebody who is logged in; `values` by parameter name."""

    box: RunningBox
    session: Session
    values: dict[str, Any]

    def device(self, name: str) -> str:
        """The parameter `name`, an extension that somebody has; refused otherwise."""
        return self.box.exchange.device(self.values[name])

    def user(self) -> str:
        """The subscriber that `user` names; the session's own when it names nobody."""
        return self.box.exchange.device(self.values.get("user") or self.session.extension)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of WSI.

    run: the answer's XML; raises `Refused` with a code that `answers` has words for.
    aliases: other names that are taken. Case never counts.
    standing: `known`, `inferred` or `assumed`, of name and answer.
    """

    name: str
    run: Callable[[Asked], str]
    says: str
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    errors: Errors = Errors.REASON
    standing: str = "assumed"
    answer: str = ""
