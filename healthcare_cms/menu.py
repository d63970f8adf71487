"""The admin's side menu: WordPress's order, only what the signed-in person may open."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.policy import has_capability


@dataclass(frozen=True)
class Item:
    """One line of the menu. It is shown when the capability is held and the address exists."""

    label: str | Promise
    view: str
    icon: str = ""
    capability: str | None = None
    children: tuple["Item", ...] = field(default=())


MENU = (
    Item(_("Dashboard"), "admin:index", "dashboard"),
    Item(
        _("Posts"),
        "admin:content_post_changelist",
        "post",
        "admin.enter",
        (
            Item(_("All posts"), "admin:content_post_changelist", capability="admin.enter"),
            Item(_("Add new"), "admin:content_post_add", capability="post.write_own"),
            Item(_("Categories"), "admin:content_category_changelist", capability="category.manage"),
            Item(_("References"), "admin:content_reference_changelist", capability="admin.enter"),
            Item(_("My submissions"), "admin:review_mine", capability="post.write_own"),
        ),
    ),
    Item(_("Media"), "admin:media_library_media_changelist", "media", "media.upload"),
    Item(
        _("Pages"),
        "admin:content_page_changelist",
        "page",
        "admin.enter",
        (
            Item(_("All pages"), "admin:content_page_changelist", capability="admin.enter"),
            Item(pgettext_lazy("page", "Add new"), "admin:content_page_add", capability="post.write_own"),
        ),
    ),
    Item(
        _("Review desk"),
        "admin:compliance_desk",
        "review",
        "review.desk",
        (
            Item(_("Texts in review"), "admin:compliance_desk", capability="review.desk"),
            Item(_("Mentions"), "admin:compliance_mentions", capability="admin.enter"),
            Item(_("Reviews that are due"), "admin:compliance_reviews", capability="post.list_others"),
        ),
    ),
    Item(
        _("After publication"),
        "admin:compliance_attention",
        "page",
        "report.view",
        (
            Item(_("Waivers to confirm"), "admin:compliance_waivers", capability="review.confirm_waiver"),
            Item(_("To-dos"), "admin:compliance_attention", capability="report.view"),
            Item(_("Check of all live texts"), "admin:compliance_recheck", capability="report.view"),
            Item(_("Overview"), "admin:compliance_overview", capability="report.view"),
        ),
    ),
    Item(_("Audit trail"), "admin:compliance_auditentry_changelist", "audit", "audit.view"),
    Item(_("Users"), "admin:accounts_user_changelist", "users", "registry.validate"),
    Item(
        _("Settings"),
        "admin:tenant_settings",
        "settings",
        "settings.manage",
        (
            Item(_("Organization"), "admin:tenant_settings", capability="settings.manage"),
            Item(_("Background jobs"), "admin:background_jobs", capability="settings.manage"),
        ),
    ),
    Item(_("Profile"), "accounts:profile", "profile", "admin.enter"),
)


def build_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu for the person and the page of `request`. On the platform nothing of a tenant is offered."""
    if request.site.is_platform:
        return [entry for entry in [_entry(MENU[0], request)] if entry]
    entries = [entry for item in MENU if (entry := _entry(item, request))]
    # The review desk's address begins that of the audit trail: only the nearest entry is open.
    nearest = max((entry for entry in entries if entry["open"]), key=lambda entry: len(entry["url"]), default=None)
    for entry in entries:
        entry["open"] = entry is nearest
    return entries


def _entry(item: Item, request: HttpRequest) -> dict[str, Any] | None:
    if item.capability and not has_capability(request.user, item.capability):
        return None
    try:
        url = reverse(item.view)
    except NoReverseMatch:  # the screen is not installed
        return None
    children = [child for part in item.children if (child := _entry(part, request))]
    here = request.path == url
    inside = here if item.view == "admin:index" else request.path.startswith(url)
    return {
        "label": item.label,
        "url": url,
        "icon": item.icon,
        "here": here and not children,
        "open": inside or any(request.path.startswith(child["url"]) for child in children),
        "children": children,
    }
