"""The bench times every step of a question."""

from pathlib import Path
from typing import Any

from eval.bench import ingest_time, milliseconds


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


def test_an_ingest_is_timed_with_the_models_share_apart(tmp_path: Path) -> None:
    source = tmp_path / "dump.jsonl"
    source.write_text('{"id": "r1", "title": "Talks", "paragraphs": ["They met in Busan.", "They agreed."]}')

    timed = ingest_time([str(source)], tmp_path / "data")

    assert (timed.releases, timed.paragraphs) == (1, 2)
    assert 0 < timed.model_seconds < timed.seconds
    assert timed.share == timed.model_seconds / timed.seconds
