"""Turn Markdown and HTML inside a record's text into the words a reader of the page saw."""

import html
import re

_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)\s]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
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
        text = _TAG.sub("", text)
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
_CELL = re.compile(r"<t[dh]\b[^<>]*>", re.IGNORECASE)


def lines_of_html(text: str) -> str:
    """The words of an HTML fragment, a block or broken line each on a line of its own, a table's cells between tabs."""
    text = _BLOCK_END.sub("\n\n", _ROW.sub(_tabbed, _NOT_SHOWN.sub(" ", text)))
    return _INVISIBLE.sub("", html.unescape(_TAG.sub("", text))).strip()


def _tabbed(row: re.Match[str]) -> str:
    cells = [" ".join(_TAG.sub(" ", cell).split()) for cell in _CELL.split(row.group(1))[1:]]
    return "\t".join(cell or "\u200b" for cell in cells) + "\n"
