"""How well search finds what people judged right: nDCG@10 and Hit@1 over a folder of questions and passages.

A folder holds corpus*.jsonl or passages.jsonl (id, text, and where there are: title, lang, product_id),
queries*.jsonl (id, text, and where there are: lang, product_id) and qrels.tsv (query, 0, passage, grade; TREC's form).
Every corpus becomes a store of its own and is searched with every set of questions, through the same door as a
customer's.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.errors import Invalid
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.knowledge import Knowledge

DEPTH = 10
ASKED = 40
"""Passages asked for: an article may be cut into several, and counts once."""

Grades = Mapping[str, Mapping[str, int]]
"""By query and passage: how right the passage is, from 0."""


@dataclass
class Figures:
    """Of one set of questions on one corpus."""

    gains: list[float] = field(default_factory=list)
    firsts: list[bool] = field(default_factory=list)

    def add(self, ranking: Sequence[str], grades: Mapping[str, int]) -> None:
        self.gains.append(ndcg(ranking, grades))
        self.firsts.append(bool(ranking) and grades.get(ranking[0], 0) > 0)

    def row(self) -> dict[str, float]:
        count = len(self.gains)
        return {
            "questions": count,
            "ndcg@10": round(sum(self.gains) / count, 3),
            "hit@1": round(sum(self.firsts) / count, 3),
        }


def ndcg(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen, 2002)."""
    gained = sum(grades.get(each, 0) / math.log2(rank + 2) for rank, each in enumerate(ranking[:DEPTH]))
    ideal = sorted(grades.values(), reverse=True)[:DEPTH]
    best = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(ideal))
    return gained / best if best else 0.0


async def measure(
    database: Database, knowledge: Knowledge, folder: Path, *, corpora: Sequence[str] = ()
) -> dict[str, dict[str, float]]:
    """Figures by "questions → corpus"; `corpora` names those to search ("zh" for corpus.zh.jsonl), none: all.

    Where questions name a product there is a second row in which search knows it.
    """
    grades = _grades(folder / "qrels.tsv")
    queries = {_name(path): _rows(path) for path in _files(folder, "queries")}
    figures: dict[str, dict[str, float]] = {}
    for path in _files(folder, "corpus") or _files(folder, "passages"):
        if corpora and _name(path) not in corpora:
            continue
        store = await _filled(database, knowledge, path)
        for name, rows in queries.items():
            label = f"{name} → {_name(path)}"
            figures[label] = (await _asked(knowledge, store, rows, grades, with_product=False)).row()
            if any(row.get("product_id") for row in rows):
                figures[f"{label}, product known"] = (
                    await _asked(knowledge, store, rows, grades, with_product=True)
                ).row()
    if not figures:
        raise Invalid(f"{folder}: needs corpus*.jsonl or passages.jsonl, queries*.jsonl and qrels.tsv.")
    return figures


async def _filled(database: Database, knowledge: Knowledge, path: Path) -> stores.Store:
    """A store that holds the corpus, with all vectors made."""
    async with database.sessions.begin() as session:
        slug = f"bench-{path.parent.name}-{_name(path)}".lower()
        found = {store.slug: store for store in await stores.every(session)}
        store = found.get(slug) or await stores.create(session, slug, {})
    await knowledge.save_all(store.id, (_document(row) for row in _rows(path)))
    await knowledge.settled()
    return store


async def _asked(
    knowledge: Knowledge, store: stores.Store, rows: Sequence[Mapping[str, Any]], grades: Grades, *, with_product: bool
) -> Figures:
    figures = Figures()
    for row in rows:
        if row["id"] not in grades:
            continue
        products = [str(row["product_id"])] if with_product and row.get("product_id") else []
        hits = await knowledge.search(store.id, row["text"], k=ASKED, locale=row.get("lang"), product_ids=products)
        figures.add(list(dict.fromkeys(hit.key for hit in hits)), grades[row["id"]])
    return figures


def _document(row: Mapping[str, Any]) -> Document:
    product = row.get("product_id")
    return Document(
        key=str(row["id"]),
        title=str(row.get("title") or ""),
        text=str(row["text"]),
        locale=row.get("lang"),
        product_ids=(str(product),) if product else (),
    )


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, _, passage, grade = line.split()
        grades[query][passage] = int(grade)
    return grades


def _files(folder: Path, kind: str) -> list[Path]:
    return sorted(folder.glob(f"{kind}*.jsonl"))


def _name(path: Path) -> str:
    """The part between the dots, such as zh of corpus.zh.jsonl; the folder's name where there is none."""
    parts = path.name.split(".")
    return parts[1] if len(parts) > 2 else path.parent.name  # noqa: PLR2004 -- kind, part, jsonl


def _rows(path: Path) -> list[dict[str, Any]]:
    return list(_parsed(path))


def _parsed(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
