"""Read releases from an RSS or Atom feed that carries their text."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from ingest.dates import UNDATED, Dated, find_dates, given_date, publication_date
from ingest.formats.document import titled, usable_address
from ingest.formats.limits import MAX_FEED_ITEMS
from ingest.formats.text import units_of
from ingest.identity import id_of_text, id_of_url
from ingest.markup import lines_of_html
from ingest.numbering import paragraphs
from ingest.page import Failure, Page, Read, UnreadablePage
from ingest.syndication import parsed_feed
from vectorstore import Release
from vectorstore.language import language_of
from vectorstore.sentences import sentence_spans

_NOTE = re.compile(r"\s*※\s*")


def read(page: Page) -> Iterator[Read | Failure]:
    """A release an item; one without text becomes a Failure. Raises UnreadablePage when there is no item at all."""
    feed = parsed_feed(page.content)
    if not feed.entries:
        broken = f": {feed.bozo_exception}" if feed.bozo else ""
        raise UnreadablePage(f"the feed holds no items{broken}")
    for number, entry in enumerate(feed.entries, 1):
        if number > MAX_FEED_ITEMS:
            yield Failure(page.origin, f"the feed holds more than {MAX_FEED_ITEMS:,} items; the others were left out")
            return
        origin = f"{page.origin}:{number}"
        release = _release(entry)
        yield Read(release, origin, lasting=False) if release else Failure(origin, f"item {number} carries no text")


def _release(entry: Any) -> Release | None:
    contents = [c.get("value", "") for c in entry.get("content", ())] or [entry.get("summary", "")]
    units = [
        unit for html in contents for line in units_of(lines_of_html(html)) for unit in _without_run_on_notes(line)
    ]
    made = paragraphs(units)
    if not made:
        return None
    whole = "\n".join(p.text for p in made)
    title = titled(lines_of_html(entry.get("title", "")), whole)
    dated = _date(entry, title)
    if dated.date is None:
        dated = publication_date((), title, whole)
    link = usable_address(entry.get("link") or "")
    return Release(
        id=id_of_url(link) if link else id_of_text(title, dated.date, whole),
        title=title,
        date=dated.date,
        url=link,
        language=language_of(whole),
        paragraphs=made,
        date_source=dated.source,
    )


def _without_run_on_notes(line: str) -> list[str]:
    """A ※ note inside an unbroken block ends with its sentence; what follows is a paragraph again."""
    before, *notes = _NOTE.split(line)
    units = [before] if before.strip() else []
    for note in notes:
        spans = sentence_spans(note)
        if not spans:
            continue
        units.append("※ " + note[: spans[0][1]])
        rest = note[spans[0][1] :].strip()
        units += [rest] if rest else []
    return units


def _date(entry: Any, title: str) -> Dated:
    """The day the feed gives, in its own zone; the title's own day wins when it is the neighbour, since feeds give it
    in another zone.
    """
    given = next((day for name in ("published", "updated") if (day := _given(entry, name))), None)
    for found in find_dates(title):
        if found.date and (given is None or abs((found.date - given).days) <= 1):
            return Dated(found.date, "title")
    return Dated(given, "feed") if given else UNDATED


def _given(entry: Any, name: str) -> date | None:
    # The library turns all days into those of Greenwich, where a release of the evening is of the next day.
    parsed = entry.get(f"{name}_parsed")
    try:
        return given_date(entry[name])
    except (KeyError, ValueError):
        return date(*parsed[:3]) if parsed else None
