"""The public site: addresses, lists, headers, caching. Who reads what is in test_site_access.py."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Tenant
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from content import queries
from content.menu import forget_menus
from content.models import Category, PublishedPage
from content.page_cache import forget_pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_menu():
    forget_menus()
    forget_pages()


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="aurora.localhost")


@pytest.fixture
def categories(aurora):
    with tenant_context(aurora, actor=SYSTEM_UUID):
        parent = Category.objects.create(name="Coração", slug="coracao", description="Tudo sobre o coração.")
        child = Category.objects.create(name="Arritmias", slug="arritmias", parent=parent)
    return {"parent": parent, "child": child}


def selects(captured):
    return [q["sql"] for q in captured if q["sql"].lstrip().startswith("SELECT")]


# --- Every address answers ---


def test_home_shows_newest_posts(visitor, post_factory):
    post_factory.published(title="Primeiro", slug="primeiro")
    post_factory.published(title="Segundo", slug="segundo")

    html = visitor.get("/").content.decode()

    titles = re.findall(r'<h2 class="card-title"><a href="/([^"]+)/"', html)
    assert titles == ["segundo", "primeiro"]


def test_home_puts_sticky_posts_first(visitor, post_factory, aurora):
    old = post_factory.published(title="Fixo", slug="fixo")
    post_factory.published(title="Novo", slug="novo")
    with tenant_context(aurora, actor=SYSTEM_UUID):
        PublishedPage.objects.filter(post=old).update(sticky=True)

    listing = _listing(aurora)

    assert [item["slug"] for item in listing.items] == ["fixo", "novo"]


def _listing(tenant, page=1):
    with tenant_context(tenant, actor=SYSTEM_UUID):
        return queries.latest_posts(page)


def test_home_without_posts_says_so(visitor, aurora):
    response = visitor.get("/")

    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


def test_drafts_and_unpublished_texts_are_nowhere(visitor, post_factory, cast):
    from content.services.publishing import unpublish

    post_factory.draft(title="Rascunho", slug="rascunho-meu")
    gone = post_factory.published(title="Retirado", slug="retirado")
    with tenant_context(gone.tenant_id, actor=cast["editor"]):
        unpublish(gone, actor=cast["editor"])

    for slug in ("rascunho-meu", "retirado"):
        assert visitor.get(f"/{slug}/").status_code == 404
        for address in ("/", "/feed/", "/sitemap.xml", "/?s=rascunho+retirado"):
            assert f"/{slug}/" not in visitor.get(address).content.decode()


def test_article_shows_what_readers_need_to_trust_it(visitor, post_factory, categories):
    post_factory.published(
        title="Pressão <alta>",
        slug="pressao-alta",
        excerpt="Resumo & contexto.",
        content="<h2>Um</h2><p>a</p><h2>Dois</h2><p>b</p><h2>Três</h2><p>c</p>",
        category_id=categories["child"].pk,
        scientific_references=["Diretriz Brasileira, 2020. doi:10.1/x"],
    )

    html = visitor.get("/pressao-alta/").content.decode()

    assert "<h1>Pressão &lt;alta&gt;</h1>" in html
    assert "Resumo &amp; contexto." in html
    assert 'href="/author/author/"' in html
    assert "CRM/SP 123456" in html  # the reviewer's registry
    assert "Medical Reviewer Aurora" in html
    assert "não substitui a consulta" in html
    assert 'href="/category/arritmias/"' in html
    assert 'href="/category/coracao/"' in html  # breadcrumb
    assert "Diretriz Brasileira, 2020" in html
    assert 'href="#um"' in html and '<h2 id="um">' in html
    assert '<link rel="canonical" href="http://aurora.localhost/pressao-alta/">' in html


def test_short_article_has_no_table_of_contents(visitor, post_factory):
    post_factory.published(slug="curto", content="<h2>Um</h2><p>a</p><h2>Dois</h2><p>b</p>")

    assert 'class="toc"' not in visitor.get("/curto/").content.decode()


def test_article_json_ld_names_reviewer_and_cannot_end_its_script(visitor, post_factory):
    post_factory.published(slug="ld", title="</script><b>x", meta_description="Descrição.")

    html = visitor.get("/ld/").content.decode()

    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert len(blocks) == 1
    page, breadcrumb = json.loads(blocks[0])["@graph"]
    assert page["@type"] == "MedicalWebPage"
    assert page["name"] == "</script><b>x"
    assert page["description"] == "Descrição."
    assert [person["name"] for person in page["reviewedBy"]] == ["Medical Reviewer Aurora"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page["lastReviewed"])
    assert page["publisher"]["name"] == "Clínica Aurora"
    assert breadcrumb["itemListElement"][-1]["item"] == "http://aurora.localhost/ld/"


def test_category_lists_its_own_and_lower_posts(visitor, post_factory, categories):
    post_factory.published(slug="no-pai", category_id=categories["parent"].pk)
    post_factory.published(slug="no-filho", category_id=categories["child"].pk)
    post_factory.published(slug="fora")

    parent = visitor.get("/category/coracao/").content.decode()
    child = visitor.get("/category/arritmias/").content.decode()

    assert re.findall(r'card-title"><a href="/([^"]+)/"', parent) == ["no-filho", "no-pai"]
    assert re.findall(r'card-title"><a href="/([^"]+)/"', child) == ["no-filho"]
    assert "Tudo sobre o coração." in parent


def test_author_page_lists_posts_and_exists_only_with_some(visitor, post_factory):
    assert visitor.get("/author/author/").status_code == 404

    post_factory.published(slug="meu-texto")

    html = visitor.get("/author/author/").content.decode()
    assert "<h1>Author Aurora</h1>" in html
    assert re.findall(r'card-title"><a href="/([^"]+)/"', html) == ["meu-texto"]
    assert visitor.get("/author/subscriber/").status_code == 404


def test_feed_has_titles_and_excerpts_without_bodies(visitor, post_factory, categories):
    post_factory.published(title="A & B", slug="a-e-b", excerpt="Só o resumo.", category_id=categories["child"].pk)
    post_factory.published(slug="outro")

    response = visitor.get("/feed/")
    channel = ElementTree.fromstring(response.content).find("channel")
    by_category = ElementTree.fromstring(visitor.get("/category/coracao/feed/").content).find("channel")

    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert [item.findtext("title") for item in channel.findall("item")] == ["Hipertensão arterial", "A & B"]
    assert channel.findall("item")[1].findtext("description") == "Só o resumo."
    assert channel.findall("item")[1].findtext("link") == "http://aurora.localhost/a-e-b/"
    assert "Pressão alta é uma condição comum" not in response.content.decode()
    assert [item.findtext("title") for item in by_category.findall("item")] == ["A & B"]


def test_sitemap_lists_public_pages(visitor, post_factory, categories):
    post_factory.published(slug="publico", category_id=categories["child"].pk)

    response = visitor.get("/sitemap.xml")

    places = [
        element.text for element in ElementTree.fromstring(response.content).iter() if element.tag.endswith("loc")
    ]
    assert places == [
        "http://aurora.localhost/",
        "http://aurora.localhost/category/arritmias/",
        "http://aurora.localhost/publico/",
    ]
    assert response["Content-Type"] == "application/xml; charset=utf-8"


def test_sitemap_becomes_an_index_when_it_grows(visitor, post_factory, monkeypatch):
    monkeypatch.setattr("content.views.site.SITEMAP_SIZE", 1)
    for slug in ("um", "dois"):
        post_factory.published(slug=slug)

    index = visitor.get("/sitemap.xml").content.decode()

    assert re.findall("<loc>(.*?)</loc>", index) == [
        "http://aurora.localhost/sitemap-1.xml",
        "http://aurora.localhost/sitemap-2.xml",
    ]
    assert "/um/" in visitor.get("/sitemap-1.xml").content.decode()
    assert "/dois/" in visitor.get("/sitemap-2.xml").content.decode()
    assert visitor.get("/sitemap-3.xml").status_code == 404


def test_robots_closes_the_doors_and_names_the_sitemap(visitor, aurora):
    text = visitor.get("/robots.txt").content.decode()

    assert "Disallow: /admin/\n" in text
    assert "Sitemap: http://aurora.localhost/sitemap.xml\n" in text
    assert Client(HTTP_HOST="localhost").get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_platform_host_has_no_site(platform_admin):
    client = Client(HTTP_HOST="localhost")

    assert client.get("/").status_code == 200
    for address in ("/feed/", "/sitemap.xml", "/category/x/", "/author/x/", "/qualquer/", "/page/2/"):
        assert client.get(address).status_code == 404


# --- Pages of lists ---


def test_lists_are_cut_into_pages(visitor, post_factory, monkeypatch, aurora):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for number in range(5):
        post_factory.published(slug=f"texto-{number}")

    pages = [
        re.findall(r'card-title"><a href="/([^"]+)/"', visitor.get(a).content.decode())
        for a in ("/", "/page/2/", "/page/3/")
    ]

    assert pages == [["texto-4", "texto-3"], ["texto-2", "texto-1"], ["texto-0"]]
    assert 'rel="next" href="/page/2/"' in visitor.get("/").content.decode()
    assert 'rel="next"' not in visitor.get("/page/3/").content.decode()
    assert 'rel="prev" href="/"' in visitor.get("/page/2/").content.decode()


@pytest.mark.parametrize("page", ["0", "2", "5001", "99999999999999999999999"])
def test_page_that_does_not_exist_is_not_found(visitor, post_factory, page):
    post_factory.published(slug="unico")

    assert visitor.get(f"/page/{page}/").status_code == 404


def test_page_one_has_one_address(visitor, aurora):
    assert visitor.get("/page/1/")["Location"] == "/"


def test_lists_do_not_count_or_select_bodies(visitor, post_factory):
    post_factory.published(slug="x")
    visitor.get("/")

    with CaptureQueriesContext(connection) as captured:
        visitor.get("/")

    (sql,) = selects(captured)
    assert "COUNT(" not in sql
    assert ".content" not in sql


# --- Caching, cookies, headers ---


def test_article_costs_one_select(visitor, post_factory):
    post_factory.published(slug="barato")
    visitor.get("/barato/")  # host and menu are remembered

    with CaptureQueriesContext(connection) as captured:
        response = visitor.get("/barato/")

    assert response.status_code == 200
    (sql,) = selects(captured)
    assert "FROM published_pages" in sql


def test_visitor_gets_no_cookie_and_no_vary_on_cookie(visitor, post_factory):
    post_factory.published(slug="livre")

    for address in ("/", "/livre/", "/feed/", "/sitemap.xml", "/nada/", "/?s=livre"):
        response = visitor.get(address)
        assert response.cookies == {}, address
        assert "Cookie" not in response.get("Vary", ""), address


def test_visitor_pages_are_revalidated(visitor, post_factory):
    post_factory.published(slug="etag")

    for address in ("/", "/etag/", "/feed/", "/sitemap.xml"):
        first = visitor.get(address)
        assert first["Cache-Control"] == "public, max-age=0, must-revalidate", address
        again = visitor.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
        assert again.status_code == 304, address
        assert again.content == b""
        assert again["ETag"] == first["ETag"]
        assert visitor.get(address, HTTP_IF_NONE_MATCH='W/"other"').status_code == 200


def test_etag_changes_with_text_language_and_menu(visitor, post_factory, aurora):
    post = post_factory.published(slug="muda")
    first = visitor.get("/muda/")["ETag"]

    english = visitor.get("/muda/", HTTP_ACCEPT_LANGUAGE="en")["ETag"]
    with tenant_context(aurora, actor=SYSTEM_UUID):
        Category.objects.create(name="Nova", slug="nova")
        forget_menus()
    menu = visitor.get("/muda/")["ETag"]
    with tenant_context(aurora, actor=SYSTEM_UUID):
        PublishedPage.objects.filter(post=post).update(etag="f" * 32)
    text = visitor.get("/muda/")["ETag"]

    assert len({first, english, menu, text}) == 4


def test_signed_in_readers_get_nothing_cacheable(client_for, cast, post_factory):
    post_factory.published(slug="pessoal")
    client = client_for(cast["subscriber"])

    for address in ("/", "/pessoal/", "/nada/"):
        response = client.get(address)
        assert response["Cache-Control"] == "private, no-store", address
        assert "ETag" not in response


def test_head_answers_like_get_without_body(visitor, post_factory):
    post_factory.published(slug="cabeca")

    for address in ("/", "/cabeca/", "/feed/", "/sitemap.xml", "/robots.txt", "/nada/"):
        get, head = visitor.get(address), visitor.head(address)
        assert (head.status_code, head.content) == (get.status_code, b""), address
        assert head["Content-Type"] == get["Content-Type"]


def test_pages_hold_no_inline_script_or_style(visitor, post_factory):
    post_factory.published(slug="limpo")

    for address in ("/", "/limpo/", "/?s=limpo", "/nada/"):
        html = visitor.get(address).content.decode()
        assert not re.search(r"<[^>]+\s(style|on\w+)=", html), address
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*(src=|ld\+json))", html), address
        assert not re.search(r'(src|href)="(https?:)?//(?!aurora\.localhost)', html), address


def test_article_html_stays_below_100_kb(visitor, post_factory):
    paragraph = "<h2>Seção</h2><p>" + "palavra " * 150 + "</p>"
    post_factory.published(slug="longo", content=paragraph * 8)

    assert len(visitor.get("/longo/").content) < 100_000


def test_content_security_policy_is_strict(visitor, aurora):
    policy = visitor.get("/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_language_switch_needs_no_session(visitor, aurora):
    assert '<html lang="pt-br"' in visitor.get("/").content.decode()

    response = visitor.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert list(response.cookies) == ["django_language"]
    assert '<html lang="en"' in visitor.get("/").content.decode()


# --- Not found ---


def test_every_404_has_the_same_bytes(visitor, post_factory, other_post_factory):
    other_post_factory.published(slug="texto-do-hospital")
    post_factory.published(slug="segredo", compliance_level="restricted")
    post_factory.published(slug="paciente", compliance_level="phi")
    addresses = [
        "/nao-existe/",
        "/texto-do-hospital/",
        "/segredo/",
        "/paciente/",
        "/a/b/c/",
        "/category/nenhuma/",
        "/author/ninguem/",
        "/page/77/",
        "/um.php",
        "/%00/",
        "/" + "x" * 3000 + "/",
    ]
    assert Client(HTTP_HOST="horizonte.localhost").get("/texto-do-hospital/").status_code == 200

    answers = [visitor.get(address) for address in addresses]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.items())) for answer in answers}) == 1


def test_missing_slash_is_added(visitor, post_factory):
    post_factory.published(slug="barra")

    assert visitor.get("/barra?x=1")["Location"] == "/barra/?x=1"


def test_redirect_never_leaves_the_site(visitor, aurora):
    for path in ("//evil", "///evil", "/\\evil", "/\nevil"):
        response = visitor.get("/", PATH_INFO=path)
        assert re.match(r"/[^/\\]", response.get("Location", "/x")), path


def test_post_to_a_public_page_is_not_found(visitor, post_factory):
    post_factory.published(slug="so-leitura")
    client = Client(HTTP_HOST="aurora.localhost")

    assert client.post("/so-leitura/").status_code == 404
    assert client.post("/feed/").status_code == 405


def test_reverse_names(aurora):
    assert reverse("content:home") == "/"
    assert reverse("content:post", args=["abc"]) == "/abc/"
    assert reverse("content:category", args=["abc"]) == "/category/abc/"


def test_tenants_have_their_own_home(post_factory, other_post_factory):
    post_factory.published(slug="so-aurora")
    other_post_factory.published(slug="so-horizonte")

    aurora = Client(HTTP_HOST="aurora.localhost").get("/").content.decode()
    horizonte = Client(HTTP_HOST="horizonte.localhost").get("/").content.decode()

    assert "so-aurora" in aurora and "so-horizonte" not in aurora
    assert "so-horizonte" in horizonte and "so-aurora" not in horizonte


def test_menu_follows_the_version_of_the_tenant(visitor, aurora):
    from accounts.tenancy.hosts import Site
    from content.menu import menu_of

    site = Site(aurora.pk, aurora.slug, aurora.name, "", 1)
    with tenant_context(aurora, actor=SYSTEM_UUID):
        before = menu_of(site)
        Category.objects.create(name="Depois", slug="depois")
        assert menu_of(site) is before  # one minute at most
        after = menu_of(Site(aurora.pk, aurora.slug, aurora.name, "", 2))

    assert "depois" not in before.by_slug
    assert "depois" in after.by_slug
    assert Tenant._meta.get_field("version").default == 1


def test_kept_pages_do_not_outlive_the_text(visitor, post_factory, cast):
    from content.services.review import withdraw

    post = post_factory.published(slug="some")
    assert visitor.get("/some/").status_code == 200
    assert visitor.get("/some/").status_code == 200  # from memory now

    with tenant_context(post.tenant_id, actor=cast["compliance_officer"]):
        withdraw(post, actor=cast["compliance_officer"], reason="Dado desatualizado na tabela.")

    assert visitor.get("/some/").status_code == 404
    assert "/some/" not in visitor.get("/").content.decode()


def test_kept_pages_are_not_shown_to_or_made_by_signed_in_readers(visitor, client_for, cast, post_factory):
    post_factory.published(slug="misto")
    signed_in = client_for(cast["editor"])

    mine = signed_in.get("/misto/").content.decode()
    theirs = visitor.get("/misto/").content.decode()
    mine_again = signed_in.get("/misto/").content.decode()

    assert "/perfil/" in mine and "/perfil/" in mine_again
    assert "/perfil/" not in theirs and "/entrar/" in theirs


def test_messages_of_one_visitor_are_not_kept_for_others(visitor, post_factory):
    """Django's messages may travel in a cookie, without a session."""
    from django.contrib.messages.storage.base import Message
    from django.contrib.messages.storage.cookie import CookieStorage
    from django.test import RequestFactory

    post_factory.published(slug="recado")
    storage = CookieStorage(RequestFactory().get("/"))
    visitor.cookies["messages"] = storage._encode([Message(20, "Recado particular")])

    assert "Recado particular" not in visitor.get("/recado/").content.decode()
    assert "Recado particular" not in Client(HTTP_HOST="aurora.localhost").get("/recado/").content.decode()


