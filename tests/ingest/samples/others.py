"""Samples of releases of other countries, sites and programs, each with what such files do differently.

Written with the others by `python -m tests.ingest.samples.build`.
"""

import base64
import io
import json

from tests.ingest import builders as b

AGENCY = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>보도자료 | 해양수산부</title></head><body>
<div id="gnb"><ul><li><a href="/a">정책자료</a></li><li><a href="/b">알림마당</a></li><li><a href="/c">기관소개</a></li></ul></div>
<div class="view"><h3 class="subject">제5차 한-칠레 수산협력위원회 개최</h3>
<ul class="info"><li>작성자 : 국제협력총괄과</li><li>등록일 : 2024-05-21</li><li>조회수 : 1,204</li></ul>
<div class="cont"><p>□ 해양수산부(장관 강도형)는 5월 20일(월) 부산에서 제5차 한-칠레 수산협력위원회를 개최하였다고 밝혔다.</p>
<p>&nbsp;ㅇ 이번 위원회에서 양국은 연어 양식기술 공동연구와 불법어업 근절을 위한 정보공유에 합의하였다.</p>
<p>&nbsp;&nbsp;- 공동연구는 2025년부터 3년간 추진된다.</p>
<p>* 한-칠레 수산협력위원회: 2010년 체결된 수산협력약정에 따라 격년 개최</p>
<p>□ 강도형 장관은 “칠레는 우리 원양어선의 중요한 협력국”이라고 말했다.</p></div>
<ul class="file"><li><a href="/f1.hwpx">240521(보도자료) 한-칠레 수산협력위.hwpx</a></li></ul>
<div class="satis"><p>이 페이지에서 제공하는 정보에 만족하십니까?</p><label>매우만족</label><label>만족</label></div></div>
<div id="footer"><p>(30110) 세종특별자치시 다솜2로 94 해양수산부 대표전화 044-200-5114</p></div></body></html>
"""

BLOG = """<!doctype html><html lang="en-CA"><head><title>Canada and Peru Sign Mining Accord - Ministry of Mines</title>
<meta property="article:published_time" content="2024-08-15T14:00:00+00:00"><meta property="og:title" content="Canada and Peru Sign Mining Accord">
<link rel="canonical" href="https://mines.example.ca/news/accord?utm_campaign=a&amp;id=3"></head><body class="single">
<header class="site-header"><nav><a href="/">Home</a> <a href="/news">News</a></nav></header>
<main><article class="post"><header class="entry-header"><h1 class="entry-title">Canada and Peru Sign Mining Accord</h1>
<div class="entry-meta">By <a href="/a">Press Office</a> on August 15, 2024</div></header><div class="entry-content">
<p><strong>LIMA, August 14, 2024</strong> – The Minister of Mines of Canada and her Peruvian colleague signed an accord on copper mining<sup>1</sup> today.</p>
<h2>Background</h2><p>Trade in ore between the two countries grew by 12% in 2023.</p>
<ol><li>Both sides open their markets.</li><li>A joint committee meets twice a year.<ul><li>first in Lima</li><li>then in Ottawa</li></ul></li></ol>
<blockquote><p>“This accord is good for workers in both countries,” said Minister Jane Roe.</p></blockquote>
<table><thead><tr><th>Year</th><th>Copper (t)</th></tr></thead><tbody><tr><td>2022</td><td>10,000</td></tr><tr><td>2023</td><td>11,200</td></tr></tbody></table>
<p><sup>1</sup> Without the mines of Cusco.</p></div>
<footer class="entry-footer"><ul class="tags"><li><a href="/t1">Mining</a></li><li><a href="/t2">Peru</a></li></ul></footer></article>
<section class="related-posts"><h3>Related</h3><a href="/1">Canada opens office in Cusco</a><a href="/2">Minister visits mine in Sudbury to see new trucks</a></section></main>
<aside><h4>Contact</h4><p>Ministry of Mines, 12 Ore Street, Ottawa. Call us at 613-555-0100.</p></aside></body></html>
"""

FONTS = """<html><body><font size=2><b>MINISTRY OF WATER</b><br><a href="index.html">Home</a> | <a href="pr.html">Press releases</a> | <a href="c.html">Contact</a><hr>
<h2>New dam at Kolo inaugurated</h2>12 April 2019<br><br>The President of the Republic inaugurated the new dam at Kolo this morning before several thousand guests.<br><br>
It cost 92 million euros.<br><br>The dam:<br>- waters 3,000 hectares;<br>- lights 20,000 homes.<br><br>
The people of the valley danced until nightfall.<br><hr><font size=1>Webmaster: web@water.example</font></font></body></html>
"""

ARTICLES = """Memorandum of Understanding on Fisheries

