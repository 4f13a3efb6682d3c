"""What the catalogue makes of readings: one release or two, a new version or nothing new."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from vectorstore import (
    Catalogue,
    NearDuplicate,
    PageState,
    Reading,
    Release,
    database,
    open_catalogue,
    open_rehearsal,
)
from vectorstore.database import utc_now
from vectorstore.migrations import CURRENT, CatalogueTooNew
from vectorstore.release import Paragraph, counted
from vectorstore.tables import Table

WORDS = [
    "The two ministers met in Busan and agreed to continue the talks on supply chains that began in March.",
    "They welcomed the entry into force of the Apostille Convention and asked their officials to meet again.",
]
BOARD = Release(
    "mofa.go.kr/eng/view.do?seq=1",
    "Outcome of the talks",
    date(2023, 11, 26),
    "https://www.mofa.go.kr/eng/view.do?seq=1",
    "en",
    counted(WORDS),
    "page",
)
TWIN = replace(BOARD, id="mofa.go.kr/www/view.do?seq=77", url="https://www.mofa.go.kr/www/view.do?seq=77")
RECORD = replace(BOARD, id="r1", url=None, date_source="record")
FIRST = datetime(2026, 1, 1)
SECOND = FIRST + timedelta(days=1)
THIRD = SECOND + timedelta(days=1)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = open_catalogue(tmp_path)
    yield opened
    opened.close()


def read_page(page: str, *failures: tuple[str, str]) -> PageState:
    return PageState(page, "source", "sha256", "reader", FIRST, failures)


def test_the_same_release_on_two_boards_is_one_with_two_origins(catalogue: Catalogue) -> None:
    later = replace(TWIN, date=date(2023, 11, 28))

    assert catalogue.put([Reading(BOARD, "a", "a"), Reading(later, "b", "b")]) == ["added", "unchanged"]

    assert list(catalogue.ids()) == [BOARD.id]
    assert catalogue.origins(BOARD.id) == ["a", "b"]
    assert catalogue.get(BOARD.id) == BOARD
    assert catalogue.get(TWIN.id) == BOARD
    assert catalogue.get("http://mofa.go.kr/www/view.do?seq=77&utm_source=x") == BOARD


def test_a_twin_stays_one_at_the_second_reading_and_its_correction_is_a_version(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "a", "a"), Reading(TWIN, "b", "b")], FIRST)
    assert catalogue.put([Reading(BOARD, "a", "a"), Reading(TWIN, "b", "b")], SECOND) == ["unchanged", "unchanged"]

    corrected = replace(TWIN, paragraphs=counted([WORDS[0].replace("continue", "suspend"), WORDS[1]]))
    assert catalogue.put([Reading(BOARD, "a", "a"), Reading(corrected, "b", "b")], THIRD) == ["unchanged", "changed"]

    # The other board still says the old words; that is no correction back.
    fourth = THIRD + timedelta(days=1)
    assert catalogue.put([Reading(BOARD, "a", "a"), Reading(corrected, "b", "b")], fourth) == ["unchanged"] * 2
    assert [v.version for v in catalogue.versions(BOARD.id)] == [1, 2]


@pytest.mark.parametrize("again", [False, True])
def test_a_correction_on_both_boards_is_one_version(catalogue: Catalogue, again: bool) -> None:
    """In one run, or on the second board some days later."""
    catalogue.put([Reading(BOARD, "a", "a"), Reading(TWIN, "b", "b")], FIRST)
    words = counted([WORDS[0].replace("continue", "suspend"), WORDS[1]])
    corrected, twin = replace(BOARD, paragraphs=words), replace(TWIN, paragraphs=words)

    late = [Reading(TWIN, "b", "b")] if again else [Reading(twin, "b", "b")]
    assert catalogue.put([Reading(corrected, "a", "a"), *late], SECOND) == ["changed", "unchanged"]
    assert catalogue.put([Reading(corrected, "a", "a"), Reading(twin, "b", "b")], THIRD) == ["unchanged"] * 2

    kept = catalogue.get(BOARD.id)
    assert kept is not None
    assert (kept.version, kept.url, kept.paragraphs) == (2, BOARD.url, words)


def test_a_correction_that_is_taken_back_is_a_third_version(catalogue: Catalogue) -> None:
    corrected = replace(BOARD, paragraphs=counted(["Other words."]))
    for day, release in enumerate((BOARD, corrected, BOARD)):
        catalogue.put([Reading(release, "a", "a")], FIRST + timedelta(days=day))

    assert [v.version for v in catalogue.versions(BOARD.id)] == [1, 2, 3]


def test_the_same_text_in_another_format_is_one_release_and_fills_in_what_was_missing(catalogue: Catalogue) -> None:
    text_page = replace(RECORD, id="outcome-of-the-talks", date=None, date_source="")
    pdf = replace(
        BOARD,
        id="2023-11-26-outcome-of-the-talks",
        event_date=date(2023, 11, 25),
        paragraphs=tuple(Paragraph(i, str(i + 1), True, w.upper()) for i, w in enumerate(WORDS)),
    )

    assert catalogue.put([Reading(text_page, "a.txt", "a.txt"), Reading(pdf, "a.pdf", "a.pdf")]) == [
        "added",
        "unchanged",
    ]

    kept = catalogue.get("outcome-of-the-talks")
    assert kept == replace(text_page, date=BOARD.date, date_source="page", url=BOARD.url, event_date=date(2023, 11, 25))
    assert catalogue.put([Reading(text_page, "a.txt", "a.txt"), Reading(pdf, "a.pdf", "a.pdf")]) == ["unchanged"] * 2


def test_the_same_words_a_year_later_are_another_release(catalogue: Catalogue) -> None:
    yearly = replace(TWIN, date=date(2024, 11, 26))

    assert catalogue.put([Reading(BOARD, "a", "a"), Reading(yearly, "b", "b")]) == ["added", "added"]


SUDAN = Release(
    "2023-11-26-press-statement",
    "Press Statement",
    date(2023, 11, 26),
    None,
    "en",
    counted(
        ["The Government is gravely concerned about the fighting in Sudan and calls on all sides to lay down arms."]
    ),
    "page",
)
UKRAINE = replace(
    SUDAN,
    paragraphs=counted(
        ["The Government condemns the attack on the harbour of Odesa and will send generators at once."]
    ),
)


def test_two_statements_of_one_title_and_day_in_two_files_are_two_releases(catalogue: Catalogue) -> None:
    remarks: list[tuple[str, str]] = []
    both = [Reading(SUDAN, "a.txt", "a.txt"), Reading(UKRAINE, "b.txt", "b.txt")]

    assert catalogue.put(both, FIRST, remark=lambda *said: remarks.append(said)) == ["added", "added"]

    other = f"{SUDAN.id}-2"
    assert catalogue.get(SUDAN.id) == SUDAN
    assert catalogue.get(other) == replace(UKRAINE, id=other)
    assert remarks == [("b.txt", f"kept as {other!r}: {SUDAN.id!r} is another release of the same title and day")]
    for pages in (both, both[::-1], both[1:]):
        assert catalogue.put(pages, SECOND) == ["unchanged"] * len(pages)
    catalogue.pages_gone(["a.txt"], SECOND)
    corrected = replace(UKRAINE, paragraphs=counted(["The Government will send no generators."]))
    assert catalogue.put([replace(both[1], release=corrected)], THIRD) == ["changed"]
    assert [(r.id, r.version) for r in catalogue.listing()] == [(SUDAN.id, 1), (other, 2)]


def test_two_statements_of_one_title_and_day_in_one_archive_are_two_releases(catalogue: Catalogue) -> None:
    both = [Reading(SUDAN, "a.zip/a.txt", "a.zip"), Reading(UKRAINE, "a.zip/b.txt", "a.zip")]

    assert catalogue.put(both, FIRST) == ["added", "added"]
    assert catalogue.put(both, SECOND) == ["unchanged", "unchanged"]
    assert list(catalogue.ids()) == [SUDAN.id, f"{SUDAN.id}-2"]


def test_a_third_statement_of_one_title_and_day_takes_the_next_id(catalogue: Catalogue) -> None:
    third = replace(SUDAN, paragraphs=counted(["Nothing is known yet of the earthquake off the coast of Honshu."]))
    for page, release in (("a", SUDAN), ("b", UKRAINE), ("c", third)):
        assert catalogue.put([Reading(release, page, page)], FIRST) == ["added"]

    assert list(catalogue.ids()) == [SUDAN.id, f"{SUDAN.id}-2", f"{SUDAN.id}-3"]
    assert catalogue.put([Reading(third, "c", "c")], SECOND) == ["unchanged"]


def test_a_statement_corrected_by_a_word_is_one_release_wherever_it_stands(catalogue: Catalogue) -> None:
    long = replace(BOARD, id="2023-11-26-outcome-of-the-talks", url=None, paragraphs=counted([*WORDS] * 3))
    corrected = replace(long, paragraphs=counted([*WORDS * 2, WORDS[0], WORDS[1].replace("again", "soon")]))

    assert catalogue.put([Reading(long, "a", "a"), Reading(corrected, "b", "b")]) == ["added", "changed"]


def test_a_file_that_moved_and_was_rewritten_meanwhile_keeps_its_release(catalogue: Catalogue) -> None:
    catalogue.put([Reading(SUDAN, "a.txt", "a.txt")], FIRST)
    catalogue.pages_gone(["a.txt"], SECOND)

    assert catalogue.put([Reading(UKRAINE, "b.txt", "b.txt")], THIRD) == ["changed"]


def test_a_removed_statement_stays_away_and_the_other_one_of_its_title_stays(catalogue: Catalogue) -> None:
    both = [Reading(SUDAN, "a", "a"), Reading(UKRAINE, "b", "b")]
    catalogue.put(both, FIRST)

    assert catalogue.remove(SUDAN.id) is True
    assert catalogue.put(both, SECOND, again=False) == ["unchanged", "unchanged"]
    assert list(catalogue.ids()) == [f"{SUDAN.id}-2"]


def test_a_title_corrected_in_its_file_is_a_version_of_the_same_release(catalogue: Catalogue) -> None:
    misspelt = replace(SUDAN, id="2023-11-26-press-statment", title="Press Statment")
    catalogue.put([Reading(misspelt, "a.txt", "a.txt")], FIRST)
    catalogue.pages_read([read_page("a.txt")], FIRST)

    assert catalogue.put([Reading(SUDAN, "a.txt", "a.txt")], SECOND) == ["changed"]
    catalogue.pages_read([read_page("a.txt")], SECOND)

    assert catalogue.withdraw(SECOND) == 0
    assert catalogue.get(SUDAN.id) == replace(SUDAN, id=misspelt.id, version=2)
    assert catalogue.put([Reading(SUDAN, "a.txt", "a.txt")], THIRD) == ["unchanged"]


def test_another_statement_in_the_place_of_a_file_is_another_release(catalogue: Catalogue) -> None:
    catalogue.put([Reading(SUDAN, "latest.txt", "latest.txt")], FIRST)
    next_one = replace(UKRAINE, id="2023-11-27-press-statement", date=date(2023, 11, 27))

    assert catalogue.put([Reading(next_one, "latest.txt", "latest.txt")], SECOND) == ["added"]


def test_among_several_records_of_one_file_a_new_title_is_a_new_release(catalogue: Catalogue) -> None:
    first = replace(UKRAINE, id="2023-11-26-first", title="First")
    second = replace(UKRAINE, id="2023-11-26-second", title="Second")
    catalogue.put([Reading(SUDAN, "a:1", "a"), Reading(first, "a:2", "a")], FIRST)

    assert catalogue.put([Reading(SUDAN, "a:1", "a"), Reading(second, "a:2", "a")], SECOND) == ["unchanged", "added"]


def test_records_with_ids_of_their_own_stay_apart_whatever_they_say(catalogue: Catalogue) -> None:
    other = replace(RECORD, id="r2")

    assert catalogue.put([Reading(RECORD, "a:1", "a", own_id=True), Reading(other, "a:2", "a", own_id=True)]) == [
        "added",
        "added",
    ]

    catalogue.relate(10)
    assert catalogue.near_duplicates(["r1", "r2"]) == {
        "r1": [NearDuplicate("r2", 1.0)],
        "r2": [NearDuplicate("r1", 1.0)],
    }


def test_a_records_own_id_takes_the_place_of_one_made_up_for_the_same_text(catalogue: Catalogue) -> None:
    corrected = replace(BOARD, paragraphs=counted([*WORDS, "A third one."]))
    catalogue.put([Reading(BOARD, "page", "page")], FIRST)
    catalogue.put([Reading(corrected, "page", "page")], SECOND)
    catalogue.relate(10)
    record = replace(corrected, id="r1", url=None)

    assert catalogue.put([Reading(record, "dump:1", "dump", own_id=True)], THIRD) == ["unchanged"]

    assert list(catalogue.ids()) == ["r1"]
    assert catalogue.get(BOARD.id) == catalogue.get("r1") == replace(corrected, id="r1", version=2)
    assert catalogue.get("r1", 1) == replace(BOARD, id="r1")
    assert catalogue.origins("r1") == ["dump:1", "page"]
    assert catalogue.to_index(10) == sorted([BOARD.id, "r1"])
    assert catalogue.put([Reading(corrected, "page", "page")], THIRD + timedelta(days=1)) == ["unchanged"]


def test_a_record_is_corrected_also_where_only_a_sign_differs_and_its_line_moved(catalogue: Catalogue) -> None:
    moved = replace(RECORD, paragraphs=counted([WORDS[0] + "?", WORDS[1]]))
    catalogue.put([Reading(RECORD, "a:1", "a", own_id=True)], FIRST)

    assert catalogue.put([Reading(moved, "a:2", "a", own_id=True)], SECOND) == ["changed"]


def test_near_duplicates_are_linked_and_an_other_text_is_not(catalogue: Catalogue) -> None:
    long = [
        f"{word} number {n} was opened by the minister in the presence of {n} guests."
        for n in range(9)
        for word in ("Hall", "School")
    ]
    one = replace(RECORD, id="one", paragraphs=counted(long))
    two = replace(RECORD, id="two", title="Again", paragraphs=counted([*long, "The day ended with music."]))
    other = replace(RECORD, id="other", paragraphs=counted(WORDS))
    catalogue.put([Reading(r, r.id, r.id, own_id=True) for r in (one, other)])
    assert catalogue.relate(10) == 2
    assert catalogue.near_duplicates(["one", "other"]) == {}

    catalogue.put([Reading(two, "two", "two", own_id=True)])
    assert catalogue.relate(10) == 1
    assert catalogue.relate(10) == 0

    assert {
        i: [n.release_id for n in near] for i, near in catalogue.near_duplicates(["one", "two", "other"]).items()
    } == {
        "one": ["two"],
        "two": ["one"],
    }

    catalogue.put([Reading(replace(two, paragraphs=counted(["Not at all."])), "two", "two", own_id=True)])
    assert catalogue.near_duplicates(["one"]) == {}
    assert catalogue.relate(10) == 1
    assert catalogue.near_duplicates(["one", "two"]) == {}


def test_what_is_gone_from_its_page_is_withdrawn_with_the_day_and_comes_back(catalogue: Catalogue) -> None:
    both = [
        Reading(RECORD, "a:1", "a", own_id=True),
        Reading(replace(RECORD, id="r2", title="Other"), "a:2", "a", own_id=True),
    ]
    catalogue.put(both, FIRST)
    catalogue.pages_read([read_page("a")], FIRST)
    assert catalogue.withdraw(FIRST) == 0

    catalogue.put([replace(both[1], origin="a:1")], SECOND)
    catalogue.pages_read([read_page("a")], SECOND)

    assert catalogue.withdraw(SECOND) == 1
    gone = catalogue.get("r1")
    assert gone == replace(RECORD, withdrawn=date(2026, 1, 2))
    assert [(p.origin, p.gone_at) for p in catalogue.places("r1")] == [("a:1", SECOND)]
    assert catalogue.origins("r2") == ["a:1"]
    assert [r.withdrawn for r in catalogue.listing()] == [date(2026, 1, 2), None]

    assert catalogue.put(both, THIRD) == ["returned", "unchanged"]
    catalogue.pages_read([read_page("a")], THIRD)
    assert catalogue.withdraw(THIRD) == 0
    assert catalogue.get("r1") == RECORD


def test_a_page_with_a_broken_part_withdraws_nothing(catalogue: Catalogue) -> None:
    catalogue.put([Reading(RECORD, "a:1", "a", own_id=True)], FIRST)
    catalogue.pages_read([read_page("a")], FIRST)
    catalogue.pages_read([read_page("a", ("a:2", "no JSON"))], SECOND)

    assert catalogue.withdraw(SECOND) == 0


def test_a_release_that_stands_elsewhere_too_or_moved_in_the_same_run_is_not_withdrawn(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "a", "a"), Reading(TWIN, "b", "b")], FIRST)
    catalogue.pages_gone(["a"], SECOND)
    assert catalogue.withdraw(SECOND) == 0

    catalogue.pages_gone(["b"], THIRD)
    assert catalogue.put([Reading(BOARD, "c", "c")], THIRD) == ["unchanged"]
    assert catalogue.withdraw(THIRD) == 0


def test_an_item_that_fell_off_its_feed_is_not_withdrawn(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "feed:1", "feed", lasting=False)], FIRST)
    catalogue.pages_read([read_page("feed")], FIRST)
    catalogue.pages_read([read_page("feed")], SECOND)

    assert catalogue.withdraw(SECOND) == 0


def test_a_date_set_by_hand_outlives_later_readings_until_it_is_taken_back(catalogue: Catalogue) -> None:
    undated = replace(RECORD, date=None, date_source="")
    catalogue.put([Reading(undated, "a", "a", own_id=True)], FIRST)
    catalogue.indexed(catalogue.get_many(["r1"]), ["r1"])

    assert catalogue.set_date("r1", date(2020, 2, 29)) is True
    assert catalogue.to_index(10) == ["r1"]
    assert catalogue.put([Reading(undated, "a", "a", own_id=True)], SECOND) == ["unchanged"]
    corrected = replace(RECORD, paragraphs=counted(["Corrected."]))
    assert catalogue.put([Reading(corrected, "a", "a", own_id=True)], THIRD) == ["changed"]

    dated = catalogue.get("r1")
    assert dated == replace(corrected, date=date(2020, 2, 29), date_source="by hand", version=2)
    assert catalogue.span(date(2020, 1, 1), date(2020, 12, 31)).releases == 1

    assert catalogue.set_date("r1", None) is True
    assert catalogue.get("r1") == replace(corrected, version=2)
    assert catalogue.set_date("nothing", None) is False


def test_what_was_removed_on_request_stays_away_at_sync_and_comes_back_when_named(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "a", "a"), Reading(TWIN, "b", "b")], FIRST)
    catalogue.pages_read([read_page("a"), read_page("b")], FIRST)

    assert catalogue.remove(TWIN.id) is True

    assert catalogue.put([Reading(BOARD, "a", "a"), Reading(TWIN, "b", "b")], SECOND, again=False) == ["unchanged"] * 2
    assert list(catalogue.ids()) == []
    assert catalogue.removed_from() == {"a", "b"}
    # Nor does a run bring it back that was under way when it was removed.
    assert catalogue.put([Reading(BOARD, "a", "a")], SECOND) == ["unchanged"]
    assert catalogue.put([Reading(BOARD, "a", "a")], utc_now()) == ["added"]


def test_what_is_tried_on_a_copy_is_seen_nowhere_else(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.put([Reading(BOARD, "a", "a")])
    before = sorted(path.name for path in tmp_path.iterdir())

    with open_rehearsal(tmp_path) as copy:
        assert copy.get(BOARD.id) == BOARD
        assert copy.put([Reading(BOARD, "a", "a"), Reading(RECORD, "b", "b", own_id=True)]) == ["unchanged"] * 2
        assert copy.remove("r1") is True

    assert catalogue.get(BOARD.id) == BOARD
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_copy_is_made_without_a_trace_also_of_a_catalogue_that_nobody_has_open_and_of_none(tmp_path: Path) -> None:
    with closing(open_catalogue(tmp_path)) as catalogue:
        catalogue.put([Reading(BOARD, "a", "a")])

    with open_rehearsal(tmp_path) as copy:
        assert list(copy.ids()) == [BOARD.id]
    with open_rehearsal(tmp_path / "missing") as copy:
        assert list(copy.ids()) == []

    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.sqlite"]


def test_a_database_of_any_kind_is_copied_table_by_table(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.put([Reading(BOARD, "a", "a"), Reading(RECORD, "b", "b", own_id=True)])
    catalogue.keep_source("a", {"since": "2023-01-01"})
    catalogue.relate(10)

    with open_rehearsal(tmp_path / "elsewhere", url=f"sqlite:///{tmp_path}/catalogue.sqlite") as copy:
        for table in Table.metadata.sorted_tables:
            with copy.engine.connect() as there, catalogue.engine.connect() as here:
                assert sorted(map(str, there.execute(select(table)))) == sorted(map(str, here.execute(select(table))))
    assert not (tmp_path / "elsewhere").exists()


def test_a_damaged_catalogue_cannot_be_copied_and_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database" * 1000)

    with pytest.raises(ValueError, match=r"is damaged .* put a copy of it back"), open_rehearsal(tmp_path):
        pass


def test_a_writer_that_never_gets_its_turn_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WRITERS_SECONDS", 0)
    with closing(open_catalogue(tmp_path)) as catalogue, closing(open_catalogue(tmp_path)) as other:
        with catalogue._writing() as session:
            session.execute(text("SELECT 1"))
            with pytest.raises(ValueError, match="another process has been writing in the catalogue for 0 s without"):
                other.put([Reading(BOARD, "a", "a")])
        assert other.put([Reading(BOARD, "a", "a")]) == ["added"]


def test_what_a_server_said_of_an_address_is_kept(catalogue: Catalogue) -> None:
    said = {"etag": '"1"', "last_modified": None, "content_hash": "abc", "fetched_at": FIRST}
    assert catalogue.fetch_state("https://x.org/a") is None

    catalogue.keep_fetch_state("https://x.org/a", **said)  # type: ignore[arg-type]  # the types are those of the values
    catalogue.keep_fetch_state("https://x.org/a", **said | {"etag": '"2"'})  # type: ignore[arg-type]  # as above

    kept = catalogue.fetch_state("https://x.org/a")
    assert kept is not None
    assert (kept.etag, kept.last_modified, kept.content_hash, kept.fetched_at) == ('"2"', None, "abc", FIRST)
    catalogue.forget_fetch_state("https://x.org/a")
    assert catalogue.fetch_state("https://x.org/a") is None


def test_a_reader_sees_one_moment_while_another_writes(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "a", "a")])
    ids = catalogue.ids()
    next(ids)

    catalogue.remove(BOARD.id)

    assert list(ids) == []
    assert catalogue.get(BOARD.id) is None


# As version 0.1.0 wrote it: the statements of its SQLAlchemy, to the letter.
OLD_SCHEMA = """
CREATE TABLE releases (id VARCHAR NOT NULL, version INTEGER NOT NULL, fingerprint VARCHAR NOT NULL,
    title VARCHAR NOT NULL, date DATE, PRIMARY KEY (id));
