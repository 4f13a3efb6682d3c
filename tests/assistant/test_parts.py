"""Questions that ask two things, and answers of which a part is not stated."""

import pytest

from assistant import Assistant
from assistant.parts import parts_of

JOINED = "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "When did China join the convention, and who signed for it?",
            ("When did China join the convention?", "Who signed for it?"),
        ),
        ("Who was appointed? And when does he start work?", ("Who was appointed?", "When does he start work?")),
        ("중국은 언제 협약에 가입했고, 누가 서명했나요?", ("중국은 언제 협약에 가입했고?", "누가 서명했나요?")),
        ("When and where did they meet?", ()),
        ("What did Park say, and what did Wang?", ()),
        ("In which of the calls was Mariupol raised, and what about it?", ()),
        ("What does the note say about where and when the agreement was signed?", ()),
        ("Which senators sat in on the one meeting, and which on the other?", ()),
        ("What did the leaders say about Iran and North Korea?", ()),
        ("Park and Wang met, and who else was there?", ()),
        ("Who met, and when was it, and where was it, and why did they meet?", ()),
    ],
)
def test_a_question_is_taken_apart_only_where_each_part_asks_by_itself(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text) == parts


def test_a_part_that_no_release_states_is_named_beside_the_answer_to_the_other(assistant: Assistant) -> None:
    answer = assistant.ask("When did China join the Apostille Convention, and who signed for it?")

    assert answer.status == "partial"
    assert answer.text == (
        f"{JOINED} [1] None of the 171 releases from 22 January 2021 to 14 July 2026 states what “Who signed for it?” "
        "asks for."
    )
    assert answer.missing == ("Who signed for it?",)
    assert [c.quote for c in answer.citations] == [JOINED]
    assert answer.to_dict()["missing"] == ["Who signed for it?"]
    assert len({m.key for m in answer.matches}) == len(answer.matches) >= 10


def test_the_order_of_the_parts_does_not_matter(assistant: Assistant) -> None:
    answer = assistant.ask("How tall is the Eiffel Tower, and when did China join the Apostille Convention?")

    assert (answer.status, answer.missing) == ("partial", ("How tall is the Eiffel Tower?",))
    assert answer.citations[0].quote == JOINED


def test_two_parts_that_are_stated_are_both_answered_and_what_both_quote_is_shown_once(assistant: Assistant) -> None:
    answer = assistant.ask("When did China join the Apostille Convention, and when did it enter into force?")

    assert (answer.status, answer.missing) == ("answered", ())
    assert [s.text for s in answer.statements] == [JOINED]


def test_where_nothing_is_stated_the_whole_is_not(assistant: Assistant) -> None:
    answer = assistant.ask("Who directed the film Parasite, and how many Oscars did it win?")

    assert (answer.status, answer.missing) == ("not_stated", ())
    assert answer.text == "None of the 171 releases from 22 January 2021 to 14 July 2026 states this."


def test_a_count_and_a_fact_may_be_asked_for_together(assistant: Assistant) -> None:
    answer = assistant.ask(
        "How many calls did Biden hold with Kishida in 2022, and when did China join the Apostille Convention?"
    )

    assert answer.statements[0].text.startswith("2 of the 54 releases")
    assert answer.statements[-1].text == JOINED
    assert answer.status == "answered"
