"""`xiaoer ingest`, run as its own command against a database of its own."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from small_site import running
from xiaoer import stores
from xiaoer.cli.knowledge import ingest
from xiaoer.db.database import Database
from xiaoer.knowledge.tables import Article, Passage, passage_vectors
from xiaoer.stores import Store

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(database_url: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on the database that has the store `shop` in it."""
    monkeypatch.setenv("XIAOER_DATABASE_URL", database_url)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path / "data"))
    app = typer.Typer()
    app.command()(ingest)

    async def invoke(*arguments: object) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, [str(argument) for argument in arguments])

    return invoke


async def articles(database: Database) -> dict[str, Article]:
    async with database.sessions() as session:
        return {article.key: article for article in await session.scalars(sa.select(Article))}


async def test_files_and_folders_become_articles_with_vectors(run: Run, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "help"
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "退货.md").write_text("# 退货政策\n\n七天内可退。", encoding="utf-8")
    (folder / ".hidden.md").write_text("secret")
    (tmp_path / "faq.csv").write_text("问题,答案\n包邮吗,满 99 元包邮\n", encoding="gb18030")
    result = await run(folder, tmp_path / "faq.csv")
    assert result.exit_code == 0, result.output
    assert "1 articles and 1 questions read, 2 new or changed, 0 files not read" in result.output
    assert set(await articles(database)) > {"policies/退货.md"}
    vectors = sa.select(sa.func.count(passage_vectors.c.sentences))
    async with database.sessions() as session:
        assert await session.scalar(vectors) == await session.scalar(sa.select(sa.func.count(Passage.id))) > 0


