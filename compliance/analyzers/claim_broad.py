"""The wide net: an agent, a condition of health and a word of change in one sentence, in any order (domain 3.1). Folded text.

``claim_cues`` and ``claim_frames`` know how claims are usually worded. Authors know more words. Here three long lists meet:
AGENT (what is done, taken, eaten, breathed, worn or measured), STATE (what may happen to body and mind) and CHANGE
(verbs in all finite forms, comparatives, fractions). What makes a sentence no claim (advice, methods, law, one patient's
story, a definition) is refused first, because nothing in the three lists is specific.
"""

from __future__ import annotations

from . import claim_cues as cue
from . import claim_frames as frames
from . import scan


def _split(text: str) -> list[str]:
    return [" ".join(item.split()) for item in text.replace("\n", " ").split("|") if item.strip()]


def _ar(stems: str) -> list[str]:
    return [f"(?:{'|'.join(stems.split())})(?:a|am|ou|aram|ava|avam|ara|arao|aria|ariam|ando)"]


def _er(stems: str) -> list[str]:
    return [f"(?:{'|'.join(stems.split())})(?:e|em|eu|eram|ia|iam|era|erao|eria|endo)"]


def _ir(stems: str) -> list[str]:
    return [f"(?:{'|'.join(stems.split())})(?:e|em|iu|iram|ia|iam|ira|irao|iria|indo)"]


def _en(stems: str) -> list[str]:
    return [f"(?:{'|'.join(stems.split())})(?:s|es|ed|d)"]


# -- agents -------------------------------------------------------------------------------------------------------------

