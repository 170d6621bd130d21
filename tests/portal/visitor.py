"""An administrator's script: keeps cookies, fills in forms, believes any certificate."""

import html
import re
from types import TracebackType
from typing import Self

import aiohttp

from webserver.simulator import Simulator

NAME, DEFAULT, PASSWORD = "administrator@system", "administrator", "a better one"
ADMIN = "/management/admin/"
HOME = ADMIN + "home"
CERTIFICATES = ADMIN + "expert/certificates"
LAN = ADMIN + "expert/lan"


class Answer:
    """What came back: status, headers, text, and the text as a person reads it."""

    def __init__(self, response: aiohttp.ClientResponse, text: str) -> None:
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
            return Answer(response, await response.text())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        return await self.ask("POST", path, data=fields, headers=headers)

    async def send(self, path: str, fields: dict[str, str]) -> Answer:
        """Open the form at `path`, fill it in, send it."""
        token = (await self.get(path)).csrf
        return await self.post(path, {**fields, "csrf": token})

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
