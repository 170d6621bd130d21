"""Files go both ways between the box and other people's tools: docs/interop.md, row by row."""

from __future__ import annotations

import pytest
from cryptography import x509

from tests.helpers import PASSPHRASE
from tests.interop.conftest import Desk
from tests.interop.tables import rows, run
from tests.store.test_bundles import intermediate, root

ANSWERS = rows("The box's signing request, signed elsewhere")
SEALED = rows("Key and certificate from elsewhere, as PKCS#12")
OPENED = rows("What the box exports, opened elsewhere")


def names(table: list[list[str]], *columns: int) -> list[str]:
    return [" ".join(row[column] for column in columns) for row in table]


def desk_for(command: str, request: pytest.FixtureRequest) -> Desk:
    """The desk, with a store of NSS where the command wants one."""
    desk: Desk = request.getfixturevalue("nss" if "sql:nss" in command else "desk")
    return desk


def chain_of(pem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.encode())


@pytest.mark.parametrize(("tool", "command", "file"), ANSWERS, ids=names(ANSWERS, 0))
def test_an_answer_to_the_boxs_request_is_imported_without_a_key_file(
    request: pytest.FixtureRequest, tool: str, command: str, file: str
) -> None:
    desk = desk_for(command, request)
    run(command, desk.directory)
    answer = desk.box.upload(name=file, passphrase=PASSPHRASE, certificate=desk.file(file))
    assert answer.status == 201, (tool, answer.body)
    leaf, *chain = chain_of(answer.body["pem"])
    assert leaf.issuer == intermediate().subject
    if "p7b" in file:
        assert chain == [intermediate(), root()]
    listed = desk.box.call("GET", "/v1/certificates").body["certificates"]
    assert answer.body["id"] in {shown["id"] for shown in listed if shown["kind"] == "imported"}


@pytest.mark.parametrize(("tool", "sealing", "command", "file"), SEALED, ids=names(SEALED, 0, 3))
def test_a_pkcs12_file_is_imported_however_it_is_sealed(
    request: pytest.FixtureRequest, tool: str, sealing: str, command: str, file: str
) -> None:
    desk = desk_for(command, request)
    run(command, desk.directory)
    answer = desk.box.upload(name=file, passphrase=PASSPHRASE, pkcs12=desk.file(file))
    assert answer.status == 201, (tool, sealing, answer.body)
    (wanted,) = chain_of(desk.file("box.crt").decode())
    assert chain_of(answer.body["pem"])[0] == wanted


@pytest.mark.parametrize(("kind", "tool", "command", "says"), OPENED, ids=names(OPENED, 0, 1))
def test_what_the_box_exports_opens_elsewhere(
    request: pytest.FixtureRequest,
    exported: Desk,
    kind: str,
    tool: str,
    command: str,
    says: str,
) -> None:
    desk_for(command, request)
    said = run(command, exported.directory, PORTAL=exported.box.ready["portal"])
    assert says in said, (kind, tool, said)


def test_the_box_serves_what_was_answered_in_pkcs7(desk: Desk) -> None:
    """From the request to a client that trusts the root, over HTTP all the way."""
    box = desk.box
    form = {"kind": "request", "name": "served", "subject": {"CN": "127.0.0.2"}}
    identity = desk.make(**form, san=["IP:127.0.0.2"])
    desk.export(identity, "csr", "served.csr")
    run(
        "openssl x509 -req -in served.csr -CA issuing.pem -CAkey issuing.key -days 90 "
        "-copy_extensions copy -out served.crt && openssl req -x509 -newkey rsa:2048 -nodes "
        "-subj /CN=Stray -keyout stray.key -out stray.pem && openssl crl2pkcs7 -nocrl "
        "-certfile stray.pem -certfile chain.pem -certfile served.crt -out served.p7b",
        desk.directory,
    )
    imported = box.upload(name="served", passphrase=PASSPHRASE, certificate=desk.file("served.p7b"))
    assert imported.status == 201, imported.body
    entries = box.call("GET", "/v1/journal").body
    assert "Stray" in str(entries)
    activated = box.call("POST", "/v1/nodes/system/activate", {"certificate": imported.body["id"]})
    assert activated.status == 202
    code = run(
        "curl -sS --retry 5 --retry-connrefused --cacert root.pem -o /dev/null -w '%{http_code}' "
        "$PORTAL/robots.txt",
        desk.directory,
        PORTAL=box.ready["portal"],
    )
    assert code == "200"
