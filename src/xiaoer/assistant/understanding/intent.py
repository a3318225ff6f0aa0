"""What a message is for, before anything is looked up: by phrases and patterns, the same in every run."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from xiaoer.language.normal import normal
from xiaoer.language.normal_han import SIMPLER
from xiaoer.patterns import lazy, lazy_table, toml

Intent = Literal[
    "empty", "emoji", "greeting", "thanks", "goodbye", "affirm", "deny", "chitchat", "person", "complaint", "question"
]

_READ = 2000
"""Characters of a message that are looked at."""

_TABLE = toml("xiaoer.assistant.understanding", "intent.toml")
_KANA = lazy("[\u3041-\u30fa]")
_LETTER_AT_END = lazy(r"[A-Za-zÀ-ɏḀ-ỿЀ-ӿ؀-ۿ\d']$")


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """The form that the tables are compared with: normal, and Chinese simplified."""
    words = normal(text[:_READ])
    return words if _KANA.search(words) else words.translate(SIMPLER)


def _any_of(phrases: str) -> re.Pattern[str]:
    """Matches the longest phrase; a phrase in letters only as whole words."""
    return lazy(lambda: _source(phrases))


def _source(phrases: str) -> str:
    listed = {folded(phrase) for phrase in phrases.replace("\n", "|").split("|")} - {""}
    ordered = sorted(listed, key=len, reverse=True)
    return "|".join(re.escape(one) + (r"(?!\w)" if _LETTER_AT_END.search(one) else "") for one in ordered)


def _patterns(name: str, key: str = "patterns") -> re.Pattern[str]:
    return lazy(lambda: "|".join(f"(?:{pattern})" for pattern in _TABLE[name][key]))


_SOCIAL = lazy_table(lambda: {kind: _any_of(phrases) for kind, phrases in _TABLE["social"].items()})
_STRONGEST: tuple[Intent, ...] = ("deny", "goodbye", "thanks", "affirm", "greeting")
"""Of several social phrases in one message, the one that is answered."""

_SMALL_TALK = frozenset({"greeting", "thanks", "goodbye", "emoji", "empty"})

_CHITCHAT = _patterns("chitchat")
_PERSON = _patterns("person")
_NOT_PERSON = _patterns("person", "not")
_COMPLAINT = _patterns("complaint")
_URGENT = _patterns("complaint", "urgent")
_PARTICLES = "吗么嘛呢啊呀吧 "
_PICTURE = lazy(r"[\u2190-\u2bff\u3030\U0001f000-\U0001faff]|[:;=]['’]?-?[()\[\]]")
_NAMED_FACES = lazy(r"(?:\[[^\[\]\s]{1,8}\]\s?){1,20}")
"""How chat programs of China write faces: [发怒]."""
_WORD = lazy(r"[^\W_]")


def intent_of(text: str) -> Intent:
    """What the message is for; "question" is everything that wants an answer about the shop."""
    words = folded(text)
    if _NAMED_FACES.fullmatch(text.strip()):
        return "emoji"
    if not _WORD.search(words):
        return "emoji" if _PICTURE.search(text) else "empty"
    social = _social(words)
    if social is not None:  # "客服" is a form of address, and by itself a wish
        return "person" if social == "chitchat" and asks_for_person(words) else social
    if _CHITCHAT.fullmatch(without_social(words).rstrip(_PARTICLES)):
        return "chitchat"
    if asks_for_person(words):
        return "person"
    return "complaint" if _COMPLAINT.search(words) else "question"


def is_social(text: str) -> bool:
    """Whether a message is no more than a greeting, thanks, a face or the like."""
    return intent_of(text) in _SMALL_TALK


def asks_for_person(words: str) -> bool:
    """Whether folded `words` ask for a human, and do not speak of artificial grass or of not wanting one."""
    return _PERSON.search(_NOT_PERSON.sub(" · ", words)) is not None


def is_urgent(text: str, off: Collection[str] = ()) -> bool:
    """Whether a person should see this at once: law, press, authorities, harm; but for words the shop has set `off`."""
    quiet = [word for each in off if (word := folded(each).strip())]
    return any(not any(word in found.group() for word in quiet) for found in _URGENT.finditer(folded(text)))


def without_social(words: str) -> str:
    """Folded `words` without greetings, thanks and forms of address at their start and end."""
    begin = 0
    while (end := _one_social(words, begin, ("greeting", "thanks", "filler"))[1]) > begin:
        begin = end
    return words[begin:].strip() or words


def _social(words: str) -> Intent | None:
    """The kind of a message that holds social phrases alone."""
    kinds: set[str] = set()
    position = 0
    while position < len(words):
        kind, end = _one_social(words, position, tuple(_SOCIAL))
        if end == position:
            return None
        kinds.add(kind)
        position = end
    return next((kind for kind in _STRONGEST if kind in kinds), "chitchat")


def _one_social(words: str, position: int, kinds: tuple[str, ...]) -> tuple[str, int]:
    """The longest phrase of these kinds at `position`, with the space behind it."""
    best, furthest = "", position
    for kind in kinds:
        found = _SOCIAL[kind].match(words, position)
        if found is not None and found.end() > furthest:
            best, furthest = kind, found.end()
    while best and furthest < len(words) and words[furthest] == " ":
        furthest += 1
    return best, furthest
