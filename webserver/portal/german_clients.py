"""The German texts of the page about UC clients."""

from __future__ import annotations

GERMAN: dict[str, str] = {
    "UC clients": "UC-Clients",
    "The simulated UC clients that live on this box: who is logged on, and what the others say.": (
        "Die simulierten UC-Clients an dieser Anlage: wer angemeldet ist und was die anderen sagen."
    ),
    "User": "Benutzer",
    "Since": "Seit",
    "Last error": "Letzter Fehler",
    "logged on": "angemeldet",
    "in a call": "im Gespräch",
    "connecting": "verbindet sich",
    "cut off": "getrennt",
    "locked out": "ausgesperrt",
    "gave up": "hat aufgegeben",
    "off": "aus",
    "{count} more are not shown.": "{count} weitere werden nicht gezeigt.",
    "No clients are there. Start some with osbiz clients.": (
        "Es sind keine Clients da. Starten Sie welche mit osbiz clients."
    ),
}
