"""`xiaoer commerce`, run as its own command against a database of its own."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from xiaoer.bench.merchant import Call, Given, serving
from xiaoer.cli.commerce import app
from xiaoer.stores import Store

Run = Callable[..., Awaitable[Result]]
DOCUMENT = """
openapi: 3.1.0
paths:
  /orders/{no}:
    get:
      operationId: order
      parameters: [{name: no, in: path, required: true, schema: {type: string}}]
"""
FIELDS = {"number": "no", "customer": "uid", "state": "status", "total": "pay", "placed_at": "at"}
SETTINGS = {"uses": {"order": {"operation": "order", "send": {"no": "{number}"}, "fields": FIELDS}}}


@pytest.fixture
def run(database_url: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on the database that has the store `shop` in it."""
    monkeypatch.setenv("XIAOER_DATABASE_URL", database_url)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XIAOER_ALLOW_PRIVATE_URLS", "true")

    async def invoke(*arguments: object, given: str | None = None) -> Result:
        words = [str(argument) for argument in arguments]
        return await asyncio.to_thread(CliRunner().invoke, app, words, input=given)

    return invoke


def answer(call: Call) -> Given:
    order = {"no": "D1", "uid": "u1", "status": "paid", "pay": "12.50", "at": "2026-11-03T12:00:00Z"}
    return Given(order) if call.path == "/orders/D1" else Given({}, status=404)


async def test_an_api_is_linked_tried_shown_and_unlinked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    with serving(answer) as address:
        settings = tmp_path / "link.json"
        settings.write_text(json.dumps(SETTINGS | {"base_url": address}))
        made = await run(
            "link", "http", "--document", tmp_path / "api.yaml", "--settings", settings, "--secret-file", "-",
            given="topsecret\n",
        )  # fmt: skip
        assert made.exit_code == 0, made.output
        tried = await run("try", "--order", "D1")
        assert tried.exit_code == 0, tried.output
        assert "12.50" in tried.output
        missing = await run("try", "--order", "D2")
        assert missing.exit_code == 1
        assert "no such order" in missing.output
    shown = await run("show")
    assert "http " + address in shown.output
    assert "stored, encrypted" in shown.output
    assert "topsecret" not in shown.output
    assert (await run("unlink")).exit_code == 0
    assert (await run("show")).exit_code == 1


async def test_a_choice_that_does_not_fit_the_document_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    wrong = {"uses": {"order": {**SETTINGS["uses"]["order"], "operation": "orders"}}, "base_url": "https://a.example"}
    (tmp_path / "link.json").write_text(json.dumps(wrong))
    refused = await run("link", "http", "--document", tmp_path / "api.yaml", "--settings", tmp_path / "link.json")
    assert refused.exit_code == 1
    assert "no operation 'orders'" in str(refused.exception)


async def test_tables_are_uploaded_and_what_was_left_out_is_said(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "goods.csv"
    table.write_text("商品名称,价格\n耳机,299\n手表,abc\n", encoding="utf-8")
    taken = await run("upload", table, "--kind", "products")
    assert taken.exit_code == 1
    assert "1 products and 0 orders saved, 1 rows left out" in taken.output
    assert "stored" in (await run("show")).output
