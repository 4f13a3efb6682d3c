from datetime import date
from email.message import EmailMessage

import pytest

from ingest.formats import read_page
from ingest.page import Failure, Page, Read, UnreadablePage
from tests.ingest import builders as b

MET = "The ministers met in Busan for two hours on Sunday morning."
BODY = "\n\n".join(f"{n}. {MET}" for n in range(1, 8))


def message(subject: str = "Talks in Busan", text: str = BODY) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "press@x.org", "all@x.org", subject
    made["Date"], made["Message-ID"] = "Mon, 27 Nov 2023 00:30:00 +0900", "<1@x.org>"
    made.set_content(text)
    return made


def read(made: EmailMessage) -> list[Read | Failure]:
    return list(read_page(Page("a.eml", "a.eml", made.as_bytes())))


def titles(made: EmailMessage) -> list[tuple[str, str]]:
    return [(r.origin, r.release.title) for r in read(made) if isinstance(r, Read)]


@pytest.mark.parametrize(
    "subject",
    ["Talks in Busan", "Fwd: Talks in Busan", "RE: FW: Press release: Talks in Busan", "[보도자료] Talks in Busan"],
)
def test_a_release_in_the_body_is_called_by_the_subject_and_dated_by_the_message(subject: str) -> None:
    (only,) = read(message(subject))

    assert isinstance(only, Read)
    assert (only.release.title, only.release.date, only.release.date_source) == (
        "Talks in Busan",
        date(2023, 11, 27),
        "message",
    )
    assert [p.number for p in only.release.paragraphs] == ["1", "2", "3", "4", "5", "6", "7"]


def test_html_is_read_before_plain_text_and_a_signature_is_left_out() -> None:
    made = message(
        text=f"{MET}\n\nThey left at noon, and nobody saw them.\n\n-- \nThe press office of the ministry can be reached at any time."
    )
    plain = read(made)
    made.add_alternative(f"<p>{MET}</p><p>They left at nine, and everybody saw them.</p>", subtype="html")
    html = read(made)

    assert isinstance(plain[0], Read)
    assert isinstance(html[0], Read)
    assert [p.text for p in plain[0].release.paragraphs] == [MET, "They left at noon, and nobody saw them."]
    assert [p.text for p in html[0].release.paragraphs] == [MET, "They left at nine, and everybody saw them."]


def test_a_message_ends_where_the_one_it_answers_begins_and_not_at_a_rule() -> None:
    rule, left = "_" * 40, "They left at noon, and nobody saw them."
    ruled = f"Press release\n{rule}\n\n{MET}\n\n{rule}\n\n{left}"

    for below in ("From: A <a@x.org>\nSent: Monday", "보낸 사람: A"):
        (only,) = read(message(text=f"{ruled}\n\n{rule}\n{below}\n\nPlease read the draft that is attached here."))

        assert isinstance(only, Read)
        assert [p.text for p in only.release.paragraphs] == [MET, left]


@pytest.mark.parametrize(
    ("dateline", "expected"),
    [
        ("BUSAN, Nov. 26, 2023 —", (date(2023, 11, 26), "dateline")),
        # Of a day without a year, the one nearest to the sending; days far off are those of other events.
        ("BUSAN, Nov. 26 —", (date(2023, 11, 26), "dateline")),
        ("BUSAN, May 3 —", (date(2023, 11, 27), "message")),
        ("The year of 2019 is over.", (date(2023, 11, 27), "message")),
    ],
)
def test_a_dateline_dates_a_release_before_the_day_it_was_sent(dateline: str, expected: tuple[date, str]) -> None:
    (only,) = read(
        message("Talks in Busan (May 3, 2022)", f"{dateline} {MET}\n\nThey left at noon, and nobody saw them.")
    )

    assert isinstance(only, Read)
    assert (only.release.date, only.release.date_source) == expected


def test_attached_releases_are_read_and_a_covering_letter_is_not() -> None:
    made = message("Two releases", "Dear all,\n\nplease find two releases of the ministry attached to this message.")
    made.add_attachment(
        b.word_document(b.word_paragraph("Talks in Busan") + b.word_paragraph(MET)),
        maintype="application",
        subtype="octet-stream",
        filename="보도자료.docx",
    )
    made.add_attachment(f"Talks in Seoul\n\n{MET}", filename="b.txt")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")

    assert titles(made) == [("a.eml:보도자료.docx", "Talks in Busan"), ("a.eml:b.txt", "Talks in Seoul")]


def test_a_body_that_is_a_release_is_read_beside_its_attachments_and_a_broken_one_is_named() -> None:
    made = message()
    made.add_attachment(f"Talks in Seoul\n\n{MET}", filename="b.txt")
    made.add_attachment(b"%PDF-1.4 broken", maintype="application", subtype="pdf", filename="c.pdf")

    found = read(made)

    assert titles(made) == [("a.eml", "Talks in Busan"), ("a.eml:b.txt", "Talks in Seoul")]
    assert [f.origin for f in found if isinstance(f, Failure)] == ["a.eml:c.pdf"]


def test_a_forwarded_message_is_read_and_a_chain_of_them_ends() -> None:
    made = message("Fwd: x", "See below.")
    made.add_attachment(message("Talks in Busan"))
    deep = message()
    for _ in range(6):
        outer = message("Fwd", "See below.")
        outer.add_attachment(deep)
        deep = outer

    assert [title for _, title in titles(made)] == ["Talks in Busan"]
    assert [f.reason for f in read(deep) if isinstance(f, Failure)] == [
        "messages are attached inside messages more than 3 deep"
    ]


def test_a_korean_body_without_a_charset_is_read() -> None:
    content = (
        b"From: a@x.org\nMessage-ID: <1@x.org>\nSubject: =?euc-kr?B?yLi04w==?=\nMIME-Version: 1.0\nContent-Type: text/plain\n"
        b"Content-Transfer-Encoding: 8bit\n\n" + "양측은 문화 교류를 계속 확대하기로 하였다.\n".encode("cp949")
    )

    (only,) = read_page(Page("a.eml", "a.eml", content))

    assert isinstance(only, Read)
    assert (only.release.title, only.release.language) == ("회담", "ko")


def test_a_message_without_a_release_says_so() -> None:
    with pytest.raises(UnreadablePage, match="no sentence was found"):
        read(message(text="Hello"))


def test_an_attached_release_without_a_day_takes_that_of_sending() -> None:
    made = message(text="Please find our release attached.")
    made.add_attachment(
        f"<h1>Talks in Busan</h1><p>{MET}</p><p>They left.</p>".encode(),
        maintype="text",
        subtype="html",
        filename="a.html",
    )

    (only,) = read(made)

    assert isinstance(only, Read)
    assert (only.release.date, only.release.date_source, only.remark) == (date(2023, 11, 27), "message", "")


def test_what_mailing_lists_add_and_lines_that_lead_to_contacts_are_left_out() -> None:
    text = f"{BODY}\n\nFor further information:\nJane Doe, 02-2100-7000\n\nView this email in your browser\n\nUnsubscribe | Update preferences\n"

    (only,) = read(message(text=text))

    assert isinstance(only, Read)
    assert {p.text for p in only.release.paragraphs} == {MET}
