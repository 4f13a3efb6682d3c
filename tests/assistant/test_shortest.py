import pytest

from assistant.question import understand
from assistant.shortest import shortest

JOINED = "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."
AID = "The government has decided to provide Venezuela with USD 5 million in humanitarian assistance through partners."
LASTED = "The ministers had a meeting in Busan for around two hours from 10:40 a.m. to 12:40 p.m. on that Sunday."


@pytest.mark.parametrize(
    ("question", "text", "pointed", "words"),
    [
        # The reader may point at the other date; the words before each tell which one is asked for.
        ("When did China join the Apostille Convention?", JOINED, "November 7", "March 2023"),
        ("When did it enter into force?", JOINED, "March 2023", "November 7"),
        # A part of a date stands for all of it.
        ("In what year did China join the Apostille Convention?", JOINED, "2023", "March 2023"),
        ("How long did they talk?", LASTED, "around two hours", "around two hours"),
        ("How many per cent is that?", "The share of the young rose to 37 percent within the last years.", "37", "37 percent"),
        ("Who succeeds him?", "The post will be taken over by Song In-chang in the coming month.", "by Song In-chang", "Song In-chang"),
    ],
)  # fmt: skip
def test_the_date_the_number_or_the_name_stands_out(question: str, text: str, pointed: str, words: str) -> None:
    start = text.index(pointed)

    found = shortest(understand(question), text, (start, start + len(pointed)))

    assert found is not None
    assert text[slice(*found)] == words


@pytest.mark.parametrize(
    ("question", "text", "pointed"),
    [
        ("Why did China join?", JOINED, "in March 2023"),
        ("When did Korea sign the treaty?", JOINED, "March 2023"),
        (
            "When did it enter into force?",
            "On November 7 it entered into force, after China joined it in March 2023.",
            "On November 7",
        ),
        ("When did they meet?", "The ministers of both sides met for the first time in March 2023.", "The ministers"),
        # Of several names the reader may point at the wrong one.
        ("Who spoke?", "Park Jin and his colleague Wang Yi spoke in the city of Busan for hours.", "Park Jin"),
        ("Who is it?", "It is Foreign Minister Park.", "Foreign Minister Park"),
        ("When?", "On 3 May 2022.", "3 May 2022"),
    ],
)
def test_nothing_stands_out_where_that_would_be_a_guess(question: str, text: str, pointed: str) -> None:
    start = text.index(pointed)

    assert shortest(understand(question), text, (start, start + len(pointed))) is None