CREATE INDEX ix_releases_date ON releases (date);
CREATE TABLE to_index (release_id VARCHAR NOT NULL, PRIMARY KEY (release_id));
CREATE TABLE versions (release_id VARCHAR NOT NULL, version INTEGER NOT NULL, title VARCHAR NOT NULL, date DATE,
    date_source VARCHAR NOT NULL, url VARCHAR, language VARCHAR NOT NULL, read_at DATETIME NOT NULL,
    PRIMARY KEY (release_id, version), FOREIGN KEY(release_id) REFERENCES releases (id) ON DELETE CASCADE);
CREATE TABLE paragraphs (release_id VARCHAR NOT NULL, version INTEGER NOT NULL, "index" INTEGER NOT NULL,
    number VARCHAR NOT NULL, numbered BOOLEAN NOT NULL, text VARCHAR NOT NULL, notes VARCHAR NOT NULL,
    PRIMARY KEY (release_id, version, "index"), FOREIGN KEY(release_id) REFERENCES releases (id) ON DELETE CASCADE);
CREATE INDEX paragraphs_by_number ON paragraphs (release_id, number);
CREATE TABLE origins (origin VARCHAR NOT NULL, release_id VARCHAR NOT NULL, read_at DATETIME NOT NULL,
    PRIMARY KEY (origin, release_id), FOREIGN KEY(release_id) REFERENCES releases (id) ON DELETE CASCADE);
