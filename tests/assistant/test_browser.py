"""The chat page in a real browser, on the real assistant and the ministry's release."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

from assistant import Assistant, open_assistant
from assistant.server import running
from ingest import ingest
from vectorstore import Paragraph, Release, open_store

SAMPLES = Path(__file__).parents[2] / "ingest" / "samples"
CHROMIUM = shutil.which("chromium")
QUESTION = "When did China join the Apostille Convention?"
SENTENCE = "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."
UNSTATED = "How tall is the Eiffel Tower?"
HOSTILE = Release(
    '../h?a=1&b="<i>#x',
    "<img src=x onerror=\"window.bad='title'\"> ${window.bad='template'} Quagga census {{bad}}",
    date(2023, 12, 1),
    "javascript:window.bad='link'",
    "en",
    (
        Paragraph(
            0,
            "1",
            False,
            "The quagga census of Atlantis counted 4,711 quaggas <script>window.bad='text'</script> & <b>two</b>.",
        ),
    ),
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no chromium here; apt-get install chromium"
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("browser")
    few = folder / "few.jsonl"
    with (SAMPLES / "white_house" / "statements.jsonl").open(encoding="utf-8") as lines:
        few.write_text("".join(islice(lines, 12)), encoding="utf-8")
    with open_store(folder / "data") as store:
        assert not ingest(store, [str(few), str(SAMPLES / "mofa")]).failed
        store.put([HOSTILE])
    saved = folder / "data" / "eval-runs" / "2026-11-24T09-00-00"
    saved.mkdir(parents=True)
    (saved / "report.html").write_text("<!doctype html><h1>How well it answers</h1>", encoding="utf-8")
    with open_assistant(folder / "data") as assistant:
        yield assistant


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:
    with running(assistant) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A new reader's page. The test fails when it asks anything of another host or reports an error."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    wrong: list[str] = []

    def inside_only(route: Route) -> None:
        if route.request.url.startswith(address):
            route.continue_()
        else:
            wrong.append(route.request.url)
            route.abort()

    context.route("**/*", inside_only)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    page.locator(".example").first.wait_for()
    yield page
    assert page.evaluate("window.bad") is None
    context.close()
    assert wrong == []


def ask(page: Page, question: str) -> Locator:
    """Type a question and wait for its whole answer."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#latest .question")).to_have_text(question)
    answer = page.locator("#latest .answer")
    answer.locator(".record").wait_for()
    return answer


def test_a_marker_opens_the_release_at_the_quoted_words(page: Page) -> None:
    answer = ask(page, QUESTION)
    expect(answer.locator(".statement").first).to_contain_text(SENTENCE)
    expect(answer.locator(".source").first).to_contain_text("Outcome of Korea-China Foreign Ministers’ Meeting")
    expect(answer.locator(".source").first).to_contain_text("¶4, note · 26 November 2023")
    answer.locator("button.marker").first.click()
    release = page.get_by_role("complementary", name="Release")
    expect(release.locator("h2")).to_contain_text("Outcome of Korea-China Foreign Ministers’ Meeting")
    expect(release.locator("mark.quote")).to_have_text(SENTENCE)
    expect(release.locator("mark.quote")).to_be_in_viewport(ratio=1)
    expect(release.locator(".cited .number")).to_have_text("4")
    expect(release.locator(".cited .note mark.quote")).to_have_count(1)
    assert release.locator(".number").all_text_contents() == [str(number) for number in range(1, 10)]


def test_what_no_release_states_offers_the_nearest_paragraphs(page: Page) -> None:
    answer = ask(page, UNSTATED)
    expect(answer.locator(".verdict")).to_have_text("Not stated")
    expect(answer.locator(".statement")).to_contain_text("states this")
    expect(answer.locator("button.marker")).to_have_count(0)
    answer.locator(".near").first.click()
    expect(page.locator("#release .cited")).to_be_in_viewport()
    expect(page.locator("#release mark")).to_have_count(0)


def test_a_conversation_outlives_a_reload(page: Page) -> None:
    ask(page, QUESTION)
    ask(page, UNSTATED)
    page.reload()
    expect(page.locator("#latest .question")).to_have_text(UNSTATED)
    page.locator("#earlier button.marker").first.click()
    expect(page.locator("#release mark.quote")).to_have_text(SENTENCE)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".example").first).to_be_visible()
    expect(page.locator(".question")).to_have_count(0)
    page.reload()
    expect(page.locator(".example").first).to_be_visible()
    expect(page.locator(".question")).to_have_count(0)


def test_a_new_conversation_also_ends_an_answer_that_is_being_made(
    page: Page, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = assistant.stream

    def slow(question: str, history: list[str]) -> Any:
        time.sleep(1)
        yield from stream(question, history)

    monkeypatch.setattr(assistant, "stream", slow)
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("#latest .waiting").wait_for()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".example").first).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.locator(".question")).to_have_count(0)
    monkeypatch.undo()
    ask(page, UNSTATED)
    expect(page.locator(".question")).to_have_text(UNSTATED)


