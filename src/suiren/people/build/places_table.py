"""The table of places that ships with the package, made from the census of 2020 and the list of divisions.

The command `python -m suiren.people.build.places_table SOURCE` writes it. Only this module needs `pypinyin`; it
gives the syllables of counties, and the tables below correct it where a place is read or written in its own way.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = tuple[str | int, ...]
COLUMNS = (
    "code",
    "level",
    "parent_code",
    "pool_code",
    "province_code",
    "name_zh",
    "short_zh",
    "pinyin",
    "name_en",
    "population_2020",
)
TARGET = Path(__file__).resolve().parents[2] / "data" / "places.csv"

AUTONOMOUS = ("自治区", "自治州", "自治县", "自治旗")
UNITS = (
    *AUTONOMOUS,
    *("行政委员会", "风景名胜区", "管委会", "特区", "新区", "矿区", "地区"),
    *("省", "市", "县", "区", "旗", "盟"),
)
"""Endings that are cut from a name, the longer before the shorter."""

NATIONS = """
壮 回 满 蒙古 藏 彝 苗 土家 布依 侗 瑶 白 哈尼 傣 黎 傈僳 佤 畲 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌
布朗 撒拉 毛南 仡佬 锡伯 普米 塔吉克 怒 鄂温克 保安 裕固 独龙 鄂伦春 哈萨克 维吾尔 朝鲜 各
"""
"""Names of nationalities as they stand in the names of autonomous places."""
NATIONS_WITHOUT_ENDING = ("蒙古", "哈萨克", "柯尔克孜", "塔吉克", "锡伯", "维吾尔")

ZONE_ENDINGS = {
    "高新技术产业开发区": "High-tech Industrial Development Zone",
    "高技术产业开发区": "High-tech Industrial Development Zone",
    "高新技术开发区": "High-tech Development Zone",
    "高新技术产业园区": "High-tech Industrial Park",
    "经济技术开发区": "Economic and Technological Development Zone",
    "经济开发区": "Economic Development Zone",
    "城乡一体化示范区": "Urban-Rural Integration Demonstration Zone",
    "综合改革示范区": "Comprehensive Reform Demonstration Zone",
    "经济综合实验区": "Comprehensive Economic Experimental Zone",
    "综合物流产业聚集区": "Comprehensive Logistics Industry Cluster",
    "文化旅游创意园区": "Cultural Tourism and Creative Park",
    "循环化工园区": "Circular Chemical Industry Park",
    "现代产业园区": "Modern Industrial Park",
    "现代产业园": "Modern Industrial Park",
    "工业园区": "Industrial Park",
    "综合保税区": "Comprehensive Bonded Zone",
    "示范区": "Demonstration Zone",
    "管理区": "Management District",
    "食品区": "Food Zone",
}
"""Endings of development zones, in English; such names are never shortened."""
OTHER_ENDINGS = {"新区": "New Area", "新城": "New Town", "矿区": "Mining District"}
"""Endings of the names in `WHOLE`, in English."""

WHOLE = ("井陉矿区", "北戴河新区", "兰州新区", "邯郸冀南新区", "沧州渤海新区", "衡水滨湖新区", "保定白沟新城")
"""Names that would read like a neighbour's without the ending."""
SHORT = {"神农架林区": "神农架"}
"""Names whose ending no other place has."""

PINYIN = {"内蒙古": "neimenggu", "西藏": "xizang", "陕西": "shanxi", "锡林郭勒": "xilinguole"}
"""Pinyin of provinces and pools where the list of divisions gives something else."""

