"""Tell a page's own words from the site around them: menus, share bars, file lists, contact blocks.

All rules look at one page alone, so that a release reads the same whichever pages were read with it. What they leave
and what they lose is measured by `make furniture`.
"""

import re
from collections.abc import Callable, Collection, Sequence

from ingest.dates import WEEKDAYS, find_dates
from ingest.markers import STYLES, is_heading, level_of, note_marker, number_in, without_number

_LABELS = re.compile(
    r"""(?:press\s+(?:releases?|briefings?|room)|news(?:room|\s+releases?)?|statements?(?:\s+(?:and|&)\s+releases)?|
    briefing\s+room|home|main\s+menu|menu|search|list|print|e-?mail|tweet|share(?:\s+(?:this|on)\b.*)?|facebook|twitter|
    instagram|youtube|linkedin|rss|top|back(?:\s+to\s+.{1,30})?|get\s+directions|permalink.*|click\s+(?:here\s+)?to\s+(?:print|share|e-?mail).*|
    (?:go\s+to\s+)?(?:previous|next)(?:\s+(?:article|post|page|release|story))?|prev|
    skip\s+to\s+(?:main\s+)?(?:content|navigation|menu).*|sitemap|privacy(?:\s+policy)?|terms(?:\s+of\s+use)?|
    (?:press\s+|media\s+)?contacts?(?:\s+us)?|(?:for\s+)?immediate\s+release|attachments?|attached\s+files?|download|hits?|views?|
    writer|department|date|registered|related\s+(?:articles|links|news|files|content|posts|issues|topics)|
    copyright(?:\s+(?:policy|notice))?|read\s+(?:more|next)\b[^.]*|subscribe(?:\s+now)?|follow\s+(?:congress\w+|senator|the)\b.{0,40}|
    바로가기\s*메뉴|.*\s바로가기|검색창?(?:\s*열기)?|목록(?:보기|으로)?|이전\s?글?|다음\s?글?|인쇄(?:하기)?|공유(?:하기)?|첨부(?:\s?파일)?|조회수?|작성자|담당부서|
    등록일|작성일|보도\s?자료(?:\s?(?:상세|보기|상세\s?보기|목록))?|상세\s?보기|메뉴|매우\s?만족|만족|보통|불만족|매우\s?불만족|의견\s?(?:남기기|등록)|홈|전체메뉴|로그인|맨\s*위로|글자\s*크기.*|즉시\s*보도.*)[:：]?""",
    re.VERBOSE | re.IGNORECASE,
)
# What sites say in whole sentences.
_SITE_SENTENCES = re.compile(
    r"""copyright\s*(?:©|ⓒ|\(c\)|(?:by\s+)?(?:19|20)\d\d).*|.*\ball\s+rights\s+reserved.*|©.*|
    share\s+this\s+(?:page|post|article|story|release)\b.*|follow\s+(?:us|me)\b.{0,40}|
    (?:sign\s+up|subscribe|join\s+(?:our|my))\b.{0,80}(?:newsletter|updates|e-?mail|alerts?|mailing\s+list)\b.{0,80}|
    (?:please\s+)?follow\s.{2,60}\s(?:on\s+)?(?:@\w+|(?:on|via)\s+(?:twitter|facebook|instagram|social\s+media)\s*@?\w*)\.?|
    .{0,40}(?:페이지|정보|서비스|콘텐츠).{0,40}만족(?:하십니까|하시나요|하셨습니까|하셨나요|도).{0,40}|
    view\s+(?:this\s+)?(?:e-?mail|message|it)?\s*(?:in|on|with)\s+(?:your|a|the)\s+(?:web\s+)?browser.{0,20}|
    (?:un-?subscribe|(?:update|manage)\s+(?:your\s+)?(?:e-?mail\s+)?(?:preferences|subscriptions?)|forward\s+to\s+a\s+friend)
    (?:\s*[|·•,]?\s*(?:here|from\s+this\s+list|(?:update|manage)\s+.{0,40}|view\s+.{0,30}))?|
    (?:was|is|did\s+you\s+find)\s+this\s+(?:page|article|information)\s+(?:helpful|useful)\?|
    (?:this|our)\s+(?:web)?site\s+uses\s+cookies.*|we\s+use\s+cookies.*|please\s+enable\s+javascript.*""",
    re.VERBOSE | re.IGNORECASE,
)
# Further labels of menus. Below the text they begin a menu; inside it they may be headings.
_MENU_LABELS = re.compile(
    r"""about(?:\s+(?:us|me|the\s+(?:office|ministry|department)|\w+))?|biography|(?:constituent\s+)?services|issues|legislation|
    committees?(?:\s+assignments)?|media(?:\s+(?:center|room|gallery))?|(?:photo|video)s?(?:\s+gallery)?|multimedia|events?|careers?|jobs|
    internships?|faqs?|accessibility|offices?(?:\s+locations)?|our\s+(?:office|district)|(?:e-?)?newsletters?(?:\s+sign\s?up)?|get\s+in\s+touch|
    stay\s+connected|connect(?:\s+with\s+.{2,30})?|quick\s+links|archives?|speeches|op-?eds?|in\s+the\s+news|latest\s+news|topics?|tags?|
    language|english|한국어|toggle\s+navigation|login|log\s+in|sign\s+(?:in|up)|donate|opinions?|resources|publications|help|
    장관소개|부처소개|민원|정책|뉴스|소식|알림|자료실|조직도|찾아오시는\s?길|이용약관|개인정보.*|저작권.*|관련\s?사이트""",
    re.VERBOSE | re.IGNORECASE,
)
# What a board prints beside its fields; without a colon a field must hold a figure, or be one that only boards print.
_FIELD_NAMES = (
    r"(?:writer|author|department|division|date|registered|posted|updated|published|release\s+date|attachments?|files?|tel|fax|"
    r"phone|e-?mail|contact|hits?|views?|조회수?|작성자|담당부서|담당자|책임자|부서|등록일자?|작성일자?|수정일|게시일자?|"
    r"(?:배포|보도|발표)\s?(?:일시|일자|시점|일)|첨부(?:파일)?|전화|팩스|연락처)"
)
_FIELD_NAME = re.compile(_FIELD_NAMES, re.IGNORECASE)
_FIELD = re.compile(
    rf"{_FIELD_NAMES}\s*[:：|].{{0,80}}|(?:hits?|views?|tel|fax|phone|조회수?|전화|팩스)\s+[\d,()+\s.-]+", re.IGNORECASE
)
_RELEASE_LABEL = re.compile(r"\b(?:for\s+)?immediate\s+release\b|\b(?:press|news)\s+release\b", re.IGNORECASE)
# Without a colon these may also begin a heading ("부서 간 협력"), so they count above and below the text only.
_LOOSE_FIELD = re.compile(
    r"(?:date|registered|posted|updated|published|등록일|작성일|수정일)\s+(?:on\s+)?.{0,40}\d\d.{0,20}"
    r"|(?:작성자|담당부서|부서|첨부(?:파일)?|전화|팩스)\s.{0,60}",
    re.IGNORECASE,
)
_FILLED_FIELD = re.compile(rf"(?<!\w){_FIELD_NAMES}\s*[:：\d]", re.IGNORECASE)
# "Date: 5 December 2023" tells inside the text when a thing takes place.
_DAY_FIELD = re.compile(r"(?:date|일시|날짜)\s*[:：]", re.IGNORECASE)
_FILE = re.compile(r".{1,120}\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|jpe?g|png)(?:\s*[\[(].{0,30}[\])])?", re.IGNORECASE)
_BARS = re.compile(r"\s*[|｜·•/]\s*")
# A board's fields may be the items of a list.
_BULLETED = re.compile(r"^[•·▪‣–-]\s+")
# Where a page stands in its site: "Home > News > Press Releases".
_PATH = re.compile(r"(?:you\s+are\s+here\s*:?\s*)?(?:home|홈|메인)\s*[>›»]", re.IGNORECASE)
_SOCIAL = re.compile(r"\b(?:facebook|instagram|twitter|youtube|linkedin|flickr|blog)$", re.IGNORECASE)
# "03.27.13": a date whatever its order.
_SHORT_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./](?:\d\d)?\d\d")
# Where a release ends: "###", "-30-", "# # #", "끝.", and lines of nothing but signs.
_END_OF_RELEASE = r"[-–—\s]*(?:(?:#\s*){2,8}|[-–—#]\s?30\s?[-–—#]|[-–—#]+\s?end\s?[-–—#]+)[-–—\s]*"
_END_LINE = re.compile(rf"(?:{_END_OF_RELEASE}|[<〈(/\s]*끝[>〉)/.\s]*|[\W_]+|[a-z])", re.IGNORECASE)
_TRAILING_END = re.compile(rf"(?<=[\s.!?\"”’)]){_END_OF_RELEASE}$", re.IGNORECASE)
_END_MARK = re.compile(r"[.!?。…:;][\"'”’»)\]]*$")
# Not behind "Reps." and "Gov.".
_SENTENCE_INSIDE = re.compile(
    r"(?:(?<![\w’'-])[a-z][\w’'-]*|[0-9)\"”’])[.!?][\"'”’)]*\s+[\"“‘(]?[A-Z]|[다요음함임][.]\s"
)
_FULL_STOP = re.compile(r"[.!?。][\"'”’»)]*$")
_KOREAN_ENDING = re.compile(r"[다요음함임까][.!?][\"'”’»)]*$")
_SMALL_WORD = re.compile(r"(?<!\w)[a-z]{2,}(?!\w)")
_ABBREVIATED = re.compile(r"(?:\b(?:Inc|Corp|Ltd|Co|Jr|Sr|No|etc)|\.\w|\b\w)\.$", re.IGNORECASE)
# A sentence, however short, holds so many words in small letters.
_SAID_WORDS = 3
_PROSE_WORDS = 8
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_PROSE_CHARACTERS, _LONG_CHARACTERS = 10, 60
_ANNOUNCED = re.compile(r"(?:what|who|when|where|why|event)\s?[:：]\s?\S", re.IGNORECASE)
# A line so long that is not a menu run together is prose whatever it ends with.
_LONG_WORDS = 25

