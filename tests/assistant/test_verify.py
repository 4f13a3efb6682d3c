from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Dropped
from assistant.facts import Facts
from assistant.quotes import Draft, Quote
from assistant.rules import RULES
from assistant.verify import carrying, fault_of, is_carried, locate, normal, verified
from vectorstore import Match, Note, Paragraph, Release

TEXT = "The two sides agreed to continue the talks in Busan on 3 May.\n* They met for two hours."
PARAGRAPH = Paragraph(3, "4", True, TEXT, (Note("*", 62, 87),))
RELEASE = Release(
    "r", "Talks of the Foreign Ministers", date(2023, 11, 26), "https://x.org/r", "en", (PARAGRAPH,), version=2
)
MATCH = Match(RELEASE, PARAGRAPH, 1.0)


def quote(words: str) -> Quote:
    start = TEXT.index(words)
    return Quote(MATCH, start, start + len(words))


def test_a_verbatim_statement_is_cited_with_its_place() -> None:
    words = "They met for two hours."

    checked = verified([Draft(words, (quote(words),))])

    (citation,) = checked.citations
    assert (citation.paragraph, citation.index, citation.note, citation.version) == ("4", 3, 1, 2)
    assert citation.quote == words == TEXT[citation.start : citation.end]
    assert checked.statements[0].citations == (1,)
    assert checked.statements[0].kind == "verbatim"
    assert checked.dropped == 0


def test_one_quote_cited_twice_has_one_number() -> None:
    both = quote("The two sides agreed to continue the talks in Busan on 3 May.")

    checked = verified([Draft(both.text, (both,)), Draft(both.text, (both,))])

    assert [s.citations for s in checked.statements] == [(1,), (1,)]
    assert len(checked.citations) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "The two sides agreed to suspend the talks in Busan on 3 May.",
        "The two sides did not agree to continue the talks in Busan.",
        "The two sides agreed to continue the talks in Busan on 4 May.",
        "The two sides agreed to continue the talks in Seoul.",
        "The two sides will agree to continue the talks.",
        "The two sides agreed to continue 12 talks in Busan.",
        "China won the World Cup.",
        "",
    ],
)
def test_what_the_quote_does_not_say_is_dropped_and_counted(statement: str) -> None:
    checked = verified([Draft(statement, (quote("The two sides agreed to continue the talks in Busan on 3 May."),))])

    assert checked.statements == ()
    assert checked.citations == ()
    assert checked.dropped == 1


def test_a_shorter_statement_that_its_quote_carries_is_supported() -> None:
    checked = verified(
        [
            Draft(
                "The two sides agreed to continue the talks.",
                (quote("The two sides agreed to continue the talks in Busan on 3 May."),),
            )
        ]
    )

    assert [s.kind for s in checked.statements] == ["supported"]


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (9, 3), (0, len(TEXT) + 1), (61, 62)])
def test_offsets_outside_the_paragraph_carry_nothing(start: int, end: int) -> None:
    assert not is_carried(Draft("anything", (Quote(MATCH, start, end),)))


def test_a_statement_without_a_quote_is_dropped() -> None:
    assert verified([Draft("They met.", ())]).dropped == 1


@pytest.mark.parametrize(
    ("wanted", "text", "expected"),
    [
        ("the 'main' point", "On  the ‘main’\npoint.", "the ‘main’\npoint"),
        ("Visit Korea Year 2023-2024", "“Visit Korea Year 2023–2024.”", "Visit Korea Year 2023–2024"),
        ("외교", "외교부", "외교"),
        ("cafe", "café", None),
        ("agreed to suspend", "agreed to continue", None),
        ("Agreed", "agreed", None),
        ("", "text", None),
    ],
)
def test_a_quote_is_located_after_the_one_normalisation(wanted: str, text: str, expected: str | None) -> None:
    found = locate(wanted, text)

    assert (text[found[0] : found[1]] if found else None) == expected


@given(st.text(alphabet=st.sampled_from("ab ‘’“”\"'-–\u00a0\n\té가각ﬁ½…"), min_size=1, max_size=40), st.data())
def test_any_run_of_a_text_is_located_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    run = text[start:end]

    found = locate(run, text)

    if normal(run):
        assert found is not None
        assert normal(text[found[0] : found[1]]) == normal(run) or normal(run) in normal(text[found[0] : found[1]])
    else:
        assert found is None


