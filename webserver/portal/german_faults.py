"""Faults in German, by name: what each is for, and what its parameters are.

The English is in the model (`appliance.faults`), far from any language; `TEXTS` has the rest
of the page.
"""

from __future__ import annotations

ABOUT: dict[str, str] = {
    "leaf-only": (
        "Das Zwischenzertifikat wird nicht mitgesandt, wie nach dem Import eines Zertifikats ohne "
        "seine Kette; unterscheidet Clients, die selbst hinfinden, von den anderen."
    ),
    "chain-disordered": (
        "Die Zwischenzertifikate kommen in falscher Reihenfolge, was TLS 1.3 duldet und TLS 1.2 "
        "verbietet; unterscheidet Clients, die einen Pfad suchen, von denen, die der Liste folgen."
    ),
    "superfluous-root": (
        "Das Wurzelzertifikat wird mitgesandt, was nutzlos und erlaubt ist; findet Clients, die "
        "sich daran verschlucken oder vertrauen, was man ihnen schickt."
    ),
    "wrong-key": (
        "Der Handshake ist mit einem anderen Schlüssel als dem des Zertifikats unterschrieben, wie "
        "nach einer Verwechslung von Dateien; findet Clients, die diese Signatur nicht prüfen."
    ),
    "other-node": (
        "Zertifikat und Schlüssel des anderen Knotens werden gezeigt (die des Booster Servers auf "
        "der Anlage, die der Anlage auf dem Booster Server), wie nach dem Aktivieren am falschen; "
        "findet Clients, die keine Namen vergleichen."
    ),
    "expired": "Das Zertifikat ist abgelaufen; findet Clients, die nicht auf Daten achten.",
    "not-yet-valid": (
        "Das Zertifikat gilt noch nicht, wie wenn beim Ausstellen eine Uhr falsch ging; findet "
        "Clients, die nur auf das Ende der Gültigkeit achten."
    ),
    "wrong-name": (
        "Das Zertifikat nennt einen anderen Rechner, wie nach einer Änderung der LAN-IP; findet "
        "Clients, die keine Namen vergleichen."
    ),
    "no-san": (
        "Die Adresse steht nur im Common Name, wie im voreingestellten Zertifikat der Anlage; "
        "unterscheidet Clients, die den CN noch lesen, von denen, die RFC 9525 folgen."
    ),
    "ip-as-dns": (
        "Die Adresse steht im SAN, aber als DNS-Name, ein häufiger Fehler in Formularen; findet "
        "Clients, die Text statt Adressen vergleichen."
    ),
    "rsa-1024": (
        "Der Schlüssel des Zertifikats hat 1024 Bit; findet Clients, deren Sicherheitsstufe das "
        "noch zulässt."
    ),
    "sha-1": (
        "Das Zertifikat ist mit SHA-1 unterschrieben; findet Clients, die solche Signaturen noch "
        "nehmen."
    ),
    "ca-as-leaf": (
        "Das Zertifikat ist das einer CA (CA:TRUE), wie `openssl req -x509` sie macht; "
        "unterscheidet strenge Clients von nachsichtigen."
    ),
    "missing-eku": (
        "Dem Zertifikat fehlt die Extended Key Usage, die Apples Systeme verlangen; findet "
        "Clients, die darauf bestehen."
    ),
    "wrong-eku": (
        "Das Zertifikat ist nur für Clients (clientAuth ohne serverAuth); findet Clients, die "
        "nicht auf den Zweck achten."
    ),
    "repeated-serial": (
        "Zertifikat und Wurzel haben denselben Aussteller und dieselbe Seriennummer, wie wenn "
        "Seriennummern eingetippt werden; findet Clients, die Zertifikate daran unterscheiden."
    ),
    "unknown-issuer": (
        "Die Kette endet bei einer Wurzel, die niemand hat; findet Clients, die allem vertrauen."
    ),
    "revoked": (
        "Das Zertifikat ist gesperrt, und die angeheftete OCSP-Antwort, der OCSP-Responder und die "
        "Sperrliste, die es nennt, sagen es alle; findet Clients, die nicht fragen."
    ),
    "stale-staple": (
        "Die angeheftete OCSP-Antwort ist eine Woche zu alt, wie wenn ein Server seinen Responder "
        "nicht erreicht; findet Clients, die nicht auf ihr Datum achten."
    ),
    "missing-staple": (
        "Das Zertifikat verlangt eine angeheftete OCSP-Antwort (RFC 7633), und es kommt keine; "
        "findet Clients, die diese Forderung nicht kennen."
    ),
    "no-answer": (
        "Das ClientHello wird nicht beantwortet, wie von einer hängenden TLS-Bibliothek; findet "
        "Clients, die ewig warten oder dabei einen Thread festhalten."
    ),
    "close-handshake": (
        "Die Verbindung wird mitten im Handshake geschlossen, wie von einem Server, der "
        "herunterfährt; zeigt, was ein Client aus einem bloßen Ende macht und ob er es noch "
        "einmal versucht."
    ),
    "reset-handshake": (
        "Die Verbindung wird mitten im Handshake zurückgesetzt, wie von einer Firewall; zeigt, was "
        "ein Client daraus macht und ob er es noch einmal versucht."
    ),
    "slow-handshake": (
        "Die Bytes des Handshakes kommen einzeln, wie über eine sehr schlechte Leitung; findet "
        "Clients, die das erste Lesen für eine ganze Nachricht halten oder deren Zeitgrenze mit "
        "jedem Byte neu beginnt."
    ),
    "delay": (
        "Der Server lässt sich an einer Stelle oder an jeder Zeit, wie unter Last; findet "
        "Zeitgrenzen, die zu kurz sind, zu lang oder nicht da."
    ),
    "alert": (
        "Der Handshake endet mit einem gewählten Alert; zeigt, ob ein Client seinem Benutzer sagt, "
        "mit welchem, und ob er manche für einen Grund hält, es noch einmal zu versuchen."
    ),
    "tls-1.2-only": (
        "Nur TLS 1.2 wird gesprochen, wie von Anlagen, die einige Jahre alt sind; findet Clients, "
        "die 1.3 verlangen."
    ),
    "tls-1.3-only": "Nur TLS 1.3 wird gesprochen; findet Clients, die dafür zu alt sind.",
    "old-tls": (
        "Nur TLS 1.0 oder 1.1 wird gesprochen (RFC 8996 verbietet beide), wie von Anlagen des "
        "letzten Jahrzehnts; findet Clients, die sich darauf noch einlassen."
    ),
    "one-cipher": (
        "Nur eine Cipher Suite wird angeboten, und mit ihr eine Version von TLS; zeigt, was ein "
        "Client ohne seine liebste tut."
    ),
    "hello-retry": (
        "Ein HelloRetryRequest wird erzwungen, durch eine Gruppe, für die Clients vorab keinen "
        "Schlüsselanteil senden; findet Clients, die nicht zweimal grüßen können."
    ),
    "no-alpn": (
        "Ein Client, der Anwendungsprotokolle anbietet (ALPN), findet keines gemeinsam, und ein "
        "Alert sagt es ihm; zeigt, ob er ohne weitermacht."
    ),
    "client-certificate": (
        "Ein Client-Zertifikat wird verlangt, und jedes wird genommen; zeigt, was ein Client sagt, "
        "der keines hat, was er bei TLS 1.3 erst nach seinem Handshake erfährt."
    ),
    "tickets-refused": (
        "Sitzungen können mit Tickets wieder aufgenommen werden, doch nach einem Neustart (oder "
        "einer Änderung) des Knotens gelten alte Tickets nichts; findet Clients, die auf der "
        "Wiederaufnahme bestehen."
    ),
    "giant-certificate": (
        "Die Zertifikatsnachricht ist größer, als die meisten Clients nehmen; zeigt, wo die Grenze "
        "eines Clients liegt und was er dann sagt."
    ),
    "port-closed": (
        "Niemand hört, wie während ein Dienst nicht läuft; zeigt, was ein Client über eine "
        "abgelehnte Verbindung sagt und wann er es wieder versucht."
    ),
    "silent": (
        "Eine Verbindung wird angenommen, und dann kommt nichts, wie von einem hängenden Prozess; "
        "findet Clients ohne Zeitgrenze."
    ),
    "plain-http": (
        "Auf dem TLS-Port wird schlichtes HTTP gesprochen, wie nach einem Fehler in einer "
        "Konfiguration; zeigt, ob ein Client das sagt oder auf Klartext zurückfällt."
    ),
    "tls-on-plain": (
        "Auf dem Port ohne TLS wird TLS gesprochen, wie nach einem Fehler in einer Konfiguration; "
        "zeigt, was ein Client aus einer Antwort macht, die kein HTTP ist."
    ),
    "reset-response": (
        "Die Verbindung wird mitten in einer Antwort zurückgesetzt; findet Clients, die einen Teil "
        "für das Ganze halten oder wiederholen, was nicht wiederholt werden darf."
    ),
    "half-response": (
        "Eine Antwort endet in der Mitte, und die Verbindung wird ordentlich geschlossen; findet "
        "Clients, die nicht mit der angekündigten Länge vergleichen."
    ),
    "unavailable": (
        "Während der Knoten neu startet, bleiben seine Ports offen und antworten 503, wie hinter "
        "einem Proxy; zeigt, ob ein Client wartet, es wieder versucht und Retry-After beachtet."
    ),
    "connection-limit": (
        "Es gibt so viele Verbindungen, wie der Server haben will, und jede weitere wird "
        "abgewiesen; zeigt, ob ein Client sich zurückhält oder es schlimmer macht."
    ),
}

