"""Citations and the reference list on the public page, in the preview and in JSON-LD."""

import json
import re

import pytest
from django.test import Client

from content.markers import linked
from content.models import PostRevision
from content.services import references
from tests.content.test_references_markers import marker


@pytest.fixture
def works(cast, act_as):
    """Two works of Aurora's library."""
    editor = cast["editor"]
    with act_as(editor):
        return [
            references.add(
                actor=editor, identifier="DOI:10.1000/a", title="Vacina <b>HPV</b>", container="Lancet", year=2021,
                authors=[{"family": "Silva", "given": "Ana"}],
            ),
            references.add(actor=editor, identifier="PMID:7", title="Segundo"),
        ]  # fmt: skip


def published(factory, **changes) -> str:
    factory.published(
        slug="citado",
        content=f"<p>Um{marker('PMID:7')} dois{marker('DOI:10.1000/a')} três{marker('PMID:7')}.</p>",
        scientific_references=["Sem <i>citação</i>"],
        **changes,
    )
    return Client(HTTP_HOST="aurora.localhost").get("/citado/", HTTP_ACCEPT_LANGUAGE="pt-BR").content.decode()


def test_markers_lead_to_the_list_and_back(works, post_factory) -> None:
    html = published(post_factory)

    assert re.findall(
        r'<sup data-ref="([^"]*)"><a class="cite" id="([^"]*)" href="([^"]*)">(\[\d\])</a></sup>', html
    ) == [
        ("PMID:7", "cite:1:1", "#ref:1", "[1]"),
        ("DOI:10.1000/a", "cite:2:1", "#ref:2", "[2]"),
        ("PMID:7", "cite:1:2", "#ref:1", "[1]"),
    ]
    assert re.findall(r'<li id="(ref:\d)"', html) == ["ref:1", "ref:2", "ref:3"]
    assert re.findall(r'<a href="#(cite:[\d:]*)" aria-label', html) == ["cite:1:1", "cite:1:2", "cite:2:1"]
    assert "Silva A. Vacina &lt;b&gt;HPV&lt;/b&gt;. Lancet. 2021. doi:10.1000/a" in html
    assert "Sem &lt;i&gt;citação&lt;/i&gt;" in html


def test_stored_text_has_no_links(works, post_factory, in_aurora) -> None:
    published(post_factory)

    content = PostRevision.objects.get(slug="citado").content
    assert content == (
        f"<p>Um{marker('PMID:7', '[1]')} dois{marker('DOI:10.1000/a', '[2]')} três{marker('PMID:7', '[1]')}.</p>"
    )


def test_json_ld_describes_the_works(works, post_factory) -> None:
    html = published(post_factory)

    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1]
    second, first, words = json.loads(block)["@graph"][0]["citation"]
    assert second["name"] == "Segundo"
    assert (first["@type"], first["name"]) == ("ScholarlyArticle", "Vacina <b>HPV</b>")
    assert first["author"] == [{"@type": "Person", "name": "Ana Silva"}]
    assert first["url"] == "https://doi.org/10.1000/a"
    assert words == "Sem <i>citação</i>"


def test_retracted_work_is_marked_and_an_edit_shows_at_once(works, post_factory, cast, act_as) -> None:
    published(post_factory)
    visitor = Client(HTTP_HOST="aurora.localhost")
    before = visitor.get("/citado/")
    with act_as(cast["editor"]):
        references.mark_retracted(works[0], actor=cast["editor"], note="Dados fabricados.")
        references.edit(works[1], actor=cast["editor"], identifier="PMID:7", title="Título corrigido")

    after = visitor.get("/citado/", HTTP_ACCEPT_LANGUAGE="en").content.decode()

    assert "retracted" not in before.content.decode()
    assert re.search(r'<li id="ref:2" class="retracted">.*?This work has been retracted', after, re.S)
    assert "Título corrigido" in after
    changed = visitor.get("/citado/", HTTP_IF_NONE_MATCH=before.headers.get("ETag", '"none"'))
    assert changed.status_code == 200


def test_teaser_gives_nothing_away(works, post_factory) -> None:
    disclaimer = "Conteúdo destinado somente a profissionais de saúde habilitados."
    html = published(post_factory, compliance_level="professional", medical_disclaimer=disclaimer)

    assert "Vacina" not in html
    assert "citation" not in html


def test_preview_shows_the_list(works, post_factory, client_for, cast) -> None:
    post = post_factory.draft(content=f"<p>a{marker('DOI:10.1000/a')}</p>")

    html = client_for(cast["author"]).get(f"/admin/content/post/{post.pk}/preview/").content.decode()

    assert 'href="#ref:1">[1]</a>' in html
    assert "Silva A. Vacina &lt;b&gt;HPV&lt;/b&gt;" in html


def test_review_page_links_markers_to_the_signed_list(works, post_factory, client_for, cast) -> None:
    post = post_factory.submitted(content=f"<p>a{marker('DOI:10.1000/a')}</p>", scientific_references=["<i>Sem</i>"])

    html = client_for(cast["compliance_officer"]).get(f"/admin/compliance/{post.pk}/").content.decode()

    assert '<a class="cite" id="cite:1:1" href="#ref:1">[1]</a>' in html
    assert '<li id="ref:1">DOI:10.1000/a <a href="#cite:1:1"' in html
    assert '<li id="ref:2">&lt;i&gt;Sem&lt;/i&gt;</li>' in html


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>a<sup>[1]</sup></p>", 1),
        (f"<p>{marker('PMID:1', '[2]')}</p>", 1),
        (f"<p>{marker('PMID:1', '')}</p>", 1),
        ('<sup data-ref="PMID:1"><a href="#x">[1]</a></sup>', 1),
        (f"<p>{marker('PMID:1', '[99999999999]')}</p>", 1),
        ("", 0),
    ],
)
def test_what_has_no_line_in_the_list_gets_no_link(html: str, lines: int) -> None:
    assert linked(html, lines) == (html, {})


def test_marks_inside_a_marker_are_kept() -> None:
    html, anchors = linked('<sup data-ref="PMID:1"><mark id="x">[1]</mark></sup>', 1)

    assert html == (
        '<sup data-ref="PMID:1"><a class="cite" id="cite:1:1" href="#ref:1"><mark id="x">[1]</mark></a></sup>'
    )
    assert anchors == {1: ["cite:1:1"]}
