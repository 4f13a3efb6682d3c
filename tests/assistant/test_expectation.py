import pytest

from assistant.expectation import EXPECTATIONS, expected_of, is_held
from vectorstore.language import words

EXAMPLES: dict[str, tuple[str, str, str]] = {
    "age": (
        "How old was the minister?",
        "The minister, aged 61, met her guest.",
        "The minister met his guest on May 6.",
    ),
    "clock": ("At what time did the talks begin?", "The talks began at 10:40 a.m.", "The talks began on November 26."),
    "duration": (
        "How long did the talks last?",
        "They talked for around two hours.",
        "They talked on November 26, 2023.",
    ),
    "percent": ("What percentage of them was vaccinated?", "Some 70 percent were.", "Some 70 million were."),
    "money": ("What will the base cost?", "It will cost $3.5 billion.", "It will be built by 2027 with 300 people."),
    "year": ("By what year is it to enter service?", "It is to enter service in 2031.", "It is to enter service."),
    "date": ("When did they meet?", "They met on August 10.", "They met in Busan."),
    "count": ("How many tourists came?", "Some 5,000 tourists came.", "Tourists came again on August 10, 2023."),
    "amount": ("How much did they send?", "They sent 30 tons.", "They sent tents."),
    "person": ("Who invited him?", "Wang Yi invited the minister.", "The visit was welcomed."),
    "place": ("Where did they meet?", "They met in Busan.", "They met for two hours."),
    "name": ("What are the names of the companies?", "They are Boeing and Airbus.", "These are large companies."),
    "reason": ("Why was it renewed?", "It was renewed because the threat goes on.", "It was renewed."),
}


@pytest.mark.parametrize("kind", EXPECTATIONS)
def test_every_kind_is_asked_for_held_and_missed(kind: str) -> None:
    question, held, missed = EXAMPLES[kind]

    assert expected_of(question) == kind
    assert is_held(kind, held, frozenset(words(question))) is True
    assert is_held(kind, missed, frozenset(words(question))) is False


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What did Park say when he met Wang?", None),
        ("the minister who met Wang in Busan", None),
        ("What did they agree on?", None),
        ("Exactly when did it enter into force?", "date"),
        ("And who else came?", "person"),
        ("How much is the airline paying for the jets?", "money"),
        ("How many hours did they talk?", "duration"),
        ("회담은 언제 열렸나?", "date"),
        ("대표단은 몇 명이었나?", "count"),
        ("몇 년 동안 지속되었나?", "duration"),
        ("나이지리아 대통령은 무엇을 말했나?", None),
        ("역사 왜곡에 대한 입장", None),
        ("What is the minister paying attention to?", None),
        ("What did Korea say about the cost of living?", None),
        ("What state of emergency was declared?", None),
        ("Did the minister remember when they met?", None),
    ],
)
def test_only_words_that_ask_tell_what_is_asked_for(question: str, kind: str | None) -> None:
    assert expected_of(question) == kind


def test_what_the_question_says_itself_is_no_answer_to_it() -> None:
    asked = frozenset(words("How much of the $800 million was new?"))

    assert is_held("money", "The package of $800 million was announced.", asked) is False
    assert is_held("money", "Of it, $200 million is new.", asked) is True


def test_anything_may_answer_a_question_that_asks_for_no_kind() -> None:
    assert is_held(None, "They met.", frozenset()) is None


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        ("percent", "Two thirds of them came.", True),
        ("percent", "It was the third meeting.", False),
        ("age", "He died at the age of 100.", True),
        ("date", "The two sides may hold further talks.", False),
        ("date", "They meet again in May.", True),
        ("year", "The talks were held on Monday.", False),
        ("money", "3천만 원을 지원한다.", True),
        ("duration", "Table 5 " + "-" * 5000 + " x", False),
    ],
)
def test_sentences_hold_what_a_reader_would_find_in_them(kind: str, text: str, held: bool) -> None:
    assert is_held(kind, text, frozenset()) is held
