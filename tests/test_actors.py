"""Actors: the registry file, and mentions in four languages with their inflected forms."""

import itertools
from pathlib import Path

import pytest

from framing import text as texts
from framing.actors import Registry, find_mentions, read_actors, resolve_pronouns
from framing.errors import ActorsError, LanguageError

KARABAKH = Path(__file__).parents[1] / "corpora" / "karabakh" / "actors.toml"
LANGUAGES = ("az", "hy", "ru", "en")

CARRIERS = {
    "az": "Bu gün {} barədə danışıldı.",
    "hy": "Այսօր {} մասին խոսեցին։",
    "ru": "Сегодня говорили о том, что {} касается.",
    "en": "They spoke of {} today.",
}

# id | az | hy | ru | en: inflected forms, several parted by ";"
INFLECTED = """
azerbaijan | Azərbaycanın; Azərbaycana; Azərbaycandadır; Bakının; azərbaycanlılara; Azərbaycan ordusunun | Ադրբեջանի; Ադրբեջանը; Ադրբեջանից; Ադրբեջանում; Բաքվում; ադրբեջանցիների; Ադրբեջա՞նն | Азербайджаном; Азербайджанской Республике; азербайджанцев; азербайджанскую; Баку | Azerbaijan's; Azerbaijanis; Baku’s; Azerbaijani troops
armenia | Ermənistandan; Ermənistandakı; İrəvanla; ermənilərin | Հայաստանի; Հայաստանն; ՀՀ-ն; ՀՀ-ում; Երևանից; Երեւանի; հայերին; հայկական; Հայաստանի Հանրապետությունում | Арменией; Еревана; армян; армянину; армянского; Республики Армения | Armenia's; Armenians; Yerevan's
russia | Rusiyanın; Moskvada; rusların; RF-nin; Rusiya Federasiyasına | Ռուսաստանից; ՌԴ-ի; ռուսների; Մոսկվայում; Կրեմլի; Ռուսաստանի Դաշնության | Россией; Москвы; россиянами; Кремлем; Российской Федерацией; российскому | Russia's; Russians; Moscow's; the Kremlin's
turkey | Türkiyənin; Ankaraya | Թուրքիայի; Թուրքիան; թուրքերին; Անկարայից | Турцией; турками; турецкую; Анкаре | Turkey's; Turks; Ankara's; Türkiye’s
iran | İranın; Tehranda | Իրանի; Իրանը; Թեհրանում; իրանցիներին | Ираном; иранцев; Тегерану; иранской | Iran's; Iranians
france | Fransanın; Parisə; fransızlar | Ֆրանսիայում; Փարիզի; ֆրանսիացիներին | Францией; Парижу; французами | France's; Paris; Paris's
us | ABŞ-ın; Amerikadan; Vaşinqtona; Amerika Birləşmiş Ştatlarında | ԱՄՆ-ի; Վաշինգտոնից; Միացյալ Նահանգների; ամերիկացիների | США; Вашингтоном; Соединенных Штатах; Белого дома; американцам | US's; the United States; Americans; Washington's
karabakh_armenians | Qarabağ ermənilərinin; Qarabağda yaşayan ermənilərə | արցախցիներին; Արցախի հայության; Լեռնային Ղարաբաղի հայերին; Ղարաբաղի ժողովրդի | карабахских армян; армянами Карабаха; арцахцам; армянского населения Карабаха | Karabakh Armenians; ethnic Armenians; Artsakh Armenians
karabakh_authorities | separatçıların; qondarma rejimin; qanunsuz erməni silahlı dəstələrinin | Արցախի Հանրապետության; Արցախի իշխանություններին; ԼՂՀ-ում; Լեռնային Ղարաբաղի Հանրապետությանը | властями Нагорного Карабаха; Республики Арцах; сепаратистов; незаконных вооруженных формирований; официальным Степанакертом | the Karabakh authorities; Republic of Artsakh; separatists; illegal Armenian armed formations
peacekeepers | sülhməramlılarımızın; Rusiya sülhməramlılarına; rus sülhməramlılarından; Rusiya sülhməramlı kontingentinin | խաղաղապահների; ռուս խաղաղապահներին; ռուսական խաղաղապահ զորախմբի; ՌԴ խաղաղապահներից | миротворцам; российскими миротворцами; миротворческого контингента; Российского миротворческого контингента; миротворца | peacekeepers; Russian peacekeepers; Russian peacekeeping contingent's
civilians | mülki şəxslərin; sakinlərə; məcburi köçkünləri; dinc əhaliyə | խաղաղ բնակիչների; փախստականներին; բռնի տեղահանվածների; բնակչության; քաղաքացիական անձանց | мирных жителей; беженцами; вынужденных переселенцев; мирному населению; жителя | civilians; displaced persons; refugees; local residents
eu | Avropa İttifaqının; Aİ-nin; Brüsseldə | ԵՄ-ի; Եվրամիության; Եվրոպական միությունից; Բրյուսելում | Евросоюза; Европейским союзом; ЕС; Европарламенту; Брюсселя | the European Union's; EU's; Brussels
un | BMT-nin; Birləşmiş Millətlər Təşkilatına; BMT Təhlükəsizlik Şurasının | ՄԱԿ-ի; ՄԱԿ-ի Անվտանգության խորհրդի | ООН; Организации Объединенных Наций; Совбезом ООН; Совета Безопасности ООН | the United Nations; UN's; UN Security Council's
osce_minsk_group | ATƏT-in Minsk qrupunun; Minsk qrupuna; ATƏT-ə | ԵԱՀԿ Մինսկի խմբի; ԵԱՀԿ-ում; Մինսկի խմբի համանախագահներին | Минской группой ОБСЕ; ОБСЕ; сопредседателями Минской группы | the OSCE Minsk Group's; Minsk Group co-chairs
red_cross | Qırmızı Xaçın; Beynəlxalq Qırmızı Xaç Komitəsinin; BQXK-nın | Կարմիր խաչի; Կարմիր խաչի միջազգային կոմիտեի; ԿԽՄԿ-ին | Международного комитета Красного Креста; Международному комитету Красного Креста; Красным Крестом; МККК | the International Committee of the Red Cross's; ICRC's; Red Cross's
icj | Beynəlxalq Ədalət Məhkəməsinin; BMT Beynəlxalq Məhkəməsinə; Haaqada | Արդարադատության միջազգային դատարանի; ՄԱԿ-ի միջազգային դատարանին; Հաագայում | Международного суда ООН; Международным судом; Гааге | the International Court of Justice's; ICJ's; the Hague's
azerbaijan_mod | Azərbaycan Müdafiə Nazirliyinin; Müdafiə Nazirliyindən; Azərbaycanın müdafiə nazirinə | Ադրբեջանի պաշտպանության նախարարության; Ադրբեջանի ՊՆ-ն | Минобороны Азербайджана; Министерством обороны Азербайджана; министру обороны Азербайджана | Azerbaijan's Defence Ministry; the Azerbaijani Defense Ministry's; Azerbaijan’s ministry of defence
armenia_mod | Ermənistan Müdafiə Nazirliyinin; Ermənistanın müdafiə nazirinə | ՀՀ ՊՆ-ն; Հայաստանի պաշտպանության նախարարությունից; ՀՀ պաշտպանության նախարարը | Минобороны Армении; министерстве обороны Армении; министра обороны Армении | Armenia's Defence Ministry; the Armenian defense minister's
russia_mod | Rusiya Müdafiə Nazirliyinin; Rusiyanın müdafiə nazirindən | ՌԴ ՊՆ-ի; Ռուսաստանի պաշտպանության նախարարության; ՌԴ պաշտպանության նախարարին | Минобороны РФ; Министерством обороны России; российскому министерству обороны | Russia's Ministry of Defence; the Russian Defense Ministry's
azerbaijan_mfa | Azərbaycan Xarici İşlər Nazirliyinin; Azərbaycan XİN-dən; XİN-in | Ադրբեջանի ԱԳՆ-ի; Ադրբեջանի արտաքին գործերի նախարարության | МИДа Азербайджана; министерства иностранных дел Азербайджана; азербайджанским МИДом | Azerbaijan's Foreign Ministry; the Azerbaijani Ministry of Foreign Affairs
armenia_mfa | Ermənistan Xarici İşlər Nazirliyinə; Ermənistanın xarici işlər nazirinin | ՀՀ ԱԳՆ-ն; Հայաստանի արտաքին գործերի նախարարի; ՀՀ ԱԳՆ-ից | МИДом Армении; главу МИД Армении; министром иностранных дел Армении | Armenia's foreign ministry; the Armenian foreign minister's
russia_mfa | Rusiya Xarici İşlər Nazirliyinin; Rusiya XİN-in | ՌԴ ԱԳՆ-ն; Ռուսաստանի արտաքին գործերի նախարարությունից | МИДе России; МИД РФ; российского МИДа | Russia's foreign ministry; the Russian MFA's
azerbaijan_border_service | Dövlət Sərhəd Xidmətinin; DSX-nin; Azərbaycan sərhədçilərinə | Ադրբեջանի պետական սահմանապահ ծառայության; ադրբեջանցի սահմանապահների | Государственной пограничной службой Азербайджана; азербайджанских пограничников | the State Border Service's; Azerbaijani border guards
armenia_nss | Ermənistan Milli Təhlükəsizlik Xidmətinin; Ermənistan sərhədçilərinin | ԱԱԾ-ն; Ազգային անվտանգության ծառայության; հայ սահմանապահների | СНБ Армении; Службы национальной безопасности Армении; армянским пограничникам | the National Security Service's; Armenian border guards
aliyev | İlham Əliyevin; Əliyevlə; Azərbaycan Prezidentinin | Իլհամ Ալիևի; Ալիևը; Ալիեւին; Ադրբեջանի նախագահին | Алиевым; Ильхамом Алиевым; президенту Азербайджана; Алиеву | Aliyev's; Ilham Aliyev’s; the Azerbaijani president's; President of the Republic of Azerbaijan
pashinyan | Nikol Paşinyanın; Paşinyana; Ermənistanın Baş nazirinin | Նիկոլ Փաշինյանի; Փաշինյանն; ՀՀ վարչապետի; Փաշինյա՞նը | Пашиняном; Николу Пашиняну; премьер-министра Армении; армянским премьером | Pashinyan's; the Armenian Prime Minister's; Nikol Pashinyan’s
putin | Vladimir Putinin; Putinlə; Rusiya Prezidentinə | Վլադիմիր Պուտինի; Պուտինին; ՌԴ նախագահի | Путиным; Владимиру Путину; Владимиром Владимировичем Путиным; президента России; российским лидером | Putin's; the Russian president's; Vladimir Putin’s
lavrov | Sergey Lavrovun; Lavrova; Rusiya xarici işlər nazirinin | Սերգեյ Լավրովի; Լավրովը; ՌԴ արտգործնախարարին | Лаврову; Сергеем Лавровым; главы МИД России; министром иностранных дел РФ | Lavrov's; Sergei Lavrov's; the Russian foreign minister's
bayramov | Ceyhun Bayramovun; Azərbaycanın xarici işlər nazirinə | Ջեյհուն Բայրամովի; Ադրբեջանի արտգործնախարարը | Джейхуном Байрамовым; главой МИД Азербайджана | Jeyhun Bayramov's; the Azerbaijani foreign minister's
mirzoyan | Ararat Mirzoyanın; Mirzoyanla | Արարատ Միրզոյանի; Միրզոյանը | Араратом Мирзояном; Мирзояну | Ararat Mirzoyan's; Mirzoyan’s
zakharova | Mariya Zaxarovanın; Zaxarovaya | Մարիա Զախարովայի; Զախարովան | Марией Захаровой; Захарову; официального представителя МИД России | Zakharova's; the Russian Foreign Ministry spokeswoman's
vardanyan | Ruben Vardanyanın | Ռուբեն Վարդանյանի; Ռուբեն Վարդանյանին | Рубена Варданяна; Рубену Варданяну | Ruben Vardanyan's
harutyunyan | Arayik Harutyunyanın; Araik Arutyunyana | Արայիկ Հարությունյանի; Արայիկ Հարությունյանը | Араиком Арутюняном; Араика Арутюняна | Arayik Harutyunyan's
shahramanyan | Samvel Şahramanyanın; Şahramanyana | Սամվել Շահրամանյանի; Շահրամանյանը | Самвелом Шахраманяном; Шахраманяну | Samvel Shahramanyan's; Shahramanyan's
grigoryan | Armen Qriqoryanın | Արմեն Գրիգորյանի; Արմեն Գրիգորյանը | Арменом Григоряном; Армена Григоряна | Armen Grigoryan's
erdogan | Rəcəb Tayyib Ərdoğanın; Ərdoğana; Türkiyə Prezidentinin | Ռեջեփ Թայիփ Էրդողանի; Էրդողանը; Թուրքիայի նախագահի | Реджепом Тайипом Эрдоганом; Эрдогану; президента Турции | Erdoğan's; Recep Tayyip Erdogan's; the Turkish president's
georgia | Gürcüstanın; Gürcüstana; Tbilisidə | Վրաստանի; Վրաստանից; Թբիլիսիում | Грузии; Грузией; Тбилиси | Georgia's; Georgian
macron | Emmanuel Makronun; Makrona; Fransa Prezidentinin | Էմանուել Մակրոնի; Մակրոնը; Ֆրանսիայի նախագահին | Эммануэля Макрона; Макроном; президенту Франции | Macron's; Emmanuel Macron's; the French president's
blinken | Entoni Blinkenin; Blinkenlə | Էնթոնի Բլինքենի; Բլինքենը | Энтони Блинкеном; Блинкену | Blinken's; Antony Blinken's
trump | Donald Trampın; Trampla | Դոնալդ Թրամփի; Թրամփը | Дональда Трампа; Трампом | Trump's; Donald Trump’s
michel | Şarl Mişelin | Շառլ Միշելի; Շառլ Միշելը | Шарлем Мишелем; Шарля Мишеля | Charles Michel's
echr | Avropa İnsan Hüquqları Məhkəməsinin; AİHM-in | Մարդու իրավունքների եվրոպական դատարանի; ՄԻԵԴ-ում | Европейским судом по правам человека; ЕСПЧ | the European Court of Human Rights; ECHR's
csto | KTMT-nin; Kollektiv Təhlükəsizlik Müqaviləsi Təşkilatına | ՀԱՊԿ-ի; Հավաքական անվտանգության պայմանագրի կազմակերպությունից | ОДКБ; Организации Договора о коллективной безопасности | CSTO's; the Collective Security Treaty Organization's
armenian_church | Erməni Kilsəsinin; Eçmiədzindən; Üçkilsədə | Հայ Առաքելական եկեղեցու; Հայ Առաքելական Սուրբ եկեղեցին; Էջմիածնում; Մայր Աթոռ Սուրբ Էջմիածնի | Армянской апостольской церкви; армянской церковью; Эчмиадзине | the Armenian Apostolic Church's; Etchmiadzin's
eu_mission | Aİ missiyasının; Aİ-nin müşahidə missiyasına | ԵՄ առաքելության; ԵՄ դիտորդների; ԵՄ քաղաքացիական առաքելությունը | миссией ЕС; наблюдателей Евросоюза; миссии ЕС в Армении | EUMA's; the EU mission in Armenia's; EU monitors
monitoring_centre | Türkiyə-Rusiya Monitorinq Mərkəzində; Rusiya-Türkiyə Birgə Monitorinq Mərkəzinin | ռուս-թուրքական մոնիթորինգի կենտրոնի; ռուս-թուրքական համատեղ դիտակենտրոնում | российско-турецкого мониторингового центра; Совместном российско-турецком центре мониторинга | the Russian-Turkish monitoring centre's; Joint Turkish-Russian Monitoring Center
eco_activists | ekofəalların; eko-aktivistlərdən | էկոակտիվիստների; կեղծ բնապահպաններին | экоактивистами; лжеэкологов; эко-активистам | eco-activists; environmental activists; so-called eco-activists
hajiyev | Hikmət Hacıyevin | Հիքմեթ Հաջիևի; Հիքմեթ Հաջիեւը | Хикмета Гаджиева; Хикметом Гаджиевым | Hikmet Hajiyev's
kocharyan | Robert Köçəryanın | Ռոբերտ Քոչարյանի; Ռոբերտ Քոչարյանին | Роберта Кочаряна; Робертом Кочаряном | Robert Kocharyan's
galstanyan | Baqrat Qalstanyanın | Բագրատ Գալստանյանի; Բագրատ սրբազանը | Баграта Галстаняна; Багратом Галстаняном | Bagrat Galstanyan's
khachatryan | Vaqif Xaçatryanın | Վագիֆ Խաչատրյանի; Վագիֆ Խաչատրյանին | Вагифа Хачатряна; Вагифом Хачатряном | Vagif Khachatryan's
karabakh | Qarabağın; Qarabağda; Dağlıq Qarabağdan; QARABAĞIN | Ղարաբաղի; Լեռնային Ղարաբաղի; Արցախի; Արցախում; Արցա՛խը; ԼՂ-ում | Карабахе; Нагорному Карабаху; нагорно-карабахского; Арцахом; карабахскую | Karabakh's; Nagorno-Karabakh’s; Nagorno Karabakh; Artsakh's
stepanakert | Xankəndidən; Stepanakertin | Ստեփանակերտի; Ստեփանակերտում; Խանքենդիում | Степанакерте; Степанакертом; Ханкенди | Stepanakert's; Khankendi's
shusha | Şuşanın; Şuşada | Շուշիի; Շուշիում; Շուշին | Шуше; Шушу; Шушой; Шуши | Shushi's; Shusha's
lachin | Laçının; Laçında | Լաչինի; Բերձորում; Բերձորից | Лачина; Лачинского района; Бердзоре | Lachin's; Berdzor's
lachin_corridor | Laçın dəhlizinin; Laçın dəhlizindən; Laçın yolunda | Լաչինի միջանցքի; Լաչինի միջանցքով; կյանքի ճանապարհը | Лачинским коридором; Лачинского коридора; дорогой жизни | the Lachin corridor's; Lachin Corridor
zangezur_corridor | Zəngəzur dəhlizinə; Zəngəzur dəhlizinin | Զանգեզուրի միջանցքի; Թրամփի ուղին | Зангезурского коридора; Зангезурском коридоре | the Zangezur corridor's; Trump Route; TRIPP
syunik | Zəngəzurun; Şərqi Zəngəzurda | Սյունիքի; Սյունիքում | Сюнике; Сюникской; Зангезуром | Syunik's; Zangezur's
ganja | Gəncənin; Gəncəyə | Գյանջայի; Գանձակում | Гяндже; Гянджу; Гянджи | Ganja's
agdam | Ağdamın; Ağdama | Աղդամի; Ակնայում | Агдаме; Агдамского района | Agdam's; Akna's
kalbajar | Kəlbəcərin; Kəlbəcərdə | Քելբաջարի; Քարվաճառից | Кельбаджаром; Карвачаре; Кельбаджарского | Kalbajar's; Karvachar's
fuzuli | Füzulinin; Füzuliyə | Ֆիզուլիի; Վարանդայում | Физули; Варанде | Fuzuli's; Varanda's
jabrayil | Cəbrayılın; Cəbrayıla | Ջաբրայիլի; Ջրականում | Джебраила; Джебраильском | Jabrayil's; Jrakan's
zangilan | Zəngilanın; Zəngilana | Զանգելանի; Կովսականից | Зангелане; Зангилана | Zangilan's; Kovsakan's
gubadli | Qubadlının; Qubadlıya | Կուբաթլուի; Քաշունիքում | Губадлы; Кубатлинского | Gubadli's; Kashunik's
hadrut | Hadrutun; Hadruta | Հադրութի; Հադրութում | Гадруте; Гадрутского | Hadrut's
martuni | Xocavəndin; Martuniyə | Մարտունու; Մարտունիում; Խոջավենդի | Ходжавенде; Мартуни | Khojavend's; Martuni's
martakert | Ağdərənin; Ağdərəyə | Մարտակերտի; Մարտակերտից | Мартакерте; Мартакертского | Aghdara's; Martakert's
askeran | Əsgəranın; Əsgərana | Ասկերանի; Ասկերանում | Аскеране; Аскеранского | Askeran's; Asgaran's
khojaly | Xocalının; Xocalıya | Խոջալուի; Իվանյանում | Ходжалы; Ходжалинского | Khojaly's; Ivanyan's
hakari | Həkəri çayının; Həkərinin; Həkəri körpüsündə | Հակարիի; Հակարիի կամրջի; Հակարիի կամուրջը | Хакари; мосту Хакари; реки Агавно | the Hakari bridge's; Hakari's; Aghavno bridge's
goris | Gorusun; Gorisdən | Գորիսի; Գորիսում | Гориса; Горисе | Goris; Goris's
jermuk | Cermukun; Cermuka | Ջերմուկի; Ջերմուկում | Джермуке; Джермука | Jermuk's
vardenis | Vardenisin; Basarkeçərə | Վարդենիսի; Վարդենիսում | Вардениса; Варденисом | Vardenis's; Basarkechar's
kornidzor | Kornidzorun; Kornidzora | Կոռնիձորի; Կոռնիձորում | Корнидзоре; Корнидзора | Kornidzor's
yevlakh | Yevlaxın; Yevlaxda | Եվլախի; Եվլախում | Евлахе; Евлаха | Yevlakh's
barda | Bərdənin; Bərdəyə | Բարդայի; Պարտավում | Барде; Барды | Barda's
nakhchivan | Naxçıvanın; Naxçıvana | Նախիջևանի; Նախիջեւանում | Нахичевани; Нахичеванью; Нахчывана | Nakhchivan's; Nakhijevan's
zabukh | Zabuxun; Zabuxda | Աղավնոյի; Աղավնոյում | Забуха; Агавно | Zabukh's; Aghavno's
farrukh | Fərruxun; Paruxda | Փառուխի; Փառուխում | Парухе; Фарруха | Farrukh's; Parukh's
dadivank | Xudavəngin; Dadivankda | Դադիվանքի; Դադիվանքում | Дадиванка; Худавенге | Dadivank's; Khudavang's
gandzasar | Gəncəsərin; Qandzasarda | Գանձասարի; Գանձասարում | Гандзасаре; Гандзасаром | Gandzasar's; Ganjasar's
getashen | Çaykəndin; Getaşenə | Գետաշենի; Գետաշենում | Геташене; Чайкенда | Getashen's; Chaykend's
sugovushan | Suqovuşanın; Madagizdə | Մատաղիսի; Մատաղիսից | Матагисе; Суговушана | Mataghis's; Sugovushan's
karmir_shuka | Qırmızı Bazarın; Qırmızı Bazara | Կարմիր շուկայի; Կարմիր Շուկայում | Красном Базаре; Кармир Шуки | Karmir Shuka's; Girmizi Bazar's
sarybaba | Sarıbabanın; Sarıbabada | Սարիբաբայի; Սարիբաբայում | Сарыбабе; Сарыбабы | Sarybaba's
terter | Tərtərin; Tərtərdə | Թարթառի; Թարթառում | Тертере; Тертерского | Terter's; Tartar district
aghali | Ağalının; Ağalıda | Աղալիի; Աղալիում | Агалы | Aghali's
sotk | Zodun; Sotkda | Սոթքի; Սոթքում | Сотка; Зоде | Sotk's; Zod's
gegharkunik | Göyçənin; Göyçədə | Գեղարքունիքի; Գեղարքունիքում | Гегаркунике; Гегаркуникской | Gegharkunik's; Goycha's
kapan | Qafanın; Kapanda | Կապանի; Կապանում | Капане; Капаном | Kapan's; Gafan's
meghri | Mehrinin; Mehridə | Մեղրիի; Մեղրիում | Мегри; Мегринского | Meghri's
tegh | Dığın; Teğdə | Տեղ գյուղի; Տեղ համայնքում | села Тех; селе Тех | Tegh's; Digh's
shurnukh | Şurnuxunun; Şurnuxuda | Շուռնուխի; Շուռնուխում | Шурнухе; Шурнуха | Shurnukh's
black_lake | Qaragölün; Qaragöldə | Սև լճի; Սեւ լճում | озера Сев; Карагеля | Black Lake's; Lake Sev
yeraskh | Yerasxın; Arazdəyəndə | Երասխի; Երասխում | Ерасхе; Араздаяна | Yeraskh's; Arazdayan's
karki | Kərkinin; Kərkidə | Տիգրանաշենի; Տիգրանաշենում | Тигранашене; Кярки | Karki's; Tigranashen's
tavush | Tavuşun; Tavuşda | Տավուշի; Տավուշում | Тавуше; Тавушской | Tavush's
gazakh | Qazaxın; Qazax rayonunda | Ղազախի; Ղազախում | Газахе; Газахского | Gazakh's
kirants | Kirantsın; Kirantsda | Կիրանցի; Կիրանցում | Киранце; Киранца | Kirants's
voskepar | Voskeparın; Voskeparda | Ոսկեպարի; Ոսկեպարում | Воскепаре; Воскепара | Voskepar's
askipara | Aşağı Əskiparanın; Aşağı Əskiparada | Ներքին Ոսկեպարի; Ներքին Ոսկեպարում | Нижней Аскипаре; Нижнюю Аскипару | Ashaghi Askipara's
sochi | Soçinin; Soçidə | Սոչիի; Սոչիում | Сочи; сочинской | Sochi's
prague | Praqanın; Praqada | Պրահայի; Պրահայում | Праге; Прагой; пражскую | Prague's
granada | Qranadanın; Qranadada | Գրանադայի; Գրանադայում | Гранаде; Гранаду | Granada's
geneva | Cenevrənin; Cenevrədə | Ժնևի; Ժնեւում | Женеве; Женеву | Geneva's
abu_dhabi | Əbu-Dabinin; Əbu-Dabidə | Աբու Դաբիի; Աբու Դաբիում | Абу-Даби | Abu Dhabi's
"""  # noqa: E501
ROWS = [[cell.strip() for cell in line.split(" | ")] for line in INFLECTED.strip().splitlines()]
CASES = [
    pytest.param(row[0], language, [form.strip() for form in cell.split(";")], id=f"{row[0]}-{language}")
    for row in ROWS
    for language, cell in zip(LANGUAGES, row[1:], strict=True)
]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return read_actors(KARABAKH)


