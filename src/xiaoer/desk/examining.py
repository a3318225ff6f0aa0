"""The parts of a desk with which questions are tried: whole turns that no customer is served by and nobody hears of.

No sweep looks for answers owed here, no worker does what waits, nothing is told to consoles, tickets are made and not
kept, and a linked shop is only read. So a desk for an exam may be opened beside the one that serves the same database,
with another model.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.turns import Turns
from xiaoer.broadcast import MemoryBroadcast
from xiaoer.commerce.commerce import WRITES, Commerce, ShopUnavailable
from xiaoer.conversations.tables import Message
from xiaoer.conversations.thread import Answer
from xiaoer.db.database import Database
from xiaoer.desk.desk import make_assistant, make_embedder, make_links, make_seal
from xiaoer.desk.model import ModelKeeper
from xiaoer.desk.reranker import RerankKeeper
from xiaoer.knowledge.embedding import Embedder
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.llm.model import Model
from xiaoer.settings import Settings
from xiaoer.stores import Profile
from xiaoer.tickets.links import TicketLinks
from xiaoer.tools.calling import CommerceOf


@dataclass(frozen=True)
class ExamDesk:
    """What an exam needs of a desk."""

    database: Database
    knowledge: Knowledge
    turns: Turns
    broadcast: MemoryBroadcast
    model: ModelKeeper


@asynccontextmanager
async def open_exam_desk(
    settings: Settings, *, model: Model | None = None, embedder: Embedder | None = None
) -> AsyncIterator[ExamDesk]:
    """Open these parts on the database that the settings name; `model` replaces the one they name."""
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value() if settings.database_url else None
        database = await Database.open(url=url, data_dir=settings.data_dir)
        stack.push_async_callback(database.close)
        if embedder is None:
            embedder = await asyncio.to_thread(make_embedder, settings.embedding)
        knowledge = Knowledge(database, embedder)
        await knowledge.start()
        stack.push_async_callback(knowledge.close)
        seal = await asyncio.to_thread(make_seal, settings)
        links = make_links(settings, database, seal)
        stack.push_async_callback(links.close)
        ticketing = _UnkeptTicketing(_UnkeptSessions(database.engine), TicketLinks(seal, ""))
        # Without the cache of answers: the same question asked again is thought about again.
        assistant = make_assistant(
            database, knowledge, embedder, read_only(links.of), ticketing, by_mail=False
        ).assistant
        keeper = await stack.enter_async_context(ModelKeeper(settings, given=model, use=assistant.use))
        await stack.enter_async_context(RerankKeeper(settings, use=assistant.rerank_with))
        broadcast = MemoryBroadcast()
        turns = Turns(database, assistant, broadcast, ticketing)
        stack.push_async_callback(turns.close)
        await assistant.prepare()
        await assistant.learn()
        yield ExamDesk(database, knowledge, turns, broadcast, keeper)


def read_only(commerce_of: CommerceOf) -> CommerceOf:
    """The same shops' systems, where every change is refused."""

    async def of(store_id: uuid.UUID) -> Commerce | None:
        commerce = await commerce_of(store_id)
        return cast(Commerce, _ReadOnly(commerce)) if commerce is not None else None

    return of


class _ReadOnly:
    def __init__(self, commerce: Commerce) -> None:
        self._commerce = commerce

    def __getattr__(self, name: str) -> Any:
        return _refuse if name in WRITES or name == "undo" else getattr(self._commerce, name)


async def _refuse(*_: object, **__: object) -> None:
    raise ShopUnavailable("Nothing is changed while questions are tried.")


class _UnkeptSessions(async_sessionmaker[AsyncSession]):
    """Transactions that are rolled back at their end."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:  # type: ignore[override]
        async with self() as session:
            yield session
            await session.rollback()


class _UnkeptTicketing(Ticketing):
    """Tells of tickets as ever, and keeps none."""

    async def with_ticket(
        self, session: Any, question: Message, profile: Profile, answer: Answer, *, staffed: bool
    ) -> tuple[Answer, str]:
        made = await session.begin_nested()
        try:
            return await super().with_ticket(session, question, profile, answer, staffed=staffed)
        finally:
            await made.rollback()
