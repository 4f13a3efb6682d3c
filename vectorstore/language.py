"""Cut text into the terms that the word index and the answerers compare."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

import Stemmer

_CJK = r"\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_ACRONYM = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_TOKEN = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])\w)+(?:'(?:(?![{_CJK}])\w)+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_EAST_ASIAN = re.compile(f"[{_CJK}]")
# Every mark that stands above or below a letter; none has a higher code. Looking at each character takes longer.
_COMBINING = re.compile(f"[{''.join(c for c in map(chr, range(0x1F000)) if unicodedata.combining(c))}]+")
_LETTER = re.compile(r"[^\W\d_]")
# Greek, Cyrillic and all that follow have higher codes.
_LAST_LATIN = "\u024f"
_english = Stemmer.Stemmer("english")

STOP_WORDS = frozenset(
    """
        a an the of to in on at by for with from into as is are was were be been being am do does did doing
        done have has had having will would shall should can could may might must and or but if then than
        that this these those it its they them their he him his she her we us our you your i me my who whom
        whose which what when where why how there here not no nor so such about between over under after
        before during any some all each both more most other also s t re ve ll d just only very own same
    """.split()
)


def fold(text: str) -> str:
    """Lower case without accents, compatibility forms unified; lengths may change, so offsets do not survive."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    return unicodedata.normalize("NFC", _COMBINING.sub("", text)).lower()


def words(text: str) -> list[str]:
    """The words of a text, folded but not stemmed; "U.S." is one word, "5,000" one number, and possessive 's falls
    away.
    """
    text = _ACRONYM.sub(lambda m: m.group().replace(".", ""), _THOUSANDS.sub("", text))
    return [w[:-2] if w.endswith("'s") else w.replace("'", "") for w in _TOKEN.findall(fold(text))]


# What people and things of a country are called, with the country; a question says one, a release the other.
_COUNTRY_OF = dict(
    pair.split("=")
    for pair in """
    afghan=afghanistan american=america australian=australia british=britain canadian=canada chinese=china
    egyptian=egypt french=france german=germany indian=india indonesian=indonesia iranian=iran iraqi=iraq
    israeli=israel italian=italy japanese=japan jordanian=jordan korean=korea mexican=mexico mongolian=mongolia
    dutch=netherlands pakistani=pakistan palestinian=palestine philippine=philippines filipino=philippines
    polish=poland qatari=qatar russian=russia saudis=saudi spanish=spain swedish=sweden swiss=switzerland
    taiwanese=taiwan thai=thailand turkey=turkiye turkish=turkiye ukrainian=ukraine vietnamese=vietnam
    brazilian=brazil finnish=finland norwegian=norway danish=denmark greek=greece irish=ireland european=europe
    asian=asia african=africa
    """.split()
)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A folded word without its English ending, a demonym as its country; other scripts and numbers stay."""
    word = _COUNTRY_OF.get(word.removesuffix("s"), _COUNTRY_OF.get(word, word))
    return _english.stemWord(word) if word.isascii() and word.isalpha() else word


def terms(text: str) -> list[str]:
    """The terms of a text, in order: English stems, numbers, and for Korean, Chinese and Japanese runs their
    character pairs.

    Whitespace words lose 10 to 13 points of recall on Korean against character pairs, since particles stick to nouns.
    """
    found: list[str] = []
    for word in words(text):
        if ord(word[0]) >= 0x1100 and re.match(f"[{_CJK}]", word):
            found += [word[i : i + 2] for i in range(len(word) - 1)] or [word]
        else:
            found.append(stem(word))
    return found


def content_terms(text: str) -> list[str]:
    """`terms` without stop words."""
    return [t for t in terms(text) if t not in STOP_STEMS]


STOP_STEMS = frozenset(STOP_WORDS | {stem(w) for w in STOP_WORDS})


# Words that make up most of any text in a language, | words that ask, one of which is enough to tell it. German "was"
# and Spanish "no" are English words too, so that more of a language's words must stand than English ones.
_TELLING_WORDS = {
    "de": """
        der die das den dem des ein eine einen einem einer und oder nicht ist sind war waren wird wurde wurden
        werden hat haben hatte für auf mit von vom zu zum zur im in bei aus nach über unter durch als auch sich es
        er sie was wer wen wem wo woran worin worum viele
        | wie wann warum welche welcher welches welchen welchem wieviel wodurch womit worüber
        """,
    "fr": """
        le la les un une des du de et ou est sont était ont été dans pour par sur avec au aux en ce cette ces qui
        que quoi comment se sa son ses leur il elle ils ne pas
        | quel quelle quels quelles quand où combien pourquoi
        """,
    "es": """
        el la los las un una unos unas de del y es son fue fueron era ha han en por para con sin sobre al se su sus
        lo que como no más
        | qué quién quiénes cuál cuáles cuándo dónde cómo cuánto cuánta cuántos cuántas
        """,
    "it": """
        il lo la gli le un una di del della dei delle è sono era ha hanno in per con su da dal dalla al alla che chi
        cosa come dove quando non si
        | quale quali quanto quanti quante perché
        """,
    "pt": """
        os as um uma de do da dos das é são foi foram era em no na nos nas por para com ao à que quem como onde não
        se seu sua
        | qual quais quando quanto quantos quantas
        """,
    "nl": """
        de het een en of is zijn was werd werden wordt heeft hebben in op van voor met aan bij uit naar over door te
        dat die deze wie wat hoe welk welke niet er
        | wanneer waar waarom hoeveel
        """,
}
# One word alone may belong to a name: "El Salvador", "Las Vegas".
_ENOUGH = 2
_WEIGHTS: dict[str, list[tuple[str, int]]] = {word: [("en", 1)] for word in STOP_WORDS}
for _language, _listed in _TELLING_WORDS.items():
    for _weight, _words in zip((1, _ENOUGH), _listed.split("|"), strict=True):
        for _one in _words.split():
            _WEIGHTS.setdefault(_one, []).append((_language, _weight))
# Fifty words tell the language of any text, and reading more would slow down an ingest.
_LOOKED_AT = 300
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """The language by script ("ko", "ja", "zh"; "und" for scripts that no word list here is of), else by its commonest
    words; "en" where these tell nothing. A tenth of the letters decides for the East Asian ones, since Korean pages
    quote English.
    """
    if text.isascii() or not _EAST_ASIAN.search(text):
        return _alphabetic_language(text[:_LOOKED_AT])
    letters = len(_LETTER.findall(text)) or 1
    if len(_HANGUL.findall(text)) / letters > 0.1:
        return "ko"
    if len(_KANA.findall(text)) / letters > 0.1:
        return "ja"
    return "zh" if len(_IDEOGRAPH.findall(text)) / letters > 0.1 else _alphabetic_language(text[:_LOOKED_AT])


def _alphabetic_language(text: str) -> str:
    said = _WORD.findall(text.lower())
    if not text.isascii() and sum(word[0] > _LAST_LATIN for word in said) > len(said) / 2:
        return "und"
    counts = Counter({"es": _ENOUGH * ("¿" in text)})
    # Each once: a list of teams says "Los Angeles" again and again.
    for word in set(said):
        for language, weight in _WEIGHTS.get(word, ()):
            counts[language] += weight
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= _ENOUGH and counts[best] > counts["en"] else "en"
