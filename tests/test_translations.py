"""The interface in Brazilian Portuguese is complete, and nothing of the other language shows through."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

from accounts.models import Tenant, User
from tests.conftest import PostFactory

ROOT = settings.BASE_DIR
CATALOGUE = ROOT / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
APPS = ("accounts", "compliance", "content", "healthcare_cms", "media_library")
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
# What Django's own extraction makes of a template: calls between fillers.
CALL = re.compile(r"""\b(_|p?n?gettext)\(((?:\s*,?\s*u?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))+)""")
STRING = re.compile(r"""u?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")

Key = tuple[str, str]  # context, msgid


# --- The catalogue ---------------------------------------------------------------------------------------------------


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="pt_BR")


def messages() -> Iterator[Message]:
    return (message for message in catalogue() if message.id)


def forms(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def key(message: Message) -> Key:
    return message.context or "", forms(message.id)[0]


def _of_python(path: Path) -> Iterator[Key]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in IN_CONTEXT and len(texts) == 2:
            yield texts[0], texts[1]
        elif (name in PLAIN or name in PLURAL) and texts:
            yield "", texts[0]


def _of_template(path: Path) -> Iterator[Key]:
    for match in CALL.finditer(templatize(path.read_text(encoding="utf-8"))):
        texts = [ast.literal_eval(text) for text in STRING.findall(match[2])]
        yield (texts[0], texts[1]) if match[1].startswith("p") else ("", texts[0])


@cache
def wanted() -> dict[Key, str]:
    """Every message of the sources, with a file where it stands."""
    found: dict[Key, str] = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            found |= dict.fromkeys(_of_python(path), str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        found |= dict.fromkeys(_of_template(path), str(path.relative_to(ROOT)))
    return found


def test_scan_sees_every_way_of_writing_a_message(tmp_path: Path) -> None:
    template = tmp_path / "a.html"
    template.write_text(
        '{% load i18n %}<p title="{% translate \'One\' %}">{% translate "Two" context "box" %}'
        '{{ x|default:_("Three") }}'
        "{% blocktranslate count n=1 %}{{ n }} text{% plural %}{{ n }} texts{% endblocktranslate %}"
        "{% blocktranslate with a=b trimmed %}\n  Say\n  “{{ a }}”.\n{% endblocktranslate %}</p>"
    )
    assert set(_of_template(template)) == {
        ("", "One"),
        ("box", "Two"),
        ("", "Three"),
        ("", "%(n)s text"),
        ("", "Say “%(a)s”."),
    }
    module = tmp_path / "a.py"
    module.write_text('_("One" " two"); pgettext_lazy("box", "Three"); ngettext("%(n)d text", "%(n)d texts", n); _(x)')
    assert set(_of_python(module)) == {("", "One two"), ("box", "Three"), ("", "%(n)d text")}
    assert len(wanted()) > 700


def test_every_message_is_in_the_catalogue() -> None:
    present = {key(message) for message in messages()}
    assert {each: where for each, where in wanted().items() if each not in present} == {}


def test_catalogue_keeps_no_message_that_is_gone() -> None:
    assert [key(message) for message in messages() if key(message) not in wanted()] == []


def test_every_message_is_translated_and_none_is_a_guess() -> None:
    assert [key(message) for message in messages() if not all(forms(message.string)) or message.fuzzy] == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"%\(\w+\)[sd]", id="placeholders"),
        pytest.param(r"</?\w+>", id="markup"),
        pytest.param(r"^\s+|\s+$", id="outer-space"),
        pytest.param(r"[.:?](?=$)", id="last-mark"),
    ],
)
def test_translations_keep(pattern: str) -> None:
    broken = []
    for message in messages():
        originals = {tuple(sorted(re.findall(pattern, text))) for text in forms(message.id)}
        for text in forms(message.string):
            if tuple(sorted(re.findall(pattern, text))) not in originals:
                broken.append((key(message), text))
    assert broken == []


def test_plural_messages_have_both_forms() -> None:
    plural = [message for message in messages() if message.pluralizable]
    assert plural
    assert [key(message) for message in plural if len(forms(message.string)) != catalogue().num_plurals] == []


def test_compiled_catalogue_is_the_one_that_is_served() -> None:
    with override("pt-br"):
        assert [key(m) for m in messages() if not m.context and not m.pluralizable and gettext(m.id) != m.string] == []


# --- Pages -----------------------------------------------------------------------------------------------------------

# Words that no page shows in the other language: not names, and spelled in one language only.
ENGLISH = ("the", "and", "your", "with", "save", "publish", "publishing", "search", "sign", "draft", "review", "pages")
ENGLISH += ("title", "excerpt", "category", "level", "stage", "all", "waiting", "found", "page", "password")
PORTUGUESE = ("você", "não", "para", "salvar", "publicar", "pesquisar", "entrar", "senha", "rascunho", "revisão")
PORTUGUESE += ("título", "resumo", "categoria", "autor", "nível", "etapa", "todos", "painel", "página")

