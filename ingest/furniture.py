"""Tell a page's own words from the site around them: menus, share bars, file lists, contact blocks."""

import re

from ingest.dates import find_dates
from ingest.numbering import STYLES, note_marker

_LABELS = re.compile(
    r"""(?:press\s+(?:releases?|briefings?|room)|news(?:room)?|statements?(?:\s+(?:and|&)\s+releases)?|briefing\s+room|home|
    main\s+menu|menu|search|list|print|e-?mail|tweet|share(?:\s+(?:this|on)\b.*)?|facebook|twitter|instagram|youtube|
    linkedin|x|rss|top|back(?:\s+to\s+(?:top|list))?|(?:go\s+to\s+)?(?:previous|next)(?:\s+(?:article|post|page|release))?|prev|
    skip\s+to\s+(?:main\s+)?(?:content|navigation|menu).*|sitemap|privacy(?:\s+policy)?|terms(?:\s+of\s+use)?|contact(?:\s+us)?|
    for\s+immediate\s+release|attachments?|attached\s+files?|download|hits?|views?|writer|department|date|registered|
    related\s+(?:articles|links|news)|copyright.*|all\s+rights\s+reserved.*|©.*|read\s+more.*|
    바로가기\s*메뉴|.*\s바로가기|검색창?(?:\s*열기)?|목록|이전글?|다음글?|인쇄|공유(?:하기)?|첨부(?:파일)?|조회수?|작성자|담당부서|등록일|작성일|보도자료|
    메뉴|홈|전체메뉴|로그인|맨\s*위로|글자\s*크기.*)[:：]?""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?:hits?|views?|writer|author|department|division|date|registered|posted|updated|published|release\s+date|attachments?|files?|tel|fax|"
    r"phone|e-?mail|contact|조회수?|작성자|담당부서|부서|등록일|작성일|수정일|첨부(?:파일)?|전화|팩스)\s*[:：|]?\s.{0,80}",
    re.IGNORECASE,
)
_FILE = re.compile(r".{1,120}\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|jpe?g|png)(?:\s*[\[(].{0,30}[\])])?", re.IGNORECASE)
_SOCIAL = re.compile(r"\b(?:facebook|instagram|twitter|youtube|linkedin|flickr|blog)$", re.IGNORECASE)
_END_MARK = re.compile(r"[.!?。…:;][\"'”’»)\]]*$")
_PROSE_WORDS = 8


def without_number(text: str) -> str:
    """The text behind a printed paragraph number, or the text itself."""
    return next((text[m.end() :] for style in STYLES if (m := style.match(text))), text)


def is_prose(text: str) -> bool:
    """Whether a unit reads as a sentence: enough words, or enough Korean, and an end mark; a note counts too."""
    words = without_number(text)
    if is_furniture(text):
        return False
    if note_marker(text):
        return True
    # Korean puts into five words what English says in eight.
    enough = len(words.split()) >= (5 if re.search("[가-힣]", words) else _PROSE_WORDS)
    return enough and bool(_END_MARK.search(words))


def is_furniture(text: str) -> bool:
    """Whether a unit is one that sites put around releases and no release says of itself."""
    text = text.strip()
    return bool(
        _LABELS.fullmatch(text)
        or (len(text) <= 120 and (_FIELD.fullmatch(text) or _FILE.fullmatch(text) or _SOCIAL.search(text)))
        or is_dated_line(text)
    )


def is_dated_line(text: str) -> bool:
    """Whether a line holds a whole date and next to nothing else: "2023-11-27", "Date 2023-11-27 10:12 Hits 345"."""
    dates = [d for d in find_dates(text) if d.date]
    if not dates or len(text) > 80:
        return False
    rest = text[: dates[0].start] + text[dates[0].end :]
    rest = re.sub(r"\d{1,2}:\d{2}(?::\d{2})?|\d+|[^\w\s]", " ", rest)
    return all(_FIELD.match(f"{word} ") or len(word) <= 3 or _LABELS.fullmatch(word) for word in rest.split())
