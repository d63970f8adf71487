"""The net above row-level security, and the only one on SQLite: managers that know the tenant.

The filter is resolved when SQL is compiled: a queryset that was built elsewhere follows the context it runs in.
"""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, NoTenantError, no_context, platform_context, tenant_context
from tests.cast import CAST, tenant_id
from tests.conftest import PostFactory

OURS = ("compliance", "accounts", "media_library", "content")
MODELS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in OURS and any(field.attname == "tenant_id" for field in model._meta.fields)
]
AURORA, HORIZONTE = tenant_id("aurora"), tenant_id("horizonte")
# Rows without a tenant exist here, so the platform sees those and nobody sees any without a context.
WITH_PLATFORM = {"User", "Session", "RecoveryCode", "SignInThrottle", "AuditEntry", "AuditCheckpoint"}
# The directory: read by host name before there is a context.
DIRECTORY = {"Domain"}


def managers(model: type[models.Model]) -> list[models.Manager]:
    return [model._default_manager, model._base_manager]


@pytest.mark.parametrize("model", [m for m in MODELS if m.__name__ not in DIRECTORY], ids=lambda m: m.__name__)
def test_both_managers_filter_by_tenant(model: Any, db: str) -> None:
    for manager in managers(model):
        with no_context():
            try:
                assert list(manager.all()) == []
                assert model.__name__ in WITH_PLATFORM
            except NoTenantError:
                pass
        with tenant_context(AURORA, actor=SYSTEM_UUID):
            sql = str(manager.all().query)
            assert str(AURORA) in sql or AURORA.hex in sql


def test_queryset_made_elsewhere_follows_the_context(db: str) -> None:
    with no_context():
        people = User.objects.filter(email__endswith=".test").order_by("email")

    for tenant in (AURORA, HORIZONTE):
        with tenant_context(tenant, actor=SYSTEM_UUID):
            found = people.all()
            assert {user.tenant_id for user in found} == {tenant}
            assert len(found) >= len(CAST)
    with platform_context(actor=SYSTEM_UUID):
        assert {user.tenant_id for user in people.all()} == {None}


def test_get_update_and_delete_stay_inside(db: str, post_factory: PostFactory) -> None:
    post = post_factory.draft()
    model = type(post)

    with tenant_context(HORIZONTE, actor=SYSTEM_UUID):
        with pytest.raises(model.DoesNotExist):
            model.objects.get(pk=post.pk)
        assert model.objects.filter(pk=post.pk).update(title="x") == 0
        assert not model._base_manager.filter(pk=post.pk).exists()
        assert model.objects.filter(pk=post.pk).count() == 0
    with tenant_context(AURORA, actor=SYSTEM_UUID):
        assert model.objects.get(pk=post.pk).title == post.title
