"""What can be said of the widget's files without a browser."""

import gzip
import re
from pathlib import Path

import pytest

from xiaoer import web
from xiaoer.web.pages import lightened

STATIC = Path(web.__file__).parent / "static"
WIDGET = (STATIC / "widget.js").read_text()
TOKENS = (STATIC / "tokens.css").read_text()
HEAVIEST_BYTES = 30 * 1024
READABLE = 4.5
"""Contrast of text by WCAG 2.2 AA."""
VISIBLE = 3.0
"""Contrast of the outline of a field by WCAG 2.2 AA."""


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours(selector: str) -> dict[str, str]:
    block = TOKENS.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = colours(":root, :host")
DARK = {**LIGHT, **colours(':root[data-theme="dark"], :host([data-theme="dark"])')}


def test_the_widget_is_light() -> None:
    served = lightened(WIDGET)
    assert "/**" not in served
    assert len(gzip.compress(served.encode(), 9)) < HEAVIEST_BYTES


def test_the_widget_carries_the_tokens_word_for_word() -> None:
    assert f"const TOKENS = `{TOKENS}`;" in WIDGET


def test_the_dark_colours_are_the_same_by_system_and_by_choice() -> None:
    system = colours(':root:not([data-theme="light"]), :host(:not([data-theme="light"]))')
    assert system == colours(':root[data-theme="dark"], :host([data-theme="dark"])')


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "raised"])
@pytest.mark.parametrize("text", ["ink", "quiet", "accent-ink", "good", "bad"])
def test_text_can_be_read(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= READABLE


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_coloured_grounds_can_be_read_and_fields_seen(theme: dict[str, str]) -> None:
    for text, ground in (
        ("on-accent", "accent"),
        ("warn", "warn-soft"),
        ("bad", "bad-soft"),
        ("accent-ink", "accent-soft"),
    ):
        assert contrast(theme[text], theme[ground]) >= READABLE, (text, ground)
    assert contrast(theme["edge"], theme["surface"]) >= VISIBLE


def test_no_text_is_ever_parsed_as_markup() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser", WIDGET
    )


def test_every_language_has_every_word() -> None:
    words = WIDGET.split("const WORDS = {", 1)[1].split("\n};", 1)[0]
    languages = dict(re.findall(r"^  (\w\w): \{(.*?)^  \},", words, re.DOTALL | re.MULTILINE))
    names = {language: set(re.findall(r"[\s{,](\w+): [\"\[]", block)) for language, block in languages.items()}
    assert set(names) == {"zh", "en", "vi", "th"}
    assert names["zh"] == names["en"] == names["vi"] == names["th"]
    assert len(names["zh"]) > 60
