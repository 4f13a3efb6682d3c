"""Train the reader (`assistant/reader.py`) on hand-written cases over releases and on public questions.

    python -m eval.train_reader PUBLIC --data DIR --out assistant/reader.safetensors [--start WEIGHTS]

PUBLIC is a folder of public questions (`*.jsonl.gz`); DIR is a data folder with the releases of `eval/training` and
others as distractors. Only the training slices are trained on: the calibration slices set the confidence
(`eval.calibrate`), and the held-out slices are for judging. `--start` goes on from earlier weights.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from assistant.evidence import EvidenceReader, Weights, Window
from assistant.question import Question, understand
from assistant.reader import Likeness, Passage, Reader
from assistant.search import Candidate, HybridSearch
from eval.training_cases import Gold, TrainingCase, read_training
from ingest.markup import plain
from vectorstore import Match, ReleaseStore, open_store
from vectorstore.embeddings import packaged_minilm

# Tokens a step: few enough that a small set of cases makes many steps, enough to keep the processor busy.
_TOKENS_A_STEP = 2048
# Windows that do not answer, for each case: those that look most like an answer at a glance.
_WRONG_WINDOWS = 2
# Longer answers are whole paragraphs, from which pointing at words learns nothing.
_POINTED_CHARACTERS = 160
_POINTING_WEIGHT = 0.5

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
        return min(256, (len(self.question) + len(self.passage.about) + len(self.passage.text)) // 4 + 3)


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


def batches(examples: Sequence[Example], seed: int) -> list[list[Example]]:
    """Examples of like length together, in random order."""
    generator = random.Random(seed)
    shuffled = sorted(examples, key=lambda e: e.length + generator.random() * 24)
    made: list[list[Example]] = [[]]
    for example in shuffled:
        if (len(made[-1]) + 1) * example.length > _TOKENS_A_STEP:
            made.append([])
        made[-1].append(example)
    generator.shuffle(made)
    return [b for b in made if b]


def train(reader: Reader, steps: Sequence[Sequence[Example]], rate: float, seconds: float, save_to: Path) -> None:
    """Fit the reader's layers and heads; word vectors stay as they are. The rate falls to nothing over the time given
    or the steps, whichever ends first.
    """
    for parameter in reader.encoder.embeddings.parameters():
        parameter.requires_grad = False
    modules = (reader.encoder, reader.head, reader.pointer)
    parameters = [p for m in modules for p in m.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    warm = max(1, min(60, len(steps) // 20))
    # Dropout stays off: with it the processor has no fast attention, and few epochs do not overfit.
    began, losses = time.monotonic(), []
    for number, batch in enumerate(steps):
        progress = max(number / len(steps), (time.monotonic() - began) / seconds)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (number + 1) / warm) * (1 - progress)
        loss = _loss(reader, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if number % 50 == 0:
            spent = time.monotonic() - began
            print(f"{number}/{len(steps)} loss {np.mean(losses[-100:]):.4f} {spent:.0f} s", flush=True)
        if number % 300 == 299:
            save(reader, save_to)
    save(reader, save_to)


def _loss(reader: Reader, batch: Sequence[Example]) -> torch.Tensor:
    scored = reader.scores([e.question for e in batch], [e.passage for e in batch])
    labels = torch.tensor([float(batch[row].labels[sentence]) for row, sentence in scored.places])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scored.sentences.float(), labels, 1 + labels)
    inside = torch.tensor(np.stack([(o[:, 1] > o[:, 0]) for o in scored.offsets]))
    targets = torch.zeros_like(scored.tokens)
    for row, example in enumerate(batch):
        if example.answers is None:
            inside[row] = False
            continue
        starts, ends = scored.offsets[row, :, 0], scored.offsets[row, :, 1]
        for a, b in example.answers:
            targets[row] += torch.tensor((starts < b) & (ends > a) & (ends > starts))
    targets = targets.clamp(max=1)
    each = torch.nn.functional.binary_cross_entropy_with_logits(scored.tokens.float(), targets, reduction="none")
    right, wrong = inside & (targets > 0), inside & (targets == 0)
    pointing = each[wrong].mean() if wrong.any() else each.sum() * 0
    if right.any():
        pointing = pointing + each[right].mean()
    return loss + _POINTING_WEIGHT * pointing


def save(reader: Reader, path: Path) -> None:
    """The trained layers in half precision; the word vectors come from the packaged model."""
    kept = {k: v for k, v in reader.encoder.state_dict().items() if not k.startswith("embeddings.")}
    kept |= {f"head.{k}": v for k, v in reader.head.state_dict().items()}
    kept |= {f"pointer.{k}": v for k, v in reader.pointer.state_dict().items()}
    save_file({k: v.to(torch.bfloat16).contiguous() for k, v in kept.items()}, str(path))


def main() -> None:
    """Build the examples, train, and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("public", type=Path, metavar="PUBLIC")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from (default: the packaged model's own)")
    parser.add_argument("--epochs", type=int, default=2, help="how often the cases are read; the public questions once")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    torch.manual_seed(0)
    reader = Reader(packaged_minilm().folder, weights=options.start)
    public = list(public_examples(options.public))
    with open_store(options.data) as store:
        store.catch_up()
        glancing = EvidenceReader(store, reader, Likeness(store.embedder), Weights.shipped())
        cases = list(case_examples(read_training(split="training"), store, glancing))
    print(f"{len(public)} public examples, {len(cases)} from cases", flush=True)
    steps = batches(public + cases, 0) + [b for epoch in range(1, options.epochs) for b in batches(cases, epoch)]
    train(reader, steps, options.rate, options.minutes * 60, options.out)


if __name__ == "__main__":
    main()
