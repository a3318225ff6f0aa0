"""Questions back: which product is meant, what is wanted of it, or what is wanted at all."""

from collections.abc import Sequence

from xiaoer.assistant.answering import sections
from xiaoer.assistant.answering.reading import Reading
from xiaoer.assistant.asked import Turn
from xiaoer.assistant.retrieval import words
from xiaoer.assistant.understanding.result import asks
from xiaoer.conversations.thread import Answer
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language.phrases import phrase

MOST_CHOICES = 4
SAYS_LITTLE = 1.0
"""A question whose words say less, in characters of Han, asks nothing of a product."""
FILLER = 1.5
"""Up to here a message to which nothing is near is taken for a filler, and not for a question that has no answer."""
OPEN = 0.3
"""Confidence from which something seems to answer, if only one knew of which product."""
RIVAL = 0.25
"""How near another product's text must be in score to leave it open which product is asked about."""


async def ask_first(turn: Turn, knowledge: Knowledge) -> Answer | None:
    """A question back that needs no search: several products fit, or one is named and nothing is asked of it."""
    focus = turn.focus
    is_bare = words.weight(focus.rest) < SAYS_LITTLE
    if focus.choices and not focus.is_likely and (is_bare or not focus.is_open):
        return await which_product(turn, knowledge, focus.choices)
    named = focus.source == "message" and len(focus.products) == 1 and not focus.is_likely
    if named and turn.seen.intent == "question" and is_bare:
        product = focus.products[0]
        hits = await knowledge.about(turn.asked.store_id, (product,), turn.asked.text, at=turn.at)
        labels = await knowledge.product_labels(turn.asked.store_id, (product,))
        text = phrase("what_about_product", turn.language, product=labels[product])
        nearest = sections.offer(hits, most=MOST_CHOICES, in_focus=True)
        chips = tuple(each["title"] for each in nearest)
        return turn.ended(text, "flow", confidence=1.0, suggestions=chips, nearest=nearest)
    return None


async def which_product(turn: Turn, knowledge: Knowledge, products: Sequence[str]) -> Answer:
    """Ask which of these is meant; the question waits for the answer."""
    offered = await _told_apart(turn, knowledge, products[:MOST_CHOICES])
    kept = {"pending": turn.focus.rest or turn.asked.text, "offered": offered}
    turn.evidence["focus"] = {**turn.evidence.get("focus", {}), **kept}
    choices = tuple(offered)
    text = phrase("which_product", turn.language)
    return turn.ended(text, "flow", confidence=1.0, suggestions=choices, choices=choices)


async def _told_apart(turn: Turn, knowledge: Knowledge, products: Sequence[str]) -> dict[str, str]:
    """The products by what they are called: in short, in full where short names are the same, else with their id."""
    store_id = turn.asked.store_id
    names = [await knowledge.product_labels(store_id, products), await knowledge.product_titles(store_id, products)]
    found: dict[str, str] = {}
    for product in products:
        said = next((each[product] for each in names if list(each.values()).count(each[product]) == 1), None)
        found[said or f"{names[1][product]} ({product})"] = product
    return found


def rivals(turn: Turn, reading: Reading) -> tuple[str, ...]:
    """The products whose texts answer differently, where the question names none of them, or fits several."""
    if turn.focus.is_open and turn.concern is None:
        return turn.focus.choices if reading.confidence >= OPEN and not reading.answerable else ()
    if turn.focus.products or turn.concern is not None or reading.confidence < OPEN or not reading.leading:
        return ()
    best = reading.leading[0]
    if not best.hit.product_ids:
        return ()
    near = [each for each in reading.leading if each.score >= best.score - RIVAL]
    same = len({each.text for each in near}) == 1
    if any(not each.hit.product_ids for each in near) or (same and reading.answerable):
        return ()
    products = tuple(dict.fromkeys(each.hit.product_ids[0] for each in near))
    return products if len(products) > 1 else ()


def is_filler(turn: Turn, reading: Reading) -> bool:
    """Whether a message to which nothing is near says too little to be a question."""
    says_little = words.weight(turn.asked.text) <= FILLER and not asks(turn.asked.text)
    return says_little and reading.confidence < sections.FAR and not turn.focus.products


def what_is_wanted(turn: Turn) -> Answer:
    """Ask what the customer would like to know."""
    suggestions = tuple(turn.asked.profile.opening_questions.get(turn.language, ()))
    return turn.ended(phrase("what_is_wanted", turn.language), "flow", confidence=1.0, suggestions=suggestions)
