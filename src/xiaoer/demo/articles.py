"""A product as an article: what a shopper asks about it, under headings, tables with their heads."""

from collections.abc import Iterable, Sequence
from typing import Any

from xiaoer.knowledge.documents import Document

Record = dict[str, Any]

_WORDS = {
    "zh": {
        "versions": "版本与价格",
        "sku": "货号",
        "price": "售价",
        "member_price": "会员价",
        "supply": "供应",
        "stocked": "现货",
        "sold_out": "暂时缺货",
        "pre_sale": "预售",
        "specifications": "参数",
        "name": "项目",
        "value": "参数",
        "compatibility": "适配",
        "sizes": "尺码",
        "size": "尺码",
        "fits": "适合周长（毫米）",
        "box": "包装清单",
        "service": "保修与配送",
    },
    "en": {
        "versions": "Versions and prices",
        "sku": "SKU",
        "price": "Price",
        "member_price": "Member price",
        "supply": "Availability",
        "stocked": "in stock",
        "sold_out": "out of stock",
        "pre_sale": "pre-sale",
        "specifications": "Specifications",
        "name": "Item",
        "value": "Value",
        "compatibility": "Compatibility",
        "sizes": "Sizes",
        "size": "Size",
        "fits": "Fits a circumference of (mm)",
        "box": "In the box",
        "service": "Warranty and shipping",
    },
}
_OPTIONS = {
    "zh": {"colour": "颜色", "storage": "存储", "size": "规格", "length": "长度"},
    "en": {"colour": "Colour", "storage": "Storage", "size": "Size", "length": "Length"},
}


def of_product(product: Record, language: str) -> Document:
    """The article of one product in "zh" or "en"."""
    words = _WORDS[language]
    parts = [
        product["description"][language],
        _section(words["versions"], f"{_prices(product, language)}\n\n{_versions(product, language)}"),
        _section(words["specifications"], _table((words["name"], words["value"]), product["specifications"][language])),
        _section(words["compatibility"], product.get("compatibility", {}).get(language, "")),
        _section(words["sizes"], _sizes(product, language)),
        _section(words["box"], "\n".join(f"- {thing}" for thing in product["box"][language])),
        _section(words["service"], "\n".join(f"- {line}" for line in _service(product, language))),
    ]
    return Document(
        key=f"product/{product['id']}/{language}",
        title=product["name"][language],
        text="\n\n".join(part for part in parts if part),
        locale=language,
        tags=(product["category"],),
        product_ids=(product["id"],),
        source="products.jsonl",
    )


def money(price: Record, language: str) -> str:
    """An amount as people write it: 4299 元, CNY 4299; cents only where there are any."""
    amount = str(price["amount"]).removesuffix(".00")
    return f"{amount} 元" if language == "zh" else f"{price['currency']} {amount}"


def _section(heading: str, body: str) -> str:
    return f"## {heading}\n\n{body}" if body else ""


def _prices(product: Record, language: str) -> str:
    """Prices and colours in sentences, for whoever quotes one."""
    variants = product["variants"]
    prices = {
        " ".join(option[language] for name, option in variant["options"].items() if name != "colour"): variant["price"]
        for variant in reversed(variants)
    }
    if len({price["amount"] for price in prices.values()}) == 1:
        prices = {"": variants[0]["price"]}
    listed = [f"{name} {money(price, language)}".strip() for name, price in reversed(prices.items())]
    colours = list(dict.fromkeys(v["options"]["colour"][language] for v in variants if "colour" in v["options"]))
    member = money(product["member_price"], language) if "member_price" in product else ""
    if language == "zh":
        said = f"售价{'：' if len(listed) > 1 else ' '}{'，'.join(listed)}。"
        said += f"银穗和金穗会员价 {member}{'起' if len(listed) > 1 else ''}。" if member else ""
        return said + (f"颜色：{'、'.join(colours)}。" if colours else "")
    said = f"Price: {', '.join(listed)}."
    said += f" Member price {'from ' if len(listed) > 1 else ''}{member}." if member else ""
    return said + (f" Colours: {', '.join(colours)}." if colours else "")


def _versions(product: Record, language: str) -> str:
    words, variants = _WORDS[language], product["variants"]
    options = [name for name in _OPTIONS[language] if name in variants[0]["options"]]
    for_members = any("member_price" in variant for variant in variants)
    head = [words["sku"], *(_OPTIONS[language][name] for name in options), words["price"]]
    head += [words["member_price"]] * for_members + [words["supply"]]
    rows = []
    for variant in variants:
        row = [variant["sku"], *(variant["options"][name][language] for name in options)]
        row.append(money(variant["price"], language))
        if for_members:
            row.append(money(variant["member_price"], language) if "member_price" in variant else "—")
        rows.append([*row, words[_supply(product, variant)]])
    return _table(head, rows)


def _supply(product: Record, variant: Record) -> str:
    if product.get("pre_sale"):
        return "pre_sale"
    return "stocked" if variant["stock"] else "sold_out"


def _sizes(product: Record, language: str) -> str:
    rows = [(size["size"][language], f"{size['from_mm']}–{size['to_mm']}") for size in product.get("sizes", ())]
    return _table((_WORDS[language]["size"], _WORDS[language]["fits"]), rows) if rows else ""


def _service(product: Record, language: str) -> Iterable[str]:
    months = product["warranty_months"]
    if language == "zh":
        yield f"保修 {months} 个月，自签收之日起算。" if months else "不保修，签收 7 天内到货破损可补发。"
    else:
        yield f"Warranty {months} months from delivery." if months else "No warranty; replaced if broken on arrival."
    yield from product["shipping_limits"][language]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
