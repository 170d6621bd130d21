"""The German texts about verdicts: what clients mind, by rule, and the pages that show it.

`FINDINGS` is by a finding's rule and variant ("" for any other): what is wrong, and the cure.
`{it}` is the certificate that it is about, `{seen}` and `{wanted}` the finding's values.
"""

from __future__ import annotations

import re

_AGAIN = "Es neu ausstellen lassen."
_NEW_LEAF = "Ein Zertifikat aktivieren, das für einen Server ausgestellt ist."
_NEW_CA = "Die CA muss neu gemacht werden, mit dieser Angabe."
_NEW_NAME = (
    "Ein Zertifikat mit diesem Namen oder dieser Adresse als Subject Alternative Name ausstellen "
    "lassen, oder die Clients einen Namen benutzen lassen, der darin steht."
)

# What values of findings say, where that is more than names and numbers.
_VALUES = (
    (r"(\d+) days or less", r"höchstens \1 Tage"),
    (r"(\d+) days", r"\1 Tage"),
    (r"(\d+) CAs below it", r"\1"),
    (r"(\S+) at most", r"höchstens \1"),
    (r"^none$", "nichts"),
    (r" or better", " oder besser"),
    (r" or ", " oder "),
    (r" and (\d+) more", r" und \1 weitere"),
)


def german_value(text: str | None) -> str:
    """A finding's value in German; a question mark for None."""
    if text is None:
        return "?"
    for pattern, german in _VALUES:
        text = re.sub(pattern, german, text)
    return text


