"""The engine gives each client the words that it was seen to use."""

from __future__ import annotations

import pytest

from appliance.catalogue import CASES, Case, Keyring
from tests.clients.recording import Record
from tests.clients.wording import said_otherwise

KEYS = Keyring()
RECORD = Record.load()

# A message is made of the first thing that a client minds, and these mind several at once in
# an order of their own; or what failed is not the certificate (`cryptography` has no TLS).
OTHERWISE = {
    ("self-signed-ca-signing-only", "firefox"),
    ("self-signed-remade", "firefox"),
    ("self-signed-remade", "chromium"),
    ("self-signed-remade", "java-25"),
    ("self-signed-expired", "chromium"),
    ("self-signed-wrong-name", "chromium"),
    ("permitted-dns-cn-only", "firefox"),
    ("dot-in-host", "cryptography"),
    ("underscore", "cryptography"),
    ("wildcard-hyphen", "cryptography"),
    ("wildcard-hyphen", "rustls"),
    ("ec-p224", "cryptography"),
    ("ec-secp256k1", "cryptography"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_a_refusal_is_in_the_clients_own_words(case: Case) -> None:
    found = {one.environment: str(one) for one in said_otherwise(case, KEYS, RECORD)}
    expected = {environment for name, environment in OTHERWISE if name == case.name}
    assert set(found) == expected, "\n".join(found.values())
