"""A customer who does not stay is reached: by letter with a link back, or by somebody who calls."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from console_staff import a_colleague

from builders import CURATED, Customer, publishable_key, secret_key, somebody_there
from post_office import PostOffice, open_post_office
from xiaoer import stores
from xiaoer.assistant.reaching import LEFT_AFTER
from xiaoer.conversations.tables import Conversation
from xiaoer.customers import Customer as CustomerRow
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.identity import access
from xiaoer.identity.return_links import GOOD_FOR, PREFIX
from xiaoer.jobs import PAUSES
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.language.phrases import languages, phrase
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings, SMTPSettings
from xiaoer.tickets.tables import Ticket, TicketEvent
from xiaoer.web.server import create_app

MAIL = "zhang@home.test"
PHONE = "13812345678"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as opened:
        yield opened


@pytest.fixture
async def desk(
    shop_url: str, tmp_path: Path, model: ScriptedModel, embedder: BundledEmbedder, office: PostOffice
) -> AsyncIterator[Desk]:
    """A desk with a mail server, whose worker works when it is told to."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=shop_url,
        smtp=SMTPSettings(host="127.0.0.1", port=office.port, security="none", sender="desk@shop.test"),
        public_url="https://chat.shop.test",
        messages_per_minute=1000,
        conversations_per_minute=1000,
    )
    async with open_desk(settings, model=model, embedder=embedder) as opened:
        await opened.worker.close()
        yield opened


async def press_the_button(customer: Customer) -> str:
    answer = await customer.client.post(f"{customer.path}/handoff", headers=customer.headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["text"])


async def staff_say(desk: Desk, customer: Customer, *texts: str) -> None:
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    for text in texts:
        answer = await customer.client.post(f"{customer.path}/messages", json={"text": text}, headers=staff)
        assert answer.status_code == 200, answer.text


async def later(desk: Desk) -> None:
    """The worker does what is due when whoever has not seen staff's words counts as gone."""
    await desk.worker.run_due(now() + LEFT_AFTER + timedelta(seconds=1))


async def the_ticket(desk: Desk) -> Ticket:
    async with desk.database.sessions() as session:
        return (await session.scalars(sa.select(Ticket))).one()


async def notes(desk: Desk) -> list[str]:
    async with desk.database.sessions() as session:
        return list(await session.scalars(sa.select(TicketEvent.text).where(TicketEvent.kind == "note")))


@pytest.mark.parametrize("language", languages())
async def test_who_waits_where_nobody_is_there_is_asked_once_and_what_they_leave_is_read_back(
    client: httpx.AsyncClient, desk: Desk, language: str
) -> None:
    customer = await Customer.arrive(client, await publishable_key(desk), locale=language)
    assert (await press_the_button(customer)).endswith(phrase("contact_ask", language))
    wrong = await customer.ask("1381234567")
    assert (wrong["kind"], wrong["text"]) == ("done", phrase("contact_wrong", language))
    kept = await customer.ask("+8613812345678")
    assert phrase("contact_kept", language, contact="+86 138 1234 5678") in kept["text"]
    await customer.ask("go on with the assistant")
    assert phrase("contact_ask", language) not in await press_the_button(customer)


async def test_who_is_about_to_be_served_is_not_asked_until_it_takes_too_long(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    assert phrase("contact_ask", "zh") not in (await customer.ask("转人工"))["text"]
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(Conversation).values(handed_off_at=now() - timedelta(minutes=11)))
    await desk.watch.look()
    assert (await customer.messages())[-1]["text"].endswith(phrase("contact_ask", "zh"))


