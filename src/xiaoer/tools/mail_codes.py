"""Showing an order by e-mail: the request, the letter that the worker sends, and the code that comes back."""

import hmac
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from xiaoer import stores
from xiaoer.commerce.commerce import Commerce, UnknownBuyer, UnknownOrder
from xiaoer.commerce.numbers import alike, plain
from xiaoer.commerce.values import Order
from xiaoer.db.database import Sessions
from xiaoer.identity import access, codes
from xiaoer.jobs import Work
from xiaoer.mail import BadAddress, Letter, Mailer
from xiaoer.stores import Profile
from xiaoer.tools.calling import Audit, Caller, CommerceOf, ToolRefused

LetterWords = Callable[[str, Profile, str], tuple[str, str]]
"""Subject and text of a letter, by language, shop and code."""


class MailCodes:
    """Asking for a code and entering it."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._audit = Audit(sessions)

    async def ask(self, caller: Caller, number: str, address: str, language: str) -> None:
        """Have a code sent if both belong together, which is not told; raises `TooManyTries`."""
        assert caller.conversation_id is not None, "who asks for a code is in a conversation"
        _require_on(caller.profile)
        async with self._audit.call(caller, "show_order", "read-own", {"number": plain(number), "by": "mail"}) as noted:
            noted.subject = plain(number)
            async with self._sessions.begin() as session:
                await codes.ask(
                    session,
                    caller.store_id,
                    caller.conversation_id,
                    number=number,
                    subject=alike(number),
                    address=address,
                    language=language,
                )

    async def enter(self, caller: Caller, number: str, code: str) -> tuple[Caller, str] | None:
        """The caller who may now see the order, and its number as the shop has it; None, whatever was wrong.

        Raises `TooManyTries`.
        """
        assert caller.conversation_id is not None, "who enters a code is in a conversation"
        _require_on(caller.profile)
        async with self._audit.call(caller, "show_order", "read-own", {"number": plain(number), "by": "code"}) as noted:
            noted.subject = plain(number)
            async with self._sessions.begin() as session:
                tried = await access.begin_try(session, caller.store_id, caller.conversation_id, alike(number))
            async with self._sessions() as session:
                asked = await codes.latest(session, caller.store_id, caller.conversation_id, alike(number))
            if not await codes.matches(asked, code) or asked is None or asked.number is None:
                return None
            async with self._sessions.begin() as session:
                if not await codes.use(session, asked):
                    return None
                await access.end_try(session, tried)
                await access.grant_order(session, caller.store_id, caller.conversation_id, asked.number)
                return replace(caller, seen=await access.of(session, caller.conversation_id)), asked.number


class CodeLetters:
    """What the worker does about a request: looks whether it matches, and only then sends a code."""

    def __init__(self, sessions: Sessions, commerce_of: CommerceOf, mailer: Mailer | None, words: LetterWords) -> None:
        self._sessions = sessions
        self._commerce_of = commerce_of
        self._mailer = mailer
        self._words = words

    async def send(self, work: Work) -> None:
        """Done again after a failure it sends a new code, and the one before is none any more."""
        async with self._sessions() as session:
            asked = await codes.waiting(session, work.store_id, uuid.UUID(work.payload["code"]))
            profile = (await stores.by_id(session, work.store_id)).profile
        commerce = await self._commerce_of(work.store_id)
        if self._mailer is None or not profile.mail_codes or asked is None or commerce is None:
            return
        try:
            order = await commerce.order(work.payload["number"], customer=None)
        except UnknownOrder:
            return
        address = _same(await _addresses(commerce, order), asked.address_digest)
        if address is None:
            return
        code = codes.new_code()
        digest = await codes.digest_of_code(asked.id, code)
        async with self._sessions.begin() as session:
            if not await codes.send(session, asked, number=plain(order.number), digest=digest):
                return
        subject, text = self._words(work.payload["language"], profile, code)
        try:
            await self._mailer.send(Letter([address], subject, text))
        except BadAddress:
            return  # the address will not become a better one by trying again


def _require_on(profile: Profile) -> None:
    """A shop may do without codes by mail; also where one was sent before it was switched off."""
    if not profile.mail_codes:
        raise ToolRefused("The shop does not show orders by a code sent by e-mail.", "off")


async def _addresses(commerce: Commerce, order: Order) -> list[str]:
    """The order's own address, and that of the customer who placed it."""
    found = [order.email]
    if order.customer and "buyer" in commerce.abilities:
        with suppress(UnknownBuyer):
            found.append((await commerce.buyer(order.customer)).email)
    return [address for address in found if address]


def _same(addresses: list[str], digest: str) -> str | None:
    """The one of the shop's addresses that was named; letters go to it as the shop has written it."""
    fits = [each for each in addresses if hmac.compare_digest(codes.digest_of_address(each), digest)]
    return fits[0] if fits else None
