"""create_tenant, demo and demo_code, on a committed copy of the test database."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.demo import files
from accounts.management.commands import demo_code
from accounts.models import Session, SignInThrottle, User
from accounts.tenancy.context import SYSTEM_UUID, set_actor, tenant_context
from accounts.tenancy.hosts import forget_hosts, resolve_host
from compliance.models import Approval, AuditEntry
from content.models import Post, PostRevision
from tests.accounts.second_factors import code

FEW = ["meta-semanal-de-movimento", "febre-na-crianca", "mamografia", "covid-19", "pre-natal", "pequena-cirurgia"]


def run(*args: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def create_tenant(**changes: str) -> str:
    options = {"slug": "nova", "name": "Clínica Nova", "domain": "nova.localhost", "admin_email": "a@nova.test"}
    return run("create_tenant", *(f"--{key.replace('_', '-')}={value}" for key, value in (options | changes).items()))


# --- create_tenant ---------------------------------------------------------------------------------------------------


def test_new_tenant_is_usable_at_once(db: str) -> None:
    out = create_tenant()

    link = re.search(r"https?://nova\.localhost[:\d]*(/entrar/senha/\S+)", out)
    assert link
    client = Client(HTTP_HOST="nova.localhost")
    password = {"new_password": "a much better password", "new_password_again": "a much better password"}
    assert client.post(link[1], password)["Location"] == "/entrar/"
    response = client.post("/entrar/", {"email": "a@nova.test", "password": "a much better password"})
    assert response["Location"] == "/entrar/ativar/"  # an administrator enrols a second factor first
    site = resolve_host("nova.localhost")
    with tenant_context(site, actor=SYSTEM_UUID):
        user = User.objects.get()
        assert (user.role, user.tenant_id) == ("administrator", site.tenant_id)
        kinds = set(AuditEntry.objects.filter(operation="create").values_list("resource_type", flat=True))
    assert {"tenant", "domain", "user", "profile"} <= kinds


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": "aurora"}, "already exists"),
        ({"slug": "another", "domain": "aurora.localhost"}, "already in use"),
        ({"slug": "another", "domain": "localhost"}, "host name"),
        ({"slug": "Not A Slug"}, "cannot be used"),
        ({"slug": "another", "domain": "another.localhost", "admin_email": "nonsense"}, "not an e-mail"),
    ],
)
def test_create_tenant_says_what_is_wrong_and_makes_nothing(db: str, changes: dict[str, str], words: str) -> None:
    with override("en"), pytest.raises(CommandError, match=words):
        create_tenant(**changes)
    assert resolve_host("another.localhost") is None


# --- Other commands of the operator ----------------------------------------------------------------------------------


def test_platform_administrator_is_made_once(db: str) -> None:
    out = run("create_platform_admin", "--email=ops@platform.test")

    link = re.search(r"://localhost[:\d]*(/entrar/senha/\S+)", out)
    assert link
    assert Client(HTTP_HOST="localhost").get(link[1]).status_code == 200
    assert Client(HTTP_HOST="aurora.localhost").get(link[1]).status_code == 404
    with pytest.raises(CommandError):
        run("create_platform_admin", "--email=ops@platform.test")


def test_password_link_lets_the_only_administrator_back_in(db: str) -> None:
    site = resolve_host("aurora.localhost")
    with tenant_context(site, actor=SYSTEM_UUID, atomic=True):
        user = User.objects.get(email="dpo@aurora.test")
        set_actor(user)
        second_factor.enrol(user, "00" * 20, code(key="00" * 20))
    args = ("password_link", "dpo@aurora.test", "--domain=aurora.localhost")

    path = run(*args, "--reset-second-factor").strip().partition("localhost")[2]

    assert Client(HTTP_HOST="aurora.localhost").get(path[path.index("/") :]).status_code == 200
    with tenant_context(site, actor=SYSTEM_UUID):
        assert second_factor.device_of(user) is None
    with pytest.raises(CommandError, match="no account"):
        run("password_link", "dpo@aurora.test", "--domain=horizonte.localhost")
    with pytest.raises(CommandError, match="No site"):
        run("password_link", "dpo@aurora.test", "--domain=nowhere.localhost")


def test_clearsessions_deletes_what_has_expired(db: str) -> None:
    site = resolve_host("aurora.localhost")
    day = timedelta(days=1)
    with tenant_context(site, actor=SYSTEM_UUID, atomic=True):
        for key, expires in (("old", -day), ("new", day)):
            row = {"session_data": "", "expire_date": timezone.now() + expires, "tenant_id": site.tenant_id}
            Session.objects.create(session_key=key, **row)
        for key, age in (("a" * 64, 2 * day), ("b" * 64, timedelta(0))):
            SignInThrottle.objects.create(key=key, tenant_id=site.tenant_id)
            SignInThrottle.objects.filter(key=key).update(updated_at=timezone.now() - age)

    run("clearsessions")

    with tenant_context(site, actor=SYSTEM_UUID):
        assert [row.pk for row in Session.objects.filter(session_key__in=["old", "new"])] == ["new"]
        assert [row.key[0] for row in SignInThrottle.objects.filter(key__in=["a" * 64, "b" * 64])] == ["b"]
    with pytest.raises(CommandError, match="no active tenant"):
        run("clearsessions", "--tenant=nobody")


# --- demo ------------------------------------------------------------------------------------------------------------


def test_demo_is_refused_unless_debug(db: str, settings: Any) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG"):
        run("demo")
    with pytest.raises(CommandError, match="DEBUG"):
        run("demo_code", "admin@aurora.example")


@pytest.fixture(scope="module")
def demo(clone: str) -> Any:
    """The demo's people and six of its articles in a tenant of their own, made twice."""
    patch = pytest.MonkeyPatch()
    description = {**files.tenants()[0], "slug": "mostra"}
    articles = [each for each in files.articles("aurora") if each.header["slug"].startswith(tuple(FEW))]
    patch.setattr(files, "tenants", lambda: [description])
    patch.setattr(files, "articles", lambda slug: articles)
    patch.setattr(demo_code, "DEMO_EMAIL_DOMAINS", ("mostra.example", "platform.example"))
    patch.setattr(django_settings, "DEBUG", True)
    forget_hosts()
    first, second = run("demo"), run("demo")
    yield first, second, resolve_host("mostra.localhost")
    patch.undo()


