"""The playground: what the model is told and how it generates, tried on questions, published and taken back."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.assistant.answering import prompts, writer
from xiaoer.assistant.playground import Compared, Playground
from xiaoer.errors import Invalid
from xiaoer.staff import prompt_versions
from xiaoer.staff.roles import require
from xiaoer.staff.sessions import SignedIn
from xiaoer.stores import Profile
from xiaoer.web.access import DeskPart, LimitsPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/playground", include_in_schema=False, route_class=PageRoute)
Number = Annotated[int, Path(ge=1, le=1_000_000)]
PER_PERSON = 6
"""Tries per minute: each is up to twenty answers of the model."""
MOST_QUESTIONS = 10
LONGEST_QUESTION = 1000
LONGEST_INSTRUCTIONS = 4000
LONGEST_NOTE = 200
NUMBERS = {
    "temperature": (0, 2, 0.05),
    "top_p": (0.01, 1, 0.01),
    "max_tokens": (16, 4000, 1),
    "frequency_penalty": (-2, 2, 0.1),
    "presence_penalty": (-2, 2, 0.1),
}
"""Each number's least and greatest value and its step, as the form offers them; the profile has the last word."""


@router.get("")
async def playground_page(request: Request, desk: DeskPart, me: access.Reader, told: str = "") -> Response:
    require(me.role, "teach")
    return await _page(request, desk, me, told=told)


@router.post("")
async def attempt_all(request: Request, desk: DeskPart, limits: LimitsPart, change: access.Teaches) -> Response:
    """Answer each question as set now and with the draft; nothing is stored and nobody is told."""
    questions = _questions(change.fields.get("questions", ""))
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, change.me.store_id)
    now = store.profile
    draft = Profile.model_validate(stores.checked({**store.settings, **_draft(change.fields, now)}))
    await limits.take("playground", change.me.staff_id, PER_PERSON)
    playground = Playground(desk.knowledge, desk.assistant.model, change.me.store_id)
    compared = await _unless_gone(request, playground.compare(now, draft, questions))
    if compared is None:
        return Response(status_code=204)  # nobody reads it
    return await _page(request, desk, change.me, draft=draft, questions=questions, compared=compared)


@router.post("/publish")
async def publish(desk: DeskPart, change: access.Teaches) -> Response:
    """Put the draft into force as a new version; it counts from the next message on."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_id(session, change.me.store_id)
        wanted = _draft(change.fields, store.profile)
        note = change.fields.get("note", "").strip()[:LONGEST_NOTE]
        await prompt_versions.publish(session, store.id, wanted, staff_id=change.me.staff_id, note=note)
    return RedirectResponse("/console/playground?told=published", 303)


@router.post("/versions/{number}/restore")
async def restore(number: Number, request: Request, desk: DeskPart, change: access.Teaches) -> Response:
    """Put an old version into force again, as a new one."""
    note = render.words_for(request)("version_restored", n=number)
    async with desk.database.sessions.begin() as session:
        await prompt_versions.roll_back(session, change.me.store_id, number, staff_id=change.me.staff_id, note=note)
    return RedirectResponse("/console/playground?told=restored", 303)


async def _unless_gone(request: Request, work: Coroutine[Any, Any, list[Compared]]) -> list[Compared] | None:
    """What the work brings; None, and the work is stopped, when the browser that asked for it leaves."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _page(
    request: Request,
    desk: DeskPart,
    me: SignedIn,
    *,
    draft: Profile | None = None,
    questions: Sequence[str] = (),
    compared: Sequence[Compared] = (),
    told: str = "",
) -> Response:
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        versions = await prompt_versions.newest(session, me.store_id)
    t = render.words_for(request)
    model = desk.assistant.model
    opening = profile.opening_questions.get(profile.locales[0] if profile.locales else "", [])
    return render.page(
        request,
        "playground.html",
        me=me,
        shop=profile.name_in(t.language),
        now=profile,
        draft=draft or profile,
        languages_told=_languages(profile),
        built_in={each: "\n".join(prompts.RULES.get(each, prompts.RULES["en"])) for each in _languages(profile)},
        called={each: prompts.NAMES.get(each, each) for each in _languages(profile)},
        numbers=NUMBERS,
        questions="\n".join(questions or opening[:MOST_QUESTIONS]),
        compared=compared,
        versions=versions,
        in_force=profile.prompt_settings,
        has_model=model is not None,
        writes=model is not None and writer.writes(model),
        told=told if told in ("published", "restored") else "",
        clock=render.clock(profile.timezone),
        longest=LONGEST_INSTRUCTIONS,
    )


def _languages(profile: Profile) -> list[str]:
    """Languages in which the model can be told something: the shop's, and those that it has been told in."""
    return list(dict.fromkeys([*profile.locales, *profile.instructions]))


def _draft(fields: dict[str, str], profile: Profile) -> dict[str, Any]:
    """The settings that the form asks for, numbers unread: the profile reads them and says what is wrong."""
    instructions = {}
    for language in _languages(profile):
        text = "\n".join(fields.get(f"instructions_{language}", "").splitlines()).strip()
        if len(text) > LONGEST_INSTRUCTIONS:
            raise Invalid(f"Instructions ({language}) are at most {LONGEST_INSTRUCTIONS} characters long.")
        if text:
            instructions[language] = text
    return {"instructions": instructions, **{name: fields.get(name, "").strip() for name in NUMBERS}}


def _questions(text: str) -> list[str]:
    questions = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not questions:
        raise Invalid("Write at least one question, one a line.")
    if len(questions) > MOST_QUESTIONS:
        raise Invalid(f"At most {MOST_QUESTIONS} questions at once.")
    if any(len(question) > LONGEST_QUESTION for question in questions):
        raise Invalid(f"A question is at most {LONGEST_QUESTION} characters long.")
    return questions