AGENT = scan.words(
    *_split(
        """
\\w{3,18}(?:mabe|nibe?|statinas?|prila|pril|prazol|conazol|azol|oxacino|cilinas?|micinas?|ciclinas?|sartanas?|olol|dipino|glutida|gliptinas?|gliflozinas?|oxetina|pramina|triptilina|triptanas?|caina|barbital|azepina|gabalina|gabapentina|lukast|terol|solona|sona|metasona|tidina|setrona|parina|grel|xabana|formina|tiazida|semida|lactona|dronatos?|ciclovir|navir|tegravir|buvir|fungina|cortisona|cortina|tropina|pirona|profeno|cetamol|oxicam|coxibe?|fenaco|cilazina|platina|rrubicina|taxel|trexato|zolam|zepam|zepine|pidem|peridol|apina|idona|piprazol|terapia|terapias|plastia|plastias|ectomia|ectomias|scopia|scopias|grafia|grafias|centese|ostomia|tripsia|feresis|desis)|
\\w{3,18}(?:mab|nib|statin|prazole|conazole|oxacin|cillin|mycin|cycline|sartan|dipine|glutide|gliptin|gliflozin|oxetine|triptan|caine|azepam|pidem|lukast|olone|asone|parin|grel|xaban|formin|thiazide|semide|dronate|ciclovir|vir|vudine|cortisone|profen|oxicam|coxib|platin|taxel|therapy|therapies|plasty|ectomy|scopy|graphy|ostomy|pexy)|
penicilina|penicillin|\\w{3,14}(?:adol|nidina|ralina|lafaxina|lidona|pressina|prost|gesterol|estradiol|calcitriol|tocina|flavina|amina|vastatin|tonina|mostim|poetina|tinibe|dazol|bendazol|pril|mectina|quina|quine|zepina|vudina|fovir|zumab|limus|limo|ciclib|setron|tadine|tidine|trigine|racetam|etazona|etina|oxina)|bloqueio\\w{0,1}|cloro|chlorine|beds|tanning beds|(?:night|late|rotating) shifts|itraconazol|zolpidem|zolpidem|clorexidina|chlorhexidine|iodo|iodine|alcool(?: em gel)?|agua(?: oxigenada| sanitaria| com gas)?|sulfato ferroso|acido folico|folato|folic acid|paracetamol|dipirona|cloroquina|ivermectina|hidroxicloroquina|botox|toxina botulinica|preenchimento|peeling|acido hialuronico|retinol|minoxidil|tretinoina|bioestimulador\\w{0,2}|hialuronico|
trombolise|thrombolysis|quimio\\w{0,8}|radio\\w{0,8}|transplante|enxerto\\w{0,1}|ponte de safena|angioplastia|revascularizac\\w{2,4}|circuncisao|vasectomia|laqueadura|parto|episiotomia|epidural|anestesia\\w{0,1}|anestesic\\w{2}|sedac\\w{2,4}|curativ\\w{1,2}|sutura\\w{0,1}|drenag\\w{1,3}|drenos?|sondas?|cateter\\w{0,2}|respirador\\w{0,2}|cpap|nebulizac\\w{2,4}|inalac\\w{2,4}|inaladores?|bombinha\\w{0,1}|extrac\\w{2,4}|retirada d[aeo]s?|remoc\\w{2,4} d[aeo]s?|bariatrica|balao (?:gastrico|intragastrico)|diu|preservativo|esterilizac\\w{2,4}|
estimulac\\w{2,4}|neuroestimulac\\w{2,4}|eletrochoque|ect|choques?|ultrassom|ressonancia|tomografia|raio-?x|radiografia|biopsia|colonoscopia|rastreio|triagem|autoexame|check-?up|mapeamento|monitor\\w{2,8}|oximetr\\w{1,3}|telemedicina|teleconsulta|visitas? domiciliar\\w{0,2}|unidade de avc|stroke unit|ward|enfermaria|
agulha\\w{0,1}|ventosa\\w{0,1}|osteopatia|quiropraxia|reiki|hipnose|mindfulness|relaxamento|musica|musicoterapia|canto|cantar|singing|music|piano|pintar|jardinagem|gardening|leitura|jogos?|videogames?|palavras cruzadas|redes sociais|social media|noticias?|celular\\w{0,2}|smartphone\\w{0,1}|fones? de ouvido|fones|headphones|earbuds|tela|ecras?|decibeis|decibels|
soneca\\w{0,1}|cochilo\\w{0,1}|sesta|naps?|turno\\w{0,1}|plantoes|trabalho noturno|night shifts?|shift work|noites? (?:mal|sem) dormid\\w{0,2}|dormir|acordar cedo|respirar|mastigar|jantar|cafe da manha|pular refeic\\w{2,4}|beliscar|comer|beber|jejuar|sedentarismo|sentad\\w{1,2}|ficar parad\\w|subir escadas?|escadas|bicicleta|pedalar|pedal|hidroginastica|tai chi|boxe|futebol|esporte\\w{0,1}|treinar|agachamento\\w{0,1}|prancha|fortalecimento|alongar|postura|ergonomia|mochila\\w{0,1}|salto alto|demora\\w{0,1}|atras\\w{1,3}|adiar|delays?|waiting|receitas?|milagre\\w{0,1}|(?:em|in) \\w{1,6} (?:encontros|sessoes|sessions)|
couve|brocolis|espinafre|tomates?|cenoura|beterraba|alface|feijao|lentilha|arroz|pao|paes|macarrao|batata|mandioca|milho|ovos?|leite|queijo\\w{0,1}|iogurte|kefir|kombucha|manteiga|margarina|banha|bacon|salsicha\\w{0,1}|presunto|churrasco|fritura\\w{0,1}|frituras|fast[- ]food|doces?|sobremesas?|chocolate|cacau|sorvete|adocantes?|aspartame|stevia|sucralose|mel|banana|maca|laranja|abacate|abacaxi|mamao|uva\\w{0,1}|morango\\w{0,1}|acerola|acai|guarana|mirtilo\\w{0,1}|nozes|amendoim|sementes?|canela|pimenta|cebola|vinagre|glutens?|lactose|proteinas?|carboidratos?|cetogenica|mediterranea|vegan\\w{1,3}|vegetarian\\w{1,4}|low carb|salgadinh\\w{1,2}|biscoitos?|energetic\\w{1,2}|sucos?|caldo|sopa|
camomila|hibisco|boldo|hortela|erva[- ]\\w{3,10}|erva-de-sao-joao|kava[- ]kava|ginkgo|ginseng|valeriana|passiflora|arnica|babosa|aloe vera|eucalipto|equinacea|alecrim|louro|carqueja|cavalinha|unha de gato|copaiba|andiroba|cha verde|matcha|ashwagandha|garcinia|spirulina|clorofila|moringa|graviola|noni|melao-de-sao-caetano|
fumar|fumac\\w{1}|vapear|narguile|cigarro|charuto|cachimbo|bituca|agrotoxico\\w{0,1}|glifosato|amianto|asbesto|silica|benzeno|arsenico|cadmio|bisfenol|ftalatos?|plasticos?|microplasticos?|formaldeido|formol|tintas?|solventes?|poeira|mofo|acaros?|polen|queimadas|fuligem|particulas finas|ozonio|poluentes?|agua contaminada|esgoto|calor|ondas? de calor|frio|umidade|ar-condicionado|luz (?:solar|artificial)|sol|bronzeamento|bronzear|camara de bronzeamento|gatos?|cachorros?|cao|caes|animais de estimacao|pets?|dogs?|cats?|gado|pombos?|carrapatos?|areia|
casamento|divorcio|luto|isolamento|amizades?|amigos|voluntariado|fe|oracao|adocao|creche|escola em tempo integral|chefe\\w{0,1}|cobranca|assedio|bullying|desemprego|pobreza|renda|violencia|racismo|ruido|transito|estresse cronico|
seringa\\w{0,1}|picadas? de|mordida tratada|chupar dedo|dedo na boca|bico|mamadeira|amamentacao|amamentando|amamentad[oa]s|leite de vaca|formula infantil|papinha|andador|berco|colo|swaddl\\w{1,3}|canguru|copinho|
alcool em gel|lavar|luvas?|gloves|mascara|capacetes?|helmets?|cinto\\w{0,1}|seat ?belts?|airbags?|cadeirinha|oculos (?:escuros|de sol)|sunglasses|chapeu|filtros? de (?:ar|agua)|purificador\\w{0,2}|umidificador\\w{0,2}|vaso de plantas|aparelho auditivo|hearing aids?|cochlear implant|bengala|andador|barras de apoio|
doses?|reforco|booster|shots?|jabs?|gotinha\\w{0,1}|injetavel|remedio\\w{0,1}|medicaments?|meds|placebo|bobina|esquema\\w{0,1}|regime|regimen|pilula\\w{0,1}|hormonal|reposicao|estrogeno|testosterona|progesterona|levotiroxina|corticoides?|cortisona|corticosteroides?|fitoterapic\\w{1,3}|antigripal|antiacid\\w{1,2}|antitermic\\w|antifungic\\w{1,3}|antivir\\w{2,4}|vermifug\\w{1,2}|colirio\\w{0,1}|enxaguante\\w{0,1}|pasta de dente|creme dental|clareador|clareamento|aparelho ortodontico|selante|protese dentaria|restaurac\\w{2,4}|canal|siso|lentes? de contato|contact lenses|cirurgia refrativa|lasik|cataract surgery|hydroquinone|lotion|wash|mouthwash|toothpaste|whitening|retainers?|braces|
breakfast|meals?|snack\\w{0,3}|eating|walks?|sleeping|napping|jogging|cycling|swimming|dancing|lifting|chewing|fried food|junk food|soda|sodas|soft drinks?|juice|wine|beer|spirits|butter|margarine|oil|nuts|beans|oats|broccoli|kale|spinach|tomato\\w{0,2}|berries|blueberries|eggs?|dairy|milk|cheese|yogh?urt|fish|meat|bacon|sausages?|gluten|sweeteners?|chocolate|cocoa|turmeric|cinnamon|vinegar|chili|onions?|cranberry|chamomile|peppermint|ginkgo|mediterranean|keto\\w{0,5}|vegan|vegetarian|protein|
dust|mould|mold|pollen|smoke|wildfire|particulates?|ozone|bpa|phthalates?|microplastics?|pfas|heat ?waves?|cold weather|tanning|sunbeds?|sunlight|raking|gardening|soil|tap water|fluoridated|pets|ticks?|headlines|screen time|bedtime|earplugs|standing desks?|commut\\w{1,3}|green spaces?|volunteering|praying|marriage|divorce|bereavement|isolation|unemployment|poverty|bullying|
practice|drill\\w{0,1}|rehabilitation|coaching|counsell?ing|cbt|cognitive behaviou?ral|hypnosis|acupuncture|needles?|cupping|chiropract\\w{1,4}|osteopath\\w{1,3}|magnetic stimulation|nerve stimulation|electroshock|injection|jab|infusion|dialysis|catheter\\w{0,1}|inhalers?|ventilat\\w{2,4}|oxygen therapy|transfusion|stitches|dressings?|plaster|cast|epidural|c-section|caesarean|episiotomy|induction|midwi\\w{2,4}|doula|removal|removing|replacement|grafts?|bypass|ablation|biops\\w{1,3}|scans?|ultrasound|x-rays?|check-ups?|monitoring|app|apps|telehealth
"""
    )
)
# An infinitive or a gerund at the beginning is what somebody does: "Perder 5 kg faz o joelho doer menos".
_DOING = scan.compile(
    r"[\"“(]?(?:(?:ja|mas|e|ou|para a mae,|na pratica,|segundo \w{2,12},)\s)?(?:nao\s)?(?:\w{3,14}(?:ar|er|ir)(?:-se)?|por|\w{3,14}ing|left untreated)\s"
)
_TAKEN = scan.words(
    "(?:tomad|usad|ingerid|consumid|aplicad|administrad|congelad|guardad|inalad|misturad|associad|retirad|tirad|feit|colocad)[oa]s? (?:a|ao|com|por|no|na|em|depois|antes|de|duas|uma|cedo|tarde|sem|do|da)", "(?:taken|used|applied|given|swallowed|inhaled|started|worn|eaten|frozen) (?:at|before|after|for|in|with|too|early|late|daily|within)",
    "em excesso", "em altas doses", "in high doses", "in excess", "exposure", "sem tratamento", "untreated", "nao tratad[oa]s?", "quem (?!tem|nao|pode|precisa|for|quer|esta|pesa|alimenta|chega|trabalha|entra|faz|doa|vai|opera|empurra)\\w{3,14}", "os que \\w{3,14}", "as que \\w{3,14}", "entre (?:os|as) que", "entre quem", "vacinad[oa]s", "operad[oa]s", "submetid[oa]s", "tratad[oa]s", "amamentad[oa]s", "expost[oa]s",
    "people who", "those who", "patients given", "fed", "sedentari[oa]s", "fumantes", "smokers", "drinkers", "users",
)  # fmt: skip

