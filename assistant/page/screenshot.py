"""Take the picture of the chat page that the README shows.

python -m assistant.page.screenshot OUT.png                      over the data folder of COMMUNIQUE_DATA
python -m assistant.page.screenshot OUT.png --data DIR --dark
python -m assistant.page.screenshot OUT.png --address http://127.0.0.1:7860
"""

import argparse
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

from assistant import open_assistant
from assistant.server import running

_QUESTIONS = ("What did Biden and Xi Jinping discuss about Taiwan?", "When did China join the Apostille Convention?")


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask, open the last answer's first citation, take a picture.")
    parser.add_argument("out", type=Path, metavar="OUT.png")
    parser.add_argument("--address", help="a running server; without one, a server is started")
    parser.add_argument("--data", metavar="DIR", help="data folder of the server that is started")
    parser.add_argument("--question", action="append", dest="questions", help="may be given several times")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        address = options.address
        if address is None:
            address = stack.enter_context(running(stack.enter_context(open_assistant(options.data))))
        take(address, options.questions or _QUESTIONS, options.out, dark=options.dark)


def take(address: str, questions: Sequence[str], out: Path, *, dark: bool = False) -> None:
    """Save a picture of 2100 by 1350 pixels: a window of 1400 by 900 on a fine screen."""
    with sync_playwright() as playwright:
        # Debian's Chromium where there is one, else the browser that `playwright install chromium` brought.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1400, "height": 900},
            device_scale_factor=1.5,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        page.goto(address)
        page.locator(".example").first.wait_for()
        for question in questions:
            page.get_by_label("Your question").fill(question)
            page.keyboard.press("Enter")
            page.locator(".question").get_by_text(question, exact=True).wait_for()
            page.locator("#latest .record").wait_for()
        page.locator("#latest button[data-release]").first.click()
        page.locator("#release .paragraph.cited").wait_for()
        # The pointer would leave a button in its hovered shape.
        page.mouse.move(0, 0)
        page.screenshot(path=out)
        browser.close()


if __name__ == "__main__":
    main()
