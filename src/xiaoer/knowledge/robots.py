"""What a site lets robots read (RFC 9309): its robots.txt, read and asked."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

AGENT = "xiaoer"
_LONGEST = 500_000
_LONGEST_PAUSE = 10.0


@dataclass(frozen=True)
class Rule:
    path: str
    allows: bool


@dataclass(frozen=True)
class Robots:
    """The rules for us, the sitemaps named, and the seconds to wait between two pages."""

    rules: tuple[Rule, ...] = ()
    sitemaps: tuple[str, ...] = ()
    pause_seconds: float = 0.0

    def allow(self, url: str) -> bool:
        """Whether we may read an address: the longest rule that fits decides, of two as long the one that allows."""
        parts = urlsplit(url)
        path = _comparable((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        fitting = [rule for rule in self.rules if _fits(rule.path, path)]
        return max(fitting, key=lambda rule: (len(rule.path), rule.allows)).allows if fitting else True


NOTHING_ALLOWED = Robots((Rule("/", allows=False),))


def parse(text: str) -> Robots:
    """The part of a robots.txt that is meant for us, or else for everybody."""
    groups: dict[str, list[Rule]] = {}
    pauses: dict[str, float] = {}
    sitemaps: list[str] = []
    agents: list[str] = []
    ruled = False
    for line in text[:_LONGEST].splitlines():
        name, _, value = line.split("#", 1)[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "sitemap":
            sitemaps.append(value)
        elif name == "user-agent":
            agents = [value.lower()] if ruled else [*agents, value.lower()]
            ruled = False
            for agent in agents:
                groups.setdefault(agent, [])
        elif name in ("allow", "disallow"):
            ruled = True
            if value:
                rule = Rule(_comparable(value), name == "allow")
                for agent in agents:
                    groups[agent].append(rule)
        elif name == "crawl-delay" and re.fullmatch(r"\d{1,5}(\.\d{1,3})?", value):
            ruled = True
            pauses |= dict.fromkeys(agents, min(float(value), _LONGEST_PAUSE))
    mine = next((agent for agent in groups if agent.split("/")[0] == AGENT), "*")
    return Robots(tuple(groups.get(mine, ())), tuple(sitemaps), pauses.get(mine, 0.0))


def _comparable(path: str) -> str:
    """A path in one spelling: what need not be escaped is not."""
    return quote(unquote(path), safe="/*$?=&:;,+@!~'()%")


def _fits(pattern: str, path: str) -> bool:
    """Whether a rule's path (`*` for anything, `$` for the end) begins a path. Never takes longer than both are."""
    anchored = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if not others:
        return not anchored or at == len(path)
    last = others[-1]
    if anchored:
        return path.endswith(last) and len(path) - len(last) >= at
    return path.find(last, at) >= 0
