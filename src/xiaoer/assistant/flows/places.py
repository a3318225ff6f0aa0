"""Where a message says that something is to be sent: a province of China or a country, by its name or a city's.

Cities stand in `places.toml`. A name that several places bear is given back with all of them, and never guessed.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from babel import Locale

from xiaoer.commerce.values import Place
from xiaoer.language.lexicon import Lexicon, is_spaced
from xiaoer.language.normal_han import SIMPLER
from xiaoer.language.phrases import spoken
from xiaoer.language.text import fold
from xiaoer.patterns import lazy, lazy_table, toml

_TABLE: Mapping[str, Mapping[str, str]] = toml("xiaoer.assistant.flows", "places.toml")
_SENT = lazy(
    r"(?:寄|送|发|运|邮|快递)(?:到|往|去|至|回)?|收货地?|(?:ship|send|sent|deliver|post)\w*|\bto\b|gửi|giao|đến|về|ส่ง|ไป|配送|보내|배송|отправ|достав|\benv[ií]\w*|\bfrete\b|\blivr\w+|\bport\b|versand|\bliefer\w*|\bongk\w*|\bkirim\w*|pengiriman|\bhantar\w*|penghantaran|الشحن|التوصيل",
    re.IGNORECASE,
)
_SENT_AFTER = lazy(r"送料|配送|発送|届け|送っ|送れ|送り|배송|보내|택배|발송")
"""Words for sending before which the place is named: シンガポールまでの送料."""
_WIDE_SENT = lazy(
    r"(?:快递|寄|送|发|运|邮)(?:货|到|往|去|至|回)?|收货地?|ส่ง|ไปยัง|ไป|มา|送料|配送|発送|届け|送っ|送れ|送り|배송|보내|보낼|택배|발송"
)
_KANA_OR_HANGUL = lazy("[\u3040-\u30ff\uac00-\ud7a3]")
_KANA = lazy("[\u30a0-\u30ff]+")
_NEAR = 40
_LETTERS = {
    "vi": lazy("[àáâãèêìíòôõùúýăđơưạ-ỹÀÁÂĐÚ]"),
    "th": lazy("[\u0e00-\u0e7f]"),
    "ja": lazy("[\u3040-\u30ff]|日本|韓国|香港|台湾"),
    "ko": lazy("[\uac00-\ud7a3]"),
    "ru": lazy("[А-Яа-я]"),
}
"""By which the name in a language is known."""
_HAN = lazy("[一-鿿]")
_STEM = lazy("[а-я]")
"""The end of a name that may change its ending: Москв for Москва, Москву."""
_ROAD = lazy(r"[东西南北中]{0,2}(?:路|街|大道|公寓|大厦|花园)")
"""南京东路 is a street, and hardly in Nanjing."""


def _folded(name: str) -> str:
    return fold(name).lower().translate(SIMPLER)


def _known() -> dict[str, tuple[Place, ...]]:
    found: dict[str, dict[Place, None]] = defaultdict(dict)
    for table, mark in (("china", " "), ("china_letters", "|")):
        for region, names in _TABLE[table].items():
            for name in names.split(mark):
                found[_folded(name)][Place("CN", region)] = None
    for country, names in _TABLE["abroad"].items():
        for name in names.split("|"):
            found[_folded(name)][Place(country)] = None
    return {name: tuple(places) for name, places in found.items()}


_KNOWN = lazy_table(_known)


def _stands_alone(text: str, start: int, end: int) -> bool:
    if _KANA.fullmatch(text, start, end):  # タイ is not in ネクタイ
        return not _KANA.match(text, end) and not (start and _KANA.match(text, start - 1))
    if is_spaced(text, start) and is_spaced(text, start - 1):
        return False
    if is_spaced(text, end - 1) and is_spaced(text, end):
        return _STEM.match(text, end - 1) is not None
    return not (_HAN.match(text, end - 1) and _ROAD.match(text, end))


@cache
def _lexicon() -> Lexicon:
    return Lexicon(_KNOWN, _stands_alone)


def places_in(text: str) -> tuple[Place, ...]:
    """The place after a word for sending; several where its name is that of several, none where none is named."""
    words = _folded(text)
    for sent in _SENT.finditer(words):
        named = [_KNOWN[found.name] for found in _lexicon().find(words[sent.end() : sent.end() + _NEAR])]
        if named:
            return _settled(named[0], [place for others in named[1:] if len(others) == 1 for place in others])
    if _KANA_OR_HANGUL.search(words) and _SENT_AFTER.search(words):
        named = [_KNOWN[found.name] for found in _lexicon().find(words)]
        if named:
            return named[0]
    return ()


def speaks_of_sending(text: str) -> bool:
    """Whether a text says something about sending, in any language."""
    words = _folded(text)
    return _SENT.search(words) is not None or _SENT_AFTER.search(words) is not None


def names_places(text: str) -> bool:
    """Whether a text names any place."""
    return next(iter(_lexicon().find(_folded(text))), None) is not None


def without_places(text: str) -> str:
    """Folded `text` without the names of places and, in scripts without spaces, the words for sending."""
    words = _folded(text)
    kept, at = [], 0
    for found in _lexicon().find(words):
        kept.append(words[at : found.start])
        at = found.end
    rest = " ".join([*kept, words[at:]])
    return _WIDE_SENT.sub(" ", rest)


def _settled(meant: tuple[Place, ...], beside: list[Place]) -> tuple[Place, ...]:
    """Of several places the one that is named beside the name: Suzhou, Anhui."""
    settled = tuple(place for place in meant if place in beside)
    return settled if len(meant) > 1 and len(settled) == 1 else meant


def which(text: str, choices: tuple[Place, ...]) -> Place | None:
    """The one of several places that an answer names."""
    named = {place for found in _lexicon().find(_folded(text)) for place in _KNOWN[found.name]}
    chosen = [place for place in choices if place in named]
    return chosen[0] if len(chosen) == 1 else None


def names_of(place: Place) -> tuple[str, ...]:
    """All that a place, and what is in it, is called."""
    if place.region:
        names = [*_TABLE["china"][place.region].split(" "), *_TABLE["china_letters"][place.region].split("|")]
        return (place.region, *names)
    return tuple(_TABLE["abroad"][place.country].split("|"))


def label(place: Place, language: str) -> str:
    """A province or country as customers of a language read it."""
    if place.region:
        return place.region if language == "zh" else _TABLE["china_letters"][place.region].split("|")[0]
    names = _TABLE["abroad"][place.country].split("|")
    if language in ("zh", "en"):
        return names[0 if language == "zh" else 1]
    own = next((name for name in names if language in _LETTERS and _LETTERS[language].search(name)), None)
    return own or Locale.parse(spoken(language)).territories.get(place.country, names[1])