Article 1
Purpose
The purpose of this Memorandum is to strengthen cooperation between the Participants in the field of fisheries.

Article 2
Areas of cooperation
The Participants will cooperate in the following areas:
(a) research on tuna stocks;
(b) training of observers.

Article 3
Entry into effect
This Memorandum comes into effect on the date of its signature.
"""

SECTIONS = """Leaders' Declaration

I. Peace and Security

1. We reaffirm our commitment to a Pacific that is free of nuclear weapons and of the dumping of waste.
2. We condemn all attacks on civilian shipping.

II. Economy

1. We will remove all tariffs on fish products by the end of 2026.
2. We welcome the report of the trade ministers.
4. We ask them to meet again before the next summit.

Annex

1. Customs officers are trained together each year.
2. They share their figures.
"""

EXPORTS = """보도자료

배포일시: 2024. 4. 1.(월) 11:00

2024년 3월 수출입 동향

□ 산업통상자원부는 2024년 3월 수출이 전년 동월 대비 3.1% 증가한 565.6억 달러를 기록했다고 밝혔다.
 ○ 반도체 수출은 117억 달러로 35.7% 증가하였다.
   - 메모리 가격 상승이 주된 요인이다.
 ○ 자동차 수출은 61.7억 달러로 5.0% 감소하였다.
   * 조업일수 감소(△1.5일)에 따른 영향
□ 3월 수입은 522.8억 달러로 12.3% 감소하였다.
   ※ 원유 △12.8%, 가스 △37.4%

담당부서 무역정책관 수출입과
"""

JAPANESE = """日本国とフィジーの外相会談

令和6年3月14日

１　外務大臣は、スバにおいてフィジーの外務大臣と会談を行い、漁業分野における協力について意見交換を行いました。
２　双方は、気候変動に関する協力を進めることで一致しました。
"""

CHINESE = """中华人民共和国和斐济共和国联合声明

2024年3月14日

