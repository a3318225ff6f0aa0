"""The dialogues about orders, as one step of the turn: what the customer wants is collected, shown, put before them
and done. No model is asked, and what no flow is for goes on to the shop's knowledge.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, get_args

from xiaoer.assistant.events import Confirm
from xiaoer.assistant.flows import changing as asking
from xiaoer.assistant.flows import counting, fees, goods, ordering, pointing, serving
from xiaoer.assistant.flows.deciding import SYSTEM_DOWN, Deciding
from xiaoer.assistant.flows.slots import given_in
from xiaoer.assistant.flows.starting import begin, changed_mind, expand, goes_on, offered, remember
from xiaoer.assistant.flows.talk import Ask, Drop, Sending, Stand, Talk, Task
from xiaoer.assistant.flows.wants import planned, wants_of
from xiaoer.assistant.flows.words import plain_line, say
from xiaoer.assistant.flows.yes_no import yes_or_no
from xiaoer.assistant.understanding.result import Understanding, understand
from xiaoer.commerce.further import TOPICS
from xiaoer.commerce.numbers import plain
from xiaoer.db.database import Sessions
from xiaoer.errors import NotFound, Unavailable, XiaoerError
from xiaoer.identity import access
from xiaoer.identity.access import Seen
from xiaoer.language.phrases import phrase
from xiaoer.stores import Profile
from xiaoer.tools import dialogues, proposals
from xiaoer.tools.calling import Caller, CommerceOf, ToolRefused
from xiaoer.tools.changing import Changing
from xiaoer.tools.reading import Reading
from xiaoer.tools.tables import Proposal


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A message as the flows need it."""

    store_id: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    profile: Profile
    text: str
    seen: Understanding
    at: datetime
    told: Callable[[str, str], None] = field(default=lambda _name, _status: None, compare=False)
    """Hears of what is looked up for the message, see `Caller`."""
    page: str | None = None
    """The product meant because the customer is on its page."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a flow answers. `handoff` is why the conversation goes to staff: who hands it over says what comes next.
    One that `gives_way` is said only where the shop's texts do not answer either, in a passage that has one of these
    words.
    """

    text: str
    sources: tuple[dict[str, Any], ...] = ()
    suggestions: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    confirm: Confirm | None = None
    handoff: str | None = None
    gives_way: tuple[str, ...] = ()
    sending: Sending | None = None


@dataclass(frozen=True)
class _Before:
    """What is stored about the conversation when a message comes."""

    kept: dict[str, Any]
    seen: Seen
    open: Proposal | None
    decided: Proposal | None
    stand: Stand = field(default_factory=Stand)


