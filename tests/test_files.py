"""Input files of every kind become the same rows: text and its encodings, ledgers, Parquet, tables, folders."""

import datetime as dt
import gzip
import random

import duckdb
import polars as pl
import pytest

from suiren.engines.duck import database
from suiren.errors import SuirenError
from suiren.people.files import said, sources_of
from suiren.people.shapes import LEDGER, LEDGER_CODES

WANTED = (
    "residence_place",
    "sex",
    "age",
    "birth_date",
    "months",
    "id_document_number",
    "id_document_type",
    "scheme_code",
    "person_category",
    "coverage_from",
    "coverage_to",
    "enrolment_place_name",
    "pooling_area_code",
    "payment_status",
    "enrolment_status",
    "cost_fen",
)
HEAD = "person_id,hukou_place,enrolment_place,age\n"
GOOD = "A1,330100,330100,30\n"


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(inputs, format_="auto", wanted=WANTED, memory="1GB", **more):
    """The sources of inputs, and the rows of each as a frame in the order of `_row`."""
    given = inputs if isinstance(inputs, list) else [inputs]
    with database(memory) as (connection, folder):
        sources = sources_of(connection, folder, given, format_, wanted, ("has_permit",), **more)
        frames = [pl.read_parquet(source.parquet) for source in sources]
        assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchone() == (0,)
    for source, frame in zip(sources, frames, strict=True):
        assert source.rows == frame.height
        assert set(source.columns.values()) <= set(frame.columns)
        assert source.columns.keys() == source.types.keys()
        assert ("_row" in frame.columns) == source.numbered or source.parquet == source.path
    frames = [frame.sort("_row") if source.numbered else frame for source, frame in zip(sources, frames, strict=True)]
    return sources, frames


def one(inputs, *options, **more):
    sources, frames = read(inputs, *options, **more)
    assert len(sources) == 1
    return sources[0], frames[0]


def numbers(source, frame):
    """The row numbers of a source that were read, and those that were set aside with their codes."""
    rows = frame["_row"].to_list() if source.numbered else list(range(1, frame.height + 1))
    return rows, source.rejected.rows()


def refused(inputs, *options, **more):
    with pytest.raises(SuirenError) as caught:
        read(inputs, *options, **more)
    return caught.value


# --- text ---


def test_a_clean_file_is_copied_in_one_pass_with_its_texts_as_they_are(tmp_path):
    text = 'Person_ID, hukou_place ,enrolment_place,note,age\n 007 ,330100.0,330106,x,\n8,1,2,"a,b",30\n'
    source, frame = one(write(tmp_path / "r.csv", text))
    assert frame.rows() == [(" 007 ", "330100.0", "330106", None), ("8", "1", "2", "30")]
    assert frame.columns == ["person_id", "hukou_place", "enrolment_place", "age"]
    assert set(source.types.values()) == {"VARCHAR"}
    assert (source.numbered, source.encoding, source.others, source.shape) == (False, "utf-8", ("note",), "plain")
    assert source.spelled["person_id"] == "Person_ID"
    assert source.notes == ()


def test_rows_are_counted_as_records_whatever_stands_between_them(tmp_path):
    body = [
        'A1,1,"x\ny",1\n',
        "\n",
        "A2,1\n",
        "  \n",
        'A3,1,"x\n\n\ny",3\n',
        "A4,1,2,3,4\n",
        'A5,"1"x,2,3\n',
        "A6,1,2,6\n",
    ]
    source, frame = one(write(tmp_path / "r.csv", HEAD + "".join(body)))
    assert numbers(source, frame) == ([1, 3, 6], [(2, "Q-row"), (4, "Q-row"), (5, "Q-quote")])
    assert frame["age"].to_list() == ["1", "3", "6"]
    assert frame["enrolment_place"][1] == "x\n\n\ny"


def test_empty_cells_beyond_the_header_are_no_cells(tmp_path):
    body = ["A1,1,2,3\n", "A2,1,2,3,\n", "A3,1,2,3,,,,\n", "A4,1,2,3,,,x\n"]
    source, frame = one(write(tmp_path / "r.csv", HEAD + "".join(body)))
    assert numbers(source, frame) == ([1, 2, 3], [(4, "Q-row")])


