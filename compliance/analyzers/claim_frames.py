"""Frames in which an effect is asserted without one of the plain verbs of ``claim_cues`` (domain 3.1). Folded text.

Each frame ties an intervention, exposure, test or product (CARE) or a group of people who share one to an outcome of health:
"internações foram mais raras entre vacinados", "chá de boldo é tiro e queda para a ressaca", "quem fuma adoece mais".
"""

from __future__ import annotations

from typing import Protocol

from . import claim_cues as cue
from . import scan
from .text import View


class Sentence(Protocol):
    """What a frame asks of the sentence that ``claims`` reads."""

    start: int
    end: int
    fold: str
    view: View

    def has(self, pattern: scan.Pattern) -> bool: ...


def _list(text: str) -> list[str]:
    return [" ".join(item.split()) for item in text.replace("\n", " ").split("|") if item.strip()]


NEAR, FAR = 60, 110

CARE = scan.words(
    *_list(
        """
acupuntura|exercicios?(?: fisico)?|atividades? fisicas?|caminhadas?|caminhar|caminharam|correr|nadar|natacao|ioga|yoga|pilates|meditacao|massagens?|alongamentos?|musculacao|treinos?|treinamento de forca|danca|
vacin\\w{1,8}|imuniza\\w{1,6}|chas?|mel|alho|gengibre|curcuma|propolis|limao|acucar|sal|sodio|cafe|cafeina|vinho|cerveja|alcool|bebidas?|refrigerantes?|ultraprocessados?|gorduras? trans|embutidos|carne vermelha|frutas?|verduras?|legumes|fibras?|laticinios|castanhas|azeite|peixes?|soja|aveia|linhaca|chia|
dietas?|jejum|alimentac\\w{1,4}|leite materno|aleitamento\\w{0,2}|amament\\w{1,6}|mamadeira|chupeta|cigarros?(?: eletronicos?)?|vape|fumar|fumantes?|fumo|tabaco|tabagismo|nicotina|maconha|cannabis|canabidiol|cocaina|crack|drogas?|
telas|celular na cama|luz azul|sedentarismo|sedentari[oa]s?|solidao|estresse|poluicao|fumaca|ruido|barulho|calor extremo|chumbo|mercurio|amianto|agrotoxicos?|radiac\\w{1,4}|sol sem protecao|exposic\\w{1,4}|
suplement\\w{1,6}|vitaminas?|calcio|zinco|magnesio|ferro|fluor|fluoretac\\w{1,3}|omega[- ]?3|probiotic\\w{1,3}|colageno|creatina|whey|melatonina|antioxidantes?|oleos?|extratos?|fitoterapic\\w{1,3}|ervas?|plantas?|homeopatia|florais|
remedios?|medicamentos?|medicac\\w{1,4}|farmacos?|comprimidos?|capsulas?|gotas|xaropes?|sprays?|pomadas?|cremes?|gel|locao|shampoo|serum|soro(?: caseiro| fisiologico)?|injec\\w{1,4}|antibiotic\\w{1,3}|analgesic\\w{1,3}|anti-inflamatori\\w{1,2}|anticoagulantes?|antidepressiv\\w{1,2}|antialergic\\w{1,2}|anti-hipertensiv\\w{1,2}|diuretic\\w{1,2}|corticoid\\w{1,2}|estatinas?|insulina|pilulas?|anticoncepciona\\w{1,2}|sedativos?|calmantes?|estimulantes?|laxantes?|hormoni\\w{1,2}|
tratament\\w{1,2}|tratad[oa]s|cirurgias?|operac\\w{1,4}|operad[oa]s|transplantes?|implantes?|proteses?|stents?|marca-?passos?|aparelhos?|laser|lentes?|oculos|palmilhas?|talas?|orteses?|coletes?|colch\\w{1,4}|travesseiros?|meias de compressao|compressas?|gelo|repouso|hidratac\\w{1,3}|
\\w{3,16}(?:terapias?|plastias?|ectomias?|scopias?)|terapias?|psicoterapia|fisioterapia|reabilitac\\w{1,3}|rastreament\\w{1,2}|mamografias?|papanicolau|preventivo|exames?|testes?|teste do pezinho|mascaras?|preservativos?|camisinha|mosquiteir\\w{1,2}|repelentes?|protetor solar|filtro solar|higiene|higienizac\\w{1,3}|lavagem|lavar as maos|escovac\\w{1,3}|fio dental|gargarejos?|banhos?(?: de sol)?|saneamento|
metodos?|tecnicas?|protocolos?|formulas?|programas? de exercicio\\w{0,1}|intervenc\\w{1,4}|corretor|dispositivos?|produtos?|adesivos?|pulseiras?|chips?|bracelete|infus\\w{1,4}|ventilac\\w{1,3}|oxigenio|dialise|transfus\\w{1,4}|trocas? d[aeo]|colocac\\w{1,3}|cateter\\w{0,2}|valvulas?|esquemas?|combinac\\w{1,4}|parto normal|cesarea|contato pele a pele|dormir (?:pouco|menos|mal|bem)|privac\\w{1,3}|excesso de \\w{3,14}|falta de \\w{3,14}|deficiencia de \\w{3,14}|uso (?:de|do|da|prolongado|excessivo|diario|regular|continuo)|consumo|ingestao|beber|comer|ficar muito tempo|
\\w{3,18}(?:olol|pril|sartana|prazol|cilina|micina|floxacino|statina|tidina|azol|mabe|nibe|parina|formina|glutida|patida|gliflozina|tide|oxetina|profeno|cetamol)|dipirona|morfina|cetamina|litio|aspirina|
exercis\\w{1,4}|walking|running|yoga|meditation|massage|stretching|training|vaccin\\w{1,6}|vaping|smok\\w{1,4}|cigarettes?|tobacco|alcohol|drinking|coffee|caffeine|tea|teas|honey|garlic|ginger|sugar|salt|high-salt|sodium|diets?|fasting|fib(?:er|re)|fruit|vegetables|processed (?:food|meat)|red meat|breast-?fe\\w{1,6}|screens?|blue light|sitting|sedentary|loneliness|stress|air pollution|pollution|noise|lead|mercury|asbestos|pesticides?|radiation|exposure|exposed to|
supplements?|vitamins?|calcium|zinc|magnesium|iron|fluoride|omega-3|probiotics?|collagen|creatine|melatonin|antioxidants?|oils?|extracts?|herbs?|herbal|homeopath\\w{1,3}|drugs?|medicines?|medication\\w{0,1}|tablets?|pills?|capsules?|drops|syrups?|sprays?|ointments?|creams?|serum|balm|gels?|injections?|antibiotics?|painkillers?|anti-inflammator\\w{1,3}|anticoagulants?|antidepressants?|blockers?|statins?|insulin|sedatives?|stimulants?|laxatives?|aspirin|ibuprofen|paracetamol|steroids?|
treatments?|treated|therap\\w{1,5}|surgery|operations?|transplants?|implants?|prosthes\\w{1,2}|stents?|pacemakers?|devices?|lasers?|braces?|splints?|insoles?|mattress\\w{0,2}|pillows?|compression stockings|compress\\w{0,2}|rest|physiotherapy|physical therapy|rehab\\w{0,10}|psychotherapy|screening|mammogra\\w{1,4}|colonoscop\\w{1,3}|tests?|masks?|condoms?|bed nets?|repellents?|sunscreen|hygiene|hand ?washing|brushing|flossing|bath\\w{0,3}|methods?|protocols?|intervention|sleeping less|sleep deprivation|lack of|excess|use of|intake|consumption
"""
    )
)