def test_two_hosts_do_not_share_addresses(post_factory, other_post_factory):
    post_factory.published(slug="mesmo", title="Da Aurora")
    other_post_factory.published(slug="mesmo", title="Do Horizonte")

    for _ in range(2):
        assert "Da Aurora" in Client(HTTP_HOST="aurora.localhost").get("/mesmo/").content.decode()
        assert "Do Horizonte" in Client(HTTP_HOST="horizonte.localhost").get("/mesmo/").content.decode()


def test_page_cache_stays_within_its_budget(monkeypatch):
    from django.http import HttpResponse

    from content import page_cache

    monkeypatch.setattr(page_cache, "BUDGET", 250)
    for name in "abc":
        page_cache.keep(name, HttpResponse(name * 100))

    assert page_cache.recall("a") is None
    assert page_cache.recall("c").content == b"c" * 100
    refused = HttpResponse("x")
    refused.set_cookie("k", "v")
    page_cache.keep("cookie", refused)
    page_cache.keep("error", HttpResponse("x", status=500))
    assert page_cache.recall("cookie") is None
    assert page_cache.recall("error") is None


def test_pages_are_read_but_not_listed_among_posts(visitor, post_factory):
    post_factory.published(slug="sobre-nos", title="Sobre nós", post_type="page")

    assert visitor.get("/sobre-nos/").status_code == 200
    assert "/sobre-nos/" not in visitor.get("/").content.decode()
    assert "/sobre-nos/" not in visitor.get("/feed/").content.decode()
    assert "/sobre-nos/" in visitor.get("/sitemap.xml").content.decode()


def test_references_are_linked_and_escaped(visitor, post_factory):
    post_factory.published(
        slug="fontes",
        scientific_references=["DOI:10.1/a<b>", "PMID:123", "URL:https://who.int/x", "Livro <i>sem</i> endereço"],
    )

    html = visitor.get("/fontes/").content.decode()

    assert '<a href="https://doi.org/10.1/a%3Cb%3E">DOI:10.1/a&lt;b&gt;</a>' in html
    assert '<a href="https://pubmed.ncbi.nlm.nih.gov/123">PMID:123</a>' in html
    assert '<a href="https://who.int/x">https://who.int/x</a>' in html
    assert "Livro &lt;i&gt;sem&lt;/i&gt; endereço" in html
