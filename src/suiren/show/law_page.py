"""What the law says of one place, on a page: amounts, payers and doors of each class, with evidence and source."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from suiren import places
from suiren.laws import Law
from suiren.laws.subsidy import PARTS
from suiren.show.case_words import source_in
from suiren.show.texts import fact_text, t

ALWAYS = ("contribution", "standard")


def law_page(console: Console, law: Law, said: dict[str, Any], lang: str) -> None:
    """Print what the law of a year says of a place (as `law show --json` has it), one block for each class and tier."""
    console.print(f"{places.name(said['place'], lang)} {said['place']} · {said['year']}", style="bold")
    for entry in said["classes"]:
        tier = f" · {entry['tier']}" if entry["tier"] else ""
        console.print(f"\n{t(lang, 'class_' + entry['person_class'])}{tier}", style="bold")
        console.print(_amounts(entry, lang))
        for door in entry["doors"]:
            console.print(f"  {_door(law, door, lang)}")
        if not entry["doors"]:
            console.print(f"  {t(lang, 'door_no_source')}")


def _amounts(entry: dict[str, Any], lang: str) -> Table:
    shown = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    shown.add_column()
    shown.add_column(justify="right", no_wrap=True)
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for name in (*ALWAYS, *PARTS):
        told = entry[name]
        if told["fen"] or name in ALWAYS:
            grade = t(lang, f"grade_{told['evidence']}")
            shown.add_row(f"  {t(lang, 'step_' + name)}", told["yuan"], grade, source_in(lang, told["source"]))
    return shown


def _door(law: Law, door: dict[str, Any], lang: str) -> str:
    wanted = [
        fact_text(law, name, lang) if needed else t(lang, "case_not", what=fact_text(law, name, lang))
        for name, needed in door["needs"].items()
    ]
    needs = f" ({t(lang, 'semicolon').join(wanted)})" if wanted else ""
    grade = t(lang, f"grade_{door['evidence']}")
    source = source_in(lang, door["source"])
    return f"{t(lang, 'regime_' + door['regime'])}{needs}, {door['notice_year']}, {grade}: {source}"
