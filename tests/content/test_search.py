"""Search on both databases: what is found, what must not be, and that no input breaks it."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from accounts.tenancy.plain_text import plain_text
from content.menu import forget_menus
from content.search import search
from content.search.highlight import START, STOP, marked
from content.search.postgresql import parameters, statement
from content.search.terms import clean, fts5_query

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_menu():
    forget_menus()


@pytest.fixture(params=["operator", "function"] if settings.POSTGRESQL else ["operator"])
def form(request, settings):
    """Both forms of the PostgreSQL search."""
    settings.SEARCH_FORM = request.param


@pytest.fixture
def find(aurora, form):
    def run(query, *, gated=False, page=1, tenant=aurora):
        with tenant_context(tenant, actor=SYSTEM_UUID):
            return search(query, gated=gated, page=page)

    return run


def slugs(results):
    return [hit.slug for hit in results.hits]


# --- What is found ---


def test_accents_and_case_do_not_matter(find, post_factory):
    post_factory.published(title="Hipertensão arterial", slug="pressao")

    for query in ("hipertensao", "HIPERTENSÃO", "Hipertensão", "hipertensão arterial"):
        assert slugs(find(query)) == ["pressao"], query


def test_plural_finds_singular_and_back(find, post_factory):
    post_factory.published(title="Vacinas", slug="vacinas", content="<p>Consulta.</p>", excerpt="x")

    assert slugs(find("vacina")) == ["vacinas"]
    if connection.vendor == "postgresql":
        assert slugs(find("consultas")) == ["vacinas"]  # stems; FTS5 has none


def test_title_beats_excerpt_beats_body(find, post_factory):
    post_factory.published(title="Nada", slug="corpo", excerpt="nada", content="<p>insulina</p>")
    post_factory.published(title="Nada", slug="resumo", excerpt="insulina", content="<p>nada</p>")
    post_factory.published(title="Insulina", slug="titulo", excerpt="nada", content="<p>nada</p>")

    assert slugs(find("insulina")) == ["titulo", "resumo", "corpo"]


def test_all_words_phrases_alternatives_and_exclusions(find, post_factory):
    post_factory.published(title="Asma infantil grave", slug="a", content="<p>x</p>", excerpt="x")
    post_factory.published(title="Grave bronquite", slug="b", content="<p>x</p>", excerpt="x")

    assert slugs(find("asma grave")) == ["a"]
    assert slugs(find('"infantil grave"')) == ["a"]
    assert slugs(find('"grave infantil"')) == []
    assert set(slugs(find("asma or bronquite"))) == {"a", "b"}
    assert slugs(find("grave -asma")) == ["b"]


def test_markup_and_attributes_are_not_text(find, post_factory):
    post_factory.published(
        slug="marcado", content='<p>hiper<strong>tireoidismo</strong> <a href="https://alvo.example/segredo">x</a></p>'
    )

    assert slugs(find("segredo")) == []
    assert slugs(find("strong")) == []


def test_results_follow_publication(find, post_factory, cast):
    from content.services.publishing import trash

    post = post_factory.published(title="Efêmero", slug="efemero")
    assert slugs(find("efêmero")) == ["efemero"]

    with tenant_context(post.tenant_id, actor=cast["editor"]):
        trash(post, actor=cast["editor"])

    assert slugs(find("efêmero")) == []


def test_results_follow_a_new_wording(find, post_factory, cast):
    from content.services.revisions import save_revision

    post = post_factory.published(title="Antigo", slug="muda", content="<p>x</p>", excerpt="x")
    with tenant_context(post.tenant_id, actor=cast["author"]):
        save_revision(post, actor=cast["author"], changes={"title": "Moderno"})
    post_factory.submit(post)
    post_factory.approve(post_factory.to_final(post))
    assert slugs(find("antigo")) == ["muda"]  # the live wording until it is published

    post_factory.publish(post)

    assert slugs(find("antigo")) == []
    assert slugs(find("moderno")) == ["muda"]


def test_pages_of_results(find, post_factory, monkeypatch):
    monkeypatch.setattr("content.search.service.PAGE_SIZE", 2)
    for number in range(3):
        post_factory.published(title="Repetido", slug=f"r{number}")

    first, second, third = (find("repetido", page=page) for page in (1, 2, 3))

    assert (len(first.hits), first.count, first.has_next) == (2, 3, True)
    assert (len(second.hits), second.has_next) == (1, False)
    assert (third.hits, third.has_next) == ([], False)
    assert {*slugs(first), *slugs(second)} == {"r0", "r1", "r2"}


# --- What must not be found ---


@pytest.mark.parametrize("level", ["restricted", "phi"])
def test_closed_levels_are_not_even_in_the_index(level, find, post_factory):
    post = post_factory.published(title="Oculto", slug="oculto", compliance_level=level)

    assert slugs(find("oculto", gated=True)) == []
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM published_pages WHERE slug = 'oculto' AND search_vector IS NULL")
            assert cursor.fetchone()[0] == 1
        else:
            cursor.execute(
                "SELECT count(*) FROM search_documents WHERE page_id = "
                "(SELECT id FROM published_pages WHERE slug = 'oculto')"
            )
            assert cursor.fetchone()[0] == 0


def test_professional_body_counts_for_professionals_only(find, post_factory):
    post_factory.published(
        title="Posologia", slug="dose", compliance_level="professional", excerpt="Resumo.", content="<p>varfarina</p>"
    )

    assert slugs(find("varfarina")) == []
    assert slugs(find("posologia varfarina")) == []
    assert slugs(find("posologia -varfarina")) == ["dose"]  # no oracle by exclusion
    assert slugs(find("varfarina", gated=True)) == ["dose"]
    assert "<mark>varfarina</mark>" in find("varfarina", gated=True).hits[0].quotation
    assert "varfarina" not in find("posologia").hits[0].quotation


def test_tenants_do_not_find_each_other(find, post_factory, other_post_factory, horizonte):
    post_factory.published(title="Comum", slug="da-aurora")
    other_post_factory.published(title="Comum", slug="do-horizonte")

    assert slugs(find("comum")) == ["da-aurora"]
    assert slugs(find("comum", tenant=horizonte)) == ["do-horizonte"]


@pytest.mark.postgresql
def test_definer_function_finds_nothing_without_a_tenant(post_factory):
    from accounts.tenancy.context import no_context

    post_factory.published(title="Comum", slug="da-aurora")

    with no_context(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_pages('comum', true, 1001)")
        assert cursor.fetchone()[0] == 0


# --- Hostile input ---

HOSTILE = [
    "", " ", "'", '"', '""', '"""', "\\", "%", "_", "*", "a*", "*a", "(", ")", "()", "a AND", "NOT", "OR OR", "-",
    "--", "-a", "a -", "a NEAR b", "NEAR(a b)", "title:x", "{title} : x", "^a", "a + b", "a & b", "a | b", "!a",
    "a <-> b", ":*", "a:*", "'; DROP TABLE posts; --", "1' OR '1'='1", "\x00", "a\x00b", "a" * 10_000, "a " * 10_000,
    '"' * 10_001, "ß", "é" * 500, "\ud800", "💊", "\u202e", START + STOP, "<script>", "de a o", "AND OR NOT", "rank:x",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_input_is_an_error(query, find, post_factory):
    post_factory.published(slug="alvo")

    find(query)
    find(query, gated=True)

    response = Client(HTTP_HOST="aurora.localhost").get("/", {"s": query.encode("utf-8", "replace").decode()})
    assert response.status_code == 200


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.one_of(st.text(max_size=60), st.text(alphabet="ab\"'*()-:^{}+ ANDORT&|!<>\\~,", max_size=40)))
def test_no_text_is_an_error(query, find):
    find(query)


