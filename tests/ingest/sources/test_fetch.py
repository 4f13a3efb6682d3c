import gzip
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.page import Gone, Unchanged
from ingest.sources import network
from ingest.sources.fetch import Fetched, Fetcher, HostGivenUp, Unfetched, user_agent
from tests.ingest.sources.website import QUICK, Answer, Asked, WebSite


def get(fetcher: Fetcher, address: str) -> Fetched:
    found = fetcher.fetch(address, allow_private=True)
    assert isinstance(found, Fetched)
    return found


def refusal(fetcher: Fetcher, address: str) -> str:
    with pytest.raises(Unfetched) as refused:
        fetcher.fetch(address, allow_private=True)
    return str(refused.value)


def test_a_page_comes_with_what_its_server_says_of_it(site: WebSite, fetcher: Fetcher) -> None:
    headers = {
        "Content-Type": 'Text/Plain; charset="EUC-KR"',
        "Content-Disposition": "attachment; filename=release.hwp",
        "ETag": '"1"',
    }
    site.answers["/a"] = Answer("They met.", headers=headers)

    assert get(fetcher, site.address("/a#top")) == Fetched(
        site.address("/a"), site.address("/a"), b"They met.", "text/plain", "euc-kr", "release.hwp", '"1"', None
    )


def test_the_site_learns_who_asks_and_whom_to_write_to(site: WebSite) -> None:
    site.answers["/"] = Answer("Welcome.")

    with Fetcher(limits=QUICK, contact="press\r\nX: y@example.org") as fetcher:
        get(fetcher, site.address("/"))

    assert {asked.headers["User-Agent"] for asked in site.asked} == {user_agent("pressX: y@example.org")}
    assert user_agent("a@b.org").startswith("Communique/")
    assert user_agent("a@b.org").endswith(" (reads official press releases; contact: a@b.org)")
    assert user_agent().endswith(" (reads official press releases)")


# Robots


def test_what_robots_txt_forbids_is_not_asked_for(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/robots.txt"] = Answer(
        "User-agent: *\nDisallow: /*.do$\nDisallow: /drafts/\nAllow: /drafts/public/\n"
    )
    for path in ("/list.do", "/drafts/a", "/drafts/public/a", "/list.do?page=2"):
        site.answers[path] = Answer("Text.")

    assert (
        refusal(fetcher, site.address("/list.do")) == "the robots.txt of 127.0.0.1 does not want it fetched by programs"
    )
    assert "robots.txt" in refusal(fetcher, site.address("/drafts/a"))
    get(fetcher, site.address("/drafts/public/a"))
    get(fetcher, site.address("/list.do?page=2"))

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/drafts/public/a", "/list.do?page=2"]


