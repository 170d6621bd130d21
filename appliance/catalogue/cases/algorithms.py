"""Cases of keys and signatures: lengths, curves, digests."""

from __future__ import annotations

from appliance.catalogue.recipes import Case, authority, intermediate, leaf, of_topic

_case = of_topic("algorithms")
_SHORT = "RSA keys need 2048 bits."
_WEAK = "The digest can be forged."
_UNDER = leaf(issuer="intermediate")
_SENT = ("leaf", "intermediate")


def _key(name: str, kind: str, title: str, wrong: str = "", *, of_root: str = "") -> Case:
    """A case whose server certificate has a key of `kind`, and whose root has one of `of_root`."""
    root = authority(key=of_root) if of_root else authority()
    edwards = kind.startswith("ed")
    usages = ("digital_signature",) if edwards or kind[0] != "r" else None
    server = leaf(key=kind, usages=usages) if usages else leaf(key=kind)
    return _case(name, title, wrong, leaf=server, root=root)


CASES: tuple[Case, ...] = (
    _key("rsa-1024", "rsa-1024", "RSA with 1024 bits", _SHORT),
    _key("rsa-1536", "rsa-1536", "RSA with 1536 bits", _SHORT),
    _key("rsa-2047", "rsa-2047", "RSA with 2047 bits", _SHORT),
    _key("rsa-3072", "rsa-3072", "RSA with 3072 bits"),
    _key("rsa-4096", "rsa-4096", "RSA with 4096 bits"),
    _key("rsa-exponent-3", "rsa-2048-exponent-3", "RSA with 2048 bits and exponent 3"),
    _key("rsa-pss-key", "rsa-pss-2048", "An RSA key for PSS signatures only"),
    _case(
        "rsa-1024-root",
        "The trusted root has RSA with 1024 bits",
        _SHORT,
        root=authority(key="rsa-1024"),
    ),
    _case(
        "rsa-1536-root",
        "The trusted root has RSA with 1536 bits",
        _SHORT,
        root=authority(key="rsa-1536"),
    ),
    _case(
        "rsa-1024-intermediate",
        "The intermediate has RSA with 1024 bits",
        _SHORT,
        between={"intermediate": intermediate(key="rsa-1024")},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _key("ec-p256", "p-256", "EC on P-256"),
    _key("ec-p384", "p-384", "EC on P-384"),
    _key("ec-p521", "p-521", "EC on P-521"),
    _key("ec-p224", "p-224", "EC on P-224", "TLS 1.3 has no signatures on this curve."),
    _key(
        "ec-secp256k1", "secp256k1", "EC on secp256k1", "TLS 1.3 has no signatures on this curve."
    ),
    _key("ec-brainpool", "brainpool-256", "EC on brainpoolP256r1", "Few clients know this curve."),
    _key("ec-all", "p-256", "EC on P-256, under an EC authority", of_root="p-256"),
    _key("ec-root-p521", "p-256", "EC on P-256, under an EC authority on P-521", of_root="p-521"),
    _key("ed25519", "ed25519", "Ed25519"),
    _key("ed25519-root", "p-256", "EC on P-256, under an Ed25519 authority", of_root="ed25519"),
    _key("ed448", "ed448", "Ed448", "Few clients know it."),
    _case("sha1", "Signed with SHA-1", _WEAK, leaf=leaf(signature="sha1")),
    _case(
        "sha1-intermediate",
        "The intermediate is signed with SHA-1",
        _WEAK,
        between={"intermediate": intermediate(signature="sha1")},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "sha1-root",
        "The trusted root is signed with SHA-1, which proves nothing anyway",
        root=authority(signature="sha1"),
    ),
    _case(
        "sha1-ec",
        "Signed with SHA-1 and ECDSA",
        _WEAK,
        root=authority(key="p-256"),
        leaf=leaf(signature="sha1"),
    ),
    _case("md5", "Signed with MD5", _WEAK, leaf=leaf(signature="md5")),
    _case(
        "md5-root",
        "The trusted root is signed with MD5, which proves nothing anyway",
        root=authority(signature="md5"),
    ),
    _case("sha224", "Signed with SHA-224", "Few use it.", leaf=leaf(signature="sha224")),
    _case("sha384", "Signed with SHA-384", leaf=leaf(signature="sha384")),
    _case("sha512", "Signed with SHA-512", leaf=leaf(signature="sha512")),
    _case("rsa-pss", "Signed with RSA-PSS and SHA-256", leaf=leaf(signature="pss-sha256")),
    _case(
        "ec-p256-sha512",
        "Signed on P-256 with SHA-512",
        root=authority(key="p-256"),
        leaf=leaf(signature="sha512"),
    ),
    _case(
        "ec-p384-sha256",
        "Signed on P-384 with SHA-256",
        root=authority(key="p-384"),
        leaf=leaf(signature="sha256"),
    ),
    _case(
        "sha3-256",
        "Signed on P-256 with SHA3-256",
        "Few know it.",
        root=authority(key="p-256"),
        leaf=leaf(signature="sha3-256"),
    ),
    _case(
        "signature-algorithms-differ",
        "Inside the signed part stands another algorithm than outside",
        "RFC 5280 4.1.1.2 wants both to be the same.",
        leaf=leaf(claimed_signature="sha384"),
    ),
)
