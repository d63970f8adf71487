"""Categories in Django's admin. Posts and pages have screens of their own (`content.admin_urls`)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from content.admin_queries import category_tree
from content.forms import CategoryForm
from content.menu import forget_menus
from content.models import Category, PostCategory


class TreeChangeList(ChangeList):
    """Rows in tree order: the database sorts by column, a tree is sorted by place."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        place = {category.pk: (index, category.depth) for index, category in enumerate(category_tree())}
        self.result_list = sorted(self.result_list, key=lambda each: place.get(each.pk, (0, 0))[0])
        for category in self.result_list:
            category.depth = place.get(category.pk, (0, 0))[1]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """The tree with a form to add beside it, as in WordPress. Nothing in use can be deleted."""

    form = CategoryForm
    list_display = ("indented", "slug", "medical_specialty", "reviewed", "professional", "used")
    list_display_links = ("indented",)
    list_per_page = 500
    list_max_show_all = 500
    show_full_result_count = False
    search_fields = ("name", "slug")
    actions = None
    change_list_template = "admin/content/category/change_list.html"

    @admin.display(description=_("Name"))
    def indented(self, category: Category) -> SafeString:
        """The name behind one dash per level."""
        return format_html("{}{}", "— " * getattr(category, "depth", 0), category.name)

    @admin.display(description=_("Texts"))
    def used(self, category: Category) -> int:
        """Published texts; publishing keeps the number."""
        return category.count or 0

    @admin.display(description=_("Review"), boolean=True)
    def reviewed(self, category: Category) -> bool:
        return bool(category.compliance_required)

    @admin.display(description=_("Professional"), boolean=True)
    def professional(self, category: Category) -> bool:
        return bool(category.crm_validation_required)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The parent without the icons that open Django's pop-up windows."""
        if db_field.name == "parent":
            return self.formfield_for_foreignkey(db_field, request, **kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).order_by("name")

    def get_form(self, request: HttpRequest, obj: Category | None = None, **kwargs: Any) -> type[CategoryForm]:
        """The form with the tree in it, read once per request."""
        form = super().get_form(request, obj, **kwargs)
        tree = category_tree()

        class TreeForm(form):
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, categories=tree, **options)

        return TreeForm

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": _("Categories"), "add_form": self.get_form(request)(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Somebody took the name or slug since it was checked: checked again, the form says so and keeps the rest."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return super().changeform_view(request, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No column is searched by address."""
        return False

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        """Save the form's columns only: the count belongs to publishing."""
        obj.level = (obj.parent.level or 0) + 1 if obj.parent else 0
        if change:
            obj.save(update_fields=[*form.Meta.fields, "level", "updated_at"])
        else:
            obj.save()
        forget_menus()

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        super().delete_model(request, obj)
        forget_menus()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """What is in use is protected: terms of published texts cannot change behind their approval."""
        objs = list(objs)
        in_use = PostCategory.objects.filter(category__in=objs).count()
        children = list(Category.objects.filter(parent__in=objs))
        protected = [str(_("%(count)s texts in this category") % {"count": in_use})] if in_use else []
        protected += [str(child) for child in children]
        return [str(each) for each in objs], {str(Category._meta.verbose_name_plural): len(objs)}, set(), protected
