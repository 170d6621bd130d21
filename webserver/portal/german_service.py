"""The German texts of the Service Center: the journal, and what clients seem to think."""

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
    "a guess": "eine Vermutung",
    "Client": "Client",
    "Offered": "Angeboten",
    "Shown": "Gezeigt",
    "Ended": "Ende",
    "handshake {time} ms": "Handshake {time} ms",
    "still open": "noch offen",
    "requests came": "es kamen Anfragen",
    "refused by the client": "vom Client abgelehnt",
    "refused by this box": "von dieser Anlage abgelehnt",
    "closed in the middle of the handshake": "mitten im Handshake geschlossen",
    "closed without a request": "ohne Anfrage geschlossen",
    "cut off by the client": "vom Client abgebrochen",
    "timed out": "Zeit abgelaufen",
    "no TLS": "kein TLS",
    # What clients seem to think
    "The client finds something wrong with the certificate, and does not say what.": (
        "Der Client findet am Zertifikat etwas falsch und sagt nicht, was."
    ),
    "OpenSSL and Python mean the name, a weak key or that it is not valid yet. Firefox, Go and "
    "GnuTLS say this for nearly everything.": (
        "OpenSSL und Python meinen damit den Namen, einen schwachen Schlüssel oder dass es noch "
        "nicht gilt. Firefox, Go und GnuTLS sagen das zu fast allem."
    ),
    "The client takes no certificate of this kind.": "Der Client nimmt kein Zertifikat dieser Art.",
    "With OpenSSL and Python: its key usage is not that of a server.": (
        "Bei OpenSSL und Python heißt das: Es ist nicht für Server ausgestellt."
    ),
    "The client has heard that the certificate is revoked.": (
        "Der Client hat erfahren, dass das Zertifikat gesperrt ist."
    ),
    "By the client's own clock, the certificate has expired.": (
        "Nach der Uhr des Clients ist das Zertifikat abgelaufen."
    ),
    "Clients with rustls say the same when it is not valid yet.": (
        "Clients mit rustls sagen dasselbe, wenn es noch nicht gilt."
    ),
    "By this box's clock it was valid at that moment: one of the two clocks is wrong, or "
    "somebody has set it.": (
        "Nach der Uhr dieser Anlage war es in dem Augenblick gültig: Eine der beiden Uhren geht "
        "falsch, oder jemand hat sie gestellt."
    ),
    "The client refuses the certificate, and does not say why.": (
        "Der Client lehnt das Zertifikat ab und sagt nicht, warum."
    ),
    "Chromium and Java say this for every reason, an issuer they don't trust above all; OpenSSL "
    "and Python when strict rules are broken.": (
        "Chromium und Java sagen das aus jedem Grund, vor allem, wenn sie dem Aussteller nicht "
        "vertrauen; OpenSSL und Python, wenn strenge Regeln verletzt sind."
    ),
    "The client does not trust the issuer.": "Der Client vertraut dem Aussteller nicht.",
    "Make the CA known to it, or the certificate itself when that is self-signed.": (
        "Machen Sie ihm die CA bekannt, oder das Zertifikat selbst, wenn es selbstsigniert ist."
    ),
    "The client denies access to whoever has this certificate.": (
        "Der Client lässt niemanden mit diesem Zertifikat zu."
    ),
    "The client could not verify a signature: the certificate's, or that of the handshake.": (
        "Der Client konnte eine Signatur nicht prüfen: die des Zertifikats oder die des Handshakes."
    ),
    "The client wanted another name than this.": "Der Client wollte einen anderen Namen.",
    "The client gave up for a reason that has nothing to do with the certificate.": (
        "Der Client hat aus einem Grund aufgegeben, der mit dem Zertifikat nichts zu tun hat."
    ),
    "The client speaks only TLS versions that this box does not.": (
        "Der Client spricht nur TLS-Versionen, die diese Anlage nicht spricht."
    ),
    "It never came to see the certificate.": "Das Zertifikat hat er nie gesehen.",
    "The client and this box have no cipher, or nothing else they need, in common.": (
        "Dem Client und dieser Anlage fehlt ein gemeinsames Verfahren."
    ),
    "This box could make nothing of what the client sent.": (
        "Diese Anlage konnte mit dem, was der Client sandte, nichts anfangen."
    ),
    "The client accepts the certificate, or does not look at it.": (
        "Der Client nimmt das Zertifikat an oder sieht es nicht an."
    ),
    "The client has said nothing yet.": "Der Client hat noch nichts gesagt.",
    "The client spoke no TLS.": "Der Client sprach kein TLS.",
    "Most often http:// was typed instead of https://.": (
        "Meist wurde http:// statt https:// eingegeben."
    ),
    "The client left before it had seen the certificate.": (
        "Der Client ging, bevor er das Zertifikat gesehen hatte."
    ),
    "Port scanners and health checks do that.": "Das tun Portscanner und Verfügbarkeitsprüfungen.",
    "The client does not like the certificate: it left without a word when it had seen it.": (
        "Dem Client gefällt das Zertifikat nicht: Er ging ohne ein Wort, als er es gesehen hatte."
    ),
    "Node.js and aiohttp refuse that way, whatever the reason.": (
        "So lehnen Node.js und aiohttp ab, aus welchem Grund auch immer."
    ),
    "The client does not like the certificate: it left after the handshake without asking.": (
        "Dem Client gefällt das Zertifikat nicht: Er ging nach dem Handshake, ohne etwas zu fragen."
    ),
    "wget refuses that way, and curl when the name does not match. Health checks, and browsers "
    "that connect ahead of need, look the same.": (
        "So lehnt wget ab, und curl, wenn der Name nicht passt. Verfügbarkeitsprüfungen und "
        "Browser, die sich auf Vorrat verbinden, sehen genauso aus."
    ),
    "The client hesitates: it finished the handshake and then said nothing.": (
        "Der Client zögert: Nach dem Handshake sagte er nichts mehr."
    ),
    "Perhaps somebody sat in front of a browser's warning, or the browser had connected ahead of "
    "need.": (
        "Vielleicht saß jemand vor der Warnung eines Browsers, oder der Browser hatte sich auf "
        "Vorrat verbunden."
    ),
    "The client never finished the handshake.": (
        "Der Client hat den Handshake nie zu Ende gebracht."
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
