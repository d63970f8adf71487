"""Who may read a restricted or PHI text: named people, one by one (django-guardian, `view_post`)."""

from __future__ import annotations

from typing import Any

from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from compliance.errors import Refused
from compliance.policy import has_capability
from content.models import Post
from content.services.publishing import refusals

PERMISSION = "view_post"


def readers(post: Post) -> list[User]:
    """The people named, by name."""
    people = User.objects.select_related("profile").filter(
        postuserpermission__content_object=post, postuserpermission__permission__codename=PERMISSION, deleted_at=None
    )
    return sorted(people, key=lambda user: user.display_name)


def name_reader(post: Post, *, email: str, actor: Any) -> User:
    """Let a person of the same organization read the post. Raises Refused ('role', 'unknown_person')."""
    with refusals():
        _refuse_actor(actor)
        user = User.objects.filter(email=email.strip().lower(), deleted_at=None).first()
        if user is None:
            raise Refused("unknown_person", email=email.strip())
        assign_perm(PERMISSION, user, post)
        return user


def forget_reader(post: Post, *, user: User, actor: Any) -> None:
    """End a person's right to read the post, from the next request on."""
    with refusals():
        _refuse_actor(actor)
        remove_perm(PERMISSION, user, post)


def _refuse_actor(actor: Any) -> None:
    if not has_capability(actor, "post.grant"):
        raise Refused("role")