# -- states -------------------------------------------------------------------------------------------------------------

STATE = scan.words(
    *_split(
        """
\\w{4,18}(?:emias?|algias?|patias?|penias?|plegias?|urias?|megalias?|rreias?|pneias?|plasias?|iases?|iase|tismo|demia|otoxicidade|estenose|esclerose|fibrose|necrose|trombose|artrose|osteoporose)|(?:bronqu|faring|laring|amigdal|apendic|colec|pancrea|mening|encefal|miocard|pericard|endocard|cist|nefr|colang|dermat|conjuntiv|ceratit|uve|ot|rin|sinus|gastr|enter|col|hepat|tendin|burs|artr|oste|fleb|vascul|tireoid|prostat|vagin|celul|folicul|estomat|gengiv|periodont|mast)ites?|
\\w{3,18}(?:aemia|opathy|algia|itis|osis|oma|uria|rrhea|rrhoea|pnoea|pnea|sclerosis|plegia|dynia)|
toxoplasmose|esporotricose|sporotrichosis|mesotelioma|mesothelioma|melanoma|linfoma|leucemia|bacteremias?|septicemia|tetano|coqueluche|difteria|poliomielite|polio|febre amarela|yellow fever|catapora|caxumba|rubeola|chikungunya|zika|leishmaniose|hansenias\\w|esquistossomose|chagas|raiva|rotavirus|colera|botulismo|salmonel\\w{1,4}|giardia\\w{0,2}|lombriga\\w{0,1}|escorbuto|beriberi|pelagra|bocio|hipotireoid\\w{1,4}|hipertireoid\\w{1,4}|autoimun\\w{1,4}|lupus|psoriase|vitiligo|rosacea|urticaria|coceira|descamac\\w{2,4}|ressecamento|dormen\\w{2,4}|formigamento|caimbras?|espasmos?|rigidez|travamento|torcicolo|hernias?|bico de papagaio|joanetes?|esporao|fascite|entorses?|luxac\\w{2,4}|
ansios\\w{1,2}|deprimid[oa]s?|depressiv\\w{1,2}|triste\\w{0,2}|humor|autoestima|burnout|esgotamento|exaustao|sonolencia|insone\\w{0,1}|pesadelos?|sonambulismo|ronco\\w{0,1}|roncar|apneia|delirio\\w{0,1}|alucinac\\w{2,4}|confusao mental|esquecimento\\w{0,1}|lapsos?|raciocinio|aprendizado|aprendizagem|linguagem|fala|gagueira|qi|concentracao|atencao|reflexos?|coordenacao|equilibrio|vertigens?|desmaio\\w{0,1}|tontura\\w{0,1}|
pressao(?: alta| arterial| diastolica| sistolica)?|glicemia|glicose|insulina|colesterol|triglicer\\w{2,6}|acido urico|creatinina|proteinuria|ferritina|hemoglobina|plaquetas|globulos|leucocitos|cortisol|melatonina|serotonina|dopamina|hormonios?|metabolismo|relogio biologico|ritmo circadiano|cintura|peso|quilos?|kg|emagrec\\w{1,5}|engord\\w{1,4}|gordura|musculos?|massa magra|ossos?|cartilage\\w{1,2}|colageno|articulac\\w{2,4}|juntas|joelhos?|quadril|coluna|costas|lombar|ombros?|pescoco|tornozelos?|pes?(?= (?:diabetico|inchad))|maos inchadas|
coracao|arterias?|veias?|vasos|circulacao|pulmao|pulmoes|bronquios|folego|respirac\\w{2,4}|garganta|ouvidos?|audicao|olhos?|visao|vista cansada|retina|cornea|cristalino|labios?|lingua|dentes?|esmalte|gengivas?|arcada|mordida|maxilar|estomago|intestinos?|figado|vesicula|pancreas|rim|rins|bexiga|prostata|utero|ovarios?|ovulac\\w{2,4}|menstruac\\w{2,4}|fluxo menstrual|esperma\\w{0,8}|fertilidade|libido|erec\\w{2,4}|gravidez|gestac\\w{2,4}|prematur\\w{1,5}|parto|placenta|leite materno|bebe prematuro|cerebro|neuronios?|nervos?|medula|pele|rugas?|manchas|cabelos?|fios|unhas?|cicatriz\\w{0,3}|ferida\\w{0,1}|celulas|dna|tumor\\w{0,2}|canceres|cancer|metastases?|nodulos?|polipos?|
infarto\\w{0,1}|avcs?|derrames?|trombos?|coagulos?|arritmia\\w{0,1}|palpitac\\w{2,4}|parada cardiaca|morte subita|obitos?|mortes?|mortalidade|mata[m]?|matou|mataram|morre\\w{0,3}|vidas|anos de vida|longevidade|expectativa de vida|sobrevida|sobreviv\\w{2,6}|internac\\w{2,4}|hospitalizac\\w{2,4}|uti|pronto-socorro|reinternac\\w{2,4}|alta hospitalar|complicac\\w{2,4}|sequelas?|incapacidade|invalidez|amputac\\w{2,4}|fraturas?|quedas?|acidentes|lesoes|lesao|
azia|enjoos?|vomit\\w{1,3}|diarreia\\w{0,1}|prisao de ventre|gases|inchaco|hemorroidas?|fissura\\w{0,1}|refluxo|ulcera\\w{0,1}|calculos?|pedras?(?= n[oa])|sede|urin\\w{1,5}|incontinencia|infec\\w{2,7}|virus|bacterias?|fungos?|vermes|imunidade|defesas|anticorpos|alergia\\w{0,1}|alergic\\w{1,2}|rinite|asma|chiado|crises?|tosse|catarro|gripe\\w{0,1}|resfriado\\w{0,1}|febre\\w{0,1}|febrinha|dor|dores|dolorid[oa]s?|doer|sintomas?|mal-estar|bem-estar|disposicao|energia|cansaco|fadiga|sono|dormir|fome|apetite|saciedade|vicio\\w{0,1}|dependencia|recaida\\w{0,1}|abstinencia|ressaca\\w{0,1}|intoxicac\\w{2,4}|hepatite\\w{0,1}|cirrose|anemia\\w{0,1}|desnutric\\w{2,4}|absorc\\w{2,4}|deficiencia\\w{0,1}|escorbuto|raquitismo|crescimento|estatura|saude|risco\\w{0,1}|perigo|chances?|efeitos? colatera\\w{1,2}|
lives|life expectancy|dying|dead|killed|admitted|readmitted|hospitals?|clots?|bleed\\w{0,3}|rash|itch\\w{0,3}|hives|blister\\w{0,1}|swollen|sore|sores|ache\\w{0,1}|aching|painful|painless|numb\\w{0,4}|tingling|stiff\\w{0,4}|cramp\\w{0,1}|spasm\\w{0,1}|sprain\\w{0,1}|bruis\\w{1,3}|snor\\w{1,3}|sleep\\w{0,4}|drowsy|drowsiness|awake|nightmares?|mood|blues|low spirits|worry|anxious|depressed|burnout|exhaust\\w{2,4}|tired\\w{0,4}|alert\\w{0,4}|recall|learning|speech|language|iq|attention|balance|dizz\\w{1,4}|faint\\w{0,3}|
sugar levels|insulin|lipids|ldl|uric acid|creatinine|h[a]?emoglobin|platelets|cortisol|waist|waistline|slim\\w{0,4}|weigh\\w{0,3}|muscle\\w{0,1}|bone\\w{0,1}|cartilage|joint\\w{0,1}|knees?|hips?|spine|backs?|neck|shoulder\\w{0,1}|arter(?:y|ies)|valves?|lungs?|breath\\w{0,4}|airways?|throat|ears?|hearing|eyes?|eyesight|sight|vision|retina|cornea|gums?|teeth|tooth|enamel|stomach|bowel\\w{0,1}|gut|bladder|kidneys?|liver|gallstones?|pancreas|prostate|womb|ovar(?:y|ies)|periods|sperm|miscarriage\\w{0,1}|stillbirth\\w{0,1}|preterm|birthweight|brain\\w{0,1}|neurons?|skin|wrinkle\\w{0,1}|scars?|hair|nails|wounds?|tumou?rs?|cancers?|lymphoma|melanoma|leuk[a]?emia|polyps?|attacks?|stroke|strokes|heart\\w{0,1}|infect\\w{2,5}|fungus|germs?|flu|colds?|fever\\w{0,1}|cough\\w{0,3}|wheez\\w{1,3}|asthma\\w{0,4}|allerg\\w{1,3}|eczema|addict\\w{2,4}|relapse\\w{0,1}|crav\\w{2,4}|hunger|appetite|thirst|sick\\w{0,4}|ill|illness\\w{0,2}|disease\\w{0,1}|danger|harm|good|out of ten cases|em cada dez casos|risk\\w{0,1}|odds|chances?|symptoms?|pain\\w{0,1}|headaches?|migraines?|immunity
"""
    )
)

