from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.quotes import Draft, Quote
from assistant.verify import is_carried, locate, normal, verified
from vectorstore import Match, Note, Paragraph, Release

TEXT = "The two sides agreed to continue the talks in Busan on 3 May.\n* They met for two hours."
PARAGRAPH = Paragraph(3, "4", True, TEXT, (Note("*", 62, 87),))
RELEASE = Release(
    "r", "Talks of the Foreign Ministers", date(2023, 11, 26), "https://x.org/r", "en", (PARAGRAPH,), version=2
)
MATCH = Match(RELEASE, PARAGRAPH, 1.0)


def quote(words: str) -> Quote:
    start = TEXT.index(words)
    return Quote(MATCH, start, start + len(words))


def test_a_verbatim_statement_is_cited_with_its_place() -> None:
    words = "They met for two hours."

    checked = verified([Draft(words, (quote(words),))])

    (citation,) = checked.citations
    assert (citation.paragraph, citation.index, citation.note, citation.version) == ("4", 3, 1, 2)
    assert citation.quote == words == TEXT[citation.start : citation.end]
    assert checked.statements[0].citations == (1,)
    assert checked.statements[0].kind == "verbatim"
    assert checked.dropped == 0


def test_one_quote_cited_twice_has_one_number() -> None:
    both = quote("The two sides agreed to continue the talks in Busan on 3 May.")

    checked = verified([Draft(both.text, (both,)), Draft(both.text, (both,))])

    assert [s.citations for s in checked.statements] == [(1,), (1,)]
    assert len(checked.citations) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "The two sides agreed to suspend the talks in Busan on 3 May.",
        "The two sides did not agree to continue the talks in Busan.",
        "The two sides agreed to continue the talks in Busan on 4 May.",
        "The two sides agreed to continue the talks in Seoul.",
        "The two sides will agree to continue the talks.",
        "The two sides agreed to continue 12 talks in Busan.",
        "China won the World Cup.",
        "",
    ],
)
def test_what_the_quote_does_not_say_is_dropped_and_counted(statement: str) -> None:
    checked = verified([Draft(statement, (quote("The two sides agreed to continue the talks in Busan on 3 May."),))])

    assert checked.statements == ()
    assert checked.citations == ()
    assert checked.dropped == 1


def test_a_shorter_statement_that_its_quote_carries_is_supported() -> None:
    checked = verified(
        [
            Draft(
                "The two sides agreed to continue the talks.",
                (quote("The two sides agreed to continue the talks in Busan on 3 May."),),
            )
        ]
    )

    assert [s.kind for s in checked.statements] == ["supported"]


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (9, 3), (0, len(TEXT) + 1), (61, 62)])
def test_offsets_outside_the_paragraph_carry_nothing(start: int, end: int) -> None:
    assert not is_carried(Draft("anything", (Quote(MATCH, start, end),)))


def test_a_statement_without_a_quote_is_dropped() -> None:
    assert verified([Draft("They met.", ())]).dropped == 1


@pytest.mark.parametrize(
    ("wanted", "text", "expected"),
    [
        ("the 'main' point", "On  the ‘main’\npoint.", "the ‘main’\npoint"),
        ("Visit Korea Year 2023-2024", "“Visit Korea Year 2023–2024.”", "Visit Korea Year 2023–2024"),
        ("외교", "외교부", "외교"),
        ("cafe", "café", None),
        ("agreed to suspend", "agreed to continue", None),
        ("Agreed", "agreed", None),
        ("", "text", None),
    ],
)
def test_a_quote_is_located_after_the_one_normalisation(wanted: str, text: str, expected: str | None) -> None:
    found = locate(wanted, text)

    assert (text[found[0] : found[1]] if found else None) == expected


@given(st.text(alphabet=st.sampled_from("ab ‘’“”\"'-–\u00a0\n\té가각ﬁ½…"), min_size=1, max_size=40), st.data())
def test_any_run_of_a_text_is_located_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    run = text[start:end]

    found = locate(run, text)

    if normal(run):
        assert found is not None
        assert normal(text[found[0] : found[1]]) == normal(run) or normal(run) in normal(text[found[0] : found[1]])
    else:
        assert found is None
