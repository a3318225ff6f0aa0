"""What a dialogue says, and how money, moments and goods are written; every key in every table of `dialogue_texts`."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from xiaoer.assistant.untrusted import without_orders
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import OrderLine
from xiaoer.patterns import toml_by_language
from xiaoer.stores import Profile

TABLES = toml_by_language("xiaoer.language", "dialogue_texts")
_LINE = 300
"""Characters of one text of the shop's system that are shown."""


_COMMAS = {"zh": "、", "ja": "、", "ar": "، "}
_PAUSES = {"zh": "，", "ja": "、", "ar": "، "}


def say(key: str, language: str, **values: object) -> str:
    """The text of `key` in `language`, or in English."""
    return TABLES.get(language.partition("-")[0], TABLES["en"])[key].format_map(values)


def code_letter(language: str, profile: Profile, code: str) -> tuple[str, str]:
    """Subject and text of the letter that brings a code."""
    shop = profile.name_in(language)
    return say("code_letter_subject", language, shop=shop), say("code_letter", language, shop=shop, code=code)


def amount(money: Money, language: str) -> str:
    """As a customer of the language reads it: `¥1,200.50` in Chinese, `1.200,50 CN¥` in German."""
    return money.written_in(language)


def moment(at: datetime, timezone: str) -> str:
    """In the shop's zone, to the minute, the way every reader can read it."""
    return at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def plain_line(text: str) -> str:
    """A text of the shop's system as one short line without anything that could pass for our own layout.

    Orders to the machine in it are taken out: a name of goods or a note of a courier is material as well.
    """
    text = without_orders(text[: _LINE * 4])[0] or "…"
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_LINE]


def goods(lines: Sequence[OrderLine], language: str) -> str:
    """The goods of an order in one line."""
    named = [
        say("goods_line", language, name=plain_line(line.name or line.sku), quantity=line.quantity) for line in lines
    ]
    return listed(named, language)


def listed(things: Sequence[str], language: str) -> str:
    """Things in a row, parted as the language does."""
    return _COMMAS.get(language.partition("-")[0], ", ").join(things)


def paused(parts: Sequence[str], language: str) -> str:
    """Parts of a sentence one after another."""
    return _PAUSES.get(language.partition("-")[0], ", ").join(parts)