def found(text: str, language: str, registry: Registry) -> list[tuple[str, str]]:
    """Actor and surface of every mention."""
    return [(mention.actor, mention.surface) for mention in find_mentions(text, language, registry)]


@pytest.mark.parametrize(("actor", "language", "forms"), CASES)
def test_inflected_form_is_found_with_its_exact_span(actor, language, forms, registry):
    for form in forms:
        surface = form.removeprefix("the ")
        text = CARRIERS[language].format(surface)
        assert found(text, language, registry) == [(actor, surface)], text


def test_every_actor_and_place_is_in_the_table_of_inflected_forms(registry):
    assert sorted(row[0] for row in ROWS) == sorted([*registry.actors, *registry.places])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_actor_and_place_has_a_name_in_every_language(language, registry):
    nameless = [
        actor.id
        for actor in [*registry.actors.values(), *registry.places.values()]
        if not any(alias.language == language for alias in actor.aliases)
    ]
    assert nameless == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "They told us and all of us that the turkey was cold."),
        ("en", "TELL US MORE, SAY RESIDENTSHIP EXPERTS"),
        ("en", "The trumps were played, and michel said nothing."),
        ("en", "Heydar Aliyev Airport lies on the Russian language school's road."),
        ("en", "The Azerbaijan Soviet Socialist Republic and the Nagorno-Karabakh Autonomous Oblast."),
        ("en", "It cost 100 US dollars, said prosecutor Vusal Aliyev."),
        ("en", "Later Karen Harutyunyan met Ani and her friend A. Putin at Iranna's."),
        ("ru", "Мы едим ежи и есть, весь путь ирис."),
        ("ru", "Первый вице-спикер Мехрибан Алиева открыла Центр Гейдара Алиева."),
        ("ru", "В Азербайджанской ССР и Нагорно-Карабахской автономной области говорили на русском языке."),
        ("ru", "Вчера об этом сообщил Вагаршак Арутюнян."),
        ("ru", "Миротворцы ООН получили сто долларов США."),
        ("az", "Onlar rus dilini və erməni dilini öyrənir, Heydər Əliyevi xatırlayır."),
        ("az", "Azərbaycan SSR dövründə Dağlıq Qarabağ Muxtar Vilayəti yaradıldı."),
        ("az", "Sakin olun, dedi."),
        ("az", "Türkmənistan və Ruslan Qaraba adlı kənd."),
        ("en", "The Geneva Conventions name no black lakes."),
        ("ru", "Тех, кто пришел, накормили; женевские часы стоят."),
        ("az", "Qazax dili və Cenevrə Konvensiyası barədə danışıldı."),
        ("hy", "Տեղը լավն էր, մեղրի համը՝ նույնպես։"),
        ("hy", "Նա իրան տեսավ, իրանից վերցրեց։"),
        ("hy", "Ռուսերեն և հայերեն հեռուստատեսություն։ Շուշանը Աթաթուրքի մասին գրեց։"),
        ("hy", "Խորհրդային Հայաստանի և Լեռնային Ղարաբաղի Ինքնավար Մարզի մասին է։"),
        ("hy", "Այսօր Աշոտ Փաշինյանը և Կարեն Հարությունյանը խոսեցին։"),
        ("hy", "Հանդիպմանը Պ-ն Սիմոնյանը վճարեց 100 ԱՄՆ դոլար։"),
    ],
)
def test_false_friends_are_left_alone(language, text, registry):
    assert found(text, language, registry) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Russian peacekeepers left.", [("peacekeepers", "Russian peacekeepers")]),
        (
            "en",
            "The Azerbaijani Foreign Minister Jeyhun Bayramov and Armenian President Vahagn Khachaturyan",
            [
                ("bayramov", "Azerbaijani Foreign Minister"),
                ("bayramov", "Jeyhun Bayramov"),
                ("armenia", "Armenian"),
            ],
        ),
        ("en", "The U.S. and the US agreed", [("us", "U.S."), ("us", "US")]),
        ("en", "Armenia-Azerbaijan border", [("armenia", "Armenia"), ("azerbaijan", "Azerbaijan")]),
        ("ru", "армяно-азербайджанская граница", [("armenia", "армяно"), ("azerbaijan", "азербайджанская")]),
        (
            "ru",
            "Экс-министр иностранных дел Азербайджана Эльмар Мамедъяров",
            [("azerbaijan", "Азербайджана")],
        ),
        ("ru", "министр иностранных дел Азербайджана Эльмар Мамедъяров", [("azerbaijan", "Азербайджана")]),
        (
            "az",
            "Ermənistan-Azərbaycan sərhədində NATO-nun və BMT'nin Bakı'dakı nümayəndəsi",
            [
                ("armenia", "Ermənistan"),
                ("azerbaijan", "Azərbaycan"),
                ("un", "BMT'nin"),
                ("azerbaijan", "Bakı'dakı"),
            ],
        ),
        ("az", "Fransa Müdafiə Nazirliyi açıqladı", [("france", "Fransa")]),
        ("az", "Azərbaycan xarici işlər nazirinin müavini", [("azerbaijan", "Azərbaycan")]),
        ("hy", "հայ-ադրբեջանական սահմանին", [("armenia", "հայ-ադրբեջանական")]),
        ("hy", "ՀՀ նախկին վարչապետ Կարեն Կարապետյանը", [("armenia", "ՀՀ")]),
    ],
)
def test_longest_alias_wins_and_offices_follow_their_holder(language, text, expected, registry):
    assert found(text, language, registry) == expected