class Flows:
    """All dialogues of a desk."""

    def __init__(self, sessions: Sessions, commerce_of: CommerceOf, *, by_mail: bool = False) -> None:
        """`by_mail`: there is a mailer, so orders may be shown by a code sent to their e-mail address."""
        self._sessions = sessions
        self._by_mail = by_mail
        self._commerce_of = commerce_of
        self._reading = Reading(sessions)
        self._changing = Changing(sessions)
        self.deciding = Deciding(sessions, commerce_of, self._changing)
        reads: dict[str, Callable[[Reading, Talk, Task], Awaitable[None]]] = {
            "track": ordering.track,
            "status": ordering.track,
            "orders": ordering.orders,
            "refund": ordering.refund,
            "coupons": ordering.coupons,
            "fee": fees.fee,
            "balance": serving.balance,
            "picture": serving.picture,
            "compare": serving.compare,
            **{f"note:{topic}": serving.note for topic in TOPICS},
        }
        self._handlers: dict[str, Callable[[Talk, Task], Awaitable[None]]] = {
            kind: partial(handler, self._reading) for kind, handler in reads.items()
        }
        self._handlers |= {f"goods:{kind}": partial(goods.facts, self._reading) for kind in get_args(goods.Kind)}
        self._handlers |= {
            "goods:several": partial(goods.several, self._reading),
            "goods:among": partial(goods.among, self._reading),
        }
        self._handlers |= {kind: partial(asking.change, self._reading, self._changing) for kind in asking.NAMES}
        self._handlers["undo"] = partial(asking.undo, self._reading, self._changing)
        self._handlers["buy"] = partial(serving.buy, self._reading, self._changing)

    async def answer(self, heard: Heard, *, is_curated: Callable[[], Awaitable[bool]]) -> Reply | None:
        """The reply to a message that is about the customer's own orders; None for every other.

        `is_curated` tells whether the shop has an answer of its own to exactly these words.
        """
        before = await self._before(heard)
        if before.decided is None and (heard.seen.intent == "person" or heard.seen.urgent):
            return None
        if (talk := await self._talk(heard, before)) is None:
            return None
        try:
            if not await self._understood(heard, talk, before, is_curated):
                talk.stand.aside |= before.open is not None and heard.seen.intent == "question"
                if talk.stand.kept() != Stand.of(before.kept).kept():  # what was named is spoken of later
                    await self._keep(heard, talk, before)
                return None
            await self._work(talk)
        except Unavailable:
            self._give_up(talk)
        return await self._said(heard, talk, before)

    async def go_on(self, heard: Heard, *, order: str | None = None) -> Reply | None:
        """What is still wanted after a change of `order` was decided by a tap.

        `heard` has no words, and the tap's own id.
        """
        before = await self._before(heard)
        if (talk := await self._talk(heard, before)) is None:
            return None
        if order is not None and talk.stand.focus != plain(order):
            talk.stand.focus = plain(order)
            await self._keep(heard, talk, before)
        if not talk.stand.tasks:
            return None
        try:
            await self._work(talk)
        except Unavailable:
            self._give_up(talk)
        return await self._said(heard, talk, before)

    async def begin(self, heard: Heard, kind: str, slots: Mapping[str, Any]) -> Reply | None:
        """Begin what a model has found to be wished, as if the rules had; from here on it goes the same way."""
        before = await self._before(heard)
        if (talk := await self._talk(heard, before)) is None:
            return None
        earlier = [task for task in talk.stand.tasks if task.kind != kind]
        talk.stand.tasks, talk.stand.awaiting = [Task(kind, dict(slots)), *earlier], None
        try:
            await self._work(talk)
        except Unavailable:
            self._give_up(talk)
        return await self._said(heard, talk, before)

    async def unsold(self, heard: Heard) -> tuple[str, str] | None:
        """The name that a message plainly asks for and none of the shop's goods has, and the sentence that says so."""
        before = await self._before(heard)
        if (talk := await self._talk(heard, before)) is None:
            return None
        try:
            name = await pointing.unsold(self._reading, talk)
        except (Unavailable, ToolRefused):
            return None
        return (name, talk.word("unsold", name=plain_line(name))) if name is not None else None

    async def look(self, caller: Caller, language: str, kind: str, slots: Mapping[str, Any]) -> Talk:
        """Look one kind of thing up for `caller`, outside of any dialogue; raises `Ask` and `Drop`."""
        talk = Talk(caller, language, "", understand("", prior=language), Stand())
        await self._handlers[kind](talk, Task(kind, dict(slots)))
        return talk

    async def caller(self, heard: Heard) -> Caller | None:
        """Who is heard, as the server knows them; None where the shop has no commerce."""
        async with self._sessions() as session:
            seen = await access.of(session, heard.conversation_id)
        return await self.caller_seen(heard.store_id, heard.profile, seen, heard.at, heard.conversation_id)

    async def caller_seen(
        self,
        store_id: uuid.UUID,
        profile: Profile,
        seen: Seen,
        at: datetime,
        conversation_id: uuid.UUID | None = None,
    ) -> Caller | None:
        """A caller of whom the server knows this; None where the shop has no commerce."""
        if (commerce := await self._commerce_of(store_id)) is None:
            return None
        return Caller(
            store_id=store_id, conversation_id=conversation_id, profile=profile, commerce=commerce, seen=seen, at=at
        )

    async def _talk(self, heard: Heard, before: _Before) -> Talk | None:
        caller = await self.caller_seen(heard.store_id, heard.profile, before.seen, heard.at, heard.conversation_id)
        if caller is None:
            return None
        by_mail = self._by_mail and heard.profile.mail_codes
        caller = replace(caller, told=heard.told)
        return Talk(caller, heard.seen.language, heard.text, heard.seen, before.stand, by_mail=by_mail)

    async def _said(self, heard: Heard, talk: Talk, before: _Before) -> Reply | None:
        if not talk.said:
            return None
        talk.stand.aside = False  # what waits is reminded of
        await self._keep(heard, talk, before)
        return _reply(talk, before)

    async def _keep(self, heard: Heard, talk: Talk, before: _Before) -> None:
        async with self._sessions.begin() as session:
            await dialogues.save(
                session, heard.conversation_id, heard.message_id, previous=before.kept, state=talk.stand.kept()
            )

    async def _before(self, heard: Heard) -> _Before:
        async with self._sessions() as session:
            kept = await dialogues.load(session, heard.conversation_id, heard.message_id)
            seen = await access.of(session, heard.conversation_id)
            waits = await proposals.waiting(session, heard.conversation_id)
            decided = await proposals.decided_by(session, heard.message_id)
        return _Before(kept, seen, waits, decided, Stand.of(kept))

    async def _understood(
        self, heard: Heard, talk: Talk, before: _Before, is_curated: Callable[[], Awaitable[bool]]
    ) -> bool:
        """Take from the message what it says to the dialogue; false when it says nothing to it."""
        if await self._decided(heard, talk, before):
            return True
        given = given_in(talk.text, awaiting=talk.stand.awaiting)
        if not talk.by_mail:
            given = replace(given, mail=None)
        remember(talk, given)
        if planned(talk.text):
            talk.said.append(talk.word("planned"))
            return True
        wants = offered(talk, given, wants_of(talk.text, named=given.order is not None))
        if instead := changed_mind(talk, given, wants, waits=before.open.tool if before.open else None):
            if before.open is not None:
                await self.deciding.decide(before.open, accept=False)
                talk.said.append(talk.word("declined"))
            talk.instead = True
            begin(talk, instead, given, instead=True)
            return True
        if wants:
            weak = given.order is None and talk.caller.seen.customer is None and not talk.stand.awaiting
            if weak and await is_curated():
                return False
            begin(talk, wants, given)
            return True
        return await self._about_goods(talk, is_curated, heard.page) or goes_on(talk, given)

    async def _about_goods(self, talk: Talk, is_curated: Callable[[], Awaitable[bool]], page: str | None) -> bool:
        """A fact of a product that is named for certain, or the fee to a place; the dialogue goes on after it."""
        if talk.stand.awaiting not in (None, "order", "tail", "code"):
            return False
        kind = goods.kind_of(talk.text, talk.language)
        if kind is not None and page is not None:
            with suppress(NotFound, ToolRefused):  # the shop's system may call it otherwise than its articles
                talk.stand.product = (await talk.caller.commerce.product(page)).id
        if kind is None and talk.stand.product is not None:
            on = fees.goes_on(talk.text) or counting.counts_alone(talk.text, talk.language)
            kind = "quote" if on else None
        task = None
        with suppress(ToolRefused):  # switched off: the shop's articles may know it
            task = await (
                pointing.identified(self._reading, talk, kind)
                if kind is not None
                else pointing.only_named(self._reading, talk)
            )
        if task is None and ("shipping" in talk.caller.commerce.abilities or talk.caller.profile.shipping):
            task = fees.asked_in(talk)
        if task is None or await is_curated():
            return False
        talk.stand.tasks.insert(0, task)
        talk.stand.awaiting = None
        return True

    async def _decided(self, heard: Heard, talk: Talk, before: _Before) -> bool:
        """A plain yes or no to the change that waits."""
        if before.decided is not None:
            decided = await self.deciding.outcome(before.decided.id)
        elif before.open is not None:
            cancels = before.open.tool == "cancel_order"
            accept = yes_or_no(talk.text, cancels=cancels)
            if accept is None:
                return False
            if accept and talk.stand.aside:
                talk.stand.aside = False
                talk.said.append(f"{before.open.summary}\n{talk.word('confirm_again')}")
                return True
            decided = await self.deciding.decide(before.open, accept=accept, message_id=heard.message_id)
        else:
            return False
        talk.said.append(decided.text)
        talk.handoff = decided.handoff
        talk.stand.focus = plain(decided.order) if decided.order else talk.stand.focus
        talk.stand.awaiting = None
        if decided.handoff:
            talk.stand.tasks = []
        return True

    async def _work(self, talk: Talk) -> None:
        """Do what can be done, in order, until something is missing or waits for a yes."""
        stand = talk.stand
        while stand.tasks and talk.confirm is None:
            task = stand.tasks[0]
            try:
                if task.slots.pop("every", False):
                    await expand(self._reading, talk, task)
                    continue
                await self._handlers[task.kind](talk, task)
            except Ask as ask:
                talk.said.append(ask.text)
                talk.suggestions.extend(ask.suggestions)
                talk.choices.extend(ask.suggestions)
                stand.awaiting = ask.slot
                return
            except Drop as drop:
                talk.said.append(drop.text)
                talk.suggestions.extend(drop.suggestions)
            except Unavailable:
                raise
            except XiaoerError:
                talk.said.append(talk.word("refused"))
                talk.suggestions.append(talk.word("person"))
            stand.tasks.pop(0)
            stand.awaiting = None

    def _give_up(self, talk: Talk) -> None:
        """The shop's system fails: the customer hears so, and a person takes over."""
        talk.stand.tasks, talk.stand.awaiting = [], None
        talk.said.append(phrase(SYSTEM_DOWN, talk.language))
        talk.handoff = SYSTEM_DOWN


def _reply(talk: Talk, before: _Before) -> Reply:
    text = "\n\n".join(talk.said)
    if (
        not talk.handoff
        and before.open is not None
        and talk.confirm is None
        and before.decided is None
        and _still_open(talk)
    ):
        text = f"{text}\n\n{say('remind', talk.language)}"
    return Reply(
        text=text,
        sources=tuple(talk.sources),
        suggestions=tuple(dict.fromkeys(talk.suggestions)),
        choices=tuple(dict.fromkeys(talk.choices)),
        confirm=talk.confirm,
        handoff=talk.handoff,
        gives_way=talk.gives_way if len(talk.said) == 1 else (),
        sending=talk.sending if talk.confirm is None and not talk.handoff else None,
    )


def _still_open(talk: Talk) -> bool:
    return yes_or_no(talk.text) is None and not talk.instead
