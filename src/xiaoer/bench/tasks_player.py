"""The shopper of `bench tasks`: a task's intents said in the customer's words, by rule and without a model.

What stands in brackets with 禁止, 注意 or 不知道 is a direction to the player: it is not said. What it names between
quotes is taken out of what is said; what it tells to say (明确提出…) is said. 你 becomes 我, 客服 becomes 您, and what
the shopper will do (你会, 你将) becomes a wish.

A condition an intent begins with (如果…，) is the shopper's to judge, and is not said. One about failure (没有货, 不行
…) holds if the last wish was not fulfilled; one about goods that have not come, unless the last answer says that they
have; one about what is recommended, if the last answer names it; every other holds.

What the assistant asks back is answered from the intents: a number they name, a way to pay, a day; else 不知道. Every
change it puts before the shopper is confirmed: one that was not wanted shows as a change too many.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xiaoer.patterns import lazy

_DIRECTION = lazy(r"[（(][^（）()]*(?:禁止|注意|不知道|透露)[^（）()]*[)）]")
_TOLD = lazy(r"明确提出([^，。；）)]+)")
_SECRET = lazy(r"(?:透露|告诉客服)[^“”\"']{0,8}[“\"']([^“”\"']+)[”\"']")
_AMOUNT = lazy(r"禁止[^）)]{0,80}?透露(\d+(?:\.\d+)?元)")
_CONDITION = lazy(r"^(?:最后，|然后，|此外，|同时，)?(?:如果|若)(?P<condition>[^，。]*)，(?P<rest>.+)$", re.DOTALL)
_ARRIVED = lazy(r"(?:没有?|未)(?:到|送达|送到|签收|收到)")
_FAILURE = lazy(r"没有货|缺货|不行|失败|无法|不能|拒绝|收费风险")
_RECOMMENDED = lazy(r"推荐购买的商品为(.+)")
_UNKNOWN: Final = "不知道"
_WORDS: Sequence[tuple[str, str]] = (
    (r"你此时不会[^，。]*[，。]?", ""),
    (r"(?:你)?(?:想)?(?:要求|让|请|希望)客服(?:帮你|给你|发给你|能)?", "请您帮我"),
    (r"(?:向|给|和|跟)客服", "向您"),
    (r"客服", "您"),
    (r"你(?:会|将)(?=(?:选择)?)", "我要"),
    (r"你们", "您们"),
    (r"你自己", "我自己"),
    (r"你", "我"),
    (r"您帮我帮我", "您帮我"),
)
_NUMBER_ASKED = lazy(r"请[^。]*订单号")
_PICTURE = lazy(r"https?://\S+?\.(?:jpe?g|png|gif|webp)")
_NO_REVIEW = lazy(r"不是[^，。]{0,80}(?:评论|返现)|而不是")


@dataclass(frozen=True)
class Intent:
    """One intent as it is said. `failed`: only if the last wish was not fulfilled; `absent`: only if the goods
    have not come; `names`: only if one of them was named.
    """

    text: str
    failed: bool = False
    absent: bool = False
    names: tuple[str, ...] = ()


def said(intent: str) -> Intent | None:
    """What is said of an intent; None for one that is a stage direction only."""
    directions = "".join(found.group() for found in _DIRECTION.finditer(intent))
    text = _DIRECTION.sub("", intent)
    for secret in (*_SECRET.findall(directions), *_AMOUNT.findall(directions)):
        text = re.sub(rf"(?:，|,)?[^，,。]*{re.escape(secret)}[^，,。]*", "", text)
    failed, absent = False, False
    names: tuple[str, ...] = ()
    if (found := _CONDITION.match(text)) is not None:
        condition, text = found["condition"], found["rest"]
        failed = _FAILURE.search(condition) is not None
        absent = _ARRIVED.search(condition) is not None
        recommended = _RECOMMENDED.search(condition)
        names = tuple(re.findall(r"\d{6,}", condition)) if recommended else ()
    for told in _TOLD.findall(directions):
        text = f"{text.rstrip('。')}，{told}"
    for pattern, words in _WORDS:
        text = re.sub(pattern, words, text)
    text = text.strip(" ，,")
    return Intent(text, failed, absent, names) if text else None


def holds(intent: Intent, last: str, *, fulfilled: bool) -> bool:
    """Whether the shopper says it, after the assistant's last answer."""
    if (intent.failed and fulfilled) or (intent.absent and re.search(r"[:：]已签收", last)):
        return False
    return not intent.names or any(name in last for name in intent.names)


def pictures(intents: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """What each picture shows: the intent's own words about it; a review, unless a direction says that it is none."""
    shown: dict[str, tuple[str, bool]] = {}
    for intent in intents:
        for url in _PICTURE.findall(intent):
            words = re.sub(r"https?://\S+", "", _DIRECTION.sub("", intent)).strip()
            hidden = "".join(_SECRET.findall(intent))
            shown[url] = (f"{words} {hidden}".strip(), _NO_REVIEW.search(intent) is None)
    return shown


def replied(answer: Mapping[str, Any], intents: Sequence[str]) -> str | None:
    """What the shopper says to a question of the assistant; None where nothing was asked."""
    text, offered = str(answer.get("text", "")), [str(each) for each in answer.get("suggestions", ())]
    whole = " ".join(intents)
    if "哪一个订单" in text or _NUMBER_ASKED.search(text.rpartition("\n")[2]):
        return next((number for number in offered if number in whole), _UNKNOWN)
    if "支付" in text and "可选" in text:
        return next((way for way in offered if way in whole or way[-2:] in whole), None)
    if "星期几" in text:
        day = re.search(r"周[一二三四五六日]", whole)
        return day.group() if day else None
    if "姓名和电话" in text:
        return "请您查询我的默认信息"
    return None
