import pytest

from ingest.numbering import paragraphs, positioned, printed_numbers


def numbers(texts: list[str]) -> list[str | None]:
    return [found[0] if found else None for found in printed_numbers(texts)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1. We met.", "2. We agreed."], ["1", "2"]),
        (["1) We met.", "2) We agreed."], ["1", "2"]),
        (["(1) We met.", "(2) We agreed."], ["1", "2"]),
        (["Preamble", "1. We met.", "Heading", "2. We agreed."], [None, "1", None, "2"]),
        (["1. We met.", "2. We agreed.", "4. We left."], ["1", "2", "4"]),
        (["2. We agreed.", "3. We left."], ["2", "3"]),
    ],
)
def test_printed_numbers_are_read(texts: list[str], expected: list[str | None]) -> None:
    assert numbers(texts) == expected


@pytest.mark.parametrize(
    "texts",
    [
        ["2023. A good year.", "2024. A better one."],
        ["1. Only one number."],
        ["1. a", "1. b", "1. c"],
        ["5. a", "6. b"],
        ["10th meeting of the group", "3.5 million people"],
        ["1.5 degrees", "2.5 degrees"],
    ],
)
def test_other_numbers_are_left_alone(texts: list[str]) -> None:
    assert numbers(texts) == [None] * len(texts)


def test_a_note_joins_the_paragraph_above_it() -> None:
    first, second = paragraphs(["1. We met.", "* For the first time.", "※ In Busan.", "2. We agreed."])

    assert first.text == "We met.\n* For the first time.\n※ In Busan."
    assert [first.text[n.start : n.end] for n in first.notes] == ["* For the first time.", "※ In Busan."]
    assert [n.marker for n in first.notes] == ["*", "※"]
    assert (second.number, second.notes) == ("2", ())
    assert first.note_at(10, 20) == 1
    assert first.note_at(0, 7) is None


@pytest.mark.parametrize(
    "units",
    [
        # A line that leads to it makes a list, whatever its items are.
        ["They agreed on:", "* trade", "* peace"],
        ["They agreed as follows.", "* They trade.", "* They talk."],
        # Without one, several starred lines that are no sentences are a list.
        ["They agreed.", "* trade", "* peace"],
        ["They agreed.", "* trade", "* peace", "* games"],
    ],
)
def test_starred_lists_are_no_notes(units: list[str]) -> None:
    assert [p.notes for p in paragraphs(units)] == [()] * len(paragraphs(units))


@pytest.mark.parametrize(
    "units",
    [
        ["They met.", "* a first"],
        ["They met.", "* It was the first time.", "* It was cold.", "* It was late."],
        ["They met* in Busan.", "* the second city", "* by train"],
        ["They met.", "* a first", "** in Busan"],
        ["양측은 만났다.", "* 2023년 3월 가입", "* 11월 7일 발효", "* 부산 개최"],
        ["They met.", "† a first"],
        ["They met.", "※ a first", "※ in Busan"],
    ],
)
def test_notes_stay_with_their_paragraph_and_can_be_cited(units: list[str]) -> None:
    (only,) = paragraphs(units)

    assert [only.text[note.start : note.end] for note in only.notes] == units[1:]
    assert only.text == "\n".join(units)


def test_numbered_footnotes_go_to_the_paragraph_that_refers_to_them() -> None:
    first, second, third = paragraphs(
        [
            "They joined the Convention1) in March.",
            "They visited Lushun2).",
            "They left.",
            "1) It entered into force in May.",
            "2) Park went there.",
        ]
    )

    assert first.text == "They joined the Convention1) in March.\n1) It entered into force in May."
    assert [(n.marker, first.text[n.start : n.end]) for n in first.notes] == [
        ("1)", "1) It entered into force in May.")
    ]
    assert [second.text[n.start : n.end] for n in second.notes] == ["2) Park went there."]
    assert third.notes == ()
    assert not any(p.numbered for p in (first, second, third))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("They joined.[1] They left.", "[1] In May."),
        ("They joined¹ in March.", "¹ In May."),
        ("협약주1)에 가입했다.", "주1) 2023년 5월 발효"),
        ("They “joined”1) in March.", "1) In May."),
    ],
)
def test_footnotes_are_known_in_other_forms(text: str, note: str) -> None:
    (only,) = paragraphs([text, note])
    assert [only.text[n.start : n.end] for n in only.notes] == [note]


def test_a_footnote_in_a_record_leaves_a_gap_in_the_positions() -> None:
    made = positioned(["They joined the Convention1) in March.", "They left.", "1) In May.", "The end came."])

    assert [(p.index, len(p.notes)) for p in made] == [(0, 1), (1, 0), (3, 0)]


@pytest.mark.parametrize("units", [["They met (as the G7).", "7) They left."], ["They met.", "1) trade", "They left."]])
def test_what_no_text_refers_to_is_no_footnote(units: list[str]) -> None:
    assert all(p.notes == () for p in paragraphs(units))


def test_a_list_keeps_the_line_that_leads_to_it() -> None:
    made = paragraphs(["They met.", "They agreed on:", "- trade", "- peace", "They left."])

    assert [p.text for p in made] == ["They met.", "They agreed on:\n- trade\n- peace", "They left."]


@pytest.mark.parametrize(
    "lead", ["Participants", "They agreed on the following.", "양측은 다음과 같이 합의했다:", "결과는 아래와 같다."]
)
@pytest.mark.parametrize("items", [["- Korea", "- China"], ["• Korea", "• China"], ["a) Korea", "b) China"]])
def test_items_join_a_heading_or_lead_in(lead: str, items: list[str]) -> None:
    assert [p.text for p in paragraphs([lead, *items])] == ["\n".join([lead, *items])]


