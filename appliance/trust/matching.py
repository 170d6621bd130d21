"""Whether a DNS name in a certificate stands for the name a client uses: each client's way.

All take the name as it is in the certificate and the client's, and ignore the case of ASCII.
They agree on plain names and on `*.example.com`; on everything else they differ. Followed are
OpenSSL's X509_check_host, curl's hostcheck.c, GnuTLS's hostname-verify.c, Node's
tls.checkServerIdentity, Java's HostnameChecker, Go's VerifyHostname, webpki and mozilla::pkix,
and Chromium's X509Certificate::VerifyHostname; where one was seen to do otherwise, what was seen.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable

Matcher = Callable[[str, str], bool]

_LDH = frozenset(string.ascii_lowercase + string.digits + "-")


def _undotted(name: str) -> str:
    return name.removesuffix(".")


def openssl(pattern: str, host: str) -> bool:
    """A `*` at either end of the first label, with two dots after it; no `xn--` beside it."""
    return _openssl(pattern, host, partial=True)


def python(pattern: str, host: str) -> bool:
    """As OpenSSL with X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, which Python sets."""
    return _openssl(pattern, host, partial=False)


def _openssl(pattern: str, host: str, *, partial: bool) -> bool:
    pattern, host = pattern.lower(), host.lower()
    star = _valid_star(pattern, partial)
    if star is None or host.startswith("."):
        return "\0" not in pattern and pattern == host
    before, after = pattern[:star], pattern[star + 1 :]
    middle = len(host) - len(before) - len(after)
    if middle < 0 or not host.startswith(before) or not host.endswith(after):
        return False
    whole = not before and after.startswith(".")
    if whole and middle == 0:
        return False
    if not whole and host.startswith("xn--"):
        return False
    matched = host[len(before) : len(before) + middle]
    return matched == "*" or all(letter in _LDH for letter in matched)


def _valid_star(pattern: str, partial: bool) -> int | None:
    labels = pattern.split(".")
    first = labels[0]
    proper = all(
        label and not label.startswith("-") and not label.endswith("-") for label in labels
    )
    if first.count("*") != 1 or len(labels) < 3 or not proper or first.startswith("xn--"):
        return None
    if (
        not all(letter in _LDH or letter in ".*" for letter in pattern)
        or "*" in pattern[len(first) :]
    ):
        return None
    at_start, at_end = first.startswith("*"), first.endswith("*")
    if (not at_start and not at_end) or (not partial and first != "*"):
        return None
    return first.index("*")


def curl(pattern: str, host: str) -> bool:
    """A whole `*` as the first label, two dots in the pattern; dots at the end are ignored.

    curl 7.88 itself takes a partial one; Debian's does not, nor does curl from 8.1 on
    (CVE-2023-28321).
    """
    pattern, host = _undotted(pattern.lower()), _undotted(host.lower())
    if "*" not in pattern:
        return bool(pattern) and pattern == host
    if _numeric(host):
        return False
    label, _, rest = pattern.partition(".")
    if label != "*" or "." not in rest:
        return pattern == host
    name, _, domain = host.partition(".")
    return bool(name) and domain == rest


def _numeric(host: str) -> bool:
    return re.fullmatch(r"[0-9.]+|.*:.*", host) is not None


def gnutls(pattern: str, host: str) -> bool:
    """A `*` only at the very beginning, for the rest of one label; two dots after it."""
    pattern, host = pattern.lower(), host.lower()
    if not pattern.isprintable() or not pattern.isascii():
        return False
    if not pattern.startswith("*"):
        return bool(pattern) and pattern == host
    if pattern.count(".") < 2 or pattern.endswith("."):
        return False
    label = host.partition(".")[0]
    return any(pattern[1:] == host[start:] for start in range(len(label) + 1))


def node(pattern: str, host: str) -> bool:
    """One `*` anywhere in the first label, unless there is an `xn--` in it."""
    wanted, parts = (_undotted(name.lower()).split(".") for name in (host, pattern))
    if not pattern or len(parts) != len(wanted) or "" in parts:
        return False
    if any(not 0x21 <= ord(letter) <= 0x7F for part in parts for letter in part):
        return False
    if parts[1:] != wanted[1:]:
        return False
    if "*" not in parts[0] or "xn--" in parts[0]:
        return parts[0] == wanted[0]
    pieces = parts[0].split("*")
    if len(pieces) > 2 or len(parts) <= 2:
        return False
    before, after = pieces
    return (
        len(before) + len(after) <= len(wanted[0])
        and wanted[0].startswith(before)
        and wanted[0].endswith(after)
    )


def java(pattern: str, host: str) -> bool:
    """Any `*` in any label, label by label (Java 17)."""
    return _java(pattern, host, everywhere=True)


def java_leftmost(pattern: str, host: str) -> bool:
    """Any `*` in the first label (Java 25)."""
    return _java(pattern, host, everywhere=False)


def _java(pattern: str, host: str, *, everywhere: bool) -> bool:
    mine, theirs = (_unicode(name.lower()) for name in (pattern, _undotted(host)))
    if not _java_name(theirs) or not _java_name([one.replace("*", "z") for one in mine]):
        return False
    if pattern in ("*", "*."):
        return False
    tail = pattern[pattern.rindex("*") :] if "*" in pattern else "."
    if "." not in tail:
        return False
    if len(mine) != len(theirs):
        return False
    if not everywhere and mine[1:] != theirs[1:]:
        return False
    pairs = zip(mine, theirs, strict=True) if everywhere else [(mine[0], theirs[0])]
    return all(
        re.fullmatch(".*".join(map(re.escape, label.split("*"))), name) for label, name in pairs
    )


def _unicode(name: str) -> list[str]:
    """The labels of a name as Java compares them: U-labels."""
    labels = []
    for label in name.split("."):
        try:
            labels.append(label.encode("ascii").decode("idna") if label[:4] == "xn--" else label)
        except UnicodeError:
            labels.append(label)
    return labels


def _java_name(labels: list[str]) -> bool:
    """What `SNIHostName` takes: letters, digits and inner hyphens, no dot at the end."""
    return sum(map(len, labels)) + len(labels) <= 256 and all(
        0 < len(label) <= 63
        and not label.startswith("-")
        and not label.endswith("-")
        and all(letter in _LDH or not letter.isascii() for letter in label)
        for label in labels
    )


def go(pattern: str, host: str) -> bool:
    """A whole `*` as the first of the labels; what is no host name is compared as it is."""
    pattern, host = pattern.lower(), host.lower()
    if not (_go_name(pattern, pattern_too=True) and _go_name(_undotted(host), pattern_too=False)):
        return pattern not in ("", ".") and pattern == host
    mine, theirs = pattern.split("."), _undotted(host).split(".")
    return len(mine) == len(theirs) and all(
        one == other or (index == 0 and one == "*")
        for index, (one, other) in enumerate(zip(mine, theirs, strict=True))
    )


def _go_name(name: str, *, pattern_too: bool) -> bool:
    for index, label in enumerate(name.split(".")):
        if not label:
            return False
        if pattern_too and index == 0 and label == "*":
            continue
        if label.startswith("-") or not all(letter in _LDH or letter == "_" for letter in label):
            return False
    return True


def webpki(pattern: str, host: str) -> bool:
    """A whole `*` with two labels after it; the certificate's name has no dot at the end.

    rustls-webpki, and mozilla::pkix where it comes from.
    """
    pattern, host = pattern.lower(), _undotted(host.lower())
    if not webpki_name(pattern, wildcard=True) or not webpki_name(host, wildcard=False):
        return False
    if not pattern.startswith("*."):
        return pattern == host
    label, dot, rest = host.partition(".")
    return bool(label and dot) and rest == pattern[2:]


def mozpkix(pattern: str, host: str) -> bool:
    """As webpki, but that hyphens may stand anywhere in the client's name (Firefox)."""
    label, dot, rest = host.partition(".")
    return webpki(pattern, f"{label.strip('-') or label}{dot}{rest}") and (
        pattern.startswith("*.") or webpki(pattern, host)
    )


