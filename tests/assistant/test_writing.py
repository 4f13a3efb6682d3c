"""A language model writes answers over a real socket; whatever it says, only what the releases carry is shown."""

import json
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant import Answer, Assistant, Statement, open_assistant
from assistant.command import main
from assistant.llms import LLMS, open_llm
from assistant.quotes import QuotesAnswerer
from assistant.writing import RULES, WritingAnswerer, objects, says_nothing
from tests.assistant.speaking import Reply, Speaking, speaking, written

APOSTILLE = "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."
ASKED = "When did China join the Apostille Convention?"
GOOD = written(("China acceded to the Apostille Convention in March 2023.", [(1, APOSTILLE)]))
EXPO = "Foreign Minister Park requested that China, as Korea’s close neighbor, support Korea’s bid to host the 2030 World Expo in Busan."


@pytest.fixture(scope="module")
def model() -> Iterator[Speaking]:
    with speaking() as server:
        yield server


@pytest.fixture
def writing(model: Speaking, assistant: Assistant) -> Assistant:
    """The session's assistant with a language model before its quotes."""
    return _writing(model, assistant)


def _writing(model: Speaking, assistant: Assistant, seconds: float = 20) -> Assistant:
    model.knows_schema = True
    quotes = assistant.answerer
    assert isinstance(quotes, QuotesAnswerer)
    opened = open_llm("server:scripted", address=model.address, seconds=seconds)
    return Assistant(assistant.store, assistant.search, WritingAnswerer(opened, quotes))


def test_a_faithful_sentence_is_shown_with_the_words_that_carry_it(model: Speaking, writing: Assistant) -> None:
    model.says(GOOD)

    answer = writing.ask(ASKED)

    assert answer.text == "China acceded to the Apostille Convention in March 2023. [1]"
    assert answer.statements == (
        Statement("China acceded to the Apostille Convention in March 2023.", (1,), "supported"),
    )
    assert [c.quote for c in answer.citations] == [APOSTILLE]
    assert (answer.answerer, answer.remark, answer.dropped) == ("llm:server:scripted", "", 0)


def test_words_cut_out_of_a_sentence_are_held_against_the_whole_of_it(model: Speaking, writing: Assistant) -> None:
    cut_out = "support Korea’s bid to host the 2030 World Expo in Busan."
    model.says(
        written(("China, as Korea’s close neighbor, " + cut_out, [(1, "China, as Korea’s close neighbor, " + cut_out)]))
    )

    answer = writing.ask("What did Minister Park request of China about the World Expo?")

    assert all("requested" in s.text for s in answer.statements if cut_out in s.text)
    assert all(c.quote.startswith("Foreign Minister Park requested") for c in answer.citations if cut_out in c.quote)


def test_a_key_goes_to_its_own_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMMUNIQUE_LLM_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMMUNIQUE_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    assert open_llm("openai:gpt").host == "api.openai.com"
    assert open_llm("ollama:gemma").host == "127.0.0.1:11434"
    assert "sk-secret" not in repr(vars(open_llm("server:m").llm))


@pytest.mark.parametrize(("given", "host"), [("127.0.0.1", "127.0.0.1:11434"), ("127.0.0.1:5", "127.0.0.1:5")])
def test_an_address_without_a_port_is_at_the_usual_one(given: str, host: str) -> None:
    assert open_llm("ollama:gemma", address=given).host == host


@pytest.mark.parametrize("address", ["http://127.0.0.1:70000/v1", "ftp://127.0.0.1/v1", "http:///v1"])
def test_an_address_of_no_server_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(ValueError, match=r"is no address of a server; give one such as"):
        open_llm("server:m", address=address)


@pytest.mark.parametrize("rubbish", ['{"a":' + "[" * 100_000, '{"a": ' + "9" * 5_000 + "}"])
def test_rubbish_of_any_size_costs_nobody_the_answer(rubbish: str) -> None:
    assert objects(rubbish) == []


def test_a_quote_that_looks_like_a_statement_takes_no_statements_place(model: Speaking, writing: Assistant) -> None:
    quote = json.dumps({"passage": 1, "text": APOSTILLE, "words": APOSTILLE}, ensure_ascii=False)
    model.says(
        f'{{"statements": [{{"quotes": [{quote}], "text": "China acceded to the Apostille Convention in March 2023."}}]}}'
    )

    answer = writing.ask(ASKED)

    assert [s.text for s in answer.statements] == ["China acceded to the Apostille Convention in March 2023."]


