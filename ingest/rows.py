"""Make the tables of a plain text readable: a line a row, "Header: value; Header: value"."""

import re
from collections.abc import Sequence
from itertools import groupby

_PIPES = re.compile(r"\s*\|(.*)\|\s*")
_RULE = re.compile(r"\s*:?-+:?\s*")
_YEAR = re.compile(r"(?:19|20)\d\d년?")
_CELL_CHARACTERS = 200


def readable_rows(text: str) -> str:
    """The text with its tables as readable rows; a table is two lines or more with as many cells each, between tabs as
    browsers copy them or between "|" as Markdown writes them.

    The first row names the columns when Markdown says so, or when it holds no figures but years and each column below
    it does or stands first. Otherwise the first cell of a row names what stands behind it.
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
    if not ruled and not _names_columns(rows[0], body):
        return [_named(row) for row in rows]
    return [
        "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(rows[0], row, strict=True) if cell)
        for row in body
    ]


def _names_columns(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    if any(re.search(r"\d", cell) and not _YEAR.fullmatch(cell) for cell in first) or not all(first[1:]):
        return False
    return all(re.search(r"\d", row[column]) or not row[column] for row in body for column in range(1, len(first)))


def _named(row: Sequence[str]) -> str:
    name, *rest = row
    values = "; ".join(cell for cell in rest if cell)
    return f"{name.rstrip(':')}: {values}" if name and values else name or values
