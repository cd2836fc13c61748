"""The cells of one person row, in plain Python: what they mean, what is wrong with them, and where that is open.

It shares no code with the package; `oracle_rows` decides what becomes of the rows. `doubt` marks rows whose fate rests
on a reading that the design leaves open.
"""

import csv
import datetime as dt
import functools
from collections import defaultdict
from dataclasses import dataclass, field

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
FACTS = ("has_permit", "employee_cover", "insured_at_origin", "relative_insured", "relative_has_permit", "student_here")
FACTS += ("insured_here_before", "province_permit", "relative_local", "points_qualified", "works_here")


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


@functools.cache
def old_codes():
    """Code of an earlier division -> code of the place it belongs to today."""
    path = SOURCE / "data" / "old_codes.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["place_code"] for row in csv.DictReader(file)}


@functools.cache
def pools_of_names(law):
    """Name of a place -> codes of the pools of all places of that name."""
    named = defaultdict(set)
    for place in law.places.values():
        named[place["name_zh"]].add(place["pool_code"] or place["code"])
    return named


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
        self.named = pools_of_names(law) if law else {}

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
            pools = self.named.get(name, set())
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
            if category[:2] in EMPLOYED[self.shape]:
                made.refuse("person_category", "Q-category")
            by_code = OF_CATEGORY.get(category[:4]) or {"15": "adult", "16": "elderly"}.get(category[:2])
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
