from datetime import date

import pytest

from ingest.formats import read_page
from ingest.formats.html import LAYOUTS
from ingest.page import Page, Read
from vectorstore import Release

MET = "The ministers met in Busan for two hours on Sunday morning."
LEFT = "They left the city by train in the late afternoon, as planned."
AGAIN = "They will meet again in the capital at the end of next spring."


def read(html: str, origin: str = "a.html") -> Release:
    (only,) = read_page(Page(origin, "a.html", html.encode()))
    assert isinstance(only, Read)
    return only.release


def texts(html: str) -> list[str]:
    return [line for paragraph in read(html).paragraphs for line in paragraph.text.split("\n")]


@pytest.mark.parametrize(
    ("head", "body", "expected", "source"),
    [
        ('<meta property="article:published_time" content="2024-03-05T09:00:00+09:00">', "", date(2024, 3, 5), "metadata (article:published_time)"),
        ('<meta name="DC.date.issued" content="2024-03-05">', "", date(2024, 3, 5), "metadata (dc.date.issued)"),
        ('<script type="application/ld+json">[{"@graph":[{"datePublished":"2024-03-05"}]}]</script>', "", date(2024, 3, 5), "metadata (JSON-LD datePublished)"),
        ('<script type="application/ld+json">{broken</script>', "", None, ""),
        ("", '<time datetime="2024-03-05T01:00:00Z">yesterday</time>', date(2024, 3, 5), "metadata (time)"),
        ("", '<time class="entry-date" datetime="2024-03-05">x</time><time datetime="2020-01-01">old</time>', date(2024, 3, 5), "metadata (time)"),
        ("", "<p>March 5, 2024</p>", date(2024, 3, 5), "page"),
        ('<meta name="date" content="soon">', "<p>Posted: 2024-03-05</p>", date(2024, 3, 5), "page"),
    ],
)  # fmt: skip
def test_the_date_is_read_where_pages_state_it(head: str, body: str, expected: date | None, source: str) -> None:
    release = read(
        f"<html><head>{head}</head><body><h1>Talks in Busan</h1>{body}<p>{MET}</p><p>{LEFT}</p></body></html>"
    )

    assert (release.date, release.date_source) == (expected, source)


@pytest.mark.parametrize(
    ("head", "heading", "expected"),
    [
        ("<title>Talks in Busan | Ministry</title>", "", "Talks in Busan"),
        ("<title>Ministry | News</title><meta property='og:title' content='Talks in Busan'>", "", "Talks in Busan"),
        ("<meta property='og:site_name' content='Ministry of X'><meta property='og:title' content='Talks in Busan - Ministry of X'>", "", "Talks in Busan"),
        ("<title>Talks in Busan | Ministry</title>", "<h1>Ministry</h1><h1>Talks in Busan</h1>", "Talks in Busan"),
        ("<title>View</title>", "<h1>Talks in Busan</h1>", "Talks in Busan"),
    ],
)  # fmt: skip
def test_the_title_is_the_headline_without_the_site(head: str, heading: str, expected: str) -> None:
    assert read(f"<html><head>{head}</head><body>{heading}<p>{MET}</p><p>{LEFT}</p></body></html>").title == expected


@pytest.mark.parametrize(
    ("html", "origin", "expected"),
    [
        ('<link rel="canonical" href="https://x.org/1">', "https://x.org/1?utm_source=a", "https://x.org/1"),
        ('<link rel="canonical" href="/1">', "https://x.org/a/b", "https://x.org/1"),
        ('<meta property="og:url" content="https://x.org/2">', "page.html", "https://x.org/2"),
        ("<!-- saved from url=(0016)https://x.org/3 -->", "page.html", "https://x.org/3"),
        ("", "https://x.org/4", "https://x.org/4"),
        ("", "page.html", None),
        ('<link rel="canonical" href="http://[broken">', "page.html", None),
    ],
)
def test_the_address_is_the_canonical_one(html: str, origin: str, expected: str | None) -> None:
    assert read(f"<html>{html}<body><p>{MET}</p></body></html>", origin).url == expected


@pytest.mark.parametrize(
    "wrapper",
    [
        "aside",
        "form",
        'div class="sidebar"',
        'div class="related menu"',
        'div id="comments"',
        "header",
        "footer",
        "nav",
    ],
)
def test_text_that_makes_up_the_page_is_kept_whatever_its_element_is_called(wrapper: str) -> None:
    assert texts(f"<html><body><{wrapper}><p>{MET}</p><p>{LEFT}</p></{wrapper.split()[0]}></body></html>") == [
        MET,
        LEFT,
    ]


def test_text_outside_the_marked_main_part_is_kept_when_the_mark_is_wrong() -> None:
    assert texts(f"<html><body><main><p>{MET}</p></main><div><p>{LEFT}</p><p>{AGAIN}</p></div></body></html>") == [
        MET,
        LEFT,
        AGAIN,
    ]


