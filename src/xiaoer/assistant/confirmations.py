"""A customer's tap on "confirm" or "no", and changes that a killed process left half done."""

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, replace
from typing import Any

import structlog

from xiaoer import stores
from xiaoer.assistant import contacts, meanwhile
from xiaoer.assistant.events import announce, live, owner
from xiaoer.assistant.flows.deciding import Decided
from xiaoer.assistant.flows.flows import Flows, Heard, Reply
from xiaoer.assistant.ticketing import Made, Ticketing
from xiaoer.assistant.turns import shown
from xiaoer.assistant.understanding.result import understand
from xiaoer.assistant.waiting import is_staffed, waiting_text
from xiaoer.broadcast import Broadcast
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.database import OUTAGES, Database
from xiaoer.db.record import now
from xiaoer.errors import Conflict, XiaoerError
from xiaoer.language.phrases import joined
from xiaoer.tools import proposals
from xiaoer.tools.tables import Proposal, ProposalState

SWEEP_SECONDS = 10.0
log = structlog.get_logger(__name__)


class NotAsWished(Conflict):
    """The change was decided before, or its time is over; the text says how it stands."""


@dataclass(frozen=True)
class Told:
    """How a tap ended: the state of the change, and the message that says so."""

    state: ProposalState
    message: dict[str, Any]


class Confirmations:
    """Takes taps, and finishes what was accepted before a crash."""

    def __init__(self, database: Database, flows: Flows, broadcast: Broadcast, ticketing: Ticketing) -> None:
        self._sessions = database.sessions
        self._flows = flows
        self._ticketing = ticketing
        self._deciding = flows.deciding
        self._broadcast = broadcast
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for accepted changes that nobody is executing."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper

    async def tapped(self, conversation_id: uuid.UUID, token: str, *, accept: bool) -> Told:
        """What the customer tapped is done once; a second tap of the same kind gets the same message.

        Raises `UnknownProposal`, and `NotAsWished` when it was decided otherwise or too late.
        """
        async with self._sessions() as session:
            proposal = await proposals.by_token(session, conversation_id, token)
        decided = await self._deciding.decide(proposal, accept=accept)
        if decided.state not in (("executed", "failed") if accept else ("declined",)):
            raise NotAsWished(decided.text)
        return Told(decided.state, await self._tell(proposal, decided))

    async def _tell(self, proposal: Proposal, decided: Decided) -> dict[str, Any]:
        """Say how it ended in the conversation, once, and go on with what else was wanted."""
        async with self._sessions.begin() as session:
            known = await proposals.telling(session, proposal.id)
            if known is not None:
                return shown(await session.get_one(Message, known))
            message = await self._posted(session, proposal, Reply(text=decided.text, handoff=decided.handoff))
            await proposals.told(session, proposal.id, message.id)
        await self._announce(proposal, message, handed=decided.handoff is not None)
        more = {} if decided.handoff else await self._go_on(proposal, decided.order)
        return shown(message) | more

    async def _go_on(self, proposal: Proposal, order: str | None) -> dict[str, Any]:
        async with self._sessions() as session:
            store = await stores.by_id(session, proposal.store_id)
        heard = Heard(
            store_id=proposal.store_id,
            conversation_id=proposal.conversation_id,
            message_id=proposal.id,
            profile=store.profile,
            text="",
            seen=understand("", prior=proposal.language),
            at=now(),
        )
        if (reply := await self._flows.go_on(heard, order=order)) is None:
            return {}
        async with self._sessions.begin() as session:
            message = await self._posted(session, proposal, reply)
        await self._announce(proposal, message, handed=reply.handoff is not None)
        if reply.confirm is None:
            return {}
        confirm = reply.confirm.as_json()
        await announce(self._broadcast, proposal.store_id, proposal.conversation_id, live("confirm", confirm))
        return {"confirm": confirm}

    async def _posted(self, session: Any, proposal: Proposal, reply: Reply) -> Message:
        """The assistant's message that says this, with the conversation handed over where it must be."""
        text, suggestions = reply.text, reply.suggestions
        evidence: dict[str, Any] = {"confirm": reply.confirm.as_json()} if reply.confirm else {}
        if reply.handoff:
            added, made, suggestions = await self._handed(session, proposal)
            text = f"{joined(proposal.language, text, added)}\n{made.text}"
            evidence |= {"reason": reply.handoff, "ticket": made.as_json()}
        message: Message = await thread.post(session, proposal.conversation_id, "assistant", text)
        message.route = "flow"
        message.language = proposal.language
        message.confidence = 1.0
        message.outcome = "handoff" if reply.handoff else "done"
        message.sources = list(reply.sources)
        message.suggestions = list(suggestions)
        message.evidence = evidence
        await session.flush()
        if reply.handoff:
            await handoff.wait(session, proposal.conversation_id, reply.handoff)
        return message

    async def _handed(self, session: Any, proposal: Proposal) -> tuple[str, Made, tuple[str, ...]]:
        """What the customer of a change that was not made is told of a person, the ticket made, and their choices."""
        conversation = await thread.by_id(session, proposal.conversation_id, store_id=proposal.store_id)
        profile, at = (await stores.by_id(session, proposal.store_id)).profile, now()
        staffed = await is_staffed(session, proposal.store_id, profile, at)
        made = await self._ticketing.for_change(session, conversation, profile, proposal)
        line = "" if staffed else await contacts.ask(session, conversation, proposal.language)
        text = waiting_text(profile, proposal.language, at, staffed=staffed)
        made = replace(made, text=f"{made.text}\n{line}" if line else made.text)
        return text, made, meanwhile.choices(profile, proposal.language)

    async def _announce(self, proposal: Proposal, message: Message, *, handed: bool) -> None:
        told = [live("message", shown(message))]
        if handed:
            async with self._sessions() as session:
                told.append(owner(await session.get_one(Conversation, proposal.conversation_id)))
        await announce(self._broadcast, proposal.store_id, proposal.conversation_id, *told)

    async def _sweep(self) -> None:
        while True:
            try:
                await self.resume()
            except (*OUTAGES, XiaoerError) as error:
                log.warning("confirmations.not_resumed", reason=str(error).partition("\n")[0])
            await asyncio.sleep(SWEEP_SECONDS)

    async def resume(self) -> int:
        """Finish the accepted changes whose process is gone; returns how many there were."""
        async with self._sessions.begin() as session:
            left = await proposals.take_over(session)
        for proposal in left:
            await self._tell(proposal, await self._deciding.execute(proposal.id))
        return len(left)


def still_open(message: Message, waits: Proposal | None) -> dict[str, Any]:
    """The change that a message asked about, while it is the one that waits: a page that is loaded again shows it."""
    confirm = message.evidence.get("confirm")
    if waits is None or not confirm or stores.digest(confirm["token"]) != waits.token_digest:
        return {}
    return {"confirm": confirm}
