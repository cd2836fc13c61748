"""A survey of one's own: read in each format, counted, refused clearly, estimated with intervals that cover."""

import importlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from suiren.cli import app
from suiren.errors import SuirenError
from suiren.studies import shown, survey, survey_faults, survey_sample
from suiren.studies.residence_survey import cells
from suiren.studies.survey_estimate import design, share, student
from suiren.studies.survey_mapping import TEMPLATE, read_mapping, write_template

RUNNER = CliRunner()
HEADER = "id,year,w,st,cl,place,e,ew,r,rw,n,nw\n"
MAPPING = """field,variable,yes,no,missing,note
person_id,id,,,,
year,year,,,,
weight,w,,,,
stratum,st,,,,
cluster,cl,,,,
place,place,,,,
employee,e,1,2,9,
employee_where,ew,1,2|3,9,
resident,r,1,2,9,
resident_where,rw,1,2|3,9,
new_rural,n,1,2,9,
new_rural_where,nw,1,2|3,9,
"""
ROWS = """\
1,2018,1,a,1,330100,1,1,2,,2,
2,2018,1,a,1,330100,2,,1,2,2,
3,2018,1,a,2,浙江,2,,2,,1,2
4,2018,1,a,2,杭州市,1,1,2,,1,2
5,2018,1,b,3,999999,2,,1,1,2,
6,2018,1,b,3,110101,2,,2,,2,
7,2018,1,b,4,,1,9,2,,2,
8,2018,1,b,4,110000,9,,2,,2,
9,2018,,b,4,110000,2,,2,,2,
10,2018,0,b,4,110000,2,,2,,2,
11,,1,b,4,110000,2,,2,,2,
12,2018,1,b,4,110000,1,1,9,,2,
12,2018,1,b,4,110000,1,1,9,,2,
13,2018,1,b,4,110000,1,1,2,,2,
13,2018,1,b,4,110000,1,2,2,,2,
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.csv"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def written(folder: Path, rows: str, encoding: str = "utf-8") -> Path:
    path = folder / "survey.csv"
    path.write_bytes((HEADER + rows).encode(encoding))
    return path


def values(read: survey.Survey) -> dict[str, float]:
    first, second, third, _ = survey.tables(read)
    told = pl.concat([first.frame, second.frame]).select("indicator_id", "value").rows()
    return dict(told) | dict(third.frame.select("province_code", "value").rows())


@pytest.mark.parametrize("kind", ["csv", "dta", "sav"])
def test_a_census_gives_back_exactly_what_it_was_made_from(tmp_path, kind):
    file, how, drawn = survey_sample.write_sample(20_000, tmp_path / f"s.{kind}", census=True)
    read = survey.read(file, how)
    told = values(read)
    for name, value in pl.read_csv(drawn, infer_schema=False).rows():
        assert told[name] == float(value), name
    assert read.people.height == 20_000
    assert told["insured_rate_pct"] == 93.71
    assert told["employee_scheme_share_pct"] == 25.04
    assert told["residence_share_urban_rural_resident_pct"] == 37.09  # 1344 of 3624 persons


def test_a_large_census_gives_the_printed_tables():
    figures = dict(survey_sample.drawn_from(survey_sample.census_cells(1_000_000)).rows())
    assert figures["insured_rate_pct"] == "93.71"
    assert figures["new_rural_scheme_share_pct"] == "55.29"
    assert figures["residence_share_employee_pct"] == "86.57"
    assert figures["residence_share_urban_rural_resident_pct"] == "37.08"
    assert figures["residence_share_new_rural_pct"] == "2.71"
    assert figures["residence_share_of_insured_pct"] == "31.90"
    assert figures == dict(survey_sample.drawn_from(survey_sample.expected_cells()).rows()) | {
        name: value for name, value in figures.items() if name.isdecimal()
    }


def test_a_sample_gives_what_it_was_drawn_from_within_sampling_error(tmp_path):
    file, how, drawn = survey_sample.write_sample(60_000, tmp_path / "s.csv", seed=7)
    figures = {name: float(value) for name, value in pl.read_csv(drawn, infer_schema=False).rows()}
    first, second, third, _ = survey.tables(survey.read(file, how))
    rows = [*first.frame.iter_rows(named=True), *second.frame.iter_rows(named=True)]
    for row in rows:
        if row["error"] is not None:
            assert abs(row["value"] - figures[row["indicator_id"]]) < 4 * row["error"]
            assert row["low"] < row["value"] < row["high"]
    inside = [row["low"] <= figures[row["province_code"]] <= row["high"] for row in third.frame.iter_rows(named=True)]
    assert len(inside) == 30
    assert sum(inside) >= 24


def test_what_cannot_be_used_is_counted(tmp_path, mapping):
    read = survey.read(written(tmp_path, ROWS), mapping)
    told = {count.id: count.rows for count in read.counts}
    assert told == {
        "rows": 15,
        "duplicate": 1,
        "conflict": 2,
        "year": 1,
        "weight": 2,
        "answer": 1,
        "used": 8,
        "partial": 1,
        "double": 1,
        "where": 1,
        "unknown": 1,
        "no_place": 1,
        "no_stratum": 0,
        "no_cluster": 0,
    }
    assert told["rows"] == told["used"] + sum(count.rows for count in read.counts if count.left_out)
    shares = values(read)
    assert shares["insured_rate_pct"] == 87.5  # 7 of 8
    assert shares["employee_scheme_share_pct"] == 50.0  # persons 1, 4, 7, 12
    assert shares["residence_share_employee_pct"] == 100.0  # of the three who say where
    assert shares["residence_share_of_insured_pct"] == 66.67  # 1, 4, 5, 12 of all but 7
    assert shares["330000"] == 0.0
    assert shares["110000"] is None
    assert survey.tables(read)[-1].note_en == "places not known (1): 999999"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_and_the_order_of_rows_change_nothing(tmp_path, mapping, encoding):
    plain = survey.read(written(tmp_path, ROWS), mapping)
    turned = "".join(reversed(ROWS.splitlines(keepends=True)))
    other = survey.read(written(tmp_path, turned, encoding), mapping)
    assert other.counts == plain.counts
    for one, two in zip(survey.tables(plain), survey.tables(other), strict=True):
        assert one.frame.equals(two.frame), one.id


@pytest.mark.parametrize("most", ["utf-8", "gb18030"])
def test_two_encodings_in_one_file_are_read_line_by_line_and_told(tmp_path, mapping, most):
    other = "gb18030" if most == "utf-8" else "utf-8"
    file = written(tmp_path, ROWS, most)
    file.write_bytes(file.read_bytes() + "14,2018,1,b,4,北京市,1,1,2,,2,\n".encode(other))
    read = survey.read(file, mapping)
    assert read.count("used") == 9
    assert read.count("unknown") == 1
    assert "110000" in read.people["province"].to_list()
    assert read.remarks[0][0].startswith("two encodings in one file")
    assert len(read.remarks) == 2


def test_lines_in_no_known_encoding_are_told(tmp_path, mapping):
    file = written(tmp_path, ROWS)
    file.write_bytes(file.read_bytes() + b"14,2018,1,b,4,\xff\xff,1,1,2,,2,\n")
    read = survey.read(file, mapping)
    assert (read.count("used"), read.count("unknown")) == (9, 2)
    assert any("neither UTF-8 nor GB18030: 1" in one for one, _ in read.remarks)


RAGGED = "14,2018,1,b,4,110000,1,1,2,,2,,5,6\n15,2018,1,b,4\n"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_rows_with_too_many_or_too_few_cells_are_told_by_line(tmp_path, mapping, encoding):
    with pytest.raises(SuirenError) as caught:
        survey.read(written(tmp_path, "\n" + ROWS + RAGGED, encoding), mapping)
    (problem,) = caught.value.problems
    assert problem.code == "E-survey-cells"
    assert "2 rows have not the header's 12 cells: line 18 (14), line 19 (5)" in problem.what


def test_cells_in_quotation_marks_may_hold_delimiters_and_line_ends(tmp_path, mapping):
    rows = ROWS.replace("杭州市", '"杭州市"') + '14,2018,1,"b,\n\nc",4,110000,1,1,2,,2,\n15,2018,1,"b,c",4\n'
    with pytest.raises(SuirenError) as caught:
        survey.read(written(tmp_path, rows), mapping)
    assert "1 rows have not the header's 12 cells: line 20 (5)" in str(caught.value)
    assert survey.read(written(tmp_path, rows[: rows.index("15,2018")]), mapping).count("used") == 9


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path, mapping):
    rows = "1,18,x,a,1,330100,1,1,7,,2,\n2,2018,-1,a,1,330100,1,4,2,,2,\n3,2018\n4,2018,NaN,a,1,330100,1,1,2,,2,\n"
    with pytest.raises(SuirenError) as caught:
        survey.read(written(tmp_path, rows), mapping)
    codes = sorted(problem.code for problem in caught.value.problems)
    assert codes == ["E-survey-cells", *["E-survey-code"] * 2, *["E-survey-value"] * 2]
    assert "'-1', 'NaN', 'x'" in str(caught.value)
    mapping.write_text(MAPPING.replace(",place,", ",plaice,"), encoding="utf-8")
    with pytest.raises(SuirenError) as caught:
        survey.read(written(tmp_path, rows), mapping)
    assert sorted(problem.code for problem in caught.value.problems) == ["E-survey-cells", "E-survey-variable"]


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "is empty"), (b"\n\n", "is empty"), (HEADER.encode(), "No row of 0")]
)
def test_empty_files_are_refused(tmp_path, mapping, content, word):
    file = tmp_path / "survey.csv"
    file.write_bytes(content)
    with pytest.raises(SuirenError, match=word):
        survey.read(file, mapping)


@pytest.mark.parametrize("weight", ["-0.5", "nan", "inf", "1e12", "much", "1,5"])
def test_weights_that_are_none_refuse_the_file(tmp_path, mapping, weight):
    cell = f'"{weight}"' if "," in weight else weight
    with pytest.raises(SuirenError, match="is no weight from 0"):
        survey.read(written(tmp_path, ROWS + f"14,2018,{cell},b,4,110000,1,1,2,,2,\n"), mapping)


def test_weights_of_floats_that_are_no_number_are_missing(tmp_path, mapping):
    file = tmp_path / "s.parquet"
    frame = pl.read_csv(written(tmp_path, ROWS)).cast({"w": pl.Float64})
    frame.with_columns(pl.when(pl.col("id") == 1).then(float("nan")).otherwise(pl.col("w")).alias("w")).write_parquet(
        file
    )
    assert survey.read(file, mapping).count("weight") == 3


def test_without_any_weight_the_file_is_refused(tmp_path, mapping):
    rows = "".join(f"{number},2018,0,a,1,330100,1,1,2,,2,\n" for number in range(9))
    with pytest.raises(SuirenError, match="weight missing or 0: 9"):
        survey.read(written(tmp_path, rows), mapping)


@pytest.mark.parametrize(("kind", "census"), [("csv", False), ("csv", True), ("sav", False), ("dta", False)])
def test_faults_are_counted_exactly(tmp_path, kind, census):
    file, how, _ = survey_sample.write_sample(5_000, tmp_path / f"s.{kind}", census=census, faults=0.1)
    read = survey.read(file, how)
    told = {count.id: count.rows for count in read.counts}
    expected = dict(pl.read_csv(tmp_path / "s.faults.csv").rows())
    assert set(expected) >= set(survey_faults.KINDS) - {"weight"}
    assert {name: told[name] for name in expected} == expected
    added = expected["duplicate"] + expected["conflict"] // 2
    assert told["rows"] == 5_000 + added
    assert told["rows"] == told["used"] + sum(count.rows for count in read.counts if count.left_out)


@pytest.mark.parametrize("faults", [-0.1, 0.6, 0.0001])
def test_faults_that_cannot_be_made_are_refused(tmp_path, faults):
    with pytest.raises(SuirenError, match="--faults"):
        survey_sample.write_sample(1_000, tmp_path / "s.csv", faults=faults)


def test_wrong_values_are_told_at_once(tmp_path, mapping):
    rows = "1,18,x,a,1,330100,1,1,7,,2,\n2,2018,-1,a,1,330100,1,4,2,,2,\n"
    with pytest.raises(SuirenError) as caught:
        survey.read(written(tmp_path, rows), mapping)
    assert sorted(problem.code for problem in caught.value.problems) == [
        "E-survey-code",
        "E-survey-code",
        "E-survey-value",
        "E-survey-value",
    ]
    assert "'7'" in str(caught.value)


def test_variables_that_are_not_there_are_named_with_the_nearest(tmp_path, mapping):
    mapping.write_text(MAPPING.replace(",place,", ",plaice,").replace("id,id,", "id,ident,"), encoding="utf-8")
    with pytest.raises(SuirenError) as caught:
        survey.read(written(tmp_path, ROWS), mapping)
    assert len(caught.value.problems) == 2
    assert "Did you mean place?" in str(caught.value)


def test_without_a_mapping_a_file_is_refused(tmp_path):
    with pytest.raises(SuirenError, match="study mapping"):
        survey.read(written(tmp_path, ROWS), None)


def test_the_template_is_refused_until_it_is_filled_in_and_never_overwritten(tmp_path):
    path = write_template(tmp_path / "m.csv")
    assert path.read_text(encoding="utf-8") == TEMPLATE
    with pytest.raises(SuirenError, match="No variable of an insurance scheme"):
        read_mapping(path)
    with pytest.raises(SuirenError, match="exists"):
        write_template(path)


def test_problems_of_a_mapping_are_told_at_once(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(
        "field,variable,yes,no,missing\nwieght,w,,,\nemployee,e,1,1,\nresident,r,1,,\nresident_where,rw,1,2|*,\n"
        "place,=11,,,\nplace,p,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(SuirenError) as caught:
        read_mapping(path)
    text = str(caught.value)
    assert "Did you mean weight?" in text
    assert len(caught.value.problems) == 7


def test_columns_and_lines_of_a_mapping_are_checked(tmp_path, mapping):
    mapping.write_text(
        MAPPING.replace("missing,note", "missing,not").replace("person_id,id,,,,", "person_id,id,,,,,7") + "weight,w\n",
        encoding="utf-8",
    )
    with pytest.raises(SuirenError) as caught:
        read_mapping(mapping)
    text = str(caught.value)
    assert len(caught.value.problems) == 3
    assert "Did you mean note" in text
    assert "mapping.csv:2" in text
    assert "mapping.csv:14" in text
    with pytest.raises(SuirenError, match="no mapping file"):
        read_mapping(tmp_path / "none.csv")


def test_one_variable_may_hold_the_scheme_and_no_weights_are_told(tmp_path):
    how = tmp_path / "m.csv"
    how.write_text(
        "field,variable,yes,no,missing\nyear,=2018,,,\nemployee,s,4,*,9\nemployee_where,at,1,*,\n"
        "resident,s,2|3,*,9\nresident_where,at,1,*,\n",
        encoding="gb18030",
    )
    file = tmp_path / "s.csv"
    file.write_text("s,at\n4,1\n2,1\n3,2\n5,\n9,\n", encoding="utf-8")
    read = survey.read(file, how)
    first, second, rows = survey.tables(read)
    told = dict(first.frame.select("indicator_id", "value").rows())
    assert told["insured_rate_pct"] == 75.0
    assert dict(second.frame.select("indicator_id", "value").rows())["residence_share_of_insured_pct"] == 66.67
    assert "too narrow" in first.note_en
    assert "each person counts once" in first.note_en
    assert rows.frame.filter(pl.col("id") == "answer")["rows"].item() == 1


def test_two_variables_of_one_scheme_are_joined(tmp_path, mapping):
    mapping.write_text(MAPPING.replace("new_rural", "resident"), encoding="utf-8")
    told = values(survey.read(written(tmp_path, ROWS), mapping))
    assert told["urban_rural_resident_scheme_share_pct"] == 50.0  # persons 2, 3, 4, 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_are_shown_in_the_language_asked_for(tmp_path, mapping, lang):
    for made in survey.tables(survey.read(written(tmp_path, ROWS), mapping)):
        heads, rows, _, _ = shown.page_table(made, lang)
        assert all((not head.isascii()) == (lang == "zh") for head in heads), heads
        texts = {cell for row in rows for cell in row if any(letter.isalpha() for letter in cell)}
        assert all((not text.isascii()) == (lang == "zh") for text in texts), texts


def test_parquet_is_read(tmp_path, mapping):
    file = tmp_path / "s.parquet"
    pl.read_csv(written(tmp_path, ROWS)).write_parquet(file)
    assert survey.read(file, mapping).count("used") == 8


def test_labels_name_the_place(tmp_path, mapping):
    pyreadstat = importlib.import_module("pyreadstat")
    frame = pl.read_csv(written(tmp_path, ROWS)).with_columns(place=pl.lit(7))
    pyreadstat.write_sav(frame, str(tmp_path / "s.sav"), variable_value_labels={"place": {7: "浙江"}})
    read = survey.read(tmp_path / "s.sav", mapping)
    assert read.people["province"].unique().to_list() == ["330000"]


def test_old_stata_files_in_gb18030_are_read(tmp_path, mapping):
    pyreadstat = importlib.import_module("pyreadstat")
    place = "浙江".encode("gb18030").decode("latin1")
    frame = pl.read_csv(written(tmp_path, ROWS)).with_columns(place=pl.lit("PLACE"))
    pyreadstat.write_dta(frame, str(tmp_path / "s.dta"), version=12)
    data = (tmp_path / "s.dta").read_bytes().replace(b"PLACE", place.encode("latin1") + b"\0")
    (tmp_path / "s.dta").write_bytes(data)
    read = survey.read(tmp_path / "s.dta", mapping)
    assert read.people["province"].unique().to_list() == ["330000"]
    assert read.remarks == (("read as GB18030", "按 GB18030 读取"),)


def test_without_the_extra_the_error_names_it(tmp_path, mapping, monkeypatch):
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    (tmp_path / "s.dta").write_bytes(b"")
    with pytest.raises(SuirenError, match=r"suiren\[survey\]"):
        survey.read(tmp_path / "s.dta", mapping)


@pytest.mark.parametrize("name", ["s.dta", "s.sav", "s.parquet", "s.xyz"])
def test_damaged_and_unknown_files_are_refused(tmp_path, mapping, name):
    (tmp_path / name).write_bytes(b"no such thing\x00\x01")
    with pytest.raises(SuirenError):
        survey.read(tmp_path / name, mapping)


def test_a_file_without_a_usable_row_is_refused(tmp_path, mapping):
    with pytest.raises(SuirenError, match="No row of 1 can be used"):
        survey.read(written(tmp_path, "1,2018,0,a,1,330100,1,1,2,,2,\n"), mapping)


def arrays(clusters: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    part = np.array([answer for cluster in clusters for answer in cluster], bool)
    return part, np.repeat(np.arange(len(clusters)), [len(cluster) for cluster in clusters])


def test_the_variance_is_the_one_worked_out_by_hand():
    """Share 6/10; cluster sums of y - 0.6: 0.2, -1.2 and -0.2, 1.2; 2 (0.98) + 2 (0.98) = 3.92; over 10 squared."""
    part, cluster = arrays([[1, 1, 0], [0, 0], [1, 0], [1, 1, 1]])
    sample = design(np.ones(10, np.int64), np.array([0, 0, 1, 1])[cluster], cluster)
    found = share(sample, part, np.ones(10, bool))
    assert found.share == Fraction(3, 5)
    assert found.error == pytest.approx(0.0392**0.5)
    reach = student(2) * found.error / 0.24
    assert found.high == pytest.approx(1 / (1 + np.exp(-(np.log(1.5) + reach))))


def test_one_by_one_it_is_the_variance_of_a_simple_random_sample():
    """Cochran (1977), section 3.2: p q / (n - 1), without the correction for a finite population."""
    part = np.array([1] * 6 + [0] * 4, bool)
    sample = design(np.ones(10, np.int64), np.zeros(10, np.int64), np.arange(10))
    assert share(sample, part, np.ones(10, bool)).error == pytest.approx((0.6 * 0.4 / 9) ** 0.5)


def test_a_lone_cluster_is_measured_from_the_mean_of_all():
    """Share 4/8; cluster sums of y - 0.5: 0.5, -1 and 0.5; 2 (1.125) + 0.25 = 2.5; over 8 squared."""
    part, cluster = arrays([[1, 1, 0], [0, 0], [1, 0, 1]])
    sample = design(np.ones(8, np.int64), np.array([0, 0, 1])[cluster], cluster)
    found = share(sample, part, np.ones(8, bool))
    assert sample.lone == 1
    assert found.error == pytest.approx(2.5**0.5 / 8)


@pytest.mark.parametrize("middle", [0.04, 0.4])
def test_intervals_cover_the_true_share(middle):
    random = np.random.default_rng(4)
    strata, clusters, persons, draws = 10, 6, 25, 2000
    cluster = np.repeat(np.arange(strata * clusters), persons)
    stratum = cluster // clusters
    weight = random.integers(500, 1500, strata)[stratum]
    sample = design(weight, stratum, cluster)
    chance = middle * (0.5 + np.arange(strata) / (strata - 1))
    true = float((chance[stratum] * weight).sum() / weight.sum())
    everyone = np.ones(len(cluster), bool)
    inside = 0
    for _ in range(draws):
        of_cluster = random.beta(20 * chance.repeat(clusters), 20 * (1 - chance).repeat(clusters))
        found = share(sample, random.random(len(cluster)) < of_cluster[cluster], everyone)
        inside += found.low <= true <= found.high
    assert 0.93 <= inside / draws <= 0.97


def test_students_points_are_those_of_the_tables():
    known = {1: 12.706, 2: 4.303, 3: 3.182, 5: 2.571, 10: 2.228, 30: 2.042, 1000: 1.962}
    for freedom, point in known.items():
        assert student(freedom) == pytest.approx(point, abs=0.004)


def test_cells_are_held_against_the_paper(tmp_path):
    file, how, _ = survey_sample.write_sample(50_000, tmp_path / "s.csv", census=True)
    read = survey.read(file, how)
    told = cells(survey.tables(read))
    assert told["B-T1.2018.employee"] == Fraction("25.04")
    assert told["B-T2.2018.resident"] == Fraction("37.08")
    assert len([name for name in told if name.startswith("B-T3.")]) == 30


def test_the_commands_write_a_survey_and_print_its_tables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert RUNNER.invoke(app, ["study", "mapping"]).exit_code == 0
    assert Path("mapping.csv").read_text(encoding="utf-8") == TEMPLATE
    made = RUNNER.invoke(app, ["study", "sample-survey", "--rows", "10,000", "-o", "s.csv", "--census"])
    assert made.exit_code == 0
    run = ["study", "run", "residence", "--survey", "s.csv", "--mapping", "s.mapping.csv"]
    faulty = ["study", "sample-survey", "--rows", "2000", "-o", "f.csv", "--faults", "0.1"]
    assert "f.faults.csv" in RUNNER.invoke(app, faulty).stdout
    english = RUNNER.invoke(app, [*run, "--lang", "en"]).stdout
    assert "93.71" in english
    assert "too narrow" in english
    assert "rows used" in english


@pytest.mark.parametrize(("rows", "name"), [(0, "s.csv"), (6_000_000, "s.csv"), (10, "s.xlsx")])
def test_a_survey_that_cannot_be_made_is_refused(tmp_path, rows, name):
    with pytest.raises(SuirenError):
        survey_sample.write_sample(rows, tmp_path / name)


def test_the_same_call_draws_the_same_people(tmp_path):
    for name in ("a.csv", "b.csv"):
        survey_sample.write_sample(500, tmp_path / name, seed=3)
    survey_sample.write_sample(500, tmp_path / "c.csv", seed=4)
    one, two, other = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv"))
    assert one == two
    assert one != other
