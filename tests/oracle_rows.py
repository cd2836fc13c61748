"""What must happen to person rows, in plain Python: the upper half of the oracle, in front of kinds and money.

It shares no code with the package. A row is a dict of texts under our column names; `judge` says of each row which
codes the quarantine tells, whether it is settled, for how many months, as which kind, and whether the contribution is
charged there. Where the design is silent:

* law codes are certain only on a row without any other fault; on others they are allowed (`may`), not asked for;
* an unknown tier, no class, no points or cover by the employee scheme leave open whether more of the law is told;
* of a row that the law refuses and the employee scheme blocks, one of the two must be told (`either`);
* `doubt` marks rows whose fate rests on a reading the design leaves open; makers of rows leave such persons out.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from oracle_cells import BLANKS, FACTS, Reader, Verdict
from oracle_law import CLASSES

LAW_CODES = {"Q-tier", "Q-aid", "Q-employee", "Q-shut-out", "Q-class-unknown", "Q-fact-missing", "Q-points"}
UNASKED = {"Q-employee", "Q-class-unknown", "Q-points"}
"""Codes after which the law is not asked; of several of them one must be told."""
KEPT_OUT = ("Q-duplicate", "Q-overlap", "Q-two-numbers")
CONTENT = ("hukou_place", "enrolment_place", "residence_place", "person_class", "tier", "aid_group", "risk_group")
CONTENT += ("sex", "age", *FACTS, "cost_fen")
OTHER_ORDER = ("hukou_place", "enrolment_place", "residence_place", "sex", "age", "person_class", *FACTS, "tier")
OTHER_ORDER += ("aid_group", "risk_group", "cost_fen")
BY_DEFAULT = tuple("residence" if column == "residence_place" else column for column in CONTENT)
COST_FIRST = ("cost_fen", *CONTENT[:-1])
FACTS_LAST = tuple(sorted(CONTENT, key=lambda column: column in FACTS))
ORDERS = (CONTENT, BY_DEFAULT, OTHER_ORDER, COST_FIRST, FACTS_LAST)
"""The content of rows in the orders that "typed columns in order" may mean; `residence` is filled by its default."""


@dataclass
class Judged:
    """All rows' verdicts, and the coverage year they were read in."""

    rows: list
    coverage_year: int

    def kinds(self):
        """The settled rows collapsed to kinds, as the oracle of the ledger takes them."""
        sums = defaultdict(lambda: [0, 0, 0, 0])
        for row in self.rows:
            if row.settled:
                cell = sums[tuple(row.kind.items())]
                cell[0] += 1
                cell[1] += row.months
                cell[2] += row.first
                cell[3] += row.cost
        names = ("persons", "person_months", "first_persons", "cost_fen")
        return [dict(kind) | dict(zip(names, cell, strict=True)) for kind, cell in sums.items()]


# --- the law ---


