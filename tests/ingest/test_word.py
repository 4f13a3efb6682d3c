import pytest

from ingest.formats import read_page
from ingest.page import Page, Read
from tests.ingest import builders as b
from vectorstore import Release

p = b.word_paragraph
MET = "The ministers met in Busan for two hours on Sunday morning."


def release(content: bytes) -> Release:
    (only,) = read_page(Page("a.docx", "a.docx", content))
    assert isinstance(only, Read)
    return only.release


def texts(content: bytes) -> list[str]:
    return [line for paragraph in release(content).paragraphs for line in paragraph.text.split("\n")]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("decimal", "%1.", ["1", "2"]),
        ("decimal", "(%1)", ["1", "2"]),
        ("decimal", "Article %1", ["Article 1", "Article 2"]),
        ("upperRoman", "%1.", ["I", "II"]),
        ("ganada", "%1.", ["가", "나"]),
        ("decimalEnclosedCircle", "%1", ["1", "2"]),
        ("chineseCounting", "%1、", ["一", "二"]),
        ("upperLetter", "%1.", ["A", "B"]),
    ],
)
def test_the_numbers_that_word_shows_are_the_paragraphs_numbers(form: str, text: str, expected: list[str]) -> None:
    numbering = b.word_numbering({0: [(form, text)]}, {1: (0, "")})

    read = release(b.word_document(p(f"They say: {MET}", 1) + p(f"They add: {MET}", 1), numbering))

    assert [(q.number, q.numbered, q.text) for q in read.paragraphs] == [
        (expected[0], True, f"They say: {MET}"),
        (expected[1], True, f"They add: {MET}"),
    ]


def test_lists_of_one_definition_count_on_unless_one_states_its_start() -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    numbering = b.word_numbering({0: [("decimal", "[%1]")]}, {1: (0, ""), 2: (0, ""), 3: (0, restart)})

    read = texts(b.word_document("".join(p(MET, number) for number in (1, 1, 2, 3, 3)), numbering))

    assert [line[:3] for line in read] == ["[1]", "[2]", "[3]", "[5]", "[6]"]


def test_a_style_numbers_its_paragraphs_and_those_based_on_it() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="N"><w:name w:val="Numbered"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="M"><w:name w:val="More"/><w:basedOn w:val="N"/></w:style>'
    )
    numbering = b.word_numbering({0: [("decimal", "%1.")]}, {1: (0, "")})

    read = release(
        b.word_document(p(MET, style="N") + p(MET, style="M") + p(MET, number=0, style="N"), numbering, styles=styles)
    )

    assert [(q.number, q.text.count("\n")) for q in read.paragraphs] == [("1", 0), ("2", 1)]


def test_what_word_does_not_show_is_not_read() -> None:
    body = (
        f"<w:p><w:r><w:t>{MET}</w:t></w:r><w:del><w:r><w:delText>They quarrelled.</w:delText></w:r></w:del>"
        '<w:ins><w:r><w:t xml:space="preserve"> They agreed.</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>Secret.</w:t></w:r>'
        "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )

    assert texts(b.word_document(body)) == [f"{MET} They agreed."]


def test_a_line_broken_by_hand_runs_on_unless_it_begins_an_item() -> None:
    body = "<w:p><w:r><w:t>The ministers met in Busan</w:t><w:br/><w:t>for two hours on Sunday.</w:t><w:br/><w:t>※ In the harbour.</w:t></w:r></w:p>"

    assert texts(b.word_document(body)) == ["The ministers met in Busan for two hours on Sunday.", "※ In the harbour."]


def test_a_footnote_stays_with_its_paragraph_as_a_note() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    read = release(b.word_document(p(MET, behind=reference) + p(MET), footnotes={2: "For the first time."}))

    assert read.paragraphs[0].text.endswith("Sunday morning.1)\n1) For the first time.")
    assert [n.marker for n in read.paragraphs[0].notes] == ["1)"]


def test_text_boxes_and_content_controls_are_read_once() -> None:
    box = f"<w:txbxContent>{p('In the box the ministers shook hands for the cameras.')}</w:txbxContent>"
    twice = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>'
        "</mc:AlternateContent></w:r>"
    )
    body = p(MET, behind=twice) + f"<w:sdt><w:sdtContent>{p('They met again in the evening.')}</w:sdtContent></w:sdt>"

    assert texts(b.word_document(body)) == [
        MET,
        "In the box the ministers shook hands for the cameras.",
        "They met again in the evening.",
    ]
