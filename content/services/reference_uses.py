"""Which texts cite which identifiers: kept when a wording is saved and when it goes live or leaves the site."""

from __future__ import annotations

from collections.abc import Iterable

from content.markers import LONGEST, keys_of
from content.models import Post, ReferenceUse


def keep_uses(post: Post, references: Iterable[str], *, live: bool) -> None:
    """Make the rows equal to `references`, the list of the newest wording or (`live`) of the one on the site."""
    wanted = {key[:LONGEST] for entry in references for key in keys_of(entry)}
    have = set(ReferenceUse.objects.filter(post=post, live=live).values_list("identifier", flat=True))
    if have - wanted:
        ReferenceUse.objects.filter(post=post, live=live, identifier__in=have - wanted).delete()
    ReferenceUse.objects.bulk_create(
        ReferenceUse(post=post, identifier=identifier, live=live) for identifier in sorted(wanted - have)
    )
