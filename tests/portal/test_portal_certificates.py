"""The forms that make, import, export and remove certificates, filled in by a script."""

import asyncio
import re
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtensionOID

from store.asn1 import integer, sequence
from store.inventory import Holding, Kind
from tests.helpers import PASSPHRASE, crafted_pkcs12, foreign_authority, openssl
from tests.portal.visitor import ADMIN, CERTIFICATES, HOME, Answer, Visitor
from tests.store.test_endless_work import encrypted_key, shrouded, whole
from webserver.portal.uploads import parse_multipart
from webserver.simulator import Simulator

AUTHORITIES = ADMIN + "expert/authorities"
CA = AUTHORITIES + "/generate-ca"
SELF_SIGNED = AUTHORITIES + "/generate-self-signed"
REQUEST = CERTIFICATES + "/generate-csr"
IMPORT = CERTIFICATES + "/import"

MOMENT = ("Day", "Month", "Year", "Hour", "Min", "Sec")
GENERAL = ("Type of Signature Algorithm", "Public Key Length")
NAMES = (
    "Country (C)",
    "Organization (O)",
    "Organization Unit (OU)",
    "Common Name (CN)",
    "Distinguished Name Format",
    "Other Format",
    "Subject Alternative Name Extension",
    "Add Subject Alternative Name",
    "Add",
)
CERTIFICATE = (
    "Name of the Certificate",
    "Serial Number of Certificate",
    *GENERAL,
    "Start Time of Validity Period (GMT)",
    "End Time of Validity Period (GMT)",
    *MOMENT,
    "Subject Name",
    *NAMES,
    "CRL Distribution Point Type",
    "CRL Distribution Point",
    "Help",
)


async def an_authority(simulator: Simulator, name: str = "MyCaCertificate") -> Holding:
    return await simulator.box.make(kind="authority", name=name, subject={"CN": "My CA"})


def newest(simulator: Simulator) -> Holding:
    return simulator.box.holdings()[-1]


async def test_every_field_of_the_whitepaper_is_there(
    simulator: Simulator, expert: Visitor
) -> None:
    authority = await an_authority(simulator)
    server = f"{AUTHORITIES}/{authority.id}/generate-server"
    for path, labels in {
        CA: ("Generate CA Certificate", *CERTIFICATE, "Apply"),
        SELF_SIGNED: ("Generate Self-Signed Certificate", *CERTIFICATE, "Apply"),
        server: (
            "Generate CA-Signed Server Certificate [PKCS#12]",
            *CERTIFICATE,
            "Passphrase for encryption",
            "Generate Certificate",
        ),
        REQUEST: ("Certificate Request Name", *GENERAL, "Subject Name", *NAMES, "Apply", "Help"),
        IMPORT: (
            "Import Server Certificate",
            "Name of the Certificate",
            "Passphrase",
            "PKCS#12",
            "Import PKCS#12",
            "Import Certificate and Key",
        ),
        f"{AUTHORITIES}/{authority.id}": ("Display General Information", "Export Certificate"),
        f"{AUTHORITIES}/{authority.id}/export": ("MyCaCertificate.crt", "Load"),
    }.items():
        words = (await expert.get(path)).words
        assert [label for label in labels if label not in words] == [], path
    for choice in ("sha256RSA", "sha384RSA", "sha512RSA", "2048"):
        assert f">{choice}</option>" in (await expert.get(CA)).text
    for choice in ("DNS Name", "IP Address", "Email Address", "Uniform Resource Indicator"):
        assert f">{choice}</option>" in (await expert.get(REQUEST)).text


async def test_sensible_values_are_filled_in_by_the_boxs_clock(
    simulator: Simulator, expert: Visitor
) -> None:
    await simulator.box.set_clock(
        now=simulator.box.clock.now().replace(year=2023, month=11, day=17), rate=0
    )
    fields = (await expert.get(CA)).fields
    begin = [fields[f"not_before.{part}"] for part in ("day", "month", "year", "hour", "second")]
    end = [fields[f"not_after.{part}"] for part in ("day", "month", "year", "hour", "second")]
    assert (begin, end) == (["17", "11", "2023", "0", "0"], ["17", "11", "2033", "0", "0"])
    assert int(fields["serial"]) > 0
    assert fields["algorithm"] == "sha256RSA"
    fields = (await expert.get(SELF_SIGNED)).fields
    assert [fields[f"not_after.{part}"] for part in ("day", "month", "year")] == [
        "16",
        "11",
        "2024",
    ]
    assert fields["serial"] != (await expert.get(SELF_SIGNED)).fields["serial"]


