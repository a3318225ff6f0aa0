"""Who is asking: as the shop's site has signed it, and nothing else."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
import sqlalchemy as sa
from ordering import PAID, SHIPPED, Buyer

from builders import publishable_key, secret_key
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.tickets.tables import Ticket


@pytest.fixture
async def signing_key(client: httpx.AsyncClient, order_desk: Desk) -> str:
    headers = {"Authorization": f"Bearer {await secret_key(order_desk)}"}
    made = await client.post("/api/v1/identity/key", headers=headers)
    assert made.status_code == 201
    key: str = made.json()["key"]
    return key


def token(key: str, customer: str = "C0001", **claims: Any) -> str:
    given = {"sub": customer, "aud": "xiaoer", "exp": now() + timedelta(hours=1), **claims}
    return jwt.encode(given, key, algorithm="HS256")


async def signed(client: httpx.AsyncClient, desk: Desk, key: str, customer: str = "C0001") -> Buyer:
    return await Buyer.arrive(client, await publishable_key(desk), customer={"token": token(key, customer)})


async def test_a_signed_customer_sees_all_their_orders_and_no_others(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str
) -> None:
    customer = await signed(client, order_desk, signing_key)
    listed = (await customer.ask("我的订单"))["text"]
    assert "XH8800000001" in listed
    assert "XH8800000003" in listed
    assert PAID not in listed
    assert "派送中" in (await customer.ask(f"查订单 {SHIPPED} 的物流"))["text"]
    other = await customer.ask(f"查订单 {PAID} 的物流")
    assert "5899" not in other["text"]


async def test_tickets_are_written_about_to_the_address_the_site_vouches_for_and_not_for_a_claim(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str
) -> None:
    key = await publishable_key(order_desk)
    vouched = token(signing_key, email="chen@shop.test")
    await (await Buyer.arrive(client, key, customer={"token": vouched})).ask("转人工")
    await (await Buyer.arrive(client, key, customer={"id": "C0001"})).ask("转人工")
    later = await Buyer.arrive(client, key, customer={"id": "C0002"})
    signed_in = await client.post(f"{later.path}/identity", json={"token": vouched}, headers=later.headers)
    assert signed_in.status_code == 200
    await later.ask("转人工")
    odd = token(signing_key, "C0003", email="two lines\n@shop.test")
    await (await Buyer.arrive(client, key, customer={"token": odd})).ask("转人工")
    async with order_desk.database.sessions() as session:
        tickets = await session.scalars(sa.select(Ticket).order_by(Ticket.number))
    assert [ticket.email for ticket in tickets] == ["chen@shop.test", None, None, None]


async def test_what_is_looked_up_is_told_before_the_answer(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str
) -> None:
    customer = await signed(client, order_desk, signing_key)
    told = await customer.stream(f"查订单 {SHIPPED} 的物流")
    looks = [data["status"] for kind, data in told if kind == "tool"]
    assert looks[:2] == ["started", "succeeded"]
    kinds = [kind for kind, _ in told]
    assert kinds.index("tool") < kinds.index("text")
    assert "order" in told[kinds.index("tool")][1]["name"]


async def test_a_signed_customer_chooses_among_several(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str
) -> None:
    customer = await signed(client, order_desk, signing_key, "C0008")  # two of the three are on their way
    asked = await customer.ask("帮我查下快递到哪了")
    assert "哪一个订单" in asked["text"]
    assert len(asked["suggestions"]) == 3
    assert asked["suggestions"][1] in (await customer.ask("第二个"))["text"]


async def test_the_only_order_that_fits_is_meant(client: httpx.AsyncClient, order_desk: Desk, signing_key: str) -> None:
    customer = await signed(client, order_desk, signing_key, "C0005")
    asked = await customer.ask("帮我取消订单")
    assert "XH8800000012" in asked["confirm"]["summary"]


async def test_a_claim_without_a_signature_opens_nothing(client: httpx.AsyncClient, order_desk: Desk) -> None:
    claimed = await Buyer.arrive(client, await publishable_key(order_desk), customer={"id": "C0001"})
    assert "后四位" in (await claimed.ask("我的订单"))["text"]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": now() - timedelta(minutes=5)},
        {"exp": now() + timedelta(days=30)},
        {"aud": "somebody-else"},
        {"sub": ""},
        {"sub": None},
    ],
)
async def test_bad_claims_are_refused_in_the_same_words(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str, claims: dict[str, Any]
) -> None:
    given = {"sub": "C0001", "aud": "xiaoer", "exp": now() + timedelta(hours=1)} | claims
    made = {name: value for name, value in given.items() if value is not None}
    body = {"customer": {"token": jwt.encode(made, signing_key, algorithm="HS256")}}
    headers = {"Authorization": f"Bearer {await publishable_key(order_desk)}"}
    refused = await client.post("/api/v1/conversations", json=body, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("customer.token is not valid")


async def test_another_key_or_no_algorithm_is_refused(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str
) -> None:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"sub": "C0001", "aud": "xiaoer", "exp": int((now() + timedelta(hours=1)).timestamp())}
    forged = [token("x" * 48), f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."]
    forged.append(jwt.encode(claims, signing_key, algorithm="HS512"))
    headers = {"Authorization": f"Bearer {await publishable_key(order_desk)}"}
    for one in forged:
        answer = await client.post("/api/v1/conversations", json={"customer": {"token": one}}, headers=headers)
        assert answer.status_code == 422


async def test_a_renewed_key_ends_the_old_one(client: httpx.AsyncClient, order_desk: Desk, signing_key: str) -> None:
    headers = {"Authorization": f"Bearer {await secret_key(order_desk)}"}
    await client.post("/api/v1/identity/key", headers=headers)
    key = {"Authorization": f"Bearer {await publishable_key(order_desk)}"}
    body = {"customer": {"token": token(signing_key)}}
    assert (await client.post("/api/v1/conversations", json=body, headers=key)).status_code == 422


async def test_signing_in_during_the_conversation_but_not_as_another(
    client: httpx.AsyncClient, order_desk: Desk, signing_key: str
) -> None:
    buyer = await Buyer.arrive(client, await publishable_key(order_desk))
    for customer, status in (("C0002", 200), ("C0001", 409), ("C0002", 200)):
        body = {"token": token(signing_key, customer)}
        answer = await client.post(f"{buyer.path}/identity", json=body, headers=buyer.headers)
        assert answer.status_code == status
    assert PAID in (await buyer.ask("我的订单"))["text"]