_CONTACT = re.compile(
    r"(?:(?:for\s+)?immediate\s+release\s*:?\s*)?(?:(?:press|media|news)\s+)?contacts?\b\s*(?:[:：]|(?=[A-Z(]|$))|문의(?:처)?\s*[:：]"
    r"|(?:for\s+)?(?:more|further|additional)\s+information(?:,?\s+(?:please\s+)?contact)?\s*[:：]"
    r"|(?:(?:press|media)\s+)?(?:e|i)nquir(?:y|ies)\s*[:：]",
    re.IGNORECASE,
)
_REACH = re.compile(
    r"(?<![\d-])(?:\+?\d{1,3}[\s.-])?\(?\d{2,3}\)?[\s.\-–/]{0,3}\d{3,4}\s?[.\-–]\s?\d{4}(?!\d)|[\w.+-]+@[\w-]+\.[\w.]+",
    re.ASCII,
)
_PARTICLES = frozenset("or and at of the for to in ext x via by a".split())
_CONTACT_CHARACTERS = 160
_CONTACT_LINES = 8
_END_CHARACTERS = 60
_BEHIND_CHARACTERS = 120
_NAME_WORDS = 6
# So near above the first sentence stands the heading of its section.
_HEADING_LINES = 6
# Menus have fewer words to a line.
_TITLE_WORDS = 5
# So many headlines a release has; more stand in a site's list.
_MOST_HEADLINES = 4
# Who publishes, above the title: "Ministry of Foreign Affairs of the Republic of Korea".
_NAMES = r"[A-Z][\w’'-]*(?:,?\s(?:(?:and|&)\s)?[A-Z][\w’'-]*){0,3}"
_LETTERHEAD = re.compile(
    r"(?:The\s)?(?:[A-Z][\w.]*\s){0,2}(?:Ministry|Department|Office|Embassy|Bureau|Government|Mission|Consulate|Agency|"
    r"Commission|Council|Secretariat|Delegation|Republic|House|Congress)\s(?:of|for|to)\s(?:the\s)?"
    rf"{_NAMES}(?:,?\s(?:of|OF|in|to)\s(?:the\s)?{_NAMES}){{0,3}}",
)
_KOREAN_LETTERHEAD = re.compile(
    r"(?:대한민국\s?)?[가-힣]{1,10}(?:부|처|청|위원회|대사관|공사|공단|광역시|특별시|시청|도청)(?:\s?(?:홈페이지|누리집|대표))?"
)
_SALUTATION = re.compile(r"(?:Mr|Mrs|Ms|Madam|Dear|Your|Ladies|Distinguished|Honou?rable|Excellenc)", re.IGNORECASE)
_BY_LINE = re.compile(r"by\b:?\s+[A-Z]", re.IGNORECASE)


