"""The mapping of a survey file: which of its variables answers which question, and what their codes mean.

A mapping is a CSV file with the columns field, variable, yes, no, missing, note; a line that begins with `#` is a
comment. Several codes stand with `|` between them. The insurance variables of no survey wave are known here, so the
template leaves them empty, and a file is refused without a mapping.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from suiren.encodings import decoded
from suiren.errors import Problem, SuirenError, did_you_mean, fail, raise_all

SCHEMES = ("employee", "resident", "new_rural")
"""Employee scheme; urban or urban-rural resident scheme; new rural scheme."""
DESIGN = ("person_id", "year", "weight", "stratum", "cluster", "place")
ANSWERS = tuple(field for scheme in SCHEMES for field in (scheme, f"{scheme}_where"))
FIELDS = (*DESIGN, *ANSWERS)
COLUMNS = ("field", "variable", "yes", "no", "missing", "note")
ANY = "*"
"""As the only `no` code: every answer that is listed neither as yes nor as missing."""
BETWEEN = "|"
DELIMITERS = ",;\t"
"""What may stand between the cells of a mapping; Excel writes the second in some countries, the third as text."""
OTHER_KINDS = (".yaml", ".yml", ".toml", ".json", ".xlsx", ".xls")
CONSTANT = "="
EARLIEST, LATEST = 2000, 2099
CODE = re.compile(r"([+-]?\d+)\.0*")
HOW = "`suiren study mapping -o mapping.csv` writes a template to fill in."

TEMPLATE = """\
# Which variables of your survey file answer which question. Lines that begin with # are comments.
# Fill in `variable`; delete or leave empty what your file does not have. Several codes: 1|2|3.
# person_id, weight, stratum, cluster, place: the variable alone. Without weight each person counts once; without
#   stratum and cluster the intervals are too narrow. place: where the interview was (province or finer; code or name).
# year: a variable with four digits, or a year for the whole file as =2018.
# employee, resident, new_rural: is the person in this scheme? `yes` and `no` list the codes; no = * means any other
#   answer; `missing` lists refusals and "do not know". An empty cell is always missing. Two variables of one scheme
#   (urban and urban-rural residents, say) stand in two rows of the same field. One variable that holds the scheme's
#   number stands in three rows: employee with yes = 4 and no = *, and so on.
# employee_where ...: where is the person in this scheme? `yes` = at the place of the interview, `no` = elsewhere.
# Names that were seen for CMDS waves (check them in your own file; no insurance variable by scheme is known):
#   person_id newID (2017, 2018); place inte_code (2012 to 2014), F3 (2015), C2 (2016), C1 C2 C3 (2017), C2 C3 (2018);
#   weight w_l (2017; its meaning is not stated). In 2011, q502b asks for local medical insurance without the scheme.
field,variable,yes,no,missing,note
person_id,,,,,identifier of a person in a year
year,,,,,survey year
weight,,,,,sampling weight
stratum,,,,,sampling stratum
cluster,,,,,primary sampling unit
place,,,,,place of the interview
employee,,,,,in the employee scheme
employee_where,,,,,in it at the place of the interview
resident,,,,,in the urban or urban-rural resident scheme
resident_where,,,,,in it at the place of the interview
new_rural,,,,,in the new rural scheme
new_rural_where,,,,,in it at the place of the interview
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a mapping: a field, the variable that answers it, and the codes of its answers."""

    field: str
    variable: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """The rows of a mapping file that name a variable, in their order."""

    name: str
    asked: tuple[Asked, ...]

    def of(self, field: str) -> tuple[Asked, ...]:
        """The rows of one field; none where it is not mapped."""
        return tuple(row for row in self.asked if row.field == field)

    def variable(self, field: str) -> str:
        """The variable of a field of the design, an empty text where there is none."""
        return next((row.variable for row in self.of(field)), "")

    @property
    def year(self) -> int | None:
        """The year that the mapping states for the whole file, None where a variable tells it or nothing does."""
        written = self.variable("year")
        return int(written.removeprefix(CONSTANT)) if written.startswith(CONSTANT) else None

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes that are mapped."""
        return tuple(scheme for scheme in SCHEMES if self.of(scheme))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables to read, each once."""
        named = (row.variable for row in self.asked if not row.variable.startswith(CONSTANT))
        return tuple(dict.fromkeys(named))


def plain(value: str) -> str:
    """A code as it is compared: without blanks around it and without the ".0" of a number read as a float."""
    text = value.strip()
    found = CODE.fullmatch(text)
    return found[1] if found else text


def read_mapping(path: str | Path | None) -> Mapping:
    """The mapping in a CSV file, UTF-8 or GB18030.

    Raises:
        SuirenError: no file is named, it cannot be read, or rows are wrong; all told at once.
    """
    if path is None:
        raise fail(
            "E-survey-mapping",
            "A survey file needs a mapping file.",
            "Variable names differ from wave to wave, and none is guessed.",
            f"{HOW} Then add --mapping mapping.csv.",
        )
    file = Path(path)
    lines = [
        (number, line)
        for number, line in enumerate(_text(file).splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    delimiter = max(DELIMITERS, key=lines[0][1].count) if lines else DELIMITERS[0]
    header = [cell.strip().lower() for cell in next(csv.reader((line for _, line in lines), delimiter=delimiter), [])]
    problems = _of_header(header, file.name)
    rows: list[Asked] = []
    for number, line in lines[1:]:
        cells = next(csv.reader([line], delimiter=delimiter))
        where = f"{file.name}:{number}"
        if len(cells) != len(header):
            what = f"The line has {len(cells)} cells, the header {len(header)}."
            do = "A comma inside a note must stand in quotation marks."
            problems.append(Problem("E-survey-mapping", what, "Codes would move to other columns.", do, where))
        else:
            rows.append(_asked(dict(zip(header, cells, strict=True)), where, problems))
    mapping = Mapping(file.name, tuple(row for row in rows if row.variable))
    raise_all([*problems, *_problems(mapping)])
    return mapping


def _of_header(header: list[str], shown: str) -> list[Problem]:
    """What is wrong with the columns of a mapping; an error at once where one of them is lacking."""
    lacking = [column for column in COLUMNS[:-1] if column not in header]
    if lacking:
        what = f"{shown} has no column {', '.join(lacking)}."
        raise fail("E-survey-mapping", what, "Its rows cannot be told apart.", HOW)
    why = "It would be ignored."
    return [
        Problem("E-survey-mapping", f"There is no column {name[:40]!r}.", why, did_you_mean(name, COLUMNS), shown)
        for name in header
        if name not in COLUMNS
    ] + [
        Problem("E-survey-mapping", f"The column {name!r} stands twice.", "Which one counts?", "", shown)
        for name in COLUMNS
        if header.count(name) > 1
    ]


def _text(file: Path) -> str:
    if not file.is_file():
        raise fail("E-input", f"There is no mapping file {file.name!r}.", do=f"Name one with --mapping. {HOW}")
    if file.suffix.lower() in OTHER_KINDS:
        what = f"{file.name} is no CSV file."
        raise fail("E-survey-mapping", what, f"A mapping is a CSV table with the columns {', '.join(COLUMNS)}.", HOW)
    text = decoded(file.read_bytes())
    if text is not None:
        return text
    raise fail("E-file-encoding", f"{file.name} is neither UTF-8 nor GB18030.", do="Save it as CSV UTF-8.")


def _asked(cells: dict[str, str], where: str, problems: list[Problem]) -> Asked:
    field = cells.get("field", "").strip()
    yes, no, missing = (_codes(cells.get(column, "")) for column in ("yes", "no", "missing"))
    row = Asked(field, cells.get("variable", "").strip(), yes, no, missing)
    if field not in FIELDS:
        hint = did_you_mean(field, FIELDS) or f"Fields are {', '.join(FIELDS)}."
        problems.append(Problem("E-survey-field", f"There is no field {field[:40]!r}.", do=hint, where=where))
    return row


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(plain(code) for code in cell.split(BETWEEN) if code.strip())


def _problems(mapping: Mapping) -> list[Problem]:
    """What is wrong with a mapping as a whole."""
    where = mapping.name
    if not mapping.schemes:
        what = "No variable of an insurance scheme is named."
        why = "Which variables they are differs from wave to wave, and none is guessed."
        return [Problem("E-survey-mapping", what, why, "Fill in at least one of " + ", ".join(SCHEMES) + ".", where)]
    found = [problem for row in mapping.asked if row.field in ANSWERS for problem in _of_answer(row, where)]
    found += [
        Problem("E-survey-field", f"{field} stands in several rows.", do="Keep one.", where=where)
        for field in DESIGN
        if len(mapping.of(field)) > 1
    ]
    found += [
        Problem("E-survey-field", f"{row.field} lists codes.", "They would be ignored.", "Leave them empty.", where)
        for row in mapping.asked
        if row.field in DESIGN and (row.yes or row.no or row.missing)
    ]
    for scheme in SCHEMES:
        if bool(mapping.of(scheme)) != bool(mapping.of(f"{scheme}_where")):
            what = f"Only one of {scheme} and {scheme}_where has a variable."
            why = "Who is in a scheme and where they are in it is needed together."
            found.append(Problem("E-survey-field", what, why, "Fill in both or neither.", where))
    return [*found, *_shared(mapping), *_of_constants(mapping)]


def _shared(mapping: Mapping) -> list[Problem]:
    """A problem for each variable that two rows name although it cannot answer both."""
    found: list[Problem] = []
    for at, one in enumerate(mapping.asked):
        for other in mapping.asked[at + 1 :]:
            if one.variable == other.variable and (why := _clash(one, other)):
                what = f"{one.field} and {other.field} both name the variable {one.variable[:40]!r}."
                found.append(Problem("E-survey-field", what, why, "Name the right variable in each.", mapping.name))
    return found


def _clash(one: Asked, other: Asked) -> str:
    """Why two rows of a mapping may not name one variable; nothing where they may."""
    fields = {one.field, other.field}
    if len(fields) == 1:
        return "" if one.field in DESIGN else "The same answers would count twice."
    if fields & {*DESIGN}:
        apart = fields <= {"place", "stratum"} or fields <= {"place", "cluster"}
        return "" if apart else "One variable cannot be both."
    schemes = fields <= {*SCHEMES}
    return "Whoever is in one scheme would be in both." if schemes and {*one.yes} & {*other.yes} else ""


def _of_answer(row: Asked, where: str) -> list[Problem]:
    told: list[str] = []
    if not row.yes or not row.no:
        told.append(f"{row.field} ({row.variable}) lists no code for {'no' if row.yes else 'yes'}.")
    twice = sorted({code for code in row.yes if code in row.no} | {*row.missing}.intersection((*row.yes, *row.no)))
    if twice:
        told.append(f"{row.field} ({row.variable}) gives the code {', '.join(twice)} two meanings.")
    if ANY in (*row.yes, *row.missing) or (ANY in row.no and len(row.no) > 1):
        told.append(f"{row.field} ({row.variable}) has {ANY} where it may not stand: only alone, as no.")
    why = "Answers could not be told apart."
    return [Problem("E-survey-code", what, why, "Write each code once, such as 1 and 2|3.", where) for what in told]


def _of_constants(mapping: Mapping) -> list[Problem]:
    found: list[Problem] = []
    for row in mapping.asked:
        if not row.variable.startswith(CONSTANT):
            continue
        year = row.variable.removeprefix(CONSTANT)
        if row.field != "year" or not (year.isdecimal() and EARLIEST <= int(year) <= LATEST):
            what = f"{row.field} is {row.variable[:20]!r}; only the year may be stated so, from {EARLIEST} to {LATEST}."
            found.append(Problem("E-survey-field", what, do="Name a variable of the file.", where=mapping.name))
    return found


def write_template(out: str | Path) -> Path:
    """The path of a new mapping template; a file that is there already is kept.

    Raises:
        SuirenError: the file exists.
    """
    path = Path(out)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise SuirenError(
            Problem("E-out-full", f"{path.name} exists.", "What you filled in would be lost.", "Name a new file.")
        ) from None
    return path
