"""What staff do in a conversation: take it, write, note, tag, give it away, hand it back, close it."""

import asyncio
import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from xiaoer import stores
from xiaoer.assistant.events import announce, live, owner, store_topic, topic
from xiaoer.assistant.reaching import follow_up
from xiaoer.assistant.turns import shown
from xiaoer.conversations import aids, attachments, handoff, inbox, thread
from xiaoer.conversations.tables import Conversation
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid
from xiaoer.language.phrases import phrase
from xiaoer.patterns import lazy
from xiaoer.staff import people
from xiaoer.staff.roles import may
from xiaoer.web import files
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access
from xiaoer.web.console.access import Change
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/conversations/{conversation_id}", include_in_schema=False, route_class=PageRoute)
COMMAS = lazy(r"[,，、;；\n]")


@router.post("/take")
async def take(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """The conversation is mine from this keystroke on; the assistant falls silent at once."""
    force = change.fields.get("force") == "yes" and may(change.me.role, "assign")
    await take_for(desk, change, conversation_id, change.me.staff_id, change.me.name, force=force)
    return done(change, conversation_id)


@router.post("/assign")
async def assign(conversation_id: uuid.UUID, change: access.Assigns, desk: DeskPart) -> Response:
    """Give the conversation to somebody who can converse."""
    try:
        staff_id = uuid.UUID(change.fields.get("staff", ""))
    except ValueError as error:
        raise people.UnknownStaff("Choose whom to give the conversation to.") from error
    async with desk.database.sessions() as session:
        person = await people.by_id(session, staff_id, store_id=change.me.store_id)
    if person.disabled_at or not may(person.role, "converse"):
        raise Invalid("This person cannot answer customers.")
    await take_for(desk, change, conversation_id, person.id, person.name, force=True)
    return done(change, conversation_id)


@router.post("/reply")
async def reply(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """Say something to the customer; raises `TakenByAnother`. The same key again is the same message."""
    text = thread.cleaned(change.fields.get("text", ""))
    await take_for(desk, change, conversation_id, change.me.staff_id, change.me.name, force=False)
    key = change.fields.get("key") or None
    async with desk.database.sessions.begin() as session:
        message = await thread.post(
            session,
            conversation_id,
            "staff",
            text,
            author_name=change.me.name,
            idempotency_key=f"staff:{change.me.staff_id}:{key[:80]}" if key else None,
        )
        await follow_up(session, message)
        fields = change.fields
        await aids.used(session, message, aid=fields.get("aid", ""), original=fields.get("original", ""))
    await announce(desk.broadcast, change.me.store_id, conversation_id, live("message", shown(message)))
    return done(change, conversation_id)


@router.post("/attachments")
async def attach(request: Request, conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """Send a file to the customer; raises `FileRefused`, `TakenByAnother`."""
    form = await request.form()  # read before, for the token: it is kept
    given = form.get("file")
    if not isinstance(given, UploadFile):
        raise Invalid("Choose a file.")
    most = desk.settings.attachment_megabytes * 1_000_000
    read = await given.read(most + 1)
    file = await asyncio.to_thread(attachments.taken, given.filename or "file", read, most_bytes=most)
    await take_for(desk, change, conversation_id, change.me.staff_id, change.me.name, force=False)
    await files.staff_sends(desk, change.me.store_id, conversation_id, file, author_name=change.me.name)
    return done(change, conversation_id)


@router.post("/typing")
async def typing(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """The customer sees that somebody writes, if it is the person who has the conversation."""
    async with desk.database.sessions() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=change.me.store_id)
    if conversation.owner == "staff" and conversation.assigned_to == change.me.staff_id:
        await desk.broadcast.publish(topic(conversation_id), live("typing", {"author": change.me.name}))
    return done(change, conversation_id)


@router.post("/handback")
async def hand_back(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """The assistant answers what is written from now on, and the customer is told."""
    await leave(desk, change, conversation_id, closing=False)
    return done(change, conversation_id)


@router.post("/close")
async def close(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    await leave(desk, change, conversation_id, closing=True)
    return done(change, conversation_id)


@router.post("/note")
async def note(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """Write something for colleagues. It is told to consoles only, and to whom it names with @."""
    async with desk.database.sessions.begin() as session:
        await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        text = change.fields.get("text", "")
        named = await inbox.note(session, conversation_id, change.me.staff_id, change.me.name, text)
    for staff_id in named:
        event = {"kind": "mention", "conversation": str(conversation_id), "staff": str(staff_id)}
        await desk.broadcast.publish(store_topic(change.me.store_id), event)
    await moved(desk, change, conversation_id)
    return done(change, conversation_id)


@router.post("/tags")
async def tags(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    async with desk.database.sessions.begin() as session:
        await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        await inbox.set_tags(session, conversation_id, COMMAS.split(change.fields.get("tags", "")))
    await moved(desk, change, conversation_id)
    return done(change, conversation_id)


async def take_for(
    desk: Desk, change: Change, conversation_id: uuid.UUID, staff_id: uuid.UUID, name: str, *, force: bool
) -> None:
    """Give a conversation to somebody, and tell its customer who has come."""
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        if not await handoff.take(session, conversation_id, staff_id, force=force):
            return
        joined = phrase("staff_joined", await _language(session, conversation), name=name)
        message = await thread.post(session, conversation_id, "system", joined)
        told = owner(conversation), live("message", shown(message))
    desk.turns.stop(conversation_id)
    await announce(desk.broadcast, change.me.store_id, conversation_id, *told)


async def leave(desk: Desk, change: Change, conversation_id: uuid.UUID, *, closing: bool) -> None:
    """Hand back or close; who has no right to it is `TakenByAnother`.

    The customer is told if a person leaves, and of every closing, which asks for a judgement.
    """
    async with desk.database.sessions.begin() as session:
        await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        conversation = await thread.locked(session, conversation_id)
        called = conversation.handed_off_at is not None
        another = conversation.assigned_to not in (None, change.me.staff_id)
        if another and not may(change.me.role, "assign"):
            raise handoff.TakenByAnother("A colleague has this conversation.")
        left = await (handoff.close if closing else handoff.hand_back)(session, conversation_id)
        if not left:
            return
        told = [owner(conversation)] if called else []
        if called or (closing and conversation.last_position):
            language = await _language(session, conversation)
            text = phrase("conversation_closed" if closing else "staff_left", language)
            message = await thread.post(session, conversation_id, "system", text)
            message.language = language
            message.evidence = {"closed": True} if closing else {}
            told.append(live("message", shown(message)))
        conversation.boundary = conversation.last_position
    if closing:
        desk.turns.stop(conversation_id)
    await announce(desk.broadcast, change.me.store_id, conversation_id, *told)


async def _language(session: Any, conversation: Conversation) -> str:
    store = await stores.by_id(session, conversation.store_id)
    return conversation.language or conversation.locale or store.profile.locales[0]


async def moved(desk: Desk, change: Change, conversation_id: uuid.UUID) -> None:
    """Tell the shop's consoles that something is different in this conversation."""
    event = {"kind": "moved", "conversation": str(conversation_id)}
    await desk.broadcast.publish(store_topic(change.me.store_id), event)


def done(change: Change, conversation_id: uuid.UUID) -> Response:
    """What a browser gets after an action: nothing for a script, the conversation for a form."""
    if change.scripted:
        return Response(status_code=204)
    queue = "mine" if change.fields.get("queue") not in inbox.QUEUES else change.fields["queue"]
    return RedirectResponse(f"/console?queue={queue}&c={conversation_id}", 303)
