from datetime import date

import pytest

from assistant.question import MAX_CHARACTERS, leans_back, understand


def test_a_question_alone_stands_as_it_is() -> None:
    asked = understand("When did China join the Apostille Convention?")

    assert asked.standalone == "When did China join the Apostille Convention?"
    assert asked.asked_for == "date"
    assert asked.context == ()
    assert {"china", "apostille", "convention"} <= set(asked.names)


def test_a_follow_up_takes_along_what_the_turn_before_was_about() -> None:
    asked = understand("And when did it enter into force?", ["When did China join the Apostille Convention?"])

    assert asked.standalone == "And when did it enter into force? (China join the Apostille Convention)"
    assert {"china", "apostill", "convent"} <= set(asked.context)
    assert "apostill" not in asked.terms


def test_a_chain_of_follow_ups_reaches_back_to_the_turn_that_stood_alone() -> None:
    history = ["Where did Park Jin and Wang Yi meet?", "And with whom else at the table?"]

    assert understand("What about culture?", history).standalone == (
        "What about culture? (Park Jin and Wang Yi meet; else at the table)"
    )


@pytest.mark.parametrize(
    ("history", "question", "topic"),
    [
        (["What did Park request about the Expo?"], "what did he say about culture?", "Park request"),
        (["What did the G7 say about grain in October 2022?"], "And what about gas?", "the G7 say in October 2022"),
        (["What did Biden and Kishida discuss in October 2022?"], "And in November 2023?", "Biden and Kishida discuss"),
        (["What did Sullivan discuss with Cho Tae-yong?"], "and with Hanegbi?", "Sullivan discuss"),
        (["What did Biden say to Erdogan in 2023?"], "And to Netanyahu?", "Biden say in 2023"),
        (["What did Park request about the Expo?"], "And Wang?", "request about the Expo"),
        (
            ["What did Sullivan discuss with Cho Tae-yong?", "and with Hanegbi?"],
            "And in June 2023?",
            "Sullivan discuss; Hanegbi",
        ),
        (["What did Park request about the Expo?"], "And what about Park?", "Park request"),
        (["박진과 왕이는 어디서 만났나요?"], "얼마나 오래 이야기했나요?", "박진과 왕이는 어디서 만났나요"),
    ],
)
def test_a_follow_up_leaves_out_what_it_puts_something_else_in_place_of(
    history: list[str], question: str, topic: str
) -> None:
    assert understand(question, history).standalone == f"{question} ({topic})"


def test_a_new_topic_takes_nothing_along() -> None:
    asked = understand(
        "Who attended the Camp David summit in August 2023?", ["When did China join the Apostille Convention?"]
    )

    assert asked.standalone == asked.text


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("And when did it enter into force?", True),
        ("what about culture?", True),
        ("Why?", True),
        ("What did he request?", True),
        ("How many were there?", True),
        ("그럼 언제 발효되었나요?", True),
        ("What did Park Jin say about the Expo?", False),
        ("Is there a date for the next summit of Korea, Japan and China?", False),
        ("Did Wang Yi say that China will preserve historic sites?", False),
        ("Did Park Jin say he would visit Seoul?", False),
    ],
)
def test_a_question_leans_back_when_it_lacks_its_subject(text: str, leans: bool) -> None:
    assert leans_back(text) is leans


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("Which calls with Kishida were held since May 2022?", date(2022, 5, 1), None),
        ("What was said about Taiwan before 2022?", None, date(2021, 12, 31)),
        ("What was the last call before 7 October 2023 about?", None, date(2023, 10, 6)),
        ("What did they say before the summit of May 2022 about trade?", None, None),
        ("What happened in March 2023?", None, None),
    ],
)
def test_words_of_time_bound_the_search_only_where_they_speak_of_releases(
    text: str, since: date | None, until: date | None
) -> None:
    asked = understand(text)

    assert (asked.since, asked.until) == (since, until)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("What does paragraph 8 say?", "8"),
        ("Quote para. 12 of the declaration", "12"),
        ("the third point of the statement", "3"),
        ("¶4", "4"),
        ("제8항의 내용은?", "8"),
        ("How many paragraphs are there in 2023?", None),
        ("What does Article 3 say?", "3"),
        ("What did the leaders say about Article 5?", None),
        ("보잉 777 항공기는 몇 대인가?", None),
    ],
)
def test_a_paragraph_asked_for_by_number_is_seen(text: str, number: str | None) -> None:
    assert understand(text).paragraph == number


@pytest.mark.parametrize("text", ["", "   \n", "?!…", "_"])
def test_an_empty_question_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the question is empty"):
        understand(text)


def test_an_overlong_question_is_refused_with_its_length() -> None:
    with pytest.raises(ValueError, match=rf"the question has 100,000 characters; at most {MAX_CHARACTERS:,}"):
        understand("x" * 100_000)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("What did the most recent statement say?", "latest"),
        ("When did Park last meet Wang?", "latest"),
        ("What came up in their last known phone call?", "latest"),
        ("Who chaired the first ever meeting of the Quad?", "first"),
        ("What was said in last week's call?", None),
        ("What does the last paragraph say?", None),
        ("What is the first priority of the plan?", None),
        ("And in the first one?", "first"),
        ("마지막 통화에서 무엇을 논의했나요?", "latest"),
    ],
)
def test_a_question_for_the_first_or_last_of_several_is_seen(text: str, order: str | None) -> None:
    assert understand(text).order == order


@pytest.mark.parametrize("text", ["Thanks!", "Hello", "OK, thank you very much.", "감사합니다"])
def test_thanks_and_greetings_are_no_question(text: str) -> None:
    with pytest.raises(ValueError, match="asks nothing; ask something about the releases"):
        understand(text)


@pytest.mark.parametrize("text", ["Hello who met whom?", "What did he thank her for?", "Thank whom?"])
def test_a_question_with_a_greeting_is_one(text: str) -> None:
    assert understand(text).text == text