@pytest.mark.parametrize(
    ("language", "text", "actors"),
    [
        ("en", "The presidents of Russia and Azerbaijan met.", ["russia", "azerbaijan"]),
        ("en", "The president of Russia's plane left.", ["putin"]),
        ("ru", "Президенты России и Азербайджана встретились.", ["russia", "azerbaijan"]),
        ("ru", "Переговоры президентов России и Турции.", ["russia", "turkey"]),
        ("ru", "Слова президента России.", ["putin"]),
        ("ru", "Слова главы МИД России.", ["lavrov"]),
        ("az", "Ermənistanın baş nazirləri görüşdü.", ["armenia"]),
        ("az", "Ermənistanın baş nazirinə yazdı.", ["pashinyan"]),
        ("hy", "Ադրբեջանի արտաքին գործերի նախարարները հանդիպեցին։", ["azerbaijan"]),
        ("hy", "Ռուսաստանի և Ադրբեջանի նախագահները հանդիպեցին։", ["russia", "azerbaijan"]),
        ("hy", "Ադրբեջանի արտաքին գործերի նախարարի խոսքերը։", ["bayramov"]),
    ],
)
def test_an_office_in_the_plural_is_no_one_person(language, text, actors, registry):
    assert [actor for actor, _ in found(text, language, registry)] == actors


