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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wann trat China dem Apostille-Übereinkommen bei?", "de"),
        ("Was war die Antwort der Minister?", "de"),
        ("Quand les ministres se sont-ils réunis à Busan ?", "fr"),
        ("¿Nombró China un embajador?", "es"),
        ("Quantos dias durou a cúpula?", "pt"),
        ("Quanto durò il vertice dei ministri?", "it"),
        ("Wanneer kwamen de ministers bijeen?", "nl"),
        ("Когда встретились министры?", "und"),
    ],
)
def test_the_commonest_words_tell_languages_of_one_script(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "What did El Salvador and Las Vegas have in common?",
        "Rio de Janeiro summit outcome",
        "Teams: Los Angeles Rams, Los Angeles Lakers, Los Angeles Kings",
        "Wen Jiabao visit",
        "Who was at the Quai d’Orsay with Le Drian?",
        "Türkiye accession",
        "NATO",
    ],
)
def test_foreign_names_leave_a_question_english(text: str) -> None:
    assert language_of(text) == "en"
