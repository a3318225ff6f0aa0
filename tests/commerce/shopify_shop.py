"""A stand-in that speaks Shopify's Admin GraphQL API: only the fields asked for, cursors, errors with status 200."""

import json
import re

import httpx
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode, parse

TOKEN = "shpat_abc"


def money(amount, currency="USD"):
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


def shopify_order(number=1001, customer=7, **more):
    line = {
        "id": f"gid://shopify/LineItem/{number}1", "sku": "TEE-S", "name": "Tee - S", "quantity": 2,
        "variantTitle": "S",
        "product": {"id": "gid://shopify/Product/1"}, "originalUnitPriceSet": money("18.00"),
        "discountedTotalSet": money("31.00"),
    }  # fmt: skip
    return {
        "id": f"gid://shopify/Order/9{number}", "name": f"#{number}", "createdAt": "2026-11-03T05:00:00Z",
        "updatedAt": "2026-11-03T05:00:00Z", "processedAt": "2026-11-03T05:00:00Z", "cancelledAt": None,
        "closedAt": None,
        "email": "linh@example.com", "phone": "+84900000001", "note": None, "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED", "customer": {"id": f"gid://shopify/Customer/{customer}"},
        "shippingAddress": {"name": "Linh Tran", "phone": "+84900000001", "address1": "12 Le Loi", "address2": None,
                            "city": "Hue", "province": None, "countryCodeV2": "VN", "zip": "530000"},
        "subtotalPriceSet": money("31.00"), "totalShippingPriceSet": money("10.00"), "totalDiscountsSet": money("5.00"),
        "totalPriceSet": money("41.00"), "lineItems": {"nodes": [line]}, "fulfillments": [], "returns": {"nodes": []},
        "refunds": [], **more,
    }  # fmt: skip


def parcel(display="IN_TRANSIT"):
    return {
        "id": "gid://shopify/Fulfillment/5", "createdAt": "2026-11-04T00:00:00Z", "displayStatus": display,
        "estimatedDeliveryAt": "2026-11-09T00:00:00Z",
        "trackingInfo": [{"company": "UPS", "number": "1Z9", "url": "https://ups.example/1Z9"}],
        "events": {"nodes": [
            {"happenedAt": "2026-11-05T00:00:00Z", "status": "OUT_FOR_DELIVERY", "message": None, "city": "Hue",
             "country": "VN"},
            {"happenedAt": "2026-11-04T06:00:00Z", "status": "IN_TRANSIT", "message": "Left", "city": None,
             "country": None},
        ]},
    }  # fmt: skip


def shopify_product():
    def variant(number, size, left, **more):
        return {"id": f"gid://shopify/ProductVariant/{number}", "sku": f"TEE-{size}", "title": size, "price": "18.00",
                "inventoryQuantity": left, "inventoryPolicy": "DENY", "inventoryItem": {"tracked": True},
                "availableForSale": left > 0, "selectedOptions": [{"name": "Size", "value": size}], **more}  # fmt: skip

    return {
        "id": "gid://shopify/Product/1", "title": "Tee", "description": "Soft", "productType": "Shirts",
        "onlineStoreUrl": None, "status": "ACTIVE",
        "variants": {"nodes": [variant(11, "S", 4), variant(12, "M", -2),
                               variant(13, "L", 0, inventoryPolicy="CONTINUE")]},
    }  # fmt: skip


def picked(selections, value, fragments):
    """What a GraphQL server gives of a value: the fields asked for, no other; unknown ones are an error."""
    if isinstance(value, list):
        return [picked(selections, each, fragments) for each in value]
    if not isinstance(value, dict) or selections is None:
        return value
    found = {}
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            found |= picked(fragments[node.name.value].selection_set, value, fragments)
        elif isinstance(node, FieldNode):
            found[node.name.value] = picked(node.selection_set, value[node.name.value], fragments)
    return found


