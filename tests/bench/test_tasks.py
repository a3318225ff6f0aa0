"""The bench of tasks on a small shop that the test itself makes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from xiaoer.bench import tasks, tasks_player
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings

SHOP = {"platform": "m", "shop_id": "s1"}
ORDER = {**SHOP, "user_id": "u1", "order_id": "2026110001"}
NEEDED = "Annotated[str, Field(..., description='…')]"
MAYBE = "Annotated[str, Field(None, description='…')]"
SOME = "Annotated[str, Field(None, description='…（仅在action为修改时选填）')]"
KINDS = {"platform": NEEDED, "user_id": NEEDED, "address": SOME, "phone_number": SOME}
PARTS = {
    "get_user_info_tool": ("user_id",),
    "get_user_orders_info_tool": ("platform", "shop_id", "user_id"),
    "get_logistics_info_tool": ("platform", "shop_id", "order_id", "user_id"),
    "get_discount_info_tool": ("platform", "shop_id"),
    "get_image_info_tool": ("history_messages", "needed_query", "summarized_query"),
    "get_repair_info_tool": ("platform", "shop_id", "product_id"),
    "get_installation_service_info_tool": ("platform", "shop_id", "product_id"),
    "get_auxiliary_materials_info_tool": ("platform", "shop_id", "product_id"),
    "get_gift_info_tool": ("platform", "shop_id", "product_id"),
    "get_fault_code_info_tool": ("platform", "shop_id", "product_id", "fault_code"),
    "get_product_info_tool": ("platform", "shop_id", "product_id"),
    "compare_products_info_tool": ("platform", "shop_id", "product_ids"),
    "manage_return_tool": ("platform", "shop_id", "order_id", "user_id"),
    "manage_exchange_tool": ("platform", "shop_id", "order_id", "user_id", "original_product_id", "action",
                             "exchange_product_id"),
    "manage_urgent_tool": ("platform", "shop_id", "order_id", "user_id"),
    "manage_ecard_tool": ("platform", "shop_id", "user_id", "action", "amount", "product_id", "quantity"),
    "manage_order_tool": ("platform", "shop_id", "user_id", "action", "payment", "order_id", "address", "phone_number",
                          "product_info_list"),
    "schedule_service_tool": ("platform", "shop_id", "user_id", "order_id", "user_name", "phone_number",
                              "service_type", "service_time"),
    "register_cashback_by_review_tool": ("platform", "shop_id", "user_id", "order_id", "action"),
    "manage_invoice_tool": ("order_id", "title", "phone_number", "invoice_type"),
}  # fmt: skip
ADDRESS = {"收件人姓名": "林一", "电话号码": "15400000001", "省份": "浙江省", "城市": "杭州市", "详细地址": "文三路1号"}
PRODUCT = {
    "商品ID": "100000001", "商品名称": "恒温壶", "商品状态": "已上架", "商品价格": 200, "商品描述": "好用",
    "可换货商品": [], "赠品信息": [], "辅材材料": [], "安装说明": "插电即用。", "维修说明": "保修两年。",
    "常见故障": [],
}  # fmt: skip


def kept_order(number: str, state: str) -> dict[str, Any]:
    lines = [{"商品ID": "100000001", "单价": 200, "数量": 1}]
    return {"用户ID": "u1", "订单ID": number, "订单状态": state, "订单总金额": 200, "订单商品列表": lines,
            "收货地址": ADDRESS, "支付方式": "微信"}  # fmt: skip


def action(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": {**ORDER, **arguments}}


def task(number: int, *intents: str, actions: Any = (), searches: Any = ()) -> dict[str, Any]:
    return {"id": number, **SHOP, "user_id": "u1", "intents": intents, "expected_actions": list(actions),
            "expected_searches": list(searches)}  # fmt: skip


@pytest.fixture
async def desk(
    database_url: str, tmp_path: Path, model: ScriptedModel, embedder: BundledEmbedder
) -> AsyncIterator[Desk]:
    """A desk without a shop, that may call a merchant on this machine."""
    settings = Settings(
        _env_file=None, data_dir=tmp_path, database_url=database_url, allow_private_urls=True, messages_per_minute=1000
    )
    async with open_desk(settings, model=model, embedder=embedder) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop with two orders of one customer, and no task yet."""
    made = tmp_path / "shop"
    made.mkdir()
    tools = [
        {"name": name, "doc": name, "parameters": [
            {"name": part, "type": KINDS.get(part, MAYBE), "default": None} for part in parts
        ]}
        for name, parts in PARTS.items()
    ]  # fmt: skip
    track = {"物流单号": "W1", "物流公司": "快递", "预计送达时间": "2026-11-30 12:00:00", "实际送达时间": None,
             "物流轨迹": [{"时间": "2026-11-20 08:00:00", "状态": "运输中", "描述": "已到达杭州"}]}  # fmt: skip
    orders = [kept_order("2026110001", "已付款"), kept_order("2026110002", "已发货")]
    of_shop = {
        "orders": {"u1": {each["订单ID"]: each for each in orders}},
        "products": {"100000001": PRODUCT},
        "logistics": {"u1": {"2026110002": track}},
    }
    for name in ("orders", "products", "logistics", "register_cashback", "discount", "service"):
        write(made / f"{name}.json", {"m": {"s1": of_shop.get(name, {})}})
    write(made / "invoices.json", {})
    write(
        made / "users_info.json",
        {"u1": {"用户ID": "u1", "用户姓名": "林一", "电话号码": "15400000001", "电子卡余额": 0}},
    )
    write(made / "tools.json", tools)
    return made


