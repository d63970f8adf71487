"""Desk, review page, decisions and signatures in the browser's terms: who gets in, what happens, what is recorded."""

import re
import time
import uuid
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.enums import Capacity
from compliance.models import Approval, AuditEntry
from content.models import Post, PublishedPage
from content.queries_review import desk_counts, desk_posts, desk_rows, find_text, tabs_for, with_details
from content.services import assessment, publishing, review, revisions
from tests.cast import PASSWORD

REASON = "Falta a fonte do segundo parágrafo."
LINES = "\n".join(["Nove aqui"] * 200) + "."  # 2,000 characters
SENT = LINES.replace("\n", "\r\n")  # browsers send two for each line break
HOSTILE = "</title><script>alert('x')</script>\"'&"
# View → who may, and the method of its act.
PAGES = {
    "review_post": ("get", "compliance_officer"),
    "review_submit": ("post", "editor"),
    "review_advance": ("post", "editor"),
    "review_send_back": ("post", "editor"),
    "review_sign": ("get", "compliance_officer"),
    "review_withdraw": ("get", "compliance_officer"),
    "review_signatures": ("get", "compliance_officer"),
}
ACTS = ["review_submit", "review_advance", "review_send_back"]


def address(name: str, post_id: uuid.UUID) -> str:
    return reverse(f"admin:{name}", args=[post_id])


def newest(post: Post):
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return revisions.newest_revision(post)


def stage_of(post: Post) -> str:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return find_text(post.pk).stage


def trail(post: Post, operation: str) -> list[dict]:
    """Metadata of the text's audit rows, oldest first."""
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        rows = AuditEntry.objects.filter(resource_type="post", resource_id=post.pk, operation=operation)
        return [row.metadata for row in rows.order_by("created_at")]


def code_of(user) -> str:
    """A code of the person's authenticator that is still unused."""
    with tenant_context(user.tenant_id, actor=user):
        device = TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).order_by("pk").first()
        device.last_t = -1
        device.throttling_failure_count = 0
        device.save()
    totp = TOTP(bytes.fromhex(device.key))
    totp.time = time.time()
    return f"{totp.token():06d}"


def wrong_code(code: str) -> str:
    return f"{(int(code) + 500_000) % 1_000_000:06d}"


# --- Who gets in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_other_tenants_text_is_answered_like_no_text(name, client_for, cast, other_post_factory):
    method, role = PAGES[name]
    foreign = other_post_factory.submitted()
    client = client_for(cast[role])

    theirs = getattr(client, method)(address(name, foreign.pk))
    nobodys = getattr(client, method)(address(name, uuid.uuid4()))

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.content == nobodys.content
    assert stage_of(foreign) == "S.2.1"


@pytest.mark.parametrize("name", PAGES)
def test_visitor_is_sent_to_sign_in(name, client_for, post_factory):
    post = post_factory.submitted()
    method, _role = PAGES[name]

    response = getattr(client_for(), method)(address(name, post.pk))

    assert response.status_code == 302
    assert response.url.startswith(f"{reverse('accounts:sign_in')}?")
    assert stage_of(post) == "S.2.1"


@pytest.mark.parametrize("role", ["contributor", "dpo", "subscriber"])
@pytest.mark.parametrize("name", PAGES)
def test_who_has_no_business_here_is_refused_and_recorded(name, role, client_for, cast, post_factory):
    post = post_factory.submitted()
    method, _role = PAGES[name]

    response = getattr(client_for(cast[role]), method)(address(name, post.pk))

    assert response.status_code == 403
    assert post.title not in response.content.decode()
    assert stage_of(post) == "S.2.1"
    if role != "subscriber":  # the admin turns subscribers away before any text is looked up
        assert [row["act"] for row in trail(post, "deny")] == ["review"]


def test_second_factor_is_asked_for_before_the_desk(client_for, cast):
    response = client_for(cast["compliance_officer"], verified=False).get(reverse("admin:compliance_desk"))

    assert response.status_code == 302
    assert reverse("accounts:second_factor") in response.url


