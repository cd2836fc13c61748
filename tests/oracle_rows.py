"""What must happen to person rows, in plain Python: the upper half of the oracle, in front of kinds and money.

It shares no code with the package. A row is a dict of texts under our column names; `judge` says of each row which
codes the quarantine tells, whether it is settled, for how many months, as which kind, and whether the contribution is
charged there. Where the design is silent:

* law codes are certain only on a row without any other fault; on others they are allowed (`may`), not asked for;
* an unknown tier, no class, no points or cover by the employee scheme leave open whether more of the law is told;
* of a row that the law refuses and the employee scheme blocks, one of the two must be told (`either`);
* `doubt` marks rows whose fate rests on a reading the design leaves open; makers of rows leave such persons out.
"""

import csv
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from oracle_law import CLASSES, SOURCE

BLANKS = " \t\r\n\xa0\u3000\ufeff"
SEX = {"1": 1, "2": 2, "m": 1, "f": 2, "male": 1, "female": 2, "男": 1, "女": 2, "0": None, "9": None}
FACT = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False, "是": True, "否": False}
MORE_FACT = {"y", "n", "t", "f", "有", "无", "没有", "1.0", "0.0"}
BELIEVABLE = {
    "newborn": (0, 1),
    "preschool": (0, 7),
    "pupil": (5, 21),
    "student": (14, 45),
    "adult": (16, 120),
    "elderly": (45, 120),
}
AGES = {"newborn": (0, 0), "preschool": (1, 5), "pupil": (6, 17), "adult": (18, 59), "elderly": (60, 120)}
OF_CATEGORY = {"1401": "newborn", "1402": "preschool", "1403": "pupil", "1404": "student", "1405": "preschool"}
EMPLOYED = {"ledger": ("10", "11", "12"), "plain": ("11", "12", "13"), "nhsa": ("11", "12", "13")}
RESIDENT = {"ledger": ("390", "21"), "plain": ("390",), "nhsa": ("390",)}
STATUSES = {
    "enrolment_status": "1",
    "payment_status": "1",
    "paid_flag": "1",
    "payment_type": "10",
    "reversal_flag": "Z",
    "survival_status": "1",
    "valid_flag": "1",
}
WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
PLACES = ("hukou_place", "enrolment_place", "residence_place")
IDENTITY = "id_document_number"
LAW_CODES = {"Q-tier", "Q-aid", "Q-employee", "Q-shut-out", "Q-class-unknown", "Q-fact-missing", "Q-points"}
KEPT_OUT = ("Q-duplicate", "Q-overlap", "Q-two-numbers")
FACTS = ("has_permit", "employee_cover", "insured_at_origin", "relative_insured", "relative_has_permit", "student_here")
FACTS += ("insured_here_before", "province_permit", "relative_local", "points_qualified", "works_here")
CONTENT = ("hukou_place", "enrolment_place", "residence_place", "person_class", "tier", "aid_group", "risk_group")
CONTENT += ("sex", "age", *FACTS, "cost_fen")
OTHER_ORDER = ("hukou_place", "enrolment_place", "residence_place", "sex", "age", "person_class", *FACTS, "tier")
OTHER_ORDER += ("aid_group", "risk_group", "cost_fen")
BY_DEFAULT = tuple("residence" if column == "residence_place" else column for column in CONTENT)
"""The content of rows in the orders that "typed columns in order" may mean; `residence` is filled by its default."""


@dataclass
class Verdict:
    """What happens to one row."""

    position: int
    person_id: str = ""
    identity: str | None = None
    identity_valid: bool = True
    must: set = field(default_factory=set)
    may: set = field(default_factory=set)
    either: set = field(default_factory=set)
    kind: dict = field(default_factory=dict)
    stated: bool = False
    known: bool = True
    dated: tuple | None = None
    spell: tuple | None = None
    months: int = 12
    cost: int = 0
    first: bool = False
    settled: bool = False
    doubt: bool = False
    employee: bool = False
    in_force: bool = False
    rest: tuple = ()
    sorted_by: dict = field(default_factory=dict)

    def refuse(self, column, code):
        self.must.add((column, code))

    @property
    def codes(self):
        return {code for _, code in self.must}


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


