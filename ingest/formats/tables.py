"""Make a table readable: a row becomes a unit, "Header: value; Header: value"; a layout table becomes plain text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.formats.document import Unit
from ingest.formats.limits import MAX_TABLE_CELLS
from ingest.markers import is_mark
from ingest.page import UnreadablePage
from ingest.rows import named_row, names_columns

_HEADER_CHARACTERS = 60
# A cell with so many units and characters holds running text: the table is there for layout.
_FLOWING_UNITS = 3
_FLOWING_CHARACTERS = 300
_LONG_CELL_CHARACTERS = 1500


@dataclass(frozen=True)
class Cell:
    """A cell at a 0-based row and column, with how many it spans; `header` where the document marks it as one."""

    row: int
    column: int
    units: Sequence[Unit]
    rows: int = 1
    columns: int = 1
    header: bool = False

    @property
    def text(self) -> str:
        return " ".join(unit.text for unit in self.units)


def table_units(cells: Iterable[Cell]) -> list[Unit]:
    """The rows of a table as units. Raises UnreadablePage for a table larger than any that people read."""
    filled = sorted((cell for cell in cells if cell.text.strip()), key=lambda cell: (cell.row, cell.column))
    if sum(cell.rows * cell.columns for cell in filled) > MAX_TABLE_CELLS:
        raise UnreadablePage(f"a table of it has more than {MAX_TABLE_CELLS:,} cells")
    if _is_layout(filled):
        return [unit for cell in filled for unit in cell.units]
    grid = _grid(filled)
    rows = sorted({row for row, _ in grid})
    columns = sorted({column for _, column in grid})
    header_rows = _header_rows(filled, rows, grid, columns)
    headers = {column: _header(grid, header_rows, column) for column in columns}
    lines = [_line(grid, row, columns, headers) for row in rows if row not in header_rows]
    return [Unit(line, "row") for line in lines if line]


def _is_layout(cells: Sequence[Cell]) -> bool:
    if len({cell.row for cell in cells}) < 2 or len({cell.column for cell in cells}) < 2:
        return True
    return any(
        len(cell.text) > _LONG_CELL_CHARACTERS
        or (len(cell.units) >= _FLOWING_UNITS and len(cell.text) > _FLOWING_CHARACTERS)
        for cell in cells
    )


def _grid(cells: Sequence[Cell]) -> dict[tuple[int, int], tuple[str, bool]]:
    """Text and header mark by place. A header stands over all its columns; a value counts in each of its rows and in
    the first of its columns, so that no row lacks it and none says it twice.
    """
    grid: dict[tuple[int, int], tuple[str, bool]] = {}
    first_row = cells[0].row
    for cell in cells:
        wide = cell.columns if cell.header or cell.row == first_row else 1
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + wide):
                grid.setdefault((row, column), (cell.text.strip(), cell.header))
    return grid


def _header_rows(
    cells: Sequence[Cell],
    rows: Sequence[int],
    grid: dict[tuple[int, int], tuple[str, bool]],
    columns: Sequence[int],
) -> list[int]:
    """The rows that name the columns: those marked so; else the first, when it reads like one."""
    marked: list[int] = []
    for row in rows:
        if not all(grid[row, column][1] for column in columns if (row, column) in grid):
            break
        marked.append(row)
    if marked and len(marked) < len(rows):
        return marked
    if any(cell.header for cell in cells):
        return []
    texts = [[grid.get((row, column), ("", False))[0] for column in columns] for row in rows]
    return list(rows[:1]) if names_columns(texts[0], texts[1:]) else []


def _header(grid: dict[tuple[int, int], tuple[str, bool]], header_rows: Sequence[int], column: int) -> str:
    named = [grid[row, column][0] for row in header_rows if (row, column) in grid]
    return " / ".join(dict.fromkeys(named)).rstrip(":： ")


def _line(
    grid: dict[tuple[int, int], tuple[str, bool]], row: int, columns: Sequence[int], headers: dict[int, str]
) -> str:
    values = [(headers[column], *grid[row, column]) for column in columns if (row, column) in grid]
    if len(values) > 1 and not any(header for header, _, _ in values) and _names(values[0][1], values[0][2]):
        return named_row(values[0][1], [value for _, value, _ in values[1:]])
    return "; ".join(f"{header}: {value}" if header else value for header, value, _ in values)


def _names(first: str, marked: bool) -> bool:
    """Whether a row's first cell names what stands behind it."""
    return marked or is_mark(first) or (len(first) <= _HEADER_CHARACTERS and not re.search(r"[.!?。]$", first))
