"""An administrator's script: keeps cookies, fills in forms, believes any certificate."""

import html
import io
import re
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import aiohttp

from appliance.accounts import with_password
from appliance.change import Change
from store.people import Account
from webserver.simulator import Simulator

EXPERT = "expert@system"
NAME, DEFAULT, PASSWORD = "administrator@system", "administrator", "a better one"
ADMIN = "/management/admin/"
HOME = ADMIN + "home"
CERTIFICATES = ADMIN + "expert/certificates"
LAN = ADMIN + "expert/lan"


async def set_up_expert(simulator: Simulator) -> None:
    """Have the box an administrator with Expert rights, who has chosen a password already."""
    account = Account(EXPERT, "expert", None, must_change=True)
    account = with_password(account, password=PASSWORD, again=PASSWORD)
    await simulator.box.call(simulator.box.model.commit, Change(accounts=(account,)))


class FormReader(HTMLParser):
    """What the last form of a page would send, buttons and files left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.fields = {}
        elif tag == "input" and given.get("type") not in ("file", "radio"):
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "input" and given.get("type") == "radio" and "checked" in given:
            self.fields[given["name"]] = given["value"]
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given["value"]


class Answer:
    """What came back: status, headers, text, and the text as a person reads it."""

    def __init__(self, response: aiohttp.ClientResponse, text: str, body: bytes = b"") -> None:
        self.body = body
        self.status = response.status
        self.headers = response.headers
        self.url = response.url
        self.text = text

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def words(self) -> str:
        body = re.sub(r"<(style|script)>.*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())

    @property
    def fields(self) -> dict[str, str]:
        return FormReader(self.text).fields

    @property
    def wrong(self) -> dict[str, str]:
        """The messages by the field that they stand beside."""
        found = re.findall(r'<p class="wrong" id="([^"]+)-wrong[0-9]+">(.*?)</p>', self.text)
        return {field: html.unescape(message) for field, message in found}

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.text)
        assert found is not None, "the page has no form"
        return found[1]


class Visitor:
    """Somebody at the portal of `simulator`, wherever that is at the moment."""

    def __init__(self, simulator: Simulator, url: str | None = None) -> None:
        self._simulator = simulator
        self._url = url

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=False, force_close=True),
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept-Language": "en"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self._session.cookie_jar}

    async def ask(self, method: str, path: str, **more: object) -> Answer:
        url = (self._url or self._simulator.box.portal_url) + path
        async with self._session.request(method, url, allow_redirects=False, **more) as response:  # type: ignore[arg-type]
            return Answer(response, await response.text(errors="replace"), await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        return await self.ask("POST", path, data=fields, headers=headers)

    async def send(self, path: str, fields: dict[str, str]) -> Answer:
        """Open the form at `path`, fill it in, send it."""
        token = (await self.get(path)).csrf
        return await self.post(path, {**fields, "csrf": token})

    async def fill_in(self, path: str, fields: dict[str, str]) -> Answer:
        """Open the form at `path`, change some of its fields, send it as a browser does."""
        return await self.post(path, {**(await self.get(path)).fields, **fields})

    async def upload(self, path: str, fields: dict[str, str], **files: bytes) -> Answer:
        """Like `fill_in`, with files."""
        data = aiohttp.FormData()
        for name, value in {**(await self.get(path)).fields, **fields}.items():
            data.add_field(name, value)
        for name, content in files.items():
            data.add_field(name, io.BytesIO(content), filename=f"{name}.bin")
        return await self.ask("POST", path, data=data)

    async def try_to_log_on(self, password: str, *, name: str = NAME, **headers: str) -> Answer:
        fields = {"j_username": name, "j_password": password, "errorusr": ""}
        return await self.post(ADMIN + "jsp/j_security_check", fields, **headers)

    async def log_on(self) -> None:
        """Log on; at the first logon, change the password as the portal wants it."""
        await self.get(ADMIN)
        if (await self.try_to_log_on(PASSWORD)).status != 302:
            assert (await self.try_to_log_on(DEFAULT)).status == 302
            fields = {"password": PASSWORD, "again": PASSWORD}
            assert (await self.send(ADMIN + "password", fields)).status == 303

    async def log_on_as_expert(self) -> None:
        """Log on with the right to import and to activate."""
        await set_up_expert(self._simulator)
        await self.get(ADMIN)
        assert (await self.try_to_log_on(PASSWORD, name=EXPERT)).status == 302
