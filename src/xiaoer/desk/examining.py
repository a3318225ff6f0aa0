"""The parts of a desk with which questions are tried: whole turns, which nobody hears of and no customer is served by.

No sweep looks for answers owed here, no worker does what waits, no ticket is made and nothing is told to consoles, so a
desk for an exam may be opened beside the one that serves the same database, with another model.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from xiaoer.assistant.flows.flows import Flows
from xiaoer.assistant.tool_turn import ToolTurns
from xiaoer.assistant.turn import Assistant
from xiaoer.assistant.turns import Turns
from xiaoer.assistant.wishes import Wishes
from xiaoer.broadcast import MemoryBroadcast
from xiaoer.db.database import Database
from xiaoer.desk.desk import make_embedder, make_links, make_seal
from xiaoer.desk.model import ModelKeeper
from xiaoer.knowledge.embedding import Embedder
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.llm.model import Model
from xiaoer.settings import Settings


@dataclass(frozen=True)
class ExamDesk:
    """What an exam needs of a desk."""

    database: Database
    knowledge: Knowledge
    assistant: Assistant
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
        links = make_links(settings, database, await asyncio.to_thread(make_seal, settings))
        stack.push_async_callback(links.close)
        flows = Flows(database.sessions, links.of, by_mail=False)
        wishes = Wishes(embedder, links.of)
        tools = ToolTurns(database.sessions, knowledge, flows, wishes)
        # Without the cache of answers: the same question asked again is thought about again.
        assistant = Assistant(knowledge, flows, wishes, tools=tools)
        keeper = ModelKeeper(settings, given=model, use=assistant.use)
        keeper.start()
        stack.push_async_callback(keeper.close)
        broadcast = MemoryBroadcast()
        turns = Turns(database, assistant, broadcast)
        stack.push_async_callback(turns.close)
        await assistant.prepare()
        yield ExamDesk(database, knowledge, assistant, turns, broadcast, keeper)
