"""The bench times every step of a question."""

import re
from pathlib import Path
from typing import Any

from eval.bench import LINES, SAMPLES, ingest_time, milliseconds, reading_speed


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


def test_the_speed_of_reading_is_told_with_what_was_read(tmp_path: Path) -> None:
    line = reading_speed(SAMPLES / "white_house" / "statements.jsonl")

    told = re.fullmatch(
        r"([\d,]+) releases a second parsed and numbered on one core \(164 of statements\.jsonl\)", line
    )
    assert told
    # A tenth of what is owed, so that a slow machine does not fail the tests; `make bench` shows the figure itself.
    assert int(told.group(1).replace(",", "")) > 50
    assert f"{tmp_path / 'none.jsonl'} is not there" in reading_speed(tmp_path / "none.jsonl")
    assert reading_speed in LINES


def test_an_ingest_is_timed_with_the_models_share_apart(tmp_path: Path) -> None:
    source = tmp_path / "dump.jsonl"
    source.write_text('{"id": "r1", "title": "Talks", "paragraphs": ["They met in Busan.", "They agreed."]}')

    timed = ingest_time([str(source)], tmp_path / "data")

    assert (timed.releases, timed.paragraphs) == (1, 2)
    assert 0 < timed.model_seconds < timed.seconds
    assert timed.share == timed.model_seconds / timed.seconds