READINGS = """
长海 chang-hai, 弓长岭 gong-chang-ling, 长白 chang-bai, 长岭 chang-ling, 长宁 chang-ning, 长丰 chang-feng,
天长 tian-chang, 长泰 chang-tai, 长清 chang-qing, 长垣 chang-yuan, 长葛 chang-ge, 长阳 chang-yang, 长洲 chang-zhou,
长顺 chang-shun, 长武 chang-wu, 子长 zi-chang, 襄都 xiang-du, 信都 xin-du, 望都 wang-du, 尧都 yao-du, 昆都仑 kun-du-lun,
商都 shang-du, 盐都 yan-du, 莲都 lian-du, 都昌 du-chang, 宁都 ning-du, 于都 yu-du, 殷都 yin-du, 魏都 wei-du, 宜都 yi-du,
曾都 zeng-du, 花都 hua-du, 都安 du-an, 丰都 feng-du, 新都 xin-du, 郫都 pi-du, 都匀 du-yun, 三都 san-du, 秦都 qin-du,
武都 wu-du, 都兰 du-lan, 朝阳 chao-yang, 单县 shan-xian, 红寺堡 hong-si-bu, 龙圩 long-xu, 马尾 ma-wei, 浚县 xun-xian,
洪洞 hong-tong, 涡阳 guo-yang, 珲春 hun-chun, 筠连 jun-lian, 称多 chen-duo, 荥经 ying-jing, 蚌山 beng-shan,
覃塘 qin-tang, 繁峙 fan-shi, 六合 lu-he, 大城 dai-cheng, 乐陵 lao-ling, 南乐 nan-le, 民乐 min-le, 伽师 jia-shi,
佛冈 fo-gang, 佛坪 fo-ping, 克什克腾 ke-shi-ke-teng, 康巴什 kang-ba-shi, 什邡 shi-fang, 乌什 wu-shi, 阿图什 a-tu-shi,
塔什库尔干 ta-shi-ku-er-gan, 霍林郭勒 huo-lin-guo-le, 库尔勒 ku-er-le, 策勒 ce-le, 尼勒克 ni-le-ke, 阿勒泰 a-le-tai,
召陵 shao-ling, 浪卡子 lang-ka-zi, 宕昌 tan-chang, 漯河 luo-he, 回龙圩 hui-long-xu, 崆峒 kong-tong, 万柏林 wan-bai-lin,
泊头 bo-tou
"""
"""How counties are read where the dictionary of `pypinyin` reads them otherwise: short name, pinyin."""

PROVINCES_WITH_ROMAN = {"内蒙古", "辽宁", "吉林", "黑龙江", "四川", "云南", "西藏", "甘肃", "青海", "新疆"}
"""Provinces in which a name may have a romanisation of its own language."""

ROMAN_POOLS = """
呼和浩特 Hohhot, 鄂尔多斯 Ordos, 呼伦贝尔 Hulunbuir, 巴彦淖尔 Bayannur, 乌兰察布 Ulanqab, 兴安 Hinggan,
锡林郭勒 Xilingol, 阿拉善 Alxa,
哈尔滨 Harbin, 齐齐哈尔 Qiqihar, 阿坝 Ngawa, 甘孜 Garze, 拉萨 Lhasa, 日喀则 Shigatse, 昌都 Chamdo,
林芝 Nyingchi, 那曲 Nagqu, 阿里 Ngari, 果洛 Golog, 乌鲁木齐 Urumqi, 克拉玛依 Karamay, 吐鲁番 Turpan, 博尔塔拉 Bortala,
巴音郭楞 Bayingolin, 阿克苏 Aksu, 克孜勒苏 Kizilsu, 喀什 Kashgar, 和田 Hotan, 伊犁 Ili, 阿勒泰 Altay, 阿拉尔 Aral,
图木舒克 Tumxuk, 可克达拉 Kokdala
"""
"""Usual English names of pools in other languages than Chinese; a county of the same name in the pool takes it too."""

