"""The bench times every step of a question."""

from typing import Any

from eval.bench import milliseconds


def test_every_step_has_its_median_and_95th_percentile_in_milliseconds(scripted: Any) -> None:
    for number in range(1, 102):
        scripted.tell(f"Question {number}?", seconds=number / 1000)
    asked = [scripted.ask(f"Question {number}?") for number in range(1, 102)]
    assert {step: tuple(round(v, 6) for v in times) for step, times in milliseconds(asked).items()} == {
        "question": (0, 0),
        "find": (0, 0),
        "answer": (0, 0),
        "verify": (0, 0),
        "total": (51, 96),
    }
