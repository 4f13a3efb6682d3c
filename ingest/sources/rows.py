"""Find the rows of a listing page: by a site's own marks, or by what listings have in common.

What they have in common: one element after the other of the same kind, most of them with a link and a date, and more
words in them than in sentences around them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.dates import find_dates
from ingest.markup import lines_of_html
from ingest.nesting import check_nesting
from ingest.page import UnreadablePage, decoded
from ingest.sources.fetch import Fetched, joined
from ingest.sources.listing import Link, Listing, SourceOptions, day_in, moment_in

# So many dated rows are a list; fewer may be a text with its related links.
_ROWS = 3
# Elements that stand around a page's content on every page of a site.
_AROUND = "nav, header, footer, aside, script, style, noscript, template, form select"
# How far above its link a row begins, in elements; cards are nested about five deep.
_CLIMB = 8
_ROW_CHARACTERS = 3_000
# A list of a thousand rows has less; beyond, looking for one takes seconds.
_LIST_BYTES = 3_000_000
_SENTENCE_CHARACTERS = 80
_NUMERIC_DATE = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-](?:(?:19|20)\d\d|\d\d)(?!\d)")
_NEXT = re.compile(
    r"\W*(?:next(?:\s+page)?|older(?:\s+(?:posts|entries|news))?|다음(?:\s*페이지)?|次へ|下一页|suivante?|siguiente|nächste(?:\s+seite)?)"
    r"\W*|[›»>→]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Marks:
    """Where a site's listing keeps things, as CSS selectors within a `row`.

    Where the link is a script, `onclick` is a pattern whose group fills `view`, an address relative to the listing's.
    `day` says where the date stands; without it the row is searched. `changed` tells that it is the day of the last
    change, which the site sorts by.
    """

    row: str
    link: str = "a[href]"
    onclick: str = ""
    view: str = ""
    day: str = ""
    changed: bool = False


def marked_links(fetched: Fetched, marks: Marks) -> tuple[Link, ...]:
    """The releases of a site's listing page, in its order; rows without a link (headings, "no results") are none."""
    links = []
    for row in _parsed(fetched).css(marks.row):
        target = _scripted(row, marks) if marks.onclick else _target(row.css_first(marks.link))
        if target and (address := joined(fetched.found_at, target)):
            day = _day(row.css_first(marks.day) if marks.day else row)
            links.append(
                Link(address, changed=moment_in(day.isoformat()) if day else None)
                if marks.changed
                else Link(address, published=day)
            )
    return tuple(links)


def _scripted(row: LexborNode, marks: Marks) -> str:
    for element in row.css("[onclick], a[href]"):
        called = re.search(marks.onclick, f"{element.attributes.get('onclick')} {element.attributes.get('href')}")
        if called:
            return marks.view.format(called.group(1))
    return ""


def row_listing(fetched: Fetched, options: SourceOptions) -> Listing | None:
    """The dated links of any listing page; None for a page that is rather a release itself."""
    if not is_html(fetched) or len(fetched.content) > _LIST_BYTES:
        return None
    page = _parsed(fetched)
    if _says_article(page):
        return None
    around = page.css(_AROUND)
    rows = _dated_rows(page, around, fetched.found_at)
    if len(rows) < _ROWS or sum(len(_words(row)) for row in rows) < _prose_outside(page, [*rows, *around]):
        return None
    further = _next_page(page, fetched.found_at)
    links = {
        address: Link(address, published=_day(row)) for row in rows if (address := _row_link(row, fetched.found_at))
    }
    return Listing(tuple(links.values()), (further,) if further else ())


def is_html(fetched: Fetched) -> bool:
    """Whether a page is HTML, as its server says or its beginning shows."""
    start = fetched.content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in fetched.media_type or start.startswith((b"<!doctype html", b"<html"))


def _parsed(fetched: Fetched) -> LexborHTMLParser:
    """Raises UnreadablePage when its elements are nested too deeply."""
    try:
        text = decoded(fetched.content)
    except UnreadablePage:
        text = ""
    check_nesting(text)
    return LexborHTMLParser(text)


def _says_article(page: LexborHTMLParser) -> bool:
    """Whether the page declares itself one article, as publishing systems do for search machines."""
    return any(
        (meta.attributes.get("content") or "").lower() == "article" for meta in page.css('meta[property="og:type"]')
    ) or bool(page.css('meta[property="article:published_time"]'))


