"""The commands that keep releases: ingest, sync, sources, list, show, history, date, remove, reindex, doctor."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from importlib.metadata import version
from typing import Any

from assistant.assistant import data_folder
from assistant.differences import differences
from assistant.progress import Waits, Watched
from vectorstore import Catalogue, Paragraph, Release, ReleaseStore, open_catalogue, open_rehearsal, open_store, reindex
from vectorstore.embeddings import DEFAULT_EMBEDDING
from vectorstore.locks import since_now

DONE, SOME_FAILED, WRONG_USAGE = 0, 1, 2

Command = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def day(text: str) -> date:
    """A day as typed on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2023-11-26") from None


def add_commands(command: Command) -> None:
    """Add these commands to the parser; `command` makes a sub-parser of a name, a function and a line of help."""
    ingest = command("ingest", _ingest, "read releases from files, folders and the web, and keep them in step")
    ingest.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a file, a folder, or the address of a page, a feed, a sitemap or a site's list of releases",
    )
    ingest.add_argument("--since", type=day, metavar="DATE", help="only releases of this day or later, as 2023-11-26")
    ingest.add_argument("--until", type=day, metavar="DATE", help="only releases of this day or earlier")
    ingest.add_argument(
        "--max-pages", type=_count, metavar="N", help="turn no more than N pages of a list; all without it"
    )
    ingest.add_argument(
        "--allow-private", action="store_true", help="fetch also from this machine and from local networks"
    )
    _add_reading(ingest)

    _add_reading(command("sync", _sync, "read everything again that was ingested, and keep in step with it"))

    sources = command("sources", _sources, "list what sync reads")
    sources.add_argument("--forget", metavar="SOURCE", help="no longer read this one; its releases stay")
    sources.add_argument("--json", action="store_true", help="print one JSON object a line")

    listing = command("list", _list, "list the releases, newest first")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")

    show = command("show", _show, "print a release, or exactly the text of one of its paragraphs")
    show.add_argument("release", metavar="RELEASE", help="a release's id or address")
    show.add_argument(
        "paragraph", nargs="?", metavar="PARAGRAPH", help="a paragraph's number as cited, or #INDEX from 0"
    )
    show.add_argument(
        "--version",
        "--release-version",
        type=_count,
        dest="release_version",
        metavar="N",
        help="as it read in version N",
    )
    show.add_argument("--json", action="store_true", help="print as JSON")

    history = command("history", _history, "show how a release was corrected")
    history.add_argument("release", metavar="RELEASE")
    history.add_argument("--json", action="store_true", help="print as JSON")

    dated = command("date", _date, "date a release by hand; later readings leave that date alone")
    dated.add_argument("release", metavar="RELEASE")
    dated.add_argument("day", nargs="?", type=day, metavar="DATE", help="the day of publication, as 2023-11-26")
    dated.add_argument("--as-read", action="store_true", help="go back to the date that was read, if any")

    remove = command("remove", _remove, "delete releases with all their versions")
    remove.add_argument("releases", nargs="+", metavar="RELEASE")

    command("reindex", _reindex, "make vectors and words anew from the catalogue, also for another embedding model")

    doctor = command("doctor", _doctor, "check the installation and the data folder")
    doctor.add_argument("--repair", action="store_true", help="index anew the releases of which something is wrong")


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and keep nothing")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _store(options: argparse.Namespace) -> ReleaseStore:
    return open_store(data_folder(options.data), embedding=_embedding(options), **_elsewhere())


def _embedding(options: argparse.Namespace) -> str:
    return str(options.embedding or os.environ.get("COMMUNIQUE_EMBEDDING") or DEFAULT_EMBEDDING)


def _elsewhere() -> dict[str, str | None]:
    """What does not lie in the data folder."""
    return {"catalogue": os.environ.get("COMMUNIQUE_CATALOGUE"), "vectors": os.environ.get("COMMUNIQUE_VECTORS")}


def _catalogue(options: argparse.Namespace) -> Catalogue:
    return open_catalogue(data_folder(options.data), os.environ.get("COMMUNIQUE_CATALOGUE"))


def _rehearsal(options: argparse.Namespace) -> AbstractContextManager[Catalogue]:
    return open_rehearsal(data_folder(options.data), os.environ.get("COMMUNIQUE_CATALOGUE"))


def _ingest(options: argparse.Namespace) -> int:
    from ingest import SourceOptions, ingest, try_ingest

    wanted = SourceOptions(options.since, options.until, options.max_pages, options.allow_private)
    if options.dry_run:
        with _rehearsal(options) as copy, Watched() as progress:
            return _print_report(options, try_ingest(copy, options.sources, progress, options=wanted))
    with _store(options) as store, Watched() as progress:
        report = ingest(store, options.sources, progress, options=wanted, waiting=Waits())
    return _print_report(options, report)


