"""What sending something to a place costs, from the shop's own rules; a place that may be two is asked about.

A fee says nothing of whether something may be sent: what the shop's texts say of that goes before it (`Sending`).
"""

import re

from xiaoer.assistant.flows.places import label, names_of, places_in, speaks_of_sending, which, without_places
from xiaoer.assistant.flows.talk import Ask, Sending, Talk, Task
from xiaoer.assistant.gate.clauses_words import EMPTY_WIDE
from xiaoer.commerce.values import Place
from xiaoer.language.function_words import function_words
from xiaoer.language.normal import normal
from xiaoer.language.normal_polite import without_politeness
from xiaoer.language.phrases import joined, phrase
from xiaoer.patterns import lazy, toml
from xiaoer.tools.reading import Reading

_TABLE = toml("xiaoer.assistant.flows", "fees.toml")


def _patterns(name: str) -> re.Pattern[str]:
    return lazy(lambda: "|".join(f"(?:{one})" for one in _TABLE[name]), re.IGNORECASE)


_FEE, _CAN, _OTHERWISE, _ASKING = map(_patterns, ("fee", "can", "otherwise", "asking"))
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


def asks_whether(text: str) -> bool:
    """Whether a message asks if something may be sent, and not what it costs alone."""
    return _CAN.search(text) is not None


def goods_in(text: str) -> str:
    """What a message wants sent, as far as it says so: what is left of it without the place, sending and its fee."""
    words = without_places(_FEE.sub(" ", without_politeness(normal(text))))
    empty = function_words().union(_TABLE["asking_words"].split())
    left = [
        word
        for word in _ASKING.sub(" ", EMPTY_WIDE.sub(" ", words)).split()
        if word not in empty and not word.isdigit() and not speaks_of_sending(word)
    ]
    return " ".join(left) if sum(map(len, left)) > 1 else ""


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
    """Say the fee, and from which amount on there is none. Where the shop's rules know no such place its texts may.

    Asked whether something may be sent there, the fee alone is no answer.
    """
    place = place_of(talk, task)
    if place is None:
        return
    name, whether = label(place, talk.language), asks_whether(talk.text)
    found = await reading.shipping(talk.caller, place)
    if found is None:
        talk.gives_way = names_of(place) if not talk.said and not whether else ()
        if whether:
            talk.sending = _sending(talk, place, _question(talk, name), goods_in(talk.text), whether=True)
        talk.said.append(phrase("fee_unknown", talk.language, place=name))
        talk.suggestions.append(phrase("talk_to_person", talk.language))
        return
    free = found.free_from
    said = phrase("fee_to", talk.language, place=name, fee=talk.amount(found.fee))
    if free is not None:
        said = phrase("fee_to_free", talk.language, place=name, fee=talk.amount(found.fee), free=talk.amount(free))
    talk.cite(f"shipping:{place.country}:{place.region}", name, said, None)
    goods = goods_in(talk.text)
    if whether:
        asks_fee = _FEE.search(talk.text) is not None
        besides = joined(talk.language, phrase("if_sent", talk.language), said) if asks_fee else ""
        talk.sending = _sending(talk, place, _question(talk, name), goods, besides, whether=True)
        said = joined(talk.language, phrase("ships_to", talk.language, place=name), said)
        said = joined(talk.language, said, phrase("sending_unsaid", talk.language))
        talk.suggestions.append(phrase("talk_to_person", talk.language))
    elif goods:
        besides = joined(talk.language, phrase("if_sent", talk.language), said)
        talk.sending = sending_of(talk, place, goods, besides)
    talk.said.append(said)


def sending_of(talk: Talk, place: Place, goods: str, besides: str) -> Sending:
    """That goods are to be sent to a place, where only what it costs was asked."""
    question = phrase("can_send", talk.language, goods=goods, place=label(place, talk.language))
    return _sending(talk, place, question, goods, besides, whether=False)


def _sending(talk: Talk, place: Place, question: str, goods: str, besides: str = "", *, whether: bool) -> Sending:
    abroad = place.country != talk.caller.profile.region
    return Sending(question, whether, names_of(place), abroad, goods, besides)


def _question(talk: Talk, place: str) -> str:
    """What the shop's texts are asked: the part of the message that asks whether, else with the goods that it names."""
    asked = [part for part in talk.seen.parts if asks_whether(part)]
    if len(talk.seen.parts) == 1 or not asked:
        return talk.text
    goods = goods_in(asked[0])
    return phrase("can_send", talk.language, goods=goods, place=place) if goods else asked[0]