_WHEN = "nach dem ClientHello, nach unserem Zertifikat oder vor unserem Finished"

PARAMETERS: dict[tuple[str, str], str] = {
    ("expired", "days"): "Tage seitdem",
    ("not-yet-valid", "days"): "Tage bis dahin",
    ("wrong-name", "host"): "der DNS-Name darin",
    ("close-handshake", "stage"): _WHEN,
    ("reset-handshake", "stage"): _WHEN,
    ("slow-handshake", "octets"): "Bytes auf einmal",
    ("slow-handshake", "every"): "Sekunden dazwischen",
    ("delay", "seconds"): "Sekunden, die dort gewartet wird",
    ("delay", "stage"): (
        "was spät kommt: das Lesen einer neuen Verbindung, die Antwort auf das ClientHello, was "
        "auf das Zertifikat folgt, unser Finished, die Antwort, oder alles davon"
    ),
    ("alert", "alert"): "sein Name in RFC 8446",
    ("alert", "stage"): _WHEN,
    ("old-tls", "version"): "die Version",
    ("one-cipher", "cipher"): "ihr Name bei OpenSSL",
    ("hello-retry", "curve"): "die einzige Gruppe für den Schlüsselaustausch",
    ("giant-certificate", "kib"): "KiB mehr als üblich",
    ("reset-response", "fraction"): "der Teil davon, der gesandt wird",
    ("half-response", "fraction"): "der Teil davon, der gesandt wird",
    ("unavailable", "when"): "nur während der Knoten neu startet, oder immer",
    ("unavailable", "retry_after"): "Sekunden in Retry-After",
    ("connection-limit", "limit"): "Verbindungen, die ein Endpunkt haben will",
    ("connection-limit", "then"): "was einer weiteren geschieht",
}

