"""Say of every release, whatever its format, what its own words tell: the day of its event, and what needs a look."""

import re
from dataclasses import replace

from ingest.dates import event_date
from ingest.numbers import numbering_remark
from ingest.page import Read
from vectorstore import Release


def finished(read: Read) -> Read:
    """The release with its event's date, and a remark when it has no date or its printed numbers are broken. What is
    half a character becomes "\ufffd".
    """
    release = _of_whole_characters(read.release)
    if release.event_date is None:
        opening = "\n".join(p.text for p in release.paragraphs[:2])
        release = replace(release, event_date=event_date(release.title, opening, release.date))
    undated = (
        "" if release.date or read.remark else f"kept without a date: none was found; {_BY_HAND.format(release.id)}"
    )
    remarks = filter(None, (read.remark, undated, numbering_remark(release.paragraphs)))
    return replace(read, release=release, remark="; ".join(remarks))


def _of_whole_characters(release: Release) -> Release:
    """No database takes half of a surrogate pair, which is what a text cut between the two leaves (JSON: "\\ud83d").
    One character for one, so that notes keep their places.
    """
    paragraphs = tuple(
        replace(
            p,
            number=_whole(p.number),
            text=_whole(p.text),
            notes=tuple(replace(n, marker=_whole(n.marker)) for n in p.notes),
        )
        for p in release.paragraphs
    )
    return replace(
        release,
        id=_whole(release.id),
        title=_whole(release.title),
        url=release.url and _whole(release.url),
        language=_whole(release.language),
        paragraphs=paragraphs,
    )


def _whole(text: str) -> str:
    return _HALF_A_CHARACTER.sub("\ufffd", text)


_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_BY_HAND = "date it with: communique date {!r} YYYY-MM-DD"