@pytest.mark.parametrize("name", ACTS)
def test_acts_refuse_get(name, client_for, cast, post_factory):
    post = post_factory.submitted()

    response = client_for(cast["editor"]).get(address(name, post.pk))

    assert response.status_code == 405
    assert stage_of(post) == "S.2.1"


@pytest.mark.parametrize("name", [*ACTS, "review_sign", "review_withdraw"])
def test_acts_need_the_csrf_token(name, client_for, cast, post_factory):
    post = post_factory.submitted()
    client = Client(enforce_csrf_checks=True, HTTP_HOST="aurora.localhost")
    client.cookies = client_for(cast["editor"]).cookies

    response = client.post(address(name, post.pk), {"confirmed": "on", "revision": str(newest(post).pk)})

    assert response.status_code == 403
    assert stage_of(post) == "S.2.1"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("editor", 200),
        ("medical_reviewer", 200),
        ("compliance_officer", 200),
        ("author", 200),
        ("contributor", 200),
        ("administrator", 200),
        ("dpo", 403),
        ("subscriber", 403),
    ],
)
def test_desk_opens_by_capability(role, status, client_for, cast):
    assert client_for(cast[role]).get(reverse("admin:compliance_desk")).status_code == status


def test_author_sees_own_submissions_only(client_for, cast, post_factory):
    own = post_factory.submitted(title="Texto da autora")
    post_factory.submitted(title="Texto alheio", author="contributor")

    page = client_for(cast["author"]).get(reverse("admin:compliance_desk")).content.decode()

    assert own.title in page
    assert "Texto alheio" not in page
    assert "tab=waiting" not in page


def test_restricted_text_is_closed_to_the_medical_reviewer_until_it_is_at_that_desk(client_for, cast, post_factory):
    post = post_factory.submitted(compliance_level="restricted")
    client = client_for(cast["medical_reviewer"])

    assert client.get(address("review_post", post.pk)).status_code == 403
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        review.advance(post, actor=cast["editor"], confirmed=True)
    assert client.get(address("review_post", post.pk)).status_code == 200
    assert [row["level"] for row in trail(post, "read")] == ["restricted"]


def test_raised_level_of_a_working_copy_closes_the_text(client_for, cast, post_factory):
    post = post_factory.published()
    with tenant_context(post.tenant_id, actor=cast["author"]):
        revisions.save_revision(
            post, actor=cast["author"], changes={"compliance_level": "phi", "title": "Segredo de Ana"}
        )
    post_factory.submit(post)

    response = client_for(cast["editor"]).get(address("review_post", post.pk))
    desk = client_for(cast["editor"]).get(reverse("admin:compliance_desk"), {"tab": "in_review"})

    assert response.status_code == 403
    assert "Segredo de Ana" not in desk.content.decode()


# --- Patient data ----------------------------------------------------------------------------------------------------


def test_patient_data_opens_with_a_reason_which_is_recorded(client_for, cast, post_factory):
    post = post_factory.submitted(compliance_level="phi", title="Caso de Joana")
    client = client_for(cast["compliance_officer"])
    url = address("review_post", post.pk)

    asked = client.get(url)
    assert asked.status_code == 403
    assert "Joana" not in asked.content.decode()
    assert client.post(url, {"reason": "curto"}).status_code == 422
    assert trail(post, "read") == []
    reason = "Revisão pedida:\n" * 12 + "diretora"  # 200 characters

    opened = client.post(url, {"reason": reason.replace("\n", "\r\n")}, follow=True)

    assert "Caso de Joana" in opened.content.decode()
    assert [row["reason"] for row in trail(post, "read")] == [reason]


@pytest.mark.parametrize("name", ["review_sign", "review_withdraw", "review_signatures"])
def test_patient_data_is_behind_the_reason_on_every_page(name, client_for, cast, post_factory):
    post = post_factory.submitted(compliance_level="phi", title="Caso de Joana")

    response = client_for(cast["compliance_officer"]).get(address(name, post.pk))

    assert response.status_code == 403
    assert "Joana" not in response.content.decode()


