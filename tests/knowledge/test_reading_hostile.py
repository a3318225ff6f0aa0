"""Broken, locked, endless and malicious files: each refused with its name, the reason and a way out."""

import io
import os
import random
import struct
import subprocess
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from document_samples import TYPES, docx, locked_pdf, many_pages_pdf, paragraph, pdf, xlsx, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from xiaoer.knowledge.reading import sandbox
from xiaoer.knowledge.reading.files import read, read_all
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits, Unreadable

GOOD = ("good.md", "# 好\n正文".encode())
PDF = pdf([(12, 60, 700, "Some text that is long enough to be read.")])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def problem(data: bytes, name: str = "file", limits: Limits | None = None) -> Unreadable:
    """The problem of a bad file, which must not keep a good one behind it from being read."""
    bad, good = read_all([(name, data), GOOD], limits=limits or Limits(seconds=30))
    assert good.documents
    assert bad.problem
    assert bad.problem.detail.startswith(name)
    assert bad.problem.remedy
    return bad.problem


@pytest.mark.parametrize("data", [b"", b"  \n\t\r\n", b"\0" * 5000, b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_files(data: bytes) -> None:
    assert "empty" in problem(data).reason


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.json", "a.html", "a.pdf", "a"])
def test_binary_garbage_under_any_name(name: str) -> None:
    assert "not text" in problem(random.Random(1).randbytes(20_000), name).reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "picture"),
        (b"\x1f\x8b\x08" + bytes(99), "gzip"),
        (b"Rar!\x1a\x07" + bytes(99), "RAR"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "7-Zip"),
        (b"{\\rtf1 hello}", "rich-text"),
        (b"MZ\x90\x00" + bytes(99), "program"),
        (OLE, "old kind"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (zipped({"mimetype": "application/epub+zip"}), "e-book"),
        (zipped({"[Content_Types].xml": TYPES, "ppt/presentation.xml": "<x/>"}), "not read here"),
        (b'<?xml version="1.0"?><feed/>', "XML"),
    ],
)
def test_kinds_that_are_not_read(data: bytes, reason: str) -> None:
    assert reason in problem(data).reason


def test_a_locked_pdf() -> None:
    assert "password" in problem(locked_pdf(PDF), "locked.pdf").reason