一、应中华人民共和国主席邀请，斐济共和国总理于2024年3月10日至14日对中国进行正式访问。
二、双方同意扩大渔业、旅游和气候变化领域的合作。
"""

ADVISORY = """06.19.08
Mayor of Busan to Open Harbour After Years Of Work On Its Piers And Cranes
Minister Had Promised Funds In March
For Immediate Release: June 19, 2008
Contact: Jane Doe
What: Opening of the harbour of Busan by the mayor
When: Saturday, June 21, 2008, at 10 o'clock in the morning
Where: Pier 3 of the Old Harbour, next to the fish market
Attachment: remarks of the mayor for the opening of the harbour.
###
Next Article
"""


def content_systems() -> dict[str, bytes]:
    """Records as WordPress and Drupal give them."""
    wordpress = [
        {
            "id": 11,
            "date": "2024-03-04T10:00:00",
            "link": "https://w.example/a",
            "title": {"rendered": "Bridge &#8220;Unity&#8221; opened"},
            "content": {
                "rendered": "<p>The bridge was opened on Monday by the mayors. It has:</p><ul><li>two lanes</li><li>a path</li></ul>"
            },
        }
    ]
    drupal = {
        "jsonapi": {"version": "1.0"},
        "data": [
            {
                "type": "node--press_release",
                "id": "5f0c",
                "attributes": {
                    "title": "Ferry line reopened",
                    "created": 1704445200,
                    "body": {
                        "value": "<p>The ferry line between the islands was reopened on Friday by the governor.</p>"
                    },
                },
            },
            {"type": "node--press_release", "id": "5f0d", "attributes": {"title": "Without text", "body": None}},
        ],
    }
    return {
        "wordpress.json": json.dumps(wordpress).encode(),
        "drupal.json": json.dumps(drupal, indent=1).encode(),
    }


def word_levels() -> bytes:
    """Automatic numbers that carry their section, as Word shows them."""
    definitions = {0: [("upperRoman", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")]}
    p = b.word_paragraph
    body = (
        p("Framework for Ports")
        + p("Safety", 1)
        + p("Cranes are inspected each year by an independent body.", 1, 1)
        + p("Inspectors report to the Agency within ten days:", 1, 1)
        + p("on faults found;", 1, 2)
        + p("on faults mended.", 1, 2)
        + p("Power", 1)
        + p("Each port offers power to ships at berth from 2026 on.", 1, 1)
    )
    return b.word_document(body, b.word_numbering(definitions, {1: (0, "")}))


def mailing() -> bytes:
    """A mailing with the release attached, which itself states no day."""
    numbering = b.word_numbering({0: [("decimal", "%1.")]}, {1: (0, "")})
    attached = b.word_document(
        b.word_paragraph("New crane at Sines")
        + b.word_paragraph("The Minister of Ports opened a new crane at the terminal of Sines on Thursday.", 1)
        + b.word_paragraph("It lifts sixty tonnes.", 1),
        numbering,
    )
    subject = base64.b64encode("[보도자료] 시네스항 크레인".encode("cp949")).decode("ascii")
    return (
        "From: Press Office <press@ports.example>\nTo: list@example.org\n"
        f"Subject: =?euc-kr?B?{subject}?=\nDate: Thu, 09 May 2024 23:30:00 +0900\nMessage-ID: <a@ports.example>\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=edge\n\n--edge\nContent-Type: text/html; charset=utf-8\n\n"
        "<p>Dear all,</p><p>please find our release attached.</p><p>Unsubscribe | Update preferences</p>\n\n--edge\n"
        "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=UTF-8''%ED%81%AC%EB%A0%88%EC%9D%B8.docx\n"
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(attached).decode('ascii')}--edge--\n"
    ).encode("ascii")


def printed() -> bytes:
    """A PDF with a small head, a table without rules, and a footnote at the foot of a page in the middle of a text."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    font = "Helvetica"

    def lines(y: float, *texts: str, size: float = 10) -> float:
        canvas.setFont(font, size)
        for text in texts:
            canvas.drawString(60, y, text)
            y -= 1.25 * size
        return y - 8

    lines(800, "Council of Ports, Press Office, No. 31", size=7)
    y = lines(760, "Council adopts port strategy", size=16)
    y = lines(y, "Brussels, 3 July 2024")
    before = "The Council adopted the port strategy today after the opinion of Parliament"
    canvas.drawString(60, y, before)
    canvas.setFont(font, 6)
    canvas.drawString(60 + stringWidth(before, font, 10), y + 4, "1")
    y = lines(y - 12.5, "had been received in the spring of the same year.")
    for row in (("Port", "Berths", "Ready"), ("Aarhus", "12", "2026"), ("Esbjerg", "9", "2028")):
        for column, cell in enumerate(row):
            canvas.drawString(80 + 120 * column, y, cell)
        y -= 12.5
    y = lines(
        y - 10,
        "The strategy consists of three parts, of which the first deals with the security of cranes and",
        "other machines that are steered from afar, and the second with the supply of electric power",
    )
    canvas.setFont(font, 5)
    canvas.drawString(60, 103, "1")
    canvas.setFont(font, 8)
    canvas.drawString(66, 100, "Opinion of 14 March 2024, not yet published in the Official Journal.")
    canvas.drawCentredString(A4[0] / 2, 30, "Page 1 of 2")
    canvas.showPage()
    y = lines(760, "to ships at berth, while the third deals with the training of pilots.")
    lines(y - 12, "It enters into force in January.")
    canvas.setFont(font, 8)
    canvas.drawCentredString(A4[0] / 2, 30, "Page 2 of 2")
    canvas.save()
    return stream.getvalue()


FEED = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><title type="html">Cable &amp;amp; wire tariff cut</title><id>tag:x,2024:1</id><link rel="alternate" href="https://t.example/1"/>
<updated>2024-05-02T23:30:00-05:00</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>The tariff on cable was cut on Thursday by the Commission. It is now:</p><ul><li>Copper: 2%</li><li>Fibre: 0%</li></ul></div></content></entry>
<entry><title>Talks on steel</title><link href="https://t.example/2"/><content type="html">&lt;p&gt;GENEVA, 7 May 2024 – The Commission
discussed the price of steel.&lt;/p&gt;</content></entry></feed>
"""


def samples() -> dict[str, bytes]:
    """Every sample of this file by name."""
    return {
        # It says UTF-8 and is CP949.
        "agency_cp949.html": AGENCY.encode("cp949", "xmlcharrefreplace"),
        "blog.html": BLOG.encode(),
        "fonts.html": FONTS.encode("latin-1"),
        "articles.txt": ARTICLES.encode(),
        "sections.txt": SECTIONS.encode("utf-16"),
        "exports.txt": EXPORTS.encode("cp949"),
        "japanese.txt": JAPANESE.encode(),
        "chinese.txt": CHINESE.encode(),
        "advisory.txt": ADVISORY.encode(),
        "levels.docx": word_levels(),
        "mailing.eml": mailing(),
        "printed.pdf": printed(),
        "feed.atom": FEED.encode(),
        **content_systems(),
    }
