"""The order of rules, read off their signatures.

A rule is a plain function: its name is what it computes, its argument names are what it needs, its docstring's
first line says what the law says. The same function runs on one case (Python integers) and on a column of a
million kinds (Polars expressions).
"""

from __future__ import annotations

import graphlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from suiren.errors import did_you_mean, fail

Rule = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in an order in which each finds its inputs, grouped in layers that can run side by side."""

    layers: tuple[tuple[Rule, ...], ...]
    inputs: frozenset[str]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, first to last."""
        return tuple(rule for layer in self.layers for rule in layer)

    def run_one(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts of one case and the value of each rule, in the order in which they were found."""
        values = dict(facts)
        for rule in self.rules:
            values[rule.__name__] = rule(**{name: values[name] for name in needs(rule)})
        return values

    def run(self, frame: pl.DataFrame, constants: Mapping[str, Any]) -> pl.DataFrame:
        """Return `frame` with one column more for each rule; `constants` are inputs that are no columns."""
        for layer in self.layers:
            frame = frame.with_columns(_expression(rule, constants).alias(rule.__name__) for rule in layer)
        return frame


def needs(rule: Rule) -> tuple[str, ...]:
    """Return the names of what a rule reads."""
    return tuple(inspect.signature(rule).parameters)


def says(rule: Rule) -> str:
    """Return what the law says here: the first line of the rule's docstring."""
    return (inspect.getdoc(rule) or "").split("\n", 1)[0]


def rule_set(rules: Iterable[Rule], inputs: Iterable[str]) -> RuleSet:
    """Return the rules in order; `inputs` are the names that facts and options supply.

    Raises:
        SuirenError: two rules of one name, a name nothing supplies, a cycle.
    """
    by_name: dict[str, Rule] = {}
    for rule in rules:
        if rule.__name__ in by_name:
            raise fail("E-rule-twice", f"Two rules compute {rule.__name__!r}.", "One of them would never be heard.")
        by_name[rule.__name__] = rule
    given = frozenset(inputs)
    for name, rule in by_name.items():
        for need in needs(rule):
            if need not in by_name and need not in given:
                hint = did_you_mean(need, [*by_name, *given])
                raise fail("E-rule-name", f"Rule {name!r} needs {need!r}, which nothing computes.", do=hint)
    sorter = graphlib.TopologicalSorter({name: set(needs(rule)) & by_name.keys() for name, rule in by_name.items()})
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        raise fail("E-rule-cycle", f"Rules wait for each other: {circle}.", "No order can compute them.") from None
    layers: list[tuple[Rule, ...]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=_place_in(by_name))
        layers.append(tuple(by_name[name] for name in ready))
        sorter.done(*ready)
    return RuleSet(tuple(layers), given)


def _place_in(by_name: Mapping[str, Rule]) -> Callable[[str], int]:
    return list(by_name).index


def _expression(rule: Rule, constants: Mapping[str, Any]) -> pl.Expr:
    arguments = {name: constants[name] if name in constants else pl.col(name) for name in needs(rule)}
    value = rule(**arguments)
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def columns_needed(rules: Sequence[Rule]) -> frozenset[str]:
    """Return the names that `rules` read and none of them computes."""
    computed = {rule.__name__ for rule in rules}
    return frozenset(name for rule in rules for name in needs(rule)) - computed
