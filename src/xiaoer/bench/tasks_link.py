"""How the tools of a task folder are linked: the choices a merchant with such an API would make."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ORDER_FIELDS: Final = {
    "number": "订单ID", "customer": "用户ID", "state": "订单状态", "total": "订单总金额", "placed_at": "下单时间",
    "payment": "支付方式", "phone": "收货地址.电话号码", "address.recipient": "收货地址.收件人姓名",
    "address.phone": "收货地址.电话号码", "address.street": "收货地址.详细地址", "address.city": "收货地址.城市",
    "address.region": "收货地址.省份", "lines": "订单商品列表", "line.sku": "商品ID", "line.product_id": "商品ID",
    "line.quantity": "数量", "line.price": "单价",
}  # fmt: skip
BEFORE_SENDING: Final = ("pending", "paid", "packed")
CARD: Final = "京东E卡"


@dataclass(frozen=True)
class _Sent:
    """What is sent again and again: the shop, the customer, an order, a product, a card."""

    shop: Mapping[str, str]

    @property
    def mine(self) -> dict[str, str]:
        return {**self.shop, "user_id": "{customer}"}

    @property
    def order(self) -> dict[str, str]:
        return {**self.mine, "order_id": "{number}"}

    @property
    def product(self) -> dict[str, str]:
        return {**self.shop, "product_id": "{product_id}"}

    @property
    def card(self) -> dict[str, str]:
        return {"platform": self.shop["platform"], "user_id": "{customer}"}

    @property
    def exchange(self) -> dict[str, str]:
        return {**self.order, "original_product_id": "{sku}"}


def choices(address: str, task: Mapping[str, Any]) -> dict[str, Any]:
    """The link of the task's platform and shop."""
    sent = _Sent({"platform": task["platform"], "shop_id": task["shop_id"]})
    return {
        "base_url": address,
        "currency": "CNY",
        "timezone": "Asia/Shanghai",
        "states": {
            "待付款": "pending", "已付款": "paid", "处理中": "packed", "已发货": "shipped", "运输中": "shipped",
            "已送达": "delivered", "已签收": "delivered", "已完成": "completed", "已取消": "cancelled",
            "退货中": "returning", "已退货": "returned",
        },
        "shipment_states": {
            "已创建": "created", "已揽收": "dispatched", "已出库": "dispatched", "运输中": "in_transit",
            "派送中": "out_for_delivery", "已签收": "delivered", "已送达": "delivered",
        },
        "words": {
            "title.kind": {"personal": "个人发票", "company": "企业发票"},
            "booking.kind": {"installation": "安装", "repair": "维修", "inspection": "检查"},
            "booking.day": {str(day): f"周{name}" for day, name in enumerate("一二三四五六日", start=1)},
        },
        "payments": (CARD, "银行卡", "微信", "支付宝"),
        "prepaid": (CARD,),
        "allow": {
            "cancel_order": BEFORE_SENDING, "change_address": BEFORE_SENDING, "request_exchange": BEFORE_SENDING,
            "urge_shipment": ("paid", "packed", "shipped"), "request_return": ("delivered",),
        },
        "uses": {**_reads(sent), **_notes(sent), **_writes(sent)},
    }  # fmt: skip


def _reads(sent: _Sent) -> dict[str, Any]:
    return {
        "buyer": _use(
            "get_user_info_tool", {"user_id": "{customer}"}, id="用户ID", name="用户姓名", phone="电话号码"
        ),
        "orders": {**_use("get_user_orders_info_tool", sent.mine, number=""), "records": "订单", "detail": True},
        "order": _use("manage_order_tool", {**sent.order, "action": "查询"}, **ORDER_FIELDS),
        "shipments": _use(
            "get_logistics_info_tool", sent.order, state="当前状态", number="物流单号", carrier="物流公司",
            expected_on="预计送达时间", events="物流轨迹", **{"event.at": "时间", "event.text": "描述"},
        ),
        "product": _use(
            "get_product_info_tool", sent.product, id="商品ID", name="商品名称", price="商品价格", on_sale="商品状态",
            description="商品描述",
        ),
        "compare": {
            **_use("compare_products_info_tool", {**sent.shop, "product_ids": "{products}"}, id="商品ID",
                   name="商品名称", price="商品价格", on_sale="商品状态"),
            "records": "商品",
        },
        "balance": _use("manage_ecard_tool", {**sent.card, "action": "余额查询"}, amount="余额"),
        "check_picture": _use(
            "get_image_info_tool",
            {"history_messages": "{url}", "needed_query": "{wanted}", "summarized_query": "{wanted}"},
            text="内容", fits="符合",
        ),
        "exchange_choices": {
            **_use("manage_exchange_tool", {**sent.exchange, "action": "查询"}, sku="商品ID", name="商品描述",
                   available="商品状态"),
            "records": "可换货商品",
        },
        "review_reward": _use(
            "register_cashback_by_review_tool", {**sent.order, "action": "查询"}, registered="晒单状态"
        ),
    }  # fmt: skip


