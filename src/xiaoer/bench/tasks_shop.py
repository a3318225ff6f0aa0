"""The merchant of `bench tasks`: the tools of a task folder as an HTTP API on this machine, over the folder's records.

What each tool does is written here once, from its own description; what it answers and changes are the records.
Pictures are not looked at: a stub says of each what the shopper's task says that it shows.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from xiaoer.bench.merchant import Call, Given

NEW_ORDER: Final = "1234567890"
"""The number such a shop gives the order a task places: tasks name it in what they expect."""
MISSING: Final = Given({"错误": "没有找到"}, status=404)
REFUSED: Final = Given({"错误": "当前不能办理"}, status=409)
_TYPES = {"str": "string", "int": "integer", "float": "number"}


@dataclass(frozen=True)
class Made:
    """One call of a tool; `confirmed`: it came while the customer's yes was being carried out."""

    tool: str
    arguments: Mapping[str, Any]
    confirmed: bool

    @property
    def name(self) -> str:
        return self.tool.removesuffix("_tool")


def document(folder: Path) -> bytes:
    """The tools as an OpenAPI document: a POST for each, its parameters in the body."""
    paths: dict[str, Any] = {}
    for tool in json.loads((folder / "tools.json").read_text(encoding="utf-8")):
        properties: dict[str, Any] = {}
        required: list[str] = []
        for parameter in tool["parameters"]:
            inner = re.search(r"Annotated\[(\w+)", parameter["type"])
            kind = _TYPES.get(inner.group(1), "array") if inner else "string"
            properties[parameter["name"]] = {"type": "string" if "Literal" in parameter["type"] else kind}
            if parameter["default"] is None and "Field(..." in parameter["type"]:
                required.append(parameter["name"])
        schema = {"type": "object", "properties": properties, "required": required}
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        operation = {"operationId": tool["name"], "summary": tool["doc"], "requestBody": body}
        paths[f"/{tool['name']}"] = {"post": operation}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Tools"}, "paths": paths}, ensure_ascii=False).encode()


