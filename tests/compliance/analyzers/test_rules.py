# ruff: noqa: E501 - a pattern stays on one line
import datetime
import json

import pytest

from compliance.analyzers import Document, DocumentContext, analyze, packs
from compliance.analyzers.specialties import announced
from compliance.analyzers.text import fold


def codes(text, lang="pt", **kwargs):
    return sorted(
        f.code for f in analyze(Document(content_text=text, lang=lang, **kwargs)).rules if f.severity != "info"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Psicóloga, CRP 06/123: resultado garantido em um mês.", ["CFP-PROMISE"]),
        ("A melhor psicóloga da cidade.", ["CFP-SELFPROMO"]),
        ("Dentista: veja o antes e depois.", ["CFO-BEFOREAFTER"]),
        ("Nutricionista: veja o antes e depois.", ["CFN-BODY"]),
        ("Enfermeira garante resultado na cicatrização.", ["COFEN-PATIENT"]),
        ("Psicóloga: veja o antes e depois da terapia.", []),
        ("Médico garante resultado.", ["CFM-PROMISE"]),
        ("Compre semaglutida com desconto.", ["ANV-RX"]),
    ],
)
def test_council_packs_replace_their_twin(text, expected):
    assert codes(text) == expected


def test_without_a_twin_the_rule_warns_by_analogy():
    analysis = analyze(Document(content_text="Dentista: o melhor dentista da cidade."))

    (finding,) = analysis.rules
    assert (finding.code, finding.severity, finding.by_analogy) == ("CFM-SUPERLATIVE", "warn", True)


def test_profession_of_the_author_decides():
    context = DocumentContext(professional_type="psicologo", author_name="Ana Reis", author_registry="CRP 06/1",
                              signature_block="Ana Reis, psicóloga, CRP 06/1", establishment_name="x",
                              establishment_registry="1", director_name="B C", director_registry="CRM/SP 1")  # fmt: skip

    assert codes("Resultado garantido.", context=context) == ["CFP-PROMISE"]


@pytest.mark.parametrize(
    "text",
    [
        "Segundo a resolução, é vedado prometer cura garantida.",
        "É vedado ao médico:\n- garantir resultado;\n- anunciar o melhor cirurgião;\n- sortear procedimentos.",
        "Não há garantia de resultado.",
        "O que continua proibido\n\n- prometer resultado;\n- oferecer consulta como prêmio de sorteio ou concurso.",
        'Participei de uma lista de "melhores médicos". Posso divulgar?\n\nNão, se a distinção foi paga.',
        "Posso dizer que meu aparelho é o único da região?\n\nDepende do registro do equipamento.",
        'Ganhei um troféu de "médica do ano" de uma empresa.\n\nEsse tipo de premiação não pode ser divulgado.',
        "O termo de consentimento é assinado antes do procedimento, e o resultado sai em dez dias.",
        "Procure profissional habilitado, com formação em toxina botulínica e registro no conselho.",
        '"Essa equipe é maravilhosa com cada paciente que chega", diz a coordenadora do ambulatório, Rita Moura.',
        "A auditoria tratou das notas de cirurgias e próteses do hospital conveniado: houve glosa de R$ 38.412,00.",
        "O encarregado recebe as comunicações dos titulares e da autoridade nacional.",
        "A melhor evidência vem de ensaios.",
        "Lave as mãos antes e depois das refeições.",
        "O SUS oferece consulta gratuita.",
        "A alocação foi por sorteio.",
        "Não há medicamento sem efeitos colaterais.",
    ],
)
def test_exemptions(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Posso dizer, com orgulho, que somos a melhor clínica do estado!", "CFM-SUPERLATIVE"),
        ("Nossa clínica ganhou o troféu de melhor do ano. Isso mostra o cuidado da equipe.", "CFM-AWARD"),
        ("Nossas promoções\n\n- sorteio de uma lipoaspiração entre as seguidoras da clínica;", "CFM-RAFFLE"),
    ],
)
def test_an_advertisement_is_no_quoted_norm(text, code):
    assert code in codes(text)


def test_rdc96_is_silent_beside_the_statutes():
    assert codes("Compre o medicamento tramadol com desconto.") == ["ANV-RX"]


def test_professional_level_may_name_prices_of_medicines():
    assert codes("Semaglutida com 20% de desconto: compre já.", level="professional") == []