# Outcomes that the plain list does not hold because alone they are everyday words.
_MORE = _list(
    """
ressaca|solucos?|espirros?|qi|joanetes?|palpitac\\w{1,4}|sequelas?|postura|mastigar|cansaco|pernas?|pescoco|bracos?|tendao|tendoes|veias?|pulmao|garganta inflamada|otites?|surtos?|anos de vida|sono|autoestima|disposicao|foco|memoria|organismo|corpo|defesas|imunologic\\w|
chiado|mucosa|emagrecer|emagrecimento|saciedade|algias?|gasto energetico|queimar gordura|hematomas?|caspa|olheiras?|flacidez|papada|celulite|infeccios\\w{1,2}|aftas?|herpes|assadura|gordurinhas?|quilos?|kg|alcoolismo|nervosismo|mau olhado|peste|raiva|teimosia|gagueira|enurese|xixi na cama|
hangovers?|hiccups?|sneezing|iq|bunions?|palpitations?|posture|low back|tinnitus|vertigo|gout|morning sickness|ear infections?|cognitive decline|liver|wrinkles|asleep|years off|admitted to hospital|decaying|decay|kg|pounds|jet lag|sore throats?|alivio|relief|cancelamento da dor|plaque|bruis\\w{1,3}|dandruff|blackheads|alcoholism|limp|cane
"""
)
_ANY_MORE = scan.words(*_MORE)

# -- predicates ---------------------------------------------------------------------------------------------------------