def test_titles_with_patient_data_are_not_listed(client_for, cast, post_factory):
    post_factory.submitted(compliance_level="phi", title="Caso de Joana")

    page = client_for(cast["compliance_officer"]).get(reverse("admin:compliance_desk"))

    assert "Joana" not in page.content.decode()
    assert page.context["tabs"][0]["count"] == 1


# --- The desk --------------------------------------------------------------------------------------------------------


@pytest.fixture
def full_desk(post_factory, cast) -> None:
    """Texts in every place that a list of the desk knows."""
    post_factory.draft(title="Rascunho")
    for number in range(3):
        post_factory.submitted(title=f"Em revisão {number}")
    post_factory.submitted(title="Da editora", author="editor")
    post_factory.submitted(title="Restrito", compliance_level="restricted")
    post_factory.in_final(title="Na aprovação final")
    post_factory.approved(title="Aprovado")
    live = post_factory.published(title="No ar")
    copy = post_factory.published(title="No ar com cópia")
    with tenant_context(copy.tenant_id, actor=cast["author"]):
        revisions.save_revision(copy, actor=cast["author"], changes={"title": "Cópia nova"})
    post_factory.approve(post_factory.to_final(post_factory.submit(copy)))
    back = post_factory.submitted(title="Devolvido")
    trashed = post_factory.submitted(title="Na lixeira")
    with tenant_context(copy.tenant_id, actor=cast["editor"]):
        review.send_back(back, actor=cast["editor"], reason=REASON)
        review.withdraw(live, actor=cast["editor"], reason=REASON)
        publishing.trash(trashed, actor=cast["editor"])


def listed(actor, key: str) -> list[str]:
    return sorted(row.title for row in with_details(list(desk_rows(desk_posts(actor, key))), actor))


def test_lists_hold_what_they_say(full_desk, cast, act_as):
    everything = ["Da editora", "Em revisão 0", "Em revisão 1", "Em revisão 2", "Na aprovação final", "Restrito"]
    with act_as(cast["editor"]):
        editor = {tab.key: listed(cast["editor"], tab.key) for tab in tabs_for(cast["editor"])}
    with act_as(cast["compliance_officer"]):
        officer = listed(cast["compliance_officer"], "waiting")
    with act_as(cast["medical_reviewer"]):
        reviewer = listed(cast["medical_reviewer"], "waiting")

    assert editor == {
        "waiting": ["Em revisão 0", "Em revisão 1", "Em revisão 2", "Restrito"],
        "in_review": everything,
        "assigned": [],
        "unassigned": everything,
        "overdue": [],
        "sent_back": ["Devolvido", "No ar"],
        "approved": ["Aprovado", "Cópia nova"],
        "mine": ["Da editora"],
    }
    assert officer == everything
    assert reviewer == ["Na aprovação final"]


@pytest.mark.parametrize("role", ["editor", "medical_reviewer", "compliance_officer", "author", "administrator"])
def test_counts_equal_lists(role, full_desk, cast, act_as, django_assert_num_queries):
    actor = cast[role]
    with act_as(actor):
        tabs = tabs_for(actor)
        with django_assert_num_queries(1):
            counts = desk_counts(actor, tabs)
        lists = {tab.key: len(listed(actor, tab.key)) for tab in tabs}

    assert counts == lists
    assert sum(lists.values()) > 0


def test_signed_text_waits_no_longer_for_the_signer(post_factory, cast, act_as):
    post = post_factory.in_final()
    officer = cast["compliance_officer"]

    with act_as(officer):
        assert listed(officer, "waiting") == [post.title]
        review.sign(post, actor=officer, capacity=Capacity.COMPLIANCE, statement="Aprovo este texto.")
        assert listed(officer, "waiting") == []
        assert listed(officer, "in_review") == [post.title]
        review.withdraw(post, actor=officer, reason=REASON)
        assert listed(officer, "waiting") == [post.title]


def test_text_without_need_of_a_professional_does_not_wait_for_one(post_factory, cast, act_as):
    post_factory.in_final(medical_category=None)

    with act_as(cast["medical_reviewer"]):
        assert listed(cast["medical_reviewer"], "waiting") == []


