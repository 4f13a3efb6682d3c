"""What is read: the bytes of a page or file, and where they came from."""

import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from vectorstore import Release


@dataclass(frozen=True)
class Page:
    """Something read from a source. `origin` is where from, as the user gave or would find it; `name` ends in a
    suffix.
    """

    origin: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Unchanged:
    """Something that is as it was when it was last read, as its source says or as can be seen without reading it.

    `pages` gives it in place of the Page. Where the releases that were read then are not all recorded, ingest forgets
    what the server said of the address (`Catalogue.forget_fetch_state`) and asks `pages` for it once more.
    """

    origin: str


@dataclass(frozen=True)
class Gone:
    """Something that its source says is not there any more (404 or 410 of an address that was read before)."""

    origin: str


@dataclass(frozen=True)
class Failure:
    """Something that could not be read, or not wholly, and why; the rest was."""

    origin: str
    reason: str


@dataclass(frozen=True)
class Read:
    """A release as read from a page; `remark` tells what of it had to be left out, for instance a date that is none.

    `own_id` says that the page itself gave the id: such a release is never folded into another. `lasting` is false for
    an item of a feed, which shows only the latest: not finding it again does not mean that it is gone.
    """

    release: Release
    origin: str
    remark: str = ""
    own_id: bool = False
    lasting: bool = True


class UnreadablePage(ValueError):
    """No release can be read from a page; ingest lists it with this reason and goes on."""


def decoded(content: bytes, declared: str | None = None) -> str:
    """The text of a page in whatever encoding, line ends made "\\n".

    What the bytes themselves show goes before the encoding that is `declared`: pages that say UTF-8 and are CP949 are
    common, and so is the reverse. Raises UnreadablePage for an empty page and for one that is not text.
    """
    if not content.strip():
        raise UnreadablePage("the file is empty")
    text = _text(content, declared).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    odd = sum(c < " " and c not in "\n\t\f" for c in text[:65536])
    if odd > len(text[:65536]) / 100:
        raise UnreadablePage("this is a binary file, not text")
    return text


def _text(content: bytes, declared: str | None) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if wide := _wide_encoding(content[:65536]):
        return content.decode(wide, errors="replace")
    if b"\0" in content[:65536]:
        raise UnreadablePage("this is a binary file, not text")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # A few broken bytes do not make a UTF-8 page something else.
    replaced = content.decode("utf-8", errors="replace")
    beyond_ascii = sum(c > "\x7f" for c in replaced[:200_000])
    broken = replaced[:200_000].count("\ufffd")
    if broken <= max(2, beyond_ascii / 20) and broken < beyond_ascii / 4:
        return replaced
    named = _ENCODINGS.get((declared or "").lower().replace("_", "-"), (declared or "").lower())
    # An encoding of one byte a character decodes anything, so it comes last.
    for encoding in dict.fromkeys((named if named in _SEVERAL_BYTES else "cp949", "cp949", named)):
        if encoding not in ("", "utf-8", "utf8", "utf-16", "utf-32") and (text := _plausible(content, encoding)):
            return text
    western = content.decode("cp1252", errors="replace")
    foreign = [c for c in western[:200_000] if c > "\x7f"]
    if sum(c in _WESTERN for c in foreign) >= 0.95 * len(foreign):
        return western
    best = from_bytes(content[:200_000]).best()
    if best is None:
        raise UnreadablePage("its encoding is not known; save it as UTF-8")
    return content.decode(best.encoding, errors="replace")


_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What pages call an encoding, and the wider one that browsers read it as.
_ENCODINGS = {
    "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949",
    "ksc5601": "cp949",
    "iso-8859-1": "cp1252",
    "us-ascii": "cp1252",
    "gb2312": "gb18030",
    "shift-jis": "cp932",
}
_SEVERAL_BYTES = frozenset("cp949 gb18030 gbk big5 cp932 euc-jp iso-2022-kr iso-2022-jp johab".split())
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôõöøœùúûüÿßÀÂÄÁÅÆÇÈÉÊËÍÎÏÑÓÔÖØŒÙÚÛÜ«»“”„‘’‚–—…€£©®™°·•§¶¹²³¼½¾¿¡ªº´\xa0")
# The syllables of KS X 1001, which Korean is written in; CP949 has 8,822 more that hardly any text holds.
_COMMON_KOREAN = re.compile("[가-힣]")
_BROKEN_SHARE = 0.01


def _wide_encoding(start: bytes) -> str | None:
    """UTF-16 without a byte order mark: its zero bytes stand nearly all on one side."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even + odd < max(2, len(start) / 100):
        return None
    # Not all: "가" is U+AC00.
    for encoding, wrong in (("utf-16-le", even), ("utf-16-be", odd)):
        if wrong <= (even + odd) / 4 and "\ufffd" not in start[: len(start) // 4 * 4].decode(
            encoding, errors="replace"
        ):
            return encoding
    return None


def _plausible(content: bytes, encoding: str) -> str | None:
    """The text in an encoding, if nearly all of it decodes and, for Korean, what comes out is Korean."""
    try:
        text = content.decode(encoding, errors="replace")
    except (LookupError, ValueError):
        return None
    foreign = [c for c in text[:200_000] if c > "\x7f"]
    if text.count("\ufffd") > max(2, _BROKEN_SHARE * len(foreign)):
        return None
    if encoding != "cp949":
        return text
    # Another encoding read as CP949 gives rare syllables and ideographs side by side.
    common = sum(bool(_COMMON_KOREAN.match(c)) and _in_standard(c) for c in foreign)
    ideographs = sum("\u4e00" <= c <= "\u9fff" for c in foreign)
    return text if common > 0.5 * (len(foreign) or 1) and common > ideographs else None


def _in_standard(character: str) -> bool:
    try:
        character.encode("euc-kr")
    except UnicodeEncodeError:
        return False
    return True