@pytest.mark.parametrize(
    ("language", "headline", "actors"),
    [
        ("en", "PUTIN MEETS ALIYEV IN MOSCOW", ["putin", "aliyev", "russia"]),
        (
            "en",
            "Pashinyan Says Armenian Prime Minister Will Meet Aliyev",
            ["pashinyan", "pashinyan", "aliyev"],
        ),
        ("ru", "ПУТИН ВСТРЕТИЛСЯ С АЛИЕВЫМ В МОСКВЕ", ["putin", "aliyev", "russia"]),
        (
            "az",
            "İLHAM ƏLİYEV İRANIN XANKƏNDİDƏKİ QARABAĞ PLANINI RƏDD ETDİ",
            ["aliyev", "iran", "stepanakert", "karabakh"],
        ),
        ("hy", "ՓԱՇԻՆՅԱՆԸ ԵՎ ԱԼԻԵՎԸ ԵՐԵՎԱՆՈՒՄ", ["pashinyan", "aliyev", "armenia"]),
    ],
)
def test_headline_in_capitals_or_title_case_is_read(language, headline, actors, registry):
    assert [actor for actor, _ in found(headline, language, registry)] == actors


@pytest.mark.parametrize(
    ("language", "text", "usages"),
    [
        ("en", "Stepanakert, Khankendi, Artsakh, Karabakh", ["armenia", "azerbaijan", "armenia", ""]),
        ("en", "Shushi and Shusha", ["armenia", "azerbaijan"]),
        ("ru", "в Степанакерте, в Ханкенди, об Арцахе, в Карабахе", ["armenia", "azerbaijan", "armenia", ""]),
        ("ru", "из города Шуши и о городе Шуше", ["", ""]),
        ("az", "Xankəndidə, Artsaxın, Qarabağda", ["azerbaijan", "armenia", ""]),
        ("hy", "Ստեփանակերտում, Արցախի, Ղարաբաղի, Շուշիից", ["armenia", "armenia", "", "armenia"]),
    ],
)  # fmt: skip
def test_usage_is_empty_where_the_form_proves_no_naming_choice(language, text, usages, registry):
    assert [mention.usage for mention in find_mentions(text, language, registry)] == usages