# -- change -------------------------------------------------------------------------------------------------------------

CHANGE = scan.words(
    *_ar(
        "abaix abal abland abrand aceler acalm acab acentu acert acumul adormec afast afet afug agrav ajeit ajud aliment alivi alonga alter amansa amarel amen ameniz ampli amortec  antecip anul apag  aperfeico aplac apress aprimor arranc arruin arras assegur atac atenu atras atrapalh aument auxili avari baix barr beir benefici blind bloque brec "
        "cans castig caus cicatriz clare  combat compens complic comprov concentr congestion consolid const contamin contrabalanc contrari control cort cur cust danific debilit degrad deform demor derrub desacelera desafog desaparec desarranj desarrum desbot descarreg descongestion desempen desencadei desencoraj desenferruj desentup desgast desidrat desinch desinflam desinfet deslig desloc desmont desobstru despenc desperdic despert despist desregul destrav desvi deterior deton devast dificult dilat disfarc dispar dissip dit dobr drib drastic dren duplic "
        "elev elimin embaralh embot emperr empurr encharc encoraj encurt energiz engorda engross enrijec enterr entort entrav envenen equilibr equival erradic escor escurec esfri esgot esmag espant espalh estabiliz estanc estend estic estimul estrag estreit evapor evit exacerb expuls facilit falh favorec fech ferr fortific fragiliz fre freou frustr fulmin "
        "ganh garant gast gatilh gel  hidrat impuls inativ incendi incentiv inch incit inclin incomod inflam influenci inquiet intensific intoxic irrit jog lacr laxa les lesion leva libert limit limp livr lubrific machuc macul maltrat manch mat mele melhor  min minimiz minor mitig moder modific modul  morig mud multiplic murch neutraliz normaliz nubl obstru ocasion oxid "
        "paralis pass penaliz pior polu potenci potencializ poup precipit prejudic preserv pression prolong pux quadruplic quebr queim rasg ralent reabilit reajust realc reanim rebaix recuper recu redobr reequilibr reforc refre refresc regener regul regulariz relax renov repar repass resguard resolv respald ressec restaur result retard retom revigor revitaliz rod roub sabot salv sangr san sarar seca sec segur sensibiliz sepult sinaliz sobrecarreg solap solucion solt somatiz suaviz suavi super sustent tamp tard tir tonific torn transform trav trat trinc triplic triplica turb turbin turv "
        "vari venc vici vincul vit vulner zer atribu implic adoecer embaca enferruj resseca reduplic desaceler acobert rend tra desestabiliz escangalh avilt despluga aument decuplic fabric"
    ),
    *_er(
        "abastec adoec adormec amadurec amolec amortec apodrec aquec arrefec atend bat ced combat comprom compromet corro cresc desaparec desenvolv desfavorec devolv diss dissolv embranquec empobrec emudec encolh endurec enfraquec enlouquec enriquec enrijec entorpec envelhec enrubesc escurec estabelec estend estremec favorec fornec fortalec ferv form merec mov  oferec padec perd preench promov proteg reaparec recorr recomp remov reviv resolv revert respond ressent romp rejuvenesc sofr sobreviv suspend torc transcend venc desencad"
    ),
    *_ir(
        "abol adqu ag atribu aument bag cobr consegu consum contribu corrig  dilu dimin diminu diverg distingu  duplic elid esca exaur exib exprim extingu exting fer flu fug imped imprim incid  inflig inib interfer interferi invad instru obstru oprim permit persegu persist previn prefer prescind produz induz conduz reduz introduz traduz trad reag redu reflet regrid repercut repel repet repercut resist restitu restring reprim result revest  substitu suger suprim transmit un urg sub sa ca atra contra distra extra retra"
    ),
    *_split(
        """
mantem|mantiveram|manteve|detem|deteve|repoe|predispoe|cai|caem|caiu|cairam|sobe[m]?|subiu|subiram|some[m]?|sumiu|sumiram|foge|influi|reconstroi|destroi|destroem|corroi|doi|doem|adia|adiam|adiou|alivia|previne[m]?|evita[m]?|livra|vai embora|vao embora|aparec(?:e|em|eu|eram) ~2 (?:mais|menos)|rende[m]?|rendeu|cobra[m]? (?:seu|o) preco|roub\\w{1,4}|vai \\w{3,10}ando|equivale[m]?|veio acompanhad[oa]|vem acompanhad[oa]|corta o efeito|nao traz|nao resolve[m]?|nao poup\\w{1,4}|nao muda|tanto faz|(?:pode|podem|poderia|consegue|conseguem|costuma|costumam|ajuda|ajudam|ajuda a|ajudam a|chega a|chegam a|parece|parecem) (?!ser|estar|ter|haver|fazer|receber|usar|tomar|pedir|procurar|escolher|trazer|doar)\\w{3,14}(?:ar|er|ir)|
(?:foi|foram|e|sao|esta|estao) (?:implicad|atribuid|apontad|acusad|ligad|vinculad|relacionad|associad|culpad|responsave)\\w{1,4}|o preco a pagar|por culpa d[aeo]|por causa d[aeo]|gracas a\\w{0,1}|em parte por|a custa d[aeo]s?|
(?:e|sao|foi|foram|fica|ficam|sera) (?:um |uma )?(?:veneno|tiro no pe|escudo|armadilha|aliad\\w{1,2}|inimig\\w{1,2}|gatilho|vilao|vila|heroi|faca de dois gumes|bomba|colirio|balsamo|porta de entrada|consequencia|freio|combustivel|antidoto|remedio)|tao \\w{3,12} quanto|(?:mais|menos) (?:frequentes?|comuns?|comum|rar[oa]s?|graves?|intens[oa]s?|leves?|curt[oa]s?|long[oa]s?|provave(?:l|is)|cedo|depressa|devagar|lent[oa]s?|fortes?|fac(?:il|eis)|vezes)|(?:melhor|pior|melhores|piores) (?:do )?que|(?:o|pelo) dobro|metade|(?:um|dois) tercos?|um quarto|tres vezes|duas vezes|\\d{1,3} vezes|de \\d[\\d.,]{0,6} ?%? (?:para|a) \\d|\\d{1,2} em cada|semelhantes?|igual|iguais|mesmo desempenho|mesma proporcao|mesm[oa] (?:efeito|resultado|risco)|na mesma|sem diferenca|nenhum caso|zero casos|
gets? rid|do (?:nothing|more|less|wonders)|more harm|came down|comes? down|shed|lost|loses?|won|wins?|cuts?|hurts?|rids?|spread|shrank|shrinks?|sank|fell|falls|rose|rises|grew|grows|broke|breaks|eats? (?:into|away)|wore|wears? (?:off|out|down)|fought|fights|slept|led|leads?|stole|steals?|spares?|swept|beats?|beat|all but|rules? out|
(?:may|might|can|could|will|would|does|do|did|cannot|won't|doesn't|don't|didn't)(?: not| also| even| still| well| help)? (?!be\\s|take\\s|have\\s|need\\s|show\\s|find\\s|ask\\s|choose\\s|see\\s|get\\s|use\\s|go\\s|let\\s)\\w{3,14}|(?:fewer|lower|higher|better|worse|milder|rarer|safer|weaker|stronger|sharper) |\\w{3,10}er than|as \\w{3,12} as|half|twice|double|triple|a third|two thirds|a quarter|(?:one|two|three|four|five|six|seven|eight|nine|\\d{1,2}) (?:in|out of|for) (?:every )?(?:two|three|four|five|six|seven|eight|nine|ten|hundred|a hundred|\\d{1,4})|from \\d[\\d.,]{0,6} ?%? to \\d|no (?:change|edge|advantage|better|worse|difference|gain)|similar|the same|at bay|in check|price to pay|to blame|culprit|open to|prone to
"""
    ),
    *_en(
        "accelerat aggravat aid aggravate alter ameliorat amplif anaesthetis arrest banish battl blunt block bolster boost brighten bring buffer calm cancel caus chang cleans clear clog coax combat compound contribut control corrod counter cours curb curtail cushion damag dampen deaden decay delay deliver deplet deriv destabili[sz]e destroy deter diminish disrupt dissolv disturb doubl drain dull eas eliminat endanger enhanc erad erod exacerbat extend fade fight firm fix flar flush foil foster free fuel guard halt halv hamper hamstring harden harm hasten heal heighten help hinder hobble imped impair impede improv inflam inflict influenc inhibit interfer invit irritat jeopardi[sz]e kick kill lessen lift lighten limit loosen lower mask melt mend minimis modif multipl nip numb offer offset offset outperform outliv overload overtax paralys plummet poison postpon precipitat preserv prevent prolong promot protect provok quell quicken quiet rais ravag rebuild recover reduc refresh reinforc relax releas reliev remov repair replenish reset resolv restor retain retard reviv reward ruin sabotag safeguard sap scar scrub sear sharpen shav shield shorten slash slow smooth snap snuff soak sooth sour spark speed spik stabili[sz]e stain stall starv stav steadi stiffen stimulat stop strain strengthen stress strip stunt subsid suppress sustain swell tackl tam tax temper thin thwart tighten tim trigger trim tripl undermin undo unclog unlock upset vanish wane ward warp weaken widen worsen wreck yield manag work"
    ),
)
# Everyday verbs and degrees: the state has to follow at once.
WEAK = scan.words(
    *_split(
        """
faz|fazem|fez|fizeram|poe|poem|traz|trazem|trouxe|trouxeram|da|dao|deu|deram|deixa[m]?|deixou|deixaram|vira|viram|virou|fica[m]?|ficou|ficaram|ganha[m]?|ganharam|perde[m]?|perderam|tem|tinham|tiveram|exibiam|apresentam|apresentaram|mostraram|tira[m]?|leva[m]? (?:a|ao)|levou (?:a|ao)|serve[m]? (?:para|de|contra)|mais|menos|maior|menor|maiores|menores|a mais|a menos|expoe|aparece[m]?|surge[m]?|mant\\w{2,5}|
makes?|made|keeps?|kept|gives?|gave|takes?|took|leaves?|left|brings?|brought|turns?|puts?|lets?|more|less|longer|shorter|greater|smaller|faster|slower|feeds?|drives?|has|had|have
"""
    )
)
# These name the harm or the good themselves; an agent or a state is enough.
STRONG = scan.words(
    *_ar("intoxic envenen les lesion adoent viciou vici emagrecer engord rejuvenesc inflam sobrecarreg entort contamin"),
    "adoece[m]?", "adoeceu", "adoeceram", "emagrece[m]?", "engorda[m]?", "mata[m]?", "matou", "mataram", "encurta[m]? (?:a )?vidas?", "custa[m]? vidas", "(?:come|dorme|vive|urina|ronca|respira|sangra)[m]? ~1 (?:mais|menos|melhor|pior)", "nao traz(?:em)? (?:vantagem|beneficio|ganho)", "nunca mais", "never again", "melhor(?:es)? (?:do )?que (?:nada|placebo)", "better than nothing", "poisons?", "sickens?", "kills?", "is addictive", "fattens?",
)  # fmt: skip

