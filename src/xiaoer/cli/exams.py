"""`xiaoer eval`: a store's own exam, from a file of questions with what a right answer is."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from xiaoer import stores, telemetry
from xiaoer.bench.machine import percentile
from xiaoer.cli.benches import MODEL_SECONDS, model_settings, show
from xiaoer.demo import seed as demo
from xiaoer.desk.examining import ExamDesk, open_exam_desk
from xiaoer.exam import figures, questions, speaking, splits
from xiaoer.exam.figures import Sitting
from xiaoer.exam.matching import Matcher
from xiaoer.exam.questions import Question
from xiaoer.exam.room import Room
from xiaoer.exam.running import prompted, sit
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings


@dataclass(frozen=True)
class Plan:
    """What is asked of whom."""

    questions: list[Question]
    store: str | None
    model: str | None
    repeats: int
    into: Path | None


def evaluate(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Questions as JSON lines; see docs/exam.md.")
    ],
    *,
    store: Annotated[
        str | None, typer.Option(help="A store of the data folder; without it a demo store made for the moment.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="none, a model of the catalogue, a GGUF file, or one that knows the answers: truth says them, liar "
            "with every figure changed, sibling those of another product. Left out: the one that is set."
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often every question is asked.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask the first so many questions only.")] = None,
    split: Annotated[
        str | None, typer.Option(metavar="FILE:PART", help="Ask one part only, such as evals/splits/shop.json:test.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--json", help="Write each answer with its evidence here, as JSON lines.")
    ] = None,
) -> None:
    """Ask a store the questions of a file and judge the answers. Exit 1 when one is not what it has to be.

    Every question goes through a whole turn in a conversation that is removed afterwards. Nothing of the store is
    changed, no ticket is made and nobody is told.
    """
    asked = questions.read(file.read_text(encoding="utf-8"))
    if split is not None:
        ids, _, part = split.rpartition(":")
        asked = splits.chosen(asked, Path(ids or f"{part}").read_text(encoding="utf-8"), part)
    plan = Plan(asked[:limit], store, model, repeats, into)
    told, sittings = asyncio.run(_evaluate(plan))
    show(f"{file.name}, {store or 'demo store'}", told, as_json=False)
    if into is None:
        for one in sittings:
            for words in (*one.verdict.broken, *(f"(should) {missed}" for missed in one.verdict.missed)):
                typer.echo(f"{one.question.id}: {one.question.text} → [{one.reply.route}] {one.reply.text} ✗ {words}")
    raise typer.Exit(0 if all(one.verdict.ok for one in sittings) else 1)


async def _evaluate(plan: Plan) -> tuple[Mapping[str, Any], list[Sitting]]:
    knowing = speaking.named(plan.model)
    scripted = speaking.speaker(knowing) if knowing else None
    sittings: list[Sitting] = []
    async with _desk(plan, scripted) as (desk, shop), Matcher() as matcher:
        room = Room(desk, shop)
        await room.clear()
        prepare = prompted(scripted, knowing, plan.questions) if scripted and knowing else None
        console = Console(stderr=True, highlight=False)
        columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=len(plan.questions) * plan.repeats)
            async for one in sit(room, plan.questions, matcher, repeats=plan.repeats, prepare=prepare):
                sittings.append(one)
                progress.advance(bar)
        told = {
            "model": desk.model.state,
            "first text, ms": _pace([one.reply.first_ms for one in sittings if one.reply.first_ms is not None]),
            "whole answer, ms": _pace([one.reply.whole_ms for one in sittings]),
            "floors": ", ".join(f"{name} {n}" for name, n in (await figures.floors(plan.questions, matcher)).items()),
            **figures.rates(sittings, plan.repeats),
        }
    if plan.into is not None:
        plan.into.write_text("".join(f"{_line(one)}\n" for one in sittings), encoding="utf-8")
    return told, sittings


@asynccontextmanager
async def _desk(plan: Plan, scripted: ScriptedModel | None) -> AsyncIterator[tuple[ExamDesk, stores.Store]]:
    """The desk with the store meant; without a name the demo store, in a folder of its own."""
    telemetry.configure_logging("warning", json_lines=False)
    settings = Settings()
    changes: dict[str, Any] = {}
    if scripted is None:
        changes["model"] = settings.model.model_copy(update=await model_settings(settings, plan.model))
    with tempfile.TemporaryDirectory(prefix="xiaoer-exam-") as folder:
        if plan.store is None:
            changes |= {"data_dir": Path(folder), "database_url": None}
        async with open_exam_desk(settings.model_copy(update=changes), model=scripted) as desk:
            if plan.store is None:
                await demo.seed(desk.database, desk.knowledge)
            async with desk.database.sessions() as session:
                shop = await stores.by_slug(session, plan.store or demo.SLUG)
            await desk.knowledge.settled()
            await desk.model.ready(timeout_seconds=MODEL_SECONDS)
            yield desk, shop


def _pace(milliseconds: list[float]) -> str:
    return f"P50 {percentile(milliseconds, 50):.0f}, P95 {percentile(milliseconds, 95):.0f}"


def _line(one: Sitting) -> str:
    reply = one.reply
    return json.dumps(
        {
            "id": one.question.id,
            "kind": one.question.kind,
            "lang": one.question.lang,
            "time": one.number,
            "ok": one.verdict.ok,
            "broken": one.verdict.broken,
            "forbidden": one.verdict.forbidden,
            "missed": one.verdict.missed,
            "context": one.question.context,
            "text": one.question.text,
            "answer": reply.text,
            "reference": one.question.reference,
            "route": reply.route,
            "outcome": reply.outcome,
            "language": reply.language,
            "confidence": reply.confidence,
            "sources": reply.sources,
            **reply.more,
            "evidence": reply.evidence,
            "first_ms": reply.first_ms,
            "whole_ms": reply.whole_ms,
        },
        ensure_ascii=False,
        default=str,
    )
