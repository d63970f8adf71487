"""Refusals: an act that the rules do not allow, said in the user's language with what to do next."""

import re

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

# Codes of sign() and withdraw() (HC002) and of the gate (HC001); tests compare codes, people read messages.
MESSAGES = {
    "HC001": _("Not published: exactly this wording has not been approved. Submit it for review first."),
    "HC001:live_child": _("The text is live, so its fields and terms cannot change. Edit a working copy instead."),
    "HC003": _("Nothing was changed, because the audit trail could not be written. Try again in a moment."),
    "no_actor": _("Your account could not be confirmed. Sign in again."),
    "role": _("Your role does not allow this step. Ask somebody with the right role."),
    "registry": _(
        "Your professional registry is missing or its validation is older than 12 months."
        " Ask the compliance officer to validate it."
    ),
    "stage": _("The text is not at the stage that this step needs. Reload the page to see where it stands."),
    "stale": _("The text has changed since it was submitted. Reload the page and review the new wording."),
    "author": _("Nobody approves a text of their own. Ask a colleague."),
    "saved": _(
        "You have edited this text since its last approval,"
        " so somebody else has to decide on its findings and claims and approve it."
    ),
    "already_signed": _("This wording already has this signature. A second person has to sign."),
    "findings": _("There are open blocking findings. Fix or close them first."),
    "checks": _("The automatic checks are not about this wording. Run them again and look at the result first."),
    "lgpd": _("There is open personal data in the text. Remove it, or close each finding with a reason, first."),
    "warnings": _("There are open warnings. Close each of them with a reason first."),
    "finding": _("This finding is no longer there. Reload the page to see the newest result."),
    "finding_status": _("This finding cannot be closed that way now. Reload the page to see how it stands."),
    "taken": _("A colleague has this text. Ask for it, or assign it."),
    "assignee": _("This person cannot work on the text at this stage: the role does not fit, or they wrote it."),
    "priority": _("Choose one of the priorities."),
    "plan": _("Give the due date as a date and choose a priority."),
    "note": _("Write the note, in at most 2,000 characters."),
    "anchor": _("The passage is no longer there. Select it again in the newest wording."),
    "note_thread": _("This note is no longer there. Reload the page."),
    "consent": _("Consent does not make this kind of data publishable. Remove it from the text, or ask for a waiver."),
    "second_person": _("A waiver takes two people. Ask another officer to confirm it."),
    "claim": _("This claim is no longer there. Reload the page to see the newest result."),
    "claim_decided": _("This claim has been decided. Only the medical reviewer changes its references now."),
    "claim_status": _("A claim is validated, rejected, or no claim. Choose one of the three."),
    "references": _("Only works of the text's own list of references can be linked. Add the work to the list first."),
    "reference": _("A claim is validated on evidence. Link at least one reference with a valid identifier first."),
    "retracted": _("One of these works has been retracted. Take it away or choose another one, or reject the claim."),
    "level": _("Choose an evidence level that the scale has."),
    "weak": _(
        "Texts about infections and vaccines need evidence of level 3 or better."
        " Choose stronger references, or reject the claim."
    ),
    "claims": _("There are claims without a validated reference. Link evidence or reject the claim first."),
    "long": _("A reason has at most 2,000 characters. Shorten it; nothing you typed is lost."),
    "statement": _("Write what your signature means, or the reason, in at least ten characters."),
    "medical": _("The text is classified as medical, so it cannot be declared non-medical."),
    "nothing_signed": _("Nothing has been signed yet, so there is nothing to withdraw."),
    "not_found": _("The text was not found."),
    "incomplete": _("The text is incomplete: %(missing)s."),
    "frozen": _("The text is in review, so it cannot be edited. Ask the reviewer to send it back."),
    "trashed": _("The text is in the trash. Restore it first."),
    "own": _("You may only change your own texts."),
    "live_schedule": _("The text is already published. Publish the new wording now, or unpublish it first."),
    "resolved": _("Somebody has already resolved this. Reload the list."),
    "unknown_person": _("Nobody with the e-mail %(email)s works in this organization. Check the address."),
    "running": _("This is running already. Reload the page to see how far it is."),
    "confirm": _("Tick the box to confirm that you have read the text and its media."),
    "slug": _("The permalink “%(slug)s” is already used by another text. Try “%(suggestion)s”."),
    "slug_taken": _("The permalink has just been taken by another text. Choose another one and save again."),
    "costly": _("The text has more mark-up than can be read safely. Split it, or paste it without formatting."),
    "reference_syntax": _(
        "“%(text)s” is not an identifier."
        " Give a PMID, PMCID, DOI, trial number, SciELO or LILACS number, ISBN or web address."
    ),
    "reference_taken": _("The library has this work already: %(title)s."),
    "lookup_off": _("Online look-up is switched off for this organization. An administrator can switch it on."),
    "lookup_type": _("Only a PMID or a DOI can be looked up online."),
    "lookup_recent": _("The register answered less than 30 days ago, so it is not asked again yet."),
    "references_many": _("The text has more than %(number)s references. Split it, or leave some out."),
    "reference_same": _("These are the same entry. Choose another one to merge."),
    "reference_cited": _("Texts cite this work, so it stays in the library. Merge it with another entry instead."),
    "text": _("The text contains a character that cannot be stored (NUL). Remove it and save again."),
}


class Refused(Exception):
    """An act was refused. `code` is stable; `str()` is the sentence for the user."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code)

    def __str__(self) -> str:
        message = str(MESSAGES.get(self.code, MESSAGES["HC001"]))
        return message % self.params if self.params else message


def refusal_from(error: DatabaseError) -> Refused | None:
    """The refusal that a database error stands for; None when it is another error."""
    text = str(error)
    if "HC001" in text:
        return Refused("HC001:live_child" if "of a live post cannot change" in text else "HC001")
    if match := re.search(r"HC002: (\w+)", text):
        return Refused(match.group(1))
    if "HC003" in text:
        return Refused("HC003")
    # PostgreSQL names the key, SQLite its columns.
    if re.search(r"(posts|published_pages)(_slug_tenant_id_index|\.slug)", text):
        return Refused("slug_taken")
    return None
