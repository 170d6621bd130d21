"""What people upload: files that real tools wrote, read, put in order and judged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from store.asn1 import sequence
from store.bundles import Material, read_files, read_pkcs12, write_pkcs12
from store.certificate import Certificate
from store.chains import assemble
from store.issuing import Profile, Wanted, issued, self_signed
from store.requirements import broken_requirements
from tests.helpers import (
    PASSPHRASE,
    a_key,
    certificate_der,
    certificate_pem,
    foreign_authority,
    key_der,
    key_pem,
    openssl,
    pem,
    subject,
)

BEGIN, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)


def authority(number: int, name: str, signer: int | None = None) -> x509.Certificate:
    wanted = Wanted(subject(name), BEGIN, END, number, profile=Profile.AUTHORITY)
    if signer is None:
        return self_signed(wanted, a_key(number))
    return issued(wanted, a_key(number).public_key(), authority=root(), authority_key=a_key(signer))


def root() -> x509.Certificate:
    return authority(1, "Root")


def intermediate() -> x509.Certificate:
    return authority(2, "Intermediate", signer=1)


def leaf() -> x509.Certificate:
    return issued(
        Wanted(subject(), BEGIN, END, 3),
        a_key().public_key(),
        authority=intermediate(),
        authority_key=a_key(2),
    )


def codes(material: Material) -> list[str]:
    return [refusal.code for refusal in material.wrong]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an administrator has on the disk: leaf.pem, chain.pem and leaf.key."""
    directory = tmp_path_factory.mktemp("files")
    (directory / "leaf.pem").write_bytes(certificate_pem(leaf()))
    (directory / "chain.pem").write_bytes(certificate_pem(intermediate(), root()))
    (directory / "leaf.key").write_bytes(key_pem(a_key()))
    return directory


def pkcs12_of(files: Path, *options: str, passphrase: str = PASSPHRASE) -> bytes:
    return openssl(
        "pkcs12", "-export", "-in", files / "leaf.pem", "-inkey", files / "leaf.key",
        "-certfile", files / "chain.pem", "-passout", f"pass:{passphrase}", *options,
    )  # fmt: skip


def assert_whole(material: Material) -> None:
    certificate = assemble(material, field="certificate")
    assert codes(material) == []
    assert certificate is not None
    assert certificate.leaf == leaf_of(certificate)
    assert [part.subject for part in certificate.chain] == [
        intermediate().subject,
        root().subject,
    ]
    assert certificate.key is not None
    assert list(broken_requirements(certificate.leaf)) == []


def leaf_of(certificate: Certificate) -> x509.Certificate:
    assert certificate.key is not None
    assert certificate.leaf.public_key() == certificate.key.public_key()
    return certificate.leaf


# Files as tools write them


@pytest.mark.parametrize("key", [key_pem(a_key()), key_der(a_key())], ids=["PEM", "DER"])
def test_certificate_chain_and_key_are_read_from_pem_and_der(files: Path, key: bytes) -> None:
    chain = (files / "leaf.pem").read_bytes() + (files / "chain.pem").read_bytes()
    assert_whole(read_files(chain, key, PASSPHRASE))


def test_a_der_certificate_is_read() -> None:
    material = read_files(certificate_der(leaf()), key_der(a_key()), PASSPHRASE)
    assert codes(material) == []
    assert material.certificates == [leaf()]


@pytest.mark.parametrize(
    "options",
    [
        ("-topk8", "-v2", "aes-256-cbc"),
        ("-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"),
        ("-topk8", "-v1", "PBE-SHA1-3DES"),
        ("-topk8", "-scrypt"),
        ("-topk8", "-outform", "DER"),
    ],
    ids=" ".join,
)
def test_a_key_encrypted_by_openssl_opens_with_its_passphrase(
    files: Path, options: tuple[str, ...]
) -> None:
    key = openssl("pkcs8", *options, "-in", files / "leaf.key", "-passout", f"pass:{PASSPHRASE}")
    chain = (files / "leaf.pem").read_bytes() + (files / "chain.pem").read_bytes()
    assert_whole(read_files(chain, key, PASSPHRASE))
    assert codes(read_files(chain, key, "not-this")) == ["passphrase-wrong"]


