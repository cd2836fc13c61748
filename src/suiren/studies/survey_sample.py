"""An invented survey of CMDS shape, drawn from what paper B prints for 2018, with its mapping and those figures.

Taken from the paper: shares by scheme (table 1), shares at the place of residence by scheme (table 2), and of table 3
the sample of each province and, scaled to table 2, how the provinces differ. Invented: the names of the variables,
that all double cover is employee with new rural, the latter elsewhere, and that provinces differ in nothing else.
The paper's overall share at the place of residence is not among them, since it does not follow from its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from suiren.errors import fail
from suiren.studies import printed
from suiren.studies.study import rounded
from suiren.studies.survey_faults import faulty
from suiren.studies.survey_file import load_pyreadstat
from suiren.studies.survey_mapping import SCHEMES

YEAR = 2018
MOST_ROWS = 5_000_000
KINDS = (".csv", ".dta", ".sav")
MOST_FAULTS = 0.5
"""The largest share of people that faults may stand in."""
GROUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("employee",),
    ("resident",),
    ("new_rural",),
    ("employee", "new_rural"),
)
"""Schemes that are held together."""
TILT = 0.3
"""By how much the shares of a cluster lie above or below those of its province, as a part of them."""
CLUSTER = 30
"""Persons of a cluster, about."""
HERE, HOME = 1, 2
YES, NO = 1, 2
SHORT = {"employee": "emp", "resident": "urr", "new_rural": "ncms"}

MAPPING = """\
# Mapping of an invented survey file; its variable names are invented too and are those of no CMDS wave.
field,variable,yes,no,missing,note
person_id,serial,,,,
year,wave,,,,
place,prov,,,,province code of the interview
{design}employee,emp_has,1,2,9,
employee_where,emp_at,1,2|3,9,1 here; 2 hukou place; 3 elsewhere
resident,urr_has,1,2,9,
resident_where,urr_at,1,2|3,9,
new_rural,ncms_has,1,2,9,
new_rural_where,ncms_at,1,2|3,9,
"""
SAMPLED = "weight,wt,,,,\nstratum,prov,,,,\ncluster,psu,,,,\n"


@dataclass(frozen=True, slots=True)
class Cell:
    """People of one kind: province, the schemes held, which of them at the place of residence, and how many."""

    province: str
    held: tuple[str, ...]
    here: bool
    mass: Fraction


def write_sample(
    rows: int, out: str | Path, seed: int = 1, census: bool = False, faults: float = 0
) -> tuple[Path, Path, Path]:
    """The paths of an invented survey file, its mapping and the figures it was drawn from.

    `census` gives exactly the figures, each person with weight 1, instead of a sample by strata and clusters.
    `faults` is the share of people in whom something is wrong; `.faults.csv` beside the file says how many rows a
    reader must count for each kind. The same call gives the same people.

    Raises:
        SuirenError: a number of rows or a kind of file that cannot be made.
    """
    path = Path(out)
    if not 1 <= rows <= MOST_ROWS:
        raise fail("E-number", f"--rows {rows:,} is not from 1 to {MOST_ROWS:,}.")
    if path.suffix.lower() not in KINDS:
        raise fail(
            "E-value", f"{path.name} does not end in {', '.join(KINDS)}.", do="Name the file with -o survey.csv."
        )
    cells = census_cells(rows) if census else expected_cells()
    if not 0 <= faults <= MOST_FAULTS:
        raise fail("E-number", f"--faults {faults} is not from 0 to {MOST_FAULTS}.")
    people = _expanded(cells) if census else _drawn(rows, seed)
    mapping, figures = path.with_suffix(".mapping.csv"), path.with_suffix(".drawn.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    if faults:
        people, counts = faulty(people, faults, seed)
        expected = pl.DataFrame({"id": list(counts), "rows": list(counts.values())})
        expected.write_csv(path.with_suffix(".faults.csv"))
    _write(people, path)
    mapping.write_text(MAPPING.format(design="" if census else SAMPLED), encoding="utf-8")
    drawn_from(cells).write_csv(figures)
    return path, mapping, figures


def _write(people: pl.DataFrame, path: Path) -> None:
    kind = path.suffix.lower()
    if kind == ".csv":
        people.write_csv(path)
    else:
        getattr(load_pyreadstat(), {".dta": "write_dta", ".sav": "write_sav"}[kind])(people, str(path))


def _percent(table: str, indicator: str) -> Fraction:
    column = "value" if table == "cmds_t1" else "value_pct"
    return Fraction(printed.cell(table, column, year=str(YEAR), indicator_id=indicator)) / 100


def _groups() -> dict[tuple[str, ...], Fraction]:
    """The share of each of `GROUPS`: what the scheme shares have above the insured rate is double cover."""
    employee = _percent("cmds_t1", "employee_scheme_share_pct")
    resident = _percent("cmds_t1", "urban_rural_resident_scheme_share_pct")
    rural = _percent("cmds_t1", "new_rural_scheme_share_pct")
    insured = _percent("cmds_t1", "insured_rate_pct")
    double = employee + resident + rural - insured
    return dict(zip(GROUPS, (1 - insured, employee - double, resident, rural - double, double), strict=True))


def _here() -> dict[tuple[str, ...], Fraction]:
    """The share of each group that is insured where it lives; of those with two schemes by the employee scheme."""
    groups = _groups()
    employee = _percent("cmds_t2", "residence_share_employee_pct")
    rural = _percent("cmds_t2", "residence_share_new_rural_pct")
    alone = groups["new_rural",] + groups["employee", "new_rural"]
    return {
        (): Fraction(0),
        ("employee",): employee,
        ("resident",): _percent("cmds_t2", "residence_share_urban_rural_resident_pct"),
        ("new_rural",): rural * alone / groups["new_rural",],
        ("employee", "new_rural"): employee,
    }


def _provinces() -> dict[str, tuple[Fraction, Fraction]]:
    """{province: its share of the sample, its factor on the shares of the resident schemes; the mean factor is 1}."""
    rows = printed.read("cmds_t3")
    sizes = {row["province_code_gb2260"]: int(row["sample_n"]) for row in rows}
    shares = {row["province_code_gb2260"]: Fraction(row["residence_share_pct"]) for row in rows}
    everyone = sum(sizes.values())
    mean = sum((sizes[code] * shares[code] for code in sizes), Fraction(0)) / everyone
    return {code: (Fraction(size, everyone), shares[code] / mean) for code, size in sorted(sizes.items())}


def _factor(held: tuple[str, ...], factor: Fraction) -> Fraction:
    return factor if held in {("resident",), ("new_rural",)} else Fraction(1)


def expected_cells() -> list[Cell]:
    """The cells that a sample is drawn from; their masses add up to 1."""
    here = _here()
    made: list[Cell] = []
    for held, share in _groups().items():
        for province, (size, factor) in _provinces().items():
            at_home = here[held] * _factor(held, factor)
            made += [
                Cell(province, held, True, share * size * at_home),
                Cell(province, held, False, share * size * (1 - at_home)),
            ]
    return [cell for cell in made if cell.mass]


def census_cells(rows: int) -> list[Cell]:
    """The cells of a file of `rows` persons: first the groups, then who is at home, then provinces, whole persons."""
    groups, here, provinces = _groups(), _here(), _provinces()
    sizes = _apportioned(rows, list(groups.values()))
    made: list[Cell] = []
    for held, persons in zip(groups, sizes, strict=True):
        split = _apportioned(persons, [here[held], 1 - here[held]])
        for at_home, part in zip((True, False), split, strict=True):
            odds = [here[held] * _factor(held, factor) for _, factor in provinces.values()]
            masses = [
                size * (chance if at_home else 1 - chance)
                for (size, _), chance in zip(provinces.values(), odds, strict=True)
            ]
            counts = _apportioned(part, masses) if part else [0] * len(masses)
            made += [
                Cell(code, held, at_home, Fraction(count))
                for code, count in zip(provinces, counts, strict=True)
                if count
            ]
    return made


def _apportioned(total: int, shares: list[Fraction]) -> list[int]:
    """Whole numbers in the proportion of `shares` that add up to `total`; the largest remainders get one more."""
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    floors = [int(one) for one in exact]
    order = sorted(range(len(shares)), key=lambda at: (floors[at] - exact[at], at))
    for at in order[: total - sum(floors)]:
        floors[at] += 1
    return floors


def _at(cell: Cell, scheme: str) -> bool:
    """Whether the people of a cell are in `scheme` where they live: of two schemes only the first is."""
    return cell.here and bool(cell.held) and scheme == cell.held[0]


def _mass(cells: Iterable[Cell]) -> Fraction:
    return sum((cell.mass for cell in cells), Fraction(0))


def drawn_from(cells: list[Cell]) -> pl.DataFrame:
    """The figures of cells, in percent: indicators of tables 1 and 2, then each province's share of table 3."""
    total = _mass(cells)
    insured = _mass(cell for cell in cells if cell.held)
    at_home = _mass(cell for cell in cells if cell.held and cell.here)
    figures = {"insured_rate_pct": insured / total}
    names = {"employee": "employee", "resident": "urban_rural_resident", "new_rural": "new_rural"}
    if insured:
        figures["residence_share_of_insured_pct"] = at_home / insured
    for scheme in SCHEMES:
        held = _mass(cell for cell in cells if scheme in cell.held)
        figures[f"{names[scheme]}_scheme_share_pct"] = held / total
        if held:
            here = _mass(cell for cell in cells if scheme in cell.held and _at(cell, scheme))
            figures[f"residence_share_{names[scheme]}_pct"] = here / held
    for province in sorted({cell.province for cell in cells}):
        mine = [cell for cell in cells if cell.province == province and {"resident", "new_rural"} & set(cell.held)]
        held = _mass(mine)
        if held:
            here = _mass(cell for cell in mine if _at(cell, "resident") or _at(cell, "new_rural"))
            figures[province] = here / held
    return pl.DataFrame({"id": list(figures), "value": [rounded(value * 100, 2) for value in figures.values()]})