def old_codes():
    """Code of an earlier division -> code of the place it belongs to today."""
    path = SOURCE / "data" / "old_codes.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["place_code"] for row in csv.DictReader(file)}


# --- cells ---


def whole(value):
    """A whole number >= 0 of a text, None where it is none."""
    head, _, tail = value.partition(".")
    sure = head.isascii() and head.isdigit() and not tail.strip("0") and (tail or "." not in value)
    return int(head) if sure and len(head) < 100 else None


def odd_number(value):
    """Whether it is open how a text is read as a number."""
    bare = value.removeprefix("-")
    if bare.replace(".", "", 1).isdigit() and bare.isascii() and bare[0] != "." and bare[-1] != ".":
        return len(value) > 18 or (len(bare) > 1 and bare[0] == "0" and bare[1] != ".")
    try:
        float(value)
    except ValueError:
        return any(not character.isascii() and character.isdigit() for character in value)
    return True


def date_of(value):
    try:
        return dt.date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


def month_of(value):
    """A month as a number counted from year 0, None where the text is none."""
    text = value.removesuffix(".0")
    if len(text) == 7 and text[4] in "-/":
        text = text[:4] + text[5:]
    if not (text.isascii() and text.isdigit() and len(text) == 6):
        return None
    year, month = int(text[:4]), int(text[4:])
    return year * 12 + month - 1 if 1900 <= year <= 2199 and 1 <= month <= 12 else None


