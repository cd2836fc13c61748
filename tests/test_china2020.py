"""The shipped population keeps its margins; the build rounds exactly and tells what is wrong with its tables."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suiren.errors import SuirenError
from suiren.people import china2020
from suiren.people.build.ages import AGES, GROUP_OF_BAND, bands
from suiren.people.build.make import make
from suiren.people.build.margins import digest
from suiren.people.build.page import page
from suiren.people.build.parameters import Parameters
from suiren.people.build.rounding import controlled, largest_remainder, rake, spread
from suiren.people.build.sources import COLUMNS, GROUPS, census, read_tables

ROOT = Path(__file__).parents[1]
SOURCES = Path(os.environ.get("SUIREN_SOURCES", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return china2020.load()


@pytest.fixture(scope="module")
def margins() -> dict[str, dict]:
    return {margin["name"]: margin for margin in china2020.metadata()["margins"]}


def pool_cells(table: pl.DataFrame) -> np.ndarray:
    group = dict(zip(AGES, GROUP_OF_BAND, strict=True))
    wide = (
        table.with_columns(group=pl.col("age_from").cast(pl.Int64).replace_strict(group))
        .group_by("residence_pool", "sex", "group")
        .agg(pl.col("persons").cast(pl.Int64).sum())
    )
    pools = {pool: index for index, pool in enumerate(wide["residence_pool"].unique().sort())}
    cells = np.zeros((len(pools), 2, len(GROUPS)), dtype=np.int64)
    for pool, sex, at, persons in wide.iter_rows():
        cells[pools[pool], sex - 1, at] = persons
    return cells


def province(column: str) -> pl.Expr:
    return pl.col(column) // 10_000


def by_pool(rows: pl.DataFrame, table: pl.DataFrame) -> np.ndarray:
    pools = table.select(pl.col("residence_pool").unique().sort())
    found = rows.group_by("residence_pool").agg(pl.col("persons").cast(pl.Int64).sum())
    return pools.join(found, on="residence_pool", how="left", maintain_order="left")["persons"].fill_null(0).to_numpy()


def test_all_people_are_there(table: pl.DataFrame) -> None:
    assert table["persons"].cast(pl.Int64).sum() == 1_409_778_724
    away = table.filter(province("residence_pool") != province("hukou_pool"))
    assert away["persons"].cast(pl.Int64).sum() == 124_837_153


def test_columns_and_order(table: pl.DataFrame) -> None:
    assert table.schema == pl.Schema(
        {
            "residence_pool": pl.Int32,
            "hukou_pool": pl.Int32,
            "sex": pl.Int8,
            "age_from": pl.UInt8,
            "person_class": pl.Enum(["newborn", "preschool", "pupil", "student", "adult", "elderly"]),
            "persons": pl.Int32,
            "resident_scheme": pl.Int32,
            "here_table3": pl.Int32,
            "here_table2": pl.Int32,
        }
    )
    key = ["residence_pool", "hukou_pool", "sex", "age_from", "person_class"]
    assert table.select(key).equals(table.select(key).sort(key))
    assert not table.select(pl.struct(key).is_duplicated().any()).item()
    assert sorted(table["age_from"].unique()) == list(AGES)
    assert table["sex"].unique().sort().to_list() == [1, 2]
    assert table["residence_pool"].n_unique() == 367
    assert len(table) <= 3_500_000
    assert (ROOT / "src" / "suiren" / "data" / "china-2020.parquet").stat().st_size < 15_000_000


def test_every_row_is_possible(table: pl.DataFrame) -> None:
    assert table.null_count().sum_horizontal().item() == 0
    assert (table["persons"] > 0).all()
    assert (table["resident_scheme"] <= table["persons"]).all()
    assert (table["here_table3"] <= table["resident_scheme"]).all()
    assert (table["here_table2"] <= table["here_table3"]).all()
    assert (table["here_table2"] >= 0).all()
    local = table.filter(pl.col("residence_pool") == pl.col("hukou_pool"))
    assert (local["here_table3"] == local["resident_scheme"]).all()
    assert (local["here_table2"] == local["resident_scheme"]).all()


def test_class_follows_age(table: pl.DataFrame) -> None:
    student = pl.col("person_class") == "student"
    starts = {0: "newborn", 1: "preschool", 6: "pupil", 18: "adult", 60: "elderly"}
    by_age = {age: next(starts[start] for start in sorted(starts, reverse=True) if age >= start) for age in AGES}
    others = table.filter(~student)
    found = others.select(pl.col("age_from").cast(pl.Int64), pl.col("person_class").cast(pl.String)).unique()
    assert dict(found.iter_rows()) == by_age
    assert len(found) == len(by_age)
    assert set(table.filter(student)["age_from"].unique()) <= {18, 20}


def test_class_margins(table: pl.DataFrame) -> None:
    found = dict(table.group_by("person_class").agg(pl.col("resident_scheme").cast(pl.Int64).sum()).iter_rows())
    assert found["newborn"] + found["preschool"] + found["pupil"] == 245_680_000
    assert found["student"] == 19_930_000
    assert found["adult"] + found["elderly"] == 743_050_000


def test_census_cells_have_the_recorded_digest(table: pl.DataFrame, margins: dict[str, dict]) -> None:
    assert digest(pool_cells(table)) == margins["pool_sex_age"]["sha256"]
    away = table.filter(province("residence_pool") != province("hukou_pool"))
    assert digest(by_pool(away, table)) == margins["from_other_provinces"]["sha256"]


@pytest.mark.parametrize("level", ["table3", "table2"])
def test_members_by_province_have_the_recorded_digest(
    table: pl.DataFrame, margins: dict[str, dict], level: str
) -> None:
    here = pl.col(f"here_{level}").cast(pl.Int64)
    parts = [
        table.group_by(province("residence_pool").alias("province")).agg(here.sum().alias("persons")),
        table.group_by(province("hukou_pool").alias("province")).agg(
            (pl.col("resident_scheme") - here).sum().alias("persons")
        ),
    ]
    found = pl.concat(parts).group_by("province").agg(pl.col("persons").sum()).sort("province")
    assert digest(found["persons"].to_numpy()) == margins[f"members_by_province_{level}"]["sha256"]


def test_tianjin_is_as_published() -> None:
    about = {row["province"]: row for row in china2020.metadata()["provinces"]}
    assert about[120000]["resident_scheme_table3"] == 5_374_000
    assert all(row["both_schemes_published"] > row["resident_scheme_table3"] for row in about.values())


def test_share_enrolled_here_is_the_printed_one(table: pl.DataFrame) -> None:
    printed = {row["province"]: row["share_here"] for row in china2020.metadata()["provinces"]}
    migrants = table.filter(
        (pl.col("residence_pool") != pl.col("hukou_pool")) & (pl.col("person_class") != "student")
    ).cast({"here_table3": pl.Int64, "resident_scheme": pl.Int64})
    found = migrants.group_by(province("residence_pool").alias("province")).agg(
        pl.col("here_table3").sum() / pl.col("resident_scheme").sum()
    )
    assert len(found) == 31
    assert all(abs(share - printed[code * 10_000]) < 1e-4 for code, share in found.iter_rows())


def test_small_flows_have_the_ages_of_large_ones(table: pl.DataFrame) -> None:
    flow = ["residence_pool", "hukou_pool"]
    persons = pl.col("persons").cast(pl.Int64)
    away = table.filter(province("residence_pool") != province("hukou_pool")).with_columns(
        working=persons * (pl.col("age_from") >= 20) * (pl.col("age_from") < 45)
    )
    flows = away.group_by(flow).agg(persons.sum(), pl.col("working").sum())
    pools = flows.group_by("residence_pool").agg(share=pl.col("working").sum() / pl.col("persons").sum())
    small = flows.filter(pl.col("persons") <= 100).join(pools, on="residence_pool")
    expected = small.select((pl.col("persons") * pl.col("share")).sum()).item()
    assert abs(small["working"].sum() / expected - 1) < 0.01


def test_municipalities_have_no_movers_inside(table: pl.DataFrame) -> None:
    inside = table.filter(
        (pl.col("residence_pool") != pl.col("hukou_pool")) & (province("residence_pool") == province("hukou_pool"))
    )
    assert not set(inside["residence_pool"].unique()) & {110000, 120000, 310000, 500000}
    assert inside["persons"].cast(pl.Int64).sum() == china2020.metadata()["crossing"]["crossed_a_pool_border"]


@pytest.mark.parametrize("level", ["table3", "table2"])
def test_enrolment_holds_every_member_once(table: pl.DataFrame, level: china2020.Level) -> None:
    kinds = china2020.enrolment(level)
    assert kinds["persons"].sum() == 1_008_660_000
    assert kinds["persons"].min() == 1
    here = kinds.filter(pl.col("enrolment_place") == pl.col("residence_place"))
    assert here["persons"].sum() == table[f"here_{level}"].cast(pl.Int64).sum()
    home = kinds.filter(pl.col("enrolment_place") != pl.col("residence_place"))
    assert (home["enrolment_place"] == home["hukou_place"]).all()
    assert kinds.schema["age"] == pl.Int16
    assert kinds.schema["persons"] == pl.Int64


def test_description_names_every_assumption_in_both_languages() -> None:
    about = china2020.describe()
    names = [parameter["name"] for parameter in about["parameters"]]
    assert len(names) == len(set(names))
    assert all(parameter["says_en"] and parameter["says_zh"] for parameter in about["parameters"])
    assert {parameter["evidence"] for parameter in about["parameters"]} == {"assumed", "sourced"}
    assert [margin["name"] for margin in about["margins"] if not margin["exact"]] == ["members_by_province_table2"]


def test_page_is_the_one_of_the_description() -> None:
    assert (ROOT / "docs" / "POPULATION.md").read_text(encoding="utf-8") == page(china2020.metadata())


if SOURCES.is_dir():

    def test_census_cells_equal_the_source(table: pl.DataFrame) -> None:
        places = census(read_tables(SOURCES))
        assert (pool_cells(table) == places.cells).all()
        away = table.filter(province("residence_pool") != province("hukou_pool"))
        assert (by_pool(away, table) == places.other_province).all()
        inside = table.filter(
            (pl.col("residence_pool") != pl.col("hukou_pool")) & (province("residence_pool") == province("hukou_pool"))
        )
        assert (by_pool(inside, table) <= places.other_county).all()


counts = st.lists(st.integers(0, 50), min_size=1, max_size=8)


@given(counts, counts, st.randoms(use_true_random=False))
def test_controlled_rounding_keeps_both_margins(rows: list[int], columns: list[int], chance) -> None:
    cells = np.array([[chance.random() for _ in columns] for _ in rows]) * np.outer(rows, columns)
    row_sums, column_sums = cells.sum(axis=1), cells.sum(axis=0)
    total = round(float(cells.sum()))
    if total == 0:
        return
    wanted_rows, wanted_columns = largest_remainder(row_sums, total), largest_remainder(column_sums, total)
    table = rake(
        np.where((wanted_rows[:, None] > 0) & (wanted_columns > 0), cells + 1e-3, 0), wanted_rows, wanted_columns
    )
    result = controlled(table, wanted_rows, wanted_columns)
    assert (result.sum(axis=1) == wanted_rows).all()
    assert (result.sum(axis=0) == wanted_columns).all()
    assert (result >= 0).all()
    assert (np.abs(result - table) < 1 + 1e-6).all()


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.001, 1)), min_size=1, max_size=60), st.floats(0, 1))
def test_spread_fits_and_sums(rows: list[tuple[int, float]], part: float) -> None:
    caps = np.array([cap for cap, _ in rows], dtype=np.int64)
    weights = np.array([cap * rate for cap, rate in rows])
    total = int(part * caps.sum())
    result = spread(weights, caps, total)
    assert result.sum() == total
    assert ((result >= 0) & (result <= caps)).all()


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=40), st.integers(0, 10_000))
def test_largest_remainder_sums(shares: list[float], total: int) -> None:
    result = largest_remainder(np.array(shares), total)
    assert result.sum() == total
    assert (np.abs(result - np.array(shares) * total / sum(shares)) < 1 + 1e-6).all()


@given(st.lists(st.integers(0, 1000), min_size=38, max_size=38))
@settings(max_examples=50)
def test_cut_groups_sum_to_the_group(cells: list[int]) -> None:
    groups = np.array(cells, dtype=np.int64).reshape(1, 2, 19)
    cut = bands(groups)
    assert (cut >= 0).all()
    for group in range(19):
        assert (cut[:, :, np.array(GROUP_OF_BAND) == group].sum(axis=2) == groups[:, :, group]).all()


POOLS = {"120000": "municipality", "410100": "prefecture", "410200": "prefecture", "419001": "county_level_direct"}
POOLS |= {"440100": "prefecture", "440200": "prefecture"}
BIRTHPLACES = "od_interprovincial_2000_2010.csv"
PROVINCES = {"120000": 300, "410000": 900, "440000": 600}


def write(folder: Path, name: str, rows: list[dict]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(COLUMNS[name]))
        writer.writeheader()
        writer.writerows({column: row.get(column, "") for column in COLUMNS[name]} for row in rows)


def invented_counties() -> list[dict]:
    rows = []
    for pool, kind in POOLS.items():
        own = [pool] if kind == "county_level_direct" else [pool[:4] + two for two in ("01", "02", "21")]
        if kind == "municipality":
            own = [pool[:2] + "0101", pool[:2] + "0102", pool[:2] + "0103"]
        for index, code in enumerate(own):
            scale = 1000 if kind == "county_level_direct" else 1000 + 400 * index
            moved, outside = 90 + 30 * index, {"12": 300, "41": 20 + 10 * index, "44": 250}[pool[:2]]
            values = (code, 0, pool, "某市", pool[:2] + "0000", 38 * scale // 10, 60, moved, outside)
            rows.append(dict(zip(COLUMNS["census2020_county_population.csv"], values, strict=True)))
    return rows


def invented(folder: Path) -> Path:
    counties = invented_counties()
    write(folder, "census2020_county_population.csv", counties)

    def ages(code_column: str, code: str, people: int) -> list[dict]:
        each = people // 38
        return [
            {
                code_column: code,
                "sex": sex,
                "age_group": group,
                "population": each + (people - 38 * each if (sex, group) == ("male", "30-34") else 0),
            }
            for sex in ("male", "female")
            for group in GROUPS
        ]

    cells = [row for county in counties for row in ages("county_id", county["county_id"], county["pop_total"])]
    write(folder, "census2020_county_age_sex.csv", cells)
    sums = {
        pool: {
            column: sum(county[column] for county in counties if county["prefecture_code"] == pool)
            for column in (
                "pop_total",
                "hukou_elsewhere_other_county_same_province",
                "hukou_elsewhere_other_province",
            )
        }
        for pool in POOLS
    }
    write(
        folder,
        "census2020_prefecture_population.csv",
        [
            {"unit_code": pool, "unit_type": kind, "province_code": pool[:2] + "0000"}
            | sums[pool]
            | {"pop_urban": sums[pool]["pop_total"] * 6 // 10}
            for pool, kind in POOLS.items()
        ],
    )
    cells = [row for pool in POOLS for row in ages("unit_code", pool, sums[pool]["pop_total"])]
    write(folder, "census2020_prefecture_age_sex.csv", cells)
    registered = {"12": 9, "41": 13, "44": 9}
    past = [
        {"unit_code": pool, "hukou_population": sums[pool]["pop_total"] * registered[pool[:2]] // 10} | sums[pool]
        for pool in POOLS
    ]
    write(folder, "census2010_prefecture_population_hukou.csv", past)
    people = {
        code: {
            column: sum(row[column] for row in past if row["unit_code"][:2] == code[:2])
            for column in ("pop_total", "hukou_population", "hukou_elsewhere_other_province")
        }
        for code in PROVINCES
    }
    rows = [{"province_code": code} | people[code] for code in PROVINCES]
    write(folder, "census2010_province_population_hukou.csv", rows)
    flows = [
        dict(zip(COLUMNS[BIRTHPLACES], (2010, origin, end, 0 if origin == end else size // 10), strict=True))
        for origin, size in PROVINCES.items()
        for end in PROVINCES
    ]
    write(folder, BIRTHPLACES, flows)
    invented_schemes(folder, people)
    return folder


SURVEY = """year,indicator_id,{0}
2018,employee_scheme_share_pct,25
2018,new_rural_scheme_share_pct,55
2018,urban_rural_resident_scheme_share_pct,18
2018,residence_share_employee_pct,87
2018,residence_share_new_rural_pct,3
2018,residence_share_urban_rural_resident_pct,37
"""
BULLETIN = """series,year,indicator,value
nhsa_annual_bulletin,2021,employee_retired_enrolment,{0}
nhsa_annual_bulletin,2021,resident_enrolment_pupils_children,{1}
nhsa_annual_bulletin,2021,resident_enrolment_university,{2}
nhsa_annual_bulletin,2021,resident_enrolment_adult,{3}
"""


def invented_schemes(folder: Path, people: dict[str, dict[str, int]]) -> None:
    everyone = sum(row["pop_total"] for row in people.values())
    members = {code: row["pop_total"] * 9 // 10 / 10_000 for code, row in people.items()}
    file = "province_medical_enrolment_health_spending.csv"
    column = "basic_medical_insurance_enrolment_10k"
    write(folder, file, [{"province_code": c, "year": 2021, column: m} for c, m in members.items()])
    file, column = "province_income_revenue_balance.csv", "disposable_income_all_yuan"
    write(folder, file, [{"province_code": code, "year": 2021, column: 30_000} for code in PROVINCES])
    row = {"province_code": "120000", "year": 2021, "indicator": "employee_enrolment"}
    write(folder, "tianjin_medical_insurance_by_scheme.csv", [row | {"value": members["120000"] / 4}])
    figures = [int(share * everyone) / 10_000 for share in (0.06, 0.15, 0.01, 0.5)]
    (folder / "nhsa_national_2018_2022.csv").write_text(BULLETIN.format(*figures), encoding="utf-8")
    rows = [{"province_code_gb2260": code, "residence_share_pct": 20, "sample_n": 100} for code in PROVINCES]
    write(folder, "seed/cmds_t3.csv", rows)
    rows = [{"city_code_gb2260": "410100", "out_of_province_share_of_nonlocal_pct": 30}]
    write(folder, "seed/t5_outprov_share.csv", rows)
    for name, column in (("cmds_t1", "value"), ("cmds_t2", "value_pct")):
        (folder / "seed" / f"{name}.csv").write_text(SURVEY.format(column), encoding="utf-8")


def test_build_of_an_invented_country(tmp_path: Path) -> None:
    source = invented(tmp_path / "source")
    plain = Parameters()
    parameters = replace(plain, same_city_movers=replace(plain.same_city_movers, value=1300))
    for name in ("first", "second"):
        make(source, tmp_path / name, lambda _: None, parameters)
    first, second = (tmp_path / name / "china-2020.parquet" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    built = pl.read_parquet(first)
    about = json.loads((tmp_path / "first" / "china-2020.json").read_text(encoding="utf-8"))
    assert all(margin["exact"] for margin in about["margins"] if margin["name"] != "members_by_province_table2")
    assert built["persons"].sum() == sum(county["pop_total"] for county in invented_counties())
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == ["china-2020.json", "china-2020.parquet"]


def test_wrong_tables_are_told_at_once(tmp_path: Path) -> None:
    source = invented(tmp_path)
    (source / "seed" / "cmds_t3.csv").unlink()
    county = source / "census2020_county_population.csv"
    county.write_text(county.read_text(encoding="utf-8").replace("pop_total", "people", 1), encoding="utf-8")
    od = source / BIRTHPLACES
    od.write_text(od.read_text(encoding="utf-8").replace("2010,", "2O10,", 1), encoding="utf-8")
    with pytest.raises(SuirenError) as caught:
        read_tables(source)
    told = str(caught.value)
    assert "seed/cmds_t3.csv" in told
    assert "census2020_county_population.csv" in told
    assert "pop_total" in told
    assert "census_year, line 2" in told
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["population-column", "population-value", "population-file"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuirenError, match="not a folder"):
        read_tables(tmp_path / "none")


def test_ages_that_miss_the_total_are_told(tmp_path: Path) -> None:
    source = invented(tmp_path)
    pools = source / "census2020_prefecture_population.csv"
    frame = pl.read_csv(pools, infer_schema=False).with_columns(
        pop_total=pl.when(pl.col("unit_code") == "410100").then(pl.lit("9")).otherwise("pop_total")
    )
    frame.write_csv(pools)
    with pytest.raises(SuirenError, match="410100"):
        census(read_tables(source))
