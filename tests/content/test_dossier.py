"""The inspection dossier: one data structure, told twice; what it proves, and to whom it is given."""

import hashlib
import io
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import attention
from compliance.models import Approval, AuditEntry
from content import dossier_pdf
from content.models import PostRevision
from content.services import dossier, review, revisions

pytestmark = pytest.mark.django_db
TITLE = "Pressão <script>alert(1)</script> & “cuidados”"


@pytest.fixture
def post(post_factory, cast, act_as):
    """Published, with a second version in review, a to-do, findings and claims."""
    post = post_factory.published(
        title=TITLE, custom_fields={"next_review_due": "2031-05-09"}, scientific_references=["PMID:12345678"]
    )
    with act_as(cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"excerpt": "Outro resumo."}, summary="Resumo <b>")
    post_factory.submit(post)
    officer = cast["compliance_officer"]
    with act_as(officer):
        attention.open_item("retraction", post.pk, {"identifiers": ["PMID:12345678"]}, subject="PMID:12345678")
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID, atomic=True):
        run = review.latest_run(post)
        run.medical_claims = {
            "claim_1": {
                "text": "Exercício <i>reduz</i> a pressão em 5 mmHg.",
                "status": "validated",
                "validated": True,
                "evidence_scale": "ocebm2011",
                "evidence_level": "1",
                "references": ["PMID:12345678"],
                "validated_by": str(cast["medical_reviewer"].pk),
                "validated_at": "2026-11-23T01:00:00+00:00",
                "validator_registry": "CRM/SP 123456",
                "note": "Metanálise.",
            }
        }
        run.compliance_validations = {
            **run.compliance_validations,
            "engine": {"phi": "1.0.0", "rules": "2026.11"},
            "findings": [
                {
                    "id": "rule-CFM-PROMISE-0123abcd",
                    "kind": "rule",
                    "code": "CFM-PROMISE",
                    "severity": "block",
                    "status": "false_positive",
                    "reason": "Citação de um mito & não promessa.",
                    "masked": "c*** garantida",
                    "closed_by": str(officer.pk),
                    "closed_at": "2026-11-23T02:00:00+00:00",
                }
            ],
        }
        run.save()
    return post


@pytest.fixture
def officer(client_for, cast):
    return client_for(cast["compliance_officer"])


def address(post: Any, kind: str) -> str:
    return f"/admin/compliance/{post.pk}/dossier.{kind}"


def fetch(client, post, kind, **headers):
    response = client.get(address(post, kind), **{"HTTP_ACCEPT_LANGUAGE": "en"} | headers)
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response, body


def text_of(pdf: bytes) -> str:
    """Without white space: lines break where they must."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def strings(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    """Every text under one of these names, anywhere in the file."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in names and isinstance(each, str):
                yield each
            yield from strings(each, names)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, names)


SAME = ("hash", "hash_now", "shown_hash", "signed_hash", "record", "audit", "name", "by", "saved_by", "registry")
SAME += ("title", "statement", "reason", "text", "note", "code", "closed_by", "validated_by", "id", "resolution")


def test_pdf_and_json_say_the_same(post, officer):
    data = json.loads(fetch(officer, post, "json")[1])
    pdf = text_of(fetch(officer, post, "pdf")[1])

    said = {{"system": "System"}.get(text, text) for text in strings(data, SAME) if text}
    missing = [text for text in said if re.sub(r"\s", "", text) not in pdf]
    # The two exports themselves: the file cannot have the entry of the PDF that was made after it.
    runs = {run["id"] for run in data["reviews"]} | {version["id"] for version in data["versions"]}
    assert set(missing) <= runs
    assert len(said) > 25


def test_it_holds_versions_findings_claims_signatures_trail_and_hashes(post, officer, cast):
    data = json.loads(fetch(officer, post, "json")[1])
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        first, second = PostRevision.objects.filter(post=post).order_by("number")
        approvals = list(Approval.objects.filter(content_id=post.pk).order_by("sequence"))

    assert data["format"] == "healthcare-cms-dossier/1"
    assert data["organization"]["name"] == "Clínica Aurora"
    assert data["article"]["next_review"] == "2031-05-09"
    assert data["page"] | {"address": ""} == {
        "verdict": "same",
        "shown_hash": first.content_hash,
        "signed_hash": first.content_hash,
        "address": "",
    }
    assert [(v["number"], v["hash"], v["hash_now"], v["same"], v["changed"], v["live"]) for v in data["versions"]] == [
        (1, first.content_hash, first.content_hash, True, [], True),
        (2, second.content_hash, second.content_hash, True, ["excerpt"], False),
    ]
    assert [(s["sequence"], s["hash"], s["same"], s["withdrawn"]) for s in data["signatures"]] == [
        (each.sequence, first.content_hash, True, False) for each in approvals
    ]
    assert {s["name"] for s in data["signatures"]} == {
        cast["compliance_officer"].display_name,
        cast["medical_reviewer"].display_name,
    }
    open_run = data["reviews"][-1]
    assert open_run["rules"] == {"phi": "1.0.0", "rules": "2026.11"}
    assert open_run["findings"][0]["closed_by"] == cast["compliance_officer"].display_name
    assert open_run["claims"][0]["references"] == ["PMID:12345678"]
    assert [line["id"] for line in data["references"]] == ["PMID:12345678"]
    assert [item["about"] for item in data["to_dos"]] == ["PMID:12345678"]
    assert {"create", "update", "decision"} <= {entry["operation"] for entry in data["audit"]["entries"]}