def _expanded(cells: list[Cell]) -> pl.DataFrame:
    """One row for each person of whole cells."""
    counts = [int(cell.mass) for cell in cells]
    province = np.repeat([int(cell.province) for cell in cells], counts)
    group = np.repeat([GROUPS.index(cell.held) for cell in cells], counts)
    here = np.repeat([cell.here for cell in cells], counts)
    return _people(province, group, here)


def _drawn(rows: int, seed: int) -> pl.DataFrame:
    """A sample: small provinces drawn more often than their size and weighted back, in clusters that differ."""
    random = np.random.default_rng([seed, rows])
    provinces = _provinces()
    codes = np.array([int(code) for code in provinces])
    size = np.array([float(share) for share, _ in provinces.values()])
    chance = (size + 1 / len(size)) / 2
    at = np.sort(random.choice(len(codes), rows, p=chance / chance.sum()))
    clusters = np.maximum(2, np.bincount(at, minlength=len(codes)) // CLUSTER)
    psu = (random.random(rows) * clusters[at]).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(clusters)[:-1]])
    tilt = random.choice([-TILT, TILT], clusters.sum())[first[at] + psu]
    group = random.choice(len(GROUPS), rows, p=[float(share) for share in _groups().values()])
    factor = np.array([[float(_factor(held, one)) for _, one in provinces.values()] for held in GROUPS])
    share = np.array([float(one) for one in _here().values()])[group] * factor[group, at]
    share = np.where(share > 0.75, 1 - (1 - share) * (1 + tilt), share * (1 + tilt))
    people = _people(codes[at], group, random.random(rows) < share)
    weight = np.round(1000 * size[at] / chance[at], 3)
    return people.with_columns(wt=pl.Series(weight), psu=pl.Series(psu + 1))


def _people(province: np.ndarray, group: np.ndarray, here: np.ndarray) -> pl.DataFrame:
    """Persons with the invented variables; where somebody is insured is empty without the scheme."""
    rows = len(province)
    columns: dict[str, pl.Series] = {
        "serial": pl.Series(np.arange(1, rows + 1)),
        "wave": pl.Series(np.full(rows, YEAR)),
        "prov": pl.Series(province),
    }
    for scheme in SCHEMES:
        held = np.array([scheme in schemes for schemes in GROUPS])[group]
        first = np.array([schemes[:1] == (scheme,) for schemes in GROUPS])[group]
        where = pl.Series(np.where(first & here, HERE, HOME))
        columns[f"{SHORT[scheme]}_has"] = pl.Series(np.where(held, YES, NO))
        columns[f"{SHORT[scheme]}_at"] = where.set(pl.Series(~held), None)
    return pl.DataFrame(columns)
