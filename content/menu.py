"""What surrounds every public page: the category tree and the clinic's particulars, kept in process.

Cached by tenant and `Tenant.version`; a change that forgets to raise the version shows after TTL seconds at most.
"""

import hashlib
import time
import uuid
import zlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.models import Tenant
from accounts.queries import tenant_settings
from content.models import Category

TTL = 60  # seconds
PALETTES = 4  # classes accent-0 … in static/css/site.css
_cache: dict[tuple[str, uuid.UUID, int], tuple[float, "Menu"]] = {}


@dataclass
class Node:
    """A category in the tree."""

    id: uuid.UUID
    name: str
    slug: str
    description: str
    count: int
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)

    @property
    def trail(self) -> list["Node"]:
        """From the root down to this category."""
        return [*(self.parent.trail if self.parent else []), self]

    @property
    def total(self) -> int:
        """Posts here and below."""
        return self.count + sum(child.total for child in self.children)

    def ids(self) -> list[uuid.UUID]:
        """This category and everything below: a category page shows both, as in WordPress."""
        return [self.id, *(found for child in self.children for found in child.ids())]


@dataclass(frozen=True)
class Menu:
    """One tenant's surroundings."""

    name: str
    tagline: str
    description: str
    contact: str
    technical_director: str
    technical_director_registry: str
    accent: int
    review_months: int
    show_review_due: bool
    top: list[Node]
    by_slug: dict[str, Node]
    by_id: dict[uuid.UUID, Node]
    fingerprint: str


def menu_of(site: Any) -> Menu:
    """The menu of the request's site, which is the active tenant. Three queries when it is not cached."""
    key = (str(connection.settings_dict["NAME"]), site.tenant_id, site.version)
    found = _cache.get(key)
    if found and found[0] > time.monotonic():
        return found[1]
    menu = _load(site)
    if len(_cache) > 1_000:
        _cache.clear()
    _cache[key] = (time.monotonic() + TTL, menu)
    return menu


def forget_menus() -> None:
    """Drop the cache, after categories or the clinic's particulars have changed in this process."""
    _cache.clear()


def _load(site: Any) -> Menu:
    tenant = Tenant.objects.get(pk=site.tenant_id)
    settings = tenant_settings()
    reviews = (settings.review_months, settings.show_review_due)
    rows = list(
        Category.objects.order_by("name", "id").values_list("id", "name", "slug", "description", "count", "parent_id")
    )
    nodes = {row[0]: Node(row[0], row[1], row[2], row[3] or "", row[4] or 0) for row in rows}
    for row in rows:
        _adopt(nodes[row[0]], nodes.get(row[5]))
    particulars = (
        tenant.name,
        tenant.tagline,
        tenant.description.strip(),
        tenant.contact.strip(),
        tenant.technical_director,
        tenant.technical_director_registry,
    )
    return Menu(
        *particulars,
        accent=zlib.crc32(tenant.slug.encode()) % PALETTES,
        review_months=settings.review_months,
        show_review_due=settings.show_review_due,
        top=[node for node in nodes.values() if node.parent is None],
        by_slug={node.slug: node for node in nodes.values()},
        by_id=nodes,
        fingerprint=hashlib.sha256(repr((particulars, reviews, rows)).encode()).hexdigest()[:12],
    )


def _adopt(node: Node, parent: Node | None) -> None:
    """Hang the node below its parent; a circle, which no form makes but an import may, becomes a root."""
    if parent is not None and node not in parent.trail:
        node.parent = parent
        parent.children.append(node)
