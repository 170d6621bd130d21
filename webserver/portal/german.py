"""The German texts. Keys are the English ones; the whitepaper's terms are not translated."""

from __future__ import annotations

GERMAN: dict[str, str] = {
    # Frame
    "A simulator of an OpenScape Business system. Not a product of its makers.": (
        "Ein Simulator eines OpenScape-Business-Systems. Kein Produkt von dessen Herstellern."
    ),
    "Language": "Sprache",
    "To the content": "Zum Inhalt",
    "Task centres": "Aufgabenbereiche",
    "Where you are": "Wo Sie sind",
    "Tabs": "Reiter",
    # States and times
    "running": "läuft",
    "restarting": "startet neu",
    "does not answer": "antwortet nicht",
    "off": "aus",
    "expired": "abgelaufen",
    "not yet valid": "noch nicht gültig",
    "less than a day left": "noch weniger als ein Tag",
    "1 day left": "noch 1 Tag",
    "{days} days left": "noch {days} Tage",
    "approx. 2-3 minutes": "ca. 2-3 Minuten",
    "less than a second": "weniger als eine Sekunde",
    "about {seconds} s": "etwa {seconds} s",
    # Logon
    "Logon": "Anmeldung",
    "User name": "Benutzername",
    "Password": "Passwort",
    "Log on": "Anmelden",
    "This box is new. Its first user is": "Diese Anlage ist neu. Ihr erster Benutzer ist",
    "the password": "das Passwort",
    "The box is running again. A restart ends all sessions: please log on.": (
        "Die Anlage läuft wieder. Ein Neustart beendet alle Sitzungen: Bitte melden Sie sich an."
    ),
    "You are logged out.": "Sie sind abgemeldet.",
    "You are not logged on, or your session has ended.": (
        "Sie sind nicht angemeldet, oder Ihre Sitzung ist beendet."
    ),
    "User name or password is wrong.": "Benutzername oder Passwort ist falsch.",
    "Too many failed logons. Try again in {seconds} s.": (
        "Zu viele falsche Anmeldungen. Versuchen Sie es in {seconds} s wieder."
    ),
    # Password
    "Change password": "Passwort ändern",
    "This is the first logon with the default password, which everybody knows. "
    "Choose your own before you go on.": (
        "Dies ist die erste Anmeldung mit dem voreingestellten Passwort, das jeder kennt. "
        "Wählen Sie ein eigenes, bevor es weitergeht."
    ),
    "Present password": "Bisheriges Passwort",
    "New password": "Neues Passwort",
    "8 to 128 characters.": "8 bis 128 Zeichen.",
    "Repeat the new password": "Neues Passwort wiederholen",
    "The password was changed.": "Das Passwort wurde geändert.",
    # Home
    "System": "System",
    "State": "Zustand",
    "LAN IP address": "LAN-IP-Adresse",
    "IP address": "IP-Adresse",
    "Box time (GMT)": "Zeit der Anlage (GMT)",
    "stands still": "steht still",
    "runs {rate} times as fast": "läuft {rate}-mal so schnell",
    "Installed": "Installiert",
    "Active certificates": "Aktive Zertifikate",
    "Name": "Name",
    "Its certificate is not known yet.": "Ihr Zertifikat ist noch nicht bekannt.",
    # Administrators
    "Role": "Rolle",
    "you": "Sie",
    # Expert Mode
    "CA certificates and self-signed ones: generate, export, sign with them": (
        "CA-Zertifikate und selbstsignierte: erzeugen, exportieren, damit signieren"
    ),
    "Certificates and signing requests: import, generate, export, activate": (
        "Zertifikate und Signieranfragen: importieren, erzeugen, exportieren, aktivieren"
    ),
    "The IP address, and with it the default certificate": (
        "Die IP-Adresse und mit ihr das voreingestellte Zertifikat"
    ),
    # Certificates
    "Kind": "Art",
    "Valid until": "Gültig bis",
    "Active on": "Aktiv auf",
    "active on {system}": "aktiv auf {system}",
    "default": "voreingestellt",
    "self-signed": "selbstsigniert",
    "CA certificate": "CA-Zertifikat",
    "CA-signed": "von CA signiert",
    "signing request": "Signieranfrage",
    "imported": "importiert",
    "Certificate Chain": "Zertifikatskette",
    "Sent after it": "Danach gesendet",
    # Activation
    "The system that is chosen restarts: for {time} its web services, the portal included, "
    "can't be reached, and all sessions end.": (
        "Das gewählte System startet neu: {time} lang sind seine Webdienste samt Portal nicht "
        "erreichbar, und alle Sitzungen enden."
    ),
    "Certificate and key were transferred. The Booster Server restarts with them; this box "
    "goes on serving.": (
        "Zertifikat und Schlüssel wurden übertragen. Der Booster Server startet damit neu; "
        "diese Anlage bleibt erreichbar."
    ),
    # Hints
    "It expired on {date} GMT.": "Es ist am {date} GMT abgelaufen.",
    "Clients refuse it. Activate a valid certificate.": (
        "Clients lehnen es ab. Aktivieren Sie ein gültiges Zertifikat."
    ),
    "It is not valid before {date} GMT.": "Es ist erst ab {date} GMT gültig.",
    "Clients refuse it until then. Check the box's clock.": (
        "Bis dahin lehnen Clients es ab. Prüfen Sie die Uhr der Anlage."
    ),
    "It expires on {date} GMT.": "Es läuft am {date} GMT ab.",
    "Get a new one and activate it before that.": (
        "Besorgen Sie ein neues und aktivieren Sie es vorher."
    ),
    "It is self-signed.": "Es ist selbstsigniert.",
    "No client trusts it unless it is told to; browsers warn.": (
        "Kein Client vertraut ihm von sich aus; Browser warnen."
    ),
    "It has no Subject Alternative Name.": "Es hat keinen Subject Alternative Name.",
    "Most clients look for the name there only, and refuse without.": (
        "Die meisten Clients suchen den Namen nur dort und lehnen es sonst ab."
    ),
    "Its Common Name (CN) is an IP address.": "Sein Common Name (CN) ist eine IP-Adresse.",
    "Public authorities certify names, and clients do not look for addresses there.": (
        "Öffentliche CAs bestätigen Namen, und Clients suchen Adressen nicht dort."
    ),
    "It is valid for {days} days.": "Es gilt {days} Tage.",
    "Some client environments accept no more than {longest}.": (
        "Manche Client-Umgebungen nehmen höchstens {longest} an."
    ),
    # LAN
    "Another IP address means another certificate.": (
        "Eine andere IP-Adresse bedeutet ein anderes Zertifikat."
    ),
    "The box makes a new self-signed certificate for the new address and activates it.": (
        "Die Anlage macht ein neues selbstsigniertes Zertifikat für die neue Adresse und "
        "aktiviert es."
    ),
    "Every browser, client and device has to trust it anew.": (
        "Jeder Browser, jeder Client und jedes Gerät muss ihm neu vertrauen."
    ),
    "The present one, {name}, stays in the store and can be activated again.": (
        "Das jetzige, {name}, bleibt gespeichert und kann wieder aktiviert werden."
    ),
    "The box restarts: for {time} nothing can be reached, then it is at the new address only.": (
        "Die Anlage startet neu: {time} lang ist nichts erreichbar, danach nur die neue Adresse."
    ),
    "An address of this machine, for example 127.0.0.9.": (
        "Eine Adresse dieses Rechners, zum Beispiel 127.0.0.9."
    ),
    "That is the present address. Nothing was changed.": (
        "Das ist die jetzige Adresse. Nichts wurde geändert."
    ),
    # Waiting
    "The box restarts": "Die Anlage startet neu",
    "Restart": "Neustart",
    "It comes back with the certificate {name}.": "Sie kommt mit dem Zertifikat {name} wieder.",
    "From then on it is at": "Von da an ist sie unter",
    ", and nothing answers at the old address.": (
        " zu erreichen, und an der alten Adresse antwortet nichts mehr."
    ),
    "Away for": "Abwesend seit",
    "The box should be back.": "Die Anlage sollte wieder da sein.",
    "It takes {time}. This page then takes you to the logon by itself.": (
        "Das dauert {time}. Danach führt diese Seite Sie von selbst zur Anmeldung."
    ),
    "To the logon": "Zur Anmeldung",
    "Your browser will probably warn: the box shows another certificate than before, and the "
    "browser trusts it only if it knows its issuer, or once you have accepted it. Before "
    "you do, compare its SHA-256 fingerprint with this one:": (
        "Ihr Browser wird wahrscheinlich warnen: Die Anlage zeigt ein anderes Zertifikat als "
        "vorher, und der Browser vertraut ihm nur, wenn er dessen Aussteller kennt oder Sie es "
        "angenommen haben. Vergleichen Sie vorher seinen SHA-256-Fingerprint mit diesem:"
    ),
    # Booster Server
    "This server runs beside an OpenScape Business system and has a certificate of its own. "
    "It gets another one from the system: Expert Mode, Server Certificates, Activate "
    "Certificate.": (
        "Dieser Server läuft neben einem OpenScape-Business-System und hat ein eigenes "
        "Zertifikat. Ein anderes bekommt er vom System: Expert Mode, Server Certificates, "
        "Activate Certificate."
    ),
    # Errors
    "Not possible": "Nicht möglich",
    "To the start page": "Zur Startseite",
    "The request can't be read.": "Die Anfrage ist nicht zu lesen.",
    "This form was not sent from a page of this portal, or its page is too old.": (
        "Dieses Formular kam nicht von einer Seite dieses Portals, oder seine Seite ist zu alt."
    ),
    "There is no such page.": "Diese Seite gibt es nicht.",
    "This page does not take that.": "Das nimmt diese Seite nicht an.",
    "What was sent is larger than {size} MiB.": "Das Gesendete ist größer als {size} MiB.",
    "What was sent is no form.": "Das Gesendete ist kein Formular.",
    "The simulator failed to do this; its log says why.": (
        "Das ist dem Simulator misslungen; sein Protokoll sagt, warum."
    ),
}