def _sync(options: argparse.Namespace) -> int:
    from ingest import sync, try_sync

    if options.dry_run:
        with _rehearsal(options) as copy, Watched() as progress:
            return _print_report(options, try_sync(copy, progress))
    with _store(options) as store, Watched() as progress:
        report = sync(store, progress, waiting=Waits())
    return _print_report(options, report)


def _print_report(options: argparse.Namespace, report: Any) -> int:
    for failure in (*report.failed, *report.remarks):
        print(f"communique: {failure.origin}: {failure.reason}", file=sys.stderr)
    if options.json:
        print(json.dumps(report.to_dict() | {"dry_run": options.dry_run}, ensure_ascii=False))
        return SOME_FAILED if report.failed else DONE
    withdrawn = f"{report.removed} removed" + (" at the source and marked withdrawn" if report.removed else "")
    returned = f"{report.returned} returned, " if report.returned else ""
    print(
        f"{'Nothing was kept; it would be: ' if options.dry_run else ''}"
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {returned}{withdrawn}, "
        f"{len(report.failed)} failed; {report.releases:,} releases with {report.paragraphs:,} paragraphs "
        f"in {report.seconds:.1f} s"
    )
    return SOME_FAILED if report.failed else DONE


def _sources(options: argparse.Namespace) -> int:
    catalogue = _catalogue(options)
    if options.forget:
        name = options.forget
        if not catalogue.forget_source(name) and not catalogue.forget_source(os.path.abspath(os.path.expanduser(name))):
            raise ValueError(f"{name!r} is not among the sources; `communique sources` lists them")
        print(f"{name} is no longer read; what was read from it stays")
        return DONE
    for source in catalogue.sources():
        if options.json:
            times = {"added_at": source.added_at.isoformat(), "read_at": source.read_at and source.read_at.isoformat()}
            print(json.dumps({"source": source.source, "options": dict(source.options)} | times, ensure_ascii=False))
        else:
            when = f"{source.read_at:%Y-%m-%d %H:%M} UTC" if source.read_at else "not read to its end yet"
            print(f"{when:<24}{source.source}")
    return DONE


def _list(options: argparse.Namespace) -> int:
    for release in _catalogue(options).listing():
        if options.json:
            print(json.dumps(release.facts(), ensure_ascii=False))
        else:
            gone = f"  [withdrawn {release.withdrawn}]" if release.withdrawn else ""
            print(f"{release.date or 'undated   '}  {release.title}{gone}\n            {release.id}")
    return DONE


def _known(catalogue: Catalogue, release_id: str, number: int | None = None) -> Release:
    release = catalogue.get(release_id, number)
    if release is None:
        which = f"version {number} of " if number is not None else ""
        raise ValueError(f"there is no {which}release {release_id!r}; `communique list` shows all")
    return release


def _show(options: argparse.Namespace) -> int:
    catalogue = _catalogue(options)
    release = _known(catalogue, options.release, options.release_version)
    if options.paragraph is not None:
        paragraph = _paragraph(release, options.paragraph)
        print(json.dumps(paragraph.to_dict(), ensure_ascii=False) if options.json else paragraph.text)
        return DONE
    near = catalogue.near_duplicates([release.id]).get(release.id, [])
    if options.json:
        places = [
            {"origin": p.origin, "gone_at": p.gone_at.isoformat() if p.gone_at else None}
            for p in catalogue.places(release.id)
        ]
        alike = [{"release_id": n.release_id, "likeness": round(n.likeness, 3)} for n in near]
        print(json.dumps(release.to_dict() | {"origins": places, "near_duplicates": alike}, ensure_ascii=False))
        return DONE
    print(_as_text(release, catalogue))
    return DONE


def _paragraph(release: Release, wanted: str) -> Paragraph:
    for paragraph in release.paragraphs:
        if f"#{paragraph.index}" == wanted or paragraph.is_called(wanted.removeprefix("¶")):
            return paragraph
    numbers = [p.number for p in release.paragraphs]
    raise ValueError(f"{release.id} has no paragraph {wanted!r}; it has {numbers[0]} to {numbers[-1]}")


