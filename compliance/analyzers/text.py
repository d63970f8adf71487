"""What people see of an article, as plain text whose every character knows where it came from.

Three views, all with offsets: the source (HTML or plain), the normalised text (NFC, one kind of blank, hyphen and digit,
no invisible characters) and the folded text (lower case, no accents), the last two of equal length.
The HTML reader is our own scanner and not ``html.parser``: the library is quadratic on some malformed input.
"""

from __future__ import annotations

import html
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from . import concepts, scan

BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol option p pre section summary table tbody td tfoot th "
    "thead title tr ul video audio iframe".split()
)
SKIPPED_TAGS = frozenset({"script", "style", "template"})
SHORT = 4  # sentences: a longer text is an article, in which a wrong alarm has more chances
MAX_ATTRIBUTES = 4000  # characters of one tag that are searched for attributes

_ENTITY = scan.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?")
_TAG_NAME = scan.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,30})")
_ATTRIBUTE = scan.compile(
    r"""\s(alt|title|href|src|aria-label|data-caption)\s{0,5}=\s{0,5}(?:"([^"]{0,256})|'([^']{0,256})|([^\s"'>]{1,256}))""",
    0,
)
HAS_ENTITIES = scan.compile(r"&(?:nbsp|amp|quot|lt|gt|ccedil|[aeiou](?:acute|tilde|circ|grave)|#\d{2,5});")
LOOKS_LIKE_HTML = scan.compile(r"</[a-zA-Z][a-zA-Z0-9]{0,10}\s?>|<(?:br|hr|img|p|div|li|h[1-6])(?:\s|/|>)")


@dataclass(frozen=True)
class Attribute:
    """Text of the article that is not in the flow: alt texts, titles, addresses of links."""

    name: str
    tag: str
    value: str
    start: int
    end: int


@dataclass
class Extracted:
    """Plain text of HTML; ``origin[i]`` is the offset in the HTML of character ``i``."""

    text: str
    origin: Sequence[int]
    source_length: int
    attributes: list[Attribute] = field(default_factory=list)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        if start >= len(self.text):
            return self.source_length, self.source_length
        last = self.origin[min(end, len(self.text)) - 1]
        return self.origin[start], max(self.origin[start], last) + 1


class _Builder:
    def __init__(self) -> None:
        self.chars: list[str] = []
        self.origin: list[int] = []
        self.pending = ""
        self.in_pre = 0

    def text(self, value: str, offset: int, *, step: int = 1) -> None:
        for index, char in enumerate(value):
            if char in " \t\r\n\f" and not self.in_pre:
                if not self.pending:
                    self.pending = " "
                    self.pending_at = offset + index * step
                continue
            self._flush(offset + index * step)
            self.chars.append(char)
            self.origin.append(offset + index * step)

    def line(self, offset: int) -> None:
        if self.pending != "\n\n":
            self.pending, self.pending_at = "\n", offset

    def block(self, offset: int) -> None:
        self.pending, self.pending_at = "\n\n", offset

    def _flush(self, offset: int) -> None:
        if self.pending and self.chars:
            self.chars.extend(self.pending)
            self.origin.extend([min(self.pending_at, offset)] * len(self.pending))
        self.pending = ""


def _tag_end(source: str, start: int) -> int:
    """Offset after the ``>`` that closes the tag at ``start``; -1 without one. A quoted ``>`` does not close."""
    position = start + 1
    while True:
        close = source.find(">", position)
        if close < 0:
            return -1
        segment = source[position:close]
        scan.tick(len(segment))
        quote = _open_quote(segment)
        if not quote:
            return close + 1
        after = source.find(quote, close)
        if after < 0:
            return close + 1
        position = after + 1


def _open_quote(segment: str) -> str:
    quote = ""
    for char in segment:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
    return quote


def extract(source: str) -> Extracted:
    """Text of an HTML fragment in reading order: blocks become paragraphs, ``<br>`` a line break, entities characters."""
    out, attributes = _Builder(), []
    position, closable, comment_end, length = 0, True, True, len(source)
    while position < length:
        stop = _next_special(source, position)
        if stop > position:
            scan.tick(stop - position)
            out.text(source[position:stop], position)
            position = stop
            continue
        if source[position] == "&":
            entity = _ENTITY.match(source, position)
            raw = entity.group() if entity else "&"
            out.text(html.unescape(raw) if entity else raw, position, step=0)
            position += len(raw)
            continue
        if source.startswith("<!--", position) and comment_end:
            end = source.find("-->", position)
            comment_end = end >= 0
            position = end + 3 if end >= 0 else position + 4
            continue
        tag = _TAG_NAME.match(source, position)
        declaration = source.startswith(("<!", "<?"), position)
        end = _tag_end(source, position) if closable and (tag or declaration) else -1
        if end < 0:
            closable = closable and not (tag or declaration)
            out.text("<", position)
            position += 1
            continue
        if tag:
            name = tag.group(2).lower()
            attributes += _attributes(source, name, position, end)
            _structure(out, name, closing=bool(tag.group(1)), offset=position)
            if name in SKIPPED_TAGS and not tag.group(1):
                close = source.find(f"</{name}", end)
                end = close if close >= 0 else length
        position = end
    return Extracted("".join(out.chars), out.origin, length, attributes)


