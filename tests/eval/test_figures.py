"""The README's figures are those of the saved run, and only a run changes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case
from eval.figures import QUALITY, README, ROWS, main, quality, table, with_table
from eval.metrics import METRICS
from eval.run import evaluate


def test_the_readme_says_what_the_saved_run_measured() -> None:
    saved = json.loads(QUALITY.read_text(encoding="utf-8"))
    readme = README.read_text(encoding="utf-8")
    assert with_table(readme, table(saved)) == readme


def test_every_row_shows_a_metric_that_there_is() -> None:
    assert {name for names in ROWS.values() for name in names} <= set(METRICS)


def test_a_saved_run_renews_figures_and_table(
    scripted: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme, saved = tmp_path / "README.md", tmp_path / "docs" / "quality.json"
    readme.write_text("Before.\n<!-- figures -->\nold\n<!-- /figures -->\nAfter.\n", encoding="utf-8")
    for name, value in (("ROOT", tmp_path), ("README", readme), ("QUALITY", saved)):
        monkeypatch.setattr(f"eval.figures.{name}", value)
    run = evaluate(scripted, [Case(id="1", question="What did it cost?", answerable=False)], {"data": "/home/me"})
    run.save(tmp_path / "run")
    assert main([str(tmp_path / "run")]) == 0
    assert json.loads(saved.read_text(encoding="utf-8")) == quality(run)
    text = readme.read_text(encoding="utf-8")
    assert "| rightly “not stated” where no release answers | 1.000 | 1.000 – 1.000 |" in text
    assert "| right paragraph cited | – | – – – |" in text
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")
    # Where it was measured is told, but no folder of whoever measured it.
    assert "/home/me" not in saved.read_text(encoding="utf-8")
    assert main([str(tmp_path)]) == 2
    assert "holds no saved evaluation" in capsys.readouterr().err


def test_a_readme_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the README has no <!-- figures -->"):
        with_table("# Nothing here", "table")
