import json
from datetime import date
from pathlib import Path

import pytest

from assistant.survey import Survey, survey_of
from assistant.tally import Genre, Party

ROOT = Path(__file__).parents[2]
YEAR_2022 = {"since": date(2022, 1, 1), "until": date(2022, 12, 31)}
KISHIDA = Survey(
    "count", event="call", actor=Party("the President"), partner=Party("Prime Minister Kishida"), **YEAR_2022
)


@pytest.mark.parametrize(
    ("question", "survey"),
    [
        ("Which releases mention the Apostille Convention?", Survey("list", "Apostille Convention")),
        ("In which releases is the Apostille Convention mentioned?", Survey("list", "Apostille Convention")),
        ("Which release mentions the 2030 World Expo?", Survey("list", "2030 World Expo")),
        ("How many releases name Taiwan?", Survey("count", "Taiwan")),
        ("How many releases of 2022 name Taiwan?", Survey("count", "Taiwan", **YEAR_2022)),
        ("In how many releases does AUKUS appear?", Survey("count", "AUKUS")),
        ("List all releases about Ukraine since March 2022", Survey("list", "Ukraine", True, since=date(2022, 3, 1))),
        ("Are there any statements about Iran?", Survey("list", "Iran", True, Genre("statement"))),
        (
            "Which readouts mention the Taiwan Strait after March 2022 and before 2023?",
            Survey("list", "Taiwan Strait", False, Genre("readout"), since=date(2022, 4, 1), until=date(2022, 12, 31)),
        ),
        ("How many releases were published in March 2022?", Survey("count", since=date(2022, 3, 1), until=date(2022, 3, 31))),
        ("How many calls did the President hold with Prime Minister Kishida in 2022?", KISHIDA),
        ("How many calls were there with Macron in 2022?", Survey("count", event="call", partner=Party("Macron"), **YEAR_2022)),
        ("How often has Biden met with Xi Jinping?", Survey("count", event="meeting", actor=Party("Biden"), partner=Party("Xi Jinping"))),
        ("List Biden's calls with Zelenskyy", Survey("list", event="call", actor=Party("Biden"), partner=Party("Zelenskyy"))),
        ("On which dates did Biden speak with Macron?", Survey("list", event="call", actor=Party("Biden"), partner=Party("Macron"))),
        ("Summarise the release of 26 November", Survey("summary", "the release of 26 November")),
        ("What are the key points of the Camp David fact sheet?", Survey("summary", "the Camp David fact sheet")),
        ("아포스티유 협약을 언급한 보도자료는 몇 건인가요?", Survey("count", "아포스티유 협약")),
        ("우크라이나에 대한 보도자료 목록을 보여줘", Survey("list", "우크라이나", True)),
        ("2022년에 나온 보도자료는 몇 건인가요?", Survey("count", **YEAR_2022)),
        ("11월 26일 보도자료를 요약해 줘", Survey("summary", "11월 26일 보도자료")),
    ],
)  # fmt: skip
def test_a_question_about_the_releases_is_understood(question: str, survey: Survey) -> None:
    assert survey_of(question) == survey


@pytest.mark.parametrize(
    "question",
    [
        "How many countries joined the treaty?",
        "How many Koreans died?",
        "How many meetings will the task force hold each month?",
        "How many meetings did the working group hold in 2022?",
        "How often do the foreign ministers meet?",
        "Which countries mention the convention?",
        "Which releases say that China joined the convention?",
        "Which documents do I need to renew my passport?",
        "Summarise what Park said about culture",
        "What did the statement say about Iran?",
        "몇 명이 참석했나요?",
        "",
        "release " * 200,
    ],
)
def test_a_question_for_a_fact_is_left_to_the_search(question: str) -> None:
    assert survey_of(question) is None


def test_no_question_written_by_hand_for_a_fact_is_taken_for_a_survey() -> None:
    files = [*(ROOT / "eval" / "cases").glob("*.jsonl"), *(ROOT / "eval" / "training").glob("cases-*.jsonl")]
    cases = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(cases) > 8_000

    assert [c["question"] for c in cases if survey_of(c["question"], c.get("history", []))] == []


@pytest.mark.parametrize(
    ("history", "question", "survey"),
    [
        (["How many releases name Taiwan?"], "And in 2022?", Survey("count", "Taiwan", **YEAR_2022)),
        (["How many releases name Taiwan?"], "Which ones?", Survey("list", "Taiwan")),
        (["How many releases name Taiwan?", "Which ones?"], "And Ukraine?", Survey("list", "Ukraine")),
        (["Which releases mention fentanyl?"], "And which of them mention Canada?", Survey("list", "fentanyl and Canada")),
        (["When did China join the Apostille Convention?"], "Which releases mention it?", Survey("list", "Apostille Convention")),
        (["What did Biden say about fentanyl in 2023?"], "Which releases mention it?", Survey("list", "fentanyl")),
        (["When did China join the Apostille Convention?"], "And in 2022?", None),
        (["How many releases name Taiwan?"], "What does the second one say?", None),
    ],
)  # fmt: skip
def test_a_follow_up_changes_one_thing_of_the_survey_before_it(
    history: list[str], question: str, survey: Survey | None
) -> None:
    assert survey_of(question, history) == survey


def test_another_counterpart_and_another_year_keep_the_rest_of_a_count_of_calls() -> None:
    first = "How many calls did the President hold with Prime Minister Kishida in 2022?"

    macron = survey_of("And with Macron?", [first])
    assert macron == Survey("count", event="call", actor=Party("the President"), partner=Party("Macron"), **YEAR_2022)
    later = survey_of("and since 2023?", [first, "And with Macron?"])
    assert later == Survey(
        "count", event="call", actor=Party("the President"), partner=Party("Macron"), since=date(2023, 1, 1)
    )


def test_a_long_conversation_is_gone_back_a_few_turns() -> None:
    assert survey_of("Which ones?", ["How many releases name Taiwan?", *["Which ones?"] * 5]) is not None
    assert survey_of("Which ones?", ["How many releases name Taiwan?", *["Which ones?"] * 5_000]) is None
