"""Rules about the path itself: that it leads to an anchor, and how its links are signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.trust.algorithms import HASH_SECURITY, SHA3, Key
from appliance.trust.naming import name_text
from appliance.trust.rules import ALL, SENT, Case, Place, Rule
from appliance.trust.verdicts import Finding, Origin

_REISSUE = "Have it issued again"
_HOW = dict.fromkeys(("MD2", "MD5", "SHA-1"), "weak") | dict.fromkeys(SHA3, "unknown")

# Why a path ends before an anchor: what to say, and what to do about it.
_MISSING = {
    "self-signed": (
        "The certificate is self-signed, and the client does not trust it.",
        "Make the certificate known to the client as trusted, or activate one from a CA that the "
        "client trusts.",
    ),
    "self-signed-sent": (
        "The path ends in the self-signed “{top}”, which the client does not trust.",
        "Make that CA known to the client as trusted.",
    ),
    "issuer-missing": (
        "The issuer of the certificate, “{issuer}”, was neither sent nor is it trusted.",
        "Make the CA known to the client; when it is an intermediate, have the server send it.",
    ),
    "anchor-missing": (
        "The path ends at “{top}”, whose issuer “{issuer}” was neither sent nor is it trusted.",
        "Make that CA known to the client, or have the server send what is missing.",
    ),
    "no-anchor": (
        "The path ends at the trusted “{top}”, which is not self-signed; this client wants a "
        "self-signed anchor.",
        "Make the root of that CA known to the client as well.",
    ),
    "too-long": (
        "More certificates were sent, or are needed, than this client takes.",
        "Send the leaf and its issuers only; use a CA with fewer intermediates.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored(Rule):
    """The path leads to an anchor."""

    id = "path"
    title = "The path leads to a certificate that the client trusts"

    def check(self, case: Case) -> Iterator[Finding]:
        path = case.path
        if path.missing is None:
            return
        top = path.certificates[-1]
        detail, cure = _MISSING[path.missing]
        names = {"top": top.title, "issuer": name_text(top.issuer)}
        yield self.finding(
            len(path.certificates) - 1,
            detail.format(**names),
            cure,
            variant=path.missing,
            seen=top.title,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Rule):
    """Each certificate is signed by the key of the next.

    anchors: whether the signature of a self-signed anchor on itself is looked at as well.
    alike: how the algorithm inside the certificate and the one outside have to agree: written
        alike (`octets`), or the same algorithm (`meaning`).
    """

    id = "signature"
    title = "Every signature in the path is right"

    over: tuple[Place, ...] = SENT
    alike: str = "meaning"

    def check(self, case: Case) -> Iterator[Finding]:
        certificates = case.path.certificates
        odd = "algorithm-encoding" if self.alike == "octets" else "algorithm-mismatch"
        for index, facts in case.each(SENT):
            if index < case.path.trusted and odd in facts.oddities:
                yield self.finding(
                    index,
                    f"{case.called(index)} is inconsistent: {facts.oddities[odd]}.",
                    f"{_REISSUE}.",
                    variant="algorithms",
                )
            if index + 1 == len(certificates) or index >= case.path.trusted:
                continue
            issuer = certificates[index + 1]
            if not case.material.signed(facts, issuer):
                yield self.finding(
                    index,
                    f"{case.called(index)} was not signed by the key of its issuer "
                    f"“{issuer.title}”.",
                    "Send the certificate of the CA that signed it, and trust that one; a CA of "
                    "the same name with another key will not do.",
                    variant="wrong",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureAlgorithm(Rule):
    """Signatures are made with hashes, and kinds of keys, that the client takes.

    hashes: those it takes. kinds: of keys. pss: whether RSA-PSS is taken. parameters: whether
    the algorithm's parameters have to be there.
    """

    id = "signature-algorithm"
    title = "Signatures use algorithms that the client takes"

    hashes: frozenset[str]
    kinds: frozenset[str] = frozenset({"RSA", "EC", "DSA", "Ed25519", "Ed448"})
    pss: bool = True
    parameters: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        if case.path.lone:
            return  # nobody looks at the signature of what is trusted itself
        for index, facts in case.each(self.over):
            signature = facts.signature
            lacking = self.parameters and "algorithm-parameters" in facts.oddities
            if (
                signature.hash in self.hashes
                and signature.kind in self.kinds
                and (self.pss or not signature.pss)
                and not lacking
            ):
                continue
            yield self.finding(
                index,
                f"{case.called(index)} is signed using {signature.text}, which this client does "
                "not take.",
                f"{_REISSUE}, signed using SHA-256.",
                variant=_HOW.get(signature.hash or "", "unsupported"),
                seen=signature.text,
                wanted="SHA-256 or better",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSecurity(Rule):
    """OpenSSL's security level, for the hashes of signatures."""

    id = "signature-algorithm"
    title = "Signatures use algorithms that the client takes"

    bits: int

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            if index >= case.path.trusted and index == len(case.path.certificates) - 1:
                continue  # the last one's own signature is not looked at
            security = HASH_SECURITY.get(facts.signature.hash or "", 0)
            if security < self.bits:
                yield self.finding(
                    index,
                    f"{case.called(index)} is signed using {facts.signature.text}: {security} "
                    f"bits of security, and {self.bits} are wanted.",
                    f"{_REISSUE}, signed using SHA-256.",
                    variant="weak",
                    seen=facts.signature.text,
                    wanted="SHA-256 or better",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySize(Rule):
    """Keys are of a kind and size that the client takes.

    rsa: bits an RSA key has at least. rsa_most: at most. dsa: bits a DSA key has at least; None
    when DSA is not taken. curves: those it takes. others: kinds without sizes that it takes.
    parameters: whether the key's parameters have to be as RFC 3279 has them.
    origins: the kinds of anchors under which it is asked.
    """

    id = "key"
    title = "Keys are of a kind and size that the client takes"

    over: tuple[Place, ...] = ALL
    rsa: int = 1024
    rsa_most: int = 16_384
    dsa: int | None = None
    curves: frozenset[str] = frozenset({"P-256", "P-384", "P-521"})
    others: frozenset[str] = frozenset({"Ed25519", "Ed448", "RSA-PSS"})
    parameters: bool = False
    origins: frozenset[Origin] = frozenset(Origin)

    def check(self, case: Case) -> Iterator[Finding]:
        if len(self.origins) < len(Origin) and case.origin not in self.origins:
            return
        for index, facts in case.each(self.over):
            key = facts.key
            if self._small(key):
                yield self.finding(
                    index,
                    f"{case.called(index)} has a key of {key.bits} bits; this client takes "
                    f"{key.kind} keys of {self._range(key)} bits.",
                    f"{_REISSUE}, for an RSA key of 2048 bits.",
                    variant="small",
                    seen=key.text,
                    wanted="RSA 2048",
                )
            elif not self._known(key) or (self.parameters and not key.parameters):
                yield self.finding(
                    index,
                    f"{case.called(index)} has a key of a kind ({key.text}) that this client "
                    "does not take.",
                    f"{_REISSUE}, for an RSA key of 2048 bits.",
                    variant="kind",
                    seen=key.text,
                    wanted="RSA 2048 or EC P-256",
                )

    def _small(self, key: Key) -> bool:
        if key.kind == "DSA":
            return self.dsa is not None and key.bits < self.dsa
        return key.kind == "RSA" and not self.rsa <= key.bits <= self.rsa_most

    def _range(self, key: Key) -> str:
        if key.kind == "DSA" or self.rsa_most == 16_384:
            return f"{self.dsa if key.kind == 'DSA' else self.rsa} or more"
        return f"{self.rsa} to {self.rsa_most}"

    def _known(self, key: Key) -> bool:
        match key.kind:
            case "RSA":
                return True
            case "EC":
                return key.curve in self.curves
            case "DSA":
                return self.dsa is not None
            case kind:
                return kind in self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecurity(Rule):
    """OpenSSL's security level, for keys: the leaf's, and those of its authorities."""

    id = "key"
    title = "Keys are of a kind and size that the client takes"

    bits: int

    def check(self, case: Case) -> Iterator[Finding]:
        for index, facts in case.each(self.over):
            if facts.key.security < self.bits:
                yield self.finding(
                    index,
                    f"{case.called(index)} has a key ({facts.key.text}) of "
                    f"{facts.key.security} bits of security, and {self.bits} are wanted.",
                    f"{_REISSUE}, for an RSA key of 2048 bits.",
                    variant="small",
                    seen=facts.key.text,
                    wanted="RSA 2048",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIdentifiers(Rule):
    """Authority key identifiers name the key that really signed.

    serial: whether a serial number in them is compared as well. last: whether only that of the
    certificate below the anchor is looked at (Java).
    """

    id = "key-identifier"
    title = "Key identifiers name the key that signed"

    serial: bool = True
    last: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        certificates = case.path.certificates
        for index, facts in case.each(self.over):
            authority = facts.authority_key
            if authority is None or index + 1 >= len(certificates):
                continue
            if self.last and index + 1 != case.path.trusted:
                continue
            issuer = certificates[index + 1]
            other_key = authority.key is not None and issuer.subject_key not in (
                None,
                authority.key,
            )
            other_serial = (
                self.serial and authority.serial is not None and authority.serial != issuer.serial
            )
            if other_key or other_serial:
                yield self.finding(
                    index,
                    f"{case.called(index)} names another authority key than that of "
                    f"“{issuer.title}”.",
                    f"{_REISSUE}, with the issuer's subject key identifier in it.",
                    variant="mismatch",
                )
