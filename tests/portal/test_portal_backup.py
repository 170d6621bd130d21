"""Data Backup: everything as one sealed file, and back, on this box or a new one."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser

from store.backup import MAGIC, MAX_FILE
from tests.clients import Served
from tests.clients import served as served_at
from tests.portal.browser import first_logon, log_on, needs_chromium, window
from tests.portal.visitor import ADMIN, DEFAULT, HOME, NAME, PASSWORD, Visitor
from webserver.portal.sessions import COOKIE
from webserver.simulator import Simulator

BACKUP = ADMIN + "backup"
RESTORE = BACKUP + "/restore"
PASSPHRASE = "take it home"
TWICE = {"passphrase": PASSPHRASE, "again": PASSPHRASE}


async def served(url: str) -> Served:
    """What the endpoint at `url` shows; asked beside the loop in which it runs."""
    return await asyncio.to_thread(served_at, url)


async def a_backup(visitor: Visitor) -> bytes:
    answer = await visitor.send(BACKUP, TWICE)
    assert answer.status == 200
    return answer.body


async def test_a_backup_is_a_download_with_a_name_that_says_what_it_is(
    simulator: Simulator, admin: Visitor
) -> None:
    answer = await admin.send(BACKUP, TWICE)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    day = simulator.box.clock.now().strftime("%Y-%m-%d")
    name = f"osbiz-backup-127.0.0.2-{day}.osbiz"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
    assert answer.body.startswith(MAGIC)
    assert "A backup was made." in (await admin.get(ADMIN + "service")).words


@pytest.mark.parametrize(
    ("passphrase", "again", "wrong"),
    [
        ("short", "short", ["passphrase"]),
        ("x" * 33, "x" * 33, ["passphrase"]),
        (PASSPHRASE, PASSPHRASE + "!", ["again"]),
        ("", "other", ["passphrase", "again"]),
        ("tab\tin here", "tab\tin here", ["passphrase"]),
    ],
)
async def test_a_passphrase_that_will_not_do_makes_no_file_and_does_not_come_back(
    admin: Visitor, passphrase: str, again: str, wrong: list[str]
) -> None:
    answer = await admin.send(BACKUP, {"passphrase": passphrase, "again": again})
    assert answer.status == 422
    assert answer.headers["Content-Type"].startswith("text/html")
    assert re.findall(r'<p class="wrong" id="(\w+)-wrong1"', answer.text) == wrong
    for field in ("passphrase", "again"):
        assert answer.fields[field] == ""


async def test_a_script_moves_everything_to_a_new_box_with_curl(
    tmp_path: Path, admin: Visitor, simulator: Simulator
) -> None:
    held = await simulator.box.make(
        kind="self-signed", name="Mine", subject={"CN": "osbiz.example.com"}
    )
    await simulator.box.activate(held.id)
    await admin.log_on()
    path = tmp_path / "box.osbiz"
    path.write_bytes(await a_backup(admin))
    before = await served(simulator.box.portal_url)
    async with Simulator(lan_ip="127.0.0.16", data=tmp_path / "new") as new, Visitor(new) as other:
        await other.log_on()
        token = (await other.get(RESTORE)).csrf
        given = {"csrf": token, "passphrase": PASSPHRASE, "keep_lan_ip": "1", "file": f"@{path}"}
        form = [part for key, value in given.items() for part in ("-F", f"{key}={value}")]
        url = new.box.portal_url + RESTORE
        cookie = f"{COOKIE}={other.cookies[COOKIE]}"
        done = await asyncio.to_thread(
            subprocess.run,
            ["curl", "-sSkf", "-b", cookie, *form, url],
            capture_output=True, check=True, timeout=30,
        )  # fmt: skip
        assert b"It comes back with the certificate Mine." in done.stdout
        await new.box.running()
        assert new.box.lan_ip == "127.0.0.16"
        assert (await served(new.box.portal_url)).fingerprint == before.fingerprint
        assert (await other.get(HOME)).location == ADMIN + "?after=end"
        assert (await other.try_to_log_on(DEFAULT)).status == 401
        await other.log_on()
        assert "restored from a backup" in (await other.get(ADMIN + "service")).words


@needs_chromium
async def test_a_person_moves_everything_to_a_new_box_and_is_led_to_its_address(
    tmp_path: Path, chromium: Browser
) -> None:
    path = tmp_path / "box.osbiz"
    async with Simulator(lan_ip="127.0.0.17") as old, window(chromium) as page:
        await first_logon(page, old)
        await page.get_by_role("link", name="Data Backup").click()
        await page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        await page.get_by_label("Repeat the passphrase").fill(PASSPHRASE)
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Make a backup").click()
        file = await download.value
        assert file.suggested_filename.startswith("osbiz-backup-127.0.0.17-")
        await file.save_as(path)
        before = await served(old.box.portal_url)
    async with Simulator(lan_ip="127.0.0.18", restart_time=0.5) as new, window(chromium) as page:
        async with Visitor(new) as other:
            await other.log_on()
        await page.goto(new.box.portal_url)
        await log_on(page)
        await page.get_by_role("link", name="Data Backup").click()
        await page.get_by_role("link", name="Restore").click()
        await page.get_by_label("Backup file").set_input_files(path)
        await page.get_by_label("Passphrase").fill("not the one")
        await page.get_by_role("button", name="Restore").click()
        await page.get_by_text("can't be opened with this passphrase").wait_for()
        await page.get_by_label("Backup file").set_input_files(path)
        await page.get_by_label("Passphrase").fill(PASSPHRASE)
        await page.get_by_role("button", name="Restore").click()
        await page.get_by_role("heading", name="The box restarts").wait_for()
        await page.get_by_text("The box is running again.").wait_for()
        assert page.url.startswith("https://127.0.0.17:")
        assert await served(new.box.portal_url) == before
        await log_on(page)
        await page.get_by_role("link", name="Default (127.0.0.17)").first.wait_for()


@pytest.mark.parametrize(
    ("spoil", "passphrase", "status", "field"),
    [
        (lambda data: data, PASSPHRASE + "!", 422, "passphrase"),
        (lambda data: data, "", 422, "passphrase"),
        (lambda data: data[:-1], PASSPHRASE, 422, "passphrase"),
        (lambda data: data[:40], PASSPHRASE, 422, "file"),
        (lambda data: b"PK\x03\x04" * 1_000, PASSPHRASE, 422, "file"),
        (lambda data: data + bytes(MAX_FILE), PASSPHRASE, 413, "file"),
        (lambda data: b"", PASSPHRASE, 422, "file"),
    ],
    ids=["wrong passphrase", "none", "damaged", "cut off", "something else", "too large", "empty"],
)
async def test_what_is_no_backup_changes_nothing_and_is_told_at_its_field(
    simulator: Simulator,
    admin: Visitor,
    spoil: Callable[[bytes], bytes],
    passphrase: str,
    status: int,
    field: str,
) -> None:
    before = await served(simulator.box.portal_url)
    data = spoil(await a_backup(admin))
    fields = {"passphrase": passphrase, "keep_lan_ip": "1"}
    answer = await admin.upload(RESTORE, fields, file=data)
    assert answer.status == status
    assert f'id="{field}-wrong1"' in answer.text
    assert " checked" in answer.text  # what was ticked still is
    assert answer.fields["passphrase"] == ""
    assert await served(simulator.box.portal_url) == before
    assert (await admin.get(HOME)).status == 200


async def test_more_than_8_mib_is_not_read_to_the_end(admin: Visitor) -> None:
    answer = await admin.upload(RESTORE, {"passphrase": PASSPHRASE}, file=bytes(9 << 20))
    assert answer.status == 413
    assert "What was sent is larger than 8 MiB." in answer.words
    answer = await admin.upload(BACKUP, {"passphrase": PASSPHRASE}, file=bytes(2 << 20))
    assert answer.status == 413
    assert "What was sent is larger than 1 MiB." in answer.words


async def test_the_address_of_another_network_is_refused_with_the_way_out(
    tmp_path: Path, admin: Visitor, simulator: Simulator
) -> None:
    async with Simulator(lan_ip="192.168.1.2", bind="127.0.0.1", booster=False) as far:
        backup = await far.box.back_up(PASSPHRASE)
    answer = await admin.upload(RESTORE, {"passphrase": PASSPHRASE, "keep_lan_ip": ""}, file=backup)
    assert answer.status == 422
    assert "Keep this box's LAN IP address." in answer.words
    assert 'id="keep_lan_ip-wrong1"' in answer.text
    fields = {"passphrase": PASSPHRASE, "keep_lan_ip": "1"}
    assert (await admin.upload(RESTORE, fields, file=backup)).status == 200
    await simulator.box.running()
    assert simulator.box.lan_ip == "127.0.0.2"
    assert (await served(simulator.box.portal_url)).common_name == "192.168.1.2"
    async with Visitor(simulator) as again:
        assert (await again.try_to_log_on(DEFAULT, name=NAME)).status == 302
        assert (await again.try_to_log_on(PASSWORD, name=NAME)).status == 401
