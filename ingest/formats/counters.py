"""The numbers that word processors and browsers show before paragraphs without storing them as text.

To add a way of counting, put it into `NUMERALS`; each format maps its own names to these.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_IDEOGRAPHS = "一二三四五六七八九"
_SPOKEN = "일이삼사오육칠팔구"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
# Positions of the 14 plain consonants among Unicode's leading ones, and of ㅏㅓㅗㅜㅡㅣ among its vowels.
_LEADING = (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
_VOWELS = (0, 4, 8, 13, 18, 20)


def _roman(n: int) -> str:
    said = ""
    for value, sign in _ROMAN:
        said += sign * (n // value)
        n %= value
    return said


def _repeated(n: int) -> str:
    """A, B … Z, AA, BB …, as word processors go on."""
    return chr(ord("A") + (n - 1) % 26) * ((n - 1) // 26 + 1)


def _alphabetic(n: int) -> str:
    """A, B … Z, AA, AB …, as browsers go on."""
    said = ""
    while n:
        n, place = divmod(n - 1, 26)
        said = chr(ord("A") + place) + said
    return said


def _syllable(n: int) -> str:
    """가, 나 … 하, 거, 너 …"""
    vowel, consonant = divmod(n - 1, len(_LEADING))
    if vowel >= len(_VOWELS):
        return str(n)
    return chr(0xAC00 + _LEADING[consonant] * 588 + _VOWELS[vowel] * 28)


def _tens(digits: str, ten: str) -> Callable[[int], str]:
    def say(n: int) -> str:
        if n > 99:
            return str(n)
        tens, ones = divmod(n, 10)
        return (digits[tens - 1] if tens > 1 else "") + (ten if tens else "") + (digits[ones - 1] if ones else "")

    return say


def _signs(*blocks: tuple[int, int]) -> Callable[[int], str]:
    """Signs from blocks of (first code point, how many); beyond them the plain number in brackets."""
    signs = "".join(chr(first + n) for first, count in blocks for n in range(count))
    return lambda n: signs[n - 1] if n <= len(signs) else f"({n})"


def _ordinal(n: int) -> str:
    return f"{n}{'th' if n % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


NUMERALS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimal-zero": lambda n: f"{n:02d}",
    "full-width": lambda n: "".join(chr(ord(c) + 0xFEE0) for c in str(n)),
    "dashes": lambda n: f"- {n} -",
    "ordinal": _ordinal,
    "upper-roman": lambda n: _roman(n) if n < 4000 else str(n),
    "lower-roman": lambda n: _roman(n).lower() if n < 4000 else str(n),
    "upper-letter": lambda n: _repeated(n) if n <= 26 * 9 else str(n),
    "lower-letter": lambda n: _repeated(n).lower() if n <= 26 * 9 else str(n),
    "upper-alphabetic": _alphabetic,
    "lower-alphabetic": lambda n: _alphabetic(n).lower(),
    "circled": _signs((0x2460, 20), (0x3251, 15), (0x32B1, 15)),
    "bracketed": _signs((0x2474, 20)),
    "full-stop": _signs((0x2488, 20)),
    "circled-upper-letter": _signs((0x24B6, 26)),
    "circled-lower-letter": _signs((0x24D0, 26)),
    "hangul": _syllable,
    "hangul-jamo": lambda n: _JAMO[n - 1] if n <= len(_JAMO) else str(n),
    "hangul-spoken": _tens(_SPOKEN, "십"),
    "circled-hangul": _signs((0x326E, 14)),
    "circled-jamo": _signs((0x3260, 14)),
    "ideograph": _tens(_IDEOGRAPHS, "十"),
    "circled-ideograph": _signs((0x3280, 10)),
    "heavenly-stem": lambda n: _STEMS[n - 1] if n <= len(_STEMS) else str(n),
    "none": lambda n: "",
}


def numeral(counting: str, n: int) -> str:
    """A number as a way of counting says it; 0 and less, and what is too high for it, as digits.

    >>> numeral("hangul", 3), numeral("upper-roman", 4), numeral("circled", 21)
    ('다', 'IV', '㉑')
    """
    return NUMERALS[counting](n) if n > 0 or counting == "none" else str(n)


@dataclass(frozen=True)
class Level:
    """How one level of a list is numbered. `text` holds %1 to %9 for the numbers of the levels, the first being %1.

    `restart` is the level (1-based) whose number starts this one again, and every level above that; None: any level
    above, 0: none. `legal` shows the numbers of all levels as digits. A bullet is a `text` without a %.
    """

    text: str
    counting: str = "decimal"
    start: int = 1
    restart: int | None = None
    legal: bool = False


class Running:
    """Where a list has got to: the last number of each level."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def restart(self, level: int) -> None:
        """The next number of a level is its first again."""
        self._last.pop(level, None)

    def label(self, levels: Mapping[int, Level] | Sequence[Level], at: int) -> str:
        """Count one more paragraph at a level (0-based) and say what is shown before it.

        A level above that has shown no number yet counts as standing at its first.
        """
        known = dict(levels) if isinstance(levels, Mapping) else dict(enumerate(levels))
        own = known[at]
        self._last[at] = self._last[at] + 1 if at in self._last else own.start
        for lower in [level for level in self._last if level > at]:
            restart = known[lower].restart if lower in known else None
            if restart is None or at < restart:
                del self._last[lower]

        def shown(found: re.Match[str]) -> str:
            level = int(found.group(1)) - 1
            if level not in known:
                return ""
            counting = known[level].counting
            if own.legal and counting != "none":
                counting = "decimal"
            return numeral(counting, self._last.get(level, known[level].start))

        return re.sub(r"%([1-9])", shown, own.text)
