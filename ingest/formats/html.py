"""Read a release from a saved web page: find its main text among the site's own words.

Where a site's pages are known, a row in `LAYOUTS` says where title, date and text stand; any other page goes through
the general way: the site's frame is cut off by its tags and names, then the smallest element that holds all prose is
taken. A part of the page that holds a good share of its prose is never cut off, whatever it is called.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.dates import UNDATED, Dated, find_dates, given_date
from ingest.formats.counters import numeral
from ingest.formats.document import Document, Unit, assembled, broken_lines, usable_address
from ingest.formats.limits import MAX_TABLE_CELLS
from ingest.formats.tables import Cell, table_units
from ingest.formats.text import units_of
from ingest.furniture import is_contact, is_furniture, is_letterhead, is_prose, is_said
from ingest.nesting import check_nesting
from ingest.page import Page, Read, UnreadablePage, decoded

_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,30})""", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(https?://\S+?)\s*-->")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


@dataclass(frozen=True)
class Layout:
    """Where the parts of a site's release pages stand, as CSS selectors; the first body that holds text counts."""

    page: str
    title: str
    date: str
    body: tuple[str, ...]


LAYOUTS: tuple[Layout, ...] = (
    # The boards of the Republic of Korea's Ministry of Foreign Affairs.
    Layout(".board_detail", ".board_detail h2", ".board_detail .bo_head", (".se-contents", ".bo_con")),
    # GOV.UK.
    Layout("#contents .govspeak", "h1", ".app-c-published-dates, .gem-c-metadata", ("#contents",)),
)

# What never holds a release's words.
_UNSEEN = frozenset(
    "head script style noscript template svg iframe object embed canvas button select input textarea option dialog "
    "audio video map math nav label legend".split()
)
_FRAME_ROLES = frozenset("navigation banner contentinfo search complementary menu menubar toolbar dialog".split())
_FRAME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|gnb|lnb|snb|tnb|menu\w*|breadcrumbs?|location|shar(?:e|ing)\w*|sns|social\w*|footer|"
    r"sidebar|aside|related\w*|cookies?|skip\w*|pagination|paging|pager|quick\w*|sitemap|comments?|subscri\w+|newsletter|popup|modal|"
    r"toolbar|prev\w*|next|file\w*|attach\w*|satis\w*|copyright|banner|search\w*|login)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Of these the prose is the site's own.
_OWN_PROSE = re.compile(
    r"(?:^|[\s_-])(?:footer|cookies?|comments?|subscri\w+|newsletter|popup|modal|satis\w*|copyright|login)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul "
    "figcaption".split()
)
# A raised number is a footnote's, or a power: "Convention¹", "12 km²".
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RAISED_NUMBER = re.compile(r"[0-9]{1,2}")
_ITEM_MARK = re.compile(r"^(?:•|\w{1,4}\.)\s")
_TITLE_NAMES = re.compile(r"(?:^|[\s_-])(?:title|tit|subject|headline|heading)(?:$|[\s_-])", re.IGNORECASE)
# A part named like the frame is still kept when it holds so much of the page's prose.
_TOO_MUCH_TO_CUT = 0.3
_MAIN = ("main", "[role=main]", "article", "[itemprop=articleBody]")
# A page that marks its main part and puts less than this share of its prose there marked something else.
_MAIN_SHARE = 0.6
_LINKED = 0.9
_COUNTINGS = {
    "1": "decimal",
    "a": "lower-alphabetic",
    "A": "upper-alphabetic",
    "i": "lower-roman",
    "I": "upper-roman",
    "decimal": "decimal",
    "decimal-leading-zero": "decimal-zero",
    "lower-alpha": "lower-alphabetic",
    "lower-latin": "lower-alphabetic",
    "upper-alpha": "upper-alphabetic",
    "upper-latin": "upper-alphabetic",
    "lower-roman": "lower-roman",
    "upper-roman": "upper-roman",
    "hangul": "hangul",
    "cjk-ideographic": "ideograph",
    "none": "none",
}
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "dcterms.title")
_DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.issued",
    "dcterms.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "sailthru.date",
    "parsely-pub-date",
    "govuk:first-published-at",
)


def read(page: Page) -> Iterator[Read]:
    """The one release on a web page. Raises UnreadablePage when no sentence is found on it."""
    yield Read(assembled(document_of(html_text(page.content), page.origin)), page.origin)


