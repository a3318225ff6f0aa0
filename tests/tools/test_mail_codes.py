"""An order may be shown by a code that is sent to its e-mail address."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from ordering import PAID, SHIPPED, TAILS, Buyer, with_orders

from builders import publishable_key
from post_office import PostOffice, open_post_office
from xiaoer import stores
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.identity.tables import MailCode
from xiaoer.jobs import PAUSES
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings, SMTPSettings
from xiaoer.tickets.tables import Ticket
from xiaoer.web.server import create_app

MINE = "chen.xiaohe@example.com"
"""The address of the customer who placed SHIPPED."""


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as opened:
        yield opened


@pytest.fixture
async def mail_desk(
    shop_url: str, tmp_path: Path, model: ScriptedModel, embedder: BundledEmbedder, office: PostOffice
) -> AsyncIterator[Desk]:
    """A desk with orders and a mail server; its worker works when it is told to."""
    smtp = SMTPSettings(host="127.0.0.1", port=office.port, security="none", sender="desk@shop.test")
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=shop_url,
        smtp=smtp,
        messages_per_minute=1000,
        conversations_per_minute=1000,
    )
    async with open_desk(settings, model=model, embedder=embedder) as desk:
        await desk.worker.close()
        await with_orders(desk)
        yield desk


@pytest.fixture
async def guest(mail_desk: Desk) -> AsyncIterator[Buyer]:
    """Somebody nobody knows yet, who talks to the shop with a mail server."""
    transport = httpx.ASGITransport(create_app(mail_desk), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as client:
        yield await Buyer.arrive(client, await publishable_key(mail_desk))


async def asks(buyer: Buyer, number: str = SHIPPED, address: str = MINE) -> str:
    return str((await buyer.ask(f"查一下订单 {number} 的物流，邮箱 {address}"))["text"])


async def code_in(desk: Desk, office: PostOffice) -> str:
    """The code of the newest letter, after the worker has done what is due."""
    await desk.worker.run_due()
    found = re.search(r"\b\d{6}\b", office.letters[-1].get_content())
    assert found is not None
    return found.group()


def other_than(code: str, guess: int = 0) -> str:
    return f"{(int(code) + 1 + guess) % 1_000_000:06}"


async def test_the_code_from_the_letter_shows_the_order(mail_desk: Desk, office: PostOffice, guest: Buyer) -> None:
    assert "邮箱地址" in (await guest.ask("我的订单到哪了"))["text"]
    asked = await guest.ask(f"{SHIPPED}，邮箱 Chen.Xiaohe@Example.com")
    assert "验证码已发送" in asked["text"]
    assert "派送中" not in asked["text"]
    code = await code_in(mail_desk, office)
    assert [letter["To"] for letter in office.letters] == [MINE]
    assert SHIPPED not in office.letters[0].get_content()
    told = await guest.ask(code)
    assert told["route"] == "flow"
    assert "派送中" in told["text"]
    assert "派送中" in (await guest.ask(f"再查一下订单 {SHIPPED} 的物流"))["text"]
    assert "后四位" in (await guest.ask("查一下订单 XH8800000003 的物流"))["text"]


async def test_a_ticket_is_written_about_to_the_address_that_its_customer_gave_or_proved(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await guest.ask("转人工，邮箱 someone@else.test")
    other = await Buyer.arrive(guest.client, guest.key)
    await asks(other)
    await other.ask(await code_in(mail_desk, office))
    await other.ask("转人工")
    async with mail_desk.database.sessions() as session:
        tickets = await session.scalars(sa.select(Ticket).order_by(Ticket.number))
    assert [ticket.email for ticket in tickets] == ["someone@else.test", MINE]


async def test_what_does_not_match_hears_the_same_words_and_no_letter_goes_out(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    heard = {await asks(guest, address="someone@else.test")}
    for number, address in (("XH8899999999", MINE), (PAID, MINE)):
        heard.add(await asks(await Buyer.arrive(guest.client, guest.key), number, address))
    await mail_desk.worker.run_due()
    assert office.letters == []
    heard.add(await asks(await Buyer.arrive(guest.client, guest.key)))
    assert len(heard) == 1
    assert "没有查到" not in heard.pop()


async def switch(desk: Desk, *, on: bool) -> None:
    async with desk.database.sessions.begin() as session:
        await stores.change(session, (await stores.by_slug(session, "shop")).id, {"mail_codes": on})


async def test_a_shop_that_does_without_codes_offers_and_sends_none(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await switch(mail_desk, on=False)
    assert "邮箱" not in (await guest.ask("我的订单到哪了"))["text"]
    assert "后四位" in await asks(guest)
    await mail_desk.worker.run_due()
    assert office.letters == []


async def test_a_code_sent_before_the_switch_opens_nothing_after_it(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    await switch(mail_desk, on=False)
    assert "派送中" not in (await guest.ask(code))["text"]
    await switch(mail_desk, on=True)
    assert "派送中" in (await guest.ask(f"查一下订单 {SHIPPED} 的物流，手机尾号 {TAILS[SHIPPED]}"))["text"]


async def test_no_code_is_stored_as_it_is(mail_desk: Desk, office: PostOffice, guest: Buyer) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    async with mail_desk.database.sessions() as session:
        row = (await session.scalars(sa.select(MailCode))).one()
    assert row.code_digest is not None
    assert row.code_digest.startswith("$argon2id$")
    assert code not in row.code_digest
    assert MINE not in row.address_digest


async def test_after_five_wrong_codes_the_right_one_does_not_help_either(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    for guess in range(5):
        assert "验证码不正确" in (await guest.ask(other_than(code, guess)))["text"]
    locked = (await guest.ask(code))["text"]
    assert "次数过多" in locked
    assert "派送中" not in locked


async def test_a_wrong_code_is_no_end_and_what_is_no_code_is_asked_for_again(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    assert "六位验证码" in (await guest.ask("12"))["text"]
    assert "验证码不正确" in (await guest.ask(other_than(code)))["text"]
    assert "派送中" in (await guest.ask(f"验证码：{code[:3]} {code[3:]}"))["text"]


async def test_a_code_that_has_run_out_is_as_wrong_as_any(mail_desk: Desk, office: PostOffice, guest: Buyer) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    async with mail_desk.database.sessions.begin() as session:
        row = (await session.scalars(sa.select(MailCode))).one()
        assert timedelta(minutes=9) < row.expires_at - now() <= timedelta(minutes=10)
        row.expires_at = now() - timedelta(seconds=1)
    wrong = (await guest.ask(other_than(code)))["text"]
    assert (await guest.ask(code))["text"] == wrong
    assert "派送中" not in wrong


async def test_a_code_is_good_in_its_own_conversation_only(mail_desk: Desk, office: PostOffice, guest: Buyer) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    other = await Buyer.arrive(guest.client, guest.key)
    await asks(other, address="someone@else.test")
    await mail_desk.worker.run_due()
    assert "验证码不正确" in (await other.ask(code))["text"]
    assert "派送中" in (await guest.ask(code))["text"]


async def test_a_code_is_good_once_and_for_its_own_order_only(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await asks(guest)
    code = await code_in(mail_desk, office)
    await asks(guest, PAID, "someone@else.test")
    assert "验证码不正确" in (await guest.ask(code))["text"]
    await asks(guest)
    newer = await code_in(mail_desk, office)
    assert "派送中" in (await guest.ask(newer))["text"]
    async with mail_desk.database.sessions() as session:
        used = await session.scalars(sa.select(MailCode).where(MailCode.used_at.is_not(None)))
    assert len(used.all()) == 1


async def test_a_conversation_gets_three_codes_in_an_hour(mail_desk: Desk, office: PostOffice, guest: Buyer) -> None:
    for _ in range(3):
        assert "验证码已发送" in await asks(guest)
    assert "次数过多" in await asks(guest)
    await mail_desk.worker.run_due()
    assert len(office.letters) == 3


async def test_many_conversations_send_no_more_letters_to_one_customer(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    for number in (SHIPPED, SHIPPED, "XH8800000003", SHIPPED, "XH8800000003"):
        chat = await Buyer.arrive(guest.client, guest.key)
        assert "验证码已发送" in await asks(chat, number)
        await mail_desk.worker.run_due()
    assert len(office.letters) == 3
    assert {letter["To"] for letter in office.letters} == {MINE}


async def test_a_mail_server_that_is_busy_is_tried_again_with_a_code_that_works(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    office.busy = True
    await asks(guest)
    await mail_desk.worker.run_due()
    assert office.letters == []
    office.busy = False
    await mail_desk.worker.run_due(now() + timedelta(seconds=PAUSES[0] + 1))
    assert "派送中" in (await guest.ask(await code_in(mail_desk, office)))["text"]


async def test_the_phone_still_works_while_a_code_is_awaited(guest: Buyer) -> None:
    await asks(guest)
    assert "派送中" in (await guest.ask("手机后四位 0001"))["text"]


async def test_other_languages_hear_and_read_it_in_their_own_words(
    mail_desk: Desk, office: PostOffice, guest: Buyer
) -> None:
    await guest.ask("Where is my order?")
    assert "a code has been sent" in (await guest.ask(f"{SHIPPED}, {MINE}"))["text"]
    await mail_desk.worker.run_due()
    assert "Your code is" in office.letters[0].get_content()
    other = await Buyer.arrive(guest.client, guest.key)
    assert "email" in (await other.ask("Đơn hàng của tôi đang ở đâu?"))["text"]
    third = await Buyer.arrive(guest.client, guest.key)
    assert "อีเมล" in (await third.ask("พัสดุของฉันอยู่ที่ไหน"))["text"]


async def test_without_a_mail_server_only_the_phone_is_asked_for(buyer: Buyer) -> None:
    asked = await buyer.ask("我的订单到哪了")
    assert "邮箱" not in asked["text"]
    assert "后四位" in (await buyer.ask(f"{SHIPPED} {MINE}"))["text"]