def test_rules_for_communique_by_name_come_before_those_for_all(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nDisallow:\n\nUser-agent: communique\nDisallow: /\n")

    assert "robots.txt" in refusal(fetcher, site.address("/a"))


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_allows_everything(site: WebSite, fetcher: Fetcher, status: int) -> None:
    site.answers |= {"/robots.txt": Answer("", status), "/a": Answer("Text.")}

    assert get(fetcher, site.address("/a")).content == b"Text."


def test_a_site_whose_robots_txt_is_in_trouble_is_left_alone(site: WebSite, fetcher: Fetcher) -> None:
    site.answers |= {"/robots.txt": Answer("", 503), "/a": Answer("Text.")}

    assert refusal(fetcher, site.address("/a")) == (
        "the server answers 503, not available, 2 times; run the same command again later"
    )
    assert site.paths == []


def test_the_robots_txt_of_the_site_that_a_redirect_leads_to_is_kept_too(
    site: WebSite, other_site: WebSite, fetcher: Fetcher
) -> None:
    site.answers["/a"] = Answer("", 302, {"Location": other_site.address("/b")})
    other_site.answers |= {"/robots.txt": Answer("User-agent: *\nDisallow: /b"), "/b": Answer("Text.")}

    assert "robots.txt" in refusal(fetcher, site.address("/a"))
    assert other_site.paths == []


# Patience


def test_two_requests_to_a_host_have_a_pause_between_them(site: WebSite) -> None:
    site.answers |= {"/a": Answer("Text."), "/robots.txt": Answer("User-agent: *\nCrawl-delay: 1.5")}
    pauses: list[float] = []

    with Fetcher(limits=QUICK, sleep=pauses.append) as fetcher:
        for _ in range(3):
            get(fetcher, site.address("/a"))

    assert pauses[-2:] == [pytest.approx(1.5, abs=0.4), pytest.approx(1.5, abs=0.4)]


def test_a_busy_server_is_asked_again_when_it_said(site: WebSite) -> None:
    site.answers["/a"] = lambda _: Answer("", 429, {"Retry-After": "2"}) if len(site.paths) == 1 else Answer("Text.")
    pauses: list[float] = []

    with Fetcher(limits=QUICK, sleep=pauses.append) as fetcher:
        assert get(fetcher, site.address("/a")).content == b"Text."

    assert pauses == [pytest.approx(2, abs=0.4)]


def test_a_server_that_wants_long_rest_gets_it(site: WebSite, fetcher: Fetcher) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    site.answers |= {"/a": Answer("", 503, {"Retry-After": at}), "/b": Answer("Text.")}

    with pytest.raises(
        HostGivenUp, match=r"the server answers 503, not available; 127.0.0.1 asks for 3[56]\d\d s of rest"
    ):
        fetcher.fetch(site.address("/a"), allow_private=True)
    with pytest.raises(HostGivenUp, match=r"127.0.0.1 asks for 3[56]\d\d s of rest; run the same command again then"):
        fetcher.fetch(site.address("/b"), allow_private=True)
    assert site.paths == ["/a"]


def test_a_broken_page_is_tried_again_and_then_named(site: WebSite, fetcher: Fetcher) -> None:
    site.answers |= {"/broken": Answer("", 500), "/good": Answer("Text.")}

    assert refusal(fetcher, site.address("/broken")) == (
        "the server answers 500, an error of the server, 2 times; run the same command again later"
    )
    assert get(fetcher, site.address("/good")).content == b"Text."
    assert site.paths == ["/broken", "/broken", "/good"]


def test_a_host_that_does_not_answer_is_given_up_after_some_addresses(fetcher: Fetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"

        assert "127.0.0.1 does not answer properly" in refusal(fetcher, f"{address}/a")
        assert "127.0.0.1 does not answer properly" in refusal(fetcher, f"{address}/b")
        with pytest.raises(HostGivenUp, match=r"127\.0\.0\.1 has not answered 2 times in a row; try again later"):
            fetcher.fetch(f"{address}/c", allow_private=True)


def test_an_unknown_host_is_named(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(network.socket, "getaddrinfo", unknown)

    assert refusal(fetcher, "http://press.example.org/a") == "there is no host of the name press.example.org"


# Limits


@pytest.mark.parametrize(
    ("headers", "drip"),
    [({"Content-Length": "100"}, 0), ({}, 0.05)],
    ids=["a body that stops half-way", "headers that come byte by byte"],
)
def test_a_slow_page_is_given_up_in_time(site: WebSite, fetcher: Fetcher, headers: dict[str, str], drip: float) -> None:
    site.answers["/slow"] = Answer("x" * 99, headers=headers, drip=drip or 0.02)
    began = time.monotonic()

    reason = refusal(fetcher, site.address("/slow"))

    assert reason == "127.0.0.1 did not answer in time (1 s), 2 times; run the same command again later"
    assert 1.9 < time.monotonic() - began < 4


def test_a_page_that_breaks_off_is_not_taken_for_whole(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/a"] = Answer("They met.", headers={"Content-Length": "20"})

    assert "127.0.0.1 does not answer properly" in refusal(fetcher, site.address("/a"))


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"x" * 200_000, {}),
        (b"x" * 200_000, {"Content-Length": "", "Connection": "close"}),
        (gzip.compress(bytes(50_000_000)), {"Content-Encoding": "gzip"}),
    ],
    ids=["declared", "undeclared", "packed small"],
)
def test_a_page_that_is_too_large_is_not_read_to_its_end(
    site: WebSite, fetcher: Fetcher, content: bytes, headers: dict[str, str]
) -> None:
    site.answers["/large"] = Answer(content, headers=headers)

    assert refusal(fetcher, site.address("/large")) == "it is larger than 0.1 MB"
    assert site.paths == ["/large"]


def test_a_packed_page_is_unpacked(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/a"] = Answer(gzip.compress(b"They met."), headers={"Content-Encoding": "gzip"})
    site.answers["/b"] = Answer(b"\x0b\x02\x80", headers={"Content-Encoding": "br"})

    assert get(fetcher, site.address("/a")).content == b"They met."
    assert refusal(fetcher, site.address("/b")) == "it comes packed as 'br', which was not asked for"


def test_a_packed_page_that_breaks_off_is_not_taken_for_whole(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/a"] = Answer(gzip.compress(b"They met.")[:-9], headers={"Content-Encoding": "gzip"})

    assert refusal(fetcher, site.address("/a")) == "the page broke off, 2 times; run the same command again later"


# Redirects


def test_a_first_request_that_only_sets_a_session_cookie_is_repeated(site: WebSite, fetcher: Fetcher) -> None:
    def with_session(asked: Asked) -> Answer:
        if "JSESSIONID=1" in asked.headers.get("Cookie", ""):
            return Answer("The list.")
        return Answer("", 307, {"Location": asked.path, "Set-Cookie": "JSESSIONID=1; Path=/; HttpOnly"})

    site.answers["/list.do"] = with_session

    found = get(fetcher, site.address("/list.do"))
    get(fetcher, site.address("/list.do"))

    assert (found.content, found.address) == (b"The list.", site.address("/list.do"))
    assert site.paths == ["/list.do"] * 3


def test_a_page_that_moved_is_known_by_the_address_that_was_asked_for(site: WebSite, fetcher: Fetcher) -> None:
    site.answers |= {"/old": Answer("", 301, {"Location": "/new#part"}), "/new": Answer("Text.")}

    found = get(fetcher, site.address("/old"))

    assert (found.address, found.found_at, found.content) == (site.address("/old"), site.address("/new"), b"Text.")


def test_redirects_without_end_are_left(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/a"] = Answer("", 302, {"Location": "/a"})

    assert refusal(fetcher, site.address("/a")) == "it redirects more than 4 times"
    assert len(site.paths) == 5


def test_private_addresses_are_refused_unless_allowed(site: WebSite, fetcher: Fetcher) -> None:
    with pytest.raises(
        Unfetched, match=r"^127\.0\.0\.1 is a private or local address, which is fetched only with --allow-private$"
    ):
        fetcher.fetch(site.address("/a"))
    with pytest.raises(Unfetched, match=r"^localhost \(.*\) is a private or local address"):
        fetcher.fetch(site.address("/a").replace("127.0.0.1", "localhost"))
    assert site.asked == []


@pytest.mark.parametrize(
    "target",
    ["http://localhost:{port}/secret", "http://[::ffff:10.0.0.1]:{port}/secret", "http://192.168.0.1/", "//0/"],
)
def test_a_redirect_to_a_private_address_is_refused(
    site: WebSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    really = network.is_public
    # The site plays one of the internet; by any other name or number it is what it is.
    monkeypatch.setattr(network, "is_public", lambda address: address == "127.0.0.1" or really(address))
    monkeypatch.setattr(network.socket, "getaddrinfo", _resolve_localhost_as_ipv6(network.socket.getaddrinfo))
    site.answers["/a"] = Answer("", 302, {"Location": target.format(port=site.origin.rsplit(":", 1)[1])})

    with pytest.raises(Unfetched, match="is a private or local address"):
        fetcher.fetch(site.address("/a"))
    assert site.paths == ["/a"]


def _resolve_localhost_as_ipv6(really):  # type: ignore[no-untyped-def]
    def resolve(host: str, *rest, **options):  # type: ignore[no-untyped-def]
        return really("::1" if host == "localhost" else host, *rest, **options)

    return resolve


def test_a_name_that_resolves_otherwise_a_moment_later_gains_nothing(
    site: WebSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["203.248.1.1", "127.0.0.1"])

    def resolve(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(network.socket, "getaddrinfo", resolve)

    with pytest.raises(Unfetched, match=r"press\.example\.org \(127\.0\.0\.1\) is a private"):
        fetcher.fetch(site.address("/a").replace("127.0.0.1", "press.example.org"))
    assert site.asked == []


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/passwd", "it leads to 'file:///etc/passwd'; only http and https addresses are fetched"),
        ("ftp://ftp.example.org/a", "it leads to 'ftp://ftp.example.org/a'; only http and https addresses are fetched"),
        ("http://me:secret@127.0.0.1/", "addresses with a name and password in them are not fetched"),
        ("http://[half/", "'http://[half/' is not an address: Invalid IPv6 URL"),
    ],
)
def test_a_redirect_out_of_the_web_is_not_followed(site: WebSite, fetcher: Fetcher, target: str, reason: str) -> None:
    site.answers["/a"] = Answer("", 302, {"Location": target})

    assert refusal(fetcher, site.address("/a")) == reason


# From run to run


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(site: WebSite, fetcher: Fetcher) -> None:
    def page(asked: Asked) -> Answer:
        same = asked.headers.get("If-None-Match") == etag and asked.headers.get("If-Modified-Since") == modified
        return Answer("", 304) if same else Answer(text, headers={"ETag": etag, "Last-Modified": modified})

    site.answers["/a"] = page
    address = site.address("/a")
    text, etag, modified = "They agreed.", '"1"', "Mon, 27 Nov 2023 00:00:00 GMT"

    first = fetcher.fetch(address, allow_private=True, conditional=True)
    assert isinstance(first, Fetched)
    fetcher.remember(first)
    assert fetcher.fetch(address, allow_private=True, conditional=True) == Unchanged(address)
    assert isinstance(fetcher.fetch(address, allow_private=True), Fetched)

    text, etag = "They disagreed.", '"2"'
    corrected = fetcher.fetch(address, allow_private=True, conditional=True)
    assert isinstance(corrected, Fetched)
    assert corrected.content == b"They disagreed."


@pytest.mark.parametrize(
    "answer",
    [Answer("", 404), Answer("", 410), Answer("", 301, {"Location": "/"}), Answer("", 308, {"Location": "/"})],
)
def test_a_page_that_is_not_there_is_told_from_one_that_cannot_be_had(
    site: WebSite, fetcher: Fetcher, answer: Answer
) -> None:
    site.answers |= {"/a": answer, "/": Answer("Welcome.")}

    assert fetcher.fetch(site.address("/a"), allow_private=True) == Gone(site.address("/a"))
    assert isinstance(fetcher.fetch(site.address("/"), allow_private=True), Fetched)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_page_that_leads_to_the_front_page_for_now_is_not_gone(site: WebSite, fetcher: Fetcher, status: int) -> None:
    site.answers |= {
        "/a": Answer("", status, {"Location": "/"}),
        "/b": Answer("", 301, {"Location": "/a"}),
        "/": Answer("We are back in the morning."),
    }

    for path in ("/a", "/b"):
        assert refusal(fetcher, site.address(path)) == (
            "for now it leads to the front page; run the same command again later"
        )


def test_a_front_page_in_trouble_tells_nothing_of_the_page_that_leads_there(site: WebSite, fetcher: Fetcher) -> None:
    site.answers |= {"/a": Answer("", 301, {"Location": "/"}), "/": Answer("", 403)}

    assert refusal(fetcher, site.address("/a")) == "the server answers 403 Status"


def test_a_page_that_is_refused_is_not_gone(site: WebSite, fetcher: Fetcher) -> None:
    site.answers["/a"] = Answer("", 403)

    assert refusal(fetcher, site.address("/a")) == "the server answers 403 Status"
