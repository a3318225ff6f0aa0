"""`xiaoer eval`: a store's own exam, from a file of questions with what a right answer is."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from xiaoer import stores, telemetry
from xiaoer.bench.machine import percentile
from xiaoer.cli import store as settings_file
from xiaoer.cli.benches import MODEL_SECONDS, model_settings, show
from xiaoer.demo import seed as demo
from xiaoer.desk import shopkeeping
from xiaoer.desk.examining import ExamDesk, open_exam_desk
from xiaoer.exam import figures, material, questions, speaking, splits
from xiaoer.exam.figures import Sitting
from xiaoer.exam.matching import Matcher
from xiaoer.exam.material import Material
from xiaoer.exam.questions import Question
from xiaoer.exam.room import Room
from xiaoer.exam.running import Exam
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings

TELL_SECONDS = 15.0
CONFIGURED = "configured"
FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="Questions as JSON lines; see docs/exam.md.")
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="A store of the data folder; without it a demo store, made for the moment."),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        help="The configured one, none, one of the catalogue, a GGUF file, or one that knows the answers: truth says "
        "them, liar with every figure changed, sibling those of another product.",
    ),
]
SplitOption = Annotated[
    str | None,
    typer.Option("--split", metavar="FILE:PART", help="Ask one part only, such as evals/splits/shop.json:test."),
]
IntoOption = Annotated[
    Path | None, typer.Option("--json", help="Write each answer with its evidence here, as JSON lines.")
]


@dataclass(frozen=True)
class Plan:
    """What is asked of whom."""

    questions: list[Question]
    store: str | None
    model: str
    repeats: int
    withhold: bool
    draft: Mapping[str, Any]
    into: Path | None


def evaluate(
    file: FileArgument,
    *,
    store: StoreOption = None,
    model: ModelOption = CONFIGURED,
    repeats: Annotated[int, typer.Option(min=1, help="How often every question is asked.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask the first so many questions only.")] = None,
    split: SplitOption = None,
    withhold: Annotated[
        bool, typer.Option("--withhold", help="Ask with the passages away that hold the answer: what is refused then?")
    ] = False,
    draft: Annotated[
        Path | None,
        typer.Option(help="Settings as for `xiaoer store set`: tried in place of the store's, and not set."),
    ] = None,
    into: IntoOption = None,
) -> None:
    """Ask a store the questions of a file and judge the answers. Exit 1 when one is not what it has to be.

    Every question goes through a whole turn in a conversation that is removed afterwards. Nothing of the store is
    changed, no ticket is kept and nobody is told.
    """
    asked = questions.read(file.read_text(encoding="utf-8"))
    if split is not None:
        ids, _, part = split.rpartition(":")
        if not ids:
            raise typer.BadParameter("Write the file of ids and the part: FILE:PART.", param_hint="--split")
        asked = splits.chosen(asked, Path(ids).read_text(encoding="utf-8"), part)
    tried = settings_file.read(draft.read_text(encoding="utf-8"), draft) if draft else {}
    plan = Plan(asked[:limit], store, model, repeats, withhold, tried, into)
    told, sittings = asyncio.run(_evaluate(plan))
    show(f"{file.name}, {store or 'demo store'}", told, as_json=False)
    if into is None and not withhold:
        for one in sittings:
            for words in (*one.verdict.broken, *(f"(should) {missed}" for missed in one.verdict.missed)):
                text = f"{one.question.id}: {one.question.text} → [{one.reply.route}] {one.reply.text} ✗ {words}"
                typer.echo(text, err=True)
    raise typer.Exit(0 if withhold or all(one.verdict.ok for one in sittings) else 1)


async def _evaluate(plan: Plan) -> tuple[Mapping[str, Any], list[Sitting]]:
    speaker = speaking.named(plan.model)
    voice = speaking.speaker(speaker) if speaker else None
    sittings: list[Sitting] = []
    with ExitStack() as stack:
        lines = stack.enter_context(plan.into.open("w", encoding="utf-8")) if plan.into else None
        async with _desk(plan, voice) as (desk, shop), Matcher() as matcher:
            room = Room(desk, shop, draft=shopkeeping.tried(shop, plan.draft) if plan.draft else None)
            await room.clear()
            texts = Material(await desk.knowledge.passages(shop.id))
            exam = Exam(room, plan.questions, texts, matcher, speaker, voice, plan.withhold)
            telling = stack.enter_context(_Telling(len(plan.questions) * plan.repeats))
            async for one in exam.sit(repeats=plan.repeats):
                telling.advance()
                if one is not None:
                    sittings.append(one)
                    if lines is not None:
                        lines.write(f"{_line(one, texts)}\n")
                        lines.flush()
            told: dict[str, Any] = {"model": desk.model.state, **_paces(sittings)}
            if plan.withhold:
                return {**told, "trials": len(sittings), **figures.withheld(sittings, texts)}, sittings
            floors = await figures.floors(plan.questions, matcher)
    told["floors"] = ", ".join(f"{name} {count}" for name, count in floors.items())
    told |= figures.findings(sittings, texts) | (figures.came_through(sittings, speaker, texts) if speaker else {})
    return {**told, **figures.rates(sittings, plan.repeats)}, sittings


class _Telling:
    """How far it is: a bar on a terminal, else a line now and then."""

    def __init__(self, total: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._bar.add_task("", total=total)
        self._told = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self) -> None:
        self._bar.advance(self._task)
        if not self._console.is_terminal and time.monotonic() - self._told > TELL_SECONDS:
            self._told = time.monotonic()
            task = self._bar.tasks[0]
            self._console.print(f"asked {task.completed:.0f} of {task.total:.0f}")


@asynccontextmanager
async def _desk(plan: Plan, voice: ScriptedModel | None) -> AsyncIterator[tuple[ExamDesk, stores.Store]]:
    """The desk with the store meant; without a name the demo store, in a folder of its own."""
    telemetry.configure_logging("warning", json_lines=False)
    settings = Settings()
    changes: dict[str, Any] = {}
    if voice is None:
        name = None if plan.model == CONFIGURED else plan.model
        changes["model"] = settings.model.model_copy(update=await model_settings(settings, name))
    with tempfile.TemporaryDirectory(prefix="xiaoer-exam-") as folder:
        if plan.store is None:
            changes |= {"data_dir": Path(folder), "database_url": None}
        async with open_exam_desk(settings.model_copy(update=changes), model=voice) as desk:
            if plan.store is None:
                await demo.seed(desk.database, desk.knowledge)
            async with desk.database.sessions() as session:
                shop = await stores.by_slug(session, plan.store or demo.SLUG)
            await desk.knowledge.settled()
            await desk.model.ready(timeout_seconds=MODEL_SECONDS)
            yield desk, shop


def _paces(sittings: list[Sitting]) -> dict[str, str]:
    first = [one.reply.first_ms for one in sittings if one.reply.first_ms is not None]
    whole = [one.reply.whole_ms for one in sittings]
    return {
        f"{name}, ms": f"P50 {percentile(values, 50):.0f}, P95 {percentile(values, 95):.0f}"
        for name, values in (("first text", first), ("whole answer", whole))
    }


def _line(one: Sitting, texts: Material) -> str:
    question, reply = one.question, one.reply
    held = frozenset(place for places in one.holding for place in places)
    shown = [texts.passages[place] for place in material.ids(_in_order(reply.evidence)) if place in texts.passages]
    values = {
        **question.model_dump(include={"id", "kind", "lang", "product_id", "context", "text", "reference", "why"}),
        "time": one.number,
        "ok": one.verdict.ok,
        "broken": one.verdict.broken,
        "forbidden": one.verdict.forbidden,
        "missed": one.verdict.missed,
        "answer": reply.text,
        "said": one.said,
        "route": reply.route,
        "outcome": reply.outcome,
        "language": reply.language,
        "confidence": reply.confidence,
        "sources": reply.sources,
        **reply.more,
        "first_ms": reply.first_ms,
        "whole_ms": reply.whole_ms,
        "right_passage_shown": one.has_shown if one.holding else None,
        "withheld": one.away,
        "shown": [
            {"passage_id": each.id, "holds": each.id in held, "heading": each.heading, "text": each.text}
            for each in shown
        ],
        "evidence": reply.evidence,
    }
    return json.dumps(values, ensure_ascii=False, default=_plain)


def _in_order(evidence: Mapping[str, Any]) -> Any:
    return evidence.get("shown") or evidence.get("found") or ()


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)
