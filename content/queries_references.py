"""What stands in the library of references, and who cites it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from compliance.enums import WorkflowStage
from compliance.models import WorkflowState
from content.citations import address_of, link_of, structured, vancouver
from content.enums import PostStatus
from content.markers import keys_of
from content.models import Post, Reference, ReferenceUse

LIVE = (PostStatus.PUBLISHED, PostStatus.SCHEDULED)
AT_ONCE = 100  # identifiers per query


def folded(text: str) -> str:
    """Small letters without accents: what is searched, and where."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("\x00", " "))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def by_identifiers(identifiers: Iterable[str]) -> dict[str, Reference]:
    """Identifier in small letters → work, whichever of its identifiers is asked for."""
    wanted = [each for each in dict.fromkeys(identifiers) if "\x00" not in each]  # PostgreSQL has no text for NUL
    found: dict[str, Reference] = {}
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        for item in Reference.objects.filter(identifier__in=part):
            found |= dict.fromkeys((each.lower() for each in item.identifiers), item)
        missing = [each for each in part if each.lower() not in found]
        if missing:
            condition = Q()
            for each in missing:
                condition |= Q(search_text__contains=folded(each))  # holds every identifier
            for item in Reference.objects.filter(condition).exclude(other_identifiers=[]):
                for each in item.identifiers:
                    found.setdefault(each.lower(), item)
    return {each.lower(): found[each.lower()] for each in wanted if each.lower() in found}


def entries(references: list[str]) -> list[dict[str, Any]]:
    """The reference list of a text as `published_pages.details` keeps it: what readers see of each line.

    `text` is empty where the library does not know the work; the line then stands as it was written.
    """
    keys = {entry: keys_of(entry) for entry in references}
    known = by_identifiers(key for several in keys.values() for key in several)
    return [
        entry_of(entry, next((known[key.lower()] for key in keys[entry] if key.lower() in known), None))
        for entry in references
    ]


def entry_of(entry: str, item: Reference | None) -> dict[str, Any]:
    """One line of the list."""
    if item is None or not item.title:
        retracted = bool(item and item.is_retracted)
        return {"id": entry, "text": "", "url": link_of(entry), "retracted": retracted, "note": "", "data": None}
    return {
        "id": entry,
        "text": vancouver(item),
        "url": address_of(item),
        "retracted": item.is_retracted,
        "note": item.retraction_note if item.is_retracted else "",
        "data": structured(item),
    }


def library(*, search: str = "", type_: str = "", retracted: bool = False) -> QuerySet[Reference]:
    """Works that hold every word of `search`, newest first."""
    items = Reference.objects.all()
    for word in folded(search).split()[:10]:
        items = items.filter(search_text__contains=word)
    if type_:
        items = items.filter(type=type_)
    return items.exclude(retracted_at=None) if retracted else items


def use_counts(items: Iterable[Reference]) -> dict[Any, int]:
    """Work's id → number of texts that cite it, in their newest wording or on the site. One query."""
    owner = {identifier: item.pk for item in items for identifier in item.identifiers}
    pairs = (
        ReferenceUse.objects.filter(identifier__in=list(owner), post__deleted_at=None)
        .values_list("identifier", "post_id")
        .distinct()
    )
    return Counter(pk for pk, _post in {(owner[identifier], post) for identifier, post in pairs})


def uses_of(item: Reference) -> list[dict[str, Any]]:
    """The texts that cite the work, each with `draft` (newest wording) and `live` (on the site)."""
    found: dict[Any, set[bool]] = {}
    for post_id, live in ReferenceUse.objects.filter(identifier__in=item.identifiers).values_list("post_id", "live"):
        found.setdefault(post_id, set()).add(live)
    posts = (
        Post.objects.filter(pk__in=found, deleted_at=None).select_related("author__profile").order_by("title", "pk")
    )
    return [
        {"post": post, "live": True in found[post.pk] and post.status in LIVE, "draft": False in found[post.pk]}
        for post in posts
    ]


def live_posts_citing(item: Reference) -> list[Post]:
    """Texts on the site, or scheduled for it, whose approved wording cites the work."""
    uses = ReferenceUse.objects.filter(identifier__in=item.identifiers, live=True).values("post_id")
    return list(Post.objects.filter(pk__in=uses, status__in=LIVE, deleted_at=None).order_by("pk"))


def approved_posts_citing(item: Reference) -> list[Post]:
    """Texts whose approved wording cites the work and that are not on the site yet."""
    approved = _posts_in_draft(item)
    runs = WorkflowState.objects.filter(content_id__in=[post.pk for post in approved])
    stages: dict[Any, set[str]] = {}
    for content_id, stage in runs.values_list("content_id", "current_stage"):
        stages.setdefault(content_id, set()).add(stage)
    return [post for post in approved if stages.get(post.pk) == {WorkflowStage.APPROVED.value}]


def posts_in_review_citing(item: Reference) -> list[Post]:
    """Texts whose newest wording cites the work while a run is open."""
    ids = ReferenceUse.objects.filter(identifier__in=item.identifiers, live=False).values("post_id")
    runs = WorkflowState.objects.filter(content_id__in=ids).exclude(current_stage=WorkflowStage.APPROVED)
    return list(Post.objects.filter(pk__in=runs.values("content_id"), deleted_at=None).order_by("pk"))


def _posts_in_draft(item: Reference) -> list[Post]:
    uses = ReferenceUse.objects.filter(identifier__in=item.identifiers, live=False).values("post_id")
    posts = Post.objects.filter(pk__in=uses, deleted_at=None).exclude(status__in=LIVE)
    return list(posts.order_by("pk"))


def duplicates_of(item: Reference) -> list[Reference]:
    """Works of the same title under another identifier: candidates for a merge."""
    title = folded(item.title)
    if len(title) < 8:
        return []
    others = Reference.objects.filter(search_text__startswith=f"{title}\n").exclude(pk=item.pk)
    return list(others[:10])


def search_text_of(item: Reference) -> str:
    """The title in the first line, so that equal titles are found by it; then names, journal, year, identifiers."""
    names = [
        author.get("literal") or f"{author.get('family', '')} {author.get('given', '')}" for author in item.authors
    ]
    rest = [*names, item.container, str(item.year or ""), *item.identifiers]
    return "\n".join([folded(item.title), folded(" ".join(rest))])
