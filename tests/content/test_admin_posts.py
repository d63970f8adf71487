"""The list of posts: what is shown to whom, filters, row and bulk actions; the same row of refusals for every view."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from content.enums import PostStatus
from content.models import Category, Post

pytestmark = pytest.mark.django_db

LIST = "/admin/content/post/"
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
ABSENT = uuid.UUID("00000000-0000-4000-8000-00000000abcd")
# Views of one text: name, method, may the author, an editor, a contributor who is not the author?
ONE_TEXT = ["change", "history", "compare", "preview"]
ACTS = ["delete", "restore", "unpublish"]


def _url(name: str, post_id: uuid.UUID, kind: str = "post") -> str:
    return reverse(f"admin:content_{kind}_{name}", args=[post_id])


def _titles(response: Any) -> list[str]:
    return sorted(row["title"] for row in response.context["rows"])


def _neutral(content: bytes, *ids: uuid.UUID) -> bytes:
    for each in ids:
        content = content.replace(str(each).encode(), b"ID")
    return content


# --- The row of refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ONE_TEXT)
def test_author_opens_own_text(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, name: str
) -> None:
    post = post_factory.draft()

    response = client_for(cast["author"]).get(_url(name, post.pk))

    assert response.status_code == 200


@pytest.mark.parametrize("name", [*ONE_TEXT, *ACTS, "reason"])
def test_another_tenants_text_is_as_absent_as_a_random_id(
    client_for: Callable[..., Client], cast: dict[str, User], other_post_factory: Any, name: str
) -> None:
    foreign = other_post_factory.draft()
    client = client_for(cast["editor"])
    send = client.post if name in (*ACTS, "reason") else client.get

    theirs, nobodys = send(_url(name, foreign.pk)), send(_url(name, ABSENT))

    assert theirs.status_code == nobodys.status_code == 404
    assert _neutral(theirs.content, foreign.pk) == _neutral(nobodys.content, ABSENT)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("change", "contributor"),
        ("change", "administrator"),
        ("change", "dpo"),
        ("preview", "dpo"),
        ("history", "dpo"),
        ("delete", "contributor"),
        ("delete", "medical_reviewer"),
        ("restore", "author"),
        ("unpublish", "contributor"),
    ],
)
def test_without_the_right_403(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, name: str, key: str
) -> None:
    post = post_factory.draft(author="editor")
    client = client_for(cast[key])

    response = (client.post if name in ACTS else client.get)(_url(name, post.pk))

    assert response.status_code == 403


@pytest.mark.parametrize("name", [*ONE_TEXT, *ACTS, "reason"])
def test_visitor_is_sent_to_sign_in(client_for: Callable[..., Client], post_factory: Any, name: str) -> None:
    post = post_factory.draft()
    client = client_for()

    response = (client.post if name in (*ACTS, "reason") else client.get)(_url(name, post.pk))

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("name", [*ACTS, "reason"])
def test_acts_refuse_get(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, name: str
) -> None:
    post = post_factory.draft()

    assert client_for(cast["editor"]).get(_url(name, post.pk)).status_code == 405


def test_acts_need_the_forms_token(
    cast: dict[str, User], post_factory: Any, client_for: Callable[..., Client]
) -> None:
    post = post_factory.draft()
    signed_in = client_for(cast["editor"])
    client = Client(HTTP_HOST="aurora.localhost", enforce_csrf_checks=True)
    client.cookies = signed_in.cookies

    assert client.post(_url("delete", post.pk)).status_code == 403


def test_page_is_not_found_among_posts(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    page = post_factory.draft(post_type="page")
    client = client_for(cast["editor"])

    assert client.get(_url("change", page.pk)).status_code == 404
    assert client.get(_url("change", page.pk, "page")).status_code == 200


# --- Who sees which titles -------------------------------------------------------------------------------------------


def test_authors_see_their_own_and_editors_all(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, other_post_factory: Any
) -> None:
    post_factory.draft(title="Do autor")
    post_factory.draft(title="Do colaborador", author="contributor")
    other_post_factory.draft(title="De outra clínica")

    assert _titles(client_for(cast["author"]).get(LIST)) == ["Do autor"]
    assert _titles(client_for(cast["contributor"]).get(LIST)) == ["Do colaborador"]
    for key in ("editor", "medical_reviewer", "compliance_officer", "administrator"):
        assert _titles(client_for(cast[key]).get(LIST)) == ["Do autor", "Do colaborador"]
    assert _titles(client_for(cast["dpo"]).get(LIST)) == []


@pytest.mark.parametrize("level", ["restricted", "phi"])
def test_closed_levels_show_to_author_and_officer_only(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, level: str
) -> None:
    post = post_factory.draft(title="Fechado", compliance_level=level)

    assert _titles(client_for(cast["author"]).get(LIST)) == ["Fechado"]
    rows = client_for(cast["compliance_officer"]).get(LIST).context["rows"]
    assert [row["post"].pk for row in rows] == [post.pk]
    assert _titles(client_for(cast["editor"]).get(LIST)) == []
    assert _titles(client_for(cast["administrator"]).get(LIST)) == []


def test_title_of_patient_data_is_shown_and_searched_for_its_author_only(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    post_factory.draft(title="Caso de Fulana", compliance_level="phi")
    officer = client_for(cast["compliance_officer"])

    assert "Fulana" not in officer.get(LIST).content.decode()
    assert "Fulana" not in officer.get("/admin/").content.decode()
    assert _titles(officer.get(f"{LIST}?s=Fulana")) == []
    assert _titles(client_for(cast["author"]).get(f"{LIST}?s=Fulana")) == ["Caso de Fulana"]


def test_restricted_text_shows_to_reviewers_while_it_is_on_their_desk(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    post_factory.submitted(title="Fechado", compliance_level="restricted")

    assert _titles(client_for(cast["editor"]).get(LIST)) == ["Fechado"]
    assert _titles(client_for(cast["medical_reviewer"]).get(LIST)) == []


def test_counts_do_not_tell_of_closed_texts(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    post_factory.draft(title="Fechado", compliance_level="phi")
    post_factory.draft(title="Aberto")

    counts = {each["tab"].key: each["count"] for each in client_for(cast["editor"]).get(LIST).context["tabs"]}

    assert counts == {"all": 1, "draft": 1}


# --- Tabs, filters, order --------------------------------------------------------------------------------------------


@pytest.fixture
def several(post_factory: Any, act_as: Any, cast: dict[str, User]) -> dict[str, Post]:
    """One text in each state."""
    with act_as(cast["editor"]):
        category = Category.objects.create(name="Asma", slug="asma")
    return {
        "draft": post_factory.draft(title="Rascunho da asma", category_id=category.pk),
        "submitted": post_factory.submitted(title="Em revisão"),
        "approved": post_factory.approved(title="Aprovado"),
        "published": post_factory.published(title="Publicado", compliance_level="professional"),
    }


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Aprovado", "Em revisão", "Publicado", "Rascunho da asma"]),
        ("tab=published", ["Publicado"]),
        ("tab=pending", ["Aprovado", "Em revisão"]),
        ("tab=draft", ["Rascunho da asma"]),
        ("tab=mine", []),
        ("tab=trash", []),
        ("tab=nonsense", ["Aprovado", "Em revisão", "Publicado", "Rascunho da asma"]),
        ("s=ASMA", ["Rascunho da asma"]),
        ("s=%25", []),
        ("stage=S.2.1", ["Em revisão"]),
        ("stage=approved", ["Aprovado", "Publicado"]),
        ("stage=nonsense", ["Aprovado", "Em revisão", "Publicado", "Rascunho da asma"]),
        ("level=professional", ["Publicado"]),
        ("month=1999-13", ["Aprovado", "Em revisão", "Publicado", "Rascunho da asma"]),
        ("category=nonsense&p=99", ["Aprovado", "Em revisão", "Publicado", "Rascunho da asma"]),
    ],
)
def test_tabs_and_filters(
    client_for: Callable[..., Client], cast: dict[str, User], several: Any, query: str, titles: list[str]
) -> None:
    assert _titles(client_for(cast["editor"]).get(f"{LIST}?{query}")) == titles


def test_category_and_month_filters(client_for: Callable[..., Client], cast: dict[str, User], several: Any) -> None:
    client = client_for(cast["editor"])
    form = client.get(LIST).context["form"]
    month = form.fields["month"].choices[1][0]
    category = form.fields["category"].choices[1][0]

    assert _titles(client.get(f"{LIST}?category={category}")) == ["Rascunho da asma"]
    assert len(_titles(client.get(f"{LIST}?month={month}"))) == 4


def test_order_by_title(client_for: Callable[..., Client], cast: dict[str, User], several: Any) -> None:
    client = client_for(cast["editor"])

    rows = client.get(f"{LIST}?o=title").context["rows"]
    turned = client.get(f"{LIST}?o=-title").context["rows"]

    assert [row["title"] for row in rows] == ["Aprovado", "Em revisão", "Publicado", "Rascunho da asma"]
    assert [row["title"] for row in turned] == [row["title"] for row in reversed(rows)]


def test_twenty_per_page(client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any) -> None:
    for number in range(21):
        post_factory.draft(title=f"Texto {number}")
    client = client_for(cast["editor"])

    assert len(client.get(LIST).context["rows"]) == 20
    assert len(client.get(f"{LIST}?p=2").context["rows"]) == 1


def test_working_copy_is_marked(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    from content.services import revisions

    post = post_factory.published()
    client = client_for(cast["editor"])
    assert [row["working_copy"] for row in client.get(LIST).context["rows"]] == [False]

    with act_as(cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"content": "<p>Outro texto.</p>"})

    assert [row["working_copy"] for row in client.get(LIST).context["rows"]] == [True]


def test_list_needs_few_queries_and_no_bodies(
    client_for: Callable[..., Client],
    cast: dict[str, User],
    post_factory: Any,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(5):
        post_factory.submitted(title=f"Texto {number}")
    client = client_for(cast["editor"])
    client.get(LIST)

    with django_assert_max_num_queries(12) as plain:
        client.get(LIST)
    with django_assert_max_num_queries(12):
        client.get(f"{LIST}?s=texto&stage=S.2.1&level=public&o=title")

    from_posts = [query["sql"] for query in plain.captured_queries if 'FROM "posts"' in query["sql"]]
    assert from_posts
    assert not any('"posts"."content"' in sql for sql in from_posts)


@pytest.mark.parametrize("name", ["list", "change", "history", "preview", "dashboard"])
def test_hostile_titles_stay_text(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, name: str
) -> None:
    post = post_factory.draft(title=HOSTILE, excerpt=HOSTILE, custom_fields={HOSTILE[:90]: HOSTILE})
    urls = {"list": LIST, "dashboard": "/admin/"}

    html = client_for(cast["author"]).get(urls.get(name) or _url(name, post.pk)).content.decode()

    assert "<script>alert(" not in html
    assert "<img src=x" not in html
    assert "alert(&#x27;x&#x27;)" in html or "alert('x')" in html


# --- Trash, restore, bulk --------------------------------------------------------------------------------------------


def test_trash_offers_undo_and_undo_restores(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    post = post_factory.draft(title="Texto", slug="texto")
    client = client_for(cast["author"])

    trashed = client.post(_url("delete", post.pk), follow=True)
    assert trashed.context["undo"] == [str(post.pk)]
    assert _titles(client.get(f"{LIST}?tab=trash")) == ["Texto"]
    client.post(f"{LIST}bulk/", {"action": "restore", "ids": trashed.context["undo"]})

    with act_as(cast["author"]):
        post.refresh_from_db()
    assert (post.deleted_at, post.slug) == (None, "texto")


def test_trashing_a_live_text_takes_it_off_the_site(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    post = post_factory.published(slug="texto-vivo")
    assert Client(HTTP_HOST="aurora.localhost").get("/texto-vivo/").status_code == 200

    client_for(cast["editor"]).post(_url("delete", post.pk))

    assert Client(HTTP_HOST="aurora.localhost").get("/texto-vivo/").status_code == 404


def test_bulk_publish_answers_each_text_for_itself(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    draft, approved = post_factory.draft(title=HOSTILE), post_factory.approved(title="Aprovado")

    response = client_for(cast["editor"]).post(
        f"{LIST}bulk/", {"action": "publish", "ids": [str(draft.pk), str(approved.pk)]}, follow=True
    )

    with act_as(cast["editor"]):
        statuses = dict(Post.objects.values_list("pk", "status"))
    assert statuses == {draft.pk: PostStatus.DRAFT, approved.pk: PostStatus.PUBLISHED}
    levels = [message.level_tag for message in response.context["messages"]]
    assert sorted(levels) == ["error", "success"]
    refusal = next(str(m) for m in response.context["messages"] if m.level_tag == "error")
    assert HOSTILE in refusal
    assert HOSTILE not in response.content.decode()


def test_bulk_publish_is_refused_to_contributors(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    approved = post_factory.approved(author="contributor")

    client_for(cast["contributor"]).post(f"{LIST}bulk/", {"action": "publish", "ids": [str(approved.pk)]})

    with act_as(cast["editor"]):
        assert Post.objects.get(pk=approved.pk).status == PostStatus.PENDING


def test_bulk_touches_nothing_of_others(
    client_for: Callable[..., Client],
    cast: dict[str, User],
    post_factory: Any,
    other_post_factory: Any,
    act_as: Any,
    other_cast: dict[str, User],
) -> None:
    colleagues, foreign = post_factory.draft(author="editor"), other_post_factory.draft()

    response = client_for(cast["author"]).post(
        f"{LIST}bulk/", {"action": "trash", "ids": [str(colleagues.pk), str(foreign.pk), str(ABSENT)]}, follow=True
    )

    assert not response.context["undo"]
    with act_as(cast["editor"]):
        assert Post.objects.filter(deleted_at__isnull=True).count() == 1
    with act_as(other_cast["editor"]):
        assert Post.objects.filter(deleted_at__isnull=True).count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"action": "trash"}, {"action": "erase", "ids": [str(ABSENT)]}, {"action": "trash", "ids": ["x"]}]
)
def test_bulk_without_sense_is_a_message(
    client_for: Callable[..., Client], cast: dict[str, User], data: dict[str, Any]
) -> None:
    response = client_for(cast["editor"]).post(f"{LIST}bulk/", data, follow=True)

    assert response.status_code == 200
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_unpublish_by_who_may_publish(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    post = post_factory.published()

    response = client_for(cast["administrator"]).post(_url("unpublish", post.pk))

    assert response.status_code == 302
    with act_as(cast["editor"]):
        assert Post.objects.get(pk=post.pk).status == PostStatus.DRAFT
