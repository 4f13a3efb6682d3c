"""Examples that the reader is trained on: windows of sentences that answer a question, and windows that seem to."""

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.evidence import EvidenceReader, SentenceReader, Window
from assistant.passages import MAX_TOKENS, Passage
from assistant.question import Question, understand
from assistant.search import Candidate, HybridSearch
from eval.training_cases import Gold, TrainingCase
from ingest.markup import plain
from vectorstore import Match, ReleaseStore

# Windows that do not answer, for each case: those that look most like an answer at a glance.
_WRONG_WINDOWS = 2
# Longer answers are whole paragraphs, from which pointing at words learns nothing.
_POINTED_CHARACTERS = 160
# Of the windows that are most promising at a glance, so many are given to the reader to see which it falls for.
_TRIED_WINDOWS = 6
_MISTAKEN_WINDOWS = 2
# Log-odds; what the reader thinks less of does not teach it anything.
_FALLEN_FOR = -2.5

Span = tuple[int, int]


@dataclass(frozen=True)
class Example:
    """A question, a passage, and for each of its sentences 1 when it answers.

    `answers` are the offsets of the answering words in the passage's text; None where they are not known.
    """

    question: str
    passage: Passage
    labels: tuple[int, ...]
    answers: tuple[Span, ...] | None = ()

    @property
    def length(self) -> int:
        """About how many tokens it takes."""
        return min(MAX_TOKENS, (len(self.question) + len(self.passage.about) + len(self.passage.text)) // 4 + 3)


# The public sets and the share of each that is taken: near misses whole, the others in part.
PUBLIC_SETS = {"squad2-dev": 1.0, "squad1-dev-extra": 0.7, "qed-nq": 0.2, "selqa": 0.3, "qamr-dev": 0.1}


def public_examples(folder: Path, seed: int = 0) -> Iterator[Example]:
    """Questions with their paragraph, from the public sets that come as sentences with labels."""
    generator = random.Random(seed)
    for name, share in PUBLIC_SETS.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for row in rows:
            if generator.random() > share or row.get("label_ambiguous"):
                continue
            # A window of four sentences around the answer keeps the passage within what the reader reads.
            sentences, labels = row["sentences"], row["labels"]
            if name.startswith("qamr"):
                order = list(range(len(sentences)))
                generator.shuffle(order)
                kept = sorted(order[:4], key=order.index)
                if 1 in labels and labels.index(1) not in kept:
                    kept[generator.randrange(len(kept))] = labels.index(1)
                sentences, labels = [sentences[i] for i in kept], [labels[i] for i in kept]
            elif len(sentences) > 4:
                middle = labels.index(1) if 1 in labels else generator.randrange(len(sentences))
                begin = max(0, min(middle - generator.randrange(4), len(sentences) - 4))
                sentences, labels = sentences[begin : begin + 4], labels[begin : begin + 4]
            passage = _joined(row.get("title") or "", sentences)
            yield Example(row["question"], passage, tuple(labels), _answers(passage, labels, row.get("answers") or []))


def _joined(about_it: str, sentences: Sequence[str]) -> Passage:
    spans, text = [], ""
    for sentence in sentences:
        text += " " if text else ""
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return Passage(about_it, text, tuple(spans))


def _answers(passage: Passage, labels: Sequence[int], answers: Sequence[dict[str, Any]]) -> tuple[Span, ...] | None:
    """Where the answers stand in the sentences that answer; None where they cannot be found."""
    if not any(labels):
        return ()
    texts = {a["text"] for a in answers if a.get("text")}
    found = [
        (start + at, start + at + len(text))
        for (start, end), label in zip(passage.spans, labels, strict=True)
        for text in texts
        if label and (at := passage.text[start:end].find(text)) >= 0
    ]
    return tuple(found) or None


def case_examples(cases: Sequence[TrainingCase], store: ReleaseStore, reader: EvidenceReader) -> Iterator[Example]:
    """For every case the windows that answer it, and those that look like it and do not.

    An unanswerable case that mirrors another is shown that one's answer too: it is what must not be taken for one.
    """
    by_id = {case.id: case for case in cases}
    search = HybridSearch(store)
    for case in cases:
        question = understand(case.question, case.history)
        mirrored = by_id[case.mirror_of].gold if case.mirror_of in by_id and not case.answerable else ()
        right = _distinct(w for g in case.gold for w in _gold_windows(store, reader, question, g))
        near = [w for g in mirrored for w in _gold_windows(store, reader, question, g)]
        quotes = {plain(g.quote) for g in case.gold}
        keys = {w.candidate.match.key for w in right}
        wrong = _distinct(
            w
            for w in near + reader.windows(question, search.find(question).candidates)
            # Another paragraph that says the same in the same words would answer as well.
            if w.candidate.match.key not in keys and not any(quote in w.text for quote in quotes)
        )
        for window in right:
            yield _of_window(question.standalone, window, quotes)
        for window in wrong[:_WRONG_WINDOWS]:
            yield _of_window(question.standalone, window, set())


def mistaken_examples(
    cases: Sequence[TrainingCase], store: ReleaseStore, glancing: EvidenceReader, reader: SentenceReader
) -> Iterator[Example]:
    """Windows that a reader takes for answers of the answerable English cases, and that are none."""
    search = HybridSearch(store)
    for case in cases:
        if not case.answerable or case.language != "en":
            continue
        question = understand(case.question, case.history)
        quotes = {plain(g.quote) for g in case.gold}
        windows = [
            w
            for w in glancing.windows(question, search.find(question).candidates)[: _TRIED_WINDOWS + len(quotes)]
            if not any(quote in w.text or w.text in quote for quote in quotes)
        ][:_TRIED_WINDOWS]
        readings = reader.read(question.standalone, [w.passage for w in windows])
        scored = [(max(r.score for r in read), n) for n, read in enumerate(readings) if read]
        for score, number in sorted(scored, reverse=True)[:_MISTAKEN_WINDOWS]:
            if score > _FALLEN_FOR:
                yield _of_window(question.standalone, windows[number], set())


def _gold_windows(store: ReleaseStore, reader: EvidenceReader, question: Question, gold: Gold) -> list[Window]:
    """The windows that hold a case's quote."""
    release, quote = store.get(gold.release_id), plain(gold.quote)
    holding = [p for p in release.paragraphs if quote in p.text] if release else []
    if release is None or not holding:
        return []
    # The same words can stand in two paragraphs.
    paragraph = min(holding, key=lambda p: abs(p.index - gold.paragraph_index))
    candidate = Candidate(Match(release, paragraph, 0.0), 0.0, 0.0, 0.0)
    return [w for w in reader.windows(question, [candidate]) if quote in w.text or w.text in quote]


def _distinct(windows: Iterable[Window]) -> list[Window]:
    return list({(w.candidate.match.key, w.sentences[0].start): w for w in windows}.values())


def _of_window(question: str, window: Window, quotes: set[str]) -> Example:
    passage = window.passage
    answers = [
        (at, at + len(q)) if at >= 0 else (0, len(passage.text))
        for q in quotes
        if (at := passage.text.find(q)) >= 0 or passage.text in q
    ]
    labels = tuple(int(any(start < b and a < end for a, b in answers)) for start, end in passage.spans)
    long = any(b - a > _POINTED_CHARACTERS for a, b in answers)
    return Example(question, passage, labels, None if long else tuple(answers))