def _writes(sent: _Sent) -> dict[str, Any]:
    back = {
        "operation": "manage_ecard_tool", "send": {**sent.card, "action": "退款", "amount": "{order.total}"},
        "when": {"order.payment": [CARD]},
    }  # fmt: skip
    spent = {
        "operation": "manage_ecard_tool", "each": True, "when": {"payment": [CARD]},
        "send": {**sent.card, **sent.shop, "action": "余额使用", "product_id": "{sku}", "quantity": "{quantity}"},
    }  # fmt: skip
    return {
        "cancel_order": {**_use("manage_order_tool", {**sent.order, "action": "取消"}), "then": [back]},
        "change_address": _use("manage_order_tool", {
            **sent.order, "action": "修改", "address": "{address.street}", "phone_number": "{address.phone}",
        }),
        "urge_shipment": _use("manage_urgent_tool", sent.order),
        "request_return": {**_use("manage_return_tool", sent.order), "then": [back]},
        "request_exchange": _use("manage_exchange_tool", {
            **sent.exchange, "action": "换货", "exchange_product_id": "{wanted_sku}",
        }),
        "request_invoice": _use("manage_invoice_tool", {
            "order_id": "{number}", "title": "{title.title}", "phone_number": "{order.phone}",
            "invoice_type": "{title.kind}",
        }),
        "book_service": _use("schedule_service_tool", {
            **sent.order, "user_name": "{booking.name}", "phone_number": "{booking.phone}",
            "service_type": "{booking.kind}", "service_time": "{booking.day}",
        }),
        "protect_price": _use("manage_ecard_tool", {**sent.card, "action": "退款", "amount": "{amount}"}),
        "reward_review": _use("register_cashback_by_review_tool", {**sent.order, "action": "返现"}),
        "place_order": {
            **_use("manage_order_tool", {
                **sent.mine, "action": "增加", "payment": "{payment}", "product_info_list": "{pieces}",
            }, number="订单ID"),
            "piece": {"sku": "product_id"}, "then": [spent],
        },
    }  # fmt: skip


def _notes(sent: _Sent) -> dict[str, Any]:
    return {
        "note_installation": _use("get_installation_service_info_tool", sent.product, text="安装说明"),
        "note_repair": _use("get_repair_info_tool", sent.product, text="维修说明"),
        "note_materials": {
            **_use("get_auxiliary_materials_info_tool", sent.product, title="辅材名称", text="辅材描述"),
            "records": "辅材材料",
        },
        "note_gifts": {
            **_use("get_gift_info_tool", sent.product, title="赠品名称", text="赠品描述"), "records": "赠品信息",
        },
        "note_fault": {
            **_use("get_fault_code_info_tool", {**sent.product, "fault_code": "{code}"}, title="故障名称",
                   text="故障解决方案"),
            "records": "常见故障",
        },
        "note_promotions": {**_use("get_discount_info_tool", sent.shop, title="类型", text="描述"), "records": "详情"},
        "note_payment": _use("manage_ecard_tool", {**sent.card, "action": "信息查询"}, text="说明"),
    }  # fmt: skip


def _use(operation: str, send: Mapping[str, Any], **fields: str) -> dict[str, Any]:
    return {"operation": operation, "send": dict(send), "fields": fields}
