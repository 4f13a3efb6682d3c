"""`communique eval` measures, saves, shows, and fails when a wanted figure is not reached."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import CASES as CASES_FOLDER
from eval.command import Wanted, add_arguments, main
from eval.metrics import METRICS, Figure
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
    """`communique eval` with these arguments, as `assistant.command` calls it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data")
    parser.add_argument("--embedding")
    parser.set_defaults(run=main)
    add_arguments(parser)
    options = parser.parse_args([str(a) for a in arguments])
    return int(options.run(options))


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
        "llm": "quotes",
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


def test_a_report_is_saved_with_the_run_and_told_against_the_run_before(
    data: Path, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called("--data", data, "--cases", cases, "--out", data / "eval-runs" / "0001-first")
    assert called("--data", data, "--cases", cases, "--out", tmp_path / "second", "--against", "0001-first") == 0
    page = (tmp_path / "second" / "report.html").read_text(encoding="utf-8")
    assert 'id="change"' in page
    assert (tmp_path / "second" / "report.md").is_file()
    capsys.readouterr()
    with pytest.raises(ValueError, match=r"there is no saved run 'missing'; give its folder, or a name under .*0001"):
        called("--data", data, "--cases", cases, "--against", "missing")


def test_two_saved_runs_are_compared_by_name_or_folder(
    data: Path, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called("--data", data, "--cases", cases, "--out", data / "eval-runs" / "0002-one")
    called("--data", data, "--cases", cases, "--out", tmp_path / "two")
    capsys.readouterr()
    assert called("--data", data, "compare", "0002-one", tmp_path / "two") == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if line.split(" ")[0] in METRICS] == list(METRICS)
    assert "now right: 0" in out
    # The folder may be named after the command too.
    assert called("compare", "0002-one", tmp_path / "two", "--data", data) == 0


def test_thresholds_come_from_a_file_and_a_minimum_of_the_command_line_goes_over_them(
    data: Path, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "thresholds.json"
    file.write_text('{"seconds": 0, "quote_exact": 1}', encoding="utf-8")
    asked = ("--data", data, "--cases", cases, "--out", tmp_path / "run", "--thresholds", file)
    assert called(*asked) == 1
    assert capsys.readouterr().err.startswith("communique: seconds is ")
    assert called(*asked, "--min", "seconds=1000") == 0
    file.write_text('{"accuracy": 1}', encoding="utf-8")
    with pytest.raises(ValueError, match="there is no metric 'accuracy'"):
        called(*asked)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"it should hold one object"):
        called(*asked)


def test_our_own_thresholds_name_metrics_and_possible_values() -> None:
    thresholds = json.loads((Path(CASES_FOLDER).parent / "thresholds.json").read_text(encoding="utf-8"))
    assert [Wanted.read(f"{name}={value}").name for name, value in thresholds.items()] == list(thresholds)


def test_cases_are_checked_without_asking_anything(
    data: Path, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("--data", data, "check", cases) == 0
    assert capsys.readouterr().out == "1 case, 0 of them not to be answered: 0 problems\n"
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(json.dumps({**CASES[0], "answer": "In spring", "kind": "riddle"}), encoding="utf-8")
    assert called("check", wrong, "--data", data) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "joined: the reference answer does not say 'March 2023'"
    assert lines[1].startswith("joined: there is no kind 'riddle'; there are fact, date, ")
    assert lines[2] == "1 case, 0 of them not to be answered: 2 problems"
    # Every line that is no case is told at once, and the others are checked all the same.
    lost = {"id": "lost", "question": "Why?", "expected": [{"release": "meeting", "quote": "x"}]}
    broken = ["not JSON", json.dumps({**CASES[0], "kind": "riddle"}), json.dumps(lost)]
    wrong.write_text("\n".join(broken), encoding="utf-8")
    assert called("check", wrong, "--data", data) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{wrong}, line 1: Invalid JSON")
    assert (
        lines[1] == f"{wrong}, line 3: expected.0.release: there is no such field; there are release_id, index, quote"
    )
    assert lines[2].startswith("joined: there is no kind 'riddle'; there are fact, date, ")
    assert lines[3] == "1 case, 0 of them not to be answered: 3 problems"


def test_cases_are_drafted_in_the_terminal_and_measured_afterwards(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.jsonl"
    keys = iter("krrrrrrrrr")
    monkeypatch.setattr("builtins.input", lambda _prompt: next(keys))
    assert called("draft", "meeting", "--out", file, "--data", data) == 0
    out = capsys.readouterr().out
    assert "What does paragraph 2 of “Outcome of the Foreign Ministers’ Meeting” say?" in " ".join(out.split())
    assert f"1 case added to {file}, which holds 1 now" in out
    assert called("--data", data, "check", file) == 0
    assert called("--data", data, "--cases", file, "--out", tmp_path / "run", "--min", "recall@5=1") == 0
    with pytest.raises(ValueError, match="there is no release 'gone'; `communique list` shows all"):
        called("draft", "gone", "--data", data)


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
