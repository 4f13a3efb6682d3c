"""A small set of releases, and an assistant that answers about them as it is told."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import pytest

from assistant.answer import Answer, Citation, Searched, Seconds, Statement
from eval.cases import Case, Place
from eval.metrics import Result
from eval.run import result_of
from vectorstore import Match, Note, Paragraph, Release
from vectorstore.release import counted

APOSTILLE = "The two sides welcomed China’s accession to the Apostille Convention."
NOTE = "* China joined in March 2023 followed by its entry into force on November 7."
MEETING = Release(
    id="meeting",
    title="Outcome of the Foreign Ministers’ Meeting",
    date=date(2023, 11, 26),
    url="https://example.org/meeting",
    language="en",
    paragraphs=(
        Paragraph(0, "1", True, "The ministers met in Busan for around two hours."),
        Paragraph(1, "2", True, f"{APOSTILLE}\n{NOTE}", (Note("*", 70, 146),)),
        Paragraph(2, "3", True, "Chinese group tours resumed on August 10."),
    ),
)
READOUT = Release(
    id="readouts/2022/call",
    title="Readout of a Call",
    date=date(2022, 2, 13),
    url=None,
    language="en",
    paragraphs=counted(["The leaders spoke by telephone.", "They will speak again in a month."]),
)

Cited = tuple[str, int, str]
Answering = Callable[..., Result]


class ScriptedAssistant:
    """Finds and cites what it was told for a question; otherwise it says that nothing is stated."""

    def __init__(self, releases: Iterable[Release]) -> None:
        self.known = {release.id: release for release in releases}
        self.told: dict[str, Callable[[], Answer]] = {}
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def tell(
        self,
        question: str,
        found: Sequence[Place] = (),
        cited: Sequence[Cited] = (),
        text: str | None = None,
        dropped: int = 0,
        seconds: float = 0.25,
    ) -> None:
        """What to answer a question; the text is made of the quotes where none is given."""
        citations = tuple(self._citation(number, *c) for number, c in enumerate(cited, 1))
        statements = tuple(Statement(c.quote, (c.number,)) for c in citations)
        stated = " ".join(f"{s.text} [{s.citations[0]}]" for s in statements)
        matches = tuple(self._match(place, 1 / rank) for rank, place in enumerate(found, 1))
        answer = Answer(
            question=question,
            standalone_question=question,
            status="answered" if citations else "not_stated",
            text=text or stated or "None of the 2 releases from 13 February 2022 to 26 November 2023 states this.",
            statements=statements,
            citations=citations,
            matches=matches,
            searched=Searched(2, date(2022, 2, 13), date(2023, 11, 26)),
            dropped=dropped,
            answerer="scripted",
            seconds=Seconds(total=seconds),
        )
        self.told[question] = lambda: answer

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        self.asked.append((question, tuple(history)))
        if question not in self.told:
            self.tell(question)
        return self.told[question]()

    def release(self, release_id: str, version: int | None = None) -> Release | None:
        return self.known.get(release_id)

    def releases(self) -> list[Release]:
        return list(self.known.values())

    def _match(self, place: Place, score: float) -> Match:
        release = self.known[place[0]]
        return Match(release, release.paragraphs[place[1]], score)

    def _citation(self, number: int, release_id: str, index: int, quote: str) -> Citation:
        release = self.known[release_id]
        paragraph = release.paragraphs[index]
        start = max(paragraph.text.find(quote), 0)
        return Citation(
            number=number,
            release_id=release_id,
            version=1,
            title=release.title,
            date=release.date,
            url=release.url,
            paragraph=paragraph.number,
            numbered=paragraph.numbered,
            index=index,
            note=paragraph.note_at(start, start + len(quote)),
            quote=quote,
            start=start,
            end=start + len(quote),
        )


@pytest.fixture
def scripted() -> ScriptedAssistant:
    return ScriptedAssistant([MEETING, READOUT])


@pytest.fixture(scope="session")
def known() -> dict[str, Release]:
    return {release.id: release for release in (MEETING, READOUT)}


@pytest.fixture
def answering(scripted: ScriptedAssistant) -> Answering:
    """The result of a case that was answered as told."""

    def answered(case: Case, **told: object) -> Result:
        scripted.tell(case.question, **told)  # type: ignore[arg-type]  # the tests name what `tell` takes
        return result_of(scripted, case)

    return answered
