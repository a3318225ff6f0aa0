"""`xiaoer eval` on a store: whole turns, judged, and nothing left of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from xiaoer.cli import exams
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.customers import Customer
from xiaoer.db.database import Database

Run = Callable[..., Awaitable[Result]]
QUESTIONS: list[dict[str, Any]] = [
    {"id": "returns", "kind": "fact", "text": "几天内可以退货？", "must": [["7天"]], "expect": "answer"},
    {"id": "follow", "kind": "followup", "context": ["几天内可以退货？"], "text": "运费谁付", "must": [["买家"]]},
    {"id": "curated", "kind": "fact", "text": "包邮吗", "must": [["99"]], "route": ["curated"]},
    {"id": "recipe", "kind": "none", "text": "红烧肉怎么做", "expect": "refuse"},
    {"id": "person", "kind": "person", "text": "转人工", "expect": "handoff"},
    {"id": "wrong", "kind": "fact", "text": "保修几个月", "must": [["99个月"]], "reference": "手机主机保修 12 个月。"},
]


@pytest.fixture
def run(shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `xiaoer eval` on the database with the small shop."""
    monkeypatch.setenv("XIAOER_DATABASE_URL", shop_url)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path / "data"))
    app = typer.Typer()
    app.command()(exams.evaluate)

    async def invoke(questions: list[dict[str, Any]], *options: str) -> Result:
        file = tmp_path / "questions.jsonl"
        lines = [json.dumps({"lang": "zh", **each}, ensure_ascii=False) for each in questions]
        file.write_text("\n".join(lines), encoding="utf-8")
        return await asyncio.to_thread(CliRunner().invoke, app, [str(file), "--store", "shop", *options])

    return invoke


async def test_each_question_is_judged_with_its_evidence_and_counted_by_kind_and_language(
    run: Run, tmp_path: Path
) -> None:
    into = tmp_path / "answers.jsonl"
    result = await run(QUESTIONS, "--model", "none", "--json", str(into))
    rows = {row["id"]: row for row in map(json.loads, into.read_text(encoding="utf-8").splitlines())}
    assert {name: row["ok"] for name, row in rows.items()} == {
        "returns": True, "follow": True, "curated": True, "recipe": True, "person": True, "wrong": False,
    }  # fmt: skip
    assert rows["wrong"]["broken"] == ["must: 99个月"]
    assert rows["returns"]["evidence"]["found"]
    assert result.exit_code == 1
    assert "always refusing 1, always handing over 2" in result.stdout
    table = {line.split("  ")[0]: line.split() for line in result.stdout.splitlines()}
    assert table["kind fact"][2:5] == ["3", "2", "66.7"]
    assert table["lang zh"][2:5] == ["6", "5", "83.3"]


async def test_nothing_is_left_of_an_exam(run: Run, shop_url: str) -> None:
    assert (await run(QUESTIONS[:5], "--model", "none")).exit_code == 0
    database = await Database.open(url=shop_url, data_dir=Path())
    async with database.sessions() as session:
        left = [await session.scalar(sa.select(sa.func.count(each.id))) for each in (Conversation, Message, Customer)]
    await database.close()
    assert left == [0, 0, 0]


async def test_the_same_question_again_is_thought_about_again(run: Run, tmp_path: Path) -> None:
    into = tmp_path / "answers.jsonl"
    result = await run(QUESTIONS[:1], "--model", "none", "--repeats", "3", "--json", str(into))
    rows = [json.loads(line) for line in into.read_text(encoding="utf-8").splitlines()]
    assert [row["time"] for row in rows] == [1, 2, 3]
    assert {row["route"] for row in rows} == {"extract"}
    assert "pass^3 %" in result.stdout


async def test_a_model_that_knows_the_answers_says_them(run: Run, tmp_path: Path) -> None:
    into = tmp_path / "answers.jsonl"
    asked = [{**QUESTIONS[5], "must": [["12个月"]]}]
    assert (await run(asked, "--model", "truth", "--json", str(into))).exit_code == 0
    row = json.loads(into.read_text(encoding="utf-8"))
    assert (row["route"], row["answer"].startswith("手机主机保修 12 个月")) == ("model", True)


async def test_of_a_split_only_the_part_named_is_asked(run: Run, tmp_path: Path) -> None:
    split, into = tmp_path / "split.json", tmp_path / "answers.jsonl"
    split.write_text(json.dumps({"tune": ["returns"], "test": ["curated", "person"]}))
    assert (await run(QUESTIONS, "--model", "none", "--split", f"{split}:test", "--json", str(into))).exit_code == 0
    assert [json.loads(row)["id"] for row in into.read_text(encoding="utf-8").splitlines()] == ["curated", "person"]
