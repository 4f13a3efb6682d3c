"""Releases are kept and found here: catalogue, vectors, words."""

from vectorstore.catalogue import Catalogue, Outcome, Span, Version
from vectorstore.release import Match, Note, Paragraph, Release
from vectorstore.store import EVERYTHING, Found, ReleaseStore, Window, open_catalogue, open_store
from vectorstore.vectors import WrongEmbeddingModel

__all__ = [
    "EVERYTHING",
    "Catalogue",
    "Found",
    "Match",
    "Note",
    "Outcome",
    "Paragraph",
    "Release",
    "ReleaseStore",
    "Span",
    "Version",
    "Window",
    "WrongEmbeddingModel",
    "open_catalogue",
    "open_store",
]
