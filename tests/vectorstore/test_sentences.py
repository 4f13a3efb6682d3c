from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He met Mr. Lee. They talked.", ["He met Mr. Lee.", "They talked."]),
        (
            "It lasted from 10:40 a.m. to 12:40 p.m., Sunday. It rained.",
            ["It lasted from 10:40 a.m. to 12:40 p.m., Sunday.", "It rained."],
        ),
        (
            "The U.S. President spoke. He left the U.S. The talks go on.",
            ["The U.S. President spoke.", "He left the U.S.", "The talks go on."],
        ),
        ("It cost $3.5 million in all. Fine.", ["It cost $3.5 million in all.", "Fine."]),
        ("Visit “Korea Year 2023-2024.” He smiled.", ["Visit “Korea Year 2023-2024.”", "He smiled."]),
        ("The aims: - peace - trade in goods", ["The aims:", "- peace", "- trade in goods"]),
        ("Body text.\n* A note.", ["Body text.", "* A note."]),
        ("양국은 합의했다. 회담은 끝났다.", ["양국은 합의했다.", "회담은 끝났다."]),
        ("两国部长会晤。会谈结束。", ["两国部长会晤。", "会谈结束。"]),
        ("1. Ministers met. 2. They ate.", ["1. Ministers met.", "2. They ate."]),
        ("", []),
    ],
)
def test_a_text_is_cut_where_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet=st.sampled_from('ab. A?!\n“”’"()-•1。가 '), max_size=80))
def test_no_word_of_a_text_is_lost_or_said_twice(text: str) -> None:
    spans = sentence_spans(text)

    assert "".join("".join(text[s:e] for s, e in spans).split()) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(text[s:e] == text[s:e].strip() for s, e in spans)
