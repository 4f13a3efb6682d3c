import pytest

from vectorstore.address import canonical_address


@pytest.mark.parametrize(
    "url",
    [
        "https://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309",
        "http://mofa.go.kr/eng/brd/m_5676/view.do?seq=322309#top",
        "https://www.mofa.go.kr:443/eng/brd/m_5676/view.do?utm_source=x&seq=322309&page=3&srchFr=20230101",
        "http://www.mofa.go.kr:80/eng//brd/m_5676/view.do;jsessionid=1F?seq=322309&multi_itm_seq=0&itm_seq_1=0&company_cd=",
        "HTTPS://M.MOFA.GO.KR/eng/brd/m_5676/view.do?seq=322309&fbclid=abc",
        "mofa.go.kr/eng/brd/m_5676/view.do?seq=322309",
    ],
)
def test_one_page_has_one_address_however_it_is_reached(url: str) -> None:
    assert canonical_address(url) == "mofa.go.kr/eng/brd/m_5676/view.do?seq=322309"


@pytest.mark.parametrize(
    "url",
    ["https://x.org/news/", "https://x.org/news/index.html", "http://www.x.org/news", "https://x.org/news/Index.PHP"],
)
def test_an_index_page_is_its_folder(url: str) -> None:
    assert canonical_address(url) == "x.org/news"


def test_the_order_of_a_query_and_the_spelling_of_a_path_make_no_difference() -> None:
    assert canonical_address("https://x.org/a?b=2&a=1") == canonical_address("https://x.org/a?a=1&b=2")
    assert canonical_address("https://x.org/한국") == canonical_address("https://x.org/%ed%95%9c%EA%B5%AD")


def test_other_pages_hosts_and_ports_stay_apart() -> None:
    addresses = [
        "x.org/view?seq=1",
        "x.org/view?seq=2",
        "x.org/View?seq=1",
        "y.org/view?seq=1",
        "x.org:8080/view?seq=1",
    ]

    assert len({canonical_address(f"https://{a}") for a in addresses}) == len(addresses)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.gov/pr?ref=101", "https://x.gov/pr?ref=102"),
        ("https://x.gov/pr?ref=PR-7", "https://x.gov/pr"),
        ("https://x.gov/pr?page=7", "https://x.gov/pr?page=8"),
        ("https://x.gov/view?pageNo=7", "https://x.gov/view"),
        ("https://x.gov/#/news/7", "https://x.gov/#/news/8"),
        ("https://x.gov/app#!news/7", "https://x.gov/app"),
    ],
)
def test_what_may_tell_one_page_from_another_is_kept(one: str, other: str) -> None:
    assert canonical_address(one) != canonical_address(other)
    assert canonical_address(canonical_address(one)) == canonical_address(one)


@pytest.mark.parametrize("way", ["?ref=homepage", "#top", "#", "#/", "#!/", "?REF=newsletter#page=2"])
def test_the_way_to_a_page_and_a_place_on_it_are_not_the_page(way: str) -> None:
    assert canonical_address(f"https://x.gov/pr{way}") == "x.gov/pr"


def test_a_page_named_in_the_fragment_has_one_address_too() -> None:
    assert canonical_address("https://www.x.gov/#/news/7/") == "x.gov#/news/7" == canonical_address("x.gov/#/news/7")


def test_what_is_no_address_comes_back_as_it_is() -> None:
    assert canonical_address("http://[broken") == "http://[broken"
    assert canonical_address("https://x.org:port/a") == "https://x.org:port/a"
