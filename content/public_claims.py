"""The evidence behind an article's sentences, as readers may open it."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.utils.html import strip_tags

from accounts.models import User
from compliance.enums import ClaimStatus
from compliance.models import WorkflowState
from content.models import Post, PostRevision


def validated_claims(post: Post, revision: PostRevision) -> list[dict[str, Any]]:
    """The accepted claims of the live text, as `published_pages.details` keeps them: places, level, works, validator.

    Two queries at most. The words stay in the text; offsets are those of exactly this wording, or nothing is kept.
    """
    run = (
        WorkflowState.objects.filter(content_id=post.pk, content_hash=revision.content_hash)
        .order_by("-created_at", "-id")
        .first()
    )
    if run is None or (run.compliance_validations or {}).get("content_hash") != revision.content_hash:
        return []
    accepted = [
        claim
        for claim in (run.medical_claims or {}).values()
        if claim.get("status") == ClaimStatus.VALIDATED and claim.get("validated") and claim.get("field") == "content"
    ]
    ids = {claim["validated_by"] for claim in accepted}
    users = User.objects.select_related("profile").filter(pk__in=ids) if ids else []
    names = {str(user.pk): user.display_name for user in users}
    return [
        {
            "start": claim["start"],
            "end": claim["end"],
            "level": claim.get("evidence_level") or "",
            "scale": claim.get("evidence_scale") or "",
            "references": claim.get("references", []),
            "validator": names.get(claim["validated_by"], ""),
            "registry": claim.get("validator_registry") or "",
            "at": claim.get("validated_at") or "",
        }
        for claim in sorted(accepted, key=lambda claim: claim["end"])
    ]


def sentence_of(html: str, claim: dict[str, Any]) -> str:
    """The claim's words, read from the text that is shown."""
    return " ".join(unescape(strip_tags(html[claim["start"] : claim["end"]])).split())
