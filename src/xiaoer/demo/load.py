"""The demo store as values: what a newcomer's first start puts into the database."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from xiaoer.demo import articles
from xiaoer.demo.dates import resolve, spoken
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading import moments, text

Record = dict[str, Any]
LANGUAGES = ("zh", "en", "vi", "th")
_DATA = files("xiaoer.demo")


@dataclass(frozen=True)
class StoreSeed:
    """The store itself; `settings` is what `stores.Profile` takes."""

    slug: str
    name: dict[str, str]
    locales: tuple[str, ...]
    settings: Record
    opening_questions: dict[str, tuple[str, ...]]
    free_shipping_threshold: dict[str, str]


def store() -> StoreSeed:
    seed = tomllib.loads(_read("store.toml"))
    settings = seed["settings"]
    return StoreSeed(
        slug=seed["slug"],
        name=settings["name"],
        locales=tuple(settings["locales"]),
        settings=settings,
        opening_questions={key: tuple(asked) for key, asked in settings["opening_questions"].items()},
        free_shipping_threshold=seed["free_shipping_threshold"],
    )


def documents(today: date) -> list[Document]:
    """Everything the demo store knows on `today`, in all its languages."""
    return [
        *_written("policies", today),
        *_written("promotions", today),
        *(articles.of_product(product, language) for product in products() for language in ("zh", "en")),
        *(question for language in LANGUAGES for question in curated(language, today)),
    ]


def curated(language: str, today: date) -> list[Document]:
    """Questions with the shop's own answers."""
    zone = _zone()
    found = []
    for row in _rows(f"curated.{language}.jsonl"):
        answer = resolve(row["answer"], today, spoken(language))
        first, last = (resolve(row.get(field, ""), today) for field in ("valid_from", "valid_to"))
        found.append(
            Document(
                key=f"curated/{language}/{row['id']}",
                title=row["question"],
                text=answer,
                kind="question",
                questions=tuple(row.get("variants", ())),
                locale=language,
                tags=tuple(row.get("tags", ())),
                product_ids=tuple(row.get("product_ids", ())),
                valid_from=moments.start(first, zone),
                valid_to=moments.end(last, zone),
                source=f"curated.{language}.jsonl",
            )
        )
    return found


def products() -> list[Record]:
    """Products with variants, specifications and texts; prices are {"amount", "currency"}."""
    return list(_rows("products.jsonl"))


def promotions(today: date) -> list[Record]:
    """Offers as numbers: threshold, amount, percent, exclusions; first and last day as ISO dates, both included."""
    return list(_rows("promotions.jsonl", today))


def customers() -> list[Record]:
    return list(_rows("customers.jsonl"))


def orders(today: date) -> list[Record]:
    """Orders in every state with their items and amounts; times are RFC 3339 in the shop's zone."""
    return list(_rows("orders.jsonl", today))


def shipments(today: date) -> list[Record]:
    """Parcels with their tracking events, each naming its order."""
    return list(_rows("shipments.jsonl", today))


def _written(folder: str, today: date) -> Iterable[Document]:
    """Articles from Markdown files named NAME.LANGUAGE.md."""
    zone = _zone()
    for file in sorted(_DATA.joinpath(folder).iterdir(), key=lambda entry: entry.name):
        name, language, _ = file.name.split(".")
        front = text.front_matter(file.read_text(encoding="utf-8"), file.name)
        first, last = (resolve(front.fields.get(field, ""), today) for field in ("valid_from", "valid_to"))
        yield Document(
            key=f"{folder}/{name}/{language}",
            title=front.fields["title"],
            text=resolve(front.body, today, spoken(language)).strip(),
            locale=language,
            tags=tuple(front.fields.get("tags", ())),
            product_ids=tuple(front.fields.get("product_ids", ())),
            valid_from=moments.start(first, zone),
            valid_to=moments.end(last, zone),
            source=f"{folder}/{file.name}",
        )


def _zone() -> ZoneInfo:
    return ZoneInfo(store().settings["timezone"])


def _rows(name: str, today: date | None = None) -> Iterable[Record]:
    content = _read(name)
    for line in (resolve(content, today) if today else content).splitlines():
        if line:
            yield json.loads(line)


def _read(name: str) -> str:
    return _DATA.joinpath(name).read_text(encoding="utf-8")
