"""JSON-LD of an article: schema.org MedicalWebPage with its reviewer and review date, and the breadcrumb."""

from typing import Any

from content.menu import Menu, Node

AUDIENCES = {"public": "Patient", "professional": "MedicalAudience"}
SPECIALTIES = {
    "clinica_medica": "PrimaryCare",
    "cardiologia": "Cardiovascular",
    "pediatria": "Pediatric",
    "ginecologia_obstetricia": "Obstetric",
    "oncologia": "Oncologic",
    "neurologia": "Neurologic",
    "saude_mental": "Psychiatric",
    "cirurgia": "Surgical",
    "infectologia_vacinas": "Infectious",
    "prevencao_bem_estar": "PublicHealth",
}


def article_data(page: dict[str, Any], *, menu: Menu, url: str, home: str, trail: list[Node]) -> dict[str, Any]:
    """The graph of one article. Values come from the page row; nothing is claimed that the page does not show."""
    details = page["details"]
    data: dict[str, Any] = {
        "@type": "MedicalWebPage",
        "@id": url,
        "url": url,
        "name": page["title"],
        "headline": page["title"],
        "description": page["meta_description"] or page["excerpt"] or "",
        "inLanguage": "pt-BR",
        "datePublished": page["published_at"].isoformat(),
        "dateModified": page["updated_at"].isoformat(),
        "author": _person(details.get("author") or {}, home),
        "publisher": {"@type": "MedicalOrganization", "name": menu.name, "url": home},
        "isAccessibleForFree": page["compliance_level"] == "public",
        "audience": {"@type": "MedicalAudience", "audienceType": AUDIENCES.get(page["compliance_level"], "Clinician")},
    }
    reviewers = details.get("reviewers") or []
    if reviewers:
        data["reviewedBy"] = [_person(person, home) for person in main_reviewers(reviewers)]
    if page["reviewed_at"]:
        data["lastReviewed"] = page["reviewed_at"].date().isoformat()
    if specialty := SPECIALTIES.get(page["medical_category"] or ""):
        data["specialty"] = f"https://schema.org/{specialty}"
    if references := details.get("references"):
        data["citation"] = [_citation(each) for each in references]
    return {"@context": "https://schema.org", "@graph": [data, _breadcrumb(page, url, home, trail, menu)]}


def _citation(entry: Any) -> Any:
    """A work of the library as such; any other line of the list as it stands."""
    if not isinstance(entry, dict):
        return entry
    return entry.get("data") or entry["id"]


def main_reviewers(reviewers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who answers for the medicine: the validated professionals, or whoever signed where none had to."""
    return [person for person in reviewers if person.get("capacity") == "professional"] or reviewers


def _person(person: dict[str, Any], home: str) -> dict[str, Any]:
    data = {"@type": "Person", "name": person.get("name", "")}
    if person.get("slug"):
        data["url"] = f"{home}author/{person['slug']}/"
    if person.get("registry"):
        data["identifier"] = person["registry"]
    if person.get("speciality"):
        data["jobTitle"] = person["speciality"]
    return data


def _breadcrumb(page: dict[str, Any], url: str, home: str, trail: list[Node], menu: Menu) -> dict[str, Any]:
    steps = [(menu.name, home), *((node.name, f"{home}category/{node.slug}/") for node in trail), (page["title"], url)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(steps, 1)
        ],
    }