def is_prose(text: str) -> bool:
    """Whether a unit reads as a sentence: enough words, or enough Korean, and an end mark; a note counts too.

    A unit of many words does without an end mark at its end, since pages break off and run on.
    """
    words = without_number(without_end(text))
    if is_furniture(text) or is_contact(text):
        return False
    if note_marker(text):
        return True
    count = len(words.split())
    # An advisory states what it announces in this way and needs no sentence.
    if count >= _PROSE_WORDS and _ANNOUNCED.match(words):
        return True
    if _IDEOGRAPHS.search(words):
        # Chinese and Japanese set no spaces, so that characters stand for words.
        said = len(_IDEOGRAPHS.findall(words))
        if said >= _LONG_CHARACTERS or (said >= _PROSE_CHARACTERS and _END_MARK.search(words)):
            return True
    # Korean puts into five words what English says in eight.
    if count < (5 if re.search("[가-힣]", words) else _PROSE_WORDS):
        return False
    if _END_MARK.search(words) or _SENTENCE_INSIDE.search(words):
        return True
    lower = sum(word[0].islower() for word in words.split())
    return count >= _LONG_WORDS and lower >= 0.2 * count


def is_furniture(text: str) -> bool:
    """Whether a unit is one that sites put around releases and no release says of itself, wherever it stands."""
    text = _BULLETED.sub("", text.strip())
    return bool(
        (len(text) <= 250 and (_SITE_SENTENCES.fullmatch(text) or (_LABELS.fullmatch(text) and not is_said(text))))
        or (len(text) <= 120 and (_FILE.fullmatch(text) or _SOCIAL.search(text)))
        or (len(text) <= 120 and _FIELD.fullmatch(text) and not is_said(text))
        or (len(text) <= 200 and (_PATH.match(text) or _is_bar_of_labels(text)))
        or _is_loose_field(text)
        or (len(text) <= 60 and _END_LINE.fullmatch(text))
        or is_dated_line(text)
    )


