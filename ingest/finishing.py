"""Say of every release, whatever its format, what its own words tell: the day of its event, and what needs a look."""

from dataclasses import replace

from ingest.dates import event_date
from ingest.numbers import numbering_remark
from ingest.page import Read


def finished(read: Read) -> Read:
    """The release with its event's date, and a remark when it has no date or its printed numbers are broken."""
    release = read.release
    if release.event_date is None:
        opening = "\n".join(p.text for p in release.paragraphs[:2])
        release = replace(release, event_date=event_date(release.title, opening, release.date))
    undated = (
        "" if release.date or read.remark else f"kept without a date: none was found; {_BY_HAND.format(release.id)}"
    )
    remarks = filter(None, (read.remark, undated, numbering_remark(release.paragraphs)))
    return replace(read, release=release, remark="; ".join(remarks))


_BY_HAND = "date it with: communique date {!r} YYYY-MM-DD"
