"""The public site. Nothing is decided here: queries find, `content.access` decides, templates show."""

import hashlib
from collections.abc import Callable
from datetime import date
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.i18n import set_language as django_set_language

from content import page_cache, queries
from content.access import Reading, Show, has_session, reader_of, reading, reads_professional, record_reading
from content.menu import menu_of
from content.review_dates import due_date
from content.search import search
from content.structured_data import article_data, main_reviewers

FRESH = "public, max-age=0, must-revalidate"
PRIVATE = "private, no-store"
SITEMAP_SIZE = 2_000

View = Callable[..., HttpResponse]


# --- Answers ---------------------------------------------------------------------------------------------------------


def on_tenants(view: View) -> View:
    """The site belongs to tenants: on the platform's host these addresses do not exist."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return page_not_found(request) if request.site.is_platform else view(request, *args, **kwargs)

    return inner


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """One 404 for everything: unknown, another tenant's, and what this reader may not know of."""
    if has_session(request):
        response = render(request, "site/404.html", status=404)
        response["Cache-Control"] = PRIVATE
        return response
    request.is_shared = True
    response = kept(_key(request, "404"), lambda: render(request, "site/404.html", status=404))
    response["Cache-Control"] = "no-cache"
    return response


def fallback(request: HttpRequest, path: str) -> HttpResponse:
    """Last in the list. A missing slash is added where an address exists with it; all else is not found.

    Instead of Http404, whose page shows every address of the site while DEBUG is on.
    """
    if request.method in ("GET", "HEAD") and not path.endswith("/"):
        try:
            match = resolve(f"/{path}/")
        except Resolver404:  # pragma: no cover - this view itself matches everything
            match = None
        if match and match.func is not fallback:
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"/{quote(path.lstrip('/'))}/" + (f"?{query}" if query else ""))
    return page_not_found(request)


