"""`suiren law`: what the tables say, where it comes from, what is assumed."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from suiren.cli import notice
from suiren.cli.common import Json, Lang, LawFolder, Year, console, language, law_of, print_json
from suiren.errors import fail

app = typer.Typer(no_args_is_help=True, help="What the law tables say, where it comes from, what is assumed.")
app.command("read")(notice.read)


@app.command("list")
def list_tables(law: LawFolder = None, json: Json = False) -> None:
    """List the tables: rows, years, how many rows of which evidence."""
    from suiren.laws.load import load, shipped
    from suiren.laws.schema import EVIDENCE, TABLES

    tables = load(Path(law)) if law else shipped()
    listed: list[dict[str, Any]] = []
    for table in TABLES:
        rows = tables[table.name]
        years = [
            row.cells[name]
            for row in rows
            for name in ("notice_year", "notice_year_from", "year")
            if row.cells.get(name)
        ]
        grades = Counter(row.cells["evidence"] for row in rows if "evidence" in row.cells)
        span = f"{min(years)}-{max(years)}" if years else ""
        listed.append(
            {
                "table": table.name,
                "rows": len(rows),
                "years": span,
                **{grade: grades.get(grade, 0) for grade in EVIDENCE},
            }
        )
    if json:
        print_json(listed)
        return
    shown = Table(box=None, pad_edge=False)
    for column in listed[0]:
        shown.add_column(column, justify="left" if column in {"table", "years"} else "right")
    for entry in listed:
        shown.add_row(*(str(value) for value in entry.values()))
    console().print(shown)


@app.command("show")
def show(
    place: Annotated[str, typer.Argument(help="A place: code, Chinese name, pinyin or English.")],
    year: Year = "2021",
    law: LawFolder = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Show all that the law says of a place in a year: amounts, who pays, who from elsewhere may enrol."""
    from suiren import places

    language_ = language(lang)
    held = law_of(year, law)
    said = _said(held, places.find(place))
    if json:
        print_json(said)
        return
    from suiren.show.law_page import law_page

    law_page(console(), held, said, language_)


def _said(law: Any, place: Any) -> dict[str, Any]:
    from suiren.laws.eligibility import doors_of
    from suiren.laws.schema import CLASSES, EVIDENCE
    from suiren.laws.seats import rules, seat
    from suiren.laws.standard import tiers
    from suiren.laws.subsidy import PARTS
    from suiren.money import yuan

    code = int(place.code)
    classes: list[dict[str, Any]] = []
    for person_class in CLASSES:
        for tier in tiers(law.book, code, person_class, None) or {None: None}:
            found = seat(law.book, (code, person_class, tier, None), law.year, law.terms)
            values, grades = rules().run_one(found.facts()), found.grades()
            entry: dict[str, Any] = {"person_class": person_class, "tier": found.tier}
            cited = {"contribution": found.contribution, "standard": found.standard}
            for name, figure in cited.items():
                entry[name] = {
                    "fen": figure.value,
                    "yuan": yuan(figure.value),
                    "evidence": EVIDENCE[figure.evidence],
                    "source": figure.source,
                    "how": figure.how,
                }
            for name in PARTS:
                grade = {"central_part": "central_evidence", "province_part": "province_evidence"}.get(
                    name, "local_evidence"
                )
                source = (
                    found.central.source.source
                    if name == "central_part"
                    else found.split.cited.source or found.split.cited.how
                )
                entry[name] = {
                    "fen": values[name],
                    "yuan": yuan(values[name]),
                    "evidence": EVIDENCE[grades[grade]],
                    "source": source,
                }
            entry["doors"] = [
                {
                    "regime": door.regime,
                    "needs": dict(door.needs),
                    "notice_year": door.notice_year,
                    "evidence": EVIDENCE[door.evidence],
                    "source": door.source,
                }
                for door in doors_of(law.book, code, person_class, found.tier, law.year)
            ]
            classes.append(entry)
    return {"place": place.code, "year": law.year, "classes": classes}


@app.command("check")
def check(year: Year = "2021", law: LawFolder = None, json: Json = False) -> None:
    """Check the tables: contradictions and doubts, and what rests on which evidence."""
    import polars as pl

    from suiren.laws.check import TOPICS, contradictions, coverage
    from suiren.laws.schema import EVIDENCE, NATION
    from suiren.people import china2020
    from suiren.places import name

    held = law_of(year, law)
    residents = china2020.load().group_by("residence_pool").agg(pl.col("persons").sum())
    covered = coverage(held, dict(residents.iter_rows()))
    found = contradictions(held)
    if json:
        rows = [
            {
                "place": entry.place,
                "notice_year": entry.notice_year,
                "topic": entry.topic,
                "what": entry.what,
                "treatment": entry.treatment,
            }
            for entry in found
        ]
        print_json({"year": held.year, "contradictions": rows, "coverage": covered.to_dicts()})
        return
    screen = console()
    screen.print(f"{len(found)} contradictions and doubts; both sides stay in the tables", style="bold")
    for entry in found:
        where = name(entry.place, "zh") if entry.place and entry.place != NATION else "全国"
        screen.print(f"  {where} {entry.notice_year or ''} {entry.topic}: {entry.what} -> {entry.treatment}")
    total = int(residents["persons"].sum())
    screen.print(
        f"\nWhat the law of {held.year} rests on, for adults: pools of 367 (share of the residents of china-2020)",
        style="bold",
    )
    shown = Table(box=None, pad_edge=False)
    shown.add_column("")
    for grade in EVIDENCE:
        shown.add_column(grade, justify="right")
    for topic in TOPICS:
        rows = covered.filter(pl.col("topic") == topic).sort(pl.col("evidence").cast(pl.Enum(EVIDENCE)))
        cells = [
            f"{pools} ({persons * 1000 // total / 10:.1f} %)"
            for pools, persons in rows.select("pools", "persons").iter_rows()
        ]
        shown.add_row(topic, *cells)
    screen.print(shown)


@app.command("export")
def export(
    folder: Annotated[str, typer.Argument(help="Folder to write the tables into; new or empty.")], law: LawFolder = None
) -> None:
    """Write the tables for editing; read them back with --law FOLDER (any command)."""
    from suiren.laws.load import load, shipped
    from suiren.laws.schema import TABLES

    tables = load(Path(law)) if law else shipped()
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise fail("E-out-full", f"{folder!r} is not an empty folder.", "Files would be lost.", "Name a new folder.")
    staged = target.parent / f".{target.name}.part"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for table in TABLES:
        shutil.copyfile(tables.folder / f"{table.name}.csv", staged / f"{table.name}.csv")
    if target.exists():
        target.rmdir()
    staged.rename(target)
    console().print(f"{len(TABLES)} tables in {folder}; edit them and name the folder with --law")
