"""Who waits for a person and speaks of the wait is told how it stands, or goes on; everything else is a question."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from builders import CURATED, Customer, somebody_there
from xiaoer.assistant.learning import Learning
from xiaoer.assistant.understanding.wait import Waits
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.embedding import BundledEmbedder, EmbedderUnavailable
from xiaoer.language.phrases import languages, phrase

WORDINGS = Path(__file__).parents[2] / "evals" / "waiting.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [("什么时候能有人来", "zh"), ("when will someone reply?", "en"), ("いつ返事が来ますか", "ja"),
     ("Wann meldet sich jemand?", "de"), ("متى سيرد علي أحد؟", "ar")],
)  # fmt: skip
async def test_who_asks_when_somebody_comes_is_told_how_it_stands(
    customer: Customer, desk: Desk, text: str, language: str
) -> None:
    await somebody_there(desk)
    await customer.ask("转人工")
    told = await customer.ask(text)
    assert (told["kind"], told["text"]) == ("done", phrase("still_waiting", language))
    assert phrase("go_on", language) in told["suggestions"]
    assert "ticket" not in told


async def test_the_same_words_beside_a_number_keep_the_number(customer: Customer) -> None:
    await customer.ask("转人工")
    told = await customer.ask("什么时候回我？打我电话13812345678")
    assert told["kind"] == "done"
    assert told["text"].startswith(phrase("still_away", "zh"))
    assert phrase("contact_kept", "zh", contact="+86 138 1234 5678") in told["text"]


async def test_who_will_not_wait_goes_on_with_the_assistant_in_their_own_words(customer: Customer) -> None:
    await customer.ask("转人工")
    assert (await customer.ask("我不等了，AI 回答就行"))["text"] == phrase("went_on", "zh")
    assert (await customer.ask("包邮吗"))["text"] == CURATED


@pytest.mark.parametrize("text", ["转人工", "人工", "我还是等人工吧"])
async def test_who_wants_the_person_still_is_not_sent_away(customer: Customer, text: str) -> None:
    await customer.ask("转人工")
    await customer.ask(text)
    assert phrase("still_away", "zh") in (await customer.ask("包邮吗"))["text"]


async def test_words_about_the_wait_are_told_from_questions_in_fourteen_languages(embedder: BundledEmbedder) -> None:
    rows = [json.loads(line) for line in WORDINGS.read_text(encoding="utf-8").splitlines()]
    waits = Waits(Learning(embedder))
    found = Counter([(row["is"], await waits.find(row["text"]) or "other") for row in rows])
    assert {row["language"] for row in rows} >= set(languages())
    assert found["status", "status"] >= 0.75 * sum(row["is"] == "status" for row in rows)
    assert found["go_on", "go_on"] >= 0.9 * sum(row["is"] == "go_on" for row in rows)
    assert found["other", "other"] == sum(row["is"] == "other" for row in rows)


class Away(BundledEmbedder):
    name = "away"

    def __init__(self) -> None:
        """Loads nothing."""

    async def query(self, text: str) -> NDArray[np.float32]:
        raise EmbedderUnavailable(text)


async def test_without_an_embedder_such_words_are_any_other_question() -> None:
    waits = Waits(Learning(Away()))
    await waits.learn()
    assert await waits.find("什么时候能有人来") is None