# An agent does this to an outcome. None of them is news of itself; with CARE before and an outcome behind it is.
_ACTS = scan.words(
    *_list(
        """
(?:da|dao|deu|poe|poem|bota) (?:um )?(?:fim|cabo|jeito|basta|alivio|descanso|trabalho) (?:a|ao|aos|as|n[oa]s?|d[aeo]s?|para)|(?:da|dao|deu) conta d[aeo]s?|(?:manda|mandam) (?:a|o|as|os|embora)|espanta[m]?|derruba[m]?|derrubou|faz(?:em)? ~1 (?:sumir|desaparecer|baixar|cair|subir|ceder|crescer)|fez ~1 (?:cair|subir|sumir)|some[m]? com|varre[m]?|expulsa[m]?|desentope[m]?|derrete[m]?|apaga[m]?|arranca[m]?|
tranquiliza[m]?|murcha[m]?|desincha[m]?|devolve[m]?|devolveu|rouba[m]?|pesa[m]? sobre|aprimora[m]?|propicia[m]?|sobrecarrega[m]?|castiga[m]?|maltrata[m]?|agride[m]?|ataca[m]?|corroi|corroem|entope[m]?|inflama[m]?|mexe[m]? com|enfraquece[m]?|rebaixa[m]?|encurta[m]?|alonga[m]?|estende[m]?|poupa[m]?|resguarda[m]?|blinda[m]?|freia[m]?|freou|barra[m]?|acelera[m]?|(?:identifica[m]?|flagra[m]?) ~5 (?:tumor(?:es)?|cancer|lesoes|polipos|casos|infecc\\w{1,4}|doencas?|maioria)|antecipa[m]?|facilita[m]?|dificulta[m]?|
salva[m]?|salvou|salvaram|filtra[m]?|retira[m]?|corta[m]?|cortou|abafa[m]?|aplaca[m]?|domina[m]?|trava[m]?|segura[m]?|recompoe|reconstroi|revitaliza[m]?|nutre[m]?|energiza[m]?|melhoram?|piora[m]?|amplia[m]?|ampliou|estica[m]?|derrota[m]?|vence[m]?|resolve[m]?|resolveu|soluciona[m]?|evitou|contem|conteve|abranda[m]?|abrandou|refresca[m]?|relaxa[m]?|descongestiona[m]?|lubrifica[m]?|clareia[m]?|firma[m]?|enrijece[m]?|rejuvenesce[m]?|reequilibra[m]?|turbina[m]?|
interfere[m]? (?:n[oa]s?|com)|interferiu n[oa]s?|influencia[m]?|influi n[oa]s?|repercute[m]? n[oa]s?|afeta[m]?|altera[m]?|alterou|muda[m]?|mudou|modifica[m]?|repoe|repoem|contribui\\w{0,2} (?:para|com)|colabora[m]? (?:para|com)|responde[m]? por|(?:e|sao|foi|foram) responsave(?:l|is) p\\w{2,4}|esta[o]? por tras d[aeo]s?|torna[m]? ~5 (?:mais|menos)|deixa[m]? ~4 (?:mais|menos|sem)|
serve[m]? (?:para|contra|de remedio)|adianta[m]? (?:para|contra|n[oa]s?)|funciona[m]? (?:para|contra|n[oa]s?|bem)|funcionou|basta[m]? para|(?:tem|teve|tiveram|tem tido|surte|surtiu|produz|produziu|exerce) ~2 (?:efeitos?(?! (?:colatera|adverso|indesej))|acao|impacto|influencia|reflexos?|papel)|(?:tem|ha) relacao com|
(?:traz|trazem|trouxe|trouxeram|da|dao|deu|oferece[m]?|ofereceu|confere[m]?|conferiu|proporciona[m]?|proporcionou|garante[m]?|fornece[m]?|representa[m]?|gera[m]?|causa[m]?) ~2 (?:alivio|protecao|beneficios?|ganhos?|melhora|conforto|danos?|prejuizos?|riscos?|resultados?|efeitos?|vantage(?:m|ns)|imunidade|sobrevida|palpitac\\w{1,4}|sono|bem-estar|auxilio|saciedade|saude|reducao|diminuicao|aumento)|
(?:faz|fazem|fez|fizeram) ~1 (?:bem|mal|diferenca|efeito|milagre\\w{0,1}|falta)|toma(?:m)? conta d[aeo]s?|desempenha[m]? papel|cuida[m]? d[aeo]s?|
cuts?|halves|soothes?|eases?|ends?|ended|clears?|shifts?|knocks? out|wipes? out|washes away|melts?|banishes|keeps? ~4 (?:away|from|healthy|at bay|down|low|in check)|does? nothing for|do nothing for|takes? ~3 (?:off|away)|puts? ~3 (?:strain|pressure|stress|load) on|strains?|taxes|wrecks?|ruins?|robs?|hurts?|harms?|spares?|spared|save[sd]?|helps?|helped|gave|gives?|brings?|makes? ~3 (?:difference|better|worse|stronger|weaker|less|more)|made ~2 difference|works?|worked|cleanses?|cleanse|slowed|slows?|speeds? up|sped up|leads? to|lead to|responsible for|accounts? for|drives?|fuels?|contributes? to|affects?|alters?|changes?|boosts?|lifts?|dampens?|calms?|guards? against|shields?|wards? off|staves? off|counters?|interferes? with
"""
    )
)

_EVALUATED = scan.words(
    *_list(
        """
(?:e|sao|foi|foram|seria|pode ser|podem ser|continua(?:m)?(?: sendo)?|nao e|nao sao) ~3 (?:tiro e queda|santo remedio|um remedio|remedio natural|bom|boa|bons|boas|otim[oa]s?|excelentes?|ruim|ruins|pessim[oa]s?|nociv[oa]s?|prejudicia(?:l|is)|perigos[oa]s?|danos[oa]s?|inut(?:il|eis)|uteis|util|inocu[oa]s? contra|imbative(?:l|is)|poderos[oa]s?|aliad[oa]s?|inimig[oa]s?|a melhor (?:defesa|protecao|arma)|o melhor (?:remedio|tratamento)|infalive(?:l|is)|fata(?:l|is)|toxic[oa]s?|protetor(?:es|as?)?|capaz(?:es)?|veneno) ~1 (?:para|contra|a|ao|aos|as|n[oa]s?|em|d[aeo]s?|de)|
(?:e|sao) ~2 (?:antibiotic\\w{1,2}|anti-inflamatori\\w{1,2}|analgesic\\w{1,2}|calmante|diuretic\\w|laxante|antioxidante|cicatrizante|antidepressivo|termogenic\\w|afrodisiaco|energetico|repelente) natura(?:l|is)|
tiro e queda|santo remedio|(?:faz|fazem) (?:muito )?(?:bem|mal)(?= (?:a|ao|aos|as|para|a saude))|
(?:is|are|was|were|can be|may be|be) ~2 (?:good|great|excellent|bad|terrible|harmful|dangerous|useless|useful|toxic|deadly|the best (?:way|medicine|remedy|defen[cs]e|treatment)|best|helpful|no better|no use|as good|half as likely|twice as likely|less likely|more likely) ~1 (?:for|against|to|than|as|in|at)|is natural (?:antibiotic|painkiller)
"""
    )
)

