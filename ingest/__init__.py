"""A page becomes a `Release`: title, date, numbered paragraphs, notes."""

from ingest.formats import FORMATS
from ingest.ingestion import ingest, sync
from ingest.page import Failure, Page, Read, UnreadablePage
from ingest.report import Report

__all__ = ["FORMATS", "Failure", "Page", "Read", "Report", "UnreadablePage", "ingest", "sync"]
