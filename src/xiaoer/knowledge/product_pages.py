"""Which product a page of a shop is about, by its address."""

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from xiaoer.language.names import Names
from xiaoer.patterns import lazy

LONGEST_URL = 2000
LONGEST_ID = 200
SHORTEST_ID = 4
"""A shorter id may be the number of a list's page; the shop's page names such a product by its id itself."""
_PARTS = lazy(r"[\w.-]+")
_ENDING = lazy(r"\.(?:html?|php|aspx?|jsp)$")
_JOINTS = lazy(r"[-_+]+")


def product_at(url: str, ids: Mapping[str, str], names: Names) -> str | None:
    """The product that an address names: by its id (https://item.jd.com/1001234567.html, …/item.htm?id=6123456), else
    by its name in words (/products/cloud-dishwasher-x20). `ids` are the shop's, by their lower case.

    The nearer to the end of the path an id stands the better; then the query and the fragment are read. Where one of
    these has several, it is open which is meant, and none is.
    """
    segments = _segments(url)
    if segments is None:
        return None
    path, rest = segments
    for place in (*([each] for each in reversed(path)), *rest):
        found = {product for part in place for product in _ids_in(part, ids)}
        if len(found) > 1:
            return None
        if found:
            return found.pop()
    mentions = names.find(_JOINTS.sub(" ", path[-1])).mentions if path else ()
    sure = len(mentions) == 1 and mentions[0].is_certain and not mentions[0].is_guess and len(mentions[0].ids) == 1
    return mentions[0].ids[0] if sure else None


def _segments(url: str) -> tuple[list[str], tuple[list[str], list[str]]] | None:
    """The parts of the path, then those of the query and the fragment; None for what is no address of the web."""
    try:
        parts = urlsplit(url[:LONGEST_URL].strip())
        query = [value for _, value in parse_qsl(parts.query, max_num_fields=50)]
    except ValueError:
        return None
    if parts.scheme not in ("http", "https", ""):
        return None
    path = [_ENDING.sub("", unquote(each)) for each in parts.path.split("/") if each]
    return path, (query, [unquote(each) for each in parts.fragment.split("/")])


def _ids_in(part: str, ids: Mapping[str, str]) -> Iterator[str]:
    """The ids that a part of an address is, or has between marks: dishwasher-1001234567, X20,red."""
    folded = part.lower()
    words: Collection[str] = {folded, *(_PARTS.findall(folded)), *_JOINTS.split(folded)}
    return (ids[word] for word in words if len(word) >= SHORTEST_ID and word in ids)
