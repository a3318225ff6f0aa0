"""What a shop sets about itself, checked as a whole, and what follows from it elsewhere."""

import uuid
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.errors import Invalid
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.history import By
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.staff.hours import is_span
from xiaoer.stores import Profile
from xiaoer.tools import switches

FACTS_KEY: Final = "shop:facts"
_FACTS_TITLES: Final = {
    "zh": "店铺信息与联系方式",
    "en": "About the shop and how to reach it",
    "vi": "Thông tin cửa hàng và cách liên hệ",
    "th": "ข้อมูลร้านและช่องทางติดต่อ",
}


async def patch(database: Database, store_id: uuid.UUID, settings: Mapping[str, Any]) -> Profile:
    """Merge settings into a store's and return what is in force; raises `Invalid`, and then nothing has changed."""
    async with database.sessions.begin() as session:
        store = await stores.patch(session, store_id, settings)
        require_sound(store.profile)
        return store.profile


def tried(store: stores.Store, settings: Mapping[str, Any]) -> Profile:
    """What would be in force with these settings merged into the store's; raises `Invalid`."""
    profile = Profile.model_validate(stores.checked(stores.merged(store.settings, settings)))
    require_sound(profile)
    return profile


def require_sound(profile: Profile) -> None:
    """Raise `Invalid` for what fits its type and would still never work: hours, a time zone, tools of no such name."""
    if profile.hours and not is_span(profile.hours):
        raise Invalid("Hours: write them like 09:00-21:00, or leave them empty for round the clock.")
    if profile.timezone not in available_timezones():
        raise Invalid("Time zone: write a name such as Asia/Shanghai or Europe/Berlin.")
    switches.require_known(profile.tools)


async def tell_facts(knowledge: Knowledge, store_id: uuid.UUID, profile: Profile, *, by: By | None = None) -> None:
    """Keep what may always be told as an article too: only what stands in the knowledge is found by a question."""
    if not profile.facts:
        await knowledge.withdraw(store_id, FACTS_KEY)
        return
    language = profile.locales[0]
    title = _FACTS_TITLES.get(language, _FACTS_TITLES["en"])
    text = "\n".join(f"- {fact}" for fact in profile.facts)
    await knowledge.save(store_id, Document(key=FACTS_KEY, title=title, text=text, locale=language), by=by)
