"""Know the marks that releases print before a paragraph, a list item, a level or a note.

To add a form of paragraph number, add a row to `STYLES`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_HANGUL = "가나다라마바사아자차카타파하"
_IDEOGRAPHS = "一二三四五六七八九"
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
# A mark ends with white space; some set the first word right behind it, Korean and Chinese texts often.
_GAP = r"(?:[ \t\u3000]+(?=\S)|(?=[A-Z“\u2e80-\u9fff\uac00-\ud7af]))"

# How every mark of `STYLES` begins; most paragraphs begin otherwise, and ten patterns need not look at them.
BEGINS = re.compile(
    r"[0-9０-９(（\u2460-\u2473\u3251-\u325f一二三四五六七八九十\u2160-\u216b]|[가나다라마바사아자차카타파하][.)]|제\s?\d"
    r"|[A-Z]{1,7}[.．]|A[rR][tT]|S[eE][cC]"
)


@dataclass(frozen=True)
class Style:
    """A form of paragraph number. `pattern` matches it at the start of a text, with what is cited as its last group.

    `value` tells the number's place in the sequence, from 1, or None where it is no number of this form.
    """

    name: str
    pattern: re.Pattern[str]
    value: Callable[[str], int | None]

    @property
    def worded(self) -> bool:
        """Whether its numbers name what they number, as lists do not: "Article 3"."""
        return self.value is _worded

    def match(self, text: str) -> re.Match[str] | None:
        """The mark at the start of a text, white space behind it included."""
        found = BEGINS.match(text) and self.pattern.match(text)
        return found if found and self.value(number_in(found)) else None


def number_in(found: re.Match[str]) -> str:
    """The number as it is cited: without its punctuation, "①" as "1", "Ⅱ" as "II", "Article 3" with its word."""
    return " ".join(unicodedata.normalize("NFKC", found.group(1)).split())


def _digits(number: str) -> int | None:
    found = re.search(r"\d+", number)
    return int(found.group()) if found else None


def _roman(number: str) -> int | None:
    """The value of a Roman number up to 89; None for letters in an order that no Roman number has."""
    if not re.fullmatch(r"(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})", number) or not number:
        return None
    values = [_ROMAN[letter] for letter in number]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _letter(number: str) -> int | None:
    return ord(number) - ord("A") + 1 if len(number) == 1 and "A" <= number <= "Z" else None


def _hangul(number: str) -> int | None:
    return _HANGUL.index(number) + 1 if len(number) == 1 and number in _HANGUL else None


def _ideographs(number: str) -> int | None:
    """一 to 九十九."""
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return _IDEOGRAPHS.index(number) + 1 if len(number) == 1 and number in _IDEOGRAPHS else None
    if any(len(part) > 1 or part not in _IDEOGRAPHS for part in (tens, ones)):
        return None
    return 10 * (_IDEOGRAPHS.index(tens) + 1 if tens else 1) + (_IDEOGRAPHS.index(ones) + 1 if ones else 0)


def _worded(number: str) -> int | None:
    """ "Article 3", "Sec. IV", "제3조"."""
    last = number.split()[-1]
    return _digits(number) or _roman(last)


# A day such as "3. 14.(목)" begins like a number and is none.
_NO_DAY = r"(?!\s?\d{1,2}\s?\.)"
STYLES: tuple[Style, ...] = (
    Style("1.", re.compile(rf"([0-9０-９]{{1,3}})[.．、]{_NO_DAY}{_GAP}"), _digits),
    # Japanese releases set nothing but a space behind a wide figure.
    Style("１", re.compile(r"([０-９]{1,2})[ \t\u3000]+(?=\S)"), _digits),
    Style("1)", re.compile(rf"([0-9０-９]{{1,3}})[)）]{_GAP}"), _digits),
    Style("(1)", re.compile(rf"[(（]([0-9０-９]{{1,3}})[)）]{_GAP}"), _digits),
    Style("①", re.compile(r"([\u2460-\u2473\u3251-\u325f])[ \t\u3000]*(?=\S)"), _digits),
    Style(
        "一、",
        re.compile(r"(?:[(（](?=[一-十]{1,3}[)）]))?([一二三四五六七八九十]{1,3})[、．)）][ \t\u3000]*(?=\S)"),
        _ideographs,
    ),
    Style("가.", re.compile(rf"([{_HANGUL}])[.)][ \t]+(?=\S)"), _hangul),
    Style(
        "Article 1",
        re.compile(
            r"((?:Article|ARTICLE|Art\.)\s(?:\d{1,3}|[IVXL]+)\b|제\s?\d{1,3}\s?조(?:의\s?\d{1,2})?)[.:]?"
            r"(?:\s+(?=[^\sa-z])|$|(?=\())"
        ),
        _worded,
    ),
    Style(
        "Section 1",
        re.compile(r"((?:Section|SECTION|Sec\.|SEC\.)\s(?:\d{1,3}|[IVXL]+)\b)[.:]?(?:\s+(?=[^\sa-z])|$)"),
        _worded,
    ),
    Style("I.", re.compile(r"([IVXL]{1,7}|[\u2160-\u216b])[.．][ \t]+(?=\S)"), _roman),
    Style("A.", re.compile(r"([A-Z])\.[ \t]+(?=\S)"), _letter),
)
# A number that carries its section: "1.1", "II.3", "A.2.1". What follows begins as sentences do, as in "1.5 million" it
# does not.
PATH = re.compile(
    r"((?:[0-9]{1,2}|[IVXL]{1,6}|[A-Z])(?:\.[0-9]{1,2}){1,4})[.)]?[ \t\u3000]+(?=[A-Z“‘\"'(\u2e80-\u9fff\uac00-\ud7af])"
)
# Headings over paragraphs that are numbered anew, beside those that `STYLES` knows.
_WORDED_SECTION = re.compile(
    r"((?:Part|Chapter|Title|Annex|Appendix|Schedule|PART|CHAPTER|TITLE|ANNEX|APPENDIX|SCHEDULE)"
    r"(?:\s(?:\d{1,3}|[IVXL]+|[A-Z]))?|(?:부록|별첨|붙임)(?:\s?\d{1,2})?|제\s?\d{1,3}\s?[장절부])(?=[\s.:)\]–—-]|$)"
)

NOTE = re.compile(r"([*＊]{1,3}|※|[†‡])[ \t]*(?=[^\s*＊)\]])")
_BULLET = re.compile(r"[-–•‣○□▪◦·∙]\s+\S")
_ITEM = re.compile(r"\(?(?:[a-z]|[ivx]{1,5}|\d{1,2})[.)]\s+\S|[①-⑳]\s*\S|[가-하][.)]\s+\S")
_END = re.compile(r"[.!?:;。…：；！？][\"'”’)\]]*$")
_LEAD_IN = re.compile(
    r"[:：]$|\b(?:following|as follows|(?:listed|set out|shown|given) below)\b[^.:]*\.$"
    r"|(?:다음|아래)[과와]?\s*같[^.]{0,12}\.?$"
)
_ROW = re.compile(r"[^:;.]{1,60}: [^;]+(?:; [^:;.]{1,60}: [^;]+)+")
# The two upper levels of a Korean release, with all the signs that stand for each: □ a topic, ○ a point on it.
LEVELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("□", re.compile(r"[□■▣◈◆◇❏❑▢☐]\s*(?=\S)")),
    ("○", re.compile(r"(?:[○●◦◎〇❍]\s*(?=\S)|[ㅇᄋ]\s+(?=\S))")),
)


def section_in(text: str) -> str | None:
    """How a heading outside `STYLES` is called: "Annex" of "Annex: Plan of Action", "Part II", "별첨 1"."""
    found = _WORDED_SECTION.match(text)
    return number_in(found) if found else None


def level_of(text: str) -> tuple[str, str] | None:
    """The level that a unit's sign stands for, "□" or "○", and the text behind the sign."""
    for level, pattern in LEVELS:
        if found := pattern.match(text):
            return level, text[found.end() :]
    return None


