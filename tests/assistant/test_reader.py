from pathlib import Path

import numpy as np
import pytest

from assistant.cross_encoder import CrossEncoder
from assistant.expectation import is_held
from assistant.layers import Layers
from assistant.passages import MAX_TOKENS, Passage, Preparation
from assistant.reader import SHIPPED, Reader
from vectorstore import bert
from vectorstore.embeddings import packaged_minilm
from vectorstore.sentences import sentence_spans

TEXT = (
    "The two sides agreed to promote cultural exchanges. "
    "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7. "
    "Minister Park looked forward to many Chinese people visiting Korea."
)


def passage(text: str) -> Passage:
    return Passage("Outcome of the ministers' meeting (26 November 2023)", text, tuple(sentence_spans(text)))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Path(packaged_minilm().folder))


def test_the_sentence_that_answers_scores_highest_and_its_words_are_pointed_at(reader: Reader) -> None:
    (read,) = reader.read("When did China join the Apostille Convention?", [passage(TEXT)])

    assert int(np.argmax([r.score for r in read])) == 1
    assert is_held("date", TEXT[read[1].start : read[1].end], frozenset())


QUESTIONS = ["When did China join?", "Who visits whom?"]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("product", "near"), [(bert.exact, 0.01), (bert.rounded, 0.5)])
def test_pytorch_and_onnxruntime_read_the_same(question: str, product: bert.Product, near: float) -> None:
    folder = Path(packaged_minilm().folder)
    batch = Preparation(folder).batch([question], [passage(TEXT)])

    scores, tokens = Layers(folder, SHIPPED, product).run(batch)
    expected_scores, expected_tokens = CrossEncoder(folder, SHIPPED).run(batch)

    assert scores == pytest.approx(expected_scores, abs=near)
    assert tokens == pytest.approx(expected_tokens, abs=2 * near)


def test_padding_changes_nothing_in_training() -> None:
    folder = Path(packaged_minilm().folder)
    preparation, model = Preparation(folder), CrossEncoder(folder, SHIPPED)
    passages = [passage(TEXT), passage("They met in Busan. They ate.")]

    scores, _ = model.run(preparation.batch(QUESTIONS, passages))

    alone = [model.run(preparation.batch([question], [p]))[0] for question, p in zip(QUESTIONS, passages, strict=True)]
    assert scores == pytest.approx(np.concatenate(alone), abs=0.01)


def test_weights_of_another_model_are_refused() -> None:
    folder = Path(packaged_minilm().folder)

    with pytest.raises(ValueError, match=r"model.safetensors holds no weights of this reader: .* is no part of it"):
        CrossEncoder(folder, folder / "model.safetensors")


def test_a_question_that_no_sentence_answers_scores_lower(reader: Reader) -> None:
    (answered,) = reader.read("When did China join the Apostille Convention?", [passage(TEXT)])
    (missed,) = reader.read("How much does an apostille cost in China?", [passage(TEXT)])

    assert max(r.score for r in missed) < max(r.score for r in answered)


def test_pointed_words_stand_in_their_own_sentence(reader: Reader) -> None:
    spans = sentence_spans(TEXT)

    (read,) = reader.read("Who visits whom?", [passage(TEXT)])

    assert all(start <= r.start < r.end <= end for r, (start, end) in zip(read, spans, strict=True))


def test_passages_read_together_are_read_as_if_alone(reader: Reader) -> None:
    other = passage("The President spoke with the Prime Minister of Japan.")

    together = reader.read("When did China join?", [passage(TEXT), other])
    alone = reader.read("When did China join?", [other])

    assert [r.score for r in together[1]] == pytest.approx([r.score for r in alone[0]], abs=0.05)


def test_what_does_not_fit_is_taken_for_no_answer(reader: Reader) -> None:
    long = passage("The leaders met and talked about trade and security at length. " * MAX_TOKENS)

    (read,) = reader.read("When did they meet?", [long])

    assert read[-1].score == min(r.score for r in read)


def test_nothing_to_read_is_read_as_nothing(reader: Reader) -> None:
    assert reader.read("When?", []) == []


def test_a_question_as_long_as_may_be_leaves_room_to_read(reader: Reader) -> None:
    question = "When did China join the Apostille Convention? " + "What did the ministers agree on? " * 60

    (read,) = reader.read(question, [passage(TEXT)])

    assert len({r.score for r in read}) == len(read)
