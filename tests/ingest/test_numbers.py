import pytest

from ingest.markers import STYLES
from ingest.numbering import paragraphs
from ingest.numbers import numbering_remark, printed_numbers


def numbers(texts: list[str]) -> list[str | None]:
    return [found[0] if found else None for found in printed_numbers(texts)]


def remark(*texts: str) -> str:
    return numbering_remark(paragraphs(texts))


# One row a style: how it prints its first numbers, and what is cited.
FORMS = {
    "1.": (["1. We met.", "2. We agreed.", "3.We left."], ["1", "2", "3"]),
    "１": (["１　双方は会談した。", "２ 双方は合意した。"], ["1", "2"]),
    "1)": (["1) We met.", "2) We agreed."], ["1", "2"]),
    "(1)": (["(1) We met.", "(2) We agreed.", "（3）中方"], ["1", "2", "3"]),
    "①": (["① 양측은 만났다.", "②양측은 합의했다."], ["1", "2"]),
    "一、": (["一、双方会见。", "二、双方同意。", "（三）双方"], ["一", "二", "三"]),
    "가.": (["가. 양측은 만났다.", "나. 양측은 합의했다.", "다) 끝으로 악수했다."], ["가", "나", "다"]),
    "Article 1": (
        ["Article 1 The sides meet.", "Article 2: They agree.", "제3조(목적) 이 협정은"],
        ["Article 1", "Article 2", "제3조"],
    ),
    "Section 1": (["Section 1. Purpose.", "Sec. 2. Policy."], ["Section 1", "Sec. 2"]),
    "I.": (["I. We met.", "II. We agreed.", "Ⅲ. We left.", "IV. We rested."], ["I", "II", "III", "IV"]),
    "A.": (["A. We met.", "B. We agreed."], ["A", "B"]),
}


@pytest.mark.parametrize("style", [style.name for style in STYLES])
def test_every_form_of_number_is_read_as_it_is_printed(style: str) -> None:
    texts, expected = FORMS[style]
    assert numbers(texts) == expected


@pytest.mark.parametrize(
    "texts",
    [
        ["2023. A good year.", "2024. A better one."],
        ["3. 14.(목) 서울에서 만났다.", "4. 15.(금) 부산에서 만났다."],
        ["Article 3 of the treaty binds us.", "Article 4 of the treaty does not."],
        ["Section 1 was opened by the minister.", "Section 2 was opened by the mayor."],
        ["I met the minister.", "A minister met me."],
        ["1.5 degrees", "2.5 degrees"],
        ["$1. 2 billion", "1,000. 3"],
        # Lists that begin again without a heading are no paragraph numbers.
        ["They agreed.", "1. a.", "2. b.", "3. c.", "They also agreed.", "1. a.", "2. b.", "3. c."],
        ["1. a", "2. b", "1. c", "2. d"],
        # One list behind its lead-in, in a release that goes on without numbers.
        ["They met.", "They agreed on:", "1. trade", "2. peace", "They left.", "They will meet again."],
    ],
)
def test_numbers_that_are_no_paragraph_numbers_are_left_alone(texts: list[str]) -> None:
    assert numbers(texts) == [None] * len(texts)


def test_a_lead_in_above_all_numbers_does_not_make_them_a_list() -> None:
    assert numbers(["The two sides agreed as follows:", "1. They meet.", "2. They trade."]) == [None, "1", "2"]


def test_a_list_inside_a_numbered_paragraph_stays_its_text() -> None:
    assert numbers(["1. We met.", "2. We will:", "(1) trade", "(2) talk", "3. We left."]) == ["1", "2", None, None, "3"]
    assert numbers(["1. We met.", "2. We will:", "1. trade", "2. talk", "3. We left.", "4. We rested."]) == [
        "1",
        "2",
        None,
        None,
        "3",
        "4",
    ]
    assert numbers(["가. 양측은 만났다.", "① 첫째로 합의했다.", "② 둘째로 합의했다.", "나. 양측은 헤어졌다."]) == [
        "가",
        None,
        None,
        "나",
    ]


def test_where_numbers_begin_anew_they_carry_the_number_of_their_section() -> None:
    texts = ["I. Trade", "1. We trade.", "2. We sell.", "II. Peace", "1. We talk.", "2. We listen.", "3. We agree."]

    assert numbers(texts) == ["I", "I.1", "I.2", "II", "II.1", "II.2", "II.3"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("A. Trade", "B. Peace", ["A", "A.1", "A.2", "B", "B.1"]),
        (
            "Section 1. Trade",
            "Section 2. Peace",
            ["Section 1", "Section 1.1", "Section 1.2", "Section 2", "Section 2.1"],
        ),
        ("Article 1", "Article 2", ["Article 1", "Article 1.1", "Article 1.2", "Article 2", "Article 2.1"]),
        ("Part I – Trade", "Part II – Peace", [None, "Part I.1", "Part I.2", None, "Part II.1"]),
        ("가. 교역", "나. 평화", ["가", "가.1", "가.2", "나", "나.1"]),
        ("별첨 1", "별첨 2", [None, "별첨 1.1", "별첨 1.2", None, "별첨 2.1"]),
        # Headings without a number of their own are counted.
        ("Trade", "Peace", [None, "§1.1", "§1.2", None, "§2.1"]),
    ],
)
def test_sections_are_called_as_their_headings_print_it(first: str, second: str, expected: list[str | None]) -> None:
    assert numbers([first, "1. We trade.", "2. We sell.", second, "1. We talk."]) == expected


