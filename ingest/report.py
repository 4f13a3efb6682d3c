"""Say what an ingest did."""

from dataclasses import asdict, dataclass
from typing import Any

from ingest.page import Failure


@dataclass(frozen=True)
class Report:
    """How many releases were added, changed, left as they were; what could not be read, and what was read with a
    remark.

    `removed` counts those that were found gone from their source and marked withdrawn, which deletes nothing;
    `returned` those that had been withdrawn and are there again. `releases` and `paragraphs` count what the store holds
    afterwards, or after a dry run would hold.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    failed: tuple[Failure, ...]
    remarks: tuple[Failure, ...]
    releases: int
    paragraphs: int
    seconds: float
    returned: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The object that `communique ingest --json` prints."""
        return asdict(self) | {"seconds": round(self.seconds, 3)}
