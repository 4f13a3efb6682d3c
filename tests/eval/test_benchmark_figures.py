"""The table of public benchmarks says what was saved, and nothing else."""

import json
from typing import Any

import pytest

from eval.benchmark_figures import BEGIN, BENCHMARKED, DOCUMENT, END, merged, table, with_table


def run(name: str, ours: float, other: float, day: str = "2026-11-25", pool: int = 10) -> dict[str, Any]:
    systems = {
        "Communiqué": {"seconds": 0.1, "recall@1": {"value": ours}},
        "BM25": {"seconds": 0.1, "recall@1": {"value": other}},
    }
    result = {"set": name, "systems": systems, "defects": ["recall@1 is below BM25's"] if ours < other else []}
    return {
        "date": f"{day}T00:00:00+00:00",
        "code": "1",
        "machine": {"cpu": "CPU", "cores": 2},
        "settings": {"limit": 5, "pool": None, "embedding": "model"},
        "results": [result | {"questions": 5, "of": 1000, "passages": 10, "of_passages": pool}],
    }


def test_the_document_shows_what_was_saved() -> None:
    saved = json.loads(BENCHMARKED.read_text(encoding="utf-8"))
    document = DOCUMENT.read_text(encoding="utf-8")
    assert with_table(document, table(saved)) == document
    assert merged(saved, []) == saved


def test_a_set_that_was_measured_again_takes_the_place_of_what_was_known_of_it() -> None:
    first = merged({}, [run("mtrag", 0.5, 0.6), run("clapnq", 0.9, 0.8)])
    assert list(first) == ["clapnq", "mtrag"]
    again = merged(first, [run("mtrag", 0.7, 0.6, "2026-11-26", pool=40)])
    made = table(again)
    assert "| mtrag | recall@1 | .700 | – | .600 | – |" in made.splitlines()
    assert "Below a baseline" not in made
    assert "Below a baseline:\n\n- mtrag, recall@1 is below BM25's\n" in table(first)
    assert (
        "Measured on 2026-11-26 with `--limit 5`, code 1, model, CPU, 2 cores: mtrag (5 of 1,000 questions, only 10"
        in made
    )
    assert "clapnq (5 of 1,000 questions, 10 passages)" in made


def test_a_document_without_a_place_for_the_table_is_refused() -> None:
    assert with_table(f"a\n{BEGIN}old{END}\nb", "new\n") == f"a\n{BEGIN}new\n{END}\nb"
    with pytest.raises(ValueError, match=r"evaluation\.md has no <!-- benchmarks --> … <!-- /benchmarks -->"):
        with_table("a", "new")
