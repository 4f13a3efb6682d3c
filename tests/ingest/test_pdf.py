import io

import pytest

from ingest.formats import read_page
from ingest.page import Page, Read, UnreadablePage
from tests.ingest import builders as b
from vectorstore import Release

HEAD = "Ministry of Foreign Affairs"
TALKS = [
    f"{n}. The ministers discussed the {what} of their countries at length and agreed on everything that the experts had "
    "prepared in the course of the preceding negotiations, without any reservation whatsoever."
    for n, what in enumerate(["economies", "harbours", "universities", "representations", "railways", "museums"] * 6, 1)
]


def read(content: bytes) -> Read:
    (only,) = read_page(Page("a.pdf", "a.pdf", content))
    assert isinstance(only, Read)
    return only


def text_of(release: Release) -> list[str]:
    return [
        line for p in release.paragraphs for line in (f"{p.number}. {p.text}" if p.numbered else p.text).split("\n")
    ]


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_columns_are_read_one_after_the_other_and_split_words_joined(columns: int) -> None:
    release = read(b.pdf_columns("Talks in Busan", TALKS, HEAD, columns)).release

    assert release.title == "Talks in Busan"
    assert text_of(release) == TALKS


def drawn(*pages: list[tuple[float, float, str]], size: float = 11) -> bytes:
    """A PDF of single lines at x and y, from the lower left."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842), invariant=1)
    for page in pages:
        canvas.setFont("Times-Roman", size)
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def lines(*texts: str, top: float = 700) -> list[tuple[float, float, str]]:
    return [(72, top - 14 * n, text) for n, text in enumerate(texts)]


def test_hyphens_stay_where_the_word_has_one() -> None:
    release = read(
        drawn(
            lines(
                "The two sides agreed to promote many more exchanges of people-to-",
                "people kind and to follow a long-term plan, and in this way to fur-",
                "ther cooperation between the cities of both, and to set up a long-",
                "term plan together for the two most important years, that is 2023-",
                "2024, and they welcomed what had been said about the coming North-",
                "South dialogue.",
            )
        )
    ).release

    assert text_of(release) == [
        "The two sides agreed to promote many more exchanges of people-to-people kind and to follow a long-term plan, and in "
        "this way to further cooperation between the cities of both, and to set up a long-term plan together for the two "
        "most important years, that is 2023-2024, and they welcomed what had been said about the coming North-South dialogue."
    ]


def test_a_date_at_the_start_of_a_line_is_no_paragraph_number() -> None:
    release = read(
        drawn(
            lines(
                "1. The ministers met in Busan for around two hours on Sunday, November",
                "26. The two sides broadly exchanged views on many questions of interest.",
                "2. They agreed to meet again in the capital at the end of the next spring.",
            )
        )
    ).release

    assert [p.number for p in release.paragraphs] == ["1", "2"]


def test_running_heads_and_page_numbers_go_and_a_paragraph_goes_on_over_the_page() -> None:
    def page(number: int, *texts: str) -> list[tuple[float, float, str]]:
        return [(72, 800, f"Ministry of Trade, No. {number}"), (290, 30, f"{number} / 2"), *lines(*texts, top=740)]

    release = read(
        drawn(
            page(1, "The ministers met in Busan for two hours and agreed to continue their talks in the"),
            page(2, "capital at the end of next spring."),
        )
    ).release

    assert text_of(release) == [
        "The ministers met in Busan for two hours and agreed to continue their talks in the capital at the end of next spring."
    ]


def test_a_ruled_table_is_rows() -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    stream = io.BytesIO()
    table = Table(
        [["Country", "Year", "Sum"], ["Korea", "2022", "5 million"], ["China", "2023", "6 million"]],
        style=[("GRID", (0, 0), (-1, -1), 1, "black")],
    )
    style = getSampleStyleSheet()["BodyText"]
    met = "The ministers met in Busan for two hours and agreed on the following sums."
    SimpleDocTemplate(stream, invariant=1).build(
        [Paragraph(met, style), table, Paragraph("They left the city in the late afternoon.", style)]
    )

    assert text_of(read(stream.getvalue()).release) == [
        met,
        "Country: Korea; Year: 2022; Sum: 5 million",
        "Country: China; Year: 2023; Sum: 6 million",
        "They left the city in the late afternoon.",
    ]


def test_korean_is_read_from_a_pdf() -> None:
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfgen.canvas import Canvas

    registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1)
    canvas.setFont("HYSMyeongJo-Medium", 11)
    # As Hangul sets it: a space behind the last word of a line, none where a word goes on.
    for n, text in enumerate(
        [
            "1. 박진 외교부 장관은 11월 26일(일) 부산에서 회담을 가졌다. ",
            "2. 양측은 문화 교류를 계속 확대하기로 하였으며, 다음 회담을 상호 편리한 시 ",
            "기에 개최하기로 하였다.",
        ]
    ):
        canvas.drawString(72, 700 - 15 * n, text)
    canvas.save()

    release = read(stream.getvalue()).release

    assert release.language == "ko"
    assert [p.number for p in release.paragraphs] == ["1", "2"]


def picture_page() -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1)
    canvas.drawImage(ImageReader(Image.new("RGB", (20, 20), "white")), 0, 0, 500, 700)
    canvas.showPage()
    canvas.drawString(72, 700, "The ministers met in Busan for two hours on Sunday morning.")
    canvas.save()
    return stream.getvalue()


def test_a_scanned_pdf_is_reported_as_such() -> None:
    remark = read(picture_page()).remark

    assert remark.startswith("pages 1 of it hold pictures and no text, and were left out")
    with pytest.raises(UnreadablePage, match=r"it has no text layer \(scanned pages: 1\); run OCR over it first"):
        read(drawn([]))


def test_a_protected_pdf_is_named() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 700, "x")
    canvas.save()

    with pytest.raises(UnreadablePage, match="it is protected by a password"):
        read(stream.getvalue())


def test_a_table_without_rules_is_read_by_its_columns() -> None:
    rows = [("Port", "Berths", "Ready"), ("Aarhus", "12", "2026"), ("Esbjerg", "9", "2028")]
    page = [(60.0, 760.0, "The Council of Ports adopted its plan for the coming years in Aarhus today.")]
    page += [(60.0 + 120 * c, 730.0 - 14 * r, cell) for r, row in enumerate(rows) for c, cell in enumerate(row)]

    units = text_of(read(drawn(page)).release)

    assert units[1:] == ["Port: Aarhus; Berths: 12; Ready: 2026", "Port: Esbjerg; Berths: 9; Ready: 2028"]
