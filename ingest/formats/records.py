"""Read releases from records: JSON lines, JSON files and CSV tables.

A record is {"id","title","date","url","paragraphs":[…]}, or with "text" in place of "paragraphs"; only the text is
required. `NAMES` holds what else these fields are called. What content systems wrap is taken out of its wrapping:
{"title": {"rendered": …}} (WordPress), {"attributes": {"body": {"value": …}}} (Drupal, JSON:API).
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest.dates import UNDATED, Dated, given_date, publication_date
from ingest.formats.document import titled, usable_address
from ingest.formats.limits import MAX_JSON_BYTES, MAX_NESTING, MAX_RECORD_CHARACTERS, MAX_TEXT_CHARACTERS
from ingest.formats.text import units_of
from ingest.identity import id_of_text, id_of_url
from ingest.markup import lines_of_html, plain
from ingest.numbering import paragraphs, positioned
from ingest.page import Failure, Page, Read, UnreadablePage, decoded
from vectorstore import Paragraph, Release
from vectorstore.language import language_of

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "guid", "번호", "일련번호"),
    "title": ("title", "headline", "name", "subject", "제목"),
    "date": (
        "date", "published", "date_published", "published_at", "publication_date", "publisheddate", "pubdate",
        "release_date", "created", "created_at", "date_created", "datetime", "first_published_at", "public_updated_at",
        "field_date", "게시일", "게시일자", "등록일자", "배포일자", "등록일", "작성일", "배포일", "날짜", "일자",
    ),
    "url": ("url", "link", "canonical_url", "external_url", "href", "주소", "링크"),
    "text": ("text", "body", "content", "content_text", "full_text", "fulltext", "본문", "내용"),
    "html": ("html", "content_html", "body_html"),
    "paragraphs": ("paragraphs",),
    "language": ("language", "lang", "언어"),
}  # fmt: skip
# Under these names a record keeps its fields, or a field its value.
_WRAPPERS = ("attributes", "fields", "_source", "node", "properties", "record", "article", "item")
_VALUES = ("rendered", "value", "processed", "raw", "#text", "_text", "text", "html", "und", "en", "ko", "default")
_FIELD_OF = {name: field for field, names in NAMES.items() for name in names}
# What Excel writes above a table whose cells stand between another sign.
_STATED_SEPARATOR = re.compile(r"\"?sep=([^\n\"])\"?\n", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"</(?:p|div|span|li)>|<br\s*/?>", re.IGNORECASE)


def read(page: Page) -> Iterator[Read | Failure]:
    """A release a line; a line that is none becomes a Failure with its number, and the others are kept."""
    seen: Counter[str] = Counter()
    for number, line in enumerate(decoded(page.content).split("\n"), 1):
        if not line.strip():
            continue
        origin = f"{page.origin}:{number}"
        if len(line) > MAX_RECORD_CHARACTERS:
            yield Failure(origin, f"line {number} is longer than {MAX_RECORD_CHARACTERS:,} characters")
            continue
        try:
            yield from _read_value(json.loads(line), origin, seen)
        except json.JSONDecodeError as error:
            yield Failure(origin, f"line {number} is not JSON: {error.msg} at character {error.pos + 1}")
        except ValueError as error:
            yield Failure(origin, f"line {number}: {error}")
        except RecursionError:
            yield Failure(origin, f"line {number} is nested too deeply to be a record")


def read_json(page: Page) -> Iterator[Read | Failure]:
    """The releases of a JSON file: one record, a list of records, or an object that holds such a list.

    A file that is no JSON as a whole is read as JSON lines. Raises UnreadablePage when it holds no record.
    """
    if len(page.content) > MAX_JSON_BYTES:
        raise UnreadablePage(f"it is larger than {MAX_JSON_BYTES // 1_000_000} MB; write it as JSON lines")
    try:
        value = json.loads(decoded(page.content))
    except json.JSONDecodeError as error:
        if page.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and re.search(rb"\}\s*\n\s*\{", page.content):
            yield from read(page)
            return
        raise UnreadablePage(f"it is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        if isinstance(error, UnreadablePage):
            raise
        raise UnreadablePage(f"it is not JSON: {error}") from None
    records = _records(value)
    if records is None:
        raise UnreadablePage('it holds no record with "paragraphs" or "text", and no list of records')
    seen: Counter[str] = Counter()
    for number, record in enumerate(records, 1):
        origin = f"{page.origin}:{number}"
        try:
            yield _read_record(record, origin, seen)
        except ValueError as error:
            yield Failure(origin, f"record {number}: {error}")


def read_csv(page: Page) -> Iterator[Read | Failure]:
    """A release a row of a table whose first row names the fields. Comma, semicolon, tab and bar separate.

    Raises UnreadablePage when no column is called as the text is.
    """
    csv.field_size_limit(MAX_RECORD_CHARACTERS)
    text = decoded(page.content)
    stated = _STATED_SEPARATOR.match(text)
    text = text[stated.end() :] if stated else text
    first = text.split("\n", 1)[0]
    delimiter = max(
        ",;\t|", key=lambda sign: (_known(next(csv.reader([first[:65536]], delimiter=sign), [])), first.count(sign))
    )
    delimiter = stated.group(1) if stated else delimiter
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    seen: Counter[str] = Counter()
    names = next(rows, [])
    if not {"text", "html", "paragraphs"} & {_field(name) for name in names}:
        raise UnreadablePage(
            f"its first row names no column for the text; call it one of {', '.join(NAMES['text'])} (there are: "
            f"{', '.join(names)[:200]})"
        )
    number = 0
    while True:
        number += 1
        origin = f"{page.origin}:{number}"
        try:
            row = next(rows, None)
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield _read_record(_from_row(names, row), origin, seen)
        except csv.Error as error:
            yield Failure(origin, f"record {number} is no row: {error}")
            return
        except ValueError as error:
            yield Failure(origin, f"record {number}: {error}")


def _known(names: Iterable[str]) -> int:
    return sum(_field(name) in NAMES for name in names)


def _from_row(names: list[str], row: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, cell in zip(names, row, strict=False):
        if cell.strip():
            record.setdefault(_field(name), cell)
    if isinstance(given := record.get("paragraphs"), str):
        record["paragraphs"] = _listed(given)
    return record


def _listed(cell: str) -> list[str]:
    """Paragraphs in one cell: a JSON list, else a line each."""
    if cell.lstrip().startswith("["):
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list) and all(isinstance(text, str) for text in value):
            return value
    return cell.split("\n")


def _read_value(value: Any, origin: str, seen: Counter[str]) -> Iterator[Read]:
    """The release of a line, or those of the list that a line's object holds."""
    records = None if _is_record(value) else _records(value) if isinstance(value, dict) else None
    if records is None:
        yield _read_record(value, origin, seen)
        return
    for number, record in enumerate(records, 1):
        yield _read_record(record, f"{origin}:{number}", seen)


