from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import chromadb
import pytest

from vectorstore import (
    Note,
    Paragraph,
    Reading,
    Release,
    ReleaseStore,
    Window,
    WrongEmbeddingModel,
    open_store,
    reindex,
)
from vectorstore.release import counted

APOSTILLE = Release(
    id="a",
    title="Accession to the Apostille Convention",
    date=date(2023, 11, 26),
    url="https://example.org/a",
    language="en",
    paragraphs=(
        Paragraph(0, "1", True, "The ministers met in Busan."),
        Paragraph(1, "2", True, "Tourism grew.\n* China joined the Convention in March 2023.", (Note("*", 14, 57),)),
    ),
    date_source="page",
)
ENERGY = Release(
    "b", "Energy dialogue", date(2022, 5, 1), None, "en", counted(["The partners will suspend coal subsidies by 2030."])
)
UNDATED = Release("c", "한중 외교장관회담", None, None, "ko", counted(["양국은 문화교류를 확대하기로 합의하였다."]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReleaseStore]:
    with open_store(tmp_path / "data") as opened:
        yield opened


def test_a_release_comes_back_as_it_was_put(store: ReleaseStore) -> None:
    assert store.put([APOSTILLE, UNDATED]) == ["added", "added"]

    assert store.get("a") == APOSTILLE
    assert store.get("c") == UNDATED
    assert store.get("nothing") is None


def test_every_paragraph_that_holds_a_run_of_terms_is_found_by_date_and_title(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY, UNDATED])

    assert store.holding([[("coal", "subsidi")]]) == {"b": [0]}
    assert store.holding([[("subsidi", "coal")]]) == {}
    assert store.holding([[("coal",), ("tourism",)]]) == {"a": [1], "b": [0]}
    assert store.holding([[("coal",)], [("tourism",)]]) == {}
    assert store.holding([[("apostill", "convent")]], titles=True) == {"a": [0, 1]}
    assert store.holding([[("coal",), ("tourism",)]], Window(since=date(2023, 1, 1))) == {"a": [1]}
    assert store.holding([[("문화", "화교", "교류")]]) == {"c": [0]}


def test_releases_are_listed_between_two_days(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY, UNDATED])

    assert [r.id for r in store.catalogue.listing()] == ["a", "b", "c"]
    assert [r.id for r in store.catalogue.listing(date(2022, 5, 1), date(2023, 11, 25))] == ["b"]


def test_a_paragraph_is_found_by_meaning_and_by_words(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY, UNDATED])

    found = store.find("When will subsidies for coal end?", 3)

    assert found.by_meaning[0].key == ("b", 0)
    assert found.by_words[0].key == ("b", 0)
    assert found.by_meaning[0].paragraph == ENERGY.paragraphs[0]
    assert -1 <= found.by_meaning[-1].score <= found.by_meaning[0].score <= 1


def test_korean_words_are_found_in_spite_of_their_particles(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY, UNDATED])

    assert [m.key for m in store.find("문화교류는", 3).by_words] == [("c", 0)]


def test_putting_the_same_again_changes_nothing(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY])

    assert store.put([APOSTILLE, ENERGY]) == ["unchanged", "unchanged"]
    assert store.catalogue.to_index_count() == 0
    assert store.paragraph_count() == store.catalogue.paragraph_count() == 3
    assert [v.version for v in store.catalogue.versions("b")] == [1]


def test_a_corrected_release_takes_the_place_of_the_old_one(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY])
    corrected = replace(ENERGY, paragraphs=counted(["The partners will continue coal subsidies until 2035."]))

    assert store.put([corrected]) == ["changed"]

    found = store.find("coal subsidies", 5)
    texts = {m.paragraph.text for m in (*found.by_meaning, *found.by_words) if m.release.id == "b"}
    assert texts == {"The partners will continue coal subsidies until 2035."}
    # The vector was made from the new text: the old one would be nearer to "suspend … by 2030".
    document = store._vectors._store.client.get(where={"document_id": "b"})["documents"]
    assert document == ["Energy dialogue (1 May 2022)\nThe partners will continue coal subsidies until 2035."]
    assert store.get("b", 1) == ENERGY
    assert store.get("b") == replace(corrected, version=2)


def test_a_release_that_shrank_leaves_no_paragraph_behind(store: ReleaseStore) -> None:
    store.put([APOSTILLE])
    store.put([replace(APOSTILLE, paragraphs=APOSTILLE.paragraphs[:1])])

    assert store.paragraph_count() == 1
    assert store._vectors.count() == 1


