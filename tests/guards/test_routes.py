"""Every address with an object in it: another tenant's object and a random id get the same bytes.

Walked from the URL configuration. A new route without an example here fails: say how its owner opens it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User
from compliance import attention
from content.menu import forget_menus
from content.models import Category, Post
from content.services import references
from tests.conftest import PostFactory
from tests.guards.test_doors import as_user

Scene = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """How a person of a tenant opens one of its objects; `path` is filled from the scene of either tenant."""

    path: str
    who: str = "editor"
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)
    # What success looks like: a page, a redirect after an act, or a form that wants more.
    ends: tuple[int, ...] = (200,)
    # What stands for an unknown id; a shortcut forwards every id without looking.
    unknown: int = 404


ACTED = (302, 303)
FORM = (200, 302, 303, 400, 409, 422)


def post_routes(kind: str) -> dict[str, Example]:
    base = f"/admin/content/{kind}/{{{kind}}}/"
    name = f"admin:content_{kind}"
    return {
        base.replace(f"{{{kind}}}", "<uuid:post_id>")[1:]: Example(base, ends=ACTED, unknown=302),
        f"{name}_change": Example(f"{base}change/"),
        f"{name}_delete": Example(f"{base}delete/", method="post", ends=ACTED),
        f"{name}_restore": Example(f"{base}restore/", method="post", ends=ACTED),
        f"{name}_unpublish": Example(f"{base}unpublish/", method="post", ends=ACTED),
        f"{name}_preview": Example(f"{base}preview/"),
        f"{name}_analyze": Example(f"{base}analyze/", method="post", data={"title": "Texto"}),
        f"{name}_reason": Example(
            f"{base}reason/", method="post", data={"reason": "Auditoria do prontuário."}, ends=FORM
        ),
        f"{name}_history": Example(f"{base}history/"),
        f"{name}_compare": Example(f"{base}history/compare/"),
        f"{name}_revert": Example(f"{base}history/1/restore/", method="post", ends=ACTED),
    }


def review_route(act: str, **changes: Any) -> Example:
    return Example(f"/admin/compliance/{{post}}/{act}", **{"who": "compliance_officer"} | changes)


EXAMPLES: dict[str, Example] = {
    **post_routes("post"),
    **post_routes("page"),
    "admin:review_post": review_route(""),
    "admin:review_submit": review_route("submit/", who="author", method="post", ends=FORM),
    "admin:review_advance": review_route("advance/", method="post", ends=FORM),
    "admin:review_send_back": review_route("send-back/", method="post", ends=FORM),
    "admin:review_checks": review_route("checks/", method="post", ends=FORM),
    "admin:review_finding": review_route("finding/", method="post", ends=FORM),
    "admin:review_assignment": review_route("assignment/", method="post", ends=FORM),
    "admin:review_note": review_route("note/", method="post", ends=FORM),
    "admin:review_claim": review_route("claim/", method="post", ends=FORM),
    "admin:compliance_waiver_confirm": Example(
        "/admin/compliance/waivers/{post}/confirm/", who="dpo", method="post", ends=FORM
    ),
    "admin:review_sign": review_route("sign/", method="post", ends=FORM),
    "admin:review_withdraw": review_route("withdraw/", method="post", ends=FORM),
    "admin:review_readers": review_route("readers/", ends=FORM),
    "admin:review_signatures": review_route("signatures/"),
    "admin:review_dossier_pdf": review_route("dossier.pdf"),
    "admin:review_dossier_json": review_route("dossier.json"),
    "admin:compliance_attention_resolve": Example(
        "/admin/compliance/attention/{todo}/resolve/",
        who="compliance_officer",
        method="post",
        data={"reason": "Versão nova publicada."},
        ends=ACTED,
    ),
    **{
        f"admin:accounts_user_{act}": Example(f"/admin/accounts/user/{{user}}/{act}/", who="administrator")
        for act in ("validate", "revoke", "password", "second-factor", "remove", "change")
    },
    "admin/accounts/user/<path:object_id>/": Example(
        "/admin/accounts/user/{user}/", who="administrator", ends=ACTED, unknown=302
    ),
    "admin:content_category_change": Example("/admin/content/category/{category}/change/"),
    "admin:content_category_delete": Example("/admin/content/category/{category}/delete/"),
    "admin/content/category/<path:object_id>/": Example(
        "/admin/content/category/{category}/", ends=ACTED, unknown=302
    ),
    "admin:content_reference_detail": Example("/admin/content/references/{reference}/"),
    "admin:content_reference_change": Example("/admin/content/references/{reference}/change/"),
    "admin:content_reference_retract": Example(
        "/admin/content/references/{reference}/retract/", method="post", data={"note": "Dados fabricados."}, ends=ACTED
    ),
    "admin:content_reference_look_up": Example(
        "/admin/content/references/{reference}/look-up/", method="post", ends=ACTED
    ),
    "admin:content_reference_merge": Example(
        "/admin/content/references/{reference}/merge/", method="post", data={"other": str(uuid4())}, ends=(404,)
    ),
    "admin:content_reference_delete": Example(
        "/admin/content/references/{reference}/delete/", method="post", ends=ACTED
    ),
    "accounts:set_password": Example("/entrar/senha/{link}/", who=""),
    "content:post": Example("/{slug}/", who=""),
    "content:verification": Example("/verificacao/{live}/", who=""),
    "content:fallback": Example("/2026/11/22/{slug}/", who="", ends=(200, 301, 302, 404)),
    "content:category": Example("/category/{category_slug}/", who=""),
    "content:category_page": Example("/category/{category_slug}/page/1/", who="", ends=(200, 301, 302)),
    "content:category_feed": Example("/category/{category_slug}/feed/", who=""),
    "content:author": Example("/author/{author_slug}/", who=""),
    "content:author_page": Example("/author/{author_slug}/page/1/", who="", ends=(200, 301, 302)),
}
# No object of a tenant stands in these addresses.
WITHOUT_OBJECT = {
    "content:home_page", "content:sitemap_part", "admin:app_list", "admin/(?P<url>.*)$",
    # Ours answer 404 for every id: the trail is the history, and accounts are removed by `remove`.
    "admin:accounts_user_history", "admin:content_category_history", "admin:accounts_user_delete",
}  # fmt: skip


def routes() -> Iterator[tuple[str, str]]:
    """(name or pattern, pattern) of every route with a variable part."""

    def walk(resolver: Any, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
        for entry in resolver.url_patterns:
            pattern = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, pattern, namespace + (f"{entry.namespace}:" if entry.namespace else ""))
            elif isinstance(entry, URLPattern) and ("<" in pattern):
                name = f"{namespace}{entry.name}" if entry.name else pattern.replace("^", "")
                yield name, pattern

    yield from walk(get_resolver(), "", "")


NAMES = [name for name, _pattern in routes()]


def test_every_route_with_an_object_has_an_example() -> None:
    assert set(NAMES) - WITHOUT_OBJECT == set(EXAMPLES), "say in EXAMPLES how an owner opens the new route"


# --- Objects of both tenants -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scenes() -> dict[str, Scene]:
    return {}


@pytest.fixture
def scene(scenes: dict[str, Scene], post_factory: PostFactory) -> Scene:
    """Aurora's objects; the person who asks is of Aurora."""
    if "aurora" not in scenes:
        scenes["aurora"] = set_scene(post_factory)
    return scenes["aurora"]


