"""The German texts of Administrators, Setup and Data Backup."""

from __future__ import annotations

GERMAN: dict[str, str] = {
    # Rights
    "Not with your role": "Nicht mit Ihrer Rolle",
    "not with your role": "nicht mit Ihrer Rolle",
    "{some} or {last}": "{some} oder {last}",
    "Changing the LAN IP address or the clock needs the role {roles}.": (
        "LAN-IP-Adresse und Uhr ändern darf nur, wer eine dieser Rollen hat: {roles}."
    ),
    "Backing up and restoring needs the role {roles}.": (
        "Sichern und wiederherstellen darf nur, wer eine dieser Rollen hat: {roles}."
    ),
    "Managing other administrators needs the role {roles}.": (
        "Andere Administratoren verwalten darf nur, wer eine dieser Rollen hat: {roles}."
    ),
    "You are logged on with the role {role}. Log on with an account that has such a role, or "
    "ask one of its owners to give you another under Administrators.": (
        "Sie sind mit der Rolle {role} angemeldet. Melden Sie sich mit einem Konto an, das eine "
        "solche Rolle hat, oder lassen Sie sich von dessen Inhaber unter Administrators eine "
        "andere geben."
    ),
    "look at everything": "alles ansehen",
    "generate certificates and signing requests": "Zertifikate und Signieranfragen machen",
    "import certificates": "Zertifikate importieren",
    "activate certificates": "Zertifikate aktivieren",
    "change the LAN IP address and the clock": "LAN-IP-Adresse und Uhr ändern",
    "back up and restore": "sichern und wiederherstellen",
    "manage administrators": "Administratoren verwalten",
    # Administrators
    "Sessions": "Sitzungen",
    "Nobody here has the role Expert.": "Niemand hat hier die Rolle Expert.",
    "Without it, certificates can be generated, but neither imported nor activated.": (
        "Ohne sie lassen sich Zertifikate machen, aber weder importieren noch aktivieren."
    ),
    "Set up {account}": "{account} einrichten",
    "Open sessions": "Offene Sitzungen",
    "still the default one": "noch das voreingestellte",
    "to be changed at the next logon": "bei der nächsten Anmeldung zu ändern",
    "chosen": "selbst gewählt",
    "has to wait after failed logons": "muss nach falschen Anmeldungen warten",
    "Add an administrator": "Administrator hinzufügen",
    "Change your password": "Eigenes Passwort ändern",
    "What the roles may do": "Was die Rollen dürfen",
    "yours": "Ihre",
    "yes": "ja",
    "no": "nein",
    "Like expert@system: small letters, digits, dots and hyphens before @system.": (
        "Wie expert@system: kleine Buchstaben, Ziffern, Punkte und Bindestriche vor @system."
    ),
    "Choose one": "Bitte wählen",
    "Each role may do what the one before it may, and more. Only an Expert imports and "
    "activates certificates.": (
        "Jede Rolle darf, was die vor ihr darf, und mehr. Nur ein Expert importiert und "
        "aktiviert Zertifikate."
    ),
    "First password": "Erstes Passwort",
    "8 to 128 characters. Its owner has to choose another at the first logon.": (
        "8 bis 128 Zeichen. Der Inhaber muss bei der ersten Anmeldung ein anderes wählen."
    ),
    "Repeat the first password": "Erstes Passwort wiederholen",
    "Set up": "Einrichten",
    "Cancel": "Abbrechen",
    "{account} was set up. At its first logon it has to choose its own password.": (
        "{account} ist eingerichtet. Bei der ersten Anmeldung ist ein eigenes Passwort zu wählen."
    ),
    "This is the account you are logged on with. Take a right from it and you can't give it "
    "back yourself.": (
        "Mit diesem Konto sind Sie angemeldet. Ein Recht, das Sie ihm nehmen, können Sie ihm "
        "nicht selbst zurückgeben."
    ),
    "It holds at once, in open sessions too.": "Sie gilt sofort, auch in offenen Sitzungen.",
    "Change role": "Rolle ändern",
    "8 to 128 characters. Its owner is logged off, and has to choose another at the next logon.": (
        "8 bis 128 Zeichen. Der Inhaber wird abgemeldet und muss bei der nächsten Anmeldung ein "
        "anderes wählen."
    ),
    "Set password": "Passwort setzen",
    "Remove this account": "Dieses Konto löschen",
    "{account} has the role {role} now.": "{account} hat jetzt die Rolle {role}.",
    "{account} has a new password, and has to choose its own at the next logon.": (
        "{account} hat ein neues Passwort; bei der nächsten Anmeldung ist ein eigenes zu wählen."
    ),
    "Nobody can log on as {account} any more.": ("Niemand kann sich mehr als {account} anmelden."),
    "Open sessions that end at once: {count}.": "Offene Sitzungen, die sofort enden: {count}.",
    "What it did stays in the journal.": "Was es getan hat, bleibt im Journal.",
    "{account} was removed.": "{account} ist gelöscht.",
    # Sessions
    "{seconds} s": "{seconds} s",
    "{minutes} min": "{minutes} min",
    "{hours} h {minutes} min": "{hours} h {minutes} min",
    "From": "Von",
    "Logged on for": "Angemeldet seit",
    "Last seen": "Zuletzt gesehen",
    "End": "Beenden",
    "this session": "diese Sitzung",
    "now": "jetzt",
    "{time} ago": "vor {time}",
    "End the session of {account}": "Sitzung von {account} beenden",
    "Log off": "Abmelden",
    "End all others": "Alle anderen beenden",
    "A session ends by itself after 30 minutes without a click, after 12 hours in any case, and "
    "with every restart of the box.": (
        "Eine Sitzung endet von selbst nach 30 Minuten ohne Klick, nach 12 Stunden auf jeden "
        "Fall und bei jedem Neustart der Anlage."
    ),
    "That session has ended already.": "Diese Sitzung ist schon beendet.",
    "The session of {account} was ended.": "Die Sitzung von {account} ist beendet.",
    "Sessions ended: {count}.": "Beendete Sitzungen: {count}.",
    "Failed logons": "Falsche Anmeldungen",
    "has to wait for another {time}": "muss noch {time} warten",
    "Let it log on at once": "Sofort anmelden lassen",
    "Let {account} log on at once": "{account} sofort anmelden lassen",
    "No account has to wait.": "Kein Konto muss warten.",
    "After five wrong passwords in a row an account has to wait before the next try, longer "
    "each time.": (
        "Nach fünf falschen Passwörtern hintereinander muss ein Konto vor dem nächsten Versuch "
        "warten, jedes Mal länger."
    ),
    "Names that no account has and that have to wait: {count}.": (
        "Namen ohne Konto, die warten müssen: {count}."
    ),
    "{account} may log on again at once.": "{account} kann sich sofort wieder anmelden.",
    # Data Backup
    "Backup": "Sichern",
    "Restore": "Wiederherstellen",
    "One file with everything the box holds.": "Eine Datei mit allem, was die Anlage hat.",
    "Certificates and signing requests with their private keys, which one is active, the LAN IP "
    "address, the firmware's name, administrators, subscribers with their telephones, and the "
    "journal.": (
        "Zertifikate und Signieranfragen samt privaten Schlüsseln, welches aktiv ist, "
        "LAN-IP-Adresse, Name der Firmware, Administratoren, Teilnehmer samt Telefonen und Journal."
    ),
    "The file is sealed with the passphrase. Without it nobody can open it: you neither.": (
        "Die Datei ist mit der Passphrase versiegelt. Ohne sie kann sie niemand öffnen, auch Sie "
        "nicht."
    ),
    "The clock is not in it, nor is the Booster Server.": (
        "Die Uhr gehört nicht dazu und der Booster Server auch nicht."
    ),
    "Passphrase": "Passphrase",
    "7 to 32 characters.": "7 bis 32 Zeichen.",
    "Repeat the passphrase": "Passphrase wiederholen",
    "Make a backup": "Jetzt sichern",
    "The box becomes what it was when the backup was made.": (
        "Die Anlage wird wieder, was sie beim Sichern war."
    ),
    "Everything it holds now is replaced: certificates and keys, administrators and their "
    "passwords, subscribers, journal. There is no way back without a backup of it.": (
        "Alles, was sie jetzt hat, wird ersetzt: Zertifikate und Schlüssel, Administratoren und "
        "ihre Passwörter, Teilnehmer, Journal. Ohne eine Sicherung davon gibt es keinen Weg zurück."
    ),
    "It restarts with the certificate that was active then: for {time} nothing can be reached, "
    "and all sessions end.": (
        "Sie startet mit dem Zertifikat neu, das damals aktiv war: {time} lang ist nichts "
        "erreichbar, und alle Sitzungen enden."
    ),
    "Unless you keep this box's LAN IP address, it is at the backup's address afterwards.": (
        "Wenn Sie die LAN-IP-Adresse dieser Anlage nicht behalten, ist sie danach unter der "
        "Adresse aus der Sicherung zu erreichen."
    ),
    "The clock goes on as it is, and the Booster Server is left alone.": (
        "Die Uhr geht weiter wie bisher, und der Booster Server bleibt, wie er ist."
    ),
    "Backup file": "Sicherungsdatei",
    "A file that Data Backup made, on this box or another; at most {size} MiB.": (
        "Eine Datei, die Data Backup gemacht hat, hier oder auf einer anderen Anlage; höchstens "
        "{size} MiB."
    ),
    "The one the backup was made with.": "Die, mit der gesichert wurde.",
    "Keep this box's LAN IP address, {address}": (
        "Die LAN-IP-Adresse dieser Anlage behalten, {address}"
    ),
    "The certificate comes from the backup all the same, whatever address it names.": (
        "Das Zertifikat kommt trotzdem aus der Sicherung, welche Adresse auch immer darin steht."
    ),
    # Setup
    "Kept": "Gespeichert",
    "nothing: all of it is gone when the simulator ends": (
        "nichts: Alles ist weg, wenn der Simulator endet"
    ),
    "everything, on this machine's disk": "alles, auf der Platte dieses Rechners",
    "Clock": "Uhr",
    "runs as fast as any clock": "läuft so schnell wie jede Uhr",
    "The box's clock says when certificates are made, from when to when they are valid here, and "
    "what the journal says. Clients judge a certificate by their own clocks: setting this one "
    "does not change what they think of it, unless its dates are moved onto the real calendar.": (
        "Nach der Uhr der Anlage richtet sich, wann Zertifikate gemacht werden, ob sie hier "
        "gelten und was im Journal steht. Clients beurteilen ein Zertifikat nach ihrer eigenen "
        "Uhr: Diese zu stellen, ändert nicht, was sie davon halten, außer wenn die Daten auf den "
        "wirklichen Kalender verschoben sind."
    ),
    "certificates carry dates moved onto the real calendar": (
        "Zertifikate tragen auf den wirklichen Kalender verschobene Daten"
    ),
    "Dates in certificates": "Daten in Zertifikaten",
    "The box's own, exactly as in history": "Die der Anlage, genau wie in der Geschichte",
    "Moved onto the real calendar: clients see the same remaining life": (
        "Auf den wirklichen Kalender verschoben: Clients sehen dieselbe Restlaufzeit"
    ),
    "Clients see it on the real calendar: from {start} to {end} (GMT).": (
        "Clients sehen es auf dem wirklichen Kalender: von {start} bis {end} (GMT)."
    ),
    "Set the clock": "Uhr stellen",
    "New time (GMT)": "Neue Zeit (GMT)",
    "Year, month, day and time, for example 2023-12-31T23:59:00. Leave it empty to keep "
    "the time.": (
        "Jahr, Monat, Tag und Zeit, zum Beispiel 2023-12-31T23:59:00. Leer lassen, damit die Zeit "
        "bleibt."
    ),
    "Move it by": "Verschieben um",
    "Instead of a new time: forward or back, for example 90d, -2h or 1d12h.": (
        "Statt einer neuen Zeit: vor oder zurück, zum Beispiel 90d, -2h oder 1d12h."
    ),
    "Rate": "Gang",
    "How many seconds pass here in one: 1 is usual, 0 stands still, 3600 passes an hour in a "
    "second, up to 100,000.": (
        "Wie viele Sekunden hier in einer vergehen: 1 ist üblich, bei 0 steht sie still, bei 3600 "
        "vergeht eine Stunde in der Sekunde, höchstens 100.000."
    ),
    "The real time": "Die wirkliche Zeit",
    "A minute before the year 2024": "Eine Minute vor dem Jahr 2024",
    "The default certificates of firmware before V3R2.1 end with the year 2023.": (
        "Die voreingestellten Zertifikate der Firmware vor V3R2.1 enden mit dem Jahr 2023."
    ),
    "The clock was set.": "Die Uhr ist gestellt.",
    "Subscribers": "Teilnehmer",
    "Extension": "Nebenstelle",
    "They log in to WSI with the extension and their password, which is not shown here.": (
        "Sie melden sich bei WSI mit Nebenstelle und Passwort an; das Passwort steht nicht hier."
    ),
}