def _records(value: Any, depth: int = 0) -> list[Any] | None:
    """The records of a JSON value: itself, a list, or all that the lists of an object hold, however they are called,
    and its fields where these are records ({"id1": {…}, "id2": {…}}). Where no list holds a record, the longest one.
    """
    if isinstance(value, list):
        return value if any(isinstance(item, dict) for item in value) else None
    if not isinstance(value, dict):
        return None
    if _is_record(value):
        return [value]
    if depth >= MAX_NESTING:
        return None
    lists = [found for inner in value.values() if (found := _records(inner, depth + 1))]
    whole = [record for found in lists if any(map(_is_record, found)) for record in found]
    if whole or not lists:
        return whole or None
    return max(lists, key=len)


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and any(
        _field(name) in ("text", "html", "paragraphs") for fields in (value, _wrapped(value)) for name in fields
    )


def _wrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that a record keeps one level deeper, none where it keeps them itself."""
    return next((record[name] for name in _WRAPPERS if isinstance(record.get(name), dict)), {})


def _unwrapped(field: str, value: Any) -> Any:
    """A field's value out of {"rendered": …}, {"und": [{"value": …}]} and the like; a list of texts as their lines."""
    for _ in range(MAX_NESTING):
        if isinstance(value, list) and len(value) == 1 and field != "paragraphs":
            value = value[0]
        if not isinstance(value, dict):
            break
        value = next((value[name] for name in _VALUES if value.get(name)), None)
    if field in ("text", "html") and isinstance(value, list) and all(isinstance(text, str) for text in value):
        return "\n\n".join(value)
    return value


