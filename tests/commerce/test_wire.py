import asyncio
from decimal import Decimal

import httpx
import pytest

from xiaoer.breaker import Breaker
from xiaoer.commerce.commerce import (
    OutcomeUnknown,
    ShopBusy,
    ShopGarbled,
    ShopRefused,
    ShopTimedOut,
    ShopUnavailable,
)
from xiaoer.commerce.wire import LONGEST_ANSWER, BadEndpoint, Endpoint, Wire, parsed, segment


class Shop:
    """Answers with what it was given, in turn, the last again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.slept = []

    async def __call__(self, request):
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            await asyncio.sleep(5)
        return answer

    def wire(self, **more):
        async def sleep(seconds):
            self.slept.append(seconds)

        endpoint = Endpoint(
            name="test", base_url="https://shop.example/api", headers={"Authorization": "Bearer s3cret"},
            **{"timeout": 0.1, "budget": 60, **more.pop("endpoint", {})},
        )  # fmt: skip
        return Wire(endpoint, transport=httpx.MockTransport(self), sleep=sleep, **more)


def ok(data=None):
    return httpx.Response(200, json={"x": 1} if data is None else data)


HTML = httpx.Response(200, text="<!doctype html><h1>Wartung</h1>", headers={"content-type": "text/html"})


async def test_a_read_is_tried_again_after_growing_pauses():
    shop = Shop(httpx.Response(502), httpx.ConnectError("down"), ok())
    assert (await shop.wire().read("orders")).data == {"x": 1}
    assert len(shop.asked) == 3
    assert shop.slept[0] < shop.slept[1]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HTML, ShopGarbled),
        (httpx.Response(200, text='{"orders": [{"id"'), ShopGarbled),
        (httpx.Response(500), ShopUnavailable),
        (httpx.Response(401), ShopRefused),
        (httpx.Response(403, json={}), ShopRefused),
        (httpx.Response(429), ShopBusy),
        (httpx.Response(302, headers={"location": "https://evil.example"}), ShopGarbled),
        (None, ShopTimedOut),
        (httpx.Response(404, text="<html>nginx</html>"), ShopGarbled),
        (httpx.Response(200, text='{"price": NaN}'), ShopGarbled),
        (httpx.Response(200, content=b'{"a": "\xff\xfe"}'), ShopGarbled),
        (httpx.Response(200, text="[" * 100_000), ShopGarbled),
        (httpx.Response(200, content=b" " * (LONGEST_ANSWER + 1)), ShopGarbled),
        (httpx.ReadError("reset"), ShopGarbled),
    ],
)
async def test_whatever_a_shop_answers_instead_of_an_answer_is_a_clear_error(answer, kind):
    with pytest.raises(kind) as failed:
        await Shop(answer).wire().read("orders")
    assert failed.value.detail.startswith("The shop's system")
    assert "s3cret" not in failed.value.detail


@pytest.mark.parametrize("asked", ["2", "Sat, 01 Jan 2000 00:00:00 GMT"])
async def test_a_busy_shop_is_asked_again_when_it_said(asked):
    shop = Shop(httpx.Response(429, headers={"retry-after": asked}), ok())
    await shop.wire().read("orders")
    assert shop.slept == [2.0 if asked == "2" else 0.0]


async def test_a_shop_that_wants_more_patience_than_there_is_is_not_waited_for():
    shop = Shop(httpx.Response(429, headers={"retry-after": "3600"}))
    with pytest.raises(ShopBusy) as busy:
        await shop.wire().read("orders")
    assert busy.value.retry_after == 3600
    assert shop.slept == []


@pytest.mark.parametrize("answer", [None, httpx.Response(500), HTML, httpx.ReadError("reset"), httpx.Response(503)])
async def test_a_write_that_may_have_happened_is_sent_once_and_said_to_be_unknown(answer):
    shop = Shop(answer)
    with pytest.raises(OutcomeUnknown):
        await shop.wire().write("POST", "orders/1/cancel", {})
    assert len(shop.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("down"),
        httpx.Response(429),
        httpx.Response(503, headers={"retry-after": "1"}),
        httpx.Response(401),
    ],
)
async def test_a_write_that_surely_did_not_happen_is_not_said_to_be_unknown(answer):
    shop = Shop(answer)
    with pytest.raises(ShopUnavailable) as failed:
        await shop.wire().write("POST", "orders/1/cancel", {})
    assert not isinstance(failed.value, OutcomeUnknown)
    assert len(shop.asked) == 1


async def test_a_write_with_a_key_the_shop_knows_is_sent_again_once():
    shop = Shop(None, ok())
    assert (await shop.wire().write("POST", "orders/1/cancel", {}, repeatable=True)).ok
    assert len(shop.asked) == 2


async def test_a_shop_that_keeps_failing_is_left_alone_and_tried_again_later():
    moment = 0.0
    shop = Shop(httpx.Response(500), httpx.Response(500), ok())
    wire = shop.wire(breaker=Breaker(failures=2, rest_seconds=20, clock=lambda: moment))
    for _ in range(3):
        with pytest.raises(ShopUnavailable):
            await wire.write("GET", "orders", None)
    assert len(shop.asked) == 2
    moment = 21.0
    assert (await wire.read("orders")).ok


async def test_fractions_stay_decimal():
    assert parsed(b'{"price": 19.99}') == {"price": Decimal("19.99")}


@pytest.mark.parametrize("value", ["../../admin", "a/b?x=1", "#", "订单 1"])
def test_a_number_leads_to_no_other_path(value):
    assert not {"/", "?", "#"} & set(segment(value))


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_step_out_of_the_path_is_refused(value):
    with pytest.raises(BadEndpoint):
        segment(value)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://shop.example",
        "shop.example",
        "https://me:pass@shop.example",
        "https://shop.example?key=1",
        "http://shop.example",
        "https://",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_none_or_unsafe_is_refused(address):
    with pytest.raises(BadEndpoint):
        Wire(Endpoint(name="x", base_url=address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "192.168.1.1"])
async def test_a_name_that_leads_into_the_own_network_is_not_followed(address):
    async def resolve(host, port):
        return [address]

    wire = Wire(Endpoint(name="x", base_url="https://shop.example", timeout=1, budget=0.1), resolve=resolve)
    with pytest.raises(ShopUnavailable):
        await wire.read("orders")
    await wire.close()
