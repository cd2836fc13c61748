"""Which studies there are, and how one is run."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from suiren.errors import did_you_mean, fail
from suiren.studies.study import Study

TITLES = {
    "permits": (
        "Paper A: residence permits and the active provincial capital, 23 big cities",
        "论文A：居住证持有人参保与“积极省会”，23个大城市",
    ),
    "residence": (
        "Paper B: enrolment at the place of residence, who pays, and the money that follows the person",
        "论文B：常住地参保、央地分担与“钱随人走”",
    ),
}
"""Title of each study in English and Chinese; its module has the same name."""

READS = {"--survey": "residence", "--mapping": "residence", "--permits": "permits"}
"""The study that reads the file of an option."""


def names() -> tuple[str, ...]:
    """Names of the studies that this version has."""
    return tuple(name for name in TITLES if importlib.util.find_spec(f"suiren.studies.{name}"))


def title(name: str, lang: str) -> str:
    """The title of a study in `lang`."""
    return TITLES[name][lang == "zh"]


def run(name: str, lang: str, own: Any = None) -> Study:
    """The study called `name`, its figures labelled in `lang`; `own` is what the user brings: a survey, or permits.

    Raises:
        SuirenError: there is no such study.
    """
    check_name(name)
    module = importlib.import_module(f"suiren.studies.{name}")
    return module.study(lang) if own is None else module.study(lang, own)


def check_name(name: str) -> None:
    """Raise an error where there is no such study."""
    known = names()
    if name not in known:
        hint = did_you_mean(name, known) or f"The studies are {', '.join(known)}."
        raise fail("E-study", f"There is no study {name!r}.", do=hint)


def check_own(name: str, option: str) -> None:
    """Raise an error where a study does not read the file that an option brings."""
    check_name(name)
    wanted = READS[option]
    if name != wanted:
        what = f"The study {name!r} does not read {option}."
        raise fail("E-study-input", what, "The file would be ignored.", f"Use {option} with {wanted}.")
