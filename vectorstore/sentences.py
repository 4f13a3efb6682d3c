"""Cut a paragraph into sentences by offsets, so that a quote points back into the text."""

import re
from itertools import pairwise

# A sentence may end here: an end mark, closing quotes or brackets, then white space; or the line itself ends.
_END = re.compile(r"""(?:[.!?…]+["'”’»)\]]*(?=\s)|[。！？]["'”’」』)]*|\n+)""")
_BULLET = re.compile(r"\s(?=[-•○□▪]\s+\S)")
_ABBREVIATION = re.compile(
    r"""(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sgt|Adm|Gov|Sen|Rep|Rev|Hon|Amb|Jr|Sr|St|No|Nos|Art|Sec|vs|cf|e\.g|i\.e|al|Inc|Ltd|Co|Corp
    |Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Stat|Reg|approx|pp?)|\b[A-Z](?:\.[A-Z])*|\b[ap]\.m)\.$""",
    re.VERBOSE,
)
_STARTS_LOWER = re.compile(r"\s+[a-z]")
# After "U.S." or "p.m." a new sentence is likely only before one of these openers.
_OPENER = re.compile(
    r"\s+[\"“‘(]?(?:The|A|An|In|On|At|He|She|It|They|We|I|This|That|These|Those|As|To|For|And|But|Both|Foreign|Furthermore|Also)\b"
)
_CAN_END = re.compile(r"(?:\b[A-Z](?:\.[A-Z])+|\b[ap]\.m|\bJr|\bSr|\bInc|\bLtd|\bCo|\bCorp|\bal)\.$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence, without the white space around it; together they hold all of the text's words.

    List items ("- …", "• …") inside a paragraph are sentences of their own.
    """
    cuts = [0]
    for mark in _END.finditer(text):
        if "\n" in mark.group() or not _is_inside(text, mark):
            cuts.append(mark.end())
    cuts += [m.end() for m in _BULLET.finditer(text)]
    cuts = sorted({*cuts, len(text)})
    spans = []
    for start, end in pairwise(cuts):
        stripped = text[start:end].strip()
        if stripped:
            begin = start + text[start:end].index(stripped[0])
            spans.append((begin, begin + len(stripped)))
    return spans


def _is_inside(text: str, mark: re.Match[str]) -> bool:
    """Whether the end mark belongs to an abbreviation or a number rather than to the end of a sentence."""
    if "!" in mark.group() or "?" in mark.group():
        return bool(_STARTS_LOWER.match(text, mark.end()))
    if mark.group()[0] in "。！？":
        return False
    before = text[max(0, mark.start() - 12) : mark.start() + 1]
    if _STARTS_LOWER.match(text, mark.end()):
        return True
    if len(mark.group()) > 1 and mark.group()[-1] not in ".":
        # Closing quotes after the mark: `… the year.” He said`.
        return False
    if _CAN_END.search(before):
        return not _OPENER.match(text, mark.end())
    if _ABBREVIATION.search(before):
        return True
    # "1. " at the very start of a sentence is a number, not a sentence.
    return bool(re.search(r"(?:^|[.!?]\s)\(?\d{1,3}\.$", before))
