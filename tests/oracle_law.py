"""What the law's tables say, in plain Python: the lower half of the oracle.

It shares no code with the package: it reads the CSV files that `law export` writes and the list of places with the
csv module. Where the design is silent, it follows these decisions:

* an amount of the year itself, of the county, the pool or the province, beats an amount carried from another year;
  a carried one is taken from the nearest place that has any; at one place rows of the own tier come before rows
  without a tier; among rows of one year: own tier, own age band, fewest classes, best evidence, first in the file;
* a carried contribution is not below the smaller of the national minimum and the amount seen; a standard below the
  national base is raised to it (`derived`);
* no tier given: the cheapest tier of the year, the first of equals;
* doors: the rows of the newest notice year up to the year, at the nearest place that names the class; all of them
  are doors, best evidence first, then in file order; where the answer is undetermined the person is settled through
  the first door with local terms that may be open (`assumed`);
* a split rule that does not name the province says too little to be used; a membership of a class also reaches back,
  as splits do; the province's share of the base less the central part is computed from the printed yuan of the rule's
  year; above the base city and county pay together unless the printed total was above the base too;
* the evidence of money is that of the weakest figure in it: the centre rests on base, tier and share, the province
  also on the split rule (its weakest row; on it
  alone where the central part is not known), city and county also on the standard.
"""

import csv
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "suiren"
GRADES = ["sourced", "secondary", "derived", "modelled", "assumed"]
SOURCED, _, DERIVED, MODELLED, ASSUMED = range(5)
CLASSES = ["newborn", "preschool", "pupil", "student", "adult", "elderly"]
LEVELS = ["individual", "medical_aid", "centre", "province", "city", "county", "city_and_county", "undivided"]
NOT_FACTS = {"hukou_place", "enrolment_place", "residence_place", "person_class", "tier", "aid_group", "risk_group"}


