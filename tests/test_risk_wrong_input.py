"""Wrong, odd and edited files for `suiren risk`: told in a sentence, all at once, never a traceback, never silent."""

import json
import shutil

import polars as pl
import pytest

from people_files import person, suiren, write_csv, write_parquet
from suiren.errors import SuirenError
from suiren.risk.estimate.sums import are_sums, read_sums
from suiren.risk.numbers import exact_number
from suiren.risk.pay import bounds
from suiren.risk.weights import load

WEIGHTS = (
    "sex,age_from,age_to,risk_group,points,evidence",
    ",0,120,,100,assumed",
    ",0,120,none,90,assumed",
    ",0,120,ill,300,assumed",
)


def rows(number=60, **more):
    """Invented rows in two places; `more` are columns with one value, or a function of the row's number."""
    made = []
    for one in range(number):
        row = person(one, "330106", ("330106", "340102")[one % 2], sex="mf"[one % 2], age=str((0, 3, 44, 85)[one % 4]))
        row |= {"months": "12", "risk_group": ("none", "ill")[one % 3 == 0], "cost_fen": str(1000 + 37 * one)}
        made.append(row | {key: value(one) if callable(value) else value for key, value in more.items()})
    return made


def risk(command, *arguments):
    """A command that must say what is wrong, and shows no person."""
    ran = suiren("risk", command, *arguments, "--lang", "en")
    assert "PERSON" not in ran.out + ran.err
    return ran


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with rows, their sums (Parquet and CSV) and a table of weights."""
    folder = tmp_path_factory.mktemp("made")
    write_csv(folder / "r.csv", rows())
    (folder / "w.csv").write_text("\n".join(WEIGHTS) + "\n", encoding="utf-8")
    assert risk("sums", folder / "r.csv", "-o", folder / "sums", "--csv").code == 0
    return folder


# --- rows ---


@pytest.mark.parametrize("command", ["fit", "sums", "evaluate", "allocate", "score"])
def test_where_all_rows_are_quarantined_the_codes_are_told(tmp_path, made, command):
    path = write_csv(tmp_path / "r.csv", rows(12, sex=""))
    options = ["--weights", made / "w.csv"] if command in {"evaluate", "allocate", "score"} else []
    options += ["--budget-fen", "5"] if command == "allocate" else []
    ran = risk(command, path, "-o", tmp_path / "out", *options)
    assert ran.code == 1
    assert "All 12 rows would be quarantined (Q-points: 12 rows)" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_health_group_that_cannot_be_printed_is_named_not_drawn(tmp_path, made):
    """In a picture such a name would end the whole program."""
    path = write_parquet(tmp_path / "r.parquet", rows(12, risk_group=lambda one: ("none", "il\x00l")[one % 2]))
    for command, *options in (("fit",), ("sums",), ("evaluate", "--weights", made / "w.csv")):
        ran = risk(command, path, "-o", tmp_path / "out", *options)
        assert ran.code == 1
        assert "'il\\x00l' (6 persons)" in ran.err, command
    table = tmp_path / "w.csv"
    table.write_text("\n".join((*WEIGHTS, ",0,120,a\x1bb,1,assumed")), encoding="utf-8")
    with pytest.raises(SuirenError, match="cannot be printed"):
        load(str(table))


def test_sums_are_no_rows_to_allocate_for(tmp_path, made):
    for command in ("allocate", "score"):
        options = ["--budget-fen", "5", "--weights", made / "w.csv"]
        ran = risk(command, made / "sums", "-o", tmp_path / "out", *options)
        assert (ran.code, ran.err.count("[E-")) == (1, 1)
        assert "The inputs are sums." in ran.err


def test_persons_in_a_strange_group_are_counted_once(tmp_path, made):
    path = write_csv(tmp_path / "r.csv", rows(20, risk_group=lambda one: ("none", "strange")[one % 2]))
    ran = risk("evaluate", path, "-o", tmp_path / "out", "--weights", made / "w.csv")
    assert ran.code == 1
    assert "strange (10 persons)" in ran.err


def test_a_folder_with_brackets_is_named_as_it_is(tmp_path, made):
    ran = risk("sums", made / "r.csv", "-o", tmp_path / "x[/b]y")
    assert ran.code == 0
    assert "x[/b]y" in ran.out.replace("\n", "")


# --- sums ---


def edited(made, tmp_path, change):
    """sums.csv with its first line, header and rows changed."""
    text = (made / "sums" / "sums.csv").read_text(encoding="utf-8")
    after = change(text)
    path = tmp_path / "edited.csv"
    path.write_bytes(after if isinstance(after, bytes) else after.encode())
    return path


def cell(text, column, value):
    """The text with one cell of the third line changed."""
    lines = text.splitlines()
    place, parts = lines[1].split(",").index(column), lines[2].split(",")
    parts[place] = value
    return "\n".join([*lines[:2], ",".join(parts), *lines[3:]]) + "\n"


def without(text, column):
    lines = text.splitlines()
    place = lines[1].split(",").index(column)
    kept = [line.split(",")[:place] + line.split(",")[place + 1 :] for line in lines[1:]]
    return "\n".join([lines[0], *map(",".join, kept)])


def marked(text, mark):
    return "\n".join([f"# suiren.sums {mark}", *text.splitlines()[1:]])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: cell(text, "cost_fen", "1500.5"), "1 values of cost_fen are no whole number"),
        (lambda text: cell(text, "cost_fen", "9" * 30), "cost_fen are no whole number, or too large"),
        (lambda text: cell(text, "cost_sq", "1" + "0" * 37), "Squares of costs are more than the costs allow"),
        (lambda text: cell(text, "cost_sq", ""), "1 values of cost_sq are missing"),
        (lambda text: cell(text, "risk_group", " ill "), "begins or ends with a blank"),
        (lambda text: cell(text, "risk_group", "i\x1bll"), "cannot be printed"),
        (lambda text: cell(text, "origin", "other_province"), "not those that the file says"),
        (lambda text: text + text.splitlines()[5] + "\n", "stand twice"),
        (lambda text: without(text, "risk_group"), "The column risk_group is missing"),
        (lambda text: text.splitlines()[0], "The table cannot be read"),
        (lambda text: "\n".join(text.splitlines()[:2]) + "\n", "holds no row"),
        (lambda text: text.replace("ill", "病").encode("gb18030"), "is not UTF-8"),
        (lambda text: text.replace(",", ";"), "is missing"),
        (lambda text: marked(text, "3"), "cannot be read"),
        (lambda text: marked(text, "{broken"), "cannot be read"),
        (lambda text: marked(text, '{"ages": [5, 1]}'), "lacks notice_year, coverage_year, base, invented, ages"),
    ],
)
def test_edited_sums_are_refused_with_a_sentence(tmp_path, made, change, told):
    path = edited(made, tmp_path, change)
    assert are_sums([path])
    with pytest.raises(SuirenError) as raised:
        read_sums([path])
    assert told in str(raised.value)
    assert "edited.csv" in str(raised.value)


def test_sums_saved_again_are_the_same_sums(tmp_path, made):
    whole = read_sums([made / "sums"])
    for change in (lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")):
        assert read_sums([edited(made, tmp_path, change)]).digest == whole.digest
    folder = tmp_path / "only csv"
    folder.mkdir()
    shutil.copy(made / "sums" / "sums.csv", folder)
    assert read_sums([folder]).digest == whole.digest


def test_fractions_of_a_fen_in_parquet_are_not_cut_off(tmp_path, made):
    path = made / "sums" / "sums.parquet"
    frame = pl.read_parquet(path).with_columns(pl.col("cost_fen") + 0.5)
    frame.write_parquet(tmp_path / "half.parquet", metadata={"suiren.sums": mark_of(path)})
    with pytest.raises(SuirenError, match="cost_fen are no whole number"):
        read_sums([tmp_path / "half.parquet"])


def mark_of(path):
    return pl.read_parquet_metadata(path)["suiren.sums"]


def test_all_files_of_sums_are_told_at_once(tmp_path, made):
    for name in ("a", "b"):
        frame = pl.read_parquet(made / "sums" / "sums.parquet").with_columns(sex=pl.lit(3, pl.Int8))
        frame.write_parquet(tmp_path / f"{name}.parquet", metadata={"suiren.sums": mark_of(made / "sums/sums.parquet")})
    with pytest.raises(SuirenError) as raised:
        read_sums([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    assert [problem.where for problem in raised.value.problems] == ["a.parquet", "b.parquet"]


# --- numbers and options ---


@pytest.mark.parametrize(
    ("text", "wanted"), [("60%", "3/5"), ("0.6", "3/5"), (" 3/5 ", "3/5"), ("10", "10"), ("0", "0")]
)
def test_numbers_are_exact(text, wanted):
    assert str(exact_number(text)) == wanted


@pytest.mark.parametrize("text", ["1e999999999", "-1", "1/0", "nan", "", "0.1234567", "٣", "1_0", "5 %"])
def test_what_is_no_number_is_none_at_once(text):
    assert exact_number(text) is None


def test_a_share_with_a_huge_exponent_takes_no_time(tmp_path, made):
    promises = tmp_path / "p.toml"
    promises.write_text('[[promise]]\nname = "a"\nsex = "m"\nrepair = 1e999999999\n', encoding="utf-8")
    for options in (["--hold-out", "1e999999999"], ["--promises", promises]):
        ran = risk("fit", made / "sums", "-o", tmp_path / "out", *options)
        assert ran.code == 1
        assert "1e999999999" in ran.err
    ran = risk(
        "evaluate", made / "sums", "-o", tmp_path / "out", "--weights", made / "w.csv", "--uplift", "1e999999999"
    )
    assert (ran.code, "E-share" in ran.err) == (1, True)


def test_all_wrong_options_of_an_evaluation_are_told_at_once(tmp_path, made):
    wrong = ["--seed", "x", "--draws", "0", "--uplift", "q", "--weights", tmp_path / "none.csv", "--year", "1800"]
    ran = risk("evaluate", made / "sums", "-o", tmp_path / "out", *wrong)
    for said in ("--seed 'x'", "--draws 0", "--uplift 'q'", "none.csv", "1800"):
        assert said in ran.err


@pytest.mark.parametrize("text", ["[]", "3", "{}", '{"sums": {"ages": "x"}}', '{"sums": {"ages": [0, 500]}}'])
def test_a_wrong_fit_json_is_told(tmp_path, made, text):
    (tmp_path / "f.json").write_text(text, encoding="utf-8")
    options = ["--weights", made / "w.csv", "--fit", tmp_path / "f.json"]
    ran = risk("evaluate", made / "sums", "-o", tmp_path / "out", *options)
    assert (ran.code, "E-fit-file" in ran.err) == (1, True)


def test_all_that_is_wrong_with_a_question_about_a_score_is_told_at_once(made):
    wrong = ["--age", "x", "--sex", "q", "--months", "13", "--uplift", "z", "--group", "il", "--value-fen", "y"]
    ran = risk("explain", "--weights", made / "w.csv", *wrong)
    for said in ("--age 'x'", "'q' is no sex", "13 is not", "--uplift 'z'", "Did you mean ill?", "--value-fen 'y'"):
        assert said in ran.err


# --- promises ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[promise]]\nname = "a\\u0000"\nsex = "m"\n', "cannot be printed"),
        ('[[promise]]\nname = ["a"]\nsex = "m"\n', "is no text"),
        ('[[promise]]\nname = " "\nsex = "m"\n', "empty"),
        ('[[promise]]\nname = "外来"\n'.encode("gb18030"), "is not UTF-8"),
    ],
)
def test_a_name_that_is_none(tmp_path, made, text, told):
    path = tmp_path / "p.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = risk("fit", made / "sums", "-o", tmp_path / "out", "--promises", path)
    assert ran.code == 1
    assert told in ran.err


# --- weights, budgets, last time ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n".join((WEIGHTS[0] + ",points", *(f"{row},7" for row in WEIGHTS[1:]))), "'points' stands here 2 times"),
        ("\n".join((*WEIGHTS, ',1,2,"' + "x" * 200_000 + '",5,assumed')), "is no CSV"),
        ("组".encode("gb18030"), "it is not UTF-8. Save it as UTF-8."),
    ],
)
def test_weights_that_cannot_be_read_say_why(tmp_path, text, told):
    path = tmp_path / "w.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SuirenError) as raised:
        load(str(path))
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("data", "told"),
    [("基金".encode("gb18030"), "is not UTF-8"), (b"", "is no table: empty CSV"), (None, "there is no such file")],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path, data, told):
    path = tmp_path / "last.csv"
    if data is not None:
        path.write_bytes(data)
    for read in (bounds.read_last, lambda name: bounds.read_budgets(name, "province_code")):
        with pytest.raises(SuirenError) as raised:
            read(str(path))
        assert told in str(raised.value)


@pytest.mark.parametrize("points", ["abc", "1/0", "1e99999999", ""])
def test_point_months_of_an_edited_allocation_are_checked(tmp_path, made, points):
    (tmp_path / "a.csv").write_text(f"fund_code,amount_fen,point_months\n330100,5,{points}\n", encoding="utf-8")
    options = ["--weights", made / "w.csv", "--allocation", tmp_path / "a.csv"]
    ran = risk("score", made / "r.csv", "-o", tmp_path / "out", *options)
    assert ran.code == 1
    assert "a.csv:2: point_months" in ran.err


def test_a_floor_in_percent_of_nothing_a_month_is_refused():
    rules = bounds.Rules(
        bounds.limits_of(["95%"], "--floor"), (), None, {330100: bounds.Last(5, 0), 1: bounds.Last(5, 9)}
    )
    with pytest.raises(SuirenError, match=r"1 funds had money last time and no person-months \(330100\)"):
        bounds.check_rules(rules)


def test_where_all_funds_are_bound_no_value_of_a_point_is_told(tmp_path, made):
    allocate = ["allocate", made / "r.csv", "--weights", made / "w.csv", "--budget-fen", "1000"]
    assert risk(*allocate, "-o", tmp_path / "one").code == 0
    ran = risk(*allocate, "-o", tmp_path / "two", "--last", tmp_path / "one", "--pace", "0:0")
    assert "all funds are held at a bound" in ran.out.replace("\n", " ")
    assert "a point and year" not in ran.out
    told = json.loads((tmp_path / "two" / "manifest.json").read_text("utf-8"))["allocation"]
    assert (told["allocated_fen"], told["at_floor"]) == (1000, 2)


def test_a_budget_that_is_neither_number_nor_file(tmp_path, made):
    ran = risk("allocate", made / "r.csv", "--weights", made / "w.csv", "--budget-fen", "abc", "-o", tmp_path / "out")
    assert "--budget-fen 'abc' is not a whole number of fen" in ran.err
