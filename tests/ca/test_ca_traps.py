"""What goes wrong at the practice CA gets the RFC's problem documents, never a 500."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from appliance.acme.signing import AccountKey, b64url
from tests.ca.own_client import Client, csr, dns, encoded, kind
from tests.ca.programs import Program, ca_program

NAME = "phone.example.test"


@pytest.fixture(scope="module")
def running_ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One CA as a program for all of them, without rate limits."""
    with ca_program(tmp_path_factory.mktemp("ca"), "--no-rate-limits") as found:
        yield found


@pytest.fixture(scope="module")
def http(running_ca: Program) -> Iterator[httpx.Client]:
    """Connections to it."""
    context = ssl.create_default_context(cafile=str(running_ca.root))
    with httpx.Client(verify=context, trust_env=False, timeout=15) as found:
        yield found


@pytest.fixture
def client(running_ca: Program, http: httpx.Client) -> Client:
    """A client with an account."""
    made = Client(running_ca.ready["directory"], http)
    assert made.register().status_code == 201
    return made


def prove(ca: Program, client: Client, order: dict[str, Any]) -> None:
    """Every name of an order, by DNS."""
    from appliance.acme.signing import dns_value

    for url in order["authorizations"]:
        one = client.look(url)
        task = next(task for task in one["challenges"] if task["type"] == "dns-01")
        host = f"_acme-challenge.{one['identifier']['value']}"
        value = dns_value(client.key.authorize(task["token"]))
        ca.ask("POST", "/set-txt", {"host": host, "value": value})
        client.post(task["url"], {})
        assert client.settled(url)["status"] == "valid"
        ca.ask("POST", "/clear-txt", {"host": host})


def certificate(ca: Program, client: Client, *names: str, **more: Any) -> x509.Certificate:
    """One that was ordered, proved and downloaded."""
    answer = client.order(*names, **more)
    assert answer.status_code == 201, answer.text
    order = answer.json()
    prove(ca, client, order)
    done = client.post(order["finalize"], encoded(csr(*map(dns, names)))).json()
    pem = client.post(done["certificate"])
    assert 'rel="alternate"' in ",".join(pem.headers.get_list("Link"))
    return x509.load_pem_x509_certificate(pem.content)


def test_a_nonce_serves_once(client: Client) -> None:
    nonce, url = client.nonce(), client.urls["newOrder"]
    body = {"identifiers": [{"type": "dns", "value": NAME}]}
    assert client.post(url, body, nonce=nonce).status_code == 201
    again = client.post(url, body, nonce=nonce)
    assert kind(again) == "badNonce"
    assert again.headers["Replay-Nonce"] != nonce
    assert kind(client.post(url, body, nonce="bm9ib2R5cw")) == "badNonce"
    assert kind(client.post(url, body, nonce=None)) == "badNonce"


def test_what_is_signed_wrongly_is_told_so(client: Client) -> None:
    url = client.urls["newOrder"]

    def sent(protected: dict[str, Any], **changes: Any) -> str:
        jws = client.key.sign({}, url=url, nonce=client.nonce(), kid=client.kid)
        head = {"alg": "ES256", "url": url, "nonce": client.nonce(), "kid": client.kid}
        jws["protected"] = b64url(json.dumps({**head, **protected}).encode())
        return kind(client.send(url, {**jws, **changes}))

    assert sent({"alg": "none"}) == "badSignatureAlgorithm"
    assert sent({"alg": "HS256"}) == "badSignatureAlgorithm"
    assert sent({"alg": "RS256"}) == "malformed"  # does not go with the key
    assert sent({}) == "malformed"  # another header than was signed
    assert sent({"url": url + "x"}) == "unauthorized"
    assert sent({"kid": "https://127.0.0.1/account/1"}) == "accountDoesNotExist"
    assert sent({"jwk": {}}) == "malformed"  # both
    assert sent({"crit": ["x"]}) == "malformed"
    assert sent({}, signature="AA==") == "malformed"
    assert sent({}, header={}) == "malformed"
    assert kind(client.send(url, b"[]")) == "malformed"
    assert kind(client.send(url, b"x" * 70_000)) == "malformed"
    assert kind(client.http.post(url, content=b"{}")) == "malformed"
    packed = {"Content-Type": "application/jose+json", "Content-Encoding": "gzip"}
    assert kind(client.http.post(url, content=b"not packed", headers=packed)) == "malformed"
    assert kind(client.http.get(url)) == "malformed"
    assert kind(client.http.get(client.directory + "/nothing")) == "malformed"
    assert kind(client.post(url, {}, kid=None)) == "malformed"


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "A" * 5000, "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-999", "x": "A" * 43, "y": "A" * 43},
        {"kty": "EC", "crv": "P-256", "x": 1, "y": None},
        {**AccountKey.make().public, "d": "A" * 43},
        "key",
        None,
    ],
)
def test_keys_that_are_none_are_refused(client: Client, jwk: object) -> None:
    url = client.urls["newAccount"]
    head = {"alg": "ES256", "url": url, "nonce": client.nonce(), "jwk": jwk}
    jws = {"protected": b64url(json.dumps(head).encode()), "payload": "e30", "signature": "AA"}
    assert kind(client.send(url, jws)) == "badPublicKey"


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20),
    lambda one: some.lists(one, max_size=4) | some.dictionaries(some.text(max_size=9), one),
    max_leaves=12,
)


