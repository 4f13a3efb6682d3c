from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.question import understand
from assistant.search import HybridSearch
from vectorstore import open_store


@pytest.fixture(scope="module")
def search(sample_data: Path) -> Iterator[HybridSearch]:
    with open_store(sample_data) as store:
        yield HybridSearch(store)


def sought(search: HybridSearch, question: str, *history: str) -> set[str]:
    found = search.find(understand(question, history)).candidates
    return {c.match.release.id for c in found if c.sought}


@pytest.mark.parametrize(
    ("question", "release"),
    [
        (
            "Why did Biden phone Kishida for the first time?",
            "2021-10-04-readout-of-joseph-r-biden-jr-s-call-with-prime-minister-kishida-of-japan",
        ),
        (
            "Biden's last call with Netanyahu before October 2023: what of the courts?",
            "2023-03-19-readout-of-president-joe-bidens-call-with-prime-minister-benjamin-netanyahu-of-israel",
        ),
        (
            "What was the Gaza offensive called the last time Biden and Netanyahu had a call?",
            "2023-12-23-readout-of-president-joe-bidens-call-with-prime-minister-netanyahu-of-israel",
        ),
    ],
)
def test_the_first_and_the_last_are_sought_by_title_and_date(search: HybridSearch, question: str, release: str) -> None:
    assert release in {i.rpartition("/")[2] for i in sought(search, question)}


def test_a_follow_up_seeks_the_release_that_the_turn_before_was_about(search: HybridSearch) -> None:
    releases = sought(
        search, "And by when?", "Which summit did Trudeau attend in Los Angeles when he met Biden in 2022?"
    )

    assert any("2022-06-09" in release_id and "trudeau" in release_id for release_id in releases)


def test_a_question_that_stands_alone_seeks_no_release(search: HybridSearch) -> None:
    found = search.find(understand("When did China join the Apostille Convention?")).candidates

    assert found
    assert not any(c.sought for c in found)
