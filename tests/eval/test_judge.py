"""A language model's opinion is asked for through llama-index, read carefully, and kept apart from the figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from pydantic import Field

from eval.cases import Case, Expected
from eval.judge import Judgement, judged, open_judge
from eval.metrics import METRICS, Result
from eval.report_pages import html_report, markdown_report
from eval.run import evaluate, read_run

Answering = Callable[..., Result]
B = ("meeting", 1)
GOOD = (*B, "China joined in March 2023")
JOINED = Case(
    id="joined",
    question="When did China join?",
    history=("What is the Convention?",),
    expected=(Expected(*B, "in March 2023"),),
    answer="In March 2023",
)
COST = Case(id="cost", question="What did it cost?", answerable=False, missing="the cost")


class ScriptedModel(CustomLLM):
    """llama-index's own base class with replies given in advance."""

    replies: list[str]
    prompts: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted-1")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        self.prompts.append(prompt)
        return CompletionResponse(text=self.replies[len(self.prompts) - 1])

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
        raise NotImplementedError


def test_every_answer_is_judged_against_its_reference(answering: Answering) -> None:
    model = ScriptedModel(
        replies=[
            'Sure: {"verdict": "correct", "reason": "It says March 2023."}',
            '{"verdict": "wrong", "reason": "It answers."}',
        ]
    )
    results = [answering(JOINED, cited=[GOOD]), answering(COST, cited=[GOOD])]
    assert judged(model, results) == (
        Judgement("joined", "scripted-1", "correct", "It says March 2023."),
        Judgement("cost", "scripted-1", "wrong", "It answers."),
    )
    first, second = model.prompts
    assert "Question: What is the Convention? / When did China join?\nReference: In March 2023\n" in first
    assert "Answer: China joined in March 2023 [1]\n" in first
    assert "Reference: No release states this." in second


@pytest.mark.parametrize("reply", ["I would say so.", '{"verdict": "excellent"}', "{oops}", '["correct"]', ""])
def test_a_reply_that_is_no_verdict_is_not_taken_for_one(answering: Answering, reply: str) -> None:
    (judgement,) = judged(ScriptedModel(replies=[reply]), [answering(JOINED, cited=[GOOD])])
    assert (judgement.verdict, judgement.reason) == ("unclear", reply)


def test_opinions_stand_in_a_section_of_their_own_and_in_no_metric(scripted: Any, tmp_path: Path) -> None:
    run = evaluate(scripted, [JOINED, COST])
    opinions = (Judgement("joined", "scripted-1", "wrong", "Nothing is <said>."), Judgement("cost", "m", "correct", ""))
    with_opinions = type(run)(**{**run.__dict__, "judgements": opinions})
    assert with_opinions.figures == run.figures
    assert not any("judge" in name for name in METRICS)
    page = html_report(with_opinions)
    assert "A language model’s opinion" in page
    assert "Nothing is &lt;said&gt;." in page
    assert "opinion" not in html_report(run)
    assert "## scripted-1 thinks\n\ncorrect: 1, partial: 0, wrong: 1, unclear: 0" in markdown_report(with_opinions)
    with_opinions.save(tmp_path)
    assert read_run(tmp_path).judgements == opinions


def test_a_judge_without_a_server_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ValueError, match=r"--judge gemma: set COMMUNIQUE_LLM_URL or OPENAI_BASE_URL to a server"):
        open_judge("gemma")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert open_judge("gemma").metadata.model_name == "gemma"