def test_an_annex_numbers_anew_and_the_text_before_it_keeps_its_plain_numbers() -> None:
    texts = ["1. We met.", "2. We agreed.", "3. We left.", "Annex: Plan of Action", "1. We act.", "2. We report."]

    assert numbers(texts) == ["1", "2", "3", None, "Annex.1", "Annex.2"]


def test_headings_with_letters_above_numbers_that_run_on_change_nothing() -> None:
    assert numbers(["A. TRADE", "1. We trade.", "2. We sell.", "B. PEACE", "3. We talk."]) == [
        None,
        "1",
        "2",
        None,
        "3",
    ]


def test_korean_letters_under_numbered_headings_carry_them() -> None:
    texts = ["1. 회담 개요", "가. 양측은 만났다.", "나. 교역을 논의했다.", "2. 향후 계획", "가. 다시 만난다."]

    assert numbers(texts) == ["1", "1.가", "1.나", "2", "2.가"]


def test_sections_inside_sections_carry_both() -> None:
    texts = [
        *("I. World", "A. Trade", "1. We trade.", "2. We sell.", "B. Peace", "1. We talk."),
        *("II. Home", "A. Work", "1. We work.", "B. Rest", "1. We rest."),
    ]

    assert [n for n in numbers(texts) if n and "1" in n] == ["I.A.1", "I.B.1", "II.A.1", "II.B.1"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1. a.", "2. b.", "4. d."], "3 is missing"),
        (["1. a.", "2. b.", "6. f.", "7. g."], "3, 4, 5 are missing"),
        (["2. b.", "3. c."], "1 is missing"),
        (["1. a.", "2. b.", "2. c.", "3. d."], "2 is repeated"),
        (["1. a.", "3. b.", "2. c.", "4. d."], "2 stands after 3"),
        (["I. Trade", "1. a.", "2. b.", "II. Peace", "1. c.", "3. d."], "II.2 is missing"),
        (["가. a.", "나. b.", "라. c."], "3 is missing"),
        (["Section 1. A.", "Sec. 2. B.", "Sec. 4. C."], "3 is missing"),
    ],
)
def test_broken_numbers_are_kept_and_the_remark_says_so(texts: list[str], expected: str) -> None:
    made = paragraphs(texts)

    assert [p.numbered for p in made] == [True] * len(texts)
    assert numbering_remark(made) == f"the printed paragraph numbers are kept as they are: {expected}"


@pytest.mark.parametrize(
    "texts",
    [
        ["1. We met.", "2. We agreed."],
        ["We met.", "We agreed."],
        ["Section 1. A.", "Sec. 2. B."],
        ["제1조 가.", "제2조 나.", "제2조의2 다.", "제3조 라."],
        ["I. Trade", "1. We trade.", "2. We sell.", "II. Peace", "1. We talk."],
    ],
)
def test_whole_numbers_call_for_no_remark(texts: list[str]) -> None:
    assert remark(*texts) == ""


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["1. Safety", "1.1 Cranes are inspected.", "1.2 Faults are mended.", "2. Power", "2.1 Ports offer power."],
            ["1", "1.1", "1.2", "2", "2.1"],
        ),
        (["II.1 We met.", "II.2 We agreed."], ["II.1", "II.2"]),
        (
            ["1.1 We met.", "1.1.1 We spoke.", "1.1.2 We ate.", "1.2. We left.", "2.1 You came."],
            ["1.1", "1.1.1", "1.1.2", "1.2", "2.1"],
        ),
        (["A.1 We met.", "and spoke", "A.2 We left."], ["A.1", None, "A.2"]),
        # Figures and days make no such sequence.
        (["1.5 Million ships came.", "3.2 Million left.", "7.1 Million stayed."], [None, None, None]),
        (["3.14 The talks begin.", "3.20 The talks end."], [None, None]),
    ],
)
def test_numbers_that_carry_their_section_are_cited_whole(texts: list[str], expected: list[str | None]) -> None:
    assert numbers(texts) == expected


def test_a_number_missing_in_its_section_is_named() -> None:
    assert "2.2 is missing" in remark(
        "1.1 We met.", "1.2 We spoke.", "2.1 We ate.", "2.3 We left.", "2.4 We slept.", "3.1 We woke."
    )


@pytest.mark.parametrize(
    "texts",
    [
        # Headings of boxes, sentences behind as many sentences ("Notes to editors"), and what is led to.
        [
            "양측은 서울에서 만나 협의하였다.",
            "<주요 내용>",
            "① 성수품 우선 통관",
            "② 관세환급 당일 지급",
            "양측은 다시 만난다.",
        ],
        ["They met in Rome.", "They spoke of trade.", "Notes to editors", "1. Rome is in Italy.", "2. Trade grew."],
        ["They met in Rome.", "They agreed on:", "1. trade", "2. culture", "They left.", "They will meet again."],
    ],
)
def test_a_list_inside_a_release_numbers_no_paragraphs(texts: list[str]) -> None:
    assert numbers(texts) == [None] * len(texts)


def test_numbers_behind_a_preamble_count_where_they_are_more() -> None:
    assert numbers(["They met in Rome.", "1. They agreed on trade.", "2. They left.", "3. They wrote."]) == [
        None,
        "1",
        "2",
        "3",
    ]
