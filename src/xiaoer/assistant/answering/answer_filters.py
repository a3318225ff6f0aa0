"""Whether what was found fits the one who asked: the kind of thing asked for, the language, the wording.

Nearness in meaning does not tell these apart: "how much is it" is near to all that is said of the product.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xiaoer.assistant.answering.reading import Quote, Reading
from xiaoer.assistant.gate.backing import akin
from xiaoer.assistant.gate.claims import claims
from xiaoer.assistant.retrieval.words import counted
from xiaoer.assistant.understanding.followup import naming
from xiaoer.knowledge.hits import Hit
from xiaoer.language import sentences
from xiaoer.patterns import lazy

ENGLISH = "en"
ALIKE_UNSHARED = 0.94
"""Cosine from which a question is alike without a word in common; below, unrelated short texts come as near."""
UNSURE = 0.85
"""Confidence below which the "yes" of a curated answer is not repeated: it was said to another question."""
_PRICE = lazy(
    r"多少钱|啥价|什么价|价格(?:是)?多少|几块钱|售价|\bhow much (?:is|are|does|do)\b(?!.*\b(?:weigh|time|memory)\b)"
    r"|\bprice of\b|giá bao nhiêu|ราคาเท่าไ|いくら|얼마(?:예요|에요|인가요)|сколько стоит",
    re.IGNORECASE,
)
_FREE = lazy(r"免|包邮|不收|不要钱|不用付|赠|\bfree\b|no charge|included|miễn phí|ฟรี|無料|무료|бесплатн", re.IGNORECASE)
_YES = lazy(
    r"(?:可以|能|有|是|支持|会|行|没问题|不可以|不能|没有|不支持|不会)(?:的|啊|哦)?[。！.!，,]?\s*"
    r"|(?:yes|no|sure|of course)[.!,]?\s*|(?:có|không|được)[.!,]?\s*",
    re.IGNORECASE,
)
_DESCRIPTION = lazy(
    r"(?:商品|产品|宝贝)?(?:描述|详情|介绍|简介|内容)[：:]\s*|(?:product )?(?:description|details?):\s*", re.IGNORECASE
)
"""A column's name that says nothing to a customer, who reads the description itself."""
_LABELLED = lazy(r"[^：:。；;]{1,16}[：:][^。；;]{1,60}")


def legible(hits: Sequence[Hit], language: str, main: str) -> list[Hit]:
    """The hits a customer may make something of: in their language, in the shop's main one, or in English."""
    return [hit for hit in hits if akin(hit.locale, language) or hit.locale in (main, ENGLISH)]


def fitted(question: str, reading: Reading, hits: Sequence[Hit], language: str) -> Reading:
    """The reading with quotes of one language, each knowing its product, without what does not fit the question."""
    if not reading.answerable:
        return reading
    if _PRICE.search(question) and not any(_tells_price(quote) for quote in reading.quotes):
        return replace(reading, answerable=False, why={**reading.why, "tells_no_price": 1.0})
    found = {hit.passage_id: hit for hit in hits}
    quotes = [
        replace(quote, about=_product(question, quote, found[quote.passage_id]), curated=_is_curated(quote, found))
        for quote in _in_one_language(reading.quotes, language)
    ]
    return replace(reading, quotes=tuple(quotes))


def told(quote: Quote, confidence: float) -> str:
    """The quote as it is said: a bare fact with the product it is of, and no "yes" to another question."""
    text = quote.text
    if quote.label:
        return f"{quote.label}{'：' if quote.locale in ('zh', 'ja') else ': '}{text}"
    if (label := _DESCRIPTION.match(text)) is not None and label.end() < len(text):
        text = text[label.end() :]
        return f"{quote.about}：{text}" if quote.about else text
    if quote.curated and confidence < UNSURE:
        said = sentences.split(text)
        if len(said) > 1 and _YES.fullmatch(said[0].strip()):
            text = text[text.index(said[0]) + len(said[0]) :].strip()
    if quote.about and _LABELLED.fullmatch(text.strip()):
        return f"{quote.about}，{text}" if quote.locale in ("zh", "ja") else f"{quote.about}, {text}"
    return text


def alike(question: str, near: Sequence[tuple[str, object, float]], least: float) -> tuple[str, ...]:
    """The wordings worth offering of those that search calls near: something in common that names a thing."""
    asked = _named(question)
    return tuple(
        wording
        for wording, _, cosine in near
        if cosine >= least and (cosine >= ALIKE_UNSHARED or not asked.isdisjoint(_named(wording)))
    )


def _named(text: str) -> set[str]:
    return {term for term in counted(naming(text)) if len(term) > 1 and not term.isdigit()}


def _tells_price(quote: Quote) -> bool:
    has_amount = any(claim.kind == "money" for claim in claims(quote.text, quote.locale))
    return has_amount or _FREE.search(quote.text) is not None


def _in_one_language(quotes: Sequence[Quote], language: str) -> Sequence[Quote]:
    """Those in the customer's language, else those in English, else those in the language of the best."""
    own = [quote for quote in quotes if akin(quote.locale, language)]
    english = [quote for quote in quotes if quote.locale == ENGLISH]
    return own or english or [quote for quote in quotes if quote.locale == quotes[0].locale]


def _product(question: str, quote: Quote, hit: Hit) -> str:
    """The name of the one product that the quote is about, where the question does not name it."""
    one = len(hit.product_ids) == 1 and hit.kind != "question" and not hit.named
    return quote.title if one and quote.title not in question else ""


def _is_curated(quote: Quote, found: Mapping[uuid.UUID, Hit]) -> bool:
    return found[quote.passage_id].kind == "question"
