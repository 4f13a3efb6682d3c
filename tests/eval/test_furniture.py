"""Furniture that remains and paragraphs that are lost are counted by definitions of their own."""

import json
from pathlib import Path

import pytest

from eval.furniture import PAGES, main, measured, read_pages, report

BODY = "The Minister of Trade opened harbour number {} in Busan this morning together with the mayor."


def page(number: int, *around: str) -> tuple[str, str]:
    return "x.org", "\n".join(["Harbour Opened in Busan", BODY.format(number), *around])


def test_repeated_lines_that_remain_and_those_that_went_are_told_apart() -> None:
    figures = measured([page(n, "Our harbours are open", "Next Article", "About") for n in range(3)])

    assert dict(figures.repeated) == {
        ("x.org", line): 3 for line in ("Harbour Opened in Busan", "Our harbours are open", "Next Article", "About")
    }
    assert dict(figures.remain) == {("x.org", "Our harbours are open"): 3}
    assert (figures.body, figures.lost, figures.refused) == (3, (), ())


def test_a_repeated_line_between_paragraphs_is_told_from_furniture_around_them() -> None:
    text = (
        "Background:",
        "The harbour was begun ten years ago by the mayor who was then in office.",
        "Our harbours are open",
    )
    figures = measured([page(n, *text) for n in range(3)])

    assert dict(figures.inside) == {("x.org", "Background:"): 3}
    assert dict(figures.remain) == {("x.org", "Our harbours are open"): 3}
    assert "  kept   3 × x.org: Background:" in report(figures)


def test_a_lost_paragraph_and_a_refused_page_are_named() -> None:
    # Said by a site and by a release alike; the definitions of the figures do not know it.
    lost = "This site uses cookies to improve your visit and to know how you found it."
    figures = measured([page(1, lost), ("x.org", "Home\nNews")])

    assert figures.lost == ((0, lost),)
    assert figures.refused == (1,)
    assert list(report(figures)) == [
        "2 pages; 1 in which no sentence was found",
        "furniture: 0 lines stand on 3 or more pages of their site, 0 times in all; 0 of them remain in releases, 0 times",
        "0 more stand between paragraphs of the text and are kept, 0 times",
        "body: 1 of 2 paragraphs are lost",
        "other lines: 0 of 0 are left out",
        f"  lost on page 0: {lost}",
    ]


def test_other_lines_that_are_left_out_are_counted_and_printed_on_demand() -> None:
    figures = measured([page(1, "Busan Harbour, 4 ships", "###", "A Ship Sailed")])

    assert (figures.others, figures.left_out) == (3, ((0, "A Ship Sailed"),))
    assert list(report(figures, whole=True))[-1] == "  left out on page 0: A Ship Sailed"


def test_without_the_pages_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 0
    assert "none.jsonl is not there" in capsys.readouterr().out


def test_records_are_read_as_pages(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text(json.dumps({"domain": "x.org", "text": "They met.", "url": "u"}) + "\n")

    assert read_pages(tmp_path / "pages.jsonl") == [("x.org", "They met.")]


@pytest.mark.skipif(not PAGES.exists(), reason="the pages are not part of the project")
def test_of_1500_real_pages_no_furniture_remains_and_no_paragraph_is_lost() -> None:
    figures = measured(read_pages(PAGES))

    assert (figures.remain, figures.lost) == ({}, ())
    assert len(figures.inside) <= 8
    assert len(figures.left_out) <= 46
    assert len(figures.refused) <= 11
