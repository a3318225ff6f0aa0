"""What an import yields: one article or one question with its answer, before it is stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["article", "question"]
Status = Literal["published", "draft"]


@dataclass(frozen=True)
class Origin:
    """What documents were read from: a file, an archive or a page by its name, in a place that can be seen as a whole.

    `place` is a folder or a site's sitemap; empty for what was sent by itself.
    """

    name: str = ""
    place: str = ""


@dataclass(frozen=True)
class Document:
    """One article, or one curated question with its answer.

    `key` names the document within its store, the same at every import of the same source, so that importing
    again replaces and never doubles. `text` is Markdown: the body of an article, the answer of a question.
    A question's own wording is the `title`; `questions` are other wordings of it. Times are aware: the document
    holds from `valid_from` on and until just before `valid_to`. `locale` is a language tag such as "zh" or
    "en-GB"; None: not said, to be detected. `source` says where it was read, for people: a file name, or a
    file name with a sheet, or an address.
    """

    key: str
    title: str
    text: str
    kind: Kind = "article"
    questions: tuple[str, ...] = ()
    locale: str | None = None
    tags: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    status: Status = "published"
    url: str | None = None
    source: str = ""
