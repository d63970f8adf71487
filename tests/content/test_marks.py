"""Marks placed by source offsets: the text and its mark-up stay as they were, whatever the HTML looks like."""

import random
import re
from html.parser import HTMLParser

import pytest

from content.marks import DEEPEST, Span, mark_html, mark_text
from content.sanitize import clean_html

LINK = '<a class="flag" href="#x">1</a>'
NASTY = [
    "<p>Um <strong>texto</strong> com <em>vários <b>níveis</b></em> e &amp; entidades &lt;script&gt; &#39;x&#39;.</p>",
    '<ul><li>um</li>\n<li>dois <a href="/x/" title="a > b &amp; c">três</a></li>\n</ul><p>fim</p>',
    '<table><tbody>\n<tr>\n<td>a</td> <td>b <sup data-ref="PMID:1">[1]</sup></td>\n</tr>\n</tbody></table>',
    '<p>João<br>Silva <img src="/m/1.png" alt="João Silva &quot;x&quot;"> 😀 e\u0301 \u202eabc</p><hr>'
    "<pre>  a\n b</pre>",
    "<p>a < b && c > d &notanentity; &copy; <<<>>> <p><b>sem fim <i>aberto",
    '<p>x</p><blockquote cite="https://a.example/"><p>y<sup>2</sup></p></blockquote>texto solto',
    "<h2>Título</h2><p></p><p> </p><ol start='3'><li><p>z</p></li></ol>",
    "",
    "só texto",
]
VOID = {"br", "hr", "img"}


class Nesting(HTMLParser):
    """Fails on a tag that closes another one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.marked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "a":
            assert "a" not in self.open
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "mark" in self.open:
            self.marked.append(data)
            inner = self.open[self.open.index("mark") :]
            assert set(inner) == {"mark"}

    handle_entityref = handle_charref = lambda self, _name: None


def without_marks(html: str) -> str:
    return re.sub(r'<mark[^>]*>|</mark>|<span id="[^"]*" data-for="[^"]*"></span>', "", html.replace(LINK, ""))


@pytest.mark.parametrize("source", NASTY)
@pytest.mark.parametrize("seed", range(8))
def test_any_spans_leave_the_html_whole(source: str, seed: int) -> None:
    html = clean_html(source)
    dice = random.Random(seed)
    spans = []
    for number in range(dice.randrange(1, 30)):
        start = dice.randrange(-2, len(html) + 3)
        spans.append(Span(start, start + dice.randrange(0, 25), str(number), f"f-{number}", "m", LINK))

    marked = mark_html(html, spans)

    assert without_marks(marked.html) == html
    parser = Nesting()
    parser.feed(marked.html)
    assert parser.open == []
    ids = re.findall(r'id="(f-\d+)"', marked.html)
    assert sorted(ids) == sorted(marked.anchors)
    assert len(ids) == len(set(ids))


def test_a_span_is_marked_where_it_is() -> None:
    html = "<p>Um <strong>texto</strong> simples.</p>"
    start = html.index("texto")

    marked = mark_html(html, [Span(start, start + 5, "k", "f-k", "m", LINK)])

    mark = f'<mark id="f-k" class="m" data-for="k">texto</mark>{LINK}'
    assert marked.html == f"<p>Um <strong>{mark}</strong> simples.</p>"
    assert marked.anchors == {"f-k"}


def test_a_span_over_tags_becomes_pieces_with_one_id() -> None:
    html = "<p>a <b>b</b> c</p>\n<p>d</p>"

    marked = mark_html(html, [Span(html.index("a"), html.index("d") + 1, "k", "f-k", "m")])

    m = '<mark class="m" data-for="k">'
    assert marked.html == (
        f'<p><mark id="f-k" class="m" data-for="k">a </mark><b>{m}b</mark></b>{m} c</mark></p>\n<p>{m}d</mark></p>'
    )


def test_overlapping_spans_nest_inside_each_piece() -> None:
    marked = mark_html("abcdef", [Span(0, 4, "x", "f-x", "x"), Span(2, 6, "y", "f-y", "y")])

    assert marked.html == (
        '<mark id="f-x" class="x" data-for="x">ab</mark>'
        '<mark class="x" data-for="x"><mark id="f-y" class="y" data-for="y">cd</mark></mark>'
        '<mark class="y" data-for="y">ef</mark>'
    )


def test_an_entity_is_marked_whole() -> None:
    html = "<p>R&amp;D</p>"
    start = html.index("&") + 1  # inside the entity, as the engine's offsets of one character are

    marked = mark_html(html, [Span(start, start + 1, "k", "", "m")])

    assert marked.html == '<p>R<mark class="m" data-for="k">&amp;</mark>D</p>'


def test_a_link_waits_until_a_link_or_a_number_has_ended() -> None:
    html = '<p><a href="/x/">um link</a> e 30%.<sup data-ref="PMID:1">[1]</sup></p>'

    marked = mark_html(
        html,
        [Span(html.index("um"), html.index("um") + 2, "k", "", "m", LINK), Span(55, html.index("]") + 1, after=LINK)],
    )

    assert f"um</mark> link</a>{LINK}" in marked.html
    assert f"[1]</sup>{LINK}</p>" in marked.html


def test_what_is_found_in_an_alt_text_stands_behind_the_image() -> None:
    html = '<p><img src="/m/1.png" alt="João Silva"></p>'

    marked = mark_html(html, [Span(html.index("João"), html.index('">'), "k", "f-k", "m", LINK)])

    assert marked.html == f'{html[:-4]}<span id="f-k" data-for="k"></span>{LINK}</p>'


def test_blank_space_of_a_table_takes_no_mark() -> None:
    html = "<table><tbody>\n<tr><td>a</td>\n<td>b</td></tr>\n</tbody></table>"

    marked = mark_html(html, [Span(0, len(html), "k", "", "m", LINK)])

    assert f'\n<td><mark class="m" data-for="k">b</mark>{LINK}</td>' in marked.html
    assert marked.html.count("<mark") == 2


def test_plain_text_is_escaped() -> None:
    marked = mark_text("a <b> & c\nd", [Span(2, 5, "k", "f-k", "m", LINK)])

    assert marked.html == (f'a <mark id="f-k" class="m" data-for="k">&lt;b&gt;</mark>{LINK} &amp; c<br>d')


def test_hostile_keys_are_escaped() -> None:
    marked = mark_text("abc", [Span(0, 1, '"><script>', '"><script>', '"><script>')])

    assert "<script>" not in marked.html


def test_many_spans_in_one_place_all_have_an_anchor() -> None:
    marked = mark_html("<p>abcdefgh</p>", [Span(3, 4 + n % 5, str(n), f"f-{n}", "m") for n in range(20)])

    assert len(marked.anchors) == 20
    assert without_marks(marked.html) == "<p>abcdefgh</p>"
    assert max(len(each) for each in re.findall(r"(?:<mark[^>]*>)+", marked.html)) < 60 * DEEPEST


def test_the_work_grows_with_the_text_and_its_spans() -> None:
    """Spans over everything and spans of a word: what is written stays proportional to their number."""

    def written(paragraphs: int) -> int:
        html = "<p>uma frase com <b>seis</b> palavras</p>" * paragraphs
        long = [Span(n, len(html) - n, f"l{n}", f"f-l{n}", "m", LINK) for n in range(paragraphs)]
        short = [Span(n * 40 + 5, n * 40 + 9, f"s{n}", f"f-s{n}", "m", LINK) for n in range(paragraphs)]
        return len(mark_html(html, long + short).html)

    small, large = written(100), written(1000)

    assert large < 11 * small