def _is_bar_of_labels(text: str) -> bool:
    """Whether a line is a menu on one line: "Home | Press releases | Contact"."""
    labels = [label.strip() for label in _BARS.split(text)]
    known = sum(bool(_LABELS.fullmatch(label) or _MENU_LABELS.fullmatch(label)) for label in labels)
    return len(labels) >= 3 and known >= 2 and all(len(label.split()) <= 4 for label in labels)


def _is_loose_field(text: str) -> bool:
    return len(text) <= 120 and bool(_LOOSE_FIELD.fullmatch(text)) and not is_said(text)


def is_said(text: str) -> bool:
    """Whether a line is a sentence, however short, as labels and fields are not."""
    if not _FULL_STOP.search(text):
        return False
    return bool(_KOREAN_ENDING.search(text)) or len(_SMALL_WORD.findall(text)) >= _SAID_WORDS


def is_contact(text: str) -> bool:
    """Whether a line says whom to reach: "Contact: Name", or names, a telephone number or e-mail and nothing else."""
    if len(text) > _CONTACT_CHARACTERS:
        return False
    named = _CONTACT.match(text)
    if not named and not _REACH.search(text):
        return False
    rest = _REACH.sub(" ", text[named.end() :] if named else text)
    words = re.findall(r"[^\W\d_]+", rest)
    if not named and len(words) >= 5 and text.endswith("."):
        return False
    return len(words) <= 14 and sum(word[0].islower() and word not in _PARTICLES for word in words) <= 1


def without_end(text: str) -> str:
    """The text without the "###" that closes a release on the same line, and without what a site says behind it."""
    text = text.rstrip()
    closed = text.rfind("###", -_BEHIND_CHARACTERS)
    if closed > 0 and is_furniture(text[closed + 3 :]):
        text = text[:closed].rstrip("# ")
    # Only the end is looked at: a page of dashes would otherwise be searched from each of them.
    head, tail = text[:-_END_CHARACTERS], text[-_END_CHARACTERS:]
    return head + _TRAILING_END.sub("", tail).rstrip()


