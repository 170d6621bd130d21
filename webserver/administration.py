"""The administrators' stories as coroutines; passwords are hashed on the model thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from appliance import administration as stories
from appliance.change import Change
from appliance.node import Node
from store.people import Account
from webserver.model_thread import ModelThread

Finish = Callable[[Awaitable[Any]], Awaitable[Any]]


class Administration:
    """Accounts of one node.

    finish: sees a change through although its caller goes away.
    """

    def __init__(self, node: Node, model: ModelThread, finish: Finish) -> None:
        self._node = node
        self._model = model
        self._finish = finish

    async def log_on(self, name: str, password: str) -> Account | None:
        """The administrator with this name and password, or None; journaled either way."""
        account: Account | None = await self._finish(
            self._model.call(stories.log_on, self._node, name, password)
        )
        return account

    async def change_own_password(self, name: str, *, password: str, again: str) -> None:
        """Give the account one is logged on with a new password."""
        await self._do(stories.change_own_password, name, password=password, again=again)

    async def create(self, name: str, role: str, *, by: Account, password: str, again: str) -> None:
        """Set up an account."""
        await self._do(stories.create, name, role, by=by, password=password, again=again)

    async def change_role(self, name: str, role: str, *, by: Account) -> None:
        """Give an account another role."""
        await self._do(stories.change_role, name, role, by=by)

    async def set_password(self, name: str, *, by: Account, password: str, again: str) -> None:
        """Give somebody else's account a new password."""
        await self._do(stories.set_password, name, by=by, password=password, again=again)

    async def remove(self, name: str, *, by: Account) -> None:
        """Remove an account."""
        await self._do(stories.remove, name, by=by)

    async def _do(self, story: Callable[..., Change], *args: Any, **kwargs: Any) -> None:
        def tell() -> None:
            self._node.commit(story(self._node, *args, **kwargs))

        await self._finish(self._model.call(tell))
