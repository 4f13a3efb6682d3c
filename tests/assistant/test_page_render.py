"""What the reader sees of an answer and of a release."""

from dataclasses import replace
from datetime import date
from html import escape
from html.parser import HTMLParser

import pytest

from assistant.answer import Answer, Citation, Dropped, Searched, Seconds, Statement
from assistant.page.page import Overview, _masthead, example_questions
from assistant.page.render import Passage, answer_html, plain_text, question_html, release_html, web_address
from vectorstore import Match, Note, Paragraph, Release

TEXT = "The two sides agreed.\n* China joined in March 2023."
RELEASE = Release(
    "mofa/1",
    "Outcome of the Meeting",
    date(2023, 11, 26),
    "https://www.mofa.go.kr/view?seq=1&x=2",
    "en",
    (
        Paragraph(0, "1", True, "The ministers met in Busan."),
        Paragraph(1, "4", True, TEXT, (Note("*", 22, len(TEXT)),)),
        Paragraph(2, "3", False, "They parted."),
    ),
)
CITATION = Citation(1, "mofa/1", 1, RELEASE.title, RELEASE.date, RELEASE.url, "4", True, 1, 1, TEXT[24:], 24, len(TEXT))
ANSWER = Answer(
    "When did China join?",
    "When did China join?",
    "answered",
    "China joined in March 2023. [1]",
    (Statement("China joined in March 2023.", (1,)),),
    (CITATION,),
    (Match(RELEASE, RELEASE.paragraphs[1], 1.0),),
    Searched(170, date(2021, 1, 22), date(2023, 12, 29)),
    0,
    "quotes",
    Seconds(total=0.31),
)
NOT_STATED = replace(
    ANSWER, status="not_stated", text="None of the 170 releases states this.", statements=(), citations=()
)

PARTLY = replace(ANSWER, status="partial", missing=("Who signed for it?",))

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)> " onclick="alert(3)'


