"""`suiren explain`: one case, step by step."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from suiren.cli.common import Json, Lang, LawFolder, Year, console, language, law_of, print_json, whole
from suiren.errors import Problem, raise_all


def explain(
    hukou: Annotated[str, typer.Option("--hukou", help="Place of hukou: code, Chinese name, pinyin or English.")],
    enrol_at: Annotated[str, typer.Option("--enrol-at", help="Place where the person wants to enrol.")],
    age: Annotated[str | None, typer.Option("--age", help="Age in years.")] = None,
    sex: Annotated[str | None, typer.Option("--sex", help="m or f.")] = None,
    person_class: Annotated[str | None, typer.Option("--class", help="Class of person; default: by age.")] = None,
    permit: Annotated[
        bool | None,
        typer.Option("--permit/--no-permit", help="Holds a residence permit of the place; default: not known."),
    ] = None,
    fact: Annotated[list[str] | None, typer.Option("--fact", help="NAME=yes or NAME=no. May be repeated.")] = None,
    tier: Annotated[str | None, typer.Option("--tier", help="Contribution tier; default: the cheapest.")] = None,
    months: Annotated[str, typer.Option("--months", help="Months of the year, 1 to 12.")] = "12",
    year: Year = "2021",
    scheme: Annotated[str, typer.Option("--scheme", help="A scheme with its options.")] = "current",
    law: LawFolder = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Explain one case: may this person enrol there, what do they pay, who pays the rest, by which rule."""
    from suiren.case import explain as explain_case

    language_ = language(lang)
    made = explain_case(
        law_of(year, law, scheme),
        hukou,
        enrol_at,
        age=whole(age, "--age") if age is not None else None,
        sex=sex,
        person_class=person_class,
        permit=permit,
        facts=_facts(fact or []),
        tier=tier,
        months=whole(months, "--months"),
    )
    if json:
        print_json(_in_language(made.to_dict(), language_))
        return
    from suiren.show import terminal

    terminal.explanation(console(), made, language_)


def _in_language(told: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return the explanation with the sentences and sources of its steps in a language."""
    if lang == "zh":
        from suiren.show.case_words import says_in, source_in

        for step in told["steps"]:
            step["says"] = says_in(lang, step["says"], step["name"])
            step["source"] = source_in(lang, step["source"])
    return told


def _facts(texts: list[str]) -> dict[str, bool | None]:
    answers = {"yes": True, "no": False, "是": True, "否": False, "true": True, "false": False}
    problems: list[Problem] = []
    found: dict[str, bool | None] = {}
    for text in texts:
        name, _, answer = text.partition("=")
        if answer.lower() not in answers:
            problems.append(Problem("E-fact", f"--fact {text!r} is not NAME=yes or NAME=no."))
            continue
        value = answers[answer.lower()]
        if found.setdefault(name, value) is not value:
            problems.append(Problem("E-fact-twice", f"The fact {name} is stated twice, and differently."))
    raise_all(problems)
    return found
