from datetime import date
from pathlib import Path

import pytest

from ingest.formats import read_page
from ingest.page import Failure, Page, Read, UnreadablePage


def read(content: bytes) -> list[Read | Failure]:
    return list(read_page(Page("feed.xml", "feed.xml", content)))


def test_the_ministrys_feed_gives_its_releases(samples: Path) -> None:
    found = read((samples / "mofa" / "feed_press_releases.xml").read_bytes())

    releases = [f.release for f in found if isinstance(f, Read)]
    assert [(r.id, r.date) for r in releases] == [
        ("mofa.go.kr/www/brd/m_5676/view.do?seq=323320", date(2026, 6, 26)),
        ("mofa.go.kr/www/brd/m_5676/view.do?seq=323319", date(2026, 7, 14)),
        ("mofa.go.kr/www/brd/m_5676/view.do?seq=323318", date(2026, 3, 13)),
    ]
    assert releases[0].url == "http://www.mofa.go.kr/www/brd/m_5676/view.do?seq=323320"
    first, second = releases[0].paragraphs
    assert [first.text[n.start : n.end][:14] for n in first.notes] == ["※ According to"]
    assert second.text.startswith("The government of the Republic of Korea hopes")


def test_the_day_in_a_title_wins_over_the_neighbouring_day_of_the_feeds_time_zone(samples: Path) -> None:
    found = read((samples / "mofa" / "feed_press_briefings.xml").read_bytes())

    assert [(f.release.title[-14:], f.release.date) for f in found if isinstance(f, Read)][2] == (
        "(July 7, 2026)",
        date(2026, 7, 7),
    )


def test_an_atom_feed_with_html_is_read() -> None:
    atom = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>Talks &amp; tea</title>
    <link href="https://x.org/1"/><updated>2024-05-06T00:00:00Z</updated>
    <content type="html">&lt;p&gt;1. They met.&lt;/p&gt;&lt;p&gt;2. They left.&lt;/p&gt;</content></entry>
    <entry><title>Empty</title><link href="https://x.org/2"/></entry></feed>"""

    read_one, failed = read(atom)

    assert isinstance(read_one, Read)
    assert read_one.release.title == "Talks & tea"
    assert [(p.number, p.text) for p in read_one.release.paragraphs] == [("1", "They met."), ("2", "They left.")]
    assert failed == Failure("feed.xml:2", "item 2 carries no text")


def test_a_broken_feed_is_refused() -> None:
    with pytest.raises(UnreadablePage, match="the feed holds no items"):
        read(b"<?xml version='1.0'?><rss><channel><ti")