_SIDE_EFFECT = scan.words(
    "(?:a|as|o|os) (?:reac\\w{2,4}|queixas?|efeitos?(?: colatera\\w{1,2}| advers\\w{2,3}| indesejad\\w{2,3})?|complicac\\w{2,4}|eventos? advers\\w{2}) ~3 mais (?:comu(?:m|ns)|frequentes?|ouvid\\w{1,2}|relatad\\w{1,2}|vist\\w{1,2}|citad\\w{1,2})", "(?:foi|foram|e|sao) (?:a|o|as|os) (?:queixas?|reac\\w{2,4}|efeitos?|complicac\\w{2,4}) ~2 mais",
    "the (?:most|commonest) ~1 ~1 (?:complaint|reaction|side effect|adverse event|complication)s?", "(?:complaint|reaction|side effect)s? ~2 (?:was|were|is|are) ~1 (?:headache|nausea|pain|fatigue|rash|fever)", "em \\w{1,8}(?: ?%)? dos casos e preciso ~6", "consequencia (?:frequente|comum|esperada|rara)", "frequent consequence",
)  # fmt: skip
_NO_CHANGE = scan.words(
    "(?:nao|nem) (?:se )?(?:observou|viu|notou|detectou|encontrou|registrou|houve|apareceu|mudou|verificou)(?:-se)? ~2 (?:diferencas?|mudancas?|ganhos?|efeitos?|alterac\\w{2,4}|variac\\w{2,4}|quedas?|impactos?)", "(?:no|little) (?:change|difference|gain|effect|shift|improvement) ~2 (?:was|were|is|in|between|on)",
    "tampouco (?:ha|houve|se viu) ~3", "em nada (?:mud|alter|melhor|ajud)\\w{1,4}", "(?:made|makes) (?:no|little) difference",
)  # fmt: skip
# "Menos sal, menos derrame."
_LESS_LESS = scan.compile(
    r"(?:menos|mais|less|more|fewer)\s\w{2,20}(?:\s\w{2,20}){0,2},\s(?:menos|mais|less|more|fewer|melhor|pior)\s\w{2,20}"
)

