"""Pictures of a comparison: pure functions from a summary, drawn as SVG or PNG without browser or network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import altair as alt
import vl_convert

from suiren.show.bars import burden, doors, provinces, who_pays
from suiren.show.heat import flows
from suiren.show.summary import Summary

Chart = alt.TopLevelMixin
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
CJK_FONTS = re.compile(r"(NotoSans(CJK|SC)|SourceHanSans|msyh|PingFang|wqy|simhei)", re.IGNORECASE)
SCALE = 2


def charts(summary: Summary, lang: str) -> dict[str, Chart]:
    """Return all pictures that say something of this comparison, by name, in the order of the report."""
    made: dict[str, Callable[[Summary, str], Chart]] = {"payers": who_pays}
    if summary.others:
        made["provinces"] = provinces
    made["flows"] = flows
    made["burden"] = burden
    if summary.door_schemes():
        made["doors"] = doors
    return {name: make(summary, lang) for name, make in made.items()}


def svg(chart: Chart) -> str:
    """Return the picture as SVG; its text stays text, in the reader's fonts."""
    return vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=VEGA_LITE)


def drawn(chart: Chart, lang: str) -> tuple[str, str, str]:
    """Return SVG without a title, the title, and the note: for a page that sets them in its own type."""
    spec = chart.to_dict()
    del spec["title"]
    return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE), *titles(chart, lang)


def titles(chart: Chart, lang: str) -> tuple[str, str]:
    """Return the sentence that is the picture's title, and the note under it."""
    title = chart.to_dict()["title"]
    gap = " " if lang == "en" else ""
    return gap.join(title["text"]), gap.join(title.get("subtitle", []))


def png(chart: Chart, path: str | Path) -> bool:
    """Write the picture as PNG; return whether a font with Chinese characters was found on this machine.

    Without one, Chinese text is drawn as boxes: the caller says so.
    """
    found = _register_chinese_font()
    Path(path).write_bytes(vl_convert.vegalite_to_png(chart.to_dict(), vl_version=VEGA_LITE, scale=SCALE))
    return found


def _register_chinese_font() -> bool:
    folders = [Path(folder) for folder in FONT_FOLDERS]
    for folder in (folder for folder in folders if folder.is_dir()):
        for file in sorted(folder.rglob("*.[to]t[fc]")):
            if CJK_FONTS.search(file.name):
                vl_convert.register_font_directory(str(file.parent))
                return True
    return False


__all__ = ["Chart", "burden", "charts", "doors", "drawn", "flows", "png", "provinces", "svg", "titles", "who_pays"]
