"""Train the reader (`assistant/reader.py`) from public questions and hand-written cases over releases.

    python -m eval.train_reader TRAIN_FOLDER --data DIR --out assistant/reader.safetensors

TRAIN_FOLDER holds `cases-*.jsonl` and `public/*.jsonl.gz`; DIR is a data folder with the releases of the cases and
others
as distractors. Cases of the slice `--held-out` are not trained on; they calibrate the confidence (`eval.calibrate`).
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from assistant import open_assistant
from assistant.evidence import about
from assistant.question import understand
from assistant.reader import Passage, Reader
from ingest.markup import plain
from vectorstore.embeddings import packaged_minilm
from vectorstore.sentences import sentence_spans

# Tokens a step; the processor is busy with so many and the gradient steady.
_TOKENS_A_STEP = 4096
_PARAGRAPHS_A_CASE = 6


@dataclass(frozen=True)
class Example:
    """A question, a passage, and for each of its sentences 1 when it answers."""

    question: str
    passage: Passage
    labels: tuple[int, ...]
    weight: float = 1.0

    @property
    def length(self) -> int:
        """About how many tokens it takes."""
        return min(256, (len(self.question) + len(self.passage.about) + len(self.passage.text)) // 4 + 3)


def public_examples(folder: Path, seed: int = 0) -> Iterator[Example]:
    """Questions with their paragraph, from the public sets that come as sentences with labels."""
    generator = random.Random(seed)
    for name, share in (
        ("squad2-dev", 1.0),
        ("squad1-dev-extra", 0.5),
        ("qed-nq", 0.3),
        ("selqa", 0.5),
        ("qamr-dev", 0.25),
    ):
        path = folder / f"{name}.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
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
            yield Example(row["question"], _joined(row.get("title") or "", sentences), tuple(labels))


def _joined(about: str, sentences: Sequence[str]) -> Passage:
    spans, text = [], ""
    for sentence in sentences:
        text += " " if text else ""
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return Passage(about, text, tuple(spans))


def case_examples(folder: Path, data: Path, held_out: str) -> list[Example]:
    """For every case not held out: its own paragraphs, and those the search finds first, which do not answer."""
    cases = [
        json.loads(line)
        for path in sorted(folder.glob("cases-*.jsonl"))
        if path.stem[-1] not in held_out
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    made: list[Example] = []
    with open_assistant(data) as assistant:
        for case in cases:
            question = understand(case["question"], case["history"])
            matches = [c.match for c in assistant.search.find(question).candidates]
            gold = {(g["release_id"], g["paragraph_index"]): plain(g["quote"]) for g in case["gold"]}
            shown = [m for m in matches if m.key in gold] + [m for m in matches if m.key not in gold]
            for match in shown[:_PARAGRAPHS_A_CASE]:
                spans = tuple(sentence_spans(match.paragraph.text))
                quote = gold.get(match.key)
                at = match.paragraph.text.find(quote) if quote else -1
                if quote and at < 0:
                    continue
                labels = tuple(int(quote is not None and s <= at < e) for s, e in spans)
                about_it = about(match.release)
                made += [
                    Example(question.standalone, window, window_labels)
                    for window, window_labels in windows(Passage(about_it, match.paragraph.text, spans), labels)
                ]
    return made


def windows(passage: Passage, labels: Sequence[int]) -> Iterator[tuple[Passage, tuple[int, ...]]]:
    """A long passage in runs of sentences of at most 700 characters, as the reader gets them."""
    first = 0
    for number in range(len(passage.spans)):
        last = number + 1 == len(passage.spans)
        if last or passage.spans[number + 1][1] - passage.spans[first][0] > 700:
            begin, end = passage.spans[first][0], passage.spans[number][1]
            spans = tuple((s - begin, e - begin) for s, e in passage.spans[first : number + 1])
            yield Passage(passage.about, passage.text[begin:end], spans), tuple(labels[first : number + 1])
            first = number + 1


def batches(examples: Sequence[Example], seed: int) -> list[list[Example]]:
    """Examples of like length together, as many as fit into a step, the steps in random order."""
    generator = random.Random(seed)
    shuffled = sorted(examples, key=lambda e: e.length + generator.random() * 24)
    made: list[list[Example]] = [[]]
    for example in shuffled:
        if (len(made[-1]) + 1) * example.length > _TOKENS_A_STEP:
            made.append([])
        made[-1].append(example)
    generator.shuffle(made)
    return [b for b in made if b]


def train(reader: Reader, examples: Sequence[Example], epochs: int, rate: float, seed: int, seconds: float) -> None:
    """Fit the reader's layers and head; word vectors stay as they are. Stops early after `seconds`."""
    for parameter in reader.encoder.embeddings.parameters():
        parameter.requires_grad = False
    parameters = [p for p in (*reader.encoder.parameters(), *reader.head.parameters()) if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    steps = [b for epoch in range(epochs) for b in batches(examples, seed + epoch)]
    warm = max(1, len(steps) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / warm) * max(0.0, (len(steps) - s) / len(steps))
    )
    # Dropout stays off: with it the processor has no fast attention, and one or two epochs do not overfit.
    began, losses = time.monotonic(), []
    for number, batch in enumerate(steps, 1):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores, places = reader.scores([e.question for e in batch], [e.passage for e in batch])
        labels = torch.tensor([float(batch[row].labels[sentence]) for row, sentence in places])
        weights = torch.tensor([batch[row].weight for row, _ in places]) * (1 + labels)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scores.float(), labels, weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if number % 50 == 0:
            spent = time.monotonic() - began
            print(f"{number}/{len(steps)} loss {np.mean(losses[-200:]):.4f} {spent:.0f} s", flush=True)
            if spent > seconds:
                break


def save(reader: Reader, path: Path) -> None:
    """The trained layers in half precision; the word vectors come from the packaged model."""
    kept = {k: v for k, v in reader.encoder.state_dict().items() if not k.startswith("embeddings.")}
    kept |= {f"head.{k}": v for k, v in reader.head.state_dict().items()}
    save_file({k: v.to(torch.bfloat16).contiguous() for k, v in kept.items()}, str(path))


def main() -> None:
    """Train on the public questions, then on the cases, and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path, metavar="TRAIN_FOLDER")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held-out", default="e", help="letters of the slices of cases that are not trained on")
    parser.add_argument("--minutes", type=float, default=60, help="stop the public part after so long")
    options = parser.parse_args()
    torch.manual_seed(0)
    reader = Reader(packaged_minilm().folder, weights=None)
    public = list(public_examples(options.train / "public"))
    print(f"{len(public)} public examples", flush=True)
    train(reader, public, epochs=1, rate=1e-4, seed=1, seconds=options.minutes * 60)
    save(reader, options.out.with_suffix(".public.safetensors"))
    cases = case_examples(options.train, options.data, options.held_out)
    print(f"{len(cases)} case examples", flush=True)
    replayed = random.Random(2).sample(public, min(len(public), len(cases) // 2))
    train(reader, [*cases, *replayed], epochs=2, rate=5e-5, seed=2, seconds=options.minutes * 60)
    save(reader, options.out)


if __name__ == "__main__":
    main()
