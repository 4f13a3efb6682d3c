"""Find paragraphs by their words: a BM25 index in tantivy."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tantivy

from vectorstore.language import STOP_STEMS, terms
from vectorstore.release import Paragraph, Release
from vectorstore.trouble import held, require_room

_MEMORY = 64_000_000
# tantivy's threads, too, are not to find a disk full. Segments that are merged stand beside the merged one until that
# is whole: measured, 1.02 times what the index holds.
_ROOM_PER_BYTE_HELD = 1.25
_ROOM_PER_BYTE = 4
# How many paragraphs are gone through for the releases of some title.
_MOST_TITLED, _AT_ONCE = 200, 50
# A title names whom and what a release is about, but every paragraph of a long release shares it.
_TITLE_WEIGHT = 0.5


@dataclass(frozen=True)
class Hit:
    """A paragraph's place and its score."""

    release_id: str
    index: int
    score: float


def day_number(day: date | None) -> int:
    """A date as a number that sorts: 20231126; 0 for none, so that a window of dates leaves undated releases out."""
    return day.year * 10_000 + day.month * 100 + day.day if day else 0


class WordIndex:
    """Paragraphs by term. Terms are cut by `vectorstore.language`, so that Korean works and answerers compare the
    same terms.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("release", stored=True, tokenizer_name="raw")
        builder.add_unsigned_field("index", stored=True)
        builder.add_unsigned_field("date", indexed=True, fast=True)
        builder.add_text_field("title", tokenizer_name="whitespace")
        builder.add_text_field("body", tokenizer_name="whitespace")
        builder.add_text_field("digest", stored=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        try:
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        except ValueError:
            # Made by a version with other fields: an empty one takes its place, and `ReleaseStore.catch_up` fills it.
            shutil.rmtree(folder)
            folder.mkdir()
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)

    def replace(self, releases: Iterable[Release], gone: Sequence[str] = ()) -> None:
        """Put these releases in place of what stood under their ids, and take out those that are gone.

        Raises CannotWrite where little room is left.
        """
        releases = list(releases)
        text = sum(len(p.text.encode()) for r in releases for p in r.paragraphs)
        require_room(self._folder, _ROOM_PER_BYTE * text + int(_ROOM_PER_BYTE_HELD * held(self._folder)))
        writer = self._index.writer(_MEMORY, num_threads=1)
        for release_id in [*gone, *(r.id for r in releases)]:
            writer.delete_documents_by_term("release", release_id)
        for release in releases:
            title = " ".join(terms(release.title))
            for paragraph in release.paragraphs:
                document = tantivy.Document()
                document.add_text("release", release.id)
                document.add_unsigned("index", paragraph.index)
                document.add_unsigned("date", day_number(release.date))
                document.add_text("title", title)
                document.add_text("body", " ".join(terms(paragraph.text)))
                document.add_text("digest", _digest(release, paragraph))
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def find(
        self,
        question_terms: Sequence[str],
        limit: int,
        since: date | None = None,
        until: date | None = None,
        release_ids: Sequence[str] = (),
    ) -> list[Hit]:
        """The paragraphs that hold any of the terms, best first. Stop words count only when there is nothing else."""
        wanted = [t for t in dict.fromkeys(question_terms) if t not in STOP_STEMS] or list(
            dict.fromkeys(question_terms)
        )
        if not wanted:
            return []
        any_of = [
            (tantivy.Occur.Should, query)
            for term in wanted
            for query in (
                tantivy.Query.term_query(self._schema, "body", term),
                tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, "title", term), _TITLE_WEIGHT),
            )
        ]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, tantivy.Query.boolean_query(any_of))])
        narrowed = self._narrowed(query, since, until, release_ids)
        searcher = self._index.searcher()
        found = searcher.search(narrowed, limit).hits
        documents = [(score, searcher.doc(address)) for score, address in found]
        return [Hit(doc["release"][0], doc["index"][0], score) for score, doc in documents]

    def titled(
        self,
        title_terms: Sequence[str],
        *,
        earliest: bool = False,
        limit: int,
        since: date | None = None,
        until: date | None = None,
    ) -> list[str]:
        """The ids of the dated releases whose title has all of the terms: the latest first, or the earliest."""
        every = [(tantivy.Occur.Must, tantivy.Query.term_query(self._schema, "title", term)) for term in title_terms]
        first_day = since or date.min
        narrowed = self._narrowed(tantivy.Query.boolean_query(every), first_day, until, ())
        searcher = self._index.searcher()
        order = tantivy.Order.Asc if earliest else tantivy.Order.Desc
        # A release has as many documents as paragraphs.
        found: dict[str, None] = {}
        for offset in range(0, _MOST_TITLED, _AT_ONCE):
            hits = searcher.search(narrowed, _AT_ONCE, offset=offset, order_by_field="date", order=order).hits
            found.update(dict.fromkeys(searcher.doc(address)["release"][0] for _, address in hits))
            if len(found) >= limit or len(hits) < _AT_ONCE:
                break
        return list(found)[:limit]

    def holding(
        self,
        groups: Sequence[Sequence[Sequence[str]]],
        since: date | None = None,
        until: date | None = None,
        *,
        titles: bool = False,
    ) -> list[Hit]:
        """Every paragraph that holds a run of terms of each group; with `titles`, those whose release's title does.

        A run is terms that stand one after the other; the runs of a group are the ways in which one thing may be said.
        """
        field = "title" if titles else "body"
        any_of_each = [
            tantivy.Query.boolean_query([(tantivy.Occur.Should, self._run(field, run)) for run in group if run])
            for group in groups
        ]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, any_of) for any_of in any_of_each])
        searcher = self._index.searcher()
        found = searcher.search(self._narrowed(query, since, until, ()), max(searcher.num_docs, 1)).hits
        documents = [(score, searcher.doc(address)) for score, address in found]
        return [Hit(doc["release"][0], doc["index"][0], score) for score, doc in documents]

    def _run(self, field: str, run: Sequence[str]) -> tantivy.Query:
        if len(run) == 1:
            return tantivy.Query.term_query(self._schema, field, run[0])
        return tantivy.Query.phrase_query(self._schema, field, list(run))

    def _narrowed(
        self, query: tantivy.Query, since: date | None, until: date | None, release_ids: Sequence[str]
    ) -> tantivy.Query:
        must = [(tantivy.Occur.Must, query)]
        if since or until:
            window = tantivy.Query.range_query(
                self._schema,
                "date",
                tantivy.FieldType.Unsigned,
                day_number(since or date.min),
                day_number(until or date.max),
            )
            must.append((tantivy.Occur.Must, tantivy.Query.const_score_query(window, 0.0)))
        if release_ids:
            within = tantivy.Query.term_set_query(self._schema, "release", list(release_ids))
            must.append((tantivy.Occur.Must, tantivy.Query.const_score_query(within, 0.0)))
        return tantivy.Query.boolean_query(must)

    def take_place(self, folder: Path) -> None:
        """Move the index to where another one stands, which goes. Readers of that one go on with what they hold, and
        see this one within a second. To be opened again.
        """
        old = folder.with_name(f"{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        self._folder.rename(folder)
        shutil.rmtree(old, ignore_errors=True)

    def count(self) -> int:
        """How many paragraphs the index holds."""
        return self._index.searcher().num_docs

    def entries(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Every paragraph: its release and its index, and a digest of what its terms were cut from."""
        # Another process may have written a moment ago, which is seen half a second later by itself.
        self._index.reload()
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.all_query(), max(searcher.num_docs, 1)).hits
        for _, address in found:
            kept = searcher.doc(address)
            yield (kept["release"][0], str(kept["index"][0])), kept["digest"][0]

    def paragraphs_with(self, term: str) -> int:
        """In how many paragraphs a term stands, for weighing rare terms more."""
        return self._index.searcher().doc_freq("body", term)


def word_entries(release: Release) -> dict[tuple[str, str], str]:
    """What `WordIndex.entries` gives for a release that is rightly indexed."""
    return {(release.id, str(p.index)): _digest(release, p) for p in release.paragraphs}


def _digest(release: Release, paragraph: Paragraph) -> str:
    whole = f"{day_number(release.date)}\n{release.title}\n{paragraph.text}"
    return hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()
