"""The German texts of the certificates' forms and of the timeline; see `german`."""

from __future__ import annotations

GERMAN: dict[str, str] = {
    # Rights
    "Making and removing certificates needs the role {roles}.": (
        "Zertifikate machen und entfernen darf nur, wer die Rolle {roles} hat."
    ),
    "Importing certificates needs the role {roles}.": (
        "Zertifikate importieren darf nur, wer die Rolle {roles} hat."
    ),
    "Activating a certificate needs the role {roles}.": (
        "Ein Zertifikat aktivieren darf nur, wer die Rolle {roles} hat."
    ),
    "You are logged on with the role {role}. Log on as an Expert; an administrator who may "
    "manage accounts sets one up under Administrators.": (
        "Sie sind mit der Rolle {role} angemeldet. Melden Sie sich als Expert an; ein "
        "Administrator, der Konten verwalten darf, richtet einen unter Administrators ein."
    ),
    # Forms
    "Nothing was generated. What has to be put right stands beside the fields.": (
        "Nichts wurde erzeugt. Was zu berichtigen ist, steht bei den Feldern."
    ),
    "Files are named after it.": "Nach ihm heißen die Dateien.",
    "A random one is filled in. No two certificates of one issuer may have the same.": (
        "Eine zufällige ist eingetragen. Keine zwei Zertifikate eines Ausstellers dürfen "
        "dieselbe haben."
    ),
    "Some client environments trust no certificate that is valid for more than a year.": (
        "Manche Client-Umgebungen vertrauen keinem Zertifikat, das länger als ein Jahr gilt."
    ),
    "Two capital letters, for example DE.": "Zwei Großbuchstaben, zum Beispiel DE.",
    "A name for the authority, as clients show it.": (
        "Ein Name für die CA, wie Clients ihn anzeigen."
    ),
    "The name or IP address by which clients reach the box.": (
        "Der Name oder die IP-Adresse, unter der Clients die Anlage erreichen."
    ),
    "(optional)": "(freiwillig)",
    "Most clients look for the box's name here only: add every name and IP address by which "
    "they reach it, that of the Common Name (CN) too.": (
        "Die meisten Clients suchen den Namen der Anlage nur hier: Fügen Sie jeden Namen und "
        "jede IP-Adresse hinzu, unter der sie sie erreichen, auch den Common Name (CN)."
    ),
    "Names that were added": "Hinzugefügte Namen",
    "Remove {name}": "{name} entfernen",
    "Remove": "Entfernen",
    "Optional. Where clients find the list of revoked certificates.": (
        "Freiwillig. Wo Clients die Liste der gesperrten Zertifikate finden."
    ),
    "7 to 32 characters; seals the PKCS#12 file. To be typed last: no page ever gives it back.": (
        "7 bis 32 Zeichen; versiegelt die PKCS#12-Datei. Zuletzt einzugeben: Keine Seite gibt "
        "sie je zurück."
    ),
    # Done
    "The CA certificate was generated. Export it for the clients that are to trust it, and "
    "let it sign a server certificate.": (
        "Das CA-Zertifikat wurde erzeugt. Exportieren Sie es für die Clients, die ihm vertrauen "
        "sollen, und lassen Sie es ein Serverzertifikat signieren."
    ),
    "The certificate was generated. It is not active yet: see Activate Certificate.": (
        "Das Zertifikat wurde erzeugt. Es ist noch nicht aktiv: siehe Activate Certificate."
    ),
    "The certificate was generated, and its PKCS#12 file is on its way to you. On another "
    "system it has to be imported. On this one it is among the Server Certificates already, "
    "and not active yet: see Activate Certificate.": (
        "Das Zertifikat wurde erzeugt, und seine PKCS#12-Datei ist unterwegs zu Ihnen. In ein "
        "anderes System muss sie importiert werden. In diesem ist es schon unter den Server "
        "Certificates und noch nicht aktiv: siehe Activate Certificate."
    ),
    "The signing request was generated, and its two files are on their way to you. Send the "
    ".csr file to your certificate authority; keep the key file to yourself.": (
        "Die Signieranfrage wurde erzeugt, und ihre zwei Dateien sind unterwegs zu Ihnen. "
        "Schicken Sie die .csr-Datei an Ihre Zertifizierungsstelle; behalten Sie die "
        "Schlüsseldatei für sich."
    ),
    "The certificate was imported. It is not active yet: see Activate Certificate.": (
        "Das Zertifikat wurde importiert. Es ist noch nicht aktiv: siehe Activate Certificate."
    ),
    "{name} was removed.": "{name} wurde entfernt.",
    "There is no CA certificate yet. Generate CA Certificate makes one.": (
        "Noch gibt es kein CA-Zertifikat. Generate CA Certificate macht eines."
    ),
    # Help
    "What the certificate is called on this box, and its files. It is not in the certificate.": (
        "Wie das Zertifikat auf dieser Anlage heißt, und seine Dateien. Der Name steht nicht im "
        "Zertifikat."
    ),
    "Tells the certificates of one issuer apart. A positive integer.": (
        "Unterscheidet die Zertifikate eines Ausstellers. Eine positive ganze Zahl."
    ),
    "How the certificate is signed. Every client knows sha256RSA.": (
        "Wie das Zertifikat signiert wird. Jeder Client kennt sha256RSA."
    ),
    "Only 2048 is supported.": "Nur 2048 wird unterstützt.",
    "Clients accept the certificate from the first of these moments up to and including the "
    "second, by their own clocks. Both are in GMT.": (
        "Clients nehmen das Zertifikat vom ersten dieser Zeitpunkte bis einschließlich zum "
        "zweiten an, nach ihren eigenen Uhren. Beide in GMT."
    ),
    "Whom the certificate is for: country, organization, a part of it, and the Common Name, "
    "which is always needed.": (
        "Für wen das Zertifikat ist: Land, Organisation, ein Teil von ihr, und der Common Name, "
        "der immer gebraucht wird."
    ),
    "More names of the same server: host names, IP addresses, e-mail addresses, URIs, or a "
    "whole name in the Distinguished Name Format. Choose what it is, type it, press Add; then "
    "the next one.": (
        "Weitere Namen desselben Servers: Hostnamen, IP-Adressen, E-Mail-Adressen, URIs oder ein "
        "ganzer Name im Distinguished Name Format. Wählen Sie die Art, tippen Sie den Namen, "
        "drücken Sie Add; dann der nächste."
    ),
    "Where the issuer publishes which certificates it has revoked. Leave it empty when there "
    "is no such list.": (
        "Wo der Aussteller bekannt gibt, welche Zertifikate er gesperrt hat. Bleibt leer, wenn es "
        "keine solche Liste gibt."
    ),
    "Seals certificate and private key in the PKCS#12 file. Whoever imports the file needs it.": (
        "Versiegelt Zertifikat und privaten Schlüssel in der PKCS#12-Datei. Wer sie importiert, "
        "braucht die Passphrase."
    ),
    # Import
    "Nothing was imported. What has to be put right stands beside the fields; passphrase and "
    "files have to be given again.": (
        "Nichts wurde importiert. Was zu berichtigen ist, steht bei den Feldern; Passphrase und "
        "Dateien sind noch einmal anzugeben."
    ),
    "As it will stand in the list of Server Certificates.": (
        "Wie es in der Liste der Server Certificates stehen wird."
    ),
    "7 to 32 characters. It opens the PKCS#12 file, or a key file that is encrypted.": (
        "7 bis 32 Zeichen. Sie öffnet die PKCS#12-Datei oder eine verschlüsselte Schlüsseldatei."
    ),
    "PKCS#12 file": "PKCS#12-Datei",
    "Certificate and key in one file (.p12 or .pfx).": (
        "Zertifikat und Schlüssel in einer Datei (.p12 oder .pfx)."
    ),
    "Certificate file": "Zertifikatsdatei",
    "The server certificate (.cer, .crt, .pem, .der), or a PKCS#7 file (.p7b, .p7c) as Windows "
    "makes it. The certificates of its issuers may be in the same file, in any order.": (
        "Das Serverzertifikat (.cer, .crt, .pem, .der) oder eine PKCS#7-Datei (.p7b, .p7c), wie "
        "Windows sie macht. Die Zertifikate seiner Aussteller können in derselben Datei sein, in "
        "beliebiger Reihenfolge."
    ),
    "A .p7b file holds certificates and no key: choose it as the certificate file. Certificates "
    "in it that do not lead from the server certificate to its root are left out; the journal "
    "names them.": (
        "Eine .p7b-Datei enthält Zertifikate und keinen Schlüssel: Wählen Sie sie als "
        "Zertifikatsdatei. Zertifikate darin, die nicht vom Serverzertifikat zu seiner Wurzel "
        "führen, werden weggelassen; das Journal nennt sie."
    ),
    "Key file": "Schlüsseldatei",
    "The private key (.key or .pem). It may be left out when the certificate answers a signing "
    "request of this box, which has the key.": (
        "Der private Schlüssel (.key oder .pem). Er kann fehlen, wenn das Zertifikat die Antwort "
        "auf eine Signieranfrage dieser Anlage ist: Dann hat sie ihn schon."
    ),
    "Signing requests without an answer:": "Signieranfragen ohne Antwort:",
    "What is accepted": "Was angenommen wird",
    "An X.509 server certificate with an RSA key of 2048 bits, signed with sha256RSA, sha384RSA "
    "or sha512RSA, in PKCS#12, PEM, DER or PKCS#7 format; files of up to 1 MiB and 20 "
    "certificates.": (
        "Ein X.509-Serverzertifikat mit einem RSA-Schlüssel von 2048 Bit, signiert mit "
        "sha256RSA, sha384RSA oder sha512RSA, im Format PKCS#12, PEM, DER oder PKCS#7; Dateien bis "
        "1 MiB und 20 Zertifikate."
    ),
    "Choose the file, give the passphrase it was made with, press Import PKCS#12.": (
        "Wählen Sie die Datei, geben Sie ihre Passphrase an, drücken Sie Import PKCS#12."
    ),
    "Choose certificate file and key file, give any passphrase (the key file's own when it has "
    "one), press Import Certificate and Key.": (
        "Wählen Sie Zertifikats- und Schlüsseldatei, geben Sie irgendeine Passphrase an (die der "
        "Schlüsseldatei, wenn sie eine hat), drücken Sie Import Certificate and Key."
    ),
    "Afterwards": "Danach",
    "The certificate is in the list of Server Certificates and not active. Activate "
    "Certificate makes it so.": (
        "Das Zertifikat steht in der Liste der Server Certificates und ist nicht aktiv. Das macht "
        "Activate Certificate."
    ),
    # Export
    "The signing request, for your certificate authority": (
        "Die Signieranfrage, für Ihre Zertifizierungsstelle"
    ),
    "Its private key: keep it to yourself": "Ihr privater Schlüssel: nur für Sie",
    "The CA certificate, for clients to trust": "Das CA-Zertifikat, dem Clients vertrauen sollen",
    "The certificate": "Das Zertifikat",
    "The certificate with its chain": "Das Zertifikat mit seiner Kette",
    "Certificate and key, sealed with the passphrase given when it was generated": (
        "Zertifikat und Schlüssel, versiegelt mit der beim Erzeugen angegebenen Passphrase"
    ),
    "Load {name}": "{name} laden",
    # Remove
    "Remove {name}?": "{name} entfernen?",
    "It is active on {system}. Activate another one there first; then this one can be removed.": (
        "Es ist auf {system} aktiv. Aktivieren Sie dort erst ein anderes; dann lässt sich dieses "
        "entfernen."
    ),
    "The private key of the signing request goes with it: the certificate that answers it can "
    "then be imported with key_csr.pem only.": (
        "Der private Schlüssel der Signieranfrage geht mit: Das Zertifikat, das auf sie antwortet, "
        "lässt sich dann nur noch mit key_csr.pem importieren."
    ),
    "Its private key goes with it: it can sign no more certificates.": (
        "Sein privater Schlüssel geht mit: Es kann keine Zertifikate mehr signieren."
    ),
    "Those it has signed stay as they are: {names}.": (
        "Die es signiert hat, bleiben, wie sie sind: {names}."
    ),
    "Its private key goes with it. Without a file of both there is no way back.": (
        "Sein privater Schlüssel geht mit. Ohne eine Datei mit beiden gibt es kein Zurück."
    ),
    "This can't be undone.": "Das lässt sich nicht rückgängig machen.",
    "Keep it": "Behalten",
    # Timeline
    "All validities": "Alle Gültigkeiten",
    "now, by the box's clock": "jetzt, nach der Uhr der Anlage",
    "and {count} more in the lists": "und {count} weitere in den Listen",
}
