"""From an address to its pages, over real requests to sites on this machine."""

from datetime import date

import pytest

from ingest.formats import read_page
from ingest.page import Failure, Gone, Page, Read, Unchanged
from ingest.sources import Fetcher, SourceOptions, pages, unlisted_pages
from ingest.sources.fetch import Fetched
from ingest.sources.listing import Listing
from ingest.sources.web import LISTINGS, Outcome, page_name
from tests.ingest.sources.board import Board, says, twelve_releases
from tests.ingest.sources.website import Answer, Asked, WebSite
from vectorstore import Catalogue

HERE = SourceOptions(allow_private=True)
RSS = '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>'


def come_by(site: WebSite, fetcher: Fetcher, path: str, options: SourceOptions = HERE) -> list[Outcome]:
    return list(pages(site.address(path), fetcher, options))


def contents(outcomes: list[Outcome]) -> list[str]:
    return [outcome.content.decode() for outcome in outcomes if isinstance(outcome, Page)]


def text(words: str) -> Answer:
    return Answer(words, headers={"Content-Type": "text/plain; charset=utf-8"})


def numbers(outcomes: list[Outcome]) -> list[int]:
    """Which of the board's releases came, as pages."""
    return [int(outcome.origin.rsplit("=", 1)[1]) for outcome in outcomes if isinstance(outcome, Page)]


# What strangers may send in place of a list


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer("<html><body>" + "<div/>" * 10_000), "its elements are nested more than 5,000 deep"),
        (
            Answer(b'<?xml version="1.0" encoding="\0TF-8"?><rss><channel></channel></rss>'),
            "the feed is broken: embedded null character",
        ),
        (
            Answer('<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><link>/a</link></item></channel></rss>'),
            "the feed declares entities, which no release needs",
        ),
    ],
)
def test_a_hostile_list_is_named_with_the_reason(site: WebSite, fetcher: Fetcher, answer: Answer, reason: str) -> None:
    site.answers["/list"] = answer

    assert come_by(site, fetcher, "/list") == [Failure(site.address("/list"), reason)]


def test_a_list_on_which_its_reader_fails_is_named_and_ends_nothing(
    site: WebSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(found: Fetched, options: SourceOptions) -> Listing | None:
        raise KeyError("rows")

    monkeypatch.setitem(LISTINGS, "rows", failing)
    site.answers["/list"] = Answer("<html><body><p>They met.")

    assert come_by(site, fetcher, "/list") == [
        Failure(site.address("/list"), "its reader failed (KeyError: 'rows'); please report it with its address")
    ]


# One page


def test_a_page_is_read_by_the_format_that_its_server_names(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/download?file=7"] = Answer(
        '{"id": "r1", "text": "They met on Monday."}', headers={"Content-Type": "application/x-ndjson"}
    )

    (page,) = come_by(site, fetcher, "/download?file=7")

    assert isinstance(page, Page)
    assert (page.origin, page.name) == (site.address("/download?file=7"), "download.jsonl")
    (read,) = read_page(page)
    assert isinstance(read, Read)
    assert (read.release.id, read.release.paragraphs[0].text) == ("r1", "They met on Monday.")


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (Fetched("http://x.org/a/view.do?seq=1", "http://x.org/a/view.do?seq=1", b"", "text/html"), "view.html"),
        (Fetched("http://x.org/", "http://x.org/", b"", "text/html"), "x.org.html"),
        (Fetched("http://x.org/r.jsonl", "http://x.org/r.jsonl", b"", "text/plain"), "r.jsonl"),
        (
            Fetched("http://x.org/down", "http://x.org/down", b"", "application/octet-stream", "", "보도자료.hwpx"),
            "보도자료.hwpx",
        ),
        (Fetched("http://x.org/r.pdf", "http://x.org/r.pdf", b"", "application/pdf"), "r.pdf"),
        (Fetched("http://x.org/feed", "http://x.org/feed", b"", "application/rss+xml"), "feed.rss"),
        (Fetched("http://x.org/a.b", "http://x.org/a.b", b"", "application/x-unheard-of"), "a.b"),
        (Fetched("http://x.org/old", "http://x.org/new.txt", b"", ""), "new.txt"),
    ],
)
def test_a_pages_name_ends_in_the_suffix_of_its_format(found: Fetched, name: str) -> None:
    assert page_name(found) == name


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        ("한국과 중국".encode("euc-kr"), "euc-kr", "\ufeff한국과 중국".encode()),
        ("한국과 중국".encode(), "iso-8859-1", "한국과 중국".encode()),
        ("한국과 중국".encode("euc-kr"), "utf-8", "한국과 중국".encode("euc-kr")),
        ("한국과 중국".encode("euc-kr"), "no-such-encoding", "한국과 중국".encode("euc-kr")),
    ],
    ids=["rightly", "utf-8 declared as another", "another declared as utf-8", "unknown"],
)
def test_an_encoding_that_only_the_server_names_is_kept(
    site: WebSite, fetcher: Fetcher, content: bytes, declared: str, expected: bytes
) -> None:
    site.answers["/a"] = Answer(content, headers={"Content-Type": f"text/html; charset={declared}"})

    (page,) = come_by(site, fetcher, "/a")

    assert isinstance(page, Page)
    assert page.content == expected


