"""What staff write to the customer in a ticket is said in its conversation too."""

from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations import thread
from xiaoer.conversations.tables import Message
from xiaoer.conversations.thread import LONGEST_MESSAGE
from xiaoer.tickets import promises
from xiaoer.tickets.tables import Ticket


async def in_chat(session: AsyncSession, ticket: Ticket, text: str, *, name: str | None = None) -> Message | None:
    """Put the words into the conversation that the ticket came from; None if there is none."""
    if ticket.conversation_id is None:
        return None
    said = promises.say("comment", ticket.language, number=ticket.shown, text=thread.cleaned(text))
    said = said[:LONGEST_MESSAGE]
    return await thread.post(session, ticket.conversation_id, "staff", said, author_name=name)


async def solved_in_chat(session: AsyncSession, ticket: Ticket) -> Message | None:
    """Say in the conversation that the ticket is solved, and how to open it again."""
    if ticket.conversation_id is None:
        return None
    text = promises.say("solved_notice", ticket.language, number=ticket.shown)
    return await thread.post(session, ticket.conversation_id, "system", text)
