"""What the command line makes of sources on the web."""

import json
from pathlib import Path

import pytest

from assistant.command import main
from tests.ingest.sources.website import Answer, WebSite


def test_an_address_is_ingested_with_the_options_given(
    site: WebSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMMUNIQUE_CONTACT", "press@example.org")
    records = [{"id": f"r{n}", "date": f"2023-11-0{n}", "text": f"They met for the {n}th time."} for n in range(1, 6)]
    site.answers["/releases.jsonl"] = Answer(
        "\n".join(map(json.dumps, records)), headers={"Content-Type": "text/plain"}
    )
    arguments = ["ingest", site.address("/releases.jsonl"), "--data", str(tmp_path / "data"), "--dry-run", "--json"]

    refused = main(arguments)
    printed = capsys.readouterr()
    assert (refused, json.loads(printed.out)["added"]) == (1, 0)
    assert "127.0.0.1 is a private or local address, which is fetched only with --allow-private" in printed.err

    done = main([*arguments, "--allow-private", "--since", "2023-11-02", "--until", "2023-11-04"])
    printed = capsys.readouterr()
    assert (done, json.loads(printed.out)["added"], printed.err) == (0, 3, "")
    assert {asked.headers["User-Agent"].split("; ")[1] for asked in site.asked} == {"contact: press@example.org)"}
    assert not (tmp_path / "data").exists(), "a dry run writes nothing, not even an empty folder"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--max-pages", "0", "'0' is not a number of 1 or more"),
        ("--since", "May", "'May' is not a date like 2023-11-26"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ingest", "https://x.org", option, value])
    assert said in capsys.readouterr().err
