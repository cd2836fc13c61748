"""Who pays what, in plain Python integers and fractions: a slow oracle for the ledger.

It shares no code with the package and follows the words of the design one by one. `oracle_law` reads the tables; here
the schemes are applied to kinds of people (dicts), and the money is rounded. Where the design is silent:

* a tier belongs to the place where it was chosen and is forgotten where a scheme enrols the person elsewhere;
* what follows a person rests on the evidence of both places; money given by points, and what is left to city and
  county then, is `assumed`; nothing about a modelled population is better than `modelled`;
* the budgets of points are the money of `current` with its own doors, those kept out insured at home; points are
  given first to each fund, then inside it to the hukou pools, by largest remainder, lower codes first; the tier of a
  fund is that of its pool; subsidies that stay undivided take no part;
* a uniform amount is held against the largest provincial amount for the person's class in the pools of the province;
  the mean of a region is weighted by all who are enrolled, each province part at most the base less the central part;
* `savings=return`: a province saves what it would pay for a local of the hukou place on everyone enrolled in another
  province whom the money follows, for as long as money is paid for them; its pools share the sum by the person-months
  of their enrolled.
"""

import functools
from collections import defaultdict
from fractions import Fraction

from oracle_law import ASSUMED, GRADES, LEVELS, MODELLED, SOURCE, SOURCED, half_up, read

LOCAL_LEVELS = ["city", "county", "city_and_county"]
GOVERNMENTS = LEVELS[2:]
SEXES = {"m": (1,), "f": (2,), "": (1, 2)}


