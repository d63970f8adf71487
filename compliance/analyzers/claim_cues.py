"""Words that make a sentence a health claim, in Portuguese and English (domain 3.1, 7a). Folded text."""

from __future__ import annotations

from . import scan


def _list(text: str) -> list[str]:
    return [" ".join(item.split()) for item in text.replace("\n", " ").split("|") if item.strip()]


OUTCOME = scan.words(
    *_list(
        """
(?!(?:limites?|apetites?|permites?|transmites?|noites?|comites?|convites?|leites?|deleites?|elites?|satelites?|grafites?|emites?|omites?|admites?|requisites?|(?:web)?sites?|visites?|despite|quite|white|invite[sd]?|opposite|favorites?|unite[sd]?|polite|definite|infinite|suite|bite|
purpose[sd]?|propose[sd]?|expose[sd]?|diagnose[sd]?|suppose[sd]?|those|whose|choose|close|loose|compose[sd]?|glicose|lactose|celulose|frutose|sacarose|doses?|(?:super|over)doses?|virtuose|toma|soma|retoma|idioma|aroma|diploma|genoma|goma|poma|broma|academia|premia|boemia|injuria|lamuria|penuria|curia|centuria|diagnosis)(?!\\w))(?:\\w{3,20}ites?|\\w{3,20}oses?|\\w{2,20}(?:emia|emias|algia|algias|patia|patias|penia|penias|plegia|uria|megalia|trofia|orexia|rreia|rreias|cardia|pneia|estesia|plasia|plasias|oma|omas|aemias?|opath(?:y|ies)|itis|oedema|osis))|
incapacidade*|raquitismo|escorbuto|congestao|verrugas?|desmame|ingurgitamento|mastite|ceratose|tromb\\w{2,8}|solidao|tristeza|medo|panico|angustia|estresse|tremor(?:es)?|absorcao|eficacia d[aeo]s?|falencia|falha terapeutica|abandono|quadro (?:clinico|respiratorio|gripal)|o quadro|a incidencia(?=[.,;])|prevalencia de \\w{4,20}|desfecho|recorrencia|duracao|
prostata|utero|ovarios?|joelhos?|costas|coluna|garganta|nariz|olhos|ouvidos?|dentes|gengivas?|estomago|tireoide|unhas?|couro cabeludo|mamas?|costelas?|ombros?|quadril|coceira|prurido|vermelhidao|irritacao|ardencia|azia|gases|arrotos|feridas?|cicatriz(?:es)?|espinha|verminose*|piolhos?|sarna|frieira|mau cheiro|suor|transpiracao|flacidez|papada|gordura localizada|
recem-nascid[oa]s?|bebes?|miopia|mortalidade|mortes?|obitos?|riscos?|chances? de|probabilidade de|dor|dores|sintomas?|pressao|glicemia|glicose|hemoglobina glicada|hba1c|colesterol|ldl|hdl|
triglicer*|peso|gordura*|imc|obesidade|infecc[ao]o|infeccoes|reinfecc*|internac*|hospitalizac*|reinternac*|recidiva*|recorrencia*|recaidas?|progressao|sobrevida|
sobrevivencia|qualidade de vida|sono|insonia|ansiedade|depressao|depressiv*|humor|memoria|cognic*|cognitiv*|fadiga|cansaco|febre|tosse|inflamac*|inflamator*|
edema|inchaco|nauseas?|enjoos?|vomitos?|sangramentos?|hemorragia*|cicatriz*|imunidade|defesas|sistema imun*|resistencia|doencas?|enfermidades?|cancer|canceres|
tumor|tumores|metastas*|carcinoma*|leucemia|linfoma|diabetes|diabet*|pre-diabetes|hipertens*|avc|derrame|infarto*|demencia*|alzheimer|parkinson|osteoporose|fraturas?|quedas?|
anemia|asma|asmatic*|dpoc|gripe|influenza|resfriado*|covid*|dengue|malaria|sarampo|tubercul*|hepatite*|hiv|hpv|ists?|sifilis|alergia*|rinite|sinusite|celulite|rugas|
manchas|acne|espinhas|varizes|estrias|calvicie|queda de cabelo|cabelos?|disposicao|(?<!consumo\\sde\\s)(?<!queda\\sde\\s)(?<!falta\\sde\\s)(?<!fornecimento\\sde\\s)(?<!conta\\sde\\s)(?<!economia\\sde\\s)energia|vitalidade|libido|impotencia|erecao|ejaculacao|menopausa|fogachos|
digestao|intestin*|constipac*|prisao de ventre|diarreia*|refluxo|gastrite|azia|ulceras?|metabolismo|fertilidade|gravidez|gestac*|gestacional|parto prematuro|prematuridade|
pre-eclampsia|malformac*|nascimento*|baixo peso|crescimento|desenvolvimento (?:motor|fetal|infantil|cognitivo|neurologico|da crianca)|massa muscular|massa ossea|
densidade mineral|densidade ossea|forca|capacidade (?:funcional|pulmonar|cognitiva|aerobica|cardiorrespiratoria)|condicionamento|mobilidade|amplitude|equilibrio|
articulac*|articular*|artrit*|artrose|fibromialgia|lombalgia|enxaqueca*|cefaleia*|crises?|convuls*|epilep*|compulsao|abstinencia|cessacao|tabagismo|complicac*|
eventos?|efeitos? (?:colaterais|colateral|adversos?|indesejad[oa]s?)|reac(?:ao|oes) adversas?|lesao|lesoes|caries?|placa bacteriana|gengivite|periodontit*|transmissao|contagio|
contaminac*|saude|bem-estar|recuperac*|envelhecimento|pele|visao|audicao|cura|toxicidade|dependencia|autismo|tea|intoxicac*|retinopatia|nefropatia|neuropatia|
microbiota|fome|apetite|saciedade|stress|estresse|coagulac*|trombo*|embolia|arritmia*|fibrilac*|insuficiencia|isquem*|aterosclero*|danos?|cegueira|surdez|paralisia|
suicid*|automutilac*|psicose|esquizofren*|transtorno*|tdah|panico|fobia*|deficit*|desnutric*|deficiencia|funcao (?:renal|cardiaca|pulmonar|hepatica|cognitiva|sexual|motora|ventricular|tireoidiana)|
dano|perda (?:de peso|auditiva|ossea|de visao|de memoria|muscular)|carga viral|anticorpos|resposta imun*|remissao|desfechos?|resultados clinicos|necessidade de (?:cirurgia|internacao|uti|ventilacao|transfusao|opioides|insulina|analgesicos)|
duracao d[ao] (?:doenca|sintomas|internacao|febre|dor|resfriado)|tempo de (?:internacao|cicatrizacao|recuperacao|hospitalizacao|protrombina|sangramento)|queimaduras?|assaduras|dermatit*|psoriase|eczema|melasma|flacidez|linhas de expressao|olheiras|acidentes|lesoes por pressao|
micoses?|fungos|candidiase|cirrose|esteatose|hernias?|hemorroida*|esclerose|bexiga|incontinencia|sarcopenia|endometriose|nodulos?|polipos?|cistos?|miomas?|placas?|figado|rins|coracao|cerebro|pulmao|pulmoes|musculos?|ossos|nervos|vasos|arterias|sangue|barriga|medidas|celulas|virus|bacterias|vermes|parasitas|hormonios|testosterona|vitamina d|sodio|potassio|frequencia cardiaca|batimentos|saturacao|oxigenacao|dispneia|falta de ar|ronco|apneia*|humor|raiva|irritabilidade|vicio|obito|desnutricao|nutricao|calorias|bruxismo|sensibilidade dentinaria|mau halito|halitose|pneumonia*|bronquiolite|bronquite|sepse|parto|aborto*|cesarea*|colicas?|tpm|toxinas|radicais livres|circulacao|pedras nos rins|calculos?|infertilidade|tontura*|vertigem|zumbido|labirintite|
pico glicemico|desidratac*|hidratac*|contraturas?|tendinite|espasticidade|desempenho (?:cognitivo|fisico|escolar)|concentracao|atencao|raciocinio|foco|colesterol ruim|triglicerides|acido urico|gota|sindrome*|catarata|glaucoma|miopia|
morbimortalidade|morbidade|dentes fortes|gasto energetico|emagrecimento|algias?|saciedade|tinnitus|vertigo|gout|tendao|tendoes|cartilagem|meniscos?|ligamentos?|veias|pernas|hangovers?|bunions?|dandruff|otites?|ressaca|joanetes?|palpitac\\w{1,4}|sequelas?|enurese|afta\\w{0,1}|alcoolismo|nervosismo|formas graves|doenca grave|severe disease|quilos|infertility|disabilit(?:y|ies)|damage|defects|veins?|h[a]?emoglobin|phosphate|absorption|(?:systolic|diastolic|arterial|intraocular) pressure|congestion|soreness|stiffness|itch|warts?|loneliness|sadness|fear|wounds|scars?|teeth|gums|throat|nose|eyes?|knees?|prostate|uterus|thyroid|tremors?|jitters|irritation|redness|dryness|overdose deaths|liver|kidneys?|heart|brain|lungs?|muscles?|bones?|nerves?|arteries|blood flow|belly|hormones?|testosterone|heart rate|oxygen|breathlessness|snoring|apn[o]?ea|cirrhosis|incontinence|endometriosis|hernia|fungus|bacteria|virus(?:es)?|parasites|calories|eczema|itching|rash|spasms?|injur(?:y|ies)|mortality|deaths?|death|risks?|odds of|chances? of|likelihood of|pain|symptoms?|blood pressure|blood sugar|glucose|gl[iy]c[a]?emi[ac]*|hba1c|cholesterol|weight|fat|obesity|infections?|hospitali[sz]ations?|
admissions?|readmissions?|relapses?|recurrence*|progression|survival|quality of life|sleep|insomnia|anxiety|depression|depressive|mood|memory|cognit*|fatigue|fever|cough|
inflammat*|swelling|nausea|vomiting|bleeding|h[a]?emorrhage|healing|wounds?|immunity|immune|diseases?|illness*|cancers?|tumou?rs?|diabetes|hypertension|strokes?|heart attacks?|
myocardial infarction|heart failure|dementia|osteoporosis|fractures?|falls|an[a]?emia|asthma|copd|flu|colds?|common cold|measles|tuberculosis|hepatitis|allerg*|wrinkles|
hair loss|energy|libido|digestion|gut|constipation|diarrh[o]?ea|reflux|ulcers?|metabolism|fertility|pregnan*|preterm birth|birth weight|pre-?eclampsia|birth defects|muscle mass|
muscle strength|strength|bone density|bone loss|bone mineral density|mobility|function|balance|joints?|joint pain|arthritis|osteoarthritis|migraines?|headaches?|seizures?|complications?|events?|adverse events?|side effects?|
lesions?|caries|cavities|tooth decay|gingivitis|transmission|health|well-?being|recovery|ag(?:e)?ing|skin|vision|hearing|cure|toxicity|dependence|autism|appetite|stress|clots?|
thrombo*|embolism|arrhythmia*|fibrillation|failure|blindness|paralysis|suicid*|psychosis|disorders?|deficiency|viral load|antibod*|immune response|remission|outcomes?|
length of stay|time to (?:recovery|healing)|burns|dermatitis|eczema|psoriasis|acne|pneumonia|sepsis|bronchiolitis|exacerbations?|metastas*|malaria|polio|toxins|back pain|dehydration|concentration|attention|focus|performance|triglycerides|ldl|incidence|delirium|smoking cessation|abstinence|quit rates?|cramps|menopaus*|hot flashes
"""
    )
)

