"""The knowledge workbench: the list, one article with what is proposed for it, and its history."""

import asyncio
import re
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.conversations import gaps
from xiaoer.db.record import now
from xiaoer.errors import Invalid
from xiaoer.knowledge import articles, history, listing
from xiaoer.knowledge.comparing import difference
from xiaoer.knowledge.conflicts import clashes
from xiaoer.knowledge.documents import Document, Kind
from xiaoer.knowledge.history import By, Version
from xiaoer.knowledge.tables import Article
from xiaoer.patterns import lazy
from xiaoer.staff.roles import may, require
from xiaoer.staff.sessions import SignedIn
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.access import LONGEST_TEXT, Change
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/knowledge", include_in_schema=False, route_class=PageRoute)
PER_PAGE = 50
LOCALE = lazy(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
MOMENT = "%Y-%m-%dT%H:%M"
Standings = Literal["", "published", "review", "draft", "ending", "expired", "coming"]


@router.get("")
async def list_page(
    request: Request,
    desk: DeskPart,
    me: access.Reader,
    q: Annotated[str, Query(max_length=200)] = "",
    state: Standings = "",
    locale: Annotated[str, Query(max_length=35)] = "",
    kind: Literal["", "article", "question"] = "",
    sort: Literal["updated", "title", "ends"] = "updated",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The articles; what is looked for stands in the address."""
    wanted = listing.Wanted(q, state or None, locale, kind, sort, PER_PAGE, (page - 1) * PER_PAGE)
    at = now()
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        rows, total = await listing.rows(session, me.store_id, wanted, at)
        counts = await listing.counts(session, me.store_id, at)
        locales = await listing.locales(session, me.store_id)
        found = await clashes(session, me.store_id, at)
    t = render.words_for(request)
    asked = {"q": q, "state": state, "locale": locale, "kind": kind, "sort": "" if sort == "updated" else sort}
    return render.page(
        request,
        "knowledge.html",
        me=me,
        shop=store.profile.name_in(t.language),
        rows=rows,
        total=total,
        tally=counts,
        standings=listing.STANDINGS,
        locales=locales,
        clashes=found,
        asked=asked,
        sort=sort,
        page=page,
        pages=max(1, -(-total // PER_PAGE)),
        link=lambda **more: "/console/knowledge?" + urlencode({k: v for k, v in (asked | more).items() if v}),
        progress=await desk.knowledge.progress(me.store_id),
        clock=render.clock(store.profile.timezone),
    )


@router.get("/new")
async def new_page(
    request: Request,
    desk: DeskPart,
    me: access.Reader,
    message: Annotated[uuid.UUID | None, Query(alias="from", description="A question nobody could answer.")] = None,
) -> Response:
    """An empty article, or one begun from a question and what a person replied to it."""
    require(me.role, "write")
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        gap = await gaps.gap_of(session, me.store_id, message) if message else None
    begun = Document(key="", title="", text="", locale=store.profile.locales[0], status="draft")
    if gap is not None:
        locale = gap.language or begun.locale
        begun = replace(begun, title=gap.asked, text=gap.reply or "", kind="question", locale=locale)
    return _editor(request, store, me, begun, gap=gap)


@router.get("/{article_id}")
async def article_page(
    request: Request,
    article_id: uuid.UUID,
    desk: DeskPart,
    me: access.Reader,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The article in the editor: what is open first, else what is public; or an older version to begin from."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        article = await articles.by_id(session, me.store_id, article_id)
        opened = await history.open_one(session, me.store_id, article_id)
        old = await history.by_number(session, me.store_id, article_id, version) if version is not None else None
        found = [
            clash
            for clash in await clashes(session, me.store_id, now())
            if article_id in (clash.one.article_id, clash.other.article_id)
        ]
    said = _said(old or opened or article, article)
    standing = listing.standing_of(article, now())
    return _editor(
        request, store, me, said, article=article, opened=opened, old=version, clashes=found, standing=standing
    )


@router.get("/{article_id}/history")
async def history_page(
    request: Request,
    article_id: uuid.UUID,
    desk: DeskPart,
    me: access.Reader,
    a: Annotated[int | None, Query(ge=1)] = None,
    b: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """All versions, and the difference of two: the newest and the one before, unless others are asked for."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        article = await articles.by_id(session, me.store_id, article_id)
        versions = await history.every(session, me.store_id, article_id)
        after = await history.by_number(session, me.store_id, article_id, b or (versions[0].number if versions else 1))
        earlier = a or after.number - 1
        before = await history.by_number(session, me.store_id, article_id, earlier) if earlier >= 1 else None
    t = render.words_for(request)
    clock = render.clock(store.profile.timezone)
    lines = await asyncio.to_thread(difference, _as_text(before, clock) if before else "", _as_text(after, clock))
    return render.page(
        request,
        "history.html",
        me=me,
        shop=store.profile.name_in(t.language),
        article=article,
        versions=versions,
        before=before,
        after=after,
        lines=lines,
        clock=clock,
    )


@router.post("")
async def create(desk: DeskPart, change: access.Writes) -> Response:
    """A new article: a draft, handed in for a look, or public at once."""
    document = await _document(desk, change, f"console:{uuid.uuid4()}")
    act = _act(change)
    by = By(change.me.name, change.me.staff_id)
    public: Literal["published", "draft"] = "published" if act == "publish" else "draft"
    article_id = await desk.knowledge.save(change.me.store_id, replace(document, status=public), by=by)
    if act == "review":
        await _propose(desk, change, article_id, document, "review")
    return RedirectResponse(f"/console/knowledge/{article_id}?told={act}", 303)


@router.post("/preview")
async def preview(request: Request, desk: DeskPart, change: access.Writes) -> Response:
    """The article as it will be cut, which is what can be quoted to a customer."""
    document = await _document(desk, change, "preview")
    prepared = await asyncio.to_thread(articles.prepare, document)
    return render.page(request, "preview.html", me=change.me, document=prepared.document, cuts=prepared.cuts)


@router.post("/{article_id}")
async def keep(article_id: uuid.UUID, desk: DeskPart, change: access.Writes) -> Response:
    """Keep what was written: as a draft, as a proposal, or publish it. What is public stays so until then."""
    article = await desk.knowledge.article(change.me.store_id, article_id)
    document = await _document(desk, change, article.key)
    act = _act(change)
    if act == "publish":
        await _publish(desk, change, article_id, document)
    elif act == "delete":
        require(change.me.role, "teach")
        await desk.knowledge.delete(change.me.store_id, article_id)
        return RedirectResponse("/console/knowledge", 303)
    elif act == "hide":
        require(change.me.role, "teach")
        by = By(change.me.name, change.me.staff_id)
        await desk.knowledge.publish(change.me.store_id, article_id, published=False, by=by)
    else:
        await _propose(desk, change, article_id, document, "review" if act == "review" else "draft")
    return RedirectResponse(f"/console/knowledge/{article_id}?told={act}", 303)


@router.post("/{article_id}/return")
async def send_back(article_id: uuid.UUID, desk: DeskPart, change: access.Teaches) -> Response:
    """Give a proposal back to who wrote it, saying what is missing."""
    async with desk.database.sessions.begin() as session:
        by = By(change.me.name, change.me.staff_id)
        await history.send_back(session, change.me.store_id, article_id, by, change.fields.get("note", ""))
    return RedirectResponse(f"/console/knowledge/{article_id}?told=return", 303)


@router.post("/{article_id}/restore")
async def restore(article_id: uuid.UUID, desk: DeskPart, change: access.Teaches) -> Response:
    """Publish an older version again; it becomes the newest, and nothing of the history is lost."""
    number = change.fields.get("number", "")
    if not number.isdecimal() or len(number) > 9:  # noqa: PLR2004  # no article has so many versions
        raise history.UnknownVersion("There is no such version of this article.")
    article = await desk.knowledge.article(change.me.store_id, article_id)
    async with desk.database.sessions() as session:
        version = await history.by_number(session, change.me.store_id, article_id, int(number))
    await _publish(desk, change, article_id, _said(version, article))
    return RedirectResponse(f"/console/knowledge/{article_id}?told=restore", 303)


async def _publish(desk: DeskPart, change: Change, article_id: uuid.UUID, document: Document) -> None:
    require(change.me.role, "teach")
    by = By(change.me.name, change.me.staff_id)
    await desk.knowledge.save(change.me.store_id, replace(document, status="published"), by=by)
    async with desk.database.sessions.begin() as session:
        await history.settle(session, change.me.store_id, article_id, by)


async def _propose(
    desk: DeskPart, change: Change, article_id: uuid.UUID, document: Document, state: Literal["draft", "review"]
) -> None:
    async with desk.database.sessions.begin() as session:
        article = await articles.by_id(session, change.me.store_id, article_id)
        by = By(change.me.name, change.me.staff_id)
        note = change.fields.get("note", "")
        await history.propose(session, article, document, by, state=state, note=note)


def _act(change: Change) -> str:
    act = change.fields.get("act", "draft")
    if act not in ("draft", "review", "publish", "hide", "delete"):
        raise Invalid("Choose what to do with the article: keep a draft, hand it in or publish it.")
    if act == "publish":
        require(change.me.role, "teach")
    return act


async def _document(desk: DeskPart, change: Change, key: str) -> Document:
    """What was written in the editor, checked; raises `Invalid` with the field and what is wrong with it."""
    fields = change.fields
    title, text = fields.get("title", "").strip(), fields.get("text", "")
    if not title or len(title) > 500:  # noqa: PLR2004  # as at the public door
        raise Invalid("The title needs 1 to 500 characters.")
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"The text is longer than {LONGEST_TEXT:,} characters. Please make several articles of it.")
    if not text.strip():
        raise Invalid("The text is empty.")
    locale = fields.get("locale", "").strip()
    if locale and not LOCALE.fullmatch(locale):
        raise Invalid("The language must be a code such as zh, en or vi.")
    url = fields.get("url", "").strip()
    if url and not re.match(r"https?://[^\s<>\"]+$", url):
        raise Invalid("The address must begin with https:// or http://.")
    async with desk.database.sessions() as session:
        zone = (await stores.by_id(session, change.me.store_id)).profile.timezone
    kind: Kind = "question" if fields.get("kind") == "question" else "article"
    return Document(
        key=key,
        title=title,
        text=text.replace("\r\n", "\n"),
        kind=kind,
        questions=tuple(_lines(fields.get("questions", ""), 200)) if kind == "question" else (),
        locale=locale or None,
        tags=tuple(_lines(re.sub(r"[,，、;；]", "\n", fields.get("tags", "")), 50)),
        product_ids=tuple(_lines(re.sub(r"[,，、;；\s]", "\n", fields.get("product_ids", "")), 500)),
        valid_from=_moment(fields.get("valid_from", ""), zone),
        valid_to=_moment(fields.get("valid_to", ""), zone),
        status="draft",
        url=url or None,
        source="console",
    )


def _lines(text: str, most: int) -> list[str]:
    return list(dict.fromkeys(line.strip()[:500] for line in text.splitlines() if line.strip()))[:most]


def _moment(text: str, timezone: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text[:16], MOMENT).replace(tzinfo=_zone(timezone))
    except ValueError as error:
        raise Invalid("A time of the validity cannot be read; write it as 2026-01-31T09:00.") from error


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _said(said: Version | Article, article: Article) -> Document:
    status: Literal["published", "draft"] = "published" if article.status == "published" else "draft"
    return Document(
        key=article.key,
        title=said.title,
        text=said.text,
        kind=said.kind,
        questions=tuple(said.questions),
        locale=said.locale,
        tags=tuple(said.tags),
        product_ids=tuple(said.product_ids),
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        status=status,
        url=said.url,
        source=article.source,
    )


def _as_text(version: Version, clock: Any) -> str:
    """A version as lines, so that a difference shows all of it."""
    head = [f"# {version.title}", *(f"? {each}" for each in version.questions)]
    if version.tags:
        head.append(f"[{', '.join(version.tags)}]")
    if version.valid_from or version.valid_to:
        ends = [clock(moment) if moment else "" for moment in (version.valid_from, version.valid_to)]
        head.append(f"{ends[0]} → {ends[1]}")
    return "\n".join([*head, "", version.text])


def _editor(request: Request, store: stores.Store, me: SignedIn, said: Document, **more: Any) -> Response:
    t = render.words_for(request)
    zone = _zone(store.profile.timezone)
    values = {"article": None, "opened": None, "old": None, "gap": None, "clashes": [], "standing": None} | more
    told = request.query_params.get("told", "")
    told = told if told in ("draft", "review", "publish", "hide", "return", "restore") else ""
    if told == "publish" and values["standing"] in ("coming", "expired"):
        told = f"publish_{values['standing']}"
    return render.page(
        request,
        "article.html",
        me=me,
        shop=store.profile.name_in(t.language),
        said=said,
        told=t.of("told", told) if told else "",
        local=lambda moment: moment.astimezone(zone).strftime(MOMENT) if moment else "",
        zone=str(zone),
        can_publish=may(me.role, "teach"),
        can_write=may(me.role, "write"),
        clock=render.clock(store.profile.timezone),
        **values,
    )