def html_text(content: bytes) -> str:
    """The text of an HTML file; a `charset` that it declares is believed only where its bytes allow it."""
    declared = _DECLARED.search(content[:4096])
    return decoded(content, declared.group(1).decode("ascii") if declared else None)


def document_of(text: str, origin: str = "") -> Document:
    """What a web page says: its main text in units, title, date, canonical address.

    Raises UnreadablePage when its elements are nested too deeply.
    """
    check_nesting(text)
    tree = LexborHTMLParser(text)
    facts = _Facts(tree, text, origin)
    layout = next((known for known in LAYOUTS if tree.css_first(known.page)), None)
    if layout and (body := _first_with_text(tree, layout.body)):
        title = _shown(tree.css_first(layout.title)) or facts.title()
        head = _lines(tree.css(layout.date))
        dated = next((Dated(f.date, "page") for line in head for f in find_dates(line) if f.date), facts.dated())
        blocks = _Reader(frame=False).blocks(body)
        return Document(_units(blocks), title, dated, url=facts.url)
    root = tree.body
    if root is None:
        raise UnreadablePage("no sentence was found in it; is it a release?")
    main, before = _main(root)
    title = facts.title() or _heading_over(before)
    head = [*_dated_under_title(root, title), *(block.text for block in before)]
    return Document(_units(main), title, facts.dated(), url=facts.url, head=head)


def _heading_over(blocks: Sequence["_Block"]) -> str:
    """The last heading of the blocks above the main part, by its tag or the name of its class."""
    for block in reversed(blocks):
        tag, name = block.parent.tag or "", block.parent.attributes.get("class") or ""
        heads = re.fullmatch("h[1-6]", tag) or _TITLE_NAMES.search(name)
        if heads and not block.is_link and not is_furniture(block.text) and not is_letterhead(block.text):
            return " ".join(block.text.split())
    return ""


def _dated_under_title(root: LexborNode, title: str) -> list[str]:
    """The lines of a header that state a day under the page's title; the header itself may count as the site's."""
    for header in root.css("header"):
        if title and any(_shown(heading) == title for heading in header.css("h1, h2")):
            lines = [line for b in _Reader(frame=False).blocks(header) if not b.is_link for line in b.text.split("\n")]
            behind = lines[lines.index(title) + 1 :] if title in lines else []
            return [line for line in behind if is_furniture(line) and find_dates(line)]
    return []


@dataclass
class _Block:
    """A piece of text between block borders: its characters inside links, and the element it stands in."""

    text: str
    linked: int
    parent: LexborNode
    row: bool = False

    @property
    def is_link(self) -> bool:
        # The bullet or number before a link is the list's.
        return self.linked >= _LINKED * len(_ITEM_MARK.sub("", self.text).replace(" ", ""))

    @property
    def is_own_prose(self) -> bool:
        return not self.is_link and (self.row or is_prose(self.text))

    @property
    def is_said(self) -> bool:
        """Whether it is a sentence, however short, and none of the site's."""
        return not self.is_link and is_said(self.text) and not is_furniture(self.text) and not is_contact(self.text)


@dataclass
class _List:
    """A list that is open: how it counts, the number of its next item, and by how much it goes on."""

    counting: str
    number: int
    step: int = 1


