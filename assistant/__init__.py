"""A question becomes a verified answer."""

from assistant.answer import Answer, Citation, Searched, Seconds, Statement
from assistant.assistant import Assistant, open_assistant

__all__ = ["Answer", "Assistant", "Citation", "Searched", "Seconds", "Statement", "open_assistant"]