async def test_a_question_beside_the_contact_is_answered_and_a_complaint_is_kept(
    customer: Customer, desk: Desk
) -> None:
    await customer.ask("转人工")
    answered = await customer.ask(f"我的邮箱是{MAIL}，包邮吗")
    assert CURATED not in answered["text"]  # it is not exactly the curated question
    assert phrase("contact_kept", "zh", contact=MAIL) in answered["text"]
    complained = await customer.ask(f"收到的杯子碎了，打我电话 {PHONE}")
    assert (complained["kind"], complained["ticket"]) == ("handoff", "T-1001")
    assert phrase("contact_kept", "zh", contact="+86 138 1234 5678") in complained["text"]
    async with desk.database.sessions() as session:
        kept = await session.get_one(Conversation, customer.opened["id"])
    assert (kept.contact_email, kept.contact_phone) == (MAIL, f"+86{PHONE}")
    ticket = await the_ticket(desk)
    assert (ticket.email, ticket.phone) == (MAIL, f"+86{PHONE}")


async def test_who_leaves_a_number_alone_becomes_a_call_to_make(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    assert (await the_ticket(desk)).kind == "handover"
    await customer.ask(PHONE)
    ticket = await the_ticket(desk)
    assert (ticket.kind, ticket.phone) == ("callback", f"+86{PHONE}")
    boss = await a_colleague(client, desk, "owner")
    listed = (await boss.get("/console/tickets?which=calls")).text
    assert f'href="tel:+86{PHONE}"' in listed
    assert "+86 138 1234 5678" in (await boss.get(f"/console/tickets/{ticket.number}")).text
    assert f'href="tel:+86{PHONE}"' in await boss.page(customer)
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    (told,) = (await client.get("/api/v1/tickets?which=calls", headers=staff)).json()["tickets"]
    assert (told["kind"], told["phone"], told["email"]) == ("callback", f"+86{PHONE}", None)
    await customer.ask(MAIL)  # who can be written to need not be called
    assert (await client.get("/api/v1/tickets?which=calls", headers=staff)).json()["tickets"] == []


async def test_a_number_left_while_somebody_is_there_makes_a_ticket_of_its_own(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    await customer.ask("转人工")
    told = await customer.ask(f"我先走了，打我电话{PHONE}")
    assert told["ticket"] == "T-1001"
    assert "T-1001" in told["text"]
    assert (await the_ticket(desk)).kind == "callback"


@pytest.mark.parametrize(
    ("text", "language", "kind", "phone"),
    [(f"转人工，电话{PHONE}", "zh", "callback", f"+86{PHONE}"),
     ("Please get me a human, call me on +44 7911 123456", "en", "callback", "+447911123456"),
     (f"充电宝着火了，快打我电话{PHONE}", "zh", "danger", f"+86{PHONE}"),
     (f"转人工，订单13800138000的事，电话{PHONE}", "zh", "callback", f"+86{PHONE}")],
)  # fmt: skip
async def test_a_contact_in_the_message_that_brings_a_person_is_kept_and_not_asked_for(
    customer: Customer, desk: Desk, text: str, language: str, kind: str, phone: str
) -> None:
    told = await customer.ask(text)
    assert (told["kind"], told["ticket"]) == ("handoff", "T-1001")
    assert phrase("contact_ask", language) not in told["text"]
    assert phone in told["text"].replace(" ", "")
    ticket = await the_ticket(desk)
    assert (ticket.kind, ticket.phone) == (kind, phone)


async def test_a_number_in_a_message_that_makes_a_ticket_is_kept_and_an_address_is_not_written_to(
    customer: Customer, desk: Desk
) -> None:
    told = await customer.ask(f"收到的杯子碎了，打我电话{PHONE}。{MAIL}")
    assert (told["kind"], told["ticket"]) == ("done", "T-1001")
    assert told["text"].endswith(phrase("contact_kept", "zh", contact="+86 138 1234 5678"))
    ticket = await the_ticket(desk)
    assert (ticket.kind, ticket.phone, ticket.email) == ("repair", f"+86{PHONE}", None)


async def test_half_an_address_is_asked_about_although_nobody_had_asked_for_one(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    await customer.ask("转人工")
    assert (await customer.ask("zhang@home"))["text"] == phrase("contact_wrong", "zh")


async def test_an_orders_number_is_no_number_to_be_called_at(customer: Customer, desk: Desk) -> None:
    assert phrase("contact_ask", "zh") in (await customer.ask(f"订单{PHONE}，转人工"))["text"]
    assert phrase("contact_kept", "zh", contact="+86 138 1234 5678") in (await customer.ask(PHONE))["text"]


async def test_staffs_words_go_to_who_has_left_in_one_letter_with_a_way_back(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, office: PostOffice
) -> None:
    await customer.ask("转人工")
    await customer.ask(MAIL)
    office.letters.clear()
    boss = await a_colleague(client, desk, "owner")
    await boss.act(customer, "reply", text="您好，查到了。")
    await boss.act(customer, "reply", text="明天补发。")
    assert "顾客未读您的回复" in await boss.page(customer)
    await desk.worker.run_due()
    assert office.letters == []  # they may be there still
    await later(desk)
    await later(desk)
    (letter,) = office.letters
    assert (letter["To"], letter["Subject"]) == (MAIL, "小店回复了您")
    text = letter.get_content()
    assert "小林: 您好，查到了。\n\n小林: 明天补发。" in text
    assert "回复已转达" in await boss.page(customer)
    back = await come_back(client, text)
    assert [each["text"] for each in await back.messages()][-1] == "明天补发。"
    await back.ask("好的，谢谢")
    assert "顾客未读" not in await boss.page(customer)
    await boss.act(customer, "reply", text="还有别的问题吗？")
    await back.client.post(f"{back.path}/seen", json={"position": 99}, headers=back.headers)
    office.letters.clear()
    await later(desk)
    assert office.letters == []  # seen


async def come_back(client: httpx.AsyncClient, letter: str) -> Customer:
    """Somebody with the link of a letter, in a browser that knows nothing else."""
    found = re.search(r"https://chat\.shop\.test/chat\?store=shop&locale=zh#back=([\w-]+)\.(cl_[\w-]+)", letter)
    assert found
    opened = {"id": found.group(1), "token": found.group(2)}
    back = Customer(client, opened)
    shown = await client.get(back.path, headers=back.headers)
    assert shown.status_code == 200, shown.text
    assert (shown.json()["id"], shown.json()["state"], shown.json()["locale"]) == (opened["id"], "staff", "zh")
    return back


async def test_who_is_there_or_has_written_since_gets_no_letter(
    customer: Customer, desk: Desk, office: PostOffice
) -> None:
    await customer.ask("转人工")
    await customer.ask(MAIL)
    await later(desk)
    office.letters.clear()
    await staff_say(desk, customer, "在吗？")
    await customer.ask("在的")
    await staff_say(desk, customer, "好的，明天补发。")
    last = (await customer.messages())[-1]["position"]
    seen = await customer.client.post(f"{customer.path}/seen", json={"position": last}, headers=customer.headers)
    assert seen.status_code == 204
    await later(desk)
    assert office.letters == []


async def test_a_link_ends_and_opens_nothing_else(customer: Customer, client: httpx.AsyncClient, desk: Desk) -> None:
    conversation = customer.opened["id"]
    old = desk.seal._fernet.encrypt_at_time(  # as it was made so long ago
        f"conversation:{conversation}".encode(), int((now() - GOOD_FOR - timedelta(minutes=1)).timestamp())
    )
    ticket = desk.ticket_links.path(customer.opened["id"]).rpartition("/")[2]
    other = await Customer.arrive(client, await publishable_key(desk))
    good = desk.return_links.token(customer.opened["id"])
    codes = {
        token: (await client.get(path, headers={"Authorization": f"Bearer {token}"})).status_code
        for token, path in (
            (good, f"{customer.path}/messages"),
            (PREFIX + old.decode().rstrip("="), f"{customer.path}/messages"),
            (PREFIX + ticket, f"{customer.path}/messages"),
            (PREFIX + "x" * 500, f"{customer.path}/messages"),
        )
    }
    assert list(codes.values()) == [200, 401, 401, 401]
    answer = await client.get(f"{other.path}/messages", headers={"Authorization": f"Bearer {good}"})
    assert answer.status_code == 404


async def test_a_letter_to_an_address_that_is_only_claimed_shuts_the_orders_shown_before(
    customer: Customer, desk: Desk, office: PostOffice
) -> None:
    await customer.ask("转人工")
    await customer.ask(MAIL)
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await access.grant_order(session, store.id, customer.opened["id"], "2001")
    await staff_say(desk, customer, "查到了。")
    await later(desk)
    assert [letter["To"] for letter in office.letters if "回复" in letter["Subject"]] == [MAIL]
    async with desk.database.sessions() as session:
        assert (await access.of(session, customer.opened["id"])).orders == frozenset()


@pytest.mark.parametrize("trouble", ["nobody at the address", "the mail server stays away"])
async def test_a_letter_that_cannot_go_becomes_somebodys_task(
    customer: Customer, desk: Desk, office: PostOffice, trouble: str
) -> None:
    await customer.ask("转人工")
    await customer.ask(MAIL)
    await staff_say(desk, customer, "您的退款已经办好。")
    moment = now() + LEFT_AFTER + timedelta(seconds=1)
    if trouble == "nobody at the address":
        office.refuses.add(MAIL)
    else:
        office.busy = True
        for pause in PAUSES:
            await desk.worker.run_due(moment)
            assert await notes(desk) == []
            moment += timedelta(seconds=pause + 1)
    await desk.worker.run_due(moment)
    (note,) = await notes(desk)
    assert "您的退款已经办好。" in note


async def test_who_left_a_number_alone_is_to_be_called_about_staffs_words(customer: Customer, desk: Desk) -> None:
    await customer.ask("转人工")
    await customer.ask(PHONE)
    await staff_say(desk, customer, "您的退款已经办好。")
    await later(desk)
    await later(desk)
    (note,) = await notes(desk)
    assert "您的退款已经办好。" in note


async def test_without_a_mail_server_an_address_is_somebodys_task_too(
    shop_url: str, tmp_path: Path, model: ScriptedModel, embedder: BundledEmbedder
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=shop_url)
    async with open_desk(settings, model=model, embedder=embedder) as desk:
        await desk.worker.close()
        transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as client:
            customer = await Customer.arrive(client, await publishable_key(desk))
            await customer.ask("转人工")
            await customer.ask(MAIL)
            await staff_say(desk, customer, "您的退款已经办好。")
            await later(desk)
            assert ["您的退款已经办好。" in each for each in await notes(desk)] == [True]


async def test_what_somebody_types_changes_nothing_for_others_who_claim_the_same_number(
    client: httpx.AsyncClient, desk: Desk, office: PostOffice
) -> None:
    key = await publishable_key(desk)
    real = await Customer.arrive(client, key, customer={"id": "u1"})
    await real.ask("转人工")
    await real.ask(MAIL)
    pretender = await Customer.arrive(client, key, customer={"id": "u1"})
    await pretender.ask("转人工")
    await pretender.ask("thief@evil.test")
    await later(desk)
    office.letters.clear()
    await staff_say(desk, real, "您的退款已经办好。")
    await later(desk)
    assert [letter["To"] for letter in office.letters] == [MAIL]


async def test_whose_address_the_shops_site_vouches_for_is_not_asked_and_is_written_to(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, office: PostOffice
) -> None:
    async with desk.database.sessions.begin() as session:
        conversation = await session.get_one(Conversation, customer.opened["id"])
        row = await session.get_one(CustomerRow, conversation.customer_id)
        row.facts = {"email": "vouched@home.test"}
        expires = now() + timedelta(hours=1)
        await access.grant_customer(session, conversation.store_id, conversation.id, "u1", expires_at=expires)
    assert phrase("contact_ask", "zh") not in await press_the_button(customer)
    await later(desk)
    office.letters.clear()
    await staff_say(desk, customer, "您好")
    await later(desk)
    assert [letter["To"] for letter in office.letters] == ["vouched@home.test"]
    async with desk.database.sessions() as session:
        assert (await access.of(session, customer.opened["id"])).customer == "u1"


async def test_only_the_customer_sees(customer: Customer, desk: Desk) -> None:
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    refused = await customer.client.post(f"{customer.path}/seen", json={"position": 1}, headers=staff)
    assert refused.status_code == 403