def check_character(seventeen):
    """The last character of an identity number (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def identity_of(number):
    """Of a resident identity number: fault or None, its 17 leading digits, birth date, sex."""
    ascii_digits = number.isascii() and number[:17].isdigit()
    if len(number) == 15 and ascii_digits:
        body = f"{number[:6]}19{number[6:]}"
    elif len(number) == 18 and ascii_digits and number[17] in "0123456789Xx":
        body = number[:17]
        if check_character(body) != number[17].upper():
            return "Q-id-checksum", body, None, None
    else:
        return "Q-id", None, None, None
    born = date_of(f"{body[6:10]}-{body[10:12]}-{body[12:14]}")
    if born is None:
        return "Q-id-date", body, None, None
    return None, body, born, 2 - int(body[16]) % 2


def class_by(age):
    return next(name for name, (low, high) in AGES.items() if low <= age <= high)


# --- one row ---


class Reader:
    """Reads rows one by one: cells, then what they say of each other."""

    def __init__(self, law, year, shape, coverage_year):
        self.law, self.year, self.shape, self.coverage_year = law, year, shape, coverage_year
        self.old = old_codes()
        self.named = defaultdict(set)
        for found in law.places.values() if law else ():
            self.named[found["name_zh"]].add(found["pool_code"] or found["code"])

    def read(self, position, given):
        row = {column: value.strip(BLANKS) for column, value in given.items()}
        row = {column: value for column, value in row.items() if value}
        made = Verdict(position, row.get("person_id", ""))
        if not made.person_id:
            made.refuse("person_id", "Q-person-id")
        number, kind = self.identity(row, made)
        if self.shape == "ledger" and "hukou_place" not in row and number and len(number) >= 6 and kind == "01":
            made.may |= set() if made.identity_valid else {"Q-place"}
            row["hukou_place"] = number[:6] if made.identity_valid else "330100"
        self.places(row, made)
        self.body(row, made)
        self.class_of(row, made)
        self.facts(row, made)
        self.scheme(row, made)
        self.spell(row, made)
        made.rest = tuple(sorted((c, v) for c, v in row.items() if c in STATUSES or c in self.linked))
        return made

    linked = (
        IDENTITY,
        "id_document_type",
        "scheme_code",
        "person_category",
        "pooling_area_code",
        "enrolment_place_name",
    )

    def identity(self, row, made):
        number, kind = row.get(IDENTITY), row.get("id_document_type", "01")
        made.doubt |= kind != "01" and kind.lstrip("0") in {"1", "1.0"}
        if not number:
            return None, kind
        if kind != "01":
            made.identity = f"{kind.upper()} {number.upper()}"
            return number, kind
        fault, body, self.born, self.id_sex = identity_of(number)
        if fault:
            made.refuse(IDENTITY, fault)
            made.identity_valid = False
            made.doubt |= not number.isascii()
        made.identity = body
        return number, kind

    def place(self, row, made, column, needed):
        code = row.get(column)
        if code is None:
            if needed:
                made.refuse(column, "Q-place")
            return None
        number = whole(code)
        made.doubt |= odd_number(code)
        code = "" if number is None else str(number)
        found = self.law.places.get(code) or self.law.places.get(self.old.get(code, ""))
        if found is None:
            made.refuse(column, "Q-place")
        elif found["level"] == "province":
            made.refuse(column, "Q-place-level")
        elif found["level"] == "zone":
            made.doubt = True
        else:
            return int(found["code"])
        return None

    def places(self, row, made):
        kind = made.kind
        for column in PLACES:
            kind[column] = self.place(row, made, column, column != "residence_place")
        made.stated = kind["residence_place"] is not None
        if kind["residence_place"] is None:
            kind["residence_place"] = kind["enrolment_place"]
        pool = self.law.pool(kind["enrolment_place"]) if kind["enrolment_place"] else None
        code = row.get("pooling_area_code")
        if code is not None and pool:
            number = whole(code)
            found = self.law.places.get(self.old.get(str(number), str(number)))
            if found is None or (found["pool_code"] or found["code"]) != pool:
                made.refuse("pooling_area_code", "Q-pool")
            made.doubt |= odd_number(code) or (found is not None and found["level"] == "province")
        elif code is not None:
            made.may.add("Q-pool")
        name = row.get("enrolment_place_name")
        if name is not None and not pool:
            made.may.add("Q-pool")
        elif name is not None:
            pools = self.named[name]
            made.doubt |= len(pools) != 1
            if pools and pool not in pools:
                made.refuse("enrolment_place_name", "Q-pool")

    def body(self, row, made):
        """Sex, age and birth date, also against the identity number."""
        kind = made.kind
        sex = row.get("sex", "").lower()
        made.doubt |= sex in {"1.0", "2.0", "0.0", "9.0", "男性", "女性"}
        kind["sex"] = SEX.get(sex)
        if sex and sex not in SEX:
            made.refuse("sex", "Q-sex")
        age, born = None, None
        if "age" in row:
            age = whole(row["age"])
            made.doubt |= odd_number(row["age"])
            if age is None or age > 120:
                made.refuse("age", "Q-age")
                age = None
        if "birth_date" in row:
            born = date_of(row["birth_date"])
            shaped = row["birth_date"][4:5] + row["birth_date"][7:8] == "--" and len(row["birth_date"]) == 10
            made.doubt |= born is None and not shaped and row["birth_date"][:1].isdigit()
            if born is None or born.year > self.year or born.year < self.year - 120:
                made.doubt |= born is not None and born.year <= self.year
                made.refuse("birth_date", "Q-birth-date")
                born = None
        if age is not None and born is not None and age != self.year - born.year:
            made.refuse("age", "Q-age-birth")
        ill = {"Q-age", "Q-birth-date", "Q-sex"} & made.codes
        if made.identity_valid and row.get("id_document_type", "01") == "01" and row.get(IDENTITY):
            made.doubt |= not self.year - 120 <= self.born.year <= self.year
            if born is not None and born != self.born:
                made.refuse(IDENTITY, "Q-id-birth")
            elif age is not None and age != self.year - self.born.year:
                if born is None and "birth_date" not in row:
                    made.refuse(IDENTITY, "Q-id-birth")
                else:
                    made.may.add("Q-id-birth")
            if kind["sex"] is not None and kind["sex"] != self.id_sex:
                made.refuse(IDENTITY, "Q-id-sex")
            if "Q-sex" not in ill and kind["sex"] is None:
                kind["sex"] = self.id_sex
            if age is None and born is None:
                born = self.born
        if age is None and born is not None:
            age = self.year - born.year
        kind["age"] = age if age is None or 0 <= age <= 120 else None
        if ill:
            made.may |= {"Q-id-birth", "Q-id-sex", "Q-class-age", "Q-age-birth"}

    def class_of(self, row, made):
        kind, age = made.kind, made.kind["age"]
        stated, category = row.get("person_class"), row.get("person_category")
        if stated is not None and stated not in CLASSES:
            made.doubt |= stated.lower() in CLASSES or not stated.isascii()
            made.refuse("person_class", "Q-class")
            stated = None
        if category is not None:
            category = category.removesuffix(".0")
            made.doubt |= category in {"10", "13"} or not (category.isascii() and category.isdigit())
            if category[:2] in EMPLOYED[self.shape] and len(category) in {2, 4}:
                made.refuse("person_category", "Q-category")
            by_code = OF_CATEGORY.get(category) or {"15": "adult", "16": "elderly"}.get(category[:2])
            made.doubt |= by_code is not None and len(category) not in {2, 4}
            if stated is None and by_code is not None and "Q-class" not in made.codes:
                stated = by_code
                made.doubt |= age is not None and not BELIEVABLE[by_code][0] <= age <= BELIEVABLE[by_code][1]
        if stated is not None and age is not None and not BELIEVABLE[stated][0] <= age <= BELIEVABLE[stated][1]:
            made.refuse("person_class", "Q-class-age")
        made.known = stated is not None or age is not None
        kind["person_class"] = stated or ("adult" if age is None else class_by(age))

    def facts(self, row, made):
        kind = made.kind
        for fact in FACTS:
            value = row.get(fact)
            kind[fact] = None if value is None else FACT.get(value.lower())
            if value is not None and value.lower() not in FACT:
                made.doubt |= value.lower() in MORE_FACT
                made.refuse(fact, "Q-fact")
        kind["tier"] = row.get("contribution_tier")
        kind["aid_group"] = row.get("aid_group")
        kind["risk_group"] = row.get("risk_group")
        cost = row.get("cost_fen", "0")
        made.doubt |= 15 < len(cost) < 20 or (odd_number(cost) and len(cost) < 16)
        made.cost = whole(cost)
        if made.cost is None or made.cost >= 10**15:
            made.refuse("cost_fen", "Q-cost")
            made.cost = 0

    def scheme(self, row, made):
        code = row.get("scheme_code")
        if code is not None:
            code = code.removesuffix(".0")
            made.employee = code.startswith("310") or code == "11"
            made.in_force = made.employee and row.get("enrolment_status", "1") in {"1", "1.0"}
            resident = code.startswith("390") or code in RESIDENT[self.shape]
            made.doubt |= (code in {"21", "11"}) != (self.shape == "ledger") and code in {"21", "11"}
            if not resident:
                made.must.discard(("person_category", "Q-category"))
                made.may.add("Q-category")
                made.refuse("scheme_code", "Q-scheme")
        for column, wanted in STATUSES.items():
            value = row.get(column)
            if value is not None and value != wanted:
                made.doubt |= value.upper().removesuffix(".0").lstrip("0") == wanted
                made.refuse(column, "Q-status")

    def spell(self, row, made):
        given = row.get("months")
        if given is not None:
            number = whole(given)
            made.doubt |= odd_number(given)
            if number is None or not 1 <= number <= 12:
                made.refuse("months", "Q-months")
                given = None
            else:
                given = made.months = number
        dates = {}
        for column in ("coverage_from", "coverage_to"):
            if column in row:
                dates[column] = month_of(row[column])
                if dates[column] is None:
                    made.doubt |= any(part in row[column] for part in "-/.") or not row[column].isascii()
                    made.refuse(column, "Q-month")
        if not dates:
            return
        if None in dates.values():
            made.may |= {"Q-coverage", "Q-months-range", "Q-month"}
            return
        start, end = dates.get("coverage_from"), dates.get("coverage_to")
        start = end // 12 * 12 if start is None else start
        end = start // 12 * 12 + 11 if end is None else end
        if start > end:
            made.refuse("coverage_to", "Q-month")
            made.may |= {"Q-coverage", "Q-months-range"}
            return
        made.dated = start, end
        low, high = max(start, self.coverage_year * 12), min(end, self.coverage_year * 12 + 11)
        if low > high:
            made.refuse("", "Q-coverage")
            made.may.add("Q-months-range")
            made.dated = start, end
            return
        made.spell = low, high
        made.months = high - low + 1
        if given is not None and given != made.months:
            made.refuse("months", "Q-months-range")
        elif "Q-months" in made.codes:
            made.may.add("Q-months-range")


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
        made.must |= must
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
        readings = [(columns, raw) for columns in (CONTENT, BY_DEFAULT, OTHER_ORDER) for raw in (False, True)]
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