def test_inventions_under_genuine_quotes_fall_and_the_releases_are_quoted(model: Speaking, writing: Assistant) -> None:
    model.says(
        written(
            ("China won the 2022 World Cup.", [(1, APOSTILLE)]),
            ("China joined the Apostille Convention in March 2022.", [(1, APOSTILLE)]),
            ("China did not join the Apostille Convention.", [(1, APOSTILLE)]),
            ("China joined the Apostille Convention to please exporters of frozen vegetables.", [(1, APOSTILLE)]),
        )
    )

    answer = writing.ask(ASKED)

    assert answer.statements[0] == Statement(APOSTILLE, (1,), "verbatim", answer=(41, 51))
    assert answer.answerer == "quotes"
    assert answer.remark == "The language model wrote nothing that its quotes carry, so the releases are quoted."
    assert [d.text for d in answer.drops] == [
        "China won the 2022 World Cup.",
        "China joined the Apostille Convention in March 2022.",
        "China did not join the Apostille Convention.",
        "China joined the Apostille Convention to please exporters of frozen vegetables.",
    ]
    assert all(d.reason for d in answer.drops)
    assert answer.to_dict()["dropped"] == 4
    assert answer.to_dict()["drops"][0]["reason"] == answer.drops[0].reason


def test_a_right_statement_under_a_wrong_quote_is_shown_under_the_right_one(
    model: Speaking, writing: Assistant
) -> None:
    model.says(written(("China acceded to the Apostille Convention in March 2023.", [(2, "the")])))

    answer = writing.ask(ASKED)

    assert [c.quote for c in answer.citations] == [APOSTILLE]
    assert answer.answerer == "llm:server:scripted"


def test_the_passage_is_looked_up_and_not_believed(model: Speaking, writing: Assistant) -> None:
    model.says(written(("China joined the Apostille Convention in March 2023.", [(4, APOSTILLE)])))
    assert writing.ask(ASKED).citations[0].quote == APOSTILLE

    model.says(written(("China joined the Apostille Convention in March 2023.", [(99, APOSTILLE)])))
    assert writing.ask(ASKED).citations[0].quote == APOSTILLE


def test_an_inexact_quote_is_never_shown(model: Speaking, writing: Assistant) -> None:
    inexact = "China joined the Apostille Convention in March 2022"
    model.says(written(("China joined the Apostille Convention in March 2022.", [(1, inexact)])))

    answer = writing.ask(ASKED)

    assert inexact not in str(answer.to_dict()["statements"]) + str(answer.to_dict()["citations"])
    assert answer.answerer == "quotes"


@pytest.mark.parametrize(
    "rubbish", ["Certainly! China joined in March.", "{oops", "", "[1, 2, 3]", '{"statements": "none"}']
)
def test_rubbish_is_asked_again_once_and_then_the_releases_are_quoted(
    model: Speaking, writing: Assistant, rubbish: str
) -> None:
    model.says(rubbish)

    answer = writing.ask(ASKED)

    assert len(model.bodies) == 2
    assert model.bodies[1]["messages"][-1]["content"].startswith("That was not the JSON object")
    assert answer.citations[0].quote == APOSTILLE
    assert answer.remark == "What the language model wrote could not be read, so the releases are quoted."


def test_a_second_try_that_keeps_to_the_form_is_the_answer(model: Speaking, writing: Assistant) -> None:
    model.says("Certainly!", f"```json\n{GOOD}\n```")

    assert writing.ask(ASKED).text == "China acceded to the Apostille Convention in March 2023. [1]"


def test_a_model_that_finds_no_answer_is_not_asked_again(model: Speaking, writing: Assistant) -> None:
    model.says('{"statements": []}')

    answer = writing.ask(ASKED)

    assert len(model.bodies) == 1
    assert answer.remark == "The language model found no answer, so the releases are quoted."
    assert answer.citations[0].quote == APOSTILLE


