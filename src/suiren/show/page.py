"""A self-contained page: escaped text, tables, figures, one style for screen, phone and A4. No script, no network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root{--ink:#1c2733;--faint:#5d6b79;--line:#dde3e8;--soft:#f5f7f9;--mark:#16425b}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:#fff;font-size:16px;line-height:1.62}
body{font-family:"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif}
html:lang(en) body{font-family:"Helvetica Neue","Segoe UI",Arial,"Noto Sans CJK SC","Source Han Sans SC",
"Microsoft YaHei","PingFang SC",sans-serif}
main{max-width:780px;margin:0 auto;padding:36px 24px 60px}
.kicker{margin:0 0 6px;color:var(--faint);font-size:13px;letter-spacing:.02em}
h1{margin:0 0 14px;font-size:28px;line-height:1.28;color:var(--mark)}
h2{margin:38px 0 10px;padding-top:12px;border-top:2px solid var(--mark);font-size:19px;line-height:1.35}
h2{color:var(--mark)}
p{margin:0 0 12px}
.lead{margin:0 0 18px;padding:14px 18px;background:var(--soft);border-left:4px solid var(--mark)}
.lead{font-size:17px;line-height:1.6}
.lead p:last-child{margin:0}
figure{margin:18px 0 14px}
figcaption{margin-bottom:8px;font-weight:600;line-height:1.45}
figcaption small{display:block;font-weight:400;color:var(--faint);font-size:13px}
.picture{overflow-x:auto}
.picture svg{display:block;width:100%;min-width:560px;height:auto;font-family:inherit}
.table{margin:14px 0 18px;overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:13.5px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{padding:0 0 6px;text-align:left;font-weight:600;font-size:14px}
th,td{padding:5px 8px;text-align:right;vertical-align:bottom;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--faint);border-bottom:1.5px solid var(--ink)}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
.words{text-align:left}
td{white-space:nowrap}
td.words{white-space:normal;min-width:5.5em}
tr.sum td{font-weight:600}
dl{margin:0 0 12px;display:grid;grid-template-columns:minmax(7em,11em) 1fr;gap:5px 16px}
dt{font-weight:600;line-height:1.45}
dd{margin:0;line-height:1.5}
ul{margin:0 0 12px;padding-left:1.2em}
li{margin-bottom:5px}
pre{margin:4px 0 14px;padding:10px 14px;background:var(--soft);border:1px solid var(--line)}
pre{font:13px/1.5 ui-monospace,Consolas,"Noto Sans Mono CJK SC",monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.small{font-size:13.5px;color:var(--faint)}
@media (max-width:560px){
main{padding:22px 16px 40px}
h1{font-size:23px}
.lead{font-size:16px;padding:12px 14px}
dl{display:block}
dd{margin-bottom:8px}
}
@media print{
@page{size:A4;margin:15mm 16mm}
body{font-size:9.6pt;line-height:1.45}
main{max-width:none;padding:0}
h1{margin-bottom:8pt;font-size:19pt}
h2{margin:12pt 0 5pt;padding-top:6pt;font-size:12.5pt;break-after:avoid}
p{margin-bottom:6pt;orphans:3;widows:3}
.lead{margin-bottom:8pt;padding:7pt 11pt;font-size:10pt;line-height:1.42}
.lead p{margin-bottom:4pt}
dl{margin-bottom:4pt;font-size:9pt;gap:2pt 12pt}
figure{margin:8pt 0 6pt}
.table{margin:8pt 0 10pt}
figure,.table,pre,li,dd,tr{break-inside:avoid}
.table.long{break-inside:auto}
thead{display:table-header-group}
table{font-size:8.6pt}
caption{font-size:9.4pt}
th,td{padding:1.7pt 5pt}
.picture svg{min-width:0}
pre{font-size:8.4pt}
.small{font-size:8.8pt}
.lead,pre{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.table.long tbody tr:nth-child(-n+6){break-after:avoid}
}
"""
"""The one style of the page."""


def page(lang: str, title: str, body: Iterable[str]) -> str:
    """Return the whole page as HTML text."""
    code = {"zh": "zh-Hans", "en": "en"}[lang]
    head = (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    return head + "\n".join(body) + "\n</main>\n</body>\n</html>\n"


def element(tag: str, text: str, kind: str = "") -> str:
    """Return one element with escaped text."""
    mark = f' class="{kind}"' if kind else ""
    return f"<{tag}{mark}>{escape(text)}</{tag}>"


def paragraphs(texts: Iterable[str], kind: str = "") -> str:
    """Return one paragraph for each text that is not empty."""
    return "\n".join(element("p", text, kind) for text in texts if text)


def items(texts: Iterable[str]) -> str:
    """Return a list with one item for each text."""
    return "<ul>\n" + "\n".join(element("li", text) for text in texts) + "\n</ul>"


def terms(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms with what they mean."""
    return "<dl>\n" + "\n".join(element("dt", one) + element("dd", two) for one, two in pairs) + "\n</dl>"


def table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: int = 1,
    sums: int = 0,
) -> str:
    """Return a table: the first `words` columns hold words, the others figures; the last `sums` rows are totals."""
    long = " long" if len(rows) > 24 else ""
    top = "".join(element("th", head, "words" if at < words else "") for at, head in enumerate(heads))
    body: list[str] = []
    for number, row in enumerate(rows):
        cells = "".join(element("td", cell, "words" if at < words else "") for at, cell in enumerate(row))
        mark = ' class="sum"' if number >= len(rows) - sums else ""
        body.append(f"<tr{mark}>{cells}</tr>")
    head = f"<caption>{escape(title)}</caption>\n<thead><tr>{top}</tr></thead>"
    return f'<div class="table{long}"><table>\n{head}\n<tbody>\n' + "\n".join(body) + "\n</tbody></table></div>"


def figure(drawing: str, caption: str, note: str = "") -> str:
    """Return a drawing (SVG of our own making) under its caption."""
    small = element("small", note) if note else ""
    told = f"<figcaption>{escape(caption)}{small}</figcaption>"
    return f'<figure>{told}<div class="picture">{_inline(drawing, caption)}</div></figure>'


def _inline(drawing: str, label: str) -> str:
    """Return an SVG for use inside a page: fonts are the page's, links to name spaces are not needed."""
    plain = re.sub(r' (font-family|xmlns|xmlns:xlink|version|aria-[a-z]+|role)="[^"]*"', "", drawing)
    return plain.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)


__all__ = ["element", "figure", "items", "page", "paragraphs", "table", "terms"]
