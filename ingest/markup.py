"""Turn Markdown and HTML inside a record's text into the words a reader of the page saw."""

import html
import re

_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)\s]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_IN_BRACKETS = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_ELEMENTS = """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br
    button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em
    embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i
    iframe img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr noframes noscript
    object ol optgroup option output p param picture pre progress q rp rt ruby s samp script search section select
    small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time
    title tr track tt u ul var video wbr
""".split()
_BARE_ATTRIBUTES = (
    "allowfullscreen async checked compact controls defer disabled hidden noshade nowrap open reversed".split()
)
# Also words stand in angle brackets: "<Plan A>", "<Table 1>", "<Summary>". A tag is closing, or has a value in quotes,
# or is an element of HTML, in small letters or capitals throughout, and then only attributes; "<o:p>" is a word
# processor's.
_TAG = re.compile(
    rf"<!--.*|</[A-Za-z][\w:.-]*\s*>|<[A-Za-z][\w.-]*:[a-z]\w*\s*/?>"
    rf"|<(?:{'|'.join([*_ELEMENTS, *map(str.upper, _ELEMENTS)])})"
    rf"(?:\s[^=]*=.*>|(?:\s+(?i:{'|'.join(_BARE_ATTRIBUTES)}))*\s*/?>)",
    re.DOTALL,
)
_QUOTED_VALUE = re.compile(r"\s[\w:@.-]+\s*=\s*[\"']")
_BARE_ADDRESS = re.compile(r"<((?:https?://|mailto:|[\w.+-]+@)[^\s<>]+)>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+")
_STRONG = re.compile(r"\*\*|__(?=\S)|(?<=\S)__")
# A pair of single stars around words is emphasis. A lone star is a note's mark or a bullet and stays.
_EMPHASIS = re.compile(
    r"(?<![\w*])\*(?=[^\s*])([^*]+)\*(?!\w)|(?<=\w)\*([^*\s][^*]*)\*|^\*\s([^*]+)\*(?=\s|$)"
    # A heading at the start of a line whose closing star has slipped behind the space.
    r"|^\*(?=\S)([^*]{1,80}\s)\*(?=\w)"
)
_UNDERSCORE = re.compile(r"(?<!\w)_(?=\S)([^_]+)_(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~$&])")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_SIGNS = re.compile(r"[\\<\[#*_&]")
_STAND_IN = "\ue000"


def plain(text: str) -> str:
    """The text without link addresses, emphasis marks, escapes, tags and invisible characters; white space made single.

    >>> plain(r"1\\. The **Quad** met in [Tokyo](https://example.org/a_b).")
    '1. The Quad met in Tokyo.'
    """
    # Most paragraphs hold no markup at all, so each pattern is tried only where its sign stands: four times as fast.
    if text.isascii() and not _SIGNS.search(text):
        return " ".join(text.split())
    # Escaped characters are set aside, so that "\\*" is never taken for emphasis.
    kept: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        kept.append(found.group(1))
        return _STAND_IN

    if "\\" in text:
        text = _ESCAPE.sub(set_aside, text.replace(_STAND_IN, ""))
    if "<" in text:
        text = _BREAK.sub(" ", text)
    if "](" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    if text.startswith("#"):
        text = _HEADING.sub("", text)
    if "<" in text:
        text = _without_tags(_BARE_ADDRESS.sub(r"\1", text))
    if "**" in text or "__" in text:
        text = _STRONG.sub("", text)
    if "*" in text:
        text = _EMPHASIS.sub(lambda m: next(group for group in m.groups() if group), text)
    if "_" in text:
        text = _UNDERSCORE.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    if kept:
        back = iter(kept)
        text = re.sub(_STAND_IN, lambda _: next(back, ""), text)
    return " ".join(_INVISIBLE.sub("", text).split())


_BLOCK_END = re.compile(r"</(?:p|div|li|tr|h[1-6]|blockquote|table|ul|ol|section|article)\s*>|<br\s*/?>", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"<(script|style|noscript)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"<tr\b[^<>]*>((?:(?!</?tr\b).)*)</tr\s*>\s*", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"<(/?)(ol|ul|li)\b([^<>]*)>", re.IGNORECASE)
_START = re.compile(r"\bstart\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^<>]*>", re.IGNORECASE)


def lines_of_html(text: str) -> str:
    """The words of an HTML fragment, a block or broken line each on a line of its own, a table's cells between tabs,
    and the numbers and bullets that a browser shows before the items of a list.
    """
    text = _with_item_marks(_ROW.sub(_tabbed, _NOT_SHOWN.sub(" ", text)))
    text = _BLOCK_END.sub("\n\n", text)
    return _INVISIBLE.sub("", html.unescape(_without_tags(text))).strip()


def _with_item_marks(text: str) -> str:
    """The fragment with a mark behind each <li>: its number in an <ol>, a bullet elsewhere."""
    numbers: list[int | None] = []

    def marked(found: re.Match[str]) -> str:
        closes, tag, attributes = found.group(1), found.group(2).lower(), found.group(3)
        if tag == "li" and not closes:
            if not numbers or numbers[-1] is None:
                return f"\n\n{found.group()}• "
            number = numbers[-1]
            numbers[-1] = number + 1
            return f"\n\n{found.group()}{number}. "
        if tag != "li" and closes and numbers:
            numbers.pop()
        elif tag != "li" and not closes:
            start = _START.search(attributes)
            numbers.append((int(start.group(1)) if start else 1) if tag == "ol" else None)
        return found.group()

    return _LIST.sub(marked, text)


def _without_tags(text: str, instead: str = "") -> str:
    def told(found: re.Match[str]) -> str:
        inside = found.group()
        return instead if _TAG.fullmatch(inside) or _QUOTED_VALUE.search(inside) else inside

    return _IN_BRACKETS.sub(told, text)


def _tabbed(row: re.Match[str]) -> str:
    cells = [" ".join(_without_tags(cell, " ").split()) for cell in _CELL.split(row.group(1))[1:]]
    return "\t".join(cell or "\u200b" for cell in cells) + "\n"
