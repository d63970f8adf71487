"""Databases, tenants and people of the tests.

PostgreSQL tests run as `hcms_app`: the test database is created from the template and migrated by the owner, then the
connection is handed over. Every test starts with both tenants and their cast in place, committed; what it adds itself
is rolled back. Tests that need several connections make a clone (tests/guards).
"""

import gettext
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.translation import trans_real
from django_otp.plugins.otp_totp.models import TOTPDevice
from environ import Env

from accounts.models import Tenant, User
from accounts.tenancy.context import SYSTEM_UUID, platform_context, tenant_context
from accounts.tenancy.hosts import forget_hosts
from compliance.enums import Capacity
from content.models import Post
from content.services import publishing, review, revisions
from tests import cast as stage


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations that are newer than their compiled form, as script/setup does.

    Static files are looked for when asked for: every test client would read the whole folder otherwise.
    """
    settings.WHITENOISE_AUTOREFRESH = True
    for source in settings.BASE_DIR.joinpath("locale").rglob("*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = compiled.with_name(f"{compiled.name}.{os.getpid()}")
        with source.open("rb") as readable, fresh.open("wb") as writable:
            write_mo(writable, read_po(readable))
        fresh.replace(compiled)  # at once: another run may be reading it
        # Django was set up before this, with the old words or none.
        gettext._translations.clear()
        trans_real._translations.clear()
        trans_real._default = None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests about one database are not collected on the other, tests about neither only on SQLite.

    They run in the other half of `script/test`.
    """
    others = {"sqlite", "once"} if settings.POSTGRESQL else {"postgresql"}
    unwanted = [item for item in items if any(mark.name in others for mark in item.iter_markers())]
    config.hook.pytest_deselected(items=unwanted)
    items[:] = _spread([item for item in items if item not in set(unwanted)])


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Files with a browser, which mostly wait, among the first of those that compute; handed out in this order."""
    files: dict[bool, dict[Path, list[pytest.Item]]] = {True: {}, False: {}}
    for item in items:
        files[item.get_closest_marker("browser") is not None].setdefault(item.path, []).append(item)
    places = [
        (place / len(group) * (0.6 if waits else 1), members)
        for waits, group in files.items()
        for place, members in enumerate(sorted(group.values(), key=len, reverse=True))
    ]
    return [item for _, members in sorted(places, key=lambda pair: pair[0]) for item in members]


def _become(url: str) -> None:
    """Connect as the role of `url` from now on."""
    connection.close()
    role = Env.db_url_config(url)
    connection.settings_dict.update({key: role.get(key, "") for key in ("USER", "PASSWORD", "HOST", "PORT")})


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The owner creates and migrates the test database."""
    if settings.POSTGRESQL:
        _become(settings.DATABASE_OWNER_URL)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Hand the migrated database to hcms_app and put the cast on stage."""
    with django_db_blocker.unblock():
        if settings.POSTGRESQL:
            _become(settings.DATABASE_URL)
        stage.set_stage()
        connection.close()
    yield
    if settings.POSTGRESQL:
        _become(settings.DATABASE_OWNER_URL)


@pytest.fixture(autouse=True)
def _fresh_host_cache() -> None:
    forget_hosts()


@pytest.fixture
def aurora(db: None) -> Tenant:
    """Clínica Aurora."""
    with tenant_context(stage.tenant_id("aurora"), actor=SYSTEM_UUID):
        return Tenant.objects.get(pk=stage.tenant_id("aurora"))


@pytest.fixture
def horizonte(db: None) -> Tenant:
    """Hospital Horizonte: the other tenant."""
    with tenant_context(stage.tenant_id("horizonte"), actor=SYSTEM_UUID):
        return Tenant.objects.get(pk=stage.tenant_id("horizonte"))


def _people(tenant: Tenant) -> dict[str, User]:
    with tenant_context(tenant, actor=SYSTEM_UUID):
        by_id = {user.pk: user for user in User.objects.select_related("profile")}
    return {person.key: by_id[stage.user_id(tenant.slug, person.key)] for person in stage.CAST}


@pytest.fixture
def cast(aurora: Tenant) -> dict[str, User]:
    """The nine people of Aurora by key: administrator, editor, author, …, professional."""
    return _people(aurora)


@pytest.fixture
def other_cast(horizonte: Tenant) -> dict[str, User]:
    """The nine people of Horizonte."""
    return _people(horizonte)


@pytest.fixture
def platform_admin(db: None) -> User:
    """The platform's administrator: no tenant."""
    with platform_context(actor=SYSTEM_UUID):
        return User.objects.get(pk=stage.user_id("platform", "platform_admin"))