@pytest.mark.parametrize(
    ("reply", "remark"),
    [
        (Reply(status=429), "takes no more questions for now (429), so the releases are quoted."),
        (Reply(status=500), "answered with an error (500), so the releases are quoted."),
        (Reply(status=401), "did not accept the key (401), so the releases are quoted."),
    ],
)
def test_a_server_that_fails_ends_in_a_quoted_answer(
    model: Speaking, writing: Assistant, reply: Reply, remark: str
) -> None:
    model.says(reply)

    answer = writing.ask(ASKED)

    assert answer.remark.endswith(remark)
    assert "secret" not in answer.remark
    assert (answer.status, answer.answerer) == ("answered", "quotes")
    assert answer.citations[0].quote == APOSTILLE


@pytest.mark.parametrize("pause", [0.3, 30.0], ids=["drips", "hangs"])
def test_a_slow_server_is_waited_for_no_longer_than_was_set(
    model: Speaking, assistant: Assistant, pause: float
) -> None:
    over = threading.Event()
    writing = _writing(model, assistant, seconds=1)
    model.says(Reply(GOOD, pieces=40, wait=lambda _piece: over.wait(pause)))
    began = time.monotonic()

    answer = writing.ask(ASKED)

    over.set()
    assert time.monotonic() - began < 10
    assert answer.remark.endswith("took more than 1 seconds, so the releases are quoted.")
    assert answer.citations[0].quote == APOSTILLE


def test_what_was_verified_before_a_connection_broke_stays(model: Speaking, writing: Assistant) -> None:
    second = ("Japan won.", [(1, "x" * 400)])
    text = written(("China acceded to the Apostille Convention in March 2023.", [(1, APOSTILLE)]), second)
    model.says(Reply(text, pieces=2, ends_after=1))

    answer = writing.ask(ASKED)

    assert [s.text for s in answer.statements] == ["China acceded to the Apostille Convention in March 2023."]


def test_a_server_that_is_not_there_ends_in_a_quoted_answer(assistant: Assistant) -> None:
    assert isinstance(assistant.answerer, QuotesAnswerer)
    with speaking() as gone:
        address = gone.address
    answerer = WritingAnswerer(open_llm("m", address=address, seconds=5), assistant.answerer)

    answer = Assistant(assistant.store, assistant.search, answerer).ask(ASKED)

    assert answer.remark.endswith("could not be reached, so the releases are quoted.")
    assert answer.citations[0].quote == APOSTILLE


def test_a_statement_is_shown_while_the_next_is_still_being_written(model: Speaking, writing: Assistant) -> None:
    seen = threading.Event()
    text = written(
        ("China acceded to the Apostille Convention in March 2023.", [(1, APOSTILLE)]), ("Later.", [(1, "x" * 300)])
    )
    waited: list[bool] = []
    model.says(Reply(text, pieces=4, wait=lambda piece: waited.append(seen.wait(10)) if piece == 3 else None))

    parts = writing.stream(ASKED)
    first = next(parts)
    seen.set()
    *_, last = parts

    assert first == Statement("China acceded to the Apostille Convention in March 2023.", (1,), "supported")
    assert waited == [True]
    assert isinstance(last, Answer)
    assert last.statements[0] == first


def test_only_the_question_and_the_paragraphs_are_sent(model: Speaking, writing: Assistant) -> None:
    model.says(GOOD)

    answer = writing.ask(ASKED, ["Who met in Busan?"])

    (body,) = model.bodies
    system, user = body["messages"]
    assert set(body) == {"messages", "model", "stream", "temperature", "max_tokens", "response_format"}
    assert system["content"] == RULES
    passages, _, question = user["content"].rpartition("\n\nQuestion: ")
    assert question == answer.standalone_question
    shown = [p.partition("\n") for p in passages.split("\n\n[")]
    texts = [m.paragraph.text for m in answer.matches]
    assert len(shown) == 5
    assert all(any(body.strip() in text for text in texts) for _, _, body in shown)
    (headers,) = model.headers
    assert not [h for h in headers if h.startswith("x-")]
    assert headers["user-agent"] == "communique"
    assert set(headers) <= {
        "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host", "user-agent",
    }  # fmt: skip


def test_a_question_that_the_quotes_refuse_is_sent_nowhere(model: Speaking, writing: Assistant) -> None:
    model.says(GOOD)

    answer = writing.ask("How tall is the Eiffel Tower?")

    assert answer.status == "not_stated"
    assert model.bodies == []


