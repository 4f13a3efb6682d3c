"""Cases are proposed from the text, decided about by a person, and never lost."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from eval.cases import Case, check, read_cases
from eval.draft import RULES, Draft, decide, proposals
from vectorstore import Paragraph, Release

TEXT = (
    "Foreign Minister Park visited Beijing on May 3, 2024.",
    "Australia will deliver $212 million in grant aid to purchase vaccines. He thanked everybody.",
    "China donated more than 500,000 doses to Nepal in order to end the pandemic.",
    "The two sides agreed to meet again in Seoul in January 2025.",
    "Minister Wang stressed that the door remains open to talks.",
    "The meeting room is on the third floor.",
)
RELEASE = Release(
    "mofa/1",
    "Outcome of the Talks",
    date(2024, 5, 4),
    None,
    "en",
    tuple(Paragraph(n, str(n + 1), True, text) for n, text in enumerate(TEXT)),
)
PROPOSED = [*proposals([RELEASE])]


def by_kind(kind: str) -> list[Case]:
    return [p.case for p in PROPOSED if p.case.kind == kind]


def test_questions_are_made_from_dates_numbers_purposes_actors_and_paragraph_numbers() -> None:
    asked = {p.case.question: p.case.answer for p in PROPOSED if p.case.answerable}
    assert asked == {
        "When did Foreign Minister Park visit Beijing?": "May 3, 2024",
        "How much will Australia deliver in grant aid to purchase vaccines?": "$212 million",
        "How many doses did China donate to Nepal in order to end the pandemic?": "more than 500,000",
        "When did the two sides agree to meet again in Seoul, according to “Outcome of the Talks”?": "January 2025",
        "Who stressed that the door remains open to talks?": "Minister Wang",
        "What does paragraph 4 of “Outcome of the Talks” say?": TEXT[3],
    }


def test_what_a_release_says_of_talks_is_asked_with_its_title_since_other_releases_tell_of_other_talks() -> None:
    text = (
        "President Joseph R. Biden, Jr. spoke today with Prime Minister Kishida Fumio of Japan to thank him. "
        "The two leaders discussed the war, which both condemn. They also underscored the strength of the Alliance. "
        "We reaffirm that peace and stability, including in space, matter; they last. He condemned. "
        "The two leaders discussed trade."
    )
    call = replace(RELEASE, title="Readout", paragraphs=(Paragraph(0, "1", False, text),))
    found = [*proposals([call])]
    assert {p.case.question: p.case.answer for p in found} == {
        "Whom did President Joseph R. Biden, Jr. speak with on 4 May 2024?": "Prime Minister Kishida Fumio of Japan",
        "What did the two leaders discuss, according to “Readout”?": "the war",
        "What was underscored, according to “Readout”?": "the strength of the Alliance",
        "What does “Readout” reaffirm?": "peace and stability, including in space, matter",
    }
    assert check([p.case for p in found], {call.id: call}) == []


def test_every_proposal_is_a_case_that_fits_its_release() -> None:
    for proposal in PROPOSED:
        assert check([proposal.case], {RELEASE.id: RELEASE}) == []
    assert len({p.case.id for p in PROPOSED}) == len(PROPOSED)
    assert [p.case.id for p in proposals([RELEASE])] == [p.case.id for p in PROPOSED]


def test_what_one_did_is_asked_of_another_as_a_question_that_nothing_answers() -> None:
    (first, *_) = by_kind("confusable")
    assert first.question == "When did Australia visit Beijing?"
    assert (first.answerable, first.expected, first.missing) == (
        False,
        (),
        "stated of Foreign Minister Park, not of Australia",
    )


@pytest.mark.parametrize("name", RULES)
def test_every_rule_finds_something_in_the_samples_or_here(name: str) -> None:
    from eval.draft import _told

    text = (
        "Japan opened an office in order to help refugees. President Kim spoke today with Prime Minister Sato of Japan."
    )
    extra = replace(RELEASE, paragraphs=(Paragraph(0, "1", False, text),))
    told = [*_told(RELEASE), *_told(extra)]
    assert [p for t in told for p in RULES[name](t)]


def typed(*keys: str) -> Callable[[str], str]:
    """What a person types, one line after the other; then the input ends."""
    lines: Iterator[str] = iter(keys)

    def ask(_prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    return ask


def deciding(file: Path, *keys: str) -> bool:
    return decide(Draft(file), PROPOSED, typed(*keys), Console(file=io.StringIO()))


def test_what_is_kept_is_a_file_of_cases_and_what_is_rejected_is_not_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "mine" / "cases.jsonl"
    assert not deciding(file, "k", "r", "k", "q")
    kept = read_cases(file)
    assert [c.question for c in kept] == [PROPOSED[0].case.question, PROPOSED[2].case.question]
    assert kept[0] == PROPOSED[0].case
    assert check(kept, {RELEASE.id: RELEASE}) == []
    # The same command goes on with the fourth.
    assert deciding(file, *["k"] * (len(PROPOSED) - 3))
    assert [c.id for c in read_cases(file)] == [p.case.id for n, p in enumerate(PROPOSED) if n != 1]
    assert deciding(file)


def test_an_edited_case_is_kept_as_it_was_typed(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    deciding(file, "e", "When was Park in Beijing?", "3 May 2024", "visited Beijing on May 3, 2024", "", "k", "q")
    (case,) = read_cases(file)
    assert (case.question, case.answer, case.must) == ("When was Park in Beijing?", "3 May 2024", (r"3\ May\ 2024",))
    assert case.expected[0].quote == "visited Beijing on May 3, 2024"
    # It is not proposed a second time, though it has another wording now.
    assert PROPOSED[0].case.id in Draft(file).decided


def test_a_quote_that_is_not_there_cannot_be_kept(tmp_path: Path) -> None:
    file, out = tmp_path / "cases.jsonl", io.StringIO()
    keys = typed("e", "", "", "visited Tokyo", "", "k", "r", "q")
    decide(Draft(file), PROPOSED, keys, Console(file=out, width=200))
    assert "Not yet: " in out.getvalue()
    assert "does not say 'visited Tokyo'" in out.getvalue()
    assert not file.exists()


def test_skipping_a_release_leaves_its_other_proposals_for_another_time(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    assert deciding(file, "s")
    assert Draft(file).decided == set()


def test_interrupting_loses_nothing_even_in_the_middle_of_writing(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    deciding(file, "k")
    # Killed after the case was written and before it was noted that it is decided about.
    file.with_name("cases.jsonl.decided").unlink()
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    assert not deciding(file, "k")
    assert [c.id for c in read_cases(file)] == [p.case.id for p in PROPOSED[:2]]
    assert [json.loads(line)["id"] for line in file.read_text(encoding="utf-8").splitlines()] == [
        p.case.id for p in PROPOSED[:2]
    ]