def _field(name: str) -> str:
    """What a field of this name holds, by `NAMES`; the name itself when it is not known."""
    return _FIELD_OF.get(name.strip().lower().replace(" ", "_"), name)


def _named(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record under the names of `NAMES`; the first name of a field wins over its others."""
    named: dict[str, Any] = {}
    for name, given in [*record.items(), *_wrapped(record).items()]:
        field = _field(name)
        value = _unwrapped(field, given) if field in NAMES else given
        if value not in (None, "") and (field not in named or name == field):
            named[field] = value
    return named


def _read_record(record: Any, origin: str, seen: Counter[str]) -> Read:
    """A release from one record; `seen` counts the ids derived so far, so that no two of a file fall together.

    Raises ValueError when the text is missing or not of the form.
    """
    if not isinstance(record, dict):
        raise ValueError(f"a record is an object, this is {type(record).__name__}")
    record = _named(record)
    made = _paragraphs(record)
    whole = "\n".join(p.text for p in made)
    if not whole.strip():
        raise ValueError('the record holds no text; give "paragraphs" or "text"')
    if len(whole) > MAX_TEXT_CHARACTERS:
        raise ValueError(
            f"the record holds more than {MAX_TEXT_CHARACTERS:,} characters of text; split it into releases"
        )
    title = titled(plain(lines_of_html(_string(record, "title"))), whole)
    dated, remark = UNDATED, ""
    if record.get("date"):
        try:
            dated = Dated(given_date(record["date"]), "record")
        except ValueError as error:
            remark = f"kept without a date: {error}"
    else:
        dated = publication_date((), title, whole)
    day = dated.date
    url = usable_address(_string(record, "url"))
    given = str(record["id"]).strip() if record.get("id") not in (None, "") else ""
    return Read(
        Release(
            id=given or (id_of_url(url) if url else _unseen(id_of_text(title, day, whole), seen)),
            title=title,
            date=day,
            url=url,
            language=_string(record, "language") or language_of(whole),
            paragraphs=made,
            date_source=dated.source,
        ),
        origin,
        remark,
        own_id=bool(given),
    )


def _paragraphs(record: dict[str, Any]) -> tuple[Paragraph, ...]:
    given = record.get("paragraphs")
    if given is None:
        text, marked_up = _string(record, "text"), _string(record, "html")
        if marked_up or _LOOKS_LIKE_HTML.search(text):
            return paragraphs(units_of(lines_of_html(marked_up or text)))
        return paragraphs([plain(unit) for unit in units_of(text)])
    texts = [_paragraph_text(each) for each in given] if isinstance(given, list) else [None]
    if any(text is None for text in texts):
        raise ValueError('"paragraphs" is a list of strings')
    return positioned([plain(text or "") for text in texts])


def _paragraph_text(given: Any) -> str | None:
    """A paragraph that is a string, or an object with its text and perhaps the number that is printed before it."""
    if not isinstance(given, dict):
        return given if isinstance(given, str) else None
    text, number = _unwrapped("text", given.get("text", given.get("content"))), given.get("number")
    if not isinstance(text, str):
        return None
    return f"{number}. {text}" if isinstance(number, int) or (isinstance(number, str) and number.isalnum()) else text


def _string(record: dict[str, Any], field: str) -> str:
    value = record.get(field)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{field}" is a string, this is {type(value).__name__}')
    return value or ""


def _unseen(release_id: str, seen: Counter[str]) -> str:
    seen[release_id] += 1
    return release_id if seen[release_id] == 1 else f"{release_id}-{seen[release_id]}"
