"""Whatever is sent with the certificate forms: a page comes back, and never half a certificate."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store.inventory import Holding
from tests.helpers import PASSPHRASE
from tests.portal.visitor import ADMIN, CERTIFICATES, Visitor
from webserver.portal.certificate_fields import PLACES, TIME_PARTS, TIMES
from webserver.simulator import Simulator

GENERATE = ADMIN + "expert/authorities/"
SHEETS = ("generate-ca", "generate-self-signed", "{authority}/generate-server")
REQUEST = CERTIFICATES + "/generate-csr"
IMPORT = CERTIFICATES + "/import"

NUMBERS = st.one_of(
    st.integers(-5, 10_000).map(str), st.sampled_from(["", "x", "031", "٣", "1e9", "0x10", " 7 "])
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        [
            "",
            "osbiz.example.com",
            "127.0.0.2",
            "::1%eth0",
            "a@b.example",
            "http://example.com/crl",
            "http://[",
            "DE",
            "bücher.example",
            "x" * 65,
            "CN=a,O=b",
            "\x00",
            "\u2028",
            "'\"><script>alert(1)</script>",
            "9" * 60,
            "../../etc/passwd",
        ]
    ),
)
CHOICES = st.sampled_from(
    ["sha256RSA", "sha512RSA", "md5RSA", "2048", "DNS", "IP", "email", "URI", "dn", "other", "x"]
)
FIELDS = (
    *(place for place in PLACES if place not in TIMES),
    "san_format",
    "san_type",
    "crl_type",
    *(f"{time}.{part}" for time in TIMES for part, _label in TIME_PARTS),
    *(f"san.{number}" for number in ("1", "2", "02", "100", "999")),
    "authority",
    "kind",
    "nonsense",
)
CHANGES = st.dictionaries(st.sampled_from(FIELDS), st.one_of(TEXTS, NUMBERS, CHOICES), max_size=8)
BUTTONS = st.sampled_from(["apply", "apply", "apply", "", "add", "remove.1", "remove.x", "help"])

SETTINGS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.explicit, Phase.generate, Phase.shrink],
    "suppress_health_check": list(HealthCheck),
}
few = settings(max_examples=80, **SETTINGS)
thousands = settings(max_examples=3_000, **SETTINGS)


BEGIN, END = b"-----BEGIN CERTIFICATE-----\n", b"\n-----END CERTIFICATE-----"


class Tried:
    """A box at which many forms are tried, one after the other, from tests that know no loop."""

    def __init__(self, simulator: Simulator, visitor: Visitor, authority: Holding) -> None:
        self.box = simulator.box
        self.visitor = visitor
        self.authority = authority
        self.loop = asyncio.get_running_loop()

    def form(self, path: str, changes: dict[str, str], **files: bytes) -> None:
        """Send one form; what came of it must be a page or a whole certificate."""
        asyncio.run_coroutine_threadsafe(self._form(path, changes, files), self.loop).result(60)

    async def _form(self, path: str, changes: dict[str, str], files: dict[str, bytes]) -> None:
        path = path.format(authority=self.authority.id)
        before = set(self.box.model.holdings)
        if files or path == IMPORT:
            answer = await self.visitor.upload(path, changes, **files)
        else:
            answer = await self.visitor.fill_in(path, changes)
        assert answer.status in (200, 303, 409, 422), (answer.status, answer.words[:400])
        new = [self.box.model.holdings[key] for key in self.box.model.holdings.keys() - before]
        assert len(new) == (1 if answer.status == 303 else 0)
        for holding in new:
            await self._look_over(holding, answer.location)
        if answer.status == 422:
            assert answer.wrong or 'role="alert"' in answer.text
        assert not answer.fields.get("passphrase")

    async def _look_over(self, holding: Holding, location: str) -> None:
        assert holding.key is not None
        material = holding.certificate.leaf if holding.certificate else holding.request
        assert material is not None
        assert material.public_key() == holding.key.public_key()
        shown = await self.visitor.get(location)
        assert shown.status == 200
        assert "<script>alert" not in shown.text
        path = location.partition("?")[0].removesuffix("/export")
        for suffix in ("csr", "key") if holding.request else ("crt",):
            assert (await self.visitor.get(f"{path}/export/{suffix}")).status == 200
        stored = await self.box.call(self.box.model.store.inventory.all)
        assert stored[holding.id].name == holding.name
        await self.box.remove(holding.id)


@pytest.fixture
async def tried(simulator: Simulator, expert: Visitor) -> Tried:
    authority = await simulator.box.make(kind="authority", name="CA", subject={"CN": "CA"})
    return Tried(simulator, expert, authority)


async def in_a_thread(test: Callable[[], None]) -> None:
    """Run a test of hypothesis beside the loop that the box needs."""
    await asyncio.to_thread(test)


def generate(tried: Tried, bound: settings) -> Callable[[], None]:
    good = {"name": "Good", "subject.CN": "good.example.com", "passphrase": PASSPHRASE}
    paths = st.sampled_from([*(GENERATE + sheet for sheet in SHEETS), REQUEST])

    @bound
    @given(path=paths, changes=CHANGES, button=BUTTONS)
    def test(path: str, changes: dict[str, str], button: str) -> None:
        tried.form(path, {**good, **changes, "do": button})

    return test


def bring_in(tried: Tried, bound: settings) -> Callable[[], None]:
    files = st.dictionaries(
        st.sampled_from(["pkcs12", "certificate", "key", "nonsense"]),
        st.one_of(
            st.binary(max_size=200),
            st.binary(max_size=40).map(lambda junk: BEGIN + junk + END),
        ),
    )
    texts = st.dictionaries(st.sampled_from(["name", "passphrase", "certificate"]), TEXTS)

    @bound
    @given(texts=texts, files=files, button=st.sampled_from(["pkcs12", "files", "", "x", "help"]))
    def test(texts: dict[str, str], files: dict[str, bytes], button: str) -> None:
        tried.form(IMPORT, {"name": "In", "passphrase": PASSPHRASE, **texts, "do": button}, **files)

    return test


async def test_no_form_makes_half_a_certificate_or_an_error(tried: Tried) -> None:
    await in_a_thread(generate(tried, few))


async def test_no_upload_makes_half_a_certificate_or_an_error(tried: Tried) -> None:
    await in_a_thread(bring_in(tried, few))


@pytest.mark.slow
async def test_thousands_of_forms(tried: Tried) -> None:
    await in_a_thread(generate(tried, thousands))


@pytest.mark.slow
async def test_thousands_of_uploads(tried: Tried) -> None:
    await in_a_thread(bring_in(tried, thousands))


async def test_any_body_at_all_is_answered(tried: Tried) -> None:
    kinds = st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=B",
            "multipart/form-data; boundary=",
            "text/plain",
        ]
    )

    async def send(kind: str, body: bytes) -> None:
        answer = await tried.visitor.ask("POST", IMPORT, data=body, headers={"Content-Type": kind})
        assert answer.status in (400, 403, 415)

    @settings(max_examples=60, **SETTINGS)
    @given(
        kind=kinds,
        body=st.one_of(
            st.binary(max_size=300),
            st.lists(
                st.sampled_from(
                    [b"--B", b"\r\n", b"--", b'Content-Disposition: x; name="csrf"', b"x", b"\x00"]
                ),
                max_size=30,
            ).map(b"".join),
        ),
    )
    def test(kind: str, body: bytes) -> None:
        asyncio.run_coroutine_threadsafe(send(kind, body), tried.loop).result(60)

    await in_a_thread(test)
