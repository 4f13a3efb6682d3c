import json
from datetime import date

import pytest

from ingest.formats import read_page
from ingest.formats.records import NAMES
from ingest.page import Failure, Page, Read, UnreadablePage
from vectorstore import Release

MET = "The ministers met in Busan for two hours on Sunday morning."
RECORD = {"id": "r1", "title": "Talks", "date": "2023-11-26", "url": "https://x.org/1", "text": MET}


def read(name: str, content: str) -> list[Read | Failure]:
    return list(read_page(Page(name, name, content.encode())))


def releases(name: str, content: str) -> list[Release]:
    return [found.release for found in read(name, content) if isinstance(found, Read)]


@pytest.mark.parametrize(
    "value",
    [RECORD, [RECORD], {"count": 1, "items": [RECORD]}, {"data": {"page": 1, "results": [RECORD]}, "tags": ["a", "b"]}],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "download"])
def test_json_is_one_record_a_list_or_an_object_with_a_list(value: object, indent: int | None, name: str) -> None:
    if name == "a.jsonl" and isinstance(value, list) and indent is None:
        pytest.skip("a list on one line begins as a JSON file")

    (release,) = releases(name, json.dumps(value, indent=indent))

    assert (release.id, release.title, release.date, release.url) == (
        "r1",
        "Talks",
        date(2023, 11, 26),
        "https://x.org/1",
    )


def test_json_without_a_record_is_refused_in_words() -> None:
    with pytest.raises(UnreadablePage, match='it holds no record with "paragraphs" or "text"'):
        read("a.json", '{"a": [1, 2],\n "b": {}}')
    with pytest.raises(UnreadablePage, match="it is not JSON: Expecting value in line 2, column 10"):
        read("a.json", '{\n "text": }')


@pytest.mark.parametrize(("field", "name"), [(field, name) for field, names in NAMES.items() for name in names])
def test_a_field_is_known_by_all_its_names(field: str, name: str) -> None:
    values = {"id": "r7", "title": "Talks", "date": "2023. 11. 26.", "url": "https://x.org/1", "language": "en"}
    texts = {"text": MET, "html": f"<p>{MET}</p>", "paragraphs": [MET]}
    record = {n: v for n, v in values.items() if n != field} | ({} if field in texts else {"text": MET})
    record[name] = values.get(field) or texts[field]

    (release,) = releases("a.json", json.dumps(record, indent=1))

    assert (release.id, release.title, release.url, release.date, release.language) == (
        "r7",
        "Talks",
        "https://x.org/1",
        date(2023, 11, 26),
        "en",
    )
    assert [p.text for p in release.paragraphs] == [MET]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_row_is_a_release(delimiter: str) -> None:
    rows = (
        delimiter.join(["Title", "Date", "Body"])
        + "\r\n"
        + delimiter.join(["Talks", "26 November 2023", f'"1. {MET}\r\n\r\n2. ""{MET}"""'])
    )

    (release,) = releases("a.csv", rows)

    assert (release.title, release.date) == ("Talks", date(2023, 11, 26))
    assert [(p.number, p.text) for p in release.paragraphs] == [("1", MET), ("2", f'"{MET}"')]


def test_a_csv_with_broken_rows_keeps_the_others() -> None:
    found = read(
        "a.csv",
        f'title,text,paragraphs\nA,,\nB,{MET},\nC,,"[""One thing., Another.]"\n'.replace('thing."", ', 'thing."", '),
    )

    assert [type(f).__name__ for f in found] == ["Failure", "Read", "Read"]
    assert isinstance(found[0], Failure)
    assert (found[0].origin, found[0].reason) == (
        "a.csv:1",
        'record 1: the record holds no text; give "paragraphs" or "text"',
    )


def test_a_csv_without_a_text_column_says_how_to_call_it() -> None:
    with pytest.raises(UnreadablePage, match="names no column for the text; call it one of text, body, content"):
        read("a.csv", "name,size\na,1\n")


def test_an_address_that_is_none_is_left_out() -> None:
    (release,) = releases("a.jsonl", json.dumps(RECORD | {"url": "http://[broken"}))

    assert release.url is None


def test_a_record_whose_date_may_be_several_days_is_kept_without_one_and_says_so() -> None:
    (found,) = read("a.jsonl", json.dumps(RECORD | {"date": "05/06/2023"}))

    assert isinstance(found, Read)
    assert (found.release.date, found.remark) == (
        None,
        "kept without a date: '05/06/2023' may be 2023-05-06 or 2023-06-05; write it as YYYY-MM-DD",
    )


def test_a_record_without_a_date_takes_that_of_its_dateline_or_title() -> None:
    first, second, third = releases(
        "a.jsonl",
        "\n".join(
            json.dumps(record)
            for record in (
                {"text": f"SEOUL, Nov. 26, 2023 — {MET}"},
                {"title": "Briefing (November 26, 2023)", "text": MET},
                {"title": "Briefing", "text": MET},
            )
        ),
    )

    assert (first.date, first.date_source) == (date(2023, 11, 26), "dateline")
    assert (second.date, second.date_source) == (date(2023, 11, 26), "title")
    assert (third.date, third.date_source) == (None, "")


@pytest.mark.parametrize(
    "wrapped",
    [
        {"title": {"rendered": "Talks"}, "content": {"rendered": f"<p>{MET}</p>"}},
        {"attributes": {"title": "Talks", "body": {"value": f"<p>{MET}</p>"}}},
        {"_source": {"title": "Talks", "text": [MET]}},
        {"fields": {"title": "Talks", "body": {"und": [{"value": MET}]}}},
        {"title": "Talks", "paragraphs": [{"text": MET}]},
    ],
)
def test_what_content_systems_wrap_is_taken_out_of_it(wrapped: dict[str, object]) -> None:
    (release,) = releases("a.json", json.dumps([wrapped]))

    assert (release.title, [p.text for p in release.paragraphs]) == ("Talks", [MET])


def test_paragraphs_may_bring_their_numbers() -> None:
    (release,) = releases(
        "a.json", json.dumps({"paragraphs": [{"number": 1, "text": MET}, {"number": "2", "text": MET}]})
    )

    assert [(p.number, p.numbered, p.text) for p in release.paragraphs] == [("1", True, MET), ("2", True, MET)]


@pytest.mark.parametrize(
    "value",
    [
        {"releases": [RECORD], "briefings": [RECORD | {"id": "r2"}], "authors": [{"name": "Doe"}] * 3},
        {"r1": RECORD, "r2": RECORD | {"id": "r2"}},
    ],
)
def test_all_records_of_an_object_are_read(value: object) -> None:
    assert [release.id for release in releases("a.json", json.dumps(value, indent=1))] == ["r1", "r2"]


def test_a_table_may_state_its_separator() -> None:
    (release,) = releases("a.csv", f"sep=^\r\ntitle^text\r\nTalks^{MET}\r\n")

    assert (release.title, [p.text for p in release.paragraphs]) == ("Talks", [MET])
