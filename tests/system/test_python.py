"""The public face: what people import."""

from __future__ import annotations

import gc
import os
import ssl
import urllib.request
from pathlib import Path

import pytest

import osbiz
from tests.clients import refuses, served


async def test_a_box_is_there_while_the_block_runs() -> None:
    async with osbiz.Simulator(ephemeral=True) as sim:
        assert sim.box.portal_url.startswith("https://127.0.0.2:")
        old = sim.box.portal_url
        before = sim.box.active.pem
        await sim.box.change_lan_ip("127.0.0.9")
        assert sim.box.lan_ip == "127.0.0.9"
        assert sim.box.active.pem != before
    assert refuses(old)
    assert refuses(sim.box.portal_url)


async def test_a_move_returns_when_the_box_serves_again() -> None:
    async with osbiz.Simulator(ephemeral=True, restart_time=0.3, booster=False) as sim:
        await sim.box.change_lan_ip("127.0.0.9")
        assert sim.box.state == "running"
        await sim.box.change_lan_ip("127.0.0.10", wait=False)
        assert sim.box.state == "restarting"


def test_ordinary_code_has_the_same_with_calls_that_wait() -> None:
    with osbiz.run() as sim:
        assert served(sim.box.portal_url).common_name == "127.0.0.2"
        sim.box.change_lan_ip("127.0.0.9")
        assert served(sim.box.portal_url).common_name == "127.0.0.9"
        authority = sim.box.make(kind="authority", name="CA", subject={"CN": "CA"})
        server = sim.box.make(
            kind="server",
            name="s",
            subject={"CN": "127.0.0.9"},
            san=["IP:127.0.0.9"],
            authority=authority.id,
            passphrase="1234567",
        )
        sim.box.activate(server.id)
        context = ssl.create_default_context(cadata=authority.certificate.pem)
        with urllib.request.urlopen(sim.box.portal_url + "/robots.txt", context=context) as answer:
            assert answer.status == 200


def test_a_refusal_arrives_as_an_exception_with_its_reasons() -> None:
    with osbiz.run(booster=False) as sim:
        with pytest.raises(osbiz.Refused) as caught:
            sim.box.change_lan_ip("fax")
        assert caught.value.refusals[0].field == "lan_ip"
        assert served(sim.box.portal_url).common_name == "127.0.0.2"


def test_a_start_that_is_refused_leaves_nothing_behind() -> None:
    with osbiz.run():  # its loop is used again
        pass
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(osbiz.Refused), osbiz.run(lan_ip="192.0.2.1"):
            pass
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_boxes_come_and_go_without_leaving_descriptors(tmp_path: Path) -> None:
    with osbiz.run() as sim:
        served(sim.box.portal_url)
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for number in range(5):
        with osbiz.run(data=tmp_path if number % 2 else None) as sim:
            served(sim.box.portal_url)
            sim.box.change_lan_ip(f"127.0.0.{20 + number}")
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_ephemeral_and_data_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(osbiz.Refused):
        osbiz.Simulator(ephemeral=True, data=tmp_path)


async def test_many_boxes_live_beside_each_other() -> None:
    async with (
        osbiz.Simulator() as one,
        osbiz.Simulator() as two,
        osbiz.Simulator(booster=False) as three,
    ):
        shown = {sim.box.active.fingerprint("sha256") for sim in (one, two, three)}
        assert len(shown) == 3
