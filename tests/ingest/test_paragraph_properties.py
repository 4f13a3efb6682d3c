"""Whatever a page says, cutting it into numbered paragraphs loses none of its words."""

import re
import time
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.dates import find_dates
from ingest.formats.text import units_of
from ingest.furniture import body_of
from ingest.markers import STYLES, level_of
from ingest.numbering import numbering_remark, paragraphs, positioned
from ingest.rows import readable_rows
from vectorstore import Paragraph

_MARKS = st.sampled_from(
    "1. |2. |3. |7. |1) |2) |(1) |(2) |① |② |一、|二、|가. |나. |Article 1 |Article 2. |제1조|I. |II. |A. |B. |Sec. 1. |"
    "□ |○ |ㅇ |- |• |* |** |※ |† |[1] |¹|주1) |".split("|")
)
_WORDS = st.sampled_from(
    "We met in Busan.|They agreed on:|trade|peace and games|양측은 만났다.|회담 개요|joined1) the Convention|joined[1]|in May¹|Trade*|"
    "Annex|Part II|Country: Korea; Exports: 5|the G7)|2023|3.5 million|10th|as follows.|双方会见。|…|*|1.|□".split("|")
)
UNITS = st.lists(
    st.one_of(
        st.builds(lambda mark, *words: mark + " ".join(words), _MARKS, _WORDS, _WORDS),
        st.builds(lambda mark, words: mark + words, _MARKS, _WORDS),
        st.text(max_size=30),
    ),
    max_size=14,
)


def words(text: str) -> Counter[str]:
    return Counter(re.sub(r"\s+", "", text))


def printed(unit: str) -> Counter[str]:
    """The characters of all marks that a unit could be cited by."""
    marks = [unit[: found.end()] for style in STYLES if (found := style.match(unit))]
    level = level_of(unit)
    return words(max([*marks, unit[: len(unit) - len(level[1])] if level else ""], key=len))


def assert_whole(units: list[str], made: tuple[Paragraph, ...]) -> None:
    said = words("".join(units))
    kept = words("".join(paragraph.text for paragraph in made))
    marks: Counter[str] = Counter()
    for unit in units:
        marks += printed(unit)
    assert kept - said == Counter(), "nothing is said that the page does not say"
    assert said - kept - marks == Counter(), "nothing but printed marks is lost"
    for paragraph in made:
        assert paragraph.number
        ends = [0, *(note.end for note in paragraph.notes)]
        for note, end_before in zip(paragraph.notes, ends, strict=False):
            assert end_before <= note.start < note.end <= len(paragraph.text)
            assert paragraph.text[note.start : note.end].startswith(note.marker)
            assert paragraph.text[note.start : note.end] == paragraph.text[note.start : note.end].strip()


@given(UNITS)
@example(["They joined1) it.", "1) In May.", "2. They left."])
@example(["I. Trade", "1. We met.", "II. Peace", "1. We talk.", "2. We agree."])
@settings(deadline=None)
def test_no_word_of_a_page_is_lost(units: list[str]) -> None:
    made = paragraphs(units)

    assert_whole(units, made)
    assert [paragraph.index for paragraph in made] == list(range(len(made)))
    numbering_remark(made)


@given(UNITS)
@example(["Article 1", "The sides meet.", "Article 2"])
@settings(deadline=None)
def test_no_word_of_a_record_is_lost_and_every_paragraph_keeps_its_position(texts: list[str]) -> None:
    made = positioned(texts)

    assert_whole(texts, made)
    for paragraph in made:
        assert words(paragraph.text.split("\n")[0]) - words(texts[paragraph.index]) == Counter()
    assert len({paragraph.index for paragraph in made}) == len(made)
    assert all(paragraph.text.strip() for paragraph in made)


@given(st.text(alphabet="ab1 \t|\n-.", max_size=120))
@settings(deadline=None)
def test_tables_in_a_text_lose_no_cell(text: str) -> None:
    said = words(re.sub(r"[|\-\t]", "", text))
    assert set(said) <= set(words(readable_rows(text))) | set(".")


@given(st.text(alphabet="ab. 1\n\t*-", max_size=200))
@settings(deadline=None)
def test_no_word_is_lost_where_lines_are_joined(text: str) -> None:
    assert words("".join(units_of(text))) - words(text) <= words(";:" * 200)
    assert words(re.sub(r"[\t]", "", text)) - words("".join(units_of(text))) == Counter()


@pytest.mark.parametrize(
    "unit",
    [
        "* a note",
        "They met.* * * *",
        "(510) 763-0370",
        "Contact:",
        "They met on 3 May 2023, in 2022.1.1, and on 3 June.",
        "1) They joined1).",
        "Country: Korea; Exports: 5",
        "- - - - - -",
        "a\tb",
        "□ 양측은 만났다.",
        "1. They met.",
    ],
)
def test_a_page_twice_as_long_takes_twice_as_long_to_cut(unit: str) -> None:
    def seconds(lines: int) -> float:
        units = units_of("\n".join([unit] * lines))
        began = time.process_time()
        body_of(units)
        paragraphs(["1. They met.", *units, "2. They left."])
        find_dates(" ".join(units))
        return time.process_time() - began

    seconds(100)
    # What else is running can only add to it.
    short, long = (min(seconds(lines) for _ in range(3)) for lines in (1_000, 8_000))
    # Eight times as long, twice over for what a busy machine adds; were it quadratic, it would be 64.
    assert long < 0.5 or long < 24 * short
