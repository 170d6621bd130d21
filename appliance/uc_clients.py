"""The five UC clients of the whitepaper: what each of them does. A table, `PROFILES`.

A profile is a value, and says how sure it is of itself. Nothing here connects to anything,
and nothing judges a certificate: a profile only names the environment (`appliance.trust`)
whose rules its client follows. What becomes of a client is in `uc_states`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from appliance.uc_words import ANDROID, APPLE, CHROMIUM, DOTNET, JAVA, Platform
from store.refusals import Refused

MAX_CLIENTS = 5_000
DEFAULT_COUNT = 12


@dataclass(frozen=True, slots=True)
class Pace:
    """How something is tried again: steps of seconds between tries, and how many tries.

    The last step's count is None when the client never gives up.
    """

    steps: tuple[tuple[float, int | None], ...] = ()

    def delay(self, tries: int) -> float | None:
        """Seconds to the next try after `tries` in vain; None when it gives up."""
        for seconds, count in self.steps:
            if count is None or tries <= count:
                return seconds
            tries -= count
        return None

    def __str__(self) -> str:
        parts = [
            f"every {seconds:g} s" + ("" if count is None else f" {count} times")
            for seconds, count in self.steps
        ]
        forever = bool(self.steps) and self.steps[-1][1] is None
        return ", then ".join(parts) + ("" if forever else ", then no more")


class Standing(enum.StrEnum):
    """How sure a fact about a client is; the words of docs/wsi.md."""

    KNOWN = "known"
    INFERRED = "inferred"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said of a client, how sure it is, and why."""

    text: str
    standing: Standing
    source: str


@dataclass(frozen=True, slots=True)
class Command:
    """One WSI command with its parameters; `{user}` and `{peers}` are filled in."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def filled(self, *, user: str, peers: str) -> dict[str, str]:
        """Its parameters for one user; `peers` are extensions with commas between them."""
        return {name: text.format(user=user, peers=peers) for name, text in self.parameters}


_POLL_PAUSE = 0.2  # known: WSI clients poll again some 200 ms after an answer
# A poll that fails is a poll that is over: the next one follows at the same pace, until the
# client understands that the box is away for longer.
_EAGER = Pace(((_POLL_PAUSE, 50), (2.0, 30), (10.0, None)))
_STUBBORN = Pace(((5.0, None),))
_PATIENT = Pace(((5.0, 12), (60.0, None)))
_HARDLY = Pace(((5.0, 2),))
_LEISURELY = Pace(((2.0, 60), (10.0, None)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of client.

    id: also that of the environment whose trust rules it follows, and whose words for a bad
        certificate it uses. client: the name that the whitepaper has for it.
    first: what it asks for once it is logged on, in this order.
    listens: whether it polls for events (GetEvents, held by the box); else it asks `looks`.
    interval: seconds between one poll, or look, and the next.
    looks: what it asks for every time, when it does not listen.
    calls: whether its user makes and takes calls with it.
    when_lost, when_refused: how it tries again after losing the box, and after refusing it.
    """

    id: str
    client: str
    platform: Platform
    first: tuple[Command, ...]
    facts: tuple[Fact, ...]
    listens: bool = True
    interval: float = _POLL_PAUSE
    looks: Command | None = None
    calls: bool = True
    when_lost: Pace = _EAGER
    when_refused: Pace = _PATIENT


_EVENTS = Command("EventStart", (("deviceObject", "{user}"),))
_HOOKS = Command("HookSubscribe", (("user", "{user}"), ("devices", "{peers}")))
_OFFICE = Command("SetPresence", (("user", "{user}"), ("presence", "1")))
_PRESENCE = Command("GetPresence", (("user", "{user}"),))
_JOURNAL = Command("JournalRead", (("user", "{user}"), ("count", "20")))
_PHONE_BOOK = Command("PhBookSearch", (("searchTerm", "e"),))

_WHITEPAPER = "whitepaper, 1.2"
_NAMED = Fact("It is a UC client on WSI, under the box's certificate.", Standing.KNOWN, _WHITEPAPER)
_COMMANDS = Fact(
    "The commands it calls, and in which order.",
    Standing.ASSUMED,
    "those of public WSI clients, chosen by what the client shows its user",
)
_POLLING = Fact(
    "It polls for events, 200 ms after each answer.",
    Standing.INFERRED,
    "public WSI clients do",
)
_TRIES = Fact(
    "How it tries again.",
    Standing.ASSUMED,
    "nothing was found; short at first, as a polling loop is, then longer",
)


_TO_GO_FIRST = (_EVENTS, _PRESENCE, _JOURNAL)
_TO_GO_FACTS = (
    _NAMED,
    Fact("It runs on iOS and on Android.", Standing.KNOWN, "the maker's wiki, myPortal to go"),
    Fact(
        "It shows directories, journal and presence, and makes calls.",
        Standing.KNOWN,
        "the maker's wiki, myPortal to go",
    ),
    _COMMANDS,
    _POLLING,
    _TRIES,
)