def half_up(value):
    """The whole number nearest to a fraction >= 0, a half upwards."""
    return int((Fraction(value) * 2 + 1) // 2)


def read(path):
    """The rows of a CSV file as dicts of text, each with its line as `position`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row | {"position": position} for position, row in enumerate(csv.DictReader(file))]


def grade(row):
    """The rank of a row's evidence, 0 the strongest."""
    return GRADES.index(row["evidence"])


def classes(row):
    """The person classes that a row names."""
    return CLASSES if row["person_class"] == "all" else row["person_class"].split(";")


def in_band(row, age, unknown):
    """Whether an age lies in a row's band; `unknown` is the answer for a band where the age is not known."""
    if not row["age_from"]:
        return True
    return unknown if age is None else int(row["age_from"]) <= age <= int(row["age_to"] or 999)


class Law:
    """The law of one notice year: what its tables say of a place, and what its schemes make of it."""

    def __init__(self, year, folder=SOURCE / "laws" / "tables", cap=None, rate=None):
        self.year, self.cap = year, cap
        self.rate = None if rate is None else Fraction(rate)
        self.tables = {path.stem: read(path) for path in folder.glob("*.csv")}
        self.places = {row["code"]: row for row in read(SOURCE / "data" / "places.csv")}
        self.kept = {}
        self.by_place = defaultdict(list)
        for name, rows in self.tables.items():
            for row in rows:
                self.by_place[name, row.get("place_code", "")].append(row)

    # --- places ---

    def chain(self, place):
        """County, pool, province of a place, as far as they differ."""
        found = self.places[str(place)]
        return list(dict.fromkeys(code for code in (str(place), found["pool_code"], found["province_code"]) if code))

    def pool(self, place):
        return self.places[str(place)]["pool_code"]

    def province(self, place):
        return self.places[str(place)]["province_code"]

    def is_in(self, name, place):
        """Whether place, pool or province belongs to a set such as planned_city in the year."""
        return any(
            row["set"] == name
            and row["place_code"] in self.chain(place)
            and int(row["notice_year_from"]) <= self.year <= int(row["notice_year_to"] or 9999)
            for row in self.tables["place_sets"]
        )

    def is_local(self, hukou, enrolled):
        """Same pool, or one province that is one pool for this question."""
        if self.pool(hukou) == self.pool(enrolled):
            return True
        return self.province(hukou) == self.province(enrolled) and self.is_in("province_pooled", self.province(hukou))

    # --- amounts ---

    def national(self, item, year):
        """The national figure of a notice year (fen, evidence), or None."""
        wanted = {"subsidy": "base_standard", "contribution": "minimum_contribution"}[item]
        for row in self.tables["national"]:
            if row["item"] == wanted and int(row["notice_year"]) == year:
                return int(Fraction(row["amount_yuan"]) * 100), grade(row)
        return None

    def amount(self, item, place, person_class, tier, age):
        """Contribution or subsidy of a place for a full year (fen, evidence)."""
        key = ("amount", item, str(place), person_class, tier, age)
        if key not in self.kept:
            self.kept[key] = self._amount(item, place, person_class, tier, age)
        return self.kept[key]

    def _amount(self, item, place, person_class, tier, age):
        def precise(row):
            return row["tier"] != (tier or ""), not row["age_from"], len(classes(row)), grade(row), row["position"]

        at_places = [
            [
                row
                for row in self.by_place["amounts", code]
                if row["item"] == item
                and person_class in classes(row)
                and row["tier"] in {"", tier or ""}
                and in_band(row, age, unknown=True)
            ]
            for code in self.chain(place)
        ]
        now, now_grade = self.national(item, self.year)
        found = None
        for rows in at_places:
            of_year = [row for row in rows if int(row["notice_year"]) == self.year]
            if of_year and not found:
                best = min(of_year, key=precise)
                found = int(Fraction(best["amount_yuan"]) * 100), grade(best)
        for rows in at_places:
            known = [row for row in rows if self.national(item, int(row["notice_year"]))]
            known = [row for row in known if row["tier"] == (tier or "")] or known
            years = [int(row["notice_year"]) for row in known]
            if years and not found:
                earlier = [year for year in years if year < self.year]
                seen = max(earlier) if earlier else min(years)
                best = min((row for row in known if int(row["notice_year"]) == seen), key=precise)
                fen = int(Fraction(best["amount_yuan"]) * 100)
                carried = fen + now - self.national(item, seen)[0]
                found = max(carried, min(now, fen)), max(grade(best), DERIVED)
        if not found:
            return now, ASSUMED
        if item == "subsidy" and found[0] < now:
            return now, max(found[1], now_grade, DERIVED)
        return found

    def tier(self, place, person_class, wanted, age):
        """The tier a person is in: the one wanted, by its name or its local name, else the cheapest."""
        for code in self.chain(place):
            offered = {
                row["tier"]: row["tier_name"]
                for row in self.by_place["amounts", code]
                if row["item"] == "contribution"
                and row["tier"]
                and person_class in classes(row)
                and in_band(row, age, unknown=True)
            }
            if offered:
                break
        if wanted:
            return next(tier for tier in sorted(offered) if wanted in {tier, offered[tier]})
        prices = {tier: self.amount("contribution", place, person_class, tier, age)[0] for tier in offered}
        return min(prices, key=lambda tier: (prices[tier], tier)) if prices else None

    # --- who pays for a place's own people ---

    def central_tier(self, place):
        """The central tier row of a place: the nearest place's, the newest up to the year."""
        for code in self.chain(place):
            rows = [row for row in self.by_place["central_tiers", code] if int(row["notice_year_from"]) <= self.year]
            if rows:
                return max(rows, key=lambda row: int(row["notice_year_from"]))
        raise AssertionError(f"no central tier of {place}")

    def central(self, place, year=None):
        """The exact central part of the base of a year (fen, evidence), None where no source says it."""
        year = self.year if year is None else year
        row = (self if year == self.year else self.of(year)).central_tier(place)
        base, base_grade = self.national("subsidy", year)
        for share in self.tables["central_shares"]:
            from_year, to_year = int(share["notice_year_from"]), int(share["notice_year_to"] or 9999)
            if share["tier"] == row["tier"] and from_year <= year <= to_year:
                first = min(int(Fraction(share["first_yuan"]) * 100), base)
                part = first * Fraction(share["share_of_first"]) + (base - first) * Fraction(share["share_of_rest"])
                return part, max(base_grade, grade(row), grade(share))
        return None

    def of(self, year):
        """The same tables in another year."""
        if ("law", year) not in self.kept:
            other = Law.__new__(Law)
            other.__dict__ |= self.__dict__ | {"year": year, "kept": {}}
            self.kept["law", year] = other
        return self.kept["law", year]

    def memberships(self, place):
        """The split classes of a place: class -> (how far up it stands, evidence)."""
        found = {}
        for distance, code in enumerate(self.chain(place)):
            for row in self.by_place["place_classes", code]:
                if int(row["notice_year_to"] or 9999) >= self.year:
                    back = int(row["notice_year_from"]) > self.year
                    found.setdefault(row["class_id"], (distance, max(grade(row), DERIVED if back else SOURCED)))
        return found

    def reach(self, seen):
        """How far a split of one year is from the law's year: itself, then earlier, then (from 2019) later ones."""
        if (seen >= 2019) != (self.year >= 2019) or (seen > self.year and self.year < 2019):
            return None
        return (0, 0) if seen == self.year else (1, self.year - seen) if seen < self.year else (2, seen - self.year)

    def rule(self, place, person_class, age):
        """The split rule that speaks for a place (rows, evidence of the membership it needs), or None."""
        member = self.memberships(place)
        for code in self.chain(place):
            rules = defaultdict(list)
            for row in self.by_place["splits", code]:
                rules[row["rule_id"]].append(row)
            fitting = []
            for name, rows in rules.items():
                first = rows[0]
                near = self.reach(int(first["notice_year"]))
                if (
                    near
                    and "province" in {row["payer"] for row in rows}
                    and person_class in classes(first)
                    and in_band(first, age, unknown=False)
                    and (not first["class_id"] or first["class_id"] in member)
                ):
                    distance, rank = member.get(first["class_id"], (0, SOURCED))
                    fitting.append(((near, distance, len(classes(first)), name), rows, rank))
            if fitting:
                return min(fitting, key=lambda found: found[0])[1:]
        return None

    def share(self, place, person_class, age):
        """How the money below the centre is shared, as a dict, or None where the subsidy stays undivided."""
        known = self.central(place) is not None
        municipality, planned = self.is_in("municipality", place), self.is_in("planned_city", place)
        found = self._printed(place, person_class, age, municipality)
        if found and not known and found["of"] != "total with centre":
            found = None
        if not found and not known:
            return None
        if not found:
            found = {"province": Fraction(1, 2), "of": "base", "city": 0, "county": 0, "above": False, "grade": ASSUMED}
        if planned:
            found |= {"province": Fraction(0), "of": "base", "grade": ASSUMED}
        return found

    def _printed(self, place, person_class, age, municipality):
        rule = self.rule(place, person_class, age)
        if not rule:
            return None
        rows, member_grade = rule
        seen = int(rows[0]["notice_year"])
        part = {row["payer"]: Fraction(row["value"]) for row in rows}
        basis = next(row["basis"] for row in rows if row["payer"] == "province")
        together = "city_and_county" in part
        made = {
            "city": 0 if together else part.get("city", 0),
            "county": 0 if together else part.get("county", 0),
            "grade": max(*(grade(row) for row in rows), member_grade, SOURCED if seen == self.year else DERIVED),
        }
        if basis == "share_of_noncentral":
            return made | {"province": part["province"], "of": "base", "above": False}
        if basis == "share_of_total":
            return made | {"province": part["province"], "of": "total", "above": True}
        total = sum(part.values())
        if municipality:
            of = "noncentral" if "centre" in part else "total with centre"
            return made | {"province": part["province"] / (total - part.get("centre", 0)), "of": of, "above": True}
        central = self.central(place, seen)
        local = {"city", "county", "city_and_county"} & set(part)
        if central is None:
            if not local:
                return None
            return made | {"province": part["province"] / total, "of": "total with centre", "above": True}
        base = self.national("subsidy", seen)[0]
        above = bool(local) and total * 100 > base
        if part["province"] * 100 > base - central[0]:
            share = min(part["province"] * 100 / (total * 100 - central[0]), Fraction(1))
            return made | {"province": share, "of": "noncentral", "above": above}
        return made | {"province": part["province"] * 100 / (base - central[0]), "of": "base", "above": above}

    def bill(self, place, person_class, tier=None, age=None):
        """What one of a place's own people costs a year: fen of each payer, standard, contribution, evidence."""
        key = ("bill", str(place), person_class, tier, age)
        if key not in self.kept:
            self.kept[key] = self._bill(place, person_class, self.tier(place, person_class, tier, age), age)
        return self.kept[key]

    def _bill(self, place, person_class, tier, age):
        base = self.national("subsidy", self.year)[0]
        standard, standard_grade = self.amount("subsidy", place, person_class, tier, age)
        contribution, contribution_grade = self.amount("contribution", place, person_class, tier, age)
        if self.cap is not None:
            standard = min(standard, max(self.cap, base))
        if self.rate is not None:
            contribution, contribution_grade = self._by_income(place)
        central, share = self.central(place), self.share(place, person_class, age)
        z = half_up(central[0]) if central else 0
        made = dict.fromkeys(LEVELS[2:], 0) | {"centre": z}
        central_grade = central[1] if central else ASSUMED
        if share is None:
            made["undivided"] = standard
        else:
            made |= self._below(standard, base, z, share)
        province_grade = max(central_grade, share["grade"] if share else ASSUMED)
        if central is None and share is not None:
            province_grade = share["grade"]
        return {
            "pays": made,
            "standard": standard,
            "contribution": contribution,
            "base": base,
            "known": central is not None,
            "region": min(int(self.central_tier(place)["tier"]), 3),
            "grades": {
                "contribution": contribution_grade,
                "standard": standard_grade,
                "central": central_grade,
                "province": province_grade,
                "local": max(province_grade, standard_grade),
            },
        }

    def _by_income(self, place):
        for row in self.tables["incomes"]:
            if row["place_code"] == self.province(place) and int(row["year"]) == self.year - 1:
                return half_up(Fraction(row["disposable_income_yuan"]) * 100 * self.rate), ASSUMED
        raise AssertionError(f"no income of {place}")

    @staticmethod
    def _below(standard, base, z, share):
        of = {"base": base - z, "noncentral": standard - z}.get(share["of"], standard)
        province = half_up(of * share["province"]) - (z if share["of"] == "total with centre" else 0)
        province = min(max(province, 0), standard - z)
        local = standard - z - province
        shared = local if share["above"] else max(local - (standard - base), 0)
        weights = share["city"] + share["county"]
        city = half_up(shared * Fraction(share["city"]) / weights) if weights else 0
        county = shared - city if share["county"] else 0
        return {"province": province, "city": city, "county": county, "city_and_county": local - city - county}

    def aid(self, group, place):
        """The newest row of an aid group, of the nearest place that has one, else of the whole country."""
        for code in [*self.chain(place), ""]:
            rows = [
                row
                for row in self.by_place["aid", code]
                if row["aid_group"] == group and int(row["notice_year"] or 0) <= self.year
            ]
            if rows:
                return max(rows, key=lambda row: int(row["notice_year"] or 0))
        raise AssertionError(f"no aid group {group}")

    # --- who may enrol ---

    def terms(self, kind):
        """On whose terms someone is enrolled: local, local_terms, full_cost, closed; and the evidence of it."""
        if self.is_local(kind["hukou_place"], kind["enrolment_place"]):
            return "local", SOURCED
        same = self.province(kind["hukou_place"]) == self.province(kind["enrolment_place"])
        facts = {name: value for name, value in kind.items() if name not in NOT_FACTS} | {"same_province_hukou": same}
        where = kind["enrolment_place"], kind["person_class"]
        tier = self.tier(*where, kind["tier"], kind["age"]) if kind.get("tier") else None
        doors = self.doors(*where, tier)
        if not doors:
            return "local_terms", ASSUMED
        passable = []
        for door in doors:
            needs = [need.split("=") for need in door["needs"].split(";") if need]
            answers = [None if facts.get(name) is None else facts[name] == (wanted == "yes") for name, wanted in needs]
            if door["regime"] != "hukou_only" and False not in answers:
                terms = "full_cost" if door["regime"] == "full_cost" else "local_terms"
                old = int(door["notice_year"]) < self.year
                passable.append((terms, None not in answers, max(grade(door), DERIVED if old else SOURCED)))
        for terms, certain, rank in passable:
            if terms == "local_terms" and certain:
                return terms, rank
        local = [door for door in passable if door[0] == "local_terms"]
        for terms, certain, rank in passable:
            if terms == "full_cost" and certain and not local:
                return terms, rank
        if passable:
            return (local or passable)[0][0], ASSUMED
        closing = next((door for door in doors if door["regime"] == "hukou_only"), doors[0])
        return "closed", max(grade(closing), DERIVED if int(closing["notice_year"]) < self.year else SOURCED)

    def doors(self, place, person_class, tier):
        """The doors of a place for a class: rows of the newest year at the nearest place that names the class."""
        for code in self.chain(place):
            rows = [
                row
                for row in self.by_place["doors", code]
                if person_class in classes(row)
                and int(row["notice_year"]) <= self.year
                and (not row["tier"] or not tier or row["tier"] == tier)
            ]
            if rows:
                newest = max(int(row["notice_year"]) for row in rows)
                of_year = [row for row in rows if int(row["notice_year"]) == newest]
                return sorted(of_year, key=lambda row: (grade(row), row["position"]))
        return []
