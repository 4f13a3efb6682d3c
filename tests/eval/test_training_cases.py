"""The training cases fit their releases, and stay apart from what is measured."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from eval.cases import CASES, KINDS, asked, read_cases
from eval.training_cases import (
    SPLITS,
    TRAINING,
    Gold,
    TrainingCase,
    check_training,
    read_training,
    read_training_releases,
)
from vectorstore import Release

RELEASES: dict[str, dict[str, Any]] = {
    "r": {"id": "r", "paragraphs": ["They met in Busan. China joined in March 2023."]},
    "other": {"id": "other", "paragraphs": ["Nothing of the kind."]},
}
JOINED = TrainingCase(
    id="a001",
    release_id="r",
    question="When did China join?",
    history=(),
    kind="date",
    language="en",
    answerable=True,
    gold=(Gold("r", 0, "China joined in March 2023.", "March 2023"),),
    answer="March 2023",
    mirror_of=None,
    missing="",
)
LEFT = replace(
    JOINED,
    id="a002",
    question="When did China leave?",
    kind="near_miss",
    answerable=False,
    gold=(),
    answer="",
    mirror_of="a001",
    missing="that China left",
)


def test_our_training_cases_fit_their_releases_and_none_of_these_is_measured(
    sample_releases: dict[str, Release],
) -> None:
    gold = read_cases(CASES)
    reserved = set(sample_releases)
    reserved |= {expected.release_id for case in gold for expected in case.expected}
    cases, releases = read_training(), read_training_releases()
    assert check_training(cases, releases, reserved) == []
    assert len(cases) >= 2217
    assert {case.slice for case in cases} == set(SPLITS)
    assert {path.stem.removeprefix("cases-") for path in TRAINING.glob("cases-*.jsonl")} == set(SPLITS)
    # No question of the gold set is trained on word for word.
    assert not {asked(case.question, case.history) for case in cases} & {asked(c.question, c.history) for c in gold}


def test_a_split_is_read_alone_and_no_release_stands_in_two() -> None:
    by_release: dict[str, set[str]] = {}
    for split in ("training", "calibration", "held out"):
        cases = read_training(split=split)  # type: ignore[arg-type]  # the three there are
        assert {case.split for case in cases} == {split}
        for case in cases:
            for release_id in {g.release_id for g in case.gold}:
                by_release.setdefault(release_id, set()).add(split)
    assert {tuple(splits) for splits in by_release.values() if len(splits) > 1} == set()


def test_every_kind_of_question_is_trained_on() -> None:
    kinds = Counter(case.kind for case in read_training(split="training"))
    assert {kind for kind in KINDS if kinds[kind] == 0} == set()


def test_a_case_that_fits_has_no_problems() -> None:
    assert check_training([JOINED, LEFT], RELEASES, set()) == []


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (replace(JOINED, gold=(Gold("r", 0, "China left.", "left"),)), "paragraph 0 of 'r' does not say 'China left.'"),
        (
            replace(JOINED, gold=(Gold("r", 0, "They met in Busan.", "March 2023"),)),
            "the sentence does not hold 'March 2023'",
        ),
        (replace(JOINED, gold=(Gold("r", 1, "x", "x"),)), "'r' has no paragraph with index 1"),
        (replace(JOINED, release_id="gone"), "there is no release 'gone'"),
        (replace(JOINED, kind="riddle"), "there is no kind 'riddle'"),
        (replace(JOINED, question=" "), "the question is empty"),
        (replace(JOINED, answer=""), "can be answered, yet has no sentence or no reference answer"),
        (replace(JOINED, mirror_of="a009"), "mirrors 'a009', which is no answerable case"),
        (replace(JOINED, id="none001"), f"belongs to no slice of {', '.join(SPLITS)}"),
    ],
)
def test_what_does_not_fit_is_told_in_a_line(case: TrainingCase, problem: str) -> None:
    assert check_training([case], RELEASES, set()) == [f"{case.id}: {problem}"]


def test_an_unanswerable_case_says_what_is_missing_and_gives_no_answer() -> None:
    wrong = replace(LEFT, missing="", mirror_of=None)
    assert check_training([wrong], RELEASES, set()) == [
        "a002: cannot be answered, so it has an answer too many or does not say what is missing"
    ]


def test_questions_and_ids_come_once_whatever_their_capitals_and_punctuation() -> None:
    again = replace(JOINED, id="a003", question="when did China join")
    assert check_training([JOINED, again], RELEASES, set()) == ["a003: asks the same as a001: 'when did China join'"]
    assert "a001: the id comes twice" in check_training([JOINED, JOINED], RELEASES, set())


def test_a_release_that_is_measured_is_not_trained_on() -> None:
    assert check_training([JOINED], RELEASES, {"r"}) == ["r: the release is a sample or stands in the gold set"]
