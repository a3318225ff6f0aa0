"""Bringing files, pages and sites into the knowledge, in the background, with a report that stays until the next."""

import asyncio
import contextlib
import uuid
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.errors import Conflict, Invalid, XiaoerError
from xiaoer.knowledge.fetching import guarded_client
from xiaoer.knowledge.gathering import Wanted
from xiaoer.knowledge.intake import Report, bring
from xiaoer.knowledge.reading import mapping as mappings
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits, Unreadable, shown
from xiaoer.knowledge.reading.reader import Outcome, Reader
from xiaoer.staff.roles import require
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute
from xiaoer.web.console.told import told

router = APIRouter(prefix="/console/knowledge", include_in_schema=False, route_class=PageRoute)
MOST_FILES = 200
MOST_ADDRESSES = 50
MOST_PAGES = 500
MOST_LINES = 500
"""Lines of the report that are kept, the last ones."""
log = structlog.get_logger(__name__)


class OneAtATime(Conflict):
    """An import of the shop is running."""


@dataclass(frozen=True)
class Line:
    """One file or page of the report."""

    name: str
    articles: int
    questions: int
    problem: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class Run:
    """One import: what came of it so far."""

    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    read: int = 0
    failed: int = 0
    report: Report = field(default_factory=Report)
    fault: str = ""
    task: "asyncio.Task[None] | None" = None

    @property
    def is_running(self) -> bool:
        return self.task is not None and not self.task.done()


class Imports:
    """The imports of this process, the last one of each store."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._runs: dict[uuid.UUID, Run] = {}

    def of(self, store_id: uuid.UUID) -> Run | None:
        """The store's running or last import."""
        return self._runs.get(store_id)

    def start(self, store: stores.Store, wanted: Wanted, fields: dict[str, Any] | None) -> None:
        """Begin; `fields` is a checked mapping. Raises `OneAtATime`."""
        if (run := self._runs.get(store.id)) is not None and run.is_running:
            raise OneAtATime("An import is running. Please wait for its end.")
        run = self._runs[store.id] = Run()
        limits = Limits(file_bytes=self._desk.settings.upload_megabytes * MEBIBYTE)
        reader = Reader(mapping=fields, zone=store.profile.timezone, limits=limits)
        run.task = asyncio.create_task(self._bring(run, store.id, reader, wanted))

    async def close(self) -> None:
        """Stop what runs; what is stored stays, and importing again replaces it."""
        for run in self._runs.values():
            if run.task is not None:
                run.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await run.task

    async def _bring(self, run: Run, store_id: uuid.UUID, reader: Reader, wanted: Wanted) -> None:
        client = partial(guarded_client, allow_private=self._desk.settings.allow_private_urls)
        try:
            with reader:
                async for outcome in bring(self._desk.knowledge, store_id, reader, client, wanted, run.report):
                    _note(run, outcome)
        except XiaoerError as error:
            run.fault = error.detail
        except Exception:
            log.exception("import.failed")
            run.fault = "Something went wrong on our side; it has been noted. What is listed below was imported."


def _note(run: Run, outcome: Outcome) -> None:
    questions = sum(document.kind == "question" for document in outcome.documents)
    run.read += outcome.problem is None
    run.failed += outcome.problem is not None
    problem: tuple[str, ...] = ()
    if isinstance(outcome.problem, Unreadable):
        problem = (outcome.problem.reason, outcome.problem.remedy)  # its name stands beside it
    elif outcome.problem:
        problem = (outcome.problem.detail,)
    articles = len(outcome.documents) - questions
    run.lines.appendleft(Line(shown(outcome.name), articles, questions, problem, tuple(outcome.notes)))


@router.get("/import")
async def import_page(request: Request, desk: DeskPart, me: access.Reader) -> Response:
    """The form, and how the running or last import went."""
    require(me.role, "teach")
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
    return render.page(
        request,
        "import.html",
        me=me,
        shop=store.profile.name_in(render.words_for(request).language),
        run=_imports(request).of(me.store_id),
        told=partial(told, render.words_for(request)),
        progress=await desk.knowledge.progress(me.store_id),
        most_pages=MOST_PAGES,
        megabytes=desk.settings.upload_megabytes,
    )


@router.post("/import")
async def begin(request: Request, desk: DeskPart, change: access.Teaches) -> Response:
    form = await request.form()  # read before, for the token: it is kept
    given = [each for each in form.getlist("files") if isinstance(each, UploadFile) and each.filename]
    if len(given) > MOST_FILES:
        raise Invalid(f"At most {MOST_FILES} files at once; send the rest in another import.")
    files = [(upload.filename or "file", await upload.read()) for upload in given]
    await form.close()
    addresses = [line.strip() for line in change.fields.get("urls", "").splitlines() if line.strip()]
    if len(addresses) > MOST_ADDRESSES:
        raise Invalid(f"At most {MOST_ADDRESSES} addresses at once; a sitemap brings more.")
    sitemap = change.fields.get("sitemap", "").strip() or None
    if not (files or addresses or sitemap):
        raise Invalid("Choose files, or give an address or a sitemap.")
    mapping = change.fields.get("mapping", "").strip()
    fields = mappings.load(mapping.encode()) if mapping else None
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, change.me.store_id)
    wanted = Wanted(files, addresses, sitemap, MOST_PAGES, keep="keep" in change.fields)
    _imports(request).start(store, wanted, fields)
    return RedirectResponse("/console/knowledge/import", 303)


def _imports(request: Request) -> Imports:
    imports: Imports = request.app.state.imports
    return imports
