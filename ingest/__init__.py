"""A page becomes a `Release`: title, date, numbered paragraphs, notes."""

from ingest.formats import FORMATS
from ingest.ingestion import ingest, sync, try_ingest, try_sync
from ingest.page import Failure, Page, Read, UnreadablePage
from ingest.report import Report
from ingest.sources import SourceOptions

__all__ = [
    "FORMATS",
    "Failure",
    "Page",
    "Read",
    "Report",
    "SourceOptions",
    "UnreadablePage",
    "ingest",
    "sync",
    "try_ingest",
    "try_sync",
]