async def test_a_ca_certificate_says_what_the_form_said(
    simulator: Simulator, expert: Visitor
) -> None:
    answer = await expert.fill_in(
        CA,
        {
            "name": "MyCaCertificate",
            "serial": "123456789",
            "algorithm": "sha512RSA",
            "not_before.day": "17",
            "not_before.month": "11",
            "not_before.year": "2023",
            "not_after.hour": "13",
            "not_after.minute": "14",
            "not_after.second": "15",
            "subject.C": "DE",
            "subject.O": "Unify",
            "subject.OU": "Unify Software and Solutions GmbH & Co. KG",
            "subject.CN": "Unify",
            "crl_distribution_point": "http://crl.example.com/ca.crl",
        },
    )
    held = newest(simulator)
    assert (answer.status, answer.location) == (303, f"{AUTHORITIES}/{held.id}")
    assert held.kind is Kind.AUTHORITY
    assert held.certificate is not None
    assert held.certificate.serial == 123456789
    assert held.certificate.not_before.isoformat() == "2023-11-17T00:00:00+00:00"
    assert held.certificate.not_after.strftime("%H:%M:%S") == "13:14:15"
    words = (await expert.get(answer.location)).words
    assert "The CA certificate was generated." in words
    assert "Serial Number of Certificate (hex): 075BCD15" in words
    assert "CRL Distribution Point: http://crl.example.com/ca.crl" in words
    assert "Start Time of Validity Period (GMT): Friday, 11/17/2023 00:00:00" in words


async def test_names_are_added_and_removed_and_stand_in_the_certificate(
    simulator: Simulator, expert: Visitor
) -> None:
    page = await expert.fill_in(SELF_SIGNED, {"name": "Many", "subject.CN": "osbiz.example.com"})
    assert page.status == 303
    page = await expert.get(SELF_SIGNED)
    fields = {**page.fields, "name": "Many", "subject.CN": "osbiz.example.com"}
    for kind, value in (
        ("DNS", "www.example.com"),
        ("DNS", "wrong.example.com"),
        ("IP", "192.168.1.1"),
        ("email", "admin@example.com"),
        ("URI", "https://example.com/x"),
        ("DNS", "www.example.com"),
    ):
        page = await expert.post(
            SELF_SIGNED, {**fields, "san_type": kind, "san": value, "do": "add"}
        )
        assert page.status == 200
        fields = page.fields
        assert fields["san"] == ""
    page = await expert.post(
        SELF_SIGNED,
        {**fields, "san_format": "dn", "dn.C": "DE", "dn.O": "A, B", "dn.CN": "x", "do": "add"},
    )
    fields = page.fields
    page = await expert.post(SELF_SIGNED, {**fields, "do": "remove.2"})
    assert page.fields["name"] == "Many"
    before = len(simulator.box.holdings())
    answer = await expert.post(SELF_SIGNED, {**page.fields, "do": "apply"})
    assert answer.status == 303
    assert len(simulator.box.holdings()) == before + 1
    certificate = newest(simulator).certificate
    assert certificate is not None
    san = certificate.leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    shown = (await expert.get(answer.location)).words
    assert len(list(san.value)) == 5  # type: ignore[call-overload]
    assert "DNS:www.example.com IP:192.168.1.1 email:admin@example.com" in shown
    assert "URI:https://example.com/x DirName:CN=x,O=A\\, B,C=DE" in shown
    assert "wrong.example.com" not in shown