def _dated_rows(page: LexborHTMLParser, around: Sequence[LexborNode], base: str) -> list[LexborNode]:
    """The largest group of elements of one kind, under one parent, that each hold a link and a date."""
    left_out = {anchor.mem_id for element in around for anchor in element.css("a[href]")}
    groups: dict[tuple[int, str | None], dict[int, LexborNode]] = {}
    # Links share the elements above them, which are looked at once.
    seen: dict[int, bool] = {}
    for anchor in page.css("a[href]"):
        if anchor.mem_id in left_out or not _is_of_site(anchor, base) or not _words(anchor):
            continue
        row: LexborNode | None = anchor
        for _ in range(_CLIMB):
            if row is None or row.parent is None or row.tag == "body":
                break
            if row.mem_id not in seen:
                seen[row.mem_id] = _is_row(row)
            if seen[row.mem_id]:
                groups.setdefault((row.parent.mem_id, row.tag), {})[row.mem_id] = row
                break
            row = row.parent
    return list(max(groups.values(), key=len).values()) if groups else []


def _is_row(element: LexborNode) -> bool:
    """Whether an element holds a date and has enough of its kind beside it."""
    words = _words(element)
    if len(words) > _ROW_CHARACTERS or not _has_like(element):
        return False
    return bool(element.css_first("time[datetime]") or find_dates(words) or _NUMERIC_DATE.search(words))


def _has_like(element: LexborNode) -> bool:
    """Whether elements of the same kind stand next to an element; the nearest tell, so that long lists take no time."""
    found = 1
    for step in ("prev", "next"):
        beside, looked = getattr(element, step), 0
        while beside is not None and found < _ROWS and looked < 4 * _ROWS:
            found += beside.tag == element.tag
            beside, looked = getattr(beside, step), looked + 1
    return found >= _ROWS


def _day(row: LexborNode | None) -> date | None:
    if row is None:
        return None
    stated = row.css_first("time[datetime]")
    return day_in((stated.attributes.get("datetime") or "") if stated else "") or day_in(_words(row))


def _row_link(row: LexborNode, base: str) -> str:
    """Where a row leads: its heading's link, else the one with the most words."""
    anchors = [a for a in (row.css("a[href]")) if _is_of_site(a, base)]
    headed = [a for a in row.css("h1 a[href], h2 a[href], h3 a[href], h4 a[href]") if _is_of_site(a, base)]
    best = max(headed or anchors, key=lambda anchor: len(_words(anchor)), default=None)
    return (joined(base, _target(best)) if best else None) or ""


def _prose_outside(page: LexborHTMLParser, others: Sequence[LexborNode]) -> int:
    """The characters of the sentences that are not in the rows, nor around a page's content."""
    inside = {line for element in others for line in _lines(element)}
    lines = _lines(page.body) if page.body else []
    return sum(len(line) for line in lines if len(line) >= _SENTENCE_CHARACTERS and line not in inside)


def _lines(node: LexborNode) -> list[str]:
    return [" ".join(line.split()) for line in lines_of_html(node.html or "").split("\n") if line.strip()]


def _next_page(page: LexborHTMLParser, base: str) -> str:
    """The address of the listing's next page; empty where none is linked."""
    for anchor in page.css('link[rel~="next"], a[rel~="next"]'):
        if _is_of_site(anchor, base):
            return joined(base, _target(anchor)) or ""
    for anchor in page.css("a[href]"):
        label = anchor.attributes.get("aria-label") or _words(anchor) or anchor.attributes.get("title") or ""
        if _NEXT.fullmatch(label.strip()) and _is_of_site(anchor, base):
            return joined(base, _target(anchor)) or ""
    return ""


def _is_of_site(anchor: LexborNode, base: str) -> bool:
    """Whether a link leads to another page of the same site."""
    target = joined(base, _target(anchor))
    if not target or target == joined(base, ""):
        return False
    there, here = urlsplit(target), urlsplit(base)
    same = (there.hostname or "").removeprefix("www.") == (here.hostname or "").removeprefix("www.")
    return there.scheme in ("http", "https") and same


def _target(anchor: LexborNode | None) -> str:
    return ((anchor.attributes.get("href") or "") if anchor else "").strip()


def _words(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())
