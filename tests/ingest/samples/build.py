"""Write the samples beside this file again: the release of 26 November in every format, and files that try one thing each.

    python -m tests.ingest.samples.build

The bytes depend on this script alone, so that a run changes nothing unless the script changed.
"""

import csv
import io
import json
import quopri
from pathlib import Path

from ingest.formats.text import release_of
from tests.ingest import builders as b
from tests.ingest.samples import others

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "ingest/samples/mofa/korea-china-foreign-ministers-meeting-november-26.txt"
TITLE = "Outcome of Korea-China Foreign Ministers’ Meeting (November 26)"
URL = "https://www.mofa.go.kr/eng/brd/m_5676/view.do?seq=322309"

KOREAN_TITLE = "한-중 외교장관회담 결과"
KOREAN = (
    "1. 박진 외교부 장관은 11월 26일(일) 부산에서 왕이(王毅) 중국 외교부장과 약 2시간 동안 회담을 가졌다.",
    "2. 양측은 상호존중, 호혜 및 공동이익에 기반하여 한중관계를 건강하고 성숙하게 발전시켜 나가기로 하였다.",
    "3. 박 장관은 2023년 8월 10일 중국인의 한국행 단체관광이 재개된 것을 평가하였다.",
    "※ 중국은 2023년 3월 아포스티유 협약에 가입하였으며, 11월 7일 발효됨.",
    "4. 양측은 차기 회담을 상호 편리한 시기에 개최하기로 하였다.",
)
TABLE = (("Country", "Year", "Sum"), ("Korea", "2022", "5 million"), ("China", "2023", "6 million"))


def november() -> list[str]:
    """The release's units as printed, notes included."""
    release = release_of(SOURCE.read_text(encoding="utf-8"))
    units = []
    for paragraph in release.paragraphs:
        first, *notes = paragraph.text.split("\n")
        units += [f"{paragraph.number}. {first}", *notes]
    return units


def board_page(title: str, day: str, units: list[str], charset: str, body: str = "se-contents") -> str:
    """A page of the ministry's board, with the site around it."""
    if body == "se-contents":
        text = "".join(
            f'<p style="line-height:1.8"><span style="font-size:12pt">{u}</span></p><p><br></p>' for u in units
        )
    else:
        text = "<br /><br />".join(units)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="{charset}"><title>View | Press Releases | Ministry of Foreign Affairs</title>
