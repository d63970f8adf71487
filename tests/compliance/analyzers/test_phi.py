import pytest

from compliance.analyzers import Document, analyze
from compliance.analyzers.findings import Finding
from compliance.analyzers.phi import gate, redaction, score


def found(text, lang="pt", **kwargs):
    analysis = analyze(Document(content_text=text, lang=lang, **kwargs))
    return [(f.code, text[f.start : f.end], round(f.confidence, 2)) for f in analysis.phi]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CPF 529.982.247-25.", [("cpf", "529.982.247-25", 0.99)]),
        ("Documento 529.982.247-25.", [("cpf", "529.982.247-25", 0.95)]),
        ("CPF 52998224725.", [("cpf", "52998224725", 0.99)]),
        ("O código 52998224725 saiu.", []),
        ("CPF 529.982.247-26.", [("cpf", "529.982.247-26", 0.6)]),
        ("CPF 111.111.111-11.", []),
        ("prontuário 4455-6.", [("medical_record", "4455-6", 0.9)]),
        ("Paciente Rosa Lima voltou.", [("person_name", "Rosa Lima", 0.85)]),
        ("Paciente J. R. voltou.", [("initials", "J. R.", 0.6)]),
        ("mora na Rua Sá, 12.", [("address", "Rua Sá, 12", 0.8)]),
        ("Perfil da paciente: instagram.com/rosa_l.", [("social_url", "instagram.com/rosa_l", 0.9)]),
        ("O carro de placa ABC1D23 bateu.", [("vehicle_plate", "ABC1D23", 0.85)]),
        ("Nome do responsável: Marilda Seabra.", [("person_name", "Marilda Seabra", 0.85)]),
        ("Cliente: nasci em 9 de agosto de 1991.", [("birth_date", "9 de agosto de 1991", 0.9)]),
        ("Em 1º de setembro de 2024 minha esposa foi internada.", [("care_date", "1º de setembro de 2024", 0.85)]),
        ("O registro hospitalar correto é 55-90213.", [("medical_record", "55-90213", 0.9)]),
        ("Quem achar meus exames me ligue: (71) 96517-4120.", [("phone", "(71) 96517-4120", 0.85)]),
        (
            "Depósito do reembolso: ag. 0448, op. 013, conta 00071926-3.",
            [("bank_account", "ag. 0448, op. 013, conta 00071926-3", 0.9)],
        ),
    ],
)
def test_default_confidences(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Losartana 50 mg de 12/12h, creatinina 1,2 mg/dL.",
        "Registro MS 1.2345.0067.001-2, lote 22A1045.",
        "CNPJ 12.345.678/0001-95 e 12.ABC.345/01DE-35.",
        "SAC 0800 701 2233, central 4004-1234, emergência 192.",
        "PMID 30291106, PMC6234567, DOI 10.1590/S0034-89102010000300021, NCT01234567.",
        "Clínica Vida, Rua Augusta, 1500, CEP 01304-001, telefone (11) 3091-9200.",
        "Dra. Renata Barros, CRM/PE 22113; Psic. Ana Lins, CRP 06/98765.",
        "Coleta de 03/05/2018 a 30/11/2019, com 300 pacientes.",
        "Escore de Apgar, modelo de Cox, gráfico de Bland-Altman.",
        "Segundo Silva e Souza (2019), o CID-10 F32 é um código.",
        "Em 1885, o menino Joseph Meister foi vacinado.",
        "Pessoas com 90 anos ou mais foram convidadas.",
        "O hospital completa 95 anos.",
        "E-mail: contato@clinica.com.br; encarregada: dpo@clinica.com.br.",
        "A ministra, sra. Helena Torres, visitou a unidade.",
        "A patrona nasceu em 05/08/1942 e morreu em 11/02/2017. Dirigiu o instituto por quinze anos.",
        "O primeiro transplante do hospital foi feito em 26/05/1988.",
        "Data de nascimento (ex.: 01/01/1980) e telefone com DDD (ex.: (11) 91234-5678).",
        "Cada paciente é recebido na Avenida Sete, 2500, sem hora marcada.",
        "O grupo reúne-se na Rua Chagas, 45. Traga sua mãe, seu pai ou um amigo.",
        "O paciente pode falar com a ouvidoria no (51) 3359-8000.",
        "A oficina será na Rua das Acácias, 220, ao lado da praça. Telefone e e-mail estão no fim da página.",
        "Assinaram ontem o convênio nº 014/2024 com a associação comercial.",
        "Pregoeira responsável: Marilda Quintão Seabra.",
        "Nascida em Maceió, em 15 de fevereiro de 1905. Morreu no Rio, em 30 de outubro de 1999.",
        "Peça a cópia no balcão ou pelo telefone (38) 3222-0170.",
        "Bibliotecária responsável: Ingrid Schlösser Pamplona, CRB-14/1022.",
        "O descritor em inglês é *Patient Handoff*, e o paciente não aparece nele.",
        "The Workshop on Patient Registries is open to students.",
        "Imagens de pacientes\n\nAqui está a mudança mais comentada.",
        "Resolução CNS nº 466/2012 e Norma Operacional CNS nº 001/2013;",
        "Foi em 1956 que Joe Hin Tjio, nascido em Java, e Albert Levan publicaram a contagem certa.",
        "A triagem foi de manhã. As turmas voltaram à sala. O mural tem as datas. A escola avisa.\n\n"
        "Coordenação do programa em Caruaru: (81) 3721-0000, ramal 214.",
        "O exame dura uma hora. Venha sem cremes. O laudo sai em dez dias. Traga o pedido.\n\n"
        "Endereço\nRua das Acácias, 310, Campina Grande (PB). Exames às terças.",
        "O endereço do bloco novo é Rua da Mangueira, 10, escolhido pelas crianças da escola.",
    ],
)
def test_traps_are_silent(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O fundador, paciente desde maio, nasceu em 12/03/1951.", ["birth_date"]),
        ("A paciente Rosa Lima pode ser achada no (11) 98888-1234.", ["person_name", "phone"]),
        ("Traga sua mãe, que mora na Rua Sá, 12.", ["address"]),
    ],
)
def test_a_patient_beside_a_trap_is_found(text, expected):
    assert [code for code, _, _ in found(text)] == expected


