"""A portfolio that is a file of month ends, as `collectkit cube` writes it: no loans, but pages at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import collectkit as ck
from collectkit import tracking
from collectkit.errors import CallError
from collectkit.tracking._building import BY, DAYS

if TYPE_CHECKING:
    import pandas as pd

    from collectkit.tracking import Followed


def opened(source: str, mapping: str | None = None) -> ck.Portfolio | Followed:
    """The portfolio of a source, or the month ends in a file of them.

    Raises
    ------
    CollectkitError
        As `collectkit.load_portfolio` and `collectkit.tracking.read_followed`; or pages cannot show the cube.
    """
    if not tracking.is_cube(source):
        return ck.load_portfolio(source, mapping=mapping)
    folded = tracking.read_followed(source)
    lacking = _lacking(folded)
    if lacking:
        raise CallError(f"Pages cannot show {source}: {lacking}. Write it with `collectkit cube`.")
    return folded


def _lacking(folded: Followed) -> str:
    """What pages need and the file has not; empty if nothing."""
    cube = folded.cube
    lacks = {
        "it does not say under which policy it was folded": cube.policy is None,
        "it holds no loans": cube.cells.empty,
        "it is a part of a book": bool(cube.filters),
        "it does not hold what came in after loans had become late": folded.recoveries is None,
        f"it is not by {', '.join(BY)}": not set(BY) <= set(cube.by),
        f"it does not know {', '.join(map(str, DAYS))} days past due": not set(DAYS) <= set(cube.days),
        "its dates are not all month ends, one after the other": not _are_month_ends(cube.dates),
    }
    return next((text for text, is_so in lacks.items() if is_so), "")


def _are_month_ends(dates: pd.DatetimeIndex) -> bool:
    """True for the ends of months, one after the other, without a gap."""
    return len(dates) > 0 and dates.equals(ck.month_ends(dates[0], dates[-1]).rename(dates.name))
