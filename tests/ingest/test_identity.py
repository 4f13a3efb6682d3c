from datetime import date

import pytest

from ingest.identity import id_of_text, id_of_url


@pytest.mark.parametrize(
    "url",
    [
        "https://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309",
        "http://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309#top",
        "https://www.mofa.go.kr:443/eng/brd/m_5676/view.do?utm_source=x&seq=322309&page=3&srchFr=20230101",
    ],
)
def test_one_page_has_one_id_however_it_is_reached(url: str) -> None:
    assert id_of_url(url) == "www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309"


def test_two_pages_have_two_ids() -> None:
    assert id_of_url("https://x.org/view?seq=1") != id_of_url("https://x.org/view?seq=2")


def test_a_text_is_called_by_its_date_and_title() -> None:
    assert id_of_text("Korea’s “New” Policy: Talks!", date(2023, 1, 2), "text") == "2023-01-02-korea-s-new-policy-talks"
    assert id_of_text("한중 회담", None, "text") == "한중-회담"
    assert id_of_text("!!!", None, "text") == id_of_text("???", None, "text") != id_of_text("!!!", None, "other")
