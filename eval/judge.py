"""Let a language model judge answers against the reference: a second opinion, apart from the deterministic figures.

Off unless asked for. What it says is saved and shown in a section of its own; no metric uses it and `--min` knows
nothing of it, since another model, or the same one tomorrow, may say otherwise.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assistant.llms import open_llm
from eval.metrics import Result

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

Verdict = Literal["correct", "partial", "wrong", "unclear"]
VERDICTS: dict[Verdict, str] = {
    "correct": "says what the reference says, and nothing against it",
    "partial": "says some of it",
    "wrong": "says something else, or nothing where there is an answer",
    "unclear": "the model's reply was no verdict",
}

PROMPT = """You compare an answer with a reference. Judge only whether the answer gives the information that the
question asks for, as the reference has it. More detail than the reference is fine; a contradiction is not.

Question: {question}
Reference: {reference}
Answer: {answer}

Reply with one JSON object and nothing else:
{{"verdict": "correct" | "partial" | "wrong", "reason": "one short sentence"}}"""

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_NOTHING = "No release states this. The right answer is that it is not stated."


@dataclass(frozen=True)
class Judgement:
    """What the model `judge` said of the answer to a case."""

    case_id: str
    judge: str
    verdict: Verdict
    reason: str


def judged(llm: "LLM", results: Iterable[Result]) -> tuple[Judgement, ...]:
    """A judgement for every result, in order. `llm` is any model of llama-index."""
    return tuple(_judgement(llm, result) for result in results)


def _judgement(llm: "LLM", result: Result) -> Judgement:
    case = result.case
    question = " / ".join([*case.history, case.question])
    reference = (case.answer or "; ".join(e.quote for e in case.expected)) if case.answerable else _NOTHING
    reply = llm.complete(PROMPT.format(question=question, reference=reference, answer=result.answer["text"])).text
    verdict, reason = _read(reply)
    return Judgement(case.id, llm.metadata.model_name, verdict, reason)


def _read(reply: str) -> tuple[Verdict, str]:
    """The verdict and its reason; "unclear" with the reply itself where it is no such object."""
    found = _OBJECT.search(reply)
    try:
        told = json.loads(found.group()) if found else {}
    except json.JSONDecodeError:
        told = {}
    verdict = next((v for v in VERDICTS if isinstance(told, dict) and v == told.get("verdict")), None)
    if verdict is None:
        return "unclear", " ".join(reply.split())[:200]
    return verdict, str(told.get("reason", ""))


def open_judge(name: str) -> "LLM":
    """The model of that name, from the same table as the models that answer.

    Raises ValueError where there is none, its extra is not installed or no server is named.
    """
    try:
        return open_llm(name).llm
    except ValueError as error:
        raise ValueError(str(error).replace("--llm", "--judge")) from None
