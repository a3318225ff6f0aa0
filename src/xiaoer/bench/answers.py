"""How often the whole turn answers right, and how often it refuses where nothing backs an answer.

The folder holds `corpus.<texts>.jsonl` (id, title, text), `queries.<locale>.jsonl` (id, text), the strings of which
an answer must hold one in `queries.<texts>.jsonl` (id, answers), and `qrels.tsv` (question, 0, passage, 1). Passages
become articles of a store; every question is asked twice, with its passage there and with it withheld.
"""

import json
import math
import random
import time
import unicodedata
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xiaoer import stores
from xiaoer.assistant.asked import Asked
from xiaoer.bench.machine import interval, percentile
from xiaoer.conversations.thread import Answer
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.language import numbers
from xiaoer.language.sentences import split
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

SEED = 20
_SPACE = lazy(r"\s+")


@dataclass(frozen=True)
class Case:
    """A question, the passage that answers it, and strings of which the answer must hold one."""

    question: str
    passage: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """What the turn said: whether it answered, rightly, with how many sentences that hold an unbacked number."""

    answered: bool
    right: bool
    unbacked: int
    sentences: int
    route: str
    milliseconds: float
    confidence: float


@dataclass
class Figures:
    """All answers, with the passage there and withheld."""

    there: list[Given] = field(default_factory=list)
    withheld: list[Given] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Rates in percent with Wilson's 95 % intervals, counts, and milliseconds."""
        times = [given.milliseconds for given in (*self.there, *self.withheld)]
        answered = [given for given in self.there if given.answered]
        return {
            "questions": len(self.there),
            "refused when withheld": _rate(self.withheld, lambda given: not given.answered),
            "answered and right": _rate(self.there, lambda given: given.answered and given.right),
            "answered and wrong": _rate(self.there, lambda given: given.answered and not given.right),
            "refused though there": _rate(self.there, lambda given: not given.answered),
            "sentences with an unbacked number": sum(given.unbacked for given in (*self.there, *self.withheld)),
            "sentences per answer": round(sum(given.sentences for given in answered) / max(len(answered), 1), 2),
            "milliseconds": f"mean {sum(times) / max(len(times), 1):.0f}, P95 {percentile(times, 95):.0f}",
            "routes": dict(Counter(given.route for given in self.there)),
            "right at 90 % refused": _at(self, 0.90),
            "right at 95 % refused": _at(self, 0.95),
        }


def load(folder: Path, *, locale: str, texts: str) -> tuple[list[Document], list[Case]]:
    """The passages as documents (keyed by their id) and the questions, in the order of the files."""
    documents = [
        Document(key=row["id"], title=row.get("title", "").replace("_", " "), text=row["text"], locale=texts)
        for row in _rows(folder / f"corpus.{texts}.jsonl")
    ]
    expected = {row["id"]: tuple(row["answers"]) for row in _rows(folder / f"queries.{texts}.jsonl")}
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    passages = {line.split("\t")[0]: line.split("\t")[2] for line in lines}
    cases = [
        Case(row["text"], passages[row["id"]], expected[row["id"]])
        for row in _rows(folder / f"queries.{locale}.jsonl")
        if row["id"] in passages and row["id"] in expected
    ]
    return documents, cases


async def measure(
    desk: Desk, folder: Path, *, locale: str = "zh", texts: str = "zh", sample: int | None = None
) -> dict[str, Any]:
    """Ask the questions of `folder` (or a fixed random sample of them) and report."""
    documents, cases = load(folder, locale=locale, texts=texts)
    if sample is not None and sample < len(cases):
        cases = random.Random(SEED).sample(cases, sample)  # noqa: S311 -- the same sample every time is the point
    async with desk.database.sessions.begin() as session:
        settings = {"name": {"zh": "小店", "en": "The shop"}, "locales": [texts]}
        store = await stores.create(session, f"bench-{uuid.uuid4().hex[:8]}", settings)
    articles = {each.key: await desk.knowledge.save(store.id, each) for each in documents}
    await desk.knowledge.settled()
    bodies = {str(articles[each.key]): f"{each.title}\n{each.text}" for each in documents}
    asking = _Asking(desk, store, locale, bodies)
    by_passage: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_passage[case.passage].append(case)
    figures = Figures()
    for passage, group in by_passage.items():
        figures.there += [await asking.ask(case) for case in group]
        await desk.knowledge.publish(store.id, articles[passage], published=False)
        figures.withheld += [await asking.ask(case) for case in group]
        await desk.knowledge.publish(store.id, articles[passage])
    return {"model": desk.model.state, "locale": f"{locale} to {texts}", **figures.report()}


@dataclass(frozen=True)
class _Asking:
    desk: Desk
    store: stores.Store
    locale: str
    bodies: Mapping[str, str]

    async def ask(self, case: Case) -> Given:
        """One question through the turn, by a customer who has said nothing before."""
        asked = Asked(
            store_id=self.store.id,
            profile=self.store.profile,
            text=case.question,
            prior_language=self.locale,
        )
        started = time.perf_counter()
        answer: Answer | None = None
        async for event in self.desk.assistant.answer(asked):
            if isinstance(event, Answer):
                answer = event
        milliseconds = (time.perf_counter() - started) * 1000
        if answer is None:
            return Given(False, False, 0, 0, "none", milliseconds, 0.0)
        cited = "\n".join(self.bodies.get(str(source["article_id"]), "") for source in answer.sources)
        answered = answer.route in {"model", "extract", "curated", "cache"} and bool(answer.sources)
        sentences = split(answer.text) if answered else []
        return Given(
            answered=answered,
            right=is_right(answer.text, case.expected),
            unbacked=sum(has_unbacked_number(sentence, cited, answer.language) for sentence in sentences),
            sentences=len(sentences),
            route=answer.route,
            milliseconds=milliseconds,
            confidence=answer.confidence,
        )


def is_right(text: str, expected: Sequence[str]) -> bool:
    """Whether `text` holds one of the strings, width, case and spaces aside."""
    said = _plain(text)
    return any(_plain(string) in said for string in expected)


def has_unbacked_number(sentence: str, cited: str, language: str) -> bool:
    """Whether a number of the sentence stands nowhere in the cited passages; independent of the gate."""
    there = {value for number in numbers.readings(fold(cited), language, strict=False) for value in number.values}
    said = numbers.readings(fold(sentence), language, strict=True)
    return any(not there.intersection(number.values) for number in said)


def _plain(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _rate(given: Sequence[Given], counts: Any) -> str:
    hits = sum(bool(counts(one)) for one in given)
    low, high = interval(hits, len(given))
    share = 100 * hits / len(given) if given else math.nan
    return f"{share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _at(figures: Figures, share: float) -> str:
    """What would be answered and right if the threshold let exactly this share of the withheld be refused.

    Told from the confidence of what was answered, so it can only be stricter than the threshold in use.
    """
    doubts = sorted(given.confidence if given.answered else 0.0 for given in figures.withheld)
    if not doubts:
        return "-"
    threshold = doubts[min(math.ceil(share * len(doubts)), len(doubts)) - 1]
    right = [one for one in figures.there if one.answered and one.right and one.confidence > threshold]
    return f"{100 * len(right) / max(len(figures.there), 1):.1f} %"
