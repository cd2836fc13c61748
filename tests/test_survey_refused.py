"""Survey files and mappings that break things: read, or refused with what is wrong, never with a traceback."""

import datetime as dt
import gzip
import importlib
from collections import defaultdict
from fractions import Fraction

import polars as pl
import pytest

from people_files import suiren
from suiren.errors import SuirenError
from suiren.studies import survey, survey_sample
from suiren.studies.survey_estimate import student
from suiren.studies.survey_mapping import read_mapping
from test_survey import HEADER, MAPPING, ROWS, values, written


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.csv"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.fixture
def expected(tmp_path, mapping):
    """The counts and shares of the plain file."""
    read = survey.read(written(tmp_path, ROWS), mapping)
    return read.counts, values(read)


def frame():
    return pl.read_csv((HEADER + ROWS).encode())


def refused(file, mapping):
    with pytest.raises(SuirenError) as caught:
        survey.read(file, mapping)
    return str(caught.value)


def test_a_packed_file_is_read_and_a_damaged_one_is_refused(tmp_path, mapping, expected):
    file = tmp_path / "s.csv.gz"
    whole = gzip.compress((HEADER + ROWS).encode(), mtime=0)
    file.write_bytes(whole)
    read = survey.read(file, mapping)
    assert (read.counts, values(read)) == expected
    for broken in (whole[:40] + b"\0\0\0\0" + whole[44:], whole[:-12], b"no such thing"):
        file.write_bytes(broken)
        assert "s.csv.gz cannot be unpacked" in refused(file, mapping)


def test_three_hundred_columns_are_no_trouble(tmp_path, mapping, expected):
    wide = frame().with_columns(**{f"x{number}": pl.lit(number) for number in range(300)})
    wide.write_csv(tmp_path / "wide.csv")
    read = survey.read(tmp_path / "wide.csv", mapping)
    assert (read.counts, values(read)) == expected


@pytest.mark.parametrize("name", ["s.xlsx", "s.csv", "s.xls"])
def test_a_workbook_is_told_as_one_whatever_its_name(tmp_path, mapping, name):
    frame().write_excel(tmp_path / "book.xlsx")
    (tmp_path / name).write_bytes((tmp_path / "book.xlsx").read_bytes())
    told = refused(tmp_path / name, mapping)
    assert "workbook" in told
    assert "CSV UTF-8" in told


@pytest.mark.parametrize("kind", ["parquet", "sav", "dta"])
def test_other_files_named_csv_are_told_as_what_they_are(tmp_path, mapping, kind):
    if kind == "parquet":
        frame().write_parquet(tmp_path / "s.csv")
    else:
        made = tmp_path / f"s.{kind}"
        getattr(importlib.import_module("pyreadstat"), f"write_{kind}")(frame(), str(made))
        made.rename(tmp_path / "s.csv")
    assert {"parquet": "a Parquet file", "sav": "an SPSS file", "dta": "a Stata file"}[kind] in refused(
        tmp_path / "s.csv", mapping
    )


def test_values_that_spss_calls_missing_are_missing(tmp_path, mapping):
    numbers = frame().with_columns(e=pl.when(pl.col("id") == 1).then(7).otherwise(pl.col("e")))
    ranges = {"e": [7, 8], "w": [{"lo": 900, "hi": 999}]}
    heavy = numbers.with_columns(w=pl.when(pl.col("id") == 2).then(950).otherwise(pl.col("w")))
    importlib.import_module("pyreadstat").write_sav(heavy, str(tmp_path / "s.sav"), missing_ranges=ranges)
    read = survey.read(tmp_path / "s.sav", mapping)
    assert (read.count("answer"), read.count("weight")) == (2, 3)


def test_stata_labels_in_gb18030_name_the_place(tmp_path, mapping):
    placed = frame().with_columns(place=pl.lit(7))
    file = tmp_path / "s.dta"
    importlib.import_module("pyreadstat").write_dta(
        placed, str(file), version=12, variable_value_labels={"place": {7: "PLACENAM", 8: "elsewhere"}}
    )
    data = file.read_bytes()
    assert b"PLACENAM" in data
    file.write_bytes(data.replace(b"PLACENAM", "浙江".encode("gb18030") + bytes(4)))
    read = survey.read(file, mapping)
    assert read.people["province"].unique().to_list() == ["330000"]
    assert read.remarks == (("read as GB18030", "按 GB18030 读取"),)


