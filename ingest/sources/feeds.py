"""Read a feed that only points to its releases; one that carries their texts is read as a page."""

from calendar import timegm
from datetime import UTC, date, datetime
from typing import Any

from ingest.markup import lines_of_html
from ingest.sources.fetch import Fetched, joined
from ingest.sources.listing import Link, Listing, SourceOptions
from ingest.syndication import parsed_feed

_FEED = (b"<rss", b"<feed", b"<rdf:RDF")
# A summary of so many characters is the text: the longest teasers seen have 600.
_TEXT_CHARACTERS = 1_000


def feed_listing(fetched: Fetched, options: SourceOptions) -> Listing | None:
    """The links of a feed, newest first as far as feeds are; None when this is none. Raises UnreadablePage for a broken
    one.
    """
    start = fetched.content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<") or not any(mark in start for mark in _FEED):
        return None
    entries = parsed_feed(fetched.content).entries
    if not any(entry.get("link") for entry in entries) or all(map(_carries_text, entries)):
        return Listing((), whole=True)
    links = (
        Link(
            address,
            published=_published(entry),
            # Not `entry.get`, which falls back to the day of publication.
            changed=_moment(dict.get(entry, "updated_parsed")),
        )
        for entry in entries
        if entry.get("link") and (address := joined(fetched.found_at, entry["link"]))
    )
    return Listing(tuple(links))


def _carries_text(entry: Any) -> bool:
    if any(content.get("value", "").strip() for content in entry.get("content", ())):
        return True
    return len(lines_of_html(entry.get("summary", ""))) >= _TEXT_CHARACTERS


def _published(entry: Any) -> date | None:
    moment = _moment(entry.get("published_parsed"))
    return moment.date() if moment else None


def _moment(parsed: Any) -> datetime | None:
    """A feed's time, which feedparser gives in UTC."""
    return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