class _Parsed(HTMLParser):
    """The elements and the text of a piece of HTML, as a browser would make them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: list[tuple[str | None, str]] = []
        self._mark: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self._mark = dict(attrs)["class"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._mark = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._mark:
            self.marks.append((self._mark, data))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.elements if name in (attributes.get("class") or "").split()]


def test_a_marker_opens_the_exact_words_that_it_cites() -> None:
    (marker,) = _Parsed(answer_html(ANSWER)).named("marker")
    assert {name: value for name, value in marker.items() if name.startswith("data-")} == {
        "data-release": "mofa/1",
        "data-version": "1",
        "data-index": "1",
        "data-start": "24",
        "data-end": str(len(TEXT)),
        "data-number": "1",
    }
    assert marker["aria-label"] == "Source 1: Outcome of the Meeting, ¶4, note"


def test_an_answer_lists_number_title_date_and_paragraph_of_each_source() -> None:
    shown = _Parsed(answer_html(ANSWER))
    assert "China joined in March 2023.\xa0[1]" in shown.text
    assert "1Outcome of the Meeting¶4, note · 26 November 2023" in shown.text
    assert "Searched 170 releases, 22 January 2021 – 29 December 2023 · 0.3 s" in shown.text


def test_not_stated_is_an_answer_that_offers_the_nearest_paragraphs_without_a_quote() -> None:
    shown = _Parsed(answer_html(NOT_STATED))
    assert "Not stated" in shown.text
    assert "None of the 170 releases states this." in shown.text
    assert [(n["data-index"], n["data-start"], n["data-end"]) for n in shown.named("near")] == [("1", "0", "0")]
    assert not shown.named("problem")


def test_what_a_reader_must_know_of_the_search_is_shown() -> None:
    answer = replace(
        ANSWER,
        status="partial",
        remark="No release is of May.",
        dropped=2,
        answerer="llm:qwen",
        standalone_question="Else?",
    )
    shown = _Parsed(answer_html(answer)).text
    for said in (
        "Partly stated",
        "No release is of May.",
        "2 statements left out",
        "Written by qwen",
        "Read as “Else?”",
    ):
        assert said in shown


def test_what_was_left_out_is_told_with_the_reason() -> None:
    drop = Dropped("China won <the> World Cup.", "the name World is not in its quotes")
    shown = answer_html(replace(ANSWER, dropped=1, drops=(drop,)))
    assert "What was left out, and why" in shown
    assert "China won &lt;the&gt; World Cup." in shown
    assert "the name World is not in its quotes" in shown
    assert "left-out" not in answer_html(ANSWER)


@pytest.mark.parametrize("host", [None, "127.0.0.1:8000", "<b>"])
def test_the_page_says_where_a_question_is_sent(host: str | None) -> None:
    shown = _masthead(Overview(3, "", (), sent_to=host))
    if host is None:
        assert "are sent there" not in shown
    else:
        assert f"a language model at <b>{escape(host)}</b>: your question and the paragraphs" in shown


def test_the_copied_text_holds_answer_quotes_and_addresses() -> None:
    assert plain_text(ANSWER) == (
        "China joined in March 2023. [1]\n\nSources\n[1] Outcome of the Meeting, 26 November 2023, ¶4, note\n"
        "    “China joined in March 2023.”\n    https://www.mofa.go.kr/view?seq=1&x=2"
    )
    (button,) = _Parsed(answer_html(ANSWER)).named("copy")
    assert button["data-copy"] == plain_text(ANSWER)


def test_a_release_shows_every_paragraph_with_its_number_and_the_note_set_apart() -> None:
    shown = _Parsed(release_html(RELEASE, Passage(1, 24, len(TEXT)), [Passage(1, 0, 9), Passage(2, 0, 4)]))
    assert [a.get("class") for a in shown.named("number")] == ["number", "number", "number counted"]
    assert len(shown.named("note")) == 1
    assert [a["data-index"] for a in shown.named("cited")] == ["1"]
    assert shown.marks == [("other", "The two s"), ("quote", "China joined in March 2023."), ("other", "They")]
    assert "26 November 2023" in shown.text


def test_where_quotes_overlap_the_opened_one_is_marked_whole() -> None:
    shown = _Parsed(release_html(RELEASE, Passage(0, 4, 13), [Passage(0, 0, 9), Passage(0, 9, 16)]))
    assert shown.marks == [("other", "The "), ("quote", "ministers"), ("other", " me")]


def test_offsets_outside_the_text_mark_nothing_and_lose_nothing() -> None:
    shown = _Parsed(release_html(RELEASE, Passage(0, 500, 900), [Passage(99, 0, 5), Passage(2, 8, 3)]))
    assert shown.marks == []
    assert "The ministers met in Busan." in shown.text


def test_a_superseded_version_says_so() -> None:
    assert "Version 1; corrected since, now version 3" in release_html(RELEASE, Passage(0), newest=3)
    assert "corrected" not in release_html(RELEASE, Passage(0), newest=1)


def test_nothing_in_a_release_becomes_markup() -> None:
    paragraph = Paragraph(0, HOSTILE, False, HOSTILE)
    release = Release(HOSTILE, HOSTILE, None, "javascript:alert(4)", HOSTILE, (paragraph,))
    citation = replace(CITATION, release_id=HOSTILE, title=HOSTILE, url=HOSTILE, paragraph=HOSTILE, quote=HOSTILE)
    answer = replace(
        ANSWER,
        standalone_question=HOSTILE,
        text=HOSTILE,
        statements=(Statement(HOSTILE, (1,)),),
        citations=(citation,),
        answerer=f"llm:{HOSTILE}",
        remark=HOSTILE,
    )
    nearest = replace(NOT_STATED, text=HOSTILE, matches=(Match(release, paragraph, 1.0),))
    shown = [release_html(release, Passage(0, 3, 20), [Passage(0, 10, 40)]), answer_html(answer), answer_html(nearest)]
    for html in [*shown, question_html(HOSTILE)]:
        parsed = _Parsed(html)
        assert HOSTILE in parsed.text
        assert not {"script", "img", "a"} & {tag for tag, _ in parsed.elements}
        assert not [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://www.mofa.go.kr/view?seq=1", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//example.org/x", False),
        ("https://[", False),
        ("https:", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, safe: bool) -> None:
    assert web_address(url) == (url if safe else None)
    assert ("<a " in release_html(replace(RELEASE, url=url), Passage(0))) is safe


def test_examples_ask_what_the_releases_state() -> None:
    fact = replace(
        RELEASE, paragraphs=(Paragraph(0, "1", True, "* China joined the Apostille Convention in March 2023."),)
    )
    titles = [
        ("Readout of President Biden’s Call with Prime Minister Kishida of\xa0Japan", "en"),
        ("Outcome of Korea-China Foreign Ministers’ Meeting (November 26)", "en"),
        ("한중 외교장관회담 결과", "ko"),
        ("Notice", "en"),
        ("Another notice", "en"),
    ]
    listing = [replace(RELEASE, id=title, title=title, language=language) for title, language in titles]
    assert example_questions([fact], listing) == (
        "When did China join the Apostille Convention?",
        "What did President Biden discuss with Prime Minister Kishida of Japan?",
        "What was the outcome of the Korea-China Foreign Ministers’ Meeting?",
        "‘한중 외교장관회담 결과’의 주요 내용은 무엇입니까?",
        "What does “Notice” say?",
    )
    assert example_questions([], []) == ()


def test_the_shortest_answer_stands_out_in_the_sentence() -> None:
    bold = replace(ANSWER, statements=(Statement("China & Korea joined in March 2023.", (1,), answer=(24, 34)),))

    assert "China &amp; Korea joined in <b>March 2023</b>.&nbsp;" in answer_html(bold)
    assert "<b>" not in answer_html(ANSWER)


def test_what_no_release_states_is_named_beside_what_one_does() -> None:
    shown = _Parsed(answer_html(PARTLY)).text

    assert "Partly stated" in shown
    assert "Not stated: Who signed for it?" in shown


def test_a_list_of_releases_is_not_followed_by_the_same_list_of_sources() -> None:
    listed = replace(ANSWER, statements=(Statement(f"{CITATION.title}, 26 November 2023", (1,), "supported"),))

    assert "Sources" in _Parsed(answer_html(ANSWER)).text
    assert "Sources" not in _Parsed(answer_html(listed)).text
    assert "Nearest paragraphs" not in _Parsed(answer_html(listed)).text
