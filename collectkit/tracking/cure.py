"""How long arrears last."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.tracking._panels import checked_rows, dates_in
from collectkit.tracking.definitions import defined

_CURED = ("current", "paid", "paid_off")


def time_to_cure(panel: pd.DataFrame) -> pd.DataFrame:
    """How many spells of arrears last beyond a number of steps (Kaplan–Meier), and the share cured by then.

    Parameters
    ----------
    panel : DataFrame
        What `track` returns; a step is one month if its dates are month ends.

    Returns
    -------
    DataFrame
        Index: steps since the loan was first seen overdue, from 0. at_risk, cured, censored [count]; survival (share
        still overdue), lower, upper (95%, Greenwood on the log-log scale), cured_share [fraction].

    Raises
    ------
    CallError
        The panel is empty, or its rows are not in order.

    Notes
    -----
    A spell begins at the first date a loan is seen overdue and ends, cured, at the first date it is not overdue any
    more or paid off. It is censored where observation ends: at the last date, before a gap, or when the loan is written
    off, settled, sold or archived. A spell already running at the first date is left out: its beginning was not seen;
    so is one not seen at a second date. A loan may have several. Where loans leave by write-off, the share cured is
    what it would be without write-offs.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations.

    Examples
    --------
    >>> import collectkit as ck
    >>> book = ck.load_sample("demo")
    >>> panel = ck.track(book, ck.load_policy(), dates=ck.month_ends("2025-01-31", "2025-12-31"))
    >>> table = time_to_cure(panel)
    >>> bool(table["survival"].is_monotonic_decreasing)
    True
    """
    from lifelines import KaplanMeierFitter

    steps, is_cured = _spells(panel)
    if not len(steps):
        names = ["at_risk", "cured", "censored", "survival", "lower", "upper", "cured_share"]
        return defined(pd.DataFrame(columns=names, index=pd.RangeIndex(0, name="steps"), dtype="float64"), _TEXT)
    fitted = KaplanMeierFitter().fit(steps, is_cured)
    index = pd.RangeIndex(int(steps.max()) + 1, name="steps")
    events = fitted.event_table.reindex(index, fill_value=0)
    survival = fitted.survival_function_.iloc[:, 0].reindex(index).ffill()
    bounds = fitted.confidence_interval_.reindex(index).ffill()
    return defined(
        pd.DataFrame(
            {
                "at_risk": len(steps) - events["removed"].cumsum().shift(fill_value=0),
                "cured": events["observed"], "censored": events["censored"], "survival": survival,
                "lower": bounds.iloc[:, 0], "upper": bounds.iloc[:, 1], "cured_share": 1 - survival,
            },
            index,
        ).astype(dict.fromkeys(["at_risk", "cured", "censored"], "int64")),
        _TEXT,
    )  # fmt: skip


_TEXT = (
    "Kaplan–Meier over spells of arrears, from the first date a loan is seen overdue; cured: not overdue any more, or "
    "paid off. Censored: the last date, a gap, write-off, settlement, sale, archive. Spells running at the first date "
    "are left out.",
    "对逾期区间的 Kaplan–Meier 估计，自首次观察到逾期起；恢复：不再逾期或已结清。"
    "删失：末日、缺口、核销、和解、转让、归档。首个日期已在逾期中的不计。",
)


def _spells(panel: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Steps of every spell, and whether it ended cured."""
    first = checked_rows(panel)
    date = np.searchsorted(dates_in(panel, first), panel["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64))
    overdue = (panel["status"] == "overdue").to_numpy()
    is_cured = panel["status"].isin(_CURED).to_numpy()
    follows = np.append(False, date[1:] == date[:-1] + 1)  # the row before is the same loan at the date before
    follows[first[:-1]] = False
    before = np.append(False, overdue[:-1]) & follows
    begins = np.flatnonzero(overdue & ~before)
    # rows of a spell stand together: it ends before the next row that is not overdue or does not follow
    breaks = np.append(np.flatnonzero(~(overdue & follows)), len(overdue))
    end = breaks[np.searchsorted(breaks, begins, side="right")]
    inside = np.minimum(end, len(overdue) - 1)
    is_next = (end < len(overdue)) & follows[inside]
    last = np.where(is_next, date[inside], date[end - 1])
    known = (date[begins] > 0) & (last > date[begins])
    return (last - date[begins])[known], (is_next & is_cured[inside])[known]