_MOVES = scan.words(
    *_list(
        """
cai|caem|caiu|cairam|abaixa[m]?|baixa[m]?|baixou|cede[m]?|cedeu|cederam|sumiu|sumiram|some[m]?|desapareceu|desapareceram|desaparece[m]?|diminui|diminuem|diminuiu|diminuiram|reduziu-se|reduziram-se|recuou|recuaram|subiu|subiram|sobe[m]?|aument(?:a|am|ou|aram)|dobr(?:a|am|ou|aram)|triplic(?:a|am|ou|aram)|cresceu|cresceram|melhor(?:a|am|ou|aram)|pior(?:a|am|ou|aram)|acaba(?:m|ou|ram)?|passa(?:m|ou)?|despenc(?:a|am|ou|aram)|volta(?:m)? a (?:crescer|andar|funcionar|enxergar)|regrid(?:e|em|iu|iram)|encolhe(?:m|u|ram)?|
(?:e|sao|foi|foram|fica[m]?|ficou|ficaram|ocorre[m]?|ocorreu|ocorreram|aparece[m]?) ~4 (?:mais|menos) (?:frequentes?|comuns?|rar[oa]s?|graves?|intens[oa]s?|leves?|curt[oa]s?|long[oa]s?|baix[oa]s?|alt[oa]s?|provave(?:l|is)|cedo|rapid[oa]s?|lent[oa]s?|vezes)|
fell|falls?|dropped|drops?|rose|rises?|declined|declines?|vanish(?:es|ed)?|disappear(?:s|ed)?|improve[sd]?|worsen(?:s|ed)?|doubled|halved|grows? back|shrank|shrinks?|eased|(?:is|are|was|were) ~3 (?:rarer|more common|less common|more frequent|less frequent|milder|shorter|longer)
"""
    )
)
# By, with, after, thanks to, among: what joins a moving outcome to a care.
_JOINS = scan.words(
    *_list(
        """
com|apos|depois d[aeo]s?|gracas a\\w{0,1}|gracas aos?|entre|n[oa]s? grupos?|em quem|entre quem|para quem|quando|durante|desde|por causa d[aeo]s?|devido a\\w{0,1}|sob|mediante|a custa d[aeo]s?|pel[oa]s?|nos que|nas que|de quem|n[oa]s?|sem|ao|
with|after|following|thanks to|among|in (?:the|those|people|patients)|on|by|because of|due to|under|when|during|since|without
"""
    )
)

_FOLK = scan.words(
    *_list(
        """
quem ~6|vacinad[oa]s|nao vacinad[oa]s|imunizad[oa]s|fumantes|ex-fumantes|sedentari[oa]s|amamentad[oa]s|tratad[oa]s|operad[oa]s|expost[oa]s|medicad[oa]s|suplementad[oa]s|
(?:pessoas|pacientes|criancas|bebes|adultos|idos[oa]s|mulheres|homens|gestantes|adolescentes|participantes|voluntari[oa]s|trabalhadores|usuari[oa]s|diabetic[oa]s|hipertens[oa]s) ~1 (?:que|sedentari[oa]s|vacinad[oa]s|fumantes|amamentad[oa]s|expost[oa]s|tratad[oa]s|medicad[oa]s|fisicamente ativ[oa]s|ativ[oa]s|submetid[oa]s)|(?:o|no) grupo (?:da intervencao|tratad[oa]|que|d[aeo])|
(?:people|patients|children|babies|adults|women|men|participants|volunteers|workers|smokers|users|drinkers|those) ~1 (?:who|exposed|treated|vaccinated|given|taking|on)|vaccinated ~1|unvaccinated ~1|breast-?fed ~1|smokers|non-?smokers|those ~1 (?:who|treated|taking)|the (?:treated|intervention|vaccine|exercise|treatment) (?:group|arm)
"""
    )
)
_FARES = scan.words(
    *_list(
        """
(?:adoece[m]?|adoeceu|adoeceram|morre[m]?|morreram|cai|caem|caiu|cairam|engorda[m]?|engordaram|emagrece[m]?|emagreceram|vive[m]?|viveram|sangra[m]?|sangraram|interna[m]?|internaram|infarta[m]?|fratura[m]?|dorme[m]?|dormiram|sofre[m]?|sofreram|envelhece[m]?|recaem|recairam|recupera[m]?(?:-se)?|recuperaram) ~1 (?:mais|menos|melhor|pior|antes|cedo|a metade|o dobro)|
(?:tem|tinham|tiveram|teve|corre[m]?|correram|apresenta[m]?|apresentaram|desenvolve[m]?|desenvolveram|pega[m]?|pegaram|ganha[m]?|ganharam|perde[m]?|perderam|relata[m]?|relataram|precisa[m]? de|precisaram de|sofre[m]?|sofreram|registra[m]?|mostra[m]?|mostraram|acumula[m]?) ~3 (?:mais|menos|maior(?:es)?|menor(?:es)?|melhor(?:es)?|pior(?:es)?|o dobro|metade|em media \\d|\\d)|
(?:get|gets|got|have|had|has|gain|gained|lose|lost|suffer|suffered|need|needed|report|reported|develop|developed|live|lived|die|died|sleep|slept|bleed|bled|fall|fell|recover|recovered|spend|spent) ~2 (?:fewer|more|less|lower|higher|better|worse|longer|earlier|sooner|faster|half|twice|\\d)|(?:are|were) ~2 (?:half as|twice as|less|more|\\d{1,3} ?%|three times) ~2 likely
"""
    )
)