# -- refusals -----------------------------------------------------------------------------------------------------------

_REFUSED = scan.words(
    *_split(
        """
deve|devem|deveria|deveriam|recomenda-se|recomendamos|e recomendad[oa]|sao recomendad[oa]s|aconselha\\w{0,3}|orienta-se|orientamos|procure|consulte|converse|pergunte|informe|avise|evite|prefira|lembre|anote|mantenha|guarde|traga|faca|use|beba|coma|escolha|agende|marque|leia|veja|saiba|verifique|confira|siga|nao (?:tome|use|faca|pare|interrompa|deixe|compartilhe)|e importante|e preciso avisar|vale (?:a pena|lembrar|conversar)|convem|cabe ao|depende|precisa ser|precisam ser|e necessari[oa]|sera avaliad[oa]|
should|must|ask (?:your|a|the)|talk to|see (?:a|your)|consult|tell your|remember|avoid|make sure|check|call|bring|ought to|it is important|need to|needs to be|depends|is advised|are advised|is recommended|are recommended|recommends?|
lei|decreto|portaria|resolucao|norma|regulamento|multa|proibid[oa]|proibe|obriga\\w{2,6}|direito|direitos|constituic\\w{2,4}|anvisa|anuncio|congresso|simposio|curso|oficina|palestra|campanha|mutirao|inaugur\\w{2,6}|museu|exposicao fotografica|romance|filme|novela|serie|livro|pintor|escritor\\w{0,2}|poeta|cantor\\w{0,2}|orquestra|futebol|campeonato|partida|gol|torcida|empresa|empresas|fabrica|fabricante|orcamento|licitac\\w{2,4}|vereador\\w{0,2}|prefeit\\w{1,3}|ministeri\\w{1,2}|governo|deputad\\w{2,3}|hospital universitario|bibliotec\\w{2,5}|arquivo|software|equipe|funcionari\\w{2,3}|voluntarios da|recepc\\w{2,8}|porteir\\w{1,2}|motoristas?|enfermeir\\w{1,2}|tecnic[oa]s?|estagiari\\w{2,3}|professor\\w{0,2}|aluno\\w{0,1}|aula\\w{0,1}|biologo|engenh\\w{2,8}|arquitet\\w{1,3}|seculo\\w{0,1}|antigamente|na epoca|em 1[6-9]\\d\\d|guerra|imperador|rei|rainha|
law|statute|ordinance|regulation|court|rights?|budget|council|congress|seminar|workshop|campaign|museum|novel|film|movie|song|painter|writer|poet|league|team|staff|nurses?|receptionist|librarian|teacher|engineer|software|spreadsheet|archive|century|in 1[6-9]\\d\\d|war|king|queen|company|factory|manufacturer|warranty|battery|bus|train|building|corridor|kitchen|
mito|mitos|lenda|boato|myth|hoax|dizem que|acredita-se|ha quem diga|diz a lenda|rumou?r|
objetivo|avaliar|investigar|comparamos|mediu-se|mediram|foram medid[oa]s|foram sortead[oa]s|sortead[oa]s|questionario|formulario|recrut\\w{2,6}|amostra|participaram|inclui[um]? \\d|idade media|randomiz\\w{2,6}|we (?:measured|assessed|recruited|asked|enrolled|compared)|were (?:asked|measured|recruited|randomi[sz]ed|enrolled)|measured|assessed|questionnaire|
chama-se|chamad[oa]|define-se|definid[oa]|consiste|significa|e o nome|refere-se|e um exame|e uma doenca|ocorre quando|is called|called|refers to|is defined|means that|is a term|happens when|occurs when|takes place when|kinds of|tipos? de|
prevalencia|convivem com|vivem com|da populacao|dos brasileiros|casos novos|estima-se|por 100 mil|prevalence|of the population|live with|per 100,000|casos por ano|relatorio|rotulos?|etiquetas?|cartao|laboratorio|diagnostico e feito|sao feit[oa]s|e feit[oa]|exames do|valores de referencia|agente|r\\$|crm\\W\\w{2}|pesa[m]?|versao|entrou no ar|permit\\w{1,3}|conversam|tarde demais|too late|[a-z]\\d\\d|se apresentar|documento|sala|bloco|rua|consorcio|cortesia|manual|placas?|roupas?|cliente oculto|frequentadores|cadeiras?|crianca que vai|milhares de aparelhos|limitar|orientacao|roteiro|socorristas|bombeiros|teste rapido|antes de sair|conforme|a bula informa|bula|leaflet|live d[aeo]|experimente|sinta|cura definitiva|nao tem efeitos? colatera\\w{1,2}|(?:main|known|common) risk factors|principais fatores de risco|procurar ajuda|quer saber|colher|lote|vencimento|queue|bridges|every (?:six|four|eight|\\d) hours|entram|entradas|saidas|hemocultura|charlata\\w{1,4}|trofeu|arraste|compare|venha|implante ja|cura pranica|abencoad\\w|scan takes|number of
"""
    )
)
_OPENS_WITH_ADVICE = scan.compile(
    r"(?:nao |para |se |caso |quando possivel, )?(?:\w{3,12}(?:e|a)m? (?:sempre|tambem|bem) |se (?:voce|o seu|a sua|houver|notar|sentir)|if you|please|do not|don't|never|always)"
)
_PERSON = scan.words(
    "dona", "seu \\w{4,12}(?= (?:chegou|entrou|voltou|foi))", "d\\.", "eu", "me", "meu", "minha", "meus", "minhas", "my", "i", "i'm", "we", "our", "mother", "father", "mae dele", "avo", "avos", "filh[oa]", "marido", "esposa", "irma", "irmao", "vizinh[oa]", "husband", "wife", "daughter", "son", "grandmother",
    "paciente", "patient", "ele (?:chegou|voltou|disse|contou|sentiu|passou)", "ela (?:chegou|voltou|disse|contou|sentiu|passou)", "he", "she", "his", "her", "him", "contou", "disse", "diz", "explica", "explicou", "lembra", "afirma", "says?", "said", "recalls?", "told", "explains",
)  # fmt: skip