def fill_up(exact, total):
    """A dict of fractions as whole parts of `total`: floors, one more for the largest rest, equal ones by key."""
    parts = {key: int(value // 1) for key, value in exact.items()}
    missing = total - sum(parts.values())
    assert 0 <= missing <= len(parts), f"{missing} fen cannot be given one by one to {len(parts)} cells"
    for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:missing]:
        parts[key] += 1
    return parts


def largest_remainder(weights, total):
    """Whole parts of `total` in the proportions of a dict of weights."""
    whole = sum(weights.values())
    assert whole or not total, f"{total} fen have nobody to carry them"
    return fill_up(
        {key: Fraction(total * weight) / whole if whole else Fraction(0) for key, weight in weights.items()}, total
    )


@functools.cache
def weights():
    """The rows of the built-in table of points."""
    return read(SOURCE / "risk" / "illustrative.csv")


def points_of(kind):
    """The points a year of a person of this sex, age and health group."""
    rows = [
        row
        for row in weights()
        if kind["sex"] in SEXES[row["sex"]] and int(row["age_from"] or 0) <= kind["age"] <= int(row["age_to"] or 999)
    ]
    group = kind.get("risk_group") or ""
    own = [row for row in rows if row["risk_group"] == group] or [row for row in rows if not row["risk_group"]]
    return int(own[0]["points"])


class Run:
    """One scheme on one list of kinds; `cells` is the ledger: key -> [persons, person-months, fen]."""

    def __init__(self, law, kinds, scheme="current", modelled=False, shut_out="home", **options):
        self.law, self.scheme, self.options = law, scheme, options
        self.modelled, self.shut_out, self.given = modelled, shut_out, kinds
        self.kinds = [self.decided(kind) for kind in map(self.placed, kinds) if not kind.get("employee_cover")]
        self.paid = [(kind, self.pays(kind)) for kind in self.kinds]
        exact = self.exact_cells()
        if scheme == "risk-adjusted":
            self.cells = self.by_points(exact)
        else:
            self.cells = self.rounded(exact)
        if options.get("savings") == "return":
            self.return_savings()

    def ledger(self):
        """The cells with money: (item, level, payer, fund, hukou pool, evidence) -> (persons, months, fen)."""
        return {(*key[:5], GRADES[key[5]]): tuple(cell) for key, cell in self.cells.items() if cell[2]}

    def total(self, level):
        return sum(cell[2] for key, cell in self.cells.items() if key[1] == level)

    # --- where and on whose terms ---

    def placed(self, kind):
        """The kind enrolled where the scheme says."""
        column = {"hukou": "hukou_place", "residence": "residence_place"}.get(self.options.get("enrol"))
        if column and str(kind[column]) != str(kind["enrolment_place"]):
            return kind | {"enrolment_place": kind[column], "tier": None}
        return dict(kind)

    def decided(self, kind):
        """The kind with its terms; whoever is shut out stays insured at the hukou place."""
        terms, rank = self.law.terms(kind)
        if self.scheme != "current" and self.options.get("regime") != "keep":
            terms, rank = ("local" if terms == "local" else "local_terms"), SOURCED
        if terms == "closed" and self.shut_out == "home":
            kind = kind | {"enrolment_place": kind["hukou_place"], "tier": None}
            terms = "local"
        return kind | {"terms": terms, "door": max(rank, MODELLED if self.modelled else SOURCED)}

    # --- what each payer pays for a head and year ---

    def pays(self, kind):
        """Payer -> (fen, evidence) for one person and a full year."""
        bill = self.law.bill(kind["enrolment_place"], kind["person_class"], kind.get("tier"), kind["age"])
        origin = self.law.bill(kind["hukou_place"], kind["person_class"], None, kind["age"])
        grades = bill["grades"]
        made = self.contribution(kind, bill)
        money = dict.fromkeys(GOVERNMENTS, 0)
        if kind["terms"] != "full_cost":
            money = dict(bill["pays"])
        rank = dict.fromkeys(GOVERNMENTS, grades["local"])
        rank |= {"centre": grades["central"], "province": grades["province"]}
        planned = self.law.is_in("planned_city", kind["enrolment_place"])
        if self.scheme == "risk-adjusted":
            rank |= {"centre": ASSUMED} | dict.fromkeys([*LOCAL_LEVELS, "undivided"], ASSUMED)
        if self.scheme == "upper-funded":
            rank["province"] = grades["local"]
            if not planned and kind["terms"] != "full_cost":
                money["province"] += sum(money[level] for level in LOCAL_LEVELS)
                money |= dict.fromkeys(LOCAL_LEVELS, 0)
        if self.scheme == "portable" and kind["terms"] in {"local_terms", "closed"}:
            money = self.portable(kind, bill, origin)
            theirs = origin["grades"]
            upper = max(theirs["province"], theirs["central"], grades["central"])
            local = max(grades["local"], upper)
            rank = dict.fromkeys(GOVERNMENTS, local) | {"centre": theirs["central"]}
            rank["province"] = local if self.law.is_in("municipality", kind["enrolment_place"]) else upper
        made |= {level: (money[level], rank[level]) for level in GOVERNMENTS}
        return {level: (fen, max(weak, kind["door"])) for level, (fen, weak) in made.items()}

    def contribution(self, kind, bill):
        """What the person and medical aid pay: the contribution, at full cost also the whole subsidy."""
        rank, aid = bill["grades"]["contribution"], 0
        if kind["terms"] == "full_cost":
            rank = max(rank, bill["grades"]["standard"])
        if kind.get("aid_group"):
            row = self.law.aid(kind["aid_group"], kind["enrolment_place"])
            value = Fraction(row["value"])
            aid = half_up(bill["contribution"] * value) if row["kind"] == "share" else int(value * 100)
            aid = min(aid, bill["contribution"])
            rank = max(rank, GRADES.index(row["evidence"]) if aid else SOURCED)
        own = bill["contribution"] - aid + (bill["standard"] if kind["terms"] == "full_cost" else 0)
        return {"individual": (own, rank), "medical_aid": (aid, rank)}

    def portable(self, kind, bill, origin):
        """Governments' money for someone whose upper-level money follows to the enrolment place."""
        standard, money = bill["standard"], dict.fromkeys(GOVERNMENTS, 0)
        if not origin["known"]:
            return money | {"undivided": standard}
        place = kind["enrolment_place"]
        municipality, planned = self.law.is_in("municipality", place), self.law.is_in("planned_city", place)
        centre = origin["pays"]["centre"]
        province = min(origin["pays"]["province"], origin["base"] - centre)
        if self.options.get("central_floor") == "residence":
            centre = max(centre, bill["pays"]["centre"])
        if self.options.get("province") == "uniform":
            province = self.uniform(kind, origin)
        if municipality or planned:
            province = 0
        if self.options.get("surplus") == "cap":
            over = max(centre + province - standard, 0)
            cut = min(over, province)
            province, centre = province - cut, centre - (over - cut)
        rest = max(standard - centre - province, 0)
        own = {level: bill["pays"][level] for level in LOCAL_LEVELS}
        if municipality:
            own = {"province": bill["pays"]["province"]} | own
        money |= {"centre": centre, "province": province}
        left, whole = rest, sum(own.values())
        payers = [level for level in own if own[level]] or ["city_and_county"]
        for level in payers[:-1]:
            part = half_up(Fraction(rest * own[level], whole))
            money[level] += part
            left -= part
        money[payers[-1]] += left
        return money

    def uniform(self, kind, origin):
        """The one provincial amount for the origin region, for the province (or the pool) of the enrolment place."""
        if not hasattr(self, "means"):
            sums = defaultdict(lambda: [0, 0])
            for other in self.kinds:
                bill = self.law.bill(other["hukou_place"], other["person_class"], None, other["age"])
                amount = min(bill["pays"]["province"], bill["base"] - bill["pays"]["centre"])
                sums[bill["region"]][0] += amount * other["persons"]
                sums[bill["region"]][1] += other["persons"]
            self.means = {region: half_up(Fraction(*pair)) for region, pair in sums.items()}
        place = kind["enrolment_place"]
        pools = [self.law.pool(place)]
        if self.options.get("floor") != "place":
            pools = [
                code
                for code, row in self.law.places.items()
                if row["pool_code"] == code and row["province_code"] == self.law.province(place)
            ]
        floor = max(self.law.bill(pool, kind["person_class"])["pays"]["province"] for pool in pools)
        return max(self.means[origin["region"]], floor)

    # --- the ledger ---

    def months(self, kind):
        """Person-months that a subsidy is paid for."""
        return kind["persons"] * 12 if self.options.get("basis") == "per_head" else kind["person_months"]

    def exact_cells(self):
        """Key -> [persons, person-months, exact fen] of all payers."""
        cells = defaultdict(lambda: [0, 0, Fraction(0)])
        for kind, paid in self.paid:
            place = str(kind["enrolment_place"])
            fund, hukou_pool = self.law.pool(place), self.law.pool(kind["hukou_place"])
            codes = {"centre": "100000", "province": self.law.province(place), "county": place}
            for level, (fen, rank) in paid.items():
                if fen:
                    item = "subsidy" if level in GOVERNMENTS else "contribution"
                    heads = Fraction(self.months(kind), 12) if level in GOVERNMENTS else kind["first_persons"]
                    cell = cells[item, level, codes.get(level, fund), fund, hukou_pool, rank]
                    cell[0] += kind["persons"]
                    cell[1] += kind["person_months"]
                    cell[2] += fen * heads
        return dict(cells)

    def rounded(self, exact):
        """The cells in whole fen: each payer's total half up once, its cells by largest remainder."""
        payers = defaultdict(dict)
        for key, cell in exact.items():
            payers[key[:3]][key] = cell[2]
        cells = {}
        for parts in payers.values():
            shared = fill_up(parts, half_up(sum(parts.values())))
            cells |= {key: [*exact[key][:2], fen] for key, fen in shared.items()}
        return cells

    # --- points ---

    def by_points(self, exact):
        """The cells where the centre (and the provinces) pay by points, city and county what a fund then lacks."""
        shared = {name: self.options[name] for name in ("enrol", "basis") if name in self.options}
        today = Run(self.law, self.given, "current", **shared)
        points = self.points()
        upper = self.rounded({key: cell for key, cell in exact.items() if key[1] not in {"centre", *LOCAL_LEVELS}})
        if self.options.get("pool") == "tier":
            tiers = defaultdict(int)
            for key, cell in today.cells.items():
                if key[1] == "centre":
                    tiers[self.tier_of(key[3])] += cell[2]
            centre = {}
            for tier, budget in tiers.items():
                inside = {key: value for key, value in points.items() if self.tier_of(key[0]) == tier}
                centre |= self.give(inside, budget, "centre", "100000")
        else:
            budget = self.options.get("budget")
            centre = self.give(points, today.total("centre") if budget is None else budget, "centre", "100000")
        if self.options.get("province") == "yes":
            upper = {key: cell for key, cell in upper.items() if key[1] != "province"}
            budgets = defaultdict(int)
            for key, cell in today.cells.items():
                if key[1] == "province":
                    budgets[key[2]] += cell[2]
            for province, budget in budgets.items():
                inside = {
                    key: value
                    for key, value in points.items()
                    if self.law.province(key[0]) == province and not self.law.is_in("planned_city", key[0])
                }
                upper |= self.give(inside, budget, "province", province)
        upper |= centre
        return upper | self.left_to_local(exact, upper)

    def tier_of(self, fund):
        return self.law.central_tier(fund)["tier"]

    def points(self):
        """(fund, hukou pool) -> [persons, person-months, points] of all whose subsidy is divided and not their own."""
        cells = defaultdict(lambda: [0, 0, Fraction(0)])
        for kind in self.kinds:
            share = self.law.share(kind["enrolment_place"], kind["person_class"], kind["age"])
            if kind["terms"] != "full_cost" and share is not None:
                more = 0 if kind["terms"] == "local" else Fraction(self.options.get("uplift", 0))
                cell = cells[self.law.pool(kind["enrolment_place"]), self.law.pool(kind["hukou_place"])]
                cell[0] += kind["persons"]
                cell[1] += kind["person_months"]
                cell[2] += points_of(kind) * kind["person_months"] * (1 + more)
        return cells

    @staticmethod
    def give(points, budget, level, payer):
        """Ledger cells of a budget given by points: first to the funds, then to the hukou pools in each."""
        funds = defaultdict(Fraction)
        for (fund, _), cell in points.items():
            funds[fund] += cell[2]
        cells = {}
        for fund, fen in largest_remainder(funds, budget).items():
            inside = {key: cell[2] for key, cell in points.items() if key[0] == fund}
            for key, part in largest_remainder(inside, fen).items():
                cells["subsidy", level, payer, *key, ASSUMED] = [*points[key][:2], part]
        return cells

    @staticmethod
    def left_to_local(exact, upper):
        """Cells of city and county: what upper money leaves open of a fund's standards, in their own proportions."""
        lacks = defaultdict(Fraction)
        for key, cell in exact.items():
            if key[0] == "subsidy":
                lacks[key[3]] += cell[2]
        for key, cell in upper.items():
            if key[0] == "subsidy" and key[3] in lacks:
                lacks[key[3]] -= cell[2]
        cells = {}
        for fund, open_fen in lacks.items():
            local = {key: cell for key, cell in exact.items() if key[3] == fund and key[1] in LOCAL_LEVELS}
            if not local:
                local = {
                    ("subsidy", "city_and_county", fund, *key[3:]): cell
                    for key, cell in exact.items()
                    if key[3] == fund and key[1] == "centre"
                }
            ordered = {(LOCAL_LEVELS.index(key[1]), *key): cell[2] for key, cell in local.items()}
            for key, fen in largest_remainder(ordered, half_up(max(open_fen, 0))).items():
                cells[key[1:]] = [*local[key[1:]][:2], fen]
        return cells

    # --- savings ---

    def return_savings(self):
        """Add what each province saves on those enrolled in another province, paid to its own pools."""
        saved, weakest, enrolled = defaultdict(Fraction), defaultdict(int), defaultdict(lambda: defaultdict(int))
        for kind in self.kinds:
            home, here = self.law.province(kind["hukou_place"]), self.law.province(kind["enrolment_place"])
            enrolled[here][self.law.pool(kind["enrolment_place"])] += kind["person_months"]
            if kind["terms"] in {"local_terms", "closed"} and home != here:
                bill = self.law.bill(kind["hukou_place"], kind["person_class"], None, kind["age"])
                saved[home] += Fraction(bill["pays"]["province"] * self.months(kind), 12)
                weakest[home] = max(weakest[home], bill["grades"]["province"], kind["door"])
        for province, fen in saved.items():
            if enrolled[province]:
                for pool, part in largest_remainder(enrolled[province], half_up(fen)).items():
                    key = ("subsidy", "province", province, pool, pool, weakest[province])
                    self.cells.setdefault(key, [0, 0, 0])[2] += part