def note_marker(text: str) -> str | None:
    """The star, dagger or ※ that may make a text a note to the paragraph above it."""
    found = NOTE.match(text)
    return found.group(1) if found else None


def is_bullet(text: str) -> bool:
    return bool(_BULLET.match(text))


def is_item(text: str) -> bool:
    """Whether a text is marked as an item of a list: by a bullet, a star, or "a)", "(ii)", "3.", "①", "가."."""
    return bool(_BULLET.match(text) or _ITEM.match(text) or note_marker(text))


def is_mark(text: str) -> bool:
    """Whether a text is nothing but a number, a bullet, a level's sign or a note's mark: "1.", "(2)", "가.", "□"."""
    # A mark is known by what stands behind it, so a word is put there.
    marked = f"{text} X"
    patterns = [*(level for _, level in LEVELS), NOTE]
    found = [*(style.match(marked) for style in STYLES), *(pattern.match(marked) for pattern in patterns)]
    return bool(_BULLET.fullmatch(marked)) or any(match and match.end() == len(marked) - 1 for match in found)


def begins_unit(line: str) -> bool:
    """Whether a line among wrapped ones begins a unit of its own by what it prints: a number, a bullet, a note's mark.

    A wrapped line may begin with an initial ("C. Smith"), so letters and Roman numbers do not count.
    """
    return bool(
        is_item(line)
        or level_of(line)
        or PATH.match(line)
        or any(style.match(line) for style in STYLES if style.name not in ("I.", "A."))
    )


def is_heading(text: str) -> bool:
    """Short and without an end mark: a line above paragraphs rather than one of them."""
    return len(text) <= 100 and not _END.search(text)


def is_lead_in(text: str) -> bool:
    """Whether a text leads to what stands below it: "They agreed on:", "… as follows.", "다음과 같다."."""
    return bool(_LEAD_IN.search(text))


def is_row(text: str) -> bool:
    """Whether a text is a row of a table, as `ingest.rows` writes them: "Country: Korea; Exports: 5"."""
    return bool(_ROW.fullmatch(text))


def without_number(text: str) -> str:
    """The text behind a printed paragraph number, or the text itself."""
    if found := PATH.match(text):
        return text[found.end() :]
    return next((text[found.end() :] for style in STYLES if (found := style.match(text))), text)