@dataclass
class TaskShop:
    """The records of one platform and shop, as new for each task."""

    folder: Path
    calls: list[Made] = field(default_factory=list)
    confirming: bool = False
    _kept: dict[str, Any] = field(default_factory=dict)
    _pictures: Mapping[str, tuple[str, bool]] = field(default_factory=dict)

    def begin(self, task: Mapping[str, Any], pictures: Mapping[str, tuple[str, bool]]) -> None:
        """Forget what an earlier task has done. `pictures`: what each shows, and whether it shows a review."""
        self.calls.clear()
        self._pictures = pictures
        self._kept = {}
        for name in ("orders", "products", "logistics", "register_cashback", "discount", "service"):
            whole = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            self._kept[name] = copy.deepcopy(whole.get(task["platform"], {}).get(task["shop_id"], {}))
        for name in ("invoices", "users_info"):
            self._kept[name] = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        self._kept["invoices"] = {}  # asked for anew: the file holds what tasks lead to

    def __call__(self, call: Call) -> Given:
        tool = call.path.strip("/")
        self.calls.append(Made(tool, call.data, self.confirming))
        serve = getattr(self, f"_{tool.removesuffix('_tool')}", None)
        return serve(call.data) if serve else Given({"错误": "没有这个工具"}, status=404)

    def refuses(self, action: Mapping[str, Any]) -> bool:
        """Whether the shop, as new, would not do what a task expects: the order is not there, or in another state."""
        serve = getattr(self, f"_{str(action['name']).removesuffix('_tool')}", None)
        return serve is not None and serve(action["arguments"]).status != HTTPStatus.OK

    def _orders(self, user: str) -> dict[str, Any]:
        found: dict[str, Any] = self._kept["orders"].setdefault(user, {})
        return found

    def _order(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        return self._orders(str(given.get("user_id"))).get(str(given.get("order_id")))

    def _get_user_info(self, given: Mapping[str, Any]) -> Given:
        found = self._kept["users_info"].get(given.get("user_id"))
        return Given(found) if found else MISSING

    def _get_user_orders_info(self, given: Mapping[str, Any]) -> Given:
        return Given({"订单": list(self._orders(str(given.get("user_id"))))})

    def _get_logistics_info(self, given: Mapping[str, Any]) -> Given:
        found = self._kept["logistics"].get(given.get("user_id"), {}).get(given.get("order_id"))
        if not found:
            return MISSING
        usual = "已签收" if found.get("实际送达时间") else "已创建"
        track = found.get("物流轨迹") or [{"状态": usual}]
        return Given({**found, "当前状态": track[-1]["状态"]})

    def _get_discount_info(self, given: Mapping[str, Any]) -> Given:
        del given
        return Given(self._kept["discount"])

    def _get_image_info(self, given: Mapping[str, Any]) -> Given:
        shown, review = self._pictures.get(str(given.get("history_messages")), ("看不清", False))
        return Given({"内容": shown, "符合": review if given.get("needed_query") else True})

    def _product(self, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._kept["products"].get(str(given.get("product_id")))
        return found

    def _part(self, given: Mapping[str, Any], name: str) -> Given:
        product = self._product(given)
        return Given({name: product[name]}) if product else MISSING

    def _get_product_info(self, given: Mapping[str, Any]) -> Given:
        product = self._product(given)
        return Given(product) if product else MISSING

    def _get_repair_info(self, given: Mapping[str, Any]) -> Given:
        return self._part(given, "维修说明")

    def _get_installation_service_info(self, given: Mapping[str, Any]) -> Given:
        return self._part(given, "安装说明")

    def _get_auxiliary_materials_info(self, given: Mapping[str, Any]) -> Given:
        return self._part(given, "辅材材料")

    def _get_gift_info(self, given: Mapping[str, Any]) -> Given:
        return self._part(given, "赠品信息")

    def _get_fault_code_info(self, given: Mapping[str, Any]) -> Given:
        product = self._product(given)
        code = given.get("fault_code")
        faults = [each for each in product["常见故障"] if each["故障代码"] == code] if product else []
        return Given({"常见故障": faults}) if faults else MISSING

    def _compare_products_info(self, given: Mapping[str, Any]) -> Given:
        found = [self._product({"product_id": each}) for each in given.get("product_ids") or ()]
        return Given({"商品": [each for each in found if each]})

    def _manage_order(self, given: Mapping[str, Any]) -> Given:
        if given.get("action") == "增加":
            return self._placed(given)
        order = self._order(given)
        if order is None:
            return MISSING
        if given.get("action") == "查询":
            track = self._kept["logistics"].get(given.get("user_id"), {}).get(given.get("order_id"), {}).get("物流轨迹")
            placed = track[0]["时间"] if track else "2025-05-01 00:00:00"
            return Given({"下单时间": placed, **order})
        if order["订单状态"] not in ("待付款", "已付款", "处理中"):
            return REFUSED
        if given.get("action") == "取消":
            order["订单状态"] = "已取消"
        else:
            place = order["收货地址"]
            place["详细地址"] = given.get("address") or place["详细地址"]
            place["电话号码"] = given.get("phone_number") or place["电话号码"]
        return Given(order)

    def _placed(self, given: Mapping[str, Any]) -> Given:
        user = self._kept["users_info"].get(given.get("user_id"), {})
        lines, total = [], 0.0
        for wanted in given.get("product_info_list") or ():
            product = self._product(wanted)
            if product is None or product["商品状态"] != "已上架":
                return REFUSED
            lines.append(
                {"商品ID": product["商品ID"], "单价": product["商品价格"], "数量": int(wanted.get("quantity", 1))}
            )
            total += lines[-1]["单价"] * lines[-1]["数量"]
        address = {
            "收件人姓名": user.get("用户姓名", ""),
            "电话号码": user.get("电话号码", ""),
            **user.get("地址信息", {}),
        }
        self._orders(str(given.get("user_id")))[NEW_ORDER] = {
            "用户ID": given.get("user_id"), "订单ID": NEW_ORDER, "订单状态": "已付款", "订单总金额": round(total, 2),
            "是否加急": False, "订单商品列表": lines, "收货地址": address, "支付方式": given.get("payment"),
            "下单时间": "2025-06-01 00:00:00",
        }  # fmt: skip
        return Given({"订单ID": NEW_ORDER})

    def _manage_urgent(self, given: Mapping[str, Any]) -> Given:
        order = self._order(given)
        if order is None:
            return MISSING
        order["是否加急"] = True
        return Given(order)

    def _manage_return(self, given: Mapping[str, Any]) -> Given:
        order = self._order(given)
        if order is None or order["订单状态"] not in ("已签收", "已送达"):
            return MISSING if order is None else REFUSED
        order["订单状态"] = "退货中"
        return Given(order)

    def _manage_exchange(self, given: Mapping[str, Any]) -> Given:
        product = self._kept["products"].get(str(given.get("original_product_id")))
        if product is None:
            return MISSING
        if given.get("action") == "查询":
            return Given({"可换货商品": product["可换货商品"]})
        order = self._order(given)
        wanted = next(
            (each for each in product["可换货商品"] if each["商品ID"] == given.get("exchange_product_id")), None
        )
        if order is None or wanted is None or wanted["商品状态"] != "已上架":
            return REFUSED
        for line in order["订单商品列表"]:
            if line["商品ID"] == given.get("original_product_id"):
                line["商品ID"] = wanted["商品ID"]
        return Given(order)

    def _manage_ecard(self, given: Mapping[str, Any]) -> Given:
        user = self._kept["users_info"].get(given.get("user_id"))
        if given.get("action") == "信息查询":
            return Given({"说明": "京东E卡可在下单时作为支付方式使用，余额不足时不能支付。"})
        if user is None:
            return MISSING
        if given.get("action") == "退款":
            user["电子卡余额"] = round(user["电子卡余额"] + float(given.get("amount") or 0), 2)
        if given.get("action") == "余额使用":
            product = self._product(given)
            cost = product["商品价格"] * int(given.get("quantity") or 1) if product else 0
            if product is None or cost > user["电子卡余额"]:
                return REFUSED
            user["电子卡余额"] = round(user["电子卡余额"] - cost, 2)
        return Given({"余额": user["电子卡余额"]})

    def _register_cashback_by_review(self, given: Mapping[str, Any]) -> Given:
        if self._order(given) is None:
            return MISSING
        kept = self._kept["register_cashback"].setdefault(given.get("user_id"), {})
        number = str(given.get("order_id"))
        if given.get("action") == "查询":
            return Given({"晒单状态": "已晒单" if kept.get(number) else "未晒单"})
        kept[number] = True
        return Given({"晒单状态": "已晒单"})

    def _schedule_service(self, given: Mapping[str, Any]) -> Given:
        if self._order(given) is None:
            return MISSING
        self._kept["service"].setdefault(given.get("user_id"), {})[given.get("order_id")] = dict(given)
        return Given({"结果": "已预约"})

    def _manage_invoice(self, given: Mapping[str, Any]) -> Given:
        self._kept["invoices"][given.get("order_id")] = dict(given)
        return Given({"结果": "已开具"})