_EXISTS = scan.compile(r"(?:ha|havera|existem?|there (?:is|are)|chegou|chegaram)\s")
_PRONOUN = scan.compile(r"(?:eles|elas|isso|ambos|ambas|it|they|both)\s")


def asserts(s: frames.Sentence) -> bool:
    """Whether agent, state and change meet in the sentence and nothing says that it is no claim."""
    if s.has(_REFUSED) or s.has(_PERSON) or _OPENS_WITH_ADVICE.match(s.fold, s.start, s.end) is not None:
        return False
    if s.fold[s.start : s.end].rstrip("\"')]”» ")[-1:] not in (".", "!", "…"):
        return False  # a heading, a label, a cell
    if (s.has(STATE) or s.has(cue.OUTCOME)) and (s.has(_SIDE_EFFECT) or s.has(_NO_CHANGE)):
        return True
    agent = _agent(s)
    if agent is None:
        return False
    if _EXISTS.match(s.fold, s.start, s.end) is not None:
        return False
    return (
        _changes(s, agent, CHANGE, 90)
        or _changes(s, agent, WEAK, 34)
        or _finite(s, STRONG, agent)
        or (_LESS_LESS.match(s.fold, s.start, s.end) is not None and s.has(STATE))
    )


def _agent(s: frames.Sentence) -> tuple[int, int] | None:
    """The first span that names what acts. A pronoun stands for what the sentence before named."""
    pronoun = _PRONOUN.match(s.fold, s.start, s.end)
    if pronoun is not None:
        context = max(0, s.start - 220)
        return pronoun.span() if any(p.search(s.fold, context, s.start) for p in (AGENT, frames.CARE)) else None
    doing = _DOING.match(s.fold, s.start, s.end)
    if doing is not None:
        return doing.span()
    found = [
        match.span()
        for match in (p.search(s.fold, s.start, s.end) for p in (AGENT, frames.CARE, _TAKEN))
        if match is not None
    ]
    return min(found, default=None)


