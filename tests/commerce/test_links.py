import pytest
import sqlalchemy as sa
from test_http import chosen

from xiaoer.commerce.commerce import ShopUnavailable
from xiaoer.commerce.http_settings import BadLink
from xiaoer.commerce.links import Links
from xiaoer.commerce.tables import Link
from xiaoer.commerce.wire import BadEndpoint
from xiaoer.sealing import Seal, SealBroken

WOO = {"base_url": "https://shop.example"}


@pytest.fixture
def seal(tmp_path):
    return Seal.kept_in(tmp_path)


@pytest.fixture
async def links(database, seal):
    opened = Links(database, seal)
    yield opened
    await opened.close()


async def stored(database):
    async with database.sessions() as session:
        return await session.scalar(sa.select(Link))


async def test_a_store_without_a_link_has_no_commerce(links, store):
    assert await links.of(store.id) is None


@pytest.mark.parametrize(
    ("kind", "settings", "secret"),
    [
        ("stored", {}, None),
        ("woocommerce", WOO, "ck_a:cs_b"),
        ("shopify", {"base_url": "https://name.myshopify.com"}, "shpat_x"),
        ("http", chosen().model_dump(mode="json"), "token"),
    ],
)
async def test_every_kind_is_opened_as_linked_and_its_secret_not_stored_readable(
    links, database, store, kind, settings, secret
):
    await links.save(store.id, kind, settings, secret=secret)
    assert (await links.of(store.id)).name == kind
    row = await stored(database)
    assert secret is None or secret not in f"{row.settings} {row.sealed_secret}"


async def test_the_same_commerce_is_used_until_its_link_changes(links, store):
    await links.save(store.id, "woocommerce", WOO, secret="ck_a:cs_b")
    first = await links.of(store.id)
    assert await links.of(store.id) is first
    await links.save(store.id, "woocommerce", WOO | {"language": "vi"})
    assert await links.of(store.id) is not first


async def test_a_kept_secret_is_not_led_to_another_address(links, store):
    await links.save(store.id, "woocommerce", WOO, secret="ck_a:cs_b")
    with pytest.raises(BadEndpoint):
        await links.save(store.id, "woocommerce", {"base_url": "https://evil.example"})


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("woocommerce", {}),
        ("woocommerce", {"base_url": "http://shop.example"}),
        ("woocommerce", WOO | {"x": 1}),
        ("http", {}),
        ("nothing", {}),
        ("stored", {"shipping": [{"fee": "x"}]}),
    ],
)
async def test_a_link_that_cannot_work_is_refused_and_nothing_stored(links, database, store, kind, settings):
    with pytest.raises((BadLink, BadEndpoint)):
        await links.save(store.id, kind, settings, secret="ck_a:cs_b")
    assert await stored(database) is None


async def test_a_secret_of_another_key_is_told_to_be_entered_again(links, database, store, tmp_path):
    await links.save(store.id, "woocommerce", WOO, secret="ck_a:cs_b")
    (tmp_path / "other").mkdir()
    with pytest.raises(SealBroken):
        await Links(database, Seal.kept_in(tmp_path / "other")).of(store.id)


@pytest.mark.parametrize("address", ["https://127.0.0.1", "https://localhost:8443", "https://169.254.169.254"])
async def test_a_link_into_the_own_network_reaches_nothing(links, store, address):
    await links.save(store.id, "woocommerce", {"base_url": address}, secret="ck_a:cs_b")
    with pytest.raises(ShopUnavailable):
        await (await links.of(store.id)).buyer("26")
