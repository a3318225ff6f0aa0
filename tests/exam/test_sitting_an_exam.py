"""`xiaoer eval` on a store: whole turns, judged, and nothing left of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from xiaoer import stores
from xiaoer.cli import exams
from xiaoer.commerce import links
from xiaoer.commerce.commerce import Permit, ShopUnavailable
from xiaoer.commerce.links import Links
from xiaoer.conversations import handoff, inbox, thread
from xiaoer.conversations.tables import EXAM, Conversation, Message
from xiaoer.customers import Customer
from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.desk.examining import ExamDesk, open_exam_desk, read_only
from xiaoer.exam import figures, speaking
from xiaoer.exam.figures import Sitting
from xiaoer.exam.judging import Reply
from xiaoer.exam.matching import Matcher, PatternTooSlow
from xiaoer.exam.material import Material
from xiaoer.exam.questions import Question
from xiaoer.exam.room import Room
from xiaoer.exam.running import Exam
from xiaoer.exam.speaking import Speaker
from xiaoer.jobs import Job
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.sealing import Seal
from xiaoer.settings import ModelSettings, Settings
from xiaoer.staff import people
from xiaoer.staff.tables import StaffSession
from xiaoer.stores import Store
from xiaoer.tickets.tables import Ticket
from xiaoer.tools.tables import ToolCall

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


@pytest.fixture
async def desk(shop_url: str, tmp_path: Path, embedder: BundledEmbedder) -> AsyncIterator[ExamDesk]:
    """The parts with which an exam asks, on a database of their own with the small shop."""
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=shop_url, model=ModelSettings(enabled=False))
    async with open_exam_desk(settings, embedder=embedder) as opened:
        yield opened


async def the_shop(desk: ExamDesk) -> Store:
    async with desk.database.sessions() as session:
        return await stores.by_slug(session, "shop")


async def sat(
    shop_url: str, embedder: BundledEmbedder, questions: list[dict[str, Any]], speaker: Speaker | None, **more: Any
) -> tuple[list[Sitting], Material]:
    """The shop's exam with these questions."""
    settings = Settings(_env_file=None, database_url=shop_url, model=ModelSettings(enabled=False))
    voice = speaking.speaker(speaker) if speaker else None
    async with open_exam_desk(settings, model=voice, embedder=embedder) as desk, Matcher() as matcher:
        shop = await the_shop(desk)
        texts = Material(await desk.knowledge.passages(shop.id))
        asked = [Question.model_validate({"lang": "zh", **each}) for each in questions]
        exam = Exam(Room(desk, shop), asked, texts, matcher, speaker, voice, **more)
        return [one async for one in exam.sit() if one is not None], texts


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


async def test_nothing_is_left_of_an_exam(shop_url: str, embedder: BundledEmbedder) -> None:
    asked = [
        *QUESTIONS[:5],
        {"id": "ticket", "kind": "work", "text": "帮我登记一个工单，耳机坏了", "expect": "handoff"},
    ]
    sittings, _ = await sat(shop_url, embedder, asked, None)
    assert [one.verdict.broken for one in sittings] == [()] * 6
    assert sittings[-1].reply.has_ticket
    database = await Database.open(url=shop_url, data_dir=Path())
    async with database.sessions() as session:
        left = [
            await session.scalar(sa.select(sa.func.count(each.id)))
            for each in (Conversation, Message, Customer, Ticket, ToolCall, Job)
        ]
    await database.close()
    assert left == [0] * 6


async def test_the_same_question_again_is_thought_about_again(run: Run, tmp_path: Path) -> None:
    into = tmp_path / "answers.jsonl"
    result = await run(QUESTIONS[:1], "--model", "none", "--repeats", "3", "--json", str(into))
    rows = [json.loads(line) for line in into.read_text(encoding="utf-8").splitlines()]
    assert [row["time"] for row in rows] == [1, 2, 3]
    assert {row["route"] for row in rows} == {"extract"}
    assert "pass^3 %" in result.stdout


async def test_of_a_split_only_the_part_named_is_asked(run: Run, tmp_path: Path) -> None:
    split, into = tmp_path / "split.json", tmp_path / "answers.jsonl"
    split.write_text(json.dumps({"tune": ["returns"], "test": ["curated", "person"]}))
    assert (await run(QUESTIONS, "--model", "none", "--split", f"{split}:test", "--json", str(into))).exit_code == 0
    assert [json.loads(row)["id"] for row in into.read_text(encoding="utf-8").splitlines()] == ["curated", "person"]


async def test_a_model_that_knows_the_answers_says_them(shop_url: str, embedder: BundledEmbedder) -> None:
    asked = {**QUESTIONS[5], "must": [["12个月"]], "expect": "answer", "why": "“手机主机保修 12 个月”"}
    (one,), texts = await sat(shop_url, embedder, [asked], "truth")
    assert (one.reply.route, one.reply.text.startswith("手机主机保修 12 个月")) == ("model", True)
    assert figures.findings([one], texts)["right passage shown"] == "1 of 1 (100.0 %)"
    assert figures.came_through([one], "truth", texts)["right answers delivered"] == "1 of 1 (100.0 %)"


async def test_a_changed_figure_does_not_reach_the_customer(shop_url: str, embedder: BundledEmbedder) -> None:
    (one,), texts = await sat(shop_url, embedder, QUESTIONS[5:], "liar")
    assert one.said == "手机主机保修 45 个月。"
    assert figures.came_through([one], "liar", texts) == {"wrong figures delivered": "0 of 1 (0.0 %)"}