"""


def old_catalogue(folder: Path, release: Release) -> None:
    connection = sqlite3.connect(folder / "catalogue.sqlite")
    connection.executescript(OLD_SCHEMA)
    day = release.date.isoformat() if release.date else None
    connection.execute(
        "INSERT INTO releases VALUES (?, 1, ?, ?, ?)", (release.id, release.fingerprint, release.title, day)
    )
    connection.execute(
        "INSERT INTO versions VALUES (?, 1, ?, ?, ?, ?, ?, '2025-01-01 00:00:00.000000')",
        (release.id, release.title, day, release.date_source, release.url, release.language),
    )
    connection.executemany(
        "INSERT INTO paragraphs VALUES (?, 1, ?, ?, ?, ?, '[]')",
        [(release.id, p.index, p.number, p.numbered, p.text) for p in release.paragraphs],
    )
    connection.execute("INSERT INTO origins VALUES ('page.txt', ?, '2025-01-01 00:00:00.000000')", (release.id,))
    connection.commit()
    connection.close()


def test_a_catalogue_of_version_0_1_0_is_brought_up_to_date_in_place(tmp_path: Path) -> None:
    # Ids of addresses kept their "www." then.
    old = replace(BOARD, id="www.mofa.go.kr/eng/view.do?seq=1")
    old_catalogue(tmp_path, old)

    catalogue = open_catalogue(tmp_path)

    assert catalogue.get(old.id) == old
    assert catalogue.get(BOARD.id) == old
    assert (
        catalogue.put([Reading(BOARD, "/now/page.txt", "/now/page.txt"), Reading(TWIN, "b", "b")], FIRST)
        == ["unchanged"] * 2
    )
    assert catalogue.relate(10) == 1
    assert catalogue.to_index_count() == 0
    # The place that is known by its page decides from now on.
    catalogue.pages_gone(["/now/page.txt", "b"], THIRD)
    assert catalogue.withdraw(THIRD) == 1
    catalogue.close()


def test_a_catalogue_that_was_brought_up_to_date_has_the_form_of_a_new_one(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old_catalogue(tmp_path / "old", BOARD)

    def form(folder: Path) -> tuple[object, object]:
        catalogue = open_catalogue(folder)
        with catalogue.engine.connect() as connection:
            tables = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")
            ).scalars()
            names = sorted(n for n in tables if not n.startswith("sqlite_"))
            columns = {
                name: sorted(
                    (c.name, str(c.notnull), str(c.pk))
                    for c in connection.execute(text(f"PRAGMA table_info('{name}')"))
                )
                for name in names
            }
        catalogue.close()
        return names, columns

    assert form(tmp_path / "old") == form(tmp_path / "new")


def test_a_catalogue_of_a_later_version_is_refused_in_words(tmp_path: Path) -> None:
    catalogue = open_catalogue(tmp_path)
    with catalogue.engine.begin() as connection:
        connection.execute(text(f"UPDATE schema_version SET version = {CURRENT + 1}"))
    catalogue.close()

    with pytest.raises(CatalogueTooNew, match=f"has form {CURRENT + 1}, .* upgrade it"):
        open_catalogue(tmp_path)


def test_a_damaged_catalogue_is_told_in_one_line_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_text("Not a database at all, but the text of somebody's notes.")

    with pytest.raises(
        ValueError, match=r"catalogue\.sqlite is damaged \(file is not a database\): put a copy of it back"
    ):
        open_catalogue(tmp_path)


def test_a_catalogue_that_turns_out_damaged_while_it_is_read_is_told_the_same_way(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "a", "a")])
    with catalogue.engine.begin() as connection:
        connection.execute(text("PRAGMA writable_schema=ON"))
        connection.execute(text("UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'releases'"))
    catalogue.close()

    with pytest.raises(ValueError, match=r"catalogue\.sqlite is damaged \("):
        catalogue.listing()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("foo", "^'foo' is no database to keep the catalogue in"),
        ("foo://me:secret@host/name", "^'foo' is no database to keep the catalogue in"),
        ("mysql://me:secret@host/name", "^the catalogue's database needs MySQLdb, which is not installed"),
    ],
)
def test_an_address_of_no_usable_database_is_refused_in_words_without_its_password(
    tmp_path: Path, url: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        open_catalogue(tmp_path, url)

    assert "secret" not in str(refused.value)


def test_there_is_no_version_zero(catalogue: Catalogue) -> None:
    catalogue.put([Reading(BOARD, "a", "a")])

    assert catalogue.get(BOARD.id, 0) is None
    assert catalogue.get(BOARD.id, 1) == BOARD


def test_the_statements_are_ones_that_postgresql_reads() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    from vectorstore.tables import Table

    made = {t.name: str(CreateTable(t).compile(dialect=postgresql.dialect())) for t in Table.metadata.sorted_tables}

    assert "band BIGINT NOT NULL" in made["bands"]
    assert "signature BYTEA NOT NULL" in made["signatures"]
    assert "number SERIAL NOT NULL" in made["signatures"]
    assert "own_id BOOLEAN DEFAULT true NOT NULL" in made["releases"]