ROMAN_COUNTIES = """
土默特左 Tumed Left, 土默特右 Tumed Right, 托克托 Togtoh, 和林格尔 Horinger, 达尔罕茂明安联合 Darhan Muminggan United,
白云鄂博 Bayan Obo, 阿鲁科尔沁 Ar Horqin, 巴林左 Bairin Left, 巴林右 Bairin Right, 克什克腾 Hexigten, 翁牛特 Ongniud,
喀喇沁 Harqin, 科尔沁 Horqin, 科尔沁左翼中 Horqin Left Middle, 科尔沁左翼后 Horqin Left Rear, 库伦 Hure, 扎鲁特 Jarud,
霍林郭勒 Holingol, 达拉特 Dalad, 准格尔 Jungar, 鄂托克前 Otog Front, 鄂托克 Otog, 杭锦 Hanggin, 乌审 Uxin,
伊金霍洛 Ejin Horo, 海拉尔 Hailar, 扎赉诺尔 Jalainur, 阿荣 Arun, 莫力达瓦 Morin Dawa, 鄂伦春 Oroqen, 鄂温克 Evenk,
陈巴尔虎 Old Barag, 新巴尔虎左 New Barag Left, 新巴尔虎右 New Barag Right, 额尔古纳 Ergun, 乌拉特前 Urad Front,
乌拉特中 Urad Middle, 乌拉特后 Urad Rear, 杭锦后 Hanggin Rear, 察哈尔右翼前 Chahar Right Front,
察哈尔右翼中 Chahar Right Middle, 察哈尔右翼后 Chahar Right Rear, 乌兰浩特 Ulanhot, 阿尔山 Arxan,
科尔沁右翼前 Horqin Right Front, 科尔沁右翼中 Horqin Right Middle, 扎赉特 Jalaid, 二连浩特 Erenhot, 锡林浩特 Xilinhot,
阿巴嘎 Abag, 苏尼特左 Sonid Left, 苏尼特右 Sonid Right, 东乌珠穆沁 East Ujimqin, 西乌珠穆沁 West Ujimqin, 太仆寺 Taibus,
阿拉善左 Alxa Left, 阿拉善右 Alxa Right, 额济纳 Ejin, 喀喇沁左翼 Harqin Left, 前郭尔罗斯 Qian Gorlos, 杜尔伯特 Dorbod,
富拉尔基 Fularji, 马尔康 Barkam, 若尔盖 Zoige, 壤塘 Zamtang, 色达 Sertar, 香格里拉 Shangri-La, 玛沁 Maqen, 甘德 Gade,
达日 Darlag, 久治 Jigzhi, 玛多 Madoi, 杂多 Zadoi, 称多 Chindu, 治多 Zhidoi, 囊谦 Nangqen, 曲麻莱 Qumarleb,
格尔木 Golmud, 乌兰 Ulan, 泽库 Zekog, 尖扎 Jainca, 刚察 Gangca, 阿克塞 Aksay,
堆龙德庆 Doilungdeqen, 达孜 Dagze, 林周 Lhunzhub, 当雄 Damxung, 尼木 Nyemo, 墨竹工卡 Maizhokunggar, 桑珠孜 Samzhubze,
南木林 Namling, 江孜 Gyantse, 定日 Tingri, 萨迦 Sakya, 拉孜 Lhatse, 昂仁 Ngamring, 谢通门 Xaitongmoin, 白朗 Bainang,
仁布 Rinbung, 康马 Kangmar, 定结 Dinggye, 吉隆 Gyirong, 聂拉木 Nyalam, 岗巴 Gamba, 卡若 Karub, 江达 Jomda, 贡觉 Gonjo,
类乌齐 Riwoqe, 丁青 Dengqen, 察雅 Zhag'yab, 八宿 Baxoi, 左贡 Zogang, 芒康 Markam, 洛隆 Lhorong, 边坝 Banbar,
工布江达 Gongbo'gyamda, 米林 Mainling, 墨脱 Medog, 察隅 Zayu, 朗县 Nang, 乃东 Nedong, 扎囊 Zhanang, 贡嘎 Gonggar,
琼结 Qonggyai, 曲松 Qusum, 措美 Comai, 洛扎 Lhozhag, 加查 Gyaca, 隆子 Lhunze, 错那 Cona, 浪卡子 Nagarze, 嘉黎 Lhari,
聂荣 Nyainrong, 安多 Amdo, 申扎 Xainza, 索县 Sog, 班戈 Baingoin, 巴青 Baqen, 尼玛 Nyima, 普兰 Burang, 札达 Zanda,
噶尔 Gar, 日土 Rutog, 革吉 Gegyai, 改则 Gerze, 措勤 Coqen, 托克逊 Toksun, 巴里坤 Barkol, 玛纳斯 Manas, 吉木萨尔 Jimsar,
木垒 Mori, 库尔勒 Korla, 和硕 Hoxud, 库车 Kuqa, 沙雅 Xayar, 乌什 Uqturpan, 阿瓦提 Awat, 柯坪 Kalpin, 阿图什 Artux,
阿克陶 Akto, 阿合奇 Akqi, 乌恰 Ulugqat, 英吉沙 Yengisar, 莎车 Yarkant, 麦盖提 Makit, 岳普湖 Yopurga,
塔什库尔干 Taxkorgan, 洛浦 Lop, 策勒 Qira, 奎屯 Kuytun, 霍尔果斯 Khorgos, 察布查尔 Qapqal, 特克斯 Tekes, 尼勒克 Nilka,
额敏 Emin, 托里 Toli, 和布克赛尔 Hoboksar, 布尔津 Burqin, 吉木乃 Jeminay
"""
"""Usual English names of Mongolian, Tibetan, Uyghur and Kazakh counties; the others keep their pinyin."""


