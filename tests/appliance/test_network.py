"""Addresses that a node may have."""

from __future__ import annotations

import pytest

from appliance.network import parse_address
from tests.helpers import a_box, refusals


@pytest.mark.parametrize("text", ["192.168.1.2", " 127.0.0.9 ", "10.0.0.1"])
def test_an_ipv4_address_is_taken_without_the_blanks_around_it(text: str) -> None:
    assert parse_address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "osbiz", "192.168.1", "192.168.1.256", "192.168.001.2", "::1", "1.2.3.4/8", "1.2.3.4:80",
     "१.2.3.4", None, 7, ["1.2.3.4"]],
)  # fmt: skip
def test_what_is_no_ipv4_address_is_refused(text: object) -> None:
    assert refusals(parse_address, text) == ["address-malformed"]


@pytest.mark.parametrize("text", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1"])
def test_an_address_that_no_host_can_have_is_refused(text: str) -> None:
    assert refusals(parse_address, text) == ["address-not-usable"]


@pytest.mark.parametrize("text", ["nonsense", "0.0.0.0"])
def test_the_box_itself_never_gets_such_an_address(text: str) -> None:
    box = a_box()
    assert refusals(box.prepare_move, text)[0].startswith("address-")
    assert box.lan_ip == "127.0.0.2"
    box.close()
