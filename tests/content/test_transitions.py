"""Every transition, tried by every role at every stage, through the service and through the form alike.

What the workflow contract (domain rules 1 to 4) allows is written down here a second time, as data. Everything else,
several hundred cases, is refused and leaves nothing behind; what is allowed does something, so that a case which can
never succeed does not pass for a refusal. The texts are made once, in a transaction of the module; each case is tried
in a savepoint that is rolled back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from accounts.tenancy.hosts import forget_hosts
from compliance.enums import ApprovalKind, Capacity
from compliance.errors import Refused
from compliance.models import WorkflowState
from content.models import Post, PostRevision
from content.services import claims, findings, publishing, review
from content.services.revisions import newest_revision
from tests.cast import CAST, PASSWORD, tenant_id, user_id
from tests.conftest import PostFactory

pytestmark = pytest.mark.django_db  # so that a test database is made

AURORA = tenant_id("aurora")
ROLES = [person.key for person in CAST]
REASON = "Um motivo com palavras suficientes."
REFERENCE = "PMID:12345678"
CLAIM = "<p>A losartana reduz a mortalidade por infarto em 30%.</p>"
# Two blocking rules and a warning.
ADVERTISED = "<p>Compre Ozempic na clínica. Resultado garantido. Ozonioterapia: agende.</p>"
BLOCK, ASKED, WARN = "ANV-RX", "CFM-PROMISE", "CFM-UNPROVEN"

# --- What is allowed -------------------------------------------------------------------------------------------------

# Where a text stands → what a case finds there. `decided` has its claim validated, `clean` has no finding.
STAGES = {
    "draft": "S.1.1, sent back once, with findings and an open claim",
    "privacy": "S.2.1, with findings and an open claim",
    "evidence": "S.3.1, with findings and an open claim",
    "decided": "S.3.1, with findings and a validated claim",
    "final": "S.4-1.1-3, with findings",
    "clean": "S.4-1.1-3, without any",
    "plain": "S.2.1, an unclassified text",
    "approved": "approved, not published",
    "published": "on the site",
    "withdrawn": "its approval was taken back",
    "trashed": "S.2.1, in the trash",
}
WRITERS = {"author", "editor", "compliance_officer"}  # the author; or who may edit other people's texts (4.3)
REVIEWERS = {"editor", "medical_reviewer", "compliance_officer"}
LINKERS = {"editor", "medical_reviewer"}
IN_REVIEW = ("privacy", "evidence", "decided", "final")
PUBLISHERS = {"author", "editor", "compliance_officer", "administrator"}
WITHDRAWERS = {"editor", "compliance_officer", "administrator"}

# transition → stage → roles
ALLOWED: dict[str, dict[str, set[str]]] = {
    "submit": {"draft": WRITERS, "withdrawn": WRITERS},
    "advance": {
        "privacy": {"editor", "compliance_officer"},
        "plain": {"editor", "compliance_officer"},
        "decided": {"medical_reviewer"},
    },
    "send_back": dict.fromkeys((*IN_REVIEW, "clean", "plain"), REVIEWERS),
    "sign_as_officer": {"clean": {"compliance_officer"}},
    "sign_as_professional": {"clean": {"medical_reviewer"}},
    "declare": {"plain": {"editor"}},
    "withdraw": {"approved": WITHDRAWERS, "published": WITHDRAWERS},
    "publish": {"approved": PUBLISHERS, "published": PUBLISHERS},  # again: the same wording, nothing else
    "waive_block": {stage: {"compliance_officer"} for stage in IN_REVIEW},
    "close_warning": dict.fromkeys(IN_REVIEW, REVIEWERS),
    "reopen": {stage: {"compliance_officer"} for stage in IN_REVIEW},
    "confirm_waiver": {stage: {"dpo"} for stage in ("privacy", "evidence", "decided")},
    "decide_claim": {"evidence": {"medical_reviewer"}, "decided": {"medical_reviewer"}},
    "link_claim": {
        "draft": {"author", *LINKERS},
        "privacy": LINKERS,
        "evidence": LINKERS,
        "decided": {"medical_reviewer"},
    },
}
CASES = [(transition, stage, role) for transition in ALLOWED for stage in STAGES for role in ROLES]


def is_allowed(transition: str, stage: str, role: str) -> bool:
    return role in ALLOWED[transition].get(stage, set())


# --- The texts -------------------------------------------------------------------------------------------------------


Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Theatre:
    """People, their browsers, and one text per stage."""

    people: dict[str, User]
    posts: dict[str, Post] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    devices: dict[str, TOTPDevice] = field(default_factory=dict)
    before: dict[str, Rows] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """Signed in, second factor verified."""
        if role not in self.clients:
            user = self.people[role]
            client = Client(HTTP_HOST="aurora.localhost")
            with tenant_context(AURORA, actor=user):
                client.force_login(user)
                device, _created = TOTPDevice.objects.get_or_create(user=user, name="test", confirmed=True)
                session = client.session
                session["otp_device_id"] = device.persistent_id
                session.save()
            self.clients[role], self.devices[role] = client, device
        return self.clients[role]

    def code(self, role: str) -> str:
        """A code that has not been used: what a case uses up is rolled back."""
        device = self.devices[role]
        return f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits):06}"


@pytest.fixture(autouse=True)
def _bare_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status without the page: what the pages show is tested elsewhere, and rendering is most of the time."""
    monkeypatch.setattr("content.views.review.render", lambda *_args, status=200: HttpResponse(status=status))


