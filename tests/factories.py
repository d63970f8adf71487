"""One factory per model that tests make directly. Texts are made by `post_factory`, through the real services."""

import uuid

import factory

from accounts.enums import Role
from accounts.models import User, UserProfile
from accounts.tenancy.context import current_tenant_id
from content.models import Category
from media_library.models import Media


class UserFactory(factory.django.DjangoModelFactory):
    """An account of the active tenant, without a usable password."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"pessoa{n}@aurora.example")
    password = "!"  # unusable
    role = Role.AUTHOR
    tenant_id = factory.LazyFunction(current_tenant_id)
    profile = factory.RelatedFactory("tests.factories.ProfileFactory", factory_related_name="user")


class ProfileFactory(factory.django.DjangoModelFactory):
    """The name and page address of an account."""

    class Meta:
        model = UserProfile

    user = factory.SubFactory(UserFactory, profile=None)
    display_name = factory.Sequence(lambda n: f"Pessoa {n}")
    slug = factory.Sequence(lambda n: f"pessoa-{n}")


class CategoryFactory(factory.django.DjangoModelFactory):
    """A category at the root, or below `parent`."""

    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Categoria {n}")
    slug = factory.Sequence(lambda n: f"categoria-{n}")
    parent = None
    level = factory.LazyAttribute(lambda category: category.parent.level + 1 if category.parent else 0)


class MediaFactory(factory.django.DjangoModelFactory):
    """A row of the media library; no bytes behind it."""

    class Meta:
        model = Media

    filename = factory.LazyFunction(lambda: uuid.uuid4().hex)
    original_filename = factory.Sequence(lambda n: f"imagem-{n}.jpg")
    mime_type = "image/jpeg"
    file_size = 1024
    uploaded_by = factory.SubFactory(UserFactory)
