"""The desk: every part, made and joined here and nowhere else."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from xiaoer import addresses, telemetry
from xiaoer.assistant.alarm import Alarms
from xiaoer.assistant.answer_cache import AnswerCache
from xiaoer.assistant.confirmations import Confirmations
from xiaoer.assistant.flows.flows import Flows
from xiaoer.assistant.flows.words import code_letter
from xiaoer.assistant.learning import Learning
from xiaoer.assistant.reaching import FOLLOW_UP, Reaching
from xiaoer.assistant.safety import Safety
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.tool_turn import ToolTurns
from xiaoer.assistant.turn import Assistant
from xiaoer.assistant.turns import Turns
from xiaoer.assistant.understanding.concern import Concerns
from xiaoer.assistant.understanding.danger import DangerDetector
from xiaoer.assistant.understanding.small_talk import SmallTalk
from xiaoer.assistant.understanding.wait import Waits
from xiaoer.assistant.watch import Watch
from xiaoer.assistant.wishes import Wishes
from xiaoer.broadcast import Broadcast, MemoryBroadcast, RedisBroadcast
from xiaoer.commerce.links import Links
from xiaoer.conversations.erasing import Erasing
from xiaoer.db.database import Database
from xiaoer.demo import vectors as demo_vectors
from xiaoer.desk.model import ModelKeeper
from xiaoer.desk.reranker import RerankKeeper
from xiaoer.identity import codes
from xiaoer.identity.return_links import ReturnLinks
from xiaoer.jobs import Handler, Worker
from xiaoer.knowledge.embedding import Embedder, HTTPEmbedder
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.prepared import PreparedEmbedder
from xiaoer.language.phrases import joined, phrase
from xiaoer.llm.model import Model
from xiaoer.mail import Mailer, Server, SMTPMailer
from xiaoer.reports.visits import Settling
from xiaoer.sealing import Seal
from xiaoer.settings import EmbeddingSettings, Settings, SMTPSettings
from xiaoer.tickets import notices
from xiaoer.tickets.duties import Duties
from xiaoer.tickets.links import TicketLinks
from xiaoer.tickets.webhooks import Telling
from xiaoer.tools.calling import CommerceOf
from xiaoer.tools.mail_codes import CodeLetters


@dataclass
class Desk:
    """All parts of one open desk."""

    settings: Settings
    database: Database
    broadcast: Broadcast
    knowledge: Knowledge
    model: ModelKeeper
    assistant: Assistant
    turns: Turns
    confirmations: Confirmations
    seal: Seal
    mailer: Mailer | None
    links: Links
    ticket_links: TicketLinks
    return_links: ReturnLinks
    ticketing: Ticketing
    worker: Worker
    tools: ToolTurns
    watch: Watch
    alarms: Alarms
    is_preparing: bool = False

    async def prepare(self) -> None:
        """Do beforehand, off the event loop, what the first customers would have to wait for; then what can wait."""
        self.is_preparing = True
        try:
            with telemetry.starting("preparing"):
                await self.assistant.prepare()
        finally:
            self.is_preparing = False
        await self.assistant.learn()

    async def notice(self, store_id: uuid.UUID, language: str) -> str:
        """What a customer of a store should know: that the model, or all of the shop's texts, are not there yet."""
        model = phrase("model_down", language) if self.model.is_coming else ""
        texts = "" if await self.knowledge.is_read_in(store_id) else phrase("being_read_in", language)
        return joined(language, texts, model)


@asynccontextmanager
async def open_desk(
    settings: Settings, *, model: Model | None = None, embedder: Embedder | None = None
) -> AsyncIterator[Desk]:
    """Open everything the settings name, and close it in the right order.

    `model` and `embedder` replace the ones the settings describe; tests pass their own.
    """
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value() if settings.database_url else None
        with telemetry.starting("database"):
            database = await Database.open(url=url, data_dir=settings.data_dir)
        stack.push_async_callback(database.close)
        redis = settings.redis_url
        broadcast: Broadcast = RedisBroadcast(redis.get_secret_value()) if redis else MemoryBroadcast()
        stack.push_async_callback(broadcast.close)
        with telemetry.starting("embedder"):
            if embedder is None:
                embedder = await asyncio.to_thread(make_embedder, settings.embedding)
            knowledge = Knowledge(database, embedder)
            await knowledge.start()
        stack.push_async_callback(knowledge.close)

        seal = await asyncio.to_thread(make_seal, settings)
        links = make_links(settings, database, seal)
        stack.push_async_callback(links.close)
        ticket_links = TicketLinks(seal, settings.public_url or "")
        return_links = ReturnLinks(seal, settings.public_url or "")
        ticketing = Ticketing(database.sessions, ticket_links)
        mailer = make_mailer(settings.smtp)
        cache = AnswerCache(database.sessions, knowledge)
        made = make_assistant(
            database, knowledge, embedder, links.of, ticketing, by_mail=mailer is not None, cache=cache
        )
        assistant, flows, tools = made.assistant, made.flows, made.tools
        alarms = Alarms(database.sessions, made.detector, ticketing, broadcast)
        keeper = await stack.enter_async_context(ModelKeeper(settings, given=model, use=assistant.use))
        await stack.enter_async_context(RerankKeeper(settings, use=assistant.rerank_with))
        turns = Turns(database, assistant, broadcast, ticketing)
        turns.start()
        stack.push_async_callback(turns.close)
        confirmations = Confirmations(database, flows, broadcast, ticketing)
        confirmations.start()
        stack.push_async_callback(confirmations.close)
        handlers = letter_handlers(database, links, mailer, return_links, ticketing)
        worker = start_worker(settings, database, seal, mailer, ticket_links, handlers)
        stack.push_async_callback(worker.close)
        parts = (database, broadcast, knowledge, keeper, assistant, turns, confirmations, seal, mailer, links)
        watch = await stack.enter_async_context(Watch(database, broadcast, ticketing))
        yield Desk(settings, *parts, ticket_links, return_links, ticketing, worker, tools, watch, alarms)


