"""Read releases from JSON lines, one record a line: {"id","title","date","url","paragraphs":[…]} or "text"."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ingest.dates import given_date
from ingest.formats.text import titled, units_of
from ingest.identity import id_of_text, id_of_url
from ingest.markup import plain
from ingest.numbering import paragraphs, positioned
from ingest.page import Failure, Page, Read, decoded
from vectorstore import Paragraph, Release
from vectorstore.language import language_of


def read(page: Page) -> Iterator[Read | Failure]:
    """A release a line; a line that is none becomes a Failure with its number, and the others are kept."""
    seen: Counter[str] = Counter()
    for number, line in enumerate(decoded(page.content).split("\n"), 1):
        if not line.strip():
            continue
        origin = f"{page.origin}:{number}"
        try:
            yield _read_record(json.loads(line), origin, seen)
        except json.JSONDecodeError as error:
            yield Failure(origin, f"line {number} is not JSON: {error.msg} at character {error.pos + 1}")
        except ValueError as error:
            yield Failure(origin, f"line {number}: {error}")
        except RecursionError:
            yield Failure(origin, f"line {number} is nested too deeply to be a record")


def _read_record(record: Any, origin: str, seen: Counter[str]) -> Read:
    """A release from one record; `seen` counts the ids derived so far, so that no two of a file fall together.

    Raises ValueError when the text is missing or not of the form.
    """
    if not isinstance(record, dict):
        raise ValueError(f"a record is an object, this is {type(record).__name__}")
    made = _paragraphs(record)
    whole = "\n".join(p.text for p in made)
    if not whole.strip():
        raise ValueError('the record holds no text; give "paragraphs" or "text"')
    title = titled(plain(_string(record, "title")), whole)
    day, remark = None, ""
    if record.get("date"):
        try:
            day = given_date(record["date"])
        except ValueError as error:
            remark = f"kept without a date: {error}"
    url = _string(record, "url").strip() or None
    given = str(record["id"]).strip() if record.get("id") not in (None, "") else ""
    return Read(
        Release(
            id=given or (id_of_url(url) if url else _unseen(id_of_text(title, day, whole), seen)),
            title=title,
            date=day,
            url=url,
            language=_string(record, "language") or language_of(whole),
            paragraphs=made,
            date_source="record" if day else "",
        ),
        origin,
        remark,
        own_id=bool(given),
    )


def _paragraphs(record: dict[str, Any]) -> tuple[Paragraph, ...]:
    given = record.get("paragraphs")
    if given is None:
        return paragraphs([plain(unit) for unit in units_of(_string(record, "text"))])
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise ValueError('"paragraphs" is a list of strings')
    return positioned([plain(text) for text in given])


def _string(record: dict[str, Any], field: str) -> str:
    value = record.get(field)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{field}" is a string, this is {type(value).__name__}')
    return value or ""


def _unseen(release_id: str, seen: Counter[str]) -> str:
    seen[release_id] += 1
    return release_id if seen[release_id] == 1 else f"{release_id}-{seen[release_id]}"
