"""What is said of a release in whatever format."""

import json
from datetime import date

from ingest.formats import read_page
from ingest.page import Page, Read


def read(name: str, text: str) -> Read:
    (only,) = read_page(Page(name, name, text.encode()))
    assert isinstance(only, Read)
    return only


def test_a_release_keeps_the_day_of_its_event_and_that_of_its_publication() -> None:
    text = "Talks in Busan\n\n2023-11-27\n\nThe two foreign ministers met in Busan on Sunday, November 26, for two hours.\n"

    release = read("a.txt", text).release

    assert (release.date, release.date_source, release.event_date) == (date(2023, 11, 27), "page", date(2023, 11, 26))


def test_a_record_keeps_both_days_too() -> None:
    record = {"id": "r", "title": "Talks (November 26)", "date": "2023-11-27", "paragraphs": ["They met."]}

    release = read("a.jsonl", json.dumps(record)).release

    assert (release.date, release.event_date) == (date(2023, 11, 27), date(2023, 11, 26))


def test_an_undated_release_is_kept_and_the_remark_tells_how_to_date_it() -> None:
    found = read("a.jsonl", json.dumps({"id": "r1", "title": "Talks", "paragraphs": ["They met."]}))

    assert found.release.date is None
    assert found.remark == "kept without a date: none was found; date it with: communique date 'r1' YYYY-MM-DD"


def test_broken_numbers_are_remarked_on_beside_other_remarks() -> None:
    record = {
        "id": "r1",
        "title": "Talks",
        "date": "soon",
        "paragraphs": ["1. They met.", "2. They ate.", "4. They left."],
    }

    assert read("a.jsonl", json.dumps(record)).remark == (
        "kept without a date: 'soon' is not a date; the printed paragraph numbers are kept as they are: 3 is missing"
    )


def test_a_whole_release_calls_for_no_remark() -> None:
    record = {"id": "r1", "title": "Talks", "date": "2023-11-27", "paragraphs": ["1. They met.", "2. They ate."]}

    assert read("a.jsonl", json.dumps(record)).remark == ""


def test_half_a_character_anywhere_in_a_release_is_replaced_and_the_release_is_kept() -> None:
    half = "\ud83d"
    record = {
        "title": f"Talks {half}",
        "date": "2023-11-27",
        "url": f"https://x.org/{half}?q={half}",
        "language": f"en{half}",
        "paragraphs": [f"They {half} met.{half}\n* {half} At noon."],
    }

    own_id, by_address, by_words = (
        read("a.jsonl", json.dumps(r)).release
        for r in (record | {"id": f"r{half}"}, record, {"title": half, "text": f"They {half} met."})
    )

    assert own_id.id == "r\ufffd"
    assert own_id.title == "Talks \ufffd"
    for release in (own_id, by_address, by_words):
        json.dumps(release.to_dict(), ensure_ascii=False).encode()
    assert by_words.paragraphs[0].text == "They \ufffd met."
