"""The rows of the table of sites, over listings as the sites write them."""

from datetime import UTC, date, datetime

import pytest

from ingest.sources.fetch import Fetched
from ingest.sources.listing import Link, Listing, SourceOptions
from ingest.sources.rows import row_listing
from ingest.sources.sites import SITES, first_page, site_listing

MOFA = "https://www.mofa.go.kr/eng/brd/m_5676/list.do"
WHITE_HOUSE = "https://www.whitehouse.gov/briefings-statements/"
BIDEN = "https://bidenwhitehouse.archives.gov/briefing-room/statements-releases/page/3/"
GOV_UK = "https://www.gov.uk/search/news-and-communications?organisations[]=foreign-office&page=2"
GOV_UK_API = "https://www.gov.uk/api/search.json?filter_organisations=hm-treasury&order=-public_timestamp&count=50"

LISTED: dict[str, tuple[str, str, Listing]] = {
    "mofa.go.kr": (
        MOFA,
        """<table><thead><tr><th>No</th><th>Subject</th></tr></thead><tbody>
        <tr><td>2</td><td><a href="#none" onclick="f_view('322309');return false;">Outcome (November 26)</a></td><td>2023-11-27</td></tr>
        <tr><td>1</td><td><a href="javascript:f_view('322305')">Phone Call</a></td><td>2023-11-24</td></tr></tbody></table>""",
        Listing(
            (
                Link("https://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309", published=date(2023, 11, 27)),
                Link("https://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322305", published=date(2023, 11, 24)),
            ),
            (MOFA + "?page=2",),
        ),
    ),
    "whitehouse.gov": (
        WHITE_HOUSE,
        """<ul class="wp-block-post-template"><li class="wp-block-post"><div class="wp-block-whitehouse-post-template__content">
        <h2 class="wp-block-post-title"><a href="https://www.whitehouse.gov/briefings-statements/2025/01/a/">A</a></h2>
        <div class="wp-block-post-terms"><a href="/briefings-statements/">Briefings</a></div>
        <div class="wp-block-post-date"><time datetime="2025-01-23T16:42:29-05:00">January 23, 2025</time></div></div></li></ul>""",
        Listing(
            (Link("https://www.whitehouse.gov/briefings-statements/2025/01/a/", published=date(2025, 1, 23)),),
            (WHITE_HOUSE + "page/2/",),
        ),
    ),
    "GOV.UK search": (
        GOV_UK,
        """<ul><li class="gem-c-document-list__item"><div class="gem-c-document-list__item-title">
        <a class="govuk-link" href="/government/news/x">X</a></div><p>From May 2001 on.</p><ul><li>Updated: <time datetime="2024-05-02">2 May 2024</time></li></ul></li></ul>""",
        Listing(
            (Link("https://www.gov.uk/government/news/x", changed=datetime(2024, 5, 3, tzinfo=UTC)),),
            ("https://www.gov.uk/search/news-and-communications?organisations[]=foreign-office&page=3",),
        ),
    ),
    "GOV.UK search interface": (
        GOV_UK_API,
        '{"results": [{"link": "/government/news/x", "title": "X", "public_timestamp": "2024-05-02T10:00:00+01:00"}, {"title": "no link"}], "total": 1}',
        Listing(
            (Link("https://www.gov.uk/government/news/x", changed=datetime(2024, 5, 2, 9, tzinfo=UTC)),),
            (GOV_UK_API + "&start=50",),
        ),
    ),
}


def listed(address: str, content: str) -> Listing | None:
    return site_listing(Fetched(address, address, content.encode(), "text/html"), SourceOptions())


@pytest.mark.parametrize("name", [site.name for site in SITES])
def test_every_site_of_the_table_gives_its_releases_and_the_next_page(name: str) -> None:
    address, content, expected = LISTED[name]

    assert listed(address, content) == expected
    assert site_listing(Fetched(address, address, b"<html>", "text/html"), SourceOptions()) == Listing(())


def test_the_earlier_white_house_is_read_as_the_archives_keep_it() -> None:
    article = """<article class="news-item"><h2 class="news-item__title-container">
        <a class="news-item__title" href="https://bidenwhitehouse.archives.gov/briefing-room/statements-releases/2023/05/20/g7/">G7</a></h2>
        <div class="shared-meta"><time class="posted-on entry-date published updated" datetime="2023-05-20T06:00:00-04:00">May 20, 2023</time></div></article>"""

    assert listed(BIDEN, article) == Listing(
        (
            Link(
                "https://bidenwhitehouse.archives.gov/briefing-room/statements-releases/2023/05/20/g7/",
                published=date(2023, 5, 20),
            ),
        ),
        ("https://bidenwhitehouse.archives.gov/briefing-room/statements-releases/page/4/",),
    )