def webpki_name(name: str, *, wildcard: bool) -> bool:
    """A DNS name of labels of letters, digits, `_` and inner hyphens; the last not all digits."""
    if wildcard and name.startswith("*."):
        name = name[2:]
        if "." not in name:
            return False
    labels = name.split(".")
    return (
        len(name) <= 253
        and not labels[-1].isdigit()
        and all(
            0 < len(label) <= 63
            and not label.startswith("-")
            and not label.endswith("-")
            and all(letter in _LDH or letter == "_" for letter in label)
            for label in labels
        )
    )


# Second-level domains under which registries let everybody have a name, by country: those of the
# public suffix list (its part of ICANN) that are met most. A wildcard for all of one is nobody's.
_REGISTRIES = {
    "ae": "ac co gov mil net org sch",
    "ar": "com edu gob int mil net org",
    "at": "ac co gv or",
    "au": "asn com edu gov id net org",
    "bd": "ac com edu gov mil net org",
    "br": "com edu gov jus leg mil net org tv",
    "cn": "ac com edu gov mil net org",
    "co": "com edu gov mil net nom org",
    "cy": "ac com gov net org",
    "eg": "com edu eun gov mil net org sci",
    "es": "com edu gob nom org",
    "gr": "com edu gov net org",
    "hk": "com edu gov idv net org",
    "hu": "co info org",
    "id": "ac co desa go mil my net or sch web",
    "il": "ac co gov idf k12 muni net org",
    "in": "ac co edu firm gen gov ind mil net nic org res",
    "it": "edu gov",
    "jp": "ac ad co ed go gr lg ne or",
    "ke": "ac co go info me mobi ne or sc",
    "kr": "ac co es go hs kg mil ms ne or pe re sc",
    "mx": "com edu gob net org",
    "my": "biz com edu gov mil name net org",
    "ng": "com edu gov mil mobi name net org sch",
    "nz": "ac co cri geek gen govt health iwi kiwi maori mil net org parliament school",
    "pe": "com edu gob mil net nom org",
    "ph": "com edu gov i mil net ngo org",
    "pk": "ac com edu fam gob gok gop gos gov net org web",
    "pl": "com edu gov info mil net org waw",
    "pt": "com edu gov int net nome org publ",
    "sa": "com edu gov med net org pub sch",
    "sg": "com edu gov net org per",
    "th": "ac co go in mi net or",
    "tr": "av bbs bel biz com dr edu gen gov info k12 kep mil name net org pol tel tv web",
    "tw": "club com ebiz edu game gov idv mil net org",
    "ua": "com edu gov in net org",
    "uk": "ac co gov ltd me net nhs org plc police",
    "uy": "com edu gub mil net org",
    "ve": "co com edu gob info mil net org web",
    "vn": "ac biz com edu gov health info int name net org pro",
    "za": "ac agric alt co edu gov grondar law mil net ngo nis nom org school tm web",
}


def registry(domain: str) -> bool:
    """Whether everybody may have a name right below `domain`, of two labels."""
    second, _, top = domain.partition(".")
    return second in _REGISTRIES.get(top, "").split()


def chromium(pattern: str, host: str) -> bool:
    """A whole `*` with two labels after it that are no registry's; a dot at the end of either
    name is ignored."""
    pattern, host = pattern.lower(), _undotted(host.lower())
    if not pattern or "\0" in pattern:
        return False
    pattern = _undotted(pattern)
    label, _, rest = host.partition(".")
    first, _, others = pattern.partition(".")
    if others != rest or len(pattern) > len(host):
        return False
    if first == "*":
        return "." in rest and not registry(rest) and not _numeric(host)
    return first == label


def leftmost(pattern: str, host: str) -> bool:
    """A whole `*` as the first of three labels or more, and nothing else (RFC 6125 6.4.3)."""
    pattern, host = _undotted(pattern.lower()), _undotted(host.lower())
    if not pattern.startswith("*."):
        return bool(pattern) and pattern == host
    label, dot, rest = host.partition(".")
    return bool(label and dot) and "." in rest and rest == pattern[2:]