def test_long_lists_of_sentences_do_not_grow_without_end() -> None:
    items = [
        f"- The department number {n} will open its doors to everyone who wishes to come and see it for themselves."
        for n in range(60)
    ]
    made = paragraphs(["They announced:", *items])

    assert made[0].text.startswith("They announced:\n- The department number 0")
    assert max(len(p.text) for p in made) <= 2000
    assert sum(p.text.count("- The department") for p in made) == 60


def test_items_of_a_numbered_paragraph_are_its_lines() -> None:
    made = paragraphs(["1. We met.", "2. We agreed on:", "- trade", "(a) goods", "3. We left."])

    assert [(p.number, p.text) for p in made] == [
        ("1", "We met."),
        ("2", "We agreed on:\n- trade\n(a) goods"),
        ("3", "We left."),
    ]


def test_rows_of_a_table_stand_together_under_their_caption() -> None:
    made = paragraphs(
        ["They met.", "Trade by country", "Country: Korea; Exports: 5", "Country: China; Exports: 6", "They left."]
    )

    assert [p.text for p in made] == [
        "They met.",
        "Trade by country\nCountry: Korea; Exports: 5\nCountry: China; Exports: 6",
        "They left.",
    ]


def test_levels_of_a_korean_release_are_its_structure() -> None:
    made = paragraphs(
        [
            "□ 조태열 장관은 회담을 가졌다.",
            "ㅇ 양측은 교역을 논의하였다.",
            "- 반도체",
            "- 자동차",
            "○ 양측은 평화를 논의하였다.",
            "※ 세 번째 회담",
            "□ 양측은 다시 만나기로 하였다.",
            "◦ 다음 회담은 서울에서 열린다.",
        ]
    )

    assert [(p.number, p.numbered, p.text) for p in made] == [
        ("□1", False, "조태열 장관은 회담을 가졌다."),
        ("□1○1", False, "양측은 교역을 논의하였다.\n- 반도체\n- 자동차"),
        ("□1○2", False, "양측은 평화를 논의하였다.\n※ 세 번째 회담"),
        ("□2", False, "양측은 다시 만나기로 하였다."),
        ("□2○1", False, "다음 회담은 서울에서 열린다."),
    ]
    assert [len(p.notes) for p in made] == [0, 0, 1, 0, 0]
    assert made[1].label == "paragraph □1○1 (counted)"


def test_levels_under_printed_numbers_carry_them() -> None:
    made = paragraphs(["1. 회담 개요", "□ 양측은 만났다.", "○ 교역을 논의했다.", "2. 향후 계획", "□ 다시 만난다."])

    assert [p.number for p in made] == ["1", "1□1", "1□1○1", "2", "2□1"]


def test_a_record_keeps_its_positions_with_levels_too() -> None:
    made = positioned(["머리말이다.", "□ 양측은 만났다.", "- 반도체", "○ 교역을 논의했다."])

    assert [(p.index, p.number, p.text) for p in made] == [
        (0, "0+1", "머리말이다."),
        (1, "□1", "양측은 만났다."),
        (2, "□1+1", "- 반도체"),
        (3, "□1○1", "교역을 논의했다."),
    ]


def test_circles_in_an_english_list_are_bullets() -> None:
    (only,) = paragraphs(["They agreed on:", "○ trade", "○ peace"])
    assert only.text == "They agreed on:\n○ trade\n○ peace"


def test_a_number_on_a_line_of_its_own_takes_the_text_below_it() -> None:
    made = paragraphs(["Article 1", "The sides meet every year.", "Article 2", "The sides agree."])

    assert [(p.label, p.text) for p in made] == [
        ("Article 1", "The sides meet every year."),
        ("Article 2", "The sides agree."),
    ]


def test_a_number_alone_at_a_records_position_is_its_text() -> None:
    made = positioned(["Article 1", "The sides meet.", "Article 2", "The sides agree."])

    assert [(p.number, p.text) for p in made] == [
        ("Article 1", "Article 1"),
        ("Article 1+1", "The sides meet."),
        ("Article 2", "Article 2"),
        ("Article 2+1", "The sides agree."),
    ]


def test_a_record_keeps_the_positions_of_its_paragraphs() -> None:
    made = positioned(["We met.", "", "* For the first time.", "We agreed."])

    assert [(p.index, p.number, p.text) for p in made] == [
        (0, "1", "We met.\n* For the first time."),
        (3, "4", "We agreed."),
    ]


def test_unnumbered_paragraphs_of_a_numbered_release_share_no_number_with_others() -> None:
    made = positioned(["Preamble of the leaders", "1. We met.", "Trade", "- goods", "2. We agreed."])

    assert [(p.number, p.numbered) for p in made] == [
        ("0+1", False),
        ("1", True),
        ("1+1", False),
        ("1+2", False),
        ("2", True),
    ]
    assert made[2].label == "¶1+1 (unnumbered)"


def test_a_footnote_to_a_footnote_stays_with_the_paragraph_of_the_first() -> None:
    units = ["They met in Busan2) today.", "2) See the report1) of May.", "They will meet again.", "1) Not published."]

    made = paragraphs(units)

    assert [(p.text, [n.marker for n in p.notes]) for p in made] == [
        ("They met in Busan2) today.\n2) See the report1) of May.\n1) Not published.", ["2)", "1)"]),
        ("They will meet again.", []),
    ]
