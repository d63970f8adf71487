"""Questions about texts. Answers come from `compliance.policy`; no queries here except where a docstring says so."""

from typing import Any

from compliance.policy import Decision, Resource, decide, has_capability
from compliance.workflow import DESK
from content.enums import PostStatus
from content.models import Post


def resource_for(
    post: Post, *, granted: bool = False, stage: str | None = None, actor: Any = None, reason: str = ""
) -> Resource:
    """The policy's view of a post. `stage` is its open run's: reviewers are assigned by stage."""
    assigned = bool(actor and stage and getattr(actor, "role", None) in DESK.get(stage, frozenset()))
    return Resource(
        level=post.compliance_level,
        author_id=post.author_id,
        published=post.status == PostStatus.PUBLISHED,
        granted=granted,
        assigned=assigned,
        reason=reason,
    )


def read_decision(actor: Any, post: Post, *, stage: str | None = None, reason: str = "") -> Decision:
    """May the actor read the text? One query for the grant, only where the level asks for one."""
    closed = post.compliance_level in ("restricted", "phi", None)
    granted = bool(closed and getattr(actor, "is_authenticated", False) and is_granted(actor, post))
    return decide(actor, "read", resource_for(post, granted=granted, stage=stage, actor=actor, reason=reason))


def is_granted(actor: Any, post: Post) -> bool:
    """Is the actor named in the post's grant list (django-guardian, `view_post`)? One query."""
    return post.grants.filter(user_id=actor.pk, permission__codename="view_post").exists()


def can_edit(actor: Any, post: Post) -> bool:
    """May the actor change the text at all? The stage may still freeze it (`content.services.revisions`)."""
    return decide(actor, "edit", resource_for(post)).allowed


def can_publish(actor: Any, post: Post) -> bool:
    """May the actor publish an approved text: an own one, or anybody's?"""
    own = post.author_id == getattr(actor, "pk", None)
    return has_capability(actor, "post.publish_own" if own else "post.publish_others") or has_capability(
        actor, "post.publish_others"
    )


def can_trash(actor: Any, post: Post) -> bool:
    """Own texts by who may write them, others' by editors and administrators."""
    own = post.author_id == getattr(actor, "pk", None)
    return has_capability(actor, "post.write_own" if own else "post.trash_others")


def can_withdraw(actor: Any, post: Post) -> bool:
    """Take an approval back."""
    return has_capability(actor, "post.withdraw")
