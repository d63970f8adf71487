"""Who may import whom: apps stand on floors, modules inside an app in layers (docs/architecture.md).

An import inside a function carries its reason in a comment; it may reach up within its own app (a module that is not
loaded yet), never up to another app's.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ["accounts.tenancy", "compliance", "accounts", "media_library", "content", "healthcare_cms"]
TOP = "healthcare_cms"
# Module (or package) inside an app → layer. What is not listed is business: layer 2.
LAYERS = {
    "enums": 0, "validators": 0, "analyzers": 0, "rule_packs": 0, "errors": 0, "sanitize": 0, "hashers": 0,
    "audit_storage": 0,
    "models": 1,
    "forms": 3, "fields": 3, "widgets": 3, "after_forms": 3, "reference_forms": 3, "review_forms": 3,
    "admin": 4, "views": 4, "urls": 4, "admin_urls": 4, "review_urls": 4, "admin_views": 4,
    "management": 4, "templatetags": 4,
    "middleware": 4, "apps": 4, "feeds": 4, "sitemaps": 4, "context_processors": 4,
}  # fmt: skip
BUSINESS, FORMS, VIEWS = 2, 3, 4


@dataclass(frozen=True)
class Place:
    """Where a module stands."""

    app: str
    layer: int

    @property
    def floor(self) -> int:
        return FLOORS.index(self.app)


@dataclass(frozen=True)
class Import:
    """One import of our own code."""

    line: int
    target: str
    inside_function: bool
    has_reason: bool


def place_of(module: str) -> Place | None:
    """App and layer of a dotted name; None for what is not ours."""
    app = next((app for app in FLOORS if module == app or module.startswith(app + ".")), None)
    if app is None:
        return None
    first = module[len(app) :].strip(".").partition(".")[0]
    return Place(app, 0 if app == "accounts.tenancy" else LAYERS.get(first, BUSINESS))


def imports_of(source: str) -> Iterator[Import]:
    """Imports of our apps, without those for types only."""
    lines = source.splitlines()
    tree = ast.parse(source)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom) or id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom):
            # `from content import queries` names a module, `from content.models import Post` a thing in one.
            targets = [f"{node.module}.{alias.name}" if "." not in (node.module or "") else node.module
                       for alias in node.names]  # fmt: skip
        else:
            targets = [alias.name for alias in node.names]
        reason = any("#" in line for line in lines[node.lineno - 1 : node.end_lineno])
        for target in targets:
            if target and place_of(target):
                yield Import(node.lineno, target, id(node) in inside, reason)


def violations(module: str, source: str) -> list[str]:
    """What `module` imports and must not."""
    here = place_of(module)
    if here is None or ".migrations." in f".{module}.":
        return []
    found = []
    for each in imports_of(source):
        there = place_of(each.target)
        assert there is not None
        if each.inside_function and not each.has_reason:
            found.append(f"{module}:{each.line} imports {each.target} inside a function without saying why")
        if problem := forbidden(here, there, lazy=each.inside_function and each.has_reason):
            found.append(f"{module}:{each.line} imports {each.target}: {problem}")
    return found


def forbidden(here: Place, there: Place, *, lazy: bool) -> str:
    """Why a module at `here` may not import one at `there`; empty when it may."""
    if here.app == TOP:
        return ""
    if there.app == TOP:
        return "the project package is imported by nobody"
    if here.layer >= FORMS:
        own = here.app == there.app and (there.layer <= here.layer or lazy)
        return "" if own or there.layer <= BUSINESS else "views, forms and admin of another app (or above)"
    if there.floor > here.floor:
        return "" if there.layer == 0 else "an app of a higher floor"
    if there.layer > here.layer and not (lazy and here.app == there.app):
        return "a higher layer"
    return ""


def modules() -> Iterator[tuple[str, Path]]:
    for app in FLOORS:
        folder = ROOT / app.replace(".", "/")
        for path in sorted(folder.rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if not (app == "accounts" and name.startswith("accounts.tenancy")):
                yield name, path


def test_imports_follow_floors_and_layers() -> None:
    found = [line for name, path in modules() for line in violations(name, path.read_text())]

    assert found == []


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("compliance.workflow", "from content.models import Post", "higher floor"),
        ("compliance.models", "import accounts.models", "higher floor"),
        ("accounts.tenancy.context", "from accounts.models import User", "higher floor"),
        ("content.models.post", "from content.services import publishing", "higher layer"),
        ("content.services.publishing", "from content.views import site", "higher layer"),
        ("content.views.site", "from compliance.views import desk", "another app"),
        ("content.forms", "from accounts.forms import SignInForm", "another app"),
        ("accounts.services", "from healthcare_cms.settings import DEBUG", "nobody"),
        ("content.models", "def f():\n    from content.rules import can_edit", "without saying why"),
        ("compliance.audit", "def f():\n    from content.models import Post  # app ready", "higher floor"),
        ("content.views.editor", "from compliance import views", "another app"),
        ("content.services", "from compliance.errors import Refused", ""),
        ("content.views.editor", "from compliance.audit import record", ""),
        ("compliance.views", "from content.services import review", ""),
        ("accounts.models", "def f():\n    from accounts.rules import can_edit  # app ready", ""),
        ("compliance.audit", "if TYPE_CHECKING:\n    from accounts.models import User", ""),
        ("compliance.models", "from accounts.tenancy.models import TenantModel", ""),
        ("compliance.policy", "from accounts.enums import Role", ""),
    ],
)
def test_a_planted_import_is_judged(module: str, source: str, expected: str) -> None:
    found = violations(module, source)

    assert bool(found) == bool(expected)
    assert expected in " ".join(found)


def test_tenancy_sets_the_context_alone() -> None:
    """What row-level security reads is written in one place."""
    found = [name for name, path in modules() if ".migrations." not in name and "SET LOCAL app." in path.read_text()]

    assert found == ["accounts.tenancy.backends.postgresql.base"]
    assert not [name for name, path in modules() if "set_config(" in path.read_text()]


def test_no_receiver_of_model_signals() -> None:
    """bulk_create() and update() send none, so nothing may depend on them."""
    names = ("post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed")
    found = [
        (name, word) for name, path in modules() for word in names if word in path.read_text() and "tests" not in name
    ]

    assert found == []