@pytest.fixture
def in_aurora(aurora: Tenant) -> Iterator[Tenant]:
    """The test's body runs in Aurora's context as the system user."""
    with tenant_context(aurora, actor=SYSTEM_UUID):
        yield aurora


@pytest.fixture
def act_as() -> Callable[[User], Any]:
    """`with act_as(user):` runs the block in the user's tenant as that user."""
    return lambda user: tenant_context(user.tenant_id, actor=user)


@pytest.fixture
def client_for(db: None) -> Callable[..., Client]:
    """`client_for(user)`: a signed-in client on the user's host, second factor verified unless `verified=False`."""

    def make(user: User | None = None, *, verified: bool = True, host: str | None = None) -> Client:
        slug = next((s for s in ("aurora", "horizonte") if user and user.tenant_id == stage.tenant_id(s)), "aurora")
        client = Client(HTTP_HOST=host or f"{slug}.localhost")
        if user is None:
            return client
        context = tenant_context(user.tenant_id, actor=user) if user.tenant_id else platform_context(actor=user)
        with context:
            client.force_login(user)
            if verified:
                device, _created = TOTPDevice.objects.get_or_create(user=user, name="test", confirmed=True)
                session = client.session
                session["otp_device_id"] = device.persistent_id
                session.save()
        return client

    return make


class PostFactory:
    """Texts made through the real services, as the right people, up to any stage."""

    def __init__(self, people: dict[str, User]) -> None:
        self.people = people

    def _as(self, key: str) -> Any:
        user = self.people[key]
        return tenant_context(user.tenant_id, actor=user)

    def draft(self, *, author: str = "author", post_type: str = "post", **changes: Any) -> Post:
        """A draft (S.1.1); `changes` are fields of a revision."""
        values = {
            "title": "Hipertensão arterial",
            "content": "<h2>O que é</h2><p>Pressão alta é uma condição comum.</p>",
            "excerpt": "Um resumo.",
            "compliance_level": "public",
            "medical_category": "cardiologia",
            "medical_disclaimer": "Conteúdo informativo que não substitui a consulta com um profissional.",
        } | changes
        with self._as(author):
            return revisions.create_post(actor=self.people[author], changes=values, post_type=post_type)

    def submitted(self, **kwargs: Any) -> Post:
        """S.2.1."""
        post = self.draft(**kwargs)
        return self.submit(post, author=kwargs.get("author", "author"))

    def submit(self, post: Post, *, author: str = "author") -> Post:
        with self._as(author):
            review.submit(post, actor=self.people[author])
        return post

    def in_final(self, **kwargs: Any) -> Post:
        """S.4-1.1-3."""
        return self.to_final(self.submitted(**kwargs))

    def to_final(self, post: Post) -> Post:
        with self._as("compliance_officer"):
            review.advance(post, actor=self.people["compliance_officer"], confirmed=True)
        with self._as("medical_reviewer"):
            review.advance(post, actor=self.people["medical_reviewer"], confirmed=True)
        return post

    def approved(self, **kwargs: Any) -> Post:
        """Signed by everybody whose signature it needs."""
        return self.approve(self.in_final(**kwargs))

    def approve(self, post: Post) -> Post:
        """Sign a text at S.4-1.1-3."""
        for key, capacity in (
            ("compliance_officer", Capacity.COMPLIANCE),
            ("medical_reviewer", Capacity.PROFESSIONAL),
        ):
            if capacity == Capacity.PROFESSIONAL and not post.requires_crm_validation:
                continue
            with self._as(key):
                review.sign(post, actor=self.people[key], capacity=capacity, statement="Li e aprovo este texto.")
        return post

    def published(self, **kwargs: Any) -> Post:
        """On the site."""
        return self.publish(self.approved(**kwargs))

    def publish(self, post: Post, **kwargs: Any) -> Post:
        with self._as("editor"):
            return publishing.publish_revision(post, actor=self.people["editor"], **kwargs)


@pytest.fixture
def post_factory(cast: dict[str, User]) -> PostFactory:
    """Aurora's texts."""
    return PostFactory(cast)


@pytest.fixture
def other_post_factory(other_cast: dict[str, User]) -> PostFactory:
    """Horizonte's texts."""
    return PostFactory(other_cast)
