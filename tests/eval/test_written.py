"""What a language model wrote is measured in every way of taking it."""

from typing import Any

from eval.cases import Case, Expected
from eval.written import WAYS, Shown, figures, sample

CASES = [Case(id=f"a{n}", question="?", expected=(Expected("r", 1, "x"),), answer="x") for n in range(9)] + [
    Case(id=f"u{n}", question="?", answerable=False, missing="x") for n in range(5)
]
JOINED = Case(id="j", question="?", expected=(Expected("r", 1, "x"),), must=("March 2023",), must_not=("not",))


def shown(text: str, *places: tuple[str, int], statements: int = 1, carried: int = 1) -> Shown:
    return Shown(text, places, statements, carried, 2.0)


def test_the_same_cases_of_both_sorts_are_drawn_every_time() -> None:
    drawn = sample(CASES, 4, 2)

    assert drawn == sample(CASES, 4, 2)
    assert [c.answerable for c in drawn] == [True] * 4 + [False] * 2
    assert sample(CASES, 60, 30) == CASES


def test_an_answer_is_right_that_says_it_and_cites_the_paragraph() -> None:
    assert shown("In March 2023.", ("r", 1)).right(JOINED)
    assert not shown("In March 2023.", ("r", 2)).right(JOINED)
    assert not shown("Not in March 2023.", ("r", 1)).right(JOINED)
    assert not shown("", statements=0).right(JOINED)
    assert shown("", statements=0).right(CASES[-1])
    assert not shown("In May.", ("r", 1)).right(CASES[-1])


def test_figures_tell_what_the_verifier_changes() -> None:
    def row(answerable: bool, **ways: tuple[bool, Shown]) -> dict[str, Any]:
        return {
            "answerable": answerable,
            "ways": {
                way: {**vars(ways.get(way, ways["rest"])[1]), "right": ways.get(way, ways["rest"])[0]} for way in WAYS
            },
        }

    good, refused = (True, shown("In March 2023.", ("r", 1))), (True, shown("", statements=0, carried=0))
    rows = [
        row(True, rest=good),
        row(False, rest=refused, unguarded=(False, shown("In May.", statements=2, carried=0))),
    ]

    told = figures(rows)

    assert list(told) == list(WAYS)
    assert told["unguarded"] == {
        "right": 0.5, "right of answerable": 1.0, "grounded": 0.333, "refused": 0.0, "wrongly refused": 0.0, "seconds": 2.0,
    }  # fmt: skip
    assert told["verified"]["right"] == told["verified"]["grounded"] == told["verified"]["refused"] == 1.0
