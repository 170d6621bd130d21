"""What the box says no with, in German, by the refusal's code.

Refusals are made far from any language, with their values filled in. What was typed
stands in the field beside the message, so most need no value; where the English has
what the German can't know, `{english}` brings it along.
"""

GERMAN: dict[str, str] = {
    # Names and subjects
    "name": (
        "Das Zertifikat braucht einen Namen von 1 bis 64 Zeichen, ohne Anführungszeichen, "
        "Schrägstriche, Zeilenumbrüche und < > | : * ?"
    ),
    "subject-missing": "Ein Subject Name wird gebraucht.",
    "subject-attribute": "Der Subject Name kennt nur C, O, OU und CN.",
    "subject-text": "Ein Steuerzeichen kann hier nicht stehen.",
    "subject-length": "Das ist zu lang: höchstens 64 Zeichen sind möglich (RFC 5280).",
    "common-name-missing": (
        "Der Common Name (CN) fehlt: der Name oder die IP-Adresse, unter der Clients die Anlage "
        "erreichen."
    ),
    "country": "Country (C) ist ein Ländercode aus zwei großen Buchstaben, zum Beispiel DE.",
    "san": "Dieser alternative Name ist nicht möglich. ({english})",
    "san-empty": "Es steht kein Name da, der hinzugefügt werden könnte.",
    "san-not-added": "Was hier steht, ist noch nicht in der Liste der Namen: erst Add drücken.",
    "crl-distribution-point": "Das ist kein CRL Distribution Point.",
    # Numbers, times, algorithms
    "serial": (
        "Die Seriennummer ist eine positive ganze Zahl von höchstens 20 Oktetten (RFC 5280)."
    ),
    "serial-taken": "Diese CA hat die Seriennummer schon vergeben; Clients lehnen das ab.",
    "signature-algorithm": "Unterstützt werden sha256RSA, sha384RSA und sha512RSA.",
    "key-length": "Der öffentliche Schlüssel muss RSA mit 2048 Bit sein.",
    "date": "Dieses Datum gibt es nicht. ({english})",
    "time": "Das ist keine Zeit. Beispiel: 2024-01-01T00:00:00Z.",
    "time-range": "Diese Zeit liegt außerhalb des Kalenders. ({english})",
    "validity": "Die Gültigkeit endet, bevor sie beginnt.",
    "rate": "Der Gang der Uhr ist 0 (sie steht) oder 1 bis 100.000.",
    "dates": "Die Daten sind die der Anlage oder auf den wirklichen Kalender verschoben.",
    "duration": "Das ist keine Dauer. Beispiele: 10s, 90d, -2h, 1d12h.",
    "clock-twice": "Die Uhr lässt sich nicht zugleich stellen und verschieben.",
    "not-projectable": (
        "Die Daten eines aktiven Zertifikats lassen sich nicht verschieben: Die Anlage hat den "
        "Schlüssel nicht, der es unterschrieben hat."
    ),
    # Files and keys
    "no-file": "Es wurde keine Datei gewählt.",
    "file-missing": "Es wurde keine Datei gewählt, oder sie ist leer.",
    "too-large": "Die Datei ist zu groß.",
    "not-a-certificate": "Die Datei enthält kein lesbares X.509-Zertifikat (PEM, DER, PKCS#7).",
    "certificate-malformed": "Das Zertifikat ist fehlerhaft. ({english})",
    "not-a-server-certificate": "Gebraucht wird ein TLS-Server-Zertifikat. ({english})",
    "chain-length": "Die Datei enthält zu viele Zertifikate: höchstens 20.",
    "chain-unrelated": "Ein Zertifikat der Datei gehört nicht zur Kette. ({english})",
    "not-a-revocation-list": "Die Datei enthält keine lesbare Sperrliste (PEM oder DER).",
    "not-a-key": "Die Datei enthält keinen lesbaren privaten Schlüssel (PEM oder DER).",
    "key-kind": "Der private Schlüssel ist kein RSA-Schlüssel von 2048 Bit.",
    "key-mismatch": "Der private Schlüssel gehört nicht zum Zertifikat.",
    "key-missing": (
        "Der private Schlüssel fehlt, und keine Zertifikatsanforderung dieser Anlage passt dazu."
    ),
    "pkcs7-empty": "Aus der PKCS#7-Datei ist kein Zertifikat zu gewinnen. ({english})",
    "is-pkcs12": "Das ist eine PKCS#12-Datei: Sie gehört zu PKCS#12, mit ihrer Passphrase.",
    "is-pkcs7": (
        "Das ist eine PKCS#7-Datei, mit Zertifikaten und ohne Schlüssel: Sie ist als "
        "Zertifikatsdatei anzugeben."
    ),
    "is-request": (
        "Das ist eine Signieranfrage: Sie geht an eine Zertifizierungsstelle, und deren Antwort "
        "wird importiert."
    ),
    "is-key": "Das ist ein privater Schlüssel: Er ist als Schlüsseldatei anzugeben.",
    "is-revocation-list": (
        "Das ist eine Sperrliste (CRL): Es ist das Zertifikat selbst anzugeben."
    ),
    "is-java-keystore": (
        "Das ist ein Java-Keystore. Eine PKCS#12-Datei macht daraus: keytool -importkeystore "
        "-srckeystore DATEI -destkeystore NEU.p12 -deststoretype PKCS12"
    ),
    "is-archive": "Das ist ein ZIP-Archiv: Es ist auszupacken, und die Dateien darin zu wählen.",
    "is-web-page": (
        "Das ist eine Webseite: Das Zertifikat ist noch einmal herunterzuladen; gespeichert wurde "
        "die Seite der CA."
    ),
    "not-pkcs12": "Die Datei ist keine PKCS#12-Datei (.p12 oder .pfx).",
    "no-certificate": "Die PKCS#12-Datei enthält kein Zertifikat.",
    "no-key": "Die PKCS#12-Datei enthält keinen Schlüssel.",
    "encryption-unsupported": (
        "Die Datei ist mit einem Verfahren verschlüsselt, das nicht unterstützt wird; mit AES-256 "
        "geht es. ({english})"
    ),
    "too-many-iterations": "Die Datei verlangt zu viele Runden der Schlüsselableitung.",
    "passphrase-length": "Die Passphrase braucht mindestens 7 und höchstens 32 Zeichen.",
    "passphrase-characters": "Die Passphrase enthält ein Steuerzeichen.",
    "passphrase-missing": "Eine Passphrase von 7 bis 32 Zeichen wird gebraucht.",
    "passphrase-repeat": "Die beiden Passphrasen sind verschieden.",
    "passphrase-wrong": "Mit dieser Passphrase geht die Datei nicht auf, oder sie ist beschädigt.",
    "not-a-backup": "Die Datei ist keine Sicherung einer Anlage.",
    # What is there and what can be done with it
    "no-such-certificate": "Dieses Zertifikat gibt es nicht (mehr).",
    "no-such-environment": "Diese Client-Umgebung gibt es nicht. ({english})",
    "no-such-file": "Diese Datei gibt es nicht.",
    "certificate-active": "Das Zertifikat ist aktiv; zuerst ein anderes aktivieren.",
    "certificate-pending": "Eine Zertifikatsanforderung, auf die noch keine CA geantwortet hat.",
    "authority-missing": "Ein Server-Zertifikat wird von einer CA unterschrieben.",
    "authority-unusable": "Mit diesem Zertifikat kann die Anlage nicht unterschreiben.",
    "tls-refused": "TLS kann dieses Zertifikat nicht verwenden. ({english})",
    "restarting": "Die Anlage startet gerade neu; danach noch einmal versuchen.",
    "running": "Die Anlage läuft bereits.",
    "not-running": "Die Anlage läuft nicht.",
    "storage-failed": "Es konnte nicht gespeichert werden; nichts wurde geändert. ({english})",
    # The network and the Booster Server
    "address-malformed": "Das ist keine IPv4-Adresse. Beispiel: 192.168.1.2.",
    "address-not-usable": "Das kann nicht die Adresse eines Rechners sein.",
    "address-not-available": "Diese Adresse hat der Rechner nicht. ({english})",
    "port-taken": "An dieser Adresse ist ein Port schon belegt. ({english})",
    "port-forbidden": "Diesen Port darf das Programm hier nicht benutzen. ({english})",
    "no-booster": "Zu dieser Anlage gehört kein Booster Server.",
    "booster-away": "Der Booster Server antwortet nicht; nichts wurde geändert.",
    "booster-changed": (
        "Der Booster Server zeigt ein anderes Zertifikat als das bekannte; nichts wurde gesendet."
    ),
    "booster-refused": "Der Booster Server hat abgelehnt; nichts wurde geändert. ({english})",
    # Telephones
    "key-label": "Diese Beschriftung passt nicht: bis zu 24 Buchstaben, Ziffern und Zeichen.",
    "no-such-key": "Diese Taste gibt es nicht.",
    "no-such-device": "Diese Nebenstelle hat niemand.",
    "no-such-number": "Diese Nummer hat niemand.",
    "missing-parameter": "Es fehlt eine Angabe. ({english})",
    "presence": "Diese Anwesenheit gibt es nicht.",
    "text": "Dieser Text ist zu lang.",
    # Faults
    "no-such-fault": "Diesen Fehler gibt es nicht.",
    "fault-parameter": "Dieser Wert ist nicht möglich. ({english})",
    "tls-unsupported": "So kann OpenSSL hier kein TLS sprechen. ({english})",
    "fault-limit": "So lässt sich dieser Fehler nicht begrenzen. ({english})",
    "no-other-node": (
        "Zertifikat und Schlüssel des anderen Knotens sind hier nicht zu haben: Anlage und "
        "Booster Server müssten in einem Prozess laufen."
    ),
    # Administrators
    "account-name": (
        "Kontonamen sehen aus wie expert@system: kleine Buchstaben, Ziffern, Punkte, Bindestriche."
    ),
    "account-taken": "Ein Konto dieses Namens gibt es schon.",
    "account-own": "Mit diesem Konto sind Sie selbst angemeldet.",
    "account-last": "Es ist das letzte Konto, das Administratoren verwalten darf.",
    "accounts": "Mit den Konten der Sicherung könnte niemand die Anlage verwalten.",
    "no-such-account": "Dieses Konto gibt es nicht.",
    "role": "Diese Rolle gibt es nicht.",
    "right-missing": "Ihre Rolle reicht dafür nicht.",
    "password-length": "Das neue Passwort braucht 8 bis 128 Zeichen.",
    "password-default": "Das ist das voreingestellte Passwort, das jeder kennt.",
    "password-repeat": "Die beiden Passwörter sind verschieden.",
    "password-wrong": "Das jetzige Passwort ist falsch.",
    "locked-out": "Zu viele Fehlversuche; später noch einmal versuchen.",
}