def furniture_in(texts: Sequence[str]) -> frozenset[int]:
    """The positions of a page's units that are furniture, told by what they say and what stands around them.

    Lines that only name people and numbers are a contact block beside a line that says "Contact", and outside the
    body; inside it, they are the release's own ("National hotline: 800-273-8255").
    """
    found = {position for position, text in enumerate(texts) if is_furniture(text)}
    contact = {position for position, text in enumerate(texts) if is_contact(text)}
    prose = [position for position, text in enumerate(texts) if position not in found and is_prose(text)]
    first, last = (prose[0], prose[-1]) if prose else (0, -1)
    # A day that stands alone below the first sentence heads what happens on it.
    found -= {position for position in found if prose and first < position and _is_bare_day(texts[position])}
    found -= {position for position in found if first < position < last and _is_ambiguous(texts[position])}
    for position in sorted(contact):
        text = texts[position]
        beside = _is_contact_block(texts, position - 1, found)
        if _CONTACT.match(text) or beside or not first < position < last:
            found.add(position)
    for position in sorted(found):
        if _CONTACT.match(texts[position]):
            found |= _names_below(texts, position)
    return frozenset(found)


def _is_contact_block(texts: Sequence[str], position: int, found: set[int]) -> bool:
    """Whether the furniture that ends at `position` began with a line that says "Contact"."""
    for above in range(position, max(position - _CONTACT_LINES, -1), -1):
        if above not in found:
            return False
        if _CONTACT.match(texts[above]):
            return True
    return False


def _names_below(texts: Sequence[str], position: int) -> set[int]:
    """The lines under "Contact:" up to the number or address that closes the block: names of people and offices.

    Without such a close, only what stands on the line itself is the block.
    """
    for end in range(position + 1, min(position + 5, len(texts))):
        text = texts[end]
        if is_contact(text):
            return set(range(position + 1, end + 1))
        if not is_heading(text) or len(text.split()) > _NAME_WORDS:
            break
    return set()


def body_of(texts: Sequence[str]) -> list[int]:
    """The positions of the units that are the release's body: from the first sentence to the last, without furniture,
    and the short lines behind it that belong to it. Empty where there is no sentence.

    Lists of grants, of signatories, of places stand behind the last sentence of many releases. They belong to it up to
    the first line that is furniture or begins a menu.
    """
    furniture = furniture_in(texts)
    prose = [position for position, text in enumerate(texts) if position not in furniture and is_prose(text)]
    if not prose:
        return []
    first = heading_above(texts, prose[0], furniture)
    end = prose[-1] + 1
    while end < len(texts) and end not in furniture and not _MENU_LABELS.fullmatch(texts[end]):
        end += 1
    return [position for position in range(first, end) if position not in furniture]


def heading_above(texts: Sequence[str], first: int, furniture: Collection[int]) -> int:
    """Where the body begins that has its first sentence at `first`: there, or at a heading above it that bears the
    first number of a sequence ("Article 1", "I. Peace and Security") or a level's sign ("□ 배경").

    Such a sequence goes on below the sentence; the numbers of a site's list go on above it.
    """
    for position in range(max(0, first - _HEADING_LINES), first):
        if position not in furniture and (_is_level(texts[position]) or _begins_sequence(texts, position, first)):
            return position
    return first


def _is_level(text: str) -> bool:
    return level_of(text) is not None and bool(re.search("[가-힣]", text))


def _begins_sequence(texts: Sequence[str], position: int, first: int) -> bool:
    for style in STYLES:
        found = style.match(texts[position])
        if found and style.value(number_in(found)) == 1:
            later = [(n, m) for n in range(position + 1, len(texts)) if (m := style.match(texts[n]))]
            return bool(later) and later[0][0] > first and style.value(number_in(later[0][1])) == 2
    return False


def title_of(head: Sequence[str]) -> tuple[int | None, list[int]]:
    """Where among the lines above the body the title stands, and the subtitles under it.

    The title is the last line that is no furniture; but a line between dashes or brackets is a subtitle, and so is one
    that stands under a headline and is one itself: of a few headlines the topmost is the title. More of them in a row
    are a list of the site's; there only a line that is longer than the one above is a subtitle. What follows the title
    without being a headline (a short sentence, a by-line, the place of a dateline) goes with the subtitles, since the
    text begins with it.
    """
    furniture = furniture_in(head)
    lines = [position for position in range(len(head)) if position not in furniture and not is_dateline(head[position])]
    texts = [head[position] for position in lines]
    at = _topmost(texts, _is_under)
    if at + _MOST_HEADLINES < len(texts) and all(map(_is_headline, texts[at : at + _MOST_HEADLINES + 1])):
        at = _topmost(texts, _is_longer)
    under = [position for position in lines[at + 1 :] if not _is_name_to_reach(head, position)]
    return (lines[at] if lines else None), under