<script>var seq = '322309'; document.write('<p>1. This was written by a script and is no text of the release.</p>');</script>
<style>.bo_con {{ line-height: 1.8 }}</style></head><body>
<div id="skip_nav"><a href="#contents">본문 바로가기</a><a href="#gnb">주메뉴 바로가기</a></div>
<header id="header"><h1><a href="/eng/index.do">Ministry of Foreign Affairs REPUBLIC OF KOREA</a></h1>
<ol class="sns"><li><a href="#">facebook</a></li><li><a href="#">instagram</a></li><li><a href="#">youtube</a></li></ol></header>
<nav id="gnb"><ul><li><a href="/eng/wpge/m_5437/contents.do">The Ministry</a></li><li><a href="#">News</a></li></ul></nav>
<div id="contents"><div class="location">Home &gt; News &gt; Press Releases</div><h1 class="tit">Press Releases</h1>
<div class="board_detail"><h2>{title}</h2>
<div class="bo_head"><dl><dt>Date</dt><dd>{day}</dd><dt>Hit</dt><dd>1234</dd></dl></div>
<div class="bo_con"><div class="{body}">{text}</div></div>
<div class="bo_file"><a href="/f.hwp">Press Release.hwp (48KB)</a> <a href="/f.pdf">Press Release.pdf</a></div></div>
<ul class="prevnext"><li>Next Article <a href="#">Korea and Japan hold talks on trade in Seoul.</a></li></ul></div>
<footer><address>60, Sajik-ro 8-gil, Jongno-gu, Seoul. Copyright(C) Ministry of Foreign Affairs. All rights reserved.</address></footer>
</body></html>
"""


def generic_page() -> str:
    """A page of an unknown site, with its text in a <div>, lists, a table and prose of the site's own."""
    return """<!DOCTYPE html><html lang="en"><head><title>Harbour opened in Busan | Ministry of Trade</title>
<meta property="og:site_name" content="Ministry of Trade"><link rel="canonical" href="https://trade.example.org/news/17?utm_source=x">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"},
{"@type": "NewsArticle", "headline": "Harbour opened in Busan", "datePublished": "2024-03-05T09:00:00+09:00"}]}</script></head>
<body><form id="aspnetForm"><div class="cookie-banner"><p>We use cookies to make this site work and to understand how you use it.</p></div>
<div class="menu"><ul><li><a href="/">Home</a><li><a href="/news">News</a><li><a href="/contact">Contact</a></ul></div>
<div class="page content-with-sidebar"><h1>Harbour opened in Busan</h1><p class="meta">5 March 2024</p><div class="share">Share this <a href="#">X</a></div>
<div class="rich-text"><p>The Minister of Trade opened the new harbour in Busan this morning together with the mayor of the city.</p>
<p>The two governments agreed on the following steps:</p>
<ol type="a"><li>ships of all sizes are admitted from April;</li><li>a railway is built by 2026.</li></ol>
<table><caption>Contributions</caption><tr><th>Country</th><th>Year</th><th>Sum</th></tr><tr><th>Korea</th><td>2022</td><td>5 million</td></tr>
<tr><th>China</th><td>2023</td><td>6 million</td></tr></table>
<p>They will meet again in Tokyo<br>next spring.</p><p hidden>This paragraph is hidden from every reader of the page.</p></div></div>
<div class="related"><h3>Related news</h3><ul><li><a href="/1">Korea and Japan hold talks on trade.</a></li><li><a href="/2">The minister visits a school in the north of the country.</a></li>
<li><a href="/3">New rules for small boats are in force since today.</a></li></ul></div></form>
<div class="footer"><p>The Ministry of Trade is not responsible for the content of external websites.</p></div></body></html>
"""


def saved_page(html: str) -> bytes:
    body = quopri.encodestring(html.encode()).decode("ascii")
    return (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {URL}\r\nSubject: =?utf-8?Q?View?=\r\n"
        "Date: Mon, 4 Dec 2023 09:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--edge--"\r\n\r\n\r\n'
        "----edge--\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: {URL}\r\n\r\n{body}\r\n"
        "----edge--\r\nContent-Type: text/css\r\nContent-Location: https://www.mofa.go.kr/a.css\r\n\r\np { color: red }\r\n"
        "----edge----\r\n"
    ).encode("ascii")


def message(units: list[str]) -> bytes:
    body = quopri.encodestring(
        ("\n\n".join(units) + "\n\n-- \nPress Office\nMinistry of Foreign Affairs\n").encode()
    ).decode("ascii")
    return (
        "Received: from mail.mofa.go.kr by mx.example.org; Sun, 26 Nov 2023 18:05:11 +0900\n"
        "From: Press Office <press@mofa.go.kr>\nTo: journalists@example.org\n"
        "Subject: =?utf-8?Q?Press_Release:_Outcome_of_Korea-China_Foreign_Ministers=E2=80=99_Meeting_(November_26)?=\n"
        "Date: Sun, 26 Nov 2023 18:05:00 +0900\nMessage-ID: <1@mofa.go.kr>\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{body}"
    ).encode("ascii")


def message_with_attachment(pdf: bytes) -> bytes:
    import base64

    return (
        "From: Press Office <press@mofa.go.kr>\nTo: journalists@example.org\nSubject: Fwd: press release\n"
        "Date: Sun, 26 Nov 2023 18:05:00 +0900\nMessage-ID: <2@mofa.go.kr>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="edge"\n\n--edge\nContent-Type: text/plain; charset=utf-8\n\n'
        "Dear colleagues,\n\nplease find attached today's press release of the Ministry of Foreign Affairs.\n\n"
        '--edge\nContent-Type: application/pdf; name="release.pdf"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment; filename="release.pdf"\n\n'
        f"{base64.encodebytes(pdf).decode('ascii')}--edge--\n"
    ).encode("ascii")