def test_a_header_may_break_its_lines(tmp_path):
    text = '"人员\n编号",户籍地 代码,"参保地\n代码"\n' + "A1,330100,330106\nA2,1\n"
    source, frame = one(write(tmp_path / "r.csv", text))
    assert frame.rows() == [(1, "A1", "330100", "330106")]
    assert source.rejected.rows() == [(2, "Q-row")]


def test_many_rows_keep_their_numbers_beside_rejected_ones(tmp_path):
    bad = set(random.Random(1).sample(range(1, 300_001), 500)) | {1, 2, 300_000}
    lines = [f"P{n}\n" if n in bad else f"P{n},330100,330100,{n % 90}\n" for n in range(1, 300_001)]
    source, frame = one(write(tmp_path / "r.csv", HEAD + "".join(lines)))
    assert set(source.rejected["_row"]) == bad
    assert (frame["person_id"] == "P" + frame["_row"].cast(str)).all()
    assert not set(frame["_row"]) & bad
    assert source.rows + source.rejected.height == 300_000
    clean = write(tmp_path / "c.csv", HEAD + "".join(line for line in lines if "," in line))
    source, frame = one(clean, memory="150MB")
    assert not source.numbered
    assert frame["person_id"].to_list() == [line.split(",")[0] for line in lines if "," in line]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_delimiters_and_line_ends(tmp_path, end, delimiter):
    text = (HEAD + GOOD + "\n" + GOOD).replace(",", delimiter).replace("\n", end)
    _, frames = read([write(tmp_path / name, text) for name in ("r.csv", "r.txt", "r.tsv", "r.dat")])
    assert [frame.rows() for frame in frames] == [[("A1", "330100", "330100", "30")] * 2] * 4


CHINESE = HEAD.replace("age", "age,备注") + "".join(f"A{n},330100,330100,{n},杭州市第{n}行\n" for n in range(40))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", ()), ("utf-8-sig", ()), ("gb18030", ("read as GB18030",)), ("utf-16", ("read as UTF-16",))],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_are_told_and_give_the_same_rows(tmp_path, encoding, told, end):
    path = tmp_path / "r.csv"
    with path.open("w", encoding=encoding, newline=end) as file:
        file.write(CHINESE)
    source, frame = one(path, wanted=(*WANTED, "备注"))
    assert source.notes == told
    assert source.encoding == encoding.removesuffix("-sig")
    assert frame["备注"].to_list() == [f"杭州市第{n}行" for n in range(40)]
    big = tmp_path / "packed.csv.gz"
    big.write_bytes(gzip.compress(path.read_bytes()))
    assert one(big, wanted=(*WANTED, "备注"))[1].equals(frame)


def test_the_lines_decide_between_utf8_and_gb18030(tmp_path):
    head, utf8, other = (HEAD.replace("age", "note").encode(), "杭州".encode(), "杭州".encode("gb18030"))
    rows = [b"A1,1,2,", utf8, b"\n", b"A2,1,2,", other, b"\n", b"A3,1,2,x\n"]
    source, frame = one(write(tmp_path / "even.csv", head + b"".join(rows)))
    assert (source.encoding, numbers(source, frame)) == ("utf-8", ([1, 3], [(2, "Q-encoding")]))
    source, frame = one(
        write(tmp_path / "more.csv", head + b"".join([*rows, b"A4,1,2,", other, b"\n"])), wanted=("note",)
    )
    assert source.encoding == "gb18030"
    assert frame["note"].to_list()[1:] == ["杭州", "x", "杭州"]
    torn = write(tmp_path / "torn.csv", head + b"A1,1,2," + other + b"\nA2,1,2,\xff\xff\nA3,1,2,\x81\n")
    source, frame = one(torn)
    assert (source.encoding, numbers(source, frame)) == ("gb18030", ([1], [(2, "Q-encoding"), (3, "Q-encoding")]))


def test_gb18030_that_looks_like_utf8_is_not_taken_for_it(tmp_path):
    text = HEAD.replace("age", "sex") + "".join(f"A{n},1,2,{'男' if n % 9 == 0 else '女'}\n" for n in range(90))
    assert "女".encode("gb18030").decode() == "\u016e"
    source, frame = one(write(tmp_path / "r.csv", text.encode("gb18030")))
    assert source.encoding == "gb18030"
    assert frame["sex"].unique(maintain_order=True).to_list() == ["男", "女"]
    text = HEAD.replace("age", "age,姓名") + "A1,1,2,3,女\n" * 9
    assert one(write(tmp_path / "h.csv", text.encode("gb18030")))[1].height == 9


