"""Web pages fetched for the knowledge: one by its address, or those that a site names in its sitemap."""

import asyncio
import html
import re
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from xiaoer import addresses
from xiaoer.errors import Invalid, Unavailable, XiaoerError
from xiaoer.knowledge import robots
from xiaoer.knowledge.reading.characters import decode
from xiaoer.knowledge.reading.problems import MEBIBYTE
from xiaoer.patterns import lazy

_AGENT = "Mozilla/5.0 (compatible; Xiaoer; customer-service knowledge import)"
_READABLE = lazy(
    r"text/(?:html|plain|markdown|x-markdown|csv|tab-separated-values)|application/(?:xhtml\+xml|json|jsonl|x-ndjson|pdf|"
    r"vnd\.openxmlformats-officedocument\.(?:wordprocessingml\.document|spreadsheetml\.sheet))"
)
_SITEMAP = lazy(r"(?:text|application)/(?:xml|plain|.*\+xml|gzip|x-gzip|octet-stream|html)")
_LOCATION = lazy(r"<(?:\w+:)?loc>\s*+(?:<!\[CDATA\[\s*+)?([^<\]]{1,4000}+)(?:\]\]>\s*+)?</(?:\w+:)?loc>")
_INDEX = lazy(r"<(?:\w+:)?sitemapindex[\s>]")
_CHARSET = lazy(r"charset=[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GZIP = b"\x1f\x8b"


class NotFetched(Unavailable):
    """A page that could not be had now: the site does not answer, or answers with an error."""


class NotTaken(Invalid):
    """A page that is not taken: too large, of the wrong kind, or not allowed by the site."""


@dataclass(frozen=True)
class Fetched:
    """A page as it came. `url` is where it was found in the end, `content_type` without its parameters.

    Text in another encoding than UTF-8, named by the site, has been turned into UTF-8.
    """

    url: str
    data: bytes
    content_type: str


@dataclass(frozen=True)
class Visited:
    """One page of a sitemap: what came, or why nothing did."""

    url: str
    page: Fetched | None = None
    problem: XiaoerError | None = None


@dataclass(frozen=True)
class FetchLimits:
    """How much is fetched: bytes of one page and of one sitemap, seconds for one page, redirects, sitemaps in all.

    `pause_seconds` lies between two pages of one site, unless its robots.txt asks for more.
    """

    page_bytes: int = 10 * MEBIBYTE
    sitemap_bytes: int = 50 * MEBIBYTE
    seconds: float = 30.0
    redirects: int = 5
    sitemaps: int = 50
    pause_seconds: float = 0.3


DEFAULT_LIMITS = FetchLimits()
ClientFactory = Callable[[], httpx.AsyncClient]


def guarded_client(*, allow_private: bool = False, resolve: addresses.Resolve = addresses.resolve) -> httpx.AsyncClient:
    """A client that connects to public addresses only; `allow_private`: also to the operator's own network."""
    return httpx.AsyncClient(
        transport=addresses.GuardedTransport(allow_private=allow_private, resolve=resolve),
        headers={"User-Agent": _AGENT, "Accept-Encoding": "gzip", "Accept": "text/html,*/*;q=0.5"},
        follow_redirects=False,
        timeout=60.0,
        trust_env=False,
    )


async def fetch_page(
    url: str, *, client: ClientFactory = guarded_client, limits: FetchLimits = DEFAULT_LIMITS
) -> Fetched:
    """One page or document. Raises AddressRefused, NotTaken (do not try again) or NotFetched (trying may help)."""
    async with client() as opened:
        return await _fetch(opened, url, _READABLE, limits.page_bytes, limits)


async def fetch_sitemap(
    url: str, limit: int, *, client: ClientFactory = guarded_client, limits: FetchLimits = DEFAULT_LIMITS
) -> AsyncIterator[Visited]:
    """The pages that a site names in its sitemap, at most `limit`, each fetched or with the reason why not.

    `url` is a sitemap, an index of sitemaps (packed with gzip or not), or any page of the site: then its robots.txt
    says where the sitemap is. Pages of other sites and pages that robots.txt closes are passed over. Raises when the
    sitemap itself cannot be had.
    """
    async with client() as opened:
        rules = await _robots(opened, url, limits)
        pause = max(limits.pause_seconds, rules.pause_seconds)
        count = 0
        async for page in _locations(opened, url, rules, limits):
            if count >= limit:
                return
            if not rules.allow(page):
                continue
            if count:
                await asyncio.sleep(pause)
            count += 1
            try:
                yield Visited(page, page=await _fetch(opened, page, _READABLE, limits.page_bytes, limits))
            except XiaoerError as problem:
                yield Visited(page, problem=problem)
    if not count:
        raise NotTaken(f"{url}: its sitemap names no page of this site that robots.txt leaves open")


async def _fetch(
    client: httpx.AsyncClient, url: str, types: re.Pattern[str], most_bytes: int, limits: FetchLimits
) -> Fetched:
    try:
        async with asyncio.timeout(limits.seconds):
            for _ in range(limits.redirects + 1):
                async with client.stream("GET", _checked(url)) as response:
                    if response.status_code in _REDIRECTS and "location" in response.headers:
                        url = urljoin(url, response.headers["location"])
                        continue
                    return await _taken(response, url, types, most_bytes)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise NotFetched(f"{url}: takes longer than {limits.seconds:g} seconds. Try again later") from error
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise NotFetched(f"{url}: the site does not answer properly. Try again later") from error
    raise NotTaken(f"{url}: leads on and on to other addresses")


def _checked(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise NotTaken(f"{url[:200]}: is no web address. Write it like https://shop.example/help") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise NotTaken(f"{url[:200]}: is no web address. Write it like https://shop.example/help")
    return parsed


async def _taken(response: httpx.Response, url: str, types: re.Pattern[str], most_bytes: int) -> Fetched:
    if not response.is_success:
        raise NotFetched(f"{url}: the site answers with error {response.status_code}")
    header = response.headers.get("content-type", "text/html")
    content_type = header.split(";", 1)[0].strip().lower()
    if not types.fullmatch(content_type):
        raise NotTaken(f"{url}: holds {content_type[:80]}, which is not read")
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > most_bytes:
            raise NotTaken(f"{url}: is larger than {most_bytes / MEBIBYTE:g} MB")
    charset = _CHARSET.search(header)
    body = bytes(data)
    if charset and charset[1].lower() not in ("utf-8", "utf8") and content_type.startswith("text/"):
        text = decode(body, declared=charset[1])
        body = body if text is None else text.encode()
    return Fetched(url, body, content_type)


async def _robots(client: httpx.AsyncClient, url: str, limits: FetchLimits) -> robots.Robots:
    """The rules of the site of an address. It has none: all is allowed. They cannot be had: nothing is (RFC 9309)."""
    try:
        fetched = await _fetch(client, urljoin(url, "/robots.txt"), re.compile(".*"), MEBIBYTE, limits)
    except NotFetched as problem:
        missing = re.search(r"error 4\d\d$", problem.detail)
        return robots.Robots() if missing else robots.NOTHING_ALLOWED
    return await asyncio.to_thread(robots.parse, decode(fetched.data) or "")


async def _locations(
    client: httpx.AsyncClient, url: str, rules: robots.Robots, limits: FetchLimits
) -> AsyncIterator[str]:
    """The pages that the sitemaps of a site name, each once, and none of another site."""
    waiting = [url] if _is_sitemap(url) else list(rules.sitemaps) or [urljoin(url, "/sitemap.xml")]
    site = _site(url)
    seen = set(waiting)
    fetched = 0
    while waiting and fetched < limits.sitemaps:
        at = waiting.pop(0)
        fetched += 1
        text = await _sitemap(client, at, limits)
        own = [place for place in await asyncio.to_thread(_named, text, site) if place not in seen]
        seen.update(own)
        if _INDEX.search(text[:2000]):
            waiting += own
            continue
        for place in own:
            yield place
    if waiting:
        raise NotTaken(f"{url}: has more than {limits.sitemaps} sitemaps. The pages of the others were not read")


def _named(sitemap: str, site: str) -> list[str]:
    found = [html.unescape(location.strip()) for location in _LOCATION.findall(sitemap)]
    if not found and "<" not in sitemap:
        found = [line.strip() for line in sitemap.splitlines()]
    return [place for place in dict.fromkeys(found) if _site(place) == site]


async def _sitemap(client: httpx.AsyncClient, url: str, limits: FetchLimits) -> str:
    fetched = await _fetch(client, url, _SITEMAP, limits.sitemap_bytes, limits)
    return await asyncio.to_thread(_unpacked, fetched.data, url, limits)


def _unpacked(data: bytes, url: str, limits: FetchLimits) -> str:
    if data.startswith(_GZIP):
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            data = unpacking.decompress(data, limits.sitemap_bytes)
        except zlib.error as error:
            raise NotTaken(f"{url}: is damaged: it cannot be unpacked") from error
        if unpacking.unconsumed_tail:
            raise NotTaken(f"{url}: is larger than {limits.sitemap_bytes / MEBIBYTE:g} MB")
    return decode(data) or ""


def _is_sitemap(url: str) -> bool:
    path = urlsplit(url).path.lower()
    return path.endswith((".xml", ".xml.gz", ".txt", ".gz"))


def _site(url: str) -> str:
    """The host of an address without a leading www."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https") else ""
