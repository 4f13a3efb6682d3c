import pytest

from ingest.formats.counters import NUMERALS, Level, Running, numeral


@pytest.mark.parametrize(
    ("counting", "expected"),
    {
        "decimal": "1 2 3 10 27",
        "decimal-zero": "01 02 03 10 27",
        "full-width": "１ ２ ３ １０ ２７",
        "dashes": "- 1 -|- 2 -|- 3 -|- 10 -|- 27 -",
        "ordinal": "1st 2nd 3rd 10th 27th",
        "upper-roman": "I II III X XXVII",
        "lower-roman": "i ii iii x xxvii",
        "upper-letter": "A B C J AA",
        "lower-letter": "a b c j aa",
        "upper-alphabetic": "A B C J AA",
        "lower-alphabetic": "a b c j aa",
        "circled": "① ② ③ ⑩ ㉗",
        "bracketed": "⑴ ⑵ ⑶ ⑽ (27)",
        "full-stop": "⒈ ⒉ ⒊ ⒑ (27)",
        "circled-upper-letter": "Ⓐ Ⓑ Ⓒ Ⓙ (27)",
        "circled-lower-letter": "ⓐ ⓑ ⓒ ⓙ (27)",
        "hangul": "가 나 다 차 퍼",
        "hangul-jamo": "ㄱ ㄴ ㄷ ㅊ 27",
        "hangul-spoken": "일 이 삼 십 이십칠",
        "circled-hangul": "㉮ ㉯ ㉰ ㉷ (27)",
        "circled-jamo": "㉠ ㉡ ㉢ ㉩ (27)",
        "ideograph": "一 二 三 十 二十七",
        "circled-ideograph": "㊀ ㊁ ㊂ ㊉ (27)",
        "heavenly-stem": "甲 乙 丙 癸 27",
    }.items(),
)
def test_a_number_is_said_as_word_processors_say_it(counting: str, expected: str) -> None:
    said = [numeral(counting, n) for n in (1, 2, 3, 10, 27)]

    assert said == (expected.split("|") if "|" in expected else expected.split(" "))


@pytest.mark.parametrize("counting", NUMERALS)
def test_every_way_of_counting_takes_every_number(counting: str) -> None:
    assert all(isinstance(numeral(counting, n), str) for n in (-5, 0, 1, 99, 100, 3999, 4000, 1_000_000))


def test_the_hundredth_and_fourteenth_ones_are_right() -> None:
    assert [numeral("hangul", n) for n in (14, 15, 28)] == ["하", "거", "허"]
    assert [numeral("lower-letter", n) for n in (28, 52)] == ["bb", "zz"]
    assert [numeral("lower-alphabetic", n) for n in (28, 52)] == ["ab", "az"]
    assert [numeral("ordinal", n) for n in (11, 12, 13, 21, 111)] == ["11th", "12th", "13th", "21st", "111th"]


def test_levels_count_restart_and_carry_those_above() -> None:
    levels = [Level("%1."), Level("%1.%2"), Level("(%3)", "lower-letter")]
    running = Running()

    labels = [running.label(levels, at) for at in (0, 1, 1, 2, 2, 1, 2, 0, 1)]

    assert labels == ["1.", "1.1", "1.2", "(a)", "(b)", "1.3", "(a)", "2.", "2.1"]


def test_a_level_may_count_on_or_restart_only_after_a_higher_one() -> None:
    on = [Level("%1."), Level("%2)", restart=0)]
    after_first = [Level("%1."), Level("%2."), Level("%3)", restart=1)]
    running, other = Running(), Running()

    assert [running.label(on, at) for at in (0, 1, 1, 0, 1)] == ["1.", "1)", "2)", "2.", "3)"]
    assert [other.label(after_first, at) for at in (0, 1, 2, 1, 2, 0, 2)] == ["1.", "1.", "1)", "2.", "2)", "2.", "1)"]


def test_a_level_without_one_above_it_and_a_legal_one_show_digits() -> None:
    levels = [Level("%1.", "upper-roman", start=4), Level("%1.%2", legal=True)]
    running = Running()

    assert [running.label(levels, at) for at in (1, 0, 1)] == ["4.1", "IV.", "4.1"]
