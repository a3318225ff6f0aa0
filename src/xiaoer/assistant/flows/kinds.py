"""Which product a kind and a figure point to: 20000毫安的充电宝, a 67 W charger."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from xiaoer.commerce.values import Product
from xiaoer.language.naming import compact
from xiaoer.language.numerals import fold

_KINDS: tuple[tuple[str, ...], ...] = tuple(
    tuple(map(compact, words))
    for words in tomllib.loads((files("xiaoer.assistant.flows") / "kinds.toml").read_text(encoding="utf-8")).values()
)
_FIGURE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(万)?\s*(mah|毫安时?|wh|w|瓦|升|l|匹|英寸|寸|inch|gb|tb|mm|毫米|cm|厘米|码)(?![a-z])",
    re.IGNORECASE,
)
_UNITS = {
    "毫安": "mah",
    "毫安时": "mah",
    "瓦": "w",
    "升": "l",
    "寸": "inch",
    "英寸": "inch",
    "毫米": "mm",
    "厘米": "cm",
}


def by_figure(text: str, products: Sequence[Product]) -> Product | None:
    """The only product of the kind that is said whose name has every figure that is said."""
    wanted = _figures(text)
    words = compact(text)
    kinds = [kind for kind in _KINDS if any(word in words for word in kind)]
    if not wanted or not kinds:
        return None
    found = [
        product
        for product in products
        if wanted <= _figures(" ; ".join(product.name.values()))
        and any(word in compact(name) for kind in kinds for word in kind for name in product.name.values())
    ]
    return found[0] if len(found) == 1 else None


def _figures(text: str) -> set[tuple[float, str]]:
    found = set()
    for value, wan, unit in _FIGURE.findall(fold(text).lower()):
        found.add((float(value) * (10_000 if wan else 1), _UNITS.get(unit, unit)))
    return found