@pytest.fixture
def _django_db_helper() -> None:
    """What the mark would do: a transaction for each test. Here the module has one, and each case a savepoint."""


@pytest.fixture(scope="module")
def theatre(django_db_setup: None, django_db_blocker: Any) -> Iterator[Theatre]:
    """Everything in one transaction that is rolled back when the module is done."""
    with django_db_blocker.unblock(), transaction.atomic():
        forget_hosts()
        with tenant_context(AURORA, actor=SYSTEM_UUID):
            by_id = {user.pk: user for user in User.objects.select_related("profile")}
        made = Theatre({person.key: by_id[user_id("aurora", person.key)] for person in CAST})
        factory = PostFactory(made.people)
        made.posts = {stage: fresh(globals()[f"make_{stage}"](factory)) for stage in STAGES}
        made.before = {stage: everything_about(post) for stage, post in made.posts.items()}
        for role in ROLES:
            made.client(role)
        yield made
        transaction.set_rollback(True)


def acts(factory: PostFactory, role: str, function: Callable[..., Any], post: Post, *args: Any, **kwargs: Any) -> None:
    user = factory.people[role]
    with tenant_context(AURORA, actor=user):
        function(post, *args, actor=user, **kwargs)


def flagged(factory: PostFactory, stage: str) -> Post:
    return factory.submitted(title=f"Texto {stage}", content=ADVERTISED + CLAIM, scientific_references=[REFERENCE])


def ask_waiver(factory: PostFactory, post: Post) -> None:
    finding = finding_of(post, ASKED)
    acts(factory, "compliance_officer", findings.close, post, finding, status="waived", reason=REASON)


def validate(factory: PostFactory, post: Post) -> None:
    acts(factory, "medical_reviewer", claims.link, post, "claim_1", references=[REFERENCE])
    acts(factory, "medical_reviewer", claims.decide, post, "claim_1", status="validated", evidence_level="2")


def advance(factory: PostFactory, post: Post, *roles: str) -> Post:
    for role in roles:
        acts(factory, role, review.advance, post, confirmed=True)
    return post


def make_draft(factory: PostFactory) -> Post:
    post = flagged(factory, "draft")
    acts(factory, "editor", review.send_back, post, reason=REASON)
    return post


def make_privacy(factory: PostFactory) -> Post:
    post = flagged(factory, "privacy")
    ask_waiver(factory, post)
    return post


def make_evidence(factory: PostFactory) -> Post:
    return advance(factory, make_privacy(factory), "editor")


def make_decided(factory: PostFactory) -> Post:
    post = make_evidence(factory)
    validate(factory, post)
    return post


def make_final(factory: PostFactory) -> Post:
    """One waiver is complete here, so that there is something to open again."""
    post = make_decided(factory)
    acts(factory, "dpo", findings.confirm_waiver, post, finding_of(post, ASKED))
    return advance(factory, post, "medical_reviewer")


def make_clean(factory: PostFactory) -> Post:
    post = factory.submitted(title="Texto clean", content=CLAIM, scientific_references=[REFERENCE])
    advance(factory, post, "editor")
    validate(factory, post)
    return advance(factory, post, "medical_reviewer")