def test_a_removed_release_is_gone_everywhere(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY])

    assert store.remove("b") is True
    assert store.remove("b") is False

    found = store.find("coal subsidies", 5)
    assert {m.release.id for m in (*found.by_meaning, *found.by_words)} == {"a"}
    assert store.catalogue.versions("b") == []
    assert store.paragraph_count() == store._vectors.count() == 2


def test_a_window_of_days_leaves_out_other_and_undated_releases(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY, UNDATED])

    found = store.find("ministers coal 문화교류", 5, Window(since=date(2023, 1, 1), until=date(2023, 12, 31)))

    assert {m.release.id for m in found.by_meaning} == {"a"}
    assert {m.release.id for m in found.by_words} == {"a"}


def test_releases_are_found_by_the_names_in_their_titles_in_the_order_of_their_dates(store: ReleaseStore) -> None:
    calls = [
        Release(f"{day}", "Call with the Minister of Japan", date(2022, 5, day), None, "en", counted(["One."] * day))
        for day in (2, 9, 4)
    ]
    store.put([APOSTILLE, ENERGY, UNDATED, *calls])

    assert store.titled(["Japan", "minister"], limit=2) == ["9", "4"]
    assert store.titled(["japan"], earliest=True) == ["2"]
    assert store.titled(["japan"], Window(until=date(2022, 5, 8))) == ["4"]
    assert store.titled(["Japan", "energy"]) == []
    assert store.titled(["외교장관회담"]) == []
    assert store.titled([]) == []


def test_a_day_without_a_year_is_of_the_latest_year_that_has_a_release(store: ReleaseStore) -> None:
    assert store.of_day(11, 26) == []
    older = Release("old", "A meeting", date(2021, 11, 26), None, "en", counted(["They met."]))
    store.put([APOSTILLE, ENERGY, UNDATED, older])

    assert [r.id for r in store.of_day(11, 26)] == ["a"]
    assert [r.id for r in store.of_day(11, 26, 2021)] == ["old"]
    assert [r.id for r in store.of_day(11, 26, window=Window(until=date(2022, 1, 1)))] == ["old"]
    assert store.of_day(2, 30) == store.of_day(7, 1) == []


def test_the_span_counts_the_releases_of_a_window(store: ReleaseStore) -> None:
    store.put([APOSTILLE, ENERGY, UNDATED])

    everything = store.span()
    assert (everything.releases, everything.since, everything.until) == (3, date(2022, 5, 1), date(2023, 11, 26))
    assert store.span(Window(since=date(2023, 1, 1))).releases == 1


def test_what_a_killed_process_left_is_finished_by_the_next_one(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.put([APOSTILLE])
        store.catalogue.put([Reading(ENERGY, "origin")])  # Killed before indexing.

    with open_store(tmp_path) as store:
        assert store.find("coal subsidies", 5).by_words == []
        assert store.catch_up() == 1
        assert store.find("coal subsidies", 5).by_words[0].key == ("b", 0)
        assert store.catch_up() == 0


def test_vectors_written_twice_by_a_killed_process_count_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.put([APOSTILLE])
        store.catalogue.mark_all()  # Killed after indexing, before the marks were cleared.
        store.catch_up()

        assert store._vectors.count() == store.paragraph_count() == 2


def test_vectors_of_another_model_are_refused_until_reindexed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.put([APOSTILLE])
    client = chromadb.PersistentClient(
        str(tmp_path / "vectors"), settings=chromadb.Settings(anonymized_telemetry=False)
    )
    client.get_collection("paragraphs").modify(metadata={"embedding": "other-model", "weights_sha256": "0" * 64})

    with pytest.raises(WrongEmbeddingModel, match=r"made with other-model .* run communique reindex --data .*"):
        open_store(tmp_path)

    assert reindex(tmp_path) == 1
    with open_store(tmp_path) as store:
        assert store.find("Busan", 1).by_words[0].key == ("a", 0)


def test_a_long_paragraph_is_found_by_what_its_end_says(store: ReleaseStore) -> None:
    filler = "The delegations reviewed the agenda of the working groups in detail. " * 60
    long = Release(
        "long", "Minutes", date(2024, 1, 1), None, "en", counted([filler + "Penguins were released near Ushuaia."])
    )
    store.put([long, ENERGY])

    best = store.find("birds set free in Argentina", 2).by_meaning[0]

    assert best.key == ("long", 0)
    assert best.score > 0.4


def test_origins_are_kept(store: ReleaseStore) -> None:
    store.put([ENERGY], "board A")
    store.put([ENERGY], "board B")

    assert store.catalogue.origins("b") == ["board A", "board B"]