def conditional(request: HttpRequest, *parts: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    """304 when the browser has it, else what `make` builds. With a session nothing is kept by anybody."""
    if has_session(request):
        response = make()
        response["Cache-Control"] = PRIVATE
        return response
    request.is_shared = True  # what is rendered now, others will read
    etag = f'W/"{_key(request, request.scheme, request.get_host(), request.path, *parts)}"'
    response = get_conditional_response(request, etag=etag) or kept(etag, make)
    response["ETag"] = etag
    response["Cache-Control"] = FRESH
    return response


def kept(key: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    """The page under this key, rendered once per process."""
    response = page_cache.recall(key)
    if response is None:
        response = make()
        page_cache.keep(key, response)
    return response


def _key(request: HttpRequest, *parts: str) -> str:
    """Changes with the tenant, its surroundings, the language, the templates, and the parts."""
    tenant = (
        ["platform"] if request.site.is_platform else [str(request.site.tenant_id), menu_of(request.site).fingerprint]
    )
    text = "\n".join([*tenant, get_language() or "", build(), *parts])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def build() -> str:
    """Changes with templates and translations; read once, or each time while they are being written."""
    return _fingerprint() if settings.DEBUG else _cached_fingerprint()


def _fingerprint() -> str:
    root = Path(settings.BASE_DIR)
    files = sorted([root / "templates/base_site.html", *root.glob("templates/site/*"), *root.glob("locale/*/*/*.mo")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


_cached_fingerprint = cache(_fingerprint)


def absolute(request: HttpRequest, path: str) -> str:
    """The address with host; the host is one of the tenant's own, checked before any view runs."""
    return f"{request.scheme}://{request.get_host()}{path}"


# --- Lists -----------------------------------------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest, page: int = 1) -> HttpResponse:
    """Newest posts; with `?s=` the search."""
    if request.site.is_platform:
        return render(request, "site/platform.html") if page == 1 else page_not_found(request)
    if "s" in request.GET:
        return search_results(request, page)
    return _list_page(request, "site/home.html", queries.latest_posts, page, base=reverse("content:home"))


def search_results(request: HttpRequest, page: int) -> HttpResponse:
    """Never cached: queries are nobody else's business."""
    if not 1 <= page <= queries.LAST_PAGE:
        return page_not_found(request)
    gated = has_session(request) and reads_professional(reader_of(request))
    results = search(request.GET.get("s"), gated=gated, page=page)
    context = {"results": results, "previous_page": page - 1, "next_page": page + 1 if results.has_next else 0}
    response = render(request, "site/search.html", context)
    response["Cache-Control"] = PRIVATE
    return response


@require_safe
@on_tenants
def category(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """Posts of a category and those below it."""
    node = menu_of(request.site).by_slug.get(slug)
    if node is None:
        return page_not_found(request)
    return _list_page(
        request,
        "site/category.html",
        lambda number: queries.posts_in_categories(node.ids(), number),
        page,
        base=reverse("content:category", args=[slug]),
        extra={"category": node},
    )


@require_safe
@on_tenants
def author(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """A person's page, for people who have published something."""
    profile = queries.author_profile(slug)
    if profile is None:
        return page_not_found(request)
    user = profile.user
    person = {
        "name": profile.display_name,
        "bio": profile.bio,
        "type": user.professional_type,
        "registry": user.professional_registry,
        "speciality": user.speciality,
    }
    return _list_page(
        request,
        "site/author.html",
        lambda number: queries.posts_by_author(user.pk, number),
        page,
        base=reverse("content:author", args=[slug]),
        extra={"person": person},
        empty_is_missing=True,
    )


def _list_page(
    request: HttpRequest,
    template: str,
    find: Callable[[int], queries.Listing],
    page: int,
    *,
    base: str,
    extra: dict[str, Any] | None = None,
    empty_is_missing: bool = False,
) -> HttpResponse:
    """A list at `base` and its further pages at `base` + `page/N/`."""
    if not 1 <= page <= queries.LAST_PAGE:
        return page_not_found(request)
    if page == 1 and request.path != base:
        return redirect(base, permanent=True)
    listing = find(page)
    if not listing.items and (page > 1 or empty_is_missing):
        return page_not_found(request)
    menu = menu_of(request.site)
    for item in listing.items:
        item["category"] = menu.by_id.get(item["category_id"])
    address = base if page == 1 else f"{base}page/{page}/"
    context = {
        "listing": listing,
        "canonical": absolute(request, address),
        "newer": (base if page == 2 else f"{base}page/{page - 1}/") if page > 1 else "",
        "older": f"{base}page/{page + 1}/" if listing.has_next else "",
        **(extra or {}),
    }
    return conditional(
        request,
        listing.fingerprint,
        repr(extra and extra.get("person")),
        make=lambda: render(request, template, context),
    )


# --- One article -----------------------------------------------------------------------------------------------------


@on_tenants
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One SELECT for a visitor. POST carries the reason for which a PHI text is opened, and nothing else."""
    page = queries.published_article(slug)
    if page is None or request.method not in ("GET", "HEAD", "POST"):
        return page_not_found(request)
    reason = request.POST.get("reason", "") if request.method == "POST" else ""
    reader = reader_of(request)
    outcome = reading(reader, page, reason=reason)
    if request.method == "POST" and page["compliance_level"] != "phi":
        return page_not_found(request)
    record_reading(reader, page, outcome, reason=reason)
    if outcome.show == Show.NOTHING:
        return page_not_found(request)
    if outcome.show == Show.REASON:
        return _ask_reason(request, reason)
    if page["compliance_level"] == "public":
        late = str(_overdue(request, page) or "")  # the page changes on the day, its row does not
        return conditional(request, page["etag"], late, make=lambda: _article(request, page, outcome))
    if outcome.show == Show.TEASER and not has_session(request):
        request.is_shared = True
        late = str(_overdue(request, page) or "")
        key = _key(request, "teaser", request.scheme, request.get_host(), request.path, page["etag"], late)
        response = kept(key, lambda: _article(request, page, outcome))
    else:
        response = _article(request, page, outcome)
    response["Cache-Control"] = PRIVATE
    return response


def _overdue(request: HttpRequest, page: dict[str, Any]) -> date | None:
    """The review date that has passed, where the tenant tells its readers."""
    menu = menu_of(request.site)
    if not menu.show_review_due:
        return None
    due = due_date(page["details"], page["reviewed_at"] or page["published_at"], menu.review_months)
    return due if due and due < timezone.localdate() else None


def _article(request: HttpRequest, page: dict[str, Any], outcome: Reading) -> HttpResponse:
    menu = menu_of(request.site)
    node = menu.by_id.get(page["category_id"])
    trail = node.trail if node else []
    url = absolute(request, request.path)
    teaser = outcome.show == Show.TEASER
    if teaser:
        page = page | {"content": "", "details": page["details"] | {"references": [], "toc": []}}
    context = {
        "page": page,
        "details": page["details"],
        "reviewers": main_reviewers(page["details"].get("reviewers") or []),
        "trail": trail,
        "canonical": url,
        "teaser": teaser,
        "toc": page["details"].get("toc") if len(page["details"].get("toc") or []) >= 3 else [],
        "structured": article_data(page, menu=menu, url=url, home=absolute(request, "/"), trail=trail),
        "indexed": page["compliance_level"] == "public",
        "overdue": _overdue(request, page),
    }
    return render(request, "site/article.html", context)


def _ask_reason(request: HttpRequest, reason: str) -> HttpResponse:
    """The form shows nothing of the text, not even its title."""
    response = render(request, "site/reason.html", {"reason": reason, "too_short": request.method == "POST"})
    response["Cache-Control"] = PRIVATE
    return response


# --- For machines ----------------------------------------------------------------------------------------------------


@require_safe
@on_tenants
def sitemap(request: HttpRequest, part: int = 0) -> HttpResponse:
    """Public pages, 2,000 per file; `/sitemap.xml` is the index once there are more."""
    origin = absolute(request, "")
    parts = -(-queries.sitemap_count() // SITEMAP_SIZE) or 1
    if part > parts:
        return page_not_found(request)
    if part == 0 and parts > 1:
        context = {"origin": origin, "parts": range(1, parts + 1)}
        return conditional(
            request, str(parts), make=lambda: _xml(request, "site/sitemap_index.xml", context, "application/xml")
        )
    entries = queries.sitemap_entries(part or 1, SITEMAP_SIZE)
    menu = menu_of(request.site)
    context = {
        "origin": origin,
        "entries": entries,
        "categories": [node for node in menu.by_id.values() if node.count] if part <= 1 else [],
        "first": part <= 1,
    }
    return conditional(
        request, repr(entries), make=lambda: _xml(request, "site/sitemap.xml", context, "application/xml")
    )


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The platform is not for search engines; of a tenant's site, the doors are not."""
    lines = ["User-agent: *"]
    if request.site.is_platform:
        lines += ["Disallow: /"]
    else:
        doors = (reverse("admin:index"), "/entrar/", "/perfil/", "/i18n/", "/*?s=")
        lines += [f"Disallow: {door}" for door in doors]
        lines += ["Allow: /", "", f"Sitemap: {absolute(request, reverse('content:sitemap'))}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _xml(request: HttpRequest, template: str, context: dict[str, Any], content_type: str) -> HttpResponse:
    return render(request, template, context, content_type=f"{content_type}; charset=utf-8")


@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponse:
    """Django's own view. Exempt: a token would give every visitor a cookie, to protect the choice of a language."""
    return django_set_language(request)
