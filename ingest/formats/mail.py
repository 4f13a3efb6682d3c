"""Read releases from messages (.eml), in the body or attached, and web pages saved as one (.mhtml)."""

import email
import email.policy
import email.utils
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage, MIMEPart

from ingest.dates import Dated
from ingest.formats import html
from ingest.formats.document import Document, assembled, text_units
from ingest.formats.limits import MAX_NESTING
from ingest.formats.text import units_of
from ingest.furniture import is_prose
from ingest.identity import id_of_text
from ingest.page import Failure, Page, Read, UnreadablePage, decoded

_REPLY = re.compile(
    r"^\s*(?:(?:re|fw|fwd|회신|전달)\s*[:：]|\[(?:보도자료|press release)\]|press release\s*[:：])\s*", re.IGNORECASE
)
# Behind these a message goes on with its sender's signature or the message it answers.
_BEHIND = re.compile(r"^(?:-- ?|-{3,}\s*(?:original message|forwarded message|원본 메시지).*)$", re.IGNORECASE)
# A line of underscores is a rule on the page, unless the header of another message stands below it.
_RULE = re.compile(r"^_{10,}$")
_HEADER = re.compile(r"^(?:from|sent|보낸\s?(?:사람|이|날짜)|발신(?:인|자)?)\s*[:：]", re.IGNORECASE)
# With the release attached, a body of fewer sentences is a covering letter.
_COVER_SENTENCES = 5
_HTML, _PLAIN = "text/html", "text/plain"


def read(page: Page) -> Iterator[Read | Failure]:
    """The release of a message's body and those attached to it; a covering letter is left out.

    Raises UnreadablePage when nothing of it is a release.
    """
    yield from _read(_message(page.content), page.origin, 0)


def read_saved_page(page: Page) -> Iterator[Read]:
    """The one release of a web page that was saved with its pictures. Raises UnreadablePage when there is no page."""
    message = _message(page.content)
    parts = [part for part in message.walk() if part.get_content_type() in (_HTML, "application/xhtml+xml")]
    if not parts:
        raise UnreadablePage("the saved page holds no HTML")
    # The first part is the page, others are its frames and advertisements.
    location = str(message.get("Snapshot-Content-Location") or parts[0].get("Content-Location") or "").strip()
    origin = location if location.startswith(("http://", "https://")) else page.origin
    # The message's own date is that of saving, which is no publication date.
    yield Read(assembled(html.document_of(_text(parts[0]), origin)), page.origin)


def _read(message: EmailMessage, origin: str, depth: int) -> Iterator[Read | Failure]:
    if depth > MAX_NESTING:
        raise UnreadablePage(f"messages are attached inside messages more than {MAX_NESTING} deep")
    found: list[Read | Failure] = []
    for attached in message.iter_attachments() if message.is_multipart() else ():
        found += [_dated(read, _date(message)) for read in _attachment(attached, origin, depth)]
    releases = any(isinstance(read, Read) for read in found)
    try:
        document = _body(message)
        sentences = sum(is_prose(unit.text) for unit in document.units)
        if not releases or sentences >= _COVER_SENTENCES:
            found.insert(0, Read(assembled(document), origin))
    except UnreadablePage:
        if not found:
            raise
    yield from found


def _dated(read: Read | Failure, sent: Dated) -> Read | Failure:
    """An attached release that states no day, with that on which it was sent."""
    if isinstance(read, Failure) or read.release.date or not sent.date or read.remark:
        return read
    release = replace(read.release, date=sent.date, date_source=sent.source)
    if not release.url and not read.own_id:
        whole = "\n".join(paragraph.text for paragraph in release.paragraphs)
        release = replace(release, id=id_of_text(release.title, sent.date, whole))
    return replace(read, release=release)


def _attachment(part: MIMEPart, origin: str, depth: int) -> Iterator[Read | Failure]:
    from ingest.formats import read_part

    name = part.get_filename() or ""
    where = f"{origin}:{name or part.get_content_type()}"
    if part.get_content_maintype() in ("image", "audio", "video") or part.get_content_type() in _NO_RELEASE:
        return
    try:
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            if isinstance(inner, EmailMessage):
                yield from _read(inner, where, depth + 1)
            return
        content = part.get_payload(decode=True)
        yield from read_part(Page(where, name or f"part{_SUFFIXES.get(part.get_content_type(), '')}", _bytes(content)))
    except UnreadablePage as error:
        yield Failure(where, str(error))


_NO_RELEASE = frozenset(("text/calendar", "text/vcard", "application/pgp-signature", "application/pkcs7-signature"))
_SUFFIXES = {_HTML: ".html", _PLAIN: ".txt", "application/pdf": ".pdf", "application/zip": ".zip"}


def _body(message: EmailMessage) -> Document:
    """What the message itself says: its HTML, else its plain text. The subject is the title unless the text has one."""
    part = message.get_body(("html", "plain"))
    if part is None:
        raise UnreadablePage("the message has no text")
    subject = str(message.get("Subject", ""))
    while found := _REPLY.match(subject):
        subject = subject[found.end() :]
    if part.get_content_type() == _HTML:
        document = html.document_of(_text(part))
        units = document.units
    else:
        units = text_units(_without_signature(units_of(_text(part))))
    title = " ".join(subject.split())
    return Document(units, title, fallback=_date(message))


def _without_signature(lines: list[str]) -> list[str]:
    behind = (
        n
        for n, (line, below) in enumerate(zip(lines, [*lines[1:], ""], strict=True))
        if n and (_BEHIND.match(line) or (_RULE.match(line) and _HEADER.match(below)))
    )
    return lines[: next(behind, len(lines))]


def _date(message: EmailMessage) -> Dated:
    """The day the message was sent, in its sender's zone."""
    try:
        return Dated(email.utils.parsedate_to_datetime(str(message.get("Date", ""))).date(), "message")
    except (ValueError, TypeError, IndexError, OverflowError):
        return Dated(None, "")


def _message(content: bytes) -> EmailMessage:
    try:
        message = email.message_from_bytes(content.lstrip(), policy=email.policy.default)
        if not message.keys():
            raise UnreadablePage("it has no header; is it a message?")
    except RecursionError:
        raise UnreadablePage("its parts are nested too deeply") from None
    if not isinstance(message, EmailMessage):
        raise UnreadablePage("it is no message")
    return message


def _text(part: MIMEPart) -> str:
    content = _bytes(part.get_payload(decode=True))
    charset = part.get_content_charset()
    return decoded(content, charset) if charset else html.html_text(content)


def _bytes(payload: object) -> bytes:
    if not isinstance(payload, bytes):
        raise UnreadablePage("a part of the message has no content")
    return payload
