"""Go from an address to its pages: itself, or the releases that it lists, page after page of the list."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.formats import FAULT
from ingest.page import Failure, Gone, Page, Unchanged, UnreadablePage
from ingest.sources.feeds import feed_listing
from ingest.sources.fetch import Fetched, Fetcher, HostGivenUp, Unfetched, checked
from ingest.sources.listing import Link, Listing, SourceOptions
from ingest.sources.rows import row_listing
from ingest.sources.sitemap import robots_listing, sitemap_listing
from ingest.sources.sites import first_page, site_listing

Outcome = Page | Unchanged | Gone | Failure

LISTINGS: dict[str, Callable[[Fetched, SourceOptions], Listing | None]] = {
    "robots.txt": robots_listing,
    "sitemap": sitemap_listing,
    "feed": feed_listing,
    "site": site_listing,
    "rows": row_listing,
}
"""What a list of releases can be. The first that takes an address for its own reads it; what none takes is a page."""

# Without --max-pages: no ministry has so many, but a calendar can be turned for ever.
_MOST_LISTS = 5_000
# Pages that are not listed any more, asked for in one run: about two minutes at one a second.
_UNLISTED = 100
# Content types that servers send for lack of a better one; the address's own suffix tells more.
_VAGUE = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/download", "text/xml")
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
    "application/json": ".json",
    "application/feed+json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/hwp+zip": ".hwpx",
    "application/vnd.hancom.hwpx": ".hwpx",
    "application/x-hwp": ".hwp",
    "application/haansofthwp": ".hwp",
    "application/vnd.hancom.hwp": ".hwp",
    "application/zip": ".zip",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
}


def address_pages(address: str, fetcher: Fetcher, options: SourceOptions) -> Iterator[Outcome]:
    """The page of an address, or the pages that it lists. What was read before and is as it was comes as Unchanged,
    what is not there any more as Gone.
    """
    try:
        checked(address)
    except Unfetched as error:
        yield Failure(address, str(error))
        return
    lists = deque([first_page(address, options)])
    seen_lists, seen_links = set(lists), set[str]()
    walked = 0
    while lists:
        here = lists.popleft()
        if walked == (options.max_pages or _MOST_LISTS):
            if not options.max_pages:
                yield Failure(here, f"the list goes on beyond {walked:,} pages; narrow it with --since or --max-pages")
            return
        try:
            found = fetcher.fetch(here, allow_private=options.allow_private, conditional=not walked)
        except Unfetched as error:
            # The first may be narrowed to days, but it goes by the name that the user gave it.
            yield Failure(here if walked else address, str(error))
            walked += 1
            continue
        walked += 1
        if not isinstance(found, Fetched):
            # Behind the last page of a list many sites have nothing.
            if walked == 1:
                yield _missing(found, fetcher) if isinstance(found, Gone) else found
            continue
        try:
            listing = _listing(found, options)
        except UnreadablePage as error:
            yield Failure(here if walked > 1 else address, str(error))
            continue
        if listing is None or listing.whole:
            if walked == 1:
                yield _page(found, fetcher)
            continue
        if walked == 1 and not listing.links and not listing.further and not (options.since or options.until):
            yield Failure(address, "no release is listed there; has the site changed its pages?")
        fresh = [link for link in listing.links if link.address not in seen_links]
        seen_links.update(link.address for link in fresh)
        yield from _linked_pages((link for link in fresh if link.is_wanted(options)), fetcher, options)
        if _goes_on(listing, fresh, options):
            lists.extend(further for further in listing.further if further not in seen_lists)
            seen_lists.update(listing.further)


def _goes_on(listing: Listing, fresh: list[Link], options: SourceOptions) -> bool:
    """Whether the lists behind this one may hold more: not when it named nothing new, nor when all of it is older than
    the days asked for. (One old release among newer ones is pinned to the top.)
    """
    if listing.links and not fresh:
        return False
    return not (listing.newest_first and listing.links and all(link.is_older(options.since) for link in listing.links))


def _linked_pages(links: Iterable[Link], fetcher: Fetcher, options: SourceOptions) -> Iterator[Outcome]:
    for link in links:
        known = fetcher.known(link.address)
        if known and link.changed and link.changed < known.fetched_at.replace(tzinfo=UTC):
            # The list says that it has not changed since: not even asked.
            yield Unchanged(link.address)
            continue
        try:
            yield _itself(link.address, fetcher, options)
        except HostGivenUp as error:
            yield Failure(link.address, f"{error} (what else is listed there was not asked for)")
            return


def page_itself(address: str, fetcher: Fetcher, options: SourceOptions) -> Outcome:
    """The page of an address, and nothing that it may list."""
    try:
        return _itself(address, fetcher, options)
    except HostGivenUp as error:
        return Failure(address, str(error))


def unlisted_pages(addresses: Iterable[str], fetcher: Fetcher, options: SourceOptions) -> Iterator[Outcome]:
    """Pages that were read before and that their source does not list any more: still there, changed, or gone?

    A feed soon forgets what it listed, and asking for all of that at every run would be no courtesy: the ones that were
    not asked for the longest come first, and so many of them.
    """
    known = [state for address in addresses if (state := fetcher.known(address))]
    for state in sorted(known, key=lambda state: state.fetched_at)[:_UNLISTED]:
        try:
            yield _itself(state.url, fetcher, options)
        except HostGivenUp:
            # Told already, of a page that is listed.
            return


def _itself(address: str, fetcher: Fetcher, options: SourceOptions) -> Outcome:
    """Raises HostGivenUp when asking for anything else there would be in vain."""
    try:
        found = fetcher.fetch(address, allow_private=options.allow_private, conditional=True)
    except HostGivenUp:
        raise
    except Unfetched as error:
        return Failure(address, str(error))
    if isinstance(found, Fetched):
        return _page(found, fetcher)
    return _missing(found, fetcher) if isinstance(found, Gone) else found


def _listing(found: Fetched, options: SourceOptions) -> Listing | None:
    """What a page lists; None when it is no list. Raises UnreadablePage."""
    try:
        return next((listing for read in LISTINGS.values() if (listing := read(found, options)) is not None), None)
    except UnreadablePage:
        raise
    except Exception as error:
        # As in `read_page`: what others' parsers fail on must not end the reading of all the other sources.
        raise UnreadablePage(f"{FAULT} ({type(error).__name__}: {error}); please report it with its address") from error


def _missing(gone: Gone, fetcher: Fetcher) -> Gone | Failure:
    """An address that was read before is gone; one that never was may be mistyped."""
    return gone if fetcher.known(gone.origin) else Failure(gone.origin, "the site has no such page")


def _page(found: Fetched, fetcher: Fetcher) -> Page:
    fetcher.remember(found)
    return Page(found.address, page_name(found), _in_utf8(found))


def page_name(found: Fetched) -> str:
    """A file name for a page, ending in the suffix of its format."""
    path = PurePosixPath(found.file_name or unquote(urlsplit(found.found_at).path))
    suffix = path.suffix.lower()
    if not suffix or found.media_type not in _VAGUE:
        suffix = _SUFFIXES.get(found.media_type, suffix)
    return (path.stem or urlsplit(found.address).hostname or "page") + suffix


def _in_utf8(found: Fetched) -> bytes:
    """The content; in UTF-8 with its mark where only the server's header tells what encoding it has."""
    if not found.charset or not (
        found.media_type in ("text/plain", "application/xhtml+xml") or "html" in found.media_type
    ):
        return found.content
    try:
        found.content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return found.content.decode(found.charset).encode("utf-8-sig")
        except (UnicodeDecodeError, LookupError):
            # Declared wrongly: the format finds out for itself.
            return found.content
    return found.content
