"""How many of a shopper's tasks are carried out, and nothing else: the merchant's tools over HTTP, the shopper by rule.

Expected actions count as executed when the merchant's API was called so; every other call that changes something is
one too many. Arguments that a tool's description keeps for another action are not compared.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt

from xiaoer import stores
from xiaoer.assistant.events import ENDINGS
from xiaoer.bench import tasks_link, tasks_player
from xiaoer.bench.merchant import serving
from xiaoer.bench.tasks_shop import Made, TaskShop, document
from xiaoer.commerce import http_settings
from xiaoer.commerce.openapi import read_document
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.identity import signed
from xiaoer.web.client import Client, served

MOST_REPLIES = 3
"""How often the shopper answers questions about one intent."""
Task = Mapping[str, Any]


@dataclass
class Outcome:
    """What became of one task."""

    task: str
    expected: int = 0
    executed: int = 0
    looked_up: int = 0
    lookups: int = 0
    unexpected: int = 0
    unconfirmed: int = 0
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    refused: int = 0
    """Expected actions that the shop itself refuses, by its own records."""
    talk: list[str] = field(default_factory=list)
    handed_over: bool = False


async def measure(desk: Desk, folder: Path, *, only: Sequence[str] = ()) -> list[Outcome]:
    """Play every task of a folder in a conversation of its own; `only` names tasks by their id."""
    tasks: list[Task] = [json.loads(line) for line in (folder / "tasks.jsonl").read_text(encoding="utf-8").splitlines()]
    api = read_document(document(folder))
    shop = TaskShop(folder)
    async with desk.database.sessions.begin() as session:
        store = await stores.create(session, "tasks", {"name": {"zh": "任务"}, "locales": ["zh"]})
        key = await stores.publishable_key(session, store.id)
        signing = await signed.renew_key(session, store.id, desk.seal)
    judge = Judge(folder, tasks)
    outcomes = []
    with serving(shop) as address:
        async with served(desk) as front:
            client = Client(front, key)
            for task in tasks:
                if only and str(task["id"]) not in only:
                    continue
                link = http_settings.link(api, tasks_link.choices(address, task))
                await desk.links.save(store.id, "http", link.model_dump(mode="json"))
                shop.begin(task, tasks_player.pictures(task["intents"]))
                played = await _played(client, shop, judge, task, _token(signing, task))
                outcomes.append(judge.judged(task, shop.calls, played))
                shop.begin(task, {})
                outcomes[-1].refused = sum(shop.refuses(each) for each in task["expected_actions"])
            await client.close()
    return outcomes


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The whole, and a row for each task."""
    expected, lookups = sum(each.expected for each in outcomes), sum(each.lookups for each in outcomes)
    executed, looked_up = sum(each.executed for each in outcomes), sum(each.looked_up for each in outcomes)
    return {
        "expected actions executed": f"{executed} of {expected} ({100 * executed / max(expected, 1):.1f} %)",
        "expected look-ups done": f"{looked_up} of {lookups} ({100 * looked_up / max(lookups, 1):.1f} %)",
        "expected actions that the shop itself refuses": sum(each.refused for each in outcomes),
        "unexpected changes": sum(each.unexpected for each in outcomes),
        "changes without confirmation": sum(each.unconfirmed for each in outcomes),
        "tasks wholly done": sum(each.executed == each.expected and not each.unexpected for each in outcomes),
        **{
            f"task {each.task}": {
                "actions": f"{each.executed}/{each.expected}",
                "look-ups": f"{each.looked_up}/{each.lookups}",
                "unexpected": each.unexpected,
                "person": "yes" if each.handed_over else "",
                "missed": "; ".join(each.missed)[:90],
            }
            for each in outcomes
        },
    }