def _next_special(source: str, position: int) -> int:
    for index in range(position, len(source)):
        if source[index] in "<&":
            return index
    return len(source)


def _structure(out: _Builder, name: str, *, closing: bool, offset: int) -> None:
    if name == "br":
        out.line(offset)
    elif name in BLOCK_TAGS:
        out.block(offset)
    if name == "pre":
        out.in_pre = max(0, out.in_pre + (-1 if closing else 1))


def _attributes(source: str, tag: str, start: int, end: int) -> list[Attribute]:
    found = []
    for match in _ATTRIBUTE.finditer(source, start, min(end, start + MAX_ATTRIBUTES)):
        group = next(g for g in (2, 3, 4) if match.group(g) is not None)
        value = html.unescape(match.group(group))
        found.append(Attribute(match.group(1), tag, value, match.start(group), match.end(group)))
    return found


# ---------------------------------------------------------------------------------------------------------------------

_HYPHENS = "‐‑‒–−﹘﹣－⁃"
_HOMOGLYPHS = dict(
    zip("АВЕКМНОРСТУХаеорсухіјѕԁɡАΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXaeopcyxijsdgAABEZHIKMNOPTYXo", strict=True)
)
_DROPPED_CATEGORIES = frozenset({"Cf", "Mn", "Me", "Cs"})


class _Table(dict):
    """Character to character for ``str.translate``; always exactly one character out."""

    def __missing__(self, code: int) -> str:
        char = self.convert(chr(code))
        self[code] = char
        return char

    def convert(self, char: str) -> str:
        raise NotImplementedError


class _Normal(_Table):
    def convert(self, char: str) -> str:
        if char in "\n":
            return char
        if char in "\r\v\f\x85\u2028\u2029":
            return "\n"
        if char in _HYPHENS:
            return "-"
        if char in _HOMOGLYPHS:
            return _HOMOGLYPHS[char]
        category = unicodedata.category(char)
        if category in ("Zs", "Cc"):
            return " "
        if category == "Nd" or ("\u2460" <= char <= "\u24ff" and unicodedata.digit(char, None) is not None):
            return str(unicodedata.digit(char))
        if "\uff01" <= char <= "\uff5e" or category in ("Lu", "Ll"):
            plain = unicodedata.normalize("NFKC", char)
            return plain if len(plain) == 1 else char
        return char


class _Folded(_Table):
    def convert(self, char: str) -> str:
        if char in "“”„«»″":
            return '"'
        if char in "‘’´`":
            return "'"
        base = unicodedata.normalize("NFD", char)[0].lower()
        return base if len(base) == 1 else char


_NORMAL, _FOLDED = _Normal(), _Folded()
_NEEDS_CARE = scan.compile(
    "[\u0000\u00ad\u0300-\u036f\u180e\u1ab0-\u1aff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U000e0000-\U000e01ef\ud800-\udfff]"
)


def fold(text: str) -> str:
    return text.translate(_FOLDED)


@dataclass
class Normalised:
    """``text`` and ``fold`` have the same length; ``origin`` maps both to the text that was given."""

    text: str
    fold: str
    origin: Sequence[int]
    source_length: int

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        if start >= len(self.text):
            return self.source_length, self.source_length
        # What is invisible or a combining mark belongs to the character before it.
        return self.origin[start], self.origin[end] if end < len(self.text) else self.source_length


def normalise(text: str) -> Normalised:
    """Bring lookalikes to one form without losing where each character came from."""
    scan.tick(len(text))
    if _NEEDS_CARE.search(text) is None:
        plain = text.translate(_NORMAL)
        return Normalised(plain, plain.translate(_FOLDED), range(len(text)), len(text))
    chars: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        if char == "\x00":
            continue
        category = unicodedata.category(char) if char > "\x7f" else ""
        if category == "Mn" and chars and char not in "\ufe0e\ufe0f":
            composed = unicodedata.normalize("NFC", chars[-1] + char)
            if len(composed) == 1:
                chars[-1] = composed
            continue
        if category in _DROPPED_CATEGORIES:
            continue
        chars.append(_NORMAL[ord(char)])
        origin.append(index)
    plain = "".join(chars)
    return Normalised(plain, plain.translate(_FOLDED), origin, len(text))


# ---------------------------------------------------------------------------------------------------------------------

_ABBREVIATIONS = frozenset(
    "dr dra drs sr sra srs srta d prof profa profs al ex vs fig figs art arts reg av r tab vol pag pags no n num nro tel cel "
    "obs ref refs cap ed eds inc incl aprox apt apto bl jr mr mrs ms st e.g i.e eg ie approx dept univ hosp resp p pp cf ca "
    "lot enf farm fisiot psic nutr gen col rua trav est pca ltda cia ph.d m.d p.ex".split()
)
_LETTER_NOUNS = frozenset(
    "vitamina vitaminas hepatite hepatites tipo grupo influenza classe proteina plano vitamin hepatitis type group class grau "
    "fator fase serie nivel fatores and e ou or apendice figura tabela fig anexo quadro".split()
)
# The mark of a reference after the stop belongs to the sentence: "… com cardite.[1] O uso …".
_TERMINATOR = scan.compile(
    r"[.!?…]{1,12}[\"'”’»)\]]{0,3}(?:\[\d{1,3}(?:[,–-]\s?\d{1,3}){0,5}\]|[¹²³⁰⁴-⁹]{1,4})?(?=\s|$)|\n"
)
_OPENERS = "\"'“‘«([•-—–*¿¡"


