"""The German texts of connections: who a client seems to be, and what it decided."""

from __future__ import annotations

GERMAN: dict[str, str] = {
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
    "ended on purpose": "mit Absicht beendet",
    "This box ended it on purpose: a fault was set.": (
        "Diese Anlage hat sie mit Absicht beendet: Ein Fehler war gesetzt."
    ),
    # What clients seem to think
    "The client takes no certificate of this kind.": "Der Client nimmt kein Zertifikat dieser Art.",
    "The client has heard that the certificate is revoked.": (
        "Der Client hat erfahren, dass das Zertifikat gesperrt ist."
    ),
    "By the client's own clock, the certificate has expired.": (
        "Nach der Uhr des Clients ist das Zertifikat abgelaufen."
    ),
    "By this box's clock it was valid at that moment: one of the two clocks is wrong, or "
    "somebody has set it.": (
        "Nach der Uhr dieser Anlage war es in dem Augenblick gültig: Eine der beiden Uhren geht "
        "falsch, oder jemand hat sie gestellt."
    ),
    "The client refuses the certificate, and does not say why.": (
        "Der Client lehnt das Zertifikat ab und sagt nicht, warum."
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
    "By the client's own clock, the certificate has expired or is not valid yet.": (
        "Nach der Uhr des Clients ist das Zertifikat abgelaufen oder gilt noch nicht."
    ),
    "Clients with rustls send the same alert for both.": (
        "Clients mit rustls senden für beides denselben Alert."
    ),
    "Chromium, Java, Go and GnuTLS use one alert for every reason, an issuer they don't trust "
    "above all.": (
        "Chromium, Java, Go und GnuTLS haben für jeden Grund denselben Alert; meist trauen sie "
        "dem Aussteller nicht."
    ),
    "Clients with OpenSSL send the same alert for all three.": (
        "Clients mit OpenSSL senden für alle drei denselben Alert."
    ),
    "Firefox sends the same alert for both, and for a few rarer faults.": (
        "Firefox sendet für beides denselben Alert, und für ein paar seltenere Fehler."
    ),
    "Health checks do that, and browsers that connect ahead of need; but so does wget when it "
    "refuses, and curl when the name does not match.": (
        "Das tun Verfügbarkeitsprüfungen und Browser, die sich auf Vorrat verbinden; aber auch "
        "wget, wenn es ablehnt, und curl, wenn der Name nicht passt."
    ),
    "It checks certificates by itself, and would have refused with an alert.": (
        "Er prüft Zertifikate von selbst und hätte mit einem Alert abgelehnt."
    ),
    "It is not made out for servers: see its extended key usage.": (
        "Es ist nicht für Server ausgestellt: siehe die erweiterte Schlüsselverwendung."
    ),
    "It restarted. That says nothing about the client.": (
        "Sie wurde neu gestartet. Über den Client sagt das nichts."
    ),
    "Python from 3.13 on does. Often an Authority Key Identifier is missing, or the CA's key "
    "usage.": (
        "Python ab 3.13 tut das. Oft fehlt der Authority Key Identifier oder die "
        "Schlüsselverwendung der CA."
    ),
    "The client accepts the certificate, and asked nothing.": (
        "Der Client nimmt das Zertifikat an und fragte nichts."
    ),
    "The client checks strictly, and a rule is broken.": (
        "Der Client prüft streng, und eine Regel ist verletzt."
    ),
    "The client does not like the answer about revocation that came with it.": (
        "Dem Client gefällt die mitgelieferte Auskunft über die Sperrung nicht."
    ),
    "The client finds that the name is another, or that the certificate is not valid yet.": (
        "Der Client findet, dass der Name ein anderer ist oder das Zertifikat noch nicht gilt."
    ),
    "The client finds that the name is another, the key or signature too weak, or the "
    "certificate not valid yet.": (
        "Der Client findet, dass der Name ein anderer ist, Schlüssel oder Signatur zu schwach "
        "sind oder das Zertifikat noch nicht gilt."
    ),
    "The client finds the key or signature too weak, or the certificate not valid yet.": (
        "Der Client findet Schlüssel oder Signatur zu schwach, oder das Zertifikat gilt noch nicht."
    ),
    "curl, with OpenSSL, sends the same alert for both.": (
        "curl sendet mit OpenSSL für beides denselben Alert."
    ),
    "The client left after the handshake without asking.": (
        "Der Client ging nach dem Handshake, ohne etwas zu fragen."
    ),
    "The client wanted another name or address than the certificate has.": (
        "Der Client wollte einen anderen Namen oder eine andere Adresse, als im Zertifikat steht."
    ),
    "This box closed the connection before the client had asked.": (
        "Diese Anlage schloss die Verbindung, bevor der Client etwas gefragt hatte."
    ),
    "wget refuses that way, and curl when the name does not match.": (
        "So lehnt wget ab, und curl, wenn der Name nicht passt."
    ),
    "closed by this box": "von dieser Anlage geschlossen",
    "likely": "wahrscheinlich",
    "Guess": "Vermutung",
    "its ClientHello is that of version {version}, measured on {measured}": (
        "sein ClientHello ist der von Version {version}, gemessen am {measured}"
    ),
    "its ciphers are the same": "seine Verfahren sind dieselben",
    "its ciphers are those in published captures of {published}": (
        "seine Verfahren sind die in veröffentlichten Mitschnitten von {published}"
    ),
    "only such clients offer what it offered": "nur solche Clients bieten an, was er anbot",
    "Chromium or a relative": "Chromium oder ein Verwandter",
    "Chromium, Chrome, Edge or a relative": "Chromium, Chrome, Edge oder ein Verwandter",
    "Firefox or a relative": "Firefox oder ein Verwandter",
    "Safari, or an app on iOS or macOS": "Safari oder eine App auf iOS oder macOS",
    "a program in Go": "ein Programm in Go",
    "a program with GnuTLS": "ein Programm mit GnuTLS",
    "a program with OpenSSL": "ein Programm mit OpenSSL",
    "a program with OpenSSL's defaults": "ein Programm mit OpenSSLs Voreinstellungen",
    "a program with rustls": "ein Programm mit rustls",
    "openssl s_client shows certificates, and judges them only when told to.": (
        "openssl s_client zeigt Zertifikate und beurteilt sie nur, wenn man es ihm sagt."
    ),
    "osbiz probe looks, and asks nothing.": "osbiz probe sieht nur und fragt nichts.",
}
