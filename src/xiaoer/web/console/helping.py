"""Help while staff answer: a suggested reply, the shop's tone, a translation, a summary. Nothing of it sends itself."""

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response

from xiaoer import stores
from xiaoer.assistant.answering.writer import writes
from xiaoer.assistant.helping.cases import similar
from xiaoer.assistant.helping.replies import suggested
from xiaoer.assistant.helping.rewriting import rewritten
from xiaoer.assistant.helping.summary import Summary, summarised, worded
from xiaoer.assistant.helping.translating import translated
from xiaoer.conversations import aids, inbox, thread
from xiaoer.conversations.aids import Aid
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid
from xiaoer.language.detect import detect
from xiaoer.llm.model import Model
from xiaoer.stores import Profile
from xiaoer.web.access import DeskPart, LimitsPart
from xiaoer.web.console import access, render
from xiaoer.web.console.access import Change
from xiaoer.web.console.problems import PageRoute
from xiaoer.web.limits import Limits

router = APIRouter(
    prefix="/console/conversations/{conversation_id}/help", include_in_schema=False, route_class=PageRoute
)
PER_PERSON = 30
"""Times a minute: a model answers each."""
NEAR = 30
"""Passages among which one in the customer's language is looked for."""
NEAR_CHARACTERS = 400


async def beside(session: Any, desk: Desk, opened: dict[str, Any], language: str) -> dict[str, Any]:
    """What the conversation's page shows of help: the summary of a hand-over, and translations there are."""
    conversation: Conversation = opened["whole"].conversation
    summary: Summary | None = None
    if opened["whole"].state in ("waiting", "staff"):
        summary = summarised(opened["messages"], since=conversation.boundary)
    return {
        "summary": summary,
        "can_summarise": _can_summarise(desk.assistant.model),
        "translations": await aids.translations(session, conversation.id, language),
    }


@router.post("/reply")
async def reply(
    request: Request, conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart, limits: LimitsPart
) -> dict[str, Any]:
    """The reply that the shop's texts back, with its sources; and what colleagues answered to such questions."""
    _ = request
    conversation, profile, messages = await _opened(desk, limits, change, conversation_id)
    found = await suggested(desk.knowledge, desk.assistant.model, conversation.store_id, profile, messages)
    question = next((each.text for each in messages if found and each.id == found.message_id), "")
    question = question or next((each.text for each in reversed(messages) if each.author == "customer"), "")
    async with desk.database.sessions() as session:
        served = await aids.served(session, conversation.store_id, but=conversation.id)
    cases = await similar(desk.knowledge.embedder, question, served) if question else []
    answer: dict[str, Any] = {
        "text": None,
        "cases": [
            {"conversation": str(each.conversation_id), "asked": each.asked, "answered": each.answered, "by": each.by}
            for each in cases
        ],
    }
    if found is None:
        return answer
    aid = _aid(change, conversation, "reply", found.text, found.language, found.by)
    aid.message_id, aid.sources = found.message_id, list(found.sources)
    return answer | await _offered(desk, aid) | {"sources": list(found.sources)}


@router.post("/rewrite")
async def rewrite(
    request: Request, conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart, limits: LimitsPart
) -> dict[str, Any]:
    """The draft in the shop's tone, with the same facts."""
    _ = request
    text = thread.cleaned(change.fields.get("text", ""))
    conversation, profile, _messages = await _opened(desk, limits, change, conversation_id)
    language = _spoken(text, conversation, profile)
    said = await rewritten(desk.assistant.model, profile, text, language=language)
    return await _offered(desk, _aid(change, conversation, "rewrite", said.text, language, said.by))


@router.post("/translate")
async def translate(
    request: Request, conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart, limits: LimitsPart
) -> dict[str, Any]:
    """A draft in the customer's language; or, with `message`, that message in the reader's."""
    conversation, profile, messages = await _opened(desk, limits, change, conversation_id)
    message = next((each for each in messages if str(each.id) == change.fields.get("message")), None)
    own = render.words_for(request).language
    text = message.text if message else thread.cleaned(change.fields.get("text", ""))
    language = own if message else conversation.language or conversation.locale or profile.locales[0]
    said = await translated(desk.assistant.model, profile.glossary, text, language=language)
    if said.by == "same":
        return {"same": True, "language": language}
    aid = _aid(change, conversation, "translation", said.text, language, said.by)
    aid.message_id = message.id if message else None
    answer = await _offered(desk, aid)
    answer |= {"whole": said.is_whole, "names": [list(pair) for pair in said.names], "near": None, "original": text}
    if not said.is_whole and message is None:
        hits = await desk.knowledge.search(conversation.store_id, text, locale=language, k=NEAR)
        near = next((hit for hit in hits if hit.locale == language), None)
        answer["near"] = {"title": near.title, "text": near.text[:NEAR_CHARACTERS]} if near else None
    return answer


@router.post("/summary")
async def summary(
    request: Request, conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart, limits: LimitsPart
) -> dict[str, Any]:
    """The conversation in a few sentences of the model; refused where only a small one, or none, is at hand."""
    model = desk.assistant.model
    if model is None or not _can_summarise(model):
        raise Invalid("No model that can summarise is at hand. The summary beside the conversation is made by rules.")
    conversation, _profile, messages = await _opened(desk, limits, change, conversation_id)
    language = render.words_for(request).language
    text = await worded(model, messages, language=language)
    if text is None:
        raise Invalid("The model gave no summary that what was said backs. Please read the conversation.")
    return await _offered(desk, _aid(change, conversation, "summary", text, language, model.name))


@router.post("/reject", status_code=204)
async def reject(conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """What was offered was no help."""
    async with desk.database.sessions.begin() as session:
        await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        await aids.settle(session, change.fields.get("aid", ""), conversation_id=conversation_id, sent=None)
    return Response(status_code=204)


async def _opened(
    desk: Desk, limits: Limits, change: Change, conversation_id: uuid.UUID
) -> tuple[Conversation, Profile, list[Message]]:
    await limits.take("help for staff", change.me.staff_id, PER_PERSON)
    async with desk.database.sessions() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        profile = (await stores.by_id(session, change.me.store_id)).profile
        return conversation, profile, await inbox.latest(session, conversation_id)


def _can_summarise(model: Model | None) -> bool:
    return model is not None and writes(model, foreign=True)


def _spoken(text: str, conversation: Conversation, profile: Profile) -> str:
    prior = conversation.language or conversation.locale or profile.locales[0]
    return detect(text, prior=prior).language


def _aid(change: Change, conversation: Conversation, kind: aids.Kind, text: str, language: str, by: str) -> Aid:
    return Aid(
        store_id=conversation.store_id,
        conversation_id=conversation.id,
        staff_id=change.me.staff_id,
        kind=kind,
        text=text,
        language=language,
        by=by,
    )


async def _offered(desk: Desk, aid: Aid) -> dict[str, Any]:
    answer = {"text": aid.text, "language": aid.language, "by": aid.by}
    async with desk.database.sessions.begin() as session:
        return answer | {"aid": str(await aids.offered(session, aid))}
