"""Word lists of the language: given names, family names, health terms. Folded (lower case, no accents)."""

from __future__ import annotations

from . import scan

GIVEN_NAMES = frozenset(
    """
zulmira albertina deocleciano valdomiro jacira doralice guiomar idalina isaura nilza nilson nivaldo odair olivio onofre
petronila praxedes quirina raimundinha saturnino sebastian tertuliano ubaldo valdete valdeci valdecir vicentina virgilio zeferino zenilda
zoraide adalberto adelmo ademar ademir adilson afonso agenor agnaldo alcides aldo alfredo almir altair alzira amaro amelia anselmo
arlete arlindo armando arnaldo augusto aurea belmiro berenice carmelita carmelo clemente cleonice clotilde clovis corina
cosme deise delfina demetrio deusdete diva djalma dolores domingas dorival edgar edimilson edivaldo efigenia eleonora elio elisabete
eloi emerson enedina erasmo ermelinda ernani estevao etelvina eulalia euclides eugenio euzebia evaldo evaristo expedito fausto feliciano
felicia felix filomena firmino flaviana floriano francelina genoveva gertrudes gessi gilson giselda glauco gregorio helio heloisa hermes
herminia hilario honorio humberto idelfonso ilda ileana iolanda ione irineu isidoro izabel jacinta jacinto jailson januario jeronimo
joelma jovelina judite juvenal juventina laudelina laudelino laurinda leocadia leopoldo licinio lindalva lindaura lourival lucinda lucineia ludovico
malvina manoela marcelina margareth marinalva marinete maximiano melquiades mercedes narciso natanael neuza nestor norberto
noelia octavio odilon olavo olegario oscar otilia pascoal porfirio quiteria ramiro regiane rejane reinaldo rosalina rosaria rosario
rosiane rosilene rosimeire rosineide rufino salomao sandro serafim sidonia silverio silvino simao sueli suely teofilo tercio teodoro
thales valdemiro valdinei valmir vanderlei vandete venancio vitalina vitalino waldir walmir wilmar zacarias zelina zenobia zilma
teresinha terezinha ketlyn enzo kauan kaique ryan emilly vitoria wanderson wallace edilene ivanilda creusa cleusa edite eunice
carmem carmen celeste cintia eloa thaina thalita talita bento theodora cristovao damiao genivaldo jurandir josias lazaro natanael
nazare osmar percival quirino rosalia sidnei sonaira tarsila valdenice zuleide wilma ulysses abel adelaide adelia adriel ailton
ana maria jose joao antonio francisco carlos paulo pedro lucas luiz luis marcos marcelo rafael daniel gabriel bruno
eduardo felipe fernando ricardo rodrigo gustavo leonardo andre alexandre adriano aline amanda andrea andreia angela
antonia aparecida beatriz benedito benedita bernardo bianca brenda caio camila carla carolina cassia catarina cecilia
celia celso cesar cicero clara claudia claudio cleide cristiane cristina cristiano dalva davi david debora denise diego
diogo douglas edilson edson elaine eliana eliane elisa elisangela elizabeth eloisa emanuel emanuelly enzo erica erika
ester eva evandro everton fabiana fabio fabricio fatima fernanda flavia flavio francisca geraldo geralda gilberto
giovana giovanna gisele graca guilherme heitor helena helio henrique hugo igor ines inacio iracema irene isabel
isabela isabella isadora ivan ivone jair janaina jaqueline jessica joana joaquim jonas jorge josefa josefina joyce
juarez julia juliana juliano julio jurema jussara karen karina katia kelly laercio lais lara larissa laura lauro leandro
leila leonor leticia lidia ligia lilian lorena lourdes lourenco lucia luciana luciano lucio ludmila luisa luiza luzia
luciene madalena magali manuel manoel manuela mara marcia marcio marco margarete margarida mariana mariane marilene
marilia marina mario marisa marlene marli marta mateus matheus mauricio mauro mayara melissa michele miguel milena
milton mirela miriam moacir monica murilo nair natalia nathalia neide nelson neusa nicolas nicole nilda nilton nina
norma odete olga olivia orlando osvaldo oswaldo otavio pamela patricia paula pietra priscila rafaela raimunda raimundo
raquel raul rebeca regina reginaldo reinaldo renan renata renato rita roberta roberto rogerio romulo ronaldo rosa
rosana rosangela rose roseli rosemeire rosilda ruth ruy sabrina salete samuel sandra sara sebastiana sebastiao sergio
severino severina sheila sidney silvana silvia simone solange sofia sonia sophia stella suelen sueli suzana tais
tania tarcisio tatiana tatiane telma teresa tereza terezinha thais theo thiago tiago tomas ubirajara ursula vagner
valdir valentina valeria valter vanda vanessa vania vera veronica vicente victor victoria vilma vinicius virginia vitor
vitoria viviane wagner waldemar walter wanda wanderley washington wellington wesley wilma wilson william yara yasmin
yuri zelia zilda zuleica alice arthur artur benicio caua clarice dirce edna edmundo elias elza emilia ernesto estela
eugenia gael genival gilda gloria iara ismael ivete ivo jandira josiane jucelia kaua lia livia lavinia luana
maite marlon mirtes nadir noemi palmira pedrina quiteria rubens samanta silas tainara tadeu ulisses valdemar
vivian zenaide zeca joel josue moises noah ravi lorenzo agatha alana otto celina dulce elvira hilda hortencia
james john robert michael david richard joseph thomas charles christopher matthew anthony mark donald steven andrew
kenneth joshua kevin brian george timothy ronald jason edward jeffrey ryan jacob gary nicholas eric jonathan stephen
larry justin scott brandon benjamin frank gregory raymond patrick jack dennis jerry tyler aaron henry adam
peter nathan zachary walter kyle harold carl jeremy arthur roger keith lawrence terry albert joe ethan austin jesse
willie billy bryan bruce ralph roy louis philip harry howard fred martin oliver liam mary jennifer linda
barbara susan jessica sarah lisa nancy sandra betty ashley emily margaret donna carol michelle dorothy rebecca
sharon cynthia kathleen amy shirley anna pamela emma nicole helen samantha katherine christine rachel carolyn
janet catherine heather diane ruth joyce evelyn joan lauren judith megan cheryl hannah martha jacqueline
frances ann alice jean kathryn gloria doris sara janice marie grace judy theresa beverly denise marilyn amber danielle
rose brittany diana abigail jane lori alexis tiffany kayla olivia ava mia chloe zoe eleanor harriet edith agnes
mabel priya wei mohammed fatima omar carlos maria elena luis rosa juan
""".split()
)
FAMILY_NAMES = frozenset(
    """
silva santos oliveira souza sousa rodrigues ferreira alves pereira lima gomes costa ribeiro martins carvalho almeida
lopes soares fernandes vieira barbosa rocha dias nascimento andrade moreira nunes marques machado mendes freitas cardoso
ramos goncalves santana teixeira araujo pinto cavalcanti cavalcante monteiro moura correia correa batista campos castro
melo mello miranda borges azevedo duarte reis brito barros siqueira farias cunha macedo pires nogueira assis xavier
sales coelho franca guimaraes aguiar tavares camargo bezerra leite matos fonseca prado peixoto rezende resende viana
pacheco medeiros magalhaes figueiredo chaves neves motta mota queiroz brandao amaral amorim antunes aragao arruda
bastos bittencourt braga bueno cabral caldas camara carneiro cordeiro coutinho couto dantas domingues dutra esteves
falcao faria fagundes feitosa franco furtado galvao garcia godoy guedes holanda jesus junqueira lacerda leal leao lemos
lins lobo luz maciel maia marinho medina meireles menezes morais moraes muniz novaes pacheco paiva passos penha pessoa
pimentel pinheiro porto prates quintana rangel sampaio saraiva schmidt serra severo simoes tenorio toledo torres trindade
valente valadares vargas vasconcelos veiga veloso ventura vidal vilela zanetti kato tanaka suzuki yamamoto nakamura
assuncao encarnacao anunciacao purificacao consolacao ressurreicao salgado machado penteado delgado
rossi bianchi ferrari muller weber becker klein teles prudente damasceno evangelista bonfim aparecida conceicao
smith johnson williams brown jones miller davis wilson anderson thomas taylor moore jackson martin lee thompson white
harris clark lewis robinson walker young allen king wright hill green adams nelson baker hall campbell mitchell carter
roberts phillips evans turner parker collins edwards stewart morris murphy cook rogers morgan cooper peterson reed bailey
kelly howard ward cox richardson wood watson brooks bennett gray james hughes price myers long foster sanders ross
benson doe perez sanchez ramirez gonzalez rivera gomez diaz reyes cruz ortiz gutierrez patel nguyen kim chen wang khan
o'brien o'connor mcdonald mccarthy fitzgerald sullivan whitfield hartley holloway
""".split()
)
PARTICLES = frozenset("de da do das dos e del della di van von la".split())