@pytest.fixture
def other_scene(scenes: dict[str, Scene], other_post_factory: PostFactory) -> Scene:
    """The same objects at Horizonte."""
    if "horizonte" not in scenes:
        scenes["horizonte"] = set_scene(other_post_factory)
    return scenes["horizonte"]


def set_scene(factory: PostFactory) -> Scene:
    editor, author = factory.people["editor"], factory.people["author"]
    with as_user(editor):
        name = uuid4().hex[:12]
        category = Category(name=name, slug=name)
        category.save(force_insert=True)
    forget_menus()  # another module may have filled it
    public = factory.published(title=f"Publicado {name}", category_id=category.pk, category_ids=[str(category.pk)])
    subscriber = factory.people["subscriber"]
    with as_user(editor):
        number = int(name[:7], 16) % 10**7 + 1
        reference = references.add(actor=editor, identifier=f"PMID:{number}", title=name).pk
    with as_user(editor):
        todo = attention.open_item("recheck", public.pk)
    return {
        "post": factory.submitted().pk,
        "page": factory.draft(post_type="page").pk,
        "live": public.pk,
        "todo": todo.pk,
        "user": subscriber.pk,
        "category": category.pk,
        "reference": reference,
        "slug": public.slug,
        "category_slug": category.slug,
        "author_slug": _profile_slug(author, name),
        "link": link_for(subscriber),
    }