def test_bare_common_surname_needs_the_full_name_in_the_text(registry):
    assert found("Then Vardanyan spoke.", "en", registry) == []
    both = found("Then Vardanyan spoke. Ruben Vardanyan left.", "en", registry)
    assert both == [("vardanyan", "Vardanyan"), ("vardanyan", "Ruben Vardanyan")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("az", "Bakı bildirib ki, Ermənistan Laçın yolunda rus sülhməramlılarına mane olub.\nƏliyev."),
        ("hy", "Բաքուն հայտարարեց, որ Արցախի իշխանությունները պետք է հեռանա՞ն։\nՓաշինյանը ՄԱԿ-ում էր։"),
        ("ru", "Баку: «карабахские армяне» говорили с миротворцами.\nАлиев и Путин, по данным МИД РФ, за."),
        (
            "en",
            "Baku said “Armenia's troops” left; the peacekeepers' post in Karabakh…\nAliyev’s aide agreed.",
        ),
    ],
)
def test_spans_are_ordered_apart_and_slice_to_the_surface(language, text, registry):
    mentions = find_mentions(text, language, registry)
    assert len(mentions) >= 4
    assert all(text[mention.start : mention.end] == mention.surface for mention in mentions)
    assert all(a.end <= b.start for a, b in itertools.pairwise(mentions))


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_added_before_only_shifts_the_spans(language, registry):
    text = {"az": "Bakı və İran.", "hy": "Բաքուն և Իրանը։", "ru": "Баку и Иран.", "en": "Baku and Iran."}[language]
    shifted = find_mentions("— \n" + text, language, registry)
    assert [m.start - 3 for m in shifted] == [m.start for m in find_mentions(text, language, registry)]
    assert len(shifted) == 2


