"""Give a release an id that stays the same whenever and from wherever it is read again."""

import hashlib
import re
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit

from vectorstore.language import fold

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref_src|jsessionid|srchFr|srchTo|srch\w*|page", re.IGNORECASE
)


def id_of_url(url: str) -> str:
    """The address without scheme, fragment, tracking and list-position parameters: the same page gives the same id."""
    parts = urlsplit(url.strip())
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(k)]
    path = re.sub(r";jsessionid=[^/]*", "", parts.path, flags=re.IGNORECASE).rstrip("/")
    host = (parts.hostname or "").removeprefix("m.")
    return f"{host}{path}" + (f"?{urlencode(sorted(kept))}" if kept else "")


def id_of_text(title: str, day: date | None, text: str) -> str:
    """Date and title as one word; where there is no title, a hash of the text. A file's name plays no part."""
    slug = re.sub(r"[\W_]+", "-", fold(title)).strip("-")[:120].strip("-")
    if not slug:
        slug = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{day.isoformat()}-{slug}" if day else slug
