"""What is read: the bytes of a page or file, and where they came from."""

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


def decoded(content: bytes) -> str:
    """The text of a page in whatever encoding, line ends made "\\n".

    Raises UnreadablePage for an empty page and for one that is not text.
    """
    if not content.strip():
        raise UnreadablePage("the file is empty")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    elif b"\0" in content[:65536]:
        raise UnreadablePage("this is a binary file, not text")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            best = from_bytes(content[:200_000]).best()
            if best is None:
                raise UnreadablePage("its encoding is not known; save it as UTF-8") from None
            text = content.decode(best.encoding, errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    odd = sum(c < " " and c not in "\n\t\f" for c in text[:65536])
    if odd > len(text[:65536]) / 100:
        raise UnreadablePage("this is a binary file, not text")
    return text
