"""Files that do harm, through the front door: each is named with its reason, and the good one beside them counts."""

import io
import uuid
import zipfile

import httpx
import pytest

from builders import Customer, secret_key
from knowledge.document_samples import locked_pdf, pdf, zipped
from xiaoer.desk.desk import Desk

PLAIN = pdf([(72, 700, 12, "Delivery takes two days.")])
HOSTILE = {
    "cut.pdf": PLAIN[: len(PLAIN) // 2],
    "locked.pdf": locked_pdf(PLAIN),
    "bomb.zip": zipped({"a.txt": bytes(30_000_000)}),
    "bomb.docx": zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": bytes(30_000_000)}),
    "noise.xlsx": bytes(range(256)) * 40,
    "program.exe": b"MZ\x90\x00" + bytes(200),
    "empty.md": b"",
}


@pytest.fixture
async def merchant(client: httpx.AsyncClient, desk: Desk) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {await secret_key(desk)}"
    return client


async def test_hostile_files_are_named_and_the_good_one_is_taken(merchant: httpx.AsyncClient) -> None:
    files = [("files", (name, data)) for name, data in HOSTILE.items()]
    files.insert(3, ("files", ("good.md", "# 配送\n\n我们配送到全国所有省份。".encode())))
    answer = await merchant.post("/api/v1/knowledge/import", files=files)
    assert answer.status_code == 200, answer.text
    told = {each["name"]: each["problem"] for each in answer.json()["files"]}
    assert {name for name, problem in told.items() if problem} == set(HOSTILE)
    assert answer.json()["saved"] == 1
    hits = await merchant.get("/api/v1/knowledge/search", params={"q": "配送到哪些省份"})
    assert "全国" in hits.json()[0]["text"]


async def test_an_upload_larger_than_any_is_not_read_to_its_end(merchant: httpx.AsyncClient) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("large.txt", b"x" * 22_000_000)
    answer = await merchant.post("/api/v1/knowledge/import", files={"files": ("large.zip", archive.getvalue())})
    assert answer.status_code == 413
    assert set(answer.json()) == {"error", "detail"}


async def test_unknown_ids_are_told_alike_whatever_they_name(merchant: httpx.AsyncClient, customer: Customer) -> None:
    nobody = uuid.uuid4()
    article = {"key": "x", "title": "T", "text": "T.", "locale": "en"}
    answers = [
        await merchant.put(f"/api/v1/knowledge/articles/{nobody}", json=article),
        await merchant.delete(f"/api/v1/knowledge/articles/{nobody}"),
        await merchant.get(f"/api/v1/conversations/{nobody}/messages"),
        await merchant.post(f"/api/v1/conversations/{nobody}/handback"),
        await merchant.post(f"/api/v1/messages/{nobody}/feedback", json={"score": "up"}, headers=customer.headers),
        await merchant.post(
            f"{customer.path}/confirm", json={"token": "cf_x", "accept": True}, headers=customer.headers
        ),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert all(set(answer.json()) == {"error", "detail"} for answer in answers)
    for wrong in ("1", "%00", "../readyz", "x" * 3000):
        answer = await merchant.put(f"/api/v1/knowledge/articles/{wrong}", json=article)
        assert answer.status_code in {404, 405, 422}
        assert set(answer.json()) == {"error", "detail"}
