import pytest

from compliance.analyzers import references, registry


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PMID: 12345678.", ["PMID:12345678"]),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", ["PMID:123"]),
        ("doi:10.1016/S0140-6736(20)30183-5).", ["DOI:10.1016/s0140-6736(20)30183-5"]),
        ("(https://doi.org/10.5555/ABC.)", ["DOI:10.5555/abc"]),
        ("PMC1234567 e NCT01234567", ["PMC1234567", "NCT01234567"]),
        ("ISRCTN12345678, RBR-6XQ2K9, U1111-1234-5678", ["ISRCTN12345678", "RBR-6xq2k9", "U1111-1234-5678"]),
        ("ISBN 978-3-16-148410-0", ["9783161484100"]),
        ("ISBN 978-3-16-148410-1", []),
        ("ISSN 0378-5955", ["0378-5955"]),
        ("S0034-89102010000300021", ["S0034-89102010000300021"]),
        ("LIL-678901", ["lil-678901"]),
        ("12345678", []),
        ("PMID 0123", []),
    ],
)
def test_find(text, expected):
    assert [hit.id for hit in references.find(text)] == expected


def test_distinct_compares_without_case():
    assert references.distinct(["DOI:10.1/a", "doi:10.1/A", "PMID:1"]) == ["DOI:10.1/a", "PMID:1"]


@pytest.mark.parametrize(
    ("kind", "value", "normal"),
    [
        ("doi", "https://dx.doi.org/10.1000/XYZ", "DOI:10.1000/xyz"),
        ("pubmed", "PMID 7", "PMID:7"),
        ("pubmed", "0", None),
        ("trial", "nct01234567", "NCT01234567"),
        ("trial", "NCT1", None),
        ("url", "https://example.org/a", "https://example.org/a"),
        ("url", "javascript:alert(1)", None),
        ("isbn", "85-359-0277-5", "8535902775"),
    ],
)
def test_normal_form(kind, value, normal):
    assert references.normal_form(kind, value) == normal


@pytest.mark.parametrize(
    ("profession", "value", "normal"),
    [
        ("medico", "CRM-SP 123.456", "CRM/SP 123456"),
        ("medico", "crm sp nº 1234-P", "CRM/SP 1234-P"),
        ("medico", "123456/SP", "CRM/SP 123456"),
        ("medico", "CRM/XX 1", None),
        ("especialista", "RQE nº 54321", "RQE 54321"),
        ("psicologo", "CRP 06/123456", "CRP 06/123456"),
        ("psicologo", "CRP 06/4567/J", "CRP 06/4567/J"),
        ("psicologo", "CRP 25/1", None),
        ("enfermeiro", "COREN-SP 123456-ENF", "COREN-SP 123456-ENF"),
        ("dentista", "CRO-SP CD 12345", "CRO-SP 12345"),
        ("farmaceutico", "CRF/SP 12345", "CRF-SP 12345"),
        ("nutricionista", "CRN-3 12345", "CRN-3 12345"),
        ("fisioterapeuta", "CREFITO-3/12345-F", "CREFITO-3/12345-F"),
    ],
)
def test_registries(profession, value, normal):
    assert registry.normal_form(profession, value) == normal
