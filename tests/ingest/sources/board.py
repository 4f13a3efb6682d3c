"""A ministry's board as a web site on this machine serves it."""

from datetime import date, timedelta

from tests.ingest.sources.website import Answer, Asked, WebSite


class Board:
    """The Korean ministry's English board: five rows a page, newest first, a session by cookie, days by the server."""

    PATH = "/eng/brd/m_5676"

    def __init__(self, site: WebSite, releases: dict[int, tuple[str, str]]) -> None:
        """`releases`: day and text by number."""
        self.releases = releases
        site.answers[f"{self.PATH}/list.do"] = self._list
        site.answers[f"{self.PATH}/view.do"] = self._view

    def _list(self, asked: Asked) -> Answer:
        if "JSESSIONID" not in asked.headers.get("Cookie", ""):
            return Answer("", 307, {"Location": asked.path, "Set-Cookie": "JSESSIONID=A1; Path=/; HttpOnly"})
        since, until = asked.query.get("srchFr", "00000000"), asked.query.get("srchTo", "99999999")
        listed = [
            (seq, day) for seq, (day, _) in sorted(self.releases.items(), reverse=True)
            if since <= day.replace("-", "") <= until
        ]  # fmt: skip
        page = int(asked.query.get("page", "1"))
        rows = "".join(
            f"""<tr><td>{seq}</td><td class="al"><a href="#none" onclick="f_view('{seq}'); return false;">Release {seq}</a></td>
            <td>{day}</td><td>12</td></tr>"""
            for seq, day in listed[5 * page - 5 : 5 * page]
        )
        rows = rows or '<tr><td colspan="4">No data</td></tr>'
        return Answer(
            f"<html><body><table><thead><tr><th>No</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
        )

    def _view(self, asked: Asked) -> Answer:
        seq = int(asked.query["seq"])
        if seq not in self.releases:
            return Answer("", 404)
        day, words = self.releases[seq]
        paragraphs = "".join(f"<p><span>{line}</span></p><p><br></p>" for line in words.split("\n"))
        return Answer(
            f"""<!DOCTYPE html><html lang="en"><head><title>Release {seq} | MOFA</title></head><body>
            <div id="gnb"><ul><li><a href="/">Home</a></li><li><a href="list.do">Press Releases</a></li></ul></div>
            <div class="board_detail"><h2>Release {seq}</h2><div class="bo_head"><dl><dt>Date</dt><dd>{day}</dd>
            <dt>Hit</dt><dd>345</dd></dl></div><div class="se-contents">{paragraphs}</div>
            <div class="bo_file"><a href="/down.do?f=1">a.hwpx</a></div></div>
            <ul><li>Next <a href="view.do?seq={seq + 1}">Release {seq + 1}</a> {day}</li></ul></body></html>"""
        )


def twelve_releases() -> dict[int, tuple[str, str]]:
    """Day and text of releases 1 to 12, of 2 to 13 November 2023."""
    first = date(2023, 11, 1)
    return {n: ((first + timedelta(days=n)).isoformat(), says(n)) for n in range(1, 13)}


def says(n: int) -> str:
    """The text of a release, its two paragraphs numbered."""
    return (
        f"1. The ministers of both countries met for the {n}th time in Busan.\n2. They agreed to meet again next year."
    )