def test_the_sites_own_words_are_left_out() -> None:
    page = f"""<html><body><header><p>The ministry of this country welcomes you to its official website today.</p></header>
    <nav><ul><li><a href=#>Home</a></li></ul></nav><div class="menu"><a href=#>About us</a><br><a href=#>News</a></div>
    <article><h1>Talks in Busan</h1><p>{MET}</p><p>{LEFT}</p><p>{AGAIN}</p>
    <div class="share"><a href=#>Share</a> <a href=#>Tweet</a></div></article>
    <div class="related"><ul><li><a href=#>Korea and Japan hold talks on trade.</a><li><a href=#>A school was opened in the north of it.</a>
    <li><a href=#>New rules for boats are now in force.</a></ul></div>
    <div class="newsletter"><p>Subscribe to our newsletter and receive all of our news every morning.</p></div>
    <footer><p>This website is operated by the ministry and its agencies in the capital.</p></footer></body></html>"""

    assert texts(page) == [MET, LEFT, AGAIN]


def test_links_inside_sentences_and_a_single_linked_line_are_body() -> None:
    assert texts(f'<html><body><p>The <a href="/x">ministers</a> met in <a href="/y">Busan</a> for two hours.</p><p><a href="/z">Joint statement</a></p><p>{LEFT}</p></body></html>') == [
        "The ministers met in Busan for two hours.",
        "Joint statement",
        LEFT,
    ]  # fmt: skip


def test_lists_show_the_numbers_that_the_browser_shows() -> None:
    page = f"""<html><body><h1>Minutes of the talks</h1><ol start="3"><li>{MET}</li><li><p>{LEFT}</p></li><li value="9">{AGAIN}</li></ol></body></html>"""

    assert [(p.number, p.numbered, p.text) for p in read(page).paragraphs] == [
        ("3", True, MET),
        ("4", True, LEFT),
        ("9", True, AGAIN),
    ]


def test_words_broken_by_tags_are_whole_and_broken_lines_run_on() -> None:
    page = f"<html><body><p>The 10<sup>th</sup> meet<b>ing</b> of the two minis\u00adters was held<br>in Busan on Sunday.</p><p>{LEFT}</p></body></html>"

    assert texts(page)[0] == "The 10th meeting of the two ministers was held in Busan on Sunday."


def test_a_layout_table_is_text_and_a_data_table_is_rows() -> None:
    page = f"""<html><body><table><tr><td><a href=#>Home</a></td><td><p>{MET}</p><table><caption>Aid</caption><tr><td>Country<td>Sum
    <tr><td>Korea<td>5<tr><td>China<td>6</table><p>{LEFT}</p></td></tr></table></body></html>"""

    assert texts(page) == [MET, "Aid", "Country: Korea; Sum: 5", "Country: China; Sum: 6", LEFT]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_known_layout_can_be_found_by_its_selectors(layout: object) -> None:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser("<html><body></body></html>")
    selectors = [layout.page, layout.title, layout.date, *layout.body]  # type: ignore[attr-defined]

    assert [tree.css_first(selector) for selector in selectors] == [None] * len(selectors)


@pytest.mark.parametrize(
    "dated", ["<p class=date>26 November 2023</p>", "<div>Posted by admin on 26 November 2023</div>"]
)
@pytest.mark.parametrize("text", ["div", "main"])
def test_the_day_under_the_title_in_a_header_outside_the_text_is_the_publications(dated: str, text: str) -> None:
    sentences = "<p>The Minister of Trade opened the new harbour in Busan together with the mayor.</p>" * 4
    header = f"<header><p>Today is 30 November 2023</p><h1>Harbour Opened</h1>{dated}</header>"

    release = read(f"<body>{header}<{text}>{sentences}</{text}></body>")

    assert (release.title, release.date) == ("Harbour Opened", date(2023, 11, 26))
    assert len(release.paragraphs) == 4


def test_short_sentences_beside_a_pages_only_long_one_are_kept() -> None:
    page = f"<body><div>Home</div><div class='x'><h1>Talks in Busan</h1><p>{MET}</p><p>They left.</p><p>The sides will meet again.</p></div></body>"

    assert texts(page) == [MET, "They left.", "The sides will meet again."]


def test_a_page_that_calls_itself_by_its_site_takes_the_heading_over_its_text() -> None:
    page = (
        "<title>보도자료 | 외교부</title><body><h1><a href='/'>외교부</a></h1><div class='subject'>부산 회담 개최</div>"
        f"<div class='cont'><p>{MET}</p><p>{LEFT}</p></div></body>"
    )

    assert read(page).title == "부산 회담 개최"


def test_a_raised_figure_is_a_footnotes() -> None:
    (paragraph,) = read(f"<h1>Talks</h1><p>{MET[:-1]}<sup>1</sup>.</p><p><sup>1</sup> At the harbour.</p>").paragraphs

    assert [(note.marker, paragraph.text[note.start : note.end]) for note in paragraph.notes] == [
        ("¹", "¹ At the harbour.")
    ]


def test_lists_of_bare_links_and_what_asks_for_an_opinion_are_left_out() -> None:
    page = (
        f"<h1>Talks</h1><div><p>{MET}</p><p>{LEFT}</p><ul><li><a href='1'>Busan</a></li><li><a href='2'>Trade</a></li></ul>"
        "<p>Was this page helpful?</p><form><label>Yes</label><label>No</label></form></div>"
    )

    assert texts(page) == [MET, LEFT]
