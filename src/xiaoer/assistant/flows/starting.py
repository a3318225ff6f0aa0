"""How wishes of a message become tasks, and whether a message answers what was asked."""

import re
from typing import Any

from xiaoer.assistant.flows import mentions, ordering
from xiaoer.assistant.flows.changing import NAMES
from xiaoer.assistant.flows.kinds import kinds_in
from xiaoer.assistant.flows.slots import Given, chosen, given_in, says_stop
from xiaoer.assistant.flows.swapping import extreme
from xiaoer.assistant.flows.talk import Talk, Task
from xiaoer.assistant.flows.wants import parts_of, wants_of
from xiaoer.patterns import lazy
from xiaoer.tools.changing import states_for
from xiaoer.tools.reading import Reading

_ASKS = lazy(
    r"[?？؟]|[吗呢么]\s*$|怎么|如何|多久|什么|多少|^(?:how|what|when|why|which|who|can|do|does|is|are)\b", re.IGNORECASE
)
_INSTEAD = lazy(r"算了|不.{0,3}了|还是|instead|rather|never ?mind|forget")
_OTHERWISE = lazy(
    r"改成|改为|换成|改(?:一下)?地址吧|换货吧|退货吧"
    r"|\bactually\b|\bi'd prefer\b|thay vào đó|đổi ý|thôi|แทน|เปลี่ยนใจ|ดีกว่า",
    re.IGNORECASE,
)
"""Words of who wants something else now, where they may also be said of goods and addresses."""
_ONE = lazy(r"那[个单笔件副双台款]|的那|\b(?:the|that|with)\b|cái|đơn|อัน|ออเดอร์", re.IGNORECASE)
_LONGEST_ANSWER = 300
_SHORT = 60
_TITLE = lazy(r"税号|抬头|公司|tax|title|company|thuế|ภาษี", re.IGNORECASE)
_MOST = lazy(r"(最大|最高|biggest|largest|lớn nhất|ใหญ่ที่สุด)|(?:最小|最低|smallest|nhỏ nhất|เล็กที่สุด)")
_CALLS_FOR = {"service": "book_service", "price": "protect_price", "reward": "reward_review", "buy": "place_order",
              "balance": "balance", "picture": "check_picture", "compare": "compare", "undo": "undo"}  # fmt: skip
"""What the shop's system must be able to do for a wish to be ours; the rest is for the shop's articles."""


def remember(talk: Talk, given: Given) -> None:
    """The product a message names is the one spoken of from now on; an order spoken of before is not, then."""
    most = _MOST.search(talk.text)
    if most is not None and not given.products and talk.stand.compared:
        talk.stand.product = extreme(talk.stand.compared, talk.text, biggest=most.group(1) is not None)
    if not given.products:
        return
    talk.stand.product = given.products[0][0] if len(given.products) == 1 else None
    if given.order is None:
        talk.left, talk.stand.focus = talk.stand.focus, None


def needed_for(kind: str) -> str | None:
    """What the shop's system must be able to do before a kind of wish is taken up; None for what all shops have."""
    return f"note_{kind[5:]}" if kind.startswith("note:") else _CALLS_FOR.get(kind)


def offered(talk: Talk, given: Given, wants: tuple[str, ...]) -> tuple[str, ...]:
    """The wishes that the shop's system can be asked for."""
    abilities = talk.caller.commerce.abilities
    kept: list[str] = []
    for kind in wants:
        if (needed := needed_for(kind)) is not None and needed not in abilities:
            continue
        if kind == "note:fault" and mentions.code_in(talk.text) is None:
            continue
        if kind == "compare" and len(given.products) < 2:  # noqa: PLR2004
            continue
        if kind == "picture" and (not given.pictures or "reward" in wants or talk.stand.awaiting == "proof"):
            continue
        kept.append(kind)
    if "compare" in kept:  # 想买一台，帮我比较一下: to be chosen first
        kept = [kind for kind in kept if kind != "buy"]
    if "buy" in kept:  # 用E卡支付, 送不送货: of the order to be placed
        kept = [kind for kind in kept if kind not in ("note:payment", "balance")]
    return tuple(kept)


def changed_mind(talk: Talk, given: Given, wants: tuple[str, ...], *, waits: str | None) -> tuple[str, ...]:
    """What is wanted instead of the change being arranged, asked however shortly; `waits` is the one put before them.

    A change that was not made needs no undoing.
    """
    arranged = {task.kind for task in talk.stand.tasks if task.kind in NAMES}
    arranged |= {kind for kind, tool in NAMES.items() if tool == waits}
    if not arranged or not (_INSTEAD.search(talk.text) or _OTHERWISE.search(talk.text)):
        return ()
    found = [*wants, *offered(talk, given, wants_of(talk.text, named=False, amid=True))]
    others = [kind for kind in dict.fromkeys(found) if kind not in arranged and kind != "undo"]
    return tuple(others) if any(kind in NAMES for kind in others) else ()