# Capitalised words that follow a patient cue without being a name (titles, programmes, sigla, places).
NOT_NAMES = frozenset(
    """
rua avenida alameda travessa praca estrada rodovia largo bairro
hospital clinica clinico clinicas instituto ministerio saude unidade centro sus uti upa ubs samu cpf rg cns cnh pis dn cid icd crm crp
coren cro crn rqe mrn dob hiv aids avc iam dpoc covid hpv itu sop tdah tea tep tvp rn rns data nascimento prontuario
telefone celular idade sexo endereco diagnostico convenio email contato cep plano cartao nome registro leito quarto setor
janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro segunda terca quarta quinta
sexta sabado domingo january february march april june july august september october november december monday tuesday
wednesday thursday friday saturday sunday seguro segura critico critica idoso idosa adulto adulta pediatrico pediatrica
internado internada oncologico oncologica diabetico diabetica hipertenso hipertensa cirurgico cirurgica grave cronico
cronica agudo aguda experiente ativo brasil brasileiro brasileira nacional alzheimer parkinson down crohn hodgkin
advice liaison support portal line transport representative group forum charter panel advocate ombudsman feedback network pathway journey
centre assistance financial navigator privacy registry leaflet handbook booklet library partners lounge voice voices hub helpline
deus nossa senhora jesus cristo natal pascoa esperanca aprendiz pan maluquinho feliz legal aos ao os as um uma
com sem para por pelo pela em no na nos nas que quando se ele ela eles elas este esta esse essa isto isso apos antes durante
atendido atendida evoluiu apresentou apresenta foi era estava tem teve nega refere relata queixa chega procurou retorna
masculino feminino branco branca pardo parda negro negra casado casada solteiro solteira viuvo viuva natural procedente
safety health care centered reported education protection rights global experience advocacy outcomes outcome selection
selections characteristics questionnaire information portal summary flow flows enrollment recruitment population
populations demographics history consent and or the with without who was is has had had no not a an of for to in on at
from by is are were this that she he they patient patients doctor nurse physician hospitalar ambulatorial domiciliar
ambulatory inpatient outpatient clinic clinical medical study trial group groups case report data baseline results
methods discussion introduction conclusion objetivo metodos resultados conclusao discussao introducao caso relato
relatos dr dra prof profa sr sra voce seu sua meu minha nosso todo toda cada qualquer mais menos muito
direitos deveres guia manual cartilha portal programa projeto lei estatuto politica comite comissao associacao
federacao sociedade conselho secretaria prefeitura universidade faculdade escola grupo equipe enfermagem medicina
psicologia odontologia nutricao fisioterapia farmacia laboratorio ambulatorio pronto socorro emergencia maternidade
modelo anonimo anonima ficticio ficticia hipotetico hipotetica exemplo teste zero x y
banco caixa bradesco itau santander nubank agencia conta bank account branch loja drogaria
""".split()
)
_ENDINGS_PT = (
    "ado ada ido ida ico ica oso osa ivo iva ante ente inte vel ador adora cao coes dade mente ional ismo ista logia grafia ados adas idos idas"
).split()
_ENDINGS_EN = "tion tions ment ments ity ing ness ance ence ship able ible ized ised ology ical ally ated".split()


