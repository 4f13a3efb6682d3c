"""Train the reader (`assistant/reader.py`) on hand-written cases over releases and on public questions.

    python -m eval.train_reader PUBLIC --data DIR --out assistant/reader.safetensors [--start WEIGHTS]

PUBLIC is a folder of public questions (`*.jsonl.gz`); DIR is a data folder with the releases of `eval/training` and
others as distractors. Only the training slices are trained on: the calibration slices set the confidence
(`eval.calibrate`), and the held-out slices are for judging.

The reader is trained in turns. In the first it sees, beside the windows that answer, those that look most like an
answer at a glance; in every later one also those that it took for an answer itself. `--start` goes on from earlier
weights. `--case-share` takes part of the cases
only, for the learning curve in `docs/answering.md`.
"""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from assistant.cross_encoder import CrossEncoder
from assistant.evidence import EvidenceReader, Weights
from assistant.passages import Preparation
from assistant.reader import Likeness, Reader
from eval.reader_examples import Example, case_examples, mistaken_examples, public_examples
from eval.training_cases import TrainingCase, read_training
from vectorstore import open_store
from vectorstore.embeddings import packaged_minilm

# Tokens a step: few enough that a small set of cases makes many steps, enough to keep the processor busy.
_TOKENS_A_STEP = 2048
_POINTING_WEIGHT = 0.5
# The lowest layers know words and phrases, which a few thousand cases do not teach better; leaving them as they are
# saves a quarter of the time.
_FROZEN_LAYERS = 2
_LARGEST_GRADIENT = 1.0


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


def train(
    model: CrossEncoder,
    preparation: Preparation,
    steps: Sequence[Sequence[Example]],
    rate: float,
    seconds: float,
    save_to: Path,
) -> None:
    """Fit layers and heads. The rate falls to nothing over the time given or the steps, whichever ends first."""
    for part in (model.encoder.embeddings, *model.encoder.encoder.layer[:_FROZEN_LAYERS]):
        part.requires_grad_(False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    warm = max(1, min(60, len(steps) // 20))
    # Dropout stays off: with it the processor has no fast attention, and few epochs do not overfit.
    began, losses, tokens = time.monotonic(), [], 0
    for number, examples in enumerate(steps):
        progress = max(number / len(steps), (time.monotonic() - began) / seconds)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (number + 1) / warm) * (1 - progress)
        loss = _loss(model, preparation, examples)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, _LARGEST_GRADIENT)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        tokens += sum(e.length for e in examples)
        if number % 50 == 0:
            spent = time.monotonic() - began
            print(
                f"{number}/{len(steps)} loss {np.mean(losses[-100:]):.4f} {spent:.0f} s "
                f"{tokens / max(spent, 1):,.0f} tokens/s",
                flush=True,
            )
        if number % 300 == 299:
            model.save(save_to)
    model.save(save_to)


def _loss(model: CrossEncoder, preparation: Preparation, examples: Sequence[Example]) -> torch.Tensor:
    batch = preparation.batch([e.question for e in examples], [e.passage for e in examples])
    scores, tokens = model(batch)
    labels = torch.tensor([float(examples[row].labels[sentence]) for row, sentence in batch.places])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, labels, 1 + labels)
    starts, ends = batch.offsets[..., 0], batch.offsets[..., 1]
    inside = ends > starts
    targets = np.zeros(starts.shape, dtype=bool)
    for row, example in enumerate(examples):
        inside[row] &= example.answers is not None
        for first, last in example.answers or ():
            targets[row] |= (starts[row] < last) & (ends[row] > first)
    wanted = torch.from_numpy((targets & inside).astype(np.float32))
    each = torch.nn.functional.binary_cross_entropy_with_logits(tokens, wanted, reduction="none")
    right, wrong = torch.from_numpy(inside & targets), torch.from_numpy(inside & ~targets)
    pointing = each[wrong].mean() if wrong.any() else each.sum() * 0
    if right.any():
        pointing = pointing + each[right].mean()
    return loss + _POINTING_WEIGHT * pointing


def drawn(cases: Sequence[TrainingCase], share: float) -> list[TrainingCase]:
    """The cases of that share of the releases, those of a smaller share always among them. Whole releases are taken,
    so that an unanswerable case keeps the one that it mirrors.
    """
    releases = sorted({case.release_id for case in cases})
    random.Random(0).shuffle(releases)
    kept = set(releases[: round(len(releases) * share)])
    return [case for case in cases if case.release_id in kept]


def main() -> None:
    """Build the examples, train, and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("public", type=Path, metavar="PUBLIC")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from (default: the packaged model's own)")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2, help="how often the cases are read in a turn")
    parser.add_argument("--public-share", type=float, default=1.0, help="of the public questions, in the first turn")
    parser.add_argument("--case-share", type=float, default=1.0, help="of the training cases, by their releases")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--minutes", type=float, default=60, help="at most so many a turn")
    options = parser.parse_args()
    torch.manual_seed(0)
    folder = Path(packaged_minilm().folder)
    model, preparation = CrossEncoder(folder, options.start), Preparation(folder)
    public = list(public_examples(options.public))
    random.Random(0).shuffle(public)
    public = public[: int(len(public) * options.public_share)]
    cases = drawn(read_training(split="training"), options.case_share)
    with open_store(options.data) as store:
        store.catch_up()
        model.save(options.out)
        likeness = Likeness(store.embedder)
        glancing = EvidenceReader(store, likeness, likeness, Weights.shipped())
        examples = list(case_examples(cases, store, glancing))
        for turn in range(options.turns):
            if turn or options.start:
                # A quarter of the public questions keeps it from forgetting them.
                public = public[: len(public) // 4] if turn == 1 else public
                examples = _distinct(
                    examples + list(mistaken_examples(cases, store, glancing, Reader(folder, options.out)))
                )
            print(f"turn {turn + 1}: {len(public)} public examples, {len(examples)} from cases", flush=True)
            seed = turn * options.epochs
            steps = batches(public + examples, seed)
            steps += [b for epoch in range(1, options.epochs) for b in batches(examples, seed + epoch)]
            train(model, preparation, steps, options.rate / (1 + turn / 2), options.minutes * 60, options.out)


def _distinct(examples: Sequence[Example]) -> list[Example]:
    return list({(e.question, e.passage.about, e.passage.text): e for e in examples}.values())


if __name__ == "__main__":
    main()
