import json
from pathlib import Path

import pytest

from vectorstore.likeness import NEAR, bands, content_key, likeness, packed, signature, unpacked

TEXT = [
    "The two ministers met in Busan and agreed to continue the talks on supply chains that began in March.",
    "They welcomed the entry into force of the Apostille Convention and asked their officials to meet before the summer.",
    "Both sides shared the view that exchanges between young people should be widened, and that tourism had grown.",
]


def test_the_same_words_have_the_same_key_however_they_are_cut_and_punctuated() -> None:
    assert content_key("Talks", TEXT) == content_key("TALKS", [" ".join(TEXT).replace(" and ", "\n and ")])
    assert content_key("A “new” start", ["3,000 tons"]) == content_key('A "new" start', ["3000 tons."])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("agreed to 5.0 percent", "agreed to 50 percent"),
        ("worth $5 million", "worth €5 million"),
        ("a change of -3", "a change of 3"),
        ("a rise of 5%", "a rise of 5"),
        ("수출을 확대", "수출을 축소"),
    ],
)
def test_other_amounts_and_words_have_another_key(one: str, other: str) -> None:
    assert content_key("Talks", [one]) != content_key("Talks", [other])


def test_a_text_with_a_sentence_more_is_near_and_another_text_is_not() -> None:
    longer = [*TEXT * 3, "The meeting ended at noon."]
    other = ["The partners will suspend coal subsidies by 2030.", "The fund was set up in Geneva.", "Nobody spoke."]

    assert likeness(signature(TEXT * 3), signature(longer)) >= NEAR
    assert likeness(signature(TEXT), signature(other)) < 0.2
    assert set(bands(signature(TEXT * 3))) & set(bands(signature(longer)))
    assert not set(bands(signature(TEXT))) & set(bands(signature(other)))


def test_korean_texts_are_compared_too() -> None:
    text = "조태열 장관은 왕이 부장과 만나 한중 관계 발전 방안을 논의하고 문화 교류를 확대하기로 합의하였다. " * 2

    assert likeness(signature([text]), signature([text + "회담은 두 시간 동안 이어졌다."])) > 0.6
    assert likeness(signature([text]), signature(["오늘 서울에는 많은 눈이 내려 교통이 매우 혼잡하였다고 한다."])) < 0.2


def test_a_signature_is_kept_and_read_back_bit_for_bit() -> None:
    made = signature(TEXT)

    assert (unpacked(packed(made)) == made).all()
    assert len(packed(made)) == 504


def test_the_estimate_is_near_the_true_share_of_word_runs(samples: Path) -> None:
    from vectorstore.language import terms

    lines = (samples / "white_house" / "statements.jsonl").read_text(encoding="utf-8").splitlines()
    whole = [" ".join(json.loads(line)["paragraphs"]) for line in lines[:20]]

    def runs(text: str) -> set[str]:
        found = terms(text)
        return {" ".join(found[i : i + 4]) for i in range(len(found) - 3)}

    for text in whole:
        half = text[: len(text) * 3 // 4]
        true = len(runs(text) & runs(half)) / len(runs(text) | runs(half))
        # Four standard errors.
        assert abs(likeness(signature([text]), signature([half])) - true) < 0.18
