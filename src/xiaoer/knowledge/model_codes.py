"""Model codes that stand in a field of their own ("型号：LS-T2"), and are names of the products as much as titles are.

Which field that is, is not told by its label: a model code is a code, and no two products have the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from xiaoer.language.name_pieces import JOINT, fold, is_code
from xiaoer.patterns import lazy

LEAST = 3
"""Products that must have such a field, before its values are taken for names."""
_FIELD = lazy(r"^- ([^:：\n]{1,40})[:：] ?(\S{2,40})$")


def fields(text: str) -> dict[str, str]:
    """The fields of one word at the head of a product's text, by their labels."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _FIELD.match(line)) is not None:
            found.setdefault(match[1].strip(), match[2])
    return found


def codes(products: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Pairs of a product and a code that names it, given the fields of each product."""
    by_label: dict[str, dict[str, str]] = defaultdict(dict)
    for product, named in products.items():
        for label, value in named.items():
            by_label[label][product] = value
    for values in by_label.values():
        distinct = {fold(value) for value in values.values()}
        if len(values) >= LEAST and len(distinct) == len(values) and all(map(_is_code, distinct)):
            yield from values.items()


def _is_code(value: str) -> bool:
    return is_code(JOINT.sub("", value))