_NOUN_OF_CHANGE = scan.words(
    *_list(
        """
(?:reducao|diminuicao|queda|aumento|melhora|melhoria|alivio|prevencao|ganho|elevacao|remissao|regressao|perda|desaparecimento|encurtamento|piora|agravamento|recuperacao) d[aeo]s? ~4|(?:reduction|decrease|drop|improvement|relief|fall|rise|increase|decline) (?:in|of) ~3
"""
    )
)
_OCCURS = scan.words(
    *_list(
        """
foi|foram|e|sao|chega|chegou|chegaram|ocorre[m]?|ocorreu|acontece[m]?|aconteceu|aparece[m]?|apareceu|vem|surge[m]?|surgiu|dura[m]?|durou|ficou|passou|supera|superou|was|were|is|are|reached|came|comes|occurred|appears|lasted|lasts
"""
    )
)

_RATE = scan.words(
    *_list(
        """
(?:taxas? de (?:cura|resposta|remissao|sobrevida|protecao|acerto|recidiva|recuperacao|cicatrizacao|complicac\\w{1,4}|deteccao|abandono do cigarro)|eficacia|efetividade|protecao|sensibilidade|especificidade|acuracia|valor preditivo \\w{6,9}) ~9 (?:\\d{1,3}(?:[.,]\\d{1,2})? ?%|\\d{1,3} em cada \\d{1,3}|\\d{1,3} por cento)|
\\d{1,3}(?:[.,]\\d{1,2})? ?% (?:de )?(?:eficacia|efetividade|eficaz|sensibilidade|especificidade|protecao|cura|sucesso em)|
(?:cure|response|remission|survival|detection) rates? ~8 \\d{1,3}(?:[.,]\\d{1,2})? ?%|(?:sensitivity|specificity|accuracy|efficacy|effectiveness|predictive value) ~6 \\d{1,3}(?:[.,]\\d{1,2})? ?%|\\d{1,3}(?:[.,]\\d{1,2})? ?% (?:effective|sensitive|specific|efficacy|protection|success in)
"""
    )
)

_NO_CHANGE = scan.words(
    *_list(
        """
(?:nenhuma?|sem|nao (?:houve|ha|se viu|se observou|foi vista|foi observada|existe|foi encontrada|encontr\\w{1,4})|pouca) ~2 (?:diferenca|alteracao|mudanca|impacto|efeito|ganho|vantagem|melhora|beneficio|relacao|ligacao|elo|associacao) ~4 (?:n[oa]s?|d[aeo]s?|em|entre|para|quanto|sobre|com)|
nao (?:(?:mud|alter|interf|influ|resolv|serv|adiant|funcion|torn|ajud)\\w{1,5}|basta|da resultado|surte|traz(?:em)?|faz(?:em)? (?:bem|mal|diferenca)|faz(?:em)? ~3 (?:queimar|perder|emagrecer|sumir|crescer)|combate|desintoxica|emagrece|rejuvenesce|vicia|engorda|tem (?:efeito|acao|poder|relacao|nada a ver)|age|mata|acelera|garante|substitui|provoca|impede|impediu|evita|evitou|elimina|encurta|encurtou|retarda|aument\\w{1,3}|diminu\\w{1,3})|(?:inut(?:il|eis)|ineficaz(?:es)?|inocu[oa]s?|imprestave(?:l|is)) (?:para|contra|n[oa]s?|em)|pouco (?:ajuda|adianta|muda|efeito|eficaz)|de nada (?:adianta|serve|vale)|tanto faz|
no (?:\\w{3,12} )?(?:difference|change|effect|gain|link|advantage|improvement|benefit) ~2 (?:in|on|between|for|from|of|to)|(?:does|do|did|will|is|are) ?(?:not|n't) ~1 (?:change|alter|affect|help|work|make|keep|shorten|prevent|cleanse|cure|treat|protect|stop|improve|reduce|worsen|harm|raise|relieve|speed|slow|better|effective|useful)|(?:doesn't|don't|didn't|won't|isn't|aren't) ~1 (?:change|alter|affect|help|work|make|keep|shorten|prevent|cleanse|cure|treat|protect|stop|improve|reduce|worsen|harm|raise|relieve|speed|slow|any better|effective)|fail(?:s|ed)? to|makes? no difference|made no difference|makes? little difference|no better than|useless (?:for|against)|ineffective (?:for|against)
"""
    )
)
_MAYBE = scan.words(
    "(?:talvez|quem sabe|e possivel que|e provavel que|acredita-se que|ha indicios de que|ha sinais de que) ~6 (?:reduz[ao]|reduza[m]?|diminu[ao][m]?|aument(?:e|em)|previn(?:a|am)|proteja[m]?|cure[m]?|trate[m]?|melhore[m]?|alivie[m]?|evite[m]?|encurte[m]?|prolongue[m]?|cause[m]?|provoque[m]?|piore[m]?|ajude[m]?|eleve[m]?|retarde[m]?|acelere[m]?|favoreca[m]?|prejudique[m]?|afete[m]?|baixe[m]?|controle[m]?|contribua[m]?|funcione[m]?|influencie[m]?|interfira[m]?|leve[m]? a)",
)  # fmt: skip

# -- selling ------------------------------------------------------------------------------------------------------------