def write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def with_tasks(folder: Path, *listed: dict[str, Any]) -> Path:
    lines = [json.dumps(each, ensure_ascii=False) for each in listed]
    (folder / "tasks.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


CANCEL = action("manage_order", action="取消")
TRACK = action("get_logistics_info_tool", order_id="2026110002")


async def test_what_was_asked_for_is_done_confirmed_and_looked_up(desk: Desk, folder: Path) -> None:
    one = task(
        1,
        "你要求客服取消订单2026110001（注意，你不知道商品ID）",
        "然后，你想查询订单2026110002的物流信息",
        actions=[CANCEL],
        searches=[TRACK],
    )
    (outcome,) = await tasks.measure(desk, with_tasks(folder, one))
    assert (outcome.executed, outcome.looked_up, outcome.unexpected, outcome.unconfirmed) == (1, 1, 0, 0)
    shown = tasks.figures([outcome])
    assert shown["expected actions executed"] == "1 of 1 (100.0 %)"
    assert shown["tasks wholly done"] == 1


async def test_each_task_finds_the_shop_as_it_was(desk: Desk, folder: Path) -> None:
    again = [task(number, "你要求客服取消订单2026110001", actions=[CANCEL]) for number in (1, 2)]
    outcomes = await tasks.measure(desk, with_tasks(folder, *again))
    assert [outcome.executed for outcome in outcomes] == [1, 1]


async def test_a_change_nobody_expected_is_one_too_many_and_a_missing_one_is_named(desk: Desk, folder: Path) -> None:
    urged = action("manage_urgent")
    listed = [
        task(1, "你要求客服取消订单2026110001", actions=[urged]),
        task(2, "你向客服问好", actions=[CANCEL]),
    ]
    first, second = await tasks.measure(desk, with_tasks(folder, *listed))
    assert (first.executed, first.unexpected, first.unconfirmed) == (0, 1, 0)
    assert first.missed == ['manage_urgent {"order_id": "2026110001"}']
    assert (second.executed, second.unexpected) == (0, 0)
    assert tasks.figures([first, second])["unexpected changes"] == 1


async def test_only_the_tasks_named_are_played(desk: Desk, folder: Path) -> None:
    with_tasks(folder, task(1, "你好"), task(2, "你好"))
    assert [outcome.task for outcome in await tasks.measure(desk, folder, only=["2"])] == ["2"]


@pytest.mark.parametrize(
    ("intent", "spoken"),
    [
        ("你想让客服帮你取消订单（注意，你不知道订单ID）", "请您帮我取消订单"),
        ("由于降价到90元（禁止向客服透露90元），你想申请价保", "我想申请价保"),
        ("（禁止透露任何信息）", None),
    ],
)
def test_directions_to_the_player_are_not_said(intent: str, spoken: str | None) -> None:
    said = tasks_player.said(intent)
    assert (said and said.text) == spoken


def test_what_depends_on_failure_is_said_after_failure_only() -> None:
    intent = tasks_player.said("如果无法换货，你会申请退货。")
    assert intent is not None
    assert not tasks_player.holds(intent, "已为您换货。", fulfilled=True)
    assert tasks_player.holds(intent, "不能办理。", fulfilled=False)


async def test_what_the_shop_itself_would_refuse_is_counted(desk: Desk, folder: Path) -> None:
    impossible = action("manage_return")  # paid, and not delivered
    (outcome,) = await tasks.measure(desk, with_tasks(folder, task(1, "你好", actions=[impossible, CANCEL])))
    assert outcome.refused == 1