class Court:
    """What the law says of a well-formed row under a scheme."""

    def __init__(self, law, scheme, strict):
        self.law, self.strict = law, strict
        self.name, _, rest = scheme.partition(":")
        self.options = dict(part.split("=") for part in rest.split(",") if part)
        todays = self.name == "current" or self.options.get("regime") == "keep"
        self.doors_in_force = todays and self.options.get("enrol", "observed") == "observed"
        self.said = {}

    def hear(self, made):
        if made.must:
            made.may |= LAW_CODES
            return
        key = (made.known, *made.kind.items())
        if key not in self.said:
            self.said[key] = self.rule(made.kind, made.known)
        must, may = self.said[key]
        several = must if len(must) > 1 and {code for _, code in must} <= UNASKED else set()
        made.must |= must - several
        made.either |= {code for _, code in several}
        made.may |= may

    def rule(self, kind, known):
        must, may = set(), set()
        if not known and self.strict:
            must.add(("person_class", "Q-class-unknown"))
        if self.name == "risk-adjusted" and (kind["sex"] is None or kind["age"] is None):
            must.add(("sex", "Q-points"))
        if kind["employee_cover"]:
            must.add(("employee_cover", "Q-employee"))
        if must:
            may |= LAW_CODES
        where = kind["enrolment_place"], kind["person_class"]
        if kind["tier"] is not None:
            try:
                self.law.tier(*where, kind["tier"], kind["age"])
            except (StopIteration, UnboundLocalError):
                return self.wrong(must, may, "contribution_tier", "Q-tier"), may | LAW_CODES
        if kind["aid_group"] is not None and not self.aid(kind):
            must = self.wrong(must, may, "aid_group", "Q-aid")
        placed = self.placed(kind)
        if self.doors_in_force and not must - {("aid_group", "Q-aid")}:
            if self.law.terms(placed)[0] == "closed":
                must.add(("enrolment_place", "Q-shut-out"))
            elif self.strict and self.undetermined(placed):
                must.add(("", "Q-fact-missing"))
        return must, may

    @staticmethod
    def wrong(must, may, column, code):
        if may:
            may.add(code)
            return must
        return must | {(column, code)}

    def aid(self, kind):
        places = [*self.law.chain(kind["enrolment_place"]), ""]
        rows = [row for code in places for row in self.law.by_place["aid", code]]
        return any(
            row["aid_group"] == kind["aid_group"] and int(row["notice_year"] or 0) <= self.law.year for row in rows
        )

    def placed(self, kind):
        column = {"hukou": "hukou_place", "residence": "residence_place"}.get(self.options.get("enrol"))
        if column and kind[column] != kind["enrolment_place"]:
            return kind | {"enrolment_place": kind[column], "tier": None}
        return kind

    def undetermined(self, kind):
        """Whether missing facts leave the terms of enrolment open."""
        if self.law.is_local(kind["hukou_place"], kind["enrolment_place"]):
            return False
        wanted = {need.split("=")[0] for need in self.needs(kind)} - {"same_province_hukou"}
        unknown = [name for name in wanted if kind.get(name) is None]
        answers = set()
        for mask in range(2 ** len(unknown)):
            tried = {name: bool(mask >> place & 1) for place, name in enumerate(unknown)}
            answers.add(self.law.terms(kind | tried)[0])
        return len(answers) > 1 or not self.law.doors(kind["enrolment_place"], kind["person_class"], kind["tier"])

    def needs(self, kind):
        tier = kind["tier"] and self.law.tier(kind["enrolment_place"], kind["person_class"], kind["tier"], kind["age"])
        doors = self.law.doors(kind["enrolment_place"], kind["person_class"], tier)
        return [need for door in doors for need in door["needs"].split(";") if need]


# --- persons ---


def groups(rows, keys):
    """Rows linked, directly or through others, by any of their keys; in order of position."""
    owner = {}

    def root(key):
        while owner[key] != key:
            owner[key] = owner[owner[key]]
            key = owner[key]
        return key

    for row in rows:
        for key in keys(row):
            owner.setdefault(key, key)
        for one, other in pairwise(keys(row)):
            owner[root(one)] = root(other)
    found = defaultdict(list)
    for row in rows:
        if keys(row):
            found[root(keys(row)[0])].append(row)
    return list(found.values())


def links(row):
    """What ties a row to its person: person number and identity."""
    made = [("number", row.person_id)] if row.person_id else []
    return [*made, ("identity", row.identity)] if row.identity and row.identity_valid else made


def meet(one, other):
    """Whether two spells have a common month."""
    return one is not None and other is not None and max(one[0], other[0]) <= min(one[1], other[1])


def employed(rows):
    """Refuse resident rows whose months the employee scheme covers."""
    for group in groups(rows, links):
        covers = [row for row in group if row.in_force]
        for row in group if covers else ():
            if not row.employee:
                block(row, covers, group)


def block(row, covers, group):
    direct = [cover for cover in covers if set(links(cover)) & set(links(row))]
    hits = [cover for cover in direct if not cover.dated or not row.spell or meet(row.spell, cover.dated)]
    open_ = len(direct) < len(covers) and len(group) > 2
    open_ |= any(
        "Q-month" in cover.may or meet(row.dated, cover.dated) != meet(row.spell, cover.dated) for cover in direct
    )
    row.doubt |= open_
    if row.codes - LAW_CODES:
        row.may.add("Q-employee")
    elif hits:
        row.either = row.codes | {"Q-employee"}
        row.must = set()
        row.may |= LAW_CODES


def order(value):
    """A sort key that puts what is missing last."""
    if value is None:
        return 1, 0
    return 0, CLASSES.index(value) if value in CLASSES else value


def content(row, columns):
    if columns not in row.sorted_by:
        cells = row.kind | {"cost_fen": row.cost}
        cells["residence"] = cells["residence_place"]
        cells |= {} if row.stated else {"residence_place": None}
        cells |= {} if row.known else {"person_class": None}
        row.sorted_by[columns] = tuple(order(cells[column]) for column in columns)
    return row.sorted_by[columns]


def start(row, raw):
    spell = row.dated if raw else row.spell
    return spell[0] if spell else 10**6


