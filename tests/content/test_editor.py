"""The editor: saving, refusals that lose nothing, freezing, publishing, revisions, preview."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from compliance.enums import AuditOperation
from compliance.models import AuditEntry
from content.enums import PostStatus
from content.models import Category, Post, PostRevision
from content.services import review, revisions

pytestmark = pytest.mark.django_db

ADD = "/admin/content/post/add/"


def _url(name: str, post: Post, *more: Any) -> str:
    return reverse(f"admin:content_{post.post_type}_{name}", args=[post.pk, *more])


def _form(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send from the page at `url`, with some inputs changed."""
    context = client.get(url).context
    data: dict[str, Any] = {}
    for form in [context["form"], context["rows"].management_form, *context["rows"].forms]:
        for field in form:
            if field.value() is not None:
                data[field.html_name] = field.value()
    return {**data, "_action": "save", **changes}


def _newest(post: Post) -> PostRevision:
    return revisions.newest_revision(post)


@pytest.fixture
def as_author(client_for: Callable[..., Client], cast: dict[str, User]) -> Client:
    return client_for(cast["author"])


@pytest.fixture
def as_editor(client_for: Callable[..., Client], cast: dict[str, User]) -> Client:
    return client_for(cast["editor"])


# --- A new text ------------------------------------------------------------------------------------------------------


def test_new_post_takes_its_permalink_from_the_title(as_author: Client, act_as: Any, cast: dict[str, User]) -> None:
    response = as_author.post(ADD, _form(as_author, ADD, title="Pressão alta: o que é?", content="<p>Texto.</p>"))

    with act_as(cast["author"]):
        post = Post.objects.get()
        assert response.url == _url("change", post)
        assert (post.slug, post.author_id, post.status) == ("pressao-alta-o-que-e", cast["author"].pk, "draft")
        assert _newest(post).number == 1


def test_new_post_without_title_gets_a_draft_permalink(as_author: Client, act_as: Any, cast: dict[str, User]) -> None:
    as_author.post(ADD, _form(as_author, ADD, content="<p>Texto.</p>"))

    with act_as(cast["author"]):
        assert Post.objects.get().slug.startswith("rascunho-")


def test_placeholder_permalink_follows_the_first_title(as_author: Client, act_as: Any, cast: dict[str, User]) -> None:
    url = as_author.post(ADD, _form(as_author, ADD, content="<p>Texto.</p>")).url
    as_author.post(url, _form(as_author, url, title="Agora com título"))
    as_author.post(url, _form(as_author, url, title="Outro título"))

    with act_as(cast["author"]):
        assert Post.objects.get().slug == "agora-com-titulo"


def test_emptied_permalink_comes_from_the_title(
    as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.draft(title="Asma", slug="asma")
    url = _url("change", post)

    as_author.post(url, _form(as_author, url, slug=""))

    with act_as(cast["author"]):
        assert _newest(post).slug == "asma"


def test_new_page(as_editor: Client, act_as: Any, cast: dict[str, User]) -> None:
    url = "/admin/content/page/add/"
    response = as_editor.post(url, _form(as_editor, url, title="Sobre nós"))

    with act_as(cast["editor"]):
        assert Post.objects.get().post_type == "page"
    assert response.url.startswith("/admin/content/page/")


@pytest.mark.parametrize("key", ["dpo", "compliance_officer"])
def test_who_writes_nothing_cannot_add(client_for: Callable[..., Client], cast: dict[str, User], key: str) -> None:
    client = client_for(cast[key])

    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {"title": "Texto"}).status_code == 403


def test_author_cannot_write_in_somebody_elses_name(as_author: Client, act_as: Any, cast: dict[str, User]) -> None:
    data = _form(as_author, ADD, title="Texto", author=str(cast["editor"].pk))
    as_author.post(ADD, data)

    with act_as(cast["author"]):
        assert Post.objects.get().author_id == cast["author"].pk


def test_editor_names_the_author(as_editor: Client, act_as: Any, cast: dict[str, User]) -> None:
    as_editor.post(ADD, _form(as_editor, ADD, title="Texto", author=str(cast["contributor"].pk)))

    with act_as(cast["editor"]):
        assert Post.objects.get().author_id == cast["contributor"].pk


