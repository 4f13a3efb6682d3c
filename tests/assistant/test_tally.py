"""A count is proved release by release, and falls where a proof is missing."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.facts import SPELLINGS
from assistant.quotes import Quote
from assistant.tally import Event, Listed, Mention, Party, Tally, called, dates_of, line
from assistant.verify import fault_of, verified
from vectorstore import Match, Paragraph, Release


def release(number: int, title: str, text: str) -> Release:
    return Release(f"r{number}", title, date(2022, number, 8), None, "en", (Paragraph(0, "1", False, text),))


def whole(of: Release) -> Quote:
    return Quote(Match(of, of.paragraphs[0], 1.0), 0, len(of.paragraphs[0].text))


ONE = release(7, "Readout of the Call with Japan", "They spoke of Taiwan.")
OTHER = release(9, "Readout of the Call with Korea", "The Taiwan Strait was discussed.")
TALLY = Tally(
    "2 of the 9 releases mention “Taiwan”.",
    (whole(ONE), whole(OTHER)),
    rule=Mention(("Taiwan",)),
    counted=(ONE, OTHER),
    cited=1,
)


def test_a_proved_count_is_shown_with_as_many_citations_as_it_says() -> None:
    checked = verified([TALLY])

    assert [(s.text, s.citations, s.kind) for s in checked.statements] == [(TALLY.text, (1,), "supported")]
    assert [c.release_id for c in checked.citations] == ["r7"]


@pytest.mark.parametrize(
    ("tally", "fault"),
    [
        (replace(TALLY, text="3 of the 9 releases mention “Taiwan”."), "it does not say that 2 count"),
        (replace(TALLY, text="21 of the 99 releases mention “Taiwan”."), "it does not say that 2 count"),
        (replace(TALLY, counted=(ONE, ONE)), "it quotes “Readout of the Call with Korea”, which it does not count"),
        (replace(TALLY, quotes=(whole(ONE),)), "nothing proves that “Readout of the Call with Korea” counts"),
        (replace(TALLY, rule=Mention(("Iran",))), "nothing proves that “Readout of the Call with Japan” counts"),
        (replace(TALLY, quotes=(whole(ONE), replace(whole(OTHER), end=900))), "its quote does not stand in its paragraph"),
    ],
)  # fmt: skip
def test_a_count_without_its_proofs_falls(tally: Tally, fault: str) -> None:
    assert fault_of(tally) == fault
    assert verified([tally]).statements == ()


def test_a_release_is_listed_under_its_own_title_and_date_only() -> None:
    said = "They spoke of Taiwan."

    assert line(ONE, said) == "Readout of the Call with Japan, 8 July 2022: “They spoke of Taiwan.”"
    assert fault_of(Listed(line(ONE, said), (whole(ONE),))) is None
    assert fault_of(Listed(line(ONE), (whole(ONE),))) is None
    assert fault_of(Listed(line(OTHER), (whole(ONE),))) == "it is not called what its release is called"
    assert fault_of(Listed(line(ONE, "They spoke of Iran."), (whole(ONE),))) is not None


def test_what_has_several_names_has_one_term() -> None:
    for spellings in SPELLINGS:
        assert len({called(name) for name in spellings}) == 1, spellings


@pytest.mark.parametrize(
    ("party", "title", "stands"),
    [
        ("Prime Minister Kishida", "Prime Minister Kishida Fumio of Japan", True),
        ("Fumio Kishida", "Prime Minister Kishida of Japan", True),
        ("Joe Biden", "President Joseph R. Biden, Jr.", True),
        ("Boris Johnson", "Prime Minister Johnson of the United Kingdom", True),
        ("Mike Johnson", "Prime Minister Boris Johnson of the United Kingdom", False),
        ("New Zealand", "the Mayor of New York", False),
        ("the President", "President Biden", True),
        ("the President", "Vice President Harris", False),
        ("the Vice President", "Vice President Harris", True),
        ("South Korea", "President Yoon of the Republic of Korea", True),
        ("South Korea", "Kim of the Democratic People’s Republic of Korea", False),
    ],
)
def test_a_party_is_recognised_by_name_and_office(party: str, title: str, stands: bool) -> None:
    assert Party(party).stands_in(title) is stands


CALL = Event("call", Party("the President"), Party("Kishida"))


@pytest.mark.parametrize(
    ("title", "lead", "counts"),
    [
        ("Readout of President Biden’s Call with Prime Minister Kishida", "President Biden spoke with him.", True),
        ("Readout of Joseph R. Biden, Jr.’s Call with Prime Minister Kishida", "President Biden spoke today.", True),
        ("Joint Statement on the Call between President Biden and Prime Minister Kishida", "They spoke.", True),
        ("Readout of Vice President Harris’s Call with Prime Minister Kishida", "The Vice President spoke.", False),
        ("Readout of President Biden’s Meeting with Prime Minister Kishida", "President Biden met him.", False),
        ("Readout of President Biden’s Call with President Yoon", "President Biden spoke with him.", False),
        ("Statement on President Biden’s Call with Prime Minister Kishida", "President Biden will call him.", False),
        ("President Biden’s Call to Action for Prime Minister Kishida", "President Biden issued it.", False),
    ],
)
def test_an_event_counts_by_its_title_and_lead_sentence(title: str, lead: str, counts: bool) -> None:
    told = release(5, title, lead)

    assert CALL.proved(told, [whole(told)]) is counts


def test_dates_are_told_in_order() -> None:
    assert dates_of([OTHER, ONE]) == "8 July 2022 and 8 September 2022"