_MEMBERS = ("identifiers", "notAfter", "profile", "replaces", "csr", "contact", "certificate")
_MEMBERS += ("reason", "status", "externalAccountBinding")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=some.binary(max_size=200) | _JSON.map(lambda one: json.dumps(one).encode()))
def test_whatever_bytes_come_there_is_a_problem_document(client: Client, body: bytes) -> None:
    assert kind(client.send(client.urls["newOrder"], body)) == "malformed"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    payload=_JSON
    | some.fixed_dictionaries(
        {},
        optional=dict.fromkeys(_MEMBERS, _JSON),
    )
)
def test_whatever_is_signed_properly_is_answered_properly(client: Client, payload: object) -> None:
    for name in ("newOrder", "revokeCert", "keyChange"):
        assert kind(client.post(client.urls[name], payload))
    fresh = client.post(client.urls["newAccount"], payload, kid=None)
    assert fresh.status_code in (200, 400)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(protected=some.dictionaries(some.sampled_from(["alg", "url", "nonce", "kid", "jwk"]), _JSON))
def test_whatever_stands_in_the_header_is_answered_properly(
    client: Client, protected: dict[str, Any]
) -> None:
    head = {"alg": "ES256", "url": client.urls["newOrder"]} | protected
    jws = {"protected": b64url(json.dumps(head).encode()), "payload": "e30", "signature": "AA"}
    assert kind(client.send(client.urls["newOrder"], jws))


def test_who_goes_in_the_middle_of_a_request_leaves_no_trace(
    running_ca: Program, client: Client
) -> None:
    head = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose+json\r\n"
    context = ssl.create_default_context(cafile=str(running_ca.root))
    for url, path, tls in (
        (running_ca.ready["directory"], b"new-order", True),
        (running_ca.ready["pages"], b"ocsp", False),
    ):
        host, _, port = url.split("/")[2].partition(":")
        with socket.create_connection((host, int(port)), 5) as plain:
            wrapped = context.wrap_socket(plain, server_hostname=host) if tls else plain
            wrapped.sendall(head % path + b"Content-Length: 9\r\n\r\n{")
            wrapped.close()
    assert client.order(NAME).status_code == 201  # and the fixture looks at the log


def test_names_are_refused_each_with_its_reason(client: Client) -> None:
    assert kind(client.order("osbiz.mycompany.de")) == "rejectedIdentifier"
    assert kind(client.order("test")) == "rejectedIdentifier"
    assert kind(client.order("8.8.8.8")) == "rejectedIdentifier"
    assert kind(client.order("a_b.example.test")) == "malformed"
    assert kind(client.order("*.*.example.test")) == "rejectedIdentifier"
    assert kind(client.order()) == "malformed"
    assert kind(client.order(*(f"a{i}.example.test" for i in range(101)))) == "malformed"
    several = client.order("a.example.com", "good.example.test", "b.example.com")
    assert kind(several) == "rejectedIdentifier"
    below = several.json()["subproblems"]
    assert [one["identifier"]["value"] for one in below] == ["a.example.com", "b.example.com"]
    url = client.urls["newOrder"]
    odd = {"identifiers": [{"type": "email", "value": "a@example.test"}]}
    assert kind(client.post(url, odd)) == "unsupportedIdentifier"
    assert kind(client.order(NAME, profile="forever")) == "invalidProfile"
    assert kind(client.order(NAME, notAfter="2999-01-01T00:00:00Z")) == "malformed"
    wildcard = client.order(f"*.{NAME}").json()
    kinds = [task["type"] for task in client.look(wildcard["authorizations"][0])["challenges"]]
    assert kinds == ["dns-01"]


