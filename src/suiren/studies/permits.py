"""Paper A (张展新): who opens the resident scheme to permit holders, and the active provincial capital."""

from __future__ import annotations

from suiren.studies import permits_figures as figures
from suiren.studies import permits_model as model
from suiren.studies import permits_opening as opening
from suiren.studies import permits_rules as rules
from suiren.studies import permits_structure as structure
from suiren.studies.catalog import TITLES
from suiren.studies.permits_own import Own
from suiren.studies.study import Study

NAME = "permits"


def study(lang: str = "en", own: Own | None = None) -> Study:
    """Paper A computed anew: items, tables, and figure 1 with labels in `lang`; `own`: counts of permit holders."""
    en, zh = TITLES[NAME]
    items = (*structure.items(), *rules.items(), *opening.items(own), *model.items())
    tables = (
        *(structure.printed_table(lang, number) for number in (1, 3, 5)),
        structure.structure_table(lang),
        rules.rules_table(lang),
        opening.table(lang, own),
        opening.assumptions_table(lang),
        model.left_out_table(lang),
        *model.judged_tables(lang),
        model.pools_table(lang),
    )
    return Study(
        NAME,
        en,
        zh,
        tuple(sorted(items, key=lambda item: item.id)),
        tables,
        (structure.figure(lang), figures.figure(lang)),
    )
