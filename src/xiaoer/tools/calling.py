"""Who calls a tool, and what every call must pass: the store's switches and caps, the right to see, the audit."""

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.commerce.commerce import Commerce, UnknownOrder
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.values import Order
from xiaoer.db.database import Sessions
from xiaoer.errors import Forbidden, Unavailable, XiaoerError
from xiaoer.identity.access import Seen
from xiaoer.stores import Profile
from xiaoer.tools.tables import CallOutcome, Permission, ToolCall

RefusedFor = Literal["off", "amount", "per_day", "state", "identity", "ability"]
CommerceOf = Callable[[uuid.UUID], Awaitable[Commerce | None]]
"""The commerce of a store; None while the shop has connected none."""


class ToolRefused(Forbidden):
    """The shop, or who asks, does not allow this call; `why` names the rule."""

    def __init__(self, detail: str, why: RefusedFor) -> None:
        super().__init__(detail)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, as the server knows it; nothing of it comes from words."""

    store_id: uuid.UUID
    conversation_id: uuid.UUID | None
    profile: Profile
    commerce: Commerce
    seen: Seen
    at: datetime
    told: Callable[[str, str], None] = field(default=lambda _name, _status: None, compare=False)
    """Hears of each call when it begins (`started`) and how it ended."""

    async def order(self, number: str) -> Order:
        """The order, if it is the caller's to see; else `UnknownOrder`, whether it exists or not."""
        if plain(number) in self.seen.orders:
            return await self.commerce.order(number, customer=None)
        if self.seen.customer is None:
            raise UnknownOrder
        order = await self.commerce.order(number, customer=self.seen.customer)
        if order.customer != self.seen.customer:
            raise UnknownOrder
        return order

    def owner_of(self, order: Order) -> str | None:
        """The customer a write is made for; None where this chat was shown the one order."""
        return None if plain(order.number) in self.seen.orders else self.seen.customer


@dataclass
class Noted:
    """What a call adds to its audit row while it runs."""

    subject: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


class Audit:
    """Writes a row for every call, however it ended."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def call(
        self,
        caller: Caller,
        tool: str,
        permission: Permission,
        arguments: Mapping[str, Any],
        *,
        proposal_id: uuid.UUID | None = None,
    ) -> AsyncIterator[Noted]:
        """Around one call. No transaction is open while the merchant's system works."""
        noted = Noted(arguments=dict(arguments))
        started = time.perf_counter()
        outcome: CallOutcome = "failed"
        detail: str | None = None
        try:
            allowed(caller.profile, tool)
            caller.told(tool, "started")
            yield noted
            outcome = "succeeded"
        except XiaoerError as error:
            outcome = "failed" if isinstance(error, Unavailable) else "refused"
            detail = f"{type(error).__name__}: {error}"
            raise
        finally:
            caller.told(tool, "succeeded" if outcome == "succeeded" else "failed")
            async with self._sessions.begin() as session:
                session.add(
                    ToolCall(
                        store_id=caller.store_id,
                        conversation_id=caller.conversation_id,
                        proposal_id=proposal_id,
                        tool=tool,
                        permission=permission,
                        customer=caller.seen.customer,
                        subject=noted.subject,
                        arguments=noted.arguments,
                        outcome=outcome,
                        detail=detail,
                        milliseconds=round((time.perf_counter() - started) * 1000),
                    )
                )


async def forget(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """Remove the rows of a conversation that was no customer's."""
    await session.execute(sa.delete(ToolCall).where(ToolCall.conversation_id == conversation_id))


def allowed(profile: Profile, tool: str) -> None:
    """Raises `ToolRefused` if the shop has switched the tool off."""
    rule = profile.tools.get(tool)
    if rule is not None and not rule.on:
        raise ToolRefused("The shop does not offer this here; a person can help.", "off")
