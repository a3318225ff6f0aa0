"""Knowledge over HTTP: search for everyone with a key, articles and imports for the merchant."""

import json
import uuid
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import AwareDatetime, BaseModel, Field, HttpUrl

from xiaoer import stores
from xiaoer.errors import Invalid
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.fetching import guarded_client
from xiaoer.knowledge.gathering import Wanted
from xiaoer.knowledge.intake import Report, bring
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits
from xiaoer.knowledge.reading.reader import Outcome, Reader
from xiaoer.knowledge.sources import What
from xiaoer.web.access import AnyCaller, DeskPart, Merchant

router = APIRouter(prefix="/api/v1/knowledge", tags=["knowledge"])
MOST_FILES = 200
MOST_ADDRESSES = 50


class HitOut(BaseModel):
    passage_id: uuid.UUID
    article_id: uuid.UUID
    title: str
    text: str
    score: float
    locale: str | None
    url: str | None
    scores: dict[str, float] = Field(description="Why it was found: what each method says, for staff.")


class ArticleIn(BaseModel):
    """An article, or a curated question with its answer."""

    key: str | None = Field(
        None, min_length=1, max_length=500, description="Its name in your system; the same key replaces."
    )
    title: str = Field(min_length=1, max_length=500)
    text: str = Field(min_length=1, max_length=1_000_000, description="Markdown.")
    kind: Literal["article", "question"] = "article"
    questions: list[Annotated[str, Field(max_length=500)]] = Field(default=[], max_length=200)
    locale: str | None = Field(None, max_length=35, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")
    tags: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=50)
    product_ids: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=500)
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    status: Literal["published", "draft"] = "published"
    url: HttpUrl | None = None

    def document(self, key: str) -> Document:
        return Document(
            key=key,
            title=self.title,
            text=self.text,
            kind=self.kind,
            questions=tuple(self.questions),
            locale=self.locale,
            tags=tuple(self.tags),
            product_ids=tuple(self.product_ids),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            status=self.status,
            url=str(self.url) if self.url else None,
            source="api",
        )


class ArticleOut(BaseModel):
    id: uuid.UUID
    key: str


class FileOut(BaseModel):
    name: str
    articles: int
    problem: str | None
    notes: list[str]


class NoticeOut(BaseModel):
    what: What = Field(
        description="withdrawn: no longer in the source, a draft now. kept: changed or withdrawn by staff, and the "
        "source says what it said. replaced: changed by staff, but new in the source; the history has it. hidden: "
        "withdrawn by staff and new in the source, stays a draft. orphaned: no longer in the source, but changed by "
        "staff."
    )
    key: str
    title: str


class ImportOut(BaseModel):
    saved: int = Field(description="Articles and questions that were read.")
    changed: int = Field(description="How many of them were new or changed.")
    files: list[FileOut]
    notices: list[NoticeOut] = Field(description="Articles somebody may miss; at most 500.")
    counts: dict[str, int] = Field(description="All notices, counted.")


@router.get("/search")
async def search(
    q: Annotated[str, Query(min_length=1, max_length=4000)],
    caller: AnyCaller,
    desk: DeskPart,
    k: Annotated[int, Query(ge=1, le=50)] = 8,
    locale: Annotated[str | None, Query(max_length=35)] = None,
    product_id: Annotated[list[str] | None, Query()] = None,
    at: AwareDatetime | None = None,
) -> list[HitOut]:
    """The passages that hold at a moment (now), best first."""
    found = await desk.knowledge.search(
        caller.store_id, q, k=k, locale=locale, product_ids=tuple(product_id or ()), at=at
    )
    return [
        HitOut(
            passage_id=hit.passage_id,
            article_id=hit.article_id,
            title=hit.title,
            text=hit.text,
            score=hit.score,
            locale=hit.locale,
            url=hit.url,
            scores=hit.scores.explained(),
        )
        for hit in found
    ]