TEXTS: dict[str, str] = {
    "Faults": "Fehler",
    "Something can go wrong here on purpose, to see how clients take it. A real box has no such "
    "page: it belongs to the simulator.": (
        "Hier kann mit Absicht etwas schiefgehen, um zu sehen, wie Clients es nehmen. Eine "
        "wirkliche Anlage hat keine solche Seite: Sie gehört zum Simulator."
    ),
    "What happens to the portal happens to this page too; the command osbiz fault clear always "
    "helps.": (
        "Was dem Portal geschieht, geschieht auch dieser Seite; der Befehl osbiz fault clear hilft "
        "immer."
    ),
    "What is presented": "Was gezeigt wird",
    "Inside the handshake": "Im Handshake",
    "Below and above": "Darunter und darüber",
    "Set now": "Jetzt gesetzt",
    "No fault is set.": "Kein Fehler ist gesetzt.",
    "Clear": "Aufheben",
    "Clear all": "Alle aufheben",
    "set": "gesetzt",
    "Connections: {hits}": "Verbindungen: {hits}",
    "Connections: {hits}; to come: {left}": "Verbindungen: {hits}; noch: {left}",
    "as long as it is set": "solange er gesetzt ist",
    "Set {fault}": "{fault} setzen",
    "Set it": "Setzen",
    "Set it anew": "Neu setzen",
    "Noticed by": "Bemerkt von",
    "None of the clients that were tried": "Keinem der Clients, die versucht wurden",
    "Only the next connections": "Nur die nächsten Verbindungen",
    "Their number; leave it empty for all.": "Ihre Zahl; leer lassen für alle.",
    "Probability": "Wahrscheinlichkeit",
    "Of each connection, above 0 and at most 1; leave it empty for every one.": (
        "Jeder Verbindung, über 0 und höchstens 1; leer lassen für jede."
    ),
    "Seed": "Startwert",
    "Makes chance repeatable; leave it empty for another one.": (
        "Macht den Zufall wiederholbar; leer lassen für einen neuen."
    ),
    "Endpoint": "Endpunkt",
    "To which connections": "Welchen Verbindungen",
    "from {minimum} to {maximum}": "von {minimum} bis {maximum}",
    "Root of the certificates": "Wurzel der Zertifikate",
    "Clients that trust this root find only the named thing wrong.": (
        "Clients, die dieser Wurzel vertrauen, finden nur das Genannte falsch."
    ),
    "{fault} is set, from the next connection on.": (
        "{fault} ist gesetzt, von der nächsten Verbindung an."
    ),
    "{fault} is cleared.": "{fault} ist aufgehoben.",
    "All faults are cleared.": "Alle Fehler sind aufgehoben.",
    "Setting faults needs the role {roles}.": "Fehler zu setzen braucht die Rolle {roles}.",
    "set faults": "Fehler setzen",
}
