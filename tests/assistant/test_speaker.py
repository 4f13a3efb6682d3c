"""Who says it, and whom "he" means, in real sentences of the samples."""

from collections.abc import Mapping
from datetime import date

import pytest

from assistant.quotes import Draft, Quote
from assistant.speaker import Named, named, speaker_of
from assistant.verify import fault_of, verified
from vectorstore import Match, Release
from vectorstore.sentences import sentence_spans

# The day of a release, and a word of its title.
NOVEMBER = (date(2023, 11, 26), "Outcome")
JOHNSON = (date(2021, 1, 23), "Johnson")
KISHIDA = (date(2022, 10, 4), "Kishida")
ALLIES = (date(2021, 12, 7), "Macron")
SANCTIONS = (date(2022, 2, 24), "FACT SHEET")


def quote(releases: Mapping[str, Release], called: tuple[date, str], begins: str) -> Quote:
    """The sentence of a sample that begins so."""
    day, word = called
    release = next(r for r in releases.values() if r.date == day and word in r.title)
    paragraph = next(p for p in release.paragraphs if begins in p.text)
    start = paragraph.text.index(begins)
    end = next(end for _, end in sentence_spans(paragraph.text) if end > start)
    return Quote(Match(release, paragraph, 1.0), start, end)


@pytest.mark.parametrize(
    ("called", "begins", "name", "role"),
    [
        (NOVEMBER, "Foreign Minister Park requested that China", "Foreign Minister Park", "principal"),
        (NOVEMBER, "Foreign Minister Wang stated that", "Foreign Minister Wang", "counterpart"),
        (NOVEMBER, "The two sides agreed to promote", "The two sides", "both sides"),
        (NOVEMBER, "On that note, the two sides agreed to strengthen", "the two sides", "both sides"),
        # "He" is the one whom the sentence before is about.
        (NOVEMBER, "He requested China’s constructive role", "Foreign Minister Park", "principal"),
        (JOHNSON, "He noted his readiness", "President Biden", "principal"),
        (KISHIDA, "The leaders jointly condemned", "The leaders", "both sides"),
    ],
)
def test_who_says_it_is_told_with_the_quote(
    sample_releases: Mapping[str, Release], called: tuple[date, str], begins: str, name: str, role: str
) -> None:
    said = quote(sample_releases, called, begins)

    (citation,) = verified([Draft(said.text, (said,))]).citations

    assert (citation.speaker, citation.speaker_role) == (name, role)


@pytest.mark.parametrize(
    "begins", ["China joined the Apostille Convention", "The reciprocal visits by the two Foreign Ministers"]
)
def test_where_nobody_says_anything_there_is_no_speaker(sample_releases: Mapping[str, Release], begins: str) -> None:
    said = quote(sample_releases, NOVEMBER, begins)

    assert speaker_of(said.match, said.start, said.end) is None


@pytest.mark.parametrize(
    ("called", "begins", "shown"),
    [
        (NOVEMBER, "He requested China’s", "He [Foreign Minister Park] requested China’s"),
        (JOHNSON, "He noted his", "He [President Biden] noted his"),
        (
            KISHIDA,
            "The leaders jointly",
            "The leaders [President Biden and Prime Minister Kishida of Japan] jointly condemned",
        ),
    ],
)
def test_the_name_stands_in_brackets_behind_a_pronoun(
    sample_releases: Mapping[str, Release], called: tuple[date, str], begins: str, shown: str
) -> None:
    said = quote(sample_releases, called, begins)

    draft = named(Draft(said.text, (said,)))

    assert draft.text.startswith(shown)
    assert fault_of(draft) is None
    (statement,) = verified([draft]).statements
    assert (statement.kind, statement.citations) == ("supported", (1, 2))


def test_a_name_that_its_quote_does_not_hold_falls(sample_releases: Mapping[str, Release]) -> None:
    said = quote(sample_releases, NOVEMBER, "He requested China’s")
    right = named(Draft(said.text, (said,)))
    assert isinstance(right, Named)

    wrong = Named(
        right.text.replace("[Foreign Minister Park]", "[Foreign Minister Wang]"),
        right.quotes,
        names=("Foreign Minister Wang",),
        at=right.at,
    )
    more = Named(right.text.replace("requested", "demanded"), right.quotes, names=right.names, at=right.at)

    assert fault_of(wrong) == fault_of(more) == "it is not its quote with the quoted names in brackets"


def test_what_was_just_read_needs_no_name(sample_releases: Mapping[str, Release]) -> None:
    said = quote(sample_releases, NOVEMBER, "He requested China’s")
    before = quote(sample_releases, NOVEMBER, "Foreign Minister Park pointed out")

    assert named(Draft(said.text, (said,)), [before]).text == said.text


def test_a_call_of_several_is_not_put_down_to_two(sample_releases: Mapping[str, Release]) -> None:
    said = quote(sample_releases, ALLIES, "They agreed")

    assert named(Draft(said.text, (said,))).text == said.text


def test_it_brings_the_sentence_before_along(sample_releases: Mapping[str, Release]) -> None:
    said = quote(sample_releases, SANCTIONS, "It also includes full blocking sanctions")
    before = quote(sample_releases, SANCTIONS, "This includes cutting off Russia’s largest bank")

    draft = named(Draft(said.text, (said,), (0, 2)))

    assert draft.text == f"{before.text} {said.text}"
    assert draft.text == draft.quotes[0].text
    assert draft.answer is not None
    assert draft.text[slice(*draft.answer)] == "It"


def test_a_draft_that_is_no_whole_quote_stays_as_it_is(sample_releases: Mapping[str, Release]) -> None:
    said = quote(sample_releases, NOVEMBER, "He requested China’s")

    assert named(Draft("Park requested it.", (said,))).text == "Park requested it."