VISIT = "President Xi Jinping of China will visit the United States from November 14 to 17, 2023 and won support for the trip."
JOINED = "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."
EXPO = (
    "Foreign Minister Park requested that China, as Korea’s close neighbor, support Korea’s bid to host the 2030 World Expo "
    "in Busan."
)
AID = "Korea decided to provide 12 million dollars in humanitarian aid, up 40% from a year earlier, to 3 countries."
DENIED = "Wang said that China would not accept unilateral sanctions, and Park expressed regret over the launch."
CLAIMED = "Russia claimed that Ukraine had attacked the bridge."
LET_IN = "If both parliaments agree, the two countries will open 2 consulates in Osaka."
FALL = "Exports to Japan fell by 8 percent while imports from Germany rose."
LONG = "The two ministers met for two hours, and they discussed the supply of fertiliser. He then left for Berlin."


def of(*texts: str, title: str = "Outcome of the Korea-China Foreign Ministers’ Meeting") -> tuple[Match, ...]:
    """Paragraphs of one release."""
    paragraphs = tuple(Paragraph(n, str(n + 1), True, text, ()) for n, text in enumerate(texts))
    release = Release("q", title, date(2023, 11, 26), None, "en", paragraphs)
    return tuple(Match(release, paragraph, 1.0) for paragraph in paragraphs)


def under(text: str, *quoted: str) -> Draft:
    return Draft(text, tuple(Quote(m, 0, len(m.paragraph.text)) for m in of(*quoted)))


@pytest.mark.parametrize(
    ("statement", "quoted"),
    [
        ("In March 2023, China joined the Apostille Convention.", JOINED),
        ("China acceded to the Apostille Convention in Mar. 2023.", JOINED),
        ("The Apostille Convention entered into force for China on 7 November 2023.", JOINED),
        ("Park asked China to support Korea's bid for the 2030 World Expo.", EXPO),
        ("Minister Park requested China's support for the bid to host the 2030 World Expo in Busan.", EXPO),
        ("President Xi will visit the US from 14 to 17 November 2023.", VISIT),
        ("Korea decided to provide $12 million in humanitarian aid to three countries.", AID),
        ("The humanitarian aid that Korea decided to provide is up 40 percent.", AID),
        ("Wang said China would not accept unilateral sanctions.", DENIED),
        ("Park expressed regret over the launch.", DENIED),
        ("Russia claimed that Ukraine attacked the bridge.", CLAIMED),
        ("If both parliaments agree, two consulates will be opened in Osaka.", LET_IN),
        ("Exports to Japan declined by 8%.", FALL),
        ("The ministers discussed the supply of fertiliser.", LONG),
        ("Germany was thanked by Korea for the aid.", "Korea thanked Germany for the aid."),
        ("Wang met Park in Busan.", "Park met Wang in Busan."),
    ],
)
def test_a_faithful_paraphrase_is_carried(statement: str, quoted: str) -> None:
    assert fault_of(under(statement, quoted)) is None


