"""The last hand on a sentence: no markup that could act, and the punctuation of its language."""

import re
from collections.abc import Callable
from html import unescape

from xiaoer.patterns import lazy

_DANGEROUS = lazy(r"<(script|style|iframe|object|svg|template)\b[^>]*>.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_COMMENT = lazy(r"<!--.*?(?:-->|$)", re.DOTALL)
_BREAK = lazy(r"<br\s*/?>|</(?:p|div|li|tr)>", re.IGNORECASE)
_TAG = lazy(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<[a-zA-Z/!][^<>]*$")
_IMAGE = lazy(r"!\[[^\[\]]*\](?:\([^)]*\)?|\[[^\]]*\])?")
_DATA_LINK = lazy(r"\[([^\[\]]*)\]\(\s*(?:javascript|data|vbscript|file):\S*", re.IGNORECASE)
_ACTING = lazy(r"\b(?:javascript|vbscript)\s*:|\bdata:text/\S*", re.IGNORECASE)
_INVISIBLE = lazy(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_THINKING = lazy(r"</?think(?:ing)?>|<\|[^|<>]{1,40}\|>", re.IGNORECASE)

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_NEAR_HAN = f"[{_HAN}”’》】）」』]"
_KEPT = lazy(r"(?:https?://|www\.)[^\s，。；！？、）】]+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+|`[^`]*`")
_WIDE = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_HALF_AFTER_HAN = lazy(rf"(?<={_NEAR_HAN})[ ]?([,?!;:])(?!//)[ ]?")
_HALF_BEFORE_HAN = lazy(rf"(?<=[A-Za-z0-9%°℃])([,;?!:])[ ]?(?=[{_HAN}])")
_STOP = lazy(
    rf"(?<={_NEAR_HAN})[ ]?\.(?=[\s{_HAN}]|$)|(?<=[A-Za-z0-9%])\.(?=[{_HAN}])|(?<=[\u4e00-\u9fff][A-Za-z0-9%])\.$"
)
_DOTS = lazy(rf"(?<=[{_HAN}）”])\.{{3,}}|(?<=[{_HAN}])…(?!…)(?<!……)")
_BRACKETS = lazy(r"\(([^()（）\n]*)\)")
_QUOTES = lazy(r'"([^"\n]*)"')
_GAP = lazy(rf"(?<=[{_HAN}，。；：！？、])[ ]+(?=[{_HAN}，。；：！？、])|(?<=[，。；：！？、])[ ]+(?=\S)")
_REPEATED = lazy(r"([！？。，；!?,])\1+(?<!……)")
_WIDE_TO_HALF = str.maketrans(
    {"，": ", ", "。": ". ", "！": "! ", "？": "? ", "；": "; ", "：": ": ", "（": " (", "）": ") ", "、": ", "}
)
_ANY_HAN = lazy(f"[{_HAN}]")


def clean(text: str) -> str:
    """`text` without HTML, images, invisible characters, links that act, or marks of a model's template."""
    text = _INVISIBLE.sub("", text)
    for _again in range(2):
        text = _COMMENT.sub("", _DANGEROUS.sub("", _THINKING.sub("", text)))
        text = _TAG.sub("", _BREAK.sub("\n", text))
        text = unescape(text) if "&" in text and "<" not in text else text
    text = _DATA_LINK.sub(r"\1", _IMAGE.sub("", text))
    return _ACTING.sub("", text)


def polish(text: str, language: str) -> str:
    """`text` with the punctuation of `language`: full-width in Chinese, half-width in languages with spaces.

    Addresses, code and figures stay as they are. Polishing twice changes nothing more.
    """
    if language == "zh" and _ANY_HAN.search(text):
        return _outside_kept(text, _chinese)
    if language in {"zh", "ja", "th", "ko"}:
        return text
    return _outside_kept(text, _spaced)


def _outside_kept(text: str, change: Callable[[str], str]) -> str:
    """`change` applied around addresses and code, which stand in for themselves as one letter meanwhile."""
    kept = _KEPT.findall(text)
    changed = change(_KEPT.sub("\ue000", text))
    for original in kept:
        changed = changed.replace("\ue000", original, 1)
    return changed


def _chinese(text: str) -> str:
    text = _REPEATED.sub(r"\1", _DOTS.sub("……", text))
    text = _HALF_AFTER_HAN.sub(lambda match: _WIDE[match.group(1)], text)
    text = _HALF_BEFORE_HAN.sub(lambda match: _WIDE[match.group(1)], text)
    text = _STOP.sub("。", text)
    text = _BRACKETS.sub(
        lambda match: f"（{match.group(1)}）" if _ANY_HAN.search(match.group(1)) else match.group(), text
    )
    text = _QUOTES.sub(lambda match: f"“{match.group(1)}”" if _ANY_HAN.search(match.group(1)) else match.group(), text)
    text = _HALF_AFTER_HAN.sub(lambda match: _WIDE[match.group(1)], text)
    text = _DOTS.sub("……", _STOP.sub("。", text))
    return _REPEATED.sub(r"\1", _GAP.sub("", text))


def _spaced(text: str) -> str:
    if _ANY_HAN.search(text):
        return text
    changed = text.translate(_WIDE_TO_HALF)
    if changed == text:
        return text
    changed = re.sub(r"(?<! ) +([,.;:!?)])", r"\1", changed)
    return (
        re.sub(r"(?<=\S) {2,}", " ", changed).rstrip(" ")
        if not text.endswith(" ")
        else re.sub(r"(?<=\S) {2,}", " ", changed)
    )