def test_an_unchanged_page_is_said_to_be_so_and_a_corrected_one_comes_anew(site: WebSite, fetcher: Fetcher) -> None:
    def page(asked: Asked) -> Answer:
        return Answer("", 304) if asked.headers.get("If-None-Match") == etag else Answer(words, headers={"ETag": etag})

    site.answers["/a"] = page
    words, etag = "They agreed.", '"1"'
    assert contents(come_by(site, fetcher, "/a")) == ["They agreed."]
    assert come_by(site, fetcher, "/a") == [Unchanged(site.address("/a"))]

    words, etag = "They disagreed.", '"2"'
    assert contents(come_by(site, fetcher, "/a")) == ["They disagreed."]


def test_a_page_that_was_read_before_is_gone_and_one_that_never_was_is_mistyped(
    site: WebSite, fetcher: Fetcher
) -> None:
    site.answers["/a"] = text("They met.")
    come_by(site, fetcher, "/a")
    del site.answers["/a"]

    assert come_by(site, fetcher, "/a") == [Gone(site.address("/a"))]
    assert come_by(site, fetcher, "/b") == [Failure(site.address("/b"), "the site has no such page")]


def test_private_addresses_need_the_flag(site: WebSite, fetcher: Fetcher) -> None:
    assert come_by(site, fetcher, "/a", SourceOptions()) == [
        Failure(
            site.address("/a"),
            "127.0.0.1 is a private or local address, which is fetched only with --allow-private",
        )
    ]
    assert site.asked == []


@pytest.mark.parametrize(
    "address", ["http://", "https:///a", "http://[half/", "http://" + "a" * 70 + ".org/", "http://me:pw@x.org/"]
)
def test_what_is_no_address_is_named(fetcher: Fetcher, address: str) -> None:
    (failure,) = pages(address, fetcher, HERE)

    assert isinstance(failure, Failure)
    assert failure.origin == address


# A ministry's board


def test_a_board_gives_all_its_releases_page_after_page(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, twelve_releases())

    outcomes = come_by(site, fetcher, f"{Board.PATH}/list.do")

    assert numbers(outcomes) == list(range(12, 0, -1))
    assert outcomes[0].origin == site.address(f"{Board.PATH}/view.do?seq=12")
    lists = [path for path in site.paths if "list.do" in path]
    assert lists == [f"{Board.PATH}/list.do"] * 2 + [f"{Board.PATH}/list.do?page={n}" for n in (2, 3, 4)]