async def test_everything_wrong_comes_back_at_once_and_filled_in(
    simulator: Simulator, expert: Visitor
) -> None:
    authority = await an_authority(simulator)
    before = len(simulator.box.holdings())
    path = f"{AUTHORITIES}/{authority.id}/generate-server"
    given = {
        "name": 'a"b/c',
        "serial": "0",
        "algorithm": "md5RSA",
        "key_bits": "1024",
        "not_before.day": "31",
        "not_before.month": "2",
        "not_after.year": "soon",
        "not_after.day": "",
        "subject.C": "Germany",
        "subject.O": "o" * 65,
        "subject.OU": "\t",
        "subject.CN": "",
        "san.1": "DNS:fine.example.com",
        "san": "typed.example.com",
        "crl_type": "IP",
        "crl_distribution_point": "not an address",
        "passphrase": "se-cr",
    }
    page = await expert.fill_in(path, given)
    assert page.status == 422
    assert set(page.wrong) == {
        "name",
        "serial",
        "algorithm",
        "key_bits",
        "not_before",
        "not_after",
        "subject.C",
        "subject.O",
        "subject.CN",
        "san",
        "crl_distribution_point",
        "passphrase",
    }
    assert "Month 2 of" in page.wrong["not_before"]
    assert page.wrong["not_after"].startswith("Day is empty. Year 'soon' is no number.")
    shown = page.fields
    for name, value in given.items():
        if name not in ("passphrase", "algorithm", "key_bits", "crl_type"):
            assert shown[name] == value, name
    assert shown["passphrase"] == ""
    assert "se-cr" not in page.text
    assert len(simulator.box.holdings()) == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"san_type": "DNS", "san": "not a name"}, "san"),
        ({"san_type": "IP", "san": "300.1.1.1"}, "san"),
        ({"san_type": "toaster", "san": "x"}, "san"),
        ({"san": " "}, "san"),
        ({"san_format": "dn", "dn.C": "Germany", "dn.CN": "x"}, "dn.C"),
        ({"san_format": "dn"}, "dn.CN"),
    ],
)
async def test_a_name_that_is_none_is_not_added(
    expert: Visitor, fields: dict[str, str], field: str
) -> None:
    page = await expert.fill_in(REQUEST, {**fields, "subject.CN": "kept", "do": "add"})
    assert page.status == 422
    assert list(page.wrong) == [field]
    assert page.fields["subject.CN"] == "kept"
    assert "san.1" not in page.fields


async def test_an_end_before_the_start_and_an_empty_serial_are_told(
    simulator: Simulator, expert: Visitor
) -> None:
    page = await expert.fill_in(
        SELF_SIGNED, {"name": "x", "subject.CN": "x", "not_after.year": "1999", "serial": " "}
    )
    assert set(page.wrong) == {"serial", "not_after"}


async def test_help_keeps_what_was_typed(expert: Visitor) -> None:
    page = await expert.fill_in(CA, {"name": "half", "do": "help"})
    assert page.status == 200
    assert page.fields["name"] == "half"
    assert "up to and including" in page.words
    assert "files of up to 1 MiB" in (await expert.upload(IMPORT, {"do": "help"})).words


async def test_the_authority_exports_its_certificate_and_signs_one(
    simulator: Simulator, expert: Visitor, tmp_path: Path
) -> None:
    authority = await an_authority(simulator)
    node = f"{AUTHORITIES}/{authority.id}"
    crt = await expert.get(node + "/export/crt")
    assert crt.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert 'filename="MyCaCertificate.crt"' in crt.headers["Content-Disposition"]
    answer = await expert.fill_in(
        node + "/generate-server",
        {
            "name": "Server für München",
            "subject.CN": "127.0.0.2",
            "san.1": "IP:127.0.0.2",
            "passphrase": "pässwörd 7",
        },
    )
    held = newest(simulator)
    assert answer.location == f"{CERTIFICATES}/{held.id}/export?new=1"
    assert held.issued_by == authority.id
    page = await expert.get(answer.location)
    assert "On another system it has to be imported." in page.words
    p12 = await expert.get(f"{CERTIFICATES}/{held.id}/export/p12")
    assert (
        p12.headers["Content-Disposition"] == 'attachment; filename="Server_f_r_M_nchen.p12"; '
        "filename*=UTF-8''Server%20f%C3%BCr%20M%C3%BCnchen.p12"
    )
    (tmp_path / "ca.crt").write_bytes(crt.body)
    (tmp_path / "server.p12").write_bytes(p12.body)
    leaf = openssl(
        "pkcs12", "-in", tmp_path / "server.p12", "-passin", "pass:pässwörd 7", "-nokeys"
    )
    (tmp_path / "server.pem").write_bytes(leaf)
    openssl("verify", "-CAfile", tmp_path / "ca.crt", tmp_path / "server.pem")


async def test_a_serial_number_the_authority_has_given_already_is_refused(
    simulator: Simulator, expert: Visitor
) -> None:
    authority = await an_authority(simulator)
    fields = {"name": "x", "subject.CN": "x", "passphrase": PASSPHRASE, "serial": "77"}
    path = f"{AUTHORITIES}/{authority.id}/generate-server"
    assert (await expert.fill_in(path, fields)).status == 303
    page = await expert.fill_in(path, fields)
    assert page.status == 409
    assert list(page.wrong) == ["serial"]


