"""Files are kept as long as the shop says: after that their bytes are erased, and the thread says so."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from xiaoer import stores
from xiaoer.conversations import attachments
from xiaoer.conversations.attachments import Attachment
from xiaoer.db.database import Sessions
from xiaoer.jobs import Pace

EVERY = timedelta(minutes=10)
log = structlog.get_logger(__name__)


class Erasing:
    """The worker's duty: files of conversations closed for more than the shop's `file_days`, every ten minutes.

    The bytes go first and are marked after: whoever is killed between erases again, and nothing that was said to be
    erased is left on the disk.
    """

    def __init__(self, sessions: Sessions, folder: Path) -> None:
        self._sessions = sessions
        self._folder = folder
        self._pace = Pace(EVERY)

    async def look_after(self, at: datetime) -> None:
        if not self._pace.is_due(at):
            return
        async with self._sessions() as session:
            kept = {store.id: store.profile.file_days for store in await stores.every(session)}
        for store_id, days in kept.items():
            while days and await self._erase_some(store_id, at - timedelta(days=days)):
                pass

    async def _erase_some(self, store_id: uuid.UUID, closed_before: datetime) -> int:
        async with self._sessions() as session:
            found = await attachments.outlived(session, store_id, closed_before=closed_before)
        for conversation_id, files in found.items():
            await asyncio.to_thread(self._remove, files)
            async with self._sessions.begin() as session:
                await attachments.mark_erased(session, conversation_id, files)
            log.info("files.erased", conversation=str(conversation_id), files=len(files))
        return len(found)

    def _remove(self, files: Sequence[Attachment]) -> None:
        for each in files:
            attachments.remove(self._folder, each.id)
