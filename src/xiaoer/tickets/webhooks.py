"""The shop's own systems are told by HTTP POST, signed, tried again, and every try is kept.

`X-Xiaoer-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA-256 over `<seconds>.<body>` with the webhook's secret; whoever
receives compares it, and refuses a `t` that is minutes old. Only public addresses are called, checked at each try.
"""

import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.addresses import GuardedTransport, Resolve
from xiaoer.db.database import Sessions
from xiaoer.db.record import now
from xiaoer.errors import Invalid, NotFound, Unavailable, XiaoerError
from xiaoer.jobs import Work
from xiaoer.sealing import Seal
from xiaoer.tickets.notices import moment
from xiaoer.tickets.tables import Delivery, Webhook

SECONDS = 10.0
MOST = 10
GONE = 410
LONGEST_URL = 1000


class BadWebhook(Invalid):
    """Not an address that can be told anything."""


class UnknownWebhook(NotFound):
    """No such webhook in this store."""


class NotTold(Unavailable):
    """The other side did not take it; it is tried again."""


def signature(secret: str, at: int, body: bytes) -> str:
    """What the header says for a body sent at a moment, in seconds since 1970."""
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={told}"


async def add(session: AsyncSession, store_id: uuid.UUID, url: str, seal: Seal) -> tuple[Webhook, str]:
    """Have an address told everything; returns it and its secret, which is shown this once. Raises `BadWebhook`."""
    url = url.strip()
    parts = urlsplit(url) if len(url) <= LONGEST_URL and url.isprintable() and " " not in url else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise BadWebhook("Enter an address that begins with https://, without a name and password in it.")
    if (await session.scalar(sa.select(sa.func.count()).where(Webhook.store_id == store_id)) or 0) >= MOST:
        raise BadWebhook(f"A shop has up to {MOST} webhooks. Remove one first.")
    secret = f"whsec_{secrets.token_urlsafe(24)}"
    hook = Webhook(id=uuid.uuid4(), store_id=store_id, url=url, sealed=seal.lock(secret), enabled=True)
    session.add(hook)
    await session.flush()
    return hook, secret


async def every(session: AsyncSession, store_id: uuid.UUID) -> Sequence[Webhook]:
    query = sa.select(Webhook).where(Webhook.store_id == store_id)
    return (await session.scalars(query.order_by(Webhook.created_at))).all()


async def log(session: AsyncSession, store_id: uuid.UUID, *, limit: int = 50) -> Sequence[Delivery]:
    """What was told last, newest first."""
    query = sa.select(Delivery).where(Delivery.store_id == store_id)
    return (await session.scalars(query.order_by(Delivery.created_at.desc()).limit(limit))).all()


async def switch(session: AsyncSession, store_id: uuid.UUID, hook_id: uuid.UUID, *, on: bool) -> None:
    """Switch a webhook on or off; raises `UnknownWebhook`."""
    change = sa.update(Webhook).where(Webhook.id == hook_id, Webhook.store_id == store_id).values(enabled=on)
    if (await session.scalar(change.returning(Webhook.id))) is None:
        raise UnknownWebhook("This webhook does not exist any more.")


async def remove(session: AsyncSession, store_id: uuid.UUID, hook_id: uuid.UUID) -> None:
    gone = sa.delete(Webhook).where(Webhook.id == hook_id, Webhook.store_id == store_id)
    if (await session.scalar(gone.returning(Webhook.id))) is None:
        raise UnknownWebhook("This webhook does not exist any more.")


class Telling:
    """Delivers what is due."""

    def __init__(self, sessions: Sessions, seal: Seal, resolve: Resolve, *, allow_private: bool) -> None:
        self._sessions = sessions
        self._seal = seal
        transport = GuardedTransport(allow_private=allow_private, resolve=resolve)
        self._client = httpx.AsyncClient(transport=transport, timeout=SECONDS, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def tell(self, work: Work) -> None:
        """One try of one delivery; raises `NotTold` to be tried again."""
        async with self._sessions() as session:
            delivery = await session.get(Delivery, uuid.UUID(work.payload["delivery"]))
            hook = await session.get(Webhook, delivery.webhook_id) if delivery else None
        if delivery is None or hook is None or delivery.state != "pending":
            return
        if not hook.enabled:
            await self._keep(delivery, "dropped", {"at": moment(now()), "problem": "The webhook is switched off."})
            return
        told = await self._post(hook, delivery)
        arrived = told.get("problem") is None
        state = "delivered" if arrived else "failed" if work.last or told.get("status") == GONE else "pending"
        await self._keep(delivery, state, told)
        if told.get("status") == GONE:
            async with self._sessions.begin() as session:
                await switch(session, hook.store_id, hook.id, on=False)
        elif not arrived:
            raise NotTold(str(told["problem"]))

    async def _post(self, hook: Webhook, delivery: Delivery) -> dict[str, Any]:
        body, at = delivery.body.encode(), now()
        started = time.perf_counter()
        result: dict[str, Any] = {"at": moment(at), "status": None, "problem": None}
        try:
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Xiaoer webhooks",
                "X-Xiaoer-Event": delivery.event,
                "X-Xiaoer-Delivery": str(delivery.id),
                "X-Xiaoer-Signature": signature(self._seal.open(hook.sealed), int(at.timestamp()), body),
            }
            async with self._client.stream("POST", hook.url, content=body, headers=headers) as response:
                result["status"] = response.status_code  # the answer's body is of no interest, and is not read
            if not response.is_success:
                result["problem"] = f"The other side answered {response.status_code}."
        except httpx.TimeoutException:
            result["problem"] = f"No answer within {SECONDS:.0f} seconds."
        except httpx.HTTPError as error:
            result["problem"] = f"No connection ({type(error).__name__})."
        except XiaoerError as error:
            result["problem"] = error.detail
        return {**result, "ms": round((time.perf_counter() - started) * 1000)}

    async def _keep(self, delivery: Delivery, state: str, told: dict[str, Any]) -> None:
        async with self._sessions.begin() as session:
            change = sa.update(Delivery).where(Delivery.id == delivery.id)
            await session.execute(change.values(state=state, tries=[*delivery.tries, told]))