def test_query_is_cut_and_cleaned():
    assert clean("  a\x00b\n\tc  ") == "a b c"
    assert len(clean("x" * 10_000)) == 200
    assert clean(None) == ""
    assert fts5_query('"') == ""
    assert fts5_query("-só") == ""
    assert fts5_query('col:x OR "a b" -c') == '(("col x") OR ("a b")) NOT ("c")'


def test_highlight_escapes_everything_but_its_marks(find, post_factory):
    post_factory.published(
        title="<b>Dengue</b> & febre", slug="dengue", content="<p>1 &lt; 2 dengue &lt;script&gt;</p>", excerpt="x"
    )

    (hit,) = find("dengue").hits

    assert hit.title == "&lt;b&gt;<mark>Dengue</mark>&lt;/b&gt; &amp; febre"
    assert "<script" not in hit.quotation


def test_marks_are_closed_whatever_the_text_holds():
    assert marked(f"{STOP}a{START}b<{START}c{STOP}d{STOP}&amp;") == ("a<mark>b&lt;</mark><mark>c</mark>d&amp;")
    assert marked(None) == ""


def test_plain_text_separates_blocks_and_joins_inline():
    assert plain_text("<p>um</p><p>do<b>is</b></p><ul><li>tr&ecirc;s</li></ul>").split() == ["um", "dois", "três"]
    assert plain_text(None) == ""