def test_author_of_another_tenant_is_no_choice(
    as_editor: Client, act_as: Any, cast: dict[str, User], other_cast: dict[str, User]
) -> None:
    response = as_editor.post(ADD, _form(as_editor, ADD, title="Texto", author=str(other_cast["author"].pk)))

    assert response.status_code == 422
    assert "author" in response.context["form"].errors


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_every_field_is_saved(as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]) -> None:
    with act_as(cast["editor"]):
        asthma, child = (Category.objects.create(name=name, slug=name) for name in ("asma", "filha"))
    post = post_factory.draft(custom_fields={"_thumbnail_id": "", "funding": "nenhum"})
    changes = {
        "title": "Outro título",
        "slug": "outro-endereco",
        "content": "<h2>Um</h2><p>Dois <strong>três</strong>.</p><script>alert(1)</script>",
        "excerpt": "Outro resumo.",
        "compliance_level": "professional",
        "medical_category": "oncologia",
        "medical_disclaimer": "Conteúdo destinado a profissionais de saúde habilitados.",
        "meta_description": "Descrição.",
        "meta_keywords": "um, dois",
        "category_ids": [str(asthma.pk), str(child.pk)],
        "category": str(child.pk),
        "scientific_references": "PMID 123\n\n  10.1000/x  \n",
        "summary": "Tudo novo",
        "fields-TOTAL_FORMS": "2",
        "fields-0-key": "evidence_level",
        "fields-0-value": "1b",
        "fields-1-key": "",
        "fields-1-value": "",
    }

    response = as_editor.post(_url("change", post), _form(as_editor, _url("change", post), **changes))

    assert response.status_code == 302
    with act_as(cast["editor"]):
        saved = _newest(post)
        assert (saved.number, saved.saved_by_id, saved.summary) == (2, cast["editor"].pk, "Tudo novo")
        assert saved.content == '<h2 id="um">Um</h2><p>Dois <strong>três</strong>.</p>'
        assert (saved.title, saved.slug, saved.excerpt) == ("Outro título", "outro-endereco", "Outro resumo.")
        assert (saved.compliance_level, saved.medical_category) == ("professional", "oncologia")
        assert saved.category_id == child.pk
        assert saved.category_ids == sorted([str(asthma.pk), str(child.pk)])
        assert saved.scientific_references == ["PMID:123", "DOI:10.1000/x"]
        assert saved.custom_fields == {"_thumbnail_id": "", "evidence_level": "1b"}
        assert Post.objects.get(pk=post.pk).title == "Outro título"


def test_saving_nothing_new_makes_no_revision(
    as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.draft()

    as_author.post(_url("change", post), _form(as_author, _url("change", post)))

    with act_as(cast["author"]):
        assert _newest(post).number == 1


def test_first_ticked_category_leads(as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]) -> None:
    with act_as(cast["editor"]):
        category = Category.objects.create(name="Asma", slug="asma")
    post = post_factory.draft()

    as_author.post(
        _url("change", post), _form(as_author, _url("change", post), category_ids=[str(category.pk)], category="")
    )

    with act_as(cast["author"]):
        assert _newest(post).category_id == category.pk