def test_a_chinese_header_in_gb18030_is_read(tmp_path):
    text = "人员编号,户籍地代码,参保地代码,年龄\nA1,330100,330106,30\n"
    source, frame = one(write(tmp_path / "r.csv", text.encode("gb18030")))
    assert frame.rows() == [("A1", "330100", "330106", "30")]
    lines = said(source, "en")
    assert lines[0] == "r.csv: person rows, 1 rows"
    assert "人员编号 → person_id" in lines[1]
    assert lines[2].strip() == "read as GB18030"
    assert "按 GB18030 读取" in said(source, "zh")[2]


UNREADABLE = {
    "empty.csv": (b"", "E-file-empty", "empty"),
    "blank.csv": (b"\n\n \n", "E-file-empty", "empty"),
    "zip.csv": (b"PK\x03\x04\xff\xfe\x00", "E-file-encoding", "UTF-8"),
    "wide.csv": ((HEAD + GOOD).encode("utf-16-le"), "E-file-encoding", "UTF-16"),
    "noise.csv": (b"\xff\xff,\xff\n1,2\n", "E-file-encoding", "UTF-8"),
    "twice.csv": (b"person_id,hukou_place,enrolment_place,age,Age\n", "E-column-twice", "'age' twice"),
    "wrong.csv": (b"persn_id,hukou_place,enrolment_place\nA1,1,2\n", "E-column", "persn_id"),
    "data.csv": (b"99000019900101000X,622900,330100,30\n", "E-file-header", "header"),
    "quote.csv": ((HEAD + '"x\ny",1,2,3\n"A1,1,2,3\n' + GOOD).encode(), "E-file-quote", "line 4"),
    "head.csv": (b'"' + HEAD.encode() + GOOD.encode() * 9999, "E-file-quote", "line 1"),
    "short.csv.gz": (gzip.compress(HEAD.encode() * 99)[:-9], "E-file-unreadable", "gzip"),
    "table.doc": (b"x", "E-input", "CSV"),
    "zero.parquet": (b"", "E-file-unreadable", "Parquet"),
    "text.parquet": ((HEAD + GOOD).encode(), "E-file-unreadable", "Parquet"),
    "zero.xlsx": (b"", "E-file-unreadable", "cannot be opened"),
    "torn.xlsx": (b"PK\x03\x04xx", "E-file-unreadable", "cannot be opened"),
    "torn.ods": (b"PK\x03\x04xx", "E-file-unreadable", "cannot be opened"),
    "page.xls": (b"<html><table><tr><td>a</td></tr></table></html>", "E-file-unreadable", "cannot be opened"),
    "torn.duckdb": (b"x" * 99, "E-file-unreadable", "DuckDB"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path, name):
    data, code, word = UNREADABLE[name]
    error = refused(write(tmp_path / name, data))
    assert {problem.code for problem in error.problems} == {code}
    assert name in str(error)
    assert word in str(error)
    assert "99000019900101" not in str(error)


def test_all_that_is_wrong_with_several_inputs_is_told_at_once(tmp_path):
    (tmp_path / "bare").mkdir()
    paths = [
        write(tmp_path / name, UNREADABLE[name][0]) for name in ("zip.csv", "twice.csv", "wrong.csv", "zero.parquet")
    ]
    error = refused([*paths, tmp_path / "gone.csv", tmp_path / "bare"])
    assert {problem.code for problem in error.problems} == {
        "E-input",
        "E-file-encoding",
        "E-column-twice",
        "E-column",
        "E-file-unreadable",
    }
    assert len(error.problems) == 6
    hint = refused(write(tmp_path / "w.csv", "person_id,hukou,enrolment_palce\n1,2,3\n"))
    assert [problem.do for problem in hint.problems] == ["Did you mean hukou?", "Did you mean enrolment_palce?"]
    with pytest.raises(SuirenError, match="Did you mean nhsa"):
        read(tmp_path / "w.csv", "nhsaa")


def test_a_header_alone_is_no_rows(tmp_path):
    source, frame = one(write(tmp_path / "r.csv", HEAD))
    assert (source.rows, frame.height, source.rejected.height) == (0, 0, 0)


def test_a_file_beside_the_records_may_lack_places(tmp_path):
    path = write(tmp_path / "permits.csv", "psn_no,hukou_place,has_permit\nA1,330100,yes\n")
    _, frame = one(path, wanted=("hukou_place",), required=("person_id",))
    assert frame.rows() == [("A1", "330100", "yes")]


# --- Parquet and tables ---

BASE = {"person_id": ["a", "b"], "hukou_place": [330100, 330100], "enrolment_place": [330100, 330106]}


def test_parquet_is_read_where_it_is(tmp_path):
    path = tmp_path / "r.parquet"
    frame = pl.DataFrame(BASE).rename({"hukou_place": "Hukou_Place"})
    frame.with_columns(more=pl.struct("person_id"), birth_date=dt.date(1990, 1, 1)).write_parquet(path)
    source, _ = one(path)
    assert (source.parquet, source.numbered, source.rows, source.encoding) == (path, False, 2, "")
    assert source.columns["hukou_place"] == "Hukou_Place"
    assert source.types == {
        "person_id": "VARCHAR",
        "hukou_place": "BIGINT",
        "enrolment_place": "BIGINT",
        "birth_date": "DATE",
    }
    assert source.others == ("more",)


ODD = {
    "bytes": (pl.Series([b"a", b"b"]), ["a", "b"]),
    "nanoseconds": (pl.Series([dt.datetime(1990, 1, 1)] * 2, dtype=pl.Datetime("ns")), None),  # noqa: DTZ001
    "times": (pl.Series([dt.time(1), None]), ["01:00:00", None]),
}


@pytest.mark.parametrize("kind", ODD)
def test_types_that_not_every_engine_reads_become_texts(tmp_path, kind):
    column, want = ODD[kind]
    pl.DataFrame(BASE).with_columns(column.alias("person_category")).write_parquet(tmp_path / "r.parquet")
    source, frame = one(tmp_path / "r.parquet")
    assert source.parquet != source.path
    assert source.types["person_category"] == "VARCHAR"
    assert source.types["hukou_place"] == "BIGINT"
    assert frame["_row"].to_list() == [1, 2]
    if want:
        assert frame["person_category"].to_list() == want


@pytest.mark.parametrize("column", ["person_id", "id_document_number"])
def test_long_numbers_as_floats_and_nested_columns_are_refused(tmp_path, column):
    floats = [990000199001010011.0, 990000199001010012.0]
    pl.DataFrame(BASE | {column: floats}).write_parquet(tmp_path / "r.parquet")
    assert "floating-point" in str(refused(tmp_path / "r.parquet"))
    pl.DataFrame(BASE | {column: [["a"], ["b"]]}).write_parquet(tmp_path / "n.parquet")
    assert "lists" in str(refused(tmp_path / "n.parquet"))


def test_kinds_written_before_are_known_by_their_columns(tmp_path):
    sums = {"persons": [2], "person_months": [24], "first_persons": [2], "cost_fen": [0]}
    kinds = {"hukou_place": [330100], "enrolment_place": [330100], "person_class": ["adult"], "tier": [None]} | sums
    pl.DataFrame(kinds).write_parquet(tmp_path / "kinds.parquet")
    source, _ = one(tmp_path / "kinds.parquet")
    assert source.shape == "kinds"
    assert set(source.columns) == set(kinds)
    assert "kinds" in said(source, "en")[0]


def test_tables_of_a_database(tmp_path):
    path = tmp_path / "people.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "CREATE TABLE people AS SELECT i::VARCHAR AS psn_no, 330100 AS insuplc_admdvs, "
            "330106::INTEGER AS resd_loc_admdvs, DATE '1990-01-31' AS brdy FROM range(5000) t(i)"
        )
    source, frame = one(path)
    assert (source.shown, source.numbered, source.rows, source.shape) == ("people.duckdb", True, 5000, "nhsa")
    assert source.types["birth_date"] == "DATE"
    assert frame["person_id"].to_list() == [str(number) for number in range(5000)]
    assert one(f"{path}:people")[0].shown == "people.duckdb:people"
    assert "Did you mean people" in str(refused(f"{path}:peple"))
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE other AS SELECT 1 AS x; CREATE VIEW few AS SELECT * FROM people LIMIT 3")
    assert "people.duckdb:TABLE" in str(refused(path))
    assert one(f"{path}:few")[0].rows == 3