def test_one_finding_per_value_lists_every_place():
    text = "Paciente Rosa Lima, CPF 529.982.247-25. Rosa voltou; CPF 529.982.247-25 conferido. A sra. Lima teve alta."

    analysis = analyze(Document(content_text=text))

    by_code = {f.code: f for f in analysis.phi}
    assert [text[a:b] for a, b in by_code["person_name"].offsets] == ["Rosa Lima", "Rosa", "Lima"]
    assert len(by_code["cpf"].offsets) == 2
    assert len(analysis.phi) == 2


def test_all_fields_are_read():
    document = Document(
        title="Paciente Rosa Lima",
        content_html='<p>ok</p><img src="/m/paciente-rosa.png" alt="Foto da paciente, CPF 529.982.247-25">',
        excerpt="prontuário 778812",
        custom_fields={"note": "CNS 701 0000 1111 0018"},
        alt_texts={"m1": "rosto da paciente"},
        file_names={"m2": "paciente_maria_silva.jpg"},
    )

    codes = {f.code for f in analyze(document).phi}

    assert codes >= {"person_name", "cpf", "medical_record", "cns", "photo"}


def test_matched_values_are_in_no_export():
    text = "Paciente Rosa Lima, CPF 529.982.247-25, nascida em 14/08/1962, rosa.lima@gmail.com, (11) 98765-4321."

    analysis = analyze(Document(content_text=text))

    exported = str(analysis.as_json(key=b"k")) + repr(analysis.findings)
    for secret in ("Rosa", "529.982", "52998224725", "14/08", "1962-08-14", "rosa.lima", "98765"):
        assert secret not in exported
    assert analysis.phi[1].masked == "***.***.***-25"


def test_digest_depends_on_the_key_and_recognises_the_value():
    one = analyze(Document(content_text="CPF 529.982.247-25")).phi[0]
    other = analyze(Document(content_text="cpf nº 52998224725")).phi[0]

    assert one.digest(b"a") == other.digest(b"a")
    assert one.digest(b"a") != one.digest(b"b")


# -- score and gate (domain 2.4, 2.5, 8) ------------------------------------------------------------------------------


def finding(code, severity, confidence):
    return Finding(kind="phi", code=code, severity=severity, start=0, end=1, confidence=confidence)


def test_worked_example_of_the_domain():
    found_ = [finding("person_name", "S3", 0.85), finding("cpf", "S4", 0.99), finding("birth_date", "S3", 0.9)]

    result = score(found_, health_link=True)

    assert [row.points for row in result.rows] == [25, 40, 25, 20]
    assert (result.total, result.value, result.capped) == (110, 0, True)


def test_further_values_cost_half_up_to_twice_the_base():
    result = score([finding("person_name", "S3", 0.85) for _ in range(6)])

    assert [row.points for row in result.rows] == [25, 13, 12, 0, 0, 0]
    assert result.value == 50


def test_mistyped_cpf_scores_76_and_blocks_hard():
    analysis = analyze(Document(content_text="CPF 123.456.789-00 informado pela paciente na triagem."))

    assert analysis.score.value == 76
    assert (analysis.lgpd.result, analysis.lgpd.hard) == ("failed", True)


def test_address_cep_and_phone_score_54():
    text = "O paciente reside na Travessa São Bento, 88, casa 2, CEP 66010-020; celular (62) 98111-0106."

    analysis = analyze(Document(content_text=text))

    assert sorted(row.points for row in analysis.score.rows) == [6, 15, 25]
    assert (analysis.score.value, analysis.lgpd.hard) == (54, True)


@pytest.mark.parametrize(
    ("findings", "link", "level", "expected"),
    [
        ([], False, "public", ("passed", False)),
        ([finding("cep", "S2", 0.8)], False, "public", ("passed_with_warnings", False)),
        ([finding("cep", "S2", 0.9), finding("icd10", "S2", 0.9)], False, "public", ("failed", False)),
        ([finding("phone", "S3", 0.9)], False, "public", ("failed", False)),
        ([finding("phone", "S3", 0.9)], True, "public", ("failed", True)),
        ([finding("cpf", "S4", 0.6)], False, "public", ("failed", True)),
        ([finding("cpf", "S4", 0.99)], True, "phi", ("passed_with_warnings", False)),
    ],
)
def test_gate(findings, link, level, expected):
    result = gate(score(findings, health_link=link), findings, health_link=link, level=level)

    assert (result.result, result.hard) == expected


def test_closed_findings_cost_nothing_and_open_the_gate():
    one = finding("cpf", "S4", 0.99)
    one.status = "false_positive"

    result = score([one])

    assert result.value == 100
    assert gate(result, [one]).result == "passed"


def test_minor_and_health_link_are_charged_once():
    text = "Menino Caio Rocha, CPF 529.982.247-25, com diabetes, foi internado."

    rows = [row.type for row in analyze(Document(content_text=text)).score.rows]

    assert rows.count("minor") == rows.count("health_link") == 1


def test_redaction_keeps_years_and_age_classes():
    assert redaction("birth_date", "14/08/1962") == "1962"
    assert redaction("age_over_89", "94 anos") == "90 anos ou mais"
    assert redaction("cpf") == "[CPF removido]"
