"""Tracking: how the portfolio moves.

Fold a panel once, then every table reads the cube, whole or filtered:

>>> import collectkit as ck
>>> book, policy = ck.load_sample("demo"), ck.load_policy()
>>> panel = ck.track(book, policy, dates=ck.month_ends("2025-01-31", "2025-12-31"))
>>> months = ck.tracking.cube(panel, book.loans)
>>> rolls = ck.tracking.roll_rates(months.where(product="vehicle_pledge"))
>>> rolls.attrs["definition"]["zh"][:8]
'权重：贷款笔数。'
"""

from collectkit.tracking._building import cube
from collectkit.tracking._storing import demo_cube, is_cube, read_cube
from collectkit.tracking.cohorts import vintages
from collectkit.tracking.comparison import compare_headlines, compare_periods
from collectkit.tracking.cubes import Cube
from collectkit.tracking.cure import time_to_cure
from collectkit.tracking.early import collection_rate, first_payment_default
from collectkit.tracking.following import Followed, followed, read_followed
from collectkit.tracking.forecasts import loss_forecast, snapshot_roll
from collectkit.tracking.headlines import headlines
from collectkit.tracking.kpi_tables import kpi_workbook, target_form, worded_kpis
from collectkit.tracking.kpis import kpis
from collectkit.tracking.listing import cell_loans
from collectkit.tracking.mix import bucket_mix, portfolio_at_risk
from collectkit.tracking.moves import entry_rate, flow_rates, roll_rates, transition_matrix, transitions
from collectkit.tracking.recovery import pooled_recovery, recoveries, recovery_curve
from collectkit.tracking.status import read_status_panel
from collectkit.tracking.words import in_words

__all__ = [
    "Cube",
    "Followed",
    "bucket_mix",
    "cell_loans",
    "collection_rate",
    "compare_headlines",
    "compare_periods",
    "cube",
    "demo_cube",
    "entry_rate",
    "first_payment_default",
    "flow_rates",
    "followed",
    "headlines",
    "in_words",
    "is_cube",
    "kpi_workbook",
    "kpis",
    "loss_forecast",
    "pooled_recovery",
    "portfolio_at_risk",
    "read_cube",
    "read_followed",
    "read_status_panel",
    "recoveries",
    "recovery_curve",
    "roll_rates",
    "snapshot_roll",
    "target_form",
    "time_to_cure",
    "transition_matrix",
    "transitions",
    "vintages",
    "worded_kpis",
]
