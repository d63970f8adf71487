"""The demo texts are files; these tests read the files and need no database."""

import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import pytest

from accounts.demo import files
from content.reference_files import read_ris

DEMO = Path(__file__).resolve().parents[2] / "accounts" / "demo"
FILES = sorted((DEMO / "articles").glob("*/*.html"))

REQUIRED = {
    "title",
    "slug",
    "excerpt",
    "meta_description",
    "category",
    "medical_category",
    "level",
    "author",
    "stage",
    "days_ago",
    "references",
    "disclaimer",
    "fields",
}
OPTIONAL = {"sent_back_reason", "edit"}
TAGS = {"h2", "h3", "p", "ul", "ol", "li", "strong", "em", "a", "blockquote", "sup"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
MEDICAL_CATEGORIES = {
    "clinica_medica",
    "cardiologia",
    "pediatria",
    "ginecologia_obstetricia",
    "oncologia",
    "neurologia",
    "saude_mental",
    "cirurgia",
    "infectologia_vacinas",
    "prevencao_bem_estar",
}
STAGES = {
    "aurora": {
        "published": 9,
        "working_copy": 1,
        "scheduled": 1,
        "S.4-1.1-3": 1,
        "S.3.1": 1,
        "S.2.1": 2,
        "S.1.1": 1,
        "sent_back": 1,
        "withdrawn": 1,
    },
    "horizonte": {"published": 6, "working_copy": 1, "approved": 1, "S.3.1": 1, "S.2.1": 1, "S.1.1": 1},
}
LEVELS = {"public": 22, "professional": 4, "restricted": 2, "phi": 1}
FIELD_KEYS = {"evidence_level", "evidence_scale", "peer_reviewed", "conflict_of_interest", "funding"}
# Author, contributor and editor write; reviewers and officers sign, and nobody signs an own text.
WRITERS = {"author", "contributor", "editor"}
ROLES = {
    "admin": "administrator",
    "editor": "editor",
    "author": "author",
    "contributor": "contributor",
    "reviewer": "medical_reviewer",
    "compliance": "compliance_officer",
    "dpo": "dpo",
    "subscriber": "subscriber",
    "professional": "subscriber",
}
REFERENCE = re.compile(r"URL:https://[^\s;]+|DOI:10\.\d{4,9}/[^\sA-Z;]+|PMID:[1-9]\d{0,7}")
BLOCKS = {"h2", "h3", "p", "li", "th", "td"}


class Reader(HTMLParser):
    """Collects tags, attributes, links with their text, and the text of every block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[tuple[str, str]] = []
        self.blocks: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.stray = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        if tag == "a":
            self.links.append((dict(attrs).get("href", ""), ""))
        if tag in BLOCKS:
            self.blocks.append((tag, ""))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "a" in self.open:
            href, text = self.links[-1]
            self.links[-1] = (href, text + data)
        if "sup" in self.open:
            return
        if BLOCKS.intersection(self.open):
            tag, text = self.blocks[-1]
            self.blocks[-1] = (tag, text + data)
        else:
            self.stray += data.strip()

    def handle_comment(self, data):
        raise AssertionError("a comment in the body")


def read(path: Path) -> SimpleNamespace:
    raw = path.read_bytes().decode("utf-8")
    head, _, body = raw.partition("\n\n")
    pairs = [line.split(":", 1) for line in head.split("\n")]
    reader = Reader()
    reader.feed(body)
    reader.close()
    return SimpleNamespace(
        name=f"{path.parent.name}/{path.stem}",
        tenant=path.parent.name,
        slug=path.stem,
        raw=raw,
        keys=[key for key, _ in pairs],
        head={key: value.strip() for key, value in pairs},
        reader=reader,
        text=" ".join(text for _, text in reader.blocks),
    )


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def shingles(text: str, size: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + size]) for i in range(len(found) - size + 1)}


def sentences(article: SimpleNamespace) -> set[str]:
    parts = [part for _, text in article.reader.blocks for part in re.split(r"(?<=[.?!])\s+", text)]
    return {" ".join(words(part)) for part in parts if len(words(part)) >= 8}


def references(article: SimpleNamespace) -> list[str]:
    return [item.strip() for item in article.head["references"].split(";")]


def address(reference: str) -> str:
    kind, _, value = reference.partition(":")
    return {"URL": value, "DOI": f"https://doi.org/{value}", "PMID": f"https://pubmed.ncbi.nlm.nih.gov/{value}/"}[kind]


def custom_fields(article: SimpleNamespace) -> dict[str, str]:
    return dict(item.strip().split("=", 1) for item in article.head["fields"].split(";"))


ARTICLES = [read(path) for path in FILES]
TENANTS = {tenant["slug"]: tenant for tenant in json.loads((DEMO / "tenants.json").read_text("utf-8"))["tenants"]}
# One text is as an agency would send it, so that the review desk has something to find.
FLAWED = "varizes-texto-recebido-da-agencia"
CAREFUL = [article for article in ARTICLES if article.slug != FLAWED]
each_careful_article = pytest.mark.parametrize("article", CAREFUL, ids=lambda article: article.name)
each_article = pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.name)
each_tenant = pytest.mark.parametrize("tenant", TENANTS.values(), ids=lambda tenant: tenant["slug"])


@cache
def five_word_shingles(index: int) -> frozenset[tuple[str, ...]]:
    return frozenset(shingles(ARTICLES[index].text, 5))


# The collection as a whole


def test_every_stage_of_each_tenant_is_filled_as_planned():
    assert len(ARTICLES) >= 24

    found = {slug: Counter(a.head["stage"] for a in ARTICLES if a.tenant == slug) for slug in TENANTS}

    assert found == STAGES


def test_levels_are_distributed_as_planned():
    assert Counter(article.head["level"] for article in ARTICLES) == LEVELS


def test_all_ten_medical_categories_are_covered_and_one_text_is_not_medical():
    found = {article.head["medical_category"] for article in ARTICLES}

    assert found == MEDICAL_CATEGORIES | {""}


def test_slugs_are_unique_over_both_tenants():
    # The same path must be 404 at the other tenant, so no slug may exist twice.
    slugs = [article.slug for article in ARTICLES]

    assert len(slugs) == len(set(slugs))


def test_no_text_at_phi_level_is_live():
    live = {"published", "working_copy", "scheduled", "approved"}

    assert not [a.name for a in ARTICLES if a.head["level"] == "phi" and a.head["stage"] in live]


def test_ages_run_from_days_to_almost_two_years():
    published = [int(a.head["days_ago"]) for a in ARTICLES if a.head["stage"] == "published"]

    assert (min(published), max(published)) == (3, 700)


def test_bodies_vary_in_structure():
    with_table = [a for a in ARTICLES if "table" in a.reader.tags]
    with_steps = [a for a in ARTICLES if "ol" in a.reader.tags]
    outlines = {tuple(tag for tag in a.reader.tags if tag in {"h2", "h3", "table", "ul", "ol"}) for a in ARTICLES}

    assert len(with_table) >= 10
    assert len(with_steps) >= 10
    assert len(outlines) >= 0.9 * len(ARTICLES)


# No two texts share anything


def test_no_two_articles_share_a_paragraph_or_a_sentence():
    said: dict[str, str] = {}
    shared = []
    for article in ARTICLES:
        for sentence in sentences(article):
            if sentence in said:
                shared.append((said[sentence], article.name, sentence))
            said[sentence] = article.name

    assert shared == []


def test_no_two_articles_share_eight_words_in_a_row():
    seen: dict[tuple[str, ...], str] = {}
    shared = []
    for article in ARTICLES:
        for shingle in shingles(article.text, 8):
            if shingle in seen:
                shared.append((seen[shingle], article.name, " ".join(shingle)))
            seen[shingle] = article.name

    assert shared == []


def test_five_word_shingles_hardly_overlap():
    too_close = []
    for left, right in combinations(range(len(ARTICLES)), 2):
        a, b = five_word_shingles(left), five_word_shingles(right)
        similarity = len(a & b) / len(a | b)
        if similarity >= 0.02:
            too_close.append((ARTICLES[left].name, ARTICLES[right].name, round(similarity, 4)))

    assert too_close == []


@pytest.mark.parametrize("key", ["title", "excerpt", "meta_description", "disclaimer"])
def test_no_two_articles_share_a_header_text(key):
    values = [article.head[key] for article in ARTICLES]

    assert len(values) == len(set(values))


# One article


@each_article
def test_file_is_plain_utf8_with_a_complete_header(article):
    assert "\r" not in article.raw
    assert article.raw.endswith("\n")
    assert len(article.keys) == len(set(article.keys))
    assert REQUIRED <= set(article.keys) <= REQUIRED | OPTIONAL
    assert all(article.head[key] for key in set(article.keys) - {"medical_category"})


@each_article
def test_header_values_are_known(article):
    head = article.head

    assert head["slug"] == article.slug
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", article.slug)
    assert head["category"] in {category["slug"] for category in TENANTS[article.tenant]["categories"]}
    assert head["medical_category"] in MEDICAL_CATEGORIES | {""}
    assert head["level"] in LEVELS
    assert head["author"] in WRITERS
    assert head["stage"] in STAGES[article.tenant]
    assert 0 < int(head["days_ago"]) <= 700


@each_article
def test_header_texts_have_the_right_length(article):
    head = article.head

    assert 20 <= len(head["title"]) <= 120
    assert 80 <= len(head["excerpt"]) <= 300
    assert 60 <= len(head["meta_description"]) <= 155
    assert len(head["disclaimer"]) >= 40


@each_article
def test_stage_headers_go_with_their_stage(article):
    assert ("sent_back_reason" in article.head) == (article.head["stage"] == "sent_back")
    assert ("edit" in article.head) == (article.head["stage"] == "working_copy")
    assert article.head.get("edit", "nothing") not in article.text


@each_article
def test_custom_fields_are_valid(article):
    fields = custom_fields(article)

    assert set(fields) <= FIELD_KEYS
    assert fields["peer_reviewed"] in {"true", "false"}
    if article.head["medical_category"]:
        assert fields["evidence_scale"] == "ocebm2011"
        assert fields["evidence_level"] in {"1", "2", "3", "4", "5"}
    if article.head["medical_category"] == "infectologia_vacinas":
        assert fields["evidence_level"] in {"1", "2", "3"}
    if article.head["level"] in {"professional", "restricted", "phi"}:
        assert fields["conflict_of_interest"]


@each_article
def test_body_has_between_400_and_1200_words(article):
    assert 400 <= len(words(article.text)) <= 1200


@each_article
def test_body_is_well_formed_and_uses_only_the_allowed_tags(article):
    reader = article.reader

    assert set(reader.tags) <= TAGS
    assert reader.attributes <= {("a", "href")}
    assert reader.open == []
    assert reader.stray == ""
    assert all(text.strip() for _, text in reader.blocks)


@each_article
def test_headings_do_not_skip_a_level(article):
    headings = [tag for tag in article.reader.tags if tag in {"h2", "h3"}]

    # The title is the page's h1; with h2 and h3 only, a level is skipped when an h3 comes first.
    assert headings[0] == "h2"
    assert len(headings) >= 3


@each_article
def test_references_are_well_formed_and_each_is_cited_in_the_text(article):
    listed = references(article)
    markers = {f"[{number}]": address(item) for number, item in enumerate(listed, start=1)}

    assert all(REFERENCE.fullmatch(item) for item in listed)
    assert len(listed) == len(set(listed))
    assert {text: href for href, text in article.reader.links} == markers
    assert {(text, href) for href, text in article.reader.links} == set(markers.items())


@each_careful_article
def test_body_holds_no_identifier(article):
    text = article.text

    assert not re.search(r"\d{3}\.\d{3}\.\d{3}-\d{2}|\b\d{11}\b|\b\d{15}\b", text)
    assert not re.search(r"\(\d{2}\)\s*\d{4,5}|\b\d{4,5}-\d{4}\b|\b\d{5}-\d{3}\b", text)
    assert not re.search(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b", text)
    assert not re.search(r"\S@\S", text)
    assert not re.search(r"\bpaciente,? [A-ZÁÉÍÓÚÂÊÔÃÕÇ][a-záéíóúâêôãõç]+", text)


PROMISES = re.compile(
    r"\bgarant(e|em|imos|ido|ida)\b|cura definitiva|para sempre|sem efeitos? colatera|100 ?% (seguro|natural|eficaz)"
    r"|milagr|revolucionári|antes e depois|\bdetox\b|\bR\$|\bdesconto|\bgrátis\b|gratuit|\bcompre\b|não espere,"
    r"|antes que seja tarde|\bo melhor (médico|hospital)|\ba melhor (médica|clínica)|nº 1\b",
    re.IGNORECASE,
)


@each_careful_article
def test_text_makes_no_promise_and_no_advertisement(article):
    texts = [article.text, article.head["title"], article.head["excerpt"], article.head["meta_description"]]

    assert PROMISES.findall(" ".join(texts)) == []


def test_one_text_awaits_the_desk_with_everything_that_is_forbidden():
    [article] = [each for each in ARTICLES if each.slug == FLAWED]

    assert article.head["stage"] == "S.2.1"
    assert re.search(r"\d{3}\.\d{3}\.\d{3}-\d{2}", article.text)
    assert len({match.group().lower() for match in PROMISES.finditer(article.text)}) >= 5


# The tenants file


@each_tenant
def test_tenant_has_what_its_site_needs(tenant):
    director = tenant["technical_director"]

    assert tenant["name"]
    assert tenant["tagline"]
    assert len(tenant["description"]) >= 80
    assert re.fullmatch(r"\(\d{2}\) 0000-\d{4}", tenant["contact"]["phone"])
    assert tenant["contact"]["email"].endswith(f"@{tenant['slug']}.example")
    assert director["name"]
    assert director["title"] in {"MÉDICO", "MÉDICA"}
    assert re.fullmatch(r"CRM/[A-Z]{2} 9\d{6}", director["registry"])


@each_tenant
def test_categories_form_two_levels(tenant):
    categories = {category["slug"]: category for category in tenant["categories"]}
    children = [category for category in categories.values() if category["parent"]]

    assert 8 <= len(tenant["categories"]) <= 10
    assert len(categories) == len(tenant["categories"])
    assert len(children) >= 3
    assert all(categories[child["parent"]]["parent"] is None for child in children)
    assert all(category["name"] and category["description"] for category in categories.values())
    assert all(isinstance(category["crm_validation_required"], bool) for category in categories.values())


@each_tenant
def test_every_parent_stands_before_its_children(tenant):
    seen = set()
    for category in tenant["categories"]:
        assert category["parent"] is None or category["parent"] in seen
        seen.add(category["slug"])


@each_tenant
def test_cast_is_complete_and_registries_are_out_of_the_real_range(tenant):
    people = {person["local"]: person for person in tenant["people"]}

    assert {local: person["role"] for local, person in people.items()} == ROLES
    assert all(person["bio"] and person["slug"] for person in people.values())
    for local in ("author", "reviewer", "compliance", "professional"):
        assert people[local]["professional_type"] == "medico"
        # Seven digits starting with 9: no council has given out such a number.
        assert re.fullmatch(r"CRM/[A-Z]{2} 9\d{6}", people[local]["professional_registry"])
        assert people[local]["validated_days_ago"] < 365


def test_tenants_share_no_person_and_no_registry():
    people = [person for tenant in TENANTS.values() for person in tenant["people"]]
    names = [person["display_name"] for person in people]
    slugs = [person["slug"] for person in people]
    registries = [person["professional_registry"] for person in people if person["professional_registry"]]
    registries += [tenant["technical_director"]["registry"] for tenant in TENANTS.values()]

    assert len(names) == len(set(names))
    assert len(slugs) == len(set(slugs))
    assert len(registries) == len(set(registries))


@each_tenant
def test_live_texts_are_enough_to_fill_the_home_page(tenant):
    live = [a for a in ARTICLES if a.tenant == tenant["slug"] and a.head["stage"] in {"published", "working_copy"}]
    readable = [a for a in live if a.head["level"] == "public"]

    assert len(live) >= 7
    assert len(readable) >= 5
    assert len({a.head["medical_category"] for a in readable}) >= 4


def test_works_of_the_library_are_cited_and_complete():
    cited = {reference.removeprefix("DOI:") for article in ARTICLES for reference in references(article)}
    reading = read_ris((files.FOLDER / "references.ris").read_text(encoding="utf-8"))

    assert reading.problems == []
    assert {found.identifiers[0][1].removeprefix("DOI:") for found in reading.found} <= cited
    for found in reading.found:
        assert all(found.values[name] for name in ("title", "authors", "container", "year", "volume", "pages")), found


def test_every_citation_becomes_a_marker():
    for slug in ("aurora", "horizonte"):
        for article in files.articles(slug):
            assert article.cited_body.count("<sup data-ref=") == article.body.count("<sup>") > 0
