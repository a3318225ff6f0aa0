"""Where a message says that something is to be sent: a province of China, or a country."""

import re

from xiaoer.commerce.values import Place
from xiaoer.language.numerals import fold

_REGIONS = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "内蒙古", "广西",
    "西藏", "宁夏", "新疆",
)  # fmt: skip
_ENGLISH = {
    "beijing": "北京", "shanghai": "上海", "xinjiang": "新疆", "tibet": "西藏", "qinghai": "青海",
    "inner mongolia": "内蒙古", "guangdong": "广东", "zhejiang": "浙江", "sichuan": "四川", "hainan": "海南",
}  # fmt: skip
_COUNTRIES = {
    "香港": "HK", "hong kong": "HK", "澳门": "MO", "macau": "MO", "macao": "MO", "台湾": "TW", "taiwan": "TW",
    "越南": "VN", "vietnam": "VN", "việt nam": "VN", "เวียดนาม": "VN", "泰国": "TH", "thailand": "TH",
    "thái lan": "TH", "ประเทศไทย": "TH", "马来西亚": "MY", "malaysia": "MY", "新加坡": "SG", "singapore": "SG",
    "日本": "JP", "japan": "JP", "韩国": "KR", "korea": "KR", "美国": "US", "united states": "US", "usa": "US",
    "英国": "GB", "united kingdom": "GB",
}  # fmt: skip
_SENT = re.compile(
    r"(?:寄|送|发|运|邮|快递)(?:到|往|去|至)?|收货地?|(?:ship|send|sent|deliver)\w*|\bto\b|gửi|giao|đến|ส่ง|ไป",
    re.IGNORECASE,
)
_NEAR = 24


def place_in(text: str) -> Place | None:
    """The place after a word for sending; None where none is named, or none we know."""
    words = fold(text).lower()
    sent = _SENT.search(words)
    if sent is None:
        return None
    after = words[sent.end() : sent.end() + _NEAR]
    country = _first(after, _COUNTRIES)
    if country is not None:
        return Place(country)
    region = _first(after, {name: name for name in _REGIONS} | _ENGLISH)
    return Place("CN", region) if region is not None else None


def _first(words: str, known: dict[str, str]) -> str | None:
    found = [(words.find(name), meant) for name, meant in known.items() if name in words]
    return min(found)[1] if found else None