async def test_a_sibling_is_one_whose_answer_is_wrong_here(shop_url: str, embedder: BundledEmbedder) -> None:
    asked = [
        {**QUESTIONS[5], "product_id": "a", "must": [["12"]], "expect": "answer"},
        {**QUESTIONS[0], "product_id": "b", "reference": "签收之日起 7 天内可以无理由退货。"},
        {**QUESTIONS[2], "product_id": "c"},
    ]
    sittings, _ = await sat(shop_url, embedder, asked, "sibling")
    returns, warranty = asked[1]["reference"], asked[0]["reference"]
    assert [one.said for one in sittings] == [returns, warranty, warranty]


async def test_what_holds_the_answer_is_away_for_the_question_alone(shop_url: str, embedder: BundledEmbedder) -> None:
    asked = [{**QUESTIONS[0]}, {**QUESTIONS[2], "expect": "answer"}]
    sittings, texts = await sat(shop_url, embedder, [*asked, QUESTIONS[3]], None, withholding=True)
    assert [one.question.id for one in sittings] == ["returns", "curated"]
    assert all(one.away and not one.verdict.ok and not one.has_shown for one in sittings)
    assert figures.withheld(sittings, texts)["right all the same"] == "0 of 2 (0.0 %)"
    again, _ = await sat(shop_url, embedder, asked, None)
    assert [one.verdict.ok for one in again] == [True, True]


async def test_a_pattern_that_never_ends_is_told_with_its_question(run: Run) -> None:
    result = await run([{**QUESTIONS[0], "must": [["re:(.+)+@@$"]]}], "--model", "none")
    assert isinstance(result.exception, PatternTooSlow)
    assert result.exception.detail.startswith("returns: This pattern takes too long")


async def test_a_draft_counts_in_place_of_what_the_store_has_set(run: Run, tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text('handoff_words = ["退货"]')
    asked = [{**QUESTIONS[0], "must": [], "expect": "handoff"}]
    assert (await run(asked, "--model", "none", "--draft", str(draft))).exit_code == 0
    assert (await run(asked, "--model", "none")).exit_code == 1


async def said_in(room: Room, text: str) -> Reply:
    async with room.conversation() as conversation_id:
        return await room.say(conversation_id, text)


async def test_what_a_killed_exam_left_is_removed_by_the_next_but_not_what_is_under_way(desk: ExamDesk) -> None:
    shop = await the_shop(desk)
    room = Room(desk, shop)
    async with room.conversation() as old, room.conversation() as fresh:
        aged = sa.update(Conversation).where(Conversation.id == old).values(created_at=now() - timedelta(hours=2))
        async with desk.database.sessions.begin() as session:
            await session.execute(aged)
        await room.clear()
        async with desk.database.sessions() as session:
            assert await thread.of_channel(session, shop.id, EXAM, before=now()) == [fresh]


async def test_no_other_process_takes_a_turn_of_an_exam(desk: ExamDesk) -> None:
    room = Room(desk, await the_shop(desk))
    async with room.conversation() as conversation_id:
        asking = asyncio.create_task(room.say(conversation_id, "几天内可以退货？"))
        seen = []
        while not asking.done():
            async with desk.database.sessions() as session:
                seen += await thread.owed(session)
        assert (await asking).route == "extract"
        assert seen == []


async def test_nobody_is_called_to_a_conversation_of_an_exam(desk: ExamDesk) -> None:
    shop = await the_shop(desk)
    async with desk.database.sessions.begin() as session:
        person = await people.add(session, shop.id, email="a@shop.test", name="小王", role="staff")
        await session.execute(sa.update(Store).values(settings={**shop.settings, "assignment": "load"}))
        session.add(
            StaffSession(staff_id=person.id, digest="a", csrf="", expires_at=now() + timedelta(1), seen_at=now())
        )
    room = Room(desk, shop)
    async with room.conversation() as conversation_id:
        assert (await room.say(conversation_id, "转人工")).handed_over
        async with desk.database.sessions() as session:
            there = await session.get_one(Conversation, conversation_id)
            assert (there.handed_off_at is not None, there.assigned_to) == (True, None)
            assert await handoff.called(session, shop.id) == []
            assert set((await inbox.counts(session, shop.id, person.id)).values()) == {0}
            assert await inbox.entries(session, shop.id, person.id, "waiting") == []


async def test_a_fault_of_ours_does_not_pass_for_a_refusal(desk: ExamDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake in the program")

    monkeypatch.setattr(desk.knowledge, "search", broken)
    reply = await said_in(Room(desk, await the_shop(desk)), "几天内可以退货？")
    assert reply.outcome == "failed"


async def test_a_linked_shop_is_read_and_not_changed(desk: ExamDesk, tmp_path: Path) -> None:
    shop = await the_shop(desk)
    async with desk.database.sessions.begin() as session:
        await links.keep_own(session, shop.id, ())
    opened = Links(desk.database, Seal.kept_in(tmp_path))
    commerce = await read_only(opened.of)(shop.id)
    assert commerce is not None
    assert await commerce.search_products("耳机") == []
    with pytest.raises(ShopUnavailable):
        await commerce.cancel_order("1", Permit(key="k", version="v", customer=None))
    await opened.close()
