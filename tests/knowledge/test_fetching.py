"""Fetching pages: what is taken, and that nothing inside the network can be reached by any trick."""

import gzip
import zlib
from collections.abc import AsyncIterator
from functools import partial

import pytest

from small_site import Site, running
from xiaoer.addresses import AddressRefused, NameUnknown, is_allowed
from xiaoer.knowledge import robots
from xiaoer.knowledge.fetching import (
    FetchLimits,
    NotFetched,
    NotTaken,
    Visited,
    fetch_page,
    fetch_sitemap,
    guarded_client,
)

QUICK = FetchLimits(seconds=5, pause_seconds=0)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running() as opened:
        yield opened


async def visited(site: Site, path: str, limit: int = 100, limits: FetchLimits = QUICK) -> list[Visited]:
    return [page async for page in fetch_sitemap(site.url(path), limit, client=site.client, limits=limits)]


async def test_a_page_comes_with_its_final_address_and_kind(site: Site) -> None:
    site.page("/help", "<p>退货</p>")
    site.answer("/old", "302 Found", headers={"Location": "/help"})
    fetched = await fetch_page(site.url("/old"), client=site.client)
    assert (fetched.url, fetched.content_type) == (site.url("/help"), "text/html")
    assert fetched.data.decode() == "<p>退货</p>"


async def test_the_connection_goes_to_the_address_that_was_checked(site: Site) -> None:
    site.page("/", "hello")
    await fetch_page(site.url("/", host="no-such-name.invalid"), client=site.client)
    assert site.asked == [(f"no-such-name.invalid:{site.port}", "/")], "the name was looked up again, or lost"
    assert site.resolved == ["no-such-name.invalid"]


async def test_a_page_in_gbk_becomes_utf_8(site: Site) -> None:
    site.page("/", "退货政策".encode("gbk"), "text/html; charset=gbk")
    assert (await fetch_page(site.url("/"), client=site.client)).data.decode() == "退货政策"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "100.100.100.200", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.0.8", "198.18.0.1"),
        *("240.0.0.1", "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("2002:7f00:1::", "2001:0:0:0:0:0:80ff:fffe", "2001:db8::1", "not an address", ""),
    ],
)
def test_addresses_inside_the_network_are_refused(address: str) -> None:
    assert not is_allowed(address, allow_private=False)


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, allow_private=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.20.0.1", "fd12::1", "::1"])
def test_the_operator_may_open_the_intranet(address: str) -> None:
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "224.0.0.1"]
)
def test_the_clouds_secrets_stay_closed_in_an_open_intranet(address: str) -> None:
    assert not is_allowed(address, allow_private=True)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
async def test_no_spelling_of_this_machine_is_reached(site: Site, host: str) -> None:
    site.page("/", "secret")
    with pytest.raises((AddressRefused, NameUnknown, NotTaken)):
        await fetch_page(site.url("/", host=host))
    assert not site.asked


async def test_a_redirect_into_the_network_is_refused(site: Site) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "outside.test" else ["169.254.169.254"]

    site.answer("/", "302 Found", headers={"Location": "http://metadata.internal/latest/"})
    with pytest.raises(AddressRefused, match=r"metadata\.internal"):
        await fetch_page(
            site.url("/", host="outside.test"), client=partial(guarded_client, allow_private=True, resolve=resolve)
        )
    assert len(site.asked) == 1


async def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["1.1.1.1", "10.0.0.1"]

    with pytest.raises(AddressRefused):
        await fetch_page("http://mixed.test/", client=partial(guarded_client, resolve=resolve))


async def test_a_name_that_answers_differently_the_second_time_gains_nothing(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    site.page("/", "hello")
    fetched = await fetch_page(site.url("/"), client=partial(guarded_client, allow_private=True, resolve=resolve))
    assert fetched.data == b"hello"
    assert next(answers) == ["10.0.0.1"], "the second answer was asked for"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://shop.test/", "gopher://shop.test/", "javascript:alert(1)", "shop.test", "", "http://",
     "http://[", "//shop.test/", "http://a b/", "data:text/html,x"],
)  # fmt: skip
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises((NotTaken, NameUnknown)):
        await fetch_page(url)


