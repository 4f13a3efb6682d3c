"""The REST interface, the release panel, and how the server starts."""

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.answer import Answer, Citation, Searched, Statement
from assistant.server import make_app, serve
from vectorstore import Note, Paragraph, Release, Span

TEXT = "The two sides agreed.\n* China joined in March 2023."
OLD = Release("mofa/2023/1", "Outcome", date(2023, 11, 26), None, "en", (Paragraph(0, "4", True, "They met."),), "feed")
RELEASE = replace(OLD, version=2, paragraphs=(Paragraph(0, "4", True, TEXT, (Note("*", 22, len(TEXT)),)),))


class Scripted:
    """Stands in for the assistant, so that these tests are about the interface alone; it keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.loaded: list[str] = []
        self.report: Path | None = None
        self.store = SimpleNamespace(
            span=lambda: Span(1, OLD.date, OLD.date), embedder=SimpleNamespace(question=self.loaded.append)
        )

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        since: date | None = None,
        until: date | None = None,
        as_of: date | None = None,
    ) -> Answer:
        if not question.strip():
            raise ValueError("the question is empty; ask something")
        self.asked.append((question, list(history), since, until, as_of))
        quote = TEXT[24:]
        citation = Citation(1, RELEASE.id, 2, "Outcome", OLD.date, None, "4", True, 0, 1, quote, 24, len(TEXT))
        return Answer(
            question,
            question,
            "answered",
            f"{quote} [1]",
            (Statement(quote, (1,)),),
            (citation,),
            (),
            Searched(1, since, until),
            0,
            "quotes",
        )

    def quality_report(self) -> Path | None:
        return self.report

    def stream(self, question: str, history: Sequence[str] = ()) -> Iterator[Statement | Answer]:
        answer = self.ask(question, history)
        yield from answer.statements
        yield answer

    def release(self, release_id: str, version: int | None = None) -> Release | None:
        return {None: RELEASE, 1: OLD, 2: RELEASE}.get(version) if release_id == RELEASE.id else None

    def releases(self) -> list[Release]:
        return [replace(RELEASE, paragraphs=())]


@pytest.fixture(scope="module")
def assistant() -> Scripted:
    return Scripted()


@pytest.fixture(scope="module")
def client(assistant: Scripted) -> Iterator[TestClient]:
    with TestClient(make_app(assistant)) as client:  # type: ignore[arg-type]  # it has the methods that are used
        yield client


def test_the_report_of_the_last_evaluation_is_served_as_it_was_saved(
    client: TestClient, assistant: Scripted, tmp_path: Path
) -> None:
    missing = client.get("/quality")
    assert (missing.status_code, "communique eval" in missing.text) == (404, True)
    assistant.report = tmp_path / "report.html"
    assistant.report.write_text("<!doctype html><h1>How well it answers ¶</h1>", encoding="utf-8")
    found = client.get("/quality")
    assert found.text == "<!doctype html><h1>How well it answers ¶</h1>"
    assert "default-src 'self'" in found.headers["Content-Security-Policy"]
    assistant.report = None


def test_the_newest_saved_report_of_the_data_folder_is_the_one(tmp_path: Path) -> None:
    from assistant import Assistant

    asked = Assistant(None, None, None, tmp_path)  # type: ignore[arg-type]  # nothing is asked
    assert asked.quality_report() is None
    for name in ("2026-11-23T09-00-00", "2026-11-24T09-00-00"):
        (tmp_path / "eval-runs" / name).mkdir(parents=True)
    older, newer = sorted((tmp_path / "eval-runs").iterdir())
    (older / "report.html").write_text("old", encoding="utf-8")
    assert asked.quality_report() == older / "report.html"
    (newer / "report.html").write_text("new", encoding="utf-8")
    assert asked.quality_report() == newer / "report.html"


def test_asking_gives_the_same_object_as_every_other_interface(client: TestClient, assistant: Scripted) -> None:
    bounds = {"since": "2023-01-01", "until": "2023-12-31", "as_of": "2024-01-01"}
    asked = {"question": "When?", "history": ["Who?"], **bounds}
    answer = client.post("/api/v1/ask", json=asked)
    assert answer.status_code == 200
    assert assistant.asked[-1] == ("When?", ["Who?"], *map(date.fromisoformat, bounds.values()))
    assert answer.json() == assistant.ask("When?", since=date(2023, 1, 1), until=date(2023, 12, 31)).to_dict()


def test_a_question_alone_is_enough(client: TestClient, assistant: Scripted) -> None:
    assert client.post("/api/v1/ask", json={"question": "When?"}).json()["status"] == "answered"
    assert assistant.asked[-1] == ("When?", [], None, None, None)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"question": " "}', "the question is empty; ask something"),
        ("{}", "question: Field required"),
        ("not JSON", "the body is not JSON"),
        ('{"question": 3}', "question: Input should be a valid string, not 3"),
        (
            '{"question": "x", "since": "soon"}',
            "since: Input should be a valid date or datetime, input is too short, not 'soon'",
        ),
        ('{"question": "x", "sinse": "2023"}', "sinse: Extra inputs are not permitted, not '2023'"),
    ],
)
def test_a_question_that_cannot_be_asked_is_400_with_one_line(client: TestClient, body: str, error: str) -> None:
    answer = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_releases_are_listed_and_shown_whole_though_their_ids_hold_slashes(client: TestClient) -> None:
    facts = {
        "id": "mofa/2023/1",
        "version": 2,
        "title": "Outcome",
        "date": "2023-11-26",
        "date_source": "feed",
        "url": None,
        "language": "en",
        "event_date": None,
        "withdrawn": None,
    }
    assert client.get("/api/v1/releases").json() == {"releases": [facts]}
    paragraph = {
        "index": 0,
        "paragraph": "4",
        "numbered": True,
        "text": TEXT,
        "notes": [{"marker": "*", "start": 22, "end": len(TEXT)}],
    }
    assert client.get("/api/v1/releases/mofa/2023/1").json() == facts | {"paragraphs": [paragraph]}
    assert client.get("/api/v1/releases/mofa%2F2023%2F1?version=1").json()["paragraphs"][0]["text"] == "They met."


def test_what_is_not_there_is_404_with_one_line(client: TestClient) -> None:
    answer = client.get("/api/v1/releases/mofa/2")
    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "there is no release 'mofa/2'; GET /api/v1/releases lists them"},
    )
    answer = client.get("/api/v1/releases/mofa/2023/1?version=7")
    assert answer.json()["error"].startswith("there is no version 7 of release 'mofa/2023/1'")
    answer = client.get("/api/v2/ask")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_health_says_how_many_releases_there_are(client: TestClient) -> None:
    health = {"status": "ok", "releases": 1, "since": "2023-11-26", "until": "2023-11-26"}
    assert client.get("/api/v1/health").json() == health


def test_the_panel_shows_the_cited_version_with_the_quote_marked(client: TestClient) -> None:
    panel = client.get("/panel", params={"release": RELEASE.id, "version": 1, "opened": "0:0:4", "other": ["0:5:8"]})
    assert '<mark class="quote">They</mark> <mark class="other">met</mark>.' in panel.text
    assert "Version 1; corrected since, now version 2" in panel.text
    panel = client.get("/panel", params={"release": RELEASE.id, "version": 2, "opened": "0:24:51"})
    assert '<mark class="quote">China joined in March 2023.</mark>' in panel.text
    assert "corrected since" not in panel.text


def test_a_panel_for_nothing_that_is_kept_is_a_line_and_not_a_fault(client: TestClient) -> None:
    assert client.get("/panel", params={"release": "<b>", "version": 1, "opened": "x"}).status_code == 404
    shown = client.get("/panel", params={"release": RELEASE.id, "version": 2, "opened": "x:-1:<b>"})
    assert (shown.status_code, "<mark" in shown.text) == (200, False)


def test_the_page_carries_a_policy_that_forbids_everything_from_elsewhere(client: TestClient) -> None:
    page = client.get("/")
    assert "<title>" in page.text or "Communiqué" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_a_taken_port_is_one_line_that_names_it_and_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ValueError, match=rf"^cannot serve on 127.0.0.1 port {port}: .+; choose another with --port$"
        ):
            serve(Scripted(), port=port)  # type: ignore[arg-type]  # it has the methods that are used


def test_the_address_is_printed_when_it_can_be_opened() -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import test_server as t; t.serve(t.Scripted(), port=0)"
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as server:
        try:
            assert server.stdout
            line = server.stdout.readline()
            assert line.startswith("Communiqué is ready: http://127.0.0.1:")
            with urllib.request.urlopen(line.split(": ", 1)[1].strip() + "/api/v1/health", timeout=10) as answer:
                assert answer.status == 200
        finally:
            server.terminate()
        assert server.stdout.read() == ""
