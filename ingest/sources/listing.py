"""What a listing says of the releases behind it: where they are, and from when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from ingest.dates import find_dates


@dataclass(frozen=True)
class SourceOptions:
    """What of a source is wanted: releases between two days, both included, from its first `max_pages` listing pages.
    `allow_private` lets addresses of this machine and of local networks be fetched.
    """

    since: date | None = None
    until: date | None = None
    max_pages: int | None = None
    allow_private: bool = False

    def covers(self, day: date | None) -> bool:
        """Whether a release of this day is wanted; an undated one always is."""
        return day is None or ((not self.since or day >= self.since) and (not self.until or day <= self.until))

    def to_dict(self) -> dict[str, Any]:
        """The options that are set, as JSON has them."""
        stated = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "max_pages": self.max_pages,
            "allow_private": self.allow_private or None,
        }
        return {name: value for name, value in stated.items() if value is not None}

    @classmethod
    def from_dict(cls, stated: Mapping[str, Any]) -> Self:
        """The options that `to_dict` gave."""
        return cls(
            since=date.fromisoformat(stated["since"]) if "since" in stated else None,
            until=date.fromisoformat(stated["until"]) if "until" in stated else None,
            max_pages=stated.get("max_pages"),
            allow_private=stated.get("allow_private", False),
        )


EVERYTHING = SourceOptions()
# Lists and feeds give days in other time zones than the releases do.
_TOLERANCE = timedelta(days=1)


@dataclass(frozen=True)
class Link:
    """A release that a listing names. `published` and `changed` are what the listing says, in so far as it does."""

    address: str
    published: date | None = None
    changed: datetime | None = None

    def is_wanted(self, options: SourceOptions) -> bool:
        """Whether it may lie between the days asked for; the release itself, once read, tells for certain."""
        is_later = self.published and options.until and self.published > options.until + _TOLERANCE
        return not is_later and not self.is_older(options.since)

    def is_older(self, day: date | None) -> bool:
        """Whether it was published before a day for certain: what changed last before it was."""
        latest = self.published or (self.changed.date() if self.changed else None)
        return bool(day and latest and latest < day - _TOLERANCE)


@dataclass(frozen=True)
class Listing:
    """Links to releases and addresses of `further` lists: the next page, the parts of a sitemap.

    `newest_first` tells that what follows is older. `whole` tells that the list itself carries the texts of its
    releases, as a full feed does, so that it is read as a page.
    """

    links: tuple[Link, ...]
    further: tuple[str, ...] = ()
    newest_first: bool = True
    whole: bool = False


def day_in(text: str) -> date | None:
    """The first whole date of a text: "Nov 27, 2023", "2023.11.27", an ISO time."""
    iso = re.match(r"\s*(\d{4})-(\d\d)-(\d\d)", text)
    if iso:
        try:
            return date(*map(int, iso.groups()))
        except ValueError:
            return None
    return next((found.date for found in find_dates(text) if found.date), None)


def moment_in(text: str) -> datetime | None:
    """The moment of a W3C or ISO time, in UTC; a day without a time ends at midnight, since the change came in it."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if len(text) <= 10:
        moment += timedelta(days=1)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