@pytest.mark.parametrize("kind", ["sav", "dta", "csv"])
def test_blanks_around_texts_and_numbers_as_floats_change_nothing(tmp_path, mapping, expected, kind):
    blank = pl.read_csv((HEADER + ROWS).encode(), infer_schema=False).fill_null("")
    names = ("e", "ew", "place", "year", "st")
    padded = blank.with_columns(
        *((pl.lit(" ") + pl.col(name) + pl.lit("  ")).alias(name) for name in names),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in ("r", "rw", "w")),
    )
    file = tmp_path / f"s.{kind}"
    if kind == "csv":
        padded.write_csv(file)
    else:
        getattr(importlib.import_module("pyreadstat"), f"write_{kind}")(padded, str(file))
    read = survey.read(file, mapping)
    assert (read.counts, values(read)) == expected


def test_dates_are_no_years_and_no_answers(tmp_path, mapping):
    day = pl.lit(dt.date(2018, 5, 1))
    frame().with_columns(year=day, e=day).write_parquet(tmp_path / "s.parquet")
    told = refused(tmp_path / "s.parquet", mapping)
    assert "is no year of four digits from 2000 to 2099, such as '2018-05-01'" in told
    assert "employee (e): 15 rows hold codes that the mapping does not list: '2018-05-01'" in told


def test_signs_that_cannot_be_printed_are_not_printed(tmp_path, mapping):
    file = written(tmp_path, ROWS.replace("999999", "99\x1b[31m"))
    assert survey.read(file, mapping).remarks[0][0] == "places not known (1): 99?[31m"


@pytest.mark.parametrize("unit", [1e-300, 1e-12, 0.1, 1e5])
def test_the_unit_of_weights_does_not_matter(tmp_path, mapping, unit):
    def weighted(scale):
        rows = [line.split(",") for line in ROWS.splitlines()]
        for number, row in enumerate(rows, 1):
            row[2] = row[2] and repr(float(row[2]) * (1 + 1.25 * number) * scale)
        return written(tmp_path, "\n".join(map(",".join, rows)) + "\n")

    plain = values(survey.read(weighted(1), mapping))
    assert values(survey.read(weighted(unit), mapping)) == plain


def test_one_person_with_nearly_all_weight_is_told_and_nothing_breaks(tmp_path, mapping):
    rows = "".join(f"{number},2018,1e9,a,{number % 5},330100,1,1,2,,2,\n" for number in range(300))
    file = written(tmp_path, rows + "900,2018,0.00001,a,1,330100,2,,2,,2,\n")
    first, *_ = survey.tables(survey.read(file, mapping))
    assert first.frame.filter(pl.col("indicator_id") == "insured_rate_pct").row(0)[4:7] == (100.0, None, None)
    heavy = written(tmp_path, ROWS.replace("2,2018,1,", "2,2018,1e9,", 1))
    assert any("more weight than all others" in one for one, _ in survey.read(heavy, mapping).remarks)


def test_clusters_that_are_all_alike_give_no_interval_of_no_width(tmp_path, mapping):
    rows = "".join(f"{number},2018,1,a,{number // 2},330100,{1 + number % 2},1,2,,2,\n" for number in range(20))
    first, *_ = survey.tables(survey.read(written(tmp_path, rows), mapping))
    told = first.frame.filter(pl.col("indicator_id") == "employee_scheme_share_pct")
    assert told.row(0)[4:7] == (50.0, None, None)
    assert "all alike" in first.note_en


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("cluster,cl", "cluster,st", "stratum and cluster both name the variable 'st'"),
        ("person_id,id", "person_id,w", "person_id and weight both name"),
        ("weight,w", "weight,e", "weight and employee both name"),
        ("resident,r,1", "resident,e,1", "Whoever is in one scheme would be in both"),
        ("weight,w,,", "weight,w,1,2", "weight lists codes"),
        ("resident,r,1,2,9,\n", "resident,r,1,2,9,\nresident,r,2,1,9,\n", "would count twice"),
    ],
)
def test_a_variable_that_is_named_twice_is_refused(tmp_path, mapping, old, new, word):
    mapping.write_text(MAPPING.replace(old, new), encoding="utf-8")
    assert word in refused(written(tmp_path, ROWS), mapping)


