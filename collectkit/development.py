"""What young batches will come to: chain ladder on a triangle of cumulative amounts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.errors import CallError


def development_factors(triangle: pd.DataFrame) -> pd.Series:
    """How much cumulative amounts grow from one age to the next, over all batches that were seen at both.

    Parameters
    ----------
    triangle : DataFrame
        Rows are batches, columns are ages in order; cumulative amounts, missing where not yet seen.

    Returns
    -------
    Series
        One factor for each age but the last; missing where no batch tells, or none had any amount.

    Raises
    ------
    CallError
        A batch is missing at an age before one it was seen at.

    Notes
    -----
    factor of an age = Σ amount at the next age ÷ Σ amount at this age, both over the batches seen at the next age.

    References
    ----------
    Mack, T. (1993), Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN
    Bulletin 23(2), formula (2).

    Examples
    --------
    >>> development_factors(pd.DataFrame([[100.0, 150.0], [200.0, None]])).tolist()
    [1.5]
    """
    amounts = _checked(triangle)
    both = ~np.isnan(amounts[:, 1:])
    before = np.where(both, amounts[:, :-1], 0).sum(axis=0)
    after = np.where(both, amounts[:, 1:], 0).sum(axis=0)
    factors = np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0)
    return pd.Series(factors, triangle.columns[:-1], name="development_factor")


def developed(triangle: pd.DataFrame) -> pd.DataFrame:
    """The triangle with every amount not yet seen estimated from the last one seen.

    Parameters
    ----------
    triangle : DataFrame
        As for `development_factors`.

    Returns
    -------
    DataFrame
        Same shape; amounts that were seen are unchanged, an amount no factor leads to is missing.

    Examples
    --------
    >>> developed(pd.DataFrame([[100.0, 150.0], [200.0, None]])).iloc[1].tolist()
    [200.0, 300.0]
    """
    amounts, factors = _checked(triangle).copy(), development_factors(triangle).to_numpy()
    for age, factor in enumerate(factors, start=1):
        amounts[:, age] = np.where(np.isnan(amounts[:, age]), amounts[:, age - 1] * factor, amounts[:, age])
    return pd.DataFrame(amounts, triangle.index, triangle.columns)


def development_errors(triangle: pd.DataFrame, *, together: bool = False) -> pd.DataFrame:
    """Standard error of every amount that `developed` estimates; 0 for those that were seen.

    Parameters
    ----------
    triangle : DataFrame
        As for `development_factors`.
    together : bool
        One row, for the sum of all batches; the factors they share make their errors go together.

    Returns
    -------
    DataFrame
        Columns of `triangle`; missing where the amount is, or where too few batches tell how factors vary.

    Notes
    -----
    Squared error at the next age = error² × factor² + amount × σ² + amount² × σ² ÷ Σ amount the factor stands on, with
    σ² = Σ amount × (own factor − factor)² ÷ (batches − 1) of an age; the last one, seen in one batch alone, is carried
    on from the two before it: min(σ⁴ ÷ σ², both). A batch without any amount at an age tells nothing of its factor.

    References
    ----------
    Mack, T. (1993), ASTIN Bulletin 23(2), theorem 3, its corollary, and section 4 for the last σ².

    Examples
    --------
    >>> development_errors(pd.DataFrame([[1.0, 2, 4], [2, 3, None], [3, None, None]])).iloc[0].tolist()
    [0.0, 0.0, 0.0]
    """
    seen, factors = ~np.isnan(_checked(triangle)), development_factors(triangle).to_numpy()
    amounts, spread = developed(triangle).to_numpy(), _spread(_checked(triangle), factors)
    squared = np.zeros((1, amounts.shape[1]) if together else amounts.shape)
    for age, (factor, sigma2) in enumerate(zip(factors, spread, strict=True)):
        base = amounts[seen[:, age + 1], age].sum()
        grown = np.where(seen[:, age + 1], 0.0, amounts[:, age])
        grown = grown.sum(keepdims=True) if together else grown
        with np.errstate(divide="ignore", invalid="ignore"):
            carried = np.where(squared[:, age] == 0, 0.0, squared[:, age] * factor**2)
            squared[:, age + 1] = carried + np.where(grown == 0, 0.0, sigma2 * (grown + grown**2 / base))
    return pd.DataFrame(np.sqrt(squared), None if together else triangle.index, triangle.columns)


def _spread(amounts: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Mack's σ² of each age but the last."""
    spread = np.full(len(factors), np.nan)
    for age, factor in enumerate(factors):
        tells = ~np.isnan(amounts[:, age + 1]) & (amounts[:, age] > 0)
        if tells.sum() > 1:
            before, own = amounts[tells, age], amounts[tells, age + 1] / amounts[tells, age]
            spread[age] = (before * (own - factor) ** 2).sum() / (tells.sum() - 1)
        elif age > 1:
            low, high = spread[age - 2], spread[age - 1]
            spread[age] = min(high**2 / low, low, high) if low > 0 else 0.0
    return spread


def _checked(triangle: pd.DataFrame) -> np.ndarray:
    amounts = triangle.to_numpy(dtype=np.float64)
    holes = np.isnan(amounts[:, :-1]) & ~np.isnan(amounts[:, 1:])
    if holes.any():
        batch = triangle.index[holes.any(axis=1)][0]
        raise CallError(f"Batch {batch} is missing at an age before one it was seen at. Fill in the amount, 0 if none.")
    return amounts
