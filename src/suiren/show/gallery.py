"""The gallery of the documentation: all pictures of the default comparison, drawn anew from a summary."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

from suiren.show.charts import charts, svg, titles
from suiren.show.summary import Summary
from suiren.show.terminal import comparison, explanation

SCHEMES = ("current", "portable", "portable:enrol=residence", "risk-adjusted")
WIDTH = 100
HEAD = """# Gallery

What `suiren compare` and `suiren explain` show. Pictures and texts are made by `python -m suiren.show.gallery docs`
from the built-in, modelled population `china-2020`; nothing here is typed by hand.
"""


def gallery(folder: Path, summary: Summary) -> list[Path]:
    """Write GALLERY.md and its pictures into `folder`; return the files, the text last."""
    pictures = folder / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    parts = [HEAD]
    for lang, title in (("zh", "中文"), ("en", "English")):
        parts.append(f"## {title}\n")
        for name, chart in charts(summary, lang).items():
            path = pictures / f"{name}_{lang}.svg"
            path.write_text(svg(chart), encoding="utf-8")
            made.append(path)
            parts.append(f"![{titles(chart, lang)[0]}](gallery/{path.name})\n")
        parts.append(f"```text\n{_printed(summary, lang)}```\n")
    parts.append(f"## suiren explain\n\n```text\n{_one_person('zh')}```\n\n```text\n{_one_person('en')}```\n")
    text = folder / "GALLERY.md"
    text.write_text("\n".join(parts), encoding="utf-8")
    return [*made, text]


def _printed(summary: Summary, lang: str) -> str:
    console = _console()
    comparison(console, summary, lang)
    return _text_of(console)


def _one_person(lang: str) -> str:
    """Return the page of paper B's example: from Linxia to Hangzhou, when the money follows."""
    from suiren.case import explain
    from suiren.laws import law, portable

    console = _console()
    explanation(console, explain(law(2021) | portable(), "622900", "330100", age=30), lang)
    return _text_of(console)


def _console() -> Console:
    return Console(file=io.StringIO(), width=WIDTH, color_system=None, legacy_windows=False)


def _text_of(console: Console) -> str:
    """Return what was printed, without blanks at the ends of lines."""
    file = console.file
    text = file.getvalue() if isinstance(file, io.StringIO) else ""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def main(folder: str = "docs") -> None:
    """Settle the default comparison at both enrolment levels and write the gallery into `folder`."""
    from suiren.laws import law, reform_from_text
    from suiren.ledger.settle import settle
    from suiren.people import LEVELS, population
    from suiren.show.summary import summary

    laws = [law(2021) | reform_from_text(scheme) for scheme in SCHEMES]
    high, low = ([settle(people, each) for each in laws] for people in (population(level=name) for name in LEVELS))
    gallery(Path(folder), summary(high, low))


if __name__ == "__main__":
    main(*sys.argv[1:2])
