"""What a customer's message says, without a model: language, purpose, mood, what it names, and words to search with."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from xiaoer.assistant.understanding import followup
from xiaoer.assistant.understanding import intent as intents
from xiaoer.assistant.understanding.entities import Entities, entities_of
from xiaoer.assistant.understanding.injection import is_suspicious
from xiaoer.assistant.understanding.intent import Intent
from xiaoer.assistant.understanding.sentiment import sentiment
from xiaoer.assistant.understanding.topic import Topic, topic_of
from xiaoer.assistant.understanding.variants import expand
from xiaoer.language import sentences
from xiaoer.language.detect import detect
from xiaoer.language.normal import normal
from xiaoer.language.normal_polite import without_politeness
from xiaoer.patterns import lazy

Author = Literal["customer", "assistant", "staff"]

_MOST_PARTS = 4
_LONGEST_ASKED = 500
"""Characters of a message up to which commas may separate questions; a longer one tells a story."""

_SHORT = 80
"""Characters up to which politeness around the question is cut off before a search."""

_COMMAS = lazy(
    r"[,，、;；~～]+|(?<=[吗呢么])\s+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])"
    r"|(?<!\s)\s+and\s+(?:also\s+)?(?=(?:how|what|when|where|which|who|do|does|is|are|can|will)\b)",
    re.IGNORECASE,
)
_BESIDES = lazy(r"^(?:另外|此外|还有|顺便(?:问一下|问下)?|再问一下|以及)(?=.{2,}[几多什怎吗谁哪])")
"""Words before a further question that say nothing about whether it leans on the first."""
_ASKS = lazy(
    r"[?？؟]|[吗呢嘛]|什么|怎么|怎样|如何|多少|多久|多长|多大|几[天个号点时折]|哪|谁|啥|咋|(?P<a>[\u4e00-\u9fff])不(?P=a)|为何|是否|能否|能不能|可不可以|有没有|是不是|会不会|要不要|几时"
    r"|(?<![还并从也都])[不没]\s*$|^(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|may|have|has|should)\b"
    r"|(?:không|chưa|bao nhiêu|bao lâu|khi nào|ở đâu|thế nào)\b"
    r"|ไหม|เท่าไหร่|กี่|อย่างไร|เมื่อไหร่|ですか|ますか|か$|나요|까요|인가요",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Understanding:
    """One message, as far as rules can tell.

    `language` and `script` as in `language.detect`; `certain` if the text itself shows them. `sentiment`: from -1 to 1.
    `standalone` is what to search with: standard wording, and what a follow-up leans on put in front. `parts` are the
    questions of a message that holds several, each as `standalone`; otherwise that alone. `urgent`: a person should see
    it at once. `suspicious`: it speaks to the machine's instructions.
    """

    language: str
    script: str
    certain: bool
    intent: Intent
    topic: Topic
    sentiment: float
    standalone: str
    parts: tuple[str, ...]
    follows_up: bool
    urgent: bool
    suspicious: bool
    entities: Entities


def understand(
    text: str,
    history: Sequence[tuple[Author, str]] = (),
    *,
    prior: str | None = None,
    likely: Sequence[str] = (),
    calm: Collection[str] = (),
) -> Understanding:
    """Understand `text` after `history`, (author, text) oldest first; `prior` is the language spoken so far.

    `likely` are the languages of the shop. `calm`: built-in sensitive words that make nothing urgent in this shop.
    """
    detected = detect(text, prior=prior, likely=likely)
    intent = intents.intent_of(text)
    earlier = [
        expand(said, detected.language)
        for author, said in history
        if author == "customer" and intents.intent_of(said) in ("question", "complaint")
    ]
    wording = expand(text.strip(), detected.language)
    is_asked = intent in ("question", "complaint")
    follows_up = is_asked and bool(earlier) and followup.leans_back(wording)
    alone = followup.standalone(wording, earlier) if follows_up else _asked(wording)
    return Understanding(
        language=detected.language,
        script=detected.script,
        certain=detected.certain,
        intent=intent,
        topic=topic_of(text),
        sentiment=sentiment(text),
        standalone=alone,
        parts=_parts(wording, earlier) or (alone,) if is_asked and not follows_up else (alone,),
        follows_up=follows_up,
        urgent=intents.is_urgent(text, calm),
        suspicious=is_suspicious(text),
        entities=entities_of(text),
    )


def asks(text: str) -> bool:
    """Whether a text has the form of a question."""
    return _ASKS.search(text) is not None


def _asked(wording: str) -> str:
    """`wording` less the sentences and words that only greet, thank and the like."""
    said = sentences.split(wording[:_LONGEST_ASKED])
    left = [one for one in said if not intents.is_social(one)]
    if left and len(left) < len(said):
        wording = " ".join(left) + wording[_LONGEST_ASKED:]
    words = normal(wording)
    bare = without_politeness(words) if len(words) <= _SHORT else words
    return bare if bare and bare != words else wording


def _parts(wording: str, earlier: Sequence[str]) -> tuple[str, ...]:
    """The questions of a message that holds at least two; empty otherwise."""
    if len(wording) > _LONGEST_ASKED:
        return ()
    clauses = [clause.strip() for one in sentences.split(wording) for clause in _COMMAS.split(one) if clause.strip()]
    asked: list[str] = []
    context: list[str] = []
    for clause in clauses:
        if intents.intent_of(clause) not in ("question", "complaint"):
            continue
        if asks(clause):
            before = [*earlier, *asked]
            whole = "，".join([*context, clause]) if context and not asked else clause
            asked.append(followup.standalone(_BESIDES.sub("", whole), before))
            context = []
        else:
            context.append(clause)
    return tuple(asked[:_MOST_PARTS]) if len(asked) > 1 else ()
