import pytest

from compliance.analyzers import Document, analyze
from compliance.analyzers.claims import assign_keys, same_claim, same_words


def claims(text, lang="pt"):
    return analyze(Document(content_text=text, lang=lang)).claims


@pytest.mark.parametrize(
    ("text", "lang", "kinds"),
    [
        ("A vacina reduz a mortalidade.", "pt", {"effect"}),
        ("O cigarro causa câncer de pulmão.", "pt", {"harm"}),
        ("A vacina não causa autismo.", "pt", {"negative"}),
        ("O fármaco A é mais eficaz que o B para a dor.", "pt", {"comparative"}),
        ("O treino reduziu a pressão em 12%.", "pt", {"quantitative"}),
        ("Nosso método elimina a celulite para sempre.", "pt", {"absolute"}),
        ("Aspirin reduces the risk of stroke by 20%.", "en", {"effect", "quantitative"}),
        ("The vaccine does not cause autism.", "en", {"negative"}),
    ],
)
def test_kinds(text, lang, kinds):
    (claim,) = claims(text, lang)

    assert kinds <= set(claim.kinds)


@pytest.mark.parametrize(
    "text",
    [
        "A hipertensão é definida como pressão acima de 140 por 90 mmHg.",
        "O objetivo foi avaliar se o treino reduz a pressão.",
        "É mito que vacina cause autismo.",
        "Nenhum método garante o desfecho.",
        "O resultado não pode ser garantido por nenhum profissional.",
        "A vacina previne a gripe?",
        "Foram randomizados 312 pacientes, com idade média de 54 anos.",
        "A paciente evoluiu com melhora da dor e recebeu alta.",
        "A lei garante o acesso ao tratamento.",
        "Procure seu médico.",
        "Converse com o médico sobre a frequência das crises de enxaqueca.",
        "O novo fluxo reduz a fila e o tempo de espera.",
        "A doença pode se manifestar por pele seca, sonolência e diminuição da velocidade do crescimento.",
        "Os sinais são palidez, queda de cabelo e aumento do colesterol.",
    ],
)
def test_not_claims(text):
    assert claims(text) == []


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("As internações foram mais raras entre os vacinados.", "pt"),
        ("Chá de louro é tiro e queda para a ressaca.", "pt"),
        ("O sal em excesso sobrecarrega os rins.", "pt"),
        ("Quem dorme pouco engorda mais.", "pt"),
        ("A troca da válvula não muda a sobrevida.", "pt"),
        ("A redução da dor com a acupuntura foi vista na segunda semana.", "pt"),
        ("Graças à vacina, o sarampo desapareceu do país.", "pt"),
        ("Talvez o zinco encurte o resfriado.", "pt"),
        ("Quanto maior o consumo de álcool, maior o risco de queda.", "pt"),
        ("O fígado é prejudicado pelo álcool.", "pt"),
        ("A taxa de cura com o esquema novo chegou a 95%.", "pt"),
        ("Seca a psoríase e não tem efeitos colaterais.", "pt"),
        ("Com a nossa cirurgia você volta a enxergar.", "pt"),
        ("Vaccinated adults were half as likely to be admitted to hospital.", "en"),
        ("Knee braces make no difference to pain.", "en"),
    ],
)
def test_effects_without_a_plain_verb(text, lang):
    assert [claim.text for claim in claims(text, lang)] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "O hemocentro reforçou o estoque de sangue antes do feriado.",  # an office, and an everyday word
        "O agente de combate às endemias visita as casas.",  # the noun, not the verb
        "Soro da imunidade e da beleza.",  # "da", not "dá"
        "A sala é clara e segura.",  # a place, and "e" is not "é"
        "Os efeitos relacionados à quimioterapia ficam fora do contrato.",  # says only which
        "A frequência foi igual ou superior a cinco vezes por semana.",
        "Desconfie de quem promete cura da dor em um dia.",
    ],
)
def test_words_of_effect_that_assert_none(text):
    assert claims(text) == []


def test_hedged_wording_is_still_a_claim():
    (claim,) = claims("A meditação pode reduzir a ansiedade.")

    assert claim.hedged


def test_links_inside_by_marker_and_from_the_next_sentence():
    text = (
        "A vacina reduz a mortalidade (PMID: 123456). O treino melhora o sono [2].\n\n"
        "A dieta previne o diabetes. Ver DOI 10.1000/abc.\n\n"
        "Referências\n1. Silva A. Título. PMID: 999.\n2. Souza B. Outro. doi:10.5555/XYZ."
    )

    found = claims(text)

    assert [c.references for c in found] == [["PMID:123456"], ["DOI:10.5555/xyz"], ["DOI:10.1000/abc"]]
    assert found[1].markers == [2]


def test_author_and_year_are_kept_for_linking_by_a_person():
    (claim,) = claims("A vacina reduz a mortalidade (Silva et al., 2019).")

    assert claim.author_years == ["Silva 2019"]


def test_keys_survive_small_edits_but_not_changed_numbers():
    first = analyze(Document(content_text="A vacina reduz a mortalidade em 30% nos idosos."))
    previous = first.claims_json()
    previous["claim_1"] |= {"status": "validated", "validated": True, "evidence_level": "1"}

    small = analyze(Document(content_text="A vacina reduz a mortalidade em 30% nos idosos!")).claims_json(previous)
    changed = analyze(Document(content_text="A vacina reduz a mortalidade em 40% nos idosos.")).claims_json(previous)

    assert small["claim_1"]["status"] == "validated"
    assert list(changed) == ["claim_2"]
    assert changed["claim_2"]["status"] == "open"


def test_same_claim_needs_nine_tenths():
    assert same_claim("A vacina reduz a mortalidade.", "A vacina reduz a mortalidade")
    assert not same_claim("A vacina reduz a mortalidade.", "A dieta melhora o sono e o humor.")


def test_assign_keys_gives_each_claim_its_own_key():
    found = claims("A vacina reduz a mortalidade. A vacina reduz a mortalidade.")

    assert sorted(assign_keys(found, {})) == ["claim_1", "claim_2"]


def test_offsets_point_into_the_html():
    html = "<p>Antes.</p><p>A <b>vacina</b> reduz a mortalidade.</p>"

    (claim,) = analyze(Document(content_html=html)).claims

    assert html[claim.start : claim.end] == "A <b>vacina</b> reduz a mortalidade."


def test_same_words_forgive_punctuation_and_nothing_else():
    said = "A vacina reduz a mortalidade em 1,5% nos idosos [1]."
    assert same_words(said, "A Vacina, reduz a mortalidade (em 1,5%)  nos idosos [1]!")
    for other in (
        "A vacina não reduz a mortalidade em 1,5% nos idosos [1].",
        "A vacina aumenta a mortalidade em 1,5% nos idosos [1].",
        "A vacina reduz a mortalidade em 15% nos idosos [1].",
        "A vacina reduz a mortalidade em 1,5 nos idosos [1].",
        "A vacina reduz a mortalidade em -1,5% nos idosos [1].",
        "A vacina reduz a mortalidade em 1,5% nos idosos [1]?",
    ):
        assert not same_words(said, other)