def test_it_holds_no_sample_of_what_was_found_and_nothing_of_the_reader(post, officer):
    body = fetch(officer, post, "json")[1].decode()
    assert "garantida" not in body
    assert "127.0.0.1" not in body and "user_agent" not in body
    assert "Pressão alta é uma condição comum" not in body  # the article's text


def test_digests_are_those_of_the_parts_and_equal_in_two_of_the_same_state(post, officer):
    first, second = (json.loads(fetch(officer, post, "json")[1]) for _ in range(2))
    assert first["digests"] == second["digests"]
    assert first["generated"]["at"] and len(second["audit"]["reads"]) > len(first["audit"]["reads"])
    parts = {name: part for name, part in first.items() if name not in ("format", "generated", "audit", "digests")}
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert first["digests"]["record"] == hashlib.sha256(canonical).hexdigest()


def test_export_is_recorded_before_it_leaves(post, officer, cast):
    for kind in ("pdf", "json"):
        fetch(officer, post, kind)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        rows = AuditEntry.objects.filter(operation="export", resource_id=post.pk).order_by("created_at")
        assert [(row.user_id, row.metadata["format"]) for row in rows] == [
            (cast["compliance_officer"].pk, "pdf"),
            (cast["compliance_officer"].pk, "json"),
        ]


def test_markup_in_titles_and_reasons_is_shown_as_text(post, officer):
    pdf = text_of(fetch(officer, post, "pdf")[1])
    assert "<script>alert(1)</script>" in pdf
    assert "Resumo<b>" in pdf and "<i>reduz</i>" in pdf
    response, body = fetch(officer, post, "json")
    assert json.loads(body)["article"]["title"] == TITLE
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="dossier-{post.pk}.json"'


@pytest.mark.parametrize("language", ["pt-br", "en"])
def test_pdf_is_tagged_and_in_the_readers_language(post, act_as, cast, language):
    officer = cast["compliance_officer"]
    with act_as(officer):
        data = dossier.build(post, actor=officer)
    reader = PdfReader(io.BytesIO(dossier_pdf.render(data, language)))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] is not None
    assert str(reader.trailer["/Root"]["/Lang"]).lower() == language
    words = {"pt-br": "Dossiê de inspeção", "en": "Inspection dossier"}
    assert words[language] in reader.pages[0].extract_text()
    assert translation.get_language() != "xx"


def test_nothing_is_loaded_from_anywhere():
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    for source in ("http://127.0.0.1:9/x.png", "file:///etc/hostname", "data:image/png;base64,AAAA"):
        with pytest.raises(FatalURLFetchingError):
            HTML(string=f'<img src="{source}">', url_fetcher=dossier_pdf._refusing()).write_pdf()


def test_pdf_is_rendered_after_the_transaction(post, officer, monkeypatch):
    depth = []
    monkeypatch.setattr(
        dossier_pdf, "render", lambda data, language: depth.append(len(connection.savepoint_ids)) or b"%PDF"
    )
    before = len(connection.savepoint_ids)
    response = officer.get(address(post, "pdf"))
    assert depth == []
    assert b"".join(response.streaming_content) == b"%PDF"
    assert depth == [before]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("compliance_officer", 200),
        ("administrator", 200),
        ("dpo", 200),
        ("contributor", 403),
        ("author", 403),
        ("editor", 403),
        ("medical_reviewer", 403),
        ("subscriber", 403),
    ],
)
def test_who_gets_it(post, client_for, cast, role, status):
    for kind in ("json", "pdf"):
        assert client_for(cast[role]).get(address(post, kind)).status_code == status


def test_absent_and_foreign_articles_are_unknown(post, client_for, other_cast, officer):
    foreign = client_for(other_cast["compliance_officer"])
    for kind in ("json", "pdf"):
        theirs = foreign.get(address(post, kind))
        nothing = foreign.get(f"/admin/compliance/{uuid.uuid4()}/dossier.{kind}")
        assert theirs.status_code == nothing.status_code == 404
        assert officer.post(address(post, kind)).status_code == 405


def test_closed_text_needs_its_own_right_and_patient_data_a_reason(post_factory, client_for, cast, officer):
    restricted = post_factory.published(compliance_level="restricted")
    phi = post_factory.published(compliance_level="phi", title="Outro")
    for role in ("administrator", "dpo"):
        assert client_for(cast[role]).get(address(restricted, "json")).status_code == 403
        assert client_for(cast[role]).get(address(phi, "json")).status_code == 403
    assert officer.get(address(restricted, "json")).status_code == 200
    asked = officer.get(address(phi, "json"))
    assert (asked.status_code, asked["Location"]) == (302, f"/admin/compliance/{phi.pk}/")
    officer.post(f"/admin/compliance/{phi.pk}/", {"reason": "Inspeção do CRM em 23/11."})
    assert officer.get(address(phi, "json")).status_code == 200


def test_queries_do_not_grow_with_versions(post_factory, cast, act_as):
    officer = cast["compliance_officer"]
    post = post_factory.draft()

    def cost():
        with act_as(officer), CaptureQueriesContext(connection) as asked:
            dossier.build(post, actor=officer)
        return len(asked)

    few = cost()
    with act_as(cast["author"]):
        for number in range(12):
            revisions.save_revision(post, actor=cast["author"], changes={"excerpt": f"Resumo {number}"})
    assert cost() == few <= 25