_TABLE = (
    Profile(
        id="myportal-at-work",
        client="myPortal @work",
        platform=CHROMIUM,
        first=(_EVENTS, _HOOKS, _OFFICE, _JOURNAL, _PHONE_BOOK),
        facts=(
            _NAMED,
            Fact(
                "It runs on Windows and macOS, and telephones with WebRTC.",
                Standing.KNOWN,
                "the maker's wiki, myPortal @work",
            ),
            Fact("It is built on Chromium.", Standing.INFERRED, "WebRTC on both desktops"),
            _COMMANDS,
            _POLLING,
            _TRIES,
        ),
    ),
    Profile(
        id="myportal-to-go-ios",
        client="myPortal to go (iOS)",
        platform=APPLE,
        first=_TO_GO_FIRST,
        facts=_TO_GO_FACTS,
    ),
    Profile(
        id="myportal-to-go-android",
        client="myPortal to go (Android)",
        platform=ANDROID,
        first=_TO_GO_FIRST,
        facts=_TO_GO_FACTS,
    ),
    Profile(
        id="application-launcher",
        client="Application Launcher",
        platform=JAVA,
        first=(_EVENTS,),
        calls=False,
        when_refused=_STUBBORN,
        facts=(
            _NAMED,
            Fact(
                "It starts programs when a call comes, and makes none itself.",
                Standing.INFERRED,
                "its name, and what such programs do",
            ),
            Fact(
                "It is a Java program.",
                Standing.INFERRED,
                "the maker's older desktop clients are",
            ),
            _COMMANDS,
            _POLLING,
            _TRIES,
        ),
    ),
    Profile(
        id="mycontacts",
        client="myContacts",
        platform=DOTNET,
        first=(_PHONE_BOOK,),
        listens=False,
        interval=2.0,
        looks=_PHONE_BOOK,
        calls=False,
        when_lost=_LEISURELY,
        when_refused=_STUBBORN,
        facts=(
            _NAMED,
            Fact("It is about contacts, not calls.", Standing.INFERRED, "its name"),
            Fact(
                "It looks things up now and then, and hears no events.",
                Standing.ASSUMED,
                "contacts change seldom; every 2 s is quicker than it can be, to be seen",
            ),
            Fact("It is a Windows program on .NET.", Standing.ASSUMED, "nothing was found"),
            _TRIES,
        ),
    ),
    Profile(
        id="myportal-for-teams",
        client="myPortal for Teams",
        platform=CHROMIUM,
        first=(_EVENTS, _HOOKS, _PRESENCE),
        when_refused=_HARDLY,
        facts=(
            _NAMED,
            Fact(
                "It is a page inside Teams, which shows pages with Chromium.",
                Standing.INFERRED,
                "what an app for Teams is",
            ),
            Fact(
                "A page that does not load stays away until somebody opens it again.",
                Standing.INFERRED,
                "so do pages",
            ),
            _COMMANDS,
            _POLLING,
        ),
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType({one.id: one for one in _TABLE})

# A client that comes in several kinds, by the name of the client alone.
_BOTH = {"myportal-to-go": ("myportal-to-go-ios", "myportal-to-go-android")}


def in_turn(count: int, kinds: Iterable[str] = PROFILES) -> list[Profile]:
    """`count` clients, of all these kinds in turn; refused when there can't be so many."""
    wanted = list(kinds)
    if not 1 <= count <= MAX_CLIENTS:
        raise Refused.because(
            "client-count",
            f"There can't be {count} clients.",
            field="count",
            instead=f"Ask for 1 to {MAX_CLIENTS}.",
        )
    return [PROFILES[wanted[number % len(wanted)]] for number in range(count)]


def wanted_profiles(wanted: Mapping[str, int] | None, count: int | None) -> list[Profile]:
    """The kind of each client: `wanted` of each, or `count` of all kinds in turn.

    Refused: an unknown kind, none at all or more than `MAX_CLIENTS`, and both ways at once.
    """
    if not wanted:
        return in_turn(DEFAULT_COUNT if count is None else count)
    if count is not None:
        raise Refused.because(
            "client-count",
            "It is said both how many clients there are and how many of each kind.",
            field="count",
            instead="Give one of the two.",
        )
    found: list[Profile] = []
    for name, number in wanted.items():
        if name not in PROFILES and name not in _BOTH:
            raise Refused.because(
                "no-such-profile",
                f"There is no client {name[:40]!r}.",
                field="profile",
                instead=f"There are {', '.join((*PROFILES, *_BOTH))}.",
            )
        found += in_turn(number, _BOTH.get(name, (name,)))
    if len(found) > MAX_CLIENTS:
        in_turn(len(found))
    return found
