"""The report: one page that stands by itself, and says what was seen."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.incidents.conftest import Run, needs
from tests.portal.browser import a_chromium, needs_chromium
from tests.system.program import osbiz

HOSTILE = "</pre><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of an incident, with a client that writes what no page should run."""
    needs("faketime", "curl")
    path = tmp_path_factory.mktemp("report") / "report.html"
    subprocess.run(
        osbiz(
            "incident", "replay", "booster-left-behind", "--step", "--report", str(path),
            "--client", "curl", "--client", f'echo "{HOSTILE}"',
        ),
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return path.read_text("utf-8")


def test_it_needs_nothing_from_elsewhere(page: str) -> None:
    assert not re.search(r"<(script|link|img|iframe|object)\b", page)
    assert not re.search(r"<[^>]*\b(src|href)=(?!.#)", page)
    assert not re.search(r"url\((?!#)", page)
    assert "@import" not in page


def test_what_a_client_wrote_is_text(page: str) -> None:
    assert HOSTILE not in page
    assert html.escape(HOSTILE, quote=True).replace("&#x27;", "&#39;") in page


def test_it_tells_what_was_served_done_and_expected_and_what_would_have_prevented_it(
    page: str,
) -> None:
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    for told in (
        "The box renewed, the Booster Server forgotten",
        "It went as expected",
        "Year two is activated on the box.",
        "The Booster Server serves Year one , valid until 2026-06-21 23:59:59",
        "✓ All refuse the Booster Server.",
        "What would have prevented it Activate on both, one after the other",
        "CN=Company CA",
        "IP:127.0.0.2, IP:127.0.0.3",
    ):
        assert told in words, told
    assert page.count("BEGIN CERTIFICATE") == 2


def test_the_picture_has_a_bar_for_each_certificate_and_says_where_it_ends(page: str) -> None:
    svg = page[page.index("<svg") : page.index("</svg>")]
    labels = re.findall(r'class="label"[^>]*>([^<]+)<', svg)
    assert labels[:3] == ["Year one", "Year two", "Company CA (authority)"]
    assert svg.count('class="mark ends"') == 1
    assert "ends 2026-06-21 23:59:59" in svg
    assert re.findall(r'class="inside in-outdated"[^>]*>([^<]+)<', svg) == ["Year one, expired"]
    (end,) = re.findall(r'class="mark ends".*?<line x1="([\d.]+)" x2', svg, re.DOTALL)
    (expired,) = re.findall(r'class="piece outdated" x="([\d.]+)"', svg)
    assert expired == end  # not only where somebody looked again
    assert [int(number) for number in re.findall(r'class="number"[^>]*>(\d+)<', svg)] == [
        1,
        2,
        3,
        4,
    ]
    xs = [float(x) for x in re.findall(r'<circle cx="([\d.]+)" cy="46"', svg)]
    assert xs == sorted(xs)


@needs_chromium
async def test_a_browser_shows_it_without_a_word_of_complaint(page: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page)
    said: list[str] = []
    async with a_chromium() as chromium:
        for scheme, width in (("light", 1400), ("dark", 390)):
            shown = await chromium.new_page(
                viewport={"width": width, "height": 900}, color_scheme=scheme
            )
            shown.on("console", lambda message: said.append(message.text))
            shown.on("pageerror", lambda error: said.append(str(error)))
            await shown.goto(path.as_uri())
            assert await shown.title() == "The box renewed, the Booster Server forgotten"
            wide = await shown.evaluate("document.documentElement.scrollWidth")
            assert wide <= width
            await shown.keyboard.press("Tab")
            await shown.keyboard.press("Tab")  # past the picture, which scrolls: the first step
            await shown.keyboard.press("Enter")
            assert shown.url.endswith("#step-1")
            results: Any = await Axe().run(shown)
            assert results.response["violations"] == []
    assert said == []


def test_a_report_is_written_for_an_incident_that_did_not_go_as_expected(
    tmp_path: Path, incident: Run
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Mine"\nsummary = "S"\n[start]\nclock = 2026-05-01\n[[step]]\nat = "+1s"\n'
        'title = "One"\n[step.expect]\nserves = "default"\naccepted = "all"\n'
    )
    done = incident("replay", path, "--step", "--report", tmp_path / "r.html")
    assert done.returncode == 1
    text = (tmp_path / "r.html").read_text()
    assert "It did not go as expected" in text
    assert "Seen: " in text
