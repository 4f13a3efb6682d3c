"""Take a question that asks two things apart, where it is safe: "When did China join, and who signed for it?"

Each part has a question word and a verb of its own; "When and where did they meet?" and "What did A say, and what B?"
stay whole. A part that leans on the one before ("who signed for it") is understood with it, as a follow-up is.
"""

import re

_WORD = r"(?:when|who|whom|whose|where|why|how|what|which)"
_PREPOSITION = r"(?:(?:in|on|at|to|for|with|from|by|of|under|since|until)\s+)?"
_HELP = r"(?:did|do|does|is|are|was|were|has|have|had|will|would|can|could|should|must)"
_DEED = r"(?:[a-z]{3,}ed|met|said|spoke|led|held|took|made|gave|sent|won|paid|wrote|built|chose|came|went|became)"
# "When did …", "who signed …", "how many people were …"; not "when the agreement was signed", which asks nothing.
_ASKING = re.compile(
    rf"{_PREPOSITION}(?:(?:when|where|why)\s+{_HELP}\s+\w+\W+\w+|how\s+(?:\w+\s+){{0,4}}{_HELP}\s+\w+\W+\w+"
    rf"|(?:who|whom|whose|what|which|how many|how much)\s+(?:[\w’'-]+\s+){{0,5}}?"
    rf"(?:{_HELP}\s+\w+\W+\w+|(?:is|are|was|were)\s+\w+|{_DEED}\b))",
    re.IGNORECASE,
)
_CUT = re.compile(rf"(?:\?\s+(?:(?:and|but)\s+)?|,?\s+and\s+(?:also\s+)?)(?={_PREPOSITION}{_WORD}\b)", re.IGNORECASE)
_ASKS = re.compile(rf"(?:(?:and|but|so|then)[,\s]+)?{_PREPOSITION}{_WORD}\b", re.IGNORECASE)
# "and what about it?", "and which of them?" ask nothing by themselves.
_NOTHING = re.compile(rf"(?:{_WORD}\s+(?:about|of|else|then|not)\b|how come\b)", re.IGNORECASE)
# "… about where" goes on in what follows.
_OPEN_END = re.compile(rf"\b(?:{_WORD}|about|of|in|on|at|to|for|with|from|by)$", re.IGNORECASE)
_FEWEST_WORDS = 3
_MOST_PARTS = 3

_KOREAN_WORD = r"(?:언제|누가|누구|어디|왜|무엇|무슨|어떤|어느|몇|얼마|어떻게)"
_KOREAN_CUT = re.compile(rf"(?<=[고며])[,\s]+(?=[^,?]*{_KOREAN_WORD})|(?<=\?)\s+(?=[^?]*{_KOREAN_WORD})")
_KOREAN_END = re.compile(r"(?:하|되|했|됐|었|았|였|이)(?:고|으며|며|고요)$")


def parts_of(text: str) -> tuple[str, ...]:
    """The questions that a text asks, each with its question mark; empty where it asks one, or cannot be taken apart
    safely.
    """
    text = " ".join(text.split())
    pieces = _pieces(text, _CUT) if _ASKS.match(text) else _korean(text)
    if not 2 <= len(pieces) <= _MOST_PARTS:
        return ()
    return tuple(f"{piece[0].upper()}{piece[1:]}?" for piece in pieces)


def _pieces(text: str, cut: re.Pattern[str]) -> list[str]:
    pieces = [piece.strip(" ,?") for piece in cut.split(text)]
    return pieces if all(map(_asks_by_itself, pieces)) else []


def _asks_by_itself(piece: str) -> bool:
    return bool(
        _ASKING.match(piece)
        and not _NOTHING.match(piece)
        and not _OPEN_END.search(piece)
        and len(piece.split()) >= _FEWEST_WORDS
    )


def _korean(text: str) -> list[str]:
    """ "언제 가입했고, 누가 서명했나요?": each part has a question word, and all but the last end in "-고" or "-며"."""
    pieces = [piece.strip(" ,?") for piece in _KOREAN_CUT.split(text)]
    asked = [bool(re.search(_KOREAN_WORD, piece)) for piece in pieces]
    if len(pieces) < 2 or not all(asked):
        return []
    return pieces if all(_KOREAN_END.search(p) or f"{p}?" in text for p in pieces[:-1]) else []