def make_plain(factory: PostFactory) -> Post:
    return factory.submitted(title="Texto plain", content="<p>Nosso horário mudou.</p>", medical_category=None)


def make_approved(factory: PostFactory) -> Post:
    post = make_clean(factory)
    acts(factory, "medical_reviewer", review.sign, post, capacity=Capacity.PROFESSIONAL, statement=REASON)
    acts(factory, "compliance_officer", review.sign, post, statement=REASON)
    return post


def make_published(factory: PostFactory) -> Post:
    return factory.publish(make_approved(factory))


def make_withdrawn(factory: PostFactory) -> Post:
    post = make_published(factory)
    acts(factory, "compliance_officer", review.withdraw, post, reason=REASON)
    return post


def make_trashed(factory: PostFactory) -> Post:
    post = flagged(factory, "trashed")
    acts(factory, "editor", publishing.trash, post)
    return post


@cache
def run_of(post: Post) -> WorkflowState:
    with tenant_context(AURORA, actor=SYSTEM_UUID):
        return review.latest_run(post)


def finding_of(post: Post, code: str) -> str:
    """The finding's id; something that cannot be found where the text has none."""
    found = (run_of(post).compliance_validations or {}).get("findings", [])
    return next((finding["id"] for finding in found if finding["code"] == code), f"rule-{code}-00000000")


def fresh(post: Post) -> Post:
    with tenant_context(AURORA, actor=SYSTEM_UUID):
        return Post.objects.get(pk=post.pk)


# --- The transitions -------------------------------------------------------------------------------------------------

Service = Callable[[Post, User], Any]


def publish(post: Post, user: User) -> None:
    publishing.publish_revision(post, actor=user)


def signs(capacity: Capacity) -> Service:
    kind = ApprovalKind.NON_MEDICAL if capacity == Capacity.DECLARATION else ApprovalKind.MEDICAL
    return lambda post, user: review.sign(post, actor=user, kind=kind, capacity=capacity, statement=REASON)


SERVICES: dict[str, Service] = {
    "submit": lambda post, user: review.submit(post, actor=user),
    "advance": lambda post, user: review.advance(post, actor=user, confirmed=True),
    "send_back": lambda post, user: review.send_back(post, actor=user, reason=REASON),
    "sign_as_officer": signs(Capacity.COMPLIANCE),
    "sign_as_professional": signs(Capacity.PROFESSIONAL),
    "declare": signs(Capacity.DECLARATION),
    "withdraw": lambda post, user: review.withdraw(post, actor=user, reason=REASON),
    "publish": publish,
    "waive_block": lambda post, user: findings.close(
        post, finding_of(post, BLOCK), actor=user, status="waived", reason=REASON
    ),
    "close_warning": lambda post, user: findings.close(
        post, finding_of(post, WARN), actor=user, status="false_positive", reason=REASON
    ),
    "reopen": lambda post, user: findings.reopen(post, finding_of(post, ASKED), actor=user, reason=REASON),
    "confirm_waiver": lambda post, user: findings.confirm_waiver(post, finding_of(post, ASKED), actor=user),
    "decide_claim": lambda post, user: claims.decide(post, "claim_1", actor=user, status="not_a_claim", reason=REASON),
    "link_claim": lambda post, user: claims.link(post, "claim_1", actor=user, references=[REFERENCE]),
}

MEANINGS = {"sign_as_officer": "approval", "sign_as_professional": "review", "declare": "declaration"}
SIGNERS = {"sign_as_officer": "compliance_officer", "sign_as_professional": "medical_reviewer", "declare": "editor"}


@cache
def newest_of(post: Post) -> PostRevision:
    with tenant_context(AURORA, actor=SYSTEM_UUID):
        return newest_revision(post)