def _is_name_to_reach(head: Sequence[str], position: int) -> bool:
    """Whether a line under the title is the name that stands under "Contact"."""
    words = head[position].split()
    return bool(_CONTACT.match(head[position - 1])) and len(words) <= 3 and all(word[0].isupper() for word in words)


def is_letterhead(text: str) -> bool:
    """Whether a line only says who publishes: "Ministry of Foreign Affairs of the Republic of Korea"."""
    return len(text) <= 120 and bool(_LETTERHEAD.fullmatch(text) or _KOREAN_LETTERHEAD.fullmatch(text))


def _topmost(texts: Sequence[str], is_under: Callable[[str, str], bool]) -> int:
    """The line of which all others down to the last are under the one above each."""
    at = max(0, len(texts) - 1)
    while at > 0 and is_under(texts[at], texts[at - 1]):
        at -= 1
    return at


def _is_under(text: str, above: str) -> bool:
    if _is_longer(text, above):
        return True
    return _is_headline(above) and (_is_headline(text) or len(text.split()) < 3 or bool(_BY_LINE.match(text)))


def _is_headline(text: str) -> bool:
    return len(text.split()) >= _TITLE_WORDS and without_number(text) == text and not is_letterhead(text)


def _is_short_sentence(text: str) -> bool:
    """Whether a line ends as a sentence and holds a word in small letters that may be its verb, unlike "Remarks by the
    Minister."."""
    if not _FULL_STOP.search(text) or text.endswith("?") or _ABBREVIATED.search(text):
        return False
    return bool(_KOREAN_ENDING.search(text)) or any(word not in _PARTICLES for word in _SMALL_WORD.findall(text))


def _is_longer(text: str, above: str) -> bool:
    """Whether a line goes under the one above whatever stands around them: a short sentence, one between dashes or
    brackets, one that is longer than a headline.
    """
    if _is_short_sentence(text) or re.match(r"[-–—‑(\[<]", text):
        return True
    return _is_headline(above) and len(above.split()) <= len(text.split())


def is_dateline(text: str) -> bool:
    """Whether a line holds a place and a day ("Washington, January 21, 2013") or is a piece of a broken dateline:
    "Washington, DC,", "Seoul –", "Jan. 24 -".
    """
    dates = find_dates(text)
    rest = text[: dates[0].start] + text[dates[-1].end :] if dates else text
    words = re.findall(r"\w+", rest)
    broken = re.search(r"[,–—-]$", text) or (dates and re.match(r"\w[\w .]{0,30},\s", text))
    return bool(broken) and len(words) <= 4 and all(w[0].isupper() for w in words) and not _SALUTATION.match(text)


def _is_ambiguous(text: str) -> bool:
    """Whether a line that looks like a board's field may be the text's own where it stands inside it."""
    if _DAY_FIELD.match(text):
        return len(_FILLED_FIELD.findall(text)) == 1
    return _is_loose_field(text) and not is_dated_line(text)


def _is_bare_day(text: str) -> bool:
    return (
        is_dated_line(text) and not _SHORT_DATE.fullmatch(text) and not (_FIELD.match(text) or _LOOSE_FIELD.match(text))
    )


def is_dated_line(text: str) -> bool:
    """Whether a line holds a whole date and next to nothing else: "2023-11-27", "Date 2023-11-27 10:12 Hits 345"."""
    if len(text) > 80:
        return False
    if _SHORT_DATE.fullmatch(text):
        return True
    dates = [d for d in find_dates(text) if d.date]
    if not dates:
        return False
    by = text[: dates[0].start].removesuffix("on ").split()[1:]
    if _BY_LINE.match(text) and by and all(word[0].isupper() for word in by):
        return True
    rest = text
    # Both ends of a span stand for its date: "26-27 November 2023".
    for day in reversed([d for d in dates if (d.year, d.month) == (dates[0].year, dates[0].month)]):
        rest = rest[: day.start] + rest[day.end :]
    rest = _RELEASE_LABEL.sub(" ", re.sub(r"\d{1,2}:\d{2}(?::\d{2})?|\d+|[^\w\s]", " ", rest))
    return all(
        _FIELD_NAME.fullmatch(word) or len(word) <= 3 or _LABELS.fullmatch(word) or word.lower() in WEEKDAYS
        for word in rest.split()
    )