FINDINGS: dict[tuple[str, str], tuple[str, str | None]] = {
    # Der Pfad
    ("path", "self-signed"): (
        "Das Zertifikat ist selbstsigniert, und der Client vertraut ihm nicht.",
        "Es dem Client als vertrauenswürdig bekannt machen, oder eines von einer CA aktivieren, "
        "der er vertraut.",
    ),
    ("path", "self-signed-sent"): (
        "Der Pfad endet bei „{seen}“, das selbstsigniert ist und dem der Client nicht vertraut.",
        "Diese CA dem Client als vertrauenswürdig bekannt machen.",
    ),
    ("path", "issuer-missing"): (
        "Der Aussteller des Zertifikats wurde weder gesendet, noch vertraut der Client ihm.",
        "Die CA dem Client bekannt machen; ist sie eine Zwischenstelle, soll der Server sie "
        "mitsenden.",
    ),
    ("path", "anchor-missing"): (
        "Der Pfad endet bei „{seen}“; dessen Aussteller wurde weder gesendet, noch vertraut der "
        "Client ihm.",
        "Diese CA dem Client bekannt machen, oder den Server senden lassen, was fehlt.",
    ),
    ("path", "no-anchor"): (
        "Der Pfad endet bei „{seen}“, das nicht selbstsigniert ist; dieser Client will einen "
        "selbstsignierten Anker.",
        "Auch die Wurzel dieser CA dem Client bekannt machen.",
    ),
    ("path", "too-long"): (
        "Es sind mehr Zertifikate, als dieser Client nimmt.",
        "Nur das Zertifikat und seine Aussteller senden.",
    ),
    ("path", ""): (
        "Kein Pfad führt zu einem Zertifikat, dem der Client vertraut.",
        "Die CA dem Client bekannt machen.",
    ),
    ("anchor-origin", ""): (
        "Apps auf diesem System achten nicht auf CAs, die der Benutzer hinzugefügt hat, es sei "
        "denn, sie sagen es ausdrücklich.",
        "Ein Zertifikat einer öffentlichen CA nehmen, oder eine App, die den CAs des Benutzers "
        "vertraut.",
    ),
    ("signature", "algorithms"): ("{it} nennt zwei verschiedene Signaturverfahren.", _AGAIN),
    ("signature", ""): (
        "{it} wurde nicht mit dem Schlüssel seines Ausstellers signiert.",
        "Das Zertifikat der CA senden, die signiert hat, und dieser vertrauen; eine CA gleichen "
        "Namens mit anderem Schlüssel genügt nicht.",
    ),
    ("signature-algorithm", ""): (
        "{it} ist mit {seen} signiert; das nimmt dieser Client nicht.",
        "Es neu ausstellen lassen, signiert mit SHA-256.",
    ),
    ("key", "small"): (
        "{it} hat einen Schlüssel ({seen}), den dieser Client zu schwach findet.",
        "Es für einen RSA-Schlüssel mit 2048 Bit neu ausstellen lassen.",
    ),
    ("key", ""): (
        "{it} hat einen Schlüssel einer Art ({seen}), die dieser Client nicht nimmt.",
        "Es für einen RSA-Schlüssel mit 2048 Bit neu ausstellen lassen.",
    ),
    ("key-identifier", ""): (
        "{it} nennt einen anderen Schlüssel als den seines Ausstellers.",
        "Es neu ausstellen lassen, mit dem Subject Key Identifier des Ausstellers darin.",
    ),
    ("path-length", ""): (
        "{it} hat mehr CAs unter sich, als es haben darf: {seen}.",
        "Das Zertifikat des Servers direkt von dieser CA ausstellen lassen.",
    ),
    ("depth", ""): (
        "Zwischen Zertifikat und Anker liegen zu viele CAs: {seen}.",
        "Eine CA mit weniger Zwischenstellen nehmen.",
    ),
    # Die Zeit
    ("expired", ""): (
        "{it} ist abgelaufen: {seen}.",
        "Ein Zertifikat aktivieren, das noch gilt.",
    ),
    ("not-yet-valid", ""): (
        "{it} gilt noch nicht: erst ab {seen}.",
        "Warten oder es mit früherem Beginn ausstellen lassen; auf die Uhr des Clients sehen.",
    ),
    ("validity", ""): ("Die Gültigkeit endet, bevor sie beginnt.", _AGAIN),
    ("lifetime", ""): (
        "{it} gilt zu lange: {seen}; dieser Client nimmt {wanted}.",
        "Eines ausstellen lassen, das kürzer gilt.",
    ),
    # Der Name
    ("name", "address-as-dns"): (
        "Die Adresse steht als DNS-Name im Zertifikat; Clients suchen sie unter den IP-Adressen.",
        _NEW_NAME,
    ),
    ("name", "address-in-cn"): (
        "Die Adresse steht nur im Common Name, wo dieser Client keine Adresse sucht.",
        _NEW_NAME,
    ),
    ("name", "cn-only"): (
        "Der Name steht nur im Common Name, wo dieser Client nicht sucht.",
        _NEW_NAME,
    ),
    ("name", "no-names"): ("Das Zertifikat hat keinen Subject Alternative Name.", _NEW_NAME),
    ("name", ""): ("Das Zertifikat ist für {seen}, nicht für {wanted}.", _NEW_NAME),
    ("name-constraints", "kind"): (
        "{it} schränkt Namen einer Art ein, die dieser Client nicht versteht: {seen}.",
        "Eine CA nehmen, die nur DNS-Namen und Adressen einschränkt.",
    ),
    ("name-constraints", ""): (
        "Eine CA darüber darf den Namen {seen} nicht zertifizieren.",
        "Einen Namen nehmen, den die CA zertifizieren darf, oder eine andere CA.",
    ),
    # Der Zweck
    ("ca-as-server", ""): (
        "Das Zertifikat ist das einer CA (CA:TRUE); das nimmt dieser Client von keinem Server.",
        "Ein Zertifikat mit CA:FALSE aktivieren, das für einen Server ausgestellt ist; die CA nur "
        "zum Signieren nehmen.",
    ),
    ("issuer-not-ca", ""): ("{it} signiert Zertifikate, ist aber keine CA ({seen}).", _NEW_CA),
    ("key-usage", "forbidden"): (
        "Der Schlüssel des Zertifikats darf Zertifikate signieren; ein Server darf das nicht.",
        _NEW_LEAF,
    ),
    ("key-usage", ""): (
        "Der Schlüssel des Zertifikats ist nach seiner Key Usage ({seen}) nicht für TLS.",
        _NEW_LEAF,
    ),
    ("issuer-key-usage", ""): (
        "Der Schlüssel der CA darf keine Zertifikate signieren (Key Usage: {seen}).",
        _NEW_CA,
    ),
    ("extended-key-usage", "missing"): (
        "{it} sagt nicht, wofür es ist (Extended Key Usage).",
        "Ein Zertifikat mit serverAuth aktivieren.",
    ),
    ("extended-key-usage", ""): (
        "{it} ist nicht für TLS-Server, sondern für {seen}.",
        "Ein Zertifikat mit serverAuth aktivieren.",
    ),
    ("netscape-type", ""): (
        "Der Netscape Certificate Type des Zertifikats ist nicht der eines Servers.",
        _NEW_LEAF,
    ),
    # Die Form
    ("malformed", ""): ("{it} ist nicht so geschrieben, wie es sein muss.", _AGAIN),
    ("strict", ""): (
        "{it} verletzt eine Regel, auf der dieser Client besteht, weil er streng prüft.",
        _AGAIN,
    ),
    ("critical-extension", ""): (
        "{it} hat eine kritische Erweiterung, die dieser Client nicht kennt: {seen}.",
        "Es ohne diese Erweiterung ausstellen lassen, oder mit ihr als nicht kritisch.",
    ),
    ("version", ""): ("{it} ist nicht von Version 3 ({seen}).", _AGAIN),
    ("issuer-empty", ""): ("{it} nennt keinen Aussteller.", "Eine CA nehmen, die einen Namen hat."),
    ("repeated-serial", ""): (
        "Zwei Zertifikate haben denselben Aussteller und dieselbe Seriennummer ({seen}).",
        "Eines davon neu ausstellen lassen, mit eigener Seriennummer.",
    ),
    # Widerruf und Richtlinien
    ("policy", ""): (
        "{it} nennt keine Richtlinie, und eine CA darüber verlangt eine.",
        "Es mit der Richtlinie der CA ausstellen lassen.",
    ),
    ("message", "certificates"): (
        "Der Server sendet {seen} Zertifikate; dieser Client nimmt {wanted}.",
        "Nur das Zertifikat und seine Aussteller senden.",
    ),
    ("message", "each"): (
        "Ein Zertifikat, das der Server sendet, hat {seen} Bytes; dieser Client nimmt {wanted}.",
        "Es mit weniger Namen ausstellen lassen.",
    ),
    ("message", ""): (
        "Der Server sendet Zertifikate von {seen} Bytes; dieser Client nimmt {wanted}.",
        "Nur das Zertifikat und seine Aussteller senden; es mit weniger Namen ausstellen lassen.",
    ),
    ("tls-feature", "unknown"): (
        "Das Zertifikat verlangt eine TLS-Funktion ({seen}), für die dieser Client nicht sorgen "
        "kann.",
        "Es ohne die Erweiterung TLS Feature ausstellen lassen.",
    ),
    ("tls-feature", ""): (
        "{it} verlangt eine TLS-Funktion ({wanted}), die das Zertifikat nicht verlangt.",
        "Es mit dieser TLS-Funktion ausstellen lassen, oder von einer CA, die keine verlangt.",
    ),
    ("must-staple", ""): (
        "Das Zertifikat verlangt eine mitgesendete OCSP-Auskunft, und der Server sendet keine.",
        "Es ohne diese Erweiterung ausstellen lassen.",
    ),
    ("revoked", ""): ("{it} wurde gesperrt: {seen}.", "Ein anderes Zertifikat aktivieren."),
}