async def test_importing_again_changes_nothing_and_an_edit_replaces(
    run: Run, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "a.md"
    path.write_text("# A\n\nold text")
    await run(path)
    assert "0 new or changed" in (await run(path)).output
    path.write_text("# A\n\nnew text")
    assert "1 new or changed" in (await run(path)).output
    assert [article.text for article in (await articles(database)).values()] == ["new text"]


async def test_a_bad_file_fails_the_command_and_keeps_no_other_back(
    run: Run, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "good.md").write_text("# A\n\ntext")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    result = await run(tmp_path / "bad.pdf", tmp_path / "good.md", tmp_path / "missing.md")
    assert result.exit_code == 1
    assert "no  bad.pdf: is damaged" in result.output
    assert "no  missing.md: cannot be opened" in result.output
    assert set(await articles(database)) == {"good.md"}


async def test_a_mapping_file_says_what_the_fields_are(run: Run, database: Database, tmp_path: Path) -> None:
    (tmp_path / "goods.json").write_text(json.dumps({"a": {"n": "Kettle", "d": "Boils fast.", "c": 3}}))
    (tmp_path / "mapping.json").write_text(json.dumps({"key": "@key", "title": "n", "text": "d"}))
    result = await run(tmp_path / "goods.json", "--mapping", tmp_path / "mapping.json", "--store", "shop")
    assert result.exit_code == 0, result.output
    assert (await articles(database))["goods.json:a"].title == "Kettle"


async def test_a_page_inside_the_network_is_not_fetched(run: Run) -> None:
    result = await run("--url", "http://127.0.0.1:8080/secret")
    assert result.exit_code == 1
    assert "private network" in result.output


async def test_nothing_to_import_is_bad_use(run: Run) -> None:
    assert (await run()).exit_code == 2


async def test_a_new_store_is_made_and_then_one_must_be_named(run: Run, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    own = await run(tmp_path / "a.md", "--store", "own", "--owner-email", "Mai@Shop.Example", "--owner-name", "Mai")
    assert "sign in as mai@shop.example / " in own.output
    made = await run(tmp_path / "a.md", "--store", "other")
    assert made.exit_code == 0
    assert "/chat?store=other, publishable key pk_" in made.output
    assert "sign in as owner@other.local / " in made.output
    again = await run(tmp_path / "a.md", "--store", "other")
    assert "owner@other.local" not in again.output
    async with database.sessions() as session:
        assert {store.slug for store in await stores.every(session)} == {"shop", "other", "own"}
    assert "--store: shop, own, other" in str((await run(tmp_path / "a.md")).exception)


async def statuses(database: Database) -> dict[str, str]:
    return {key: article.status for key, article in (await articles(database)).items()}


def written(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return folder


async def test_a_file_gone_from_a_folder_is_withdrawn_and_comes_back_with_the_file(
    run: Run, database: Database, tmp_path: Path
) -> None:
    folder = written(tmp_path / "help", a="# A\n\none", b="# B\n\ntwo")
    await run(folder)
    await run(written(tmp_path / "other", c="# C\n\nthree") / "c.md")
    (folder / "b.md").rename(tmp_path / "b.md")
    assert "withdrawn" not in (await run(folder, "--keep")).output
    told = await run(folder)
    assert "1 withdrawn: no longer in the source" in told.output
    assert "B  (b.md)" in told.output
    assert await statuses(database) == {"a.md": "published", "b.md": "draft", "c.md": "published"}
    (tmp_path / "b.md").rename(folder / "b.md")
    await run(folder / "b.md")
    assert (await statuses(database))["b.md"] == "published"


async def test_one_file_or_an_empty_folder_withdraws_nothing_of_others(
    run: Run, database: Database, tmp_path: Path
) -> None:
    folder = written(tmp_path / "help", a="# A\n\none", b="# B\n\ntwo")
    (folder / "faq.csv").write_text("question,answer\nopen on Sunday?,no\n")
    await run(folder)
    other = written(tmp_path / "other")
    (other / "faq.csv").write_text("question,answer\nis there parking?,yes\n")
    assert "withdrawn" not in (await run(folder / "a.md")).output
    assert "withdrawn" not in (await run(other / "faq.csv")).output
    (folder / "b.md").write_bytes(b"")  # cannot be read: it is there all the same
    assert "withdrawn" not in (await run(folder)).output
    for path in folder.iterdir():
        path.unlink()
    assert "withdrawn" not in (await run(folder, other)).output
    assert set((await statuses(database)).values()) == {"published"}


async def test_a_catalogue_under_a_new_name_replaces_the_last_one_of_its_source(
    run: Run, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "mapping.json").write_text(json.dumps({"source": "goods", "key": "n", "title": "n", "text": "d"}))
    for month, names in (("may", "Kettle Pan Pot"), ("june", "Kettle Pan"), ("july", "")):
        records = [{"n": name, "d": "Boils fast."} for name in names.split()]
        (tmp_path / f"{month}.json").write_text(json.dumps(records))
        told = await run(tmp_path / f"{month}.json", "--mapping", tmp_path / "mapping.json")
        assert ("1 withdrawn" in told.output) is (month == "june"), told.output
    assert (await statuses(database))["goods:Pot"] == "draft"


async def test_a_page_gone_from_the_sitemap_is_withdrawn_and_one_that_fails_is_not(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOER_ALLOW_PRIVATE_URLS", "true")
    async with running() as site:

        def named(*paths: str) -> None:
            places = "".join(f"<url><loc>{site.url(path, '127.0.0.1')}</loc></url>" for path in paths)
            site.page("/sitemap.xml", f"<urlset>{places}</urlset>", "application/xml")

        for path in ("/a", "/b", "/c"):
            site.page(path, f"<html><body><h1>Page {path}</h1><p>Returns within 30 days.</p></body></html>")
        named("/a", "/b", "/c")
        address = site.url("/sitemap.xml", "127.0.0.1")
        await run("--sitemap", address)
        site.answer("/b", "503 Unavailable")
        named("/a", "/b")
        assert "withdrawn" not in (await run("--sitemap", address, "--limit", 1)).output
        assert "1 withdrawn" in (await run("--sitemap", address)).output
        found = {key.rpartition("/")[2]: status for key, status in (await statuses(database)).items()}
    assert found == {"a": "published", "b": "published", "c": "draft"}


async def test_a_new_shop_may_speak_another_language_and_keeps_it(run: Run, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Giao hàng\n\nGiao trong 3 ngày.", encoding="utf-8")
    made = await run(tmp_path / "a.md", "--store", "hanoi", "--language", "vi")
    assert made.exit_code == 0, made.output
    async with database.sessions() as session:
        profile = (await stores.by_slug(session, "hanoi")).profile
    assert (profile.locales, profile.name) == (["vi", "en"], {"vi": "hanoi"})
    assert (await run(tmp_path / "a.md", "--store", "hanoi", "--language", "vi")).exit_code == 0
    assert (await run(tmp_path / "a.md", "--store", "hanoi", "--language", "th")).exit_code == 1
    assert (await run(tmp_path / "a.md", "--store", "hanoi", "--language", "xx")).exit_code == 2
