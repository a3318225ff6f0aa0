"""How a customer feels, from words, faces and exclamation marks; rough on purpose, for routing and reports."""

import re

from xiaoer.assistant.understanding.intent import folded
from xiaoer.patterns import lazy, toml

_TABLE = toml("xiaoer.assistant.understanding", "sentiment.toml")
_SPACED = lazy(r"^[A-Za-zÀ-ɏḀ-ỿЀ-ӿ؀-ۿ' ]+$")
_STEMMED = lazy(r"^[Ѐ-ӿ]+$")


def _listed(key: str) -> str:
    words = sorted({word.strip() for word in _TABLE[key].replace("\n", "").split("|")} - {""}, key=len, reverse=True)
    return "|".join(_bounded(word) for word in words)


def _bounded(word: str) -> str:
    if _STEMMED.match(word):
        return rf"\b{word}"
    return rf"\b{re.escape(word)}\b" if _SPACED.match(word) else re.escape(word)


_FEELINGS = lazy(lambda: "|".join(f"(?P<{key}>{_listed(key)})" for key in ("bad", "good", "not", "very")))
_EXCLAIMED = lazy("[!！]")
_TYPED_FACE = lazy(r"(?<![\w>:;=])(?P<angry>>)?[:;=]['’]?-?[(\[](?!\w)")
""":( and :'-(, and angry >:( ."""
_ASKED = lazy(r".{0,2}(?:吗|么|嘛|不好|还是)")
"""What is asked for is not yet felt: 好看吗, 好不好."""

_NEAR = 12
"""Characters after a negation in which it turns a feeling round."""

_STRONGER = 1.5
_ANGRY_FACE = 2.0
_SHOUTED = 0.15
_FEW = 1.5
"""Weight of silence: one mild word is not yet the end of the scale."""


def sentiment(text: str) -> float:
    """From -1 (furious) to 1 (delighted), 0 where nothing shows."""
    words = folded(text)
    good, bad = _weigh(words)
    head = text[: len(words) + 200]
    good += sum(character in _TABLE["faces_good"] for character in head)
    bad += sum(character in _TABLE["faces_bad"] for character in head)
    bad += _ANGRY_FACE * sum(character in _TABLE["faces_angry"] for character in head)
    bad += sum(_ANGRY_FACE if face["angry"] else 1 for face in _TYPED_FACE.finditer(head))
    loudness = 1 + _SHOUTED * min(len(_EXCLAIMED.findall(head)), 4)
    if bad > good:
        bad *= loudness
    score = (good - bad) / (good + bad + _FEW)
    return round(max(-1.0, min(1.0, score * loudness)), 2)


def _weigh(words: str) -> tuple[float, float]:
    good = bad = 0.0
    turned_at = stronger_at = -_NEAR - 1
    for found in _FEELINGS.finditer(words):
        kind, at = found.lastgroup, found.start()
        if kind == "not":
            turned_at = found.end()
        elif kind == "very":
            stronger_at = found.end()
        elif _ASKED.match(words, found.end()) is None:
            weight = _STRONGER if at - stronger_at <= 1 else 1.0
            is_turned = at - turned_at <= _NEAR and not re.search(r"[,，。;；]", words[max(turned_at, 0) : at])
            if is_turned and kind == "bad":
                good += 0.3 * weight
            elif is_turned or kind == "bad":
                bad += weight
            else:
                good += weight
            turned_at = -_NEAR - 1
    return good, bad
