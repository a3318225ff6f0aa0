"""`xiaoer store`: settings of a shop shown and changed from a file, for shops set up without a browser."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from xiaoer import stores
from xiaoer.cli.store import app
from xiaoer.db.database import Database
from xiaoer.errors import XiaoerError
from xiaoer.knowledge.tables import Article
from xiaoer.stores import Profile, Store

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(database_url: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on the database that has the store `shop` in it."""
    monkeypatch.setenv("XIAOER_DATABASE_URL", database_url)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path / "data"))

    async def invoke(*arguments: object) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, [str(argument) for argument in arguments])

    return invoke


async def profile_of(database: Database) -> Profile:
    async with database.sessions() as session:
        return (await stores.by_slug(session, "shop")).profile


async def test_what_a_file_names_is_set_and_all_else_stays(run: Run, database: Database, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'tone = "warm"\n[tools.cancel_order]\nlargest = "500"\nper_day = 20\n[ticket_minutes]\nurgent = 15\n'
    )
    assert (await run("set", rules)).exit_code == 0
    more = tmp_path / "more.json"
    more.write_text(json.dumps({"tools": {"urge_shipment": {"on": False}, "cancel_order": {"per_day": None}}}))
    assert (await run("set", more, "--store", "shop")).exit_code == 0
    profile = await profile_of(database)
    assert (profile.tone, profile.ticket_minutes, profile.name["zh"]) == ("warm", {"urgent": 15}, "小店")
    assert (str(profile.tools["cancel_order"].largest), profile.tools["cancel_order"].per_day) == ("500", None)
    assert not profile.tools["urge_shipment"].on


async def test_what_is_shown_can_be_given_back(run: Run, database: Database, tmp_path: Path) -> None:
    before = await profile_of(database)
    shown = (await run("show")).stdout
    assert json.loads(shown)["locales"] == ["zh", "en"]
    (tmp_path / "all.json").write_text(shown, encoding="utf-8")
    assert (await run("set", tmp_path / "all.json")).exit_code == 0
    assert await profile_of(database) == before


async def test_facts_set_here_are_an_article_too(run: Run, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('facts = ["Call us at 400-000-0000."]\nlocales = ["vi"]\n')
    assert (await run("set", tmp_path / "a.toml")).exit_code == 0
    async with database.sessions() as session:
        article = (await session.scalars(sa.select(Article))).one()
    assert (article.title, article.locale) == ("Thông tin cửa hàng và cách liên hệ", "vi")


WRONG = (
    ("tools = {cancel = {on = false}}", "cancel_order"),
    ('tools = {cancel_order = {states = ["sent"]}}', "shipped"),
    ('thinking = {mode = "slow"}', "thinking.mode"),
    ('contact = {phone = "1"}', "contact"),
    ('timezone = "Mars/Olympus"', "Time zone"),
    ('hours = "always"', "09:00-21:00"),
    ("a =", "a.toml"),
)


async def test_what_would_never_hold_is_refused_in_words(run: Run, database: Database, tmp_path: Path) -> None:
    before = await profile_of(database)
    for text, told in WRONG:
        (tmp_path / "a.toml").write_text(text)
        result = await run("set", tmp_path / "a.toml")
        assert isinstance(result.exception, XiaoerError)
        assert told in result.exception.detail
    assert await profile_of(database) == before
