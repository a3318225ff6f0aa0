"""A web page read as a document: what every page of the site repeats is dropped, what is said stays."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import html

from xiaoer.knowledge.reading.extract import Extract
from xiaoer.knowledge.reading.markup import inline_text, markdown, remove, remove_unseen, tree
from xiaoer.knowledge.reading.problems import words_of
from xiaoer.patterns import lazy

_FURNITURE = ["nav", "footer", "aside", "form", "dialog"]
_FURNITURE_ROLES = frozenset(
    ["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar"]
)
_FURNITURE_CLASSES = words_of(
    "nav navbar navigation menu breadcrumb breadcrumbs footer sidebar cookie cookies cookie-banner advert ads "
    "share pagination pager skip-link sr-only visually-hidden related-products recommendations site-header "
    "site-footer"
)
_TITLE_TAIL = lazy(r"(?<!\s)\s+[|–—_·-]\s+[^|–—_·-]{1,40}$")
_MAIN_SHARE = 0.3


def page(text: str, base: str | None = None) -> Extract:
    """A page of HTML. `base` is its address, where it has one: relative links are completed by it.

    The language that a page declares is not believed: shop templates say "en" over Chinese text.
    """
    root = tree(text)
    if root is None:
        return Extract()
    pairs = tuple(_questions(root))
    page_title = next((inline_text(title) for title in root.iter("title")), "")
    remove_unseen(root)
    main = _main(root)
    _remove_furniture(main)
    heading = next((inline_text(h1) for h1 in main.iter("h1") if inline_text(h1)), "")
    title = heading or _TITLE_TAIL.sub("", page_title) or None
    problems: list[str] = []
    return Extract(title=title, markdown=markdown(main, base, problems), pairs=pairs, notes=tuple(problems))


def _main(root: html.HtmlElement) -> html.HtmlElement:
    """The part of the page that is its content, if the page says so and it is not an empty shell."""
    body = next(root.iter("body"), root)
    everything = len(inline_text(body))
    for candidate in [*root.iter("main"), *root.xpath("//*[@role='main']"), *root.iter("article")]:
        only_one = candidate.tag != "article" or len(list(root.iter("article"))) == 1
        if only_one and len(inline_text(candidate)) >= everything * _MAIN_SHARE:
            return candidate
    for header in list(body.iterchildren("header")):
        remove(header)
    return body


def _remove_furniture(main: html.HtmlElement) -> None:
    whole = len(inline_text(main))
    for element in list(main.iterdescendants()):
        if isinstance(element.tag, str) and _is_furniture(element) and len(inline_text(element)) < whole * 0.7:
            remove(element)


def _is_furniture(element: html.HtmlElement) -> bool:
    if element.tag in _FURNITURE or (element.get("role") or "") in _FURNITURE_ROLES:
        return True
    words = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
    return not _FURNITURE_CLASSES.isdisjoint(words)


def _questions(root: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Questions and answers that the page declares for search engines (schema.org FAQPage in JSON-LD)."""
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        yield from _faq(data, 0)


def _faq(data: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > 6:  # noqa: PLR2004 - a declaration is shallow
        return
    if isinstance(data, list):
        for part in data:
            yield from _faq(part, depth + 1)
    elif isinstance(data, dict):
        answer = data.get("acceptedAnswer")
        if isinstance(answer, list):
            answer = next(iter(answer), None)
        if isinstance(answer, dict) and isinstance(data.get("name"), str) and isinstance(answer.get("text"), str):
            root = tree(f"<body>{answer['text']}</body>")
            if root is not None:
                remove_unseen(root)
                yield data["name"].strip(), markdown(root, None)
        for key in ("@graph", "mainEntity"):
            yield from _faq(data.get(key), depth + 1)