@dataclass
class _Reader:
    """Walk an element and cut its text into blocks. With `frame`, the site's frame is left out; `total` is then how
    much text the page holds.
    """

    frame: bool
    total: int = 0
    _made: list[_Block] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _linked: int = 0

    def blocks(self, root: LexborNode) -> list[_Block]:
        lists: list[_List] = []
        links = preformatted = raised = inside = 0
        prefix = ""
        # An explicit stack, since pages may be nested deeper than Python calls may.
        stack: list[tuple[LexborNode, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            tag = node.tag or ""
            if leaving:
                if tag in _BLOCKS:
                    self._flush(node)
                if tag in ("ol", "ul") and lists:
                    lists.pop()
                links -= tag == "a"
                preformatted -= tag == "pre"
                raised -= tag == "sup"
                inside -= tag in ("main", "article")
                continue
            if tag == "-text":
                text = node.text_content or ""
                text = text if preformatted else re.sub(r"\s+", " ", text)
                text = text.translate(_RAISED) if raised and _RAISED_NUMBER.fullmatch(text.strip()) else text
                if prefix and text.strip():
                    self._pieces.append(prefix)
                    prefix = ""
                self._pieces.append(text)
                self._linked += len("".join(text.split())) if links else 0
                continue
            if not node.is_element_node or self._is_left_out(node, bool(inside)):
                continue
            if tag == "br":
                self._pieces.append("\n")
                continue
            if tag in _BLOCKS:
                self._flush(node.parent or node)
            if tag == "table" and (cells := _data_cells(node)):
                if caption := _shown(node.css_first("caption")):
                    self._made.append(_Block(caption, 0, node))
                self._made += [_Block(unit.text, 0, node, unit.kind == "row") for unit in table_units(cells)]
                continue
            if tag in ("ol", "ul"):
                lists.append(_opened(node))
            if tag == "li":
                prefix = _item_prefix(node, lists)
            links += tag == "a"
            preformatted += tag == "pre"
            raised += tag == "sup"
            inside += tag in ("main", "article")
            stack.append((node, True))
            stack += [(child, False) for child in reversed(list(node.iter(include_text=True)))]
        self._flush(root)
        return self._made

    def _flush(self, parent: LexborNode) -> None:
        text = _INVISIBLE.sub("", "".join(self._pieces))
        if text.strip():
            self._made.append(_Block(text.strip(), self._linked, parent))
        self._pieces.clear()
        self._linked = 0

    def _is_left_out(self, node: LexborNode, inside: bool) -> bool:
        """Whether an element holds no words of a release: what is not shown, and with `frame` the site around it."""
        tag, attributes = node.tag or "", node.attributes
        if tag in _UNSEEN or "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return not (tag == "nav" and self._holds_much(node))
        if re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", attributes.get("style") or "", re.IGNORECASE):
            return True
        if not self.frame or tag in ("body", "main", "article", "html"):
            return False
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        role = (attributes.get("role") or "").lower()
        if tag in ("header", "footer") and not inside:
            return not self._holds_much(node)
        if role in _FRAME_ROLES or tag == "aside" or _FRAME_NAMES.search(name):
            own = bool(_OWN_PROSE.search(name)) or role in _FRAME_ROLES
            return not self._holds_much(node) and (own or not self._holds_prose(node))
        return False

    def _holds_much(self, node: LexborNode) -> bool:
        return self.frame and len(node.text(deep=True)) > _TOO_MUCH_TO_CUT * self.total

    def _holds_prose(self, node: LexborNode) -> bool:
        return any(block.is_own_prose for block in _Reader(frame=False).blocks(node))


def _main(root: LexborNode) -> tuple[list[_Block], list[_Block]]:
    """The blocks of the page's main part, and those before it."""
    blocks = _without_menus(_Reader(frame=True, total=len(root.text(deep=True))).blocks(root))
    prose = [n for n, block in enumerate(blocks) if block.is_own_prose]
    if not prose:
        return blocks, []
    amount = sum(len(blocks[n].text) for n in prose)
    chains = [_chain(block.parent) for block in blocks]
    for selector in _MAIN:
        for marked in root.css(selector):
            inside = [n for n in range(len(blocks)) if marked.mem_id in chains[n]]
            held = sum(len(blocks[n].text) for n in inside if blocks[n].is_own_prose)
            if held >= _MAIN_SHARE * amount:
                return [blocks[n] for n in inside], blocks[: inside[0]]
    # No part is marked: the smallest element that holds all prose, and what is said right before and behind it.
    common = [mem_id for mem_id in chains[prose[0]] if all(mem_id in chains[n] for n in prose)]
    if len(common) > 1 and blocks[prose[0]].parent.mem_id == common[0] and "\n" not in blocks[prose[0]].text:
        # The only sentence has an element of its own, and short ones may stand beside it.
        common = common[1:]
    inside = [n for n in range(len(blocks)) if common and common[0] in chains[n]]
    first, last = inside[0], inside[-1]
    while first > 0 and blocks[first - 1].is_said:
        first -= 1
    while last + 1 < len(blocks) and blocks[last + 1].is_said:
        last += 1
    return blocks[first : last + 1], blocks[:first]


def _chain(node: LexborNode | None) -> dict[int, None]:
    """The ids of an element and of all that hold it, inside out."""
    chain: dict[int, None] = {}
    while node is not None:
        chain[node.mem_id] = None
        node = node.parent
    return chain


def _without_menus(blocks: Sequence[_Block]) -> list[_Block]:
    """Blocks without runs of bare links: two or more that are no sentences, three or more that are."""
    kept: list[_Block] = []
    run: list[_Block] = []
    for block in [*blocks, None]:
        if block is not None and block.is_link:
            run.append(block)
            continue
        sentences = sum(is_prose(linked.text) for linked in run)
        if len(run) < 2 or (sentences and len(run) < 3):
            kept += run
        run = []
        if block is not None:
            kept.append(block)
    return kept


def _units(blocks: Iterable[_Block]) -> list[Unit]:
    units: list[Unit] = []
    # Pages broken at a width inside a <pre> or by <br> are joined again, those broken at their sense are not.
    text: list[str] = []
    for block in blocks:
        if block.row:
            units += [Unit(line) for line in units_of("\n\n".join(text))]
            text = []
            units.append(Unit(block.text, "row"))
        else:
            # A line that goes on in small letters was broken inside its sentence.
            text.append(re.sub(r"(?<=[^\s.!?:;]) ?\n ?(?=[a-z])", " ", block.text))
    return units + [Unit(line) for line in units_of("\n\n".join(text))]


def _data_cells(table: LexborNode) -> list[Cell]:
    """The cells of a table of data; none for a table that lays out the page."""
    if table.attributes.get("role") == "presentation" or len(table.css("table")) > 1:
        return []
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    rows = table.css("tr")
    for row, tr in enumerate(rows):
        column = 0
        for td in tr.iter():
            if td.tag not in ("td", "th"):
                continue
            while (row, column) in taken:
                column += 1
            down = min(_number(td.attributes.get("rowspan"), 1) or 1, len(rows) - row)
            wide = min(_number(td.attributes.get("colspan"), 1) or 1, 1000)
            if len(taken) + down * wide > MAX_TABLE_CELLS:
                raise UnreadablePage(f"a table of it has more than {MAX_TABLE_CELLS:,} cells")
            taken |= {(row + r, column + c) for r in range(down) for c in range(wide)}
            units = [Unit(line) for block in _Reader(frame=False).blocks(td) for line in broken_lines(block.text)]
            cells.append(Cell(row, column, units, down, wide, td.tag == "th"))
            column += wide
    filled = [cell for cell in cells if cell.text]
    is_grid = len({cell.row for cell in filled}) > 1 and len({cell.column for cell in filled}) > 1
    return cells if is_grid else []


def _opened(node: LexborNode) -> _List:
    """A list as the browser counts it."""
    if node.tag == "ul":
        return _List("bullet", 0)
    kind = (node.attributes.get("type") or "1").strip()
    style = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", node.attributes.get("style") or "")
    counting = _COUNTINGS.get(style.group(1) if style else kind, "decimal")
    backwards = "reversed" in node.attributes
    items = sum(child.tag == "li" for child in node.iter())
    start = _number(node.attributes.get("start"), items if backwards else 1)
    return _List(counting, start if start is not None else 1, -1 if backwards else 1)


def _item_prefix(node: LexborNode, lists: Sequence[_List]) -> str:
    if not lists or lists[-1].counting == "bullet":
        return "• "
    counted = lists[-1]
    counted.number = _number(node.attributes.get("value"), counted.number) or 0
    label = numeral(counted.counting, counted.number)
    counted.number += counted.step
    return f"{label}. " if label else ""


def _number(value: str | None, default: int) -> int:
    found = re.fullmatch(r"\s*(-?\d{1,6})\s*", value or "")
    return int(found.group(1)) if found else default


def _first_with_text(tree: LexborHTMLParser, selectors: Sequence[str]) -> LexborNode | None:
    return next((node for s in selectors for node in tree.css(s) if node.text(deep=True).strip()), None)


def _shown(node: LexborNode | None) -> str:
    return " ".join(_INVISIBLE.sub("", node.text(deep=True)).split()) if node else ""


def _lines(nodes: Iterable[LexborNode]) -> list[str]:
    return [line for node in nodes for block in _Reader(frame=False).blocks(node) for line in block.text.split("\n")]


class _Facts:
    """What a page says of itself in its head: title, date, address."""

    def __init__(self, tree: LexborHTMLParser, text: str, origin: str) -> None:
        self._tree = tree
        self._metas: dict[str, str] = {}
        for meta in tree.css("meta[content]"):
            named = (meta.attributes.get(key) for key in ("property", "name", "itemprop"))
            name = next((name for name in named if name), "")
            self._metas.setdefault(name.strip().lower(), " ".join((meta.attributes.get("content") or "").split()))
        self._linked_data = list(_linked_data(tree))
        self.url = self._address(text, origin)

    def _address(self, text: str, origin: str) -> str | None:
        saved = _SAVED_FROM.search(text[:4096])
        own = origin if origin.startswith(("http://", "https://")) else saved.group(1) if saved else ""
        canonical = self._tree.css_first("link[rel=canonical][href]")
        given = (canonical.attributes.get("href") if canonical else None) or self._metas.get("og:url") or ""
        try:
            address = usable_address(urljoin(own, given.strip())) or own
        except ValueError:
            address = own
        return address if address.startswith(("http://", "https://")) else usable_address(own)

    def title(self) -> str:
        """The headline: a sole h1 that the metadata repeats, the metadata's own, a sole h1 or h2, the window's title;
        none where these only say who publishes ("Ministry of Trade") or what kind of page it is ("Press release").
        """
        title = self._stated_title()
        parts = re.split(r"\s+[|｜<>«»:·–—-]\s+", title)
        return "" if all(is_furniture(part) or is_letterhead(part) for part in parts) else title

    def _stated_title(self) -> str:
        headings = [text for node in self._tree.css("h1") if (text := _shown(node)) and not is_furniture(text)]
        given = [str(d["headline"]) for d in self._linked_data if isinstance(d.get("headline"), str)]
        given += [self._metas[name] for name in _TITLE_METAS if self._metas.get(name)]
        window = _shown(self._tree.css_first("title"))
        repeated = [h for h in headings if any(h in self._without_site(text) for text in (*given, window))]
        if repeated:
            return max(repeated, key=len)
        if given:
            return self._without_site(" ".join(given[0].split()))
        below = [text for node in self._tree.css("h2") if (text := _shown(node)) and not is_furniture(text)]
        sole = next((found[0] for found in (headings, below) if len(found) == 1), "")
        return sole if sole and (headings or not is_prose(sole)) else self._without_site(window)

    def _without_site(self, title: str) -> str:
        """A title without the site's name behind a bar or dash."""
        site = self._metas.get("og:site_name", "")
        if site and (found := re.fullmatch(rf"(.+?)\s*[|\-–—:·]\s*{re.escape(site)}", title)):
            return found.group(1)
        return re.split(r"\s+[|｜]\s+", title)[0] if re.search(r"\s[|｜]\s", title) else title

    def dated(self) -> Dated:
        """The first date that the page's head states, by its best source."""
        sources: list[tuple[str, object]] = [
            *(("JSON-LD datePublished", found.get("datePublished")) for found in self._linked_data),
            *((name, self._metas.get(name)) for name in _DATE_METAS),
            *(("time", value) for value in self._times()),
        ]
        dated = (Dated(day, f"metadata ({source})") for source, value in sources if value and (day := _day(value)))
        return next(dated, UNDATED)

    def _times(self) -> list[str]:
        """A <time> that is marked as the publication's, or the only one of the page."""
        times = list(self._tree.css("time[datetime]"))
        marked = [n for n in times if "pubdate" in n.attributes or n.attributes.get("itemprop") == "datePublished"]
        named = [
            n for n in times if re.search("publish|posted|entry-date", n.attributes.get("class") or "", re.IGNORECASE)
        ]
        chosen = marked or named or (times if len({n.attributes.get("datetime") for n in times}) == 1 else [])
        return [node.attributes.get("datetime") or "" for node in chosen]


def _day(value: object) -> date | None:
    try:
        return given_date(value)
    except ValueError:
        return None


def _linked_data(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD that has a headline or a date."""
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            waiting: list[Any] = [json.loads(script.text(deep=True))]
        except (ValueError, RecursionError):
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                if "datePublished" in value or "headline" in value:
                    yield value
                waiting += [inner for inner in value.values() if isinstance(inner, list | dict)]