def test_search_page_shows_hits_and_is_not_indexed(post_factory, form):
    post_factory.published(title="Catapora", slug="catapora")

    response = Client(HTTP_HOST="aurora.localhost").get("/", {"s": "catapora"})

    html = response.content.decode()
    assert "<mark>Catapora</mark>" in html
    assert '<meta name="robots" content="noindex">' in html
    assert response["Cache-Control"] == "private, no-store"


def test_count_stops_at_a_thousand(find, monkeypatch):
    from content.search.service import SearchResults

    assert SearchResults("x", [], 1001).capped
    assert SearchResults("x", [], 1001).shown_count == 1000
    assert not SearchResults("x", [], 1000).capped
    assert find("x", page=101).hits == []


# --- The index is used below row-level security ---


@pytest.mark.postgresql
@pytest.mark.parametrize("gated", [False, True])
def test_index_serves_the_search_below_the_policy(gated, aurora):
    """As the owner, whom the forced policy binds like the web role, in a transaction that is rolled back."""
    sql, params = statement(gated=gated), parameters("raridade", gated=gated, limit=10, offset=0)
    url = f"{settings.DATABASE_OWNER_URL.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    with psycopg.connect(url) as owner:
        try:
            _fill(owner, aurora.pk)
            text = psycopg.ClientCursor(owner).mogrify(sql, params)
            (plan,) = owner.execute("EXPLAIN (FORMAT JSON) " + text).fetchone()[0]
            found = owner.execute(text).fetchall()
        finally:
            owner.rollback()

    assert {row[1] for row in found} == {"pagina-500", "pagina-1500", "pagina-2500"}
    scans = {node["Index Name"]: node["Index Cond"] for node in _nodes(plan["Plan"]) if "Index Name" in node}
    assert "search_vector @@" in scans["idx_published_pages_search"]
    assert ("idx_published_pages_gated_search" in scans) == gated


def _nodes(node):
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _fill(owner, tenant):
    """4,000 pages; triggers are off until the rollback, because what is measured is a plan."""
    owner.execute("SET LOCAL lock_timeout = '20s'")
    for table in ("posts", "published_pages"):
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    owner.execute(f"SET LOCAL app.scope = 'tenant'; SET LOCAL app.tenant_id = '{tenant}'")
    owner.execute(
        """
        WITH made AS (
            INSERT INTO posts (id, title, slug, tenant_id, author_id, inserted_at, updated_at)
            SELECT gen_random_uuid(), 'Página', 'pagina-' || n, %(tenant)s, author.id, now(), now()
            FROM generate_series(1, 4000) n, (SELECT id FROM users LIMIT 1) author RETURNING id, slug
        )
        INSERT INTO published_pages (id, post_id, tenant_id, revision_id, content_hash, slug, compliance_level, title,
            excerpt, content, author_id, details, etag, sticky, published_at, updated_at)
        SELECT gen_random_uuid(), id, %(tenant)s, gen_random_uuid(), '', slug, 'public', 'Página comum', '',
            CASE WHEN slug IN ('pagina-500', 'pagina-1500', 'pagina-2500') THEN '<p>raridade</p>'
                ELSE (SELECT string_agg(md5(slug || i), ' ') FROM generate_series(1, 30) i) END,
            gen_random_uuid(), '{}', '', false, now(), now()
        FROM made
        """,
        {"tenant": tenant},
    )
    for index in ("idx_published_pages_search", "idx_published_pages_gated_search"):
        owner.execute("SELECT gin_clean_pending_list(%s)", [index])
    owner.execute("ANALYZE published_pages")
