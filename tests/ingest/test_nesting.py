"""HTML that would keep a parser busy for minutes is told by its tags, however they are written."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from ingest import nesting
from ingest.formats.limits import MAX_HTML_DEPTH, MAX_HTML_ELEMENTS
from ingest.nesting import check_nesting
from ingest.page import UnreadablePage

TOO_DEEP = "its elements are nested more than 5,000 deep"


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        ("", "<div>"),
        # In HTML the slash closes nothing, nor does a tag of another name.
        ("", "<div/>"),
        ("", "<div></x>"),
        ("", "<div></p>"),
        ("", "<li><dd>"),
        ("", "<b><div></b>"),
        # Closed in what is no tag.
        ("", '<div a="</div>">'),
        ("", "<div><!--</div>-->"),
        ("", "<div><!x</div>"),
        ("", "<div><?</div>"),
        ("", "<div><![CDATA[</div>]]>"),
        ("", "<div><textarea></div></textarea>"),
        ("", "<div><script></div></script>"),
        # Opened in what looks like no tag.
        ("", '<div ">'),
        ("", "<!--><div>"),
        ("<select><xmp></select>", "<div/>"),
        ("<svg><title>", "<div/>"),
        # A drawing that is over, or holds HTML again.
        ("<svg>", "<div/>"),
        ("<svg></svg>", "<section/>"),
        ("<svg/>", "<div/>"),
        ("<svg><div></div>", "<section/>"),
        ("<svg><foreignObject>", "<section/>"),
        ("<math><mi>", "<section/>"),
    ],
)
def test_deep_nesting_is_refused_however_it_is_written(before: str, repeated: str) -> None:
    with pytest.raises(UnreadablePage, match=TOO_DEEP):
        check_nesting(f"<html><body>{before}{repeated * 6_000}")


@pytest.mark.parametrize(
    "repeated",
    [
        "<div class='x > y'><p>They met.<br/></div >",
        "<li>Busan",
        "<tr><td>Busan<td>Seoul",
        "<ul><li>Busan</ul>",
        "<svg viewBox='0 0 1 1'><path d='M0 0'/><circle r=1/></svg>",
        "<script>if (a < b) write('<div>' + c + '</div>')</script>",
        "<DIV>They met.</DIV>",
        "<option>Busan",
        "<dt>Where<dd>Busan",
    ],
)
def test_any_number_of_elements_beside_each_other_are_no_nesting(repeated: str) -> None:
    check_nesting(f"<html><body>{repeated * 6_000}")


def test_more_elements_than_any_release_has_are_refused_however_they_stand() -> None:
    with pytest.raises(UnreadablePage, match="it holds more than 100,000 elements"):
        check_nesting("<i></i>" * (MAX_HTML_ELEMENTS + 1))


@pytest.mark.parametrize("broken", ["<a <a ", "<a ='", "<a =\"'<", "<script", "<script>", "<!--", "<!--<script>"])
def test_a_broken_page_is_gone_over_once(broken: str) -> None:
    """A pattern that began anew at each place would take hours."""
    began = time.process_time()
    with suppress(UnreadablePage):
        check_nesting(broken * 300_000)

    assert time.process_time() - began < 20


_TAGS = st.sampled_from(
    "<div> </div> <div/> <b> </b> <a> </a> <p> </p> <li> <dd> </li> <ul> </ul> <table> </table> <td> <svg> </svg> <path/> "
    "<section/> <section> </section> <foreignObject> <title> </title> <script> </script> <!-- --> <![CDATA[ ]]> <select> "
    "</select> <option> <button> </button> <math> <mi> </math> <template> </template> <span> </span> x".split()
)


def parsed_depth(text: str) -> int:
    """How deeply the real parser nests what is no paragraph, item or part of a table."""
    body = LexborHTMLParser(text).body
    deepest, waiting = 0, [(body, 0)] if body else []
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        child = node.child
        while child:
            waiting.append((child, depth + (child.tag not in "p li dt dd tr td th tbody option -text".split())))
            child = child.next
    return deepest


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(_TAGS, max_size=12))
def test_no_mixture_of_tags_is_taken_for_shallower_than_the_parser_makes_it(tags: list[str]) -> None:
    """Repeated fifty times, what the parser nests is nested for the count, too."""
    text = "".join(tags) * 50
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nesting, "MAX_HTML_DEPTH", 40)
        try:
            check_nesting(text)
        except UnreadablePage:
            return
    assert parsed_depth(f"<html><body>{text}") <= 40


def test_the_limit_is_far_above_what_pages_have() -> None:
    assert MAX_HTML_DEPTH >= 1_000