def _ends_sentence(text: str, folded: str, dot: int, end: int) -> bool:
    """Whether the terminator at ``dot``..``end`` really closes a sentence (domain 3.1)."""
    following = end
    while following < len(text) and text[following] in " \t":
        following += 1
        if following - end > 8:
            break
    if following >= len(text) or text[following] == "\n":
        return True
    first = text[following]
    if not (first.isupper() or first.isdigit() or first in _OPENERS or (not first.isascii() and not first.islower())):
        return text[dot] in "!?" and first in "¿¡"
    if text[dot] != "." or text[dot : dot + 2] == "..":
        return True
    start = dot
    while start > 0 and dot - start < 24 and not folded[start - 1].isspace() and folded[start - 1] not in "([\"'":
        start -= 1
    word = folded[start:dot]
    if len(word) == 1 and word.isalpha() and text[start].isupper():
        before = folded[max(0, start - 16) : start].split()
        return bool(before) and before[-1] in _LETTER_NOUNS
    if word in _ABBREVIATIONS or word.endswith((".ex", ".al")):
        # "p. ex." and "n. 5" go on; "… e outros 12 p." at the end of a paragraph was handled above.
        return False
    # Initials such as "M.A.S. Silva" go on.
    return not (word[-2:-1] == "." and word[-1:].isalpha() and text[dot - 1].isupper())


def sentences(normal: Normalised) -> list[tuple[int, int]]:
    """Spans of the sentences, without the blanks around them. A line break always ends one."""
    text, folded, spans, start = normal.text, normal.fold, [], 0
    for match in _TERMINATOR.finditer(text):
        if match.group() == "\n":
            _append_trimmed(text, start, match.start(), spans)
            start = match.end()
        elif _ends_sentence(text, folded, match.start(), match.end()):
            _append_trimmed(text, start, match.end(), spans)
            start = match.end()
    _append_trimmed(text, start, len(text), spans)
    return spans


def _append_trimmed(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    while start < end and (text[start].isspace() or text[start] in "•*"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


_PARAGRAPH_BREAK = scan.compile(r"\n[ \t]{0,64}\n")


@dataclass
class View:
    """One text prepared for every analyzer: normal and folded form, sentences, paragraphs."""

    normal: Normalised
    lang: str = "pt"

    @property
    def text(self) -> str:
        return self.normal.text

    @property
    def fold(self) -> str:
        return self.normal.fold

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        return sentences(self.normal)

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def paragraphs(self) -> list[tuple[int, int]]:
        spans, start = [], 0
        for match in _PARAGRAPH_BREAK.finditer(self.text):
            spans.append((start, match.start()))
            start = match.end()
        spans.append((start, len(self.text)))
        return spans

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [start for start, _ in self.paragraphs]

    @cached_property
    def tokens(self) -> list[concepts.Token]:
        """Every word with what it is about."""
        return concepts.tokens(self.fold)

    def sentence_index(self, position: int) -> int:
        return max(0, bisect_right(self._sentence_starts, position) - 1)

    def sentence_at(self, position: int) -> tuple[int, int]:
        return self.sentences[self.sentence_index(position)] if self.sentences else (0, 0)

    def paragraph_at(self, position: int) -> tuple[int, int]:
        return self.paragraphs[max(0, bisect_right(self._paragraph_starts, position) - 1)]

    def sentence_window(self, position: int) -> tuple[int, int]:
        """The sentence; of one without end (hostile input) the blocks around the position."""
        return _blocks(*self.sentence_at(position), position, SENTENCE_BLOCK)

    def paragraph_window(self, position: int) -> tuple[int, int]:
        return _blocks(*self.paragraph_at(position), position, PARAGRAPH_BLOCK)

    @cached_property
    def _known(self) -> dict[tuple[scan.Pattern, int, int], bool]:
        return {}

    def contains(self, pattern: scan.Pattern, window: tuple[int, int]) -> bool:
        """Whether a cue is in the window. Remembered, so that many candidates in one sentence cost one search."""
        key = (pattern, *window)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = pattern.search(self.fold, *window) is not None
        return known


SENTENCE_BLOCK, PARAGRAPH_BLOCK = 400, 1500


def _blocks(start: int, end: int, position: int, size: int) -> tuple[int, int]:
    if end - start <= 3 * size:
        return start, end
    first = start + (max(start, min(position, end)) - start) // size * size
    return max(start, first - size), min(end, first + 2 * size)


def view(text: str, lang: str = "pt") -> View:
    return View(normalise(text), "en" if lang.lower().startswith("en") else "pt")
