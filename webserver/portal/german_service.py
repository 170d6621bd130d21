"""The German texts of the Service Center's journal."""

from __future__ import annotations

GERMAN: dict[str, str] = {
    # Service Center
    "Journal": "Journal",
    "Connections": "Verbindungen",
    "Show": "Zeigen",
    "all": "alle",
    "Nothing here.": "Hier ist nichts.",
    "More of the list": "Mehr von der Liste",
    "Newest": "Neueste",
    "Older": "Ältere",
    "Times are those of the box's clock at the moment.": (
        "Die Zeiten sind die der Uhr der Anlage im jeweiligen Augenblick."
    ),
    "Whoever connects with TLS leaves a trace here: what it offered, which certificate it was "
    "shown, and what it seems to have thought of it.": (
        "Wer sich mit TLS verbindet, hinterlässt hier eine Spur: was er angeboten hat, welches "
        "Zertifikat er gesehen hat und was er davon zu halten scheint."
    ),
    "Only refusals": "Nur Ablehnungen",
    # Faults in the journal
    "The fault {fault} was set.": "Der Fehler {fault} wurde gesetzt.",
    "The fault {fault} was cleared.": "Der Fehler {fault} wurde aufgehoben.",
    "The fault {fault} has happened as often as it was to: {hits}.": (
        "Der Fehler {fault} ist so oft eingetreten, wie er sollte: {hits}."
    ),
    # The journal's events
    "The box was installed at {lan_ip} with the firmware {firmware}.": (
        "Die Anlage wurde unter {lan_ip} mit der Firmware {firmware} installiert."
    ),
    "The Booster Server was installed at {ip}.": "Der Booster Server wurde unter {ip} installiert.",
    "The simulator was started: the box is at {lan_ip}, its firmware is {firmware}.": (
        "Der Simulator wurde gestartet: Die Anlage ist unter {lan_ip}, ihre Firmware ist "
        "{firmware}."
    ),
    "The simulator was started: the Booster Server is at {ip}.": (
        "Der Simulator wurde gestartet: Der Booster Server ist unter {ip}."
    ),
    "The simulator was stopped.": "Der Simulator wurde beendet.",
    "A restart began: {seconds} s away, WSI sessions ended: {wsi_sessions_ended}.": (
        "Ein Neustart begann: {seconds} s nicht erreichbar, beendete WSI-Sitzungen: "
        "{wsi_sessions_ended}."
    ),
    "The restart is over. It serves at {address}.": (
        "Der Neustart ist vorbei. Unter {address} ist alles wieder erreichbar."
    ),
    "The firmware was changed from {from} to {to}.": (
        "Die Firmware wurde von {from} auf {to} geändert."
    ),
    "The clock was set from {from} to {to}; its rate is {rate}.": (
        "Die Uhr wurde von {from} auf {to} gestellt; ihr Gang ist {rate}."
    ),
    "The LAN IP address was changed from {from} to {to}, with a new certificate.": (
        "Die LAN-IP-Adresse wurde von {from} auf {to} geändert, mit einem neuen Zertifikat."
    ),
    "The IP address was changed to {ip}, with a new certificate.": (
        "Die IP-Adresse wurde auf {ip} geändert, mit einem neuen Zertifikat."
    ),
    "{name} was made.": "{name} wurde gemacht.",
    "{name} was imported, without what does not lead to its root: {left_out}.": (
        "{name} wurde importiert, ohne was nicht zu seiner Wurzel führt: {left_out}."
    ),
    "{name} was imported.": "{name} wurde importiert.",
    "{name} was activated.": "{name} wurde aktiviert.",
    "{name} was removed.": "{name} wurde entfernt.",
    "{name} was issued again: it is valid from {not_before} until {not_after}.": (
        "{name} wurde neu ausgestellt: Es gilt vom {not_before} bis zum {not_after}."
    ),
    "Validity before": "Gültigkeit vorher",
    "{name} came from the system.": "{name} kam vom System.",
    "A certificate was activated on the Booster Server.": (
        "Auf dem Booster Server wurde ein Zertifikat aktiviert."
    ),
    "A backup was made.": "Es wurde gesichert.",
    "The box was restored from a backup of {made}. Its LAN IP address is {lan_ip}.": (
        "Die Anlage wurde aus einer Sicherung vom {made} wiederhergestellt. Ihre LAN-IP-Adresse "
        "ist {lan_ip}."
    ),
    "{account} logged on.": "{account} hat sich angemeldet.",
    "Failed logon as {account}.": "Falsche Anmeldung als {account}.",
    "Failed logon with a name that no account has.": (
        "Falsche Anmeldung mit einem Namen, den kein Konto hat."
    ),
    "{account} chose a new password.": "{account} hat ein neues Passwort gewählt.",
    "{by} set up {account} with the role {role}.": (
        "{by} hat {account} mit der Rolle {role} eingerichtet."
    ),
    "{by} gave {account} the role {role}.": "{by} hat {account} die Rolle {role} gegeben.",
    "{by} set a password for {account}.": "{by} hat für {account} ein Passwort gesetzt.",
    "{by} removed {account}.": "{by} hat {account} gelöscht.",
    "{by} ended sessions of {account}: {count}.": (
        "{by} hat Sitzungen von {account} beendet: {count}."
    ),
    "{by} let {account} log on again at once.": (
        "{by} hat {account} die Anmeldung sofort wieder erlaubt."
    ),
    "Certificate": "Zertifikat",
    "Active until then": "Bis dahin aktiv",
    "Dates in certificates": "Daten in Zertifikaten",
}
