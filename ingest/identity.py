"""Give a release an id that stays the same whenever and from wherever it is read again."""

import hashlib
import re
from datetime import date

from vectorstore.address import canonical_address
from vectorstore.language import fold


def id_of_url(url: str) -> str:
    """The canonical address: however a page is reached, it gives the same id."""
    return canonical_address(url)


def id_of_text(title: str, day: date | None, text: str) -> str:
    """Date and title as one word; where there is no title, a hash of the text. A file's name plays no part."""
    slug = re.sub(r"[\W_]+", "-", fold(title)).strip("-")[:120].strip("-")
    if not slug:
        slug = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
    return f"{day.isoformat()}-{slug}" if day else slug
