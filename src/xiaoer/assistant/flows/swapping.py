"""What goods are exchanged for, where the shop's system lists the choices: by name, by figure, bigger or smaller."""

import re
from collections.abc import Mapping, Sequence

from xiaoer.assistant.flows import slots
from xiaoer.assistant.flows.mentions import mentions_in
from xiaoer.assistant.flows.talk import Ask, Drop, Talk, Task
from xiaoer.assistant.flows.words import plain_line
from xiaoer.commerce.commerce import UnknownProduct
from xiaoer.commerce.values import Choice, Order, OrderLine, said
from xiaoer.patterns import lazy
from xiaoer.tools.calling import ToolRefused
from xiaoer.tools.reading import Reading

_BIGGER = lazy(
    r"(?:更|再|比.{0,8})(?:大|高|多)|(?:大|高)一?[点些]|bigger|larger|higher|lớn hơn|ใหญ่กว่า|ใหญ่ขึ้น", re.IGNORECASE
)
_SMALLER = lazy(r"(?:更|再|比.{0,8})(?:小|低|少)|(?:小|低)一?[点些]|smaller|lower|nhỏ hơn|เล็กกว่า|เล็กลง", re.IGNORECASE)
_MEASURE = lazy(
    r"(?<!\d)(\d+(?:\.\d+)?)\s*+(kW|W|瓦|升|L|风量|匹|英寸|寸|TB|GB|G|mAh|kg|公斤|斤|cm|mm|码|套|人)", re.IGNORECASE
)
_SAME = {"l": "升", "瓦": "w", "g": "gb", "公斤": "kg", "寸": "英寸"}
_CALLED = {"功率": "w", "容量": "升", "风量": "风量", "内存": "gb", "电池": "mah", "power": "w", "capacity": "升"}
_FIGURES = lazy(r"(?<![A-Za-z\d.])\d{2,6}(?:\.\d+)?(?![\d.])")
MOST = 9


async def swap(reading: Reading, talk: Talk, task: Task, order: Order, line: OrderLine) -> tuple[Choice, str]:
    """The choice, and what was bought in words; raises `Ask` with the list, `Drop` where nothing fits."""
    choices = await reading.exchange_choices(talk.caller, order, line.sku)
    bought = await _bought(talk, line)
    kept = next((each for each in choices if each.available and each.sku == task.slots.get("wanted")), None)
    if kept is not None:
        return kept, bought
    if not any(each.available for each in choices):
        raise ToolRefused("Nothing to exchange it for.", "state")
    lead: list[str] = []
    named = _named(talk, choices)
    if named is not None and not named.available:
        lead.append(talk.word("choice_gone", name=plain_line(named.name)))
    elif named is not None:
        task.slots["wanted"] = named.sku
        return named, bought
    return _measured(talk, task, bought, [each for each in choices if each.available], lead), bought


def _measured(talk: Talk, task: Task, bought: str, free: Sequence[Choice], lead: list[str]) -> Choice:
    if _BIGGER.search(talk.text):
        task.slots["bigger"] = True
    elif _SMALLER.search(talk.text):
        task.slots["bigger"] = False
    bigger: bool | None = task.slots.get("bigger")
    fitting = free if bigger is None else [each for each in free if _fits(talk.text, bought, each.name, bigger=bigger)]
    if not fitting:
        raise Drop("\n".join([*lead, talk.word("choice_none")]), (talk.word("person"),))
    if bigger is not None and len(fitting) == 1:
        task.slots["wanted"] = fitting[0].sku
        return fitting[0]
    names = [plain_line(each.name) for each in fitting[:MOST]]
    rows = [f"{number}. {name}" for number, name in enumerate(names, start=1)]
    raise Ask("wanted", "\n".join([*lead, talk.word("choice_list"), *rows]), tuple(names[:5]))


async def _bought(talk: Talk, line: OrderLine) -> str:
    try:
        product = await talk.caller.commerce.product(line.product_id or line.sku)
    except UnknownProduct:
        return line.name or line.sku
    return said(product.name, talk.language)


def _named(talk: Talk, choices: Sequence[Choice]) -> Choice | None:
    """The one choice whose name holds a figure of the message, or that an answer to the list picks."""
    text = mentions_in(talk.text).rest
    found: list[Choice] = []
    for figure in _FIGURES.findall(text):
        alone = re.compile(rf"(?<![\d.]){re.escape(figure)}(?![\d.])")
        found += [each for each in choices if alone.search(each.name)]
    if len({each.sku for each in found}) == 1:
        return found[0]
    if talk.stand.awaiting != "wanted":
        return None
    free = [each for each in choices if each.available]
    picked = slots.chosen(talk.text, [each.sku for each in free])
    words = talk.text.strip()
    return next((each for each in free if each.sku == picked or (words and words == plain_line(each.name))), None)


def _fits(text: str, bought: str, other: str, *, bigger: bool) -> bool:
    """Whether a measure both names hold is larger, or smaller, in the other: the one asked about, if one is."""
    had, has = _measures(bought), _measures(other)
    asked = [unit for word, unit in _CALLED.items() if word in text and unit in had]
    units = asked or [unit for unit in had if unit in has and had[unit] != has[unit]]
    return any(unit in has and (has[unit] > had[unit] if bigger else has[unit] < had[unit]) for unit in units)


def extreme(names: Mapping[str, str], text: str, *, biggest: bool) -> str | None:
    """Which of several products has most of a measure that all their names hold; None where that is not clear."""
    measured = {product: _measures(name) for product, name in names.items()}
    shared = set.intersection(*(set(each) for each in measured.values()))
    asked = [unit for word, unit in _CALLED.items() if word in text and unit in shared]
    units = asked or sorted(shared)
    if len(units) != 1:
        return None
    ranked = sorted(measured, key=lambda product: measured[product][units[0]], reverse=biggest)
    tied = len(ranked) > 1 and measured[ranked[0]][units[0]] == measured[ranked[1]][units[0]]
    return None if tied else ranked[0]


def _measures(name: str) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for value, unit in _MEASURE.findall(name):
        small = unit.lower()
        found.setdefault(_SAME.get(small, small), float(value))
    return found