def test_a_place_may_be_the_stratum(tmp_path, mapping):
    mapping.write_text(MAPPING.replace("stratum,st", "stratum,place"), encoding="utf-8")
    assert survey.read(written(tmp_path, ROWS), mapping).count("no_stratum") == 1


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_mapping_as_excel_saves_it_is_read(mapping, delimiter, encoding):
    plain = read_mapping(mapping)
    mapping.write_bytes(("# 说明\n" + MAPPING.replace(",", delimiter)).encode(encoding))
    assert read_mapping(mapping) == plain


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("m.yaml", "employee:\n  variable: e\n", "is no CSV file"),
        ("m.toml", '[employee]\nvariable = "e"\n', "is no CSV file"),
        ("m.csv", "employee:\n  variable: e\n", "has no column field"),
        ("m.csv", "", "has no column field"),
        ("m.csv", "field,variable,yes,no,missing\n\0", "neither UTF-8 nor GB18030"),
    ],
)
def test_a_mapping_of_another_kind_is_refused(tmp_path, name, text, word):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SuirenError, match=word):
        read_mapping(tmp_path / name)


def linearised(rows, part, group):
    """Share in percent and its standard error, by loops over rows: Woodruff's linearised values, exact until the root.

    An independent computation: no arrays, no whole-number weights, strata and clusters as texts.
    """
    base = [row for row in rows if group(row)]
    whole = sum(row["w"] for row in base)
    ratio = sum(row["w"] for row in base if part(row)) / whole
    sums = defaultdict(Fraction)
    strata = defaultdict(set)
    for row in rows:
        strata[row["st"]].add((row["st"], row["cl"]))
        sums[row["st"], row["cl"]] += (row["w"] * (part(row) - ratio) / whole) if group(row) else 0
    variance, freedom = Fraction(0), 0
    for name, clusters in strata.items():
        mean = sum(sums[each] for each in clusters) / len(clusters)
        count = len(clusters)
        variance += Fraction(count, count - 1) * sum((sums[each] - mean) ** 2 for each in clusters)
        if any(group(row) for row in rows if row["st"] == name):
            freedom += count - 1
    return 100 * ratio, 100 * float(variance) ** 0.5, freedom


def test_tables_of_a_file_agree_with_an_independent_linearisation(tmp_path):
    file, how, _ = survey_sample.write_sample(4_000, tmp_path / "s.csv", seed=11)
    rows = [
        {"w": Fraction(row["wt"]), "st": row["prov"], "cl": row["psu"], **row}
        for row in pl.read_csv(file, infer_schema=False).iter_rows(named=True)
    ]
    whole = 100
    first, second, third, _ = survey.tables(survey.read(file, how))
    told = {row["indicator_id"]: row for row in (*first.frame.rows(named=True), *second.frame.rows(named=True))}
    told |= {row["province_code"]: row for row in third.frame.rows(named=True)}
    cases = {
        "employee_scheme_share_pct": (lambda row: row["emp_has"] == "1", lambda row: "w" in row),
        "residence_share_new_rural_pct": (lambda row: row["ncms_at"] == "1", lambda row: row["ncms_has"] == "1"),
        "330000": (
            lambda row: row["urr_at"] == "1" or row["ncms_at"] == "1",
            lambda row: row["prov"] == "330000" and "1" in {row["urr_has"], row["ncms_has"]},
        ),
    }
    for name, (part, group) in cases.items():
        share, error, freedom = linearised(rows, part, group)
        found = told[name]
        assert found["value"] == pytest.approx(float(share), abs=0.0051), name
        assert found["error"] == pytest.approx(error, abs=0.0051), name
        reach = student(freedom) * error * whole / float(share * (whole - share))
        odds = float(share / (whole - share))
        for end, sign in (("low", -1), ("high", 1)):
            edge = odds * 2.718281828459045 ** (sign * reach)
            assert found[end] == pytest.approx(100 * edge / (1 + edge), abs=0.0051), name


def test_the_simple_random_case_is_that_of_the_textbook(tmp_path):
    """Cochran (1977), section 3.2, through the whole command: p q / (n - 1), here 0.25 * 0.75 / 399."""
    how = tmp_path / "m.csv"
    how.write_text(
        "field,variable,yes,no,missing\nyear,=2018,,,\nemployee,e,1,2,\nemployee_where,at,1,2,\n", encoding="utf-8"
    )
    file = tmp_path / "s.csv"
    file.write_text("e,at\n" + "".join("1,1\n" if number % 4 == 0 else "2,\n" for number in range(400)))
    out = tmp_path / "out"
    done = suiren("study", "run", "residence", "--survey", file, "--mapping", how, "--lang", "en", "-o", out)
    assert (done.code, done.err) == (0, "")
    row = pl.read_csv(out / "tables" / "survey-1.csv").filter(pl.col("indicator_id") == "employee_scheme_share_pct")
    assert row["value"].item() == 25.0
    assert row["error"].item() == round(100 * (0.25 * 0.75 / 399) ** 0.5, 2)
    assert "too narrow" in " ".join(done.out.split())