_PT_STEMS = (
    "reduz diminu aument previn proteg cur trat melhor alivi elimin control retard aceler evit combat amenizam atenu corrig restaur recuper regul fortalec "
    "estimul favorec promov prolong encurt inib bloque imped interromp revert normaliz desintoxic rejuvenesc queim baix elev benefici cicatriz potencializ "
    "induz agrav pior prejudic provoc desencade compromet regener hidrat tonific revigor equilibr desinflam anul erradic suprim minimiz suaviz afast"
)
EFFECT_PT = scan.words(
    *_list(
        """
reduz|reduzem|reduziu|reduziram|reduzira|reduzindo|diminui|diminuem|diminuiu|diminuiram|diminuindo|aumenta|aumentam|aumentou|aumentaram|aumentando|previne|previnem|
preveniu|preveniram|prevenindo|protege|protegem|protegeu|protegeram|protegendo|cura|curam|curou|trata(?!-se)|tratam|tratou|melhora|melhoram|melhorou|melhoraram|melhorando|alivia|
aliviam|aliviou|aliviaram|elimina|eliminam|eliminou|eliminaram|eliminando|controla|controlam|controlou|controlaram|retarda|retardam|retardou|retardaram|acelera|aceleram|acelerou|evita|evitam|
evitou|evitaram|evitando|combate|combatem|combateu|ameniza|amenizam|amenizou|atenua|atenuam|atenuou|corrige|corrigem|corrigiu|restaura|restauram|restaurou|recupera|recuperam|regula|regulam|
fortalece|fortalecem|fortaleceu|estimula|estimulam|favorece|favorecem|favoreceu|promove|promovem|promoveu|prolonga|prolongam|prolongou|prolongaram|encurta|encurtam|encurtou|encurtaram|inibe|inibem|inibiu|bloqueia|bloqueiam|impede|impedem|
impediu|interrompe|interrompem|interrompeu|reverte|revertem|reverteu|normaliza|normalizam|normalizou|desintoxica|desintoxicam|rejuvenesce|rejuvenescem|queima|queimam|baixa|baixam|baixou|eleva|elevam|elevou|elevaram|
beneficia|beneficiam|beneficiou|cicatriza|potencializa|potencializam|induz|induzem|induziu|agrava|agravam|agravou|piora|pioram|piorou|prejudica|prejudicam|prejudicou|provoca|provocam|provocou|provocaram|desencadeia|
desencadeiam|desencadeou|compromete|comprometem|comprometeu|regenera|regeneram|tonifica|equilibra|equilibram|desinflama|erradica|erradicam|erradicou|suprime|minimiza|minimizam|suaviza|suavizam|afasta|afastam|dobra|dobram|dobrou|triplica|triplicam|triplicou|
duplica|duplicam|duplicou|acaba com|acabam com|acabou com|poe fim|leva[m]? a|levou a|levaram a|resulta[m]? em|resultou em|resultaram em|contribui ~2|contribuem ~2|contribuiu ~2|ajuda n[ao]s?|ajudam n[ao]s?|auxilia n[ao]s?|auxiliam n[ao]s?|
predispoe|predispoem|faz bem|fazem bem|faz mal|fazem mal|garante|garantem|antecipa|adia|adiam|adiou|remove|removem|dissolve|dissolvem|limpa|limpam|renova|renovam|preserva|preservam|preservou|mantem|gera|geram|gerou|desacelera|desaceleram|modula|modulam|
detecta|detectam|detectou|poupa|salva|salvam|reforca|reforcam|produz|produzem|produziu|acalma|emagrece|emagrecem|engorda|engordam|seca|secam|desobstrui|detona|ativa|ativam|dispensa|substitui|substituem|mata|matam|intoxica|vicia|viciam|danifica|danificam|destroi|destroem|afeta|afetam|afetou|desregula|enfraquece|enfraquecem|abrevia|abreviou|diminuira|aumentara|melhorara|aumenta-se|reduz-se|age[m]? (?:contra|sobre)|funciona[m]? (?:contra|para|n[ao]s?)|atua[m]? (?:contra|n[ao]s?)|desincha|desincham|garantimos|garanto|tira|tiram|tirou|atrasa|atrasam|atrasou|atrapalha|atrapalham|irrita|irritam|vence|vencem|detém|detem|atinge a cura|corta|cortam|rejuvenescem
"""
    )
)
CAUSE_PT = scan.compile(
    r"(?<!\w)(?<!\Wa )(?<!^a )(?<!\Wde )(?<!\Wpor )(?<!^por )(?<!\Wcomo )(?<!principal )(?<!\Wmaior )(?<!\Wuma )(?<!^uma )(?<!\Wsua )(?<!\Wessa )(?<!\Westa )(?<!^esta )(?<!\Wda )(?<!\Wna )(?<!\Wem )(?<!outra )(?<!segunda )(?<!primeira )(?<!terceira )(?<!qualquer )(?<!comum )(?<!\Wsem )(?<!provavel )(?<!possivel )(?:causa|causam|causou|causaram|causando)(?!\w)"
)
INFINITIVE_PT = scan.words(
    *_list(
        """
reduzir|diminuir|aumentar|prevenir|proteger|curar|tratar|melhorar|aliviar|eliminar|controlar|retardar|acelerar|evitar|combater|amenizar|atenuar|corrigir|restaurar|recuperar|regular|
fortalecer|estimular|favorecer|promover|prolongar|encurtar|inibir|bloquear|impedir|interromper|reverter|normalizar|desintoxicar|rejuvenescer|queimar|baixar|elevar|beneficiar|cicatrizar|induzir|agravar|piorar|
prejudicar|causar|provocar|desencadear|comprometer|levar a|resultar em|contribuir|ajudar|perder peso|emagrecer|regenerar|equilibrar|minimizar|suavizar|substituir|preservar|manter|gerar|adiar|detectar|salvar|reforcar|abreviar|acabar com|afetar|vencer|superar|libertar|livrar|sarar|chegar ao peso|atrapalhar|irritar|atrasar|dobrar|triplicar|danificar
"""
    )
)
# What turns an infinitive into an assertion; "para reduzir" alone is a purpose.
MODAL_PT = scan.words(
    *_list(
        """
pode|podem|poderia|poderiam|podera|ajuda a|ajudam a|ajudou a|ajuda|ajudam|capaz de|capazes de|contribui para|contribuem para|contribuiu para|eficaz (?:em|para|no|na)|eficazes (?:em|para)|tende a|tendem a|consegue|conseguem|conseguiu|parece|parecem|
auxilia a|auxiliam a|serve para|servem para|vai|vao|e usad[oa] para|e utilizad[oa] para|usad[oa]s para|mostrou|demonstrou|mostraram|demonstraram|promete|prometem|util para|uteis para|indicad[oa]s? para|recomendad[oa]s? para|fundamental para|eficiente para|otim[oa] para|costuma|costumam|garantid[oa] para|chega a|chegam a|e possivel|atua para|atuam para|age para|agem para|necessari[oa] para
"""
    )
)
EFFICACY = scan.words(
    *_list(
        """
(?:e|sao|foi|foram|mostrou-se|mostraram-se|mostra-se|se mostrou|se mostraram|demonstrou ser|parece ser|parece|pode ser|podem ser|revelou-se|era|esta|tambem e|sera) ~2 (?:eficaz|eficazes|efetiv[oa]s?|eficiente|eficientes|benefic[oa]s?|segur[oa]s?|bem tolerad[oa]s?|indicad[oa]s? (?:para|no|na|em)|protetor[a]?(?:es)?|segur[oa]s?)|
(?:tem|tiveram|teve|apresenta|apresentou|demonstrou|mostrou|possui|possuem|demonstram|com) ~2 (?:eficacia|efetividade|efeito (?:protetor|benefico|analgesico|anti-inflamatorio|antidepressivo|positivo|terapeutico)|acao (?:anti-inflamatoria|antioxidante|analgesica|antibacteriana|antiviral|cicatrizante|calmante|diuretica|termogenica|terapeutica|detox)|propriedades (?:anti-inflamatorias|antioxidantes|medicinais|curativas|calmantes|terapeuticas|cicatrizantes|analgesicas))|
eficacia (?:de|e de|foi de|ficou em|comprovada|superior|estimada|global)|(?:beneficios?|efeitos?|eficacia|ganhos?) ~8 (?:e|sao|foi|foram|permanece|continua) ~1 (?:menor(?:es)?|maior(?:es)?|incert[oa]s?|pequen[oa]s?|modest[oa]s?|limitad[oa]s?|nul[oa]s?|semelhantes?|discret[oa]s?|moderad[oa]s?)|(?:tem|tiveram|teve) ~1 efeito ~1 (?:incerto|pequeno|modesto|discreto|nulo|limitado|moderado)|(?:o efeito|os efeitos|o beneficio|a protecao|o alivio|a imunidade) ~2 (?:se )?(?:mantem|perde|perder|dura|duram|persiste|persistem|desaparece)|
(?:the )?(?:benefit|effect|efficacy|protection) ~6 (?:is|are|was|remains) ~1 (?:small|smaller|uncertain|modest|limited|unclear|negligible)|(?:the effect|the benefit|protection|immunity) (?:lasts|wears off|persists|fades|wanes)|eficaz (?:contra|no tratamento|na prevencao|para|em|na|no|mesmo)|eficazes (?:contra|no tratamento|na prevencao|para|em)|(?:e|sao) (?:o|a|os|as)? ?tratamentos? (?:eficaz|eficazes|de escolha|mais eficaz)|
(?:is|are|was|were|be|been|proved|proven|appears|seems|remains|found|became) ~3 (?:effective|efficacious|beneficial|safe|well tolerated|protective|ineffective|harmful|useful for)|(?:has|had|have|shows|showed|show) ~3 (?:efficacy|effectiveness|anti-inflammatory (?:effect|properties)|protective effect|benefits? (?:for|in|on))|efficacy (?:of|was|reached)|effective (?:against|for|in|at)|works (?:for|against|better)|is indicated for|are indicated for|provides (?:relief|protection)|offers (?:relief|protection)|
(?:sensibilidade|especificidade|acuracia|sensitivity|specificity|accuracy) ~3 (?:de|of|was|foi|e de|were|reaches) ~2 \\d{1,3}
"""
    )
)
COMPARATIVE = scan.words(
    *_list(
        """
(?:mais|menos|tao) ~1 (?:eficaz|eficazes|efetiv[oa]s?|segur[oa]s?|potentes?|tolerad[oa]s?|rapid[oa]s?|eficientes?|benefic[oa]s?|toxic[oa]s?|nociv[oa]s?) ~3 (?:que|do que|quanto|como)|
mais (?:eficaz|eficazes|segur[oa]s?|efetiv[oa]s?)|(?:mais|menos) (?:frequentes?|comuns?|frequencia|eficacia|intens[oa]s?|eventos|sangramentos?) ~3 (?:que|do que) ~2 (?:placebo|control[eo]s?|tratamento|medicamento|cirurgia|outr[oa]s?|a|o|as|os)|(?:e|foi|foram|sao|mostrou-se|mostraram-se|se mostrou|ser|revelou-se|demonstrou ser|mostra-se) ~2 (?:superior|superiores|inferior|inferiores|equivalentes?|melhor|melhores|pior|piores) ~2 (?:a|ao|aos|as|que|do que|em relacao)|
superior(?:es)? (?:ao|aos|a) (?:placebo|tratamento|terapia|cuidado|medicac*|paracetamol|ibuprofeno|grupo controle|controle|comparador|monoterapia)|nao[- ]inferior(?:es|idade)?|melhor(?:es)? (?:do )?que (?:o|a|os|as)? ?(?:placebo|medicamento*|remedio*|cirurgia|dieta|tratamento*|farmaco*|antidepressiv*)|
(?:more|less) (?:effective|efficacious|safe|potent|beneficial|harmful|toxic|likely to|accurate|reliable|common|frequent) ~8 than|as effective as|(?:superior|inferior|non-?inferior|equivalent) to|(?:works?|worked|performed|did) (?:better|worse) than|(?:is|are|was|were) (?:better|safer|worse) ~6 than|safer than|outperform(?:s|ed)?|better than (?:placebo|surgery|medication|usual care|drugs)|more effective
"""
    )
)
QUANTITY = scan.compile(
    r"\d[\d.,]{0,8}\s?%|\d[\d.,]{0,6}\s?(?:pontos percentuais|percentage points|por cento|percent|vezes|times|fold)|(?<!\w)(?:rr|or|hr|rrr|rra|nnt|nnh|arr|smd|md)\s?[=:,]?\s?\(?\d|(?<!\w)(?:ic|ci)\s?(?:de\s)?95|95\s?%\s?(?:ci|ic)|(?<!\w)p\s?[<=>]\s?0|(?<!\w)(?:metade|half|um terco|one third|dois tercos|um quarto|dobro|twice|triplo|doubled?)(?!\w)|-fold|(?:risco relativo|razao de chances|odds ratio|hazard ratio|relative risk)"
)
NOMINAL = scan.words(
    *_list(
        """
(?:reducao|diminuicao|queda|aumento|melhora|melhoria|alivio|prevencao|reducoes|ganho|elevacao|remissao|regressao|perda) ~3 (?:de|do|da|dos|das|na|no|nas|nos|em|significativ*|media|clinica|imediat*)|
(?:menor|maior|menores|maiores|mais alt[oa]s?|mais baix[oa]s?|inferior|superior|melhor|pior) ~1 (?:risco|riscos|mortalidade|incidencia|taxa|taxas|sobrevida|chance|chances|probabilidade|frequencia|numero|necessidade|tempo|duracao|qualidade|recidiva|ocorrencia|prevalencia)|
(?:risco|mortalidade|incidencia|taxa|sobrevida|chance|probabilidade|numero) ~5 (?:menor|maior|inferior|superior|menores|maiores|mais alt[oa]|mais baix[oa]|mais elevad[oa])|
(?:associad[oa]s?|associou-se|associa-se|associaram-se|associacao|relacionad[oa]s?|ligad[oa]s?|vinculad[oa]s?|correlacionad[oa]s?|relaciona-se|se (?:relaciona|associa|liga|vincula|correlaciona)[m]?|associ(?:am|ou|aram) ~9|vincul(?:a|am|ou|aram) ~9|relacion(?:am|ou|aram) ~9) ~2 (?:a|ao|aos|as|com|entre)|(?:tiveram|teve|tem|desenvolvem|desenvolveram|apresentaram|apresentam|sofreram|sofrem|relataram|registrou|registraram|precisaram|necessitaram) ~1 (?:menos|mais) ~1|(?:mostrou|mostraram|trouxe|trouxeram|teve|demonstrou|demonstraram|oferece|oferecem|traz|trazem|tem) ~1 (?:benefici\\w{1,3}|vantage\\w{1,2}|ganho*|melhora*)|fatores? de (?:risco|protecao) ~1 (?:para|de|do|da)|fator protetor|
(?:reduction|decrease|increase|improvement|drop|decline|relief|rise|gain) ~1 (?:of|in|from)|(?:lower|higher|reduced|increased|decreased|fewer|less|greater|better|worse|improved|shorter|longer) ~2 (?:risk|risks|mortality|incidence|rate|rates|survival|odds|likelihood|probability|number|recurrence|deaths|pain|hospitali[sz]ation*|complications|events|function|outcomes|symptoms|infections|relapse*|stay|scores|quality of life)|
(?:associated|linked|related|association|correlated|tied) (?:with|to|between)|(?:risk|protective) factors? for|(?:had|have|developed|suffered|experienced|needed) ~1 (?:fewer|less|more) ~1|(?:showed|had|has|offers?|brings?|provides?) ~2 (?:benefits?|advantages?)|(?:risk|mortality|incidence|rate|survival|likelihood) ~7 (?:lower|higher|halved|doubled|reduced|decreased|increased)
"""
    )
)
RESULT = scan.words(
    *_list(
        """
houve|observou-se|observaram|observou|observamos|verificou-se|encontrou|encontraram|mostrou|mostraram|mostra|mostram|demonstrou|demonstraram|demonstra|demonstram|resultou|levou|levaram|proporcion*|apresentou|apresentaram|apresenta|apresentam|tiveram|teve|tem|tem-se|obteve|obtiveram|
alcancou|confere|conferem|conferiu|trouxe|traz|trazem|produziu|oferece|oferecem|foi|foram|desenvolvem|desenvolveram|sofrem|sofreram|precisaram|necessitaram|e|sao|esta|estao|ficou|houve-se|registrou|concluiu|concluem|indica|indicam|indicou|apontou|apontam|aponta|evidenciou|sugere|sugerem|sugeriu|revelou|revelaram|com|gera|gerou|confirmou|confirmaram|parece|pode|associou-se|associa-se|associaram-se|relaciona-se|esteve|estiveram|
was|were|is|are|had|has|have|showed|shown|show|shows|found|resulted|led|leads|observed|demonstrated|suggests?|suggested|experienced|reported|achieved|produced|concluded|indicates?|confers?|conferred|saw|provides?|gives?|appears?|may|remained|fell|dropped|developed|reveals?|revealed|confirmed
"""
    )
)
EFFECT_EN = scan.words(
    *_list(
        """
reduces|corrects|lowers|improves|prevents|treats|cures|relieves|shortens|delays|protects|eliminates|controls|increases|decreases|raises|boosts|enhances|alleviates|slows|stops|reverses|halts|blocks|inhibits|promotes|accelerates|restores|strengthens|eases|heals|
causes|triggers|worsens|harms|damages|doubles|triples|halves|cuts|prolongs|extends|induces|leads to|results in|contributes to|helps with|fights|burns|melts|detoxifies|cleanses|rejuvenates|supports|stimulates|suppresses|minimi[sz]es|diminishes|detects|saves|aggravates|
impairs|predisposes|provokes|eradicates|removes|regulates|normali[sz]es|repairs|benefits|mitigates|attenuates|preserves|provides|offers|guarantees|kills|makes ~3 (?:better|worse|disappear)|clears|soothes|combats|wards off|gets rid of|cures|ends|affects
"""
    )
)
_EN_BASE = (
    "reduce|lower|improve|prevent|treat|cure|relieve|shorten|delay|protect|eliminate|control|increase|decrease|raise|boost|enhance|alleviate|slow|stop|reverse|halt|block|inhibit|promote|accelerate|restore|strengthen|ease|heal|cause|trigger|worsen|harm|damage|double|triple|halve|cut|"
    "prolong|extend|induce|melt|flush|destroy|lead to|result in|contribute to|help with|fight|burn|support|stimulate|suppress|minimi[sz]e|diminish|detect|save|aggravate|impair|eradicate|remove|regulate|normali[sz]e|repair|benefit|mitigate|attenuate|preserve|replace|clear|lose weight|affect"
)
BASE_EN = scan.words(*_EN_BASE.split("|"))
MODAL_EN = scan.words(
    *_list(
        """may|might|can|could|will|would|helps?|helped|shown to|proven to|able to|appears? to|seems? to|tends? to|found to|known to|used to|does not|do not|did not|doesn't|don't|didn't|cannot|can't|not|used for|indicated to|likely to|failed to|fails to|fail to|expected to|believed to|capable of|demonstrated to|reported to"""
    )
)
PAST_EN = scan.words(
    *_list(
        """reduced|lowered|improved|prevented|relieved|shortened|delayed|protected|eliminated|controlled|increased|decreased|raised|boosted|enhanced|alleviated|slowed|stopped|reversed|halted|blocked|inhibited|promoted|accelerated|restored|strengthened|eased|healed|cured|
caused|triggered|worsened|harmed|damaged|doubled|tripled|halved|cut|prolonged|extended|induced|led to|resulted in|contributed to|suppressed|diminished|saved|aggravated|impaired|attenuated|preserved|mitigated|saw|detected|benefited"""
    )
)
SLOGAN = scan.words(
    *_list(
        """
acabe (?:de vez )?com|livre-se d[aeo]s?|diga adeus|de adeus|adeus,? (?:dor|dores|rugas|celulite|insonia|ansiedade|enxaqueca|gordura|calvicie|varizes|artrose|estrias)|perca (?:ate )?\\d{1,3} ?(?:kg|quilos)|perca peso|emagreca|elimine|seque|alivie|reduza|combata|cure|trate|previna|durma melhor|
recupere|rejuvenesca|fortaleca|melhore|controle|aumente|turbine|desinflame|desintoxique|queime|acelere|(?:alivio|fim) (?:imediato|rapido|garantido|d[aeo]s?)|
get rid of|say goodbye|lose (?:up to )?\\d{1,3} ?(?:kg|pounds|lbs)|end your|stop your|banish|erase|melt away|cure your|relieve your|boost your|reverse your|heal your|beat
"""
    )
)
PRODUCT = scan.words(
    *_list(
        """
capsulas?|suplemento*|cha|chas|creme|cremes|gel|pomada*|xarope|comprimido*|produto*|formula*|tratamento*|protocolo*|metodo*|tecnica*|terapia*|soro|shake|vitamina*|colageno|whey|oleo*|extrato*|medicamento*|remedio*|spray|adesivo|pulseira|aparelho*|laser|programa|dieta|
nosso|nossa|nossos|com (?:o|a|nosso|nossa)|em \\d{1,3} (?:dias|semanas|horas|minutos|sessoes|meses)|em (?:minutos|poucos dias|uma semana|poucas horas|uma sessao|tres dias|sete dias|uma noite)|sem (?:esforco|dieta|cirurgia|dor)|agora|hoje mesmo|experimente|tome|compre|chegou|para sempre|de vez|ampola*|gotas|po|chip|injec*|
capsules?|supplements?|tea|cream|gel|pills?|product|formula|treatment|protocol|method|therapy|our|with|in (?:just )?\\d{1,3} (?:days|weeks|hours|minutes|sessions)|for good|forever|now|today|drops|patch|device|program|diet|overnight|without (?:effort|dieting|surgery|exercise)|in (?:one|a) (?:session|week|month|day)
"""
    )
)
ABSOLUTE = scan.words(
    *_list(
        """garante|garantem|garantid[oa]s?|garantimos|100 ?%|cem por cento|sempre|nunca|definitiv[oa]s?|definitivamente|para sempre|sem (?:nenhum |qualquer )?efeitos? colatera(?:l|is)|sem riscos?|todos os casos|totalmente|completamente|jamais|de uma vez por todas|permanente|permanentemente|infalivel|
guaranteed?|guarantees|always|never|permanent|permanently|no side effects?|without side effects?|completely|forever|every case|all cases|risk-free|once and for all|for good|definitive"""
    )
)
HARM = scan.words(
    *_list(
        """aument\\w{1,4} (?:o|os|a) (?:risco|riscos|chance|chances|mortalidade|probabilidade|incidencia)|causa[m]?|causou|causar|provoca[m]?|provocou|provocar|agrava[m]?|piora[m]?|prejudica[m]?|desencadeia[m]?|dano*|maior risco|fator de risco|associad[oa]s? (?:a|ao|com)|compromete[m]?|toxic*|vicia[m]?|
increases? the (?:risk|odds|incidence|likelihood)|increased the (?:risk|odds)|causes?|caused|triggers?|worsens?|harms?|damages?|higher risk|increased risk|risk factor|associated with|linked to|impairs?|raises the risk"""
    )
)
NEGATION = scan.words(
    "nao", "nem", "nenhum[a]?", "sem", "nunca", "tampouco", "jamais", "not", "no", "neither", "nor", "never", "without", "cannot", "doesn't", "don't", "didn't",
    "isn't", "wasn't", "can't",
)  # fmt: skip
HEDGE = scan.words(
    "pode", "podem", "poderia", "poderiam", "sugere", "sugerem", "sugeriu", "sugeriram", "parece", "parecem", "talvez", "possivelmente", "provavelmente", "tende", "tendem", "potencialmente", "indicios", "may", "might", "could",
    "suggests?", "suggested", "appears?", "seems?", "possibly", "probably", "likely", "potentially", "can",
)  # fmt: skip