def test_a_traditional_encrypted_key_opens_with_its_passphrase(files: Path) -> None:
    key = openssl(
        "rsa", "-traditional", "-aes256", "-in", files / "leaf.key", "-passout",
        f"pass:{PASSPHRASE}",
    )  # fmt: skip
    assert b"Proc-Type: 4,ENCRYPTED" in key
    assert read_files(certificate_pem(leaf()), key, PASSPHRASE).key is not None
    assert codes(read_files(certificate_pem(leaf()), key, "not-this")) == ["passphrase-wrong"]


def test_key_and_certificates_may_be_in_one_pem_file(files: Path) -> None:
    everything = b"".join((files / f).read_bytes() for f in ("leaf.key", "chain.pem", "leaf.pem"))
    assert_whole(read_files(everything, everything, PASSPHRASE))


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-legacy",),
        ("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"),
        ("-keypbe", "NONE", "-certpbe", "NONE"),
        ("-nomac",),
        ("-name", "büro"),
    ],
    ids=lambda options: " ".join(options) or "AES-256",
)
def test_a_pkcs12_file_of_openssl_opens_with_its_passphrase(
    files: Path, options: tuple[str, ...]
) -> None:
    assert_whole(read_pkcs12(pkcs12_of(files, *options), PASSPHRASE))


@pytest.mark.parametrize("options", [(), ("-legacy",)])
def test_a_pkcs12_file_does_not_open_with_another_passphrase(
    files: Path, options: tuple[str, ...]
) -> None:
    material = read_pkcs12(pkcs12_of(files, *options), "not-this")
    assert codes(material) == ["passphrase-wrong"]
    assert "not-this" not in str(material.wrong)


@pytest.mark.parametrize("passphrase", ["pässwörd", "пароль1", "with space", "😀😀😀😀😀😀😀"])
def test_passphrases_beyond_ascii_open_what_the_box_wrote(passphrase: str) -> None:
    certificate = Certificate(leaf(), (intermediate(), root()), a_key())
    assert_whole(
        read_pkcs12(write_pkcs12(certificate, name="böx", passphrase=passphrase), passphrase)
    )


def test_openssl_opens_the_pkcs12_that_the_box_writes(tmp_path: Path) -> None:
    file = tmp_path / "box.p12"
    certificate = Certificate(leaf(), (intermediate(),), a_key())
    file.write_bytes(write_pkcs12(certificate, name="box", passphrase=PASSPHRASE))
    said = openssl("pkcs12", "-in", file, "-passin", f"pass:{PASSPHRASE}", "-nodes", "-info")
    assert said.count(b"BEGIN CERTIFICATE") == 2
    assert said.count(b"BEGIN PRIVATE KEY") == 1


# The wrong files


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_said_to_be_none(data: bytes) -> None:
    assert codes(read_files(data, key_pem(a_key()), PASSPHRASE)) == ["not-a-certificate"]


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", certificate_pem(root()), key_pem(a_key()).replace(b"A", b"B")],
    ids=["empty", "text", "a certificate", "damaged"],
)
def test_what_is_no_key_is_said_to_be_none(data: bytes) -> None:
    assert codes(read_files(certificate_pem(leaf()), data, PASSPHRASE)) == ["not-a-key"]


@pytest.mark.parametrize("data", [b"", b"hello", certificate_der(root()), certificate_pem(root())])
def test_what_is_no_pkcs12_is_said_to_be_none(data: bytes) -> None:
    assert codes(read_pkcs12(data, PASSPHRASE)) == ["not-pkcs12"]


def test_a_pkcs12_without_a_key_lacks_one(files: Path) -> None:
    data = pkcs12_of(files, "-nokeys")
    assert codes(read_pkcs12(data, PASSPHRASE)) == ["no-key"]


def test_a_pkcs12_without_certificates_lacks_one(files: Path) -> None:
    data = openssl(
        "pkcs12", "-export", "-nocerts", "-inkey", files / "leaf.key", "-passout",
        f"pass:{PASSPHRASE}",
    )  # fmt: skip
    assert codes(read_pkcs12(data, PASSPHRASE)) == ["no-certificate"]