async def test_a_signing_request_gives_its_two_files(
    simulator: Simulator, expert: Visitor, tmp_path: Path
) -> None:
    answer = await expert.fill_in(
        REQUEST, {"name": "Renewal 2026", "subject.CN": "osbiz.example.com", "san.1": "DNS:a.b"}
    )
    held = newest(simulator)
    assert answer.location == f"{CERTIFICATES}/{held.id}/export?new=1"
    page = await expert.get(answer.location)
    assert page.text.count("data-start") == 2
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    later = await expert.get(f"{CERTIFICATES}/{held.id}/export")
    assert "data-start" not in later.text
    assert "script-src" not in later.headers["Content-Security-Policy"]
    csr = await expert.get(f"{CERTIFICATES}/{held.id}/export/csr")
    key = await expert.get(f"{CERTIFICATES}/{held.id}/export/key")
    assert 'filename="Renewal_2026.csr"' in csr.headers["Content-Disposition"]
    assert 'filename="key_csr.pem"' in key.headers["Content-Disposition"]
    (tmp_path / "a.csr").write_bytes(csr.body)
    (tmp_path / "key_csr.pem").write_bytes(key.body)
    text = openssl("req", "-in", tmp_path / "a.csr", "-verify", "-text", "-noout").decode()
    assert "Subject: CN = osbiz.example.com" in text
    assert "DNS:a.b" in text
    of_request = openssl("req", "-in", tmp_path / "a.csr", "-noout", "-pubkey")
    assert of_request == openssl("pkey", "-in", tmp_path / "key_csr.pem", "-pubout")
    listed = (await expert.get(CERTIFICATES)).words
    assert "Renewal 2026 signing request osbiz.example.com" in listed


async def test_only_a_signing_requests_key_is_given_out_and_only_what_there_is(
    simulator: Simulator, expert: Visitor
) -> None:
    active = f"{CERTIFICATES}/{simulator.box.model.active.id}/export"
    for suffix in ("key", "p12", "csr", "exe", "..%2f"):
        assert (await expert.get(f"{active}/{suffix}")).status == 404
    assert (await expert.get(active + "/pem")).status == 200
    authority = await an_authority(simulator)
    assert (await expert.get(f"{AUTHORITIES}/{authority.id}/export/key")).status == 404
    wrong = f"{AUTHORITIES}/{simulator.box.model.active.id}/generate-server"
    assert (await expert.get(wrong)).status in (303, 404)


async def imported(visitor: Visitor, fields: dict[str, str], **files: bytes) -> Answer:
    return await visitor.upload(
        IMPORT, {"name": "From outside", "passphrase": PASSPHRASE, **fields}, **files
    )


def foreign_files(name: str = "osbiz.example.com") -> tuple[bytes, bytes]:
    leaf = foreign_authority().issue_cert(name, key_type=trustme.KeyType.RSA)
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return chain, leaf.private_key_pem.bytes()


async def test_certificate_and_key_are_imported_and_not_active(
    simulator: Simulator, expert: Visitor
) -> None:
    before = simulator.box.model.active.id
    certificate, key = foreign_files()
    answer = await imported(expert, {"do": "files"}, certificate=certificate, key=key)
    held = newest(simulator)
    assert (answer.status, answer.location) == (303, f"{CERTIFICATES}/{held.id}")
    assert "It is not active yet" in (await expert.get(answer.location)).words
    assert (held.kind, held.name) == (Kind.IMPORTED, "From outside")
    assert simulator.box.model.active.id == before


async def test_an_answer_to_a_signing_request_needs_no_key_file(
    simulator: Simulator, expert: Visitor
) -> None:
    request = await simulator.box.make(
        kind="request", name="Asked", subject={"CN": "osbiz.example.com"}
    )
    assert request.request is not None
    assert "Signing requests without an answer: Asked" in (await expert.get(IMPORT)).words
    authority = await an_authority(simulator)
    assert authority.certificate is not None
    assert authority.key is not None
    answer = _answered(authority, request.request)
    page = await imported(expert, {"do": "files"}, certificate=answer)
    assert page.status == 303
    held = newest(simulator)
    assert held.certificate is not None
    assert held.certificate.key is not None
    assert "without an answer" not in (await expert.get(IMPORT)).words
    stranger, _key = foreign_files()
    page = await imported(expert, {"do": "files"}, certificate=stranger)
    assert list(page.wrong) == ["key"]


