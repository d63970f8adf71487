"""Addresses of posts and pages in the admin, under `/admin/content/`. Names follow Django's: `content_post_change`."""

from django.contrib import admin
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from content.enums import PostType
from content.views import analyze, editor, post_list, preview, references
from content.views import revisions as history

guard = admin.site.admin_view


def _urls(kind: str) -> list[URLPattern]:
    """The same screens for posts and for pages."""
    name = f"content_{kind}_"
    one = f"{kind}/<uuid:post_id>/"
    of_kind = {"post_type": kind}
    return [
        path(f"{kind}/", guard(post_list.post_list), of_kind, name=f"{name}changelist"),
        path(f"{kind}/add/", guard(editor.add), of_kind, name=f"{name}add"),
        path(f"{kind}/analyze/", guard(analyze.analyze_new), of_kind, name=f"{name}analyze_new"),
        path(f"{kind}/bulk/", guard(post_list.bulk), of_kind, name=f"{name}bulk"),
        path(one, RedirectView.as_view(pattern_name=f"admin:{name}change")),
        path(f"{one}change/", guard(editor.change), of_kind, name=f"{name}change"),
        path(f"{one}analyze/", guard(analyze.analyze_post), of_kind, name=f"{name}analyze"),
        path(f"{one}delete/", guard(post_list.trash), of_kind, name=f"{name}delete"),
        path(f"{one}restore/", guard(post_list.restore), of_kind, name=f"{name}restore"),
        path(f"{one}unpublish/", guard(post_list.unpublish), of_kind, name=f"{name}unpublish"),
        path(f"{one}preview/", guard(preview.preview), of_kind, name=f"{name}preview"),
        path(f"{one}reason/", guard(preview.give_reason), of_kind, name=f"{name}reason"),
        path(f"{one}history/", guard(history.history), of_kind, name=f"{name}history"),
        path(f"{one}history/compare/", guard(history.compare), of_kind, name=f"{name}compare"),
        path(f"{one}history/<int:number>/restore/", guard(history.restore), of_kind, name=f"{name}revert"),
    ]


_reference = "references/<uuid:reference_id>/"
REFERENCES = [
    path("references/", guard(references.reference_list), name="content_reference_changelist"),
    path("references/add/", guard(references.add), name="content_reference_add"),
    path("references/import/", guard(references.import_), name="content_reference_import"),
    path("references/search/", guard(references.search), name="content_reference_search"),
    path("references/quick-add/", guard(references.quick_add), name="content_reference_quick_add"),
    path(_reference, guard(references.detail), name="content_reference_detail"),
    path(f"{_reference}change/", guard(references.change), name="content_reference_change"),
    path(f"{_reference}retract/", guard(references.retract), name="content_reference_retract"),
    path(f"{_reference}look-up/", guard(references.look_up), name="content_reference_look_up"),
    path(f"{_reference}merge/", guard(references.merge), name="content_reference_merge"),
    path(f"{_reference}delete/", guard(references.delete), name="content_reference_delete"),
]
urlpatterns = [*_urls(PostType.POST.value), *_urls(PostType.PAGE.value), *REFERENCES]