def test_signing_requests_that_are_no_good_leave_the_order_as_it_is(
    running_ca: Program, client: Client
) -> None:
    order = client.order(NAME).json()
    finalize = order["finalize"]
    assert kind(client.post(finalize, encoded(csr(dns(NAME))))) == "orderNotReady"
    prove(running_ca, client, order)
    good = csr(dns(NAME))
    broken = bytearray(good.public_bytes(serialization.Encoding.DER))
    broken[-1] ^= 1
    pem = b64url(good.public_bytes(serialization.Encoding.PEM))
    for wrong in (
        encoded(csr(dns("other.example.test"))),
        encoded(csr(dns(NAME), dns("other.example.test"))),
        encoded(csr(dns(NAME), common_name="other")),
        encoded(csr()),
        encoded(csr(dns(NAME), bits=1024)),
        {"csr": b64url(bytes(broken))},
        {"csr": pem},
        {"csr": b64url(b"0" * 33_000)},
        {"csr": "MIIB"},
    ):
        assert kind(client.post(finalize, wrong)) == "badCSR"
    done = client.post(finalize, encoded(good)).json()
    assert done["status"] == "valid"
    assert kind(client.post(finalize, encoded(good))) == "orderNotReady"


def test_validation_traps_are_told_apart(running_ca: Program, client: Client) -> None:
    traps = [
        ("nowhere", "http-01", "A", "127.0.0.98", "connection"),
        ("public", "http-01", "A", "192.0.2.1", "connection"),
        ("broken", "http-01", "RCODE", "SERVFAIL", "dns"),
        ("no-text", "dns-01", "A", "127.0.0.1", "unauthorized"),
        ("closed", "tls-alpn-01", "A", "127.0.0.98", "connection"),
    ]
    for label, challenge, record, value, wanted in traps:
        name = f"{label}.example.test"
        running_ca.ask("PUT", f"/v1/dns/{name}/{record}", {"values": [value]})
        answer = client.order(name)
        (task,) = client.tasks(answer.json(), challenge)
        client.post(task["url"], {})
        told = client.settled(task["url"])["error"]
        assert told["type"].endswith(":" + wanted), (label, told)
        order = client.look(answer.headers["Location"])
        assert order["status"] == "invalid"
        assert order["error"]["identifier"]["value"] == name


@pytest.mark.parametrize(
    ("label", "at", "record", "name", "allowed"),
    [
        ("other", "{name}", '0 issue "letsencrypt.org"', "{name}", False),
        ("ours", "{name}", '0 issue "osbiz-practice.example"', "{name}", True),
        ("nobody", "{name}", '0 issue ";"', "{name}", False),
        ("parent", "{name}", '0 issue ";"', "below.{name}", False),
        ("wild", "{name}", '0 issuewild ";"', "*.{name}", False),
        ("not-wild", "{name}", '0 issuewild ";"', "{name}", True),
        ("critical", "{name}", '128 unheard "of"', "{name}", False),
        ("harmless", "{name}", '0 unheard "of"', "{name}", True),
    ],
)
def test_caa_records_are_heeded(
    running_ca: Program, client: Client, label: str, at: str, record: str, name: str, allowed: bool
) -> None:
    zone = f"caa-{label}.example.test"
    running_ca.ask("PUT", f"/v1/dns/{at.format(name=zone)}/CAA", {"values": [record]})
    name = name.format(name=zone)
    order = client.order(name).json()
    if allowed:
        prove(running_ca, client, order)
        return
    (task,) = client.tasks(order, "dns-01")
    from appliance.acme.signing import dns_value

    host = f"_acme-challenge.{name.removeprefix('*.')}"
    value = dns_value(client.key.authorize(task["token"]))
    running_ca.ask("POST", "/set-txt", {"host": host, "value": value})
    client.post(task["url"], {})
    assert client.settled(task["url"])["error"]["type"].endswith(":caa")


def test_caa_that_changes_its_mind_before_finalize_is_heeded_too(
    running_ca: Program, client: Client
) -> None:
    name = "late.example.test"
    answer = client.order(name)
    prove(running_ca, client, answer.json())
    running_ca.ask("PUT", f"/v1/dns/{name}/CAA", {"values": ['0 issue ";"']})
    assert kind(client.post(answer.json()["finalize"], encoded(csr(dns(name))))) == "caa"
    assert client.look(answer.headers["Location"])["status"] == "invalid"


def test_accounts_are_found_changed_and_ended(client: Client) -> None:
    assert client.register().status_code == 200
    assert client.kid is not None
    changed = client.post(client.kid, {"contact": ["mailto:anna@example.com"]}).json()
    assert changed["contact"] == ["mailto:anna@example.com"]
    assert kind(client.post(client.kid, {"contact": ["tel:+49"]})) == "unsupportedContact"
    assert kind(client.post(client.kid, {"contact": ["mailto:anna"]})) == "invalidContact"
    stranger = Client(client.directory, client.http)
    assert kind(stranger.register(onlyReturnExisting=True)) == "accountDoesNotExist"
    assert kind(stranger.register(termsOfServiceAgreed=False)) == "userActionRequired"
    stranger.register()
    assert kind(stranger.post(client.kid)) == "unauthorized"
    old, new = client.key, AccountKey.make()
    url = client.urls["keyChange"]
    payload = {"account": client.kid, "oldKey": old.public}
    assert client.post(url, new.sign(payload, url=url)).status_code == 200
    assert kind(client.post(client.kid)) == "malformed"  # the old key signs no more
    client.key = new
    assert client.look(client.kid)["status"] == "valid"
    taken = client.post(url, stranger.key.sign(payload | {"oldKey": new.public}, url=url))
    assert (kind(taken), taken.status_code) == ("malformed", 409)
    assert taken.headers["Location"] == stranger.kid
    assert client.post(client.kid, {"status": "deactivated"}).json()["status"] == "deactivated"
    assert kind(client.post(client.kid)) == "unauthorized"