async def test_an_answer_in_pkcs7_is_chosen_as_the_certificate_file(
    simulator: Simulator, expert: Visitor
) -> None:
    request = await simulator.box.make(
        kind="request", name="Asked", subject={"CN": "osbiz.example.com"}
    )
    assert request.request is not None
    assert ".p7b" in (await expert.get(IMPORT)).text.partition('name="certificate"')[2][:200]
    authority = await an_authority(simulator)
    assert authority.certificate is not None
    bag = b"".join(
        (
            foreign_authority().cert_pem.bytes(),
            authority.certificate.pem.encode(),
            _answered(authority, request.request),
        )
    )
    answer = await asyncio.to_thread(
        openssl, "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", data=bag
    )
    page = await imported(expert, {"do": "files"}, certificate=answer)
    assert page.status == 303
    held = newest(simulator).certificate
    assert held is not None
    assert held.chain == (authority.certificate.leaf,)
    journal = (await expert.get(ADMIN + "service")).words
    assert re.search("without what does not lead to its root: [^.]*Testing CA", journal)
    from_python = await simulator.box.import_files(
        name="again", passphrase=PASSPHRASE, certificate=answer, key=None
    )
    assert from_python.certificate == held


async def test_a_file_in_the_wrong_place_is_named_with_the_right_one(expert: Visitor) -> None:
    start_of_pkcs12 = sequence(integer(3))
    page = await imported(expert, {"do": "files"}, certificate=start_of_pkcs12)
    assert "is a PKCS#12 file" in page.wrong["certificate"]
    archive = await imported(expert, {"do": "files"}, certificate=b"PK\x03\x04\x14\x00")
    assert "Unpack it" in archive.wrong["certificate"]


def _answered(authority: Holding, request: x509.CertificateSigningRequest) -> bytes:
    assert authority.certificate is not None
    leaf = authority.certificate.leaf
    issued = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(leaf.subject)
        .public_key(request.public_key())
        .serial_number(4711)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc)
        .sign(authority.key, leaf.signature_hash_algorithm)  # type: ignore[arg-type]
    )
    return issued.public_bytes(serialization.Encoding.PEM)


async def test_pkcs12_is_imported_with_its_passphrase_alone(
    simulator: Simulator, expert: Visitor
) -> None:
    authority = await an_authority(simulator)
    server = await simulator.box.make(
        kind="server",
        name="Sealed",
        subject={"CN": "x"},
        authority=authority.id,
        passphrase=PASSPHRASE,
    )
    assert server.pkcs12 is not None
    page = await imported(expert, {"do": "pkcs12", "passphrase": "not this"}, pkcs12=server.pkcs12)
    assert list(page.wrong) == ["passphrase"]
    assert page.fields["name"] == "From outside"
    assert "not this" not in page.text
    page = await imported(expert, {"do": "pkcs12"}, pkcs12=server.pkcs12)
    assert page.status == 303


@pytest.mark.parametrize(
    ("fields", "files", "wrong"),
    [
        ({"do": "pkcs12", "name": ""}, {}, "name pkcs12"),
        (
            {"do": "files", "passphrase": "short", "name": "a/b"},
            {},
            "certificate name passphrase",
        ),
        ({"do": "files"}, {"pkcs12": b"x"}, "certificate"),
        ({"do": "pkcs12"}, {"pkcs12": b"x"}, "pkcs12"),
        ({"do": "files"}, {"certificate": b"x", "key": b"y"}, "certificate key"),
        (
            {"passphrase": "x" * 33, "name": "\n"},
            {"certificate": b"x"},
            "certificate name passphrase",
        ),
    ],
)
async def test_all_that_is_wrong_with_an_import_is_told_at_once(
    simulator: Simulator,
    expert: Visitor,
    fields: dict[str, str],
    files: dict[str, bytes],
    wrong: str,
) -> None:
    before = len(simulator.box.holdings())
    page = await imported(expert, fields, **files)
    assert page.status == 422
    assert sorted(page.wrong) == wrong.split()
    assert len(simulator.box.holdings()) == before


async def test_a_pkcs12_file_that_asks_for_endless_work_is_refused_at_once(
    expert: Visitor,
) -> None:
    bag = shrouded(encrypted_key(1 << 31, octets=whole))
    certificate, _key = foreign_files()
    der = x509.load_pem_x509_certificates(certificate)[0].public_bytes(serialization.Encoding.DER)
    data = crafted_pkcs12(der, bag, octets=whole)
    page = await imported(expert, {"do": "pkcs12"}, pkcs12=data)
    assert "rounds of key derivation" in page.words


