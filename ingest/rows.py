"""Make the tables of a plain text readable: a line a row, "Header: value; Header: value"."""

import re
from collections.abc import Sequence
from itertools import groupby

from ingest.markers import is_mark

_PIPES = re.compile(r"\s*\|(.*)\|\s*")
_RULE = re.compile(r"\s*:?-+:?\s*")
_YEAR = re.compile(r"(?:19|20)\d\d년?")
_CELL_CHARACTERS = 200
_HEADER_CHARACTERS = 60


def readable_rows(text: str) -> str:
    """The text with its tables as readable rows; a table is two lines or more with as many cells each, between tabs as
    browsers copy them or between "|" as Markdown writes them.

    The first row names the columns when Markdown says so, or when `names_columns` tells so. Otherwise the first cell of
    a row names what stands behind it.
    """
    if "\t" not in text and "|" not in text:
        return text
    lines = text.split("\n")
    made: list[str] = []
    for count, group in groupby(lines, key=lambda line: len(_cells(line))):
        rows = list(group)
        made += _readable([_cells(row) for row in rows]) if count > 1 and len(rows) > 1 else rows
    return "\n".join(made)


def _cells(line: str) -> list[str]:
    """The cells of a line, none where it is no row."""
    if piped := _PIPES.fullmatch(line):
        cells = [cell.strip() for cell in piped.group(1).split("|")]
    elif "\t" in line.lstrip():
        cells = [cell.strip() for cell in line.lstrip().split("\t")]
    else:
        return []
    whole = len(cells) > 1 and all(len(cell) <= _CELL_CHARACTERS for cell in cells)
    return cells if whole else []


def _readable(rows: Sequence[Sequence[str]]) -> list[str]:
    ruled = len(rows) > 2 and all(_RULE.fullmatch(cell) for cell in rows[1])
    body = rows[2:] if ruled else rows[1:]
    if not ruled and not names_columns(rows[0], body):
        return [named_row(row[0], row[1:]) for row in rows]
    return [
        "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(rows[0], row, strict=True) if cell)
        for row in body
    ]


def names_columns(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a table, not marked as such, names the columns of the rows below: it holds no figures
    but years, and columns below it hold nothing but figures.

    Two columns may be names and values, and one row below may be another of words, so there all columns but the first
    must hold figures, and of two columns in more than one row. Words alone tell no header from a row.
    """
    if not all(first[1:]) or len(set(first)) < len(first) or (len(first) == 2 and len(body) < 2):
        return False
    if is_mark(first[0]) or any(not _may_name_column(cell) for cell in first):
        return False
    columns = [[row[column] for row in body if row[column]] for column in range(1, len(first))]
    figures = [bool(cells) and all(re.search(r"\d", cell) for cell in cells) for cells in columns]
    if len(body) > 1 and len(first) > 2:
        return any(figures)
    return any(figures) and all(of_figures or not cells for of_figures, cells in zip(figures, columns, strict=True))


def _may_name_column(cell: str) -> bool:
    if len(cell) > _HEADER_CHARACTERS or re.search(r"[.!?。:]$", cell):
        return False
    return not re.search(r"\d", cell) or bool(_YEAR.fullmatch(cell))


def named_row(name: str, values: Sequence[str]) -> str:
    """A row whose first cell names the others; behind a number or a bullet, set off by a tab, stands its text."""
    said = "; ".join(value for value in values if value)
    if not name or not said:
        return name or said
    return f"{name} {said}" if is_mark(name) else f"{name.rstrip(':： ')}: {said}"
