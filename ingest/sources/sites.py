"""The table of sites whose listings are read by their own marks.

To add one, put a row into `SITES`: which addresses it is for, where its listing keeps links and days (`Marks`, or a
function of its own), how the next page is named, and, where the site can narrow the list itself, how it is asked for a
range of days. A listing of any other site is read by `rows.row_listing`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest.sources.fetch import Fetched, joined
from ingest.sources.listing import Link, Listing, SourceOptions, moment_in
from ingest.sources.rows import Marks, marked_links

Days = tuple[date | None, date | None]


@dataclass(frozen=True)
class Site:
    """How a site lists its releases. `host` and `path` are patterns for the whole host and path of a listing.

    `next_page` gives the address of the page after one; asking ends with a page that names nothing new. `within` puts
    the days asked for into an address.
    """

    name: str
    host: str
    path: str
    links: Marks | Callable[[Fetched], tuple[Link, ...]]
    next_page: Callable[[str], str]
    within: Callable[[str, Days], str] = lambda address, days: address
    newest_first: bool = True

    def lists(self, address: str) -> bool:
        """Whether an address is a listing of this site."""
        parts = urlsplit(address)
        return bool(re.fullmatch(self.host, parts.hostname or "") and re.fullmatch(self.path, parts.path))


def counted(parameter: str, first: int = 1, step: int = 1) -> Callable[[str], str]:
    """The next page by a number in the query: "page=2", or "start=20" with a step."""

    def next_page(address: str) -> str:
        given = dict(_query(address)).get(parameter, "")
        return _with(address, {parameter: str((int(given) if given.isdigit() else first) + step)})

    return next_page


def numbered_path(address: str) -> str:
    """The next page by a number at the end of the path: "/briefing-room/page/2/"."""
    parts = urlsplit(address)
    found = re.fullmatch(r"(.*?)/page/(\d+)/?", parts.path)
    stem, number = (found.group(1), int(found.group(2))) if found else (parts.path.rstrip("/"), 1)
    return urlunsplit(parts._replace(path=f"{stem}/page/{number + 1}/"))


def between(since: str, until: str, form: str = "%Y-%m-%d") -> Callable[[str, Days], str]:
    """A range of days by two parameters of the query; an end that is left open is left out."""

    def within(address: str, days: Days) -> str:
        named = zip((since, until), days, strict=True)
        return _with(address, {name: day.strftime(form) for name, day in named if name and day})

    return within


def _gov_uk_results(fetched: Fetched) -> tuple[Link, ...]:
    """The results of GOV.UK's search interface."""
    try:
        results = json.loads(fetched.content)["results"]
        return tuple(
            Link(
                address,
                changed=moment_in(str(result.get("public_timestamp") or "")),
            )
            for result in results
            if result.get("link") and (address := joined("https://www.gov.uk/", str(result["link"])))
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ()


def _gov_uk_api_next(address: str) -> str:
    """The interface counts results, not pages, ten at a time unless it is asked for more."""
    given = dict(_query(address)).get("count", "")
    return counted("start", first=0, step=int(given) if given.isdigit() and int(given) else 10)(address)


def _gov_uk_api_within(address: str, days: Days) -> str:
    since = days[0]
    # Not until: it is the last change that the site goes by, and a release of these days may have changed after them.
    return _with(address, {"filter_public_timestamp": f"from:{since.isoformat()}"}) if since else address


SITES = (
    Site(
        # The boards of Korea's Ministry of Foreign Affairs and of its embassies, which run on the same system.
        name="mofa.go.kr",
        host=r".*",
        path=r".*/brd/m_\d+/list\.do",
        links=Marks(row="table tbody tr", onclick=r"f_view\(\s*['\"]?(\d+)", view="view.do?seq={}"),
        next_page=counted("page"),
        within=between("srchFr", "srchTo", "%Y%m%d"),
    ),
    Site(
        # The White House since 2025, and earlier ones as the National Archives keep them.
        name="whitehouse.gov",
        host=r"(?:www\.)?whitehouse\.gov|bidenwhitehouse\.archives\.gov|trumpwhitehouse\.archives\.gov",
        path=r"/(?:briefing-room|briefings-statements|presidential-actions|news|articles|fact-sheets|remarks|releases|research)"
        r"(?:/(?!\d{4}(?:/|$))[\w-]+)*?(?:/page/\d+)?/?",
        links=Marks(
            row="li.wp-block-post, article.news-item, article.presidential-action",
            link=".wp-block-post-title a[href], a.news-item__title, h2 a[href]",
        ),
        next_page=numbered_path,
    ),
    Site(
        name="GOV.UK search",
        host=r"www\.gov\.uk",
        path=r"/search/[\w-]+",
        links=Marks(
            row="li.gem-c-document-list__item",
            link="a.gem-c-document-list__item-title, .gem-c-document-list__item-title a[href]",
            day="time",
            changed=True,
        ),
        next_page=counted("page"),
        within=between("public_timestamp[from]", ""),
    ),
    Site(
        name="GOV.UK search interface",
        host=r"www\.gov\.uk",
        path=r"/api/search\.json",
        links=_gov_uk_results,
        next_page=_gov_uk_api_next,
        within=_gov_uk_api_within,
    ),
)


def first_page(address: str, options: SourceOptions) -> str:
    """Where a listing begins: the address that the user named, narrowed by the site to the days asked for."""
    site = _site(address)
    return site.within(address, (options.since, options.until)) if site else address


def site_listing(fetched: Fetched, options: SourceOptions) -> Listing | None:
    """The releases of a listing of a known site; None when this is none."""
    site = _site(fetched.found_at) or _site(fetched.address)
    if site is None:
        return None
    links = marked_links(fetched, site.links) if isinstance(site.links, Marks) else site.links(fetched)
    return Listing(links, (site.next_page(fetched.address),) if links else (), site.newest_first)


def _site(address: str) -> Site | None:
    return next((site for site in SITES if site.lists(address)), None)


def _query(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)


def _with(address: str, stated: dict[str, str]) -> str:
    """The address with these parameters in place of those of the same names."""
    kept = [(name, value) for name, value in _query(address) if name not in stated]
    return urlunsplit(urlsplit(address)._replace(query=urlencode([*kept, *stated.items()], safe="[]:")))
