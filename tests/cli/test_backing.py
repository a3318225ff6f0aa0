"""`xiaoer backup` and `restore`: a desk comes back as it was, and never over another one."""

import asyncio
import tarfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from xiaoer.cli.backing import backup, restore
from xiaoer.db import dumping
from xiaoer.db.database import Database
from xiaoer.db.dumping import NotEmpty, TooNew
from xiaoer.errors import Invalid
from xiaoer.knowledge.tables import Article, passage_vectors


async def held(url: str | None, folder: Path) -> tuple[list[str], int, str]:
    """What a database holds: the titles, the vectors, and the migration it stands at."""
    database = await Database.open(url=url, data_dir=folder)
    try:
        async with database.sessions() as session:
            titles = list(await session.scalars(sa.select(Article.title).order_by(Article.title)))
            vectors = await session.scalar(sa.select(sa.func.count()).select_from(passage_vectors))
        return titles, vectors or 0, await dumping.revision(database)
    finally:
        await database.close()


async def test_a_backup_restores_into_an_empty_folder_and_never_over_a_desk(
    shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "xiaoer.tar.gz"
    (old / "attachments" / "ab").mkdir(parents=True)
    (old / "attachments" / "ab" / "abcd").write_bytes(b"picture")
    (old / "secret.key").write_text("key")
    monkeypatch.setenv("XIAOER_DATA_DIR", str(old))
    monkeypatch.setenv("XIAOER_DATABASE_URL", shop_url)
    before = await held(shop_url, old)
    await asyncio.to_thread(backup, file)
    assert file.stat().st_mode & 0o077 == 0  # it holds everything: nobody else may read it
    with pytest.raises(NotEmpty, match="another name"):
        await asyncio.to_thread(backup, file)
    with pytest.raises(NotEmpty, match=r"attachments, secret\.key"):
        await asyncio.to_thread(restore, file)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path / "elsewhere"))
    with pytest.raises(NotEmpty, match="holds tables"):
        await asyncio.to_thread(restore, file)
    monkeypatch.setenv("XIAOER_DATA_DIR", str(new))
    monkeypatch.delenv("XIAOER_DATABASE_URL")
    await asyncio.to_thread(restore, file)
    assert len(before[0]) == 4
    assert await held(None, new) == before
    assert (new / "attachments" / "ab" / "abcd").read_bytes() == b"picture"
    assert (new / "secret.key").read_text() == "key"


def packed(folder: Path, **parts: str) -> Path:
    for name, text in parts.items():
        (folder / name).write_text(text)
    with tarfile.open(folder / "made.tar.gz", "w:gz") as archive:
        archive.add(folder / "about", "backup.json")
        archive.add(folder / "dump", "database.dump")
        archive.add(folder / "dump", "../outside")
    return folder / "made.tar.gz"


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ('{"format": 1, "revision": "9999"}', TooNew),
        ('{"format": 2, "revision": "0001"}', Invalid),
        ("[]", Invalid),
        ("no json", Invalid),
    ],
)
def test_what_is_no_backup_of_ours_is_refused_and_nothing_is_left_behind(
    about: str, refusal: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(refusal):
        restore(packed(tmp_path, about=about, dump="nothing"))
    assert list((tmp_path / "data").iterdir()) == []
    assert not (tmp_path / "outside").exists()