def test_a_release_of_a_board_is_read_with_its_title_day_and_numbers(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, twelve_releases())

    (page,) = come_by(site, fetcher, f"{Board.PATH}/view.do?seq=9")

    assert isinstance(page, Page)
    (read,) = read_page(page)
    assert isinstance(read, Read)
    release = read.release
    assert (release.title, release.date, release.url) == ("Release 9", date(2023, 11, 10), page.origin)
    assert [(p.number, p.numbered, p.text) for p in release.paragraphs] == [
        ("1", True, "The ministers of both countries met for the 9th time in Busan."),
        ("2", True, "They agreed to meet again next year."),
    ]


def test_a_board_is_asked_for_the_days_that_are_wanted(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, twelve_releases())

    outcomes = come_by(
        site, fetcher, f"{Board.PATH}/list.do", SourceOptions(date(2023, 11, 4), date(2023, 11, 6), allow_private=True)
    )

    assert numbers(outcomes) == [5, 4, 3]
    assert f"{Board.PATH}/list.do?srchFr=20231104&srchTo=20231106" in site.paths


def test_no_more_list_pages_are_turned_than_wanted(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, twelve_releases())

    assert len(come_by(site, fetcher, f"{Board.PATH}/list.do", SourceOptions(max_pages=2, allow_private=True))) == 10


def test_a_broken_page_of_a_board_is_named_and_the_others_come(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, twelve_releases())
    broken = f"{Board.PATH}/view.do?seq=11"
    site.answers[broken] = Answer("", 500)

    outcomes = come_by(site, fetcher, f"{Board.PATH}/list.do")

    assert [outcome for outcome in outcomes if isinstance(outcome, Failure)] == [
        Failure(
            site.address(broken),
            "the server answers 500, an error of the server, 2 times; run the same command again later",
        )
    ]
    assert numbers(outcomes) == [12, *range(10, 0, -1)]


def test_a_host_that_stops_answering_is_said_so_once(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, twelve_releases())
    site.answers[f"{Board.PATH}/view.do"] = Answer("", 503)

    outcomes = come_by(site, fetcher, f"{Board.PATH}/list.do", SourceOptions(max_pages=1, allow_private=True))

    assert [outcome.reason.split(";")[0] for outcome in outcomes if isinstance(outcome, Failure)] == [
        "the server answers 503, not available, 2 times",
        "the server answers 503, not available, 2 times",
        "127.0.0.1 has not answered 2 times in a row",
    ]


def test_a_second_run_over_a_board_finds_what_was_added_corrected_and_taken_away(
    site: WebSite, fetcher: Fetcher
) -> None:
    releases = twelve_releases()
    Board(site, releases)
    before = {outcome.origin for outcome in come_by(site, fetcher, f"{Board.PATH}/list.do")}
    del releases[7]
    releases[3] = (releases[3][0], "1. They met in Seoul, not in Busan.")
    releases[13] = ("2023-11-14", says(13))

    outcomes = come_by(site, fetcher, f"{Board.PATH}/list.do")
    unlisted = before - {outcome.origin for outcome in outcomes}

    assert numbers(outcomes) == [13, 12, 11, 10, 9, 8, 6, 5, 4, 3, 2, 1]
    assert "They met in Seoul, not in Busan." in contents(outcomes)[9]
    assert list(unlisted_pages(unlisted, fetcher, HERE)) == [Gone(site.address(f"{Board.PATH}/view.do?seq=7"))]