_WILL = scan.words(
    *_list(
        """
voce(?:s)? ~1 (?:vai|vao|ira|volta|voltara|consegue) ~1 (?:a )?(?:andar|enxergar|ouvir|dormir|sorrir|mastigar|respirar|caminhar|correr|parar de|perder|emagrecer|rejuvenescer|engravidar|ficar (?:livre|sem|curad[oa]|mais)|acordar|sentir|viver sem|esquecer|vencer|superar|se livrar|ver)|voce (?:dorme|acorda|perde|emagrece|rejuvenesce|volta a|fica|enxerga|respira|anda|vence|supera|sai) ~3|(?:a|o|as|os)? ?(?:sua|seu|suas|seus) ~2 (?:vai|vao|ira|irao|volta[m]?|fica(?:ra|rao)?|some[m]?|desaparece[m]?|melhora[m]?|cresce[m]?|seca[m]?) ~2|
(?:you'll|you will|you are going to|you can) ~1 (?:walk|see|hear|sleep|smile|breathe|run|lose|never|wake|feel|be|look|quit|stop|forget|regain|live)|your ~3 (?:will|vanish(?:es)?|disappears?|grows? back|melts?|shrinks?)
"""
    )
)
_STATE = scan.words(
    *_list(
        """
garantid[oa]s?|(?:\\d{1,2}|dez|cinco|vinte|quinze) anos mais jove(?:m|ns)|de volta|guaranteed|years younger
"""
    )
)
_BODY = scan.words(
    *_list(
        """
cabelos?|pele|rosto|barriga|nariz|pernas?|bracos?|seios?|dentes?|sorriso|visao|coluna|costas|joelhos?|corpo|rugas|manchas?|celulite|flacidez|varizes|peso|libido|memoria|unhas?|queixo|papada|silhueta|hair|skin|belly|smile|teeth|vision|wrinkles
"""
    )
)
_OFFER = scan.words(
    *_list(
        """
noss[oa]s?|minhas?|meu|com (?:o|a|os|as|el[ea]s?|este|esta|esse|essa|noss[oa])|depois d[aeo]s?|metodos?|tratamentos?|cirurgia|protocolos?|tecnica|capsulas?|gotas|cremes?|serum|formula|laser|sess(?:ao|oes)|encontros|psicoterapia|terapia|hipnose|programa|dieta|chas?|aparelho|clinica|garant\\w{1,5}|em \\d{1,2} (?:dias|semanas|meses|sess\\w{1,4})|em (?:um|uma|poucos|poucas|dois|tres|trinta|sete) (?:dias?|mes|meses|semanas?|sess\\w{1,4}|minutos|horas)|para sempre|de vez|
our|my|with|after|method|treatment|surgery|operation|protocol|technique|capsules?|drops|cream|serum|formula|laser|sessions?|therapy|programme?|diet|guarantee\\w{0,1}|in \\d{1,2} (?:days|weeks|months|sessions)|overnight|forever
"""
    )
)
# What is promised in these words is no effect: a room, a place in a course, a right, a date.
_NOT_OFFERED = scan.words(
    *_list(
        """
acesso|direitos?|vagas?|sigilo|inscric\\w{1,4}|certificad\\w|prazo|atendimento|consulta marcada|estacionamento|documento\\w{0,1}|formulario|resultado d[eo]s? exames?|laudo|senha|fila|receb\\w{1,4}|encontrar|precisar|precisa|agenda\\w{0,3}|orient\\w{1,6}|jejum|anestesia|recepcao|
access|rights?|privacy|appointment|form|results? of|need|asked|receive|sedat\\w{1,4}|instructions?
"""
    )
)

# -- what is no effect of a care though it has the words ---------------------------------------------------------------------

_BUSINESS = scan.words(
    *_list(
        """
edital|concurso|licitac\\w{1,4}|inscric\\w{1,4}|orcamento|investiment\\w{1,2}|recursos|verbas?|prefeitura|secretari[oa]s?|governo|ministr[oa]|obras?|reforma|predio|estoques?|doadores|doac\\w{1,4}|demanda|fila|mutirao|contrato|repasse|gestao|servidores|plantao|agendamento|atendimentos?|matriculas?|vagas?|alunos|curso|disciplina|eleic\\w{1,4}|votac\\w{1,3}|campanhas?|unidades? de saude|postos? de saude|software|aplicativo|plataforma|dados pessoais|licenca|bolsas? de sangue|hemocentro|rede publica|municip\\w{2,5}|retrabalhos?|atrasos|ensino|extensao|superintendente|(?:vice-)?reitor\\w{0,3}|diretor[a]?|conselheir[oa]s?|conferencia|plenaria|cidadania|operadoras?|planos? de saude|mensalidades?|reajustes?|fraudes?|congresso|evento|palestr\\w{3,6}|refeitorio|cardapio|ocorrencias?|
budget|funding|grant|tender|contract|donors?|workflow|municipal|council|dean|chairman|campaign|students?|enrol\\w{0,5}|software|licen[cs]e|dataset
"""
    )
)


# Words of the outcome list that offices, news and schools use as well.
_EVERYDAY = scan.words(
    *_list(
        """
sangue|saude|vida|recuperac\\w{1,4}|crescimento|desenvolvimento \\w{4,12}|atencao|eventos?|acidentes|peso|quedas?|crises?|riscos?|danos?|abandono|duracao|equilibrio|forca|energia|resistencia|fome|medo|tristeza|angustia|parto|nascimento\\w{0,1}|defesas|placas?|mortes?|obitos?|
mortalidade|gravidez|gestac\\w{1,5}|pele|olhos|dentes|cabelos?|foco|concentracao|transmissao|contaminac\\w{1,4}|doencas?|enfermidades?|pressao|falencia|bem-estar|qualidade de vida|acolhimento|humor|memoria|criancas|bebes?|recem-nascid[oa]s?|desfechos?|chances? de|complicac\\w{1,5}|corpo|coracao|olhos|virus|bacterias|celulas|endemias|diagnosticos?|lesoes|lesao|infecc\\w{2,4}|preexistentes?|desmame|mamas?|baixo peso|prematur\\w{1,5}|
health|life|recovery|development|growth|attention|events?|weight|falls|focus|performance|energy|strength|balance|function|failure|deaths?|death|risks?|burns|damage|injur\\w{1,3}|disease|diseases|skin|heart|eyes?|teeth|outcomes?|fear|stress|pressure|incidence|transmission|bacteria|virus(?:es)?
"""
    )
)