def word_release(units: list[str]) -> bytes:
    """The release with Word's automatic numbers in place of typed ones."""
    numbering = b.word_numbering({0: [("decimal", "%1.")]}, {1: (0, "")})
    body = b.word_paragraph("Press Release") + b.word_paragraph(TITLE, style="Title")
    for unit in units:
        number, _, text = unit.partition(". ")
        typed = number.isdigit()
        body += b.word_paragraph(text if typed else unit, 1 if typed else None)
    styles = '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    return b.word_document(body, numbering, styles=styles)


def word_lists() -> bytes:
    """Levels, restarts, Korean and circled numbers, a table and a footnote."""
    definitions = {
        0: [("upperRoman", "%1."), ("decimal", "%2."), ("ganada", "%3.")],
        1: [("decimalEnclosedCircle", "%1")],
        2: [("decimal", "Article %1"), ("decimal", "%1.%2")],
    }
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbers = {1: (0, ""), 2: (1, ""), 3: (1, restart), 4: (2, "")}
    reference = '<w:r><w:footnoteReference w:id="7"/></w:r><w:r><w:t>.</w:t></w:r>'
    p = b.word_paragraph
    body = (
        p("Agreed Minutes of the Talks", style="Title")
        + p("Trade", 1)
        + p("The two sides agreed to lower tariffs on ships in the coming year.", 1, 1)
        + p("The first step is taken in April, by both of them together.", 1, 2)
        + p("The second step is taken in October, after a joint review.", 1, 2)
        + p("The two sides agreed to build a railway between the harbours.", 1, 1)
        + p("Culture", 1)
        + p("The two sides agreed to exchange students and to open a joint school", 1, 1, behind=reference)
        + p("They will invite two hundred teachers to the school each year.", 1, 1)
        + p("The first group of teachers comes from Busan and the towns around it.", 2)
        + p("The second group of teachers comes from Qingdao and the towns around it.", 2)
        + p("A new list of groups begins here, for the students of the school.", 3)
        + b.word_table(TABLE)
    )
    footnotes = {7: "The school opened its doors in the city of Incheon."}
    styles = '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    return b.word_document(body, b.word_numbering(definitions, numbers), footnotes, styles)


def korean_hwp() -> bytes:
    """Automatic numbers, a running head, a table and a footnote, as Hangul writes them."""
    numbering = [(0, "^1."), (8, "^2."), (0, "^3)"), (8, "^4)"), (0, "(^5)"), (8, "(^6)"), (1, "^7")]
    shapes = [(2, 0, 1), (2, 1, 1)]
    head = (16, b"head", b.hwp_list(["외교부 보도자료"], 1))
    note = (17, b"fn  ", b.hwp_list(["중국은 2023년 3월 아포스티유 협약에 가입하였다."], 1))
    table = (
        11,
        b"tbl ",
        b.hwp_table((("구분", "연도", "금액"), ("한국", "2022년", "5백만"), ("중국", "2023년", "6백만")), 1),
    )
    first = (2, b"secd", b"")
    section = (
        b.hwp_paragraph("\0\0보도자료", 0, 0, [first, head])
        + b.hwp_paragraph(KOREAN_TITLE)
        + b.hwp_paragraph(KOREAN[0][3:], 1)
        + b.hwp_paragraph("양측은 경제 협력을 계속 강화하기로 하였다.", 2)
        + b.hwp_paragraph("양측은 문화 교류를 계속 확대하기로 하였다.", 2)
        + b.hwp_paragraph("박 장관은 중국의 협약 가입\0을 평가하고 더 많은 교류를 기대하였다.", 1, 0, [note])
        + b.hwp_paragraph("\0", 0, 0, [table])
        + b.hwp_paragraph(KOREAN[4][3:], 1)
    )
    return b.hwp_document(
        section, [numbering], shapes, preview=f"보도자료\r\n{KOREAN_TITLE}\r\n{KOREAN[0]}\r\n{KOREAN[1]}\r\n"
    )


