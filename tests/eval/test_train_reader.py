"""Training can take a part of the cases, for the learning curve."""

from eval.train_reader import drawn
from eval.training_cases import read_training


def test_a_share_of_the_cases_is_of_whole_releases_and_lies_within_a_larger_share() -> None:
    cases = read_training(split="training")
    quarter, half = drawn(cases, 0.25), drawn(cases, 0.5)
    assert drawn(cases, 1) == cases
    assert drawn(cases, 0.25) == quarter
    assert {c.id for c in quarter} < {c.id for c in half}
    releases = {c.release_id for c in quarter}
    assert len(releases) == round(len({c.release_id for c in cases}) / 4)
    assert [c for c in cases if c.release_id in releases] == quarter
