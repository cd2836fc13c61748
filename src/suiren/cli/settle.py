"""`suiren settle` and `suiren check`: person rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli.common import Lang, LawFolder, Out, Year, console, language, law_of, one_of, progress
from suiren.errors import Problem, fail, raise_all
from suiren.money import parse_share

ENGINES = ("duckdb",)
FORMATS = ("auto", "plain")
Format = Annotated[str, typer.Option("--format", help="Shape of the rows: auto or plain (the columns of the README).")]
Records = Annotated[list[str], typer.Argument(help="CSV or Parquet files of person rows, or folders of them.")]


def settle(
    records: Records,
    out: Out,
    year: Year = "2021",
    scheme: Annotated[str, typer.Option("--scheme", help="A scheme with its options.")] = "current",
    bills: Annotated[bool, typer.Option("--bills", help="Write a bill for each person row.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Quarantine rows for which a fact is missing.")] = False,
    max_quarantined: Annotated[
        str | None,
        typer.Option("--max-quarantined", help="Fail where a larger share of the rows is quarantined, e.g. 0.01."),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="Where the rows are read: duckdb.")] = "duckdb",
    format_: Format = "auto",
    law: LawFolder = None,
    lang: Lang = None,
) -> None:
    """Settle person rows exactly: a ledger, a statement for each government, every refused row with its reason."""
    from suiren.ledger import write
    from suiren.ledger.run import settle_records
    from suiren.show import workbook
    from suiren.show.summary import summary

    language_ = language(lang)
    one_of(engine, ENGINES, "--engine")
    one_of(format_, FORMATS, "--format")
    held = law_of(year, law, scheme)
    most = _share(max_quarantined)
    target = Path(out)
    write.check_target(target)
    with progress() as tell, write.replaced(target) as folder:
        tell("reading and checking the rows")
        found, result = settle_records(records, held, folder, strict=strict, bills=bills, lang=language_)
        if most is not None and found.rows_quarantined > most * found.rows_in:
            raise fail(
                "E-quarantine",
                f"{found.rows_quarantined:,} of {found.rows_in:,} rows would be quarantined, above {max_quarantined}.",
                _by_code(found),
                "Look at them with `suiren check`.",
            )
        tell("writing")
        write.write_tables(folder, [result], found.quarantine)
        workbook.workbook(folder / "statement.xlsx", [result], summary([result]), language_)
        settings = {
            "command": "settle",
            "scheme": result.scheme,
            "strict": strict,
            "bills": bills,
            "lang": language_,
        }
        write.write_manifest(folder, {"settings": settings, **_counts(found)}, [result])
    screen = console()
    _print_counts(screen, found, language_)
    _print_result(screen, result, language_)
    names = ["ledger.parquet", "balances.parquet", "statement.xlsx", "quarantine.csv", *(["bills.parquet"] * bills)]
    screen.print(f"{target.as_posix()}/: {', '.join(names)}, manifest.json")


def check(
    records: Records,
    out: Annotated[str | None, typer.Option("--out", "-o", help="Folder for quarantine.csv and manifest.json.")] = None,
    year: Year = "2021",
    scheme: Annotated[str, typer.Option("--scheme", help="A scheme with its options.")] = "current",
    strict: Annotated[
        bool, typer.Option("--strict", help="Count rows for which a fact is missing as refused.")
    ] = False,
    format_: Format = "auto",
    law: LawFolder = None,
    lang: Lang = None,
) -> None:
    """Check person rows without settling: what is wrong with which row."""
    from suiren.ledger import write
    from suiren.people.intake import intake

    language_ = language(lang)
    one_of(format_, FORMATS, "--format")
    held = law_of(year, law, scheme)
    if out is not None:
        write.check_target(Path(out))
    with progress() as tell:
        tell("reading and checking the rows")
        found = intake(records, held, strict, language_)
    if out is not None:
        with write.replaced(Path(out)) as folder:
            found.quarantine.write_csv(folder / "quarantine.csv")
            write.write_manifest(folder, {"settings": {"command": "check", "strict": strict}, **_counts(found)}, [])
    screen = console()
    _print_counts(screen, found, language_)
    if found.rows_quarantined:
        screen.print(_by_code(found))


def _share(text: str | None) -> Any:
    if text is None:
        return None
    try:
        share = parse_share(text)
    except ValueError as error:
        raise fail("E-share", f"--max-quarantined: {error}.") from None
    problems = [Problem("E-share", f"--max-quarantined {text} is not between 0 and 1.")] if not 0 <= share <= 1 else []
    raise_all(problems)
    return share


def _counts(found: Any) -> dict[str, Any]:
    return {
        "inputs": found.files,
        "rows_in": found.rows_in,
        "rows_settled": found.rows_settled,
        "rows_quarantined": found.rows_quarantined,
        "class_assumed": found.class_assumed,
    }


def _print_counts(screen: Any, found: Any, lang: str) -> None:
    counts = (f"{found.rows_in:,}", f"{found.rows_settled:,}", f"{found.rows_quarantined:,}")
    if lang == "zh":
        screen.print("输入 {} 行 = 结算 {} 行 + 隔离 {} 行".format(*counts))
    else:
        screen.print("rows in {} = settled {} + quarantined {}".format(*counts))
    if found.class_assumed:
        told = f"{found.class_assumed:,}"
        zh, en = (
            f"{told} 行未填年龄与类别，按成年人处理（假定）",
            f"{told} rows have neither age nor class: adults (assumed)",
        )
        screen.print(zh if lang == "zh" else en)


def _print_result(screen: Any, result: Any, lang: str) -> None:
    from suiren.money import yuan

    governments, persons = yuan(result.total()), yuan(result.total("individual"))
    zh = f"各级政府补助 {governments} 元，个人缴费 {persons} 元（{result.scheme}，{result.law.year} 政策年度）"
    en = f"governments {governments} yuan, persons {persons} yuan ({result.scheme}, notice year {result.law.year})"
    screen.print(zh if lang == "zh" else en)
    missing, silent = result.counts["facts_missing"], result.counts["no_source"]
    if missing or silent:
        zh = f"假定按当地人待遇结算：{missing:,} 人缺少事实，{silent:,} 人所在地没有资料"
        en = (
            f"settled on assumed local terms: {missing:,} persons for want of a fact, "
            f"{silent:,} where no source states a rule"
        )
        screen.print(zh if lang == "zh" else en)


def _by_code(found: Any) -> str:
    import polars as pl

    codes = found.quarantine.group_by("code").agg(rows=pl.struct("file", "row").n_unique()).sort("code")
    return "; ".join(f"{code}: {rows:,} rows" for code, rows in codes.iter_rows())