MYTH = scan.words(
    *_list(
        """mito|mitos|e falso|falso que|e falsa|falsa|fake news|boato*|desinformac*|nao e verdade|crenca popular|crenca de que|e mentira|lenda|informacao falsa|equivocad[oa]|myth|myths|it is false|false claim*|is untrue|not true|hoax|misinformation|misconception*|rumou?r"""
    )
)
NEGATED_PROMISE = scan.words(
    *_list(
        """(?:nenhum[a]?|nao) ~6 (?:garant\\w{1,6}|assegura\\w{0,2}|assegurar|prometer?|promete|promessa*)|nao (?:ha|existe|se pode|e possivel|podemos|pode) ~4 (?:garant\\w{1,5}|promet\\w{1,4}|cura milagrosa)|nao pode ser garantid[oa]|(?:no(?! (?:side|doubt|pain|risk))|cannot|can't|does not|do not|nobody can|no one can|not|never) ~5 (?:guarantee[ds]?|promise[ds]?|ensure|assure)"""
    )
)
LEGAL = scan.words(
    *_list(
        """lei|resolucao|portaria|decreto|rdc|codigo de etica|cfm|cfp|anvisa|conselho federal|norma*|artigo|constituicao|lgpd|regulamento|legislac*|act|law|regulation|statute|article \\d{1,3}|fda requires|guideline committee"""
    )
)
LEGAL_VERB = scan.words(
    *_list(
        """proibe|proibem|determina|determinam|estabelece|estabelecem|exige|exigem|veda|vedam|preve|preveem|autoriza|dispoe|obriga|regulamenta|disciplina|considera infracao|impede|impedem|garante o direito|garantem|garante|assegura|prohibits?|requires?|forbids?|establishes|mandates?|provides that|protege|protegem"""
    )
)
AIM = scan.words(
    *_list(
        """objetivo|objetivos|objetivou|visa|visou|visam|avaliar|avaliou se|avaliamos|investigar|investigou|investigou-se|investigaram|verificar se|comparar|comparou|hipotese|protocolo do estudo|questionario*|foi perguntado|pergunta*|se propoe a|desfecho primario|desfechos primarios|desfecho secundario|sera avaliado|serao avaliados|em andamento|
aim|aims|aimed|objective|objectives|purpose|to evaluate|to assess|to investigate|to compare|to determine|whether|hypothesis|hypothesi[sz]ed|primary outcome|primary endpoint|secondary outcomes?|endpoint was|we assessed|we evaluated|will be|is being studied|is under investigation|ongoing|questionnaire"""
    )
)
METHOD = scan.words(
    *_list(
        """foram (?:incluid[oa]s|randomizad[oa]s|recrutad[oa]s|excluid[oa]s|convidad[oa]s|entrevistad[oa]s|coletad[oa]s|alocad[oa]s|selecionad[oa]s|acompanhad[oa]s|divididos)|foi realizad[oa] (?:um|uma|analise|busca)|idade media|mediana de idade|criterios de (?:inclusao|exclusao)|amostra (?:foi|com|de)|regressao logistica|analise (?:estatistica|multivariada) foi|
were (?:included|randomi[sz]ed|recruited|excluded|enrolled|allocated|assigned|invited|interviewed|collected|followed)|mean age|median age|inclusion criteria|exclusion criteria|the sample|data were|was assessed|were assessed|were measured|was measured|was calculated"""
    )
)
DEFINITION = scan.words(
    *_list(
        """(?:e|sao) (?:definid[oa]s?|caracterizad[oa]s?|conhecid[oa]s?|classificad[oa]s?|chamad[oa]s?|considerad[oa]s? (?:uma|um)|um[a]? (?:doenca|infeccao|condicao|sindrome|transtorno|inflamacao|processo|exame|distúrbio|disturbio|hormonio|orgao))|consiste em|consistem em|consiste[m]? n[oa]s?|(?:e|sao) (?:o|a|os|as|um|uma) (?:procedimento|tratamento|metodo|tecnica|exame|terapia|aparelho|equipamento|processo|especialidade|ramo|area)s? (?:que|pel[oa] qual|atraves|n[oa] qual|em que|usad[oa]|utilizad[oa]|realizad[oa]|feit[oa]|d[aeo])|define-se|chama-se|denomina-se|significa|refere-se|trata-se de|ocorre quando|
(?:e|sao) (?:a|o|as|os) (?:fracao|parte|medida|nome|proporcao|quantidade|relacao|soma|capacidade|forma|diferenca|conjunto|termo|unidade|proteina|orgao)|
is (?:defined|characteri[sz]ed|known|called|classified) (?:as|by)|refers to|means|consists of|is a (?:disease|condition|syndrome|disorder|hormone|test|chronic|viral|bacterial)|occurs when|is the (?:term|name)"""
    )
)
PREVALENCE = scan.words(
    *_list(
        """prevalencia|incidencia (?:anual|estimada|de|e de)|da populacao|dos brasileiros|dos adultos|casos novos|novos casos|por 100 mil|por mil habitantes|estima-se|segundo o ibge|convivem com|vivem com|foram registrad[oa]s|foram notificad[oa]s|notificacoes|prevalence|of the population|of adults|new cases|per 100,000|is estimated that|live with|were reported in|principal causa|principais causas|causa mais (?:comum|frequente)|leading cause|most common cause"""
    )
)
CASE_SUBJECT = scan.words(
    *_list(
        """(?:o|a|esse|essa|este|esta|nosso|nossa|do|da) (?:paciente|menino|menina|crianca|bebe|gestante|idosa|idoso|jovem|adolescente|doente)|the patient|our patient|this patient|(?:the|a) (?:boy|girl|man|woman|child|infant)|mr.|mrs.|ms.|sr.|sra."""
    )
)
CASE_PRONOUN = scan.words("ela", "ele", "she", "he", "her", "his")
GENERAL = scan.words(
    *_list(
        """estudo*|ensaio*|metanalise|revisao|pesquisa*|pacientes|pessoas|grupo*|em geral|evidencia*|tratad[oa]s|todos|adultos|criancas|mulheres|homens|idosos|comprovad*|demonstr\\w{1,6}|study|studies|trials?|meta-analysis|review|patients|people|participants|groups?|in general|evidence|adults|children|women|men|proven|mostra que|shows that|placebo|randomizad*|randomi[sz]ed"""
    )
)
PAST_PT = scan.compile(
    r"(?<!\w)\w{2,14}(?:ou|iu|eu|aram|eram|iram|ava|avam)(?!\w)|(?<!\w)(?:foi|houve|teve|fez)(?!\w)"
)
FIRST_PERSON = scan.words(
    *_list(
        """eu|me|meu|minha|meus|minhas|fiquei|estou|sinto|senti|consegui|recomendo|adorei|amei|comigo|devolveu|tomei|usei|comecei|emagreci|melhorei|voltei|i|my|me|i'm|i've|mine|salvou minha|mudou minha"""
    )
)
NO_EVIDENCE = scan.words(
    *_list(
        """(?:nao ha|nao existe[m]?|sem|faltam?|ha pouca|ausencia de|nenhuma|inexiste[m]?) ~3 (?:evidencia*|provas?|comprovacao|estudos|dados) ~6 (?:que|de|para|do|da)|nao ha (?:beneficio|ganho|vantagem|diferenca)|nao (?:traz|trouxe|oferece|houve|mostrou|demonstrou|confere|apresentou|se associou|esta associad[oa]|apresenta) ~3 (?:beneficio*|diferenca*|vantagem|reducao|melhora|efeito*|associacao|eficacia|protecao|impacto)|
(?:there is )?(?:no|little|insufficient|lack of) (?:good |clear |convincing |robust )?(?:evidence|proof|benefit) ~2 (?:that|of|for|in|from)|no (?:significant )?(?:difference|effect|association|reduction|improvement|benefit)"""
    )
)
DISEASE_SUBJECT = scan.words(
    *_list(
        """doenca|infeccao|virus|bacteria|sindrome|transtorno|dengue|gripe|covid-19|zika|chikungunya|malaria|hepatite|asma|diabetes|hipertensao|gastrite|refluxo|artrose|artrite|enxaqueca|anemia|tuberculose|sarampo|catapora|caxumba|rubeola|meningite|pneumonia|bronquite|dermatite|rinite|sinusite|otite|endometriose|depressao|hipotireoidismo|hipertireoidismo|cancer|parasita|verme|fungo|rotavirus|norovirus|herpes|condicao|inflamacao|lesao|mosquito|picada|bicho|crise|celiaca|lupus|parkinson|alzheimer|esclerose|glaucoma|catarata|insuficiencia|
disease|infection|virus|bacterium|syndrome|disorder|dengue|flu|influenza|covid-19|malaria|hepatitis|asthma|gastritis|arthritis|migraine|measles|mumps|meningitis|pneumonia|bronchitis|endometriosis|depression|hypothyroidism|parasite|fungus|herpes|condition|inflammation|anaemia|anemia"""
    )
)
EXPOSURE = scan.words(
    *_list(
        """uso|consumo|tratamento*|vacina*|terapia*|cirurgia*|exercicio*|dieta*|alimentac*|medicamento*|remedio*|suplement*|fumar|tabaco|tabagismo|cigarro*|alcool|exposicao|ingestao|ausencia|falta|excesso|privacao|sedentarismo|atividade*|nao tratad[oa]s?|nao controlad[oa]s?|descontrolad[oa]s?|
use|consumption|treatment*|vaccin*|therap*|surger*|exercise|diet*|drugs?|medicat*|supplement*|smoking|tobacco|alcohol|exposure|intake|lack|excess|untreated|uncontrolled|deprivation|sedentary"""
    )
)
NON_HEALTH_OBJECT = scan.words(
    *_list(
        """um[a]? (?:dia|semana|mes|tarde|manha|noite) (?:d[aeo]s?|especial)|acoes|atividades|oficinas?|integracao|socializacao|festas?|feiras?|distribuic*|doac*|capacitac*|palestra*|encontros?|debates?|eventos? d[aeo]|inclusao|consultas?|avaliac*|orientac*|acompanhamento|atendimento*|fila*|tempo de espera|custo*|gasto*|desperdicio|burocracia|comunicac*|acesso*|adesao|cobertura|agendamento*|processo*|fluxo*|eficiencia|produtividade|transparencia|seguranca d[aeo]s? (?:dados|informac*|processo*)|confianca|engajamento|vinculo|qualidade d[aeo]s? (?:atendimento|imagem|imagens|dados|servico|registro*|informac*)|erros?|retrabalho|papel|
waiting (?:time|list)*|costs?|spending|communication|access|adherence|efficiency|productivity|workflow|trust|engagement|data quality|paperwork|errors?|workload"""
    )
)
