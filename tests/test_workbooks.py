"""Workbooks as people save them: titles, several sheets, typed cells, errors, other kinds, other names."""

import datetime as dt
import zipfile

import xlsxwriter

from test_files import GOOD, HEAD, numbers, one, read, refused, write


def workbook(path, sheets):
    """A workbook: sheet -> rows of cells; dates as dates, texts as texts, None as nothing, "=..." as error cells."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy/m/d"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(row, column, dt.datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                elif isinstance(cell, str) and cell.startswith("#"):
                    sheet.write_formula(row, column, "=NA()", None, cell)
                elif isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif cell is not None:
                    sheet.write(row, column, cell)
    book.close()
    return path


AWKWARD = [
    [],
    [None, "某市城乡居民参保名单（虚构）"],
    [None, "制表：某科", None, None, "2022年1月"],
    [
        None,
        "序号",
        "个人编号",
        "证件号码",
        "户籍地代码",
        "参保地代码",
        "性别",
        "出生日期",
        "参保月数",
        "缴费起始年月",
        None,
        "备注",
    ],
    [None, 1, "A001", "990000199001010011", 330100, 330100.0, "男", dt.date(1990, 1, 31), 12, dt.date(2022, 1, 1)],
    [],
    [None, 2, 1002, " 990000199001010012 ", "330106", " 330106\u3000", 2.0, "1990-02-01", 6.5, 202201],
    [None, None, "  ", None, "\u3000"],
    [None, 3, "A003", 990000199001010013, 330100, 330100, "#N/A", dt.date(1991, 1, 1), None],
    [None, 4, 990000199001010014, "", 330100, 330100, True, None, "#DIV/0!"],
    [None, "合计", "3人"],
]


def test_a_workbook_as_people_save_it(tmp_path):
    source, frame = one(workbook(tmp_path / "名单.xlsx", {"参保": AWKWARD, "说明": [["说明"], ["虚构"]], "空": []}))
    assert source.notes == ("sheet 参保", "sheets left out: 说明, 空", "header in row 4")
    assert source.shown == "名单.xlsx"
    assert numbers(source, frame) == ([1, 2, 5], [(3, "Q-digits"), (4, "Q-digits")])
    first, second, last = frame.rows(named=True)
    assert first == {
        "_row": 1,
        "person_id": "A001",
        "hukou_place": "330100",
        "enrolment_place": "330100",
        "sex": "男",
        "birth_date": "1990-01-31",
        "months": "12",
        "id_document_number": "990000199001010011",
        "coverage_from": "202201",
    }
    assert second["person_id"] == "1002"
    assert second["id_document_number"].strip() == "990000199001010012"
    assert (second["sex"], second["months"], second["coverage_from"]) == ("2", "6.5", "202201")
    assert (last["person_id"], last["hukou_place"]) == ("3人", None)


def test_error_cells_are_told_by_their_name(tmp_path):
    rows = [[None, "person_id", "hukou_place", "enrolment_place", "months", "has_permit"]]
    rows += [[None, f"A{n}", "330100", "330100", "#N/A" if n % 3 else n, True] for n in range(9)]
    for top in (0, 2):
        path = workbook(tmp_path / f"{top}.xlsx", {"other": [["#N/A"]], "a & <b>": [[]] * top + rows})
        _, frame = one(path)
        assert frame["months"].to_list() == ["#N/A" if n % 3 else str(n) for n in range(9)]
        assert frame["has_permit"].to_list() == ["true"] * 9


def test_each_recognised_sheet_is_a_source(tmp_path):
    rows = [["person_id", "hukou_place", "enrolment_place"], ["A1", 330100, 330100], [], ["A2", 330100, 330100]]
    path = workbook(tmp_path / "r.xlsx", {"east": rows, "notes": [["x", "y"]], "west": [["Title"], *rows]})
    sources, frames = read(path)
    assert [source.shown for source in sources] == ["r.xlsx:east", "r.xlsx:west"]
    assert [source.path for source in sources] == [path, path]
    assert [frame["_row"].to_list() for frame in frames] == [[1, 2], [1, 2]]
    assert sources[0].notes == ("sheet east", "sheets left out: notes")
    assert sources[1].notes == ("sheet west", "header in row 2")


def test_a_hidden_sheet_is_left_out_and_told(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    for name in ("shown", "hidden"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["person_id", "hukou_place", "enrolment_place"])
        sheet.write_row(1, 0, ["A1", "330100", "330100"])
    sheet.hide()
    book.close()
    source, _ = one(tmp_path / "r.xlsx")
    assert source.notes == ("sheet shown", "sheets left out: hidden")


def test_workbooks_that_do_not_fit_are_told_in_words(tmp_path):
    wrong = workbook(
        tmp_path / "w.xlsx", {"a": [["Title"], ["persn_id", "hukou_place", "enrolment_place"], ["A1", 1, 2]]}
    )
    assert "persn_id" in str(refused(wrong))
    many = workbook(tmp_path / "m.xlsx", {"a": [["x", "y"]], "b": [["z", "w"]]})
    assert "No sheet of m.xlsx" in str(refused(many))
    locked = write(
        tmp_path / "p.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 999 + "EncryptedPackage".encode("utf-16-le")
    )
    assert "password" in str(refused(locked))
    data = workbook(tmp_path / "d.xlsx", {"a": [["99000019900101001X", "330100", "330100"]]})
    error = refused(data)
    assert "99000019900101" not in str(error)


def test_workbooks_under_another_name(tmp_path):
    text = write(tmp_path / "export.xls", (HEAD + GOOD).replace(",", "\t").encode("gb18030"))
    source, frame = one(text)
    assert frame.rows() == [("A1", "330100", "330100", "30")]
    assert source.notes == ("no workbook but a text file, read as CSV",)
    rows = [["person_id", "hukou_place", "enrolment_place"], ["A1", 330100, 330100]]
    renamed = workbook(tmp_path / "new.xlsx", {"a": rows}).rename(tmp_path / "new.xls")
    assert one(renamed)[1].height == 1


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="a">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def ods_cell(value):
    kind, given = "string", ""
    if isinstance(value, dt.date):
        kind, given = "date", f' office:date-value="{value}"'
    elif isinstance(value, int):
        kind, given = "float", f' office:value="{value}"'
    return f'<table:table-cell office:value-type="{kind}"{given}><text:p>{value}</text:p></table:table-cell>'


def test_open_document_workbooks(tmp_path):
    rows = [
        ["person_id", "hukou_place", "enrolment_place", "birth_date"],
        ["A1", 330100, "330106", dt.date(1990, 1, 31)],
        [990000199001010011, 330100, 330106, dt.date(1990, 1, 31)],
        ["990000199001010011", 330100, 330106, dt.date(1990, 1, 31)],
    ]
    cells = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(tmp_path / "r.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", ODS.format(cells))
    source, frame = one(tmp_path / "r.ods")
    assert numbers(source, frame) == ([1, 3], [(2, "Q-digits")])
    assert frame.row(0) == (1, "A1", "330100", "330106", "1990-01-31")