def test_removed_row_deletes_the_custom_field(
    as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.draft(custom_fields={"funding": "nenhum", "citations": "3"})
    url = _url("change", post)

    as_author.post(url, {**_form(as_author, url), "fields-0-DELETE": "on"})

    with act_as(cast["author"]):
        assert _newest(post).custom_fields == {"citations": "3"}


def test_saving_a_live_text_leaves_the_public_page(
    as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.published(slug="vivo", title="Texto vivo")
    url = _url("change", post)

    as_author.post(url, _form(as_author, url, title="Título da cópia", content="<p>Cópia.</p>"))

    page = Client(HTTP_HOST="aurora.localhost").get("/vivo/").content.decode()
    assert "Texto vivo" in page
    assert "Título da cópia" not in page
    with act_as(cast["author"]):
        assert _newest(post).title == "Título da cópia"
        assert Post.objects.get(pk=post.pk).status == PostStatus.PUBLISHED
    assert as_author.get(url).context["live_differs"]


# --- Nothing typed is lost -------------------------------------------------------------------------------------------


TYPED = {
    "title": "Título <b>digitado</b>",
    "content": "<p>Parágrafo digitado &amp; guardado</p>",
    "excerpt": "Resumo digitado",
    "medical_disclaimer": "Aviso digitado, com mais de quarenta caracteres no total.",
    "scientific_references": "Referência digitada",
    "fields-0-key": "campo_digitado",
    "fields-0-value": "valor digitado",
}


def _shown(response: Any) -> dict[str, Any]:
    form, rows = response.context["form"], response.context["rows"]
    fields = [*form, *(field for row in rows.forms for field in row)]
    return {field.html_name: field.value() for field in fields}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "tomado"}, "slug"),
        ({"slug": "!!!"}, "slug"),
        ({"compliance_level": "professional", "medical_disclaimer": "curto"}, "medical_disclaimer"),
        ({"meta_description": "x" * 161}, "meta_description"),
        ({"compliance_level": "secret"}, "compliance_level"),
    ],
)
def test_error_keeps_everything_typed(
    as_author: Client, post_factory: Any, wrong: dict[str, str], field: str, act_as: Any, cast: dict[str, User]
) -> None:
    post_factory.draft(slug="tomado")
    post = post_factory.draft()
    url = _url("change", post)
    sent = _form(as_author, url, **{**TYPED, **wrong})

    response = as_author.post(url, sent)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    shown = _shown(response)
    assert {name: shown[name] for name in TYPED | wrong} == TYPED | wrong
    assert response.context["errors"][0]["id"] == f"id_{field}"
    html = response.content.decode()
    assert f'href="#id_{field}"' in html
    assert f'id="id_{field}_error"' in html
    assert "<b>digitado</b>" not in html
    with act_as(cast["author"]):
        assert _newest(post).number == 1


def test_taken_permalink_comes_with_a_suggestion(as_author: Client, post_factory: Any) -> None:
    post_factory.draft(slug="asma")
    post_factory.draft(slug="asma-2")

    response = as_author.post(ADD, _form(as_author, ADD, title="Asma", slug="asma"))

    assert "asma-3" in response.context["form"].errors["slug"][0]


def test_error_in_a_custom_field_keeps_everything_typed(as_author: Client, post_factory: Any) -> None:
    post = post_factory.draft()
    url = _url("change", post)
    typed = {"fields-TOTAL_FORMS": "2", "fields-0-key": "a", "fields-0-value": "1"}
    typed |= {"fields-1-key": "a", "fields-1-value": "2"}

    response = as_author.post(url, _form(as_author, url, **TYPED | typed))

    assert response.status_code == 422
    assert _shown(response)["fields-1-value"] == "2"
    assert response.context["errors"][0]["id"] == "id_fields-1-key"


@pytest.mark.parametrize("row", [{"key": "_thumbnail_id", "value": "1"}, {"key": "", "value": "1"}])
def test_hidden_and_nameless_fields_are_refused(as_author: Client, post_factory: Any, row: dict[str, str]) -> None:
    post = post_factory.draft()
    url = _url("change", post)

    response = as_author.post(
        url, _form(as_author, url, **{"fields-0-key": row["key"], "fields-0-value": row["value"]})
    )

    assert response.status_code == 422
    assert [error["id"] for error in response.context["errors"]] == ["id_fields-0-key"]


