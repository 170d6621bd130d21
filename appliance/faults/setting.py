"""The faults that are set on one node: which of them happen to a connection, and how often.

Pure bookkeeping, for one thread: order, limits, probabilities and counts. It is told of
every connection, and answers with the faults that happen to it.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from appliance.faults.base import Fault, Occasion
from appliance.faults.parameters import parameters_of
from appliance.serving import ServingPlan
from store.refusals import Refusal, Refused, refuse_all

MAX_CONNECTIONS = 1_000_000_000
_SEEDS = 2**53  # the integers that every JSON reader keeps exact


@dataclass(frozen=True, slots=True)
class Limit:
    """To which connections a fault is limited.

    connections: the next so many; None for all.
    probability: of each connection, from 0 to 1; None for every one.
    seed: of the chance, so that it can be repeated; None draws one.
    endpoint: `portal`, `wsi`, `wsi_http` or `http`; None for all.
    """

    connections: int | None = None
    probability: float | None = None
    seed: int | None = None
    endpoint: str | None = None


LIMITS = tuple(one.name for one in fields(Limit))
_Read = TypeVar("_Read")


@dataclass(slots=True)
class Setting:
    """One fault that is set.

    hits: the connections it happened to.
    """

    fault: Fault
    limit: Limit
    hits: int = 0
    _chance: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.limit.seed)  # noqa: S311 - chance, not secrecy

    @property
    def left(self) -> int | None:
        """How many connections it will still happen to; None without such a limit."""
        limit = self.limit.connections
        return None if limit is None else limit - self.hits

    @property
    def spent(self) -> bool:
        """Whether it happened as often as it was to."""
        return self.left == 0

    def at(self, endpoint: str) -> bool:
        """Whether it is meant for `endpoint`."""
        return self.limit.endpoint in (None, endpoint)

    def happens(self, occasion: Occasion) -> bool:
        """Whether it happens to this connection; counted when it does."""
        if self.spent or not self.at(occasion.endpoint) or not self.fault.concerns(occasion):
            return False
        probability = self.limit.probability
        if probability is not None and self._chance.random() >= probability:
            return False
        self.hits += 1
        return True

    def as_json(self) -> dict[str, Any]:
        """Its limits and counts, as the control API gives them."""
        return {
            "connections": self.limit.connections,
            "probability": self.limit.probability,
            "seed": self.limit.seed,
            "endpoint": self.limit.endpoint,
            "hits": self.hits if self.fault.counted else None,
            "left": self.left,
        }


class Settings:
    """Every fault that is set on a node, by name, in the order in which they were set."""

    def __init__(self) -> None:
        self._settings: dict[str, Setting] = {}

    def __len__(self) -> int:
        return len(self._settings)

    def __contains__(self, name: str) -> bool:
        return name in self._settings

    def __getitem__(self, name: str) -> Setting:
        return self._settings[name]

    def all(self) -> dict[str, Setting]:
        """A copy, by name; what `restore` takes."""
        return dict(self._settings)

    def restore(self, settings: dict[str, Setting]) -> None:
        """Be as when `all` gave these."""
        self._settings = settings

    @property
    def effective(self) -> tuple[Setting, ...]:
        """Those that can still happen."""
        return tuple(setting for setting in self._settings.values() if not setting.spent)

    def put(self, setting: Setting) -> None:
        """Set a fault; it is then the latest, also when it was set before."""
        self._settings.pop(setting.fault.name, None)
        self._settings[setting.fault.name] = setting

    def remove(self, name: str) -> Setting | None:
        """Clear a fault; what it was, or None when it was not set."""
        return self._settings.pop(name, None)

    def happening(self, occasion: Occasion) -> tuple[Setting, ...]:
        """The faults that happen to a connection, each counted."""
        return tuple(one for one in self._settings.values() if one.happens(occasion))

    def listening(self, endpoint: str, plan: ServingPlan) -> bool:
        """Whether anybody listens at `endpoint`, by the faults that no connection meets."""
        faults = (one.fault for one in self.effective if not one.fault.counted and one.at(endpoint))
        return afflicted(plan, faults).conduct.listening


def afflicted(plan: ServingPlan, faults: Iterable[Fault]) -> ServingPlan:
    """`plan` with every one of `faults`, in their order."""
    for fault in faults:
        plan = fault.change(plan)
    return plan


def read_limit(
    fault: Fault,
    *,
    connections: object = None,
    probability: object = None,
    seed: object = None,
    endpoint: object = None,
    endpoints: dict[str, bool],
) -> Limit:
    """A `Limit` from people's input; refused (`fault-limit`) when it will not do for `fault`,
    all reasons at once.

    endpoints: those of the node, and whether each is there for TLS.
    """
    wrong: list[Refusal] = []

    def tried(read: Callable[..., _Read], *given: object) -> _Read | None:
        try:
            return read(*given)
        except Refused as refused:
            wrong.extend(refused.refusals)
            return None

    given = {"connections": connections, "probability": probability, "seed": seed}
    for name, value in given.items():
        tried(_check_counted, fault, name, value)
    tried(_check_seed, probability, seed)
    count = tried(_whole, "connections", connections, 1, MAX_CONNECTIONS)
    chance = tried(_probability, probability)
    start = tried(_whole, "seed", seed, 0, _SEEDS - 1)
    where = tried(_endpoint, fault, endpoint, endpoints)
    refuse_all({refusal.field: refusal for refusal in reversed(wrong)}.values())
    if chance is not None and start is None:
        start = secrets.randbelow(_SEEDS)
    return Limit(count, chance, start, where)


def _check_counted(fault: Fault, name: str, value: object) -> None:
    if value is not None and not fault.counted:
        raise _refused(
            name,
            f"{fault.name} can't be limited: the system refuses connections without counting.",
            "Leave it out, and clear the fault when it has lasted long enough.",
        )


def _check_seed(probability: object, seed: object) -> None:
    if seed is not None and probability is None:
        raise _refused("seed", "A seed needs a probability.", "Give one, or leave the seed out.")


def _endpoint(fault: Fault, endpoint: object, endpoints: dict[str, bool]) -> str | None:
    able = [name for name, secure in endpoints.items() if fault.suits(secure=secure)]
    if not able:
        raise _refused(
            None,
            f"{fault.name} can't happen on this node: it has no {fault.ports.value} endpoint.",
            "Set it on another node.",
        )
    if endpoint is None:
        return None
    if isinstance(endpoint, str) and endpoint in able:
        return endpoint
    shown = repr(endpoint[:40]) if isinstance(endpoint, str) else "that"
    raise _refused(
        "endpoint", f"{fault.name} can't happen at {shown}.", f"Choose {', '.join(able)}."
    )


def _whole(name: str, value: object, minimum: int, maximum: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
        return value
    raise _refused(
        name, f"{name} can't be {_shown(value)}.", f"Give a whole number from {minimum} up."
    )


def _probability(value: object) -> float | None:
    if value is None:
        return None
    number: float | None = None
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = None
    if number is not None and 0 < number <= 1:
        return number
    raise _refused(
        "probability",
        f"probability can't be {_shown(value)}.",
        "Give a number above 0, and at most 1.",
    )


def _shown(value: object) -> str:
    return repr(value[:40]) if isinstance(value, str) else str(value)[:40]


def _refused(field: str | None, message: str, instead: str) -> Refused:
    return Refused.because("fault-limit", message, field=field, instead=instead)


def parameters_json(fault: Fault) -> dict[str, Any]:
    """The values of a fault's parameters by name."""
    return {name: getattr(fault, name) for name in parameters_of(type(fault))}
