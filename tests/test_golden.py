"""The policy cases: what the papers and documents print must come out of `explain`, to the fen."""

from pathlib import Path

import pytest
import yaml

from suiren.case import explain
from suiren.laws import law, reform_from_text

CASES = yaml.safe_load((Path(__file__).parent / "golden" / "cases.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    asked = dict(case["explain"])
    rules = law(asked.pop("year")) | reform_from_text(asked.pop("scheme"))
    told = explain(rules, **asked).to_dict()
    known = {**told, **told["pays_fen"], "subsidy": told["subsidy_fen"], "total": told["total_fen"]}
    assert {name: known[name] for name in case["expect"]} == case["expect"], case["source"]
    governments = sum(fen for payer, fen in told["pays_fen"].items() if payer not in {"individual", "medical_aid"})
    assert governments == told["subsidy_fen"]


def test_cases_are_named_once_and_cite_their_source():
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(case["source"].strip() for case in CASES)
    assert all(set(case) == {"name", "explain", "expect", "source"} for case in CASES)
