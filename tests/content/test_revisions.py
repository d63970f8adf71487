import pytest

from compliance.errors import Refused
from content.models import CustomField, Post, PostRevision
from content.services import revisions
from tests.factories import CategoryFactory


def test_save_revision_files_an_immutable_row_and_mirrors_the_draft(post_factory, cast, act_as):
    post = post_factory.draft()

    with act_as(cast["author"]):
        revision = revisions.save_revision(
            post, actor=cast["author"], changes={"title": "Outro título", "custom_fields": {"evidence_level": "1"}}
        )
        post.refresh_from_db()
        assert (revision.number, post.title) == (2, "Outro título")
        assert list(CustomField.objects.filter(post=post).values_list("meta_key", "meta_value")) == [
            ("evidence_level", "1")
        ]
        assert revision.saved_by_id == cast["author"].pk


def test_same_wording_files_nothing(post_factory, cast, act_as):
    post = post_factory.draft()

    with act_as(cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"title": post.title})
        assert PostRevision.objects.filter(post=post).count() == 1


@pytest.mark.parametrize("slug", ["admin", "entrar", "wp-json"])
def test_address_of_the_product_is_no_permalink(slug, post_factory, cast, act_as):
    with pytest.raises(Refused) as refused:
        post_factory.draft(slug=slug)

    assert refused.value.code == "slug"
    assert refused.value.params["suggestion"] == f"{slug}-2"


def test_author_cannot_edit_in_review_and_an_editor_sends_it_to_the_privacy_check(post_factory, cast, act_as):
    post = post_factory.in_final()

    with act_as(cast["author"]), pytest.raises(Refused) as refused:
        revisions.save_revision(post, actor=cast["author"], changes={"title": "Novo"})
    assert refused.value.code == "frozen"
    with act_as(cast["editor"]):
        revisions.save_revision(post, actor=cast["editor"], changes={"title": "Novo"})
        run = revisions.open_run(post)
        assert (run.current_stage, run.compliance_validations["lgpd_check"]) == ("S.2.1", "stale")


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({"medical_category": "cardiologia"}, True),
        ({"medical_category": "prevencao_bem_estar"}, False),
        ({"medical_category": "", "compliance_level": "professional"}, True),
        ({"medical_category": ""}, False),
    ],
)
def test_classification_decides_whether_a_professional_must_sign(changes, required, post_factory):
    assert post_factory.draft(**changes).requires_crm_validation is required


def test_only_the_officer_clears_the_duty_and_a_flagged_category_brings_it_back(post_factory, cast, act_as):
    post = post_factory.draft()
    waive = {"requires_crm_validation": False}

    with act_as(cast["author"]):
        assert revisions.save_revision(post, actor=cast["author"], changes=waive).requires_crm_validation
    with act_as(cast["compliance_officer"]):
        assert not revisions.save_revision(
            post, actor=cast["compliance_officer"], changes=waive
        ).requires_crm_validation
        flagged = CategoryFactory(crm_validation_required=True)
    with act_as(cast["author"]):
        kept = revisions.save_revision(post, actor=cast["author"], changes={"title": "Outro"})
        assert not kept.requires_crm_validation
        again = revisions.save_revision(post, actor=cast["author"], changes={"category_ids": [flagged.pk]})
        assert again.requires_crm_validation


def test_level_is_lowered_by_the_officer_only(post_factory, cast, act_as):
    post = post_factory.draft(compliance_level="professional")
    lower = {"compliance_level": "public"}

    with act_as(cast["author"]):
        assert revisions.save_revision(post, actor=cast["author"], changes=lower).compliance_level == "professional"
    with act_as(cast["compliance_officer"]):
        actor = cast["compliance_officer"]
        assert revisions.save_revision(post, actor=actor, changes=lower).compliance_level == "public"


def test_html_is_sanitised(post_factory):
    post = post_factory.draft(
        content='<h2 onclick="x()">A</h2><script>alert(1)</script><p><a href="javascript:x">l</a>'
        '<img src="https://tracker.example/p.gif" alt="a"></p>'
    )

    assert post.content == '<h2 id="a">A</h2><p><a rel="noopener">l</a><img alt="a"></p>'


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 100_000,
        "".join(f"<b a={n}>" for n in range(2_000)) + "<p>x" * 2_000,
        "".join(f"<b\0 a={n}>" for n in range(2_000)) + "<p>x" * 2_000,
        "".join(f'<b title=">{n}">' for n in range(2_000)) + "<p>x" * 2_000,
        "".join(f"<b a='{n}'>" for n in range(2_000)) + "<p>x" * 2_000,
    ],
    ids=["deep", "reopened", "behind NUL", "behind a quote", "in quotes"],
)
def test_mark_up_that_costs_the_square_of_its_length_is_refused_before_it_is_parsed(
    content, post_factory, cast, act_as
):
    post = post_factory.draft()

    with act_as(cast["author"]), pytest.raises(Refused) as refused:
        revisions.save_revision(post, actor=cast["author"], changes={"content": content})

    assert refused.value.code == "costly"


def test_a_long_honest_text_is_saved(post_factory, cast, act_as):
    chapter = '<h2>Título</h2><p>Um <em lang="la">in vitro</em> e <strong>dois</strong>.</p>' * 200
    table = "<table><tbody>" + "<tr><td>1</td><td>2</td></tr>" * 1_000 + "</tbody></table>"
    post = post_factory.draft()

    with act_as(cast["author"]):
        saved = revisions.save_revision(post, actor=cast["author"], changes={"content": chapter + table})

    assert saved.content.count('<em lang="la">') == 200


def test_a_permalink_taken_at_the_same_moment_is_refused(post_factory, cast, act_as, monkeypatch):
    post_factory.draft(title="Asma")
    monkeypatch.setattr(revisions, "_free_slug", lambda title: "asma")
    monkeypatch.setattr(revisions, "_refuse_taken_slug", lambda post, slug: None)

    with act_as(cast["author"]):
        with pytest.raises(Refused) as refused:
            revisions.create_post(actor=cast["author"], changes={"title": "Asma"})
        assert Post.objects.count() == 1  # the transaction still works

    assert refused.value.code == "slug_taken"
