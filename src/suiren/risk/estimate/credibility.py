"""Credibility of cell means (Bühlmann and Straub): how far a cell of few people is believed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from suiren.risk.estimate.design import LEAST_COMMON, Design


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance between cells: `tau2` (fen squared), from `cells` cells with `fitted` parameters in their mean."""

    tau2: float
    cells: int
    fitted: int


def within(squares: Sequence[float], costs: Sequence[float], years: Sequence[float], persons: Sequence[int]) -> float:
    """Return s2, the variance of one person-year inside cells, pooled; fen squared.

    `squares` are the sums of w·Y² of the cells, Y the cost of a year, w the part of it.
    """
    degrees = sum(count - 1 for count in persons)
    inside = sum(square - cost * cost / year for square, cost, year in zip(squares, costs, years, strict=True))
    return max(0.0, inside / degrees) if degrees > 0 else 0.0


def between(years: np.ndarray, means: np.ndarray, mu: np.ndarray, fitted: np.ndarray, s2: float) -> Spread:
    """Return the variance of cell means about `mu`, without bias and not below 0.

    `fitted` (cells by parameters) is the design by which `mu` was fitted to these means with weights `years`; no
    column where `mu` came from elsewhere, a column of ones for the grand mean.
    """
    weights = np.diag(years)
    rank = int(np.linalg.matrix_rank(np.sqrt(years)[:, None] * fitted)) if fitted.shape[1] else 0
    room = float(years.sum())
    if rank:
        inner = np.linalg.pinv(fitted.T @ weights @ fitted)
        room -= float(np.trace(weights @ fitted @ inner @ fitted.T @ weights))
    over = float(years @ (means - mu) ** 2) - (len(years) - rank) * s2
    tau2 = max(0.0, over / room) if room > 1e-9 * float(years.sum()) else 0.0
    return Spread(tau2, len(years), rank)


def believed(years: np.ndarray, s2: float, tau2: float) -> np.ndarray:
    """Return the credibility of each cell, 0 to 1: w / (w + s2/tau2)."""
    if s2 <= 0:
        return np.ones_like(years)
    return years * tau2 / (years * tau2 + s2)


@functools.lru_cache(maxsize=4)
def inside_cells(design: Design) -> float:
    """Return the sum over persons of w·(Y - mean of the cell)², exact but for the last rounding; fen squared."""
    total = Fraction(0)
    rows = zip(design.squares, design.cells["cost_fen"].to_list(), design.cells["costed_months"].to_list(), strict=True)
    for square, cost, months in rows:
        total += Fraction(square, LEAST_COMMON) - Fraction(12 * cost * cost, months)
    return float(total)


def pooled(design: Design) -> float:
    """Return s2 of a model's cells."""
    degrees = int(design.cells["costed"].sum()) - design.cells.height
    return max(0.0, inside_cells(design) / degrees) if degrees > 0 else 0.0