# --- folders ---


def test_a_folder_is_its_tables_sorted_and_tells_what_it_left_out(tmp_path):
    for name in ("b.csv", "a.txt", "C.CSV", "._d.csv", "_SUCCESS", ".part.crc"):
        write(tmp_path / name, HEAD + GOOD)
    write(tmp_path / "notes.txt", "These are invented people.\n")
    write(tmp_path / "~$lock.xlsx", "x")
    write(tmp_path / "manifest.json", "{}")
    sources, _ = read(tmp_path)
    assert [source.shown for source in sources] == ["C.CSV", "a.txt", "b.csv"]
    assert sources[0].notes == (f"2 other files of the folder {tmp_path.name} left out",)
    assert sources[1].notes == ()


def test_a_folder_of_parts(tmp_path):
    for part in range(3):
        pl.DataFrame(BASE).write_parquet(tmp_path / f"part-{part:05d}-abc-c000.snappy.parquet")
    write(tmp_path / "_SUCCESS", "")
    write(tmp_path / ".part-00000.crc", "x")
    sources, _ = read(tmp_path)
    assert [source.rows for source in sources] == [2, 2, 2]
    assert sources[0].notes == ()


# --- ledger ---


def ledger_row(number, **cells):
    row = dict.fromkeys(LEDGER_CODES, "") | {
        "ADMDVS": "杭州市",
        "INSU_POOLAREA": "330100",
        "POOLAREA": "330100",
        "PSN_NO": f"X{number:09d}",
        "CERT_TYPE": "01",
        "CERT_NO": "990000199001010011",
        "NAME": '某"某',
        "PSN_CLCT_STAS": "1",
        "INSU_STAS": "1",
        "PSN_TYPE": "21",
        "INSU_TYPE": "21",
        "BEGN_YM": "202201",
        "EXPI_YM": "202212",
        "EMP_NAME": '某村，"甲"',
    }
    return "~".join((row | cells).values())