def test_demo_can_run_again(demo: Any) -> None:
    first, second, _site = demo

    assert "9 people, 6 new articles" in first
    assert "9 people, 0 new articles" in second


def test_demo_articles_went_through_the_real_steps(demo: Any) -> None:
    site = demo[2]

    with tenant_context(site, actor=SYSTEM_UUID):
        status = dict(Post.objects.values_list("slug", "status"))
        live = Post.objects.get(slug__startswith="febre-na-crianca")
        signers = set(Approval.objects.filter(content_id=live.pk).values_list("capacity", flat=True))
        savers = set(PostRevision.objects.filter(post=live).values_list("saved_by_id", flat=True))
        author = User.objects.get(email="author@mostra.example")
        nobody = AuditEntry.objects.filter(operation="update", resource_id=live.pk, user_id=author.pk)
        assert nobody.exists()
        assert (live.published_at < live.updated_at, live.inserted_at < live.published_at) == (True, True)
        assert PostRevision.objects.filter(post=live).count() == 2
        copy = Post.objects.get(slug__startswith="pre-natal")
        newest = PostRevision.objects.filter(post=copy).order_by("-number")[0]
        assert newest.pk != copy.published_revision_id
    assert signers == {"compliance", "professional"}
    assert savers == {author.pk}
    assert sorted(status.values()) == ["archived", "draft", "published", "published", "published", "scheduled"]


def test_demo_registries_are_validated_by_somebody_else(demo: Any) -> None:
    with tenant_context(demo[2], actor=SYSTEM_UUID):
        people = User.objects.exclude(professional_registry=None)
        assert all(user.validated_at for user in people)
        acts = AuditEntry.objects.filter(operation="decision", resource_type="user")
        assert len(acts) == len(people)
        assert not [entry for entry in acts if entry.user_id == entry.resource_id]


def test_demo_code_is_unused_every_time(demo: Any) -> None:
    email = "compliance@mostra.example"
    for _time in range(2):
        printed = run("demo_code", email).strip()
        with tenant_context(demo[2], actor=SYSTEM_UUID):
            user = User.objects.get(email=email)
            assert second_factor.verify(user, printed).ok


def test_demo_code_of_the_platform(demo: Any) -> None:
    assert re.fullmatch(r"\d{6}", run("demo_code", files.PLATFORM_EMAIL).strip())


@pytest.mark.parametrize("email", ["author@mostra.example", "nobody@mostra.example", "author@aurora.test"])
def test_demo_code_says_why_there_is_none(demo: Any, email: str) -> None:
    with pytest.raises(CommandError):
        run("demo_code", email)


def test_demo_makes_one_device_per_person(demo: Any) -> None:
    with tenant_context(demo[2], actor=SYSTEM_UUID):
        ids = [user.pk for user in User.objects.all()]
        assert TOTPDevice.objects.filter(user_id__in=ids).count() == 5