GERMAN: dict[str, str] = {
    "What Clients Say": "Was Clients sagen",
    "Name or address that clients use": "Name oder Adresse, die Clients benutzen",
    "They trust the public authorities alone.": (
        "Sie vertrauen nur den öffentlichen Zertifizierungsstellen."
    ),
    "They trust the public authorities alone; any other issuer is not in this box, so that "
    "nothing can be said of clients that know it.": (
        "Sie vertrauen nur den öffentlichen Zertifizierungsstellen; ein anderer Aussteller ist "
        "nicht in dieser Anlage, darum lässt sich über Clients, die ihn kennen, nichts sagen."
    ),
    "They have been told by their user to trust this very certificate.": (
        "Ihr Benutzer hat ihnen gesagt, dass sie ebendiesem Zertifikat vertrauen sollen."
    ),
    "They have been told by an administrator to trust this very certificate.": (
        "Ein Administrator hat ihnen gesagt, dass sie ebendiesem Zertifikat vertrauen sollen."
    ),
    "They have been told by their user to trust {issuer}.": (
        "Ihr Benutzer hat ihnen gesagt, dass sie {issuer} vertrauen sollen."
    ),
    "They have been told by an administrator to trust {issuer}.": (
        "Ein Administrator hat ihnen gesagt, dass sie {issuer} vertrauen sollen."
    ),
    "What they mind": "Was sie stört",
    "Minded by": "Es stört",
    "Source": "Quelle",
    "Every client": "Alle Clients",
    "measured: such clients were seen to do so. published: predicted from the maker's rule. "
    "assumed: nobody says.": (
        "gemessen: Solche Clients haben es so gemacht. veröffentlicht: aus der Regel des "
        "Herstellers vorhergesagt. angenommen: Niemand sagt es."
    ),
    "UC clients": "UC-Clients",
    "Systems and browsers": "Systeme und Browser",
    "Programs and libraries": "Programme und Bibliotheken",
    "accept": "nehmen es an",
    "warn": "warnen",
    "refuse": "lehnen ab",
    "accepts": "nimmt es an",
    "warns": "warnt",
    "refuses": "lehnt ab",
    "measured": "gemessen",
    "published": "veröffentlicht",
    "assumed": "angenommen",
    "issuer": "Aussteller",
    "who added the issuer": "wer den Aussteller hinzufügte",
    "expired": "abgelaufen",
    "not valid yet": "gilt noch nicht",
    "validity": "Gültigkeit",
    "valid too long": "gilt zu lange",
    "name": "Name",
    "name constraints": "Name Constraints",
    "key": "Schlüssel",
    "key usage": "Key Usage",
    "the CA's key usage": "Key Usage der CA",
    "extended key usage": "Extended Key Usage",
    "key identifiers": "Key Identifier",
    "signature": "Signatur",
    "signature algorithm": "Signaturverfahren",
    "CA as server": "CA als Server",
    "issuer is no CA": "Aussteller ist keine CA",
    "serial number": "Seriennummer",
    "version": "Version",
    "revoked": "gesperrt",
    "strict rules": "strenge Regeln",
    "form": "Form",
    "server certificate": "Serverzertifikat",
    "intermediate CA": "Zwischen-CA",
    "CA": "CA",
    "signed by": "signiert von",
    "missing": "fehlt",
    "until {date}": "bis {date}",
    "From the server up: {chain}": "Vom Server aufwärts: {chain}",
    "How long it is valid, and how long clients let it be": (
        "Wie lange es gilt, und wie lange Clients es gelten lassen"
    ),
    "This certificate": "Dieses Zertifikat",
    "{days} days": "{days} Tage",
    "at most {days}": "höchstens {days}",
    "too long for {days}": "zu lang für {days}",
    "at most until {date}": "höchstens bis {date}",
    "the clients' time": "die Zeit der Clients",
    "All others set no limit here.": "Alle anderen setzen hier keine Grenze.",
    "No client sets a limit for certificates of such an authority.": (
        "Für Zertifikate einer solchen CA setzt kein Client eine Grenze."
    ),
    "What clients of {system} will say": "Was die Clients von {system} sagen werden",
    "This lets in:": "Das lässt ein:",
    "This locks out no client that accepts what is active now.": (
        "Das sperrt keinen Client aus, der annimmt, was jetzt aktiv ist."
    ),
    "Clients that have not been told to trust {issuer} will refuse.": (
        "Clients, denen niemand gesagt hat, dass sie {issuer} vertrauen sollen, werden ablehnen."
    ),
    "Give it to them before you activate.": "Geben Sie es ihnen vor dem Aktivieren.",
    "{count} refuse it, as they refuse what is active now": (
        "{count} lehnen es ab, wie sie auch ablehnen, was jetzt aktiv ist"
    ),
    "{count} refuse it": "{count} lehnen es ab",
    "Every client, and everything they mind": "Alle Clients und alles, was sie stört",
    "nobody": "niemand",
    "their user": "ihr Benutzer",
    "an administrator": "ein Administrator",
    "Who told them to trust the issuer": "Wer ihnen sagte, dem Aussteller zu vertrauen",
    "public authority": "öffentliche CA",
    "not sent, not known": "nicht gesendet, nicht bekannt",
    "no authority": "keine CA",
    "As they came": "Wie sie kamen",
    "Told by their user": "Ihr Benutzer will es",
    "Told by an administrator": "Ein Administrator will es",
    "It is active there already: nothing changes for its clients.": (
        "Dort ist es schon aktiv: Für die Clients ändert sich nichts."
    ),
    "This will lock out {names}": "Ausgesperrt werden {names}",
    "and {count} more": "und {count} weitere",
    "See why": "Warum?",
    "Locked out:": "Ausgesperrt:",
    "Where only their user has told them, these refuse as well:": (
        "Wo es ihnen nur ihr Benutzer gesagt hat, lehnen auch diese ab:"
    ),
    "For {host}, at {time} GMT.": "Für {host}, um {time} GMT.",
    "trusted (user)": "vertraut (Benutzer)",
    "trusted (administrator)": "vertraut (Administrator)",
    "Chrome and Chromium": "Chrome und Chromium",
    "iOS and iPadOS 13 and later": "iOS und iPadOS ab 13",
    "macOS 10.15 and later": "macOS ab 10.15",
    "Android 9 and later": "Android ab 9",
    "Windows and .NET": "Windows und .NET",
    "curl with OpenSSL": "curl mit OpenSSL",
    "wget with GnuTLS": "wget mit GnuTLS",
    "Node.js 24.5 and later": "Node.js ab 24.5",
    "Python up to 3.12 (ssl)": "Python bis 3.12 (ssl)",
    "Python from 3.13 (ssl)": "Python ab 3.13 (ssl)",
    "vouches for itself alone": "bürgt nur für sich selbst",
    "all of them": "alle",
}
