"""Which script a text is written in, by the letters that carry it."""

from collections import Counter
from dataclasses import dataclass

from xiaoer.language.normal_han import ONLY_SIMPLIFIED, ONLY_TRADITIONAL

_RANGES = (
    ("Latn", 0x0041, 0x024F),
    ("Grek", 0x0370, 0x03FF),
    ("Cyrl", 0x0400, 0x052F),
    ("Hebr", 0x0590, 0x05FF),
    ("Arab", 0x0600, 0x06FF),
    ("Arab", 0x0750, 0x077F),
    ("Deva", 0x0900, 0x097F),
    ("Beng", 0x0980, 0x09FF),
    ("Taml", 0x0B80, 0x0BFF),
    ("Thai", 0x0E00, 0x0E7F),
    ("Laoo", 0x0E80, 0x0EFF),
    ("Mymr", 0x1000, 0x109F),
    ("Geor", 0x10A0, 0x10FF),
    ("Kore", 0x1100, 0x11FF),
    ("Khmr", 0x1780, 0x17FF),
    ("Latn", 0x1E00, 0x1EFF),
    ("Jpan", 0x3041, 0x30FA),
    ("Kore", 0x3131, 0x318E),
    ("Hani", 0x3400, 0x4DBF),
    ("Hani", 0x4E00, 0x9FFF),
    ("Kore", 0xAC00, 0xD7A3),
    ("Hani", 0xF900, 0xFAFF),
    ("Arab", 0xFB50, 0xFDFF),
    ("Arab", 0xFE70, 0xFEFC),
    ("Latn", 0xFF21, 0xFF5A),
    ("Jpan", 0xFF66, 0xFF9D),
    ("Hani", 0x20000, 0x3FFFF),
)

_WEIGHT = {"Hani": 4.0, "Jpan": 4.0, "Kore": 4.0, "Latn": 1.0}
"""One Han character says as much as a few letters; other scripts count double, for Latin brand names mix into all."""
_OTHER_WEIGHT = 2.0

_SHINJITAI = frozenset(
    "両乗亜仏仮伝価倹児円処剣剤労効勅勧勲単厳収営噛団囲図圏圧塁塩増壊壌壱売変奨嬢実寛対専巌巣巻帯帰庁広廃弐弾従徳応恵"
    "悩悪懐戦戻払抜択拝拠拡挙挿捜掲揺摂撃斉斎晩暁暦栄桜桟検楽様権歓歩歯歳歴毎気沢浄浜涙渇済渉渋渓満滝瀬焼犠猟獣畳痩発"
    "県砕稲穂穏穣竜粛経絵継続総縁縄縦繊聴脳臓舎舗荘蔵薬蛍覇覚覧観訳読譲豊賛転軽辺逓遅郷酔醸釈鉄鉱銭鋳録関闘陥険隠雑霊"
    "頼顕駅駆騒験髄髪鶏黒黙齢々〆枠辻峠凧凪匂塀畑働込笹雫鰯鱈麺剰糸竪缶隷壷"
)
"""Han characters as only Japanese writes them."""


_CHINESE = frozenset("的吗嗎们們这這那么麼呢吧啊你您我他她是没沒请請")
"""Small words of Chinese, which no Japanese text without kana has."""


@dataclass(frozen=True)
class Writing:
    """`script` is an ISO 15924 code: Hans, Hant, Jpan, Kore, Thai, Cyrl, Arab, Latn …; "" if no letter was seen.

    `letters` counts the letters of that script; `shape` is the least that is sure (Hani becomes Hans where nothing
    tells the two apart).
    """

    script: str
    letters: int


def script_of(character: str) -> str:
    """The script of a letter, "" for everything that is not one."""
    point = ord(character)
    if point < 0x0100:  # noqa: PLR2004 - the end of Latin-1
        return "Latn" if character.isalpha() else ""
    for script, first, last in _RANGES:
        if point <= last:
            return script if point >= first and (character.isalpha() or _is_vowel_sign(point)) else ""
    return ""


def writing(text: str) -> Writing:
    """The script that carries most of `text`."""
    counts = Counter(map(script_of, text))
    counts.pop("", None)
    if not counts:
        return Writing("", 0)
    if counts["Jpan"] and counts["Jpan"] * 10 >= counts["Hani"]:
        counts["Jpan"] += counts.pop("Hani", 0)
    script = max(counts, key=lambda name: counts[name] * _WEIGHT.get(name, _OTHER_WEIGHT))
    if script != "Hani":
        return Writing(script, counts[script])
    return Writing(_kind_of_han(text), counts[script])


def _is_vowel_sign(point: int) -> bool:
    return 0x0E00 <= point <= 0x0EFF or 0x0900 <= point <= 0x0DFF or 0x1780 <= point <= 0x17FF  # noqa: PLR2004


def _kind_of_han(text: str) -> str:
    simplified = sum(character in ONLY_SIMPLIFIED for character in text)
    traditional = sum(character in ONLY_TRADITIONAL for character in text)
    japanese = sum(character in _SHINJITAI for character in text)
    if japanese and not simplified and _CHINESE.isdisjoint(text):
        return "Jpan"
    return "Hant" if traditional > simplified else "Hans"
