"""Fold the many addresses of one page into one."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# What a link carries about the reader's way to a page rather than about the page: campaigns and sessions…
_NOT_THE_PAGE = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|ref_src|jsessionid|phpsessid", re.IGNORECASE
)
# …and on Korean ministries' boards the search and the page of the list that the reader came from. Elsewhere these may
# be all that tells one page from another.
_BOARD = re.compile(r"/brd/", re.IGNORECASE)
_NOT_THE_PAGE_OF_A_BOARD = re.compile(
    r"srch\w*|page|pageIndex|pageNo|multi_itm_seq|itm_seq_\d+|company_(?:cd|nm)", re.IGNORECASE
)
# "ref=homepage" is the way here; "ref=101" is a release's reference.
_WAY_HERE = re.compile(r"ref=\D*", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/]*", re.IGNORECASE)
_INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp|do)$", re.IGNORECASE)
_USUAL_PORTS = {"http": 80, "https": 443, "": None}
# Left as they are in a path by RFC 3986.
_PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"


def canonical_address(url: str) -> str:
    """The address without scheme, "www.", usual port, index page, trailing slash, tracking parameters, on a board
    those of its list, and a fragment that is a place on the page; what remains of the query is in order of name.
    "mofa.go.kr/eng/brd/m_5676/view.do?seq=322309"

    An address without a scheme, such as one made here, comes back as it is, and so does what is no address.
    """
    url = url.strip()
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        port = parts.port
    except ValueError:
        # No address that anything could be fetched from, but perhaps all that a record has.
        return url
    host = (parts.hostname or "").rstrip(".").removeprefix("www.").removeprefix("m.")
    if port and port != _USUAL_PORTS.get(parts.scheme, 0):
        host += f":{port}"
    path = quote(unquote(_SESSION.sub("", parts.path)), safe=_PATH_CHARACTERS, errors="replace")
    path = _INDEX_PAGE.sub("", re.sub(r"/{2,}", "/", path)).rstrip("/")
    kept = [(k, v) for k, v in parse_qsl(parts.query) if not _tells_no_page(path, k, v)]
    query = urlencode(sorted(kept), errors="replace")
    # Sites drawn by a script name their pages so: "#/releases/7", "#!/releases/7".
    fragment = parts.fragment.rstrip("/") if parts.fragment.startswith(("/", "!")) else ""
    fragment = quote(unquote(fragment), safe=f"{_PATH_CHARACTERS}?", errors="replace") if fragment != "!" else ""
    return f"{host}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _tells_no_page(path: str, name: str, value: str) -> bool:
    return bool(
        _NOT_THE_PAGE.fullmatch(name)
        or _WAY_HERE.fullmatch(f"{name}={value}")
        or (_BOARD.search(path) and _NOT_THE_PAGE_OF_A_BOARD.fullmatch(name))
    )
