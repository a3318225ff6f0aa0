"""What the assistant may do and how it answers, as the shop sets it: tools and caps, words, thinking, tickets."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.assistant import safety
from xiaoer.assistant.answering.prompts import NAMES
from xiaoer.assistant.understanding.danger_learnt import KINDS
from xiaoer.errors import Invalid
from xiaoer.language.phrases import languages
from xiaoer.staff.roles import require
from xiaoer.stores import Priority, Profile, Thinking, ToolRule
from xiaoer.tickets.states import MINUTES
from xiaoer.tools import switches
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/settings/rules", include_in_schema=False, route_class=PageRoute)
PARTS = ("tools", "answers", "thinking", "tickets", "safety")
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
LIMITS = ("longest_fast", "fast_seconds", "thinking_seconds", "thinking_tokens")
LONGEST = {"tone": 500, "scope": 500, "region": 60}
LONGEST_SAFETY = 1000
MOST_RULES, MOST_WORDS, SPARE_ROWS = 50, 50, 2
MOST_DIGITS = 14


@router.get("")
async def rules_page(request: Request, desk: DeskPart, me: access.Reader, saved: str = "") -> Response:
    require(me.role, "teach")
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
    t = render.words_for(request)
    return render.page(
        request,
        "rules.html",
        me=me,
        shop=profile.name_in(t.language),
        profile=profile,
        rule_of=lambda name: profile.tools.get(name, ToolRule()),
        reads=switches.READS,
        writes=switches.WRITES,
        states_of={name: _states(profile, name) for name in switches.WRITES},
        limits={name: f"{getattr(profile.thinking, name):g}" for name in LIMITS},
        bounds=_bounds(),
        modes=("thinking", "fast"),
        spare=range(len(profile.thinking.rules), min(len(profile.thinking.rules) + SPARE_ROWS, MOST_RULES)),
        priorities=PRIORITIES,
        minutes=MINUTES,
        dangers=KINDS,
        spoken=[language for language in profile.locales if language in languages()],
        called=NAMES,
        built_in=lambda kind, language: safety.built_in(profile, language, kind),
        saved=saved if saved in PARTS else "",
    )


@router.post("/tools")
async def set_tools(desk: DeskPart, change: access.Teaches) -> Response:
    """Which tools there are and how far each may go; it counts from the next message on, also for open dialogues."""
    async with desk.database.sessions.begin() as session:
        profile = (await stores.by_id(session, change.me.store_id)).profile
        rules = {name: rule.model_dump(mode="json", exclude_unset=True) for name, rule in profile.tools.items()}
        for name in (*switches.READS, *switches.WRITES):
            rule = _rule(profile, name, change.fields)
            rules[name] = rule
            if not rule:  # no limit at all: nothing to keep
                del rules[name]
        await stores.change(session, change.me.store_id, {"tools": rules})
    return _saved("tools")


@router.post("/answers")
async def set_answers(desk: DeskPart, change: access.Teaches) -> Response:
    """How answers sound, what they are about and how long they get; raises `Invalid` naming the field."""
    wanted: dict[str, Any] = {
        name: change.fields.get(name, "").strip() for name in ("answer_characters", "repetition_penalty", "model_tools")
    }
    for name, longest in LONGEST.items():
        wanted[name] = " ".join(change.fields.get(name, "").split())
        if len(wanted[name]) > longest:
            raise Invalid(f"{name}: at most {longest} characters.")
    await _change(desk, change, wanted)
    return _saved("answers")


@router.post("/thinking")
async def set_thinking(desk: DeskPart, change: access.Teaches) -> Response:
    """When a model that can think does so, and how long; a rule without words is taken away."""
    fields = change.fields
    rules = []
    for number in range(MOST_RULES):
        words = _words(fields.get(f"words_{number}", ""))
        if words:
            mode, note = fields.get(f"mode_{number}", "thinking"), fields.get(f"note_{number}", "").strip()
            rules.append({"words": words, "mode": mode, "note": note})
    limits = {name: fields.get(name, "").strip() for name in LIMITS}
    await _change(desk, change, {"thinking": {"mode": fields.get("mode", ""), "rules": rules, **limits}})
    return _saved("thinking")


@router.post("/tickets")
async def set_tickets(desk: DeskPart, change: access.Teaches) -> Response:
    """Within how many open minutes a ticket is answered; an empty field is as it comes. For tickets made from now."""
    given = {each: change.fields.get(f"minutes_{each}", "").strip() for each in PRIORITIES}
    await _change(desk, change, {"ticket_minutes": {each: minutes for each, minutes in given.items() if minutes}})
    return _saved("tickets")


@router.post("/safety")
async def set_safety(desk: DeskPart, change: access.Teaches) -> Response:
    """What customers in danger are told in the shop's languages; an empty field is the built-in text."""
    async with desk.database.sessions.begin() as session:
        profile = (await stores.by_id(session, change.me.store_id)).profile
        told = {kind: dict(texts) for kind, texts in profile.safety.items()}
        for kind in KINDS:
            for language in profile.locales:
                if (text := change.fields.get(f"safety_{kind}_{language}")) is not None:
                    told.setdefault(kind, {})[language] = _one_text(text)
        wanted = {kind: {language: text for language, text in said.items() if text} for kind, said in told.items()}
        await stores.change(
            session, change.me.store_id, {"safety": {kind: said for kind, said in wanted.items() if said}}
        )
    return _saved("safety")