def rounds(rows, law, columns, raw):
    """Who of a person's rows stays: position -> None or code; and the position that is charged the contribution."""
    fate = dict.fromkeys((row.position for row in rows), None)
    alike, left = set(), []
    for row in rows:
        key = (row.person_id, row.stated, row.months, row.spell, content(row, columns))
        if key in alike:
            fate[row.position] = "Q-duplicate"
        else:
            alike.add(key)
            left.append(row)

    def rank(row):
        home = row.stated and law.pool(row.kind["residence_place"]) == law.pool(row.kind["enrolment_place"])
        return not home, start(row, raw), -row.months, content(row, columns), row.person_id

    left.sort(key=rank)
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        stay = []
        for row in left:
            clash = any(meet(row.spell, other.spell) for other in kept)
            if clash or sum(other.months for other in kept) + row.months > 12:
                fate[row.position] = "Q-two-numbers" if row.person_id != best.person_id else "Q-overlap"
            else:
                stay.append(row)
        left = stay
    charged = min(kept, key=lambda row: (start(row, raw), content(row, columns), row.person_id))
    return fate, charged.position


def double_cover(rows, law):
    """Decide for each person with lawful rows which of them stay, and where the contribution is charged."""
    linked = {id(row): number for number, group in enumerate(groups(rows, links)) for row in group}
    lawful = [row for row in rows if not row.must and not row.either]
    parts = groups(lawful, links)
    seen = defaultdict(list)
    for group in parts:
        seen[linked[id(group[0])]].append(group)
    for group in parts:
        split = len(seen[linked[id(group[0])]]) > 1
        readings = [(columns, raw) for columns in ORDERS for raw in (False, True)]
        answers = [rounds(group, law, *reading) for reading in readings[: None if len(group) > 1 else 1]]
        fate, charged = answers[0]
        doubt = split or any(other != answers[0] for other in answers) or unlike(group)
        for row in group:
            row.doubt |= doubt
            code = fate[row.position]
            row.settled = code is None
            row.first = row.position == charged
            if code:
                row.refuse("person_id", code)


def unlike(group):
    """Whether two rows of a group are alike in content only, so that it is open whether they are duplicates."""
    seen = defaultdict(set)
    for row in group:
        alike = row.person_id, row.months, row.spell, content(row, BY_DEFAULT)
        seen[alike].add((row.rest, row.dated, row.stated))
    return any(len(others) > 1 for others in seen.values())


# --- the judge ---


def coverage_of(rows, year):
    """The year that a run's dated rows cover: the one after the notice year, unless more cover the notice year."""
    reader = Reader(None, year, "plain", year + 1)
    counts = {year: 0, year + 1: 0}
    for given in rows:
        made = Verdict(0)
        row = {column: value.strip(BLANKS) for column, value in given.items() if column.startswith("coverage_")}
        reader.spell({column: value for column, value in row.items() if value}, made)
        for one in counts:
            counts[one] += made.dated is not None and meet(made.dated, (one * 12, one * 12 + 11))
    return year if counts[year] > counts[year + 1] else year + 1


def judge(rows, law, year=2021, scheme="current", strict=False, coverage_year=None, shape="plain"):
    """The verdict on each row; `shape` is plain, nhsa or ledger."""
    coverage_year = coverage_year or coverage_of(rows, year)
    reader, court = Reader(law, year, shape, coverage_year), Court(law, scheme, strict)
    made = [reader.read(position, row) for position, row in enumerate(rows)]
    for row in made:
        if row.employee:
            row.may |= {code for _, code in row.must} | {"Q-category"}
            row.must = {("scheme_code", "Q-scheme")}
        court.hear(row)
    employed(made)
    double_cover(made, law)
    spread(made)
    return Judged(made, coverage_year)


def spread(rows):
    """A doubt about one row of a person is a doubt about all of them."""
    for group in groups(rows, links):
        if any(row.doubt for row in group):
            for row in group:
                row.doubt = True


def without_doubt(rows, **how):
    """The rows of persons whose fate the design leaves no doubt about, and the verdict on them."""
    while True:
        judged = judge(rows, **how)
        sure = [row for row, made in zip(rows, judged.rows, strict=True) if not made.doubt]
        if len(sure) == len(rows):
            return rows, judged
        rows = sure


def stake(row, law, whole_year=False):
    """The exact money at stake of a well-formed row: the place's standard for its months plus the contribution."""
    kind = row.kind
    bill = law.bill(kind["enrolment_place"], kind["person_class"], kind["tier"], kind["age"])
    return Fraction(bill["standard"] * (12 if whole_year else row.months), 12) + bill["contribution"]
