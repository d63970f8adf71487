"""Who may enter the admin, where everybody else is sent, and what the frame of every page shows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import User
from content.forms import CategoryForm
from content.models import Category

pytestmark = pytest.mark.django_db


def test_visitor_is_sent_to_sign_in(client_for: Callable[..., Client], aurora: Any) -> None:
    response = client_for().get("/admin/content/post/?tab=draft")

    assert response.status_code == 302
    assert response.url == f"{reverse('accounts:sign_in')}?next=/admin/content/post/%3Ftab%3Ddraft"


def test_login_page_of_django_is_ours(client_for: Callable[..., Client], aurora: Any) -> None:
    response = client_for().get("/admin/login/")

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("key", ["subscriber", "professional"])
def test_readers_get_403(client_for: Callable[..., Client], cast: dict[str, User], key: str) -> None:
    assert client_for(cast[key]).get("/admin/").status_code == 403


@pytest.mark.parametrize("key", ["administrator", "compliance_officer", "dpo", "medical_reviewer"])
def test_missing_second_factor_is_asked_for(
    client_for: Callable[..., Client], cast: dict[str, User], key: str
) -> None:
    response = client_for(cast[key], verified=False).get("/admin/")

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:second_factor"))


@pytest.mark.parametrize(
    "key", ["administrator", "editor", "author", "contributor", "medical_reviewer", "compliance_officer", "dpo"]
)
def test_staff_see_the_dashboard(client_for: Callable[..., Client], cast: dict[str, User], key: str) -> None:
    response = client_for(cast[key]).get("/admin/")

    assert response.status_code == 200
    assert response.context["dashboard"]["glance"]


def test_platform_has_no_texts(client_for: Callable[..., Client], platform_admin: User) -> None:
    client = client_for(platform_admin, host="localhost")

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/content/post/").status_code == 404
    assert client.get("/admin/content/post/add/").status_code == 404


def _menu(client: Client) -> list[str]:
    return [entry["url"] for entry in client.get("/admin/").context["admin_menu"]]


def test_menu_offers_what_the_role_may_open(client_for: Callable[..., Client], cast: dict[str, User]) -> None:
    contributor, administrator = _menu(client_for(cast["contributor"])), _menu(client_for(cast["administrator"]))

    assert "/admin/content/post/" in contributor
    assert "/admin/compliance/" not in contributor
    assert contributor[0] == administrator[0] == "/admin/"


@pytest.mark.parametrize("view", ["compliance_desk", "compliance_auditentry_changelist", "content_post_changelist"])
def test_one_entry_of_the_menu_is_open(client_for: Callable[..., Client], cast: dict[str, User], view: str) -> None:
    response = client_for(cast["compliance_officer"]).get(reverse(f"admin:{view}"))

    assert {entry["url"] for entry in response.context["admin_menu"] if entry["open"]} == {reverse(f"admin:{view}")}


def test_pages_carry_no_inline_script_or_style(client_for: Callable[..., Client], cast: dict[str, User]) -> None:
    client = client_for(cast["editor"])

    for url in ("/admin/", "/admin/content/post/", "/admin/content/post/add/", "/admin/content/category/"):
        html = client.get(url).content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert "<script>" not in html
        assert 'type="importmap"' not in html


def test_dashboard_queries(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        post_factory.submitted(title=f"Texto {number}")
    client = client_for(cast["editor"])
    client.get("/admin/")

    with django_assert_max_num_queries(12):
        response = client.get("/admin/")
    assert [row["stage"] for row in response.context["dashboard"]["waiting"]]


# --- Categories ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "status"), [("editor", 200), ("administrator", 200), ("author", 403), ("dpo", 403)])
def test_categories_are_for_editors(
    client_for: Callable[..., Client], cast: dict[str, User], key: str, status: int
) -> None:
    assert client_for(cast[key]).get("/admin/content/category/").status_code == status


def test_category_is_added_with_a_slug_and_level_and_not_logged_by_django(
    client_for: Callable[..., Client], cast: dict[str, User], act_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[Any] = []
    monkeypatch.setattr(LogEntry.objects, "log_actions", lambda *args, **kwargs: logged.append(args))
    client = client_for(cast["editor"])
    client.post("/admin/content/category/add/", {"name": "Diabetes & Cia"})
    with act_as(cast["editor"]):
        parent = Category.objects.get(slug="diabetes-cia")
    client.post("/admin/content/category/add/", {"name": "Sintomas", "parent": str(parent.pk)})

    with act_as(cast["editor"]):
        child = Category.objects.get(slug="sintomas")
        assert (child.parent_id, child.level) == (parent.pk, 1)
    assert logged == []


def test_category_names_repeat_under_other_parents_only(
    client_for: Callable[..., Client], cast: dict[str, User], act_as: Any
) -> None:
    client = client_for(cast["editor"])
    client.post("/admin/content/category/add/", {"name": "Asma"})
    client.post("/admin/content/category/add/", {"name": "Sintomas"})

    again = client.post("/admin/content/category/add/", {"name": "Sintomas", "slug": "sintomas-2"})
    with act_as(cast["editor"]):
        asthma = Category.objects.get(slug="asma")
    below = client.post(
        "/admin/content/category/add/", {"name": "Sintomas", "slug": "sintomas-asma", "parent": str(asthma.pk)}
    )

    assert "name" in again.context["adminform"].form.errors
    assert below.status_code == 302


def test_category_cannot_hang_below_itself(
    client_for: Callable[..., Client], cast: dict[str, User], act_as: Any
) -> None:
    with act_as(cast["editor"]):
        parent = Category.objects.create(name="Pai", slug="pai")
        child = Category.objects.create(name="Filha", slug="filha", parent=parent, level=1)

    response = client_for(cast["editor"]).post(
        f"/admin/content/category/{parent.pk}/change/", {"name": "Pai", "slug": "pai", "parent": str(child.pk)}
    )

    assert "parent" in response.context["adminform"].form.errors


def test_category_in_use_cannot_be_deleted(
    client_for: Callable[..., Client], cast: dict[str, User], act_as: Any, post_factory: Any
) -> None:
    with act_as(cast["editor"]):
        category = Category.objects.create(name="Asma", slug="asma")
    post_factory.draft(category_id=category.pk)

    client_for(cast["editor"]).post(f"/admin/content/category/{category.pk}/delete/", {"post": "yes"})

    with act_as(cast["editor"]):
        assert Category.objects.filter(pk=category.pk).exists()


def test_unused_category_is_deleted(client_for: Callable[..., Client], cast: dict[str, User], act_as: Any) -> None:
    with act_as(cast["editor"]):
        category = Category.objects.create(name="Asma", slug="asma")

    response = client_for(cast["editor"]).post(f"/admin/content/category/{category.pk}/delete/", {"post": "yes"})

    assert response.status_code == 302
    with act_as(cast["editor"]):
        assert not Category.objects.exists()


def test_djangos_history_page_is_gone(client_for: Callable[..., Client], cast: dict[str, User], act_as: Any) -> None:
    with act_as(cast["editor"]):
        category = Category.objects.create(name="Asma", slug="asma")
    client = client_for(cast["editor"])

    assert client.get(f"/admin/content/category/{category.pk}/change/").status_code == 200
    assert client.get(f"/admin/content/category/{category.pk}/history/").status_code == 404


@pytest.mark.parametrize(
    ("url", "target"),
    [("/admin/password_change/", "accounts:change_password"), ("/admin/content/", "admin:index")],
)
def test_pages_of_django_that_others_replace(
    client_for: Callable[..., Client], cast: dict[str, User], url: str, target: str
) -> None:
    response = client_for(cast["editor"]).get(url)

    assert (response.status_code, response.url) == (302, reverse(target))


def test_category_count_survives_an_edit(
    client_for: Callable[..., Client], cast: dict[str, User], act_as: Any
) -> None:
    with act_as(cast["editor"]):
        category = Category.objects.create(name="Asma", slug="asma", count=7)

    client_for(cast["editor"]).post(f"/admin/content/category/{category.pk}/change/", {"name": "Asma 2"})

    with act_as(cast["editor"]):
        assert list(Category.objects.values_list("name", "count")) == [("Asma 2", 7)]


def test_category_of_another_tenant_is_unknown(
    client_for: Callable[..., Client], cast: dict[str, User], other_cast: dict[str, User], act_as: Any
) -> None:
    with act_as(other_cast["editor"]):
        category = Category.objects.create(name="Alheia", slug="alheia")
    client = client_for(cast["editor"])

    theirs = client.get(f"/admin/content/category/{category.pk}/change/")
    nobodys = client.get("/admin/content/category/00000000-0000-4000-8000-00000000abcd/change/")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content.replace(str(category.pk).encode(), b"") == nobodys.content.replace(
        b"00000000-0000-4000-8000-00000000abcd", b""
    )


def test_category_taken_at_the_same_moment_is_said_in_the_form(
    client_for: Callable[..., Client], cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one appears between check and save."""
    client = client_for(cast["editor"])
    client.post("/admin/content/category/add/", {"name": "Asma"})
    real, calls = CategoryForm.is_valid, []

    def overtaken(form: CategoryForm) -> bool:
        calls.append(form)
        if len(calls) > 1:
            return real(form)
        form.instance.name = form.instance.slug = "asma"
        form.cleaned_data, form._errors = {"name": "asma", "slug": "asma"}, {}
        return True

    monkeypatch.setattr(CategoryForm, "is_valid", overtaken)
    response = client.post("/admin/content/category/add/", {"name": "Asma", "description": "Digitado."})

    assert response.status_code == 200
    assert "Digitado." in response.content.decode()
    assert len(calls) == 2


def test_no_column_of_categories_can_be_searched_by_address(
    client_for: Callable[..., Client], cast: dict[str, User]
) -> None:
    assert client_for(cast["editor"]).get("/admin/content/category/", {"name__contains": "a"}).status_code == 400


def test_django_s_view_on_site_is_no_address(client_for: Callable[..., Client], cast: dict[str, User]) -> None:
    assert client_for(cast["editor"]).get("/admin/r/1/1/").status_code == 404