@dataclass
class Judge:
    """Which calls change something, and which arguments count, as the folder's own files say."""

    folder: Path
    tasks: Sequence[Task]

    def __post_init__(self) -> None:
        expected = [each for task in self.tasks for each in task["expected_actions"]]
        self._changing = {(each["name"], each["arguments"].get("action")) for each in expected}
        self._only: dict[tuple[str, str], str] = {}
        for tool in json.loads((self.folder / "tools.json").read_text(encoding="utf-8")):
            for parameter in tool["parameters"]:
                kept = re.search(r"仅在action为'?([^'时）)]{1,60})'?时", parameter["type"])
                if kept:
                    self._only[tool["name"].removesuffix("_tool"), parameter["name"]] = kept.group(1)

    def changes(self, call: Made) -> bool:
        return (call.name, call.arguments.get("action")) in self._changing

    def judged(self, task: Task, calls: Sequence[Made], outcome: Outcome) -> Outcome:
        writes = [call for call in calls if self.changes(call)]
        outcome.expected, outcome.lookups = len(task["expected_actions"]), len(task["expected_searches"])
        left = list(writes)
        for wanted in task["expected_actions"]:
            found = next((call for call in left if self._same(wanted, call)), None)
            if found is None:
                outcome.missed.append(_short(wanted["name"], wanted["arguments"]))
            else:
                left.remove(found)
                outcome.executed += 1
        outcome.looked_up = sum(any(self._same(wanted, call) for call in calls) for wanted in task["expected_searches"])
        outcome.unexpected, outcome.extra = len(left), [_short(call.name, call.arguments) for call in left]
        outcome.unconfirmed = sum(not call.confirmed for call in writes)
        return outcome

    def _same(self, wanted: Task, call: Made) -> bool:
        name = wanted["name"].removesuffix("_tool")
        if name != call.name:
            return False
        action = str(wanted["arguments"].get("action", ""))
        return all(
            _alike(value, call.arguments.get(key))
            for key, value in wanted["arguments"].items()
            if action in self._only.get((name, key), action).split("、")
        )


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return round(one, 2) == round(other, 2)
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(_written, one)) == sorted(map(_written, other))
    return str(one) == str(other)


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _short(name: str, arguments: Mapping[str, Any]) -> str:
    plain = {key: value for key, value in arguments.items() if key not in ("platform", "shop_id", "user_id")}
    return f"{name} {json.dumps(plain, ensure_ascii=False)}"


def _token(signing: str, task: Task) -> str:
    claims = {"sub": task["user_id"], "aud": signed.AUDIENCE, "exp": now() + timedelta(hours=2)}
    return jwt.encode(claims, signing, algorithm="HS256")


async def _played(client: Client, shop: TaskShop, judge: Judge, task: Task, token: str) -> Outcome:
    outcome = Outcome(str(task["id"]))
    conversation = await client.open("zh", customer={"token": token})
    speaker = Speaker(client, conversation, shop, outcome, judge.changes)
    for written in task["intents"]:
        intent = tasks_player.said(written)
        if intent is None or not tasks_player.holds(intent, speaker.last, fulfilled=speaker.fulfilled):
            continue
        await speaker.say_and_answer(intent.text, task["intents"])
        if outcome.handed_over:
            break
    return outcome


@dataclass
class Speaker:
    """Talks for the shopper. `fulfilled`: something was changed since the last wish was said."""

    client: Client
    conversation: dict[str, Any]
    shop: TaskShop
    outcome: Outcome
    changes: Callable[[Made], bool]
    fulfilled: bool = False
    last: str = ""

    async def say_and_answer(self, text: str, intents: Sequence[str]) -> None:
        before = sum(map(self.changes, self.shop.calls))
        reply: str | None = text
        for _ in range(MOST_REPLIES + 1):
            if reply is None or self.outcome.handed_over:
                break
            answer = await self._said(reply)
            reply = tasks_player.replied(answer, intents)
        self.fulfilled = sum(map(self.changes, self.shop.calls)) > before

    async def _said(self, text: str) -> Mapping[str, Any]:
        """Say it, and confirm whatever is put before us; the last answer."""
        self.outcome.talk.append(f"> {text}")
        ended: Mapping[str, Any] = {}
        confirm: Mapping[str, Any] | None = None
        async for kind, data in self.client.say(self.conversation, text):
            if kind == "confirm":
                confirm = data
            if kind in ENDINGS:
                ended = data
                self._heard(kind == "handoff", data)
        while confirm is not None:
            self.shop.confirming = True
            answer = await self.client.confirm(self.conversation, str(confirm["token"]), accept=True)
            self.shop.confirming = False
            self._heard(bool(answer.get("outcome") == "handoff"), answer)
            ended, confirm = answer, answer.get("confirm")
        return ended

    def _heard(self, handed_over: bool, answer: Mapping[str, Any]) -> None:  # one caller
        self.last = str(answer.get("text", ""))
        self.outcome.talk.append(self.last)
        self.outcome.handed_over = self.outcome.handed_over or handed_over
