"""Made-up person rows written in each format: CSV, Parquet with native types, Excel, and the two NHSA shapes."""

import polars as pl
import xlsxwriter

from people_files import columns_of, write_csv

LEDGER = {
    "ADMDVS": "enrolment_place_name",
    "INSU_POOLAREA": "enrolment_place",
    "POOLAREA": "pooling_area_code",
    "PSN_NO": "person_id",
    "CERT_TYPE": "id_document_type",
    "CERT_NO": "id_document_number",
    "NAME": "name",
    "PSN_CLCT_STAS": "payment_status",
    "INSU_STAS": "enrolment_status",
    "PSN_TYPE": "person_category",
    "INSU_TYPE": "scheme_code",
    "BEGN_YM": "coverage_from",
    "EXPI_YM": "coverage_to",
    "EMP_NO": "employer",
    "EMP_NAME": "employer_name",
    "CIS_REA": "reason",
}
NHSA = {
    "psn_no": "person_id",
    "psn_cert_type": "id_document_type",
    "certno": "id_document_number",
    "gend": "sex",
    "brdy": "birth_date",
    "insutype": "scheme_code",
    "psn_type": "person_category",
    "insuplc_admdvs": "enrolment_place",
    "resd_loc_admdvs": "hukou_place",
    "live_admdvs": "residence_place",
    "psn_insu_stas": "enrolment_status",
    "psn_clct_stas": "payment_status",
    "accrym_begn": "coverage_from",
    "accrym_end": "coverage_to",
    "poolarea_no": "pooling_area_code",
    "clct_flag": "paid_flag",
    "clct_type": "payment_type",
    "revs_flag": "reversal_flag",
    "surv_stas": "survival_status",
    "vali_flag": "valid_flag",
}
PERSONAL_FACTS = ("has_permit", "insured_at_origin", "relative_insured", "relative_has_permit", "student_here")
NUMBERS = {"age", "months", "cost_fen", "hukou_place", "enrolment_place", "residence_place"}


def carried(row, shape):
    """What of a row its shape can carry."""
    names = {"nhsa": NHSA, "ledger": LEDGER}.get(shape)
    return row if names is None else {ours: row.get(ours, "") for ours in names.values()}


def as_text(rows, names):
    """The rows under a format's own names."""
    return [{theirs: row.get(ours, "") for theirs, ours in names.items()} for row in rows]


def write_plain(path, rows):
    return write_csv(path, rows, columns=sorted(columns_of(rows)))


def write_nhsa(path, rows):
    return write_csv(path, as_text(rows, NHSA), columns=list(NHSA))


def write_ledger(path, rows, head=False):
    lines = ["~".join(row.values()) for row in as_text(rows, LEDGER)]
    path.write_text("\n".join(["~".join(LEDGER)] * head + lines) + "\n", encoding="utf-8")
    return path


def write_native(path, rows, names=None):
    """Parquet with numbers, booleans and dates as such, in columns where every cell is one; other columns as text."""
    given = as_text(rows, names or {column: column for column in columns_of(rows)})
    ours = names or {}
    columns = []
    for theirs in given[0]:
        texts = [row[theirs] or None for row in given]
        columns.append(native(ours.get(theirs, theirs), pl.Series(theirs, texts, dtype=pl.String)))
    pl.DataFrame(columns).write_parquet(path)
    return path


def native(column, cells):
    """One column in the type it would have in a typed table, as text where a cell does not fit."""
    try:
        if column in NUMBERS:
            whole = cells.str.strip_suffix(".0")
            return whole.cast(pl.Int64) if whole.str.contains(r"^\d+$").all() else cells
        if column == "birth_date":
            return cells.cast(pl.Date)
        if column in {*PERSONAL_FACTS, "employee_cover"}:
            return cells.replace_strict({"yes": True, "no": False}, return_dtype=pl.Boolean)
    except pl.exceptions.PolarsError:
        return cells
    return cells


def write_excel(path, rows):
    """A workbook with all cells as text but whole numbers of few digits, which are stored as numbers."""
    columns = columns_of(rows)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("参保")
        sheet.write_row(0, 0, columns)
        for line, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                value = row.get(column, "")
                if column in NUMBERS and value.isascii() and value.isdigit() and len(value) < 10:
                    sheet.write_number(line, place, int(value))
                elif value:
                    sheet.write_string(line, place, value)
    return path


FORMATS = {
    "csv": ("plain", write_plain, "csv", ()),
    "parquet": ("plain", write_native, "parquet", ()),
    "excel": ("plain", write_excel, "xlsx", ()),
    "nhsa": ("nhsa", write_nhsa, "csv", ("--format", "nhsa")),
    "nhsa parquet": ("nhsa", lambda path, rows: write_native(path, rows, NHSA), "parquet", ("--format", "nhsa")),
    "ledger": ("ledger", write_ledger, "txt", ("--format", "nhsa-ledger")),
    "ledger with head": (
        "ledger",
        lambda path, rows: write_ledger(path, rows, head=True),
        "txt",
        ("--format", "nhsa-ledger"),
    ),
}
"""Name -> the shape its rows are made in, the writer, the file's suffix, and what the command line needs for it."""
