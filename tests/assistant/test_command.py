import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.command import main

NOVEMBER = "2023-11-26-outcome-of-korea-china-foreign-ministers-meeting-november-26"


@pytest.fixture
def run(sample_data: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]  # a small closure
    def run_it(*arguments: str, data: Path = sample_data) -> tuple[int, str, str]:
        try:
            status = main([arguments[0], "--data", str(data), *arguments[1:]])
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run_it


def test_ask_prints_the_answer_and_its_source(run) -> None:  # type: ignore[no-untyped-def]
    status, out, err = run("ask", "When did China join the Apostille Convention?")

    assert (status, err) == (0, "")
    assert "March 2023" in out.splitlines()[0]
    assert "[1] Outcome of Korea-China Foreign Ministers’ Meeting (November 26), 26 November 2023, ¶4, note" in out


def test_a_citations_offsets_are_those_of_what_show_prints(run) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = run("ask", "--json", "When did China join the Apostille Convention?")
    citation = json.loads(out)["citations"][0]

    status, shown, _ = run("show", citation["release_id"], citation["paragraph"])

    assert status == 0
    assert shown.removesuffix("\n")[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_takes_the_turns_before(run) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = run(
        "ask",
        "And when did it enter into force?",
        "--history",
        "When did China join the Apostille Convention?",
        "--json",
    )

    assert status == 0
    assert "November 7" in json.loads(out)["text"]


def test_a_batch_gives_one_object_a_line_in_order(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    batch = tmp_path / "batch.jsonl"
    lines = [
        {"id": "b", "question": "When did China join the Apostille Convention?"},
        {
            "id": "a",
            "question": "And when did it enter into force?",
            "history": ["When did China join the Apostille Convention?"],
        },
    ]
    batch.write_text("\n".join(map(json.dumps, lines)) + "\n\n")

    status, out, _ = run("ask", "--batch", str(batch))

    made = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [m["id"] for m in made] == ["b", "a"]
    assert [m["status"] for m in made] == ["answered", "answered"]


def test_a_batch_may_begin_with_a_byte_order_mark_and_hold_line_separators_in_its_questions(  # type: ignore[no-untyped-def]
    run, tmp_path: Path
) -> None:
    batch = tmp_path / "batch.jsonl"
    lines = [{"id": n, "question": f"When did China join\u2028the Apostille Convention? {n}"} for n in (1, 2)]
    batch.write_text("\r\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8-sig")

    status, out, err = run("ask", "--batch", str(batch))

    assert (status, err) == (0, "")
    assert [json.loads(line)["id"] for line in out.rstrip("\n").split("\n")] == [1, 2]


def test_a_batch_keeps_its_order_past_lines_that_cannot_be_asked(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": 1, "question": ""}\nnot json\n{"id": 3, "question": "Where did Park Jin meet Wang Yi?"}\n')

    status, out, err = run("ask", "--batch", str(batch))

    first, second, third = (json.loads(line) for line in out.splitlines())
    assert status == 1
    assert first == {"id": 1, "error": "line 1: the question is empty; ask something about the releases"}
    assert second["id"] is None
    assert third["id"] == 3
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", ""), "the question is empty; ask something about the releases"),
        (("ask", "x" * 100_000), "the question has 100,000 characters; at most 2,000 are read, so shorten it"),
        (("ask",), 'there is no question; try: communique ask "When did China join the Apostille Convention?"'),
        (("show", "nothing"), "there is no release 'nothing'; `communique list` shows all"),
        (("show", NOVEMBER, "12"), f"{NOVEMBER} has no paragraph '12'; it has 1 to 9"),
        (("history", "nothing"), "there is no release 'nothing'; `communique list` shows all"),
        (("ask", "--batch", "/nowhere.jsonl"), "[Errno 2] No such file or directory: '/nowhere.jsonl'"),
        (
            ("ask", "--llm", "openai:", "Why?"),
            "there is no language model 'openai:': name one as KIND:MODEL, KIND one of server, ollama, openai, anthropic",
        ),
        (("ask", "--embedding", "best", "Why?"), "unknown embedding model 'best': one of "),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(run, arguments: tuple[str, ...], message: str) -> None:  # type: ignore[no-untyped-def]
    status, out, err = run(*arguments)

    assert (status, out) == (2, "")
    assert err.startswith(f"communique: {message}")
    assert err.count("\n") == 1


def test_a_date_that_is_none_is_refused_with_its_value(run) -> None:  # type: ignore[no-untyped-def]
    status, _, err = run("ask", "--since", "soon", "Why?")

    assert status == 2
    assert "'soon' is not a date like 2023-11-26" in err


def test_show_refuses_a_version_that_cannot_be(run) -> None:  # type: ignore[no-untyped-def]
    status, out, err = run("show", NOVEMBER, "--version", "0")

    assert (status, out) == (2, "")
    assert "'0' is not a number of 1 or more" in err


def test_ingest_prints_what_it_did_and_fails_softly(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "records.jsonl"
    source.write_text('{"id": "r1", "title": "Talks", "date": "2023-05-06", "paragraphs": ["They met."]}\n{broken\n')

    status, out, err = run("ingest", "--json", str(source), str(tmp_path / "missing"), data=tmp_path / "data")

    made = json.loads(out)
    assert status == 1
    assert {k: made[k] for k in ("added", "changed", "unchanged", "removed", "releases", "paragraphs")} == {
        "added": 1, "changed": 0, "unchanged": 0, "removed": 0, "releases": 1, "paragraphs": 1,
    }  # fmt: skip
    assert [set(f) for f in made["failed"]] == [{"origin", "reason"}] * 2
    assert err.splitlines() == [
        f"communique: {source}:2: line 2 is not JSON: Expecting property name enclosed in double quotes at character 2",
        f"communique: {tmp_path}/missing: there is no such file or folder",
    ]


def test_a_release_is_listed_shown_corrected_and_removed(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data, source = tmp_path / "data", tmp_path / "records.jsonl"
    record = {"id": "r1", "title": "Talks", "date": "2023-05-06", "paragraphs": ["They met.", "They agreed."]}
    for paragraphs in (["They met.", "They agreed."], ["They met.", "They disagreed."]):
        source.write_text(json.dumps(record | {"paragraphs": paragraphs}))
        assert run("ingest", str(source), data=data)[0] == 0

    assert run("list", data=data)[1] == "2023-05-06  Talks\n            r1\n"
    assert run("show", "r1", "2", data=data)[1] == "They disagreed.\n"
    assert run("show", "r1", "2", "--version", "1", data=data)[1] == "They agreed.\n"
    assert run("show", "r1", "2", "--release-version", "1", data=data)[1] == "They agreed.\n"
    assert run("show", "r1", "#0", data=data)[1] == "They met.\n"
    shown = run("show", "r1", data=data)[1].splitlines()
    assert shown[:3] == ["Talks", "2023-05-06 (record) · version 2 · r1", f"read from {source}:1"]
    assert run("history", "r1", data=data)[1].splitlines()[-1] == (
        "  paragraph 2 (counted)  They [-agreed-]{+disagreed+}."
    )
    told = json.loads(run("history", "r1", "--json", data=data)[1])
    assert [(v["version"], [d["place"] for d in v["differences"]]) for v in told["versions"]] == [
        (1, []),
        (2, ["paragraph 2 (counted)"]),
    ]
    assert run("date", "r1", "2020-02-29", data=data)[1] == "r1: 2020-02-29 (by hand)\n"
    assert run("date", "r1", "--as-read", data=data)[1] == "r1: 2023-05-06 (record)\n"
    assert run("remove", "r1", "r2", data=data) == (
        1, "1 removed\n", "communique: there is no release 'r2'; `communique list` shows all\n",
    )  # fmt: skip
    assert run("list", data=data)[1] == ""


def test_sync_follows_the_sources_and_marks_what_is_withdrawn(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data, source = tmp_path / "data", tmp_path / "records.jsonl"
    record = {"title": "Opening of the hall", "date": "2023-05-06", "text": "The hall was opened in Busan. " * 9}
    source.write_text("\n".join(json.dumps(record | {"id": i}) for i in ("r1", "r2")))
    run("ingest", str(source), data=data)
    assert json.loads(run("sync", "--json", data=data)[1])["unchanged"] == 2
    alike = json.loads(run("show", "r1", "--json", data=data)[1])
    assert (alike["near_duplicates"], alike["withdrawn"]) == ([{"release_id": "r2", "likeness": 1.0}], None)
    assert alike["origins"] == [{"origin": f"{source}:1", "gone_at": None}]

    source.write_text(json.dumps(record | {"id": "r1"}))
    would = run("sync", "--dry-run", data=data)[1]
    assert would.startswith(
        "Nothing was kept; it would be: 0 added, 0 changed, 1 unchanged, 1 removed at the source and"
    )
    assert json.loads(run("sync", "--json", data=data)[1])["removed"] == 1

    assert "Opening of the hall  [withdrawn 2" in run("list", data=data)[1]
    assert "withdrawn: gone from its source on 2" in run("show", "r2", data=data)[1]
    assert run("sources", data=data)[1].endswith(f" UTC    {source}\n")
    assert run("sources", "--forget", str(source), data=data)[0] == 0
    assert run("sync", data=data)[2] == (
        "communique: nothing was ingested yet; name a source: communique ingest SOURCE\n"
    )


def test_a_citation_says_that_its_release_was_withdrawn(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data, source = tmp_path / "data", tmp_path / "records.jsonl"
    record = {"id": "r1", "title": "Talks", "date": "2023-05-06", "paragraphs": ["The two ministers met in Busan."]}
    source.write_text("\n".join(map(json.dumps, [record, record | {"id": "r2", "paragraphs": ["It rained."]}])))
    run("ingest", str(source), data=data)
    source.write_text(json.dumps(record | {"id": "r2", "paragraphs": ["It rained."]}))
    run("sync", data=data)

    answer = json.loads(run("ask", "--json", "Where did the two ministers meet?", data=data)[1])

    assert [(c["release_id"], bool(c["withdrawn"])) for c in answer["citations"]] == [("r1", True)]


def test_a_reader_who_leaves_early_is_no_error(sample_data: Path) -> None:
    listing = subprocess.Popen(
        [sys.executable, "-m", "assistant.command", "list", "--data", str(sample_data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listing.stdout
    assert listing.stderr
    # Long before the first line is printed.
    listing.stdout.close()

    assert listing.stderr.read() == b""
    assert listing.wait(60) == 141


def test_the_doctor_finds_catalogue_and_indexes_in_agreement(run) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = run("doctor")

    assert status == 0
    assert "171 releases" in out
    assert out.endswith("catalogue, vectors and words agree\n")


def test_reindexing_makes_everything_findable_again(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "records.jsonl"
    source.write_text(
        '{"id": "r1", "title": "Talks", "date": "2023-05-06", "paragraphs": ["The two ministers met in Busan."]}'
    )
    run("ingest", str(source), data=tmp_path / "data")

    status, out, _ = run("reindex", data=tmp_path / "data")

    assert (status, out.startswith("1 releases indexed with ")) == (0, True)
    assert '"index": 0' in run("ask", "--json", "Where did the two ministers meet?", data=tmp_path / "data")[1]


def test_the_installed_command_says_its_version() -> None:
    command = Path(sys.executable).with_name("communique")

    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("communique 0.")
