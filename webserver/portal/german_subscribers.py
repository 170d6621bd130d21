"""The German texts of the pages for subscribers."""

from __future__ import annotations

GERMAN: dict[str, str] = {
    "Certificate {fingerprint} (SHA-256), valid until {end} GMT": (
        "Zertifikat {fingerprint} (SHA-256), gültig bis {end} GMT"
    ),
    "Web services": "Webdienste",
    "Key Programming": "Tastenprogrammierung",
    # Logon
    "Extension": "Nebenstelle",
    "Extension or password is wrong.": "Nebenstelle oder Passwort ist falsch.",
    "This box is new. One of its subscribers is": "Diese Anlage ist neu. Ein Teilnehmer ist",
    "Log off": "Abmelden",
    # Keys
    "What is written beside the keys of your telephone. A key without a label shows its number.": (
        "Was neben den Tasten Ihres Telefons steht. Eine Taste ohne Beschriftung zeigt ihre Nummer."
    ),
    "Key {number}": "Taste {number}",
    "Up to {count} characters for each.": "Je bis zu {count} Zeichen.",
    "Save labels": "Beschriftung speichern",
    "The labels are on your telephone now.": "Die Beschriftung ist jetzt auf Ihrem Telefon.",
    # myPortal to go
    "Presence": "Anwesenheit",
    "Office": "Büro",
    "Meeting": "Besprechung",
    "Sick": "Krank",
    "Break": "Pause",
    "Out of the office": "Außer Haus",
    "Vacation": "Urlaub",
    "Lunch": "Mittagspause",
    "Gone home": "Zu Hause",
    "Do not disturb": "Bitte nicht stören",
    "until {time} (GMT)": "bis {time} (GMT)",
    "Set presence": "Anwesenheit setzen",
    "Everybody who watches you was told.": "Alle, die Sie beobachten, wissen es.",
    "Telephone": "Telefon",
    "free": "frei",
    "rings": "klingelt",
    "busy": "besetzt",
    "Calls go to {number}.": "Anrufe gehen an {number}.",
    "Latest calls": "Letzte Anrufe",
    "No calls yet.": "Noch keine Anrufe.",
    "When (GMT)": "Wann (GMT)",
    "Call": "Anruf",
    "With": "Mit",
    "Seconds": "Sekunden",
    "called": "angerufen",
    "was called by": "angerufen von",
    "missed": "verpasst",
    # Application Launcher
    "The program on your computer reaches the box with these settings.": (
        "Mit diesen Einstellungen erreicht das Programm auf Ihrem Rechner die Anlage."
    ),
    "Server address": "Serveradresse",
    "Port": "Port",
    "Connection": "Verbindung",
    "encrypted (HTTPS)": "verschlüsselt (HTTPS)",
    "your extension": "Ihre Nebenstelle",
    "Number for an outside line": "Kennzahl für eine Amtsleitung",
    "It connects to the same port as this page and is shown the same certificate. Where your "
    "browser warned you of this page, the program will not trust the box either.": (
        "Es verbindet sich mit demselben Port wie diese Seite und bekommt dasselbe Zertifikat. Hat "
        "Ihr Browser vor dieser Seite gewarnt, wird auch das Programm der Anlage nicht trauen."
    ),
}