def form_of(transition: str, post: Post, role: str, theatre: Theatre) -> list[tuple[str, dict[str, Any]]]:
    """Addresses and what a browser would send there; all of them are tried."""
    page = lambda name: reverse(f"admin:review_{name}", args=[post.pk])  # noqa: E731
    identity = {"password": PASSWORD, "code": theatre.code(role)}
    about = {"revision": str(newest_of(post).pk)}
    claim = {"claim": "claim_1", "level": "", "reason": REASON}
    forms: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "submit": [(page("submit"), {})],
        "advance": [(page("advance"), about | {"confirmed": "on", "note": ""})],
        "send_back": [(page("send_back"), {"to_stage": "S.1.1", "reason": REASON})],
        "withdraw": [(page("withdraw"), {"reason": REASON} | identity)],
        "publish": [(reverse("admin:content_post_bulk"), {"action": "publish", "ids": [str(post.pk)]})],
        "waive_block": [(page("finding"), closing(post, BLOCK, "waived"))],
        "close_warning": [(page("finding"), closing(post, WARN, "false_positive"))],
        "reopen": [(page("finding"), {"finding": finding_of(post, ASKED), "act": "reopen", "reason": REASON})],
        "confirm_waiver": [
            (page("finding"), {"finding": finding_of(post, ASKED), "act": "confirm"}),
            (reverse("admin:compliance_waiver_confirm", args=[post.pk]), {"finding": finding_of(post, ASKED)}),
        ],
        "decide_claim": [(page("claim"), claim | {"act": "decide", "status": "not_a_claim", "references": REFERENCE})],
        "link_claim": [(page("claim"), claim | {"act": "link", "references": REFERENCE})],
    }
    signing = [(page("sign"), about | identity | {"meaning": MEANINGS.get(transition, ""), "note": ""})]
    return forms.get(transition, signing)


def closing(post: Post, code: str, status: str) -> dict[str, str]:
    return {"finding": finding_of(post, code), "act": "close", "status": status, "reason": REASON}


TABLES = {
    "workflow_states": "content_id",
    "approvals": "content_id",
    "posts": "id",
    "post_revisions": "post_id",
    "published_pages": "post_id",
    "custom_fields": "post_id",
    "post_categories": "post_id",
    "attention_items": "content_id",
    "review_assignments": "content_id",
    "review_notes": "content_id",
    "reference_uses": "post_id",
    "job_runs": "subject_id",
}


def everything_about(post: Post) -> Rows:
    """All rows that a transition could touch; the trail is not among them, as it keeps refusals."""
    key = post.pk if connection.features.has_native_uuid_field else post.pk.hex
    with tenant_context(AURORA, actor=SYSTEM_UUID), connection.cursor() as cursor:
        found = {}
        for table, column in TABLES.items():
            cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s ORDER BY 1", [key])
            found[table] = cursor.fetchall()
        return found


class Undone:
    """A savepoint that is always rolled back."""

    def __enter__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)


# --- The cases -------------------------------------------------------------------------------------------------------


def test_there_are_several_hundred() -> None:
    refused = [case for case in CASES if not is_allowed(*case)]

    assert len(refused) > 1000
    assert {stage for stages in ALLOWED.values() for stage in stages} <= set(STAGES)
    assert set(SERVICES) == set(ALLOWED)


@pytest.mark.parametrize(("transition", "stage", "role"), [case for case in CASES if not is_allowed(*case)])
def test_refused(transition: str, stage: str, role: str, theatre: Theatre) -> None:
    post, user, before = fresh(theatre.posts[stage]), theatre.people[role], theatre.before[stage]

    with Undone():
        with pytest.raises(Refused), tenant_context(AURORA, actor=user):
            SERVICES[transition](post, user)
        assert everything_about(post) == before
    for address, data in form_of(transition, post, role, theatre):
        if signs_as_somebody_else(transition, role):
            continue  # the form signs as what the role is: tried under that transition
        with Undone():
            response = theatre.client(role).post(address, data)
            assert response.status_code < 500
            assert everything_about(post) == before


def signs_as_somebody_else(transition: str, role: str) -> bool:
    return transition in SIGNERS and role in SIGNERS.values() and SIGNERS[transition] != role


@pytest.mark.parametrize(("transition", "stage", "role"), [case for case in CASES if is_allowed(*case)])
def test_allowed(transition: str, stage: str, role: str, theatre: Theatre) -> None:
    post, user, before = fresh(theatre.posts[stage]), theatre.people[role], theatre.before[stage]

    with Undone():
        with tenant_context(AURORA, actor=user):
            SERVICES[transition](post, user)
        assert everything_about(post) != before
    changed = []
    for address, data in form_of(transition, post, role, theatre):
        with Undone():
            response = theatre.client(role).post(address, data)
            assert response.status_code in (302, 403), response.content.decode()[:3000]
            changed.append(everything_about(post) != before)
    assert any(changed)
