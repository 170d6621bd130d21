"""The page *Let's Encrypt* in German, and what goes wrong between box and CA."""

GERMAN: dict[str, str] = {
    # State
    "nothing is asked for": "nichts ist bestellt",
    "a certificate is being obtained": "ein Zertifikat wird geholt",
    "installed and kept renewed": "installiert, wird rechtzeitig erneuert",
    "the last attempt failed": "der letzte Versuch ist gescheitert",
    "It connects to the CA.": "Die Anlage verbindet sich mit der CA.",
    "It signs in to its account at the CA.": "Sie meldet sich bei der CA an.",
    "It orders the certificate.": "Sie bestellt das Zertifikat.",
    "The CA sees whether the names lead to this box.": (
        "Die CA prüft, ob die Namen zu dieser Anlage führen."
    ),
    "The CA issues the certificate.": "Die CA stellt das Zertifikat aus.",
    "It fetches the certificate.": "Sie holt das Zertifikat ab.",
    "The certificate is there and waits for the hour of its activation.": (
        "Das Zertifikat ist da und wartet auf die Stunde seiner Aktivierung."
    ),
    "It activates the certificate, and restarts with it.": (
        "Sie aktiviert das Zertifikat und startet damit neu."
    ),
    "Whom to call: whoever administers this box.": "Anzurufen ist, wer diese Anlage verwaltet.",
    "Whom to call: whoever runs the firewall or router in front of this box.": (
        "Anzurufen ist, wer die Firewall oder den Router vor dieser Anlage betreut."
    ),
    "Whom to call: whoever runs the DNS of the names.": (
        "Anzurufen ist, wer das DNS der Namen betreut."
    ),
    "Whom to call: the CA.": "Anzurufen ist die CA.",
    "What was said: {detail}": "Gemeldet wurde: {detail}",
    "The certificate {name} goes on being served.": "Das Zertifikat {name} ist weiter aktiv.",
    "The contact for this certificate is {contact}.": (
        "Ansprechpartner für dieses Zertifikat ist {contact}."
    ),
    "Now": "Jetzt",
    "Names": "Namen",
    "not active": "nicht aktiv",
    "Activated at": "Aktiviert um",
    "Next attempt": "Nächster Versuch",
    "Next renewal": "Nächste Erneuerung",
    "Advised by the CA": "Von der CA empfohlen",
    "Renew now": "Jetzt erneuern",
    "Activate now": "Jetzt aktivieren",
    "Look again": "Noch einmal nachsehen",
    "Renew no more": "Nicht mehr erneuern",
    "It is renewed no more. What was obtained stays as it is.": (
        "Es wird nicht mehr erneuert. Was geholt wurde, bleibt, wie es ist."
    ),
    # The form
    "The box can get its certificate from Let's Encrypt, or any CA that speaks ACME, activate it "
    "and renew it in time, all by itself.": (
        "Die Anlage kann ihr Zertifikat von Let's Encrypt oder jeder CA, die ACME spricht, selbst "
        "holen, aktivieren und rechtzeitig erneuern."
    ),
    "Ask for a certificate": "Ein Zertifikat bestellen",
    "Ask for another": "Ein anderes bestellen",
    "Nothing was asked for. What has to be put right stands beside the fields.": (
        "Nichts wurde bestellt. Was zu berichtigen ist, steht bei den Feldern."
    ),
    "The DNS names, or IP addresses, by which clients reach this box; with spaces between them.": (
        "Die DNS-Namen oder IP-Adressen, unter denen Clients diese Anlage erreichen; mit "
        "Leerzeichen dazwischen."
    ),
    "Directory of the CA": "Directory der CA",
    "practice (the CA beside this box), letsencrypt, letsencrypt-staging, or the URL of another "
    "CA's directory.": (
        "practice (die CA neben dieser Anlage), letsencrypt, letsencrypt-staging oder der URL des "
        "Directorys einer anderen CA."
    ),
    "letsencrypt, letsencrypt-staging (to practise), or the URL of another CA's directory.": (
        "letsencrypt, letsencrypt-staging (zum Üben) oder der URL des Directorys einer anderen CA."
    ),
    "How the CA sees that the names lead here": "Woran die CA sieht, dass die Namen hierher führen",
    "http-01: it asks this box by HTTP": "http-01: sie fragt diese Anlage über HTTP",
    "tls-alpn-01: it asks this box in a TLS handshake": (
        "tls-alpn-01: sie fragt diese Anlage im TLS-Handshake"
    ),
    "dns-01: it looks for a record in DNS, which something else has to set": (
        "dns-01: sie sucht einen Eintrag im DNS, den etwas anderes setzen muss"
    ),
    "HTTP is answered at {url}; public CAs ask at port 80 of the name.": (
        "HTTP wird unter {url} beantwortet; öffentliche CAs fragen am Port 80 des Namens."
    ),
    "This box has no HTTP port: it was started without --http-port.": (
        "Diese Anlage hat keinen HTTP-Port: Sie wurde ohne --http-port gestartet."
    ),
    "E-mail address": "E-Mail-Adresse",
    "For the CA, and for people who want to know whom to call. It may be left empty.": (
        "Für die CA und für Leute, die wissen wollen, wen sie anrufen sollen. Das Feld kann leer "
        "bleiben."
    ),
    "Hour of activation (GMT)": "Stunde der Aktivierung (GMT)",
    "A restart goes with it. Hours and minutes, for example 03:00; at once, when it is left "
    "empty.": (
        "Damit geht ein Neustart einher. Stunden und Minuten, zum Beispiel 03:00; sofort, wenn "
        "das Feld leer bleibt."
    ),
    "For other CAs": "Für andere CAs",
    "Trusted besides the system's authorities": "Außer den CAs des Systems vertraut",
    "Certificates in PEM format by which the CA's own server is trusted.": (
        "Zertifikate im PEM-Format, denen für den Server der CA vertraut wird."
    ),
    "What sets DNS records": "Was DNS-Einträge setzt",
    "A URL that takes /set-txt and /clear-txt, for dns-01.": (
        "Ein URL, unter dem es /set-txt und /clear-txt gibt, für dns-01."
    ),
    "Key identifier of the customer": "Schlüsselkennung des Kunden",
    "HMAC key of the customer": "HMAC-Schlüssel des Kunden",
    "Where the CA wants its customers known. It is not shown again.": (
        "Wo die CA ihre Kunden kennen will. Er wird nicht wieder gezeigt."
    ),
    "Root to be led to": "Gewünschte Wurzel",
    "The common name of a root, where the CA offers several chains.": (
        "Der Common Name einer Wurzel, wo die CA mehrere Ketten anbietet."
    ),
    "Profile": "Profil",
    "The CA's name for a kind of certificate.": "Der Name der CA für eine Art von Zertifikat.",
    "The CA's terms of service are accepted.": "Die Nutzungsbedingungen der CA sind angenommen.",
    "Obtain and activate": "Holen und aktivieren",
    # What happened
    "What happened": "Was geschah",
    "Reason": "Grund",
    "What was said": "Gemeldet wurde",
    "Challenge": "Prüfung",
    "But": "Allerdings",
    "A certificate for {names} was asked of the CA {directory}.": (
        "Ein Zertifikat für {names} wurde bei der CA {directory} bestellt."
    ),
    "The CA issued {name}.": "Die CA hat {name} ausgestellt.",
    "{name} was activated; it is renewed at {next_renewal}.": (
        "{name} wurde aktiviert; erneuert wird es am {next_renewal}."
    ),
    "An attempt at the CA failed; the next one is at {next_renewal}.": (
        "Ein Versuch bei der CA ist gescheitert; der nächste ist am {next_renewal}."
    ),
    "{name} ends at {not_after}, and its renewal fails.": (
        "{name} endet am {not_after}, und seine Erneuerung scheitert."
    ),
    "Nothing is asked of a CA any more.": "Bei der CA wird nichts mehr bestellt.",
    "The CA revoked {name}.": "Die CA hat {name} widerrufen.",
    "The account at {directory} got a new key.": (
        "Das Konto bei {directory} hat einen neuen Schlüssel bekommen."
    ),
    # Home
    "Its renewal fails.": "Seine Erneuerung scheitert.",
    "See Let's Encrypt under Certificate Management: it says why, and whom to call.": (
        "Unter Certificate Management, Let's Encrypt steht, warum, und wer anzurufen ist."
    ),
}

