"""Files in a conversation: sent by customers, fetched by whoever holds their key; never run, never part of a page."""

import asyncio
import uuid
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Response, UploadFile
from fastapi.responses import FileResponse

from xiaoer.assistant.events import announce, live, owner
from xiaoer.assistant.reaching import follow_up
from xiaoer.assistant.turns import shown
from xiaoer.conversations import attachments, handoff, thread
from xiaoer.conversations.attachments import PICTURES, Taken
from xiaoer.conversations.tables import Message
from xiaoer.desk.desk import Desk
from xiaoer.web.access import DeskPart, LimitsPart, Participant
from xiaoer.web.handing import hand_over

router = APIRouter(tags=["files"])
PER_MINUTE = 10
"""Files a customer may send per minute."""
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "private, max-age=3600",  # no longer: what is erased here should be gone from browsers soon
    "Referrer-Policy": "no-referrer",
}


@router.post("/api/v1/conversations/{conversation_id}/attachments", status_code=201)
async def send(
    conversation_id: uuid.UUID,
    caller: Participant,
    desk: DeskPart,
    limits: LimitsPart,
    file: Annotated[UploadFile, File(description="A picture, PDF, Word, Excel or text file.")],
    idempotency_key: Annotated[str | None, Form(min_length=1, max_length=200)] = None,
) -> dict[str, Any]:
    """Send a file. A person looks at it: with the assistant the conversation is handed over."""
    await limits.take("files", conversation_id, PER_MINUTE)
    most = desk.settings.attachment_megabytes * 1_000_000
    read = await file.read(most + 1)
    given = await asyncio.to_thread(attachments.taken, file.filename or "file", read, most_bytes=most)
    await file.close()
    async with desk.database.sessions() as session:
        await thread.by_id(session, conversation_id, store_id=caller.store_id)
    if caller.kind == "secret":
        message = await staff_sends(desk, caller.store_id, conversation_id, given, author_name=None)
        return shown(message)
    return await _customer_sends(desk, caller.store_id, conversation_id, given, idempotency_key)


@router.get("/files/{key}", include_in_schema=False)
async def fetch(key: str, desk: DeskPart) -> Response:
    """A file by its key: pictures may be shown, everything else is only ever saved."""
    async with desk.database.sessions() as session:
        found = await attachments.by_key(session, key[:100])
    path = attachments.path_of(desk.settings.data_dir, found.id)
    if not await asyncio.to_thread(path.is_file):
        raise attachments.UnknownFile("There is no such file (any more).")
    how = "inline" if found.kind in PICTURES else "attachment"
    kind = "text/plain; charset=utf-8" if found.kind == "text/plain" else found.kind
    disposition = f"{how}; filename*=UTF-8''{quote(found.name, safe='')}"
    return FileResponse(path, media_type=kind, headers={**SAFE, "Content-Disposition": disposition})


async def staff_sends(
    desk: Desk, store_id: uuid.UUID, conversation_id: uuid.UUID, given: Taken, *, author_name: str | None
) -> Message:
    """Keep a file of the staff's and tell the customer."""
    attachment_id = uuid.uuid4()
    await asyncio.to_thread(attachments.write, desk.settings.data_dir, attachment_id, given.data)
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=store_id)
        joined = await handoff.join(session, conversation_id)
        message = await thread.post(session, conversation_id, "staff", given.name, author_name=author_name)
        message.attachments = [attachments.keep(session, conversation, attachment_id, given)]
        await session.flush()
        await follow_up(session, message)
    desk.turns.stop(conversation_id)
    told = [owner(conversation)] if joined else []
    await announce(desk.broadcast, store_id, conversation_id, *told, live("message", shown(message)))
    return message


async def _customer_sends(
    desk: Desk, store_id: uuid.UUID, conversation_id: uuid.UUID, given: Taken, key: str | None
) -> dict[str, Any]:
    attachment_id = uuid.uuid4()
    await asyncio.to_thread(attachments.write, desk.settings.data_dir, attachment_id, given.data)
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=store_id)
        await handoff.settle(session, conversation_id)
        message, fresh = await thread.say(session, conversation_id, given.name, idempotency_key=key)
        if not fresh:  # sent again because the answer was lost on the way
            await asyncio.to_thread(attachments.remove, desk.settings.data_dir, attachment_id)
            return shown(message)
        message.attachments = [attachments.keep(session, conversation, attachment_id, given)]
        await session.flush()
        handed = await hand_over(desk, session, conversation, "file")
        answer = shown(message)
        told = [live("message", answer)]
        if handed.message:
            told += [live("message", shown(handed.message)), owner(conversation)]
    if handed.message:
        desk.turns.stop(conversation_id)
    await announce(desk.broadcast, store_id, conversation_id, *told)
    return answer
