"""Measure what is left of sites' furniture in releases, and what was lost: `python -m eval.furniture [FILE]`.

FILE holds records with "domain" and "text", a page's text with the site's furniture left in. Read as a page, each
becomes a release, and two things are counted:

- furniture that remains: lines that stand on three or more pages of one site and are no body paragraph, as far as they
  are still found among a release's lines. Such a line between two body paragraphs of its page is a heading, a lead-in
  or a short sentence of the text ("Background:"); these are counted apart and printed, so that furniture among them
  would be seen;
- body paragraphs that are lost: lines of a page of eight words or more that end as a sentence, and all of 25 words or
  more, whose words are not in the release. Each is printed, since some may be furniture rightly left out.

- other lines that are left out: shorter ones behind a page's first body paragraph that stand on no other page of the
  site. Headings, lists and signatures are among them, but also contact blocks; `--all` prints each.

All are judged by these definitions alone and not by the rules in `ingest/furniture.py`.
"""

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest import UnreadablePage
from ingest.formats.text import release_of

PAGES = Path(__file__).parents[2] / "shared" / "data" / "releases" / "congress" / "pages-with-boilerplate.jsonl"
_REPEATED_ON = 3
# What closes a release, with the few words of the site that may stand behind it on the same line.
_END_OF_RELEASE = re.compile(r"[#–-]\s?30\s?[#–-]$|###(?:\s+\S+){0,7}$")
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*$")


@dataclass(frozen=True)
class FurnitureFigures:
    """`repeated` lines and on how many pages they stand all told; those that `remain` around the text and those kept
    `inside` it, likewise, by line; `lost` body paragraphs with the position of their page, of `body` in all; the pages
    that were `refused`, by position.
    """

    pages: int
    repeated: Counter[tuple[str, str]]
    remain: Counter[tuple[str, str]]
    inside: Counter[tuple[str, str]]
    body: int
    lost: tuple[tuple[int, str], ...]
    others: int
    left_out: tuple[tuple[int, str], ...]
    refused: tuple[int, ...]


def measured(pages: Sequence[tuple[str, str]]) -> FurnitureFigures:
    """The figures of (site, text) pages."""
    lines = [_lines(text) for _, text in pages]
    on_pages: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (site, _), of_page in zip(pages, lines, strict=True):
        for line in set(of_page):
            on_pages[site, line] += 1
    repeated = Counter({key: count for key, count in on_pages.items() if count >= _REPEATED_ON and not is_body(key[1])})
    remain: Counter[tuple[str, str]] = Counter()
    inside: Counter[tuple[str, str]] = Counter()
    lost: list[tuple[int, str]] = []
    others: list[tuple[int, str]] = []
    left_out: list[tuple[int, str]] = []
    refused: list[int] = []
    for position, ((site, text), of_page) in enumerate(zip(pages, lines, strict=True)):
        try:
            release = release_of(text)
        except UnreadablePage:
            refused.append(position)
            kept, words = set[str](), ""
        else:
            kept = {line for p in release.paragraphs for line in _lines(p.text)}
            words = _letters(" ".join([release.title, *(f"{p.number} {p.text}" for p in release.paragraphs)]))
        paragraphs = [number for number, line in enumerate(of_page) if is_body(line)]
        for line in {line for line in of_page if (site, line) in repeated and line in kept}:
            places = [number for number, other in enumerate(of_page) if other == line]
            between = all(paragraphs[0] < place < paragraphs[-1] for place in places) if paragraphs else False
            (inside if between else remain)[site, line] += 1
        lost += [(position, line) for line in of_page if is_body(line) and not _holds(words, line)]
        first = paragraphs[0] if paragraphs else len(of_page)
        other = [(position, line) for line in of_page[first:] if not is_body(line) and on_pages[site, line] == 1]
        others += other
        left_out += [(page, line) for page, line in other if not _holds(words, line)]
    body = sum(is_body(line) for of_page in lines for line in of_page)
    return FurnitureFigures(
        len(pages), repeated, remain, inside, body, tuple(lost), len(others), tuple(left_out), tuple(refused)
    )


def is_body(line: str) -> bool:
    """Whether a line is a paragraph by the definition above."""
    words = len(line.split())
    return words >= 25 or (words >= 8 and bool(_SENTENCE.search(line)))


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", _END_OF_RELEASE.sub("", text))


def _holds(words: str, line: str) -> bool:
    # The number that a paragraph prints is not part of its text, so the words behind the first one decide too.
    behind = line.split(maxsplit=1)[1] if " " in line else line
    return _letters(line) in words or _letters(behind) in words


def read_pages(file: Path) -> list[tuple[str, str]]:
    """Site and text of each page."""
    with file.open(encoding="utf-8") as lines:
        return [(record["domain"], record["text"]) for record in map(json.loads, lines)]


def report(figures: FurnitureFigures, whole: bool = False) -> Iterable[str]:
    """The figures, line by line; what remains and what is lost in full, and on demand all other lines left out."""
    yield f"{figures.pages:,} pages; {len(figures.refused)} in which no sentence was found"
    yield (
        f"furniture: {len(figures.repeated)} lines stand on {_REPEATED_ON} or more pages of their site, "
        f"{figures.repeated.total():,} times in all; "
        f"{len(figures.remain)} of them remain in releases, {figures.remain.total():,} times"
    )
    yield (
        f"{len(figures.inside)} more stand between paragraphs of the text and are kept, "
        f"{figures.inside.total():,} times"
    )
    yield f"body: {len(figures.lost)} of {figures.body:,} paragraphs are lost"
    yield f"other lines: {len(figures.left_out)} of {figures.others:,} are left out"
    for (site, line), count in figures.remain.most_common():
        yield f"  remains {count:>3} × {site}: {line[:100]}"
    for (site, line), count in figures.inside.most_common():
        yield f"  kept {count:>3} × {site}: {line[:100]}"
    for position, line in figures.lost:
        yield f"  lost on page {position}: {line[:200]}"
    if whole:
        yield from (f"  left out on page {position}: {line[:200]}" for position, line in figures.left_out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m eval.furniture", description="Furniture left, paragraphs lost.")
    parser.add_argument("pages", type=Path, nargs="?", default=PAGES, metavar="FILE", help="records with furniture")
    parser.add_argument("--all", action="store_true", help="print the other lines that are left out, too")
    given = parser.parse_args(arguments)
    if not given.pages.exists():
        print(f"{given.pages} is not there; name a file of records with “domain” and “text”")
        return 0
    for line in report(measured(read_pages(given.pages)), given.all):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