def test_pages_that_are_not_listed_any_more_are_asked_for_in_turn(
    site: WebSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.web._UNLISTED", 2)
    addresses = [site.address(f"/{n}") for n in range(3)]
    for n in range(3):
        site.answers[f"/{n}"] = lambda asked: (
            Answer("", 304) if "If-None-Match" in asked.headers else Answer("A.", headers={"ETag": "1"})
        )
        come_by(site, fetcher, f"/{n}")

    first = list(unlisted_pages(addresses, fetcher, HERE))
    second = list(unlisted_pages(addresses, fetcher, HERE))

    assert first == [Unchanged(addresses[0]), Unchanged(addresses[1])]
    assert second == [Unchanged(addresses[2]), Unchanged(addresses[0])]


def test_a_board_without_rows_is_said_so(site: WebSite, fetcher: Fetcher) -> None:
    Board(site, {})

    assert come_by(site, fetcher, f"{Board.PATH}/list.do") == [
        Failure(site.address(f"{Board.PATH}/list.do"), "no release is listed there; has the site changed its pages?")
    ]


# Feeds


def test_a_feed_with_texts_is_read_as_it_is(site: WebSite, fetcher: Fetcher) -> None:
    item = "<item><title>T</title><link>{}</link><content:encoded>They met on Monday in Busan.</content:encoded></item>"
    site.answers["/rss.do"] = Answer(RSS.format(item.format(site.address("/1"))), headers={"Content-Type": "text/xml"})

    (page,) = come_by(site, fetcher, "/rss.do?brdId=302")

    assert isinstance(page, Page)
    (read,) = read_page(page)
    assert isinstance(read, Read)
    assert read.release.url == site.address("/1")
    assert site.paths == ["/rss.do?brdId=302"]


def test_a_feed_that_only_points_to_its_releases_is_followed(site: WebSite, fetcher: Fetcher) -> None:
    items = "".join(
        f"<item><title>T</title><link>/{n}</link><pubDate>{day} Nov 2023 09:00:00 GMT</pubDate><description>In short.</description></item>"
        for n, day in ((1, 27), (2, 20), (3, 1))
    )
    site.answers |= {"/feed": Answer(RSS.format(items))} | {f"/{n}": text(f"Release {n}.") for n in (1, 2, 3)}

    outcomes = come_by(site, fetcher, "/feed", SourceOptions(since=date(2023, 11, 15), allow_private=True))

    assert contents(outcomes) == ["Release 1.", "Release 2."]


def test_what_a_feed_says_is_unchanged_since_it_was_fetched_is_not_asked_for(site: WebSite, fetcher: Fetcher) -> None:
    def feed(updated: str) -> Answer:
        entry = (
            f'<entry><title>T</title><link href="/1"/><updated>{updated}</updated><summary>In short.</summary></entry>'
        )
        return Answer(f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>')

    site.answers |= {"/feed": feed("2023-11-27T00:00:00Z"), "/1": text("Release 1.")}
    assert contents(come_by(site, fetcher, "/feed")) == ["Release 1."]
    assert come_by(site, fetcher, "/feed") == [Unchanged(site.address("/1"))]
    assert site.paths == ["/feed", "/1", "/feed"]

    site.answers["/feed"] = feed("2123-11-27T00:00:00Z")
    assert contents(come_by(site, fetcher, "/feed")) == ["Release 1."]


# Sitemaps


def sitemap(*entries: str) -> Answer:
    return Answer(
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</urlset>'
    )


def test_robots_txt_leads_to_sitemaps_and_these_to_pages(site: WebSite, fetcher: Fetcher) -> None:
    index = f"""<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc>{site.address("/new.xml")}</loc></sitemap>
        <sitemap><loc>{site.address("/old.xml")}</loc><lastmod>2019-01-01</lastmod></sitemap></sitemapindex>"""
    site.answers |= {
        "/robots.txt": Answer(f"User-agent: *\nDisallow: /private/\nSitemap: {site.address('/index.xml')}\n"),
        "/index.xml": Answer(index),
        "/new.xml": sitemap(
            f"<url><loc>{site.address('/1')}</loc><lastmod>2023-11-27T09:00:00+09:00</lastmod></url>",
            f"<url><loc>{site.address('/2')}</loc></url>",
            f"<url><loc>{site.address('/3')}</loc><lastmod>2020-01-01</lastmod></url>",
            f"<url><loc>{site.address('/private/4')}</loc></url>",
            "<url><loc>http://[half/</loc></url>",
        ),
        **{f"/{n}": text(f"Release {n}.") for n in (1, 2, 3)},
    }

    outcomes = come_by(site, fetcher, "/robots.txt", SourceOptions(since=date(2023, 1, 1), allow_private=True))

    assert contents(outcomes) == ["Release 1.", "Release 2."]
    assert [outcome for outcome in outcomes if isinstance(outcome, Failure)] == [
        Failure(site.address("/private/4"), "the robots.txt of 127.0.0.1 does not want it fetched by programs")
    ]
    assert "/old.xml" not in site.paths


def test_a_sitemap_that_leads_back_to_itself_ends(site: WebSite, fetcher: Fetcher) -> None:
    def index(path: str) -> Answer:
        return Answer(f"<sitemapindex><sitemap><loc>{site.address(path)}</loc></sitemap></sitemapindex>")

    site.answers |= {"/a.xml": index("/b.xml"), "/b.xml": index("/a.xml")}

    assert come_by(site, fetcher, "/a.xml") == []
    assert site.paths == ["/a.xml", "/b.xml"]


def test_a_list_without_end_is_left_and_said_so(
    site: WebSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.web._MOST_LISTS", 3)

    def index(asked: Asked) -> Answer:
        following = int(asked.query.get("n", "0")) + 1
        return Answer(f"<sitemapindex><sitemap><loc>/map.xml?n={following}</loc></sitemap></sitemapindex>")

    site.answers["/map.xml"] = index

    assert come_by(site, fetcher, "/map.xml") == [
        Failure(site.address("/map.xml?n=3"), "the list goes on beyond 3 pages; narrow it with --since or --max-pages")
    ]


# Any listing


def listing(rows: str, after: str = "") -> Answer:
    return Answer(
        f"<html><body><nav><a href='/about'>About us 2020-01-01</a></nav><main><ul>{rows}</ul>{after}</main></body></html>"
    )


def test_any_sites_listing_is_read_and_turned(site: WebSite, fetcher: Fetcher) -> None:
    def row(n: int, day: str) -> str:
        return f"<li><h3><a href='/news/{n}'>Minister meets counterpart {n}</a></h3><p>{day}</p><a href='/tag/x'>Diplomacy</a></li>"

    site.answers |= {
        "/news": listing(
            "".join(row(n, f"{20 - n} November 2023") for n in range(4)), "<a href='/news?page=2'>Next ›</a>"
        ),
        "/news?page=2": listing(
            "".join(row(n, f"{20 - n} October 2023") for n in range(4, 8)), "<a href='/news?page=3'>Next ›</a>"
        ),
        **{f"/news/{n}": text(f"Release {n}.") for n in range(8)},
    }

    everything = contents(come_by(site, fetcher, "/news"))
    site.asked.clear()
    recent = contents(come_by(site, fetcher, "/news", SourceOptions(since=date(2023, 10, 20), allow_private=True)))

    assert everything == [f"Release {n}." for n in range(8)]
    assert recent == [f"Release {n}." for n in range(4)]
    assert [path for path in site.paths if path.startswith("/news?")] == ["/news?page=2"]


def test_a_release_with_related_links_is_a_page(site: WebSite, fetcher: Fetcher, catalogue: Catalogue) -> None:
    related = "".join(f"<li><a href='/news/{n}'>Another release {n}</a> 2023-11-0{n}</li>" for n in range(1, 6))
    body = (
        "<p>The two ministers met in Busan on Sunday and agreed to continue their consultations at every level.</p>" * 4
    )
    site.answers["/news/9"] = Answer(
        f"<html><body><h1>Ministers meet</h1>{body}<h2>Related</h2><ul>{related}</ul></body></html>"
    )

    (page,) = come_by(site, fetcher, "/news/9")

    assert page.origin == site.address("/news/9")
    assert site.paths == ["/news/9"]
    assert catalogue.fetch_state(site.address("/news/9")) is not None