def _one_text(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST_SAFETY:
        raise Invalid(f"safety: at most {LONGEST_SAFETY} characters each.")
    return text


def _saved(part: str) -> Response:
    return RedirectResponse(f"/console/settings/rules?saved={part}#{part}", 303)


async def _change(desk: DeskPart, change: access.Change, settings: Mapping[str, Any]) -> None:
    async with desk.database.sessions.begin() as session:
        await stores.change(session, change.me.store_id, settings)


def _rule(profile: Profile, name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """What the form says of one tool; empty where it is on without a limit."""
    rule: dict[str, Any] = {} if fields.get(f"on_{name}") else {"on": False}
    if name not in switches.WRITES:
        return rule
    for cap in ("largest", "per_day"):
        text = fields.get(f"{cap}_{name}", "").strip()
        if len(text) > MOST_DIGITS:
            raise Invalid(f"tools.{name}.{cap}: write a number of at most {MOST_DIGITS} digits.")
        if text:
            rule[cap] = text
    possible = _states(profile, name)
    ticked = [state for state in possible if fields.get(f"state_{name}_{state}")]
    if possible and not ticked and "on" not in rule:
        raise Invalid(f"tools.{name}.states: tick a state, or switch the tool off.")
    earlier = profile.tools.get(name, ToolRule()).states
    if len(ticked) < len(possible) and ticked:
        rule["states"] = ticked
    elif not ticked and earlier is not None:
        rule["states"] = earlier  # switched off, and on again later as it was
    return rule


def _states(profile: Profile, name: str) -> list[str]:
    """The states to choose from: those in which the change can be, and what is set already."""
    usual = switches.states_of(name)
    return [*usual, *(state for state in profile.tools.get(name, ToolRule()).states or () if state not in usual)]


def _words(text: str) -> list[str]:
    words = list(dict.fromkeys(word.strip() for word in re.split(r"[\n,，、;；]", text) if word.strip()))
    if len(words) > MOST_WORDS or any(len(word) > 100 for word in words):  # noqa: PLR2004  # a word, not a text
        raise Invalid(f"At most {MOST_WORDS} words of up to 100 characters each in a rule.")
    return words


def _bounds() -> dict[str, tuple[Any, Any]]:
    """The least and the most of each number of `Thinking`, as the profile checks them."""
    fields = Thinking.model_json_schema()["properties"]
    return {name: (fields[name]["minimum"], fields[name]["maximum"]) for name in LIMITS}
