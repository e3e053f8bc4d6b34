"""How sure a share is: an interval that holds also for small numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def wilson(part: Any, whole: Any) -> tuple[Any, Any]:
    """Both ends of the 95% interval of each share, by Wilson; missing where there is no whole.

    Parameters
    ----------
    part, whole : arrays [count]
        How many of how many, one value per share.

    Returns
    -------
    lower, upper : arrays [fraction]

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.

    Examples
    --------
    >>> lower, upper = wilson([8, 0], [10, 0])
    >>> f"{lower[0]:.4f} {upper[0]:.4f}", bool(np.isnan(lower[1]))
    ('0.4902 0.9433', True)
    """
    from statsmodels.stats.proportion import proportion_confint

    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    known = whole > 0
    bounds = np.full((2, len(whole)), np.nan)
    bounds[:, known] = proportion_confint(part[known], whole[known], alpha=0.05, method="wilson")
    return bounds[0], bounds[1]
