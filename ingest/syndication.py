"""Parse RSS and Atom, whether the feed carries its releases or only lists them."""

import io
from typing import Any

import feedparser

from ingest.page import UnreadablePage


def parsed_feed(content: bytes) -> Any:
    """What feedparser makes of a feed. Raises UnreadablePage where it can make nothing of it, and for entities."""
    if b"<!ENTITY" in content[:100_000].replace(b"\0", b""):
        raise UnreadablePage("the feed declares entities, which no release needs")
    try:
        # As a stream: given bytes, the library first tries to open a file of that name.
        return feedparser.parse(io.BytesIO(content))
    except ValueError as error:
        # An encoding with a zero byte in its name, for one.
        raise UnreadablePage(f"the feed is broken: {error}") from None
