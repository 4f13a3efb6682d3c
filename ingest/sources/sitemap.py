"""Read sitemaps, sitemap indexes, and the `Sitemap:` lines of robots.txt (sitemaps.org)."""

import re
import zlib
from urllib.parse import urlsplit

from lxml import etree

from ingest.page import UnreadablePage
from ingest.sources.fetch import Fetched, joined
from ingest.sources.listing import Link, Listing, SourceOptions, day_in, moment_in

# The protocol's own limits for one file.
_MAX_BYTES = 52_428_800
_MAX_ENTRIES = 50_000
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def robots_listing(fetched: Fetched, options: SourceOptions) -> Listing | None:
    """The sitemaps that a robots.txt names; None when this is none."""
    if urlsplit(fetched.found_at).path != "/robots.txt":
        return None
    named = _SITEMAP_LINE.findall(fetched.content.decode(errors="replace"))
    parts = (joined(fetched.found_at, address) for address in named)
    return Listing((), tuple(part for part in parts if part), newest_first=False)


def sitemap_listing(fetched: Fetched, options: SourceOptions) -> Listing | None:
    """The pages of a sitemap or the parts of a sitemap index; None when this is neither. Raises UnreadablePage for a
    broken one.
    """
    content = _unpacked(fetched.content)
    start = content[:4096]
    if b"<urlset" not in start and b"<sitemapindex" not in start:
        return None
    # Sitemaps come from outside: no entity of theirs is followed, nothing is loaded; a broken one is read as far as
    # it goes.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadablePage(f"the sitemap is broken: {error}") from None
    if root is None:
        return Listing((), newest_first=False)
    links: list[Link] = []
    further: list[str] = []
    for entry in root.iterchildren("{*}url", "{*}sitemap"):
        address = joined(fetched.found_at, _text(entry, "loc"))
        if not address or address == fetched.found_at or len(links) + len(further) >= _MAX_ENTRIES:
            continue
        link = Link(
            address,
            published=day_in(_text(entry, "publication_date")),
            changed=moment_in(_text(entry, "lastmod")),
        )
        if etree.QName(entry).localname == "url":
            links.append(link)
        # A part that changed last before the days asked for holds nothing from them.
        elif link.is_wanted(options):
            further.append(link.address)
    return Listing(tuple(links), tuple(further), newest_first=False)


def _text(entry: etree._Element, name: str) -> str:
    """What an entry says under a name, of whatever namespace (the news extension has one of its own)."""
    return next((" ".join((found.text or "").split()) for found in entry.iter("{*}" + name)), "")


def _unpacked(content: bytes) -> bytes:
    """The content of a "sitemap.xml.gz", up to the protocol's limit; other content as it is."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, _MAX_BYTES)
    except zlib.error:
        return content