HEADS = {
    "none": [],
    "codes": ["~".join(LEDGER_CODES)],
    "small codes": ["~".join(LEDGER_CODES).lower()],
    "chinese": ["~".join(heads[0] for _, _, heads in LEDGER)],
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("format_", ["auto", "nhsa-ledger"])
def test_ledger_files_with_any_header_or_none(tmp_path, head, encoding, format_):
    lines = [*HEADS[head], ledger_row(1), "a~b", ledger_row(3), ledger_row(4) + "~x", ledger_row(5)]
    path = write(tmp_path / "area.txt", "\r\n".join([*lines, ""]).encode(encoding))
    source, frame = one(path, format_)
    assert (source.shape, source.encoding) == ("nhsa-ledger", encoding)
    assert numbers(source, frame) == ([1, 3, 5], [(2, "Q-row"), (4, "Q-row")])
    assert frame["person_id"].to_list() == ["X000000001", "X000000003", "X000000005"]
    assert frame["id_document_number"].to_list() == ["990000199001010011"] * 3
    assert frame["enrolment_place_name"].to_list() == ["杭州市"] * 3
    assert frame["coverage_to"].to_list() == ["202212"] * 3
    assert "hukou_place" not in source.columns
    assert ("no header" in " ".join(source.notes)) == (head == "none")


def test_a_ledger_of_any_name_when_the_format_says_so(tmp_path):
    (tmp_path / "parts").mkdir()
    for number in range(2):
        write(tmp_path / "parts" / f"part-{number:05d}", ledger_row(number) + "\n")
    assert [source.rows for source in read(tmp_path / "parts", "nhsa-ledger")[0]] == [1, 1]
    assert one(write(tmp_path / "area.330100", ledger_row(1)), "nhsa-ledger")[1].height == 1
    assert "16" in str(refused(write(tmp_path / "x.txt", "330100~1\n"), "nhsa-ledger"))
