"""Pages of the console: words in two languages, times in the shop's zone, and a policy that runs no foreign script."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from xiaoer.language.contacts import shown_phone
from xiaoer.patterns import lazy_table, toml
from xiaoer.staff.roles import Permission, may
from xiaoer.staff.sessions import SignedIn

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
PLACES: dict[str, Permission] = {
    "tickets": "read",
    "figures": "read",
    "knowledge": "read",
    "playground": "teach",
    "canned": "teach",
    "people": "people",
    "webhooks": "people",
    "shop": "teach",
    "settings": "teach",
}
"""Pages beside the inbox, and the permission each needs."""
LOOKS = ("system", "light", "dark")
LANGUAGES = {"zh": "中文", "en": "English"}
WORDS: Mapping[str, Mapping[str, str]] = lazy_table(
    lambda: {
        language: {
            name: text
            for part in ("", "workbench_", "help_", "shop_", "told_", "rules_")
            for name, text in toml("xiaoer.web.console", f"words_{part}{language}.toml").items()
        }
        for language in LANGUAGES
    }
)
templates = Environment(
    loader=PackageLoader("xiaoer.web", "templates/console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Words:
    """The console's words in one language: `t("name", n=3)`, and `t.of("route", "model")` for names from outside."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._table = WORDS[language]

    def __call__(self, name: str, /, **values: object) -> str:
        return self._table[name].format_map(values)

    def of(self, kind: str, name: str | None) -> str:
        """The word for a route, reason or state; the name itself where there is none."""
        return self._table.get(f"{kind}_{name}", name or "")

    def for_scripts(self) -> dict[str, str]:
        """The words that console.js says."""
        return {name.removeprefix("js_"): text for name, text in self._table.items() if name.startswith("js_")}


def words_for(request: Request) -> Words:
    """In the language chosen, or the browser's first that we have."""
    chosen = request.cookies.get("xiaoer_language")
    if chosen and chosen in WORDS:
        return Words(chosen)
    for entry in request.headers.get("accept-language", "").split(","):
        language = entry.partition(";")[0].strip().partition("-")[0].lower()
        if language in WORDS:
            return Words(language)
    return Words("zh")


def page(request: Request, name: str, *, me: SignedIn | None = None, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language and look; it knows what the role may do."""
    look = request.cookies.get("xiaoer_look", "system")
    t = words_for(request)
    context = {
        "t": t,
        "me": me,
        "may": (lambda permission: may(me.role, permission)) if me else (lambda _: False),
        "csrf": me.csrf if me else "",
        "look": look if look in LOOKS else "system",
        "looks": LOOKS,
        "languages": LANGUAGES,
        "here": request.url.path,
        "short": short,
        "phone": shown_phone,
        "places": [place for place, permission in PLACES.items() if me and may(me.role, permission)],
        **values,
    }
    return HTMLResponse(templates.get_template(name).render(context), status, HEADERS)


def row(entry: object, queue: str, t: Words, clock: object, *, converses: bool) -> str:
    """One conversation as the inbox lists it in a queue, for a list that is neither searched nor narrowed."""
    return templates.get_template("row.html").render(
        entry=entry,
        queue=queue,
        t=t,
        clock=clock,
        c=None,
        address=f"/console?queue={queue}",
        may=lambda _: converses,
        short=short,
    )


def short(identity: uuid.UUID) -> str:
    """A few characters by which somebody without a name can be told from another."""
    return identity.hex[:4].upper()


def clock(timezone: str) -> Any:
    """A function that writes a moment in the shop's time zone, to the minute."""
    zone = _zone(timezone)

    def written(moment: datetime) -> str:
        return moment.astimezone(zone).strftime("%m-%d %H:%M")

    return written


def day(timezone: str) -> Any:
    """A function that writes the date of a stored moment (RFC 3339) in the shop's time zone."""
    zone = _zone(timezone)

    def written(moment: str) -> str:
        return datetime.fromisoformat(moment).astimezone(zone).date().isoformat()

    return written


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _about(focus: Mapping[str, Any]) -> Mapping[str, Any]:
    """The products an answer was about, by name, and who said so."""
    titles = focus.get("titles") or {}
    names = [titles.get(each, each) for each in focus.get("products") or ()]
    return {"names": names, "source": focus.get("source")}


def evidence_of(message: Any) -> Mapping[str, Any]:
    """What an answer stood on, with every part present, whatever version wrote it."""
    evidence = message.evidence or {}
    understood = evidence.get("understood") or {}
    return {
        "understood": {key: understood[key] for key in ("intent", "sentiment", "standalone") if key in understood},
        "withheld": evidence.get("withheld") or [],
        "timings": evidence.get("timings_ms") or {},
        "found": (evidence.get("found") or [])[:5],
        "model": evidence.get("model"),
        "about": _about(evidence.get("focus") or {}),
        "failure": evidence.get("failure"),
        "mode": evidence.get("mode") or {},
        "thinking": evidence.get("thinking") or "",
    }
