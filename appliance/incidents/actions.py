"""What can be done in a step: a table, `ACTIONS`. How it is done is for the floor above."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from appliance import firmware
from appliance.incidents import sections as s
from appliance.incidents.form import NODES, Action, Actor, Life, Wanted
from appliance.incidents.places import Path
from appliance.incidents.sections import REQUIRED, Field, Mistakes
from appliance.spans import format_span
from store.certificate import iso_time
from store.issuing import ALGORITHMS
from store.names import parse_alternative_names
from store.refusals import Refusal, Refused

EXAMPLE_ADDRESS = "127.0.0.2"
DEFAULT_LIFE = timedelta(days=365)


def filled(text: str, *, lan_ip: str, booster_ip: str | None) -> str:
    """`text` with the addresses in place of `{lan_ip}` and `{booster_ip}`."""
    return text.replace("{lan_ip}", lan_ip).replace("{booster_ip}", booster_ip or lan_ip)


def san(value: object) -> tuple[str, ...]:
    """Subject alternative names; addresses may be `{lan_ip}` and `{booster_ip}`."""
    found = s.texts(value)
    wrong: list[Refusal] = []
    parse_alternative_names(
        [filled(one, lan_ip=EXAMPLE_ADDRESS, booster_ip=None) for one in found], wrong
    )
    if wrong:
        raise Refused(*wrong)
    return found


def _common_name(value: object) -> str:
    """A text in which nothing but an address is to be filled in."""
    found = s.text(value)
    if re.search(r"[{}]", filled(found, lan_ip="", booster_ip=None)):
        raise s.Wrong("text; in braces nothing but {lan_ip} and {booster_ip}")
    return found


LIFE: dict[str, Field] = {
    "not_before": Field(s.moment, "time", "when its validity begins"),
    "not_after": Field(s.moment, "time", "when its validity ends"),
    "validity": Field(s.span, "span", "how long it is valid, instead of `not_after`"),
}
WANTED: dict[str, Field] = {
    "name": Field(s.name, "name", "what the file calls it", REQUIRED),
    "common_name": Field(_common_name, "text", "the CN of its subject", "{lan_ip}"),
    "san": Field(
        san,
        "list of texts",
        "subject alternative names such as `DNS:box.example` and `IP:{lan_ip}`",
        ("IP:{lan_ip}",),
    ),
    **LIFE,
    "algorithm": Field(
        s.one_of(*ALGORITHMS), " or ".join(ALGORITHMS), "its signature", "sha256RSA"
    ),
}
_AUTHORITY = Field(s.name, "name", "the authority that issues it", REQUIRED)
_CHAIN = Field(s.flag, "true or false", "whether intermediate certificates come with it", True)
_NODE = Field(s.one_of(*NODES), " or ".join(NODES), "on which node", "system")
_NAMES = Field(s.names, "name or list of names", "certificates or authorities", REQUIRED)
_WHOSE = Field(s.names, "name or list of names", "whose clients; everybody's when left out")
_CERTIFICATE = Field(s.name, "name", "the certificate", REQUIRED)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of action.

    what: for the reference. words: told when it is done; the action's values are filled in.
    fields: what its table holds. short: the field meant when a plain value stands there.
    more: whether it may hold other fields, which are somebody else's to check.
    """

    actor: Actor
    what: str
    words: str
    fields: Mapping[str, Field]
    short: str | None = None
    more: bool = False


