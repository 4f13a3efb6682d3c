from datetime import date

from ingest.identity import id_of_text, id_of_url


def test_a_page_is_called_by_its_canonical_address() -> None:
    assert id_of_url("https://www.mofa.go.kr/eng/view.do?seq=1&utm_source=x") == "mofa.go.kr/eng/view.do?seq=1"
    assert id_of_url("https://x.org/view?seq=1") != id_of_url("https://x.org/view?seq=2")


def test_a_text_is_called_by_its_date_and_title() -> None:
    assert id_of_text("Korea’s “New” Policy: Talks!", date(2023, 1, 2), "text") == "2023-01-02-korea-s-new-policy-talks"
    assert id_of_text("한중 회담", None, "text") == "한중-회담"
    assert id_of_text("!!!", None, "text") == id_of_text("???", None, "text") != id_of_text("!!!", None, "other")
