"""Pictures of a comparison: pure functions from a summary, drawn as SVG or PNG without browser or network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
PAGE_FONT = "sans-serif"
"""The font a picture inside a page is measured with; the page sets its own. Fewer names are looked up faster."""
PAGE_AIR = 14
"""Pixels left of a picture inside a page, for a reader whose font is wider than the one it was measured with."""


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
    return vl_convert.vegalite_to_svg(_spec(chart), vl_version=VEGA_LITE)


def drawn(chart: Chart, lang: str) -> tuple[str, str, str]:
    """Return SVG without a title, the title, and the note: for a page that sets them in its own type."""
    spec = _spec(chart)
    told = _told(spec.pop("title"), lang)
    spec["config"]["font"] = PAGE_FONT
    spec["config"]["padding"] = {**spec["config"]["padding"], "left": PAGE_AIR}
    return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE), *told


def titles(chart: Chart, lang: str) -> tuple[str, str]:
    """Return the sentence that is the picture's title, and the note under it."""
    return _told(_spec(chart)["title"], lang)


def _spec(chart: Chart) -> dict[str, Any]:
    """Return the picture as Vega-Lite; unchecked, as the tests check each picture once and drawing checks it again."""
    return chart.to_dict(validate=False)


def _told(title: dict[str, list[str]], lang: str) -> tuple[str, str]:
    gap = " " if lang == "en" else ""
    return gap.join(title["text"]), gap.join(title.get("subtitle", []))


def png(chart: Chart, path: str | Path) -> bool:
    """Write the picture as PNG; return whether a font with Chinese characters was found on this machine.

    Without one, Chinese text is drawn as boxes: the caller says so.
    """
    found = _register_chinese_font()
    Path(path).write_bytes(vl_convert.vegalite_to_png(_spec(chart), vl_version=VEGA_LITE, scale=SCALE))
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
