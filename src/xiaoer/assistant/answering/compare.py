"""Figures of two products side by side: their difference is computed, never worded by a model."""

from collections.abc import Sequence
from decimal import Decimal

from xiaoer.assistant.answering.reading import Quote
from xiaoer.language import quantities
from xiaoer.language.phrases import phrase

TWO = 2


def difference(quotes: Sequence[Quote], language: str) -> str:
    """A sentence that tells by how much the one figure of two quotes differs; empty where they do not compare."""
    if len(quotes) != TWO or quotes[0].about == quotes[1].about:
        return ""
    found = [_only_figure(quote) for quote in quotes]
    if found[0] is None or found[1] is None or found[0][1] != found[1][1]:
        return ""
    gap = abs(found[0][0] - found[1][0])
    return phrase("difference", language, amount=f"{gap.normalize():f}{found[0][1]}") if gap else ""


def _only_figure(quote: Quote) -> tuple[Decimal, str] | None:
    """The one figure of a quote with its unit as written: a labelled line such as 价格：1999 has none."""
    spans = [span for span in quantities.find(quote.text, quote.locale) if span.kind != quantities.PACK]
    if len(spans) != 1:
        return None
    span = spans[0]
    value = span.value
    unit = quote.text[span.start : span.end].strip().lstrip("0123456789.,， ")
    return value.amount, unit