def test_two_writers_are_told_apart(
    as_author: Client, as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.draft()
    url = _url("change", post)
    mine = _form(as_author, url, **TYPED)
    as_editor.post(url, _form(as_editor, url, title="Do editor"))

    refused = as_author.post(url, mine)

    assert refused.status_code == 409
    assert {name: _shown(refused)[name] for name in TYPED} == TYPED
    assert refused.context["conflict_by"] == cast["editor"].display_name
    assert "compare/?old=1&amp;new=2" in refused.content.decode()
    with act_as(cast["author"]):
        assert _newest(post).title == "Do editor"

    again = as_author.post(url, {**mine, "base_number": _shown(refused)["base_number"]})

    assert again.status_code == 302
    with act_as(cast["author"]):
        assert list(PostRevision.objects.filter(post=post).values_list("title", flat=True)) == [
            TYPED["title"],
            "Do editor",
            "Hipertensão arterial",
        ]


def test_missing_base_number_counts_as_overtaken(as_author: Client, post_factory: Any) -> None:
    post = post_factory.draft()
    url = _url("change", post)

    assert as_author.post(url, _form(as_author, url, base_number="")).status_code == 409


# --- Review ----------------------------------------------------------------------------------------------------------


def test_submit_saves_and_submits(as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]) -> None:
    post = post_factory.draft()
    url = _url("change", post)

    as_author.post(url, _form(as_author, url, title="Título final", _action="submit"))

    with act_as(cast["author"]):
        assert _newest(post).title == "Título final"
        assert review.latest_run(post).current_stage == "S.2.1"


def test_incomplete_text_is_saved_and_the_missing_fields_are_linked(
    as_author: Client, act_as: Any, cast: dict[str, User]
) -> None:
    data = _form(as_author, ADD, title="Só um título", compliance_level="", _action="submit")
    response = as_author.post(ADD, data, follow=True)

    assert [error["id"] for error in response.context["errors"]] == ["id_content", "id_compliance_level"]
    with act_as(cast["author"]):
        post = Post.objects.get()
        assert (post.title, review.latest_run(post).current_stage) == ("Só um título", "S.1.1")


def test_text_in_review_is_frozen_for_its_author(
    as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.submitted()
    url = _url("change", post)
    page = as_author.get(url)
    assert page.context["frozen"]
    assert all(field.field.disabled for field in page.context["form"])

    as_author.post(url, {**_form(as_author, url), "title": "Às escondidas"})

    with act_as(cast["author"]):
        assert _newest(post).number == 1


def test_editor_may_edit_in_review(as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]) -> None:
    post = post_factory.submitted()
    url = _url("change", post)

    assert as_editor.post(url, _form(as_editor, url, title="Corrigido")).status_code == 302

    with act_as(cast["editor"]):
        assert _newest(post).title == "Corrigido"


