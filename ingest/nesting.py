"""Refuse HTML whose elements are nested so deeply that a parser would be busy with it for minutes.

For every tag a parser looks through the elements that are open, so its time grows with the square of the depth. The
tags are therefore counted first, and rather too many than too few: an element counts as open until a tag of its own
name closes it, and a slash at a tag's end closes nothing but parts of drawings and formulas.
"""

import re
from collections import Counter

from ingest.formats.limits import MAX_HTML_DEPTH, MAX_HTML_ELEMENTS
from ingest.page import UnreadablePage

# A quotation mark counts only behind an equals sign. Each pattern ends at the end of the text at the latest, so that no
# text makes it go over it twice.
_COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))"
_TAG = r"""<(?P<closing>/?)(?P<name>[a-z][^\s/>]*)(?>(?:=\s*"[^"]*"|=\s*'[^']*'|[^>])*+)(?:>|\Z)|<[!?/][^>]*"""
# Text, whatever stands in it, but for a browser that is in the middle of a drawing or of a list to choose from.
_TEXT = (
    r"<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])(?P<inside>.*?)(?:</(?P=raw)(?=[\s/>])|\Z)"
    r"|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)"
)
_IN_PAGE = re.compile(f"{_COMMENT}|{_TEXT}|{_TAG}", re.IGNORECASE | re.DOTALL)
_IN_TEXT = re.compile(f"{_COMMENT}|{_TAG}", re.IGNORECASE | re.DOTALL)
# Never open, or closed by the next of their kind.
_FLAT = frozenset(
    "area base br col embed hr html head body img input link meta param source track wbr p tr td th thead tbody tfoot "
    "colgroup option".split()
)
# Closed by the next of their own kind, but not by one of the other.
_ITEMS = {"li": "li", "dt": "dd", "dd": "dd"}
_DRAWN = ("svg", "math")
# Inside of these a drawing holds HTML again; and an element of HTML, of which these are the usual ones, ends it.
_BACK_IN_HTML = frozenset(
    "foreignobject desc annotation-xml mi mo mn ms mtext b big blockquote center code dd div dl em font h1 h2 h3 h4 h5 "
    "h6 i li menu nobr ol pre ruby s small span strong strike sub sup table tt u ul var".split()
)


def check_nesting(text: str) -> None:
    """Raises UnreadablePage where elements may be nested more than `MAX_HTML_DEPTH` deep, and where there are more than
    `MAX_HTML_ELEMENTS`, paragraphs and cells of tables not counted.
    """
    if text.count("<") <= MAX_HTML_DEPTH:
        return
    page = _Depth()
    texts = page.count(text, _IN_PAGE)
    for inside in texts:
        page.count(inside, _IN_TEXT)


class _Depth:
    """How many elements are open, at most."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0

    def count(self, text: str, pieces: re.Pattern[str]) -> list[str]:
        """Go over the tags of a text, of which only what was opened in it is closed in it; returns what of it is to be
        gone over as a text of its own.
        """
        opened: Counter[str] = Counter()
        item, is_drawing = "", False
        texts: list[str] = []
        for piece in pieces.finditer(text):
            found = piece.groupdict()
            texts += filter(None, (found.get("inside"), found.get("data")))
            name = (found["name"] or "").lower()
            name = _ITEMS.get(name, name)
            if not name or name in _FLAT:
                continue
            if found["closing"]:
                if opened[name]:
                    opened[name] -= 1
                    self._depth -= 1
                is_drawing = is_drawing and name not in _DRAWN
                continue
            if name in _ITEMS and name == item and opened[name]:
                continue
            if piece.group().endswith("/>") and (name in _DRAWN or (is_drawing and name not in _BACK_IN_HTML)):
                continue
            is_drawing = name in _DRAWN or (is_drawing and name not in _BACK_IN_HTML)
            item = name if name in _ITEMS else item
            opened[name] += 1
            self._open()
        return texts

    def _open(self) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_HTML_DEPTH:
            raise UnreadablePage(f"its elements are nested more than {MAX_HTML_DEPTH:,} deep")
        if self._elements > MAX_HTML_ELEMENTS:
            raise UnreadablePage(f"it holds more than {MAX_HTML_ELEMENTS:,} elements")