ACTIONS: Mapping[str, Kind] = MappingProxyType(
    {
        "clock": Kind(
            Actor.TIME,
            "the box's calendar is set, or moved",
            "The box's clock is now {clock}.",
            {
                "now": Field(s.moment, "time", "to this time"),
                "shift": Field(s.any_span, "span", "by this, forward or back"),
            },
            short="now",
        ),
        "make": Kind(
            Actor.ADMINISTRATOR,
            "a self-signed certificate is made on the box; it is not active",
            "A self-signed certificate is made: {name}.",
            WANTED,
        ),
        "obtain": Kind(
            Actor.ADMINISTRATOR,
            "an authority issues a certificate, and it is imported; it is not active",
            "{authority} issues {name}, and it is imported.",
            {**WANTED, "authority": _AUTHORITY, "chain": _CHAIN},
        ),
        "activate": Kind(
            Actor.ADMINISTRATOR,
            "a certificate is activated; the node restarts",
            "{certificate} is activated on {node}.",
            {"certificate": _CERTIFICATE, "node": _NODE},
            short="certificate",
        ),
        "redate": Kind(
            Actor.TIME,
            "a certificate is issued again with other dates, as `osbiz validity` does",
            "{certificate} is issued again, with other dates.",
            {
                "certificate": _CERTIFICATE,
                "node": _NODE,
                "not_before": LIFE["not_before"],
                "not_after": LIFE["not_after"],
                "expire_in": Field(s.any_span, "span", "it expires after so long"),
                "expired_since": Field(s.any_span, "span", "it expired so long ago"),
                "not_valid_for": Field(s.any_span, "span", "it is valid only after so long"),
            },
        ),
        "remove": Kind(
            Actor.ADMINISTRATOR,
            "a certificate that is not active is removed",
            "{certificate} is removed.",
            {"certificate": _CERTIFICATE},
            short="certificate",
        ),
        "firmware": Kind(
            Actor.ADMINISTRATOR,
            "another release runs from now on",
            "The firmware is now {release}.",
            {
                "release": Field(
                    s.one_of(*firmware.RELEASES), ", ".join(firmware.RELEASES), "which", REQUIRED
                )
            },
            short="release",
        ),
        "backup": Kind(
            Actor.ADMINISTRATOR,
            "everything the box holds is saved, under a name",
            "A backup is made: {name}.",
            {"name": Field(s.name, "name", "what the backup is called", REQUIRED)},
            short="name",
        ),
        "restore": Kind(
            Actor.ADMINISTRATOR,
            "a backup of this incident is restored; the box restarts",
            "The backup {name} is restored.",
            {"name": Field(s.name, "name", "which backup", REQUIRED)},
            short="name",
        ),
        "reset": Kind(
            Actor.ADMINISTRATOR,
            "box and Booster Server are as newly installed",
            "The box is reset.",
            {"all": Field(s.yes, "true", "", True)},
            short="all",
        ),
        "lan_ip": Kind(
            Actor.NETWORK,
            "the LAN IP address changes: a new default certificate, active at once",
            "The LAN IP address is now {address}.",
            {"address": Field(s.address, "address", "the new one", REQUIRED)},
            short="address",
        ),
        "reconnect": Kind(
            Actor.NETWORK,
            "all connections end, and everybody connects again",
            "All connections end; everybody connects again.",
            {"all": Field(s.yes, "true", "", True)},
            short="all",
        ),
        "trust": Kind(
            Actor.USERS,
            "clients are given something to trust",
            "Clients are given to trust: {names}.",
            {"names": _NAMES, "clients": _WHOSE},
            short="names",
        ),
        "distrust": Kind(
            Actor.USERS,
            "clients no longer trust something",
            "Clients no longer trust: {names}.",
            {"names": _NAMES, "clients": _WHOSE},
            short="names",
        ),
        "fault": Kind(
            Actor.FAULT,
            "a fault begins; its own parameters stand beside these fields (see faults)",
            "A fault begins on {node}: {name}.",
            {"name": Field(s.name, "name", "which fault", REQUIRED), "node": _NODE},
            short="name",
            more=True,
        ),
        "clear_fault": Kind(
            Actor.FAULT,
            "a fault ends",
            "A fault ends on {node}: {name}.",
            {"name": Field(s.name, "name", "which fault", REQUIRED), "node": _NODE},
            short="name",
        ),
    }
)


def read_life(
    values: Mapping[str, Any], place: Path, mistakes: Mistakes, *, usual: timedelta = DEFAULT_LIFE
) -> Life:
    """The fields `LIFE` of a table that was read; it lasts `usual` when nothing is said."""
    first, last, validity = (values[name] for name in ("not_before", "not_after", "validity"))
    if last is not None and validity is not None:
        mistakes.add(
            (*place, "validity"), "it is said twice when it ends.", "not_after or validity."
        )
    if first is not None and last is not None and last <= first:
        mistakes.add((*place, "not_after"), "it ends before it begins.", "a later time.")
    return Life(
        not_before=first,
        not_after=last,
        validity=usual if validity is None and last is None else validity,
    )


def read_wanted(values: Mapping[str, Any], place: Path, mistakes: Mistakes) -> Wanted:
    """The fields `WANTED` of a table that was read, with `authority` and `chain` if it has them."""
    return Wanted(
        name=values["name"],
        authority=values.get("authority"),
        common_name=values["common_name"],
        san=values["san"],
        life=read_life(values, place, mistakes),
        algorithm=values["algorithm"],
        chain=values.get("chain", True),
    )


def described(action: Action) -> str:
    """What an action is to do, as a sentence."""
    values = dict(action.values)
    if "wanted" in values:
        wanted = values["wanted"]
        values = {"name": wanted.name, "authority": wanted.authority}
    if action.kind == "clock":
        now, shift = values["now"], values["shift"]
        values["clock"] = f"moved by {format_span(shift)}" if now is None else iso_time(now)
    return told(action.kind, values)


def told(kind: str, values: Mapping[str, Any]) -> str:
    """What is done, as a sentence."""
    words = {
        name: ", ".join(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }
    if words.get("node") in NODES:
        words["node"] = {"system": "the box", "booster": "the Booster Server"}[words["node"]]
    return ACTIONS[kind].words.format_map(words)
