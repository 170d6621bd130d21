"""Verdicts in the portal's words: environments in groups, outcomes, reasons, findings.

English is what the judgement itself says; other languages have a sentence for each rule.
Knows no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from appliance.trust import ENVIRONMENTS, Finding, Outcome, Standing, Verdict
from webserver.outlook import Telling
from webserver.portal.german_verdicts import FINDINGS as GERMAN_FINDINGS
from webserver.portal.german_verdicts import german_value
from webserver.portal.texts import Texts, mark

_UC = (
    "myportal-at-work",
    "myportal-to-go-ios",
    "myportal-to-go-android",
    "application-launcher",
    "mycontacts",
    "myportal-for-teams",
)
_PLACES = ("ios", "macos", "android", "windows", "edge", "chromium", "firefox", "teams")

# What every page that lists environments begins with; what is in neither is a program.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (mark("UC clients"), _UC),
    (mark("Systems and browsers"), _PLACES),
    (
        mark("Programs and libraries"),
        tuple(name for name in ENVIRONMENTS if name not in (*_UC, *_PLACES)),
    ),
)

# Titles of environments with words in them that are no names.
TITLES: tuple[str, ...] = (
    mark("Chrome and Chromium"),
    mark("iOS and iPadOS 13 and later"),
    mark("macOS 10.15 and later"),
    mark("Android 9 and later"),
    mark("Windows and .NET"),
    mark("curl with OpenSSL"),
    mark("wget with GnuTLS"),
    mark("Node.js 24.5 and later"),
    mark("Python up to 3.12 (ssl)"),
    mark("Python from 3.13 (ssl)"),
)

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: mark("accepts"),
    Outcome.WARNED: mark("warns"),
    Outcome.REFUSED: mark("refuses"),
}
LEVELS: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "good",
    Outcome.WARNED: "warn",
    Outcome.REFUSED: "bad",
}
STANDINGS: Mapping[Standing, str] = {
    Standing.MEASURED: mark("measured"),
    Standing.PUBLISHED: mark("published"),
    Standing.ASSUMED: mark("assumed"),
}
TELLINGS: Mapping[Telling, str] = {
    Telling.NOTHING: mark("As they came"),
    Telling.USER: mark("Told by their user"),
    Telling.ADMINISTRATOR: mark("Told by an administrator"),
}
TELLERS: Mapping[Telling, str] = {
    Telling.NOTHING: mark("nobody"),
    Telling.USER: mark("their user"),
    Telling.ADMINISTRATOR: mark("an administrator"),
}

# A reason in two or three words, by the finding's rule.
SHORT: Mapping[str, str] = {
    "path": mark("issuer"),
    "anchor-origin": mark("who added the issuer"),
    "expired": mark("expired"),
    "not-yet-valid": mark("not valid yet"),
    "validity": mark("validity"),
    "lifetime": mark("valid too long"),
    "name": mark("name"),
    "name-constraints": mark("name constraints"),
    "key": mark("key"),
    "key-usage": mark("key usage"),
    "issuer-key-usage": mark("the CA's key usage"),
    "extended-key-usage": mark("extended key usage"),
    "key-identifier": mark("key identifiers"),
    "signature": mark("signature"),
    "signature-algorithm": mark("signature algorithm"),
    "ca-as-server": mark("CA as server"),
    "issuer-not-ca": mark("issuer is no CA"),
    "repeated-serial": mark("serial number"),
    "version": mark("version"),
    "revoked": mark("revoked"),
    "strict": mark("strict rules"),
}
_OTHER = mark("form")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that environments mind.

    text, cure: in the page's language. cure, source: None when there is none.
    names: titles of who minds it, and how sure that is of each, in words; UC clients first.
    everybody: whether that is all that were asked.
    """

    level: str
    text: str
    cure: str | None
    source: str
    names: tuple[tuple[str, str], ...]
    everybody: bool


def title_of(environment: str, texts: Texts) -> str:
    """What people call the environment with this id."""
    return texts(ENVIRONMENTS[environment].title)


def first_reason(verdict: Verdict, texts: Texts) -> str | None:
    """The first thing that `verdict` minds, in two or three words; None when it accepts."""
    for finding in verdict.findings:
        if finding.severity != "note":
            return short_reason(finding, texts)
    return None


def short_reason(finding: Finding, texts: Texts) -> str:
    """What was found, in two or three words."""
    return texts(SHORT.get(finding.rule, _OTHER))


def finding_words(finding: Finding, texts: Texts) -> tuple[str, str | None]:
    """What was found, and the cure, in the language of `texts`."""
    if texts.language == "de":
        known = GERMAN_FINDINGS
        words = known.get((finding.rule, finding.variant)) or known.get((finding.rule, ""))
        if words is not None:
            it = "Das Zertifikat" if not finding.certificate else "Ein CA-Zertifikat im Pfad"
            seen, wanted = german_value(finding.seen), german_value(finding.wanted)
            return words[0].format(it=it, seen=seen, wanted=wanted), words[1]
    return finding.detail, finding.cure


def troubles(verdicts: Iterable[Verdict], texts: Texts) -> list[Trouble]:
    """All that is minded, each once, what most mind first."""
    found: dict[tuple[str, str], tuple[Finding, str | None, dict[str, str]]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            if finding.severity == "note":
                continue
            text, cure = finding_words(finding, texts)
            _, _, names = found.setdefault((finding.severity, text), (finding, cure, {}))
            title = title_of(verdict.environment, texts)
            names[title] = texts(STANDINGS[verdict.standing])
    ordered = sorted(found.items(), key=lambda one: (one[0][0] != "refuse", -len(one[1][2])))
    first = [title_of(name, texts) for name in _UC]
    return [
        Trouble(
            "bad" if severity == "refuse" else "warn",
            text,
            cure,
            finding.source,
            tuple(sorted(names.items(), key=lambda one: one[0] not in first)),
            len(names) == len(ENVIRONMENTS),
        )
        for (severity, text), (finding, cure, names) in ordered
    ]


def first_troubles(verdicts: Iterable[Verdict], texts: Texts) -> list[Trouble]:
    """The same, of each verdict the first thing only."""
    return troubles([replace(one, findings=_first(one)) for one in verdicts], texts)


def _first(verdict: Verdict) -> tuple[Finding, ...]:
    return tuple(one for one in verdict.findings if one.severity != "note")[:1]
