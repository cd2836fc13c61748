"""Suiren (随人): who pays for China's resident health insurance, and what changes when the money follows the person.

```python
import suiren as sr

law = sr.law(2021)
before = sr.settle(sr.population("china-2020"), law)
after = sr.settle(sr.population("china-2020"), law | sr.portable())
(after - before).by("payer_level")
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suiren.case import explain
    from suiren.errors import SuirenError
    from suiren.laws import (
        Law,
        Reform,
        cap_standard,
        contribution_by_income,
        enrolled,
        law,
        portable,
        risk_adjusted,
        upper_funded,
    )
    from suiren.ledger.settle import Result, compare, settle
    from suiren.people import population
    from suiren.people.kinds import People
    from suiren.people.read import read

__version__ = "0.1.0"

_HOMES = {
    "SuirenError": "suiren.errors",
    "Law": "suiren.laws",
    "Reform": "suiren.laws",
    "cap_standard": "suiren.laws",
    "contribution_by_income": "suiren.laws",
    "enrolled": "suiren.laws",
    "law": "suiren.laws",
    "portable": "suiren.laws",
    "risk_adjusted": "suiren.laws",
    "upper_funded": "suiren.laws",
    "Result": "suiren.ledger.settle",
    "compare": "suiren.ledger.settle",
    "settle": "suiren.ledger.settle",
    "People": "suiren.people.kinds",
    "population": "suiren.people",
    "read": "suiren.people.read",
    "explain": "suiren.case",
}

__all__ = [
    "Law",
    "People",
    "Reform",
    "Result",
    "SuirenError",
    "__version__",
    "cap_standard",
    "compare",
    "contribution_by_income",
    "enrolled",
    "explain",
    "law",
    "population",
    "portable",
    "read",
    "risk_adjusted",
    "settle",
    "upper_funded",
]


def __getattr__(name: str) -> Any:
    """Return a public name, loading its module at first use: importing suiren itself stays fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'suiren' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
