"""One import from its beginning to its end: what the sources give is stored, what they no longer have is withdrawn."""

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from xiaoer.knowledge.articles import key_of
from xiaoer.knowledge.documents import Origin
from xiaoer.knowledge.fetching import ClientFactory
from xiaoer.knowledge.gathering import Wanted, gather, place_of, site_of
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.reading.problems import shown
from xiaoer.knowledge.reading.reader import Outcome, Reader
from xiaoer.knowledge.sources import Notice, Stale

MOST_NOTICES = 500
"""Notices that are kept of one import; all of them are counted."""


@dataclass
class Report:
    """What an import did to the articles; `counts` is of all notices by what they say."""

    changed: int = 0
    notices: list[Notice] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.counts[notice.what] += 1
            if len(self.notices) < MOST_NOTICES:
                self.notices.append(notice)


@dataclass
class _Seen:
    """What an import has met: only what was read to its end can tell what is gone."""

    keys: set[str] = field(default_factory=set)
    origins: dict[Origin, None] = field(default_factory=dict)
    present: dict[str, set[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome, origin: Origin) -> None:
        self.present.setdefault(origin.place, set()).update((origin.name, outcome.origin.name))
        if outcome.problem is None:
            self.keys.update(key_of(document) for document in outcome.documents)
            self.origins[origin] = None
            return
        self.broken.add(outcome.name)
        if outcome.name == shown(origin.name) or origin.name == origin.place:  # of an archive or a site: all of it
            self.incomplete.add(origin.name)

    def is_gone(self, stale: Stale) -> bool:
        return stale.key not in self.keys and shown(stale.source) not in self.broken


async def bring(
    knowledge: Knowledge, store_id: uuid.UUID, reader: Reader, client: ClientFactory, wanted: Wanted, report: Report
) -> AsyncIterator[Outcome]:
    """Store what is wanted, one outcome after another; the report is whole when all of them have been taken."""
    seen = _Seen()
    async for outcome in gather(reader, client, wanted):
        origin = Origin(outcome.mapped or outcome.origin.name, outcome.origin.place)
        seen.add(outcome, origin)
        changed, notices = await knowledge.take(store_id, outcome.documents, origin)
        report.changed += changed
        report.note(notices)
        yield outcome
    if seen.broken and reader.mapped:
        # Nobody knows whether the mapping's source is in a file that could not be read.
        seen.incomplete.add(reader.mapped)
        for present in seen.present.values():
            present.add(reader.mapped)
    if not wanted.keep:
        await _withdraw(knowledge, store_id, wanted, seen, report)


async def _withdraw(knowledge: Knowledge, store_id: uuid.UUID, wanted: Wanted, seen: _Seen, report: Report) -> None:
    for origin in seen.origins:
        if origin.name not in seen.incomplete:
            stale = await knowledge.public_of(store_id, origin)
            report.note(await knowledge.retire(store_id, [each for each in stale if seen.is_gone(each)]))
    for place in _wholes(wanted, seen):
        stale = await knowledge.public_of_place(store_id, place, seen.present[place])
        report.note(await knowledge.retire(store_id, [each for each in stale if seen.is_gone(each)]))


def _wholes(wanted: Wanted, seen: _Seen) -> list[str]:
    """The places of which everything was met. A folder without any file may be one that is not mounted."""
    wholes = [place_of(folder) for folder in wanted.folders]
    if wanted.sitemap:
        site = site_of(wanted.sitemap)
        if site not in seen.incomplete and len(seen.present.get(site, ())) < wanted.limit:
            wholes.append(site)
    return [place for place in wholes if seen.present.get(place)]
