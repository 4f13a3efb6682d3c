import pytest

from vectorstore.language import content_terms, language_of, terms, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("China’s accession", "china accessions"),
        ("the U.S. troops", "the US troop"),
        ("5,000 tons", "5000 ton"),
        ("Türkiye", "Turkiye"),
        ("COVID-19", "covid 19"),
        ("Chinese and Koreans", "China and Korea"),
    ],
)
def test_two_spellings_of_one_thing_give_the_same_terms(one: str, other: str) -> None:
    assert terms(one) == terms(other)


def test_words_keep_what_terms_cut() -> None:
    assert words("Ministers met, China’s first") == ["ministers", "met", "china", "first"]


def test_korean_is_cut_into_pairs_of_characters() -> None:
    assert terms("외교장관과") == ["외교", "교장", "장관", "관과"]


def test_stop_words_are_no_content() -> None:
    assert content_terms("What did they say about the visit?") == ["say", "visit"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ministers met.", "en"),
        ("양국 장관은 ASEAN에서 만났다", "ko"),
        ("両国の大臣は会談した", "ja"),
        ("两国部长会晤", "zh"),
        ("", "en"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language