def about_health(s: Sentence) -> bool:
    """Offices, campaigns and schools assert effects too. In their sentences an everyday word is no outcome."""
    if not s.has(_BUSINESS):
        return True
    everyday = {match.span() for match in _EVERYDAY.finditer(s.fold, s.start, s.end)}
    return any(
        match.span() not in everyday and not any(a <= match.start() and match.end() <= b for a, b in everyday)
        for match in cue.OUTCOME.finditer(s.fold, s.start, s.end)
    )


# Advice to the reader about those who promise.
_WARNS = scan.words(
    "desconfi\\w{1,4}", "cuidado com", "suspeite", "golpes?", "promessas?", "beware", "be wary", "scams?", "promises?"
)


def asserts(s: Sentence) -> bool:
    """Whether one of the frames holds in the sentence."""
    if s.has(_WARNS):
        return False
    return any(
        frame(s)
        for frame in (
            _agent,
            _evaluation,
            _rate,
            _people,
            _nothing,
            _nominal,
            _moving,
            _perhaps,
            _grows_with,
            _suffers,
            _offer,
        )
    )


def _outcome(s: Sentence, start: int, end: int) -> bool:
    start, end = max(s.start, start), min(s.end, end)
    return start < end and (
        cue.OUTCOME.search(s.fold, start, end) is not None or _ANY_MORE.search(s.fold, start, end) is not None
    )


def _care(s: Sentence, start: int, end: int) -> bool:
    start, end = max(s.start, start), min(s.end, end)
    return start < end and CARE.search(s.fold, start, end) is not None


def is_and(s: Sentence, match) -> bool:
    """Whether a match that begins with "e" means "and": folded text has lost the accent of "é"."""
    return match.group().startswith("e ") and s.view.text[match.start()] == "e" and not s.view.text.isascii()


def _agent(s: Sentence) -> bool:
    """ "O laser dá fim às manchas", "excess salt strains the kidneys"."""
    for match in _ACTS.finditer(s.fold, s.start, s.end):
        if not _care(s, match.start() - FAR, match.start()):
            continue
        if _noun_before(s, match.start()) or _preposition(s, match):
            continue
        if _outcome(s, match.start() + 3, match.end() + NEAR):
            return True
    saved = _SAVES.search(s.fold, s.start, s.end)
    return saved is not None and not s.has(_BUSINESS) and _care(s, saved.start() - FAR, saved.start())


_SAVES = scan.words(
    "salv(?:a|am|ou|aram) ~2 vidas?", "poup(?:a|am|ou|aram) ~2 vidas?", "saves? ~1 lives", "saved ~2 lives"
)


def _preposition(s: Sentence, match) -> bool:
    """ "Soro da imunidade": in folded text the preposition looks like the verb "dá"."""
    return match.group().startswith("da ") and s.view.text[match.start() + 1] not in "áÁ"


_DETERMINERS = frozenset(
    "a o as os um uma de do da dos das em no na ao por pelo pela para the of an this that to in for at".split()
)


def _noun_before(s: Sentence, position: int) -> bool:
    """An article or a preposition before it: the word is a noun or a purpose, not a finite verb."""
    words = s.fold[max(s.start, position - 20) : position].split()
    return bool(words) and words[-1] in _DETERMINERS


def _evaluation(s: Sentence) -> bool:
    """ "Gengibre é ótimo contra enjoo", "walking is good for the heart"."""
    for match in _EVALUATED.finditer(s.fold, s.start, s.end):
        if is_and(s, match):
            continue
        natural = "natura" in match.group()
        if _care(s, match.start() - FAR, match.start()) and (natural or _outcome(s, match.end(), match.end() + NEAR)):
            return True
    return False


def _rate(s: Sentence) -> bool:
    """ "A taxa de cura com o novo esquema chegou a 95 %"."""
    return s.has(_RATE) and not s.has(_BUSINESS)


def _people(s: Sentence) -> bool:
    """ "Quem dorme pouco engorda mais", "vaccinated adults were half as likely to be admitted"."""
    for match in _FOLK.finditer(s.fold, s.start, s.end):
        fares = _FARES.search(s.fold, match.end(), min(s.end, match.end() + FAR))
        if fares is not None and (
            _outcome(s, fares.start(), fares.end() + NEAR) or fares.group().split()[0] in _EVENTS
        ):
            return not s.has(_BUSINESS)
    return False


_EVENTS = frozenset(
    "adoece adoecem adoeceu adoeceram morre morrem morreram cai caem caiu cairam engorda engordam emagrece emagrecem vive vivem sangra sangram "
    "sangraram infarta infartam interna internam dorme dormem envelhece envelhecem live lived die died sleep slept bleed bled fall fell recover recovered".split()
)


def _nothing(s: Sentence) -> bool:
    """ "A troca da válvula não muda a sobrevida", "knee braces make no difference to pain"."""
    match = _NO_CHANGE.search(s.fold, s.start, s.end)
    if match is None or s.has(_BUSINESS):
        return False
    if not _outcome(s, match.start(), match.end() + FAR):
        return False
    return _care(s, match.start() - FAR, match.end() + FAR) or _COMPARED.search(s.fold, match.end(), s.end) is not None


