import pytest

from ingest.formats import read_page
from ingest.page import Page, Read, UnreadablePage, decoded

KOREAN = "한중 외교장관회담 결과\n1. 박진 외교부 장관은 11월 26일(일) 부산에서 왕이(王毅) 부장과 “회담”을 가졌다."
FRENCH = "Le ministre a été reçu à l'Élysée, «déjà» près du théâtre où l'œuvre fut jouée."


@pytest.mark.parametrize("declared", [None, "utf-8", "euc-kr", "ks_c_5601-1987", "iso-8859-1", "nonsense-8", "utf-16"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_korean_is_read_in_its_encoding_whatever_is_declared(encoding: str, declared: str | None) -> None:
    assert decoded(KOREAN.encode(encoding), declared) == KOREAN


@pytest.mark.parametrize("declared", [None, "utf-8", "euc-kr", "iso-8859-1", "windows-1252"])
def test_western_text_is_not_taken_for_korean(declared: str | None) -> None:
    assert decoded(FRENCH.encode("cp1252"), declared) == FRENCH


def test_rare_syllables_of_cp949_and_a_few_broken_bytes_are_borne() -> None:
    assert (
        decoded("펲시콜라와 똠방각하는 한국어 문서에 나오는 낱말이다.".encode("cp949"))
        == "펲시콜라와 똠방각하는 한국어 문서에 나오는 낱말이다."
    )
    assert decoded(KOREAN.encode()[:-1] + b"\xff", "euc-kr").startswith("한중 외교장관회담 결과")
    assert "외교장관회담" in decoded((KOREAN * 20).encode("cp949") + b"\xff", "utf-8")


def test_a_declared_encoding_that_fits_is_believed() -> None:
    japanese = "外務大臣は釜山で会談を行い、両国の関係について意見を交換した。"

    assert decoded(japanese.encode("euc-jp"), "EUC-JP") == japanese
    assert decoded(japanese.encode("cp932"), "shift_jis") == japanese
    assert decoded("部长在釜山举行会谈".encode("gb18030"), "gb2312") == "部长在釜山举行会谈"


def test_a_page_that_says_utf_8_and_is_cp949_is_read() -> None:
    page = f'<html><head><meta charset="utf-8"><title>결과</title></head><body><p>{KOREAN}</p></body></html>'

    (read,) = read_page(Page("a.html", "a.html", page.encode("cp949")))

    assert isinstance(read, Read)
    assert (read.release.title, read.release.language) == ("결과", "ko")


def test_binary_data_is_no_text() -> None:
    with pytest.raises(UnreadablePage, match="binary"):
        decoded(bytes(range(256)) * 20)