def korean_hwpx() -> bytes:
    numbering = [("DIGIT", "^1."), ("HANGUL_SYLLABLE", "^2.")]
    shapes = [("NUMBER", 0, 1), ("NUMBER", 1, 1)]
    note = (
        "<hp:ctrl><hp:footNote><hp:subList>"
        + b.hwpx_paragraph("중국은 2023년 3월 아포스티유 협약에 가입하였다.")
        + "</hp:subList></hp:footNote></hp:ctrl><hp:t>을 평가하고 더 많은 교류를 기대하였다.</hp:t>"
    )
    head = f"<hp:ctrl><hp:header><hp:subList>{b.hwpx_paragraph('외교부 보도자료')}</hp:subList></hp:header></hp:ctrl>"
    p = b.hwpx_paragraph
    return b.hwpx_document(
        p("보도자료", behind=head)
        + p(KOREAN_TITLE)
        + p(KOREAN[0][3:], 1)
        + p("양측은 경제 협력을 계속 강화하기로 하였다.", 2)
        + p("양측은 문화 교류를 계속 확대하기로 하였다.", 2)
        + p("박 장관은 중국의 협약 가입", 1, note)
        + p(
            "",
            behind=b.hwpx_table((("구분", "연도", "금액"), ("한국", "2022년", "5백만"), ("중국", "2023년", "6백만"))),
        )
        + p(KOREAN[4][3:], 1),
        [numbering],
        shapes,
    )


def samples() -> dict[str, bytes]:
    """Every sample by name."""
    units = november()
    board = board_page(TITLE, "2023-11-26", units, "utf-8")
    pdf = b.pdf_columns(TITLE, units, "Ministry of Foreign Affairs, Republic of Korea")
    korean_board = board_page(KOREAN_TITLE, "2023-11-26", list(KOREAN), "utf-8", "bo_con_text")
    record = {"title": TITLE, "date": "2023-11-26", "url": URL, "text": "\n\n".join(units)}
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["제목", "등록일", "본문", "링크"])
    rows.writerow([TITLE, "2023. 11. 26.", "\n\n".join(units), URL])
    hwp_section = b.hwp_paragraph("Press Release") + b.hwp_paragraph(TITLE) + b"".join(map(b.hwp_paragraph, units))
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Press</title><item>'
        f"<title>{TITLE}</title><link>{URL}</link><pubDate>Sun, 26 Nov 2023 09:00:00 GMT</pubDate>"
        f"<description><![CDATA[{''.join(f'<p>{u}</p>' for u in units)}]]></description></item></channel></rss>"
    )
    return {
        "november.txt": SOURCE.read_bytes(),
        "november.html": board.encode(),
        "november.mhtml": saved_page(board),
        "november.eml": message(units),
        "november.pdf": pdf,
        "november.docx": word_release(units),
        "november.hwpx": b.hwpx_document("".join(map(b.hwpx_paragraph, ["Press Release", TITLE, *units]))),
        "november.hwp": b.hwp_document(hwp_section, preview="\r\n".join([TITLE, *units])[:1000]),
        "november.xml": feed.encode(),
        "november.json": json.dumps({"count": 1, "items": [record]}, ensure_ascii=False, indent=1).encode(),
        "november.jsonl": (json.dumps(record, ensure_ascii=False) + "\n").encode(),
        "november.csv": table.getvalue().encode("utf-8-sig"),
        "november.zip": b.zip_of({"2023/november.docx": word_release(units), "2023/note.png": b"\x89PNG\r\n\x1a\n\0"}),
        "attached.eml": message_with_attachment(pdf),
        # It says UTF-8 and is CP949, as old boards do.
        "korean_board_cp949.html": korean_board.encode("cp949"),
        "korean_text_utf16.txt": f"{KOREAN_TITLE}\n\n2023-11-26\n\n".encode("utf-16")
        + "\n\n".join(KOREAN).encode("utf-16-le"),
        "korean_numbers.hwp": korean_hwp(),
        "korean_numbers.hwpx": korean_hwpx(),
        "locked.hwp": b.hwp_document(b"", flags=5, preview="\r\n".join([KOREAN_TITLE, *KOREAN])),
        "lists.docx": word_lists(),
        "generic.html": generic_page().encode(),
        **others.samples(),
    }


if __name__ == "__main__":
    for name, content in samples().items():
        (HERE / name).write_bytes(content)
