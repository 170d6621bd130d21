"""The portal's texts: written in English where they are used, looked up here.

A text is its own key. Whitepaper terms (tabs, buttons, fields) stay English in every
language, so that its reader finds them. Knows no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from store.refusals import Refusal
from webserver.portal import (
    german,
    german_acme,
    german_administration,
    german_certificates,
    german_clients,
    german_faults,
    german_opinions,
    german_refusals,
    german_service,
    german_subscribers,
    german_verdicts,
)

LANGUAGES: dict[str, str] = {"en": "English", "de": "Deutsch"}
CATALOGUES: dict[str, Mapping[str, str]] = {
    "en": {},
    "de": (
        german.GERMAN
        | german_acme.GERMAN
        | german_certificates.GERMAN
        | german_administration.GERMAN
        | german_opinions.GERMAN
        | german_service.GERMAN
        | german_verdicts.GERMAN
        | german_subscribers.GERMAN
        | german_clients.GERMAN
        | german_faults.TEXTS
    ),
}
REFUSALS: dict[str, Mapping[str, str]] = {
    "en": {},
    "de": german_refusals.GERMAN | german_acme.REFUSALS,
}


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language; call it like a function."""

    language: str

    def __call__(self, text: str, /, **values: Any) -> str:
        """`text` in this language, its `{names}` filled in from `values`."""
        found = CATALOGUES[self.language].get(text, text)
        return found.format(**values) if values else found

    def refusal(self, refusal: Refusal) -> Refusal:
        """`refusal` in this language; as it is where there are no words for it."""
        found = REFUSALS[self.language].get(refusal.code)
        if found is None:
            return refusal
        return replace(refusal, message=found.format(english=refusal.message), instead=None)


def mark(text: str) -> str:
    """`text` itself; says that it will be looked up later, when the language is known."""
    return text


def choose_language(*, asked: str | None, kept: str | None, accepted: str) -> str:
    """The language of a page: asked for now, chosen before, or the browser's first we have.

    accepted: the header Accept-Language (RFC 9110 12.5.4).
    """
    for choice in (asked, kept):
        if choice in LANGUAGES:
            return choice
    return max(_wishes(accepted), key=lambda wish: wish[1], default=("en", 0.0))[0]


def _wishes(accepted: str) -> list[tuple[str, float]]:
    wishes = []
    for part in accepted[:1_000].split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().partition("-")[0].lower()
        quality = parameter.strip().removeprefix("q=") or "1"
        try:
            weight = float(quality)
        except ValueError:
            continue
        if language in LANGUAGES and weight > 0:
            wishes.append((language, weight))
    return wishes