@pytest.mark.parametrize(
    ("language", "text", "actor", "pronoun"),
    [
        ("en", "Aliyev spoke in Baku. He thanked the army.", "aliyev", "He"),
        ("en", "Maria Zakharova spoke. She was clear.", "zakharova", "She"),
        ("en", "Bayramov and his staff met Jeyhun Bayramov. The minister left.", "bayramov", "minister"),
        ("ru", "Об этом сообщил Сергей Лавров. По его словам, переговоры идут.", "lavrov", "его"),
        ("ru", "Путин выступил. Он назвал сроки.", "putin", "Он"),
        ("ru", "Путин выступил.\nПрезидент также заявил о сроках.", "putin", "Президент"),
        ("az", "Əliyev çıxış edib. O bildirib ki, razıdır.", "aliyev", "O"),
        ("az", "Əliyev çıxış edib. Onun sözlərinə görə, razıdır.", "aliyev", "Onun"),
        ("hy", "Փաշինյանը խոսեց։ Նա գոհ էր։", "pashinyan", "Նա"),
        ("hy", "Փաշինյանը խոսեց։ Վարչապետը գոհ էր։", "pashinyan", "Վարչապետը"),
    ],
)
def test_pronoun_means_the_one_person_of_the_sentence_before(language, text, actor, pronoun, registry):
    mentions = find_mentions(text, language, registry)
    spans = texts.sentences(text, language)
    resolved = resolve_pronouns(text, language, spans, mentions, registry)
    assert [(m.actor, m.surface, m.kind, m.usage) for m in resolved] == [(actor, pronoun, "pronoun", "")]
    assert text[resolved[0].start : resolved[0].end] == pronoun


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Aliyev met Putin. He smiled."),
        ("en", "Aliyev spoke. She smiled."),
        ("en", "Putin met Karen Karapetyan. He smiled."),
        ("en", "Putin spoke. The minister left. The president of France left."),
        ("ru", "Путин выступил. Президент Франции уехал."),
        ("ru", "Путин выступил. Министр также заявил о сроках."),
        ("az", "Əliyev çıxış edib. O zaman hava soyuq idi."),
        ("hy", "Փաշինյանը և Պուտինը խոսեցին։ Նա գոհ էր։"),
    ],
)
def test_pronoun_is_left_open_where_a_rule_cannot_tell(language, text, registry):
    mentions = find_mentions(text, language, registry)
    assert resolve_pronouns(text, language, texts.sentences(text, language), mentions, registry) == []


