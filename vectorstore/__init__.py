"""Releases are kept and found here: catalogue, vectors, words."""

from vectorstore.catalogue import Catalogue, Span, Version
from vectorstore.near import NearDuplicate
from vectorstore.origins import FetchState, PageState, Source
from vectorstore.recording import Outcome, Reading
from vectorstore.release import Match, Note, Paragraph, Release
from vectorstore.store import (
    EVERYTHING,
    Found,
    ReleaseStore,
    Window,
    open_catalogue,
    open_rehearsal,
    open_store,
    reindex,
)
from vectorstore.vectors import WrongEmbeddingModel

__all__ = [
    "EVERYTHING",
    "Catalogue",
    "FetchState",
    "Found",
    "Match",
    "NearDuplicate",
    "Note",
    "Outcome",
    "PageState",
    "Paragraph",
    "Reading",
    "Release",
    "ReleaseStore",
    "Source",
    "Span",
    "Version",
    "Window",
    "WrongEmbeddingModel",
    "open_catalogue",
    "open_rehearsal",
    "open_store",
    "reindex",
]