@dataclass(frozen=True)
class Made:
    """An assistant, with the parts of it that others need too."""

    assistant: Assistant
    flows: Flows
    tools: ToolTurns
    detector: DangerDetector


def make_assistant(
    database: Database,
    knowledge: Knowledge,
    embedder: Embedder,
    commerce_of: CommerceOf,
    ticketing: Ticketing,
    *,
    by_mail: bool,
    cache: AnswerCache | None = None,
) -> Made:
    """The assistant of a desk, or of a desk on which questions are tried."""
    flows = Flows(database.sessions, commerce_of, by_mail=by_mail)
    learning = Learning(embedder)
    wishes = Wishes(learning, commerce_of)
    tools = ToolTurns(database.sessions, knowledge, flows, wishes)
    detector = DangerDetector(embedder)
    learnt = (Concerns(learning), SmallTalk(learning), Waits(learning))
    parts = (flows, wishes, ticketing, tools, cache, Safety(detector), *learnt)
    return Made(Assistant(knowledge, *parts), flows, tools, detector)


def make_mailer(settings: SMTPSettings) -> Mailer | None:
    """The mailer the settings name; none without a mail server."""
    if settings.host is None:
        return None
    return SMTPMailer(
        Server(
            host=settings.host,
            port=settings.port,
            sender=settings.sender,
            user=settings.user,
            password=settings.password.get_secret_value() if settings.password else None,
            security=settings.security,
            seconds=settings.seconds,
        )
    )


def letter_handlers(
    database: Database, links: Links, mailer: Mailer | None, return_links: ReturnLinks, ticketing: Ticketing
) -> dict[str, Handler]:
    """What the worker does about letters to customers that belong to no ticket: codes, and staff's words."""
    code_letters = CodeLetters(database.sessions, links.of, mailer, code_letter)
    reaching = Reaching(database.sessions, mailer, return_links, ticketing)
    return {codes.MAIL: code_letters.send, FOLLOW_UP: reaching.tell}


def start_worker(
    settings: Settings,
    database: Database,
    seal: Seal,
    mailer: Mailer | None,
    links: TicketLinks,
    handlers: Mapping[str, Handler],
) -> Worker:
    """The worker, at work: with `handlers`, and with all that tickets, figures and files ask of it."""
    telling = Telling(database.sessions, seal, addresses.resolve, allow_private=settings.allow_private_urls)
    duties = Duties(database.sessions, mailer, links.of, settings.public_url or "")
    settling = Settling(database.sessions)
    erasing = Erasing(database.sessions, settings.data_dir)
    all_handlers = {
        **handlers,
        notices.WEBHOOK: telling.tell,
        notices.STAFF_MAIL: duties.mail_staff,
        notices.CUSTOMER_MAIL: duties.mail_customer,
        notices.WAITING_MAIL: duties.mail_of_waiting,
    }
    standing = [duties.look_after, settling.look_after, erasing.look_after]
    worker = Worker(database.sessions, all_handlers, standing, closing=[telling.close])
    worker.start()
    return worker


def make_embedder(settings: EmbeddingSettings) -> Embedder:
    """The embedder the settings name: a server's, or the bundled one."""
    if settings.base_url is None:
        return PreparedEmbedder(demo_vectors.FILE)
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return HTTPEmbedder(
        base_url=settings.base_url,
        name=settings.name or "default",
        api_key=key,
        dimensions=settings.dimensions,
        query_prefix=settings.query_prefix,
        passage_prefix=settings.passage_prefix,
    )


def make_seal(settings: Settings) -> Seal:
    """The seal of stored secrets: with the key the settings name, or with one kept in the data folder."""
    if settings.secret_key is not None:
        return Seal(settings.secret_key.get_secret_value())
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Seal.kept_in(settings.data_dir)


def make_links(settings: Settings, database: Database, seal: Seal) -> Links:
    """The shops' own systems, as far as the operator lets them be reached."""
    return Links(database, seal, allow_private=settings.allow_private_urls, mcp_commands=settings.mcp_commands)