_COMPARED = scan.words(
    "entre (?:os|as) ~1 (?:dois|duas|tres|grupos?|bracos?)",
    "entre ~1 grupos",
    "between (?:the )?(?:two|three|groups|arms)",
)


def _nominal(s: Sentence) -> bool:
    """ "A redução da dor com a acupuntura foi vista na segunda semana"."""
    for match in _NOUN_OF_CHANGE.finditer(s.fold, s.start, s.end):
        if not _outcome(s, match.start(), match.end() + 20):
            continue
        join = _JOINS.search(s.fold, match.start() + 8, min(s.end, match.end() + NEAR))
        if join is None or not _care(s, join.start(), join.end() + NEAR):
            continue
        if _OCCURS.search(s.fold, join.end(), min(s.end, join.end() + FAR)) and not s.has(_BUSINESS):
            return True
    return False


def _moving(s: Sentence) -> bool:
    """ "As mortes caíram com o rastreamento", "graças à vacina o sarampo desapareceu"."""
    for match in _MOVES.finditer(s.fold, s.start, s.end):
        if not _outcome(s, match.start() - NEAR, match.start()) or _noun_before(s, match.start()):
            continue
        after = _JOINS.search(s.fold, match.end(), min(s.end, match.end() + 40))
        joined = after is not None and _care(s, after.start(), after.end() + 40)
        opens = _OPENING.match(s.fold, s.start, s.end) is not None and _care(
            s, s.start, min(match.start(), s.start + NEAR)
        )
        if (joined or opens) and not s.has(_BUSINESS):
            return True
    return False


_OPENING = scan.compile(
    r"(?:com|apos|depois d[aeo]s?|gracas a|desde|entre|sem|sob|no grupo|with|after|thanks to|since|among|without|in the)(?:s|o|os|as)?\s"
)


def _grows_with(s: Sentence) -> bool:
    """ "Quanto maior o consumo de sal, maior a pressão", "a cada cigarro o risco sobe 3 %"."""
    match = _THE_MORE.search(s.fold, s.start, s.end)
    if match is None:
        return False
    return _care(s, match.start(), match.end()) and _outcome(s, match.end() - 40, match.end() + 30)


_THE_MORE = scan.compile(
    r"(?<!\w)(?:quanto (?:maior|menor|mais|menos)[^.;!?]{3,110}?(?:maior|menor|mais|menos)|a cada (?:\d[\d.,]{0,6}|um|uma|dose|hora|copo|cigarro|dia|ano)[^.;!?]{3,130}?(?:sobe|aumenta|cresce|cai|diminui|reduz|soma[m]?-se|pontos percentuais)|the (?:more|less|longer|higher|lower)[^.;!?]{3,90}?the (?:more|less|longer|higher|lower|greater))(?!\w)"
)


def _suffers(s: Sentence) -> bool:
    """ "O fígado é prejudicado pelo álcool", "sleep is disturbed by caffeine"."""
    for match in _SUFFERED.finditer(s.fold, s.start, s.end):
        if s.has(cue.CASE_PRONOUN) and not s.has(cue.GENERAL):
            continue  # one patient's story
        if _outcome(s, match.start() - NEAR, match.start()) and _care(s, match.end(), match.end() + NEAR):
            return True
    return False


_SUFFERED = scan.words(
    "(?:fica[m]?|ficou|ficaram|e|sao|foi|foram|pode[m]? ser|pode[m]? ficar) ~1 (?:comprometid|afetad|prejudicad|enfraquecid|alterad|protegid|controlad|amenizad|atenuad|favorecid|estimulad|desencadead|agravad|provocad|causad|combatid|tratad|evitad|prevenid|interrompid|bloquead|retardad|acelerad)[oa]s? ~1 (?:por|pel[oa]s?|com)",
    "(?:is|are|was|were|can be|may be) ~1 (?:affected|disturbed|damaged|weakened|impaired|protected|controlled|aggravated|triggered|caused|treated|prevented|blocked|slowed|eased|relieved|boosted|harmed) (?:by|with)",
)  # fmt: skip


def _perhaps(s: Sentence) -> bool:
    """ "Talvez o zinco encurte o resfriado"."""
    match = _MAYBE.search(s.fold, s.start, s.end)
    return match is not None and _outcome(s, match.end(), match.end() + NEAR)


def _offer(s: Sentence) -> bool:
    """ "Com a nossa cirurgia você vai enxergar bem", "cabelo de volta garantido"."""
    if s.has(_NOT_OFFERED):
        return False
    for match in _WILL.finditer(s.fold, s.start, s.end):
        if s.has(_OFFER) and (
            _outcome(s, match.start(), match.end() + NEAR)
            or _BODY.search(s.fold, match.start(), min(s.end, match.end() + NEAR))
            or _DOES.search(match.group())
        ):
            return True
    for match in _STATE.finditer(s.fold, s.start, s.end):
        if _BODY.search(s.fold, max(s.start, match.start() - 30), match.start()) and not s.has(_LEGAL):
            return True
    return False


_DOES = scan.words(
    "andar", "enxergar", "ouvir", "dormir", "mastigar", "respirar", "caminhar", "emagrecer", "rejuvenescer", "engravidar", "volta a", "dorme", "emagrece", "rejuvenesce",
    "enxerga", "anda", "walk", "hear", "sleep", "breathe",
)  # fmt: skip
_LEGAL = scan.words("lei", "direitos?", "constituic\\w{1,3}", "acesso", "sus", "law", "rights?")
