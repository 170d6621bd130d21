"""Whatever is sent with the administration's forms: a page comes back, and a box to log on to."""

import asyncio
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.accounts import RIGHTS, ROLES, Right
from appliance.change import Change
from store.backup import MAGIC
from tests.portal.test_portal_fuzz import NUMBERS, SETTINGS, TEXTS, in_a_thread
from tests.portal.visitor import ADMIN, HOME, LAN, NAME, PASSWORD, Visitor, set_up_expert
from webserver.simulator import Simulator

ADMINISTRATORS = ADMIN + "administrators"
ACCOUNT = ADMINISTRATORS + "/account/{name}"
FORMS = (
    ADMIN + "password",
    ADMINISTRATORS + "/new",
    ACCOUNT + "/role",
    ACCOUNT + "/password",
    ACCOUNT + "/remove",
    ADMINISTRATORS + "/sessions/end",
    ADMINISTRATORS + "/sessions/end-others",
    ADMINISTRATORS + "/sessions/lift",
    ADMIN + "setup/clock",
    ADMIN + "backup",
    ADMIN + "backup/restore",
    LAN,
)
NAMES = st.one_of(
    st.sampled_from([NAME, "expert@system", "new@system", "ghost@system", "a/b", "..", "%", "{x}"]),
    TEXTS,
)
PASSWORDS = st.sampled_from(
    ["short", "administrator", PASSWORD, "long enough", "x" * 129, "a\nbc" * 3]
)
VALUES = {
    "name": NAMES,
    "role": st.one_of(st.sampled_from(ROLES), TEXTS),
    "present": PASSWORDS,
    "password": PASSWORDS,
    "again": PASSWORDS,
    "passphrase": st.one_of(TEXTS, st.sampled_from(["seven-7", "x" * 32])),
    "handle": TEXTS,
    "now": st.one_of(
        TEXTS,
        st.datetimes().map(str),
        st.sampled_from(["0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "2024-W01-1"]),
    ),
    "rate": st.one_of(NUMBERS, st.floats().map(str), st.sampled_from(["1_000", "1,5", "1e400"])),
    "preset": st.sampled_from(["real", "new-year", "", "never"]),
    "keep_lan_ip": st.sampled_from(["", "1", "on"]),
    "lan_ip": st.sampled_from(["", "0.0.0.0", "10.255.255.1", "::1", "127.1", "127.0.0.2\x00"]),
    "nonsense": TEXTS,
}  # fmt: skip
FIELDS = st.fixed_dictionaries({}, optional=VALUES)
FILES = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda junk: MAGIC + junk),
    st.just(b""),
)
QUERIES = st.dictionaries(
    st.sampled_from(["before", "node", "only", "name", "role", "lang", "after"]),
    st.one_of(TEXTS, NUMBERS, st.sampled_from(["system", "booster", "refusals", "9" * 500])),
)

few = settings(max_examples=100, **SETTINGS)
thousands = settings(max_examples=4_000, **SETTINGS)


class Tried:
    """A box whose administration is tried, form after form, from tests that know no loop."""

    def __init__(self, simulator: Simulator, visitor: Visitor) -> None:
        self.box = simulator.box
        self.simulator = simulator
        self.visitor = visitor
        self.loop = asyncio.get_running_loop()
        self.own = simulator.box.model.accounts[NAME]

    def form(self, path: str, name: str, fields: dict[str, str], file: bytes | None) -> None:
        """Send one form; what came of it must be a page, and a box that can be managed."""
        path = path.format(name=quote(name, safe=""))
        work = self._form(path, fields, file)
        asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _form(self, path: str, fields: dict[str, str], file: bytes | None) -> None:
        token = (await self.visitor.get(HOME)).csrf
        fields = {**fields, "csrf": token}
        if file is None:
            answer = await self.visitor.post(path, fields)
        else:
            answer = await self.visitor.upload(ADMIN + "backup/restore", fields, file=file)
        assert answer.status in (200, 303, 404, 405, 409, 422), (answer.status, answer.words[:400])
        if answer.status == 422:
            assert answer.wrong or 'role="alert"' in answer.text
        if "text/html" in answer.headers.get("Content-Type", ""):
            assert "<script>alert" not in answer.text
            for secret in ("present", "password", "again", "passphrase"):
                assert not answer.fields.get(secret)
        await self._look_over()

    async def _look_over(self) -> None:
        accounts = self.box.model.accounts
        assert any(Right.ACCOUNTS in RIGHTS[account.role] for account in accounts.values())
        assert self.box.state.value == "running"
        if accounts.get(NAME) != self.own:
            await self.box.call(self.box.model.commit, Change(accounts=(self.own,)))
        if (await self.visitor.get(HOME)).status != 200:
            await self.visitor.log_on()

    def page(self, path: str, query: dict[str, str]) -> None:
        """Ask for a page."""
        work = self.visitor.get(f"{path}?{urlencode(query, errors='replace')}")
        answer = asyncio.run_coroutine_threadsafe(work, self.loop).result(60)
        assert answer.status in (200, 404)
        assert "<script>alert" not in answer.text


@pytest.fixture
async def tried(simulator: Simulator, admin: Visitor) -> Tried:
    await set_up_expert(simulator)
    return Tried(simulator, admin)


def administer(tried: Tried, bound: settings) -> Callable[[], None]:
    @bound
    @given(
        path=st.sampled_from(FORMS),
        name=NAMES,
        fields=FIELDS,
        file=st.one_of(st.none(), st.none(), st.none(), FILES),
    )
    def test(path: str, name: str, fields: dict[str, str], file: bytes | None) -> None:
        tried.form(path, name, fields, file)

    return test


async def test_no_form_of_the_administration_makes_an_error_or_locks_everybody_out(
    tried: Tried,
) -> None:
    await in_a_thread(administer(tried, few))


@pytest.mark.slow
async def test_thousands_of_administrations(tried: Tried) -> None:
    await in_a_thread(administer(tried, thousands))


async def test_no_question_in_an_address_makes_an_error(tried: Tried) -> None:
    paths = ("service", "service/connections", "administrators/new", "setup", "backup", "home")

    @settings(max_examples=80, **SETTINGS)
    @given(path=st.sampled_from(paths), query=QUERIES)
    def test(path: str, query: dict[str, str]) -> None:
        tried.page(ADMIN + path, query)

    await in_a_thread(test)