@pytest.mark.parametrize(
    "data", [PDF, docx(paragraph("正文")), xlsx({"a": [["a", "b"], ["c", "d"]]}), zipped({"a.md": "x"})]
)
def test_files_cut_off_anywhere(data: bytes) -> None:
    for end in range(6, len(data) - 1, max(1, len(data) // 12)):
        for outcome in read_all([("cut", data[:end])], limits=Limits(seconds=30)):
            assert outcome.problem or outcome.documents


@pytest.mark.parametrize("data", [PDF, docx(paragraph("正文")), xlsx({"a": [["a", "b"], ["c", "d"]]})])
def test_files_with_bytes_changed(data: bytes) -> None:
    chance = random.Random(2)
    files = []
    for number in range(40):
        changed = bytearray(data)
        for _ in range(1 + number % 9):
            changed[chance.randrange(8, len(data))] = chance.randrange(256)
        files.append((f"{number}", bytes(changed)))
    outcomes = list(read_all(files, limits=Limits(seconds=30)))
    assert {outcome.name.split("/")[0] for outcome in outcomes} == {name for name, _ in files}
    assert all(outcome.problem or outcome.documents for outcome in outcomes)


def test_an_enormous_file_is_refused_before_it_is_looked_at() -> None:
    assert "larger than 20 MB" in problem(b"x" * (20 * MEBIBYTE + 1)).reason


def test_an_enormous_file_on_disk_is_not_even_loaded(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * MEBIBYTE)
    (outcome,) = read_all([path])
    assert "larger than" in str(outcome.problem)


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = list(read_all([tmp_path / "missing.md", tmp_path, tmp_path / "pipe", Path("/dev/zero")]))
    assert ["cannot be opened" in str(outcome.problem) for outcome in found] == [True] * 4


def test_a_pdf_with_ten_thousand_pages() -> None:
    assert "more than 1000 pages" in problem(many_pages_pdf(10_000), "many.pdf").reason


def test_zip_bombs() -> None:
    large = zipped({"a.txt": bytes(250 * MEBIBYTE)})
    assert "more than 200 MB" in problem(large, "bomb.zip").reason
    small = zipped({"a.txt": bytes(30 * MEBIBYTE)})
    assert "times its size" in problem(small, "bomb.zip").reason
    many = zipped({f"{number}.md": "x" for number in range(2001)})
    assert "more than 2000 files" in problem(many, "many.zip").reason


@pytest.mark.parametrize("inner", ["word/document.xml", "xl/worksheets/sheet1.xml"])
def test_office_files_that_are_zip_bombs(inner: str) -> None:
    bomb = zipped({"[Content_Types].xml": TYPES, inner: bytes(100 * MEBIBYTE)})
    started = time.monotonic()
    assert "times its size" in problem(bomb, "bomb.docx").reason
    assert time.monotonic() - started < 10


def test_a_zip_that_lies_about_its_size() -> None:
    honest = zipped({"a.txt": b"x" * 3_000_000})
    lying = honest.replace(struct.pack("<L", 3_000_000), struct.pack("<L", 10))
    for outcome in read_all([("lying.zip", lying)]):
        assert outcome.problem or all(len(document.text) <= 10 for document in outcome.documents)


def test_archives_inside_archives_are_not_followed() -> None:
    inner = zipped({"a.md": "x"})
    (outcome,) = read_all([("outer.zip", zipped({"inner.zip": inner}))])
    assert "inside an archive" in str(outcome.problem)


def test_paths_that_climb_out_are_passed_over() -> None:
    names = [
        "../evil.md",
        "/etc/evil.md",
        "a/../../evil.md",
        "C:\\evil.md",
        "..\\evil.md",
        "__MACOSX/._a.md",
        ".DS_Store",
    ]
    found = list(read_all([("a.zip", zipped(dict.fromkeys([*names, "good.md"], "# x\ny")))]))
    assert [outcome.name for outcome in found] == ["a.zip/good.md"]


def test_an_archive_of_nothing() -> None:
    assert "no files" in problem(zipped({}), "a.zip").reason


def test_a_locked_archive_and_an_odd_packing() -> None:
    data = bytearray(zipped({"a.md": "x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in problem(bytes(data), "locked.zip").reason
    assert "unusual" in problem(zipped({"a.md": "x" * 99}, method=zipfile.ZIP_LZMA), "odd.zip").reason


def test_names_packed_by_chinese_windows_are_read() -> None:
    data = zipped({"AAAA.md": "# x\ny"}).replace(b"AAAA.md", "退货.md".encode("gb18030"))
    (outcome,) = read_all([("a.zip", data)])
    assert outcome.name == "a.zip/退货.md"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_in_office_files(encoding: str) -> None:
    entities = "".join(f'<!ENTITY e{number + 1} "{f"&e{number};" * 10}">' for number in range(9))
    head = f'<!DOCTYPE x [<!ENTITY e0 "boom">{entities}]>'
    body = docx(paragraph("&e9;"), head=head)
    if encoding != "utf-8":
        text = zipfile.ZipFile(io.BytesIO(body)).read("word/document.xml").decode()
        body = zipped({"[Content_Types].xml": TYPES, "word/document.xml": text.encode(encoding)})
    assert "declarations" in problem(body, "bomb.docx").reason


def test_entities_of_a_page_that_read_local_files_read_nothing() -> None:
    page = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>a&x;b</p></body></html>'
    (document,) = read(page.encode(), "a.html")
    assert "root:" not in document.text


def test_a_page_nested_without_end() -> None:
    page = "<div><span>" * 50_000 + "text"
    for outcome in read_all([("deep.html", f"<html><body>{page}".encode())], limits=Limits(seconds=30)):
        assert outcome.problem or outcome.documents


@pytest.mark.parametrize(
    "opening", ["<a ", "<!--", "![", "[x](javascript:", "<script>", "| ", "- ", "#", "**", "&", "<"]
)
def test_markdown_that_begins_things_without_end(opening: str) -> None:
    started = time.monotonic()
    list(read_all([("a.md", b"x" + opening.encode() * 100_000)]))
    assert time.monotonic() - started < 5


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    data = many_pages_pdf(3_000)
    started = time.monotonic()
    found = problem(data, "slow.pdf", Limits(seconds=0.2, pages=100_000))
    assert "longer than 0.2 seconds" in found.reason
    assert time.monotonic() - started < 5


def test_a_file_that_takes_too_much_memory_is_given_up_and_the_next_is_read() -> None:
    stream = zlib.compress(bytes(400 * MEBIBYTE), 9)
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream)
    old = PDF[PDF.index(b"<< /Length") : PDF.index(b"endstream") + len(b"endstream")]
    found = problem(PDF.replace(old, content), "fat.pdf", Limits(seconds=30, memory_bytes=400 * MEBIBYTE))
    assert found.reason


def test_the_parsing_process_has_no_secrets_and_ends_with_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOER_MODEL__API_KEY", "sk-secret")
    with sandbox.Sandbox(Limits()) as box:
        box.extract(sandbox.Kind.PDF, PDF, "a.pdf")
        process = box._process
        assert process
        environment = Path(f"/proc/{process.pid}/environ")
        if environment.exists():
            assert b"sk-secret" not in environment.read_bytes()
            assert "Max file size             0" in Path(f"/proc/{process.pid}/limits").read_text()
    assert process.poll() is not None


def test_light_files_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    for name, data in (GOOD, ("a.csv", b"question,answer\na,b"), ("a.json", b'[{"title":"a","text":"b"}]')):
        assert read(data, name)


def test_names_are_shown_without_tricks() -> None:
    (outcome,) = read_all([("evil\x1b[31m\u202egpj.\n" + "x" * 500, b"")])
    assert outcome.name.isprintable()
    assert len(outcome.name) <= 160


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    st.sampled_from(["a.md", "a.txt", "a.csv", "a.json"]),
)
def test_any_bytes_give_documents_or_a_problem(data: bytes, name: str) -> None:
    if data[:4] in (b"PK\x03\x04", b"%PDF"):
        return
    for outcome in read_all([(name, data)]):
        assert (outcome.problem is None) == bool(outcome.documents)
        assert all(document.title and document.key for document in outcome.documents)


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read(docx(paragraph("正文")), "a.docx")
    assert os.listdir(tmp_path) == []  # noqa: PTH208