async def test_an_address_with_a_password_is_refused() -> None:
    with pytest.raises(AddressRefused, match="password"):
        await fetch_page("http://user:secret@shop.test/")


async def test_ports_of_other_services_are_refused() -> None:
    with pytest.raises(AddressRefused, match="port 25"):
        await fetch_page("http://shop.test:25/")


async def test_a_redirect_to_another_scheme_is_refused(site: Site) -> None:
    site.answer("/", "302 Found", headers={"Location": "file:///etc/passwd"})
    with pytest.raises(NotTaken, match="no web address"):
        await fetch_page(site.url("/"), client=site.client)


async def test_redirects_without_end_are_given_up(site: Site) -> None:
    site.answer("/", "302 Found", headers={"Location": "/"})
    with pytest.raises(NotTaken, match="on and on"):
        await fetch_page(site.url("/"), client=site.client)
    assert len(site.asked) == QUICK.redirects + 1


async def test_a_page_that_is_too_large_is_given_up(site: Site) -> None:
    site.page("/", b"x" * 200_000)
    with pytest.raises(NotTaken, match="larger than"):
        await fetch_page(site.url("/"), client=site.client, limits=FetchLimits(page_bytes=100_000))


async def test_a_small_page_that_unpacks_to_a_large_one_is_given_up(site: Site) -> None:
    site.page("/", gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip")
    with pytest.raises(NotTaken, match="larger than"):
        await fetch_page(site.url("/"), client=site.client, limits=FetchLimits(page_bytes=1_000_000))


async def test_a_page_that_never_comes_is_given_up(site: Site) -> None:
    with pytest.raises(NotFetched, match="longer than"):
        await fetch_page(site.url("/never"), client=site.client, limits=FetchLimits(seconds=0.3))


async def test_pictures_and_errors_are_not_taken(site: Site) -> None:
    site.page("/picture", b"\x89PNG", "image/png")
    site.answer("/broken", "500 Internal Server Error")
    with pytest.raises(NotTaken, match="image/png"):
        await fetch_page(site.url("/picture"), client=site.client)
    with pytest.raises(NotFetched, match="500"):
        await fetch_page(site.url("/broken"), client=site.client)
    with pytest.raises(NotFetched, match="404"):
        await fetch_page(site.url("/missing"), client=site.client)


async def test_a_site_that_does_not_answer_is_unavailable() -> None:
    async with running() as site:
        pass
    with pytest.raises(NotFetched, match="does not answer"):
        await fetch_page(site.url("/"), client=site.client)


def sitemap(*urls: str, kind: str = "urlset") -> str:
    rows = "".join(f"<url><loc> {url} </loc></url>" for url in urls)
    return f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{kind}>'


async def test_the_pages_of_a_sitemap_come_one_after_another(site: Site) -> None:
    site.page("/a?x=1&y=2", "A")
    site.page("/b", "B")
    urls = [site.url("/a?x=1&amp;y=2"), site.url("/b"), site.url("/gone"), site.url("/b"), "http://other.test/"]
    site.page("/sitemap.xml", sitemap(*urls), "application/xml")
    found = await visited(site, "/sitemap.xml")
    assert [page.page.data for page in found if page.page] == [b"A", b"B"]
    assert [(page.url, type(page.problem)) for page in found if page.problem] == [(site.url("/gone"), NotFetched)]


async def test_a_sitemap_is_found_from_any_page_by_robots_txt(site: Site) -> None:
    site.page("/robots.txt", f"Sitemap: {site.url('/maps/index.xml')}", "text/plain")
    site.page("/maps/index.xml", sitemap(site.url("/maps/1.xml.gz"), kind="sitemapindex"), "application/xml")
    site.page("/maps/1.xml.gz", gzip.compress(sitemap(site.url("/a")).encode()), "application/gzip")
    site.page("/a", "A")
    assert [page.url for page in await visited(site, "/help/")] == [site.url("/a")]


async def test_no_more_pages_are_fetched_than_wished(site: Site) -> None:
    for number in range(9):
        site.page(f"/{number}", "page")
    site.page("/sitemap.xml", sitemap(*(site.url(f"/{number}") for number in range(9))), "text/xml")
    assert len(await visited(site, "/", limit=3)) == 3
    assert len(site.asked) == 2 + 3


async def test_what_robots_txt_closes_is_not_asked_for(site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /account", "text/plain")
    site.page("/sitemap.xml", sitemap(site.url("/account/me"), site.url("/open")), "text/xml")
    site.page("/open", "open")
    assert [page.url for page in await visited(site, "/")] == [site.url("/open")]
    assert "/account/me" not in [path for _, path in site.asked]


async def test_a_site_whose_robots_txt_fails_is_left_alone(site: Site) -> None:
    site.answer("/robots.txt", "503 Service Unavailable")
    site.page("/sitemap.xml", sitemap(site.url("/a")), "text/xml")
    with pytest.raises(NotTaken, match=r"robots\.txt"):
        await visited(site, "/")


async def test_a_sitemap_that_names_itself_comes_to_an_end(site: Site) -> None:
    names = [site.url("/sitemap.xml"), *(site.url(f"/{number}.xml") for number in range(90))]
    site.page("/sitemap.xml", sitemap(*names, kind="sitemapindex"), "text/xml")
    for number in range(90):
        site.page(f"/{number}.xml", sitemap(site.url(f"/{number + 1}.xml"), kind="sitemapindex"), "text/xml")
    with pytest.raises(NotTaken):
        await visited(site, "/sitemap.xml")
    assert len(site.asked) == 1 + QUICK.sitemaps


async def test_a_gzip_bomb_for_a_sitemap_is_refused(site: Site) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"\0" * 20_000_000) + packer.flush()
    site.page("/sitemap.xml.gz", bomb, "application/gzip")
    with pytest.raises(NotTaken, match="larger than"):
        await visited(site, "/sitemap.xml.gz", limits=FetchLimits(sitemap_bytes=1_000_000))


async def test_a_damaged_or_missing_sitemap_is_said_so(site: Site) -> None:
    site.page("/sitemap.xml.gz", b"\x1f\x8b\x08 not gzip at all", "application/gzip")
    with pytest.raises(NotTaken, match="damaged"):
        await visited(site, "/sitemap.xml.gz")
    with pytest.raises(NotFetched, match="404"):
        await visited(site, "/")


def test_the_longest_rule_of_robots_txt_decides() -> None:
    rules = robots.parse(
        "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /shop\nAllow: /shop/help\n"
        "Disallow: /*?sort=\nDisallow: /*.pdf$\nCrawl-delay: 99"
    )
    assert rules.allow("http://x/shop/help/returns")
    assert not rules.allow("http://x/shop/cart")
    assert not rules.allow("http://x/list?sort=price")
    assert not rules.allow("http://x/a.pdf")
    assert rules.allow("http://x/a.pdf.html")
    assert rules.pause_seconds == 10


def test_rules_for_us_replace_those_for_everybody() -> None:
    rules = robots.parse("User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: Xiaoer\nDisallow: /private\n")
    assert rules.allow("http://x/help")
    assert not rules.allow("http://x/private/1")


def test_escaped_and_plain_paths_are_the_same_to_robots_txt() -> None:
    rules = robots.parse("User-agent: *\nDisallow: /帮助")
    assert not rules.allow("http://x/%E5%B8%AE%E5%8A%A9/1")