def test_a_key_encrypted_with_a_cipher_of_few_is_said_to_be_unsupported(files: Path) -> None:
    key = openssl(
        "pkcs8", "-topk8", "-v2", "aria-256-cbc", "-in", files / "leaf.key", "-passout",
        f"pass:{PASSPHRASE}",
    )  # fmt: skip
    assert codes(read_files(certificate_pem(leaf()), key, PASSPHRASE)) == ["encryption-unsupported"]


def test_a_key_that_belongs_to_no_certificate_of_the_file_is_a_mismatch() -> None:
    material = read_files(certificate_pem(leaf()), key_pem(a_key(3)), PASSPHRASE)
    assemble(material, field="certificate")
    assert [(refusal.code, refusal.field) for refusal in material.wrong] == [
        ("key-mismatch", "key")
    ]


def test_more_than_twenty_certificates_are_too_many() -> None:
    pile = certificate_pem(*[leaf()] * 21)
    assert codes(read_files(pile, key_pem(a_key()), PASSPHRASE)) == ["chain-length"]


def test_more_than_twenty_certificates_are_too_many_in_a_pkcs12(files: Path) -> None:
    (files / "pile.pem").write_bytes(certificate_pem(*[root()] * 21))
    data = pkcs12_of(files, "-certfile", str(files / "pile.pem"))
    assert codes(read_pkcs12(data, PASSPHRASE)) == ["chain-length"]


def test_a_key_that_is_not_rsa_is_refused_for_its_kind() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert codes(read_files(certificate_pem(leaf()), key_pem(key), PASSPHRASE)) == ["key-kind"]


def test_an_rsa_key_that_does_not_compute_is_refused() -> None:
    numbers = a_key().private_numbers()
    from store.asn1 import integer

    public = numbers.public_numbers
    parts = (0, public.n, public.e, numbers.d + 2, numbers.p, numbers.q,
             numbers.dmp1, numbers.dmq1, numbers.iqmp)  # fmt: skip
    damaged = pem(sequence(*(integer(part) for part in parts)), "RSA PRIVATE KEY")
    assert codes(read_files(certificate_pem(leaf()), damaged, PASSPHRASE)) == ["not-a-key"]


# The chain


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_the_chain_is_put_in_order_whatever_the_order_of_the_file(order: tuple[int, ...]) -> None:
    parts = [leaf(), intermediate(), root()]
    shuffled = certificate_pem(*(parts[number] for number in order))
    assert_whole(read_files(shuffled, key_pem(a_key()), PASSPHRASE))


def test_the_same_certificate_twice_is_taken_once() -> None:
    twice = certificate_pem(leaf(), intermediate(), leaf(), root(), intermediate(), root())
    assert_whole(read_files(twice, key_pem(a_key()), PASSPHRASE))


def test_a_certificate_that_is_no_issuer_in_the_chain_is_refused_by_name() -> None:
    stray = foreign_authority().cert_pem.bytes()
    material = read_files(certificate_pem(leaf()) + stray, key_pem(a_key()), PASSPHRASE)
    assemble(material, field="certificate")
    assert codes(material) == ["chain-unrelated"]
    assert "Testing CA" in material.wrong[0].message


def test_an_issuer_by_name_only_is_no_issuer() -> None:
    impostor = self_signed(
        Wanted(subject("Intermediate"), BEGIN, END, 9, profile=Profile.AUTHORITY), a_key(3)
    )
    material = read_files(certificate_pem(leaf(), impostor), key_pem(a_key()), PASSPHRASE)
    assemble(material, field="certificate")
    assert codes(material) == ["chain-unrelated"]


def test_certificates_of_a_foreign_authority_are_taken_with_their_chain() -> None:
    made = foreign_authority().create_child_ca(key_type=trustme.KeyType.RSA)
    given = made.issue_cert("osbiz.example", key_type=trustme.KeyType.RSA)
    bundle = b"".join(part.bytes() for part in given.cert_chain_pems)
    material = read_files(bundle, given.private_key_pem.bytes(), PASSPHRASE)
    certificate = assemble(material, field="certificate")
    assert codes(material) == []
    assert certificate is not None
    assert len(certificate.chain) == 1
    assert list(broken_requirements(certificate.leaf)) == []
