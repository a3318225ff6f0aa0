"""The fixed texts a customer reads, one TOML table per language in `phrases_texts/`, every key in every language."""

from xiaoer.errors import NotFound
from xiaoer.patterns import toml_by_language

LAST_RESORT = "en"


class UnknownPhrase(NotFound):
    """No table has the key: a mistake in the program, not of a customer."""


_TABLES = toml_by_language("xiaoer.language", "phrases_texts")
_WITHOUT_SPACES = frozenset({"zh", "ja"})


def languages() -> tuple[str, ...]:
    """The languages that have fixed texts."""
    return tuple(_TABLES)


def spoken(language: str, fallback: str = LAST_RESORT) -> str:
    """The language in which a text for `language` ("zh-TW", "pt_BR" …) is said: its own, `fallback`, or English."""
    for wanted in (language, fallback):
        base = wanted.replace("_", "-").split("-", 1)[0].lower()
        if base in _TABLES:
            return base
    return LAST_RESORT


def phrase(key: str, language: str, *, fallback: str = LAST_RESORT, **values: object) -> str:
    """The text of `key`, with `values` in its placeholders; `fallback` is the store's own language."""
    try:
        return _TABLES[spoken(language, fallback)][key].format_map(values)
    except KeyError as missing:
        raise UnknownPhrase(f"There is no fixed text, or no value for its placeholder: {key}, {missing}.") from missing


def joined(language: str, *texts: str) -> str:
    """Whole sentences one after another, as `language` sets them; empty ones are left out."""
    return ("" if spoken(language) in _WITHOUT_SPACES else " ").join(text for text in texts if text)