def _profile_slug(author: User, slug: str) -> str:
    """An address that only this tenant knows: both casts have the same names otherwise."""
    with as_user(author):
        type(author.profile).objects.filter(user=author).update(slug=slug)
    return slug


def link_for(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk.bytes))
    return f"{uid}/{default_token_generator.make_token(user)}"


def nowhere() -> Scene:
    """Ids that exist nowhere, in the same spelling."""
    stranger = User(pk=uuid4(), email="x@example.org", password="x")
    return {
        **{name: uuid4() for name in ("post", "page", "live", "todo", "user", "category", "reference")},
        **{name: uuid4().hex[:12] for name in ("slug", "category_slug", "author_slug")},
        "link": link_for(stranger),
    }


# --- The comparison --------------------------------------------------------------------------------------------------

MASKED = [
    (rb'name="csrfmiddlewaretoken" value="[^"]*"', b"csrf"),
    (rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", b"uuid"),
]
# Those that name the moment, the session or the length of an id; `Expires` is the second of the answer.
IGNORED_HEADERS = {"Date", "Expires", "Set-Cookie", "X-Request-Id", "ETag", "Content-Length"}


def bytes_of(response: HttpResponse, scene: Scene) -> tuple[int, dict[str, str], bytes]:
    """Status, headers that matter and body, without tokens and without the id that was asked for."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    for value in sorted((str(v) for v in scene.values()), key=len, reverse=True):
        body = body.replace(value.encode(), b"asked")
    for pattern, mask in MASKED:
        body = re.sub(pattern, mask, body)
    headers = {name: mask_text(text, scene) for name, text in response.headers.items() if name not in IGNORED_HEADERS}
    return response.status_code, headers, body


def mask_text(text: str, scene: Scene) -> str:
    for value in scene.values():
        text = text.replace(str(value), "asked")
    return text


reached: dict[str, int] = {}


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_tenants_object_is_as_unknown_as_any(
    name: str, scene: Scene, other_scene: Scene, client_for: Callable[..., Any], cast: dict[str, User]
) -> None:
    example = EXAMPLES[name]

    def ask(ids: Scene) -> HttpResponse:
        client = client_for(cast[example.who] if example.who else None)
        return getattr(client, example.method)(example.path.format(**ids), example.data)

    theirs, none = ask(other_scene), ask(elsewhere := nowhere())

    assert bytes_of(theirs, other_scene) == bytes_of(none, elsewhere)
    assert theirs.status_code == example.unknown
    # Last, because an act may take the object away: the owner does get through.
    own = ask(scene)
    assert own.status_code in example.ends, (own.status_code, own.headers.get("Location"))
    reached[name] = own.status_code


def test_how_many_routes_reached_a_handler(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(reached)} of {len(EXAMPLES)} routes with an object reached their handler for the owner")
    assert set(reached) == set(EXAMPLES) or not reached


def test_objects_still_stand_at_the_other_tenant(
    other_scene: Scene, other_cast: dict[str, User], scene: Scene
) -> None:
    with as_user(other_cast["editor"]):
        assert Post.objects.filter(pk__in=[other_scene["post"], other_scene["page"]], deleted_at=None).count() == 2
        assert User.objects.filter(pk=other_scene["user"], deleted_at=None).exists()
        assert Category.objects.filter(pk=other_scene["category"]).exists()
