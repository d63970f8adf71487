"""Runs the recognisers over the fields of an article and settles what is what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import findings, lexicon, scan
from ..text import View
from . import contact, dates, numbers, people
from .candidate import Candidate
from .context import Context
from .types import TYPES

VERSION = "1.4.0"


@dataclass
class Segment:
    """One field of the article, prepared. ``kind``: text, alt (descriptions of media) or file (names of files)."""

    field: str
    view: View
    kind: str = "text"


@dataclass
class PhiHit:
    """A distinct value with every place it stands: field, start and end in the normalised text of that field."""

    type: str
    confidence: float
    value: str
    places: list[tuple[str, int, int]] = field(default_factory=list)
    sample: str = ""
    health_link: bool = False
    minor: bool = False

    @property
    def severity(self) -> str:
        return TYPES[self.type].severity


def detect(segments: list[Segment]) -> list[PhiHit]:
    """Personal data in all fields: one hit per distinct value, in reading order of the first mention."""
    hits: dict[tuple[str, str], PhiHit] = {}
    for segment in segments:
        found = in_text(segment.view) if segment.kind == "text" else [*in_text(segment.view), *_photo(segment)]
        for candidate in found:
            _merge(hits, segment, candidate)
    return list(hits.values())


def in_text(view: View) -> list[Candidate]:
    """Candidates of one text after overlaps are resolved, in reading order."""
    ctx = Context(view)
    found = [*numbers.find(ctx), *contact.find(ctx), *dates.find(ctx), *people.find(ctx)]
    kept = resolve(found)
    persons = [c for c in kept if c.type == "person_name" or TYPES[c.type].severity == "S4"]
    if persons:
        kept += people.icd_codes(ctx, persons)
    return sorted(kept, key=lambda c: c.start)


def resolve(candidates: list[Candidate]) -> list[Candidate]:
    """Overlaps: the higher confidence stays, then the nearer label, then the longer match."""
    order = sorted(candidates, key=lambda c: (-c.confidence, c.label, c.start - c.end, c.start))
    taken: dict[int, None] = {}
    kept = []
    for candidate in order:
        cells = range(candidate.start, candidate.end)
        scan.tick(len(cells))
        if any(cell in taken for cell in cells):
            continue
        taken.update(dict.fromkeys(cells))
        kept.append(candidate)
    return sorted(kept, key=lambda c: c.start)


def _merge(hits: dict[tuple[str, str], PhiHit], segment: Segment, candidate: Candidate) -> None:
    key = (candidate.type, candidate.value)
    hit = hits.get(key)
    if hit is None:
        hit = hits[key] = PhiHit(
            candidate.type, candidate.confidence, candidate.value, sample=sample(segment.view, candidate)
        )
    hit.confidence = max(hit.confidence, candidate.confidence)
    hit.places += [(segment.field, candidate.start, candidate.end)]
    hit.places += [(segment.field, start, end) for start, end in candidate.repeats]
    if candidate.end > candidate.start:
        window = segment.view.paragraph_window(candidate.start)
        hit.health_link = hit.health_link or any(
            segment.view.contains(pattern, window) for pattern in (lexicon.HEALTH_TERMS, lexicon.ICD_CODE)
        )
        hit.minor = hit.minor or _minor(segment.view, window)


def _minor(view: View, window: tuple[int, int]) -> bool:
    if view.contains(lexicon.MINOR_TERMS, window):
        return True
    return view.contains(lexicon.AGE, window) and any(
        int(m.group(1)) < 18 for m in lexicon.AGE.finditer(view.fold, *window)
    )


def sample(view: View, candidate: Candidate) -> str:
    """The masked sample of a candidate: enough to recognise it beside the text, not enough to identify a person."""
    raw = view.text[candidate.start : candidate.end]
    if candidate.type == "person_name":
        return findings.mask_words(raw)
    if candidate.type in ("birth_date", "care_date"):
        return findings.mask_digits(raw, keep=4) if raw[-1:].isdigit() else findings.mask_digits(raw, keep=0)
    if candidate.type == "email":
        local, _, domain = raw.partition("@")
        return local[:1] + "***@" + findings.mask_digits(domain, keep=0)
    if candidate.type in ("address", "social_url", "initials"):
        return raw[:1] + findings.mask_digits(raw[1:], keep=0)
    if candidate.type in ("age_over_89", "icd10"):
        return findings.mask_digits(raw, keep=0)
    return findings.mask_digits(raw)


_PHOTO_CUE = scan.compile(
    r"(?<![a-z])(?:paciente|patient|pct|antes[ _-]{1,3}e[ _-]{1,3}depois|before[ _-]{1,3}(?:and[ _-]{1,3})?after|rosto d[aeo]|face of|prontuario|retrato d[aeo])(?![a-z])"
)
_NOT_PHOTO = scan.compile(
    r"ilustra|desenho|icone|logo|banner|grafico|fluxograma|illustration|drawing|icon|chart|diagram|seguranca do paciente|patient[ _-]safety|direitos"
)


def _photo(segment: Segment) -> Iterator[Candidate]:
    """A media item whose name or description says that it shows a patient. It has no span."""
    fold = segment.view.fold
    if _PHOTO_CUE.search(fold) and not _NOT_PHOTO.search(fold):
        yield Candidate("photo", 0, 0, 0.85, fold[:200])