def test_earlier_questions_are_handed_on(page: Page, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []
    stream = assistant.stream

    def watched(question: str, history: list[str]) -> Any:
        handed.append(list(history))
        return stream(question, history)

    monkeypatch.setattr(assistant, "stream", watched)
    for question in (QUESTION, "And when did it enter into force?", UNSTATED):
        ask(page, question)
    assert handed == [[], [QUESTION], [QUESTION, "And when did it enter into force?"]]


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    page.keyboard.type("When did China join")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("the Apostille Convention?")
    expect(page.get_by_label("Your question")).to_have_value("When did China join\nthe Apostille Convention?")
    page.keyboard.press("Enter")
    marker = page.locator("#latest button.marker").first
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#release mark.quote")).to_have_text(SENTENCE)
    expect(page.locator("#release h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#release mark")).to_have_count(0)
    expect(marker).to_be_focused()
    expect(marker).to_have_accessible_name(
        "Source 1: Outcome of Korea-China Foreign Ministers’ Meeting (November 26), ¶4, note"
    )


def test_an_example_is_asked_by_a_click(page: Page) -> None:
    page.get_by_role("button", name=QUESTION).click()
    expect(page.locator("#latest .statement").first).to_contain_text(SENTENCE)
    expect(page.get_by_label("Your question")).to_have_value("")


def test_an_empty_question_does_nothing_and_an_overlong_one_is_not_lost(page: Page) -> None:
    box = page.get_by_label("Your question")
    box.fill("  \n ")
    page.keyboard.press("Enter")
    expect(box).to_have_value("")
    expect(page.locator(".example").first).to_be_visible()
    page.wait_for_timeout(300)
    overlong = "Why? " * 500
    box.fill(overlong)
    page.keyboard.press("Enter")
    expect(page.locator("#latest .problem")).to_contain_text("2,000")
    expect(page.locator(".question")).to_have_count(0)
    expect(box).to_have_value(overlong.strip())
    expect(ask(page, QUESTION).locator(".statement").first).to_contain_text(SENTENCE)


def test_a_failure_gives_the_question_back(page: Page, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(page, UNSTATED)

    def failing(question: str, history: list[str]) -> Any:
        raise RuntimeError("the model is away")

    monkeypatch.setattr(assistant, "stream", failing)
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#latest .problem")).to_contain_text("please try again")
    expect(page.get_by_label("Your question")).to_have_value(QUESTION)
    expect(page.locator("#earlier .question")).to_have_text(UNSTATED)
    monkeypatch.undo()
    expect(ask(page, QUESTION).locator(".statement").first).to_contain_text(SENTENCE)


def test_the_text_of_a_release_is_never_run(page: Page) -> None:
    answer = ask(
        page, "How many quaggas did the quagga census of Atlantis count? <img src=x onerror=\"window.bad='q'\">"
    )
    answer.locator("button[data-release]").filter(has_text="1").first.click()
    release = page.locator("#release")
    expect(release.locator("h2")).to_have_text(HOSTILE.title)
    expect(release.locator(".words")).to_have_text(HOSTILE.paragraphs[0].text)
    expect(release.locator("a")).to_have_count(0)
    expect(release.locator(".number.counted")).to_have_text("1")


def test_copying_gives_answer_and_sources_as_text(page: Page) -> None:
    ask(page, QUESTION).get_by_role("button", name="Copy").click()
    expect(page.locator(".copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{SENTENCE} [1]")
    assert "[1] Outcome of Korea-China Foreign Ministers’ Meeting (November 26), 26 November 2023, ¶4, note" in copied


def test_on_a_narrow_window_the_release_lies_over_the_chat_until_it_is_closed(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    answer = ask(page, QUESTION)
    expect(page.locator("#release")).to_be_hidden()
    answer.locator("button.marker").first.click()
    expect(page.locator("#release mark.quote")).to_be_in_viewport()
    page.get_by_role("button", name="Close the release").click()
    expect(page.locator("#release")).to_be_hidden()
    expect(answer).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_readers_do_not_see_each_other(page: Page, browser: Browser, address: str) -> None:
    ask(page, QUESTION)
    other = browser.new_page()
    other.goto(address)
    other.locator(".example").first.wait_for()
    expect(other.locator(".question")).to_have_count(0)
    ask(other, UNSTATED)
    expect(page.locator("#latest .question")).to_have_text(QUESTION)
    page.reload()
    expect(page.locator(".question")).to_have_text(QUESTION)
    other.close()


def test_the_last_evaluation_is_one_click_away(page: Page) -> None:
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Quality").click()
    expect(opened.value.locator("h1")).to_have_text("How well it answers")
    opened.value.close()


def test_the_head_says_what_is_loaded(page: Page, assistant: Assistant) -> None:
    expect(page).to_have_title("Communiqué")
    count = len(assistant.releases())
    expect(page.locator("#masthead")).to_contain_text(f"{count} releases")
    expect(page.locator("#masthead")).to_contain_text("22 January 2021")
    expect(page.locator("footer")).to_have_count(0)
