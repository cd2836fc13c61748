"""Places: what the table holds, what `find` reads, and what it says where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from suiren import errors, places
from suiren.people.build import places_table

HERE = Path(__file__).resolve().parent
SOURCES = Path(os.environ.get("SUIREN_SOURCES", HERE.parents[1] / "shared" / "data"))
OWN_COUNTIES = {"441900", "442000", "460300", "460400", "620200"}
SAME_PINYIN = {"suzhou", "taizhou", "fuzhou", "yichun", "yulin"}


NAMED_LIKE_ANOTHER_PROVINCE = "632500"
"""海南州 in Qinghai: a bare 海南 may mean the province of Hainan, whose governments are others."""


def problem(text: str | int, want: places.Want = "pool_or_county") -> errors.Problem:
    with pytest.raises(errors.SuirenError) as caught:
        places.find(text, want)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def test_there_are_31_provinces_367_pools_2987_counties_and_39_zones():
    levels = Counter(place.level for place in places.all_places())
    assert levels == {"province": 27, "municipality": 4, "pool": 333, "county_pool": 30, "county": 2913, "zone": 39}
    assert (len(places.provinces()), len(places.pools()), len(places.counties())) == (31, 367, 2987)


def test_codes_are_unique_sorted_and_of_six_digits_but_for_zones():
    codes = [place.code for place in places.all_places()]
    assert codes == sorted(set(codes))
    coded = [place.code for place in places.all_places() if place.level != "zone"]
    assert all(len(code) == 6 and code.isdecimal() for code in coded)
    assert all(place.code.startswith(f"{place.pool}-Z") for place in places.all_places() if place.level == "zone")


def test_every_place_lies_in_what_its_parent_lies_in():
    for place in places.all_places():
        assert places.get(place.province).is_province
        if place.is_province:
            assert place.parent == ""
            continue
        parent = places.get(place.parent)
        assert parent.province == place.province
        assert places.get(place.pool).is_pool
        assert place.parent == (place.province if place.is_pool else place.pool)


def test_wutaishan_lies_in_xinzhou_whatever_its_code_says():
    wutaishan = places.get(170971)
    assert (wutaishan.pool, wutaishan.province) == ("140900", "140000")


def test_the_people_of_counties_pools_and_provinces_are_the_same_people():
    by_province, by_pool = Counter(), Counter()
    for county in places.counties():
        by_province[county.province] += county.population
        by_pool[county.pool] += county.population
    assert sum(by_pool.values()) == 1_409_778_724
    assert by_pool == {place.code: place.population for place in places.pools()}
    assert by_province == {place.code: place.population for place in places.provinces()}


def test_five_prefectures_are_their_own_county():
    assert {place.code for place in places.counties() if place.level == "pool"} == OWN_COUNTIES
    assert not places.find("临夏").is_county
    assert places.find("济源").is_county
    assert places.find("济源").is_pool


def test_no_name_is_empty_and_none_is_shortened_below_two_characters():
    for place in places.all_places():
        assert len(place.short_zh) > 1
        assert place.name_zh.startswith(place.short_zh)
        assert place.pinyin.isascii()
        assert place.pinyin.isalpha()
        assert place.pinyin.islower()
        assert place.name_en[0].isupper()


@pytest.mark.parametrize(
    ("code", "short", "pinyin", "english"),
    [
        ("150000", "内蒙古", "neimenggu", "Inner Mongolia"),
        ("610000", "陕西", "shanxi", "Shaanxi"),
        ("140122", "阳曲", "yangqu", "Yangqu"),
        ("140109", "万柏林", "wanbailin", "Wanbailin"),
        ("141100", "吕梁", "lvliang", "Lüliang"),
        ("150100", "呼和浩特", "huhehaote", "Hohhot"),
        ("152500", "锡林郭勒", "xilinguole", "Xilingol"),
        ("230405", "兴安", "xingan", "Xing'an"),
        ("310115", "浦东", "pudong", "Pudong"),
        ("410304", "瀍河", "chanhe", "Chanhe"),
        ("429021", "神农架", "shennongjia", "Shennongjia"),
        ("441803", "清新", "qingxin", "Qingxin"),
        ("510402", "东区", "dongqu", "Dongqu"),
        ("540100", "拉萨", "lasa", "Lhasa"),
        ("620171", "兰州新区", "lanzhouxinqu", "Lanzhou New Area"),
        ("620802", "崆峒", "kongtong", "Kongtong"),
        ("622900", "临夏", "linxia", "Linxia"),
        ("622926", "东乡", "dongxiang", "Dongxiang"),
        ("622927", "积石山", "jishishan", "Jishishan"),
        ("650100", "乌鲁木齐", "wulumuqi", "Urumqi"),
        ("653100", "喀什", "kashi", "Kashgar"),
        ("654326", "吉木乃", "jimunai", "Jeminay"),
    ],
)
def test_names_that_are_easily_got_wrong(code, short, pinyin, english):
    place = places.get(code)
    assert (place.short_zh, place.pinyin, place.name_en) == (short, pinyin, english)


def test_a_name_is_told_in_either_language():
    assert places.name(622900) == "临夏回族自治州"
    assert places.name("622900", "en") == places.get("622900").name("en") == "Linxia"


@pytest.mark.parametrize("pool", places.pools(), ids=lambda pool: pool.code)
def test_each_pool_is_found_in_every_spelling(pool):
    province = places.get(pool.province)
    above = "" if pool.is_province else province.name_zh
    for text in (pool.code, int(pool.code), pool.name_zh, above + pool.name_zh, above + pool.short_zh):
        assert places.find(text) is pool
    for text in (pool.short_zh, pool.pinyin, pool.pinyin.upper(), pool.name_en):
        if pool.code == NAMED_LIKE_ANOTHER_PROVINCE:
            told = problem(text)
            assert told.code == "E-place-province"
            assert pool.code in told.do
        elif pool.pinyin in SAME_PINYIN and text != pool.short_zh:
            told = problem(text)
            assert told.code == "E-place-ambiguous"
            assert f"{pool.code} {province.name_zh}{pool.name_zh}" in told.what
        else:
            assert places.find(text) is pool
    if not pool.is_province:
        assert places.find(f"{province.name_en} {pool.name_en}") is pool
        assert places.find(f"{pool.name_en}, {province.name_en}") is pool


def test_each_county_is_found_by_code_and_with_what_lies_above_it():
    for county in places.counties():
        if county.level != "zone":
            above = dict.fromkeys((county.province, county.pool, county.code))
            assert places.find(county.code) is county
            assert places.find("".join(places.get(code).name_zh for code in above)) is county


def outcome(text: str) -> tuple[places.Place | None, str]:
    try:
        return places.find(text), ""
    except errors.SuirenError as error:
        return None, str(error)


def test_a_county_name_finds_the_county_or_a_pool_of_that_name_or_an_error_that_lists_it():
    pools_of = Counter(pool.pinyin for pool in places.pools())
    for county in places.counties():
        if county.level != "county":
            continue
        for text in (county.name_zh, county.short_zh, county.pinyin, county.name_en):
            found, told = outcome(text)
            if found is None:
                listed = county.code in told or " more." in told or pools_of[county.pinyin] > 1
                assert listed, (text, told)
                assert "E-place-ambiguous" in told or "E-place-province" in told
            else:
                assert found is county or (found.is_pool and text != county.name_zh), text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("临夏", "622900"),
        ("临夏州", "622900"),
        ("临夏市", "622901"),
        ("临夏县", "622921"),
        ("甘肃临夏", "622900"),
        ("甘肃省临夏县", "622921"),
        ("Linxia County", "622921"),
        ("linxiazhou", "622900"),
        ("  Lin xia ", "622900"),
        ("Línxià", "622900"),
        ("６２２９００", "622900"),
        ("江苏省苏州市", "320500"),
        ("Suzhou, Jiangsu", "320500"),
        ("苏州，江苏", "320500"),
        ("anhui su-zhou", "341300"),
        ("XI’AN", "610100"),
        ("xian", "610100"),
        ("Ürümqi", "650100"),
        ("Lüliang", "141100"),
        ("lvchun", "532531"),
        ("Luchun", "532531"),
        ("Xilingol League", "152500"),
        ("Inner Mongolia Xilingol", "152500"),
        ("朝阳", "211300"),
        ("北京朝阳", "110105"),
        ("吉林省长春市朝阳区", "220104"),
        ("南京鼓楼", "320106"),
        ("重庆", "500000"),
        ("重庆市渝北区", "500112"),
        ("chongqing yubei", "500112"),
        ("Pudong New Area", "310115"),
        ("qingxinqu", "441803"),
        ("本溪", "210500"),
        ("本溪县", "210521"),
        ("东莞", "441900"),
        ("吉林", "220200"),
        ("吉林市", "220200"),
        ("海南州", "632500"),
        ("河北区", "120105"),
    ],
)
def test_what_people_write(text, code):
    assert places.find(text).code == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("鼓楼区", {"320106", "320302", "350102", "410204"}),
        ("朝阳区", {"110105", "220104"}),
        ("suzhou", {"320500", "341300"}),
        ("江苏鼓楼", {"320106", "320302"}),
    ],
)
def test_a_name_of_several_places_lists_them_all(text, codes):
    told = problem(text)
    assert told.code == "E-place-ambiguous"
    assert all(code in told.what for code in codes)
    assert f"{len(codes)} places" in told.what
    assert told.why
    assert told.do


def test_a_long_list_of_candidates_is_cut_and_the_rest_counted():
    listed = places._labels(places.pools()[:15])
    assert listed.count(",") == places.LIST_AT_MOST - 1
    assert listed.endswith(" and 3 more")


@pytest.mark.parametrize("text", ["甘肃", "甘肃省", "Gansu", "620000", 620000, "gansusheng"])
def test_a_province_is_refused_with_some_of_its_pools(text):
    told = problem(text)
    assert told.code == "E-place-province"
    assert "620000 甘肃省" in told.what
    assert "兰州市" in told.do


@pytest.mark.parametrize(("text", "county"), [("河北", "120105"), ("Henan", "632324")])
def test_a_province_is_not_taken_for_a_county_of_its_name(text, county):
    told = problem(text)
    assert told.code == "E-place-province"
    assert county in told.do


@pytest.mark.parametrize("text", ["镇江新区", "140100-Z01", "镇江市镇江新区"])
def test_zones_without_a_code_cannot_be_named(text):
    told = problem(text)
    assert told.code == "E-place-zone"
    assert told.do


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("临厦", "622900"),
        ("甘肃临厦", "622900"),
        ("杭洲", "330100"),
        ("hangzhuo", "330100"),
        ("Shenzen", "440300"),
        ("乌鲁木其", "650100"),
        ("629200", "622900"),
        (622999, "622927"),
        (330113, "330112"),
    ],
)
def test_an_unknown_name_or_code_is_answered_with_the_nearest(text, near):
    told = problem(text)
    assert told.code == "E-place-unknown"
    assert near in told.do


@pytest.mark.parametrize("text", ["", "?", "Atlantis Lost", "6229", 0, -1, "1e5", "62290０0", "中国", "100000"])
def test_what_names_nothing_still_says_what_to_do(text):
    told = problem(text)
    assert told.code == "E-place-unknown"
    assert told.do


def test_a_whole_province_is_found_where_one_is_wanted():
    assert places.find("吉林", "province").code == places.find("吉林", "any").code == "220000"
    assert places.find("海南", "province").code == "460000"
    assert places.find("Tibet", "province").code == places.find("xizang", "province").code == "540000"
    assert places.find("上海", "province").code == places.find("上海", "any").code == "310000"
    assert places.find("兰州", "any").code == "620100"
    assert problem("兰州", "province").code == "E-place-not-province"
    assert "630000" in problem("青诲", "province").do


def test_get_takes_every_level_and_refuses_the_rest():
    assert places.get(510000).is_province
    assert places.get("140100-Z01").level == "zone"
    with pytest.raises(errors.SuirenError, match="E-place-unknown"):
        places.get("999999")


def test_the_frame_has_all_places_but_zones_as_integers():
    frame = places.frame()
    assert frame.schema == {
        "code": pl.Int32,
        "pool_code": pl.Int32,
        "province_code": pl.Int32,
        "level": pl.String,
    }
    assert frame.height == len(places.all_places()) - 39
    assert frame["code"].is_sorted()
    assert frame.filter(pl.col("pool_code").is_null())["level"].unique().to_list() == ["province"]
    assert frame.filter(pl.col("code") == pl.col("pool_code")).height == 367


def test_finding_a_place_does_not_load_what_only_the_maker_of_the_table_needs():
    code = "import sys; from suiren import places; places.find('临夏'); print('pypinyin' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_the_shipped_table_is_what_the_sources_give():
    if SOURCES.is_dir():
        built = places_table.build(SOURCES)
        assert built.columns == list(places_table.COLUMNS)
        assert built.write_csv() == places_table.TARGET.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("新疆维吾尔自治区", "新疆"),
        ("莫力达瓦达斡尔族自治旗", "莫力达瓦"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("隆林各族自治县", "隆林"),
        ("管城回族区", "管城"),
        ("大兴安岭地区", "大兴安岭"),
        ("郊区", "郊区"),
        ("津市市", "津市"),
        ("烟台经济技术开发区", "烟台经济技术开发区"),
    ],
)
def test_names_are_shortened_to_what_people_say(name, short):
    assert places_table.shorten(name) == short
