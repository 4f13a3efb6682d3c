"""Whatever a site sends in place of a list, its links come, or it is refused in words; nothing else is raised."""

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.page import UnreadablePage
from ingest.sources import EVERYTHING
from ingest.sources.fetch import Fetched
from ingest.sources.web import LISTINGS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 1000)
ADDRESSES = (
    "https://www.mofa.go.kr/eng/brd/m_5676/list.do?page=x",
    "https://www.whitehouse.gov/briefings-statements/page/99999999999999999999/",
    "https://www.gov.uk/search/news-and-communications?page=-1",
    "https://www.gov.uk/api/search.json?start=1e9&count=0",
    "https://x.org/robots.txt",
    "https://x.org/feed",
)
_PIECES = st.sampled_from(
    [
        '<?xml version="1.0"?>', '<?xml version="1.0" encoding="x-none"?>', "<rss>", "<feed>", "<channel>", "<item>", "<entry>", "<link>", "</link>",
        "<link href='http://[x'/>", "<updated>2023-13-45T99:99Z</updated>", "<pubDate>Mon, 99 Foo 20233</pubDate>", "</item>", "<urlset>", "<sitemapindex>",
        "<url>", "<loc>", "http://[x", "https://x.org/1", "//", "</loc>", "<lastmod>2023-02-30</lastmod>", "<lastmod>9999-12-31</lastmod>", "</url>", "\x1f\x8b", "<table>",
        "<tbody>", "<tr>", "<td>", "2023-11-26", "31.2.2023", "<a href='/a'>", "<a href='http://[x'>", "<a href='?page=2' rel='next'>", "</a>", "</tr>",
        "<a onclick=\"f_view('7')\">", "<a onclick=\"f_view('9999999999999999999999')\">", "<li class='gem-c-document-list__item'>", "<time datetime='x'>",
        "Sitemap: http://[x", "\nSitemap: /s.xml\n", '{"results": [', '{"link": "/a", "public_timestamp": "x"}', '{"link": 7}', "]}", "They met in Busan.", "\0", "<div/>",
    ]
)  # fmt: skip


def read_lists(address: str, content: bytes) -> None:
    found = Fetched(address, address, content, "text/html")
    for read in LISTINGS.values():
        with suppress(UnreadablePage):
            listing = read(found, EVERYTHING)
            assert listing is None or all(link.address for link in listing.links)


# What once raised something else.
FOUND = (b"\0<urlset>",)


@pytest.mark.parametrize("content", FOUND)
def test_what_was_found_before_stays_mended(content: bytes) -> None:
    read_lists("https://x.org/sitemap.xml", content)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(ADDRESSES), st.lists(_PIECES, max_size=25))
def test_any_mixture_is_read_as_a_list_or_refused_in_words(address: str, pieces: list[str]) -> None:
    read_lists(address, "".join(pieces).encode())


@pytest.mark.slow
@settings(max_examples=10 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ADDRESSES), st.lists(_PIECES, max_size=40))
def test_many_mixtures_are_read_as_lists_or_refused_in_words(address: str, pieces: list[str]) -> None:
    read_lists(address, "".join(pieces).encode())
