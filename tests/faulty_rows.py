"""Made-up person rows of every kind: lawful ones, moves, double cover, and each fault.

A row is a dict of texts under our column names. The same seed gives the same rows. Nobody here exists: area codes of
identity numbers are 99xxxx unless the shape reads the hukou place off them.
"""

import random

from oracle_cells import check_character, old_codes
from people_files import HERE, HOME, LAW
from row_files import FORMATS, PERSONAL_FACTS, write_native
from samples import SPECIAL, class_of, tiers

__all__ = ["FORMATS", "Maker", "write_native"]

DRAWN_AGES = (0, 0, 1, 4, 5, 6, 11, 17, 18, 20, 25, 30, 33, 45, 52, 59, 60, 63, 70, 88)
CATEGORIES = {
    "newborn": ("1401", "21", "99"),
    "preschool": ("1402", "1405", "14", "140266"),
    "pupil": ("1403", "99"),
    "adult": ("1501", "15", "21", "150101"),
    "elderly": ("1601", "16", "99"),
}
POOL_NAMES = {row["code"]: row["name_zh"] for row in LAW.places.values() if row["pool_code"] == row["code"]}
COVER = 2022


def identity_number(area, born, sex, serial):
    """An 18-character number with a right check character; `born` is yyyy-MM-dd, sex 1 or 2."""
    sequence = serial * 2 % 1000 + (1 if sex == 1 else 0)
    body = f"{area}{born.replace('-', '')}{sequence % 1000:03d}"
    return body + check_character(body)


def short_number(number):
    """The 15-digit form of a number of somebody born in the twentieth century."""
    return number[:6] + number[8:17]


def another(rnd, choices, but):
    return rnd.choice([choice for choice in choices if choice != but])


