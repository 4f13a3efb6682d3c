from ingest.formats.document import Unit
from ingest.formats.tables import Cell, table_units


def rows(*texts: tuple[str, ...], header: bool = False) -> list[Cell]:
    return [
        Cell(row, column, [Unit(text)] if text else [], header=header and row == 0)
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
    ]


def lines(cells: list[Cell]) -> list[str]:
    return [unit.text for unit in table_units(cells)]


def test_each_row_names_its_values() -> None:
    assert lines(rows(("Country", "Year", "Sum"), ("Korea", "2022", "5"), ("China", "", "6"))) == [
        "Country: Korea; Year: 2022; Sum: 5",
        "Country: China; Sum: 6",
    ]


def test_a_first_row_of_data_names_no_columns() -> None:
    assert lines(rows(("Korea", "5.1", "10.2"), ("Japan", "6.3", "12.4"), ("China", "7.5", "14.6"))) == [
        "Korea: 5.1; 10.2",
        "Japan: 6.3; 12.4",
        "China: 7.5; 14.6",
    ]
    assert lines(rows(("Park", "Minister", "Korea"), ("Wang", "Minister", "China"))) == [
        "Park: Minister; Korea",
        "Wang: Minister; China",
    ]


def test_a_number_in_a_cell_of_its_own_is_the_rows_number() -> None:
    assert lines(rows(("1.", "The ministers met."), ("2)", "They agreed."))) == [
        "1. The ministers met.",
        "2) They agreed.",
    ]


def test_columns_of_figures_under_words_tell_a_header_beside_columns_of_words() -> None:
    assert lines(rows(("Country", "Leader", "Sum"), ("Korea", "Park", "5"), ("China", "Wang", "6"))) == [
        "Country: Korea; Leader: Park; Sum: 5",
        "Country: China; Leader: Wang; Sum: 6",
    ]


def test_two_columns_are_names_and_values_unless_the_second_holds_figures_under_a_word() -> None:
    assert lines(rows(("Place", "Busan"), ("Time", "10:40"))) == ["Place: Busan", "Time: 10:40"]
    assert lines(rows(("Country", "Sum"), ("Korea", "5"), ("China", "6"))) == [
        "Country: Korea; Sum: 5",
        "Country: China; Sum: 6",
    ]
    assert lines(rows(("Country", "Capital"), ("Korea", "Seoul"), header=True)) == ["Country: Korea; Capital: Seoul"]


def test_spans_stand_in_each_row_and_over_each_column() -> None:
    cells = [
        Cell(0, 0, [Unit("Country")], rows=2, header=True),
        Cell(0, 1, [Unit("Sum")], columns=2, header=True),
        Cell(1, 1, [Unit("2022")], header=True),
        Cell(1, 2, [Unit("2023")], header=True),
        Cell(2, 0, [Unit("Korea")], rows=2),
        Cell(2, 1, [Unit("5")]),
        Cell(2, 2, [Unit("6")]),
        Cell(3, 1, [Unit("7")]),
        Cell(3, 2, [Unit("8")]),
    ]

    assert lines(cells) == [
        "Country: Korea; Sum / 2022: 5; Sum / 2023: 6",
        "Country: Korea; Sum / 2022: 7; Sum / 2023: 8",
    ]


def test_a_table_that_lays_out_text_is_read_as_text() -> None:
    long = [
        Unit(f"The ministers met {n} times in Busan, and they agreed on everything that they talked about.")
        for n in range(4)
    ]

    assert table_units([Cell(0, 0, [Unit("Press Release")])]) == [Unit("Press Release")]
    assert table_units([Cell(0, 0, [Unit("Head")]), Cell(1, 0, long), Cell(1, 1, [Unit("Side")])]) == [
        Unit("Head"),
        *long,
        Unit("Side"),
    ]


def test_an_empty_table_is_nothing() -> None:
    assert table_units(rows(("", ""), ("", ""))) == []