def test_lowering_the_level_is_kept_and_said(
    as_author: Client,
    client_for: Callable[..., Client],
    post_factory: Any,
    act_as: Any,
    cast: dict[str, User],
) -> None:
    post = post_factory.draft(compliance_level="professional")
    url = _url("change", post)

    response = as_author.post(url, _form(as_author, url, title="Novo", compliance_level="public"), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["warning", "success"]
    with act_as(cast["author"]):
        assert _newest(post).compliance_level == "professional"

    officer = client_for(cast["compliance_officer"])
    officer.post(url, _form(officer, url, compliance_level="public"))
    with act_as(cast["author"]):
        assert _newest(post).compliance_level == "public"


def test_reason_for_sending_back_is_shown_to_the_author(
    as_author: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.submitted()
    with act_as(cast["editor"]):
        review.send_back(post, actor=cast["editor"], reason="Falta a <fonte> do segundo parágrafo.")

    html = as_author.get(_url("change", post)).content.decode()

    assert "Falta a &lt;fonte&gt; do segundo parágrafo." in html


# --- Publishing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "offered"), [("author", True), ("editor", True), ("compliance_officer", True)])
def test_publish_is_offered_when_approved(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, key: str, offered: bool
) -> None:
    client = client_for(cast[key])

    assert client.get(_url("change", post_factory.approved())).context["may_publish"] is offered
    assert client.get(_url("change", post_factory.draft(title="Outro"))).context["may_publish"] is False


def test_contributor_is_not_offered_to_publish(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    post = post_factory.approved(author="contributor")

    assert client_for(cast["contributor"]).get(_url("change", post)).context["may_publish"] is False


def test_publish_approved_text(as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]) -> None:
    post = post_factory.approved(slug="agora")
    url = _url("change", post)

    as_editor.post(url, _form(as_editor, url, _action="publish"))

    assert Client(HTTP_HOST="aurora.localhost").get("/agora/").status_code == 200


def test_publish_unapproved_text_is_refused(
    as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.draft()
    url = _url("change", post)

    response = as_editor.post(url, _form(as_editor, url, _action="publish"))

    assert response.status_code == 422
    with act_as(cast["editor"]):
        assert Post.objects.get(pk=post.pk).status == PostStatus.DRAFT


def test_publish_after_a_change_is_refused_and_keeps_the_text(
    as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]
) -> None:
    post = post_factory.approved()
    url = _url("change", post)

    response = as_editor.post(url, _form(as_editor, url, **TYPED, _action="publish"))

    assert response.status_code == 422
    assert {name: _shown(response)[name] for name in TYPED} == TYPED
    with act_as(cast["editor"]):
        assert Post.objects.get(pk=post.pk).status == PostStatus.PENDING
        assert _newest(post).number == 1


def test_schedule(as_editor: Client, post_factory: Any, act_as: Any, cast: dict[str, User]) -> None:
    post = post_factory.approved(slug="depois")
    url = _url("change", post)
    when = timezone.localtime() + timedelta(days=1)

    as_editor.post(url, _form(as_editor, url, _action="publish", scheduled_at=when.strftime("%Y-%m-%dT%H:%M")))

    with act_as(cast["editor"]):
        stored = Post.objects.get(pk=post.pk)
        assert stored.status == PostStatus.SCHEDULED
        assert stored.scheduled_at == when.replace(second=0, microsecond=0)
    assert Client(HTTP_HOST="aurora.localhost").get("/depois/").status_code == 404


# --- Revisions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def revised(post_factory: Any, act_as: Any, cast: dict[str, User]) -> Post:
    """A signed first revision and a hostile second one."""
    post = post_factory.approved(content="<p>Um dois três.</p><p>Fica.</p>")
    with act_as(cast["editor"]):
        revisions.save_revision(
            post,
            actor=cast["editor"],
            changes={
                "content": "<p>Um &lt;img src=x onerror=alert(1)&gt; três.</p><p>Fica.</p>",
                "custom_fields": {"k": "v"},
            },
            summary="<b>resumo</b>",
        )
    return post


def test_history_lists_who_and_what_is_signed(as_editor: Client, revised: Post, cast: dict[str, User]) -> None:
    response = as_editor.get(_url("history", revised))

    rows = [(row["revision"].number, row["who"], row["signed"]) for row in response.context["rows"]]
    assert rows == [(2, cast["editor"].display_name, False), (1, cast["author"].display_name, True)]
    assert "&lt;b&gt;resumo&lt;/b&gt;" in response.content.decode()


def test_compare_shows_text_and_fields_escaped(as_editor: Client, revised: Post) -> None:
    response = as_editor.get(_url("compare", revised) + "?old=1&new=2")

    html = response.content.decode()
    assert "<del>dois</del>" in html
    assert "&lt;img" in html or "&lt;" in html
    assert "<img src=x" not in html
    assert [str(each["label"]) for each in response.context["fields"]] == ["k"]
    assert [row.kind for row in response.context["rows"]] == ["changed", "same"]


@pytest.mark.parametrize("query", ["?old=1&new=99", "?old=0&new=2"])
def test_compare_with_a_missing_revision_is_404(as_editor: Client, revised: Post, query: str) -> None:
    assert as_editor.get(_url("compare", revised) + query).status_code == 404


def test_restore_saves_the_old_wording_again(
    as_editor: Client, revised: Post, act_as: Any, cast: dict[str, User]
) -> None:
    as_editor.post(_url("revert", revised, 1))

    with act_as(cast["editor"]):
        newest, first = _newest(revised), PostRevision.objects.get(post=revised, number=1)
        assert newest.number == 3
        assert newest.content_hash == first.content_hash


def test_restore_row_of_refusals(
    client_for: Callable[..., Client], cast: dict[str, User], revised: Post, other_post_factory: Any
) -> None:
    foreign = other_post_factory.draft()
    editor = client_for(cast["editor"])

    assert editor.get(_url("revert", revised, 1)).status_code == 405
    assert editor.post(_url("revert", revised, 99)).status_code == 404
    assert editor.post(_url("revert", foreign, 1)).status_code == 404
    assert client_for(cast["contributor"]).post(_url("revert", revised, 1)).status_code == 403
    assert client_for().post(_url("revert", revised, 1)).status_code == 302


# --- Preview and closed levels ---------------------------------------------------------------------------------------


def test_preview_shows_the_working_copy_and_is_not_kept(as_editor: Client, revised: Post) -> None:
    response = as_editor.get(_url("preview", revised))

    assert "no-store" in response.headers["Cache-Control"]
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.context["page"]["content"].startswith("<p>Um &lt;img")
    assert '<meta name="robots" content="noindex' in response.content.decode()


def test_patient_data_is_opened_with_a_recorded_reason(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    post = post_factory.draft(title="Caso de Fulana", compliance_level="phi")
    officer = client_for(cast["compliance_officer"])

    asked = officer.get(_url("preview", post))
    assert asked.status_code == 403
    assert "Fulana" not in asked.content.decode()
    short = officer.post(_url("reason", post), {"reason": "ver"})
    assert short.status_code == 422
    opened = officer.post(
        _url("reason", post), {"reason": "Apuração do incidente 12", "next": _url("preview", post)}, follow=True
    )

    assert "Caso de Fulana" in opened.content.decode()
    with act_as(cast["compliance_officer"]):
        read = AuditEntry.objects.filter(operation=AuditOperation.READ, resource_id=post.pk)
        assert [entry.metadata["reason"] for entry in read] == ["Apuração do incidente 12"]


def test_reason_does_not_redirect_elsewhere(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any
) -> None:
    post = post_factory.draft(compliance_level="phi")

    response = client_for(cast["compliance_officer"]).post(
        _url("reason", post), {"reason": "Apuração do incidente 12", "next": "https://evil.example/"}
    )

    assert response.url == _url("preview", post)


@pytest.mark.parametrize("level", ["restricted", "phi"])
@pytest.mark.parametrize("name", ["preview", "history", "change"])
def test_closed_text_is_denied_and_the_denial_recorded(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any, level: str, name: str
) -> None:
    post = post_factory.draft(compliance_level=level)

    assert client_for(cast["editor"]).get(_url(name, post)).status_code == 403

    with act_as(cast["compliance_officer"]):
        assert AuditEntry.objects.filter(operation=AuditOperation.DENY, resource_id=post.pk).exists()


def test_raised_level_of_a_working_copy_closes_it_already(
    client_for: Callable[..., Client], cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    post = post_factory.published()
    with act_as(cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"compliance_level": "phi"})

    assert client_for(cast["editor"]).get(_url("preview", post)).status_code == 403


# --- Budgets ---------------------------------------------------------------------------------------------------------


def test_editor_and_save_within_their_query_budgets(
    as_editor: Client, revised: Post, django_assert_max_num_queries: Any
) -> None:
    url = _url("change", revised)
    data = _form(
        as_editor, url, title="Outro", content="<p>Outro.</p>", **{"fields-0-key": "a", "fields-0-value": "b"}
    )

    with django_assert_max_num_queries(25):
        as_editor.get(url)
    with django_assert_max_num_queries(30):
        assert as_editor.post(url, data).status_code == 302


@pytest.mark.parametrize(("level", "officer"), [("restricted", 200), ("phi", 403)])
def test_lowering_a_level_does_not_open_the_old_wording(
    client_for: Callable[..., Client], post_factory: Any, act_as: Any, cast: dict[str, User], level: str, officer: int
) -> None:
    post = post_factory.draft(content="<p>Paciente de Araraquara.</p>", compliance_level=level)
    with act_as(cast["compliance_officer"]):
        changes = {"content": "<p>Um paciente.</p>", "compliance_level": "public"}
        revisions.save_revision(post, actor=cast["compliance_officer"], changes=changes)
    compare, restore = f"{_url('compare', post)}?old=1&new=2", _url("revert", post, 1)

    for key in ("contributor", "editor", "administrator"):
        answers = [client_for(cast[key]).get(compare), client_for(cast[key]).post(restore)]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert "Araraquara" not in answers[0].content.decode()
    assert client_for(cast["compliance_officer"]).get(compare).status_code == officer  # PHI: asked for a reason first
    with act_as(cast["editor"]):
        assert PostRevision.objects.filter(post=post).count() == 2