def test_filters_and_pages_of_the_desk(client_for, cast, post_factory):
    for number in range(21):
        post_factory.submitted(title=f"Texto {number:02d}", author="contributor" if number % 2 else "author")
    client = client_for(cast["editor"])
    url = reverse("admin:compliance_desk")

    first = client.get(url)
    assert [row.title for row in first.context["rows"]] == [f"Texto {number:02d}" for number in range(20)]
    assert [row.title for row in client.get(url, {"p": 2}).context["rows"]] == ["Texto 20"]
    assert [row.title for row in client.get(url, {"s": "texto 07"}).context["rows"]] == ["Texto 07"]
    assert client.get(url, {"level": "professional"}).context["rows"] == []
    assert client.get(url, {"level": "nonsense", "p": "x", "tab": "none"}).status_code == 200


def test_desk_needs_few_queries(full_desk, client_for, cast, django_assert_max_num_queries):
    client = client_for(cast["editor"])
    url = reverse("admin:compliance_desk")
    client.get(url)

    with django_assert_max_num_queries(12):
        client.get(url, {"tab": "in_review"})


def test_review_page_needs_few_queries(client_for, cast, post_factory, django_assert_max_num_queries):
    post = post_factory.published()
    for number in range(3):
        with tenant_context(post.tenant_id, actor=cast["author"]):
            revisions.save_revision(post, actor=cast["author"], changes={"title": f"Versão {number}"})
        post_factory.approve(post_factory.to_final(post_factory.submit(post)))
    client = client_for(cast["compliance_officer"])
    client.get(address("review_post", post.pk))

    with django_assert_max_num_queries(30):
        assert client.get(address("review_post", post.pk)).status_code == 200


# --- The page --------------------------------------------------------------------------------------------------------


def test_page_shows_the_way_from_draft_to_signature(client_for, cast, post_factory):
    post = post_factory.approved(scientific_references=["PMID:12345678"])

    page = client_for(cast["compliance_officer"]).get(address("review_post", post.pk)).content.decode()

    assert newest(post).content_hash in page
    assert "PMID:12345678" in page
    assert "CRM/SP 123456" in page
    assert page.count("Li e aprovo este texto.") == 2
    for person in ("Author Aurora", "Compliance Officer Aurora", "Medical Reviewer Aurora"):
        assert person in page


def test_page_compares_with_the_last_approved_version(client_for, cast, post_factory):
    post = post_factory.published(content="<p>Tome uma dose de 5 mg.</p>")
    with tenant_context(post.tenant_id, actor=cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"content": "<p>Tome uma dose de 50 mg.</p>"})
    post_factory.submit(post)

    page = client_for(cast["editor"]).get(address("review_post", post.pk)).content.decode()

    assert "<del>5</del>" in page
    assert "<ins>50</ins>" in page


def test_hostile_words_are_escaped_everywhere(client_for, cast, post_factory):
    post = post_factory.published(title="Título", content="<p>Um.</p>")
    with tenant_context(post.tenant_id, actor=cast["author"]):
        changes = {
            "title": HOSTILE,
            "content": f"<p>Dois. &lt;script&gt;alert('x')&lt;/script&gt;</p>{HOSTILE}",
            "excerpt": HOSTILE,
            "medical_disclaimer": HOSTILE * 3,
            "scientific_references": [HOSTILE],
            "custom_fields": {HOSTILE: HOSTILE},
        }
        revisions.save_revision(post, actor=cast["author"], changes=changes)
    post_factory.submit(post)
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        review.advance(post, actor=cast["editor"], confirmed=True, note=HOSTILE)
        review.send_back(post, actor=cast["editor"], reason=HOSTILE)
    post_factory.to_final(post_factory.submit(post))
    with tenant_context(post.tenant_id, actor=cast["compliance_officer"]):
        review.sign(post, actor=cast["compliance_officer"], statement=HOSTILE)
    officer = client_for(cast["compliance_officer"])

    pages = [
        officer.get(address("review_post", post.pk)),
        officer.get(address("review_signatures", post.pk)),
        officer.get(address("review_withdraw", post.pk)),
        client_for(cast["medical_reviewer"]).get(address("review_sign", post.pk)),
        officer.get(reverse("admin:compliance_desk"), {"tab": "in_review", "s": HOSTILE}),
    ]

    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert" in page.content.decode()