MONTHS = ("janeiro", "fevereiro", "março", "abril", "maio", "junho")
MONTHS += ("julho", "agosto", "setembro", "outubro", "novembro", "dezembro")

PAGES = {
    "sign-in": ("/entrar/", None, ("Entrar", "Senha", "Esqueceu a senha"), ("Sign in", "Password")),
    "home": ("/", None, ("Últimos artigos", "Pesquisar", "ligue 192"), ("Latest articles", "Search")),
    "search": ("/?s=inexistente", None, ("Nenhum artigo encontrado",), ("No article found",)),
    "not-found": ("/nada-aqui/", None, ("Página não encontrada",), ("Page not found",)),
    "dashboard": ("/admin/", "compliance_officer", ("Painel", "Visão geral", "Sair"), ("Dashboard", "Sign out")),
    "posts": (
        "/admin/content/post/",
        "editor",
        ("Todas as datas", "Adicionar novo post", "Todos"),
        ("All dates", "Add new post", "All"),
    ),
    "editor": (
        "/admin/content/post/add/",
        "author",
        ("Novo post", "Salvar rascunho", "Link permanente", "Resumo", "Categorias", "Nível de compliance"),
        ("New post", "Save draft", "Permalink", "Excerpt"),
    ),
    "desk": ("/admin/compliance/", "compliance_officer", ("Mesa de revisão", "Filtrar"), ("Review desk", "Filter")),
    "trail": (
        "/admin/compliance/auditentry/",
        "compliance_officer",
        ("Trilha de auditoria", "Exportar CSV", "Todas as operações"),
        ("Audit trail", "Export CSV"),
    ),
    "to-dos": (
        "/admin/compliance/attention/",
        "compliance_officer",
        ("Pendências após a publicação", "Todas em aberto"),
        ("To-dos after publication", "All open"),
    ),
    "reviews": (
        "/admin/compliance/reviews/",
        "editor",
        ("Revisões dos textos no ar", "Vencem em até 60 dias"),
        ("Reviews of live texts", "Due within 60 days"),
    ),
    "overview": (
        "/admin/compliance/overview/",
        "compliance_officer",
        ("Indicadores", "Tempo de ciclo", "Exportar CSV"),
        ("Overview", "Cycle time", "Export CSV"),
    ),
    "users": ("/admin/accounts/user/", "administrator", ("Usuários", "Papel", "Segundo fator"), ("Users", "Role")),
    "profile": ("/perfil/", "author", ("Seu perfil", "Sessões abertas"), ("Your profile", "Open sessions")),
}


def seen_or_heard(html: str) -> str:
    """The text of a page and of its spoken attributes, without what people wrote."""
    html = re.sub(r"(?s)<(script|style|template)\b.*?</\1>|<!--.*?-->", " ", html)
    # The language of what people wrote is marked; so are the names of the languages.
    html = re.sub(r'(?s)<(article|p|ul|button)\b[^>]* lang="(?:pt-BR|pt-br|en)".*?</\1>', " ", html)
    spoken = re.findall(r'\s(?:title|alt|placeholder|aria-label)="([^"]*)"', html)
    return " ".join([re.sub(r"<[^>]*>", " ", html), *spoken])


def strangers(text: str, words: tuple[str, ...]) -> set[str]:
    """The words among `words`, each with its surroundings."""
    return set(re.findall(r".{0,20}\b(?:" + "|".join(words) + r")\b.{0,20}", text.lower()))


@pytest.fixture(params=sorted(PAGES))
def page(request: pytest.FixtureRequest, client_for: Callable[..., Client], cast: dict[str, User]) -> tuple:
    path, role, portuguese, english = PAGES[request.param]
    return client_for(cast[role] if role else None), path, portuguese, english


def _show(client: Client, path: str, language: str) -> str:
    response = client.get(path, HTTP_ACCEPT_LANGUAGE=language)
    assert response.status_code in (200, 404)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return seen_or_heard(content.decode())


def test_page_in_portuguese(page: tuple) -> None:
    client, path, portuguese, _english = page
    text = _show(client, path, "pt-BR")
    assert [words for words in portuguese if words not in text] == []
    assert strangers(text, ENGLISH) == set()


def test_page_in_english(page: tuple) -> None:
    client, path, _portuguese, english = page
    text = _show(client, path, "en")
    assert [words for words in english if words not in text] == []
    assert strangers(text, PORTUGUESE) == set()


def test_portuguese_is_the_language_of_who_asks_for_none(aurora: Tenant) -> None:
    assert "Entrar" in Client(HTTP_HOST="aurora.localhost").get("/entrar/").content.decode()


def test_article_writes_its_month_small(client_for: Callable[..., Client], post_factory: PostFactory) -> None:
    post = post_factory.published(title="Sono", slug="sono")
    text = client_for().get("/sono/", HTTP_ACCEPT_LANGUAGE="pt-BR").content.decode()
    assert post.published_at
    assert re.search(rf"\b\d{{1,2}} de ({'|'.join(MONTHS)}) de \d{{4}}", text)
