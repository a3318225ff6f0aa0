"""Files in a conversation, both ways: taken by their bytes, fetched by their key, never run."""

import io
import re
import zipfile
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer, publishable_key
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"


def office() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return packed.getvalue()


async def send(customer: Customer, name: str, data: bytes, kind: str = "image/png") -> httpx.Response:
    return await customer.client.post(
        f"{customer.path}/attachments", files={"file": (name, data, kind)}, headers=customer.headers
    )


async def test_a_picture_from_a_customer_brings_a_person_who_sees_it(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    answer = await send(customer, "坏了.png", PNG)
    assert answer.status_code == 201, answer.text
    file = answer.json()["attachments"][0]
    assert (file["name"], file["type"]) == ("坏了.png", "image/png")
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.counts())["waiting"] == 1
    assert f'src="{file["url"]}"' in await boss.page(customer)
    got = await client.get(file["url"])
    assert got.content == PNG
    assert got.headers["content-type"] == "image/png"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    texts = [each["text"] for each in await customer.messages()]
    assert len(texts) == 2  # the customer hears that somebody comes


async def test_a_file_from_staff_reaches_the_customer(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    boss = await a_colleague(client, desk, "owner")
    path = f"/console/conversations/{customer.opened['id']}/attachments"
    answer = await client.post(path, files={"file": ("说明.docx", office())}, headers=boss.headers)
    assert answer.status_code == 204, answer.text
    last = (await customer.messages())[-1]
    assert last["author_name"] == "小林"
    got = await client.get(last["attachments"][0]["url"])
    assert got.headers["content-disposition"].startswith("attachment")
    other = await a_colleague(client, desk, "staff", name="anna")
    assert (await client.post(path, files={"file": ("a.png", PNG)}, headers=other.headers)).status_code == 409
    viewer = await a_colleague(client, desk, "viewer", name="vera")
    assert (await client.post(path, files={"file": ("a.png", PNG)}, headers=viewer.headers)).status_code == 403
    foreign = {**boss.headers, "X-CSRF-Token": "no"}
    assert (await client.post(path, files={"file": ("a.png", PNG)}, headers=foreign)).status_code == 403


@pytest.mark.parametrize(("name", "data"), [("x.svg", SVG), ("x.html", HTML), ("../../etc/x.txt", b"plain")])
async def test_text_of_any_kind_is_saved_and_never_shown_as_a_page(customer: Customer, name: str, data: bytes) -> None:
    file = (await send(customer, name, data, "text/html")).json()["attachments"][0]
    got = await customer.client.get(file["url"])
    assert got.headers["content-type"].startswith("text/plain")
    assert got.headers["content-disposition"].startswith("attachment")
    assert "/" not in file["name"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"MZ\x90\x00" + bytes(50), 422),
        (b"PK\x03\x04" + bytes(50), 422),
        (b"x" * 10_000_001, 422),
        (b"x" * 12_000_000, 413),
    ],
    ids=["empty", "program", "zip", "too large", "far too large"],
)
async def test_what_is_not_taken_is_refused_with_the_reason(customer: Customer, data: bytes, status: int) -> None:
    answer = await send(customer, "a.png", data)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "detail"}
    assert await customer.messages() == []


async def test_script_in_a_file_name_is_only_ever_text(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await send(customer, '"><img src=x onerror=alert(1)>.png', PNG)
    boss = await a_colleague(client, desk, "owner")
    page = await boss.page(customer)
    assert "<img src=x" not in page
    assert "onerror=alert(1)&gt;.png" in page


async def test_files_of_others_stay_out_of_reach(customer: Customer, client: httpx.AsyncClient) -> None:
    stranger: dict[str, Any] = {"Authorization": "Bearer ct_somebody"}
    sent = await client.post(f"{customer.path}/attachments", files={"file": ("a.png", PNG)}, headers=stranger)
    assert sent.status_code == 401
    assert (await client.get("/files/guessed")).status_code == 404
    assert (await client.get("/files/..%2f..%2fetc%2fpasswd")).status_code == 404


async def test_files_are_erased_when_the_shops_days_are_over_and_the_thread_says_so(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    other = await Customer.arrive(client, await publishable_key(desk))
    file, kept = [(await send(each, "坏了.png", PNG)).json()["attachments"][0]["url"] for each in (customer, other)]
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.act(customer, "close")).is_success
    await desk.worker.run_due(now() + timedelta(days=365))  # a shop that set nothing keeps everything
    assert (await client.get(file)).status_code == 200
    assert (await boss.post("/console/settings", file_days="30")).status_code == 303
    await desk.worker.run_due(now() + timedelta(days=29))
    assert (await client.get(file)).status_code == 200
    await desk.worker.run_due(now() + timedelta(days=31))
    gone = await client.get(file)
    assert (gone.status_code, gone.json()["error"]) == (410, "FileErased")
    assert "已经删除" in (await client.get(file, headers={"Accept": "text/html"})).text
    assert (await client.get(kept)).content == PNG, "who is still being served loses nothing"
    assert len([each for each in (desk.settings.data_dir / "attachments").rglob("*") if each.is_file()]) == 1
    said = (await customer.messages())[0]["attachments"][0]
    assert datetime.fromisoformat(said["erased_at"]) <= now()
    page = await boss.page(customer)
    assert re.search(r"坏了\.png.*文件已于 \d{4}-\d\d-\d\d 删除", page)
    assert file not in page


@pytest.mark.parametrize("days", ["-1", "4000", "soon"])
async def test_days_that_make_no_sense_are_refused(client: httpx.AsyncClient, desk: Desk, days: str) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.post("/console/settings", file_days=days)).status_code == 422