def test_acts_that_are_not_allowed_are_shown_with_the_reason(client_for, cast, post_factory):
    post = post_factory.submitted(author="editor")

    page = client_for(cast["editor"]).get(address("review_post", post.pk))

    panels = {panel["option"].name: panel["option"] for panel in page.context["options"]}
    assert panels["advance"].refusal.code == "author"
    assert str(panels["advance"].refusal) in page.content.decode().replace("&#x27;", "'")
    assert panels["send_back"].allowed


# --- Decisions -------------------------------------------------------------------------------------------------------


def test_submit_from_the_editor_returns_there(client_for, cast, post_factory):
    post = post_factory.draft()
    back = reverse("admin:content_post_change", args=[post.pk])

    response = client_for(cast["author"]).post(address("review_submit", post.pk), {"next": back})

    assert (response.status_code, response.url) == (302, back)
    assert stage_of(post) == "S.2.1"
    assert [row["to"] for row in trail(post, "decision") if row["act"] == "stage"] == ["S.2.1"]


def test_submit_does_not_redirect_to_another_host(client_for, cast, post_factory):
    post = post_factory.draft()

    response = client_for(cast["author"]).post(address("review_submit", post.pk), {"next": "//evil.example/"})

    assert response.url == address("review_post", post.pk)


def test_incomplete_text_is_not_submitted(client_for, cast, post_factory):
    post = post_factory.draft(content="")

    response = client_for(cast["author"]).post(address("review_submit", post.pk))

    assert response.status_code == 409
    assert response.context["refusal"].code == "incomplete"
    assert stage_of(post) == "S.1.1"


def test_advance_needs_the_box_and_records_the_decision(client_for, cast, post_factory):
    post = post_factory.submitted()
    client = client_for(cast["editor"])
    values = {"revision": str(newest(post).pk), "note": "Conferi as imagens."}

    refused = client.post(address("review_advance", post.pk), values)
    assert refused.status_code == 422
    assert "Conferi as imagens." in refused.content.decode()
    assert stage_of(post) == "S.2.1"

    done = client.post(address("review_advance", post.pk), {**values, "confirmed": "on"})

    assert (done.status_code, done.url) == (302, reverse("admin:compliance_desk"))
    assert stage_of(post) == "S.3.1"
    decision = trail(post, "decision")[-1]
    assert (decision["from"], decision["to"]) == ("S.2.1", "S.3.1")


def test_decision_on_a_changed_text_is_stale(client_for, cast, post_factory):
    post = post_factory.submitted()
    shown = newest(post)
    with tenant_context(post.tenant_id, actor=cast["compliance_officer"]):
        revisions.save_revision(post, actor=cast["compliance_officer"], changes={"content": "<p>Outro.</p>"})
        assessment.assess(post, actor=cast["compliance_officer"])

    response = client_for(cast["editor"]).post(
        address("review_advance", post.pk), {"revision": str(shown.pk), "confirmed": "on", "note": "Minha nota."}
    )

    assert response.status_code == 409
    assert response.context["refusal"].code == "stale"
    page = response.content.decode()
    assert "Outro." in page
    assert "Minha nota." in page
    assert str(newest(post).pk) in page
    assert not re.search(r'name="confirmed"[^>]*checked', page)
    assert stage_of(post) == "S.2.1"


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("medical_reviewer", "review_advance"),
        ("author", "review_advance"),
        ("author", "review_send_back"),
        ("administrator", "review_send_back"),
    ],
)
def test_decision_without_the_right_is_403_and_recorded(role, name, client_for, cast, post_factory):
    post = post_factory.submitted()
    values = {"revision": str(newest(post).pk), "confirmed": "on", "reason": REASON, "to_stage": "S.1.1"}

    response = client_for(cast[role]).post(address(name, post.pk), values)

    assert response.status_code == 403
    assert stage_of(post) == "S.2.1"
    assert [row["code"] for row in trail(post, "deny")] == ["role"]


