"""Browsers as clients: each is started once, with a profile of its own that is thrown away."""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates
from playwright.sync_api import Error, sync_playwright

from tests.clients.marionette import Marionette, MarionetteError
from tests.clients.questions import Answer, Question, Unclear
from tests.clients.serving import ADDRESS

_MILLISECONDS = 20_000


class Chromium:
    """Chromium, driven by Playwright; what it trusts is in the NSS database of its home.

    anchors: PEM files. It reads them when it starts, so it trusts those of all cases from the
    beginning; no two cases have an authority in common.
    """

    def __init__(self, anchors: list[Path]) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="osbiz-chromium-"))
        self._unreadable = _fill_nss(self._home / ".pki" / "nssdb", anchors)
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch_persistent_context(
            str(self._home / "profile"),
            executable_path=shutil.which("chromium"),
            env={**os.environ, "HOME": str(self._home)},
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
                f"--host-resolver-rules=MAP * {ADDRESS}",
            ],
        )
        self._page = self._browser.pages[0]

    def ask(self, question: Question) -> Answer:
        """Fetch the page; refused when it shows its own instead."""
        if question.anchors in self._unreadable:
            return Answer("refused", "certutil can't import the anchor")
        try:
            self._page.goto(question.url, timeout=_MILLISECONDS)
            text = self._page.inner_text("body")
        except Error as error:
            if "interrupted by another" in str(error):  # the last question's error page came late
                return self.ask(question)
            said = re.search(r"net::(ERR_\w+)", str(error))
            if said is None or "TIMED_OUT" in said[1]:
                raise Unclear(f"{question.case}: {error}") from None
            return Answer("refused", said[1])
        if question.greeting not in text:
            raise Unclear(f"{question.case}: {text[:200]}")
        return Answer("accepted")

    def close(self) -> None:
        """End it, and forget its profile."""
        self._browser.close()
        self._playwright.stop()
        shutil.rmtree(self._home, ignore_errors=True)


def _fill_nss(folder: Path, anchors: list[Path]) -> set[Path]:
    """Import every certificate of `anchors` as trusted; the files that can't be imported."""
    folder.mkdir(parents=True)
    database = f"sql:{folder}"
    subprocess.run(["certutil", "-N", "-d", database, "--empty-password"], check=True, timeout=60)
    unreadable = set()
    for path in anchors:
        for number, one in enumerate(load_pem_x509_certificates(path.read_bytes())):
            name = f"{path.stem} {number}"
            done = subprocess.run(
                ["certutil", "-A", "-d", database, "-n", name, "-t", "C,,"],
                input=one.public_bytes(Encoding.PEM),
                capture_output=True,
                check=False,
                timeout=60,
            )
            if done.returncode:
                unreadable.add(path)
    return unreadable


_FIREFOX_SETTINGS = {
    "marionette.port": 0,
    "network.dns.forceResolve": ADDRESS,
    "network.ssl_tokens_cache_enabled": False,
    # What it fetches for itself.
    "network.connectivity-service.enabled": False,
    "network.captive-portal-service.enabled": False,
    "app.update.auto": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "security.remote_settings.intermediates.enabled": False,
    "security.remote_settings.crlite_filters.enabled": False,
    "security.OCSP.timeoutMilliseconds.soft": 1000,
    "services.settings.server": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.unified": False,
    "network.proxy.type": 0,
    # A name without a dot is a search, unless told otherwise; and .test is not looked up.
    "browser.fixup.alternate.enabled": False,
    "dom.security.https_first": False,
}
# What runs in Firefox itself, and not in the page, needs this since version 138.
_SYSTEM = ["-remote-allow-system-access"]
_TRUST = """
const found = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
for (const one of arguments[0]) found.addCertFromBase64(one, "C,,");
"""
_FORGET = """
const found = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
for (const one of arguments[0]) {
    try { found.deleteCertificate(found.constructX509FromBase64(one)); } catch (error) {}
}
"""


class Firefox:
    """Firefox, driven by Marionette; it is told what to trust before each question.

    more: preferences beside those that keep it quiet.
    """

    def __init__(self, more: Mapping[str, object] | None = None) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="osbiz-firefox-"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {**_FIREFOX_SETTINGS, **(more or {}), "marionette.port": port}
        (self._home / "user.js").write_text(
            "".join(f'user_pref("{name}", {_js(value)});\n' for name, value in settings.items())
        )
        self._process = subprocess.Popen(
            [
                "firefox-esr",
                "--headless",
                "--no-remote",
                "--marionette",
                *_SYSTEM,
                "--profile",
                self._home,
            ],
            env={**os.environ, "HOME": str(self._home), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._firefox = Marionette(port)
        self._firefox("WebDriver:SetTimeouts", {"pageLoad": _MILLISECONDS})

    def ask(self, question: Question) -> Answer:
        """Fetch the page; refused when it shows its own instead."""
        certificates = load_pem_x509_certificates(question.anchors.read_bytes())
        texts = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates]
        try:
            self._firefox.script(_TRUST, texts, chrome=True)
        except MarionetteError as error:
            return Answer("refused", f"can't import the anchor: {error.message[:80]}")
        try:
            return self._fetched(question)
        finally:
            self._firefox.script(_FORGET, texts, chrome=True)

    def _fetched(self, question: Question) -> Answer:
        self._firefox("Marionette:SetContext", {"value": "content"})
        try:
            self._firefox("WebDriver:Navigate", {"url": question.url})
        except MarionetteError as error:
            if error.kind == "timeout":
                raise Unclear(f"{question.case}: {error}") from None
        text = self._firefox.script("return document.documentElement.innerText")
        if question.greeting in text:
            return Answer("accepted")
        where = self._firefox.script("return document.documentURI")
        code = re.search(r"\b(?:SEC|SSL|MOZILLA_PKIX)_ERROR_\w+", text + str(_error_code(self)))
        if not where.startswith("about:"):
            raise Unclear(f"{question.case}: {where} {text[:200]}")
        said = re.search(r"about:\w+\?e=(\w+)", where)
        return Answer("refused", code[0] if code else said[1] if said else where[:80])

    def close(self) -> None:
        """End it, and forget its profile."""
        self._firefox.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)


def _error_code(firefox: Firefox) -> object:
    """Firefox's own name for the error of the page that it shows."""
    return firefox._firefox.script(
        """
        try { return document.getFailedCertSecurityInfo().errorCodeString; } catch (error) {}
        try { return document.getNetErrorInfo().errorCodeString; } catch (error) {}
        return "";
        """
    )


def _js(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value!r}"
