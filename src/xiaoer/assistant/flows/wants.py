"""What a message wants done or looked up for the customer's own orders, by patterns; no model.

How things go in general (怎么取消订单) is for the shop's articles; 帮我取消订单 and 取消订单 202611180001 are for us.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from xiaoer.assistant.flows.kinds import any_thing
from xiaoer.assistant.understanding.intent import folded, without_social
from xiaoer.patterns import lazy, lazy_table, toml


@dataclass(frozen=True)
class _Rule:
    """How a kind is asked for, what speaks against it, what asks firmly, and whether it changes something."""

    asks: re.Pattern[str]
    never: re.Pattern[str]
    firm: re.Pattern[str]
    writes: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        asks, never, firm = (lazy(_any_of(row.get(key, ()))) for key in ("asks", "not", "firm"))
        return cls(asks, never, firm, writes=row.get("write", False))


_TABLE = toml("xiaoer.assistant.flows", "wants.toml")

_SARA_AM, _SARA_AM_FOLDED = "\u0e33", "\u0e4d\u0e32"
"""A letter of Thai as it is typed, and as folding leaves it: in two."""


def _any_of(patterns: Sequence[str]) -> str:
    """Matches what one of the patterns matches, in a folded text; nothing where there is none."""
    whole = "|".join(f"(?:{pattern})" for pattern in patterns).replace("{thing}", any_thing()) or r"(?!)"
    return whole.replace(_SARA_AM, _SARA_AM_FOLDED)


def _pattern(key: str) -> re.Pattern[str]:
    return lazy(lambda: _any_of(_TABLE[key]))


_HOW, _CAN, _COMMAND, _MINE, _LATER = map(_pattern, ("how", "can", "command", "mine", "later"))
_KINDS = lazy_table(lambda: {kind: _Rule.of(row) for kind, row in _TABLE["kind"].items()})
_BEATS = {
    "cancel": {"undo"},
    "status": {"track", "orders"},
    "return": {"refund", "exchange"},
    "track": {"urge", "refund"},
    "orders": {"track"},
}
"""What a kind gives way to when both are found, unless it is said firmly: 退款进度 is no wish to return."""
_PARTS = lazy(
    r"[,，;；。.!！?？\n]+|\band (?=also|then|cancel|change|return|where|track)\b|(?=再帮|然后|另外|顺便|还有)"
)
_ORDER_NUMBER = lazy(r"\s{0,9}[a-z]{0,5}-?\d{6,24}\s*")
_LONGEST = 400
_QUESTION = lazy(r"[?？؟]|[吗么呢]$|可以|能不能|能否")
_NEGATED = lazy(r"(?:先别|不要|不用|别|不想|不再|不)$")


def parts_of(text: str) -> list[str]:
    """The clauses of a message, each of which may want something."""
    return [part for part in _PARTS.split(text[:_LONGEST]) if part.strip()]


def wants_of(text: str, *, named: bool, amid: bool = False) -> tuple[str, ...]:
    """The kinds of `wants.toml` in the order of the message.

    `named` says that it names an order, `amid` that it wants something else than the change being arranged: 换货吧,
    can I change the address instead?
    """
    if len(text) > _LONGEST:
        return ()
    found: dict[str, None] = {}
    parts = parts_of(text)
    asked = False
    for part in parts or [text]:
        words = _plain(part)
        asked = asked or _COMMAND.search(words) is not None  # 帮我催一下，开个发票: both are asked of us
        for kind in _of_part(words, named=named, asked=asked, amid=amid):
            found.setdefault(kind)
    if not found and len(parts) > 1:
        for kind in _of_part(_plain(text), named=named, asked=asked, amid=amid):
            found.setdefault(kind)
    plain = _plain(text)
    firm = {kind for kind, rule in _KINDS.items() if rule.firm.search(plain)}
    return tuple(kind for kind in found if kind in firm or not _BEATS.get(kind, set()) & set(found))


def planned(text: str) -> bool:
    """Whether all that is wanted are changes, and only perhaps and later; a question about that is none."""
    words = _plain(text)
    if _LATER.search(words) is None or _QUESTION.search(text.strip()) or _HOW.search(_LATER.sub("", words)):
        return False
    wants = wants_of(text, named=True)
    return bool(wants) and all(_KINDS[kind].writes for kind in wants)


def _plain(part: str) -> str:
    """Folded, without politeness, and without the numbers of orders that stand between the words."""
    return _ORDER_NUMBER.sub("", without_social(folded(part)))


def _of_part(words: str, *, named: bool, asked: bool, amid: bool) -> list[str]:
    hits = []
    for kind, rule in _KINDS.items():
        match = rule.asks.search(words)
        if match is None or rule.never.search(words) or _NEGATED.search(words[: match.start()]):
            continue
        if _meant(words, kind, named=named, asked=asked, amid=amid):
            hits.append((match.start(), kind))
    return [kind for _, kind in sorted(hits)]


def _meant(words: str, kind: str, *, named: bool, asked: bool, amid: bool) -> bool:
    if named:
        return True
    writes = _KINDS[kind].writes
    if writes and (amid or _HOW.search(words)):
        return not _HOW.search(words)
    if writes:
        if asked:
            return not _CAN.match(words)
        return kind in ("cancel", "address", "urge") and not _CAN.search(words)
    if kind in ("track", "status", "refund"):
        return not re.search(r"怎么(?:查|看|知道)|如何(?:查|看)|在哪(?:里|儿)?(?:查|看)|^how (?:do|can|to)", words)
    return True