class ShopifyShop:
    """Keeps orders and products as Shopify would."""

    def __init__(self):
        self.orders = [shopify_order(1001), shopify_order(1002, customer=8), shopify_order(10010), shopify_order(1003)]
        self.product = shopify_product()
        self.requests = []
        self.answers = []
        self.jobs = 2
        self.mutations = []
        self.user_errors = []
        self.page = 2

    async def __call__(self, request):
        self.requests.append(request)
        assert request.url.path == "/admin/api/2026-01/graphql.json"
        if request.headers["x-shopify-access-token"] != TOKEN:
            return httpx.Response(401, json={"errors": "[API] Invalid API key or access token"})
        if self.answers:
            answer = self.answers.pop(0)
            return await answer() if callable(answer) else answer
        given = json.loads(request.content)
        document = parse(given["query"])
        operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        (field,) = operation.selection_set.selections
        asked = getattr(self, f"{field.name.value}_field")(given["variables"])
        data = {field.name.value: picked(field.selection_set, asked, fragments)}
        cost = bucket(12, 4, left=1996)
        return httpx.Response(200, json={"data": data, "extensions": {"cost": cost}})

    def shop_field(self, _):
        return {"currencyCode": "USD"}

    def products_field(self, given):
        words = given["q"].removesuffix(" status:active").lower().split()
        return {"nodes": [self.product] if all(word in self.product["title"].lower() for word in words) else []}

    def productVariants_field(self, given):  # noqa: N802  # its name there
        sku = re.fullmatch(r"sku:'(.*)'", given["q"])[1]
        rows = [each for each in self.product["variants"]["nodes"] if each["sku"].startswith(sku)]
        return {"nodes": [{"sku": each["sku"], "product": self.product} for each in rows]}

    def orders_field(self, given):
        kind, _, value = given["q"].partition(":")
        value = value.strip("'")
        if kind == "name":
            rows = [each for each in self.orders if each["name"].lstrip("#").startswith(value.lstrip("#"))]
        else:
            rows = [each for each in self.orders if (each["customer"] or {}).get("id", "").endswith(f"/{value}")]
        start = int(given["after"] or 0)
        part = rows[start : start + self.page]
        more = start + self.page < len(rows)
        return {"nodes": part, "pageInfo": {"hasNextPage": more, "endCursor": str(start + self.page)}}

    def customer_field(self, given):
        if given["id"] != "gid://shopify/Customer/7":
            return None
        return {"id": given["id"], "displayName": "Linh Tran", "locale": "vi",
                "defaultEmailAddress": {"emailAddress": "linh@example.com"}, "defaultPhoneNumber": None}  # fmt: skip

    def find(self, gid):
        return next(each for each in self.orders if each["id"] == gid)

    def done(self, name, given):
        self.mutations.append((name, given))
        return {"userErrors": self.user_errors}

    def orderCancel_field(self, given):  # noqa: N802
        self.mutations.append(("orderCancel", given))
        self.to_cancel = given["id"]
        errors = [{"code": "INVALID", **each} for each in self.user_errors]
        return {
            "job": None if errors else {"id": "gid://shopify/Job/1", "done": False},
            "orderCancelUserErrors": errors,
        }

    def job_field(self, given):
        self.jobs -= 1
        if self.jobs == 0:
            self.find(self.to_cancel)["cancelledAt"] = "2026-11-05T00:00:00Z"
        return {"id": given["id"], "done": self.jobs <= 0}

    def orderUpdate_field(self, given):  # noqa: N802
        address = given["input"]["shippingAddress"]
        if not self.user_errors:
            self.find(given["input"]["id"])["shippingAddress"] = {
                **{name: address.get(name) for name in ("phone", "address1", "address2", "city", "province", "zip")},
                "name": f"{address['firstName']} {address['lastName']}".strip(),
                "countryCodeV2": address["countryCode"],
            }  # fmt: skip
        return self.done("orderUpdate", given) | {"order": {"id": given["input"]["id"]}}

    def tagsAdd_field(self, given):  # noqa: N802
        return self.done("tagsAdd", given) | {"node": {"id": given["id"]}}

    def returnableFulfillments_field(self, _):  # noqa: N802
        rows = [{"quantity": 1, "fulfillmentLineItem": {"id": f"gid://shopify/FulfillmentLineItem/{n}",
                                                       "lineItem": {"id": "gid://shopify/LineItem/1", "sku": "TEE-S"}}}
                for n in (1, 2)]  # fmt: skip
        return {"nodes": [{"returnableFulfillmentLineItems": {"nodes": rows}}]}

    def returnRequest_field(self, given):  # noqa: N802
        order = self.find(given["input"]["orderId"])
        order["returns"]["nodes"].append(
            {"id": "gid://shopify/Return/3", "status": "REQUESTED", "createdAt": "2026-11-06T00:00:00Z"}
        )
        return self.done("returnRequest", given) | {"return": {"id": "gid://shopify/Return/3", "status": "REQUESTED"}}


def bucket(wanted, used, *, left):
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": 50.0}
    return {"requestedQueryCost": wanted, "actualQueryCost": used, "throttleStatus": status}


def throttled(wanted=752, left=666):
    cost = bucket(wanted, None, left=left)
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    return httpx.Response(200, json={"errors": errors, "extensions": {"cost": cost}})


def failed(code):
    return httpx.Response(200, json={"data": None, "errors": [{"message": code, "extensions": {"code": code}}]})
