"""Files that are something else than was asked for, known by how they begin.

People upload what their CA, their browser or Java gave them. A file that can't be used, but can
be recognised, is named, with what to do with it. Decrypts and parses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from store.der import looks_like_pkcs7, looks_like_pkcs12
from store.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Mistake:
    """One kind of file that people upload by mistake.

    begins: looks at the file as PEM or DER.
    right_for: the field in which it would be right, if any.
    """

    code: str
    message: str
    instead: str
    begins: Callable[[bytes], bool]
    right_for: str | None = None


def _label(*words: bytes) -> Callable[[bytes], bool]:
    """Whether the first PEM block's label ends with one of `words`."""
    return lambda data: data.partition(b"-----BEGIN ")[2].partition(b"-----")[0].endswith(words)


def _starts(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda data: data[:100].lstrip().lower().startswith(magic)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "is-pkcs12",
        "The file is a PKCS#12 file.",
        "Give it as PKCS#12 (pkcs12), with its passphrase.",
        lambda data: looks_like_pkcs12(data) or _label(b"PKCS12")(data),
        right_for="pkcs12",
    ),
    Mistake(
        "is-pkcs7",
        "The file is a PKCS#7 file: it holds certificates and no key.",
        "Give it as the certificate file (certificate); the key is another file, or the box "
        "has it where it made the signing request.",
        lambda data: looks_like_pkcs7(data) or _label(b"PKCS7", b"CMS", b"SIGNED DATA")(data),
        right_for="certificate",
    ),
    Mistake(
        "is-request",
        "The file is a signing request.",
        "Send it to a certificate authority; what comes back is imported.",
        _label(b"CERTIFICATE REQUEST"),
    ),
    Mistake(
        "is-key",
        "The file is a private key.",
        "Give it as the key file (key), and the certificate beside it.",
        _label(b"PRIVATE KEY"),
        right_for="key",
    ),
    Mistake(
        "is-revocation-list",
        "The file is a revocation list (CRL).",
        "Give the certificate itself.",
        _label(b"X509 CRL"),
    ),
    Mistake(
        "is-java-keystore",
        "The file is a Java keystore (JKS or JCEKS).",
        "Make a PKCS#12 file of it: keytool -importkeystore -srckeystore FILE "
        "-destkeystore NEW.p12 -deststoretype PKCS12",
        _starts(b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"),
    ),
    Mistake(
        "is-archive",
        "The file is a ZIP archive.",
        "Unpack it, and choose the files in it.",
        _starts(b"pk\x03\x04"),
    ),
    Mistake(
        "is-web-page",
        "The file is a web page.",
        "Download the certificate again; the CA's page was saved in its place.",
        _starts(b"<!doctype html", b"<html"),
    ),
)


def mistaken(data: bytes, field: str) -> Refusal | None:
    """What `data` is when that is not what belongs in `field`; None when it is not known."""
    for mistake in MISTAKES:
        if mistake.right_for != field and mistake.begins(data):
            return Refusal(mistake.code, mistake.message, field, mistake.instead)
    return None