def test_pronouns_chain_over_sentences(registry):
    text = "Aliyev spoke. He paused. He went on."
    mentions = find_mentions(text, "en", registry)
    resolved = resolve_pronouns(text, "en", texts.sentences(text, "en"), mentions, registry)
    assert [(m.start, m.actor) for m in resolved] == [(14, "aliyev"), (25, "aliyev")]


def test_representative_leads_to_the_collective_actor(registry):
    assert registry.representative("aliyev") == "azerbaijan"
    assert registry.representative("peacekeepers") == "peacekeepers"
    assert registry.representative("vardanyan") == "karabakh_authorities"
    assert registry.representative("armenia") == "armenia"
    assert registry.representative("shusha") == "shusha"


def test_other_language_has_no_mentions_and_an_unknown_code_is_refused(registry):
    assert find_mentions("Baku", "other", registry) == []
    with pytest.raises(LanguageError, match=r"unknown language .xx."):
        find_mentions("Baku", "xx", registry)


# ---------------------------------------------------------------------------- the registry file

ARMENIA = '[[actor]]\nid = "armenia"\nname = "Armenia"\nkind = "state"\n'
WITH_NAME = ARMENIA + 'en.name = ["Armenia"]\n'
PERSON = '[[actor]]\nid = "p"\nname = "P"\nkind = "person"\nen.name = ["Pashinyan"]\n'