@pytest.mark.parametrize(
    "release",
    [
        "https://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309",
        "https://www.whitehouse.gov/briefings-statements/2025/01/a/",
        "https://bidenwhitehouse.archives.gov/briefing-room/statements-releases/2023/05/20/g7/",
        "https://www.gov.uk/government/news/x",
    ],
)
def test_a_release_of_a_known_site_is_no_listing(release: str) -> None:
    assert listed(release, LISTED["mofa.go.kr"][1]) is None


@pytest.mark.parametrize(
    ("address", "narrowed"),
    [
        (MOFA + "?page=1&srchFr=x", MOFA + "?page=1&srchFr=20231101&srchTo=20231130"),
        (
            "https://www.gov.uk/search/news-and-communications",
            "https://www.gov.uk/search/news-and-communications?public_timestamp[from]=2023-11-01",
        ),
        (GOV_UK_API, GOV_UK_API + "&filter_public_timestamp=from:2023-11-01"),
        (WHITE_HOUSE, WHITE_HOUSE),
        ("https://www.elysee.fr/toutes-les-actualites", "https://www.elysee.fr/toutes-les-actualites"),
    ],
)
def test_a_site_that_can_is_asked_for_the_days_that_are_wanted(address: str, narrowed: str) -> None:
    assert first_page(address, SourceOptions(date(2023, 11, 1), date(2023, 11, 30))) == narrowed
    assert first_page(address, SourceOptions()) == address


@pytest.mark.parametrize("content", ["", "{", "[]", '{"results": 3}', '{"results": [3]}', "[" * 100_000])
def test_a_broken_answer_of_an_interface_lists_nothing(content: str) -> None:
    assert listed(GOV_UK_API, content) == Listing(())


# Any other listing


def rows(content: str) -> Listing | None:
    address = "https://press.example.org/news"
    return row_listing(Fetched(address, address, content.encode(), "text/html"), SourceOptions())


@pytest.mark.parametrize(
    "row",
    [
        "<li><a href='/r/{n}'>Release number {n}</a> <span>{n} May 2024</span></li>",
        "<tr><td>{n}</td><td><a href='/r/{n}'>Release number {n}</a></td><td>2024.05.0{n}</td></tr>",
        "<article><div><div><a href='/tag'>News</a><h2><a href='/r/{n}'>R{n}</a></h2></div></div><time datetime='2024-05-0{n}T09:00Z'>yesterday</time></article>",
        "<div class='card'><a href='https://www.press.example.org/r/{n}'>{n} May 2024 Release number {n}</a></div>",
        "<li><a href='/r/{n}'>보도자료 {n}호</a><p>2024년 5월 {n}일</p></li>",
    ],
    ids=["list", "table", "cards", "linked cards", "Korean"],
)
def test_dated_links_of_one_kind_are_a_listing(row: str) -> None:
    found = rows(f"<table>{''.join(row.format(n=n) for n in range(1, 6))}</table>")

    assert found is not None
    assert [(link.address.removeprefix("https://").removeprefix("www."), link.published) for link in found.links] == [
        (f"press.example.org/r/{n}", date(2024, 5, n)) for n in range(1, 6)
    ]


@pytest.mark.parametrize(
    "content",
    [
        "<p>They met.</p>",
        "<ul>" + "".join(f"<li><a href='/r/{n}'>Section {n}</a></li>" for n in range(9)) + "</ul>",
        "<nav><ul>" + "".join(f"<li><a href='/r/{n}'>Release</a> 2024-05-0{n}</li>" for n in range(1, 9)) + "</ul></nav>",
        "<ul>" + "".join(f"<li><a href='https://other.org/{n}'>Release</a> 2024-05-0{n}</li>" for n in range(1, 9)) + "</ul>",
        "<meta property='og:type' content='article'><ul>"
        + "".join(f"<li><a href='/r/{n}'>Release</a> 2024-05-0{n}</li>" for n in range(1, 9)) + "</ul>",
    ],
    ids=["a text", "undated links", "a menu", "links elsewhere", "a declared article"],
)  # fmt: skip
def test_other_pages_are_none(content: str) -> None:
    assert rows(f"<html><body>{content}</body></html>") is None


@pytest.mark.parametrize(
    "link",
    [
        "<a rel='next' href='/news/page/2'>2</a>",
        "<a href='/news/page/2'>Older posts</a>",
        "<a href='/news/page/2'>다음</a>",
        "<a href='/news/page/2' aria-label='Next page'><svg></svg></a>",
        "<a href='/news/page/2'>»</a>",
        "<nav><a href='/news/page/2'>Next page ›</a></nav>",
    ],
)
def test_the_next_page_is_found(link: str) -> None:
    found = rows("".join(f"<li><a href='/r/{n}'>Release {n}</a> 2024-05-0{n}</li>" for n in range(1, 6)) + link)

    assert found is not None
    assert found.further == ("https://press.example.org/news/page/2",)
