"""Near-duplicates are linked at a cost that does not grow with how many look alike."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from vectorstore import Catalogue, Reading, Release, open_catalogue
from vectorstore.likeness import packed
from vectorstore.near import link
from vectorstore.release import counted
from vectorstore.tables import SignatureRow

FORMS = 600


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with closing(open_catalogue(tmp_path)) as opened:
        yield opened


def form(number: int) -> Release:
    """A notice as hundreds are made of one form."""
    return Release(f"r{number:03}", f"Notice {number}", None, None, "en", counted([f"Office {number} is closed."]))


def steps_to_link(catalogue: Catalogue, numbers: range) -> int:
    """Give releases signatures of which 6 of 126 values are their own, link them, and count the database's steps."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with catalogue._writing() as session:
        rows = []
        for number in numbers:
            values = np.arange(126, dtype=np.uint32)
            values[np.random.default_rng(number).choice(126, 6, replace=False)] = 1000 + number
            rows.append(SignatureRow(release_id=f"r{number:03}", signature=packed(values)))
        session.add_all(rows)
        session.flush()
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, 100)
        link(session, rows)
        driver.set_progress_handler(None, 0)
    return steps


def test_the_six_hundredth_of_a_form_is_linked_as_cheaply_as_the_hundredth(catalogue: Catalogue) -> None:
    catalogue.put([Reading(form(n), f"{n}", f"{n}", own_id=True) for n in range(FORMS)])

    steps = [steps_to_link(catalogue, range(start, start + 20)) for start in range(0, FORMS, 20)]

    assert steps[-1] < 1.3 * steps[5]
    links = catalogue.near_duplicates([f"r{n:03}" for n in range(FORMS)])
    assert all(links[f"r{n:03}"] for n in range(FORMS))
    # To at most fifty that came before it, and about as many that came after.
    earlier = [sum(near.release_id < release_id for near in found) for release_id, found in links.items()]
    assert max(earlier) == 50


def test_links_go_both_ways(catalogue: Catalogue) -> None:
    catalogue.put([Reading(form(n), f"{n}", f"{n}", own_id=True) for n in range(3)])
    steps_to_link(catalogue, range(3))

    found = catalogue.near_duplicates(["r000", "r001", "r002"])

    assert {i: sorted(n.release_id for n in near) for i, near in found.items()} == {
        "r000": ["r001", "r002"],
        "r001": ["r000", "r002"],
        "r002": ["r000", "r001"],
    }
    assert {(n.likeness) for near in found.values() for n in near} <= {i / 126 for i in range(101, 127)}