def _pairs(text: str) -> dict[str, str]:
    """Return {Chinese: Latin} of a text "中文 Latin, 中文 Latin"."""
    items = (item.strip() for item in text.replace("\n", " ").split(",") if item.strip())
    return {zh: latin for zh, _, latin in (item.partition(" ") for item in items)}


READING, ROMAN_POOL, ROMAN_COUNTY = _pairs(READINGS), _pairs(ROMAN_POOLS), _pairs(ROMAN_COUNTIES)


def shorten(name: str) -> str:
    """Return `name` without its ending and nationalities, two characters at least; zones stay as they are."""
    if name in WHOLE or name.endswith(tuple(ZONE_ENDINGS)):
        return name
    if name in SHORT:
        return SHORT[name]
    for unit in UNITS:
        if name.endswith(unit) and len(name) - len(unit) > 1:
            stem = name.removesuffix(unit)
            return _without_nations(stem, unit in AUTONOMOUS) if unit in (*AUTONOMOUS, "区") else stem
    return name


def _without_nations(stem: str, autonomous: bool) -> str:
    """Return `stem` without the nationalities it ends in, two characters at least."""
    endings = tuple(f"{nation}族" for nation in NATIONS.split()) + (NATIONS_WITHOUT_ENDING if autonomous else ())
    found = True
    while found:
        found = False
        for ending in sorted(endings, key=len, reverse=True):
            if stem.endswith(ending) and len(stem) - len(ending) > 1:
                stem, found = stem.removesuffix(ending), True
                break
    return stem.removesuffix("族") if autonomous and len(stem) > 2 else stem


def _syllables(short: str) -> list[str]:
    """Return the pinyin syllables of `short`, lower case, without tones, ü as v."""
    from pypinyin import lazy_pinyin

    return lazy_pinyin(short, v_to_u=False)


def _joined(syllables: Iterable[str]) -> str:
    """Return the syllables as one capitalised English word: apostrophe before a, e, o; ü for v."""
    word = ""
    for syllable in syllables:
        word += f"'{syllable}" if word and syllable[0] in "aeo" else syllable
    return word.replace("v", "ü").capitalize()


def _pinyin(short: str) -> list[str]:
    """Return the syllables of `short`, as this country reads its place names."""
    return READING[short].split("-") if short in READING else _syllables(short)