def begin(talk: Talk, wants: tuple[str, ...], given: Given, *, instead: bool = False) -> None:
    """New wishes come first; what was begun before goes on after them, unless they stand in its place."""
    stand = talk.stand
    slots = _shown_by(given)
    if given.order is not None:  # also where it cannot be shown: what is wished next is not for the one before
        stand.focus = given.order
        slots["named"] = True
    if given.code is not None and given.order is None and stand.tasks and "order" in stand.tasks[0].slots:
        slots["order"] = stand.tasks[0].slots["order"]
    slots |= _hints(talk, given)
    earlier = [] if instead or _INSTEAD.search(talk.text) else [task for task in stand.tasks if task.kind not in wants]
    named_anew = {"order", "products", "states", "other", "every"} & set(slots)
    kept = {task.kind: task.slots for task in stand.tasks if task.kind == "exchange" or not named_anew}
    if "invoice" in wants:
        slots["words"] = _without_number(talk.text, given)
    apart = _orders_apart(talk.text)
    if given.order is None:
        said = _said_apart(talk.text)
        apart |= {kind: {**apart.get(kind, {}), "said": said.get(kind, talk.text[:_LONGEST_ANSWER])} for kind in wants}
        if kinds_in(talk.text):
            kept = {kind: values for kind, values in kept.items() if kind == "exchange"}
    stand.tasks = [*(Task(kind, {**kept.get(kind, {}), **slots, **apart.get(kind, {})}) for kind in wants), *earlier]
    stand.awaiting = None


def _without_number(text: str, given: Given) -> str:
    return text.replace(given.order, " ") if given.order else text


def _orders_apart(text: str) -> dict[str, dict[str, str]]:
    """The order of each wish, where a message names several: 取消 A，再查一下 B."""
    found: dict[str, dict[str, str]] = {}
    for part in parts_of(text):
        if (order := given_in(part, awaiting=None).order) is not None:
            for kind in wants_of(part, named=True):
                found.setdefault(kind, {"order": order})
    return found if len({each["order"] for each in found.values()}) > 1 else {}


def _said_apart(text: str) -> dict[str, str]:
    """What the message says of each wish, where it has several: 取消耳机，手机到哪了."""
    found: dict[str, str] = {}
    for part in parts_of(text):
        for kind in wants_of(part, named=False):
            found.setdefault(kind, part)
    return found if len(found) > 1 else {}


def _hints(talk: Talk, given: Given) -> dict[str, Any]:
    """What the message says of the order without its number, and of the goods."""
    found: dict[str, Any] = {}
    if given.products:
        found["products"] = [product for product, _ in given.products]
        found["basket"] = [list(each) for each in given.products]
    if given.pictures:
        found["pictures"] = list(given.pictures)
    if given.order is not None:
        return found
    if states := mentions.states_in(talk.text):
        found["states"] = sorted(states)
    if mentions.means_other(talk.text) and talk.stand.focus is not None:
        found["other"] = talk.stand.focus
    if mentions.means_every(talk.text) and talk.caller.seen.customer is not None:
        found["every"] = True
    return found


async def expand(reading: Reading, talk: Talk, task: Task) -> None:
    """One task for each of the customer's orders that it is possible for."""
    name = NAMES.get(task.kind)
    states = states_for(talk.caller.commerce, name) if name is not None else None
    numbers = await ordering.every(reading, talk, states)
    each = [Task(task.kind, {**task.slots, "order": number}) for number in numbers]
    talk.stand.tasks[:1] = each or [task]


def goes_on(talk: Talk, given: Given) -> bool:
    """Whether the message answers what the dialogue has asked for, or ends it."""
    stand = talk.stand
    if not stand.tasks or stand.awaiting is None:
        return False
    if says_stop(talk.text, talk.seen):
        stand.tasks, stand.awaiting = [], None
        talk.said.append(talk.word("dropped"))
        return True
    if stand.awaiting == "proof":
        return bool(given.pictures)
    if stand.awaiting == "product":
        stand.tasks[0].slots["basket"] = [list(each) for each in given.products]
        return bool(given.products)
    return _filled(talk, stand.tasks[0], given)


def _shown_by(given: Given) -> dict[str, Any]:
    """What a message gives to find an order and to show that it is one's own."""
    named = {"order": given.order, "tail": given.tail, "mail": given.mail, "code": given.code}
    return {key: value for key, value in named.items() if value}


def _by_goods(text: str) -> bool:
    """Whether an answer may name an order by what is in it: 耳机那个. It is asked again where none has that."""
    short = len(text) <= _SHORT and not _ASKS.search(text)
    return short and (_ONE.search(text) is not None or bool(kinds_in(text)))


def _filled(talk: Talk, task: Task, given: Given) -> bool:
    """Whether the message gives what was asked for, or tries to; a question does not, and is answered first."""
    awaiting = talk.stand.awaiting
    if awaiting in ("order", "tail", "code"):
        named = _shown_by(given)
        if given.order is None and awaiting != "code" and (order := chosen(talk.text, talk.stand.offered)):
            named["order"] = order
        if "tail" in named and "order" not in named and task.slots.get("tried"):  # 打错了，尾号 0001: of the same order
            named["order"] = task.slots["tried"]
        if awaiting == "order" and not named and talk.stand.offered and _by_goods(talk.text):
            task.slots["said"] = talk.text
            return True
        task.slots |= named
        titled = "words" in task.slots and _TITLE.search(talk.text) is not None
        if titled:
            task.slots["words"] = f"{task.slots['words']}，{_without_number(talk.text, given)}"
        return bool(named) or titled or (len(talk.text) <= _LONGEST_ANSWER and any(map(str.isdigit, talk.text)))
    if _ASKS.search(talk.text) or len(talk.text) > _LONGEST_ANSWER:
        return False
    return talk.seen.intent in ("question", "complaint", "affirm") or any(map(str.isdigit, talk.text))
