"""What sending something to a place costs, from the shop's own rules; a place that may be two is asked about."""

import re

from xiaoer.assistant.flows.places import label, names_of, places_in, which
from xiaoer.assistant.flows.talk import Ask, Talk, Task
from xiaoer.commerce.values import Place
from xiaoer.language.phrases import phrase
from xiaoer.patterns import lazy
from xiaoer.tools.reading import Reading

_FEE = lazy(
    r"运费|邮费|快递费|配送费|多少钱|怎么收费|shipping (?:fee|cost|charge|price|rate)"
    r"|postage|delivery (?:fee|charge|cost)"
    r"|how much|\bcosts?\b|phí (?:ship|vận chuyển|giao)|bao nhiêu|ค่า(?:จัด)?ส่ง|เท่าไหร่|เท่าไร"
    r"|送料|いくら|배송비|얼마|сколько стоит|стоимость доставки"
    r"|cu[aá]nto (?:cuesta|vale|sale)|(?:gastos|costo|coste) de env[ií]o"
    r"|quanto custa|quanto é|frete|combien|frais de (?:port|livraison)|versandkosten|kostet|berapa|ongkir|ongkos kirim"
    r"|(?:biaya|kos) (?:kirim|pengiriman|penghantaran)|كم (?:تكلفة|سعر|رسوم)|(?:تكلفة|رسوم) (?:الشحن|التوصيل)",
    re.IGNORECASE,
)
_CAN = lazy(
    r"(?:能不能|可不可以|能|可以|支持|包).{0,4}(?:寄|发|送|配送|邮)|\b(?:do|can|could|will) you (?:ship|deliver|send)"
    r"|có (?:giao|gửi|ship)|ส่ง.{0,30}(?:ได้ไหม|ไหม|มั้ย)",
    re.IGNORECASE,
)
_OTHERWISE = lazy(
    r"几天|多久|多长时间|什么时候|哪天|时效|几点|退|换|保修|维修|发票|关税|how long|how many days|when"
    r"|customs|return|repair"
    r"|bao lâu|mấy ngày|khi nào|กี่วัน|นานไหม|เมื่อไหร่|คืน",
    re.IGNORECASE,
)

_AND = lazy(r"呢\W*$|^(?:and|what about|how about|còn|thế|vậy|แล้ว)\b.*[?？]?$", re.IGNORECASE)
_FOLLOW_UP = 30
"""Characters of a question that may be about the place named before it: and how much is it?"""


def is_asked(text: str) -> bool:
    """Whether a message asks what sending to a place costs, or whether the shop sends there."""
    asks = _FEE.search(text) or _CAN.search(text)
    return asks is not None and _OTHERWISE.search(text) is None and bool(places_in(text))


def goes_on(text: str) -> bool:
    """Whether a message names another place only: 那寄到深圳呢 after the price of something."""
    short = len(text) <= _FOLLOW_UP and _OTHERWISE.search(text) is None
    return short and _AND.search(text.strip()) is not None and bool(places_in(text))


def asked_in(talk: Talk) -> Task | None:
    """The task of a message that asks so, by itself or after the question before it."""
    if is_asked(talk.text):
        return Task("fee")
    if goes_on(talk.text):
        return Task("fee")
    if is_asked(talk.seen.standalone) and _FEE.search(talk.text) and len(talk.text) <= _FOLLOW_UP:
        return Task("fee", {"asked": talk.seen.standalone})
    return None


def place_of(talk: Talk, task: Task) -> Place | None:
    """The place that is named; raises `Ask` where that may be two. The answer brings back what was asked before."""
    asked = task.slots.get("asked")
    choices = places_in(asked or talk.text)
    if asked and talk.stand.awaiting == "place":
        chosen = which(talk.text, choices)
    else:
        chosen = choices[0] if len(choices) == 1 else None
    talk.text = asked or talk.text
    if chosen is None and choices:
        task.slots["asked"] = talk.text
        names = tuple(label(each, talk.language) for each in choices)
        raise Ask("place", phrase("which_place", talk.language, places=" / ".join(names)), names)
    return chosen


async def fee(reading: Reading, talk: Talk, task: Task) -> None:
    """Say the fee, and from which amount on there is none. Where the shop's rules know no such place its texts may."""
    place = place_of(talk, task)
    if place is None:
        return
    name = label(place, talk.language)
    found = await reading.shipping(talk.caller, place)
    if found is None:
        talk.gives_way = names_of(place) if not talk.said else ()
        talk.said.append(phrase("fee_unknown", talk.language, place=name))
        talk.suggestions.append(phrase("talk_to_person", talk.language))
        return
    free = found.free_from
    said = phrase("fee_to", talk.language, place=name, fee=talk.amount(found.fee))
    if free is not None:
        said = phrase("fee_to_free", talk.language, place=name, fee=talk.amount(found.fee), free=talk.amount(free))
    talk.said.append(said)
    talk.cite(f"shipping:{place.country}:{place.region}", name, said, None)