def test_a_server_without_schemas_is_asked_without_one_from_then_on(model: Speaking, writing: Assistant) -> None:
    model.says(GOOD)
    model.knows_schema = False

    first, second = writing.ask(ASKED), writing.ask(ASKED)

    assert first.statements == second.statements
    assert ["response_format" in b for b in model.bodies] == [True, False, False]


def test_the_model_is_named_by_an_argument_or_the_environment(
    model: Speaking, sample_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model.says(GOOD)
    model.knows_schema = True
    monkeypatch.setenv("COMMUNIQUE_LLM_URL", model.address)
    monkeypatch.setenv("COMMUNIQUE_LLM_KEY", "a-key")
    assert main(["ask", ASKED, "--llm", "scripted", "--data", str(sample_data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answerer"] == "llm:scripted"
    assert model.headers[0]["authorization"] == "Bearer a-key"

    monkeypatch.setenv("COMMUNIQUE_LLM", "server:other")
    with open_assistant(sample_data) as opened:
        assert opened.answerer.name == "llm:server:other"
        assert opened.answerer.sends_to == model.address.removeprefix("http://").removesuffix("/v1")
    with open_assistant(sample_data, llm="quotes") as plain:
        assert (plain.answerer.name, plain.answerer.sends_to) == ("quotes", None)


@pytest.mark.parametrize(
    ("reply", "texts"),
    [
        ('{"statements": [{"text": "A.", "quotes": []}, {"text": "B.", "quotes": []}]}', ["A.", "B."]),
        ('Here: ```json\n{"statements": [{"text": "A.", "quotes": [],},]}\n```', ["A."]),
        ('[{"text": "A.", "quotes": []}, {"text": "B."', ["A."]),
        ('{"statements": [{"text": "A.", "quotes": []}, {"text": "B', ["A."]),
        ('{"statements": [{"text": "a\nb", "quotes": []}]}', ["a\nb"]),
        ('{"statements": [{"text": ""}, {"text": 4}, 5, null]}', []),
        ('{"statements": []}', []),
        ("{" * 50, []),
    ],
)
def test_what_is_whole_in_a_reply_is_read(reply: str, texts: list[str]) -> None:
    assert [o["text"] for o in objects(reply)] == texts


def test_saying_nothing_is_told_from_rubbish() -> None:
    assert says_nothing('{"statements": [ ]}')
    assert not says_nothing("")


ADAPTERS = {"server": "openai_like", "openai": "openai", "ollama": "ollama", "anthropic": "anthropic"}


@pytest.mark.parametrize("kind", LLMS)
def test_every_kind_of_model_opens_or_names_its_extra(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*LLMS[kind].addresses, *LLMS[kind].keys):
        monkeypatch.delenv(name, raising=False)
    if LLMS[kind].needs_key:
        with pytest.raises(ValueError, match=rf"--llm {kind}:m: set "):
            open_llm(f"{kind}:m")
    elif not LLMS[kind].address:
        with pytest.raises(ValueError, match=rf"--llm {kind}:m: set COMMUNIQUE_LLM_URL or .+ to a server"):
            open_llm(f"{kind}:m")
    if find_spec("llama_index.llms." + ADAPTERS[kind]) is None:
        with pytest.raises(ValueError, match=rf"needs an adapter: pip install 'communique\[{LLMS[kind].extra}\]'"):
            open_llm(f"{kind}:m", address="http://127.0.0.1:9/v1", key="k")
        return
    opened = open_llm(f"{kind}:m", address="http://user:word@127.0.0.1:9/v1", key="k", seconds=3)
    assert (opened.name, opened.host, opened.seconds) == (f"{kind}:m", "127.0.0.1:9", 3)
    assert isinstance(opened.schema({"type": "object"}), dict)


@pytest.mark.parametrize("name", ["", "ollama", "openai:", "server: "])
def test_a_name_without_a_model_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no language model .*: name one as KIND:MODEL"):
        open_llm(name)


@pytest.mark.parametrize("address", ["ftp://x/v1", "http://", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no address of a server"):
        open_llm("m", address=address)


@pytest.mark.parametrize("seconds", ["soon", "0", "-1", "inf", "nan"])
def test_seconds_that_are_none_are_refused(seconds: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNIQUE_LLM_SECONDS", seconds)
    with pytest.raises(ValueError, match="COMMUNIQUE_LLM_SECONDS is"):
        open_llm("m", address="http://127.0.0.1:9")
