"""The page docs/POPULATION.md: `python -m suiren.people.build.page > docs/POPULATION.md`."""

from __future__ import annotations

import sys
from typing import Any

STREAM_NAMES = {
    "local": "locals",
    "same_province": "from another pool of the province",
    "other_province": "from another province",
}

TEXT = """\
# The population china-2020

Written by `python -m suiren.people.build.page > docs/POPULATION.md` from the shipped `china-2020.json`;
`suiren population describe` prints the same facts, `suiren population build --from DIR` makes the population anew.

{says_en} {rows:,} rows hold {persons:,} people, of whom {resident_scheme:,} are members of the resident scheme.
A row is one residence pool, hukou pool, sex, age band and class. Nothing in it is a person, and no row says that
anyone was counted in that combination. Nothing is known of residence permits.

## Margins

| margin | cells | persons | | largest miss of a cell |
| --- | ---: | ---: | --- | ---: |
{margin_rows}

The shipped description holds a SHA-256 of the counts of each margin, so that they can be checked without the sources.

## How it is made

1. **From other provinces.** The inflow of each pool is the census. Birthplaces of 2010 are raked to the 2010 hukou
   margins; each destination province keeps that mix. Inside an origin province pools send in proportion to people
   registered there and living elsewhere in 2010. Provinces whose hukou balance of 2010 lies below the floor, so that
   the floor alone decides how many they send: {floor_provinces}.
2. **From other pools of the province.** {other_county_same_province:,} residents have their hukou in another county of
   the province. Their origins are shared out by residents, those in the same pool counting {nearness:.2f} times as
   much. This factor makes {between_districts_of_one_city:,} of them movers between districts of one city; with the
   {in_the_same_district:,} who moved inside one district that is the published {same_city_movers:,}. So
   {crossed_a_pool_border:,} crossed a pool border. In the municipalities nobody did; in the 30 counties run by a
   province everybody did.
3. **Age and sex.** County cells are fitted by least squares (weight 1/residents, coefficients not negative) to the
   numbers of locals, movers inside and movers across provinces, then raked in each pool to the census cells. R² over
   the county shares is {counties_r_squared:.2f}: most of the spread between counties has other causes than migration.

   | ages | stream | fitted | after raking |
   | --- | --- | ---: | ---: |
{span_rows}

4. **Whole persons.** Ages by stream, and origins by age, are rounded so that both margins hold exactly.
5. **Scheme.** {employee_scheme:,} members of the employee scheme (both schemes of 2021 less the resident scheme) are
   modelled by province, Tianjin as published; {employee_scheme_in_rows:,} of them find a row under the caps. Coverage
   outside it is a factor of the class times a factor of the province of enrolment, raked to the published totals of
   classes and provinces.
6. **Place of enrolment.** {migrants_in_resident_scheme_without_students:,} members live outside their hukou pool,
   students apart. At the level of table 3 each province has its printed share: {share_here_table3:.1%} of these people
   are enrolled where they live (the printed shares weighted by sample give {printed_mean_table3:.1%}; more migrants
   live where the share is low). At the level of tables 1 and 2 it is {share_here_table2:.1%} of them, who are part of
   those at the first level.

## What the published totals imply

Below 18 there are {people_under_18:,} people and {members_under_18:,} members: coverage {coverage_18:.1%}. From 18 on
there are {grown_members_with_students:,} members, but only {grown_outside_employee_scheme:,} people outside the
employee scheme as modelled. The published class of pupils and children probably ends before 18: read as below 15,
coverage would be {coverage_15:.1%} below and {grown_coverage_15:.1%} above. It is read as below 18 because the law's
class of pupils ends there; `child_class_below_age` is the parameter.

## Held against figures it did not use

* Paper A's table 5 (survey): people from other provinces among all from other pools. Over {cities} cities the middle
  difference is {middle_gap:.3f}, the largest {largest_gap:.3f}.
* Net gains of 2010: in {pools_above} pools more must have crossed the pool border then than the model has for 2020.
* People of Henan in other provinces: {henan_published:,} printed, {henan_modelled:,} modelled.

## Assumptions

| name | value | evidence | says |
| --- | --- | --- | --- |
{parameter_rows}
"""


def page(about: dict[str, Any]) -> str:
    """The page in Markdown; every number comes from `about`, the shipped china-2020.json."""
    checks = about["checks"]
    cities = [city for city in checks["out_of_province_share"] if city["printed"] < 1]
    gaps = sorted(abs(city["printed"] - city["modelled"]) for city in cities)
    return TEXT.format(
        **{name: about[name] for name in ("says_en", "rows", "persons", "resident_scheme")},
        **about["crossing"],
        **about["enrolment"],
        counties_r_squared=about["profile"]["counties_r_squared"],
        floor_provinces=", ".join(str(code) for code in about["origins"]["provinces_at_the_floor"]) or "none",
        margin_rows="\n".join(_margin(margin) for margin in about["margins"]),
        span_rows="\n".join(_span(span) for span in about["profile"]["spans"]),
        parameter_rows="\n".join(_parameter(parameter) for parameter in about["parameters"]),
        coverage_18=about["enrolment"]["members_under_18"] / about["enrolment"]["people_under_18"],
        coverage_15=about["enrolment"]["members_under_18"] / about["enrolment"]["people_under_15"],
        cities=len(cities),
        middle_gap=gaps[len(gaps) // 2] if gaps else 0.0,
        largest_gap=gaps[-1] if gaps else 0.0,
        pools_above=len(checks["net_gain_2010"]["pools_above_the_model"]),
        henan_published=checks["henan_in_other_provinces"]["published"],
        henan_modelled=checks["henan_in_other_provinces"]["modelled"],
    )


def _margin(margin: dict[str, Any]) -> str:
    """One line of the table of margins."""
    exact = "exact" if margin["exact"] else "not a target"
    counts = f"{margin['cells']:,} | {margin['published']:,} | {exact} | {margin['largest_miss']:,}"
    return f"| {margin['says_en']} | {counts} |"


def _span(span: dict[str, Any]) -> str:
    """One line of the table of ages."""
    return f"   | {span['ages']} | {STREAM_NAMES[span['stream']]} | {span['fitted']:.1%} | {span['raked']:.1%} |"


def _parameter(parameter: dict[str, Any]) -> str:
    """One line of the table of assumptions."""
    value = "" if parameter["value"] is None else f"{parameter['value']:,} {parameter['unit']}"
    return f"| `{parameter['name']}` | {value} | {parameter['evidence']} | {parameter['says_en']} |"


if __name__ == "__main__":
    from suiren.people.china2020 import metadata

    sys.stdout.write(page(metadata()))