def test_send_back_keeps_what_was_typed_until_it_is_accepted(client_for, cast, post_factory):
    post = post_factory.submitted()
    client = client_for(cast["editor"])
    url = address("review_send_back", post.pk)

    short = client.post(url, {"to_stage": "S.1.1", "reason": "Curto <b>"})
    assert short.status_code == 422
    assert "Curto &lt;b&gt;" in short.content.decode()
    nowhere = client.post(url, {"to_stage": "S.4-1.1-3", "reason": REASON})
    assert nowhere.status_code == 422
    assert REASON in nowhere.content.decode()
    assert stage_of(post) == "S.2.1"

    done = client.post(url, {"to_stage": "S.1.1", "reason": REASON})

    assert done.status_code == 302
    assert stage_of(post) == "S.1.1"
    assert REASON in client_for(cast["author"]).get(address("review_post", post.pk)).content.decode()
    assert REASON in client_for(cast["author"]).get(reverse("admin:review_mine")).content.decode()
    assert REASON not in str(trail(post, "decision"))


def test_reasons_and_remarks_in_lines_at_the_limit_are_kept_as_they_were_counted(client_for, cast, post_factory):
    post = post_factory.submitted()
    editor = client_for(cast["editor"])

    back = editor.post(address("review_send_back", post.pk), {"to_stage": "S.1.1", "reason": SENT})
    post_factory.submit(post)
    values = {"revision": str(newest(post).pk), "confirmed": "on", "note": SENT}
    on = editor.post(address("review_advance", post.pk), values)

    assert (back.status_code, on.status_code) == (302, 302)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        validations = find_text(post.pk).validations
    assert [entry["reason"] for entry in validations["sent_back"]] == [LINES]
    assert LINES in str(validations["decisions"]).replace("\\n", "\n")


def written(page: str) -> list[str]:
    """What is in the page's fields of lines."""
    return [unescape(found).lstrip("\n") for found in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)]


MINE = "Isto é <meu>,\nnão se perca."


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("review_send_back", {"to_stage": "S.4-1.1-3", "reason": MINE}),
        ("review_advance", {"confirmed": "on", "note": MINE}),
        ("review_note", {"act": "add", "text": f"{MINE}{'a' * 2001}"}),
        ("review_sign", {"note": MINE}),
        ("review_withdraw", {"reason": MINE, "password": PASSWORD, "code": "123456"}),
    ],
)
@pytest.mark.parametrize("stage", ["draft", "submitted", "in_final"])
def test_what_was_written_outlives_a_text_that_stands_elsewhere(name, values, stage, client_for, cast, post_factory):
    post = getattr(post_factory, stage)()
    values = {"revision": str(uuid.uuid4()), "password": PASSWORD, "code": "123456", **values}

    response = client_for(cast["compliance_officer"]).post(address(name, post.pk), values)

    page = response.content.decode()
    assert response.status_code in (403, 409, 422)
    assert [each for each in written(page) if each.startswith(MINE)]
    assert PASSWORD not in page
    assert "123456" not in page


def test_what_was_written_is_not_lost_when_the_role_does_not_fit(client_for, cast, post_factory):
    post = post_factory.submitted()
    client = client_for(cast["medical_reviewer"])

    page = client.post(address("review_advance", post.pk), {"note": MINE, "confirmed": "on"}).content.decode()

    assert MINE in written(page)


def test_what_was_written_is_not_lost_when_a_reason_is_asked_for_first(client_for, cast, post_factory):
    post = post_factory.submitted(compliance_level="phi", title="Caso de Joana")
    client = client_for(cast["compliance_officer"])

    response = client.post(address("review_send_back", post.pk), {"to_stage": "S.1.1", "reason": MINE})

    assert response.status_code == 403
    assert MINE in written(response.content.decode())
    assert "Joana" not in response.content.decode()
    assert stage_of(post) == "S.2.1"


