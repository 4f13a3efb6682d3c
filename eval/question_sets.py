"""Read other people's question sets as releases and questions over them: the table of sets.

To add a set, write a function from its folder to a `QuestionSet` and put it, with the folder's name, into `SETS`. A
passage of a set becomes a paragraph; passages of one page become the paragraphs of one release. Where the sets lie and
under which terms they come is told in the README beside them; none is part of this project.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.cases import Place
from ingest.markup import plain
from vectorstore import Release
from vectorstore.language import language_of
from vectorstore.release import counted


@dataclass(frozen=True)
class Query:
    """A question with the passages that answer it.

    `history` holds the earlier user turns, oldest first. `answers` are strings or sentences one of which an answer
    must hold, empty where the set gives none. A question that nothing in the pool answers has no `gold`.
    """

    id: str
    question: str
    gold: tuple[Place, ...]
    history: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True)
class QuestionSet:
    """A pool of passages and the questions over it."""

    releases: tuple[Release, ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Floor:
    """What BM25 alone is known to reach over a whole set without titles; with them it should not reach less."""

    metric: str
    value: float


@dataclass(frozen=True)
class Set:
    """A row of `SETS`: where the set lies under the folder of all, how it is read, and what is measured on it."""

    folder: str
    read: Callable[[Path], QuestionSet]
    measures: str
    floor: Floor | None = None
    answers: bool = False
    abstains: bool = False


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _release(release_id: str, title: str, texts: Iterable[str]) -> Release:
    texts = list(texts)
    return Release(release_id, title, None, None, language_of(" ".join(texts)[:2000]), counted(texts))


def clapnq(folder: Path) -> QuestionSet:
    """CLAP NQ (Rosenthal et al., TACL 2025), half of its dev part: the sentences of a passage that answer, or none."""
    rows = list(_rows(folder / "dev-even.jsonl"))
    ids = {passage: f"clapnq-{n}" for n, passage in enumerate(dict.fromkeys(row["passage"] for row in rows))}
    titles = {row["passage"]: row["title"] or "" for row in rows}
    return QuestionSet(
        tuple(_release(ids[passage], titles[passage], [passage]) for passage in ids),
        tuple(
            Query(
                id=row["id"],
                question=row["question"],
                gold=((ids[row["passage"]], 0),) if row["answerable"] else (),
                answers=tuple(s for chosen in row["selected_sentences"] for s in chosen),
                answerable=row["answerable"],
            )
            for row in rows
        ),
    )


def squad2(folder: Path) -> QuestionSet:
    """500 questions of SQuAD 2.0 (Rajpurkar, Jia and Liang, ACL 2018), half of them not answered by their paragraph."""
    return QuestionSet(
        tuple(_release(row["id"], row.get("title") or "", [row["text"]]) for row in _rows(folder / "corpus.jsonl")),
        tuple(
            Query(
                id=row["qid"],
                question=row["question"],
                gold=() if row["is_impossible"] else tuple((g, 0) for g in row["gold"]),
                answers=tuple(dict.fromkeys(row["answers"])),
                answerable=not row["is_impossible"],
            )
            for row in _rows(folder / "queries.jsonl")
        ),
    )


def conditionalqa(folder: Path) -> QuestionSet:
    """ConditionalQA (Sun, Cohen and Salakhutdinov, ACL 2022): a scenario and a question over pages of GOV.UK.

    A page is a release whose title is the last part of its address; its evidence sentences are the paragraphs.
    """
    pages: dict[str, list[str]] = {}
    places: dict[str, Place] = {}
    for row in _rows(folder / "evidence_pool.jsonl"):
        texts = pages.setdefault(row["url"], [])
        places[row["id"]] = row["url"], len(texts)
        texts.append(plain(row["text"]))
    return QuestionSet(
        tuple(_release(url, urlsplit(url).path.rsplit("/", 1)[-1].replace("-", " "), pages[url]) for url in pages),
        tuple(
            Query(
                id=row["qid"],
                question=f"{row['scenario']} {row['question']}"[-_LONGEST:],
                gold=tuple(places[g] for g in row["gold"]),
            )
            for row in _rows(folder / "queries-train.jsonl")
            if row["gold"]
        ),
    )


# Longer questions are refused by the assistant; a scenario's end says more than its beginning.
_LONGEST = 2_000


def mtrag(folder: Path) -> QuestionSet:
    """MTRAG (Katsis et al., TACL 2025): the last turns of conversations, which often lean on the turns before.

    Only turns that the pool answers wholly or partly have passages; the others are not asked.
    """
    return QuestionSet(
        tuple(
            _release(row["id"], row.get("title") or "", [_tidied(row["text"])])
            for row in _rows(folder / "passages.jsonl")
        ),
        tuple(
            Query(
                id=row["task_id"],
                question=row["question"],
                gold=tuple((g, 0) for g in row["gold_passages"]),
                history=tuple(turn["text"] for turn in row["history"] if turn["role"] == "user"),
            )
            for row in _rows(folder / "tasks.jsonl")
            if row["gold_passages"]
        ),
    )


def _tidied(text: str) -> str:
    return plain(re.sub(r"\s*\n\s*", " ", text))


def korquad(folder: Path) -> QuestionSet:
    """KorQuAD 1.0 (Lim, Kim and Lee, 2019), dev part: Korean questions over Korean paragraphs."""
    return QuestionSet(
        tuple(_release(row["id"], row["title"], [row["text"]]) for row in _rows(folder / "corpus.jsonl")),
        tuple(
            Query(row["qid"], row["question"], tuple((g, 0) for g in row["gold"]), answers=tuple(row["answers"]))
            for row in _rows(folder / "queries.jsonl")
        ),
    )


def xquad(language: str) -> Callable[[Path], QuestionSet]:
    """XQuAD (Artetxe, Ruder and Yogatama, ACL 2020): questions in another language over English paragraphs."""

    def read(folder: Path) -> QuestionSet:
        return QuestionSet(
            tuple(
                _release(row["id"], row["title"].replace("_", " "), [row["text"]])
                for row in _rows(folder / "corpus.en.jsonl")
            ),
            tuple(
                Query(row["qid"], row["question"], tuple((g, 0) for g in row["gold"]))
                for row in _rows(folder / f"queries.{language}.jsonl")
            ),
        )

    return read


SETS: dict[str, Set] = {
    "clapnq": Set(
        "clapnq", clapnq, "answer sentence, abstention", Floor("recall@1", 0.89), answers=True, abstains=True
    ),
    "squad2_500": Set(
        "squad2_500", squad2, "answer sentence, abstention", Floor("recall@1", 0.86), answers=True, abstains=True
    ),
    "conditionalqa": Set("conditionalqa", conditionalqa, "retrieval over sentences", Floor("recall@10", 0.30)),
    "mtrag": Set("mtrag", mtrag, "multi-turn retrieval", Floor("recall@5", 0.77)),
    "korquad1": Set("korquad1", korquad, "Korean", Floor("recall@1", 0.90), answers=True),
    "xquad-de": Set("xquad", xquad("de"), "German over English"),
    "xquad-es": Set("xquad", xquad("es"), "Spanish over English"),
    "xquad-zh": Set("xquad", xquad("zh"), "Chinese over English"),
    "xquad-en": Set("xquad", xquad("en"), "English, the same questions"),
}
