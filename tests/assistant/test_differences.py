from dataclasses import replace
from datetime import date

from assistant.differences import Difference, Words, differences
from vectorstore import Paragraph, Release
from vectorstore.release import counted

OLD = Release(
    "r",
    "Outcome of the talks",
    date(2023, 11, 26),
    None,
    "en",
    (
        Paragraph(0, "1", True, "The ministers met in Busan."),
        Paragraph(1, "2", True, "They agreed to continue the talks on supply chains."),
        Paragraph(2, "3", True, "Lunch was served at noon."),
    ),
)


def test_a_changed_paragraph_shows_which_words_came_and_went() -> None:
    new = replace(
        OLD,
        paragraphs=(
            OLD.paragraphs[0],
            replace(OLD.paragraphs[1], text="They agreed to suspend the talks on supply chains."),
            OLD.paragraphs[2],
        ),
    )

    assert differences(OLD, new) == [
        Difference(
            "¶2",
            "changed",
            (
                Words("same", "They agreed to "),
                Words("removed", "continue"),
                Words("added", "suspend"),
                Words("same", " the talks on supply chains."),
            ),
        )
    ]
    assert [str(d) for d in differences(OLD, new)] == [
        "  ¶2  They agreed to [-continue-]{+suspend+} the talks on supply chains."
    ]


def test_paragraphs_that_came_and_went_are_told_whole() -> None:
    new = replace(
        OLD,
        paragraphs=(
            OLD.paragraphs[0],
            OLD.paragraphs[1],
            Paragraph(2, "3", True, "A joint committee will be set up before the summer of 2024."),
        ),
    )

    assert [str(d) for d in differences(OLD, new)] == [
        "+ ¶3  A joint committee will be set up before the summer of 2024.",
        "- ¶3  Lunch was served at noon.",
    ]


def test_a_paragraph_put_in_before_others_does_not_change_those() -> None:
    old = replace(OLD, paragraphs=counted(["The ministers met in Busan.", "They agreed to talk."]))
    new = replace(
        OLD, paragraphs=counted(["It rained all day.", "The ministers met in Busan.", "They agreed to talk."])
    )

    assert [str(d) for d in differences(old, new)] == ["+ paragraph 1 (counted)  It rained all day."]


def test_a_number_that_was_corrected_is_told_with_both() -> None:
    new = replace(OLD, paragraphs=(*OLD.paragraphs[:2], replace(OLD.paragraphs[2], number="4")))

    assert [d.place for d in differences(OLD, new)] == ["¶3 → ¶4"]


def test_facts_that_changed_are_told_before_the_paragraphs() -> None:
    new = replace(OLD, title="Outcome of the first talks", date=date(2023, 11, 27), url="https://x.org/1")

    assert [str(d) for d in differences(OLD, new)] == [
        "  title  Outcome of the {+first +}talks",
        "  date  [-2023-11-26-]{+2023-11-27+}",
        "  address  [-none-]{+https://x.org/1+}",
    ]


def test_the_words_give_both_texts_back() -> None:
    new = replace(
        OLD,
        paragraphs=tuple(replace(p, text=p.text.replace("the", "all the").replace(".", "!")) for p in OLD.paragraphs),
    )

    for difference, old, later in zip(differences(OLD, new), OLD.paragraphs, new.paragraphs, strict=True):
        assert "".join(w.text for w in difference.words if w.kind != "added") == old.text
        assert "".join(w.text for w in difference.words if w.kind != "removed") == later.text


def test_versions_that_say_the_same_have_no_differences() -> None:
    assert differences(OLD, replace(OLD, version=2)) == []


def test_of_a_long_paragraph_what_stands_around_the_change_is_shown() -> None:
    words = " ".join(f"Office {n} met." for n in range(100, 160))
    old = replace(OLD, paragraphs=counted([words]))
    new = replace(OLD, paragraphs=counted([words.replace("Office 130", "Bureau 130")]))

    (difference,) = differences(old, new)

    assert str(difference) == (
        "  paragraph 1 (counted)  "
        "Office 100 met. Office 101 met. Office 102 met. Office 103 met. Office 104 met. Office 105 met. Office 106 met. Office … "
        "met. Office 123 met. Office 124 met. Office 125 met. Office 126 met. Office 127 met. Office 128 met. Office 129 met. "
        "[-Office-]{+Bureau+} "
        "130 met. Office 131 met. Office 132 met. Office 133 met. Office 134 met. Office 135 met. Office 136 met. Office 137 … "
        "met. Office 153 met. Office 154 met. Office 155 met. Office 156 met. Office 157 met. Office 158 met. Office 159 met."
    )