def test_warning_in_either_wording_satisfies_the_law():
    assert "ANV-WARN" not in codes("Experimente dipirona. Se persistirem os sintomas, o médico deverá ser consultado.")
    assert "ANV-WARN" not in codes("Experimente dipirona. A PERSISTIREM OS SINTOMAS O MEDICO DEVERA SER CONSULTADO.")
    assert codes("Experimente dipirona.") == ["ANV-WARN"]


def test_each_rule_once_with_all_places():
    (finding,) = list(analyze(Document(content_text="Resultado garantido. Cura definitiva.")).rules)

    assert finding.code == "CFM-PROMISE"
    assert len(finding.offsets) == 2
    assert "CFM 2.336/2023" in finding.explanation


def test_a_name_makes_the_patient_identifiable():
    analysis = analyze(Document(content_text="Paciente Rosa Lima voltou."))

    assert [f.code for f in analysis.rules] == ["CFM-PATIENT-ID"]
    assert analysis.checks["cfm_check"] == "failed"


def test_words_are_added_and_never_taken_away():
    words = {"prescription": ["Xyzarum"]}

    assert "ANV-RX" not in codes("Compre xyzarum com desconto.")
    assert codes("Compre xyzarum com desconto.", extra_words=words) == ["ANV-RX"]
    assert codes("Compre tramadol com desconto.", extra_words=words) == ["ANV-RX"]
    with pytest.raises(packs.PackError):
        packs.load({"norm": ["x"]})


def test_an_added_word_is_never_a_pattern():
    assert codes("Compre qualquer coisa.", extra_words={"prescription": [".*", "(a+)+"]}) == []


def test_rules_follow_their_dates():
    text = "Nutricionista: pacote com desconto."

    assert codes(text, day=datetime.date(2026, 12, 1)) == ["CFN-PRICE"]
    assert packs.load().rule("CFN-PRICE").valid_to == datetime.date(2027, 1, 22)


TABLE = """CFM-ID CFM-RQE CFM-POSTGRAD CFM-TWOSPEC CFM-DIRECTOR CFM-PROMISE CFM-SUPERLATIVE CFM-AWARD CFM-EQUIPMENT CFM-MIRACLE
CFM-FEAR CFM-FREE CFM-RAFFLE CFM-PROCPRICE CFM-PRICE-INFO CFM-BEFOREAFTER CFM-TESTIMONIAL CFM-PATIENT-ID CFM-UNPROVEN
CFM-UNREGISTERED CFM-SEAL CFM-LIVE CFM-REMOTE CFM-DISPARAGE CFM-TEACH ANV-RX ANV-WARN ANV-UNPROV ANV-TESTI ANV-FOOD ANV-COSM
ANV-RDC96 CFP-ID CFP-PRICE CFP-PROMISE CFP-SELFPROMO CFP-TECH CFP-CASE COFEN-PATIENT CFO-PRICE CFO-FREE CFO-BEFOREAFTER
CFN-BODY CFN-PRICE EDIT-DISCLAIMER EDIT-CLAIM-REF EDIT-REVIEW-DUE EDIT-SPONSOR""".split()  # noqa: SIM905


@pytest.mark.parametrize("code", TABLE)
def test_every_rule_of_the_table_is_in_a_pack_and_explains_itself(code):
    rule = packs.load().rule(code)

    assert rule.fix.endswith((".", "?", "!"))
    assert rule.source
    assert rule.version == "2026.11.4"


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "fatal"},
        {"fix": ""},
        {"twin_of": ["NO-SUCH"]},
        {"detect": [{"any": ["@no_such_list"]}]},
        {"detect": [{"any": ["(?:a"]}]},
        {"detect": [{"any": ["x+"]}]},
        {"detect": [{"any": ["x"], "typo": 1}]},
        {"valid_to": "2020-01-01"},
    ],
)
def test_a_broken_pack_stops_the_start(tmp_path, change):
    for path in packs.DIRECTORY.glob("*.json"):
        data = json.loads(path.read_text())
        if data["pack"] == "cfm":
            data["rules"][5] |= change
        (tmp_path / path.name).write_text(json.dumps(data))

    with pytest.raises((packs.PackError, ValueError)):
        packs.load(directory=tmp_path)


