"""A dialogue as a file, for whoever may read it in the console."""

import uuid

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from xiaoer.conversations import exporting
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("/conversations/{conversation_id}.json")
async def export(conversation_id: uuid.UUID, desk: DeskPart, me: access.Reader) -> Response:
    """Everything that was said and what each answer stood on, as stored."""
    async with desk.database.sessions() as session:
        found = await exporting.dialogue(session, conversation_id, store_id=me.store_id)
    headers = {
        "Content-Disposition": f'attachment; filename="dialogue-{conversation_id}.json"',
        "Cache-Control": "no-store",
    }
    return JSONResponse(found, headers=headers)