def test_a_refused_plan_keeps_its_values(client_for, cast, post_factory):
    post = post_factory.submitted()

    response = client_for(cast["editor"]).post(
        address("review_assignment", post.pk), {"act": "plan", "due": "1900-01-31", "priority": "3"}
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert 'value="1900-01-31"' in page
    assert '<option value="3" selected>' in page
    assert '<details class="rv-assign-more" open>' in page


# --- Signatures ------------------------------------------------------------------------------------------------------


def signature(post, user, **values):
    return {
        "revision": str(newest(post).pk),
        "meaning": {"compliance_officer": "approval", "medical_reviewer": "review", "editor": "declaration"}[
            user.role
        ],
        "note": "Conferido com a diretriz.",
        "password": PASSWORD,
        "code": code_of(user),
        **values,
    }


def test_two_signatures_approve_the_text(client_for, cast, post_factory):
    post = post_factory.in_final()
    officer, reviewer = cast["compliance_officer"], cast["medical_reviewer"]

    first = client_for(officer).post(address("review_sign", post.pk), signature(post, officer))
    assert first.status_code == 302
    assert stage_of(post) == "S.4-1.1-3"
    second = client_for(reviewer).post(address("review_sign", post.pk), signature(post, reviewer))

    assert second.status_code == 302
    assert stage_of(post) == "approved"
    with tenant_context(post.tenant_id, actor=officer):
        signed = list(Approval.objects.filter(content_id=post.pk).order_by("sequence"))
    assert [(a.user_id, a.capacity, a.registry) for a in signed] == [
        (officer.pk, "compliance", None),
        (reviewer.pk, "professional", "CRM/SP 123456"),
    ]
    assert all(a.content_hash == newest(post).content_hash for a in signed)
    assert all(a.statement.endswith("\n\nConferido com a diretriz.") for a in signed)
    assert [row["act"] for row in trail(post, "decision")][-2:] == ["sign", "sign"]


def test_signature_and_withdrawal_keep_lines_at_the_limit(client_for, cast, post_factory):
    post = post_factory.in_final()
    officer = cast["compliance_officer"]
    client = client_for(officer)

    signed = client.post(address("review_sign", post.pk), signature(post, officer, note=SENT))
    values = {"reason": SENT, "password": PASSWORD, "code": code_of(officer)}
    withdrawn = client.post(address("review_withdraw", post.pk), values)

    assert (signed.status_code, withdrawn.status_code) == (302, 302)
    with tenant_context(post.tenant_id, actor=officer):
        first, second = Approval.objects.filter(content_id=post.pk).order_by("sequence")
    assert first.statement.endswith(f"\n\n{LINES}")
    assert second.statement == LINES


def test_editor_declares_a_text_non_medical(client_for, cast, post_factory):
    post = post_factory.submitted(medical_category=None)
    editor = cast["editor"]
    client = client_for(editor)

    offered = [p["option"].name for p in client.get(address("review_post", post.pk)).context["options"]]
    response = client.post(address("review_sign", post.pk), signature(post, editor))

    assert offered == ["advance", "sign", "send_back"]
    assert response.status_code == 302
    assert stage_of(post) == "approved"


@pytest.mark.parametrize("wrong", ["password", "code"])
def test_wrong_password_or_code_signs_nothing(wrong, client_for, cast, post_factory):
    post = post_factory.in_final()
    officer = cast["compliance_officer"]
    client = client_for(officer)
    values = signature(post, officer)
    values[wrong] = "not the password" if wrong == "password" else wrong_code(values["code"])

    response = client.post(address("review_sign", post.pk), values)

    assert response.status_code == 422
    page = response.content.decode()
    assert "Conferido com a diretriz." in page
    assert re.search(r'value="approval"[^>]*checked', page)
    assert values["password"] not in page
    assert values["code"] not in page
    assert stage_of(post) == "S.4-1.1-3"
    assert [row["code"] for row in trail(post, "deny")] == ["identity"]
    with tenant_context(post.tenant_id, actor=officer):
        assert not Approval.objects.filter(content_id=post.pk).exists()


def test_a_code_signs_once(client_for, cast, post_factory):
    first, second = post_factory.in_final(), post_factory.in_final(title="Outro texto")
    officer = cast["compliance_officer"]
    client = client_for(officer)
    values = signature(first, officer)
    assert client.post(address("review_sign", first.pk), values).status_code == 302

    again = client.post(address("review_sign", second.pk), {**values, "revision": str(newest(second).pk)})

    assert again.status_code == 422
    assert stage_of(second) == "S.4-1.1-3"
    with tenant_context(second.tenant_id, actor=officer):
        assert not Approval.objects.filter(content_id=second.pk).exists()


def test_repeated_failures_lock_the_signature(client_for, cast, post_factory):
    post = post_factory.in_final()
    officer = cast["compliance_officer"]
    client = client_for(officer)
    for _attempt in range(5):
        client.post(address("review_sign", post.pk), signature(post, officer, password="not the password"))

    response = client.post(address("review_sign", post.pk), signature(post, officer))

    assert response.status_code == 422
    with tenant_context(post.tenant_id, actor=officer):
        assert not Approval.objects.filter(content_id=post.pk).exists()


def test_signature_on_a_changed_text_is_stale_and_costs_no_code(client_for, cast, post_factory):
    post = post_factory.in_final()
    officer = cast["compliance_officer"]
    client = client_for(officer)
    values = signature(post, officer)
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        revisions.save_revision(post, actor=cast["editor"], changes={"content": "<p>Outra dose.</p>"})
        assessment.assess(post, actor=cast["editor"])
    for key in ("compliance_officer", "medical_reviewer"):
        with tenant_context(post.tenant_id, actor=cast[key]):
            review.advance(post, actor=cast[key], confirmed=True)

    response = client.post(address("review_sign", post.pk), values)

    assert response.status_code == 409
    assert response.context["refusal"].code == "stale"
    assert "Conferido com a diretriz." in response.content.decode()
    fresh = client.post(address("review_sign", post.pk), {**values, "revision": str(newest(post).pk)})
    assert fresh.status_code == 302


@pytest.mark.parametrize(("role", "code"), [("administrator", "role"), ("author", "role"), ("editor", "medical")])
def test_signature_page_says_why_not(role, code, client_for, cast, post_factory):
    post = post_factory.in_final()

    response = client_for(cast[role]).post(address("review_sign", post.pk), {"revision": str(newest(post).pk)})

    assert response.status_code == (403 if code == "role" else 409)
    assert response.context["refusal"].code == code
    assert response.context["form"] is None
    assert stage_of(post) == "S.4-1.1-3"


def test_withdrawal_takes_the_text_off_the_site(client_for, cast, post_factory):
    post = post_factory.published()
    officer = cast["compliance_officer"]
    client = client_for(officer)
    values = {"reason": "Dose errada no segundo parágrafo.", "password": PASSWORD, "code": code_of(officer)}

    refused = client.post(address("review_withdraw", post.pk), {**values, "password": "no"})
    assert refused.status_code == 422
    assert values["reason"] in refused.content.decode()
    done = client.post(address("review_withdraw", post.pk), {**values, "code": code_of(officer)})

    assert done.status_code == 302
    assert stage_of(post) == "S.1.1"
    with tenant_context(post.tenant_id, actor=officer):
        assert not PublishedPage.objects.filter(post=post).exists()
    assert trail(post, "decision")[-1]["act"] == "withdraw"


def test_withdrawal_without_the_right_is_403(client_for, cast, post_factory):
    post = post_factory.published()

    response = client_for(cast["author"]).post(address("review_withdraw", post.pk), {"reason": REASON})

    assert response.status_code == 403
    assert [(row["act"], row["code"]) for row in trail(post, "deny")] == [("withdraw", "role")]
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        assert PublishedPage.objects.filter(post=post).exists()


def test_record_names_what_was_signed_by_whom(client_for, cast, post_factory):
    post = post_factory.published()
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        review.withdraw(post, actor=cast["editor"], reason="Dose errada no segundo parágrafo.")

    response = client_for(cast["compliance_officer"]).get(address("review_signatures", post.pk))

    records = response.context["records"]
    assert [(r["approval"].action, r["ended"]) for r in records] == [
        ("sign", True),
        ("sign", True),
        ("withdraw", False),
    ]
    assert [r["matches"] for r in records] == [True, True, False]
    page = response.content.decode()
    assert newest(post).content_hash in page
    assert "Dose errada no segundo parágrafo." in page
    assert "Medical Reviewer Aurora" in page