def test_revocation_by_account_by_key_and_by_nobody_else(
    running_ca: Program, client: Client
) -> None:
    leaf = certificate(running_ca, client, "revoked.example.test")
    der = {"certificate": b64url(leaf.public_bytes(serialization.Encoding.DER))}
    url = client.urls["revokeCert"]
    stranger = Client(client.directory, client.http)
    stranger.register()
    assert kind(stranger.post(url, der)) == "unauthorized"
    assert kind(stranger.post(url, der, kid=None)) == "unauthorized"
    assert kind(client.post(url, der | {"reason": 2})) == "badRevocationReason"
    assert kind(client.post(url, der | {"reason": True})) == "badRevocationReason"
    other = running_ca.root.read_bytes()
    root = x509.load_pem_x509_certificate(other).public_bytes(serialization.Encoding.DER)
    for unknown in (root, b"", b"0" * 900):
        assert kind(client.post(url, {"certificate": b64url(unknown)})) == "malformed"
    assert client.post(url, der | {"reason": 4}).status_code == 200
    assert kind(client.post(url, der)) == "alreadyRevoked"


def test_renewal_information_says_when_and_a_certificate_is_replaced_once(
    running_ca: Program, client: Client
) -> None:
    from appliance.acme.signing import certificate_id

    leaf = certificate(running_ca, client, "renewed.example.test")
    name = certificate_id(leaf)
    info = client.http.get(f"{client.urls['renewalInfo']}/{name}")
    window = info.json()["suggestedWindow"]
    assert info.headers["Retry-After"] == "21600"
    assert window["start"] < window["end"] < leaf.not_valid_after_utc.isoformat()
    assert kind(client.order("other.example.test", replaces=name)) == "malformed"
    begun = client.order("renewed.example.test", "more.example.test", replaces=name)
    assert kind(client.order("renewed.example.test", replaces=name)) == "alreadyReplaced"
    given_up = begun.json()["authorizations"][0]
    assert client.post(given_up, {"status": "deactivated"}).status_code == 200
    certificate(running_ca, client, "renewed.example.test", replaces=name)
    assert kind(client.order("renewed.example.test", replaces=name)) == "alreadyReplaced"
    assert kind(client.order("renewed.example.test", replaces="x.y")) == "malformed"
    assert kind(client.http.get(client.urls["renewalInfo"] + "/x.y")) == "malformed"


def test_too_many_orders_are_told_when_to_come_back(tmp_path: Path) -> None:
    with ca_program(tmp_path / "ca") as ca:
        context = ssl.create_default_context(cafile=str(ca.root))
        with httpx.Client(verify=context, trust_env=False) as http:
            client = Client(ca.ready["directory"], http)
            client.register()
            for _ in range(5):
                certificate(ca, client, NAME)
            last = client.order(NAME)
            assert (kind(last), last.status_code) == ("rateLimited", 429)
            assert 6 * 86400 < int(last.headers["Retry-After"]) <= 7 * 86400


def test_a_ca_that_binds_accounts_takes_customers_only(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    secret = b"0123456789abcdef0123456789abcdef"
    keys.write_text(json.dumps({"anna": b64url(secret)}))
    with ca_program(tmp_path / "ca", "--eab-file", str(keys)) as ca:
        context = ssl.create_default_context(cafile=str(ca.root))
        with httpx.Client(verify=context, trust_env=False) as http:
            client = Client(ca.ready["directory"], http)
            assert kind(client.register()) == "externalAccountRequired"
            wrong = client.binding("anna", b"another key, of some length, not it")
            assert kind(client.register(externalAccountBinding=wrong)) == "unauthorized"
            nobody = client.binding("bert", secret)
            assert kind(client.register(externalAccountBinding=nobody)) == "unauthorized"
            elsewhere = Client(ca.ready["directory"], http).binding("anna", secret)
            assert kind(client.register(externalAccountBinding=elsewhere)) == "malformed"
            good = client.binding("anna", secret)
            assert client.register(externalAccountBinding=good).status_code == 201
