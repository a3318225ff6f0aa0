"""Rated dialogues as data for fine-tuning: what is taken, in which shape, and that nobody is named in it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from builders import Customer, secret_key
from xiaoer.cli.app import app
from xiaoer.desk.desk import Desk
from xiaoer.reports import training
from xiaoer.stores import by_slug


async def exported(desk: Desk, shape: training.Shape) -> list[dict[str, Any]]:
    async with desk.database.sessions() as session:
        store = await by_slug(session, "shop")
        return [row async for row in training.rows(session, store.id, shape)]


async def rate(customer: Customer, message_id: str, score: str) -> None:
    path = f"/api/v1/messages/{message_id}/feedback"
    assert (await customer.client.post(path, json={"score": score}, headers=customer.headers)).status_code == 204


async def test_a_good_answer_is_imitated_and_a_phone_number_is_not(customer: Customer, desk: Desk) -> None:
    await customer.ask("我的手机号是 13800138000，谢谢")
    ended = await customer.ask("请问包邮吗")
    await rate(customer, ended["message_id"], "up")
    [row] = await exported(desk, "sft")
    assert [each["role"] for each in row["messages"]] == ["user", "assistant", "user", "assistant"]
    assert row["messages"][-1]["content"] == ended["text"]
    assert "13800138000" not in json.dumps(row)
    assert "[phone 1]" in row["messages"][0]["content"]
    assert await exported(desk, "dpo") == []


async def test_a_bad_answer_stands_beside_what_a_person_said(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    ended = await customer.ask("请问包邮吗")
    await rate(customer, ended["message_id"], "down")
    key = {"Authorization": f"Bearer {await secret_key(desk)}"}
    said = await client.post(f"{customer.path}/messages", json={"text": "今天全场包邮，地址发 a@b.cn。"}, headers=key)
    assert said.status_code == 200
    [row] = await exported(desk, "dpo")
    assert row["prompt"] == [{"role": "user", "content": "请问包邮吗"}]
    assert row["chosen"] == [{"role": "assistant", "content": "今天全场包邮，地址发 [email 1]。"}]
    assert row["rejected"] == [{"role": "assistant", "content": ended["text"]}]
    assert await exported(desk, "sft") == []


async def test_staff_are_imitated_when_the_conversation_was_judged_good(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    key = {"Authorization": f"Bearer {await secret_key(desk)}"}
    await customer.ask("老板几岁")
    await client.post(f"{customer.path}/messages", json={"text": "这个保密。"}, headers=key)
    await client.post(f"{customer.path}/csat", json={"score": 5}, headers=customer.headers)
    rows = await exported(desk, "sft")
    assert [row["messages"][-1]["content"] for row in rows] == []  # the assistant spoke last, nobody asked in between
    await customer.send("那店在哪")
    await client.post(f"{customer.path}/messages", json={"text": "在杭州。"}, headers=key)
    await client.post(f"{customer.path}/csat", json={"score": 5}, headers=customer.headers)
    rows = await exported(desk, "sft")
    assert [row["messages"][-1]["content"] for row in rows] == ["在杭州。"]


def test_the_command_writes_lines(shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOER_DATABASE_URL", shop_url)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path))
    for shape in ("sft", "dpo"):
        out = tmp_path / f"{shape}.jsonl"
        assert CliRunner().invoke(app, ["export", shape, "--out", str(out)]).exit_code == 0
        assert out.read_text() == ""
    assert CliRunner().invoke(app, ["export", "sft", "--store", "nobody"]).exit_code == 1