# -- rules of scope doc -----------------------------------------------------------------------------------------------

GOOD = {
    "professional_type": "medico", "author_name": "Ana Reis", "author_registry": "CRM/SP 123456", "author_rqe": ("RQE 1",),
    "announced_specialties": ("cardiologia",), "signature_block": "Ana Reis, MÉDICA, CRM/SP 123456, RQE 1",
    "establishment_name": "Clínica", "establishment_registry": "12345", "director_name": "B", "director_registry": "CRM/SP 1",
}  # fmt: skip


def doc_codes(**changes):
    disclaimer = changes.pop("disclaimer", "Conteúdo informativo. Não substitui consulta com profissional de saúde.")
    level = changes.pop("level", "public")
    content = changes.pop("content", "Texto neutro.")
    document = Document(
        content_text=content, level=level, disclaimer=disclaimer, context=DocumentContext(**(GOOD | changes))
    )
    return [f.code for f in analyze(document).rules]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"signature_block": "Ana Reis, CRM/SP 123456"}, ["CFM-ID"]),
        ({"author_registry": "123"}, ["CFM-ID"]),
        ({"author_rqe": ()}, ["CFM-RQE"]),
        ({"announced_specialties": ("a", "b", "c")}, ["CFM-TWOSPEC"]),
        ({"director_registry": ""}, ["CFM-DIRECTOR"]),
        ({"before_after": True}, ["CFM-BEFOREAFTER"]),
        ({"patient_image_identifiable": True}, ["CFM-PATIENT-ID"]),
        ({"product_without_registration": True}, ["CFM-UNREGISTERED"]),
        ({"professional_type": "psicologo"}, ["CFP-ID"]),
        ({"level": "professional", "disclaimer": "curto"}, ["EDIT-DISCLAIMER"]),
        ({"content": "A vacina reduz a mortalidade."}, ["EDIT-CLAIM-REF"]),
        ({"review_due": datetime.date(2024, 1, 1), "today": datetime.date(2024, 1, 2)}, ["EDIT-REVIEW-DUE"]),
        ({"sponsored": True}, ["EDIT-SPONSOR"]),
        ({"sponsored": True, "sponsor_label": "Publicidade"}, []),
    ],
)
def test_doc_rules(changes, expected):
    assert doc_codes(**changes) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Por Dra. Ana Reis, cardiologista.", ["CFM-RQE"]),
        ("Por Ana Reis (CRM/SP 123456), especialista em coluna.", ["CFM-RQE"]),
        ("Quem explica é a pediatra Ana Reis.", ["CFM-RQE"]),
        ("By Dr. Ana Reis, dermatologist.", ["CFM-RQE"]),
        ("Por Dra. Ana Maria Reis, CRM/SP 123456, ginecologista e obstetra.", ["CFM-RQE"]),
        ("Por Dra. Ana Reis, cardiologista, RQE 54321.", []),
        ("Por Ana Reis, médica. Ao sentir dor no peito, procure um cardiologista.", []),
        ("Ana Reis conversa com a dermatologista Bia Luz.", []),
        ("A dermatologista Bia Luz conversa com Ana Reis.", []),
        ("A cardiologia estuda o coração. Texto de Ana Reis.", []),
    ],
)
def test_a_specialty_at_the_authors_name_needs_its_rqe(content, expected):
    codes = doc_codes(
        content=content, author_name="Dra. Ana Maria Reis", author_rqe=(), announced_specialties=(),
        signature_block="Ana Maria Reis, MÉDICA, CRM/SP 123456",
    )  # fmt: skip

    assert codes == expected


@pytest.mark.parametrize(
    ("titles", "count"),
    [
        ("ginecologista e obstetra, RQE 1", 1),
        ("cardiologista e geriatra, RQE 1 e RQE 2", 2),
        ("cardiologista, geriatra e nutróloga, RQE 1", 3),
    ],
)
def test_specialties_are_counted_once_each(titles, count):
    found = announced(fold(f"Dra. Ana Reis, {titles}."), "Ana Reis")

    assert len(found.specialties) == count
    assert found.rqe[0] == "RQE 1"
    assert ("CFM-TWOSPEC" in doc_codes(content=f"Dra. Ana Reis, {titles}.", announced_specialties=())) == (count > 2)