def _changes(s: frames.Sentence, agent: tuple[int, int], pattern: scan.Pattern, reach: int) -> bool:
    """A word of change near the agent, and within reach of it a state that is neither of the two."""
    for match in pattern.finditer(s.fold, s.start, s.end):
        if _overlaps(match.span(), agent) or abs(match.start() - agent[1]) > 140 or _noun(s, match.start()):
            continue
        if (match.group() == "da" and s.view.text[match.start() + 1] in "aA") or (
            pattern is WEAK and match.start() < agent[1]
        ):
            continue
        after = min(s.end, match.end() + reach)
        before = max(s.start, match.start() - reach) if pattern is CHANGE else match.end()
        for states in (STATE, cue.OUTCOME):
            for state in states.finditer(s.fold, before, after):
                if not _overlaps(state.span(), match.span()) and not _overlaps(state.span(), agent):
                    return True
    return False


def _finite(s: frames.Sentence, pattern: scan.Pattern, agent: tuple[int, int]) -> bool:
    return any(
        match.start() >= agent[1] and not _noun(s, match.start()) for match in pattern.finditer(s.fold, s.start, s.end)
    )


def _noun(s: frames.Sentence, position: int) -> bool:
    """A determiner or preposition before it makes a noun of it; "to do" is none, though Portuguese "do" is."""
    return frames._noun_before(s, position) and not (
        s.view.lang == "en" and s.fold[max(0, position - 4) : position] == " do "
    )


def _overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