class Maker:
    """Draws persons of one shape: plain, nhsa or ledger."""

    def __init__(self, seed, shape="plain", faults=0.12, number="PERSON"):
        self.rnd, self.shape, self.faults, self.number = random.Random(seed), shape, faults, number
        self.made = 0
        self.old = sorted(old_codes().items())

    def rows(self, count):
        """About `count` rows, persons mixed."""
        found = []
        while len(found) < count:
            found += self.person()
        self.rnd.shuffle(found)
        return found

    def person(self):
        row = self.plain_row()
        scenes = (self.alone, self.move, self.clash, self.twins, self.two_numbers, self.chain, self.travels, self.mixed)
        weights = [60, 6, 5, 4, 4, 5, 3, 3]
        rows = self.rnd.choices((*scenes, self.employee, self.nearly), [*weights, 6, 4])[0](row)
        for given in rows:
            while self.rnd.random() < self.faults:
                self.spoil(given)
        return rows

    # --- lawful rows ---

    def new_number(self):
        self.made += 1
        return f"{self.number}-{self.made:07d}"

    def plain_row(self):
        rnd = self.rnd
        hukou = rnd.choice(SPECIAL)
        enrolled = rnd.choice(SPECIAL) if rnd.random() < 0.5 else hukou
        age, sex = rnd.choice(DRAWN_AGES), rnd.choice((1, 2))
        born = f"{2021 - age}-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d}"
        row = {"person_id": self.new_number(), "hukou_place": hukou, "enrolment_place": enrolled}
        row |= self.identity(hukou, born, sex)
        if self.shape == "ledger":
            return row | self.dated(1, 12) | self.platform(enrolled, age)
        row |= {"sex": str(sex), "birth_date": born}
        row["residence_place"] = rnd.choice((enrolled, hukou, "", rnd.choice(SPECIAL)))
        if self.shape == "nhsa":
            row |= {"paid_flag": "1", "payment_type": "10", "reversal_flag": "Z", "survival_status": "1"}
            return row | self.dated(1, 12) | self.platform(enrolled, age) | {"valid_flag": rnd.choice(("1", ""))}
        row |= self.of_our_own(enrolled, age, born)
        return row | (self.platform(enrolled, age) if rnd.random() < 0.2 else {})

    def identity(self, hukou, born, sex):
        """An identity number that fits; in plain rows often none, at times a passport."""
        rnd = self.rnd
        area = hukou if self.shape == "ledger" else f"99{rnd.randint(0, 9999):04d}"
        number = identity_number(area, born, sex, self.made * 7)
        drawn = rnd.random()
        if self.shape != "ledger" and drawn < 0.08:
            return {"id_document_number": f"E{self.made:08d}", "id_document_type": rnd.choice(("08", "04", "99"))}
        if self.shape == "plain" and drawn < 0.5:
            return {"id_document_number": "", "id_document_type": ""}
        if "1904" < born < "2000" and drawn > 0.93:
            number = short_number(number)
        if drawn > 0.9:
            number = number.lower()
        return {"id_document_number": number, "id_document_type": "01" if self.shape != "plain" or drawn > 0.7 else ""}

    def platform(self, enrolled, age):
        """Columns of the national platform on a lawful row."""
        rnd = self.rnd
        scheme = rnd.choice(("390", "21")) if self.shape == "ledger" else rnd.choice(("390", "390", "39001"))
        pool = LAW.pool(enrolled)
        made = {
            "scheme_code": scheme,
            "person_category": rnd.choice(("", *CATEGORIES[class_of(age)])),
            "enrolment_status": "1",
            "payment_status": "1",
            "pooling_area_code": rnd.choice((pool, enrolled, "")),
        }
        if self.shape != "nhsa":
            made["enrolment_place_name"] = rnd.choice((POOL_NAMES.get(pool, ""), ""))
        return made

    def of_our_own(self, enrolled, age, born):
        """Columns that only plain rows have."""
        rnd = self.rnd
        offered = tiers(enrolled, class_of(age))
        row = {
            "age": rnd.choice((str(age), str(age), f"{age}.0", "")),
            "birth_date": rnd.choice((born, "")),
            "person_class": rnd.choice(("", "", class_of(age))),
            "contribution_tier": rnd.choice(offered) if offered and rnd.random() < 0.4 else "",
            "aid_group": "full" if rnd.random() < 0.1 else "",
            "risk_group": "",
            "months": str(rnd.randint(1, 12)) if rnd.random() < 0.4 else "",
            "cost_fen": str(rnd.randint(0, 10**9)) if rnd.random() < 0.3 else "",
            **{fact: rnd.choice(("yes", "no", "", "")) for fact in PERSONAL_FACTS},
            "employee_cover": rnd.choice(("no", "")),
        }
        if not row["age"] and not row["birth_date"]:
            row["age"] = str(age)
        return row

    def dated(self, first, last, year=COVER):
        """Coverage from one month of the year to another."""
        begins, ends = f"{year}{first:02d}", f"{year}{last:02d}"
        if self.rnd.random() < 0.1 and self.shape == "plain":
            begins, ends = f"{year}-{first:02d}", f"{year}/{last:02d}"
        return {"months": "", "coverage_from": begins, "coverage_to": ends}

    def elsewhere(self, row):
        """What differs in a row of the same person at another place."""
        place = another(self.rnd, SPECIAL, row["enrolment_place"])
        changed = {"enrolment_place": place, "contribution_tier": ""} | self.pool_of(row, place)
        changed = {column: value for column, value in changed.items() if column in row or value}
        if "residence_place" in row:
            changed["residence_place"] = self.rnd.choice((place, row["hukou_place"], ""))
        return row | changed

    @staticmethod
    def pool_of(row, place):
        pool = LAW.pool(place)
        made = {"pooling_area_code": pool if row.get("pooling_area_code") else ""}
        return made | {"enrolment_place_name": POOL_NAMES.get(pool, "") if row.get("enrolment_place_name") else ""}

    # --- scenes ---

    def alone(self, row):
        """One row; at times the place is told by a code of earlier years, the cover goes beyond the year."""
        rnd = self.rnd
        if self.old and rnd.random() < 0.1:
            code, today = rnd.choice(self.old)
            if LAW.places.get(today, {}).get("level") not in {None, "zone", "province"}:
                column = "enrolment_place" if self.shape == "ledger" or rnd.random() < 0.5 else "hukou_place"
                row |= {column: code}
                if column == "enrolment_place":
                    row |= {"contribution_tier": ""} if self.shape == "plain" else {}
                    row |= {name: value for name, value in self.pool_of(row, today).items() if name in row}
        if self.shape != "plain" or rnd.random() < 0.2:
            first = rnd.randint(1, 12)
            row |= rnd.choice(
                (
                    self.dated(first, rnd.randint(first, 12)),
                    {"months": "", "coverage_from": "202111", "coverage_to": f"2022{first:02d}"},
                    {"months": "", "coverage_from": f"2022{first:02d}", "coverage_to": ""},
                    {"months": "", "coverage_from": "", "coverage_to": f"2022{first:02d}"},
                    {"months": "", "coverage_from": f"2022{first:02d}", "coverage_to": "209912"},
                )
            )
        return [row]

    def move(self, row):
        """Two spells that add up."""
        rnd = self.rnd
        other = self.elsewhere(row)
        if self.shape == "plain" and rnd.random() < 0.5:
            first = rnd.randint(1, 11)
            return [row | {"months": str(first)}, other | {"months": str(rnd.randint(1, 12 - first))}]
        last = rnd.randint(1, 11)
        return [row | self.dated(1, last), other | self.dated(last + 1, 12)]

    def clash(self, row):
        """Two spells that cannot both stand."""
        rnd = self.rnd
        other = self.elsewhere(row)
        if self.shape == "plain" and rnd.random() < 0.5:
            return [row | {"months": rnd.choice(("", "8", "11"))}, other | {"months": rnd.choice(("", "5", "9"))}]
        return [row | self.dated(rnd.randint(1, 4), rnd.randint(6, 12)), other | self.dated(rnd.randint(1, 6), 12)]

    def twins(self, row):
        """The same row two or three times, at times written otherwise."""
        copies = [dict(row) for _ in range(self.rnd.choice((2, 2, 3)))]
        if row.get("sex") and self.rnd.random() < 0.5:
            copies[0]["sex"] = " 男" if row["sex"] == "1" else "女\u3000"
        return copies

    def two_numbers(self, row):
        """One identity under two person numbers."""
        if not row["id_document_number"]:
            return [row]
        other = (self.elsewhere(row) if self.rnd.random() < 0.7 else dict(row)) | {"person_id": self.new_number()}
        number = row["id_document_number"]
        if len(number) == 18 and number[6:8] == "19" and number[8] > "0":
            other["id_document_number"] = self.rnd.choice((number, number.lower(), short_number(number)))
        return [row, other]

    def chain(self, row):
        """Three to five spells, some of which clash."""
        rnd = self.rnd
        rows = []
        for _ in range(rnd.randint(3, 5)):
            first = rnd.randint(1, 10)
            spell = self.dated(first, min(12, first + rnd.randint(0, 6)))
            if self.shape == "plain" and rnd.random() < 0.2:
                spell = {"months": str(rnd.randint(1, 7)), "coverage_from": "", "coverage_to": ""}
            rows.append(self.elsewhere(row) | spell)
        if row["id_document_number"] and rnd.random() < 0.3:
            rows[-1]["person_id"] = self.new_number()
        return rows

    def travels(self, row):
        """Three places in a year, one after the other."""
        return [
            row | self.dated(1, 4),
            self.elsewhere(row) | self.dated(5, 8),
            self.elsewhere(row) | self.dated(9, 12),
        ]

    def mixed(self, row):
        """A dated spell and an undated one."""
        if self.shape != "plain":
            return self.travels(row)
        months = self.rnd.choice(("3", "6", "9"))
        return [row | self.dated(1, 6), self.elsewhere(row) | {"months": months}]

    def nearly(self, row):
        """Two rows that differ in how something is said, and often a third that only one of them can stand beside."""
        rnd = self.rnd
        row |= self.dated(rnd.randint(1, 3), 12)
        same = [
            {"coverage_from": f"{COVER - 1}12"},
            {"coverage_to": f"{COVER + 1}01"},
            {"coverage_to": ""},
            {"id_document_number": "", "id_document_type": ""},
            {"person_category": ""},
            {"enrolment_status": ""},
            {"pooling_area_code": ""},
        ]
        if self.shape != "ledger":
            same += [{"residence_place": ""}, {"residence_place": row["enrolment_place"]}, {"sex": ""}]
        if self.shape == "plain":
            age = row["age"].removesuffix(".0")
            same += [{"age": "", "birth_date": row["birth_date"] or f"{2021 - int(age)}-06-06"}]
            same += [{"person_class": ""}, {"coverage_from": "", "coverage_to": "", "months": "12"}]
            same += [{"cost_fen": "7"}, {"employee_cover": ""}]
        other = row | rnd.choice(same)
        if rnd.random() < 0.3:
            other |= rnd.choice(same)
        rows = [row, other] if rnd.random() < 0.8 else [row, other, dict(row)]
        return [*rows, self.elsewhere(row) | self.dated(1, 12)] if rnd.random() < 0.7 else rows

    def employee(self, row):
        """A resident row, and one of the employee scheme beside it that may or may not stand in its way."""
        rnd = self.rnd
        cover = {
            "scheme_code": "11" if self.shape == "ledger" else rnd.choice(("310", "31001")),
            "enrolment_status": rnd.choice(("1", "1", "", "2")),
            "person_category": "",
        }
        first = rnd.randint(1, 6)
        spell = rnd.choice((self.dated(first, 12), self.dated(1, first), self.dated(1, 12, COVER - 1)))
        if self.shape == "plain" and rnd.random() < 0.3:
            spell = {"months": "", "coverage_from": "", "coverage_to": ""}
        if rnd.random() < 0.5:
            row = row | self.dated(7, 12)
        return [row, self.elsewhere(row) | spell | cover]

    # --- faults ---

    def spoil(self, row):
        """One fault put into a row of this shape."""
        rnd = self.rnd
        number = row["id_document_number"]
        faults = [
            {"person_id": ""},
            {"enrolment_place": rnd.choice(("", "999999", "33010", "杭州", "330000"))},
            {"coverage_from": rnd.choice(("202213", "22", "abc", "189912"))},
            {"coverage_from": "202208", "coverage_to": "202203"},
            {"coverage_from": f"{COVER - 1}01", "coverage_to": f"{COVER - 1}12", "months": ""},
            {"scheme_code": rnd.choice(("320", "510", "999"))},
            {"person_category": rnd.choice(("11", "12", "1101", "1201", "110160"))},
            {"person_category": rnd.choice(("77", "4711"))},
            {"pooling_area_code": rnd.choice((HERE, HOME, "999999"))},
            {rnd.choice(("enrolment_status", "payment_status")): rnd.choice(("0", "2", "4"))},
            {"enrolment_place": f" {row['enrolment_place']}\u3000"},
        ]
        if self.shape == "ledger" or (self.shape == "plain" and row.get("enrolment_place_name")):
            faults.append({"enrolment_place_name": rnd.choice(("杭州市", "太原市"))})
        if self.shape != "ledger":
            faults += self.faults_of_body(row)
        if self.shape == "plain":
            faults += self.own_faults()
        elif self.shape == "nhsa":
            faults += [
                {"paid_flag": "0"},
                {"payment_type": "30"},
                {"reversal_flag": rnd.choice(("1", "Y"))},
                {"survival_status": "3"},
                {"valid_flag": "0"},
            ]
        if len(number) == 18 and number[:17].isdigit():
            faults += self.faults_of_identity(number)
        chosen = rnd.choice(faults)
        if self.shape != "plain":
            chosen.pop("months", None)
        row |= chosen

    def faults_of_body(self, row):
        rnd = self.rnd
        return [
            {"hukou_place": rnd.choice(("", "1", "999999", "110", "6229001"))},
            {"residence_place": rnd.choice(("999999", "no", "440000"))},
            {"sex": rnd.choice(("x", "3", "mf"))},
            {"sex": rnd.choice(("0", "9", ""))},
            {"birth_date": rnd.choice(("1990-02-30", "2022-01-01", "infinity", "born"))},
            {"sex": "2" if row["sex"].strip() == "1" else "1"},
        ]

    def own_faults(self):
        rnd = self.rnd
        return [
            {"age": rnd.choice(("121", "-1", "30.5", "old"))},
            {"age": "77", "birth_date": "1980-05-05"},
            {"person_class": rnd.choice(("king", "adults"))},
            {"person_class": "elderly", "age": "30"},
            {"person_class": "newborn", "age": "41"},
            {rnd.choice(PERSONAL_FACTS): rnd.choice(("maybe", "?", "2"))},
            {"months": rnd.choice(("0", "13", "6.5", "x"))},
            {"cost_fen": rnd.choice(("-1", "99999999999999999999", "1.5"))},
            {"contribution_tier": "tier_9"},
            {"aid_group": "gold"},
            {"employee_cover": "yes"},
            {"age": "", "birth_date": "", "id_document_number": "", "person_class": ""},
            self.dated(1, 6) | {"months": "7"},
            self.dated(1, 6) | {"months": "6"},
        ]

    def faults_of_identity(self, number):
        place = self.rnd.randrange(17)
        digit = str((int(number[place]) + self.rnd.randint(1, 9)) % 10)
        body = number[:6] + "19901332" + number[14:17]
        area = number[:6]
        return [
            {"id_document_number": number[:place] + digit + number[place + 1 :]},
            {"id_document_number": number[:-1]},
            {"id_document_number": number[:4] + "A" + number[5:]},
            {"id_document_number": number + "1"},
            {"id_document_number": body + check_character(body)},
            {"id_document_number": identity_number(area, "1977-07-07", 2 - int(number[16]) % 2, self.made * 7)},
        ]