REFUSALS: dict[str, str] = {
    # What is asked for
    "acme-directory": (
        "Das Directory ist ein https-URL, oder letsencrypt, oder letsencrypt-staging."
    ),
    "acme-no-practice": (
        "Neben dieser Anlage läuft keine Übungs-CA. Mit --with-ca läuft eine; sonst gilt ihr URL."
    ),
    "acme-names": "Gebraucht werden 1 bis 100 Namen oder Adressen. ({english})",
    "acme-name": "Dieser Name kann nicht bescheinigt werden. ({english})",
    "acme-wildcard": "Ein Name mit * geht nur mit dns-01.",
    "acme-address": "Eine Adresse geht nur mit http-01 oder tls-alpn-01.",
    "acme-challenge": "Die Prüfung ist http-01, tls-alpn-01 oder dns-01.",
    "acme-contact": "Das ist keine E-Mail-Adresse.",
    "acme-trust": "Das sind keine Zertifikate im PEM-Format.",
    "acme-terms-not-accepted": "Die Nutzungsbedingungen der CA sind nicht angenommen.",
    "acme-hour": "Das ist keine Uhrzeit. Beispiel: 03:00.",
    "acme-eab": "Gebraucht werden Kennung und HMAC-Schlüssel (base64url), wie die CA sie gab.",
    "acme-dns": "Das ist kein http- oder https-URL.",
    "acme-dns-missing": (
        "Diese Anlage betreibt kein DNS. Für dns-01 ist etwas nötig, das TXT-Einträge setzt."
    ),
    "acme-text": "Das ist kein kurzer Text.",
    "acme-not-set-up": "Bei keiner CA ist ein Zertifikat bestellt.",
    # The way to the CA
    "acme-directory-name": (
        "Das DNS kennt den Rechner des Directorys nicht. Prüfen Sie den URL und den DNS-Server "
        "dieses Rechners."
    ),
    "acme-directory-refused": (
        "Die CA antwortet nicht: Die Verbindung wurde abgelehnt. Prüfen Sie den URL; stimmt er, "
        "warten Sie, bis die CA wieder da ist."
    ),
    "acme-directory-timeout": (
        "Die CA antwortet nicht rechtzeitig. Prüfen Sie, ob die Anlage ins Internet darf; wenn ja, "
        "warten Sie."
    ),
    "acme-directory-unreachable": (
        "Die Verbindung zur CA ist gescheitert. Prüfen Sie, ob die Anlage ins Internet darf; wenn "
        "ja, warten Sie."
    ),
    "acme-directory-untrusted": (
        "Die Anlage vertraut dem Zertifikat der CA nicht und hat nichts gesendet. Ist es die "
        "richtige CA, geben Sie an, wem zu vertrauen ist."
    ),
    "acme-directory-invalid": "Unter dem URL ist kein ACME-Directory. Prüfen Sie ihn.",
    "acme-answer": (
        "Die Antwort der CA ist nicht, wie RFC 8555 sie will. Hier ist nichts zu ändern; sagen Sie "
        "es der CA."
    ),
    "acme-ca-failed": "Die CA hat selbst einen Fehler. Warten Sie.",
    "acme-nonce": "Die CA nahm keine ihrer eigenen Nonces zurück. Warten Sie.",
    "acme-rate-limited": (
        "Die Mengengrenze der CA ist erreicht. Die Anlage fragt wieder, sobald die CA es erlaubt. "
        "Zum Üben gibt es letsencrypt-staging."
    ),
    "acme-request-refused": "Die CA hat abgelehnt, was die Anlage wollte.",
    # The account
    "acme-terms": "Die CA will, dass ihre jetzigen Nutzungsbedingungen angenommen werden.",
    "acme-contact-refused": (
        "Die CA nimmt diese E-Mail-Adresse nicht. Geben Sie eine an, die es gibt."
    ),
    "acme-binding": (
        "Die CA will ein Konto, das zu einem ihrer Kunden gehört. Geben Sie Kennung und "
        "HMAC-Schlüssel an, die Sie von ihr haben."
    ),
    "acme-account": "Die CA erkennt dieses Konto nicht an.",
    # The names
    "acme-name-refused": (
        "Für diesen Namen stellt die CA keine Zertifikate aus. Nehmen Sie einen anderen Namen oder "
        "eine andere CA."
    ),
    "acme-challenge-missing": (
        "Diese Prüfung bietet die CA für diesen Namen nicht an. Wählen Sie eine andere."
    ),
    "acme-no-http-port": (
        "Diese Anlage hat keinen HTTP-Port. Starten Sie sie mit --http-port, oder wählen Sie "
        "tls-alpn-01."
    ),
    "acme-dns-hook": (
        "Der DNS-Eintrag konnte nicht gesetzt werden. Prüfen Sie, was DNS-Einträge setzen soll."
    ),
    "acme-validation-dns": (
        "Die CA findet den Namen nicht im DNS. Geben Sie ihm eine Adresse, die von der CA aus zu "
        "dieser Anlage führt."
    ),
    "acme-validation-connection": (
        "Die CA kam unter dem Namen zu keiner Verbindung. Lassen Sie sie zu dieser Anlage durch: "
        "Port 80 für http-01, 443 für tls-alpn-01."
    ),
    "acme-validation-tls": (
        "Die CA hat sich verbunden, und der TLS-Handshake ist gescheitert. TLS-Verbindungen müssen "
        "so, wie sie sind, bei dieser Anlage ankommen."
    ),
    "acme-validation-answer": (
        "Die CA wollte die Antwort abholen und fand eine andere. Prüfen Sie, ob der Name zu dieser "
        "Anlage führt und unterwegs niemand für sie antwortet."
    ),
    "acme-validation-caa": (
        "Ein CAA-Eintrag verbietet dieser CA, für den Namen Zertifikate auszustellen. Nehmen Sie "
        "die CA in den Eintrag auf, oder nehmen Sie eine andere."
    ),
    "acme-validation-slow": "Die CA wurde mit der Prüfung nicht rechtzeitig fertig. Warten Sie.",
    "acme-validation": "Die CA konnte den Namen nicht bestätigen.",
    # The order and its certificate
    "acme-order-invalid": "Die CA hat die Bestellung aufgegeben. Die Anlage bestellt noch einmal.",
    "acme-order-slow": "Die CA hat das Zertifikat nicht rechtzeitig ausgestellt. Warten Sie.",
    "acme-request-bad": (
        "Die CA nimmt die Signaturanforderung der Anlage nicht. Nehmen Sie eine CA, die "
        "RSA-Schlüssel mit 2048 Bit bescheinigt."
    ),
    "acme-certificate-unfit": (
        "Die CA hat ein Zertifikat ausgestellt, das diese Anlage nicht verwenden kann. Nehmen Sie "
        "eine CA, die mit RSA und mindestens SHA-256 signiert."
    ),
    "acme-activation": (
        "Das Zertifikat ist da, konnte aber nicht aktiviert werden. Aktivieren Sie es unter Server "
        "Certificates."
    ),
    "acme-storage": "Die Anlage konnte nicht speichern, was sie bekam. Sehen Sie nach der Platte.",
    "acme-internal": "Das ist dem Simulator misslungen; sein Protokoll sagt, warum.",
}
