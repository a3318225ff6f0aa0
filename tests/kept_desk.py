"""A small desk with something of everything, kept as a backup so that later versions are tried on it.

Run as a program (`make kept-desk`) it writes tests/data/desk_REVISION.tar.gz with the version that is installed.
"""

import asyncio
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt

from builders import Customer, a_shop, publishable_key, repeat_material
from xiaoer.cli.backing import backup
from xiaoer.commerce import filling, links
from xiaoer.commerce.filling import Goods
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Address, Amounts, Event, Order, OrderLine, Product, Variant
from xiaoer.db import dumping
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.identity import signed
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings
from xiaoer.staff import passwords, people
from xiaoer.web.server import create_app

FOLDER = Path(__file__).parent / "data"
OWNER, PASSWORD = "owner@shop.test", "a long enough password"
BUYER, ORDER, PHONE = "C1", "A-1001", "+86 154 0000 0001"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
COMPLAINT = "我买的手机用不了"


def goods() -> Goods:
    """One product, and one order of it."""
    price = Money.parse("299.00")
    placed = datetime(2026, 11, 1, 12, tzinfo=UTC)
    variant = Variant(
        sku="P1-38", name={"zh": "轻羽跑鞋 38", "en": "Feather running shoe 38"}, price=price,
        options={"size": {"zh": "38", "en": "38"}}, stock=5,
    )  # fmt: skip
    shoe = Product(id="P1", name={"zh": "轻羽跑鞋", "en": "Feather running shoe"}, price=price, variants=(variant,))
    order = Order(
        id=ORDER, number=ORDER, customer=BUYER, state="paid", placed_at=placed, version="1",
        lines=(OrderLine(sku="P1-38", name="轻羽跑鞋 38", quantity=2, price=price, product_id="P1"),),
        amounts=Amounts(goods=price * 2, shipping=Money.parse("8"), total=price * 2 + Money.parse("8")),
        history=(Event(at=placed, what="placed"), Event(at=placed, what="paid")),
        address=Address(recipient="林一", phone=PHONE, region="浙江省", city="杭州市", street="文三路 1 号"),
        phone=PHONE,
    )  # fmt: skip
    return Goods(products=(shoe,), orders=(order,))


def vouched(key: str) -> str:
    """What the shop's site signs for the buyer."""
    claims = {"sub": BUYER, "aud": signed.AUDIENCE, "exp": datetime.now(UTC) + timedelta(hours=1)}
    return jwt.encode(claims, key, algorithm="HS256")


async def fill(desk: Desk) -> None:
    """A day in the life of a small shop: texts, goods, an owner, a conversation with a file, a ticket."""
    store = await a_shop(desk)
    async with desk.database.sessions.begin() as session:
        await filling.fill(session, store.id, goods(), "export.xlsx")
        await links.keep_own(session, store.id, ())
        key = await signed.renew_key(session, store.id, desk.seal)
        owner = await people.add(session, store.id, email=OWNER, name="小林", role="owner")
        owner.password_digest = await passwords.digest_of(PASSWORD)
    transport = httpx.ASGITransport(create_app(desk))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as client:
        known = await Customer.arrive(client, await publishable_key(desk), customer={"token": vouched(key)})
        for text in ("包邮吗", "退货运费谁出", f"查一下订单 {ORDER}", COMPLAINT):
            await known.ask(text)
        file = {"file": ("坏了.png", PICTURE, "image/png")}
        (await client.post(f"{known.path}/attachments", files=file, headers=known.headers)).raise_for_status()


async def _keep(data_dir: Path) -> str:
    settings = Settings(_env_file=None, data_dir=data_dir)
    async with open_desk(settings, model=ScriptedModel(rule=repeat_material)) as desk:
        await fill(desk)
        return await dumping.revision(desk.database)


def main() -> None:
    """Make the desk, and keep its backup."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xiaoer-kept-") as folder:
        data_dir = Path(folder) / "data"
        revision = asyncio.run(_keep(data_dir))
        os.environ["XIAOER_DATA_DIR"] = str(data_dir)
        backup(FOLDER / f"desk_{revision}.tar.gz")


if __name__ == "__main__":
    main()
