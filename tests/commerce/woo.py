"""A stand-in that speaks WooCommerce's REST API v3: its paths, its paging headers, its errors."""

import base64
import json
from urllib.parse import unquote

import httpx

SECRET = "ck_abc:cs_def"


def wordpress_error(status, code, message):
    return httpx.Response(status, json={"code": code, "message": message, "data": {"status": status}})


def woo_order(number=727, customer=26, status="processing", **more):
    address = {"first_name": "Linh", "last_name": "Tran", "company": "", "address_1": "12 Le Loi", "address_2": "",
               "city": "Hue", "state": "", "postcode": "530000", "country": "VN", "phone": ""}  # fmt: skip
    return {
        "id": number, "parent_id": 0, "number": str(number), "status": status, "currency": "USD",
        "date_created": "2026-11-03T12:00:00", "date_created_gmt": "2026-11-03T05:00:00",
        "date_modified_gmt": "2026-11-03T05:00:00", "date_paid_gmt": "2026-11-03T05:01:00", "date_completed_gmt": None,
        "discount_total": "5.00", "shipping_total": "10.00", "total": "41.00", "customer_id": customer,
        "customer_note": "", "shipping": address,
        "billing": address | {"email": "linh@example.com", "phone": "0900000001"},
        "line_items": [
            {"id": 1, "name": "Woo T-Shirt - Red", "product_id": 93, "variation_id": 101, "quantity": 2,
             "subtotal": "36.00", "total": "31.00", "sku": "WT-R", "price": 15.5,
             "meta_data": [{"key": "pa_colour", "display_value": "Red"}, {"key": "_secret", "display_value": "x"}]}
        ],
        "coupon_lines": [{"id": 5, "code": "welcome", "discount": "5.00"}], "refunds": [], **more,
    }  # fmt: skip


def woo_product(number, name, price="18.00", **more):
    return {
        "id": number, "name": name, "type": "simple", "status": "publish", "sku": f"S{number}", "price": price,
        "permalink": f"https://shop.example/product/{number}", "purchasable": True, "stock_quantity": 3,
        "stock_status": "instock", "short_description": "<p>Soft &amp; warm</p>", "description": "",
        "categories": [{"id": 9, "name": "Clothing"}], "attributes": [], "variations": [], "parent_id": 0, **more,
    }  # fmt: skip


def woo_variation(number, colour, *, stock=4, **more):
    return {"id": number, "sku": f"WT-{colour[0]}", "price": "18.00", "stock_quantity": stock,
            "stock_status": "instock", "attributes": [{"id": 6, "name": "Colour", "option": colour}],
            **more}  # fmt: skip


class WooShop:
    """Keeps orders and products as WooCommerce would."""

    def __init__(self):
        self.products = {93: woo_product(93, "Woo T-Shirt", type="variable", sku="WT", variations=[101, 102])}
        self.products |= {n: woo_product(n, f"Hoodie {n}") for n in (1, 2)}
        self.variations = [woo_variation(101, "Red"), woo_variation(102, "Blue", stock=0, stock_status="outofstock")]
        self.orders = {n: woo_order(n) for n in (727, 728)} | {800: woo_order(800, customer=27)}
        self.trackings = [{"tracking_id": "a", "tracking_provider": "DHL", "tracking_number": "D1",
                           "tracking_link": "https://dhl.example/D1", "date_shipped": "2026-11-04"}]  # fmt: skip
        self.coupons = []
        self.notes = []
        self.requests = []
        self.broken = {}

    async def __call__(self, request):
        self.requests.append(request)
        path = unquote(request.url.path)
        token = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        if token != SECRET:
            return wordpress_error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if not path.startswith("/wp-json/wc/v3/"):
            return httpx.Response(404, text="<!DOCTYPE html><title>Not found</title>")
        parts = path.removeprefix("/wp-json/wc/v3/").split("/")
        for end, answer in self.broken.items():
            if path.endswith(end):
                return await answer(request) if callable(answer) else answer
        found = getattr(self, f"{request.method.lower()}_{parts[0]}", None)
        if found is None:
            return wordpress_error(404, "rest_no_route", "No route was found matching the URL and request method.")
        return found(parts[1:], request)

    def page(self, rows, params):
        number, size = int(params.get("page", 1)), int(params.get("per_page", 10))
        if not 1 <= size <= 100:
            return wordpress_error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        pages = max(1, -(-len(rows) // size))
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
        return httpx.Response(200, json=rows[size * (number - 1) : size * number], headers=headers)

    def get_data(self, _parts, _request):
        return httpx.Response(200, json={"code": "USD", "name": "United States (US) dollar", "symbol": "&#36;"})

    def get_products(self, parts, request):
        params = request.url.params
        if parts and parts[-1] == "variations":
            return self.page(self.variations, params)
        if parts:
            every = self.products | {
                each["id"]: each | {"type": "variation", "parent_id": 93} for each in self.variations
            }
            found = every.get(int(parts[0]))
            return httpx.Response(200, json=found) if found else wordpress_error(
                404, "woocommerce_rest_product_invalid_id", "Invalid ID.")  # fmt: skip
        rows = list(self.products.values())
        if "sku" in params:
            rows += [each | {"type": "variation", "parent_id": 93, "name": "Woo T-Shirt"} for each in self.variations]
            rows = [each for each in rows if each["sku"] == params["sku"]]
        return self.page([each for each in rows if params.get("search", "").lower() in each["name"].lower()], params)

    def get_orders(self, parts, request):
        params = request.url.params
        if parts and parts[-1] == "shipment-trackings":
            return httpx.Response(200, json=self.trackings)
        if parts:
            found = self.orders.get(int(parts[0]))
            return httpx.Response(200, json=found) if found else wordpress_error(
                404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")  # fmt: skip
        rows = list(self.orders.values())
        if "customer" in params:
            rows = [each for each in rows if each["customer_id"] == int(params["customer"])]
        if "search" in params:
            rows = [each for each in rows if params["search"] in json.dumps(each)]
        return self.page(rows, params)

    def put_orders(self, parts, request):
        order = self.orders[int(parts[0])]
        given = json.loads(request.content)
        if given.get("status") == "cancelled" and order["status"] == "completed":
            return wordpress_error(400, "rest_invalid_param", "Invalid parameter(s): status")
        order |= {**given, "date_modified_gmt": "2026-11-05T05:00:00"}
        return httpx.Response(200, json=order)

    def post_orders(self, parts, request):
        assert parts[-1] == "notes"
        self.notes.append(json.loads(request.content)["note"])
        return httpx.Response(201, json={"id": len(self.notes), "note": self.notes[-1]})

    def get_customers(self, parts, _request):
        if parts[0] != "26":
            return wordpress_error(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
        names = {"first_name": "Linh", "last_name": "Tran", "email": "Linh@example.com"}
        return httpx.Response(200, json={"id": 26, "billing": {"phone": "0900000001"}, "shipping": {}, **names})

    def get_coupons(self, _parts, request):
        return self.page(self.coupons, request.url.params)