def write(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "actors.toml"
    path.write_text(content, encoding="utf-8")
    return path


def test_digest_follows_content_not_comments(tmp_path):
    plain = read_actors(write(tmp_path, WITH_NAME)).digest
    assert read_actors(write(tmp_path, "# a note\n" + WITH_NAME)).digest == plain
    assert read_actors(write(tmp_path, WITH_NAME.replace('["Armenia"]', '["Armenia", "RA"]'))).digest != plain


def test_choice_in_an_alias_stands_for_either(tmp_path):
    text = ARMENIA + 'en.name = [{text = "(Republic|State) of Armenia", usage = "armenia"}]\n'
    aliases = read_actors(write(tmp_path, text)).actors["armenia"].aliases
    assert [(alias.text, alias.usage) for alias in aliases] == [
        ("Republic of Armenia", "armenia"),
        ("State of Armenia", "armenia"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no actors"),
        ("[[actor", "not a TOML file"),
        ('[actor]\nid = "x"\n', r"write \[\[actor\]\]"),
        (ARMENIA, "'armenia': no aliases in any language"),
        (WITH_NAME * 2, "'armenia' is used twice"),
        (WITH_NAME + WITH_NAME.replace('"armenia"', '"other"'), "names both 'armenia' and 'other'"),
        (WITH_NAME.replace('"state"', '"stat"'), "unknown kind 'stat'; did you mean 'state'"),
        (WITH_NAME.replace("kind", "knid"), "unknown key 'knid'; did you mean 'kind'"),
        (WITH_NAME.replace("en.name", "en.nam"), "unknown key 'nam'; did you mean 'name'"),
        (WITH_NAME + PERSON + 'represents = "armenya"\n', "unknown actor 'armenya'; did you mean 'armenia'"),
        (WITH_NAME + PERSON + 'represents = "p"\n', "runs in a circle"),
        (WITH_NAME + 'ru.name = [{text = "Армения", usage = "armeni"}]\n', "unknown usage 'armeni'"),
        (WITH_NAME + 'ru.name = [{text = "Армения", flags = ["fixd"]}]\n', "did you mean 'fixed'"),
        (WITH_NAME + 'ru.name = [{txt = "Армения"}]\n', "unknown key 'txt'; did you mean 'text'"),
        (WITH_NAME + 'ru.name = ["(a|b"]\n', "do not match"),
        (WITH_NAME + 'ru.name = "Армения"\n', "must be a list"),
        (WITH_NAME + 'ru.name = ["..."]\n', "must hold letters"),
        (WITH_NAME.replace('name = "Armenia"', 'name = ""', 1), "'name' must be a non-empty text"),
        (WITH_NAME + '[[place]]\nid = "x"\nname = "X"\nen.metonym = ["X"]\n', "unknown key 'metonym'"),
        (WITH_NAME + '[ignore]\nfr = ["X"]\n', "unknown key 'fr'"),
        (WITH_NAME + PERSON + 'gender = "x"\n', "unknown gender 'x'"),
    ],
)
def test_faulty_registry_is_refused_with_the_remedy(content, message, tmp_path):
    with pytest.raises(ActorsError, match=message) as caught:
        read_actors(write(tmp_path, content))
    assert "actors.toml" in str(caught.value)


def test_missing_registry_is_named(tmp_path):
    with pytest.raises(ActorsError, match="no such actor registry"):
        read_actors(tmp_path / "none.toml")