def could_be_name(word: str) -> bool:
    """Whether an unknown capitalised word may be a person's name: not a listed word, not an adjective by its ending."""
    if word in NOT_NAMES or len(word) < 3:
        return False
    if word in GIVEN_NAMES or word in FAMILY_NAMES:
        return True
    return not word.endswith(tuple(_ENDINGS_PT + _ENDINGS_EN))


HISTORICAL = (
    "phineas gage|henrietta lacks|joseph meister|james phipps|auguste deter|louise brown|edward jenner|louis pasteur|"
    "jean calment|jeanne calment|henry molaison|mary mallon|marie curie|nise da silveira|oswaldo cruz|carlos chagas|"
    "florence nightingale|ana neri|anna nery|zilda arns|adolfo lutz|vital brazil|william osler|ignaz semmelweis|"
    "alexander fleming|robert koch|john snow|berenice soares|sigmund freud|anna o|little hans|pequeno albert"
)

HEALTH_TERMS = scan.words(
    *"""
diagnostic* diagnos* cancer* carcinoma* tumor* neoplas* leucemia linfoma metastas* hiv aids diabet* gestante* gravid* gestac* cirurgi*
internac* internad* internou depress* ansiedade esquizofren* bipolar transtorno* autis* tdah epilep* convuls* avc derrame
infart* hipertens* asma dpoc pneumoni* tubercul* covid* dengue hepatit* sifilis ist dst infecc* sepse
quimioterap* radioterap* dialise hemodialise transplant* tratamento* tratad* medicac* medicament* remedio* insulina antibiotic*
consulta consultas exame exames biops* tomograf* ressonancia ultrassom raio-x sintoma* dor dores febre alta
uti fratura* alergi* anemia artrit* artrose lupus psoriase dermatit* glaucoma catarata aborto* parto pre-natal cesarea*
suicid* dependencia alcool* drogas obes* desnutri* demencia* alzheimer parkinson doenca* enfermidade* patolog* sindrome*
lesao lesoes insuficiencia cardiopat* nefropat* renal arritmia trombose embolia terapia psicoterapia vacin* prescri*
queixa* crise* operad* operou submetid* colesterol hernia* colonoscop* mamografia miocardio
diagnosed diagnosis cancer tumou?r leuk[a]?emia lymphoma diabetes pregnan* surgery surgical hospitali[sz]* depression anxiety
schizophrenia seizure* stroke hypertension asthma pneumonia tuberculosis hepatitis syphilis infection* sepsis chemotherapy
radiotherapy dialysis transplant* treatment* treated medication* insulin antibiotic* biopsy scan symptom* pain fever
fracture* allerg* an[a]?emia arthritis dementia disease* disorder* syndrome* lesion* failure therapy prescri* admitted
discharged underwent operation illness stage suicid* overdose rehab* hernia asthmatic diabetic
""".replace("\n", " ").split()
)
ICD_CODE = scan.compile(
    r"(?<!\w)(?:cid|icd)(?:[- ]?1[01])?(?:-cm)?(?:\s(?:codes?|codigo))?[\s:.nº°(-]{0,4}([a-z]\d{2}(?:\.\d{1,2})?)(?!\w)"
)
MINOR_TERMS = scan.words(
    "crianca", "menin[oa]", "adolescente", "bebe", "recem-nascid[oa]", "lactente", "escolar", "child", "boy", "girl", "infant",
    "newborn", "baby", "teenager", "toddler", "adolescent", "menor de idade", "garot[oa]", r"\d{1,2} meses", r"\d{1,2}-month-old",
)  # fmt: skip
AGE = scan.compile(
    r"(?<![\w.,])(\d{1,3})(?: anos(?! (?:de|a|atras) (?:experiencia|historia|atuacao|evolucao|seguimento))|[- ]years?[- ]old|[- ]year[- ]old)(?!\w)"
)
