"""The saved report is one file that shows figures, plots, changes and every lost case, and runs nothing of a text."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, Expected
from eval.compare import compared
from eval.metrics import METRICS
from eval.report_pages import HEADLINES, html_report, markdown_report, save_report
from eval.run import Run, evaluate

A, B = ("meeting", 0), ("meeting", 1)
GOOD = (*B, "China joined in March 2023")
HOSTILE = '<script>window.bad=1</script> & "quotes"'
JOINED = Case(
    id="joined",
    question="When did China join?",
    history=("What is it?",),
    kind="date",
    expected=(Expected(*B, "in March 2023"),),
    must=("March 2023",),
    answer="March 2023",
)
LOST = replace(JOINED, id="lost", question=f"And when, {HOSTILE}?")
COST = Case(id="cost", question="What did it cost?", kind="near_miss", answerable=False, missing=HOSTILE)


@pytest.fixture
def runs(scripted: Any) -> tuple[Run, Run]:
    """An earlier run in which one case was not found, and the later one."""
    before = evaluate(scripted, [JOINED, LOST, COST], {"embedding": "all-MiniLM-L6-v2"})
    scripted.tell(JOINED.question, found=[B, A], cited=[GOOD])
    scripted.tell(LOST.question, found=[A, B], cited=[(*A, "The ministers met in Busan")], text=HOSTILE)
    scripted.tell(COST.question, found=[A], cited=[(*A, "The ministers met in Busan")])
    return before, evaluate(scripted, [JOINED, LOST, COST], {"embedding": "all-MiniLM-L6-v2"})


class Page(HTMLParser):
    """The tags of a page, checked to be closed in order, and its texts."""

    EMPTY = frozenset(["meta", "br"])

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_needs_nothing_else_and_runs_nothing(runs: tuple[Run, Run]) -> None:
    html = html_report(runs[1], compared(*runs), runs[0])
    page = Page(html)
    assert page.open == []
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"} == set()
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert not re.search(r"https?://|url\(|@import", html)
    assert "<script" not in html
    assert [a["href"] for tag, a in page.tags if tag == "a"] == ["#figures", "#plots", "#change", "#lost"]
    assert {a["id"] for tag, a in page.tags if tag == "section"} == {"figures", "plots", "change", "lost"}


def test_every_figure_stands_there_with_its_interval(runs: tuple[Run, Run]) -> None:
    page = Page(html_report(runs[1]))
    assert [t for t in page.texts if t in METRICS] == sorted(
        METRICS, key=lambda name: [m.group for m in METRICS.values()].index(METRICS[name].group)
    )
    assert len([1 for tag, a in page.tags if tag == "div" and a.get("class") == "card"]) == len(HEADLINES)


def test_every_plot_says_in_words_what_it_shows(runs: tuple[Run, Run]) -> None:
    html = html_report(runs[1])
    plots = re.findall(r'<svg class="plot".*?</svg>', html)
    titles = [re.search(r"<title id=[^>]*>(.*?)</title><desc id=[^>]*>(.*?)</desc>", plot) for plot in plots]
    assert [found.group(1) for found in titles if found] == [
        "Recall by rank",
        "Risk and coverage",
        "Confidence against being right",
        "How long answers took",
        "Right by kind",
        "Lost at",
    ]
    assert all(found and found.group(2) for found in titles)
    assert "recall among 1: paragraphs 0.500, releases 1.000" in html
    assert "median 250 ms, 95th percentile 250 ms" in html
    # Light and dark share one drawing: no colour is written into it.
    assert not re.search(r"#[0-9a-f]{3,6}|rgb\(", "".join(plots))


def test_a_lost_case_shows_question_expected_words_in_their_paragraph_answer_and_what_was_found(
    runs: tuple[Run, Run],
) -> None:
    html = html_report(runs[1])
    lost = html[html.index('id="lost"') :]
    assert lost.count('<details class="case">') == 2
    assert "not chosen<span>1</span>" in lost
    assert "wrongly answered<span>1</span>" in lost
    assert "China joined <mark>in March 2023</mark> followed by" in lost
    assert "found at rank 2" in lost
    assert "The ministers met in Busan for around two hours." in lost
    assert "&lt;script&gt;window.bad=1&lt;/script&gt; &amp;" in lost


def test_the_difference_to_another_run_names_what_was_gained(runs: tuple[Run, Run]) -> None:
    html = html_report(runs[1], compared(*runs), runs[0])
    change = html[html.index('id="change"') : html.index('id="lost"')]
    assert "Now right: 1" in change
    assert "Now wrong: 1" in change
    assert "recall@1" in change
    assert 'id="change"' not in html_report(runs[1])


def test_markdown_says_the_same(runs: tuple[Run, Run]) -> None:
    text = markdown_report(runs[1], compared(*runs), runs[0])
    assert [line.split(" | ")[0][2:] for line in text.splitlines() if line.startswith("| ")][1 : len(METRICS) + 1] == [
        *METRICS
    ]
    assert "now right: joined\n\nnow wrong: cost" in text
    assert "## 2 of 3 cases were lost" in text
    assert "  - expected “in March 2023”, meeting #1, found at rank 2" in text
    assert "  - found: meeting #0; meeting #1" in text


def test_both_are_saved_beside_the_run(runs: tuple[Run, Run], tmp_path: Path) -> None:
    save_report(runs[1], tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# How well it answers, 20")


def test_a_run_without_answerable_cases_has_a_report_too(scripted: Any) -> None:
    run = evaluate(scripted, [COST])
    assert Page(html_report(run)).open == []
    assert "Every question was answered right." in html_report(run)


def test_a_run_saved_before_texts_were_kept_is_shown_too(runs: tuple[Run, Run]) -> None:
    old = replace(runs[1], results=tuple(replace(r, expected_texts=(), found_texts=()) for r in runs[1].results))
    assert "<mark>in March 2023</mark>" in html_report(old)
