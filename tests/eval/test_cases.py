"""Gold cases are read whole or refused in one line, and are proved against the releases."""

import json
from pathlib import Path

import pytest

from eval.cases import CASES, KINDS, Case, Expected, check, located, read_cases, says
from vectorstore import Release

JOINED = Case(
    id="c1",
    question="When did China join the Apostille Convention?",
    kind="date",
    expected=(Expected("meeting", 1, "China joined in March 2023"),),
    must=("March 2023",),
    answer="March 2023",
)


def write(file: Path, *lines: object) -> Path:
    file.write_text(
        "".join((x if isinstance(x, str) else json.dumps(x, ensure_ascii=False)) + "\n" for x in lines),
        encoding="utf-8",
    )
    return file


def changed(**fields: object) -> Case:
    return Case(**{**JOINED.__dict__, **fields})


def test_a_case_is_read_with_every_field(tmp_path: Path) -> None:
    line = {
        "id": "c1",
        "question": "And when?",
        "history": ["Did China join the Apostille Convention?"],
        "kind": "followup",
        "language": "en",
        "answerable": True,
        "expected": [{"release_id": "meeting", "index": 1, "quote": "in March 2023"}],
        "need": "all",
        "must": ["March 2023"],
        "must_not": ["November"],
        "answer": "March 2023",
        "missing": "",
    }
    assert read_cases(write(tmp_path / "cases.jsonl", line)) == [
        Case(
            id="c1",
            question="And when?",
            history=("Did China join the Apostille Convention?",),
            kind="followup",
            language="en",
            answerable=True,
            expected=(Expected("meeting", 1, "in March 2023"),),
            need="all",
            must=("March 2023",),
            must_not=("November",),
            answer="March 2023",
            missing="",
        )
    ]


def test_a_folder_is_read_in_the_order_of_its_files_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", {"id": "2", "question": "Why?", "answerable": False}, "")
    write(tmp_path / "a.jsonl", "", {"id": "1", "question": "A line\u2028break?", "answerable": False})
    write(tmp_path / "notes.txt", "not a case")
    assert [(c.id, c.question) for c in read_cases(tmp_path)] == [("1", "A line\u2028break?"), ("2", "Why?")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{oops", "Invalid JSON"),
        ({"id": "1"}, "question: Field required"),
        ({"id": "1", "question": " ", "answerable": False}, "the question is empty"),
        ({"id": "1", "question": "Why?"}, 'no paragraph is expected; give one, or say "answerable": false'),
        ({"id": "1", "question": "Why?", "answerable": False, "must": "tuple"}, "must: Input should be a valid"),
        (
            {"id": "1", "question": "Why?", "answerable": False, "must_nott": []},
            "must_nott: there is no such field; there are id",
        ),
        ({"id": "1", "question": "Why?", "expected": [{"index": 1}]}, "expected.0.release_id: Field required"),
        ({"id": "1", "question": "Why?", "answerable": False, "must": ["("]}, "'(' is not a regular expression"),
        ({"id": "ok", "question": "Why?", "answerable": False}, "a case with the id 'ok' was read before"),
    ],
)
def test_a_line_that_is_no_case_is_refused_in_one_line_that_names_it(tmp_path: Path, line: object, reason: str) -> None:
    file = write(tmp_path / "cases.jsonl", {"id": "ok", "question": "Who?", "answerable": False}, line)
    with pytest.raises(ValueError, match="line 2") as error:
        read_cases(file)
    assert str(error.value).startswith(f"{file}, line 2: {reason}")
    assert "\n" not in str(error.value)


def test_where_there_is_no_case_the_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no cases"):
        read_cases(tmp_path)
    with pytest.raises(ValueError, match=r"missing\.jsonl cannot be read: No such file"):
        read_cases(tmp_path / "missing.jsonl")


def test_an_index_that_was_left_out_is_found_by_the_quote(known: dict[str, Release]) -> None:
    assert located([changed(expected=(Expected("meeting", None, "in March 2023"),))], known) == [
        changed(expected=(Expected("meeting", 1, "in March 2023"),))
    ]


def test_a_case_that_fits_its_release_has_no_problems(known: dict[str, Release]) -> None:
    nothing = Case(id="c2", question="What did it cost?", answerable=False, missing="the cost")
    again = changed(id="c3", history=("Another thing first?",))
    assert check([JOINED, nothing, again], known) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"expected": (Expected("gone", 1, "x"),)}, "there is no release 'gone'"),
        ({"expected": (Expected("meeting", 7, "x"),)}, "'meeting' has no paragraph with index 7"),
        (
            {"expected": (Expected("meeting", 2, "China joined in March 2023"),)},
            "paragraph 2 of 'meeting' does not say 'China joined in March 2023'",
        ),
        # A straight apostrophe is not the release's own.
        (
            {"expected": (Expected("meeting", 1, "China's accession"),)},
            "paragraph 1 of 'meeting' does not say \"China's accession\"",
        ),
        ({"must": ("(",)}, "'(' is not a regular expression: missing ), unterminated subpattern at position 0"),
        ({"must": ("August",)}, "the reference answer does not say 'August'"),
        ({"must": ("August",), "answer": ""}, "no expected quote says 'August'"),
        ({"must": ("joined",)}, "the reference answer does not say 'joined'"),
        ({"expected": (Expected("meeting", 1),)}, "no quote says where in paragraph 1 of 'meeting' the answer stands"),
        ({"kind": "riddle"}, f"there is no kind 'riddle'; there are {', '.join(KINDS)}"),
        (
            {"must_not": ("joined",)},
            "the reference answer or an expected quote says 'joined', which a right answer must not",
        ),
        ({"answerable": False}, "cannot be answered, yet expects something"),
    ],
)
def test_what_does_not_fit_is_told_in_a_line(
    known: dict[str, Release], fields: dict[str, object], problem: str
) -> None:
    assert check([changed(**fields)], known) == [f"c1: {problem}"]


def test_ids_and_questions_come_once(known: dict[str, Release]) -> None:
    shouted = changed(question="WHEN did China  join the Apostille Convention")
    assert check([JOINED, shouted], known) == [
        "c1: the id comes twice",
        "c1: asks the same as c1: 'WHEN did China  join the Apostille Convention'",
    ]


def test_a_pattern_is_found_whatever_the_capitals_white_space_and_quotation_marks() -> None:
    assert says("He said:\n“China’s  accession”", '"china\'s accession"')
    assert says("China's", "China’s")
    assert not says("Chinas", "China’s")
    assert not says("twofold", r"\btwo\b")


def test_our_own_cases_fit_the_samples(sample_releases: dict[str, Release]) -> None:
    cases = read_cases(CASES)
    assert check(cases, sample_releases) == []
    assert all(e.index is not None for case in cases for e in case.expected)
    assert {case.kind for case in cases} == set(KINDS)
    assert len(cases) >= 250
    assert sum(not case.answerable for case in cases) >= 0.2 * len(cases)


def test_kinds_that_nothing_answers_are_unanswerable_in_our_cases() -> None:
    never = {"near_miss", "false_premise", "off_topic", "confusable"}
    assert [case.id for case in read_cases(CASES) if case.kind in never and case.answerable] == []
