"""RSS 2.0: titles and excerpts, never a body. What is restricted or PHI is not in it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from content import queries
from content.menu import Menu, Node, menu_of
from content.views.site import absolute, conditional, on_tenants, page_not_found


@require_safe
@on_tenants
def feed(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The newest posts of the site, or of a category and those below it."""
    menu = menu_of(request.site)
    node = menu.by_slug.get(slug) if slug else None
    if slug and node is None:
        return page_not_found(request)
    items = queries.feed_posts(node.ids() if node else None)
    etags = "".join(item["etag"] for item in items)
    return conditional(request, etags, make=lambda: _rss(request, menu, node, items))


def _rss(request: HttpRequest, menu: Menu, node: Node | None, items: list[dict[str, Any]]) -> HttpResponse:
    path = reverse("content:category", args=[node.slug]) if node else reverse("content:home")
    channel = Rss201rev2Feed(
        title=f"{menu.name} – {node.name}" if node else menu.name,
        link=absolute(request, path),
        description=(node.description if node else menu.tagline or menu.description) or menu.name,
        language="pt-br",
        feed_url=absolute(request, request.path),
    )
    professional = _("For health professionals.")  # not inside the f-string, where extraction does not look
    for item in items:
        gated = item["compliance_level"] != "public"
        excerpt = item["excerpt"] or ""
        link = absolute(request, reverse("content:post", args=[item["slug"]]))
        term = menu.by_id.get(item["category_id"])
        channel.add_item(
            title=item["title"],
            link=link,
            description=f"{excerpt} {professional}".strip() if gated else excerpt,
            author_name=item["author_name"],
            pubdate=item["published_at"],
            updateddate=item["updated_at"],
            unique_id=link,
            categories=[term.name] if term else [],
        )
    response = HttpResponse(content_type="application/rss+xml; charset=utf-8")
    channel.write(response, "utf-8")
    return response
