"""The journal in words: one sentence per event, and what else is known of it.

What is not in the table (a newer event, a detail that is missing) is shown as it was
written down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from appliance.acme import EVENT
from store.journal import Entry
from store.refusals import Refusal
from webserver.portal.display import ORIGINS
from webserver.portal.texts import Texts, mark

# The first sentence whose names are all in the detail is taken; the rest of the detail follows it.
_SENTENCES: dict[str, tuple[str, ...]] = {
    "installed": (
        mark("The box was installed at {lan_ip} with the firmware {firmware}."),
        mark("The Booster Server was installed at {ip}."),
    ),
    "started": (
        mark("The simulator was started: the box is at {lan_ip}, its firmware is {firmware}."),
        mark("The simulator was started: the Booster Server is at {ip}."),
    ),
    "stopped": (mark("The simulator was stopped."),),
    "restart-begun": (
        mark("A restart began: {seconds} s away, WSI sessions ended: {wsi_sessions_ended}."),
    ),
    "restart-ended": (mark("The restart is over. It serves at {address}."),),
    "firmware-changed": (mark("The firmware was changed from {from} to {to}."),),
    "clock-set": (mark("The clock was set from {from} to {to}; its rate is {rate}."),),
    "lan-ip-changed": (
        mark("The LAN IP address was changed from {from} to {to}, with a new certificate."),
    ),
    "ip-changed": (mark("The IP address was changed to {ip}, with a new certificate."),),
    "certificate-created": (mark("{name} was made."),),
    "certificate-imported": (
        mark("{name} was imported, without what does not lead to its root: {left_out}."),
        mark("{name} was imported."),
    ),
    "certificate-activated": (mark("{name} was activated."),),
    "certificate-removed": (mark("{name} was removed."),),
    "certificate-redated": (
        mark("{name} was issued again: it is valid from {not_before} until {not_after}."),
    ),
    "certificate-received": (mark("{name} came from the system."),),
    "booster-certificate-activated": (mark("A certificate was activated on the Booster Server."),),
    "backup-made": (mark("A backup was made."),),
    "restored": (
        mark("The box was restored from a backup of {made}. Its LAN IP address is {lan_ip}."),
    ),
    "administrator-logged-on": (mark("{account} logged on."),),
    "administrator-refused": (mark("Failed logon as {account}."),),
    "password-changed": (mark("{account} chose a new password."),),
    "account-created": (mark("{by} set up {account} with the role {role}."),),
    "role-changed": (mark("{by} gave {account} the role {role}."),),
    "password-set": (mark("{by} set a password for {account}."),),
    "account-removed": (mark("{by} removed {account}."),),
    "acme-set-up": (mark("A certificate for {names} was asked of the CA {directory}."),),
    "acme-obtained": (mark("The CA issued {name}."),),
    "acme-installed": (mark("{name} was activated; it is renewed at {next_renewal}."),),
    "acme-failed": (mark("An attempt at the CA failed; the next one is at {next_renewal}."),),
    "acme-warning": (mark("{name} ends at {not_after}, and its renewal fails."),),
    "acme-stopped": (mark("Nothing is asked of a CA any more."),),
    "acme-revoked": (mark("The CA revoked {name}."),),
    "acme-key-changed": (mark("The account at {directory} got a new key."),),
    "sessions-ended": (mark("{by} ended sessions of {account}: {count}."),),
    "fault-set": (mark("The fault {fault} was set."),),
    "fault-cleared": (mark("The fault {fault} was cleared."),),
    "fault-spent": (mark("The fault {fault} has happened as often as it was to: {hits}."),),
    "lockout-lifted": (mark("{by} let {account} log on again at once."),),
}
# Of entries about an ACME CA: what is in their sentences already, or for programs only.
_FOR_PROGRAMS = {"code", "step", "detail", "instead", "call", "level"}
_STRANGER = mark("Failed logon with a name that no account has.")

_LABELS: dict[str, str] = {
    "certificate": mark("Certificate"),
    "before": mark("Active until then"),
    "kind": mark("Kind"),
    "not_after": mark("Valid until"),
    "valid_before": mark("Validity before"),
    "fingerprint_sha256": mark("Fingerprint (SHA-256)"),
    "name": mark("Name"),
    "dates": mark("Dates in certificates"),
    "message": mark("Reason"),
    "said": mark("What was said"),
    "challenge": mark("Challenge"),
    "warnings": mark("But"),
    "contact": mark("E-mail address"),
    "hits": mark("Connections"),
}

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_KINDS = {kind.value: words for kind, words in ORIGINS.items()}

# What a person looks for first.
_GROUPS = {
    "administrator-refused": "warn",
    "restart-begun": "warn",
    "restart-ended": "good",
    "certificate-activated": "good",
    "booster-certificate-activated": "good",
    "lan-ip-changed": "good",
    "restored": "good",
    "acme-installed": "good",
    "acme-failed": "warn",
    "acme-warning": "bad",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One more thing that was written down.

    link: whether `value` is the id of a certificate.
    """

    label: str
    value: str
    link: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """A journal entry in words.

    text: None when there are none for it.
    group: `good`, `warn` or `hint`.
    """

    entry: Entry
    text: str | None
    group: str
    details: tuple[Detail, ...]


def happening(entry: Entry, texts: Texts) -> Happening:
    """`entry` in the language of `texts`."""
    known = _of_a_ca(entry, texts) if entry.event.startswith(EVENT) else entry.detail
    sentence = _sentence(entry.event, known)
    told = set() if sentence is None else _names(sentence)
    return Happening(
        entry=entry,
        text=None if sentence is None else texts(sentence, **_values(known)),
        group=_GROUPS.get(entry.event, "hint"),
        details=tuple(
            _detail(key, value, texts)
            for key, value in known.items()
            if key not in told and value is not None and sentence != _STRANGER
        ),
    )


def _of_a_ca(entry: Entry, texts: Texts) -> dict[str, Any]:
    """What a person wants to know of an entry about an ACME CA, the reason in their language."""
    known = {key: value for key, value in entry.detail.items() if key not in _FOR_PROGRAMS}
    if "code" in entry.detail and "message" in known:
        reason = Refusal(str(entry.detail["code"]), str(known["message"]))
        known["message"] = texts.refusal(reason).message
        known["said"] = entry.detail.get("detail") or None
    return known


def _sentence(event: str, detail: Mapping[str, Any]) -> str | None:
    if event == "administrator-refused" and detail.get("account") == "unknown":
        return _STRANGER
    return next((text for text in _SENTENCES.get(event, ()) if _names(text) <= detail.keys()), None)


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _values(detail: Mapping[str, Any]) -> dict[str, str]:
    values = {key: _shown(value) for key, value in detail.items()}
    if "role" in values:
        values["role"] = values["role"].capitalize()
    return values


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, str) and _TIME.fullmatch(value):
        return f"{value[:10]} {value[11:19]} GMT"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _detail(key: str, value: object, texts: Texts) -> Detail:
    text = _shown(value)
    if key == "kind" and text in _KINDS:
        text = texts(_KINDS[text])
    label = texts(_LABELS[key]) if key in _LABELS else key
    return Detail(label, text, link=key in ("certificate", "before"))
