"""`xiaoer bench fit`: learn when something answers, for the embedder in use, and write the weights to a file."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from xiaoer import stores
from xiaoer.assistant.retrieval.weights import DEFAULT, FOLDER
from xiaoer.bench import fit
from xiaoer.desk.examining import open_exam_desk
from xiaoer.exam import questions, splits
from xiaoer.exam.matching import Matcher
from xiaoer.exam.material import Material
from xiaoer.exam.questions import Question
from xiaoer.settings import Settings

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="STORE=FILE[:SPLIT:PART]…",
        help="A store of the data folder with the questions to it, such as shop=questions.jsonl:split.json:tune.",
    ),
]


def fit_weights(
    sources: Sources,
    *,
    into: Annotated[Path, typer.Option("--into", help="The file of weights to write.")],
    refused: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="Of readings without an answer, the share to refuse.")
    ] = fit.REFUSED,
) -> None:
    """Learn when something answers, from stores and questions whose answers are known.

    Groups of evidence with too few readings keep the weights they have.
    """
    read = [_source(each) for each in sources]
    found, embedder = asyncio.run(_readings(read))
    kept: dict[str, Any] = json.loads((FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8"))
    learnt = fit.learn(found, {name: group["weights"] for name, group in kept["groups"].items()}, refused=refused)
    data = [each.told for each in read]
    for group, values in learnt.items():
        typer.echo(f"{group}: {values}")
        kept["groups"][group] = values | {"data": data, "made": f"{datetime.now(UTC):%Y-%m-%d}"}
    kept["embedder"] = embedder
    into.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"{into}: {', '.join(learnt) or 'no group has enough readings'}")


@dataclass(frozen=True)
class Source:
    """Questions to a store, and how the file of weights names them."""

    store: str
    questions: list[Question]
    told: str


def _source(text: str) -> Source:
    slug, _, where = text.partition("=")
    file, split, part = [*where.split(":"), "", ""][:3]
    asked = questions.read(Path(file).read_text(encoding="utf-8"))
    if split:
        asked = splits.chosen(asked, Path(split).read_text(encoding="utf-8"), part)
    return Source(slug, asked, f"{slug}: {Path(file).name}{f', part {part}' if part else ''}, {len(asked)} questions")


async def _readings(sources: Sequence[Source]) -> tuple[list[fit.Reading], str]:
    found: list[fit.Reading] = []
    settings = Settings()
    off = settings.model.model_copy(update={"enabled": False, "base_url": None})
    async with open_exam_desk(settings.model_copy(update={"model": off})) as desk, Matcher() as matcher:
        for source in sources:
            async with desk.database.sessions() as session:
                store = await stores.by_slug(session, source.store)
            material = Material(await desk.knowledge.passages(store.id))
            own = await fit.readings(desk.knowledge, store, material, source.questions, matcher)
            typer.echo(f"{source.told}: {len(own)} readings, {sum(each.is_right for each in own)} right")
            found += own
        return found, desk.knowledge.embedder.name
