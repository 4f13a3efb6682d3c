import pytest

from vectorstore import Paragraph


@pytest.mark.parametrize(
    ("number", "numbered", "label"),
    [
        ("4", True, "¶4"),
        ("II.3", True, "¶II.3"),
        ("Article 3", True, "Article 3"),
        ("Sec. 2", True, "Sec. 2"),
        ("제3조", True, "제3조"),
        ("4+1", False, "¶4+1 (unnumbered)"),
        ("□2○1", False, "paragraph □2○1 (counted)"),
        ("12", False, "paragraph 12 (counted)"),
    ],
)
def test_a_paragraph_is_cited_as_the_release_prints_it(number: str, numbered: bool, label: str) -> None:
    assert Paragraph(0, number, numbered, "They met.").label == label


@pytest.mark.parametrize(
    ("number", "called", "expected"),
    [
        ("3", "3", True),
        ("Article 3", "3", True),
        ("Article 3", "Article 3", True),
        ("Sec. 3", "3", True),
        ("제3조", "3", True),
        ("II.3", "3", False),
        ("13", "3", False),
    ],
)
def test_a_paragraph_answers_to_its_number_with_and_without_its_word(number: str, called: str, expected: bool) -> None:
    assert Paragraph(0, number, True, "They met.").is_called(called) == expected