def _latin(short: str, pool: dict[str, str], province: dict[str, str]) -> tuple[str, str]:
    """Return (pinyin, English name) of a county or zone in the places `pool` and `province` ({short: English})."""
    roman = ROMAN_COUNTY if PROVINCES_WITH_ROMAN & set(province) else {}
    if english := pool.get(short) or roman.get(short):
        return "".join(_pinyin(short)), english
    endings = ZONE_ENDINGS | OTHER_ENDINGS
    ending = next((end for end in endings if short.endswith(end) and short != end), "")
    if not ending:
        return "".join(_pinyin(short)), _joined(_pinyin(short))
    pinyin, english, stem = "", [], short.removesuffix(ending)
    for name, name_en in (*province.items(), *pool.items()):
        if stem.startswith(name):
            stem = stem.removeprefix(name).removeprefix("市")
            pinyin += "".join(_pinyin(name)) + ("shi" if f"{name}市" in short else "")
            english.append(name_en)
    pinyin += "".join(_pinyin(stem)) + "".join(_syllables(ending))
    return pinyin, " ".join([*english, *filter(None, [roman.get(stem) or _joined(_pinyin(stem))]), endings[ending]])


def _provinces(source: Path, english: dict[str, str]) -> Iterator[Row]:
    """Yield the rows of the 27 provinces that are not municipalities."""
    for row in _read(source, "census2020_province_population.csv"):
        code, name = row["province_code"], row["name_zh"]
        if code == "000000" or name.endswith("市"):
            continue
        short = shorten(name)
        pinyin = PINYIN.get(short, english[code].lower())
        yield code, "province", "", "", code, name, short, pinyin, english[code], int(row["pop_total"])


def _pools(source: Path, english: dict[str, str]) -> Iterator[Row]:
    """Yield the rows of the 367 pools."""
    levels = {"municipality": "municipality", "prefecture": "pool", "county_level_direct": "county_pool"}
    for row in _read(source, "census2020_prefecture_population.csv"):
        code, name, province = row["unit_code"], row["name_zh"], row["province_code"]
        level, short = levels[row["unit_type"]], shorten(name)
        pinyin = PINYIN.get(short, english[code].replace("'", "").lower())
        name_en = ROMAN_POOL.get(short, english[code].replace("Lv", "Lü"))
        parent = "" if level == "municipality" else province
        yield code, level, parent, code, province, name, short, pinyin, name_en, int(row["pop_total"])


def _counties(source: Path, above: dict[str, dict[str, str]]) -> Iterator[Row]:
    """Yield the rows of counties and zones, without the 35 that are the same place as their pool."""
    for row in _read(source, "census2020_county_population.csv"):
        code, name, pool, province = row["county_id"], row["name_zh"], row["prefecture_code"], row["province_code"]
        if code in above:
            continue
        level = "zone" if row["is_uncoded_zone"] == "1" else "county"
        short = name if level == "zone" else shorten(name)
        pinyin, name_en = _latin(short, above[pool], above[province])
        yield code, level, pool, pool, province, name, short, pinyin, name_en, int(row["pop_total"])


def _read(source: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of one source file, every value as text."""
    return pl.read_csv(source / name, infer_schema=False).fill_null("").to_dicts()


def build(source: Path) -> pl.DataFrame:
    """Return the table of places, a row each, sorted by code, from the census files in the folder `source`."""
    english = {row["code"]: row["name_en_or_pinyin"] for row in _read(source, "admin_divisions_2020.csv")}
    upper = [*_provinces(source, english), *_pools(source, english)]
    above = {str(row[0]): {str(row[6]): str(row[8])} for row in upper}
    rows = [*upper, *_counties(source, above)]
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row").sort("code")


def main() -> None:
    """Write the table that ships with the package, from the folder named on the command line."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    build(Path(sys.argv[1])).write_csv(TARGET)


if __name__ == "__main__":
    main()
