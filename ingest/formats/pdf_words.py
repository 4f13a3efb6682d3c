"""Say what words stand where in a PDF. Runs as a program of its own: PDF on standard input, JSON on standard output.

A process of its own can be stopped when a hostile file makes the parser run for ever, and its memory can be bounded. It
imports nothing of the project, so that it starts in a fraction of a second. Arguments: the most pages, bytes of memory.
"""

import io
import json
import sys
from typing import Any


def main() -> None:
    """Write {"pages": [{"height", "words", "tables", "pictures"}]}, or {"error"} saying why there are none."""
    most_pages, memory = map(int, sys.argv[1:])
    _bound(memory)
    try:
        said: dict[str, Any] = {"pages": _pages(sys.stdin.buffer.read(), most_pages)}
    except _Refused as error:
        said = {"error": str(error)}
    except Exception as error:  # The parser raises whatever a broken file leads it to; the reason is passed on.
        # The library packs the errors of its own parser into one of its own.
        cause = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
        if isinstance(cause, MemoryError):
            said = {"error": f"it needs more than {memory // 1_000_000:,} MB of memory"}
        else:
            said = {"error": f"it is broken ({type(cause).__name__}: {cause})"}
    json.dump(said, sys.stdout)


class _Refused(ValueError):
    """A PDF that is not read, and why."""


def _bound(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Not on Windows; the time limit holds there too.
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _pages(content: bytes, most_pages: int) -> list[dict[str, Any]]:
    import logging

    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    logging.disable(logging.CRITICAL)
    try:
        pdf = pdfplumber.open(io.BytesIO(content))
    except PdfminerException as error:
        if isinstance(error.args[0] if error.args else None, PDFPasswordIncorrect):
            raise _Refused("it is protected by a password") from None
        raise
    made = []
    for number, page in enumerate(pdf.pages, 1):
        if number > most_pages:
            raise _Refused(f"it has more than {most_pages} pages; split it into releases")
        made.append(_page(page))
        page.close()
    return made


def _page(page: Any) -> dict[str, Any]:
    # Text that is not upright is a watermark or a margin's.
    page = page.filter(_Once())
    tables = [table for table in page.find_tables() if len(table.rows) > 1 and len(table.rows[0].cells) > 1]
    words = page.extract_words(x_tolerance_ratio=0.15, extra_attrs=["size"], keep_blank_chars=False)
    spaces: dict[int, list[float]] = {}
    for char in page.chars:
        if char["text"].isspace():
            spaces.setdefault(round(char["bottom"]), []).append(char["x0"])
    return {
        "height": float(page.height),
        "words": [
            [
                word["text"], word["x0"], word["x1"], word["top"], word["bottom"], word["size"],
                any(abs(x - word["x1"]) < 2 for x in spaces.get(round(word["bottom"]), ())),
            ]
            for word in words
            if not any(_holds(table.bbox, word) for table in tables)
        ],
        "tables": [[*table.bbox, table.extract()] for table in tables],
        "pictures": len(page.images),
    }  # fmt: skip


class _Once:
    """Whether a thing on the page is upright and, being a letter, not printed again within a point to look bold.

    The library's own way takes a time that grows with the square of the letters.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, int, int]] = set()

    def __call__(self, thing: dict[str, Any]) -> bool:
        if thing.get("object_type") != "char":
            return True
        if not thing["upright"]:
            return False
        x, y = int(2 * thing["x0"]), int(2 * thing["top"])
        near = any((thing["text"], x + i, y + j) in self._seen for i in (-1, 0, 1) for j in (-1, 0, 1))
        self._seen.add((thing["text"], x, y))
        return not near


def _holds(box: tuple[float, float, float, float], word: dict[str, Any]) -> bool:
    x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


if __name__ == "__main__":
    main()
