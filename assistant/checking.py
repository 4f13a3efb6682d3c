"""Verify drafts while they are written, and fall back on the quotes where nothing written holds."""

import time
from collections.abc import Iterable, Iterator

from assistant.answer import Statement
from assistant.quotes import Draft, Drafted, NothingWritten, Quote, QuotesAnswerer
from assistant.speaker import named
from assistant.verify import Verified, Verifier


class Checking:
    """Verifies the drafts of one answer.

    Once `statements` has been read to its end, `verified` is what was shown, `answerer` whose it is, `remark` what the
    reader must know of it, and `seconds` how long verifying took.
    """

    def __init__(self, drafted: Drafted, answerer: str) -> None:
        self._drafted = drafted
        self._verifier = Verifier(drafted.passages)
        self._shown: list[Quote] = []
        self.answerer = answerer
        self.remark = ""
        self.seconds = 0.0

    @property
    def verified(self) -> Verified:
        return self._verifier.so_far

    def statements(self) -> Iterator[Statement]:
        """Each statement as soon as it is verified."""
        try:
            yield from self._carried(self._drafted.drafts)
        except NothingWritten as problem:
            shown = self.verified.statements or not self._drafted.otherwise
            self.remark = f"{problem}, so {'the answer may not be whole' if shown else 'the releases are quoted'}."
        if self.verified.statements or not self._drafted.otherwise:
            return
        self.answerer = QuotesAnswerer.name
        if not self.remark:
            wrote = "wrote nothing that its quotes carry" if self.verified.drops else "found no answer"
            self.remark = f"The language model {wrote}, so the releases are quoted."
        yield from self._carried(self._drafted.otherwise)

    def _carried(self, drafts: Iterable[Draft]) -> Iterator[Statement]:
        for draft in drafts:
            began = time.perf_counter()
            whole = named(draft, self._shown)
            said_before = whole.text == draft.quotes[0].text if draft.quotes else False
            if said_before and any(one.holds(draft.quotes[0]) for one in self._shown):
                continue
            statement = self._verifier.verify(whole)
            self.seconds += time.perf_counter() - began
            if statement:
                self._shown += whole.quotes
                yield statement
