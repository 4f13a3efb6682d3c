"""`communique eval` measures, saves, shows, and fails when a wanted figure is not reached."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from eval.command import Wanted, add_arguments, main
from eval.metrics import Figure
from eval.run import read_run
from vectorstore import open_store

CASES = [
    {
        "id": "joined",
        "question": "When did China join the Apostille Convention?",
        "expected": [{"release_id": "meeting", "quote": "China joined in March 2023"}],
        "must": ["March 2023"],
        "answer": "March 2023",
    }
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, known: dict[str, Any]) -> Path:
    folder = tmp_path_factory.mktemp("data")
    with open_store(folder) as store:
        store.put(known.values())
    return folder


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    return file


def called(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data")
    parser.add_argument("--embedding")
    add_arguments(parser)
    return main(parser.parse_args([str(a) for a in arguments]))


def test_a_run_is_saved_and_shown_and_can_be_read_again(
    data: Path, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("--data", data, "--cases", cases, "--min", "quote_exact=1", "--min", "recall@10=1") == 0
    out = capsys.readouterr().out
    (folder,) = (data / "eval-runs").iterdir()
    assert out.startswith("1 case over 2 releases (5 paragraphs, 2022-02-13 to 2023-11-26)\n")
    assert f"Saved to {folder}" in out
    run = read_run(folder)
    assert [result.case.id for result in run.results] == ["joined"]
    assert run.settings == {
        "data": str(data),
        "cases": str(cases),
        "llm": None,
        "embedding": run.settings["embedding"],
        "misfits": 0,
        "answerers": ["quotes"],
    }


def test_a_figure_that_is_not_reached_fails_and_is_named(
    data: Path, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--data", data, "--cases", cases, "--out", tmp_path / "run", "--json")
    assert called(*asked, "--min", "seconds=0", "--min", "abstention_right=0", "--min", "quote_exact=0.5") == 1
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["saved"] == str(tmp_path / "run")
    assert [line.split(" is ")[0] for line in told["short"]] == [
        "seconds",
        "abstention_right was not measured: no case applies",
    ]
    assert printed.err.splitlines() == [f"communique: {line}" for line in told["short"]]


def test_cases_that_do_not_fit_the_data_are_told_before_their_figures_are_believed(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = {**CASES[0], "expected": [{"release_id": "meeting", "index": 0, "quote": "China joined in March 2023"}]}
    file = tmp_path / "stale.jsonl"
    file.write_text(json.dumps(stale), encoding="utf-8")
    assert called("--data", data, "--cases", file, "--out", tmp_path / "run") == 0
    assert capsys.readouterr().err.splitlines() == [
        "communique: the cases do not fit the data, so mistrust the figures:",
        "  joined: paragraph 0 of 'meeting' does not say 'China joined in March 2023'",
    ]
    assert read_run(tmp_path / "run").settings["misfits"] == 1


def test_without_releases_the_command_that_adds_them_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no releases; add some with `communique ingest SOURCE --data "):
        called("--data", tmp_path)


def test_our_cases_are_not_measured_over_other_data(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds none of the releases that .* asks about; ingest them first"):
        called("--data", data, "--out", tmp_path / "run")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("recall", "--min recall: write METRIC=VALUE, for instance recall@5=0.8"),
        ("accuracy=1", "--min accuracy=1: there is no metric 'accuracy'; there are right, recall@1, "),
        ("right=most", "--min right=most: 'most' is not a number"),
        ("right=90", "--min right=90: right is a share from 0 to 1"),
        ("right=nan", "--min right=nan: right is a share from 0 to 1"),
        ("seconds=-1", "--min seconds=-1: seconds is not negative"),
    ],
)
def test_a_wanted_figure_that_makes_no_sense_is_refused_before_anything_is_asked(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="--min") as error:
        called("--min", text, "--data", "/nowhere")
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    ("text", "value", "short"),
    [
        ("right=0.8", 0.8, None),
        ("right=0.8", 0.79996, "right is 0.79996, wanted at least 0.8"),
        ("abstention_wrong=0.1", 0.05, None),
        ("abstention_wrong=0.1", 0.25, "abstention_wrong is 0.25, wanted at most 0.1"),
        ("seconds_p95=1.5", 1.5, None),
        ("seconds_p95=1.5", 2.0, "seconds_p95 is 2, wanted at most 1.5"),
    ],
)
def test_a_minimum_means_at_most_where_lower_is_better(text: str, value: float, short: str | None) -> None:
    wanted = Wanted.read(text)
    assert wanted.shortfall({wanted.name: Figure(value, 10)}) == short
