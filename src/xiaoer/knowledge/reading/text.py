"""Markdown and plain text: front matter, headings that plain text only suggests, questions with answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from xiaoer.knowledge.blocks import unclosed
from xiaoer.knowledge.reading.problems import Unreadable
from xiaoer.patterns import lazy

_FRONT_MATTER = lazy(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LARGEST_FRONT_MATTER = 32_000
_CODE = lazy(r"(^```.*?(?:^```|\Z)|^~~~.*?(?:^~~~|\Z))", re.DOTALL | re.MULTILINE)
_BLOCK = lazy(r"<!--|<(script|style|iframe|object|noscript|template|svg)(?=[\s/>])", re.IGNORECASE)
_BLOCK_ENDS = {
    name: lazy(rf"</{name}\s{{0,9}}>", re.IGNORECASE)
    for name in ("script", "style", "iframe", "object", "noscript", "template", "svg")
} | {"": lazy("-->")}
_BREAK = lazy(r"<br\s*/?>", re.IGNORECASE)
_TAG = lazy(
    r"</?(?:a|abbr|b|blockquote|center|code|div|details|em|embed|figcaption|figure|font|form|h[1-6]|hr|i|img|"
    r"input|kbd|li|link|"
    r"mark|meta|ol|p|script|small|span|strong|style|iframe|object|noscript|template|svg|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|u|ul|video|audio|source|button)"
    r"(?=[\s/>])(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^<>\"']){0,200}>",
    re.IGNORECASE,
)
_IMAGE = lazy(r"!\[([^\]\[]{0,500})\]\([^()]{0,2000}\)")
_UNSAFE_LINK = lazy(
    r"\[([^\]\[]{0,500})\]\(\s{0,9}(?:javascript|data|vbscript|file)\s{0,9}:(?:[^()\n]|\([^()\n]{0,500}\)){0,5000}\)",
    re.IGNORECASE,
)
_HEADING = lazy(r"^(#{1,6})[ \t]+(.+)$", re.MULTILINE)
_SETEXT = lazy(r"^(?![-=#>|*+\s])(.{1,80})\n(=+|-{3,})[ \t]*$", re.MULTILINE)
_PROMOTED = (
    (2, lazy(r"第[一二三四五六七八九十百\d]{1,4}[章节部篇](?:[\s：:、].{1,30})?")),
    (2, lazy(r"[一二三四五六七八九十]{1,3}、\S.{0,29}")),
    (3, lazy(r"[（(][一二三四五六七八九十]{1,3}[）)]\s*\S.{0,29}")),
    (2, lazy(r"【[^】]{1,30}】")),
)
_NOT_A_HEADING = lazy(r"[。；，;,]$")
_ASKED = lazy(
    r"^(?:\*\*)?\s*+(?:Q|问|問|Question|Hỏi|ถาม)\s*+\d{0,3}\s*+(?:\*\*)?[:：.、]\s*+(?:\*\*)?\s*+(.+)$",
    re.IGNORECASE,
)
_ANSWERED = lazy(
    r"^(?:\*\*)?\s*+(?:A|答|Answer|Đáp|ตอบ)\s*+\d{0,3}\s*+(?:\*\*)?[:：.、]\s*+(?:\*\*)?\s*+(.*)$", re.IGNORECASE
)
_FEWEST_PAIRS = 2


@dataclass(frozen=True)
class FrontMatter:
    fields: Mapping[str, Any]
    body: str


def front_matter(text: str, name: str) -> FrontMatter:
    """The YAML block at the head of a Markdown file, all its values as text, and what follows it.

    Raises Unreadable when the block is not YAML of names with values.
    """
    found = _FRONT_MATTER.match(text.lstrip("\n"))
    if not found:
        return FrontMatter({}, text)
    block = found[1]
    remedy = "Write it as “name: value” lines between two lines of ---"
    if len(block) > _LARGEST_FRONT_MATTER:
        raise Unreadable(name, "has a front matter that is too long", remedy)
    try:
        # Aliases let a short text unfold into an endless one; nobody needs them here.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.BaseLoader)):
            raise Unreadable(name, "has a front matter with YAML aliases", remedy)
        fields = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 - this loader makes nothing but text
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(name, "has a front matter that is not valid YAML", remedy) from error
    if fields is None or fields == "":
        fields = {}
    if not isinstance(fields, dict):
        raise Unreadable(name, "has a front matter without names", remedy)
    return FrontMatter({str(key): value for key, value in fields.items()}, text.lstrip("\n")[found.end() :])


def tidy(text: str) -> str:
    """Markdown without scripts, comments, HTML tags and pictures; code keeps every character."""
    parts = _CODE.split(text)
    return "".join(part if at % 2 else _tidy_prose(part) for at, part in enumerate(parts)).strip()


def _tidy_prose(text: str) -> str:
    text = _without_blocks(text)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = _UNSAFE_LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    return _SETEXT.sub(lambda found: f"{'#' if found[2][0] == '=' else '##'} {found[1].strip()}", text)


def _without_blocks(text: str) -> str:
    """Text without comments and without scripts and their like; what is opened and never closed is only text."""
    kept: list[str] = []
    unclosed: set[str] = set()
    start = search = 0
    while found := _BLOCK.search(text, search):
        name = (found[1] or "").lower()
        end = None if name in unclosed else _BLOCK_ENDS[name].search(text, found.end())
        if end is None:
            unclosed.add(name)  # none here: none further on, and no need to look again
            search = found.end()
            continue
        kept.append(text[start : found.start()])
        start = search = end.end()
    return "".join([*kept, text[start:]])


def titled(text: str) -> tuple[str | None, str]:
    """The first heading, if the text begins with it, and the text without it."""
    found = _HEADING.match(text.lstrip())
    if not found:
        return None, text
    return unclosed(found[2]), text.lstrip()[found.end() :].strip()


def promoted(text: str) -> str:
    """Plain text with the lines that are evidently headings (一、… 第一章 … 【…】) made so."""
    if _HEADING.search(text):
        return text
    return "\n".join(_promoted_line(line) for line in text.split("\n"))


def _promoted_line(line: str) -> str:
    bare = line.strip()
    if _NOT_A_HEADING.search(bare):
        return line
    level = next((level for level, shape in _PROMOTED if shape.fullmatch(bare)), 0)
    return f"\n{'#' * level} {bare.strip('【】')}\n" if level else line


def pairs(text: str) -> list[tuple[str, str]]:
    """Questions with their answers, where the whole text consists of “问：… 答：…”; otherwise nothing."""
    found: list[tuple[str, list[str]]] = []
    answering = False
    for line in text.split("\n"):
        bare = line.strip().lstrip("#").strip()
        if asked := _ASKED.match(bare):
            found.append((asked[1].strip().removesuffix("**").strip(), []))
            answering = False
        elif found and not answering and (answered := _ANSWERED.match(bare)):
            found[-1][1].append(answered[1])
            answering = True
        elif found and answering:
            found[-1][1].append(line)
        elif bare:
            return []
    answers = [(question, "\n".join(lines).strip()) for question, lines in found]
    return answers if len(answers) >= _FEWEST_PAIRS and all(answer for _, answer in answers) else []