@router.post("/articles", status_code=201)
async def create(body: ArticleIn, caller: Merchant, desk: DeskPart) -> ArticleOut:
    """Store an article; one with the same key is replaced."""
    key = body.key or f"api:{uuid.uuid4()}"
    return ArticleOut(id=await _save(desk.knowledge, caller.store_id, body.document(key)), key=key)


@router.put("/articles/{article_id}")
async def replace(article_id: uuid.UUID, body: ArticleIn, caller: Merchant, desk: DeskPart) -> ArticleOut:
    """Replace an article; search finds the new text within two seconds."""
    article = await desk.knowledge.article(caller.store_id, article_id)
    if body.key is not None and body.key != article.key:
        raise Invalid("key: an article keeps its key; leave it out, or delete the article and make another.")
    return ArticleOut(id=await _save(desk.knowledge, caller.store_id, body.document(article.key)), key=article.key)


@router.delete("/articles/{article_id}", status_code=204)
async def delete(article_id: uuid.UUID, caller: Merchant, desk: DeskPart) -> None:
    """Delete an article and all that was cut from it."""
    await desk.knowledge.delete(caller.store_id, article_id)


@router.post("/import")
async def import_files(
    caller: Merchant,
    desk: DeskPart,
    files: Annotated[list[UploadFile] | None, File(description="Documents, tables, catalogues, or a zip.")] = None,
    urls: Annotated[list[str] | None, Form(description="Pages to fetch.", max_length=MOST_ADDRESSES)] = None,
    sitemap: Annotated[str | None, Form(description="A sitemap, or any page of a site that has one.")] = None,
    limit: Annotated[int, Form(ge=1, le=500, description="Most pages to fetch from the sitemap.")] = 50,
    mapping: Annotated[str | None, Form(description="What the fields of records are, as JSON.")] = None,
    *,
    keep: Annotated[
        bool, Form(description="Keep what a file or site no longer has, instead of withdrawing it.")
    ] = False,
) -> ImportOut:
    """Import files and pages; what cannot be read is reported by name and reason, the rest is stored.

    What a file of the same name, or the site, no longer has becomes a draft. Dates without a time zone are of the
    store's. The answer comes when all is read; a site takes about half a second a page.
    """
    if len(files or ()) > MOST_FILES:
        raise Invalid(f"files: at most {MOST_FILES} at once; send the rest in another request.")
    if not (files or urls or sitemap):
        raise Invalid("Give files, urls or a sitemap.")
    fields = _mapping(mapping)
    async with desk.database.sessions() as session:
        zone = (await stores.by_id(session, caller.store_id)).profile.timezone
    given = [(upload.filename or "file", await upload.read()) for upload in files or ()]
    wanted = Wanted(given, urls or (), sitemap, limit, keep=keep)
    limits = Limits(file_bytes=desk.settings.upload_megabytes * MEBIBYTE)
    client = partial(guarded_client, allow_private=desk.settings.allow_private_urls)
    report = Report()
    with Reader(mapping=fields, zone=zone, limits=limits) as reader:
        told = [
            _told(outcome) async for outcome in bring(desk.knowledge, caller.store_id, reader, client, wanted, report)
        ]
    notices = [NoticeOut(what=each.what, key=each.key, title=each.title) for each in report.notices]
    saved = sum(each.articles for each in told)
    return ImportOut(saved=saved, changed=report.changed, files=told, notices=notices, counts=dict(report.counts))


async def _save(knowledge: Knowledge, store_id: uuid.UUID, document: Document) -> uuid.UUID:
    if document.valid_from and document.valid_to and document.valid_to <= document.valid_from:
        raise Invalid("valid_to: must be later than valid_from.")
    return await knowledge.save(store_id, document)


def _mapping(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Invalid(f"mapping: not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise Invalid('mapping: must be a JSON object such as {"title": "name", "text": ["description"]}.')
    return value


def _told(outcome: Outcome) -> FileOut:
    problem = outcome.problem.detail if outcome.problem else None
    return FileOut(name=outcome.name, articles=len(outcome.documents), problem=problem, notes=list(outcome.notes))
