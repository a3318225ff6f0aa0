"""Two taps on one confirmation, however they cross on their way to the shop's system."""

import httpx
from test_http import Shop, chosen, permit

from xiaoer.commerce.http import HttpCommerce, endpoint
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.wire import Wire


async def test_who_read_the_order_before_the_other_tap_and_hears_of_it_afterwards_tells_how_it_stands_now(
    database, store
):
    shop, settings = Shop(), chosen()
    wire = Wire(endpoint(settings, "s3cret"), transport=httpx.MockTransport(shop))
    commerce = HttpCommerce(wire, settings, Ledger(database, store.id))
    shown = await commerce.order("D1", customer="u1")

    async def told_after_the_other_tap(request):
        shop.broken = {}
        told = httpx.Response(200, json=shop.answer("/orders/D1", request))
        assert (await commerce.cancel_order("D1", permit(shown))).state == "cancelled"
        return told

    shop.broken = {"/orders/D1": told_after_the_other_tap}
    assert (await commerce.cancel_order("D1", permit(shown))).state == "cancelled"
    assert len(shop.sent("/cancel")) == 1
    await commerce.close()