def _as_text(release: Release, catalogue: Catalogue) -> str:
    source = f" ({release.date_source})" if release.date_source else ""
    current = catalogue.versions(release.id)[-1].version
    which = f"version {release.version}" + (f" of {current}" if current != release.version else "")
    head = [release.title, f"{release.date or 'undated'}{source} · {which} · {release.id}"]
    head += [f"about {release.event_date}"] if release.event_date and release.event_date != release.date else []
    head += [release.url] if release.url else []
    head += [f"withdrawn: gone from its source on {release.withdrawn}"] if release.withdrawn else []
    for place in catalogue.places(release.id):
        head.append(f"read from {place.origin}" + (f" (gone {place.gone_at:%Y-%m-%d})" if place.gone_at else ""))
    for near in catalogue.near_duplicates([release.id]).get(release.id, []):
        head.append(f"nearly the same ({near.likeness:.0%}): {near.release_id}")
    width = max((len(p.number) for p in release.paragraphs), default=1)
    body = [f"{p.number if p.numbered else f'({p.number})':>{width + 2}}  {p.text}" for p in release.paragraphs]
    return "\n".join([*head, "", *body])


def _history(options: argparse.Namespace) -> int:
    catalogue = _catalogue(options)
    release_id = _known(catalogue, options.release).id
    before: Release | None = None
    told: list[dict[str, Any]] = []
    for seen in catalogue.versions(release_id):
        release = _known(catalogue, release_id, seen.version)
        found = differences(before, release) if before else []
        before = release
        facts = {"version": seen.version, "read_at": seen.read_at.isoformat(), "title": seen.title}
        told.append(facts | {"differences": [d.to_dict() for d in found]})
        if not options.json:
            print(f"Version {seen.version}, read {seen.read_at:%Y-%m-%d %H:%M} UTC: {seen.title}")
            for difference in found:
                print(difference)
    assert before is not None, "a known release has a version"
    if options.json:
        withdrawn = before.withdrawn.isoformat() if before.withdrawn else None
        print(json.dumps({"id": release_id, "withdrawn": withdrawn, "versions": told}, ensure_ascii=False))
    elif before.withdrawn:
        print(f"Withdrawn: gone from its source on {before.withdrawn}")
    return DONE


def _date(options: argparse.Namespace) -> int:
    if (options.day is None) != options.as_read:
        raise ValueError("give a DATE as 2023-11-26, or --as-read to go back to the date that was read")
    with _store(options) as store:
        if not store.set_date(options.release, options.day, Waits()):
            raise ValueError(f"there is no release {options.release!r}; `communique list` shows all")
        release = _known(store.catalogue, options.release)
    print(f"{release.id}: {release.date or 'undated'}" + (f" ({release.date_source})" if release.date_source else ""))
    return DONE


def _remove(options: argparse.Namespace) -> int:
    waits = Waits()
    with _store(options) as store:
        unknown = [release_id for release_id in options.releases if not store.remove(release_id, waits)]
    for release_id in unknown:
        print(f"communique: there is no release {release_id!r}; `communique list` shows all", file=sys.stderr)
    print(f"{len(options.releases) - len(unknown)} removed")
    return SOME_FAILED if unknown else DONE


def _reindex(options: argparse.Namespace) -> int:
    with Watched() as progress:
        done = reindex(
            data_folder(options.data), progress, embedding=_embedding(options), waiting=Waits(), **_elsewhere()
        )
    print(f"{done:,} releases indexed with {_embedding(options)}")
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    """Print what is installed and what the data folder holds; exit 1 when something must be mended, saying how."""
    import platform

    folder = data_folder(options.data)
    print(f"communique {version('communique')}, Python {platform.python_version()}, {platform.platform()}")
    for package in (
        "chromadb",
        "gradio",
        "llama-index-core",
        "onnxruntime",
        "sentence-transformers",
        "tantivy",
        "torch",
    ):
        print(f"  {package} {version(package)}")
    print(f"data folder {folder}")
    with _store(options) as store, Watched() as progress:
        span = store.span()
        print(f"  embedding {store.embedder.name}, weights {store.embedder.weights_sha256[:12]}")
        print(
            f"  {span.releases:,} releases, {store.catalogue.paragraph_count():,} paragraphs, "
            f"{span.since} to {span.until}"
        )
        if options.repair:
            with store.alone(since_now("repairing"), Waits()):
                done = store.catch_up(progress) + store.repair(store.check(), progress)
            print(f"  {done:,} releases indexed anew")
        behind = store.catalogue.to_index_count()
        found = store.check()
        for line in [f"{behind:,} releases are not indexed yet"] * bool(behind) + [str(one) for one in found]:
            print(f"  {line}")
        if behind or found:
            print(f"  run communique doctor --repair --data {folder}")
            return SOME_FAILED
    print("  catalogue, vectors and words agree")
    return DONE