@pytest.mark.parametrize(
    ("statement", "quoted", "reason"),
    [
        ("China won the 2022 World Cup.", VISIT, "the number 2022 is not in its quotes"),
        ("China won the World Cup.", VISIT, "the name World is not in its quotes"),
        ("China joined the Apostille Convention in April 2023.", JOINED, "the date April 2023 is not in its quotes"),
        (
            "China joined the Apostille Convention on 7 March 2023.",
            JOINED,
            "the date 7 March 2023 is not in its quotes",
        ),
        ("Japan joined the Apostille Convention in March 2023.", JOINED, "the name Japan is not in its quotes"),
        ("China will support Korea's bid to host the 2030 World Expo.", EXPO, "its quotes do not say it as a “will”"),
        (
            "China supports Korea's bid to host the 2030 World Expo.",
            EXPO,
            "it leaves out the “request” that its quotes",
        ),
        (
            "China requested that Park support Korea's bid to host the 2030 World Expo.",
            EXPO,
            "“request” is not what “china” did",
        ),
        ("Korea decided to provide 14 million dollars in aid.", AID, "the number 14 is not in its quotes"),
        ("Korea decided to provide 12 million euros in aid.", AID, "euro is not in its quotes"),
        ("Korea decided to provide aid, up 3% from a year earlier.", AID, "3 percent is not in its quotes"),
        ("Korea decided to provide aid to 40 countries.", AID, "counts something else"),
        ("Wang said that China would accept unilateral sanctions.", DENIED, "deny “accept”"),
        ("Park did not express regret over the launch.", DENIED, "it denies “express”"),
        ("Ukraine attacked the bridge.", CLAIMED, "leaves out the “claim”"),
        ("Ukraine claimed that Russia had attacked the bridge.", CLAIMED, "“claim” is not what “ukrain” did"),
        ("The two countries will open 2 consulates in Osaka.", LET_IN, "leaves out a condition"),
        ("Exports to Japan rose by 8 percent.", "Exports to Japan fell by 8 percent.", "it says “rise” where"),
        ("Imports to Germany rose.", FALL, "its quotes do not say to “germani”"),
        ("Exports to Japan fell because consumers preferred cheaper domestic brands.", FALL, "its words are not in"),
        ("The two ministers then left for Berlin to inspect a fertiliser factory.", LONG, "its words are not in"),
        (
            "Korea decided to provide 12 million dollars in military aid.",
            AID,
            "it says “military” where its quotes say",
        ),
        ("The two ministers met for two hours, and they discussed the supply of gas.", LONG, "it says “gas” where its"),
        ("Germany thanked Korea for the aid.", "Korea thanked Germany for the aid.", "not what “germani” did"),
        ("The support of Rome for people in Kyiv.", "The support of Kyiv for people in Rome.", "have changed places"),
        (
            "Wang's own verdict was that the launch is a serious threat to Korea.",
            "Wang met Park. Park pointed out that the launch is a serious threat to Korea.",
            "its quotes have “park” say it",
        ),
        (" ", LONG, "it says nothing"),
    ],
)
def test_what_a_genuine_quote_does_not_say_falls_and_says_why(statement: str, quoted: str, reason: str) -> None:
    (drop,) = verified([under(statement, quoted)]).drops

    assert drop.text == statement
    assert reason in drop.reason


def test_a_right_statement_under_a_wrong_quote_gets_the_one_that_carries_it() -> None:
    passages = of(EXPO, f"{AID} {JOINED}")
    wrong = Draft("China joined the Apostille Convention in March 2023.", (Quote(passages[0], 0, len(EXPO)),))

    checked = verified([wrong], passages)

    assert [c.quote for c in checked.citations] == [JOINED]
    assert checked.drops == ()


def test_a_statement_that_no_passage_carries_is_dropped_for_what_its_own_quotes_lack() -> None:
    passages = of(EXPO, JOINED)
    wrong = Draft("China left the Apostille Convention in March 2023.", (Quote(passages[1], 0, len(JOINED)),))

    assert verified([wrong], passages).drops == (Dropped(wrong.text, "it says “leav” where its quotes say “join”"),)


def test_two_sentences_that_stand_together_carry_what_a_pronoun_splits() -> None:
    (passage,) = of("Foreign Minister Park met Wang in Busan. He requested support for the World Expo. They had lunch.")

    quotes = carrying("Park requested support for the World Expo.", [passage])

    assert quotes is not None
    assert [q.text for q in quotes] == [
        "Foreign Minister Park met Wang in Busan. He requested support for the World Expo."
    ]


def test_a_name_is_completed_by_its_paragraph_and_by_nothing_else() -> None:
    text = "Foreign Minister Park Jin arrived early. Park requested support for the World Expo."
    (passage,) = of(text)
    quoted = (Quote(passage, text.index("Park requested"), len(text)),)

    assert is_carried(Draft("Park Jin requested support for the World Expo.", quoted))
    assert not is_carried(Draft("Park Geun requested support for the World Expo.", quoted))


def test_a_day_without_a_year_is_of_the_year_of_its_release() -> None:
    assert is_carried(under("The talks were held on 3 May 2023.", "The talks were held on May 3."))
    assert not is_carried(under("The talks were held on 3 May 2022.", "The talks were held on May 3."))


@pytest.mark.parametrize(
    "text", ["", "…", "12", "May", "not", "if", "“", "Park", "가나다 2023년 3월", "U.S.", "$5bn 3%"]
)
def test_rules_read_any_text(text: str) -> None:
    passage = of(f"{text} and more.")[0]

    assert fault_of(Draft(text, (Quote(passage, 0, len(passage.paragraph.text)),))) != ""
    assert len(Facts(text).tokens) >= 0


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_lets_pass_what_says_the_same(rule: str) -> None:
    from assistant.facts import Ground

    for text in (VISIT, JOINED, EXPO, AID, DENIED, CLAIMED, LET_IN, FALL, LONG):
        assert RULES[rule](Facts(text), Ground(Facts(text), Facts(""))) is None