async def test_uploads_are_bounded(expert: Visitor) -> None:
    page = await imported(expert, {"do": "pkcs12"}, pkcs12=b"0" * (1 << 20))
    assert page.status == 413


async def test_removing_asks_first_and_spares_what_is_active(
    simulator: Simulator, expert: Visitor
) -> None:
    active = f"{CERTIFICATES}/{simulator.box.model.active.id}/remove"
    page = await expert.get(active)
    assert "It is active on OpenScape Business." in page.words
    assert (await expert.post(active, {"csrf": (await expert.get(IMPORT)).csrf})).status == 409
    authority = await an_authority(simulator)
    path = f"{AUTHORITIES}/{authority.id}/remove"
    page = await expert.get(path)
    assert "it can sign no more certificates" in page.words
    assert authority.id in simulator.box.model.holdings
    answer = await expert.send(path, {})
    assert answer.location == AUTHORITIES
    assert authority.id not in simulator.box.model.holdings
    assert "MyCaCertificate was removed." in (await expert.get(AUTHORITIES)).words
    assert (await expert.get(path)).status == 404


async def test_importing_and_activating_need_expert_rights_and_say_so_beforehand(
    simulator: Simulator, admin: Visitor
) -> None:
    before = len(simulator.box.holdings())
    activate = f"{CERTIFICATES}/{simulator.box.model.active.id}/activate"
    for path in (IMPORT, activate):
        words = (await admin.get(path)).words
        assert "needs the role Expert. You are logged on with the role Advanced." in words
    certificate, key = foreign_files()
    page = await imported(admin, {"do": "files"}, certificate=certificate, key=key)
    assert page.status == 403
    assert "Log on as an Expert" in page.words
    assert (await admin.send(activate, {"system": "system"})).status == 403
    assert len(simulator.box.holdings()) == before
    assert (await admin.fill_in(SELF_SIGNED, {"name": "x", "subject.CN": "x"})).status == 303


async def test_what_a_role_can_not_put_back_it_can_not_remove(
    simulator: Simulator, admin: Visitor
) -> None:
    certificate, key = foreign_files()
    held = await simulator.box.import_files(
        name="Imported", passphrase=PASSPHRASE, certificate=certificate, key=key
    )
    assert (await admin.send(f"{CERTIFICATES}/{held.id}/remove", {})).status == 403
    assert held.id in simulator.box.model.holdings


async def test_home_draws_every_validity_on_one_axis(simulator: Simulator, admin: Visitor) -> None:
    await an_authority(simulator)
    await simulator.box.make(
        kind="self-signed",
        name="Long ago",
        subject={"CN": "x"},
        not_before="1999-01-01T00:00:00Z",
        not_after="2000-01-01T00:00:00Z",
    )
    page = await admin.get(HOME)
    assert page.text.count('class="timeline-now"') == 4
    assert 'aria-label="1999-01-01 – 2000-01-01, expired"' in page.text
    assert "MyCaCertificate" in page.words


def test_multipart_is_taken_apart_byte_by_byte() -> None:
    content = bytes(range(256)) + b"\r\n--x\r\n"
    body = (
        b'preamble\r\n--B x\r\nContent-Disposition: form-data; name="a"\r\n\r\nw\xc3\xb6rd\r\n--B'
        b'\r\ncontent-disposition: form-data; filename="C:\\\\k.p12"; name="f"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--B--\r\nepilogue"
    )
    fields = parse_multipart('multipart/form-data; boundary="B"', body.replace(b"--B x", b"--B"))
    assert fields.texts == {"a": "wörd"}
    assert fields.files == {"f": content}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--B--"),
        ("multipart/form-data; boundary=B", b""),
        ("multipart/form-data; boundary=B", b"--B\r\n"),
        ("multipart/form-data; boundary=B", b'--B\r\nContent-Disposition: x; name="a"\r\n\r\nv'),
        ("multipart/form-data; boundary=B", b"--B\r\nX: y\r\n\r\nv\r\n--B--"),
        (
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: x; name="a"\r\n\r\n\r\n' * 300 + b"--B--",
        ),
    ],
)
def test_multipart_that_is_none_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_multipart(kind, body)
